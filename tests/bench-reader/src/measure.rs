//! Thread CPU time, and what is kept of many of them.

use std::time::Duration;

use rustix::time::{ClockId, clock_gettime};
use serde::Serialize;

use crate::answer::{Answer, Decoder, Luma, nearest_first};

/// CPU time of this thread: other programs on the machine hardly move it.
fn thread_time() -> Duration {
    let now = clock_gettime(ClockId::ThreadCPUTime);
    Duration::new(now.tv_sec as u64, now.tv_nsec as u32)
}

/// Lets a decoder look at a frame; its answers, nearest the centre first, and milliseconds.
pub(crate) fn timed(decoder: &mut dyn Decoder, frame: &Luma, first: bool) -> (Vec<Answer>, f64) {
    let begun = thread_time();
    let mut answers = decoder.read(frame, first);
    let taken = (thread_time() - begun).as_secs_f64() * 1e3;
    nearest_first(&mut answers, frame);
    (answers, taken)
}

/// Milliseconds of many frames.
#[derive(Clone, Debug, Default)]
pub(crate) struct Times(Vec<f64>);

/// What is printed of them.
#[derive(Clone, Copy, Debug, Default, PartialEq, Serialize)]
pub(crate) struct Quantiles {
    pub(crate) median: f64,
    pub(crate) p90: f64,
    pub(crate) p99: f64,
    pub(crate) worst: f64,
}

impl Times {
    pub(crate) fn add(&mut self, milliseconds: f64) {
        self.0.push(milliseconds);
    }

    pub(crate) fn extend(&mut self, other: &Self) {
        self.0.extend_from_slice(&other.0);
    }

    pub(crate) fn quantiles(&self) -> Quantiles {
        let mut sorted = self.0.clone();
        sorted.sort_by(f64::total_cmp);
        let at = |share: f64| {
            let index = (sorted.len() as f64 * share).ceil() as usize;
            sorted.get(index.saturating_sub(1)).copied().unwrap_or(0.0)
        };
        Quantiles {
            median: at(0.5),
            p90: at(0.9),
            p99: at(0.99),
            worst: at(1.0),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn quantiles_are_those_of_the_sorted_times() {
        let mut times = Times::default();
        (1..=100).rev().for_each(|i| times.add(f64::from(i)));
        let expected = Quantiles {
            median: 50.0,
            p90: 90.0,
            p99: 99.0,
            worst: 100.0,
        };
        assert_eq!(times.quantiles(), expected);
        assert_eq!(Times::default().quantiles(), Quantiles::default());
    }

    #[test]
    fn work_takes_time() {
        let begun = thread_time();
        let sum: u64 = (0..3_000_000u64).map(std::hint::black_box).sum();
        assert!(sum > 0 && thread_time() > begun);
    }
}
