//! Where one person is, by their own scans and by who came to their seat later.

use chrono::NaiveDate;
use kokoni_model::calendar::Calendar;
use kokoni_model::clock::Timestamp;
use kokoni_model::ids::{OrganisationId, PersonId};
use kokoni_model::rules::day::{Day, Presence, Stay};
use kokoni_model::rules::seat::{self, SeatStay};
use kokoni_model::wire::directory::PlaceKind;
use kokoni_model::wire::views::{MyState, PresenceView};

use super::occupancy::{STAY_COLUMNS, StayRow};
use super::steps;
use crate::lending;
use crate::organisation::Organisation;
use crate::params;
use crate::store::{AsWord, StoreError, Tx};

/// The working day a moment belongs to. The server's own clock lies within the calendar's years; a
/// moment beyond them counts to the day that it is in UTC.
pub fn working_date(calendar: &Calendar, at: Timestamp) -> NaiveDate {
    calendar
        .working_date(at)
        .unwrap_or_else(|_| at.to_utc().map_or(NaiveDate::MAX, |utc| utc.date_naive()))
}

/// What the server knows of a person at this moment.
///
/// # Errors
/// Those of the store.
pub fn now(
    tx: &Tx<'_>,
    organisation: OrganisationId,
    person: PersonId,
    at: Timestamp,
) -> Result<MyState, StoreError> {
    let calendar = Organisation::load(tx, organisation)?.calendar;
    on(tx, organisation, person, working_date(&calendar, at))
}

/// What the server knows of a person on a working day.
///
/// # Errors
/// Those of the store.
pub fn on(
    tx: &Tx<'_>,
    organisation: OrganisationId,
    person: PersonId,
    date: NaiveDate,
) -> Result<MyState, StoreError> {
    let day = day(tx, organisation, person, date)?;
    with_day(tx, organisation, person, date, &day)
}

/// As [`on`], when the day is in hand.
///
/// # Errors
/// Those of the store.
pub fn with_day(
    tx: &Tx<'_>,
    organisation: OrganisationId,
    person: PersonId,
    date: NaiveDate,
    day: &Day,
) -> Result<MyState, StoreError> {
    Ok(MyState {
        date,
        presence: view(tx, organisation, person, date, day)?,
        first_us: day.first,
        telework_declared: day.telework_declared(),
        loans: lending::of_person(tx, organisation, person)?,
    })
}

/// A person's day, folded from its steps.
///
/// # Errors
/// Those of the store.
pub fn day(
    tx: &Tx<'_>,
    organisation: OrganisationId,
    person: PersonId,
    date: NaiveDate,
) -> Result<Day, StoreError> {
    let steps = steps::of_day(tx, organisation, person, date)?;
    Ok(Day::fold(steps.into_iter().map(|step| step.entry)))
}

/// Where a person with this day is, told of whoever came to their seat later.
///
/// # Errors
/// Those of the store.
pub fn view(
    tx: &Tx<'_>,
    organisation: OrganisationId,
    person: PersonId,
    date: NaiveDate,
    day: &Day,
) -> Result<PresenceView, StoreError> {
    Ok(match day.presence() {
        Presence::NoRecord => PresenceView::NoRecord,
        Presence::Telework { since } => PresenceView::Telework { since_us: since },
        Presence::Away { since } => PresenceView::Away { since_us: since },
        Presence::Present { place, since } => {
            let displaced = match day.current() {
                Some(stay) => displaced_at(tx, organisation, person, date, stay)?,
                None => None,
            };
            match displaced {
                Some(since_us) => PresenceView::Displaced { place, since_us },
                None => PresenceView::Present {
                    place,
                    since_us: since,
                },
            }
        }
    })
}

/// When somebody else came to the seat of this stay; a room has room for all. Only those who came
/// later are looked at: nearly always nobody.
///
/// # Errors
/// Those of the store.
pub(crate) fn displaced_at(
    tx: &Tx<'_>,
    organisation: OrganisationId,
    person: PersonId,
    date: NaiveDate,
    stay: &Stay,
) -> Result<Option<Timestamp>, StoreError> {
    let stays: Vec<StayRow> = tx.query(
        &format!(
            "SELECT {STAY_COLUMNS} FROM stay s
             WHERE s.organisation = $1 AND s.working_date = $2 AND s.place = $3
                 AND s.since_us >= $4"
        ),
        params![organisation, date, stay.place, stay.since.at],
    )?;
    if stays.iter().all(|row| row.person == person) {
        return Ok(None);
    }
    let AsWord(kind): AsWord<PlaceKind> = tx.one(
        "SELECT kind FROM place WHERE organisation = $1 AND id = $2",
        params![organisation, stay.place],
    )?;
    if kind == PlaceKind::Room {
        return Ok(None);
    }
    let stays: Vec<SeatStay> = stays
        .into_iter()
        .map(|row| SeatStay {
            person: row.person,
            stay: row.stay,
        })
        .collect();
    Ok(seat::ended_at(
        &SeatStay {
            person,
            stay: *stay,
        },
        &stays,
    ))
}
