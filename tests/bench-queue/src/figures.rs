//! Times of many calls, and what is said of them.

use std::time::{Duration, Instant};

use anyhow::Result;

/// The times of one kind of call.
#[derive(Default)]
pub(crate) struct Times(Vec<Duration>);

impl Times {
    /// Times a call.
    pub(crate) fn take<T>(&mut self, call: impl FnOnce() -> Result<T>) -> Result<T> {
        let begun = Instant::now();
        let value = call()?;
        self.0.push(begun.elapsed());
        Ok(value)
    }

    /// The time below which this share of the calls stayed, 0.5 say.
    pub(crate) fn quantile(&self, share: f64) -> Duration {
        let mut sorted = self.0.clone();
        sorted.sort_unstable();
        let last = sorted.len().saturating_sub(1);
        let at = (share * last as f64).round() as usize;
        sorted.get(at).copied().unwrap_or_default()
    }
}

/// A duration in milliseconds with three digits.
pub(crate) fn millis(duration: Duration) -> String {
    format!("{:.3}", duration.as_secs_f64() * 1_000.0)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn quantiles_are_taken_from_the_sorted_times() {
        let times = Times([5, 1, 3, 2, 4].map(Duration::from_millis).to_vec());
        assert_eq!(times.quantile(0.5), Duration::from_millis(3));
        assert_eq!(times.quantile(1.0), Duration::from_millis(5));
    }
}
