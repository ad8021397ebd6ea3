//! An organisation's calendar: its week, year end, closing days, hours, time zone, day boundary.
//!
//! The closing days of a Japanese local government are set by ordinance (Local Autonomy Act,
//! article 4-2): Saturdays, Sundays, national holidays, usually 29 December to 3 January, and few
//! more. So all of it is data. A site with opening days of its own has a calendar of its own.

use std::borrow::Cow;
use std::collections::BTreeMap;
use std::fmt;
use std::str::FromStr;

use chrono::{Datelike, NaiveDate, NaiveDateTime};
use serde::{Deserialize, Serialize};
use thiserror::Error;

use super::hours::WorkingHours;
use super::time_zone::TimeZone;
use super::weekdays::Weekdays;
use super::zone::{DayBoundary, local_time, working_date};
use super::{CalendarError, holiday};
use crate::clock::Timestamp;

/// The calendar of an organisation, or of one site of it.
///
/// JSON, every member optional and defaulting to what is usual in Japan:
/// ```json
/// {
///   "zone": "Asia/Tokyo",
///   "day_boundary_min": 240,
///   "weekly_days_off": ["sat", "sun"],
///   "year_end": {"first": "12-29", "last": "01-03"},
///   "hours": {"start_min": 510, "end_min": 1035, "break": {"start_min": 720, "end_min": 780}},
///   "days": {
///     "2027-06-23": {"kind": "closed", "name": {"ja": "慰霊の日", "en": "Memorial Day"}},
///     "2027-03-28": {"kind": "open"}
///   }
/// }
/// ```
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(default)]
pub struct Calendar {
    /// The time zone, by its IANA name.
    #[cfg_attr(feature = "openapi", schema(value_type = String, example = "Asia/Tokyo"))]
    pub zone: TimeZone,
    /// When a working day begins.
    #[cfg_attr(feature = "openapi", schema(value_type = u16, maximum = 1439))]
    pub day_boundary_min: DayBoundary,
    /// The weekdays that are not worked.
    #[cfg_attr(feature = "openapi", schema(value_type = Vec<String>, example = json!(["sat", "sun"])))]
    pub weekly_days_off: Weekdays,
    /// The closing days around the new year; null when there are none.
    pub year_end: Option<YearEnd>,
    /// The usual hours.
    pub hours: WorkingHours,
    /// Days that differ from the rule.
    #[cfg_attr(feature = "openapi", schema(value_type = BTreeMap<String, CalendarDay>))]
    pub days: BTreeMap<NaiveDate, CalendarDay>,
}

impl Default for Calendar {
    fn default() -> Self {
        Self {
            zone: TimeZone::tokyo(),
            day_boundary_min: DayBoundary::USUAL,
            weekly_days_off: Weekdays::WEEKEND,
            year_end: Some(YearEnd::default()),
            hours: WorkingHours::USUAL,
            days: BTreeMap::new(),
        }
    }
}

/// What an organisation says of one day, against the rule.
///
/// A kind unknown to this version says nothing.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(tag = "kind", rename_all = "snake_case")]
pub enum CalendarDay {
    /// Closed by the organisation's own decision.
    Closed {
        /// Why.
        name: DayName,
    },
    /// Worked, whatever the rule says.
    Open,
    /// A national holiday that the computed ones lack, such as an equinox on another day.
    Holiday {
        /// Its name.
        name: DayName,
    },
    /// Not the holiday that was computed; weekends and year end still count.
    NotHoliday,
    /// A kind that a later version made.
    #[serde(other)]
    Unknown,
}

/// The name of a day, Japanese first: JSON `{"ja": "創立記念日", "en": "Foundation Day"}`; `en` may
/// be absent.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct DayName {
    /// In Japanese.
    #[cfg_attr(feature = "openapi", schema(value_type = String))]
    pub ja: Cow<'static, str>,
    /// In English, when there is one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[cfg_attr(feature = "openapi", schema(value_type = Option<String>))]
    pub en: Option<Cow<'static, str>>,
}

impl DayName {
    /// The English name, or else the Japanese one.
    pub fn en(&self) -> &str {
        self.en.as_ref().unwrap_or(&self.ja)
    }
}

/// The closing days around the new year, first and last included.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct YearEnd {
    /// The first day off.
    #[cfg_attr(feature = "openapi", schema(value_type = String, example = "12-29"))]
    pub first: MonthDay,
    /// The last day off.
    #[cfg_attr(feature = "openapi", schema(value_type = String, example = "01-03"))]
    pub last: MonthDay,
}

impl Default for YearEnd {
    /// 29 December to 3 January.
    fn default() -> Self {
        Self {
            first: MonthDay { month: 12, day: 29 },
            last: MonthDay { month: 1, day: 3 },
        }
    }
}

impl YearEnd {
    /// Whether a date lies in it.
    pub fn contains(&self, date: NaiveDate) -> bool {
        let day = MonthDay {
            month: date.month(),
            day: date.day(),
        };
        if self.first <= self.last {
            (self.first..=self.last).contains(&day)
        } else {
            day >= self.first || day <= self.last
        }
    }
}

/// A day of every year, in JSON `"12-29"`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct MonthDay {
    month: u32,
    day: u32,
}

/// The text is not a month and a day, such as `12-29`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Error)]
#[error("a day of every year is written MM-DD, such as 12-29")]
pub struct InvalidMonthDay;

impl FromStr for MonthDay {
    type Err = InvalidMonthDay;

    fn from_str(text: &str) -> Result<Self, InvalidMonthDay> {
        let two_digits = |part: &str| {
            let digits = part.len() == 2 && part.bytes().all(|byte| byte.is_ascii_digit());
            digits.then(|| part.parse().ok()).flatten()
        };
        let (month, day) = text.split_once('-').ok_or(InvalidMonthDay)?;
        let (month, day) = two_digits(month)
            .zip(two_digits(day))
            .ok_or(InvalidMonthDay)?;
        // A leap year, so that 29 February is a day.
        NaiveDate::from_ymd_opt(2000, month, day).ok_or(InvalidMonthDay)?;
        Ok(Self { month, day })
    }
}

impl fmt::Display for MonthDay {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:02}-{:02}", self.month, self.day)
    }
}

impl TryFrom<String> for MonthDay {
    type Error = InvalidMonthDay;

    fn try_from(text: String) -> Result<Self, InvalidMonthDay> {
        text.parse()
    }
}

impl From<MonthDay> for String {
    fn from(day: MonthDay) -> Self {
        day.to_string()
    }
}

impl Calendar {
    /// The national holiday on a day, as the organisation sees it: computed unless overridden.
    ///
    /// # Errors
    /// [`CalendarError::YearOutOfRange`] outside 2007 to 2099.
    pub fn holiday(&self, date: NaiveDate) -> Result<Option<DayName>, CalendarError> {
        let computed = holiday(date)?;
        Ok(match self.days.get(&date) {
            Some(CalendarDay::Holiday { name }) => Some(name.clone()),
            Some(CalendarDay::NotHoliday) => None,
            _ => computed.map(|holiday| DayName {
                ja: Cow::Borrowed(holiday.name_ja),
                en: Some(Cow::Borrowed(holiday.name_en)),
            }),
        })
    }

    /// The working day that a moment belongs to here.
    ///
    /// # Errors
    /// [`CalendarError::TimeOutOfRange`] outside the years 1900 to 2199.
    pub fn working_date(&self, at: Timestamp) -> Result<NaiveDate, CalendarError> {
        working_date(at, self.zone, self.day_boundary_min)
    }

    /// The wall clock here at a moment.
    ///
    /// # Errors
    /// [`CalendarError::TimeOutOfRange`] outside the years 1900 to 2199.
    pub fn local_time(&self, at: Timestamp) -> Result<NaiveDateTime, CalendarError> {
        Ok(local_time(at, self.zone)?.0)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn date(text: &str) -> NaiveDate {
        text.parse().unwrap()
    }

    #[test]
    fn an_empty_object_is_the_usual_calendar() {
        let calendar: Calendar = serde_json::from_str("{}").unwrap();
        assert_eq!(calendar, Calendar::default());
    }

    #[test]
    fn a_calendar_in_json() {
        let name = |ja, en| DayName {
            ja: Cow::Borrowed(ja),
            en,
        };
        let calendar = Calendar {
            days: BTreeMap::from([
                (date("2027-03-28"), CalendarDay::Open),
                (
                    date("2027-06-23"),
                    CalendarDay::Closed {
                        name: name("慰霊の日", None),
                    },
                ),
                (
                    date("2031-03-20"),
                    CalendarDay::Holiday {
                        name: name("春分の日", Some("Vernal Equinox Day".into())),
                    },
                ),
                (date("2031-03-21"), CalendarDay::NotHoliday),
            ]),
            ..Calendar::default()
        };
        insta::assert_json_snapshot!(calendar);
        let again: Calendar =
            serde_json::from_str(&serde_json::to_string(&calendar).unwrap()).unwrap();
        assert_eq!(again, calendar);
    }

    #[test]
    fn a_kind_of_day_that_a_later_version_made_says_nothing() {
        let calendar: Calendar =
            serde_json::from_str(r#"{"days":{"2027-01-01":{"kind":"festival","until":3}},"x":1}"#)
                .unwrap();
        assert_eq!(calendar.days[&date("2027-01-01")], CalendarDay::Unknown);
        assert_eq!(
            calendar.holiday(date("2027-01-01")).unwrap().unwrap().ja,
            "元日"
        );
    }

    #[test]
    fn an_organisation_may_move_a_computed_holiday() {
        let calendar: Calendar = serde_json::from_str(
            r#"{"days":{"2031-03-21":{"kind":"not_holiday"},
                "2031-03-20":{"kind":"holiday","name":{"ja":"春分の日"}}}}"#,
        )
        .unwrap();
        assert_eq!(calendar.holiday(date("2031-03-21")).unwrap(), None);
        let moved = calendar.holiday(date("2031-03-20")).unwrap().unwrap();
        assert_eq!((moved.ja.as_ref(), moved.en()), ("春分の日", "春分の日"));
    }

    #[test]
    fn the_year_end_runs_over_the_new_year() {
        let usual = YearEnd::default();
        for (day, off) in [
            ("2026-12-28", false),
            ("2026-12-29", true),
            ("2026-12-31", true),
            ("2027-01-03", true),
            ("2027-01-04", false),
            ("2027-07-01", false),
        ] {
            assert_eq!(usual.contains(date(day)), off, "{day}");
        }
        let within_one_year: YearEnd =
            serde_json::from_str(r#"{"first":"12-28","last":"12-31"}"#).unwrap();
        assert!(within_one_year.contains(date("2026-12-31")));
        assert!(!within_one_year.contains(date("2027-01-01")));
    }

    #[test]
    fn a_day_of_every_year_is_checked() {
        for text in [
            "",
            "1-3",
            "13-01",
            "02-30",
            "12-29-1",
            "+1-03",
            "１２-２９",
            "12/29",
        ] {
            assert_eq!(text.parse::<MonthDay>(), Err(InvalidMonthDay), "{text}");
        }
        assert_eq!("02-29".parse::<MonthDay>().unwrap().to_string(), "02-29");
    }

    #[test]
    fn an_unknown_zone_is_refused() {
        let refusal = serde_json::from_str::<Calendar>(r#"{"zone":"Asia/Nowhere"}"#).unwrap_err();
        insta::assert_snapshot!(refusal,
            @"there is no time zone `Asia/Nowhere` at line 1 column 23");
    }
}
