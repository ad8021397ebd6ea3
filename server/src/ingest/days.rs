//! The days that a batch touches: loaded once, changed in hand, folded and written at its end.

use std::collections::BTreeMap;

use chrono::NaiveDate;
use kokoni_model::clock::Timestamp;
use kokoni_model::event::Epoch;
use kokoni_model::ids::{DeviceId, OrganisationId, PersonId, PlaceId, SiteId};
use kokoni_model::rules::day::{Day, Entry, Presence, Step};
use kokoni_model::rules::order::OrderKey;

use crate::params;
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

    /// Folds every touched day anew and writes what became of it.
    pub(crate) fn settle(self, tx: &Tx<'_>, today: NaiveDate) -> Result<SettledDays, StoreError> {
        let (organisation, person) = (self.organisation, self.person);
        let mut changed = Vec::new();
        let mut day_of_today = None;
        for (date, day) in self.in_hand {
            if !day.touched {
                continue;
            }
            let folded = Day::fold(day.entries.into_iter().map(|(entry, _)| entry));
            let before = me::day(tx, organisation, person, date)?;
            if folded != before {
                write(tx, organisation, person, date, &before, &folded)?;
            }
            if date == today {
                changed = places_that_differ(&before, &folded);
                day_of_today = Some(folded);
            }
        }
        Ok(SettledDays {
            changed,
            today: day_of_today,
        })
    }
}

/// What the days came to.
pub(crate) struct SettledDays {
    /// The places that look different today.
    pub(crate) changed: Vec<PlaceId>,
    /// The person's day of today, if it was touched.
    pub(crate) today: Option<Day>,
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

/// Writes what differs: an event in the evening must not write the whole day again.
fn write(
    tx: &Tx<'_>,
    organisation: OrganisationId,
    person: PersonId,
    date: NaiveDate,
    before: &Day,
    day: &Day,
) -> Result<(), StoreError> {
    if day.stays.len() < before.stays.len() {
        tx.exec(
            "DELETE FROM stay
             WHERE organisation = $1 AND working_date = $2 AND person = $3 AND number > $4",
            params![organisation, date, person, day.stays.len() as u64],
        )?;
    }
    let (Some(first), Some(last)) = (day.first, day.last) else {
        tx.exec(
            "DELETE FROM person_day WHERE organisation = $1 AND working_date = $2 AND person = $3",
            params![organisation, date, person],
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
    let differing = (0..)
        .zip(&day.stays)
        .filter(|&(index, stay)| before.stays.get(index) != Some(stay));
    tx.exec_many(
        "INSERT INTO stay (organisation, working_date, person, number, place, telework, since_us,
             since_device, since_epoch, since_seq, until_us)
         VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11)
         ON CONFLICT (organisation, working_date, person, number) DO UPDATE
         SET place = excluded.place, telework = excluded.telework, since_us = excluded.since_us,
             since_device = excluded.since_device, since_epoch = excluded.since_epoch,
             since_seq = excluded.since_seq, until_us = excluded.until_us",
        differing.map(|(index, stay)| {
            params![
                organisation,
                date,
                person,
                index as u64 + 1,
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
