//! Is this a working day, for the office or for one person, and if not, why not.
//!
//! The order of what decides, the first that speaks: the person's own entry for the day, or their
//! roster; the office's entry for the day; national holidays; year end; the week. Leave is taken
//! off what is left.

use chrono::NaiveDate;
use serde::Serialize;

use super::CalendarError;
use super::hours::{WorkingHours, subtract};
use super::office::{Calendar, CalendarDay, DayName};
use super::person::{Leave, PersonCalendar, PersonDay};

/// What a day is.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(tag = "kind", rename_all = "snake_case")]
pub enum DayKind {
    /// Worked (開庁日 for the office), with the hours that leave has left.
    WorkingDay(Duty),
    /// A weekday on which the office is closed (週休日).
    Weekend,
    /// A national holiday.
    Holiday {
        /// Its name.
        name: DayName,
    },
    /// The closing days around the new year (年末年始).
    YearEnd,
    /// A closing day of the organisation's own (閉庁日).
    ClosingDay {
        /// Its name.
        name: DayName,
    },
    /// Off duty by the person's own weekdays or roster.
    OffDuty,
    /// Leave covers all of the day's hours (休暇).
    Leave,
}

impl DayKind {
    /// The hours, when the day is worked.
    pub fn duty(&self) -> Option<Duty> {
        match self {
            Self::WorkingDay(duty) => Some(*duty),
            _ => None,
        }
    }
}

/// When a day's work begins and ends, in minutes since local midnight.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
pub struct Duty {
    /// The first minute worked, after any leave.
    pub start_min: u16,
    /// The minute after the last worked, before any leave.
    pub end_min: u16,
    /// Whether leave by the hour (時間休) covers what would have been the start. The start after
    /// half a day's leave is not meant: that half is simply not worked.
    pub starts_on_leave: bool,
}

impl Calendar {
    /// What a day is for the office.
    ///
    /// # Errors
    /// [`CalendarError::YearOutOfRange`] outside 2007 to 2099.
    pub fn day(&self, date: NaiveDate) -> Result<DayKind, CalendarError> {
        self.day_for(&PersonCalendar::default(), date)
    }

    /// What a day is for one person.
    ///
    /// # Errors
    /// [`CalendarError::YearOutOfRange`] outside 2007 to 2099.
    pub fn day_for(
        &self,
        person: &PersonCalendar,
        date: NaiveDate,
    ) -> Result<DayKind, CalendarError> {
        // Asked first, so that a year without an answer is refused on every path.
        let holiday = self.holiday(date)?;
        let usual_hours = person.hours.unwrap_or(self.hours);
        let hours = match person.days.get(&date) {
            Some(PersonDay::On { hours }) => hours.unwrap_or(usual_hours),
            Some(PersonDay::Off) => return Ok(DayKind::OffDuty),
            Some(PersonDay::Unknown) | None => {
                if person.rostered {
                    return Ok(DayKind::OffDuty);
                }
                if let Some(closed) = self.closed_for(person, date, holiday) {
                    return Ok(closed);
                }
                usual_hours
            }
        };
        Ok(after_leave(hours, &person.leave, date))
    }

    /// Why the office's rule keeps somebody off on a day, if it does.
    fn closed_for(
        &self,
        person: &PersonCalendar,
        date: NaiveDate,
        holiday: Option<DayName>,
    ) -> Option<DayKind> {
        let own_day_off = person.weekdays.is_some_and(|worked| !worked.contains(date));
        match self.days.get(&date) {
            Some(CalendarDay::Open) => return own_day_off.then_some(DayKind::OffDuty),
            Some(CalendarDay::Closed { name }) => {
                return Some(DayKind::ClosingDay { name: name.clone() });
            }
            Some(CalendarDay::Holiday { .. } | CalendarDay::NotHoliday | CalendarDay::Unknown)
            | None => {}
        }
        if let Some(name) = holiday {
            Some(DayKind::Holiday { name })
        } else if self
            .year_end
            .is_some_and(|year_end| year_end.contains(date))
        {
            Some(DayKind::YearEnd)
        } else if own_day_off {
            Some(DayKind::OffDuty)
        } else if person.weekdays.is_none() && self.weekly_days_off.contains(date) {
            Some(DayKind::Weekend)
        } else {
            None
        }
    }
}

fn after_leave(hours: WorkingHours, leave: &[Leave], on: NaiveDate) -> DayKind {
    let mut in_halves = hours.worked();
    for leave in leave {
        match *leave {
            Leave::Days { first, last } if (first..=last).contains(&on) => return DayKind::Leave,
            Leave::HalfDay { date, half } if date == on => {
                in_halves = subtract(in_halves, hours.half(half));
            }
            _ => {}
        }
    }
    let mut left = in_halves.clone();
    for leave in leave {
        if let Leave::Hours { date, span } = *leave
            && date == on
        {
            left = subtract(left, span);
        }
    }
    match (in_halves.first(), left.first(), left.last()) {
        (Some(due), Some(first), Some(last)) => DayKind::WorkingDay(Duty {
            start_min: first.start_min(),
            end_min: last.end_min(),
            starts_on_leave: first.start_min() != due.start_min(),
        }),
        _ => DayKind::Leave,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::calendar::{DayBoundary, Half, MinuteSpan, Weekdays, holiday};
    use chrono::{Datelike, TimeDelta, Weekday};
    use proptest::prelude::*;

    fn date(text: &str) -> NaiveDate {
        text.parse().unwrap()
    }

    fn duty(start_min: u16, end_min: u16) -> DayKind {
        DayKind::WorkingDay(Duty {
            start_min,
            end_min,
            starts_on_leave: false,
        })
    }

    fn usual() -> DayKind {
        duty(510, 1035)
    }

    fn office(json: &str, day: &str) -> DayKind {
        let calendar: Calendar = serde_json::from_str(json).unwrap();
        calendar.day(date(day)).unwrap()
    }

    fn person(json: &str, day: &str) -> DayKind {
        let person: PersonCalendar = serde_json::from_str(json).unwrap();
        let calendar: Calendar = serde_json::from_str(
            r#"{"days":{"2026-11-28":{"kind":"open"},
                "2026-11-25":{"kind":"closed","name":{"ja":"創立記念日"}}}}"#,
        )
        .unwrap();
        calendar.day_for(&person, date(day)).unwrap()
    }

    #[test]
    fn the_reason_for_a_day_off_is_given() {
        insta::assert_json_snapshot!(
            [
                "2026-11-20",
                "2026-11-21",
                "2026-11-23",
                "2026-12-30",
                "2027-01-01"
            ]
            .map(|day| office("{}", day))
        );
    }

    #[test]
    fn the_office_may_close_or_open_a_day_against_the_rule() {
        let json = r#"{"days":{"2026-11-20":{"kind":"closed","name":{"ja":"創立記念日"}},
            "2026-11-21":{"kind":"open"},"2026-11-23":{"kind":"open"},
            "2026-12-30":{"kind":"open"}}}"#;
        assert!(matches!(
            office(json, "2026-11-20"),
            DayKind::ClosingDay { .. }
        ));
        assert_eq!(office(json, "2026-11-21"), usual());
        assert_eq!(office(json, "2026-11-23"), usual());
        assert_eq!(office(json, "2026-12-30"), usual());
    }

    #[test]
    fn a_day_that_is_no_holiday_after_all_may_still_be_a_weekend() {
        let json = r#"{"days":{"2026-11-23":{"kind":"not_holiday"},
            "2026-05-03":{"kind":"not_holiday"}}}"#;
        assert_eq!(office(json, "2026-11-23"), usual());
        assert_eq!(office(json, "2026-05-03"), DayKind::Weekend);
    }

    #[test]
    fn an_office_may_close_on_other_weekdays_and_work_through_the_year_end() {
        let json = r#"{"weekly_days_off":["mon"],"year_end":null}"#;
        assert_eq!(office(json, "2026-11-21"), usual());
        assert_eq!(office(json, "2026-11-16"), DayKind::Weekend);
        assert_eq!(office(json, "2026-12-30"), usual());
    }

    #[test]
    fn part_time_staff_work_their_own_weekdays_and_keep_the_offices_holidays() {
        let json = r#"{"weekdays":["mon","tue","sat"],"hours":{"start_min":540,"end_min":780}}"#;
        assert_eq!(person(json, "2026-11-24"), duty(540, 780), "a Tuesday");
        assert_eq!(person(json, "2026-11-21"), duty(540, 780), "a Saturday");
        assert_eq!(person(json, "2026-11-26"), DayKind::OffDuty, "a Thursday");
        assert!(matches!(
            person(json, "2026-11-23"),
            DayKind::Holiday { .. }
        ));
        assert!(matches!(
            person(json, "2026-11-25"),
            DayKind::ClosingDay { .. }
        ));
        assert_eq!(
            person(r#"{"weekdays":["mon"]}"#, "2026-11-28"),
            DayKind::OffDuty,
            "opened by the office, not worked by this person"
        );
    }

    #[test]
    fn a_roster_beats_the_office() {
        let json = r#"{"rostered":true,"days":{
            "2026-11-23":{"kind":"on","hours":{"start_min":1035,"end_min":1950}},
            "2027-01-01":{"kind":"on"},"2026-11-25":{"kind":"on"},
            "2026-11-24":{"kind":"off"}}}"#;
        assert_eq!(person(json, "2026-11-23"), duty(1035, 1950));
        assert_eq!(person(json, "2027-01-01"), usual());
        assert_eq!(person(json, "2026-11-25"), usual());
        assert_eq!(person(json, "2026-11-24"), DayKind::OffDuty);
        assert_eq!(
            person(json, "2026-11-26"),
            DayKind::OffDuty,
            "not on the roster"
        );
    }

    #[test]
    fn one_own_day_beats_the_office_for_everybody_else_too() {
        let json = r#"{"days":{"2026-11-21":{"kind":"on"},"2026-11-24":{"kind":"off"}}}"#;
        assert_eq!(person(json, "2026-11-21"), usual());
        assert_eq!(person(json, "2026-11-24"), DayKind::OffDuty);
        assert_eq!(person(json, "2026-11-26"), usual());
    }

    #[test]
    fn leave_by_days_takes_its_first_and_last_day() {
        let json = r#"{"leave":[{"kind":"days","first":"2026-11-25","last":"2026-11-27"}]}"#;
        assert_eq!(person(json, "2026-11-24"), usual());
        assert_eq!(person(json, "2026-11-26"), DayKind::Leave);
        assert_eq!(person(json, "2026-11-27"), DayKind::Leave);
        assert_eq!(person(json, "2026-11-30"), usual());
        assert_eq!(
            person(json, "2026-11-28"),
            usual(),
            "a Saturday that the office opened"
        );
    }

    #[test]
    fn half_a_day_shifts_the_start_or_the_end_past_the_break() {
        let half = |half| {
            person(
                &format!(
                    r#"{{"leave":[{{"kind":"half_day","date":"2026-11-24","half":"{half}"}}]}}"#
                ),
                "2026-11-24",
            )
        };
        assert_eq!(half("morning"), duty(780, 1035));
        assert_eq!(half("afternoon"), duty(510, 720));
        let both = r#"{"leave":[{"kind":"half_day","date":"2026-11-24","half":"morning"},
            {"kind":"half_day","date":"2026-11-24","half":"afternoon"}]}"#;
        assert_eq!(person(both, "2026-11-24"), DayKind::Leave);
    }

    #[test]
    fn leave_by_the_hour_is_taken_off_either_end_and_noted_at_the_start() {
        let hours = |start_min: u16, end_min: u16| {
            let calendar = PersonCalendar {
                leave: vec![Leave::Hours {
                    date: date("2026-11-24"),
                    span: MinuteSpan::new(start_min, end_min).unwrap(),
                }],
                ..PersonCalendar::default()
            };
            Calendar::default()
                .day_for(&calendar, date("2026-11-24"))
                .unwrap()
        };
        assert_eq!(
            hours(480, 630),
            DayKind::WorkingDay(Duty {
                start_min: 630,
                end_min: 1035,
                starts_on_leave: true
            })
        );
        assert_eq!(hours(600, 660), usual());
        assert_eq!(hours(960, 1035), duty(510, 960));
        assert_eq!(hours(700, 1035), duty(510, 700));
        assert_eq!(hours(510, 1035), DayKind::Leave);
    }

    #[test]
    fn a_year_without_an_answer_is_refused_on_every_path() {
        let rostered: PersonCalendar =
            serde_json::from_str(r#"{"rostered":true,"days":{"2100-01-04":{"kind":"on"}}}"#)
                .unwrap();
        let calendar = Calendar::default();
        for day in ["2100-01-04", "2006-12-31"] {
            assert!(calendar.day(date(day)).is_err());
            assert!(calendar.day_for(&rostered, date(day)).is_err());
        }
    }

    fn leaves() -> impl Strategy<Value = Vec<Leave>> {
        let day = (0_i64..20).prop_map(|days| date("2026-12-20") + TimeDelta::days(days));
        let one = prop_oneof![
            (day.clone(), day.clone()).prop_map(|(first, last)| Leave::Days { first, last }),
            (day.clone(), any::<bool>()).prop_map(|(date, morning)| Leave::HalfDay {
                date,
                half: if morning {
                    Half::Morning
                } else {
                    Half::Afternoon
                },
            }),
            (day, 0_u16..1200, 1_u16..600).prop_map(|(date, start, length)| Leave::Hours {
                date,
                span: MinuteSpan::new(start, start + length).unwrap(),
            }),
        ];
        prop::collection::vec(one, 0..6)
    }

    proptest! {
        /// The oracle asks minute by minute.
        #[test]
        fn a_day_is_worked_from_its_first_to_its_last_minute_without_leave(leave in leaves()) {
            let calendar = Calendar::default();
            let on_leave = |on: NaiveDate, minute: u16| leave.iter().any(|leave| match *leave {
                Leave::Days { first, last } => first <= on && on <= last,
                Leave::HalfDay { date, half: Half::Morning } => date == on && minute < 780,
                Leave::HalfDay { date, half: Half::Afternoon } => date == on && minute >= 720,
                Leave::Hours { date, span } => {
                    date == on && span.start_min() <= minute && minute < span.end_min()
                }
                Leave::Unknown => false,
            });
            let person = PersonCalendar { leave: leave.clone(), ..PersonCalendar::default() };
            for days in 0..20 {
                let on = date("2026-12-20") + TimeDelta::days(days);
                let closed = matches!(on.weekday(), Weekday::Sat | Weekday::Sun)
                    || holiday(on).unwrap().is_some()
                    || (on >= date("2026-12-29") && on <= date("2027-01-03"));
                let minutes: Vec<u16> = (510..1035)
                    .filter(|minute| !(720..780).contains(minute))
                    .filter(|&minute| !closed && !on_leave(on, minute))
                    .collect();
                let expected = minutes.first().zip(minutes.last());
                let found = calendar.day_for(&person, on).unwrap().duty();
                prop_assert_eq!(
                    found.map(|duty| (duty.start_min, duty.end_min - 1)),
                    expected.map(|(first, last)| (*first, *last)),
                    "{}", on
                );
            }
        }
    }

    #[test]
    fn the_defaults_are_those_of_a_japanese_city_hall() {
        let calendar = Calendar::default();
        assert_eq!(calendar.zone.name(), "Asia/Tokyo");
        assert_eq!(calendar.day_boundary_min, DayBoundary::new(240).unwrap());
        assert_eq!(calendar.weekly_days_off, Weekdays::WEEKEND);
    }
}
