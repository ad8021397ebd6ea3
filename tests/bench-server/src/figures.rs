//! Times of many requests, and what is said of them.

use std::time::Duration;

/// The times of one measurement.
pub(crate) struct Figures {
    times: Vec<Duration>,
    /// From the first request to the last answer.
    pub(crate) whole: Duration,
}

impl Figures {
    pub(crate) fn new(mut times: Vec<Duration>, whole: Duration) -> Self {
        times.sort_unstable();
        Self { times, whole }
    }

    /// How many answers there were.
    pub(crate) fn count(&self) -> usize {
        self.times.len()
    }

    /// Answers per second.
    pub(crate) fn rate(&self) -> f64 {
        self.times.len() as f64 / self.whole.as_secs_f64()
    }

    /// The time below which this share of the answers stayed, 0.5 say.
    pub(crate) fn quantile(&self, share: f64) -> Duration {
        let last = self.times.len().saturating_sub(1);
        let at = (share * last as f64).round() as usize;
        self.times.get(at).copied().unwrap_or_default()
    }
}

/// A duration in milliseconds with two digits.
pub(crate) fn millis(duration: Duration) -> String {
    format!("{:.2}", duration.as_secs_f64() * 1_000.0)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn quantiles_are_taken_from_the_sorted_times() {
        let times = [5, 1, 3, 2, 4].map(Duration::from_millis).to_vec();
        let figures = Figures::new(times, Duration::from_secs(1));
        assert_eq!(figures.quantile(0.5), Duration::from_millis(3));
        assert_eq!(figures.quantile(1.0), Duration::from_millis(5));
        assert_eq!(figures.rate(), 5.0);
    }
}
