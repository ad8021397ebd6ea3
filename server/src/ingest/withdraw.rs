//! Taking back: an event of the same queue is un-applied, unless the item it lent or brought back
//! has changed hands since. The event itself stays as it was.

use chrono::NaiveDate;
use kokoni_model::rules::day::Step;
use kokoni_model::wire::events::RejectReason;

use super::apply::Settling;
use crate::lending::loans::{self, TakenBack};
use crate::params;
use crate::store::{AsJson, StoreError};

/// Takes back event `seq` of the queue, by event `by`.
pub(super) fn withdraw(
    settling: &mut Settling<'_>,
    seq: u64,
    by: u64,
) -> Result<Result<(), RejectReason>, StoreError> {
    let Some(date) = still_counts(settling, seq)? else {
        return Ok(Err(RejectReason::NothingToWithdraw));
    };
    let taken = loans::By {
        queue: settling.queue,
        seq,
    };
    match loans::take_back(settling.tx, taken, settling.person)? {
        TakenBack::ChangedHands => return Ok(Err(RejectReason::TooLateToWithdraw)),
        TakenBack::Undone(item) => settling.moved.push(item),
        TakenBack::NoLoan => {}
    }
    let queue = settling.queue;
    settling
        .days
        .remove(settling.tx, date, queue.device, queue.epoch, seq)?;
    match settling.rows.iter_mut().find(|row| row.seq == seq) {
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
