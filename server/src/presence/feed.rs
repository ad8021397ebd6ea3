//! The live map's feed. A change is a row written in the transaction that made it; the hint that
//! goes round in this process after the commit only says that it is worth looking.

use chrono::NaiveDate;
use kokoni_model::clock::Timestamp;
use kokoni_model::ids::{FloorId, OrganisationId, PlaceId};
use tokio::sync::broadcast;

use crate::store::{StoreError, Tx};
use crate::{params, row};

/// Changes of a floor that are kept for those who come back with an old version; up to
/// `FORGOTTEN_TOGETHER` more lie there until they are forgotten.
pub const KEPT_CHANGES: u64 = 2_000;

/// So many changes are forgotten at once.
const FORGOTTEN_TOGETHER: u64 = 100;

/// Hints that wait for a slow listener before it has to look for itself.
const HINTS_KEPT: usize = 1024;

/// A floor has changed; its feed now ends at this version.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct FloorHint {
    /// Whose floor.
    pub organisation: OrganisationId,
    /// Which.
    pub floor: FloorId,
    /// The last version of its feed.
    pub version: u64,
}

/// Sends hints to everybody in this process who listens.
#[derive(Clone, Debug)]
pub struct FloorHints(broadcast::Sender<FloorHint>);

impl FloorHints {
    /// A new round without listeners.
    pub fn new() -> Self {
        Self(broadcast::channel(HINTS_KEPT).0)
    }

    /// Listens from now on. A listener that lags is told so and reads the feed.
    pub fn listen(&self) -> broadcast::Receiver<FloorHint> {
        self.0.subscribe()
    }

    /// Tells of changes that have been committed.
    pub fn tell(&self, hints: impl IntoIterator<Item = FloorHint>) {
        for hint in hints {
            // Nobody may be listening.
            let _ = self.0.send(hint);
        }
    }
}

impl Default for FloorHints {
    fn default() -> Self {
        Self::new()
    }
}

/// Notes that places of a floor may look different now. Gives the version the feed ends at.
///
/// # Errors
/// Those of the store.
pub fn note(
    tx: &Tx<'_>,
    organisation: OrganisationId,
    floor: FloorId,
    places: &[PlaceId],
    date: NaiveDate,
    now: Timestamp,
) -> Result<u64, StoreError> {
    let last: u64 = tx.one(
        "INSERT INTO floor_feed (organisation, floor, version, working_date)
         VALUES ($1, $2, $3, $4)
         ON CONFLICT (organisation, floor) DO UPDATE
         SET version = floor_feed.version + excluded.version,
             working_date = excluded.working_date
         RETURNING version",
        params![organisation, floor, places.len() as u64, date],
    )?;
    let first = last - places.len() as u64 + 1;
    tx.exec_many(
        "INSERT INTO floor_change (organisation, floor, version, place, at_us)
         VALUES ($1, $2, $3, $4, $5)",
        (first..)
            .zip(places)
            .map(|(version, place)| row![organisation, floor, version, *place, now]),
    )?;
    if (first - 1) / FORGOTTEN_TOGETHER != last / FORGOTTEN_TOGETHER {
        tx.exec(
            "DELETE FROM floor_change WHERE organisation = $1 AND floor = $2 AND version <= $3",
            params![organisation, floor, last.saturating_sub(KEPT_CHANGES)],
        )?;
    }
    Ok(last)
}

/// The places that changed after a version, and the version they are now at; `None` when the
/// version is none of this feed, or so old that what followed it is no longer kept: a snapshot is
/// needed then.
///
/// # Errors
/// Those of the store.
pub fn changed_since(
    tx: &Tx<'_>,
    organisation: OrganisationId,
    floor: FloorId,
    since: u64,
) -> Result<Option<(u64, Vec<PlaceId>)>, StoreError> {
    let now_at = version(tx, organisation, floor)?;
    if since > now_at {
        return Ok(None);
    }
    let changes: Vec<(u64, PlaceId)> = tx.query(
        "SELECT version, place FROM floor_change
         WHERE organisation = $1 AND floor = $2 AND version > $3 ORDER BY version",
        params![organisation, floor, since],
    )?;
    if changes.len() as u64 != now_at - since {
        return Ok(None);
    }
    let mut places: Vec<PlaceId> = changes.into_iter().map(|(_, place)| place).collect();
    places.sort_unstable();
    places.dedup();
    Ok(Some((now_at, places)))
}

/// The version a floor's feed ends at; 0 before its first change.
///
/// # Errors
/// Those of the store.
pub fn version(
    tx: &Tx<'_>,
    organisation: OrganisationId,
    floor: FloorId,
) -> Result<u64, StoreError> {
    Ok(tx
        .first(
            "SELECT version FROM floor_feed WHERE organisation = $1 AND floor = $2",
            params![organisation, floor],
        )?
        .unwrap_or(0))
}
