//! The time zones of the world, by their IANA names, with the same rules on the phone and on the
//! server, whatever the system under them knows.
//!
//! The rules are those that jiff brings along: 0.2 MB for all zones, where a table of every change
//! of every clock takes 4 MB of a phone's library.

use std::collections::BTreeMap;
use std::fmt;
use std::str::FromStr;
use std::sync::{LazyLock, Mutex, PoisonError};

use chrono::{DateTime, Datelike, FixedOffset, NaiveDateTime, Timelike, Utc};
use jiff::tz::{AmbiguousOffset, Offset, TimeZoneDatabase};
use serde::{Deserialize, Serialize};
use thiserror::Error;

/// A time zone: in JSON and on command lines its IANA name, spelt as it is there, `Asia/Tokyo`.
#[derive(Clone, Copy, Serialize, Deserialize)]
#[serde(try_from = "String", into = "&'static str")]
pub struct TimeZone(&'static Rules);

/// A zone's name and rules; made once for each zone and kept.
struct Rules {
    name: String,
    clocks: jiff::tz::TimeZone,
}

/// Why a name is no time zone's.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
#[error("there is no time zone `{name}`")]
pub struct UnknownTimeZone {
    /// The name.
    pub name: String,
}

static ALL: LazyLock<TimeZoneDatabase> = LazyLock::new(TimeZoneDatabase::bundled);

/// Those that were asked for; never more than there are.
static ASKED_FOR: Mutex<BTreeMap<&'static str, &'static Rules>> = Mutex::new(BTreeMap::new());

impl TimeZone {
    /// The zone of this name.
    ///
    /// # Errors
    /// When there is none, or it is spelt otherwise: `asia/tokyo`.
    pub fn named(name: &str) -> Result<Self, UnknownTimeZone> {
        let mut asked_for = ASKED_FOR.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(rules) = asked_for.get(name) {
            return Ok(Self(rules));
        }
        let found = ALL.get(name).ok();
        let clocks = found
            .filter(|clocks| clocks.iana_name() == Some(name))
            .ok_or_else(|| UnknownTimeZone { name: name.into() })?;
        let rules: &'static Rules = Box::leak(Box::new(Rules {
            name: name.into(),
            clocks,
        }));
        asked_for.insert(&rules.name, rules);
        Ok(Self(rules))
    }

    /// Asia/Tokyo.
    pub fn tokyo() -> Self {
        Self::named("Asia/Tokyo").expect("Japan has a zone")
    }

    /// The names of all zones.
    pub fn names() -> impl Iterator<Item = String> {
        ALL.available().map(|name| name.to_string())
    }

    /// Its IANA name.
    pub fn name(self) -> &'static str {
        &self.0.name
    }

    /// The wall clock at a moment, and how far it is ahead of UTC.
    pub fn local(self, utc: DateTime<Utc>) -> DateTime<FixedOffset> {
        let moment = jiff::Timestamp::from_second(utc.timestamp()).unwrap_or(if utc.year() < 0 {
            jiff::Timestamp::MIN
        } else {
            jiff::Timestamp::MAX
        });
        utc.with_timezone(&ours(self.0.clocks.to_offset(moment)))
    }

    /// How far the wall clock is ahead of UTC when it shows a local time. Where it shows that time
    /// twice, as at the first of them; where never, as before the gap.
    pub(super) fn offset_of(self, local: NaiveDateTime) -> FixedOffset {
        let (date, time) = (local.date(), local.time());
        let civil = i16::try_from(date.year()).ok().and_then(|year| {
            let part = |number: u32| i8::try_from(number).ok();
            let (month, day) = (part(date.month())?, part(date.day())?);
            let (hour, minute, second) = (
                part(time.hour())?,
                part(time.minute())?,
                part(time.second())?,
            );
            jiff::civil::DateTime::new(year, month, day, hour, minute, second, 0).ok()
        });
        let Some(civil) = civil else {
            return ours(Offset::UTC);
        };
        match self.0.clocks.to_ambiguous_timestamp(civil).offset() {
            AmbiguousOffset::Unambiguous { offset } => ours(offset),
            AmbiguousOffset::Gap { before, .. } | AmbiguousOffset::Fold { before, .. } => {
                ours(before)
            }
        }
    }
}

fn ours(offset: Offset) -> FixedOffset {
    FixedOffset::east_opt(offset.seconds()).expect("clocks are less than a day apart")
}

impl PartialEq for TimeZone {
    fn eq(&self, other: &Self) -> bool {
        self.name() == other.name()
    }
}

impl Eq for TimeZone {}

impl fmt::Debug for TimeZone {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}

impl fmt::Display for TimeZone {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}

impl FromStr for TimeZone {
    type Err = UnknownTimeZone;

    fn from_str(name: &str) -> Result<Self, UnknownTimeZone> {
        Self::named(name)
    }
}

impl TryFrom<String> for TimeZone {
    type Error = UnknownTimeZone;

    fn try_from(name: String) -> Result<Self, UnknownTimeZone> {
        Self::named(&name)
    }
}

impl From<TimeZone> for &'static str {
    fn from(zone: TimeZone) -> Self {
        zone.name()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use chrono::{MappedLocalTime, Offset as _, TimeZone as _};
    use chrono_tz::{GapInfo, TZ_VARIANTS, Tz};
    use proptest::prelude::*;

    #[test]
    fn every_zone_that_another_table_knows_is_known_by_the_same_name() {
        for theirs in TZ_VARIANTS {
            let ours = TimeZone::named(theirs.name()).unwrap();
            assert_eq!(ours.name(), theirs.name());
        }
    }

    #[test]
    fn a_zone_is_one_however_often_it_is_asked_for() {
        let (one, other) = (TimeZone::tokyo(), TimeZone::tokyo());
        assert!(std::ptr::eq(one.0, other.0));
        assert_ne!(one, TimeZone::named("Japan").expect("a link"));
    }

    #[test]
    fn a_zone_is_its_name_in_json_and_any_other_name_is_refused() {
        let read = |text: &str| serde_json::from_str::<TimeZone>(text);
        let zone = read("\"Asia/Tokyo\"").expect("read");
        assert_eq!(
            serde_json::to_string(&zone).expect("written"),
            "\"Asia/Tokyo\""
        );
        let refusal = read("\"Asia/Edo\"").expect_err("no such zone");
        insta::assert_snapshot!(refusal, @"there is no time zone `Asia/Edo`");
        for other in ["asia/tokyo", "", "JST", "../etc/passwd", "Etc/Unknown"] {
            assert!(TimeZone::named(other).is_err(), "{other}");
        }
    }

    #[test]
    fn the_ends_of_time_have_a_wall_clock() {
        for utc in [DateTime::<Utc>::MIN_UTC, DateTime::<Utc>::MAX_UTC] {
            let shown = TimeZone::named("Asia/Tokyo").expect("a zone").local(utc);
            assert_eq!(shown.to_utc(), utc);
        }
    }

    /// Seconds from 1993 to the end of 2024. The two tables are of different editions: clocks of the
    /// seventies (Tijuana, Tehran) and of 1992 (Bogotá) were looked up again for the newer one, and
    /// of years that were to come the older one says what was the law then (Manitoba, 2026).
    const THE_SAME_TO_BOTH: std::ops::Range<i64> = 725_846_400..1_735_689_600;

    /// Moldova changes its clocks at another hour than the older table says, since 2022.
    const CORRECTED_SINCE: [Tz; 2] = [Tz::Europe__Chisinau, Tz::Europe__Tiraspol];

    fn pairs() -> impl Strategy<Value = (TimeZone, Tz)> {
        proptest::sample::select(&TZ_VARIANTS[..])
            .prop_filter("corrected since", |theirs| {
                !CORRECTED_SINCE.contains(theirs)
            })
            .prop_map(|theirs| (TimeZone::named(theirs.name()).expect("known"), theirs))
    }

    proptest! {
        /// chrono-tz has a table of its own of every change of every clock.
        #[test]
        fn another_table_shows_the_same_wall_clock(
            (ours, theirs) in pairs(),
            seconds in THE_SAME_TO_BOTH,
        ) {
            let utc = DateTime::from_timestamp(seconds, 0).expect("a time");
            let shown = theirs.from_utc_datetime(&utc.naive_utc());
            prop_assert_eq!(ours.local(utc).naive_local(), shown.naive_local());
        }

        #[test]
        fn another_table_finds_the_same_moment_of_a_local_time(
            (ours, theirs) in pairs(),
            seconds in THE_SAME_TO_BOTH,
        ) {
            let local = DateTime::from_timestamp(seconds, 0).expect("a time").naive_utc();
            let expected = match theirs.offset_from_local_datetime(&local) {
                MappedLocalTime::Single(offset) | MappedLocalTime::Ambiguous(offset, _) => offset.fix(),
                MappedLocalTime::None => {
                    let gap = GapInfo::new(&local, &theirs).and_then(|gap| gap.begin);
                    gap.expect("a gap begins").1.fix()
                }
            };
            prop_assert_eq!(ours.offset_of(local), expected);
        }
    }
}
