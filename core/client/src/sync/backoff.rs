//! How long to wait before the next try: exponential back-off with full jitter. The time and the
//! dice are the caller's.
//!
//! After the n-th failure in a row the wait is uniform between 0 and min(cap, base * 2^(n-1)), the
//! "full jitter" of M. Brooker, "Exponential Backoff And Jitter" (AWS Architecture Blog, 2015): of
//! the variants compared there it causes the least work on the server for about the least time.

use std::time::Duration;

/// The first wait is at most this long.
const BASE: Duration = Duration::from_secs(1);

/// Who waits for a sync to succeed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Pace {
    /// Somebody looks at the screen.
    Foreground,
    /// Nobody does.
    Background,
}

impl Pace {
    /// No wait is longer.
    pub const fn cap(self) -> Duration {
        match self {
            Self::Foreground => Duration::from_secs(30),
            Self::Background => Duration::from_secs(15 * 60),
        }
    }
}

/// Failures in a row, and the wait that follows from them.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Backoff {
    failures: u32,
}

impl Backoff {
    /// No failures yet.
    pub const fn new() -> Self {
        Self { failures: 0 }
    }

    /// It worked: the next failure is a first one again.
    pub fn succeeded(&mut self) {
        self.failures = 0;
    }

    /// It failed: how long to wait. `dice` is uniform over all values; what the server asked for is
    /// obeyed, whatever the cap.
    pub fn failed(&mut self, pace: Pace, dice: u64, retry_after: Option<Duration>) -> Duration {
        let ceiling = BASE
            .saturating_mul(1 << self.failures.min(20))
            .min(pace.cap());
        self.failures = self.failures.saturating_add(1);
        let jittered = ceiling.mul_f64((dice >> 11) as f64 / (1_u64 << 53) as f64);
        jittered.max(retry_after.unwrap_or(Duration::ZERO))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn the_ceiling_doubles_up_to_the_cap() {
        let mut backoff = Backoff::new();
        let longest: Vec<f64> = (0..8)
            .map(|_| {
                backoff
                    .failed(Pace::Foreground, u64::MAX, None)
                    .as_secs_f64()
                    .round()
            })
            .collect();
        assert_eq!(longest, [1.0, 2.0, 4.0, 8.0, 16.0, 30.0, 30.0, 30.0]);
    }

    #[test]
    fn a_success_begins_anew() {
        let mut backoff = Backoff::new();
        for _ in 0..5 {
            backoff.failed(Pace::Background, 0, None);
        }
        backoff.succeeded();
        assert!(backoff.failed(Pace::Background, u64::MAX, None) <= Duration::from_secs(1));
    }

    #[test]
    fn what_the_server_asks_for_is_obeyed_beyond_the_cap() {
        let hour = Duration::from_secs(3600);
        let wait = Backoff::new().failed(Pace::Foreground, 0, Some(hour));
        assert_eq!(wait, hour);
    }

    proptest! {
        #[test]
        fn no_wait_is_longer_than_its_cap(
            dice in proptest::collection::vec(any::<u64>(), 1..60), background: bool,
        ) {
            let pace = if background { Pace::Background } else { Pace::Foreground };
            let mut backoff = Backoff::new();
            for roll in dice {
                prop_assert!(backoff.failed(pace, roll, None) <= pace.cap());
            }
        }
    }
}
