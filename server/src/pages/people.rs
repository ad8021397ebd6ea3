//! `/people`: find a person and be led to their seat.

use axum::extract::State;
use axum::response::Response;
use kokoni_model::wire::views::{PersonFound, PresenceView};
use serde::Deserialize;

use super::answer::page;
use super::ask::{SignedIn, own_name};
use super::floor::address;
use super::frame::Here;
use super::home::whereabouts;
use super::views::{FoundView, PeoplePage};
use super::words::{Words, fill};
use crate::app::App;
use crate::directory::entries::Viewer;
use crate::http::params::InQuery;
use crate::people;
use crate::problem::ApiError;
use crate::store::{StoreError, Tx};

/// Whom to find.
#[derive(Deserialize)]
pub(super) struct Search {
    #[serde(default)]
    q: String,
}

/// The most characters of a search that are read.
const QUERY_CHARS: usize = 100;

/// How many are shown on one page.
const SHOWN: usize = 30;

pub(super) async fn people(
    State(app): State<App>,
    asked: SignedIn,
    InQuery(Search { q }): InQuery<Search>,
) -> Result<Response, ApiError> {
    let query: String = q.trim().chars().take(QUERY_CHARS).collect();
    let (caller, words, now) = (asked.caller, asked.ask.words(), app.now());
    let (searched, index) = (query.clone(), app.people.clone());
    let (name, people, more) = app
        .store
        .read(move |tx| {
            let viewer = Viewer::load(tx, caller)?;
            let found = people::find(tx, &index, caller, &searched, SHOWN, now)?;
            let people = found
                .people
                .into_iter()
                .map(|person| found_view(tx, &viewer, words, person))
                .collect::<Result<Vec<_>, _>>()?;
            Ok::<_, StoreError>((own_name(tx, caller)?, people, found.more))
        })
        .await?;
    let mut frame = asked.frame(name).at(Here::People);
    let count = people.len().to_string();
    let pattern = if people.is_empty() {
        words.people_none
    } else {
        words.people_found
    };
    let summary = fill(pattern, &[("query", &query), ("count", &count)]);
    frame.query = query;
    Ok(page(&PeoplePage {
        frame,
        summary,
        people,
        more,
    }))
}

fn found_view(
    tx: &Tx<'_>,
    viewer: &Viewer,
    words: &Words,
    person: PersonFound,
) -> Result<FoundView, StoreError> {
    let at = whereabouts(tx, viewer, &person.presence, words)?;
    let seat = match person.presence {
        PresenceView::Present { place, .. } => Some(place),
        _ => None,
    };
    let href = person
        .floor
        .filter(|_| seat.is_some())
        .map(|floor| address(floor, seat, Some(person.person)));
    let place = at.place.as_deref().unwrap_or_default();
    Ok(FoundView {
        link_words: fill(
            words.lead_to_seat,
            &[("name", &person.name), ("place", place)],
        ),
        name: person.name,
        kana: person.kana,
        section: person.section,
        extension: person
            .extension
            .map(|number| fill(words.extension, &[("number", &number)])),
        class: at.class,
        state: at.state,
        place: at.place,
        since: at.since,
        href,
    })
}
