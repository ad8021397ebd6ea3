//! Taking back: an event of the same queue is un-applied, unless the item it lent or brought back
//! has changed hands since. The event itself stays as it was.

use chrono::NaiveDate;
use kokoni_model::ids::DeviceId;
use kokoni_model::rules::day::Step;
use kokoni_model::wire::events::RejectReason;

use super::apply::Settling;
use super::rows::Queue;
use crate::lending::loans::{self, TakenBack};
use crate::params;
use crate::store::{AsJson, StoreError};

/// Takes back event `seq` of the queue, by event `by`.
pub(super) fn withdraw(
    settling: &mut Settling<'_>,
    seq: u64,
    by: u64,
) -> Result<Result<(), RejectReason>, StoreError> {
    let found = match still_counts(settling, seq)? {
        Some(date) => Some((settling.queue, date)),
        None => counts_as_another_device(settling, seq)?,
    };
    let Some((queue, date)) = found else {
        return Ok(Err(RejectReason::NothingToWithdraw));
    };
    let taken = loans::By { queue, seq };
    match loans::take_back(settling.tx, taken, settling.person)? {
        TakenBack::ChangedHands => return Ok(Err(RejectReason::TooLateToWithdraw)),
        TakenBack::Undone(item) => settling.moved.push(item),
        TakenBack::NoLoan => {}
    }
    settling
        .days
        .remove(settling.tx, date, queue.device, queue.epoch, seq)?;
    let in_hand = settling.rows.iter_mut().find(|row| row.seq == seq);
    match in_hand.filter(|row| row.step.is_some()) {
        Some(row) => row.withdrawn_by = Some(by),
        None => {
            settling.tx.exec(
                "UPDATE event SET withdrawn_by = $5
                 WHERE organisation = $1 AND device = $2 AND epoch = $3 AND seq = $4",
                params![queue.organisation, queue.device, queue.epoch, seq, by],
            )?;
        }
    }
    Ok(Ok(()))
}

/// The working day of a scan that was applied and not taken back.
fn still_counts(settling: &Settling<'_>, seq: u64) -> Result<Option<NaiveDate>, StoreError> {
    if let Some(row) = settling.rows.iter().find(|row| row.seq == seq) {
        let counts = row.step.is_some() && row.withdrawn_by.is_none();
        return Ok(row.date.filter(|_| counts));
    }
    let queue = settling.queue;
    let found: Option<(Option<NaiveDate>, AsJson<Step>)> = settling.tx.first(
        "SELECT working_date, step FROM event
         WHERE organisation = $1 AND device = $2 AND epoch = $3 AND seq = $4
             AND step IS NOT NULL AND withdrawn_by IS NULL",
        params![queue.organisation, queue.device, queue.epoch, seq],
    )?;
    Ok(found.and_then(|(date, _)| date))
}

/// The same of a scan that the phone sent before it was enrolled anew, with the queue it counts in:
/// it has the number and the epoch that the phone gave it, and another device.
fn counts_as_another_device(
    settling: &Settling<'_>,
    seq: u64,
) -> Result<Option<(Queue, NaiveDate)>, StoreError> {
    let queue = settling.queue;
    let found: Option<(DeviceId, Option<NaiveDate>)> = settling.tx.first(
        "SELECT e.device, e.working_date FROM device d
         JOIN event e ON e.organisation = d.organisation AND e.device = d.id
         WHERE d.organisation = $1 AND d.person = $2 AND e.epoch = $3 AND e.seq = $4 AND d.id <> $5
             AND e.step IS NOT NULL AND e.withdrawn_by IS NULL",
        params![
            queue.organisation,
            settling.person,
            queue.epoch,
            seq,
            queue.device
        ],
    )?;
    Ok(found.and_then(|(device, date)| Some((Queue { device, ..queue }, date?))))
}
