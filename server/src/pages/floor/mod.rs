//! `/floors/{floor}`: the live map of a floor with its list; `/plans/{floor}.svg`: the picture
//! under it.

pub(crate) mod view;

use axum::body::Body;
use axum::extract::{Path, State};
use axum::http::{HeaderMap, HeaderName, StatusCode, header};
use axum::response::{IntoResponse, Response};
use kokoni_model::ids::{FloorId, PersonId, PlaceId, SiteId, ZoneId};
use kokoni_model::wire::directory::{Place, PlaceKind};
use serde::Deserialize;

use super::answer::page;
use super::ask::{SignedIn, own_name};
use super::frame::Here;
use super::home::floor_name;
use super::language::Language;
use super::plan;
use crate::app::App;
use crate::auth::Caller;
use crate::directory::entries::Viewer;
use crate::http::params::{IdInPath, InQuery};
use crate::live::scope::{Scope, TopicId};
use crate::params;
use crate::presence::{me, occupancy};
use crate::problem::ApiError;
use crate::store::{AsWord, Columns, FromRow, StoreError, Tx};
use kokoni_model::clock::Timestamp;
use kokoni_model::ids::IncarnationId;
use view::{FloorFacts, FloorPage};

/// How much of a plan is read to find its size.
const HEAD_OF_PLAN: u32 = 4096;

/// An uploaded plan is a picture and nothing else: no script, no style from elsewhere, no frame.
const PLAN_POLICY: &str = "sandbox; default-src 'none'; style-src 'unsafe-inline'; \
    img-src data:; frame-ancestors 'none'";

/// The address of a floor, with the seat or the person that it leads to.
pub(crate) fn address(floor: FloorId, seat: Option<PlaceId>, person: Option<PersonId>) -> String {
    let mut address = format!("/floors/{floor}");
    if let Some(person) = person {
        address.push_str(&format!("?person={person}"));
    } else if let Some(seat) = seat {
        address.push_str(&format!("?seat={seat}"));
    }
    if let Some(seat) = seat {
        // Without scripts the browser itself goes to the seat.
        address.push_str(&format!("#seat-{seat}"));
    }
    address
}

/// To what the page leads.
#[derive(Clone, Copy, Deserialize)]
pub(super) struct Led {
    seat: Option<PlaceId>,
    person: Option<PersonId>,
}

pub(super) async fn floor(
    State(app): State<App>,
    asked: SignedIn,
    IdInPath(id): IdInPath<FloorId>,
    InQuery(led): InQuery<Led>,
) -> Result<Response, ApiError> {
    let question = Question {
        caller: asked.caller,
        floor: id,
        language: asked.ask.language,
        led,
        now: app.now(),
        incarnation: app.store.incarnation(),
    };
    let (name, facts) = app
        .store
        .read(move |tx| {
            let name = own_name(tx, question.caller)?;
            Ok::<_, StoreError>((name, question.answer(tx)?))
        })
        .await?;
    let facts = facts.ok_or(ApiError::not_found())?;
    let frame = asked.frame(name).at(Here::Floors);
    Ok(page(&FloorPage::new(frame, facts)))
}

/// What the page needs to know.
#[derive(Clone, Copy)]
struct Question {
    caller: Caller,
    floor: FloorId,
    language: Language,
    led: Led,
    now: Timestamp,
    incarnation: IncarnationId,
}

struct PlaceRow(Place);

impl FromRow for PlaceRow {
    fn from_row(columns: &mut Columns) -> Result<Self, StoreError> {
        Ok(Self(Place {
            id: columns.take()?,
            name: columns.take()?,
            place_kind: columns.take::<AsWord<PlaceKind>>()?.0,
            floor: columns.take()?,
            zone: columns.take()?,
            #[expect(
                clippy::cast_possible_truncation,
                reason = "a plan's units need no more"
            )]
            x: columns.take::<f64>()? as f32,
            #[expect(
                clippy::cast_possible_truncation,
                reason = "a plan's units need no more"
            )]
            y: columns.take::<f64>()? as f32,
        }))
    }
}

impl Question {
    /// Everything about the floor; `None` when the organisation has no such floor.
    fn answer(self, tx: &Tx<'_>) -> Result<Option<FloorFacts>, StoreError> {
        let organisation = self.caller.organisation;
        let viewer = Viewer::load(tx, self.caller)?;
        let date = me::working_date(&viewer.organisation.calendar, self.now);
        let Some(occupancy) =
            occupancy::of_floor(tx, organisation, self.floor, date, viewer.names)?
        else {
            return Ok(None);
        };
        let (name, english, site, site_name): (String, String, SiteId, String) = tx.one(
            "SELECT f.name, f.name_en, s.id, s.name FROM floor f
             JOIN site s ON s.organisation = f.organisation AND s.id = f.site
             WHERE f.organisation = $1 AND f.id = $2",
            params![organisation, self.floor],
        )?;
        let floors: Vec<(FloorId, String, String)> = tx.query(
            "SELECT id, name, name_en FROM floor WHERE organisation = $1 AND site = $2
             ORDER BY level, name, id",
            params![organisation, site],
        )?;
        let zones: Vec<(ZoneId, String)> = tx.query(
            "SELECT id, name FROM zone WHERE organisation = $1 AND floor = $2",
            params![organisation, self.floor],
        )?;
        let places: Vec<PlaceRow> = tx.query(
            "SELECT id, name, kind, floor, zone, x, y FROM place
             WHERE organisation = $1 AND floor = $2",
            params![organisation, self.floor],
        )?;
        let head: Option<String> = tx.first(
            "SELECT substr(svg, 1, $3) FROM floor_plan WHERE organisation = $1 AND floor = $2",
            params![organisation, self.floor, HEAD_OF_PLAN],
        )?;
        let topic = TopicId {
            organisation,
            floor: self.floor,
            names: viewer.names,
        };
        Ok(Some(FloorFacts {
            id: self.floor,
            name: floor_name(self.language, name, english),
            site: site_name,
            floors: floors
                .into_iter()
                .map(|(id, name, english)| (id, floor_name(self.language, name, english)))
                .collect(),
            zones: zones.into_iter().collect(),
            places: places.into_iter().map(|PlaceRow(place)| place).collect(),
            picture: head.as_deref().and_then(plan::size_of),
            last_event_id: Scope::of(self.incarnation, topic).id(occupancy.version),
            occupancy,
            zone: viewer.organisation.calendar.zone,
            me: self.caller.person,
            seat: self.led.seat,
            followed: self.followed(tx, &viewer)?,
        }))
    }

    /// The person to whom the page leads, if their name may be shown.
    fn followed(
        self,
        tx: &Tx<'_>,
        viewer: &Viewer,
    ) -> Result<Option<(PersonId, String)>, StoreError> {
        let Some(person) = self.led.person.filter(|person| viewer.sees(*person)) else {
            return Ok(None);
        };
        let name: Option<(String, String)> = tx.first(
            "SELECT family, given FROM person
             WHERE organisation = $1 AND id = $2 AND left_us IS NULL",
            params![self.caller.organisation, person],
        )?;
        Ok(name.map(|(family, given)| (person, format!("{family} {given}"))))
    }
}

pub(super) async fn plan_picture(
    State(app): State<App>,
    asked: SignedIn,
    Path(file): Path<String>,
    headers: HeaderMap,
) -> Result<Response, ApiError> {
    let floor: FloorId = file
        .strip_suffix(".svg")
        .and_then(|id| id.parse().ok())
        .ok_or(ApiError::not_found())?;
    let organisation = asked.caller.organisation;
    let found: Option<(String, Vec<u8>)> = app
        .store
        .read(move |tx| {
            tx.first(
                "SELECT svg, hash FROM floor_plan WHERE organisation = $1 AND floor = $2",
                params![organisation, floor],
            )
        })
        .await
        .map_err(|error: StoreError| ApiError::from(error))?;
    let (svg, hash) = found.ok_or(ApiError::not_found())?;
    let tag = format!("\"{}\"", data_encoding::HEXLOWER.encode(&hash));
    let known = headers
        .get(header::IF_NONE_MATCH)
        .is_some_and(|known| known.as_bytes() == tag.as_bytes());
    let said: [(HeaderName, String); 4] = [
        (header::CONTENT_TYPE, "image/svg+xml".to_owned()),
        (header::CONTENT_SECURITY_POLICY, PLAN_POLICY.to_owned()),
        (header::CACHE_CONTROL, "private, no-cache".to_owned()),
        (header::ETAG, tag),
    ];
    let (status, body) = match known {
        true => (StatusCode::NOT_MODIFIED, Body::empty()),
        false => (StatusCode::OK, Body::from(svg)),
    };
    Ok((status, said, body).into_response())
}
