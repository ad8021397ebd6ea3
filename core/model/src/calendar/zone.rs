//! Local time: which working day a moment belongs to, and the moment of a local time.
//!
//! An organisation's day begins at a boundary in the night (04:00 by default), so that an evening
//! that runs past midnight stays one day. Where clocks change, a local time may come twice or not
//! at all; then the usual convention holds (RFC 5545 section 3.3.5, java.time): of two moments the
//! earlier, and in a gap as much later as the gap is long.

use chrono::{Datelike, Days, NaiveDate, NaiveDateTime, Offset, TimeDelta};
use serde::{Deserialize, Serialize};

use super::CalendarError;
use super::hours::InvalidMinutes;
use super::time_zone::TimeZone;
use crate::clock::Timestamp;

/// When a working day begins: minutes after local midnight, in JSON a number.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(try_from = "u16", into = "u16")]
pub struct DayBoundary(u16);

impl DayBoundary {
    /// 04:00.
    pub const USUAL: Self = Self(4 * 60);

    /// The boundary at this minute of the day.
    ///
    /// # Errors
    /// When there is no such minute.
    pub const fn new(minute: u16) -> Result<Self, InvalidMinutes> {
        if minute < 24 * 60 {
            Ok(Self(minute))
        } else {
            Err(InvalidMinutes::NotOfADay { minute })
        }
    }

    /// Minutes after local midnight.
    pub const fn minutes(self) -> u16 {
        self.0
    }
}

impl Default for DayBoundary {
    fn default() -> Self {
        Self::USUAL
    }
}

impl TryFrom<u16> for DayBoundary {
    type Error = InvalidMinutes;

    fn try_from(minute: u16) -> Result<Self, InvalidMinutes> {
        Self::new(minute)
    }
}

impl From<DayBoundary> for u16 {
    fn from(boundary: DayBoundary) -> Self {
        boundary.0
    }
}

/// The working day that a moment belongs to: the latest whose boundary is not after it.
///
/// Later moments never belong to earlier days, also where clocks are put back over the boundary.
///
/// # Errors
/// [`CalendarError::TimeOutOfRange`] outside the years 1900 to 2199.
pub fn working_date(
    at: Timestamp,
    zone: TimeZone,
    boundary: DayBoundary,
) -> Result<NaiveDate, CalendarError> {
    let (local, _) = local_time(at, zone)?;
    let out_of_range = CalendarError::TimeOutOfRange {
        at_us: at.as_micros(),
    };
    let mut date = local
        .date()
        .checked_add_days(Days::new(1))
        .ok_or(out_of_range)?;
    while moment(zone, date, boundary.0) > at {
        date = date.pred_opt().ok_or(out_of_range)?;
    }
    Ok(date)
}

/// The wall clock at a moment, and how many minutes it is ahead of UTC.
pub(super) fn local_time(
    at: Timestamp,
    zone: TimeZone,
) -> Result<(NaiveDateTime, i16), CalendarError> {
    let out_of_range = CalendarError::TimeOutOfRange {
        at_us: at.as_micros(),
    };
    let utc = at
        .to_utc()
        .filter(|utc| (1900..2200).contains(&utc.year()))
        .ok_or(out_of_range)?;
    let local = zone.local(utc);
    let offset_min = local.offset().fix().local_minus_utc().div_euclid(60);
    Ok((
        local.naive_local(),
        i16::try_from(offset_min).map_err(|_| out_of_range)?,
    ))
}

/// The moment of a local time: `minutes` on the wall clock after the midnight that `date` begins
/// with. The date is one of the years that the callers checked.
pub(super) fn moment(zone: TimeZone, date: NaiveDate, minutes: u16) -> Timestamp {
    let local = date.and_time(chrono::NaiveTime::MIN) + TimeDelta::minutes(minutes.into());
    let utc = (local - zone.offset_of(local)).and_utc();
    Timestamp::from_micros(utc.timestamp_micros())
}

#[cfg(test)]
mod tests {
    use super::*;
    use chrono::{DateTime, MappedLocalTime, TimeZone as _};
    use chrono_tz::{TZ_VARIANTS, Tz};
    use proptest::prelude::*;

    fn at(utc: &str) -> Timestamp {
        let utc: DateTime<chrono::Utc> = utc.parse().unwrap();
        Timestamp::from_micros(utc.timestamp_micros())
    }

    fn date(text: &str) -> NaiveDate {
        text.parse().unwrap()
    }

    const TOKYO: &str = "Asia/Tokyo";
    const NEW_YORK: &str = "America/New_York";
    const LORD_HOWE: &str = "Australia/Lord_Howe";
    const APIA: &str = "Pacific/Apia";

    fn named(zone: &str) -> TimeZone {
        TimeZone::named(zone).unwrap()
    }

    fn day(utc: &str, zone: &str) -> NaiveDate {
        working_date(at(utc), named(zone), DayBoundary::USUAL).unwrap()
    }

    #[test]
    fn the_hours_before_four_belong_to_the_day_before() {
        assert_eq!(
            day("2026-11-22T18:59:59.999999Z", TOKYO),
            date("2026-11-22")
        );
        assert_eq!(day("2026-11-22T19:00:00Z", TOKYO), date("2026-11-23"));
        assert_eq!(day("2026-11-22T15:00:00Z", TOKYO), date("2026-11-22"));
    }

    #[test]
    fn a_boundary_that_the_clocks_skip_comes_when_the_gap_ends() {
        let half_past_two = DayBoundary::new(150).unwrap();
        let on = |utc| working_date(at(utc), named(NEW_YORK), half_past_two).unwrap();
        // At 07:00 UTC on 8 March 2026 clocks jump from 02:00 to 03:00; 02:30 is read as 03:30.
        assert_eq!(on("2026-03-08T07:29:59Z"), date("2026-03-07"));
        assert_eq!(on("2026-03-08T07:30:00Z"), date("2026-03-08"));
    }

    #[test]
    fn a_boundary_that_comes_twice_begins_the_day_once() {
        let half_past_one = DayBoundary::new(90).unwrap();
        let on = |utc| working_date(at(utc), named(NEW_YORK), half_past_one).unwrap();
        // On 1 November 2026 01:30 comes at 05:30 UTC and again at 06:30 UTC.
        assert_eq!(on("2026-11-01T05:29:59Z"), date("2026-10-31"));
        assert_eq!(on("2026-11-01T05:30:00Z"), date("2026-11-01"));
        assert_eq!(
            on("2026-11-01T06:10:00Z"),
            date("2026-11-01"),
            "01:10 for the second time"
        );
    }

    #[test]
    fn half_hour_changes_are_known() {
        // Lord Howe Island puts clocks from 02:00 to 02:30 on 4 October 2026, 15:30 UTC.
        let quarter_past_two = DayBoundary::new(135).unwrap();
        let on = |utc| working_date(at(utc), named(LORD_HOWE), quarter_past_two).unwrap();
        assert_eq!(on("2026-10-03T15:44:59Z"), date("2026-10-03"));
        assert_eq!(on("2026-10-03T15:45:00Z"), date("2026-10-04"));
    }

    #[test]
    fn a_day_that_a_country_left_out_has_no_moments() {
        // Samoa went from 29 December 2011 straight to the 31st.
        assert_eq!(day("2011-12-30T09:59:59Z", APIA), date("2011-12-29"));
        assert_eq!(day("2011-12-30T13:59:59Z", APIA), date("2011-12-29"));
        assert_eq!(day("2011-12-30T14:00:00Z", APIA), date("2011-12-31"));
    }

    #[test]
    fn a_clock_gone_mad_is_refused() {
        for micros in [
            i64::MIN,
            i64::MAX,
            -2_208_988_800_000_001,
            7_258_118_400_000_000,
        ] {
            let at = Timestamp::from_micros(micros);
            assert_eq!(
                working_date(at, named(TOKYO), DayBoundary::USUAL),
                Err(CalendarError::TimeOutOfRange { at_us: micros })
            );
        }
    }

    #[test]
    fn a_boundary_outside_the_day_is_refused() {
        let refusal = serde_json::from_str::<DayBoundary>("1440").unwrap_err();
        insta::assert_snapshot!(refusal, @"minute 1440 is not a minute of a day, 0 to 1439");
    }

    fn zones() -> impl Strategy<Value = TimeZone> {
        prop_oneof![
            proptest::sample::select(&TZ_VARIANTS[..]).prop_map(|zone| named(zone.name())),
            proptest::sample::select(vec![TOKYO, NEW_YORK, LORD_HOWE, APIA]).prop_map(named),
        ]
    }

    proptest! {
        #[test]
        fn later_moments_never_belong_to_earlier_days(
            zone in zones(),
            boundary in 0_u16..1440,
            start in 1_000_000_000_i64..4_000_000_000,
            steps in prop::collection::vec(1_i64..100_000, 1..20),
        ) {
            let boundary = DayBoundary::new(boundary).unwrap();
            let mut seconds = start;
            let mut last = NaiveDate::MIN;
            for step in steps {
                seconds += step;
                let at = Timestamp::from_micros(seconds * 1_000_000);
                let on = working_date(at, zone, boundary).unwrap();
                prop_assert!(on >= last, "{zone} {seconds}: {on} after {last}");
                last = on;
            }
        }

        #[test]
        fn away_from_clock_changes_it_is_the_local_time_less_the_boundary(
            zone in zones(),
            boundary in 0_u16..1440,
            seconds in 1_000_000_000_i64..4_000_000_000,
        ) {
            let at = Timestamp::from_micros(seconds * 1_000_000);
            let (local, offset) = local_time(at, zone).unwrap();
            let around = |days: i64| {
                local_time(at.plus_seconds(days * 86_400), zone).unwrap().1
            };
            prop_assume!(around(-2) == offset && around(2) == offset);
            let expected = (local - TimeDelta::minutes(boundary.into())).date();
            let on = working_date(at, zone, DayBoundary::new(boundary).unwrap()).unwrap();
            prop_assert_eq!(on, expected);
        }

        #[test]
        fn no_moment_and_no_zone_panics(
            zone in zones(),
            boundary in 0_u16..1440,
            micros in any::<i64>(),
        ) {
            let at = Timestamp::from_micros(micros);
            let on = working_date(at, zone, DayBoundary::new(boundary).unwrap());
            let in_range = (-2_208_988_800_000_000..7_258_118_400_000_000).contains(&micros);
            prop_assert_eq!(on.is_ok(), in_range);
        }

        #[test]
        fn a_local_time_that_exists_is_met_exactly(
            zone in zones(),
            days in 0_i64..25_000,
            minutes in 0_u16..2880,
        ) {
            let date = date("2007-01-01") + TimeDelta::days(days);
            let wanted = date.and_time(chrono::NaiveTime::MIN) + TimeDelta::minutes(minutes.into());
            let (met, _) = local_time(moment(zone, date, minutes), zone).unwrap();
            let theirs: Tz = zone.name().parse().unwrap();
            match theirs.from_local_datetime(&wanted) {
                MappedLocalTime::None => prop_assert!(met > wanted, "a gap is passed forwards"),
                _ => prop_assert_eq!(met, wanted),
            }
        }
    }
}
