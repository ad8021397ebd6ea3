//! The morning's clock: real time, moved to the beginning of a working day. The server and every
//! phone go by it, so that the demo is the same at night and on a Sunday.

use chrono::{DateTime, NaiveTime, TimeDelta, Utc};
use kokoni_client::ports::{Clock as PhoneClock, SystemClock as PhoneSystemClock};
use kokoni_model::calendar::Calendar;
use kokoni_model::clock::{ClockReading, Timestamp};
use kokoni_server::ports::{Clock as ServerClock, SystemClock as ServerSystemClock};

/// Japan, all year.
const OFFSET_MIN: i16 = 9 * 60;

/// When the first of the staff arrive.
const DOORS_OPEN: NaiveTime = NaiveTime::from_hms_opt(8, 20, 0).expect("a time of day");

/// A year has no stretch of closed days as long as this.
const LONGEST_CLOSED_DAYS: i64 = 30;

/// Real time, moved by a fixed amount.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct MorningClock {
    /// Microseconds to add to real time.
    pub(super) moved_us: i64,
}

impl MorningClock {
    /// Shows the beginning of the last working morning now, and goes on from there.
    pub(super) fn starting_now() -> Self {
        let now = ServerSystemClock.now();
        let moved = now.to_utc().and_then(morning_before);
        Self {
            moved_us: moved.map_or(0, |morning| {
                morning.timestamp_micros().saturating_sub(now.as_micros())
            }),
        }
    }
}

/// The last moment, not after `now`, at which the doors opened on a working day of Japan.
fn morning_before(now: DateTime<Utc>) -> Option<DateTime<Utc>> {
    let offset = TimeDelta::minutes(OFFSET_MIN.into());
    let today = (now + offset).date_naive();
    let calendar = Calendar::default();
    (0..LONGEST_CLOSED_DAYS)
        .map(|days| today - TimeDelta::days(days))
        .filter(|&date| calendar.day(date).is_ok_and(|day| day.duty().is_some()))
        .map(|date| date.and_time(DOORS_OPEN).and_utc() - offset)
        .find(|&morning| morning <= now)
}

impl ServerClock for MorningClock {
    fn now(&self) -> Timestamp {
        ServerSystemClock.now().plus_micros(self.moved_us)
    }
}

/// A phone's clocks in the same morning.
#[derive(Debug)]
pub(super) struct MorningPhoneClock {
    morning: MorningClock,
    system: PhoneSystemClock,
}

impl MorningPhoneClock {
    pub(super) fn new(morning: MorningClock) -> Self {
        Self {
            morning,
            system: PhoneSystemClock::new(),
        }
    }
}

impl PhoneClock for MorningPhoneClock {
    fn now(&self) -> ClockReading {
        let real = self.system.now();
        ClockReading {
            wall_us: real.wall_us.plus_micros(self.morning.moved_us),
            offset_min: OFFSET_MIN,
            ..real
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn morning_of(now: &str) -> String {
        let now: DateTime<Utc> = now.parse().expect("a moment");
        morning_before(now).expect("a morning").to_rfc3339()
    }

    #[test]
    fn the_last_working_morning_is_taken() {
        // A Monday evening in Japan; before the doors open on a Tuesday; a Sunday before a holiday.
        assert_eq!(
            morning_of("2026-11-16T10:00:00Z"),
            "2026-11-15T23:20:00+00:00"
        );
        assert_eq!(
            morning_of("2026-11-16T22:00:00Z"),
            "2026-11-15T23:20:00+00:00"
        );
        assert_eq!(
            morning_of("2026-11-22T10:00:00Z"),
            "2026-11-19T23:20:00+00:00"
        );
    }

    #[test]
    fn the_closing_days_around_the_new_year_are_skipped() {
        assert_eq!(
            morning_of("2027-01-03T05:00:00Z"),
            "2026-12-27T23:20:00+00:00"
        );
    }

    #[test]
    fn server_and_phones_show_the_same_morning() {
        let morning = MorningClock::starting_now();
        let phone = MorningPhoneClock::new(morning).now();
        assert!(phone.wall_us.micros_since(morning.now()).abs() < 60_000_000);
        assert!(morning.moved_us <= 0);
    }
}
