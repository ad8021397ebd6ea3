//! A floor as its page shows it: made from what the database says, without asking anything.

use std::collections::{BTreeMap, HashMap};

use askama::Template;
use kokoni_model::calendar::TimeZone;
use kokoni_model::ids::{FloorId, PersonId, PlaceId, ZoneId};
use kokoni_model::wire::directory::{Place, PlaceKind};
use kokoni_model::wire::views::{FloorOccupancy, PersonAtPlace};
use serde::Serialize;

use crate::pages::frame::Frame;
use crate::pages::plan::{self, PlanSize};
use crate::pages::show;
use crate::pages::words::{Words, fill};

/// What the page of a floor is made from.
pub(crate) struct FloorFacts {
    /// Which floor.
    pub(crate) id: FloorId,
    /// Its name, in the visitor's language.
    pub(crate) name: String,
    /// Its site's name.
    pub(crate) site: String,
    /// The floors of the site, this one among them, from the ground up.
    pub(crate) floors: Vec<(FloorId, String)>,
    /// Its zones.
    pub(crate) zones: HashMap<ZoneId, String>,
    /// Its seats and rooms.
    pub(crate) places: Vec<Place>,
    /// The size of the picture, if there is one.
    pub(crate) picture: Option<PlanSize>,
    /// Who is where.
    pub(crate) occupancy: FloorOccupancy,
    /// The id of the message that the page stands for: the stream goes on from there.
    pub(crate) last_event_id: String,
    /// The organisation's zone.
    pub(crate) zone: TimeZone,
    /// Who looks.
    pub(crate) me: PersonId,
    /// The seat that the page leads to.
    pub(crate) seat: Option<PlaceId>,
    /// The person that the page leads to, and their name.
    pub(crate) followed: Option<(PersonId, String)>,
}

/// The page of a floor.
#[derive(Template)]
#[template(path = "floor.html")]
pub(crate) struct FloorPage {
    frame: Frame,
    id: FloorId,
    name: String,
    site: String,
    floors: Vec<FloorTab>,
    count: String,
    following: String,
    plan: Plan,
    groups: Vec<Group>,
    last_event_id: String,
    zone: &'static str,
    me: PersonId,
    seat: String,
    followed: String,
    followed_name: String,
    script_words: String,
}

struct FloorTab {
    id: FloorId,
    name: String,
    here: bool,
}

struct Plan {
    width: f64,
    height: f64,
    has_picture: bool,
}

struct Group {
    name: String,
    places: Vec<PlaceView>,
}

struct PlaceView {
    id: PlaceId,
    name: String,
    kind: &'static str,
    state: &'static str,
    state_words: String,
    label: String,
    show_on_map: String,
    in_shape: String,
    x: f64,
    y: f64,
    scale: f64,
    people: Vec<PersonAtPlace>,
    since: String,
    found: bool,
}

/// The words that the modules in the browser need; `floor/floor.d.ts` names the same.
#[derive(Serialize)]
struct ScriptWords {
    language: &'static str,
    #[serde(flatten)]
    words: BTreeMap<&'static str, &'static str>,
}

impl FloorPage {
    /// The modules of the page, so that the browser fetches them side by side.
    const MODULES: [&'static str; 7] = [
        "floor/announce.js",
        "floor/filter.js",
        "floor/neighbour.js",
        "floor/paint.js",
        "floor/shape.js",
        "floor/stream.js",
        "floor/view-box.js",
    ];

    /// Makes the page.
    pub(crate) fn new(frame: Frame, facts: FloorFacts) -> Self {
        let words = frame.words;
        let points: Vec<(f64, f64)> = facts
            .places
            .iter()
            .map(|place| (f64::from(place.x), f64::from(place.y)))
            .collect();
        let size = facts.picture.unwrap_or_else(|| plan::size_for(&points));
        let scale = plan::shape_scale(size, &points);
        let (free, total) = count(&facts);
        let found = facts.seat.or_else(|| followed_seat(&facts));
        let following = facts
            .followed
            .as_ref()
            .map_or_else(String::new, |(_, name)| {
                let pattern = if found.is_some() {
                    words.following
                } else {
                    words.followed_not_here
                };
                fill(pattern, &[("name", name)])
            });
        let (followed, followed_name) = facts
            .followed
            .as_ref()
            .map(|(person, name)| (person.to_string(), name.clone()))
            .unwrap_or_default();
        Self {
            groups: groups(words, &facts, scale, found),
            count: count_words(words, free, total),
            following,
            plan: Plan {
                width: size.width,
                height: size.height,
                has_picture: facts.picture.is_some(),
            },
            floors: tabs(&facts),
            id: facts.id,
            name: facts.name,
            site: facts.site,
            last_event_id: facts.last_event_id,
            zone: facts.zone.name(),
            me: facts.me,
            seat: found.map(|seat| seat.to_string()).unwrap_or_default(),
            followed,
            followed_name,
            script_words: script_words(words),
            frame,
        }
    }
}

impl PlaceView {
    fn shape(&self) -> String {
        let kind = if self.kind == "room" { "room" } else { "at" };
        format!("{kind}-{}", self.state)
    }

    /// How wide the text in the shape is, for its size.
    fn width(&self) -> u8 {
        show::text_width(&self.in_shape)
    }
}

/// Free seats and all seats; rooms are not counted.
fn count(facts: &FloorFacts) -> (usize, usize) {
    let is_seat = |place: &&Place| place.place_kind == PlaceKind::Seat;
    let taken = |place: &Place| facts.occupancy.taken.iter().any(|at| at.place == place.id);
    let seats = facts.places.iter().filter(is_seat);
    let (total, taken) = seats.fold((0, 0), |(total, used), place| {
        (total + 1, used + usize::from(taken(place)))
    });
    (total - taken, total)
}

/// `空席 4 / 全 10 席`.
pub(crate) fn count_words(words: &Words, free: usize, total: usize) -> String {
    let (free, total) = (free.to_string(), total.to_string());
    fill(words.free_of_total, &[("free", &free), ("total", &total)])
}

fn followed_seat(facts: &FloorFacts) -> Option<PlaceId> {
    let (person, _) = facts.followed.as_ref()?;
    let at = facts
        .occupancy
        .taken
        .iter()
        .find(|at| at.people.iter().any(|there| there.person == *person))?;
    Some(at.place)
}

fn tabs(facts: &FloorFacts) -> Vec<FloorTab> {
    let tab = |(id, name): &(FloorId, String)| FloorTab {
        id: *id,
        name: name.clone(),
        here: *id == facts.id,
    };
    facts.floors.iter().map(tab).collect()
}

fn groups(words: &Words, facts: &FloorFacts, scale: f64, found: Option<PlaceId>) -> Vec<Group> {
    let people: HashMap<PlaceId, &Vec<PersonAtPlace>> = facts
        .occupancy
        .taken
        .iter()
        .map(|at| (at.place, &at.people))
        .collect();
    // Places without a zone stand last.
    let mut groups: BTreeMap<(bool, &str), Vec<PlaceView>> = BTreeMap::new();
    for place in &facts.places {
        let zone = place.zone.and_then(|zone| facts.zones.get(&zone));
        let key = (
            zone.is_none(),
            zone.map_or(words.floor_no_zone, String::as_str),
        );
        let there = people.get(&place.id).map_or(&[][..], |people| &people[..]);
        let mut view = place_view(words, place, there, facts.zone);
        view.scale = scale;
        view.found = found == Some(place.id);
        groups.entry(key).or_default().push(view);
    }
    groups
        .into_iter()
        .map(|((_, name), mut places)| {
            places.sort_by_cached_key(|place| show::natural(&place.name));
            Group {
                name: name.to_owned(),
                places,
            }
        })
        .collect()
}

fn place_view(words: &Words, place: &Place, people: &[PersonAtPlace], zone: TimeZone) -> PlaceView {
    let is_room = place.place_kind == PlaceKind::Room;
    let taken = !people.is_empty();
    let counted = || fill(words.room_taken, &[("count", &people.len().to_string())]);
    let state_words = match (is_room, taken) {
        (true, true) => counted(),
        (true, false) => words.room_free.to_owned(),
        (false, true) => words.taken.to_owned(),
        (false, false) => words.free.to_owned(),
    };
    let in_shape = match (is_room, people.first()) {
        (true, _) => state_words.clone(),
        (false, None) => words.free_in_shape.to_owned(),
        (false, Some(person)) if person.name.is_empty() => words.taken_in_shape.to_owned(),
        (false, Some(person)) => show::short_name(&person.name),
    };
    let names: Vec<&str> = people
        .iter()
        .map(|person| person.name.as_str())
        .filter(|name| !name.is_empty())
        .collect();
    let joined = names.join(words.between_names);
    let label = fill(
        if joined.is_empty() {
            words.name_of_seat
        } else {
            words.name_of_taken
        },
        &[
            ("place", &place.name),
            ("state", &state_words),
            ("people", &joined),
        ],
    );
    let since = people.first().filter(|_| !is_room);
    PlaceView {
        id: place.id,
        name: place.name.clone(),
        kind: if is_room { "room" } else { "seat" },
        state: if taken { "taken" } else { "free" },
        label,
        show_on_map: fill(words.show_on_map, &[("place", &place.name)]),
        in_shape,
        state_words,
        x: f64::from(place.x),
        y: f64::from(place.y),
        scale: 1.0,
        since: since.map_or_else(String::new, |person| {
            show::since(words, person.since_us, zone)
        }),
        people: people.to_vec(),
        found: false,
    }
}

fn script_words(words: &Words) -> String {
    let table = [
        ("free", words.free),
        ("taken", words.taken),
        ("free_in_shape", words.free_in_shape),
        ("taken_in_shape", words.taken_in_shape),
        ("room_free", words.room_free),
        ("room_taken", words.room_taken),
        ("name_of_seat", words.name_of_seat),
        ("name_of_taken", words.name_of_taken),
        ("between_names", words.between_names),
        ("free_of_total", words.free_of_total),
        ("floor_filter_count", words.floor_filter_count),
        ("since", words.since),
        ("live_on", words.live_on),
        ("live_waiting", words.live_waiting),
        ("live_off", words.live_off),
        ("live_ended", words.live_ended),
        ("said_arrived", words.said_arrived),
        ("said_left", words.said_left),
        ("said_my_seat", words.said_my_seat),
        ("said_my_seat_lost", words.said_my_seat_lost),
    ];
    let words = ScriptWords {
        language: words.language.tag(),
        words: table.into_iter().collect(),
    };
    // Texts only: serialising them does not fail.
    serde_json::to_string(&words).unwrap_or_default()
}
