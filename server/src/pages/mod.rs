//! The pages: HTML made on the server, usable by keyboard and screen reader without scripts; small
//! modules add what needs life.
//!
//! A handler asks the store for facts, makes a view of them ([`views`], [`floor::view`]) and hands
//! it to its template. Every word stands in [`words`], in both languages; [`answer`] puts on the
//! headers and turns problems into pages; [`assets`] are inside the program.

mod answer;
mod ask;
mod assets;
mod floor;
mod frame;
mod home;
mod items;
mod label;
mod language;
mod people;
mod plan;
mod show;
mod sign_in;
mod views;
mod words;

use axum::Router;
use axum::extract::Path;
use axum::http::{HeaderName, header};
use axum::middleware;
use axum::response::{IntoResponse, Response};
use axum::routing::{get, post};
use tower_http::csrf::CsrfLayer;

use crate::app::App;
use crate::problem::ApiError;

pub(crate) use answer::nothing_here;

/// The routes. A POST from another site is turned away before any handler sees it.
pub(crate) fn routes() -> Router<App> {
    Router::new()
        .route("/", get(home::home))
        .route("/floors/{floor}", get(floor::floor))
        .route("/plans/{file}", get(floor::plan_picture))
        .route("/people", get(people::people))
        .route("/items", get(items::items))
        .route("/sign-in", get(sign_in::form).post(sign_in::sign_in))
        .route("/sign-out", post(sign_in::sign_out))
        .route("/enrol", get(sign_in::enrol))
        .route("/q/{label}", get(label::show).post(label::scan))
        .route("/assets/{version}/{*file}", get(asset))
        .layer(CsrfLayer::new())
        .layer(middleware::from_fn(answer::around))
}

async fn asset(Path((version, file)): Path<(String, String)>) -> Result<Response, ApiError> {
    let found = assets::find(&version, &file).ok_or(ApiError::not_found())?;
    let said: [(HeaderName, String); 2] = [
        (header::CONTENT_TYPE, found.mime),
        (
            header::CACHE_CONTROL,
            "public, max-age=31536000, immutable".to_owned(),
        ),
    ];
    Ok((said, found.bytes.into_owned()).into_response())
}
