//! For those who watch over the server: alive, ready, counters.

use axum::extract::{FromRequestParts, Request, State};
use axum::http::{StatusCode, header};
use axum::response::{IntoResponse, Response};
use kokoni_model::wire::problem::{Problem, ProblemCode};
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

use crate::app::App;
use crate::auth::Caller;
use crate::http::origin::Origin;
use crate::problem::{ApiError, ApiResult};
use crate::store::StoreError;

/// The routes.
pub fn routes() -> OpenApiRouter<App> {
    OpenApiRouter::new()
        .routes(routes!(alive))
        .routes(routes!(ready))
        .routes(routes!(metrics))
}

/// Whether the process is alive.
#[utoipa::path(get, path = "/healthz", tag = "health",
    responses((status = 200, body = String, content_type = "text/plain", description = "It is.")))]
async fn alive() -> &'static str {
    "alive\n"
}

/// Whether the database answers.
#[utoipa::path(get, path = "/readyz", tag = "health",
    responses(
        (status = 200, body = String, content_type = "text/plain", description = "It does."),
        (status = 503, body = Problem, content_type = "application/problem+json", description = "`unavailable`"),
    ))]
async fn ready(State(app): State<App>) -> ApiResult<&'static str> {
    if app.stopping.is_cancelled() {
        return Err(ApiError::new(ProblemCode::Unavailable).retry_after(5));
    }
    app.store
        .read(|tx| tx.one::<i64>("SELECT count(*) FROM meta", &[]))
        .await
        .map_err(|_: StoreError| ApiError::new(ProblemCode::Unavailable).retry_after(5))?;
    Ok("ready\n")
}

/// Counters, for this machine itself or an administrator.
#[utoipa::path(get, path = "/metrics", tag = "health",
    security((), ("access" = [])),
    responses(
        (status = 200, body = String, content_type = "text/plain", description = "Prometheus text."),
        (status = 401, body = Problem, content_type = "application/problem+json", description = "`sign_in_needed`, `device_revoked`"),
        (status = 403, body = Problem, content_type = "application/problem+json", description = "`not_permitted`"),
    ))]
async fn metrics(State(app): State<App>, request: Request) -> ApiResult<Response> {
    let (mut parts, _) = request.into_parts();
    let local = parts
        .extensions
        .get::<Origin>()
        .is_some_and(|origin| origin.local);
    if !local {
        let caller = Caller::from_request_parts(&mut parts, &app).await?;
        if !caller.role.administers() {
            return Err(ApiError::not_permitted());
        }
    }
    let kind = "text/plain; version=0.0.4; charset=utf-8";
    Ok((
        StatusCode::OK,
        [(header::CONTENT_TYPE, kind)],
        app.metrics.text(),
    )
        .into_response())
}
