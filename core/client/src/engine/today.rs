//! Today: the person's day as the phone knows it, with or without a network.
//!
//! The phone folds its own events, unsent ones included. What the server says of the person covers
//! all their devices and who came to their seat later; it counts unless something that moves the
//! person still waits to be sent.

use std::collections::HashSet;

use chrono::NaiveDate;
use kokoni_model::calendar::Calendar;
use kokoni_model::clock::{ClockReading, Timestamp};
use kokoni_model::event::{Act, Epoch, Meaning};
use kokoni_model::ids::ItemId;
use kokoni_model::rules::day::{Day, Entry, Presence, Step};
use kokoni_model::rules::lending::Loan;
use kokoni_model::rules::meaning::Target;
use kokoni_model::rules::order::{OrderKey, counted_moment};
use kokoni_model::wire::directory::DirectoryEntry;
use kokoni_model::wire::views::{MyState, PresenceView};
use rusqlite::Transaction;
use serde::Serialize;

use super::identity::EnrolledIdentity;
use super::{Engine, server_now};
use crate::error::{ClientError, StoreError};
use crate::store::listed::{self, Listed};
use crate::store::queue::{self, Row};
use crate::store::{directory, server};
use crate::time::{TimeReference, corrected};

/// The person's day as the phone knows it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Today {
    /// The working day.
    pub date: NaiveDate,
    /// What this phone's own events of the day add up to, unsent ones included, withdrawn and
    /// rejected ones not.
    pub day: Day,
    /// Where the person is, by all that is known here.
    pub presence: PresenceView,
    /// The first record of the day, on any device.
    pub first_us: Option<Timestamp>,
    /// Whether telework was declared.
    pub telework_declared: bool,
    /// What the person has borrowed.
    pub loans: Vec<Loan>,
    /// How many events wait to be sent.
    pub waiting: u64,
    /// How many the server refused and the person has not settled.
    pub rejected: u64,
}

impl Engine {
    /// The day so far. Never asks the network.
    ///
    /// # Errors
    /// [`ClientError::NotEnrolled`]; when the database cannot be read.
    pub fn today(&self) -> Result<Today, ClientError> {
        let now = self.0.now();
        let today = self.0.store.read(|tx| {
            let identity: Option<EnrolledIdentity> = server::identity(tx)?;
            identity
                .map(|identity| today(tx, &identity, &now))
                .transpose()
        })?;
        today.ok_or(ClientError::NotEnrolled)
    }
}

/// The organisation's calendar; the usual one until the directory has come.
pub(super) fn calendar(tx: &Transaction<'_>) -> Result<Calendar, StoreError> {
    Ok(match directory::entry(tx, "calendar", "")? {
        Some(DirectoryEntry::Calendar(calendar)) => *calendar,
        _ => Calendar::default(),
    })
}

/// The working day of a moment; a moment outside all calendars has the epoch's.
fn date_of(calendar: &Calendar, at: Timestamp) -> NaiveDate {
    calendar.working_date(at).unwrap_or_default()
}

pub(super) fn today(
    tx: &Transaction<'_>,
    identity: &EnrolledIdentity,
    now: &ClockReading,
) -> Result<Today, StoreError> {
    let calendar = calendar(tx)?;
    let reference: Option<TimeReference> = server::time_reference(tx)?;
    let now_us = server_now(tx, now)?;
    let date = date_of(&calendar, now_us);
    let moment = |clock: &ClockReading| corrected(reference.as_ref(), clock, now);
    let rows = queue::latest(tx, |event| date_of(&calendar, moment(&event.clock)) == date)?;
    let withdrawn: HashSet<(Epoch, u64)> = rows
        .iter()
        .filter(|row| counts(row))
        .filter_map(|row| match row.event.act {
            Act::Withdraw { seq } => Some((row.event.epoch, seq)),
            Act::Scan { .. } | Act::Unknown => None,
        })
        .collect();
    let mut own = Own::default();
    let mut previous = None;
    for row in &rows {
        let at = counted_moment(moment(&row.event.clock), now_us, previous);
        previous = Some(at);
        let standing = counts(row) && !withdrawn.contains(&(row.event.epoch, row.event.seq));
        own.take(tx, identity, row, at, standing)?;
    }
    let day = Day::fold(own.entries);
    let me: Option<MyState> = server::me(tx)?.filter(|me: &MyState| me.date == date);
    let presence = match &me {
        Some(me) if !own.moves_wait => me.presence.clone(),
        _ => presence_view(day.presence()),
    };
    let me_first = me.as_ref().and_then(|me| me.first_us);
    let loans_before: Option<MyState> = server::me(tx)?;
    Ok(Today {
        date,
        presence,
        first_us: [me_first, day.first].into_iter().flatten().min(),
        telework_declared: day.telework_declared() || me.is_some_and(|me| me.telework_declared),
        loans: apply_loans(
            loans_before.map(|me| me.loans).unwrap_or_default(),
            identity,
            &own.lendings,
        ),
        day,
        waiting: listed::count(tx, Listed::Waiting)?,
        rejected: listed::count(tx, Listed::Rejected)?,
    })
}

/// Whether an event stands, as far as is known.
fn counts(row: &Row) -> bool {
    waits(row) || row.state == "applied"
}

/// Whether it waits and may count; what the person has settled is only sent again.
fn waits(row: &Row) -> bool {
    row.state == "waiting" && row.rejection.is_none()
}

/// What this phone's own events say.
#[derive(Default)]
struct Own {
    entries: Vec<Entry>,
    /// Unsent borrowing (with its moment) and bringing back, in order.
    lendings: Vec<(ItemId, Option<Timestamp>)>,
    /// Whether something that moves the person waits to be sent.
    moves_wait: bool,
}

impl Own {
    fn take(
        &mut self,
        tx: &Transaction<'_>,
        identity: &EnrolledIdentity,
        row: &Row,
        at: Timestamp,
        standing: bool,
    ) -> Result<(), StoreError> {
        let waits = waits(row);
        let Act::Scan { label, meaning, .. } = &row.event.act else {
            self.moves_wait |= waits;
            return Ok(());
        };
        if !standing {
            return Ok(());
        }
        let target = match &row.target {
            Some(target) => Some(target.clone()),
            None => directory::target(tx, *label)?,
        };
        let step = step(meaning, target.as_ref());
        self.moves_wait |= waits && step != Step::Other;
        if let (true, Some(Target::Item { item })) = (waits, &target) {
            match meaning {
                Meaning::Borrow => self.lendings.push((*item, Some(at))),
                Meaning::Return => self.lendings.push((*item, None)),
                _ => {}
            }
        }
        self.entries.push(Entry {
            key: OrderKey {
                at,
                device: identity.device,
                epoch: row.event.epoch,
                seq: row.event.seq,
            },
            step,
        });
        Ok(())
    }
}

/// What a scan does to the day, as far as the phone knows the label.
fn step(meaning: &Meaning, target: Option<&Target>) -> Step {
    match (meaning, target) {
        (Meaning::Sit | Meaning::Undecided, Some(Target::Place { place })) => {
            Step::Arrive { place: *place }
        }
        (Meaning::Telework | Meaning::Undecided, Some(Target::Home { place, .. })) => {
            Step::StartTelework { place: *place }
        }
        (Meaning::Leave, _) | (Meaning::Undecided, Some(Target::Exit { .. })) => Step::Leave,
        (Meaning::EndTelework, _) => Step::EndTelework,
        _ => Step::Other,
    }
}

fn apply_loans(
    mut loans: Vec<Loan>,
    identity: &EnrolledIdentity,
    lendings: &[(ItemId, Option<Timestamp>)],
) -> Vec<Loan> {
    for (item, since) in lendings {
        let known = loans.iter().position(|loan| loan.item == *item);
        match (since, known) {
            (Some(since), None) => loans.push(Loan {
                item: *item,
                person: identity.person,
                since_us: *since,
                due_us: None,
            }),
            (None, Some(index)) => {
                loans.remove(index);
            }
            _ => {}
        }
    }
    loans
}

fn presence_view(presence: Presence) -> PresenceView {
    match presence {
        Presence::NoRecord => PresenceView::NoRecord,
        Presence::Present { place, since } => PresenceView::Present {
            place,
            since_us: since,
        },
        Presence::Telework { since } => PresenceView::Telework { since_us: since },
        Presence::Away { since } => PresenceView::Away { since_us: since },
    }
}

/// Presence as the rules take it: somebody who lost the seat to a later comer is nowhere.
pub(super) fn presence_of(view: &PresenceView) -> Presence {
    match *view {
        PresenceView::NoRecord | PresenceView::Unknown => Presence::NoRecord,
        PresenceView::Present { place, since_us } => Presence::Present {
            place,
            since: since_us,
        },
        PresenceView::Telework { since_us } => Presence::Telework { since: since_us },
        PresenceView::Away { since_us } | PresenceView::Displaced { since_us, .. } => {
            Presence::Away { since: since_us }
        }
    }
}
