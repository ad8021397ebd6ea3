//! What ingest keeps from one group of batches to the next, so that it asks the database only what
//! it does not know. It is a copy and never the truth: every transaction asks whether anybody else
//! has written since, and reads at which version the organisation's layout is. Whatever does not
//! come from ingest itself and changes what is kept here moves that version on.
//!
//! While a group is written its memory belongs to the transaction; it is handed back after the
//! commit, and lost with what was not committed.

use std::collections::HashMap;
use std::hash::Hash;
use std::sync::Arc;

use chrono::NaiveDate;
use kokoni_model::calendar::PersonCalendar;
use kokoni_model::event::Epoch;
use kokoni_model::ids::{BootId, DeviceId, OrganisationId, PersonId, PlaceId};
use kokoni_model::rules::day::{Day, Presence, Stay};
use kokoni_model::rules::lending::Loan;
use kokoni_model::rules::order::OrderKey;
use kokoni_model::wire::views::{MyState, PresenceView};

use super::layout::Layout;
use super::rows::{self, Queue, Sender, Standing};
use crate::auth::Role;
use crate::lending;
use crate::organisation::Organisation;
use crate::params;
use crate::presence::me;
use crate::presence::steps::StepAt;
use crate::store::{Columns, FromRow, StoreError, Tx};

/// Entries of each kind that are kept; with more, all are forgotten and read again.
const MOST: usize = 32_768;

/// A day of more steps is no person's and is read again.
const MOST_STEPS: usize = 256;

/// What is kept of the organisations whose phones came by.
#[derive(Default)]
pub(super) struct Memory {
    others_wrote: Option<i64>,
    organisations: HashMap<OrganisationId, Remembered>,
}

/// What is kept of one organisation.
#[derive(Default)]
pub(super) struct Remembered {
    version: u64,
    /// What labels and places are.
    pub(super) layout: Layout,
    senders: HashMap<DeviceId, (Role, Arc<PersonCalendar>)>,
    /// What events have come to.
    pub(super) recent: Recent,
}

/// What the latest events have come to.
#[derive(Default)]
pub(super) struct Recent {
    queues: HashMap<(DeviceId, Epoch), Standing>,
    loans: HashMap<PersonId, Vec<Loan>>,
    today: NaiveDate,
    steps: HashMap<PersonId, Vec<StepAt>>,
    boots: HashMap<BootId, Vec<PersonId>>,
    latest: HashMap<PlaceId, OrderKey>,
}

impl Memory {
    /// Forgets what others may have changed since the last transaction.
    pub(super) fn begin(&mut self, tx: &Tx<'_>) -> Result<(), StoreError> {
        let others_wrote = tx.others_wrote()?;
        if others_wrote.is_none() || others_wrote != self.others_wrote {
            for remembered in self.organisations.values_mut() {
                remembered.recent = Recent::default();
            }
        }
        self.others_wrote = others_wrote;
        Ok(())
    }

    /// Forgets everything: some of it is being undone.
    pub(super) fn forget(&mut self) {
        self.organisations.clear();
    }

    /// What is kept of an organisation that has just been read; nothing when its layout has changed.
    pub(super) fn of(&mut self, organisation: &Organisation) -> &mut Remembered {
        let remembered = self.organisations.entry(organisation.id).or_default();
        if remembered.version != organisation.layout_version {
            *remembered = Remembered {
                version: organisation.layout_version,
                ..Remembered::default()
            };
        }
        remembered
    }

    /// The layout of an organisation that was asked for in this transaction already.
    pub(super) fn layout(&mut self, organisation: OrganisationId) -> &mut Layout {
        &mut self.organisations.entry(organisation).or_default().layout
    }
}

impl Remembered {
    /// Who sends this queue; `None` when the device has been revoked, though its token may have
    /// been good when the request came.
    pub(super) fn sender(
        &mut self,
        tx: &Tx<'_>,
        queue: Queue,
    ) -> Result<Option<Sender>, StoreError> {
        let (role, calendar) = match self.senders.get(&queue.device) {
            Some((role, calendar)) => (*role, Arc::clone(calendar)),
            None => {
                let Some((role, calendar)) = rows::person_of(tx, queue)? else {
                    return Ok(None);
                };
                let calendar = Arc::new(calendar);
                keep(
                    &mut self.senders,
                    queue.device,
                    (role, Arc::clone(&calendar)),
                );
                (role, calendar)
            }
        };
        let standing = match self.recent.queues.get(&(queue.device, queue.epoch)) {
            Some(standing) => *standing,
            None => rows::standing(tx, queue)?,
        };
        Ok(Some(Sender {
            role,
            calendar,
            standing,
        }))
    }
}

impl Recent {
    /// How far a queue has come now.
    pub(super) fn keep_standing(&mut self, queue: Queue, standing: Standing) {
        keep(&mut self.queues, (queue.device, queue.epoch), standing);
    }

    /// Some loans have begun or ended.
    pub(super) fn forget_loans(&mut self) {
        self.loans.clear();
    }

    /// Only one day is kept: what is kept from here on is of this one.
    pub(super) fn turn_to(&mut self, today: NaiveDate) {
        if self.today != today {
            self.today = today;
            self.steps.clear();
            self.boots.clear();
            self.latest.clear();
        }
    }

    /// Takes out the steps of a person's day.
    pub(super) fn take_steps(&mut self, person: PersonId) -> Option<(NaiveDate, Vec<StepAt>)> {
        self.steps.remove(&person).map(|steps| (self.today, steps))
    }

    /// Puts in the steps of a person's day.
    pub(super) fn keep_steps(&mut self, person: PersonId, steps: Vec<StepAt>) {
        if steps.len() <= MOST_STEPS {
            keep(&mut self.steps, person, steps);
        }
    }

    /// Who recorded on the same start of a phone's system on that day, this person now among them.
    pub(super) fn on_same_boot(
        &mut self,
        tx: &Tx<'_>,
        organisation: OrganisationId,
        date: NaiveDate,
        boot: BootId,
        person: PersonId,
    ) -> Result<Vec<PersonId>, StoreError> {
        let known = self.boots.get(&boot).filter(|_| date == self.today);
        if let Some(people) = known.filter(|people| people.contains(&person)) {
            return Ok(people.clone());
        }
        let mut people: Vec<PersonId> = tx.query(
            "SELECT person FROM boot_use
             WHERE organisation = $1 AND working_date = $2 AND boot = $3",
            params![organisation, date, boot],
        )?;
        if !people.contains(&person) {
            tx.exec(
                "INSERT INTO boot_use (organisation, working_date, boot, person)
                 VALUES ($1, $2, $3, $4)",
                params![organisation, date, boot, person],
            )?;
            people.push(person);
        }
        if date == self.today {
            keep(&mut self.boots, boot, people.clone());
        }
        Ok(people)
    }

    /// A person's stays of today are these now.
    pub(super) fn came(&mut self, stays: &[Stay]) {
        for stay in stays {
            if let Some(latest) = self.latest.get_mut(&stay.place) {
                *latest = stay.since.max(*latest);
            }
        }
    }

    /// As [`me::with_day`] of the day that is kept, as far as possible from what is remembered.
    pub(super) fn my_state(
        &mut self,
        tx: &Tx<'_>,
        organisation: OrganisationId,
        person: PersonId,
        day: &Day,
    ) -> Result<MyState, StoreError> {
        let presence = match (day.presence(), day.current()) {
            (Presence::Present { place, since }, Some(stay))
                if self.is_latest(tx, organisation, stay)? =>
            {
                PresenceView::Present {
                    place,
                    since_us: since,
                }
            }
            _ => me::view(tx, organisation, person, self.today, day)?,
        };
        Ok(MyState {
            date: self.today,
            presence,
            first_us: day.first,
            telework_declared: day.telework_declared(),
            loans: self.loans(tx, organisation, person)?,
        })
    }

    /// Whether nobody has come to a place of today later than this stay there began.
    fn is_latest(
        &mut self,
        tx: &Tx<'_>,
        organisation: OrganisationId,
        stay: &Stay,
    ) -> Result<bool, StoreError> {
        if let Some(latest) = self.latest.get(&stay.place) {
            return Ok(*latest <= stay.since);
        }
        let latest: Option<Since> = tx.first(
            "SELECT since_us, since_device, since_epoch, since_seq FROM stay
             WHERE organisation = $1 AND working_date = $2 AND place = $3
             ORDER BY since_us DESC, since_device DESC, since_epoch DESC, since_seq DESC LIMIT 1",
            params![organisation, self.today, stay.place],
        )?;
        let latest = latest.map_or(stay.since, |Since(latest)| latest.max(stay.since));
        keep(&mut self.latest, stay.place, latest);
        Ok(latest <= stay.since)
    }

    fn loans(
        &mut self,
        tx: &Tx<'_>,
        organisation: OrganisationId,
        person: PersonId,
    ) -> Result<Vec<Loan>, StoreError> {
        if let Some(loans) = self.loans.get(&person) {
            return Ok(loans.clone());
        }
        let loans = lending::of_person(tx, organisation, person)?;
        keep(&mut self.loans, person, loans.clone());
        Ok(loans)
    }
}

/// When a stay began.
struct Since(OrderKey);

impl FromRow for Since {
    fn from_row(columns: &mut Columns) -> Result<Self, StoreError> {
        Ok(Self(OrderKey {
            at: columns.take()?,
            device: columns.take()?,
            epoch: columns.take()?,
            seq: columns.take()?,
        }))
    }
}

fn keep<K: Eq + Hash, V>(known: &mut HashMap<K, V>, key: K, value: V) {
    if known.len() >= MOST {
        known.clear();
    }
    known.insert(key, value);
}
