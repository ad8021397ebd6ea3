//! Who is where on a floor, now.

use std::collections::BTreeMap;

use chrono::NaiveDate;
use kokoni_model::clock::Timestamp;
use kokoni_model::event::Epoch;
use kokoni_model::ids::{DeviceId, FloorId, OrganisationId, PersonId, PlaceId};
use kokoni_model::rules::day::Stay;
use kokoni_model::rules::order::OrderKey;
use kokoni_model::rules::seat::{self, SeatStay};
use kokoni_model::wire::directory::PlaceKind;
use kokoni_model::wire::views::{FloorOccupancy, PersonAtPlace, TakenPlace};

use super::feed;
use crate::organisation::Names;
use crate::params;
use crate::store::{AsWord, Columns, FromRow, StoreError, Tx};

/// A stay as it lies in the database.
pub struct StayRow {
    /// Whose.
    pub person: PersonId,
    /// The stay.
    pub stay: Stay,
}

/// The columns of a [`StayRow`], for a SELECT list.
pub const STAY_COLUMNS: &str = "s.person, s.place, s.telework, s.since_us, s.since_device, \
     s.since_epoch, s.since_seq, s.until_us";

impl FromRow for StayRow {
    fn from_row(columns: &mut Columns) -> Result<Self, StoreError> {
        Ok(Self {
            person: columns.take()?,
            stay: Stay {
                place: columns.take()?,
                telework: columns.take()?,
                since: OrderKey {
                    at: columns.take::<Timestamp>()?,
                    device: columns.take::<DeviceId>()?,
                    epoch: columns.take::<Epoch>()?,
                    seq: columns.take()?,
                },
                until: columns.take()?,
            },
        })
    }
}

/// A stay with what is shown of it.
struct Shown {
    row: StayRow,
    kind: PlaceKind,
    name: String,
    section: String,
}

impl FromRow for Shown {
    fn from_row(columns: &mut Columns) -> Result<Self, StoreError> {
        let row = StayRow::from_row(columns)?;
        let AsWord(kind) = columns.take()?;
        let (family, given) = (columns.take::<String>()?, columns.take::<String>()?);
        Ok(Self {
            row,
            kind,
            name: format!("{family} {given}"),
            section: columns.take()?,
        })
    }
}

/// A floor as it is on a working day; `None` when the organisation has no such floor.
///
/// # Errors
/// Those of the store.
pub fn of_floor(
    tx: &Tx<'_>,
    organisation: OrganisationId,
    floor: FloorId,
    date: NaiveDate,
    names: Names,
) -> Result<Option<FloorOccupancy>, StoreError> {
    let known: Option<i64> = tx.first(
        "SELECT 1 FROM floor WHERE organisation = $1 AND id = $2",
        params![organisation, floor],
    )?;
    if known.is_none() {
        return Ok(None);
    }
    let stays: Vec<Shown> = tx.query(
        &format!(
            "SELECT {STAY_COLUMNS}, q.kind, p.family, p.given, c.name
             FROM stay s
             JOIN place q ON q.organisation = s.organisation AND q.id = s.place
             JOIN person p ON p.organisation = s.organisation AND p.id = s.person
             JOIN section c ON c.organisation = p.organisation AND c.id = p.section
             WHERE s.organisation = $1 AND s.working_date = $3 AND s.place IN
                 (SELECT id FROM place WHERE organisation = $1 AND floor = $2)"
        ),
        params![organisation, floor, date],
    )?;
    let mut places: BTreeMap<PlaceId, Vec<Shown>> = BTreeMap::new();
    for shown in stays {
        places.entry(shown.row.stay.place).or_default().push(shown);
    }
    let taken = places
        .into_iter()
        .filter_map(|(place, stays)| {
            let people = people_at(&stays, names);
            (!people.is_empty()).then_some(TakenPlace { place, people })
        })
        .collect();
    Ok(Some(FloorOccupancy {
        floor,
        version: feed::version(tx, organisation, floor)?,
        taken,
    }))
}

/// At a seat whoever came last, if they are still there; in a room everybody who is.
fn people_at(stays: &[Shown], names: Names) -> Vec<PersonAtPlace> {
    let seat_stays: Vec<SeatStay> = stays
        .iter()
        .map(|shown| SeatStay {
            person: shown.row.person,
            stay: shown.row.stay,
        })
        .collect();
    let is_room = stays.iter().any(|shown| shown.kind == PlaceKind::Room);
    let holder = seat::holder(&seat_stays).map(|held| (held.person, held.stay.since));
    let mut people: Vec<PersonAtPlace> = stays
        .iter()
        .filter(|shown| {
            let stay = &shown.row.stay;
            if is_room {
                stay.until.is_none()
            } else {
                holder == Some((shown.row.person, stay.since))
            }
        })
        .map(|shown| {
            let seen = names == Names::Shown;
            let or_nothing = |text: &String| if seen { text.clone() } else { String::new() };
            PersonAtPlace {
                person: shown.row.person,
                name: or_nothing(&shown.name),
                section: or_nothing(&shown.section),
                since_us: shown.row.stay.since.at,
            }
        })
        .collect();
    people.sort_by_key(|person| (person.since_us, person.person));
    people
}
