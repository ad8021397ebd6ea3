//! Working days: which days are worked, from when to when, and what to remind whom of.
//!
//! [`holidays`] computes the national holidays. A [`Calendar`] is an organisation's: its week, year
//! end, closing days, hours, time zone and day boundary. A [`PersonCalendar`] is one person's:
//! hours, roster and leave, and beats the organisation's. [`Calendar::day_for`] decides a day from
//! both, [`working_date`] decides which day a moment belongs to, and [`reminders`] decides what is
//! due. Everything here is data in and a decision out; the time is an argument.

mod holidays;
mod hours;
mod office;
mod person;
mod reminder;
mod time_zone;
mod weekdays;
mod working_day;
mod zone;

pub use holidays::{
    FIRST_YEAR, Holiday, HolidayKind, LAST_YEAR, YearOutOfRange, holiday, holidays,
};
pub use hours::{Half, InvalidMinutes, MinuteSpan, WorkingHours};
pub use office::{Calendar, CalendarDay, DayName, InvalidMonthDay, MonthDay, YearEnd};
pub use person::{Leave, PersonCalendar, PersonDay};
pub use reminder::{
    DayRecord, MAX_PENDING, Reminder, ReminderDelay, ReminderFacts, ReminderId, ReminderKind,
    ReminderPolicy, reminders,
};
pub use time_zone::{TimeZone, UnknownTimeZone};
pub use weekdays::Weekdays;
pub use working_day::{DayKind, Duty};
pub use zone::{DayBoundary, working_date};

use thiserror::Error;

/// Why a calendar has no answer.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Error)]
pub enum CalendarError {
    /// The day lies outside the years whose holidays can be computed.
    #[error(transparent)]
    YearOutOfRange(#[from] YearOutOfRange),
    /// The moment is so far off that no clock can have meant it.
    #[error("{at_us} microseconds UTC lie outside the years 1900 to 2199")]
    TimeOutOfRange {
        /// The moment, microseconds UTC.
        at_us: i64,
    },
}
