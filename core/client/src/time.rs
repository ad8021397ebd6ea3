//! The server's time as a phone knows it: from one moment at which both clocks were seen.

use std::time::Duration;

use kokoni_model::clock::{ClockReading, Timestamp};
use serde::{Deserialize, Serialize};

/// The server's clock and the phone's at one moment. Within one boot the monotonic clock carries
/// the server's time on, whatever anybody does to the wall clock.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct TimeReference {
    pub(crate) server_us: Timestamp,
    pub(crate) clock: ClockReading,
}

/// How far the server's time may be from what was known of it before it is noted anew: a commit for
/// every answer would be dear.
const NEAR: Duration = Duration::from_secs(1);

impl TimeReference {
    /// Whether this one, of an answer that was waited for so long, says something new.
    pub(crate) fn is_news(&self, known: Option<&Self>, waited: Duration) -> bool {
        known.is_none_or(|known| {
            let expected = corrected(Some(known), &self.clock, &self.clock);
            let off = self.server_us.micros_since(expected).unsigned_abs();
            known.clock.boot != self.clock.boot || u128::from(off) > (NEAR + waited).as_micros()
        })
    }
}

/// When a scan was, by the server's clock as far as it is known.
pub(crate) fn corrected(
    reference: Option<&TimeReference>,
    scan: &ClockReading,
    now: &ClockReading,
) -> Timestamp {
    if let Some(reference) = reference.filter(|reference| reference.clock.boot == scan.boot) {
        return reference
            .server_us
            .plus_micros(mono_between(&reference.clock, scan));
    }
    if scan.boot == now.boot {
        return by_wall(reference, now).plus_micros(mono_between(now, scan));
    }
    by_wall(reference, scan)
}

fn by_wall(reference: Option<&TimeReference>, clock: &ClockReading) -> Timestamp {
    let skew = reference.map_or(0, |r| r.server_us.micros_since(r.clock.wall_us));
    clock.wall_us.plus_micros(skew)
}

/// Microseconds of the monotonic clock from one reading to another of the same boot.
fn mono_between(from: &ClockReading, to: &ClockReading) -> i64 {
    let micros = (i128::from(to.mono_ms) - i128::from(from.mono_ms)) * 1_000;
    micros.clamp(i64::MIN.into(), i64::MAX.into()) as i64
}

#[cfg(test)]
mod tests {
    use super::*;
    use kokoni_model::ids::BootId;
    use uuid::Uuid;

    fn clock(wall_s: i64, mono_s: u64, boot: u128) -> ClockReading {
        ClockReading {
            wall_us: at(wall_s),
            offset_min: 540,
            mono_ms: mono_s * 1_000,
            boot: BootId::from_uuid(Uuid::from_u128(boot)),
        }
    }

    fn at(seconds: i64) -> Timestamp {
        Timestamp::from_micros(0).plus_seconds(seconds)
    }

    const TEN_YEARS_S: i64 = 10 * 365 * 86_400;

    #[test]
    fn a_wall_clock_ten_years_off_does_no_harm_within_one_boot() {
        let reference = TimeReference {
            server_us: at(1_000),
            clock: clock(1_000, 50, 1),
        };
        for wrong in [-TEN_YEARS_S, TEN_YEARS_S] {
            let scan = clock(1_000 + wrong, 60, 1);
            assert_eq!(corrected(Some(&reference), &scan, &scan), at(1_010));
            let earlier = clock(900 + wrong, 40, 1);
            assert_eq!(corrected(Some(&reference), &earlier, &scan), at(990));
        }
    }

    #[test]
    fn after_a_reboot_the_last_skew_corrects_the_wall_clock() {
        let reference = TimeReference {
            server_us: at(1_300),
            clock: clock(1_000, 50, 1),
        };
        let scan = clock(2_000, 5, 2);
        assert_eq!(corrected(Some(&reference), &scan, &scan), at(2_300));
        // The wall clock was set between scan and now: the age of the scan is known all the same.
        let now = clock(9_000, 15, 2);
        assert_eq!(corrected(Some(&reference), &scan, &now), at(9_290));
    }

    #[test]
    fn without_a_server_the_wall_clock_is_all_there_is() {
        let (scan, now) = (clock(2_000, 5, 2), clock(2_100, 5, 3));
        assert_eq!(corrected(None, &scan, &now), at(2_000));
    }

    #[test]
    fn an_answer_says_something_new_of_the_time_only_where_it_is_far_from_what_was_known() {
        let known = TimeReference {
            server_us: at(1_300),
            clock: clock(1_000, 50, 1),
        };
        let later = |server_s, boot| TimeReference {
            server_us: at(server_s),
            clock: clock(5, 60, boot),
        };
        let news = |reference: TimeReference, waited| {
            reference.is_news(Some(&known), Duration::from_secs(waited))
        };
        assert!(!news(later(1_311, 1), 0), "within a second");
        assert!(news(later(1_308, 1), 0));
        assert!(!news(later(1_308, 1), 1), "it may have been on the way");
        assert!(news(later(1_310, 2), 0), "the monotonic clock began anew");
        assert!(later(1_310, 1).is_news(None, Duration::ZERO));
    }

    #[test]
    fn the_ends_of_time_do_not_overflow() {
        let reference = TimeReference {
            server_us: Timestamp::from_micros(i64::MAX),
            clock: clock(0, 0, 1),
        };
        let mut scan = clock(0, 0, 1);
        scan.mono_ms = u64::MAX;
        let far = corrected(Some(&reference), &scan, &scan);
        assert_eq!(far, Timestamp::from_micros(i64::MAX));
    }
}
