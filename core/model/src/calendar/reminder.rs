//! Reminders: what to remind one person of next, and when.
//!
//! A pure function of the time, the policy, the calendars and what is known of the person's days.
//! The shell hands the answer to the system's scheduler and asks again whenever a fact changes; an
//! id is made of what the reminder is for, so that scheduling again changes only what changed.
//! Whether to remind is decided here, how (a notification, chat, mail) elsewhere.

use std::fmt;

use chrono::{Days, NaiveDate, NaiveDateTime};
use serde::{Deserialize, Serialize};

use super::CalendarError;
use super::hours::{InvalidMinutes, MAX_DELAY_MIN};
use super::office::Calendar;
use super::person::PersonCalendar;
use super::working_day::Duty;
use super::zone::{local_time, moment};
use crate::clock::Timestamp;
use crate::ids::OrganisationId;

/// The most reminders given at once: iOS keeps 64 pending and drops the rest without a word.
pub const MAX_PENDING: usize = 50;

/// How many days ahead reminders are looked for.
const HORIZON_DAYS: u64 = 366;

/// How many days back a duty may have begun whose end is still to be reminded of.
const DAYS_BACK: u64 = 3;

/// When an organisation reminds: JSON `{"no_record_after_start_min": 15,
/// "telework_end_after_end_min": null}`. Null or absent: never.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(default)]
pub struct ReminderPolicy {
    /// Minutes after the person's own start at which a missing record is reminded of.
    #[cfg_attr(feature = "openapi", schema(value_type = Option<u16>, maximum = 720))]
    pub no_record_after_start_min: Option<ReminderDelay>,
    /// Minutes after the person's own end at which a missing end-of-telework report is reminded of.
    #[cfg_attr(feature = "openapi", schema(value_type = Option<u16>, maximum = 720))]
    pub telework_end_after_end_min: Option<ReminderDelay>,
}

/// How long after what it reminds of a reminder comes: 0 to 720 minutes, in JSON a number.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(try_from = "u16", into = "u16")]
pub struct ReminderDelay(u16);

impl ReminderDelay {
    /// A delay of this many minutes.
    ///
    /// # Errors
    /// When it is longer than 720 minutes.
    pub const fn new(delay_min: u16) -> Result<Self, InvalidMinutes> {
        if delay_min <= MAX_DELAY_MIN {
            Ok(Self(delay_min))
        } else {
            Err(InvalidMinutes::DelayTooLong { delay_min })
        }
    }
}

impl TryFrom<u16> for ReminderDelay {
    type Error = InvalidMinutes;

    fn try_from(delay_min: u16) -> Result<Self, InvalidMinutes> {
        Self::new(delay_min)
    }
}

impl From<ReminderDelay> for u16 {
    fn from(delay: ReminderDelay) -> Self {
        delay.0
    }
}

/// What is known of one working day of a person. Days without a record need none.
///
/// JSON: `{"date": "2026-11-24", "first_scan_us": 1795477800000000, "telework_declared_us": null,
/// "telework_ended_us": null, "snoozed_until_us": null}`, all but `date` optional.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct DayRecord {
    /// The working day.
    pub date: NaiveDate,
    /// When the person's first scan of the day was made.
    #[serde(default)]
    pub first_scan_us: Option<Timestamp>,
    /// When telework was declared, by a scan or otherwise.
    #[serde(default)]
    pub telework_declared_us: Option<Timestamp>,
    /// When the end of telework was reported.
    #[serde(default)]
    pub telework_ended_us: Option<Timestamp>,
    /// Until when the person wants to hear nothing more that day.
    #[serde(default)]
    pub snoozed_until_us: Option<Timestamp>,
}

impl DayRecord {
    /// A day of which nothing is known.
    pub const fn empty(date: NaiveDate) -> Self {
        Self {
            date,
            first_scan_us: None,
            telework_declared_us: None,
            telework_ended_us: None,
            snoozed_until_us: None,
        }
    }

    const fn shows_presence(&self) -> bool {
        self.first_scan_us.is_some() || self.telework_declared_us.is_some()
    }

    const fn is_in_telework(&self) -> bool {
        self.telework_declared_us.is_some() && self.telework_ended_us.is_none()
    }
}

/// What there is to be reminded of.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum ReminderKind {
    /// The day has begun and there is no record of the person yet.
    NoRecord,
    /// Telework was declared and its end not reported.
    TeleworkEnd,
}

impl ReminderKind {
    /// The word for it in ids.
    const fn word(self) -> &'static str {
        match self {
            Self::NoRecord => "no_record",
            Self::TeleworkEnd => "telework_end",
        }
    }

    /// The title of the notification, Japanese and English.
    pub const fn title(self) -> (&'static str, &'static str) {
        match self {
            Self::NoRecord => ("本日の登録", "Check in"),
            Self::TeleworkEnd => ("テレワークの終了報告", "End of telework"),
        }
    }

    /// What the person is told, in Japanese.
    pub const fn text_ja(self) -> &'static str {
        match self {
            Self::NoRecord => "本日の登録がまだありません。ご登録をお願いします。",
            Self::TeleworkEnd => "終了報告がまだです。",
        }
    }

    /// What the person is told, in English.
    pub const fn text_en(self) -> &'static str {
        match self {
            Self::NoRecord => "You have not checked in yet today. Please do.",
            Self::TeleworkEnd => "You have not reported the end of telework yet.",
        }
    }
}

/// Names one reminder for ever: `ORGANISATION/KIND/DATE`. The same reminder has the same id
/// whenever it is computed, also when its time has changed.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(transparent)]
pub struct ReminderId(String);

impl ReminderId {
    /// The id of the reminder of this kind for the duty that begins on this date.
    pub fn new(organisation: OrganisationId, kind: ReminderKind, date: NaiveDate) -> Self {
        Self(format!("{organisation}/{}/{date}", kind.word()))
    }

    /// The id as text.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl fmt::Display for ReminderId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

/// One reminder to come.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Reminder {
    /// The same for the same reminder, whenever it is computed.
    pub id: ReminderId,
    /// What of.
    pub kind: ReminderKind,
    /// The date on which the duty that it belongs to begins.
    pub date: NaiveDate,
    /// When.
    pub at_us: Timestamp,
    /// When, by the wall clock of the organisation's zone.
    pub local: NaiveDateTime,
    /// The zone's offset from UTC at that moment, in minutes, east positive.
    pub offset_min: i16,
    /// What to say, in Japanese.
    pub text_ja: &'static str,
    /// What to say, in English.
    pub text_en: &'static str,
}

/// Everything that decides a person's reminders, apart from the time.
#[derive(Clone, Copy, Debug)]
pub struct ReminderFacts<'a> {
    /// The organisation; part of the ids.
    pub organisation: OrganisationId,
    /// When the organisation reminds.
    pub policy: &'a ReminderPolicy,
    /// The organisation's calendar.
    pub calendar: &'a Calendar,
    /// The person's calendar.
    pub person: &'a PersonCalendar,
    /// What is known of the person's days, in any order.
    pub days: &'a [DayRecord],
}

/// The next reminders after `now`, earliest first, at most [`MAX_PENDING`], within a year.
///
/// - A missing record is reminded of on working days, the policy's delay after the person's own
///   start. Half a day's leave shifts the start; leave by the hour that covers it means no
///   reminder. None once the day has a scan or telework was declared.
/// - A missing end report is reminded of the policy's delay after the person's own end, while
///   telework is declared and not ended.
/// - A snooze puts off whatever would come before it ends, within the same working day.
///
/// # Errors
/// When today lies outside the years of the calendar (the phone's clock is wrong).
pub fn reminders(
    now: Timestamp,
    facts: &ReminderFacts<'_>,
) -> Result<Vec<Reminder>, CalendarError> {
    let today = facts.calendar.working_date(now)?;
    facts.calendar.day(today)?;
    let first = today
        .checked_sub_days(Days::new(DAYS_BACK))
        .unwrap_or(today);
    let mut due = Vec::new();
    for date in first
        .iter_days()
        .take_while(|&date| date <= today + Days::new(HORIZON_DAYS))
    {
        // Only the edges of the calendar's years have no answer: nothing is due there.
        let Ok(day) = facts.calendar.day_for(facts.person, date) else {
            continue;
        };
        if let Some(duty) = day.duty() {
            let record = facts.record_of(date, duty)?;
            due.extend(facts.no_record(date, duty, &record)?);
            due.extend(facts.telework_end(date, duty, &record)?);
        }
    }
    due.retain(|reminder| reminder.at_us > now);
    due.sort_by_key(|reminder| (reminder.at_us, reminder.kind, reminder.date));
    due.truncate(MAX_PENDING);
    Ok(due)
}

impl ReminderFacts<'_> {
    fn no_record(
        &self,
        date: NaiveDate,
        duty: Duty,
        record: &DayRecord,
    ) -> Result<Option<Reminder>, CalendarError> {
        match self.policy.no_record_after_start_min {
            Some(delay) if !duty.starts_on_leave && !record.shows_presence() => {
                self.reminder(ReminderKind::NoRecord, date, duty.start_min, delay, record)
            }
            _ => Ok(None),
        }
    }

    fn telework_end(
        &self,
        date: NaiveDate,
        duty: Duty,
        record: &DayRecord,
    ) -> Result<Option<Reminder>, CalendarError> {
        match self.policy.telework_end_after_end_min {
            Some(delay) if record.is_in_telework() => {
                self.reminder(ReminderKind::TeleworkEnd, date, duty.end_min, delay, record)
            }
            _ => Ok(None),
        }
    }

    /// What is known of the working day that a duty begins in. A duty that begins in the small
    /// hours, before the day boundary, belongs to the working day before its date.
    fn record_of(&self, date: NaiveDate, duty: Duty) -> Result<DayRecord, CalendarError> {
        let start = moment(self.calendar.zone, date, duty.start_min);
        let working_date = self.calendar.working_date(start)?;
        let known = self
            .days
            .iter()
            .filter(|record| record.date == working_date);
        Ok(
            known.fold(DayRecord::empty(working_date), |all, record| DayRecord {
                date: working_date,
                first_scan_us: all.first_scan_us.or(record.first_scan_us),
                telework_declared_us: all.telework_declared_us.or(record.telework_declared_us),
                telework_ended_us: all.telework_ended_us.or(record.telework_ended_us),
                snoozed_until_us: all.snoozed_until_us.max(record.snoozed_until_us),
            }),
        )
    }

    fn reminder(
        &self,
        kind: ReminderKind,
        date: NaiveDate,
        anchor_min: u16,
        delay: ReminderDelay,
        record: &DayRecord,
    ) -> Result<Option<Reminder>, CalendarError> {
        let anchor = moment(self.calendar.zone, date, anchor_min);
        let planned = anchor.plus_seconds(i64::from(delay.0) * 60);
        let at = record
            .snoozed_until_us
            .map_or(planned, |until| planned.max(until));
        // Put off into another working day, it would remind of the wrong one.
        let same_day = self.calendar.working_date(at)? == self.calendar.working_date(anchor)?;
        if !same_day {
            return Ok(None);
        }
        let (local, offset_min) = local_time(at, self.calendar.zone)?;
        Ok(Some(Reminder {
            id: ReminderId::new(self.organisation, kind, date),
            kind,
            date,
            at_us: at,
            local,
            offset_min,
            text_ja: kind.text_ja(),
            text_en: kind.text_en(),
        }))
    }
}

#[cfg(test)]
mod tests;
