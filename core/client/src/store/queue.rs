//! The queue: events appended, sent in order, answered one by one.

use std::collections::BTreeMap;

use kokoni_model::clock::ClockReading;
use kokoni_model::clock::Timestamp;
use kokoni_model::event::{Act, EVENT_VERSION, Epoch, Event, SealedEvent, hash_of};
use kokoni_model::ids::{DeviceId, EventId, ID_RANDOM_BYTES, IncarnationId};
use kokoni_model::rules::meaning::Target;
use kokoni_model::wire::events::{BatchReply, Outcome, RejectReason, Rejection};
use rusqlite::{OptionalExtension, Transaction, params};

use super::{required_text, server, text};
use crate::error::{ClientError, InputError, StoreError};

/// Acknowledged events are kept this long, so that a server restored from a backup can be healed.
const KEPT_MICROS: i64 = 14 * 24 * 60 * 60 * 1_000_000;

/// How many records outside a day are met before older ones are not looked at.
const STRAYS_BEFORE_STOP: usize = 64;

/// What an event needs besides what it says.
#[derive(Clone, Debug)]
pub(crate) struct Stamp {
    pub(crate) clock: ClockReading,
    pub(crate) random: [u8; ID_RANDOM_BYTES],
    /// For a queue that has to begin.
    pub(crate) epoch: Epoch,
}

/// Which event it is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Numbered {
    pub(crate) epoch: Epoch,
    pub(crate) seq: u64,
    pub(crate) id: EventId,
}

/// A place in the order of sending.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct Position {
    pub(crate) queue: i64,
    pub(crate) seq: u64,
}

/// Events of one queue, ready to be sent. Without events it only says what is lost.
#[derive(Clone)]
pub(crate) struct Batch {
    pub(crate) queue: i64,
    pub(crate) epoch: Epoch,
    /// Whatever is lower, and missing on the server, is lost.
    pub(crate) lost_before: u64,
    /// Numbers below, with some that this phone still has below them.
    pub(crate) gap: Option<Gap>,
    /// Number and bytes of each.
    pub(crate) events: Vec<(u64, String)>,
}

/// Numbers that this phone cannot give, between those that it can. A server that was put back may
/// take them for lost only once it holds what lies below: that would be taken for lost with them.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Gap {
    /// The lowest number that this phone has.
    pub(crate) lowest: u64,
    /// The last one that it has below the gap.
    pub(crate) below: u64,
}

impl Batch {
    /// What may be called lost before the server has said what it holds.
    pub(crate) fn surely_lost_before(&self) -> u64 {
        self.gap.map_or(self.lost_before, |gap| gap.lowest)
    }

    /// Whether the server waits for the gap and for nothing that this phone could give.
    pub(crate) fn is_missed(&self, held_through: u64) -> bool {
        self.gap.is_some_and(|gap| {
            (gap.below..self.lost_before.saturating_sub(1)).contains(&held_through)
        })
    }
}

/// What a reply changed.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct Settled {
    pub(crate) applied: u64,
    pub(crate) duplicate: u64,
    pub(crate) rejected: u64,
    /// Scans that were refused after the person had taken them back or settled them.
    pub(crate) given_up: u64,
    /// Events that must be sent again because the server lost them.
    pub(crate) sent_again: u64,
}

impl Settled {
    pub(crate) fn any(&self) -> bool {
        *self != Self::default()
    }
}

/// A row of the queue, opened.
#[derive(Clone, Debug)]
pub(crate) struct Row {
    pub(crate) event: Event,
    pub(crate) state: String,
    pub(crate) target: Option<Target>,
    pub(crate) rejection: Option<Rejection>,
}

/// Begins a new life of the queue.
pub(crate) fn begin_queue(tx: &Transaction<'_>, epoch: Epoch) -> Result<i64, StoreError> {
    tx.execute(
        "INSERT INTO queue (epoch, next_seq, held_through) VALUES (?1, 1, 0)",
        params![epoch.to_string()],
    )?;
    Ok(tx.last_insert_rowid())
}

/// The queue that records now: its row, epoch and next number.
pub(crate) fn current(tx: &Transaction<'_>) -> Result<Option<(i64, Epoch, u64)>, StoreError> {
    let row = tx
        .prepare_cached("SELECT number, epoch, next_seq FROM queue ORDER BY number DESC LIMIT 1")?
        .query_row([], |row| {
            Ok((row.get(0)?, required_text(row, 1)?, row.get::<_, u64>(2)?))
        })
        .optional()?;
    row.map(|(number, epoch, next)| Ok((number, parse_epoch(&epoch)?, next)))
        .transpose()
}

fn parse_epoch(text: &str) -> Result<Epoch, StoreError> {
    text.parse().map_err(|_| StoreError::Json("queue"))
}

/// Numbers an event, seals its bytes and puts it at the end of the queue.
pub(crate) fn append(
    tx: &Transaction<'_>,
    stamp: &Stamp,
    act: Act,
    replaces: Option<u64>,
    target: Option<&Target>,
) -> Result<Numbered, StoreError> {
    let (queue, epoch, seq) = match current(tx)? {
        Some(current) => current,
        None => (begin_queue(tx, stamp.epoch)?, stamp.epoch, 1),
    };
    let id = EventId::new(stamp.clock.wall_us, stamp.random);
    let sealed = SealedEvent::seal(Event {
        v: EVENT_VERSION,
        id,
        epoch,
        seq,
        clock: stamp.clock,
        act,
        replaces,
    })
    .map_err(|_| ClientError::Input(InputError::RecordTooLong))
    .map_err(StoreError::Client)?;
    tx.prepare_cached("UPDATE queue SET next_seq = ?2 WHERE number = ?1")?
        .execute(params![queue, seq + 1])?;
    tx.prepare_cached(
        "INSERT INTO event (queue, seq, id, text, hash, target, state)
         VALUES (?1, ?2, ?3, ?4, ?5, ?6, 'waiting')",
    )?
    .execute(params![
        queue,
        seq,
        id.to_string(),
        sealed.text(),
        sealed.hash().as_bytes(),
        target.map(to_json).transpose()?,
    ])?;
    Ok(Numbered { epoch, seq, id })
}

/// What waits after a place in the order.
pub(super) const NEXT_WAITING: &str =
    "SELECT event.queue, event.seq, event.text, event.hash, queue.epoch
     FROM event JOIN queue ON queue.number = event.queue
     WHERE event.state = 'waiting' AND (event.queue, event.seq) > (?1, ?2)
     ORDER BY event.queue, event.seq LIMIT ?3";

/// The next events after a place in the order, of one queue, within both limits but at least one,
/// up to the first number that this phone no longer has.
///
/// A row whose bytes no longer have their hash is damaged: it is set apart and reported as lost.
pub(crate) fn next_batch(
    tx: &Transaction<'_>,
    after: Option<Position>,
    max_events: usize,
    max_bytes: usize,
    now: Timestamp,
) -> Result<Option<Batch>, StoreError> {
    let after = after.unwrap_or(Position { queue: 0, seq: 0 });
    let mut statement = tx.prepare_cached(NEXT_WAITING)?;
    let mut rows = statement.query(params![after.queue, after.seq, max_events as i64])?;
    let mut batch: Option<Batch> = None;
    let mut bytes = 0;
    while let Some(row) = rows.next()? {
        let (queue, seq): (i64, u64) = (row.get(0)?, row.get(1)?);
        let text = required_text(row, 2)?;
        let hash: Vec<u8> = row.get(3)?;
        let epoch = parse_epoch(&required_text(row, 4)?)?;
        if hash_of(text.as_bytes()).as_bytes().as_slice() != hash {
            set_damaged(tx, queue, epoch, seq, now)?;
            continue;
        }
        let batch = match &mut batch {
            Some(batch) => batch,
            None => {
                let (lost_before, gap) = first_of_run(tx, queue, seq)?;
                batch.insert(Batch {
                    queue,
                    epoch,
                    lost_before,
                    gap,
                    events: Vec::new(),
                })
            }
        };
        bytes += text.len();
        let last = batch.events.last().map(|(last, _)| *last);
        if batch.queue != queue
            || (bytes > max_bytes && last.is_some())
            || last.is_some_and(|last| seq != last + 1) && !has_between(tx, queue, last, seq)?
        {
            break;
        }
        batch.events.push((seq, text));
    }
    Ok(batch)
}

fn set_damaged(
    tx: &Transaction<'_>,
    queue: i64,
    epoch: Epoch,
    seq: u64,
    now: Timestamp,
) -> Result<(), StoreError> {
    tx.execute(
        "UPDATE event SET state = 'damaged', unsendable = 1 WHERE queue = ?1 AND seq = ?2",
        params![queue, seq],
    )?;
    server::note_loss(tx, epoch, seq, seq, now)
}

/// What this phone can still give the server, or has given it as the device that it is now. As
/// another device the server holds what was given before, and waits for none of it again. The device
/// is the first parameter.
const HELD_HERE: &str = "unsendable = 0 AND (state = 'waiting'
    OR state IN ('applied', 'rejected', 'dismissed')
        AND device IS ?1)";

/// Makes an answered event wait again. What the person has settled keeps its rejection: refused again,
/// it is settled at once.
const WAITS_AGAIN: &str = "UPDATE event
    SET state = 'waiting', rejection = CASE state WHEN 'dismissed' THEN rejection END
    WHERE unsendable = 0 AND state IN ('applied', 'rejected', 'dismissed')";

/// The lowest number from which on this phone has every event up to `seq`, and the gap below it.
fn first_of_run(
    tx: &Transaction<'_>,
    queue: i64,
    seq: u64,
) -> Result<(u64, Option<Gap>), StoreError> {
    let device = this_device(tx)?;
    let held: (u64, Option<u64>) = tx
        .prepare_cached(&format!(
            "SELECT count(*), min(seq) FROM event WHERE queue = ?2 AND seq <= ?3 AND {HELD_HERE}"
        ))?
        .query_row(params![device, queue, seq], |row| {
            Ok((row.get(0)?, row.get(1)?))
        })?;
    if let (count, Some(first)) = held
        && count == seq - first + 1
    {
        return Ok((first, None));
    }
    let (mut first, mut below) = (seq, None);
    let mut statement = tx.prepare_cached(&format!(
        "SELECT seq FROM event WHERE queue = ?2 AND seq < ?3 AND {HELD_HERE} ORDER BY seq DESC"
    ))?;
    let mut rows = statement.query(params![device, queue, seq])?;
    while let Some(row) = rows.next()? {
        let next: u64 = row.get(0)?;
        if next != first - 1 {
            below = Some(next);
            break;
        }
        first = next;
    }
    // What the server never said that it holds would not be sent again for this either.
    let said = held_through(tx, queue)?;
    let gap = match (below, held.1) {
        (Some(below), Some(lowest)) if below <= said => Some(Gap { lowest, below }),
        _ => None,
    };
    Ok((first, gap))
}

/// What the server last said it holds without a gap.
fn held_through(tx: &Transaction<'_>, queue: i64) -> Result<u64, StoreError> {
    Ok(tx
        .prepare_cached("SELECT held_through FROM queue WHERE number = ?1")?
        .query_row([queue], |row| row.get(0))?)
}

/// Whether this phone has every event between two of them.
fn has_between(
    tx: &Transaction<'_>,
    queue: i64,
    last: Option<u64>,
    seq: u64,
) -> Result<bool, StoreError> {
    let last = last.unwrap_or(seq);
    let held: u64 = tx
        .prepare_cached(&format!(
            "SELECT count(*) FROM event WHERE queue = ?2 AND seq > ?3 AND seq < ?4 AND {HELD_HERE}"
        ))?
        .query_row(params![this_device(tx)?, queue, last, seq], |row| {
            row.get(0)
        })?;
    Ok(held == seq.saturating_sub(last + 1))
}

/// The device that this phone is now, as events name it.
fn this_device(tx: &Transaction<'_>) -> Result<Option<String>, StoreError> {
    Ok(server::device(tx)?.map(|device| device.to_string()))
}

/// Losses of which the server has not heard: a batch without events that says what is gone.
pub(crate) fn next_loss(tx: &Transaction<'_>) -> Result<Option<Batch>, StoreError> {
    let losses = server::untold_losses(tx, true)?;
    let mut still_waits = tx.prepare_cached(
        "SELECT EXISTS (SELECT 1 FROM event JOIN queue ON queue.number = event.queue
                        WHERE queue.epoch = ?1 AND event.state = 'waiting')",
    )?;
    // While something of that queue waits, it must not be taken for lost; it will say the same.
    let mut settled = Vec::new();
    for loss in losses {
        if !still_waits.query_row([&loss.epoch], |row| row.get(0))? {
            settled.push(loss);
        }
    }
    let (losses, Some(first)) = (&settled, settled.first()) else {
        return Ok(None);
    };
    let of_epoch = losses.iter().filter(|loss| loss.epoch == first.epoch);
    let last = of_epoch.map(|loss| loss.last_seq).max().unwrap_or(0);
    Ok(Some(Batch {
        queue: 0,
        epoch: parse_epoch(&first.epoch)?,
        lost_before: last + 1,
        gap: None,
        events: Vec::new(),
    }))
}

/// Writes down what the server said of a batch, and what it says of itself.
pub(crate) fn settle(
    tx: &Transaction<'_>,
    batch: &Batch,
    reply: &BatchReply,
    device: DeviceId,
) -> Result<Settled, StoreError> {
    let mut settled = Settled::default();
    let mut refused = BTreeMap::new();
    if batch.events.is_empty() {
        server::losses_told_to_server(tx, batch.epoch)?;
        return Ok(settled);
    }
    // Before the answers are written down: what is acknowledged by now was so by an earlier reply.
    settled.sent_again = note_held(tx, batch.queue, reply, device)?;
    let mut update = tx.prepare_cached(
        "UPDATE event SET rejection = ?4, device = ?5, answered_us = ?6,
             state = CASE WHEN ?3 = 'rejected' AND rejection IS NOT NULL THEN 'dismissed' ELSE ?3 END
         WHERE queue = ?1 AND seq = ?2 AND state = 'waiting' RETURNING state",
    )?;
    for ((seq, _), answer) in batch.events.iter().zip(&reply.answers) {
        // An event that could not be understood is answered with 0: its place says which it is.
        if answer.seq != *seq && answer.seq != 0 {
            continue;
        }
        let (state, rejection) = match &answer.outcome {
            Outcome::Applied => ("applied", None),
            Outcome::Duplicate => ("applied", None),
            Outcome::Rejected(rejection) => ("rejected", Some(to_json(rejection)?)),
            Outcome::Retry | Outcome::Unknown => continue,
        };
        let values = params![
            batch.queue,
            seq,
            state,
            rejection,
            device.to_string(),
            reply.received_us.as_micros(),
        ];
        let became = update.query_row(values, |row| required_text(row, 0));
        match (became.optional()?.as_deref(), &answer.outcome) {
            (Some("applied"), Outcome::Applied) => settled.applied += 1,
            (Some("applied"), _) => settled.duplicate += 1,
            (Some("rejected"), Outcome::Rejected(rejection)) => {
                refused.insert(*seq, rejection.reason.clone());
            }
            (Some(_), _) => settled.given_up += 1,
            (None, _) => {}
        }
    }
    drop(update);
    settled.given_up += drop_given_up(tx, batch, &mut refused)?;
    settled.rejected = refused.len() as u64;
    purge(tx, reply.received_us)?;
    Ok(settled)
}

/// A batch of one that the server refuses as a whole, for ever: it joins the rejected ones.
pub(crate) fn refuse(
    tx: &Transaction<'_>,
    queue: i64,
    seq: u64,
    status: u16,
    device: DeviceId,
    now: Timestamp,
) -> Result<(), StoreError> {
    let rejection = Rejection {
        reason: RejectReason::Other(format!("http_{status}")),
        who: None,
    };
    tx.execute(
        "UPDATE event SET state = 'rejected', unsendable = 1, rejection = ?3, device = ?4,
             answered_us = ?5
         WHERE queue = ?1 AND seq = ?2 AND state = 'waiting'",
        params![
            queue,
            seq,
            to_json(&rejection)?,
            device.to_string(),
            now.as_micros()
        ],
    )?;
    Ok(())
}

/// Compares what the server holds with what it held; what it lost waits again.
fn note_held(
    tx: &Transaction<'_>,
    queue: i64,
    reply: &BatchReply,
    device: DeviceId,
) -> Result<u64, StoreError> {
    let mut again = note_incarnation(tx, reply.incarnation, device)?;
    if reply.held_through < held_through(tx, queue)? {
        again += tx.execute(
            &format!("{WAITS_AGAIN} AND queue = ?1 AND device = ?2 AND seq > ?3"),
            params![queue, device.to_string(), reply.held_through],
        )? as u64;
    }
    tx.execute(
        "UPDATE queue SET held_through = ?2 WHERE number = ?1",
        params![queue, reply.held_through],
    )?;
    Ok(again)
}

/// Notes which life of the server's database answered. In a new one, everything that the old one
/// acknowledged waits again.
pub(crate) fn note_incarnation(
    tx: &Transaction<'_>,
    incarnation: IncarnationId,
    device: DeviceId,
) -> Result<u64, StoreError> {
    let known = server::incarnation(tx)?;
    if known == Some(incarnation) {
        return Ok(0);
    }
    server::set_incarnation(tx, incarnation)?;
    if known.is_none() {
        return Ok(0);
    }
    let again = tx.execute(
        &format!("{WAITS_AGAIN} AND device = ?1"),
        [device.to_string()],
    )?;
    tx.execute("UPDATE queue SET held_through = 0", [])?;
    Ok(again as u64)
}

/// Everything that was answered and is kept waits again, whichever device it was answered as.
pub(crate) fn all_wait_again(tx: &Transaction<'_>) -> Result<(), StoreError> {
    tx.execute(WAITS_AGAIN, [])?;
    Ok(())
}

/// Forgets what was acknowledged long ago by the server's clock; a phone's own may be years off.
fn purge(tx: &Transaction<'_>, server_now: Timestamp) -> Result<(), StoreError> {
    tx.execute(
        "DELETE FROM event WHERE state IN ('applied', 'dismissed') AND answered_us < ?1",
        [server_now.plus_micros(-KEPT_MICROS).as_micros()],
    )?;
    Ok(())
}

/// The latest events for which `wanted` holds, in order. Stops looking once many older ones in a
/// row are not wanted.
pub(crate) fn latest(
    tx: &Transaction<'_>,
    wanted: impl Fn(&Event) -> bool,
) -> Result<Vec<Row>, StoreError> {
    let mut statement = tx.prepare_cached(
        "SELECT text, state, target, rejection FROM event ORDER BY queue DESC, seq DESC",
    )?;
    let rows = statement.query_map([], row_parts)?;
    let (mut found, mut strays) = (Vec::new(), 0);
    for row in rows {
        match open_row(row?)? {
            Some(row) if wanted(&row.event) => {
                strays = 0;
                found.push(row);
            }
            _ => strays += 1,
        }
        if strays > STRAYS_BEFORE_STOP {
            break;
        }
    }
    found.reverse();
    Ok(found)
}

/// The event of this id, with its queue.
pub(crate) fn find(tx: &Transaction<'_>, id: EventId) -> Result<Option<(i64, Row)>, StoreError> {
    let found = tx
        .prepare_cached("SELECT queue, text, state, target, rejection FROM event WHERE id = ?1")?
        .query_row([id.to_string()], |row| {
            let parts = row_parts_from(row, 1)?;
            Ok((row.get::<_, i64>(0)?, parts))
        })
        .optional()?;
    let Some((queue, parts)) = found else {
        return Ok(None);
    };
    Ok(open_row(parts)?.map(|row| (queue, row)))
}

/// The person has settled a rejected event; refused when it is not, or not any more, one.
pub(crate) fn dismiss(tx: &Transaction<'_>, id: EventId) -> Result<(), StoreError> {
    let settled = tx.execute(
        "UPDATE event SET state = 'dismissed' WHERE id = ?1 AND state = 'rejected'",
        [id.to_string()],
    )?;
    match settled {
        1 => Ok(()),
        _ => Err(ClientError::NoSuchRecord.into()),
    }
}

/// Whether an event was taken back, and that was not refused.
pub(crate) fn is_taken_back(
    tx: &Transaction<'_>,
    queue: i64,
    seq: u64,
) -> Result<bool, StoreError> {
    let mut later = tx.prepare_cached(
        "SELECT text FROM event
         WHERE queue = ?1 AND seq > ?2 AND state IN ('waiting', 'applied')
             AND rejection IS NULL",
    )?;
    let mut rows = later.query(params![queue, seq])?;
    while let Some(row) = rows.next()? {
        if takes_back(&required_text(row, 0)?) == Some(seq) {
            return Ok(true);
        }
    }
    Ok(false)
}

/// Which number an event takes back, if it does.
fn takes_back(text: &str) -> Option<u64> {
    match Event::read(text).ok()?.act {
        Act::Withdraw { seq } => Some(seq),
        Act::Scan { .. } | Act::Unknown => None,
    }
}

/// What the server has just refused, without what the person gave up before: a scan that they took
/// back and that never counted is nothing to tell of, nor is its taking back.
fn drop_given_up(
    tx: &Transaction<'_>,
    batch: &Batch,
    refused: &mut BTreeMap<u64, RejectReason>,
) -> Result<u64, StoreError> {
    let mut dismiss = tx.prepare_cached(
        "UPDATE event SET state = 'dismissed' WHERE queue = ?1 AND seq = ?2 AND state = 'rejected'",
    )?;
    let mut given_up = 0;
    for (seq, text) in &batch.events {
        if refused.get(seq) != Some(&RejectReason::NothingToWithdraw) {
            continue;
        }
        let Some(scan) = takes_back(text) else {
            continue;
        };
        if dismiss.execute(params![batch.queue, scan])? == 1 {
            dismiss.execute(params![batch.queue, seq])?;
            refused.remove(&scan);
            refused.remove(seq);
            given_up += 1;
        }
    }
    Ok(given_up)
}

pub(super) type RowParts = (String, String, Option<String>, Option<String>);

fn row_parts_from(row: &rusqlite::Row<'_>, first: usize) -> rusqlite::Result<RowParts> {
    Ok((
        required_text(row, first)?,
        required_text(row, first + 1)?,
        text(row, first + 2)?,
        text(row, first + 3)?,
    ))
}

pub(super) fn row_parts(row: &rusqlite::Row<'_>) -> rusqlite::Result<RowParts> {
    row_parts_from(row, 0)
}

/// `None` for bytes that are no event: they are reported when they come to be sent.
pub(super) fn open_row(
    (text, state, target, rejection): RowParts,
) -> Result<Option<Row>, StoreError> {
    let Ok(event) = Event::read(&text) else {
        return Ok(None);
    };
    Ok(Some(Row {
        event,
        state,
        target: target.and_then(|json| serde_json::from_str(&json).ok()),
        rejection: rejection.and_then(|json| serde_json::from_str(&json).ok()),
    }))
}

fn to_json<T: serde::Serialize>(value: &T) -> Result<String, StoreError> {
    serde_json::to_string(value).map_err(|_| StoreError::Json("event"))
}
