//! Events on their way in: read, judged by the rules of the model, committed in groups.
//!
//! `batch` reads a body without touching the database; `group` puts the batches of many phones
//! together and `keep` writes them in one commit; `apply` answers for each event, exactly once and in
//! the order of its queue, with `judge`, `withdraw` and `oddities` deciding and `days` folding what
//! comes of it; `floors` tells the live maps, once a group. `memory` keeps between groups what need
//! not be asked again, with what labels and places are in `layout`. `nothing` stands in for all of it
//! where only the way to the store is measured.

mod apply;
mod batch;
mod days;
mod floors;
mod group;
mod here;
mod judge;
mod keep;
mod layout;
mod memory;
mod nothing;
mod oddities;
pub mod purge;
pub(crate) mod rows;
mod withdraw;

use std::sync::Arc;

use axum::Json;
use axum::extract::{Request, State};
use kokoni_model::event::Meaning;
use kokoni_model::ids::EventId;
use kokoni_model::label::LabelId;
use kokoni_model::wire::events::{BatchReply, EventBatch, Outcome};
use kokoni_model::wire::problem::{Problem, ProblemCode};
use kokoni_model::wire::views::MyState;
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

use crate::app::App;
use crate::auth::{Caller, Unchecked};
use crate::http::body::read_json;
use crate::ports::id_bytes;
use crate::problem::{ApiError, ApiResult};
use group::Work;
use here::Here;

pub use group::Committer;

/// The routes.
pub fn routes() -> OpenApiRouter<App> {
    OpenApiRouter::new().routes(routes!(take_events))
}

/// Send events; each is answered for after it is on the disk.
#[utoipa::path(post, path = "/api/v1/events", tag = "events", request_body = EventBatch,
    security(("access" = [])),
    responses(
        (status = 200, body = BatchReply, description = "An answer for each event, in the order of the batch. The body may be compressed by gzip."),
        (status = 400, body = Problem, content_type = "application/problem+json", description = "`malformed_body`: not a batch. A bad event in a good batch is rejected alone."),
        (status = 401, body = Problem, content_type = "application/problem+json", description = "`sign_in_needed`, `device_revoked`"),
        (status = 413, body = Problem, content_type = "application/problem+json", description = "`body_too_large`: over 1 MiB, or 4 MiB decompressed"),
        (status = 415, body = Problem, content_type = "application/problem+json", description = "`unsupported_body`"),
        (status = 422, body = Problem, content_type = "application/problem+json", description = "`not_allowed_value`: over 500 events"),
    ))]
async fn take_events(
    State(app): State<App>,
    Unchecked(caller): Unchecked,
    request: Request,
) -> ApiResult<Json<BatchReply>> {
    let body = read_json(request).await?;
    let batch = batch::read(caller, app.now(), &body)?;
    let settled = app.committer.submit(Work::Batch(Arc::new(batch))).await?;
    Ok(Json(settled.reply))
}

/// Records a scan for a browser, the way a phone's is. Gives what was answered and what is known of
/// the person then.
///
/// # Errors
/// `device_revoked`, and those of the store.
pub async fn record_here(
    app: &App,
    caller: Caller,
    label: LabelId,
    meaning: Meaning,
) -> ApiResult<(Outcome, MyState)> {
    let at = app.now();
    let here = Here {
        caller,
        label,
        meaning,
        id: app.random(|random| EventId::new(at, id_bytes(random))),
        at,
    };
    let settled = app.committer.submit(Work::Here(Arc::new(here))).await?;
    let answer = settled.reply.answers.into_iter().next();
    match (answer, settled.reply.me) {
        (Some(answer), Some(me)) => Ok((answer.outcome, me)),
        _ => Err(ApiError::new(ProblemCode::Internal)),
    }
}
