//! `GET /api/v1/floors/{floor}/changes`: a floor's stream, for apps by token and for pages by
//! cookie.

use std::convert::Infallible;

use axum::body::Body;
use axum::extract::{FromRequestParts, State};
use axum::http::request::Parts;
use axum::http::{HeaderMap, header};
use axum::response::{IntoResponse, Response};
use futures_util::StreamExt;
use kokoni_model::ids::FloorId;
use kokoni_model::wire::problem::{Problem, ProblemCode};
use serde::Deserialize;
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

use super::hub::{Viewer, WatchRefused};
use super::scope::TopicId;
use crate::app::App;
use crate::auth::{Caller, TokenKind, authenticate, bearer, session};
use crate::http::params::{IdInPath, InQuery};
use crate::organisation::{Names, Organisation};
use crate::problem::{ApiError, ApiResult};

/// The routes.
pub(crate) fn routes() -> OpenApiRouter<App> {
    OpenApiRouter::new().routes(routes!(floor_changes))
}

/// Where a stream goes on.
#[derive(Deserialize)]
struct Since {
    /// The id of the last message that is known.
    since: Option<String>,
}

/// Who opens a stream, and by which token.
struct Watcher {
    caller: Caller,
    names: Names,
    token: [u8; 32],
    kind: TokenKind,
}

impl FromRequestParts<App> for Watcher {
    type Rejection = ApiError;

    async fn from_request_parts(parts: &mut Parts, app: &App) -> Result<Self, ApiError> {
        let by_token = bearer(&parts.headers).map(|secret| (secret.hash(), TokenKind::Access));
        let by_cookie =
            || session::presented(parts).map(|secret| (secret.hash(), TokenKind::Session));
        let (token, kind) = by_token
            .or_else(by_cookie)
            .ok_or(ApiError::new(ProblemCode::SignInNeeded))?;
        let now = app.now();
        app.store
            .read(move |tx| {
                let caller = authenticate(tx, token, kind, now)?;
                let policies = Organisation::load(tx, caller.organisation)?.policies;
                Ok(Self {
                    caller,
                    names: policies.names_for(caller.role),
                    token,
                    kind,
                })
            })
            .await
    }
}

/// Watch a floor: every change as it happens.
#[utoipa::path(get, path = "/api/v1/floors/{floor}/changes", tag = "presence",
    params(
        ("floor" = FloorId, Path, description = "The floor."),
        ("since" = Option<String>, Query, description = "The id of the last message that is known; a `Last-Event-ID` header counts for more."),
    ),
    security(("access" = [])),
    responses(
        (status = 200, body = String, content_type = "text/event-stream", description = "Server-sent events: `snapshot` with a FloorOccupancy, unless what was missed can be replayed; then `change` with `{version, changed}`, each changed place as a TakenPlace, free when nobody is there; at most one a second. `end` when the token ends. The id of each message is opaque."),
        (status = 400, body = Problem, content_type = "application/problem+json", description = "`malformed_parameter`"),
        (status = 401, body = Problem, content_type = "application/problem+json", description = "`sign_in_needed`, `device_revoked`"),
        (status = 404, body = Problem, content_type = "application/problem+json", description = "`not_found`"),
        (status = 429, body = Problem, content_type = "application/problem+json", description = "`too_many_requests`: the device has as many streams open as it may"),
    ))]
async fn floor_changes(
    State(app): State<App>,
    watcher: Watcher,
    IdInPath(floor): IdInPath<FloorId>,
    InQuery(Since { since }): InQuery<Since>,
    headers: HeaderMap,
) -> ApiResult<Response> {
    let topic = TopicId {
        organisation: watcher.caller.organisation,
        floor,
        names: watcher.names,
    };
    let viewer = Viewer {
        device: watcher.caller.device,
        token: watcher.token,
        kind: watcher.kind,
    };
    let last = headers
        .get("last-event-id")
        .and_then(|id| id.to_str().ok())
        .or(since.as_deref());
    let stream = app.live.watch(topic, viewer, last).await?;
    let headers = [
        (header::CONTENT_TYPE, "text/event-stream"),
        // A proxy that buffers would hold back what is meant for now.
        (header::HeaderName::from_static("x-accel-buffering"), "no"),
    ];
    let body = Body::from_stream(stream.map(Ok::<_, Infallible>));
    Ok((headers, body).into_response())
}

impl From<WatchRefused> for ApiError {
    fn from(refused: WatchRefused) -> Self {
        match refused {
            WatchRefused::TooMany => Self::new(ProblemCode::TooManyRequests).retry_after(10),
            WatchRefused::NoFloor => Self::not_found(),
            WatchRefused::NotReadable | WatchRefused::Ending => {
                Self::new(ProblemCode::Unavailable).retry_after(2)
            }
        }
    }
}
