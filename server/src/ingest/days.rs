//! The days that a batch touches: loaded once, changed in hand, folded and written at its end.

use std::collections::BTreeMap;

use chrono::NaiveDate;
use kokoni_model::clock::Timestamp;
use kokoni_model::event::Epoch;
use kokoni_model::ids::{DeviceId, FloorId, OrganisationId, PersonId, PlaceId, SiteId};
use kokoni_model::rules::day::{Day, Entry, Presence, Step};
use kokoni_model::rules::order::OrderKey;

use crate::params;
use crate::presence::day_end;
use crate::presence::feed::{self, FloorHint};
use crate::presence::me;
use crate::store::{AsJson, StoreError, Tx};

/// The days of one person that a batch touches.
pub(crate) struct Days {
    organisation: OrganisationId,
    person: PersonId,
    in_hand: BTreeMap<NaiveDate, DayInHand>,
}

#[derive(Default)]
struct DayInHand {
    entries: Vec<(Entry, Option<SiteId>)>,
    touched: bool,
}

impl Days {
    /// None in hand yet.
    pub(crate) fn of(organisation: OrganisationId, person: PersonId) -> Self {
        Self {
            organisation,
            person,
            in_hand: BTreeMap::new(),
        }
    }

    fn day(&mut self, tx: &Tx<'_>, date: NaiveDate) -> Result<&mut DayInHand, StoreError> {
        use std::collections::btree_map::Entry as Slot;
        match self.in_hand.entry(date) {
            Slot::Occupied(slot) => Ok(slot.into_mut()),
            Slot::Vacant(slot) => {
                let entries = load(tx, self.organisation, self.person, date)?;
                Ok(slot.insert(DayInHand {
                    entries,
                    touched: false,
                }))
            }
        }
    }

    /// Where the person was just before this place in the history.
    pub(crate) fn presence_before(
        &mut self,
        tx: &Tx<'_>,
        date: NaiveDate,
        key: OrderKey,
    ) -> Result<Presence, StoreError> {
        let day = self.day(tx, date)?;
        let before = day.entries.iter().map(|(entry, _)| *entry);
        Ok(Day::fold(before.filter(|entry| entry.key < key)).presence())
    }

    /// The person's latest earlier scan at a site on that day.
    pub(crate) fn site_before(
        &mut self,
        tx: &Tx<'_>,
        date: NaiveDate,
        key: OrderKey,
    ) -> Result<Option<(SiteId, Timestamp)>, StoreError> {
        let day = self.day(tx, date)?;
        Ok(day
            .entries
            .iter()
            .filter(|(entry, _)| entry.key < key)
            .filter_map(|(entry, site)| site.map(|site| (entry.key, site)))
            .max_by_key(|(key, _)| *key)
            .map(|(key, site)| (site, key.at)))
    }

    /// Adds an event's step.
    pub(crate) fn add(
        &mut self,
        tx: &Tx<'_>,
        date: NaiveDate,
        entry: Entry,
        site: Option<SiteId>,
    ) -> Result<(), StoreError> {
        let day = self.day(tx, date)?;
        day.entries.push((entry, site));
        day.touched = true;
        Ok(())
    }

    /// Takes an event's step out again.
    pub(crate) fn remove(
        &mut self,
        tx: &Tx<'_>,
        date: NaiveDate,
        device: DeviceId,
        epoch: Epoch,
        seq: u64,
    ) -> Result<(), StoreError> {
        let day = self.day(tx, date)?;
        day.entries.retain(|(Entry { key, .. }, _)| {
            (key.device, key.epoch, key.seq) != (device, epoch, seq)
        });
        day.touched = true;
        Ok(())
    }

    /// Folds every touched day anew and writes what became of it. Gives the floors of today that
    /// look different now.
    pub(crate) fn settle(
        self,
        tx: &Tx<'_>,
        today: NaiveDate,
        now: Timestamp,
    ) -> Result<Vec<FloorHint>, StoreError> {
        let (organisation, person) = (self.organisation, self.person);
        let mut changed = Vec::new();
        for (date, day) in self.in_hand {
            if !day.touched {
                continue;
            }
            let folded = Day::fold(day.entries.into_iter().map(|(entry, _)| entry));
            let before = me::day(tx, organisation, person, date)?;
            if folded == before {
                continue;
            }
            write(tx, organisation, person, date, &folded)?;
            if date == today {
                changed = places_that_differ(&before, &folded);
            }
        }
        tell_floors(tx, organisation, &changed, today, now)
    }
}

fn load(
    tx: &Tx<'_>,
    organisation: OrganisationId,
    person: PersonId,
    date: NaiveDate,
) -> Result<Vec<(Entry, Option<SiteId>)>, StoreError> {
    type Row = (
        Timestamp,
        DeviceId,
        Epoch,
        u64,
        AsJson<Step>,
        Option<SiteId>,
    );
    let rows: Vec<Row> = tx.query(
        "SELECT counted_us, device, epoch, seq, step, site FROM event
         WHERE organisation = $1 AND person = $2 AND working_date = $3
             AND step IS NOT NULL AND withdrawn_by IS NULL",
        params![organisation, person, date],
    )?;
    Ok(rows
        .into_iter()
        .map(|(at, device, epoch, seq, AsJson(step), site)| {
            let key = OrderKey {
                at,
                device,
                epoch,
                seq,
            };
            (Entry { key, step }, site)
        })
        .collect())
}

fn write(
    tx: &Tx<'_>,
    organisation: OrganisationId,
    person: PersonId,
    date: NaiveDate,
    day: &Day,
) -> Result<(), StoreError> {
    let key = params![organisation, date, person];
    tx.exec(
        "DELETE FROM stay WHERE organisation = $1 AND working_date = $2 AND person = $3",
        key,
    )?;
    let (Some(first), Some(last)) = (day.first, day.last) else {
        tx.exec(
            "DELETE FROM person_day WHERE organisation = $1 AND working_date = $2 AND person = $3",
            key,
        )?;
        return Ok(());
    };
    tx.exec(
        "INSERT INTO person_day (organisation, working_date, person, first_us, last_us)
         VALUES ($1, $2, $3, $4, $5)
         ON CONFLICT (organisation, working_date, person) DO UPDATE
         SET first_us = excluded.first_us, last_us = excluded.last_us",
        params![organisation, date, person, first, last],
    )?;
    tx.exec_many(
        "INSERT INTO stay (organisation, working_date, person, number, place, telework, since_us,
             since_device, since_epoch, since_seq, until_us)
         VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11)",
        (1i64..).zip(&day.stays).map(|(number, stay)| {
            params![
                organisation,
                date,
                person,
                number,
                stay.place,
                stay.telework,
                stay.since.at,
                stay.since.device,
                stay.since.epoch,
                stay.since.seq,
                stay.until
            ]
            .to_vec()
        }),
    )
}

fn places_that_differ(before: &Day, after: &Day) -> Vec<PlaceId> {
    let only_in = |one: &Day, other: &Day| -> Vec<PlaceId> {
        one.stays
            .iter()
            .filter(|stay| !other.stays.contains(stay))
            .map(|stay| stay.place)
            .collect()
    };
    let mut places = only_in(before, after);
    places.extend(only_in(after, before));
    places.sort_unstable();
    places.dedup();
    places
}

fn tell_floors(
    tx: &Tx<'_>,
    organisation: OrganisationId,
    changed: &[PlaceId],
    today: NaiveDate,
    now: Timestamp,
) -> Result<Vec<FloorHint>, StoreError> {
    let mut floors: BTreeMap<FloorId, Vec<PlaceId>> = BTreeMap::new();
    for place in changed {
        let floor: Option<FloorId> = tx.one(
            "SELECT floor FROM place WHERE organisation = $1 AND id = $2",
            params![organisation, *place],
        )?;
        if let Some(floor) = floor {
            floors.entry(floor).or_default().push(*place);
        }
    }
    floors
        .into_iter()
        .map(|(floor, places)| {
            day_end::turn_floor(tx, organisation, floor, today, now)?;
            let version = feed::note(tx, organisation, floor, &places, today, now)?;
            Ok(FloorHint {
                organisation,
                floor,
                version,
            })
        })
        .collect()
}
