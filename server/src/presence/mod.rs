//! Presence and occupancy: where a person is now; who is at a place now.

pub mod day_end;
pub mod feed;
pub mod me;
pub mod occupancy;
pub mod steps;

use axum::Json;
use axum::extract::State;
use kokoni_model::ids::FloorId;
use kokoni_model::wire::problem::Problem;
use kokoni_model::wire::views::{FloorOccupancy, MyState};
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

use crate::app::App;
use crate::auth::Caller;
use crate::directory::entries::Viewer;
use crate::http::params::IdInPath;
use crate::problem::{ApiError, ApiResult};

/// The routes.
pub fn routes() -> OpenApiRouter<App> {
    OpenApiRouter::new()
        .routes(routes!(my_state))
        .routes(routes!(floor_occupancy))
}

/// What the server knows of the person who asks.
#[utoipa::path(get, path = "/api/v1/me", tag = "presence",
    security(("access" = [])),
    responses(
        (status = 200, body = MyState, description = "Today, over all devices."),
        (status = 401, body = Problem, content_type = "application/problem+json", description = "`sign_in_needed`, `device_revoked`"),
    ))]
async fn my_state(State(app): State<App>, caller: Caller) -> ApiResult<Json<MyState>> {
    let now = app.now();
    let state = app
        .store
        .read(move |tx| me::now(tx, caller.organisation, caller.person, now))
        .await?;
    Ok(Json(state))
}

/// Who is where on a floor.
#[utoipa::path(get, path = "/api/v1/floors/{floor}/occupancy", tag = "presence",
    params(("floor" = FloorId, Path, description = "The floor.")),
    security(("access" = [])),
    responses(
        (status = 200, body = FloorOccupancy, description = "The places that are taken; every other is free."),
        (status = 400, body = Problem, content_type = "application/problem+json", description = "`malformed_parameter`"),
        (status = 401, body = Problem, content_type = "application/problem+json", description = "`sign_in_needed`, `device_revoked`"),
        (status = 404, body = Problem, content_type = "application/problem+json", description = "`not_found`"),
    ))]
async fn floor_occupancy(
    State(app): State<App>,
    caller: Caller,
    IdInPath(floor): IdInPath<FloorId>,
) -> ApiResult<Json<FloorOccupancy>> {
    let now = app.now();
    let found = app
        .store
        .read(move |tx| {
            let viewer = Viewer::load(tx, caller)?;
            let date = me::working_date(&viewer.organisation.calendar, now);
            let names = viewer.names;
            occupancy::of_floor(tx, caller.organisation, floor, date, names)
        })
        .await?;
    found.map(Json).ok_or(ApiError::not_found())
}
