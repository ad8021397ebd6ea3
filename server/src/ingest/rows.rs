//! How an answered event lies in the database, and how it is found again.

use std::sync::Arc;

use chrono::NaiveDate;
use kokoni_model::calendar::PersonCalendar;
use kokoni_model::clock::Timestamp;
use kokoni_model::event::{Epoch, EventHash};
use kokoni_model::ids::{DeviceId, EventId, OrganisationId, PersonId, SiteId};
use kokoni_model::rules::day::Step;
use kokoni_model::rules::implausible::Flag;
use kokoni_model::wire::events::RejectReason;
use serde::{Deserialize, Serialize};

use crate::auth::Role;
use crate::store::{AsJson, AsWord, StoreError, Tx, Value};
use crate::{params, row};

/// Which queue: the first three parts of an event's identity.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Queue {
    /// The tenant.
    pub(crate) organisation: OrganisationId,
    /// The device.
    pub(crate) device: DeviceId,
    /// The life of its queue.
    pub(crate) epoch: Epoch,
}

/// What was answered, for ever.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(crate) enum Answered {
    /// It counts, or counted until it was taken back.
    Applied,
    /// It never counted.
    Rejected,
}

/// An event that has been answered for.
#[derive(Clone, Debug)]
pub(crate) struct EventRow {
    /// Its number.
    pub(crate) seq: u64,
    /// SHA-256 of its bytes.
    pub(crate) hash: EventHash,
    /// Its id, when it could be read.
    pub(crate) id: Option<EventId>,
    /// Whose it is.
    pub(crate) person: PersonId,
    /// Its bytes.
    pub(crate) raw: Option<Box<str>>,
    /// The moment at which it counts; nothing for what is no event.
    pub(crate) counted: Option<Timestamp>,
    /// The clock's correction when it came.
    pub(crate) correction_us: i64,
    /// When it came.
    pub(crate) received: Timestamp,
    /// The working day it belongs to.
    pub(crate) date: Option<NaiveDate>,
    /// What was answered.
    pub(crate) answered: Answered,
    /// Why it was rejected.
    pub(crate) reason: Option<RejectReason>,
    /// Whom the rejection concerns.
    pub(crate) who: Option<PersonId>,
    /// What it does to its person's day.
    pub(crate) step: Option<Step>,
    /// The site of its label.
    pub(crate) site: Option<SiteId>,
    /// What is odd about it.
    pub(crate) flags: Vec<Flag>,
    /// The number of the event that took it back.
    pub(crate) withdrawn_by: Option<u64>,
    /// The number of the event that sends it again.
    pub(crate) replaced_by: Option<u64>,
}

/// Writes rows.
///
/// # Errors
/// Those of the store.
pub(crate) fn insert(tx: &Tx<'_>, queue: Queue, rows: &[EventRow]) -> Result<(), StoreError> {
    tx.exec_many(
        "INSERT INTO event (organisation, device, epoch, seq, hash, id, person, raw, counted_us,
             correction_us, received_us, working_date, outcome, reason, who, step, site, flags,
             withdrawn_by, replaced_by)
         VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16, $17, $18,
             $19, $20)",
        rows.iter().map(|row| values(queue, row)),
    )
}

fn values(queue: Queue, row: &EventRow) -> Vec<Value> {
    row![
        queue.organisation,
        queue.device,
        queue.epoch,
        row.seq,
        row.hash,
        row.id,
        row.person,
        row.raw.as_deref().map(str::to_owned),
        row.counted,
        row.correction_us,
        row.received,
        row.date,
        AsWord(row.answered),
        row.reason.clone().map(AsWord),
        row.who,
        row.step.map(AsJson),
        row.site,
        AsJson(row.flags.clone()),
        row.withdrawn_by,
        row.replaced_by
    ]
}

/// What is known of an event that has been answered for.
#[derive(Clone, Debug)]
pub(crate) struct Known {
    /// SHA-256 of its bytes.
    pub(crate) hash: EventHash,
    /// What was answered.
    pub(crate) answered: Answered,
    /// Why it was rejected.
    pub(crate) reason: Option<RejectReason>,
    /// Whom the rejection concerns.
    pub(crate) who: Option<PersonId>,
}

/// The answered events of a queue from one number to another.
///
/// # Errors
/// Those of the store.
pub(crate) fn known(
    tx: &Tx<'_>,
    queue: Queue,
    first: u64,
    last: u64,
) -> Result<Vec<(u64, Known)>, StoreError> {
    type Row = (
        u64,
        EventHash,
        AsWord<Answered>,
        Option<AsWord<RejectReason>>,
        Option<PersonId>,
    );
    let rows: Vec<Row> = tx.query(
        "SELECT seq, hash, outcome, reason, who FROM event
         WHERE organisation = $1 AND device = $2 AND epoch = $3 AND seq BETWEEN $4 AND $5",
        params![queue.organisation, queue.device, queue.epoch, first, last],
    )?;
    Ok(rows
        .into_iter()
        .map(|(seq, hash, AsWord(answered), reason, who)| {
            let reason = reason.map(|AsWord(reason)| reason);
            (
                seq,
                Known {
                    hash,
                    answered,
                    reason,
                    who,
                },
            )
        })
        .collect())
}

/// Where the event before a number stands in the history.
///
/// # Errors
/// Those of the store.
pub(crate) fn counted_before(
    tx: &Tx<'_>,
    queue: Queue,
    seq: u64,
) -> Result<Option<Timestamp>, StoreError> {
    tx.first(
        "SELECT counted_us FROM event
         WHERE organisation = $1 AND device = $2 AND epoch = $3 AND seq < $4
             AND counted_us IS NOT NULL
         ORDER BY seq DESC LIMIT 1",
        params![queue.organisation, queue.device, queue.epoch, seq],
    )
}

/// Where the event after a number stands in the history.
///
/// # Errors
/// Those of the store.
pub(crate) fn counted_after(
    tx: &Tx<'_>,
    queue: Queue,
    seq: u64,
) -> Result<Option<Timestamp>, StoreError> {
    tx.first(
        "SELECT counted_us FROM event
         WHERE organisation = $1 AND device = $2 AND epoch = $3 AND seq > $4
             AND counted_us IS NOT NULL
         ORDER BY seq LIMIT 1",
        params![queue.organisation, queue.device, queue.epoch, seq],
    )
}

/// Every event of an id: by which device it was sent, whose it is, and what is known of it. More
/// than one where a phone was enrolled anew and sent again what it could not know had arrived.
///
/// # Errors
/// Those of the store.
pub(crate) fn of_id(
    tx: &Tx<'_>,
    organisation: OrganisationId,
    id: EventId,
) -> Result<Vec<(DeviceId, PersonId, Known)>, StoreError> {
    type Row = (
        DeviceId,
        PersonId,
        EventHash,
        AsWord<Answered>,
        Option<AsWord<RejectReason>>,
        Option<PersonId>,
    );
    let rows: Vec<Row> = tx.query(
        "SELECT device, person, hash, outcome, reason, who FROM event
         WHERE organisation = $1 AND id = $2",
        params![organisation, id],
    )?;
    Ok(rows
        .into_iter()
        .map(|(device, person, hash, AsWord(answered), reason, who)| {
            let known = Known {
                hash,
                answered,
                reason: reason.map(|AsWord(reason)| reason),
                who,
            };
            (device, person, known)
        })
        .collect())
}

/// Who sends.
#[derive(Clone, Debug)]
pub(crate) struct Sender {
    /// What they may do.
    pub(crate) role: Role,
    /// Their own working days.
    pub(crate) calendar: Arc<PersonCalendar>,
    /// How far their queue has come.
    pub(crate) standing: Standing,
}

/// What the person of a device may do, and their own working days; `None` when the device has been
/// revoked or its person has gone.
///
/// # Errors
/// Those of the store.
pub(crate) fn person_of(
    tx: &Tx<'_>,
    queue: Queue,
) -> Result<Option<(Role, PersonCalendar)>, StoreError> {
    let found: Option<(AsWord<Role>, AsJson<PersonCalendar>)> = tx.first(
        "SELECT p.role, p.calendar FROM device d
         JOIN person p ON p.organisation = d.organisation AND p.id = d.person
         WHERE d.organisation = $1 AND d.id = $2 AND d.revoked_us IS NULL AND p.left_us IS NULL",
        params![queue.organisation, queue.device],
    )?;
    Ok(found.map(|(AsWord(role), AsJson(calendar))| (role, calendar)))
}

/// How far a queue has come.
///
/// # Errors
/// Those of the store.
pub(crate) fn standing(tx: &Tx<'_>, queue: Queue) -> Result<Standing, StoreError> {
    let last: Option<(u64, Option<Timestamp>)> = tx.first(
        "SELECT seq, counted_us FROM event
         WHERE organisation = $1 AND device = $2 AND epoch = $3 ORDER BY seq DESC LIMIT 1",
        params![queue.organisation, queue.device, queue.epoch],
    )?;
    let previous = match last {
        // The last number is of what was no event.
        Some((last, None)) => counted_before(tx, queue, last)?,
        Some((_, counted)) => counted,
        None => None,
    };
    Ok(Standing {
        held_through: last.map_or(0, |(last, _)| last),
        previous,
    })
}

/// How far a queue has come.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Standing {
    /// Every number up to this one is settled; 0 when nothing of the queue is known.
    pub(crate) held_through: u64,
    /// Where the last event that counts stands in the history.
    pub(crate) previous: Option<Timestamp>,
}

/// Notes numbers that a device says it has lost.
///
/// # Errors
/// Those of the store.
pub(crate) fn note_gap(
    tx: &Tx<'_>,
    queue: Queue,
    first: u64,
    last: u64,
    seen: Timestamp,
) -> Result<(), StoreError> {
    tx.exec(
        "INSERT INTO queue_gap (organisation, device, epoch, first_seq, last_seq, seen_us)
         VALUES ($1, $2, $3, $4, $5, $6)
         ON CONFLICT (organisation, device, epoch, first_seq)
         DO UPDATE SET last_seq = max(last_seq, excluded.last_seq)",
        params![
            queue.organisation,
            queue.device,
            queue.epoch,
            first,
            last,
            seen
        ],
    )?;
    Ok(())
}

/// Notes other content under a number already taken.
///
/// # Errors
/// Those of the store.
pub(crate) fn note_conflict(
    tx: &Tx<'_>,
    queue: Queue,
    seq: u64,
    hash: EventHash,
    received: Timestamp,
) -> Result<(), StoreError> {
    tx.exec(
        "INSERT INTO event_conflict (organisation, device, epoch, seq, hash, received_us)
         VALUES ($1, $2, $3, $4, $5, $6) ON CONFLICT DO NOTHING",
        params![
            queue.organisation,
            queue.device,
            queue.epoch,
            seq,
            hash,
            received
        ],
    )?;
    Ok(())
}
