//! The end of the working day: presence ends at the boundary, loans do not. Nothing is written to
//! anybody's day; the floors' feeds move on, so that open maps are emptied.

use std::time::Duration;

use chrono::NaiveDate;
use kokoni_model::clock::Timestamp;
use kokoni_model::ids::{FloorId, OrganisationId, PlaceId};

use super::feed::{self, FloorHint};
use super::me;
use crate::app::App;
use crate::organisation::Organisation;
use crate::params;
use crate::store::{StoreError, Tx};

/// How often it is looked whether a day has ended.
const EVERY: Duration = Duration::from_secs(30);

/// Looks after the end of days until the server stops.
pub async fn keep(app: App) {
    let mut ticks = tokio::time::interval(EVERY);
    loop {
        tokio::select! {
            () = app.stopping.cancelled() => return,
            _ = ticks.tick() => {}
        }
        let now = app.now();
        match app.store.read(move |tx| any_due(tx, now)).await {
            Ok(false) => {}
            Ok(true) => match app.store.write(move |tx| turn(tx, now)).await {
                Ok(hints) => app.floor_hints.tell(hints),
                Err(error) => tracing::error!(%error, "the working day could not be ended"),
            },
            Err(error) => tracing::error!(%error, "the end of the working day could not be seen"),
        }
    }
}

fn any_due(tx: &Tx<'_>, now: Timestamp) -> Result<bool, StoreError> {
    for organisation in organisations(tx)? {
        let today = me::working_date(&organisation.calendar, now);
        if !floors_of_a_day_before(tx, organisation.id, today)?.is_empty() {
            return Ok(true);
        }
    }
    Ok(false)
}

/// Moves on every feed that still speaks of a day that has ended.
///
/// # Errors
/// Those of the store.
pub fn turn(tx: &Tx<'_>, now: Timestamp) -> Result<Vec<FloorHint>, StoreError> {
    let mut hints = Vec::new();
    for organisation in organisations(tx)? {
        let today = me::working_date(&organisation.calendar, now);
        for floor in floors_of_a_day_before(tx, organisation.id, today)? {
            let turned = turn_floor(tx, organisation.id, floor, today, now)?;
            hints.extend(turned.map(|version| FloorHint {
                organisation: organisation.id,
                floor,
                version,
            }));
        }
    }
    Ok(hints)
}

/// The floors whose feeds still speak of a day that has ended.
///
/// # Errors
/// Those of the store.
pub(crate) fn floors_of_a_day_before(
    tx: &Tx<'_>,
    organisation: OrganisationId,
    today: NaiveDate,
) -> Result<Vec<FloorId>, StoreError> {
    tx.query(
        "SELECT floor FROM floor_feed WHERE organisation = $1 AND working_date < $2",
        params![organisation, today],
    )
}

/// Moves a floor's feed on to today, if it still speaks of a day before: every place that was left
/// open is free now. Gives the feed's version when anything changed.
///
/// # Errors
/// Those of the store.
pub fn turn_floor(
    tx: &Tx<'_>,
    organisation: OrganisationId,
    floor: FloorId,
    today: NaiveDate,
    now: Timestamp,
) -> Result<Option<u64>, StoreError> {
    let ended: Option<NaiveDate> = tx.first(
        "SELECT working_date FROM floor_feed
         WHERE organisation = $1 AND floor = $2 AND working_date < $3",
        params![organisation, floor, today],
    )?;
    let Some(ended) = ended else {
        return Ok(None);
    };
    let left_open: Vec<PlaceId> = tx.query(
        "SELECT DISTINCT place FROM stay
         WHERE organisation = $1 AND working_date = $3 AND until_us IS NULL AND place IN
             (SELECT id FROM place WHERE organisation = $1 AND floor = $2)
         ORDER BY place",
        params![organisation, floor, ended],
    )?;
    if left_open.is_empty() {
        tx.exec(
            "UPDATE floor_feed SET working_date = $3 WHERE organisation = $1 AND floor = $2",
            params![organisation, floor, today],
        )?;
        return Ok(None);
    }
    feed::note(tx, organisation, floor, &left_open, today, now).map(Some)
}

fn organisations(tx: &Tx<'_>) -> Result<Vec<Organisation>, StoreError> {
    let ids: Vec<OrganisationId> = tx.query("SELECT id FROM organisation", &[])?;
    ids.into_iter()
        .map(|id| Organisation::load(tx, id))
        .collect()
}
