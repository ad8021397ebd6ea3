//! The contract: made from the code, served at `/openapi.json`.

use axum::routing::get;
use axum::{Json, Router};
use utoipa::openapi::security::{HttpAuthScheme, HttpBuilder, SecurityScheme};
use utoipa::openapi::{Components, OpenApi as Document};
use utoipa::{Modify, OpenApi};
use utoipa_axum::router::OpenApiRouter;

use crate::app::App;
use crate::{directory, enrolment, health, ingest, lending, live, people, presence, queues};

#[derive(OpenApi)]
#[openapi(
    info(
        title = "Kokoni",
        description = "Check-ins for offices without fixed desks. Every error is an RFC 9457 \
            problem document whose `type` is `urn:kokoni:problem:CODE`. Besides those of each \
            operation, any may answer `malformed_header` (400), `app_too_old` (426), `wrong_host` \
            (421), `address_too_long` (414), `method_not_allowed` (405), `request_timeout` (408), \
            `internal` (500), `unavailable` (503) and `storage_full` (507).",
        license(name = "MIT OR Apache-2.0", identifier = "MIT OR Apache-2.0"),
    ),
    modifiers(&BearerToken),
)]
struct Contract;

struct BearerToken;

impl Modify for BearerToken {
    fn modify(&self, document: &mut Document) {
        let scheme = HttpBuilder::new()
            .scheme(HttpAuthScheme::Bearer)
            .description(Some("The access token of an enrolled device."))
            .build();
        document
            .components
            .get_or_insert_with(Components::new)
            .add_security_scheme("access", SecurityScheme::Http(scheme));
    }
}

/// The operations of the API with their contract.
pub fn api() -> OpenApiRouter<App> {
    OpenApiRouter::with_openapi(Contract::openapi())
        .merge(enrolment::routes())
        .merge(ingest::routes())
        .merge(queues::routes())
        .merge(directory::routes())
        .merge(presence::routes())
        .merge(live::routes::routes())
        .merge(people::routes())
        .merge(lending::routes())
        .merge(health::routes())
}

/// Serves the contract.
pub fn document_route(document: Document) -> Router<App> {
    Router::new().route("/openapi.json", get(move || async move { Json(document) }))
}
