//! One person's calendar: hours, weekdays, roster and leave. It beats the organisation's.
//!
//! Leave carries no reason: why somebody is away is nobody's business here.

use std::collections::BTreeMap;

use chrono::NaiveDate;
use serde::{Deserialize, Serialize};

use super::hours::{Half, MinuteSpan, WorkingHours};
use super::weekdays::Weekdays;

/// The calendar of one person; empty for somebody who simply keeps the office's.
///
/// JSON, every member optional:
/// ```json
/// {
///   "hours": {"start_min": 450, "end_min": 975, "break": {"start_min": 720, "end_min": 780}},
///   "weekdays": ["mon", "wed", "fri"],
///   "rostered": false,
///   "days": {"2027-03-28": {"kind": "on", "hours": null}, "2027-03-29": {"kind": "off"}},
///   "leave": [{"kind": "half_day", "date": "2027-03-30", "half": "morning"}]
/// }
/// ```
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(default)]
pub struct PersonCalendar {
    /// Hours that differ from the office's: shifted hours (時差出勤), part-time.
    pub hours: Option<WorkingHours>,
    /// Weekdays worked, where they differ from the office's. Its holidays and closing days still
    /// count; days it opens against the rule are worked only on these weekdays.
    #[cfg_attr(feature = "openapi", schema(value_type = Option<Vec<String>>))]
    pub weekdays: Option<Weekdays>,
    /// Shift staff: only `days` counts, and a day without an entry is off duty.
    pub rostered: bool,
    /// Days decided for this person, against everything the office says.
    #[cfg_attr(feature = "openapi", schema(value_type = BTreeMap<String, PersonDay>))]
    pub days: BTreeMap<NaiveDate, PersonDay>,
    /// Leave that was granted.
    pub leave: Vec<Leave>,
}

/// What is decided of one day for one person.
///
/// A kind unknown to this version says nothing.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(tag = "kind", rename_all = "snake_case")]
pub enum PersonDay {
    /// On duty.
    On {
        /// From when to when; null means the usual hours.
        #[serde(default)]
        hours: Option<WorkingHours>,
    },
    /// Off duty.
    Off,
    /// A kind that a later version made.
    #[serde(other)]
    Unknown,
}

/// Time off, as an interval.
///
/// A kind unknown to this version says nothing.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(tag = "kind", rename_all = "snake_case")]
pub enum Leave {
    /// Whole days, first and last included.
    Days {
        /// The first day.
        first: NaiveDate,
        /// The last day.
        last: NaiveDate,
    },
    /// Half a day (半休).
    HalfDay {
        /// The day.
        date: NaiveDate,
        /// Which half of that day's hours.
        half: Half,
    },
    /// Hours of a day (時間休).
    Hours {
        /// The day.
        date: NaiveDate,
        /// From when to when.
        #[serde(flatten)]
        span: MinuteSpan,
    },
    /// A kind that a later version made.
    #[serde(other)]
    Unknown,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_persons_calendar_in_json() {
        let date = |text: &str| text.parse().unwrap();
        let calendar = PersonCalendar {
            hours: Some(WorkingHours::new(450, 720, None).unwrap()),
            weekdays: Some(
                [chrono::Weekday::Mon, chrono::Weekday::Fri]
                    .into_iter()
                    .collect(),
            ),
            rostered: false,
            days: BTreeMap::from([
                (date("2027-03-28"), PersonDay::On { hours: None }),
                (date("2027-03-29"), PersonDay::Off),
            ]),
            leave: vec![
                Leave::Days {
                    first: date("2027-04-01"),
                    last: date("2027-04-02"),
                },
                Leave::HalfDay {
                    date: date("2027-04-05"),
                    half: Half::Morning,
                },
                Leave::Hours {
                    date: date("2027-04-06"),
                    span: MinuteSpan::new(510, 630).unwrap(),
                },
            ],
        };
        insta::assert_json_snapshot!(calendar);
        let again: PersonCalendar =
            serde_json::from_str(&serde_json::to_string(&calendar).unwrap()).unwrap();
        assert_eq!(again, calendar);
    }

    #[test]
    fn kinds_that_a_later_version_made_are_kept_apart() {
        let calendar: PersonCalendar = serde_json::from_str(
            r#"{"days":{"2027-03-28":{"kind":"standby"}},"leave":[{"kind":"weeks","n":2}]}"#,
        )
        .unwrap();
        assert_eq!(calendar.days.values().next(), Some(&PersonDay::Unknown));
        assert_eq!(calendar.leave, [Leave::Unknown]);
    }

    #[test]
    fn leave_that_makes_no_sense_is_refused() {
        let refusal = serde_json::from_str::<Leave>(
            r#"{"kind":"hours","date":"2027-04-06","start_min":700,"end_min":600}"#,
        )
        .unwrap_err();
        insta::assert_snapshot!(refusal, @"a span from minute 700 to minute 600 has no length");
    }
}
