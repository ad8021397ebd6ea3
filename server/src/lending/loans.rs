//! Loans as events begin, end and take them back. The first applied wins.

use kokoni_model::clock::Timestamp;
use kokoni_model::ids::{ItemId, PersonId};
use kokoni_model::rules::lending::Loan;

use crate::ingest::rows::Queue;
use crate::params;
use crate::store::{StoreError, Tx};

/// The event that begins or ends a loan.
#[derive(Clone, Copy, Debug)]
pub(crate) struct By {
    /// Its queue.
    pub(crate) queue: Queue,
    /// Its number.
    pub(crate) seq: u64,
}

/// Begins a loan; none of the item goes on.
///
/// # Errors
/// Those of the store.
pub(crate) fn begin(tx: &Tx<'_>, by: By, loan: &Loan) -> Result<(), StoreError> {
    let Queue {
        organisation,
        device,
        epoch,
    } = by.queue;
    let number: u64 = tx.one(
        "SELECT coalesce(max(number), 0) + 1 FROM loan WHERE organisation = $1 AND item = $2",
        params![organisation, loan.item],
    )?;
    tx.exec(
        "INSERT INTO loan (organisation, item, number, person, since_us, due_us, device, epoch,
             seq, ended_us, end_device, end_epoch, end_seq)
         VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, NULL, NULL, NULL, NULL)",
        params![
            organisation,
            loan.item,
            number,
            loan.person,
            loan.since_us,
            loan.due_us,
            device,
            epoch,
            by.seq
        ],
    )?;
    Ok(())
}

/// Ends the loan of an item that goes on.
///
/// # Errors
/// Those of the store.
pub(crate) fn end(tx: &Tx<'_>, by: By, item: ItemId, at: Timestamp) -> Result<(), StoreError> {
    let Queue {
        organisation,
        device,
        epoch,
    } = by.queue;
    tx.exec(
        "UPDATE loan SET ended_us = $3, end_device = $4, end_epoch = $5, end_seq = $6
         WHERE organisation = $1 AND item = $2 AND ended_us IS NULL",
        params![organisation, item, at, device, epoch, by.seq],
    )?;
    Ok(())
}

/// What taking back an event does to loans.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum TakenBack {
    /// The event neither began nor ended a loan that is still kept.
    NoLoan,
    /// This item's loan is as it was before the event.
    Undone(ItemId),
    /// The item has changed hands since; nothing was done.
    ChangedHands,
}

/// Takes back what an event of this person did to a loan.
///
/// # Errors
/// Those of the store.
pub(crate) fn take_back(tx: &Tx<'_>, by: By, person: PersonId) -> Result<TakenBack, StoreError> {
    let Queue {
        organisation,
        device,
        epoch,
    } = by.queue;
    let key = params![organisation, device, epoch, by.seq];
    let begun: Option<(ItemId, u64)> = tx.first(
        "SELECT item, number FROM loan
         WHERE organisation = $1 AND device = $2 AND epoch = $3 AND seq = $4",
        key,
    )?;
    if let Some((item, number)) = begun {
        let others: i64 = tx.one(
            "SELECT count(*) FROM loan
             WHERE organisation = $1 AND item = $2 AND number > $3 AND person <> $4",
            params![organisation, item, number, person],
        )?;
        if others > 0 {
            return Ok(TakenBack::ChangedHands);
        }
        tx.exec(
            "DELETE FROM loan WHERE organisation = $1 AND item = $2 AND number = $3",
            params![organisation, item, number],
        )?;
        return Ok(TakenBack::Undone(item));
    }
    let ended: Option<(ItemId, u64)> = tx.first(
        "SELECT item, number FROM loan
         WHERE organisation = $1 AND end_device = $2 AND end_epoch = $3 AND end_seq = $4",
        key,
    )?;
    let Some((item, number)) = ended else {
        return Ok(TakenBack::NoLoan);
    };
    let later: i64 = tx.one(
        "SELECT count(*) FROM loan WHERE organisation = $1 AND item = $2 AND number > $3",
        params![organisation, item, number],
    )?;
    if later > 0 {
        return Ok(TakenBack::ChangedHands);
    }
    tx.exec(
        "UPDATE loan SET ended_us = NULL, end_device = NULL, end_epoch = NULL, end_seq = NULL
         WHERE organisation = $1 AND item = $2 AND number = $3",
        params![organisation, item, number],
    )?;
    Ok(TakenBack::Undone(item))
}
