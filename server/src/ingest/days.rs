//! The days that a batch touches: their steps are loaded once and changed in hand; at the batch's
//! end each day is folded anew and what differs is written.

use std::collections::BTreeMap;

use chrono::NaiveDate;
use kokoni_model::clock::Timestamp;
use kokoni_model::event::Epoch;
use kokoni_model::ids::{DeviceId, OrganisationId, PersonId, PlaceId, SiteId};
use kokoni_model::rules::day::{Day, Entry, Stay};
use kokoni_model::rules::order::OrderKey;

use crate::presence::steps::{self, StepAt};
use crate::store::{StoreError, Tx, Value};
use crate::{params, row};

/// The days of one person that a batch touches.
pub(crate) struct Days {
    organisation: OrganisationId,
    person: PersonId,
    in_hand: BTreeMap<NaiveDate, DayInHand>,
    known: Option<(NaiveDate, Vec<StepAt>)>,
}

/// A day before the batch, and what the batch does to it.
struct DayInHand {
    before: Day,
    steps: Vec<StepAt>,
    added: Vec<StepAt>,
    touched: bool,
}

impl DayInHand {
    fn of(steps: Vec<StepAt>) -> Self {
        Self {
            before: Day::fold(steps.iter().map(|step| step.entry)),
            steps,
            added: Vec::new(),
            touched: false,
        }
    }

    fn all(&self) -> impl Iterator<Item = &StepAt> {
        self.steps.iter().chain(&self.added)
    }
}

impl Days {
    /// None in hand yet; the steps of one day may be known.
    pub(crate) fn of(
        organisation: OrganisationId,
        person: PersonId,
        known: Option<(NaiveDate, Vec<StepAt>)>,
    ) -> Self {
        Self {
            known,
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
                let steps = match self.known.take_if(|(known, _)| *known == date) {
                    Some((_, steps)) => steps,
                    None => steps::of_day(tx, self.organisation, self.person, date)?,
                };
                Ok(slot.insert(DayInHand::of(steps)))
            }
        }
    }

    /// The person's day as it was just before this place in the history.
    pub(crate) fn day_before(
        &mut self,
        tx: &Tx<'_>,
        date: NaiveDate,
        key: OrderKey,
    ) -> Result<Day, StoreError> {
        let day = self.day(tx, date)?;
        let before = day.all().map(|step| step.entry);
        Ok(Day::fold(before.filter(|entry| entry.key < key)))
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
            .all()
            .filter(|step| step.entry.key < key)
            .filter_map(|step| step.site.map(|site| (step.entry.key, site)))
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
        day.added.push(StepAt { entry, site });
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
        let is_it = |step: &StepAt| {
            let key = step.entry.key;
            (key.device, key.epoch, key.seq) == (device, epoch, seq)
        };
        day.steps.retain(|step| !is_it(step));
        day.added.retain(|step| !is_it(step));
        day.touched = true;
        Ok(())
    }

    /// Folds every touched day anew and writes what became of it.
    pub(crate) fn settle(
        mut self,
        tx: &Tx<'_>,
        today: NaiveDate,
    ) -> Result<SettledDays, StoreError> {
        let (organisation, person) = (self.organisation, self.person);
        self.day(tx, today)?;
        let mut settled = SettledDays::default();
        for (date, mut day) in self.in_hand {
            let before = day.before;
            let folded = if day.touched {
                let steps = day.steps.iter().chain(&day.added);
                let folded = Day::fold(steps.map(|step| step.entry));
                write_stays(tx, organisation, person, date, &before, &folded)?;
                folded
            } else {
                before.clone()
            };
            if date == today {
                day.steps.append(&mut day.added);
                settled = SettledDays {
                    changed: places_that_differ(&before, &folded),
                    today: folded,
                    steps: day.steps,
                };
            }
        }
        Ok(settled)
    }
}

/// What the days came to.
#[derive(Default)]
pub(crate) struct SettledDays {
    /// The places that look different today.
    pub(crate) changed: Vec<PlaceId>,
    /// The person's day of today.
    pub(crate) today: Day,
    /// The steps of it.
    pub(crate) steps: Vec<StepAt>,
}

/// Writes the stays that differ: an event in the evening must not write the whole day again.
fn write_stays(
    tx: &Tx<'_>,
    organisation: OrganisationId,
    person: PersonId,
    date: NaiveDate,
    before: &Day,
    after: &Day,
) -> Result<(), StoreError> {
    let same_row = |one: &Stay, other: &Stay| (one.place, one.since) == (other.place, other.since);
    let key = |stay: &Stay| -> Vec<Value> {
        row![
            organisation,
            date,
            stay.place,
            stay.since.at,
            stay.since.device,
            stay.since.epoch,
            stay.since.seq
        ]
    };
    let gone = only_in(before, after)
        .filter(|stay| !after.stays.iter().any(|other| same_row(stay, other)));
    tx.exec_many(
        "DELETE FROM stay
         WHERE organisation = $1 AND working_date = $2 AND place = $3 AND since_us = $4
             AND since_device = $5 AND since_epoch = $6 AND since_seq = $7",
        gone.map(key),
    )?;
    tx.exec_many(
        "INSERT INTO stay (organisation, working_date, place, since_us, since_device, since_epoch,
             since_seq, person, telework, until_us)
         VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10)
         ON CONFLICT (organisation, working_date, place, since_us, since_device, since_epoch,
             since_seq) DO UPDATE
         SET telework = excluded.telework, until_us = excluded.until_us",
        only_in(after, before).map(|stay| {
            let mut row = key(stay);
            row.extend_from_slice(params![person, stay.telework, stay.until]);
            row
        }),
    )
}

/// The stays that one day has, as they are there, and the other has not.
fn only_in<'d>(one: &'d Day, other: &'d Day) -> impl Iterator<Item = &'d Stay> {
    one.stays.iter().filter(|stay| !other.stays.contains(stay))
}

fn places_that_differ(before: &Day, after: &Day) -> Vec<PlaceId> {
    let mut places: Vec<PlaceId> = only_in(before, after)
        .chain(only_in(after, before))
        .map(|stay| stay.place)
        .collect();
    places.sort_unstable();
    places.dedup();
    places
}
