//! `/`: sites and their floors, and where oneself is.

use axum::extract::State;
use axum::response::Response;
use kokoni_model::ids::{FloorId, PlaceId, SiteId};
use kokoni_model::wire::directory::PlaceKind;
use kokoni_model::wire::views::PresenceView;

use super::answer::page;
use super::ask::{SignedIn, own_name};
use super::floor::address;
use super::frame::Here;
use super::language::Language;
use super::show;
use super::views::{FloorView, HomePage, SiteView, Whereabouts};
use super::words::{Words, fill};
use crate::app::App;
use crate::directory::entries::Viewer;
use crate::organisation::Names;
use crate::params;
use crate::presence::{me, occupancy};
use crate::problem::ApiError;
use crate::store::{AsWord, StoreError, Tx};

/// A floor with how full it is.
pub(crate) struct FloorCount {
    pub(crate) id: FloorId,
    pub(crate) name: String,
    pub(crate) taken: usize,
    pub(crate) total: usize,
}

/// A place as pages name it.
#[derive(Clone, Debug)]
pub(crate) struct NamedPlace {
    pub(crate) name: String,
    pub(crate) kind: PlaceKind,
    /// The floor, and its name in the visitor's language.
    pub(crate) floor: Option<(FloorId, String)>,
    pub(crate) site: Option<String>,
}

impl NamedPlace {
    /// `3階 A-12`.
    pub(crate) fn words(&self) -> String {
        match &self.floor {
            Some((_, floor)) => format!("{floor} {}", self.name),
            None => self.name.clone(),
        }
    }
}

/// The name of a floor in a language.
pub(crate) fn floor_name(language: Language, name: String, english: String) -> String {
    match language {
        Language::English if !english.is_empty() => english,
        _ => name,
    }
}

/// A place by its id.
///
/// # Errors
/// Those of the store.
pub(crate) fn named_place(
    tx: &Tx<'_>,
    viewer: &Viewer,
    place: PlaceId,
    language: Language,
) -> Result<Option<NamedPlace>, StoreError> {
    type Found = (
        String,
        AsWord<PlaceKind>,
        Option<FloorId>,
        Option<String>,
        Option<String>,
        Option<String>,
    );
    let found: Option<Found> = tx.first(
        "SELECT q.name, q.kind, f.id, f.name, f.name_en, s.name FROM place q
         LEFT JOIN floor f ON f.organisation = q.organisation AND f.id = q.floor
         LEFT JOIN site s ON s.organisation = f.organisation AND s.id = f.site
         WHERE q.organisation = $1 AND q.id = $2",
        params![viewer.caller.organisation, place],
    )?;
    Ok(
        found.map(|(name, AsWord(kind), floor, local, english, site)| {
            let local = local.unwrap_or_default();
            let english = english.unwrap_or_default();
            NamedPlace {
                name,
                kind,
                floor: floor.map(|id| (id, floor_name(language, local, english))),
                site,
            }
        }),
    )
}

/// Where somebody is, in words.
///
/// # Errors
/// Those of the store.
pub(crate) fn whereabouts(
    tx: &Tx<'_>,
    viewer: &Viewer,
    presence: &PresenceView,
    words: &Words,
) -> Result<Whereabouts, StoreError> {
    let zone = viewer.organisation.calendar.zone;
    let (class, state, since) = show::presence(words, presence);
    let (place, href) = match presence {
        PresenceView::Present { place, .. } | PresenceView::Displaced { place, .. } => {
            let named = named_place(tx, viewer, *place, words.language)?;
            let href = named
                .as_ref()
                .and_then(|named| named.floor.as_ref())
                .filter(|_| matches!(presence, PresenceView::Present { .. }))
                .map(|(floor, _)| address(*floor, Some(*place), None));
            (named.map(|named| named.words()), href)
        }
        _ => (None, None),
    };
    Ok(Whereabouts {
        class,
        state,
        place,
        since: since.map(|moment| show::since(words, moment, zone)),
        href,
    })
}

/// Every site with its floors from the ground up, and how full they are.
///
/// # Errors
/// Those of the store.
pub(crate) fn floors(
    tx: &Tx<'_>,
    viewer: &Viewer,
    language: Language,
    date: chrono::NaiveDate,
) -> Result<Vec<(String, Vec<FloorCount>)>, StoreError> {
    let organisation = viewer.caller.organisation;
    let sites: Vec<(SiteId, String)> = tx.query(
        "SELECT id, name FROM site WHERE organisation = $1 ORDER BY id",
        params![organisation],
    )?;
    let floors: Vec<(FloorId, SiteId, String, String)> = tx.query(
        "SELECT id, site, name, name_en FROM floor WHERE organisation = $1 ORDER BY level, name, id",
        params![organisation],
    )?;
    let seats: Vec<(PlaceId, FloorId)> = tx.query(
        "SELECT id, floor FROM place
         WHERE organisation = $1 AND floor IS NOT NULL AND kind = $2",
        params![organisation, AsWord(PlaceKind::Seat)],
    )?;
    let mut counts = Vec::new();
    for (id, site, name, english) in floors {
        let taken = occupancy::of_floor(tx, organisation, id, date, Names::Hidden)?
            .map(|floor| floor.taken)
            .unwrap_or_default();
        let on_floor: std::collections::HashSet<PlaceId> = seats
            .iter()
            .filter(|(_, floor)| *floor == id)
            .map(|(place, _)| *place)
            .collect();
        let count = FloorCount {
            id,
            name: floor_name(language, name, english),
            taken: taken
                .iter()
                .filter(|at| on_floor.contains(&at.place))
                .count(),
            total: on_floor.len(),
        };
        counts.push((site, count));
    }
    Ok(sites
        .into_iter()
        .map(|(site, name)| {
            let own = counts.extract_if(.., |(of, _)| *of == site);
            (name, own.map(|(_, count)| count).collect())
        })
        .collect())
}

pub(super) async fn home(State(app): State<App>, asked: SignedIn) -> Result<Response, ApiError> {
    let (caller, words, now) = (asked.caller, asked.ask.words(), app.now());
    let (name, me, sites) = app
        .store
        .read(move |tx| {
            let viewer = Viewer::load(tx, caller)?;
            let date = me::working_date(&viewer.organisation.calendar, now);
            let state = me::on(tx, caller.organisation, caller.person, date)?;
            Ok::<_, StoreError>((
                own_name(tx, caller)?,
                whereabouts(tx, &viewer, &state.presence, words)?,
                floors(tx, &viewer, words.language, date)?,
            ))
        })
        .await?;
    Ok(page(&HomePage {
        frame: asked.frame(name).at(Here::Floors),
        me: Some(me),
        sites: sites
            .into_iter()
            .map(|(name, floors)| SiteView {
                name,
                floors: floors
                    .iter()
                    .map(|floor| floor_view(words, floor))
                    .collect(),
            })
            .collect(),
    }))
}

fn floor_view(words: &Words, floor: &FloorCount) -> FloorView {
    let free = floor.total - floor.taken;
    FloorView {
        id: floor.id,
        name: floor.name.clone(),
        free_words: fill(words.free_seats, &[("free", &free.to_string())]),
        total_words: fill(words.of_seats, &[("total", &floor.total.to_string())]),
        taken_percent: floor.taken * 100 / floor.total.max(1),
    }
}
