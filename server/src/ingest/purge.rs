//! Purging old events: what they said is emptied, and where people were on those days is forgotten;
//! identity, hash and answer stay for the life of the device, so that a replay years later is still
//! a duplicate.

use kokoni_model::clock::Timestamp;
use kokoni_model::ids::OrganisationId;

use crate::audit::{self, Act, Entry};
use crate::organisation::{self, Organisation};
use crate::params;
use crate::presence::me;
use crate::store::{StoreError, Tx};

/// Empties what an organisation's events before a moment said. Gives their number.
///
/// # Errors
/// Those of the store.
pub fn purge_before(
    tx: &Tx<'_>,
    organisation: OrganisationId,
    before: Timestamp,
    now: Timestamp,
) -> Result<u64, StoreError> {
    let purged = tx.exec(
        "UPDATE event SET raw = NULL, who = NULL
         WHERE organisation = $1 AND received_us < $2 AND raw IS NOT NULL",
        params![organisation, before],
    )?;
    let calendar = Organisation::load(tx, organisation)?.calendar;
    let first_kept = me::working_date(&calendar, before);
    tx.exec(
        "UPDATE event SET step = NULL, site = NULL, working_date = NULL
         WHERE organisation = $1 AND working_date < $2",
        params![organisation, first_kept],
    )?;
    for table in ["boot_use", "stay"] {
        tx.exec(
            &format!("DELETE FROM {table} WHERE organisation = $1 AND working_date < $2"),
            params![organisation, first_kept],
        )?;
    }
    organisation::move_on(tx, organisation)?;
    if purged > 0 {
        audit::append(tx, organisation, now, Entry::of(Act::EventsPurged))?;
    }
    Ok(purged)
}
