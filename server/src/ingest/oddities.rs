//! What is odd about a scan: the model's rule, given what the database knows around it.

use chrono::NaiveDate;
use kokoni_model::calendar::{Calendar, PersonCalendar};
use kokoni_model::clock::{ClockCorrection, Timestamp};
use kokoni_model::ids::{BootId, OrganisationId, PersonId, SiteId};
use kokoni_model::rules::implausible::{Circumstances, Flag, flags};
use kokoni_model::rules::order::OrderKey;

use super::days::Days;
use super::memory::Recent;
use crate::store::{StoreError, Tx};

/// People come before the bell and stay after it: only beyond this is it outside their hours.
const HOURS_MARGIN_MIN: i64 = 120;

/// A scan that counts, and when.
pub(crate) struct Seen {
    /// The tenant.
    pub(crate) organisation: OrganisationId,
    /// Who scanned.
    pub(crate) person: PersonId,
    /// Its place in the history.
    pub(crate) key: OrderKey,
    /// The working day it belongs to.
    pub(crate) date: NaiveDate,
    /// The site of its label.
    pub(crate) site: Option<SiteId>,
    /// Which start of the phone's system it was made on.
    pub(crate) boot: BootId,
    /// The correction of its clock.
    pub(crate) correction: ClockCorrection,
}

/// Everything that is odd about it.
///
/// # Errors
/// Those of the store.
pub(crate) fn of(
    tx: &Tx<'_>,
    seen: &Seen,
    days: &mut Days,
    recent: &mut Recent,
    calendar: &Calendar,
    own: &PersonCalendar,
) -> Result<Vec<Flag>, StoreError> {
    // A phone that is enrolled for somebody else is another device, but it has not been started anew.
    let people = recent.on_same_boot(tx, seen.organisation, seen.date, seen.boot, seen.person)?;
    Ok(flags(&Circumstances {
        person: seen.person,
        at: seen.key.at,
        site: seen.site,
        earlier: days.site_before(tx, seen.date, seen.key)?,
        device_also_used_by: people.into_iter().find(|person| *person != seen.person),
        correction: seen.correction,
        within_hours: within_hours(calendar, own, seen.date, seen.key.at),
    }))
}

/// Whether a moment lies within a person's hours of a working day, with a margin; `None` when the
/// calendar does not reach so far.
fn within_hours(
    calendar: &Calendar,
    own: &PersonCalendar,
    date: NaiveDate,
    at: Timestamp,
) -> Option<bool> {
    let Some(duty) = calendar.day_for(own, date).ok()?.duty() else {
        return Some(false);
    };
    let local = calendar.zone.local(at.to_utc()?).naive_local();
    let minute = (local - date.and_hms_opt(0, 0, 0)?).num_minutes();
    let from = i64::from(duty.start_min) - HOURS_MARGIN_MIN;
    let to = i64::from(duty.end_min) + HOURS_MARGIN_MIN;
    Some((from..to).contains(&minute))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn within(local: &str) -> Option<bool> {
        let local: chrono::NaiveDateTime = local.parse().expect("a local time");
        let utc = local - chrono::TimeDelta::hours(9);
        let at = Timestamp::from_micros(utc.and_utc().timestamp_micros());
        let calendar = Calendar::default();
        let date = calendar.working_date(at).expect("a day");
        within_hours(&calendar, &PersonCalendar::default(), date, at)
    }

    #[test]
    fn early_and_late_are_odd_only_beyond_two_hours() {
        // A Tuesday; 8:30 to 17:15.
        assert_eq!(within("2026-11-24T06:30:00"), Some(true));
        assert_eq!(within("2026-11-24T06:29:00"), Some(false));
        assert_eq!(within("2026-11-24T19:14:00"), Some(true));
        assert_eq!(within("2026-11-24T19:15:00"), Some(false));
        assert_eq!(within("2026-11-25T02:00:00"), Some(false), "still Tuesday");
    }

    #[test]
    fn a_day_off_has_no_hours_and_a_far_year_no_answer() {
        assert_eq!(within("2026-11-23T10:00:00"), Some(false), "a holiday");
        assert_eq!(within("2100-02-01T10:00:00"), None);
    }
}
