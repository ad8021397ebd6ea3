//! What went wrong in the phones' queues, for administrators: numbers that a phone has lost, and
//! other content under a number already taken. [`crate::ingest`] notes both and applies neither.

use axum::Json;
use axum::extract::State;
use kokoni_model::clock::Timestamp;
use kokoni_model::event::Epoch;
use kokoni_model::ids::{DeviceId, OrganisationId, PersonId};
use kokoni_model::wire::problem::Problem;
use serde::Serialize;
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

use crate::app::App;
use crate::auth::Caller;
use crate::params;
use crate::problem::{ApiError, ApiResult};
use crate::store::{Columns, FromRow, StoreError, Tx};

/// The latest so many of each kind are told.
const MOST_TOLD: u64 = 1_000;

/// The routes.
pub fn routes() -> OpenApiRouter<App> {
    OpenApiRouter::new().routes(routes!(faults))
}

/// Whose queue it is.
#[derive(Debug, Serialize, utoipa::ToSchema)]
pub struct FaultyQueue {
    /// The phone.
    pub device: DeviceId,
    /// Whose phone it is.
    pub person: PersonId,
    /// Which life of its queue.
    #[schema(value_type = String, example = "0123456789abcdef")]
    pub epoch: Epoch,
}

/// Numbers that a phone has saved and cannot send any more. Once all of them have come after all, it
/// is no longer told; nor is what came before the phone was enrolled anew, as the device it was then.
#[derive(Debug, Serialize, utoipa::ToSchema)]
pub struct QueueGap {
    /// Whose queue.
    #[serde(flatten)]
    pub queue: FaultyQueue,
    /// The first number that is missing.
    pub first_seq: u64,
    /// The last number that is missing.
    pub last_seq: u64,
    /// How many of them have not come after all.
    pub missing: u64,
    /// When the phone said so.
    pub seen_us: Timestamp,
}

/// Other content under a number that was already taken. It was not applied.
#[derive(Debug, Serialize, utoipa::ToSchema)]
pub struct QueueConflict {
    /// Whose queue.
    #[serde(flatten)]
    pub queue: FaultyQueue,
    /// The number.
    pub seq: u64,
    /// When it came.
    pub received_us: Timestamp,
}

/// What went wrong in the phones' queues.
#[derive(Debug, Serialize, utoipa::ToSchema)]
pub struct QueueFaults {
    /// Numbers that are missing, the latest first.
    pub gaps: Vec<QueueGap>,
    /// Other content under a number already taken, the latest first.
    pub conflicts: Vec<QueueConflict>,
}

/// Numbers that phones have lost, and numbers that came with other content.
#[utoipa::path(get, path = "/api/v1/queues/faults", tag = "events",
    security(("access" = [])),
    responses(
        (status = 200, body = QueueFaults, description = "The latest thousand of each kind, for administrators."),
        (status = 401, body = Problem, content_type = "application/problem+json", description = "`sign_in_needed`, `device_revoked`"),
        (status = 403, body = Problem, content_type = "application/problem+json", description = "`not_permitted`"),
    ))]
async fn faults(State(app): State<App>, caller: Caller) -> ApiResult<Json<QueueFaults>> {
    if !caller.role.administers() {
        return Err(ApiError::not_permitted());
    }
    let found = app.store.read(move |tx| all(tx, caller.organisation));
    Ok(Json(found.await?))
}

/// The latest of an organisation.
fn all(tx: &Tx<'_>, organisation: OrganisationId) -> Result<QueueFaults, StoreError> {
    Ok(QueueFaults {
        gaps: tx.query(
            "SELECT device, person, epoch, first_seq, last_seq, missing, seen_us
             FROM (SELECT g.device, d.person, g.epoch, g.first_seq, g.last_seq, g.seen_us,
                       g.last_seq - g.first_seq + 1
                       - (SELECT count(DISTINCT e.seq) FROM device o
                          JOIN event e ON e.organisation = o.organisation AND e.device = o.id
                          WHERE o.organisation = g.organisation AND o.person = d.person
                            AND e.epoch = g.epoch AND e.seq BETWEEN g.first_seq AND g.last_seq)
                       AS missing
                   FROM queue_gap g
                   JOIN device d ON d.organisation = g.organisation AND d.id = g.device
                   WHERE g.organisation = $1) gap
             WHERE missing > 0
             ORDER BY seen_us DESC, device, epoch, first_seq LIMIT $2",
            params![organisation, MOST_TOLD],
        )?,
        conflicts: tx.query(
            "SELECT c.device, d.person, c.epoch, c.seq, c.received_us
             FROM event_conflict c
             JOIN device d ON d.organisation = c.organisation AND d.id = c.device
             WHERE c.organisation = $1
             ORDER BY c.received_us DESC, c.device, c.epoch, c.seq LIMIT $2",
            params![organisation, MOST_TOLD],
        )?,
    })
}

impl FromRow for FaultyQueue {
    fn from_row(columns: &mut Columns) -> Result<Self, StoreError> {
        Ok(Self {
            device: columns.take()?,
            person: columns.take()?,
            epoch: columns.take()?,
        })
    }
}

impl FromRow for QueueGap {
    fn from_row(columns: &mut Columns) -> Result<Self, StoreError> {
        Ok(Self {
            queue: FaultyQueue::from_row(columns)?,
            first_seq: columns.take()?,
            last_seq: columns.take()?,
            missing: columns.take()?,
            seen_us: columns.take()?,
        })
    }
}

impl FromRow for QueueConflict {
    fn from_row(columns: &mut Columns) -> Result<Self, StoreError> {
        Ok(Self {
            queue: FaultyQueue::from_row(columns)?,
            seq: columns.take()?,
            received_us: columns.take()?,
        })
    }
}
