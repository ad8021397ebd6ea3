//! Times and dates as people read them, by the organisation's wall clock.

use chrono::{Datelike, NaiveDate, NaiveDateTime, Timelike};
use kokoni_model::calendar::Calendar;
use kokoni_model::clock::Timestamp;

use super::Language;

const MONTHS: [&str; 12] = [
    "Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec",
];

/// `9:05`. A moment outside all calendars is shown as `--:--`.
pub(super) fn clock(calendar: &Calendar, at: Timestamp) -> String {
    local(calendar, at).map_or_else(|| "--:--".into(), hours_minutes)
}

/// `11月24日（火）`, `Tue 24 Nov`.
pub(super) fn date(date: NaiveDate, language: Language) -> String {
    let weekday = date.weekday().num_days_from_monday() as usize;
    match language {
        Language::Japanese => {
            let name = ["月", "火", "水", "木", "金", "土", "日"][weekday];
            format!("{}（{name}）", month_day(date, language))
        }
        Language::English => {
            let name = ["Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun"][weekday];
            format!("{name} {}", month_day(date, language))
        }
    }
}

/// The time, with the date when it is not `today`: `17:15`, `11月25日 17:15`.
pub(super) fn moment(
    calendar: &Calendar,
    at: Timestamp,
    today: NaiveDate,
    language: Language,
) -> String {
    let time = clock(calendar, at);
    match local(calendar, at) {
        Some(local) if local.date() != today => {
            format!("{} {time}", month_day(local.date(), language))
        }
        _ => time,
    }
}

fn local(calendar: &Calendar, at: Timestamp) -> Option<NaiveDateTime> {
    calendar.local_time(at).ok()
}

fn hours_minutes(local: NaiveDateTime) -> String {
    format!("{}:{:02}", local.hour(), local.minute())
}

fn month_day(date: NaiveDate, language: Language) -> String {
    match language {
        Language::Japanese => format!("{}月{}日", date.month(), date.day()),
        Language::English => format!("{} {}", date.day(), MONTHS[date.month0() as usize]),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// 2026-11-24, a Tuesday, 09:05 in Tokyo.
    const AT: Timestamp = Timestamp::from_micros(1_795_478_700_000_000);

    #[test]
    fn times_and_dates_as_people_read_them() {
        let calendar = Calendar::default();
        let today: NaiveDate = "2026-11-24".parse().expect("a date");
        let read = |language| {
            [
                clock(&calendar, AT),
                date(today, language),
                moment(&calendar, AT, today, language),
                moment(&calendar, AT.plus_seconds(86_400), today, language),
            ]
        };
        assert_eq!(
            read(Language::Japanese),
            ["9:05", "11月24日（火）", "9:05", "11月25日 9:05"]
        );
        assert_eq!(
            read(Language::English),
            ["9:05", "Tue 24 Nov", "9:05", "25 Nov 9:05"]
        );
    }

    #[test]
    fn a_moment_outside_all_calendars_is_no_time() {
        let far = Timestamp::from_micros(i64::MAX);
        assert_eq!(clock(&Calendar::default(), far), "--:--");
    }
}
