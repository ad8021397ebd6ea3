//! Finding people by name however it is written, and where they are.

pub mod index;

use axum::Json;
use axum::extract::State;
use chrono::NaiveDate;
use kokoni_model::clock::Timestamp;
use kokoni_model::ids::{FloorId, OrganisationId, PlaceId};
use kokoni_model::people::{self as names, SearchQuery};
use kokoni_model::wire::problem::{Problem, ProblemCode};
use kokoni_model::wire::views::{PeopleFound, PersonFound, PresenceView};
use serde::Deserialize;
use utoipa::IntoParams;
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

use crate::app::App;
use crate::auth::Caller;
use crate::directory::entries::Viewer;
use crate::http::params::InQuery;
use crate::params;
use crate::presence::me;
use crate::problem::{ApiError, ApiResult};
use crate::store::{StoreError, Tx};
use index::{Entry, PeopleIndex};

/// The most people in one answer.
pub const MOST_FOUND: usize = 50;

/// People in one answer when nobody says how many.
const USUALLY_FOUND: usize = 20;

/// The most characters of a query.
const LONGEST_QUERY: usize = 100;

/// The routes.
pub fn routes() -> OpenApiRouter<App> {
    OpenApiRouter::new().routes(routes!(find_people))
}

#[derive(Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
struct PeopleQuery {
    /// A name, its reading, an extension or a section; at most 100 characters.
    #[serde(default)]
    #[param(max_length = 100)]
    q: String,
    /// The most people to answer with, 1 to 50; 20 when it is absent.
    #[param(minimum = 1, maximum = 50)]
    limit: Option<usize>,
}

/// Find people.
#[utoipa::path(get, path = "/api/v1/people", tag = "people", params(PeopleQuery),
    security(("access" = [])),
    responses(
        (status = 200, body = PeopleFound, description = "Best first; nobody for an empty query."),
        (status = 400, body = Problem, content_type = "application/problem+json", description = "`malformed_parameter`"),
        (status = 401, body = Problem, content_type = "application/problem+json", description = "`sign_in_needed`, `device_revoked`"),
        (status = 422, body = Problem, content_type = "application/problem+json", description = "`not_allowed_value`: the length of `q` or the `limit`"),
    ))]
async fn find_people(
    State(app): State<App>,
    caller: Caller,
    InQuery(query): InQuery<PeopleQuery>,
) -> ApiResult<Json<PeopleFound>> {
    let limit = query.limit.unwrap_or(USUALLY_FOUND);
    if !(1..=MOST_FOUND).contains(&limit) {
        let detail = format!("limit is a number from 1 to {MOST_FOUND}");
        return Err(ApiError::new(ProblemCode::NotAllowedValue).with_detail(detail));
    }
    if query.q.chars().count() > LONGEST_QUERY {
        let detail = format!("q has at most {LONGEST_QUERY} characters");
        return Err(ApiError::new(ProblemCode::NotAllowedValue).with_detail(detail));
    }
    let (index, now) = (app.people.clone(), app.now());
    let found = app
        .store
        .read(move |tx| find(tx, &index, caller, &query.q, limit, now))
        .await?;
    Ok(Json(found))
}

/// Finds people as one person may see them, and where they are now.
///
/// # Errors
/// Those of the store.
pub fn find(
    tx: &Tx<'_>,
    index: &PeopleIndex,
    caller: Caller,
    text: &str,
    limit: usize,
    now: Timestamp,
) -> Result<PeopleFound, StoreError> {
    let viewer = Viewer::load(tx, caller)?;
    let date = me::working_date(&viewer.organisation.calendar, now);
    let query = SearchQuery::new(text);
    let entries = index.of(tx, caller.organisation)?;
    let seen = entries
        .iter()
        .filter(|entry| viewer.sees(entry.person))
        .map(|entry| (entry, &entry.key));
    let hits = if query.is_empty() {
        Vec::new()
    } else {
        names::search(&query, seen, limit + 1)
    };
    let people = hits
        .iter()
        .take(limit)
        .map(|hit| shown(tx, &viewer, hit.person, date))
        .collect::<Result<_, _>>()?;
    Ok(PeopleFound {
        people,
        more: hits.len() > limit,
    })
}

fn shown(
    tx: &Tx<'_>,
    viewer: &Viewer,
    entry: &Entry,
    date: NaiveDate,
) -> Result<PersonFound, StoreError> {
    let organisation = viewer.caller.organisation;
    let day = me::day(tx, organisation, entry.person, date)?;
    let presence = me::view(tx, organisation, entry.person, date, &day)?;
    let place = match presence {
        PresenceView::Present { place, .. } => place_words(tx, organisation, place)?,
        _ => None,
    };
    let own = entry.person == viewer.caller.person;
    let extensions = own || viewer.organisation.policies.extensions;
    Ok(PersonFound {
        person: entry.person,
        name: entry.name.clone(),
        kana: entry.kana.clone(),
        section: entry.section.clone(),
        extension: entry.extension.clone().filter(|_| extensions),
        presence,
        floor: place.as_ref().map(|(floor, _)| *floor),
        place_name: place.map(|(_, words)| words),
    })
}

/// The floor of a place, and both their names ready to be shown.
fn place_words(
    tx: &Tx<'_>,
    organisation: OrganisationId,
    place: PlaceId,
) -> Result<Option<(FloorId, String)>, StoreError> {
    let found: Option<(FloorId, String, String)> = tx.first(
        "SELECT f.id, f.name, q.name FROM place q
         JOIN floor f ON f.organisation = q.organisation AND f.id = q.floor
         WHERE q.organisation = $1 AND q.id = $2",
        params![organisation, place],
    )?;
    Ok(found.map(|(floor, floor_name, name)| (floor, format!("{floor_name} {name}"))))
}
