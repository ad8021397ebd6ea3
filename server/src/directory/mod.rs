//! The directory and the signed catalogue: what a phone knows of its organisation without asking.

pub mod catalogue;
pub mod delta;
pub mod entries;
pub mod feed;

use axum::Json;
use axum::extract::State;
use axum::http::StatusCode;
use axum::response::{IntoResponse, Response};
use kokoni_model::wire::directory::{DirectoryDelta, SignedCatalogue};
use kokoni_model::wire::problem::Problem;
use serde::Deserialize;
use utoipa::IntoParams;
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

use crate::app::App;
use crate::auth::Caller;
use crate::http::params::InQuery;
use crate::problem::{ApiError, ApiResult};
use crate::store::StoreError;
use delta::Cursor;

/// The routes.
pub fn routes() -> OpenApiRouter<App> {
    OpenApiRouter::new()
        .routes(routes!(directory))
        .routes(routes!(signed_catalogue))
}

#[derive(Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
struct SinceCursor {
    /// The cursor of the last answer; without it everything is sent.
    since: Option<String>,
}

/// What changed in the directory since a cursor.
#[utoipa::path(get, path = "/api/v1/directory", tag = "directory", params(SinceCursor),
    security(("access" = [])),
    responses(
        (status = 200, body = DirectoryDelta, description = "The changes, at most 500 at a time."),
        (status = 400, body = Problem, content_type = "application/problem+json", description = "`malformed_parameter`: not a cursor"),
        (status = 401, body = Problem, content_type = "application/problem+json", description = "`sign_in_needed`, `device_revoked`"),
    ))]
async fn directory(
    State(app): State<App>,
    caller: Caller,
    InQuery(query): InQuery<SinceCursor>,
) -> ApiResult<Json<DirectoryDelta>> {
    let cursor = match query.since.as_deref().filter(|text| !text.is_empty()) {
        None => None,
        Some(text) => Some(
            Cursor::parse(text).ok_or_else(|| ApiError::parameter("since", "a cursor of ours"))?,
        ),
    };
    let incarnation = app.store.incarnation();
    let delta = app
        .store
        .read(move |tx| delta::since(tx, caller, incarnation, cursor, delta::PAGE))
        .await?;
    Ok(Json(delta))
}

#[derive(Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
struct SinceVersion {
    /// The version of the catalogue at hand; 0 or nothing for none.
    since: Option<u64>,
}

/// The signed catalogue of labels.
#[utoipa::path(get, path = "/api/v1/catalogue", tag = "directory", params(SinceVersion),
    security(("access" = [])),
    responses(
        (status = 200, body = SignedCatalogue, description = "The catalogue and its Ed25519 signature."),
        (status = 204, description = "The version at hand is current."),
        (status = 400, body = Problem, content_type = "application/problem+json", description = "`malformed_parameter`: not a version"),
        (status = 401, body = Problem, content_type = "application/problem+json", description = "`sign_in_needed`, `device_revoked`"),
    ))]
async fn signed_catalogue(
    State(app): State<App>,
    caller: Caller,
    InQuery(query): InQuery<SinceVersion>,
) -> ApiResult<Response> {
    let known = query.since.unwrap_or(0);
    let found = app
        .store
        .read(move |tx| catalogue::since(tx, caller, known))
        .await
        .map_err(|error: StoreError| ApiError::from(error))?;
    Ok(match found {
        Some(catalogue) => Json(catalogue).into_response(),
        None => StatusCode::NO_CONTENT.into_response(),
    })
}
