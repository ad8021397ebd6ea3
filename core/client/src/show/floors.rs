//! Floors: which there are, and who sits where on one of them.

use std::collections::HashMap;

use kokoni_model::ids::{FloorId, PersonId, PlaceId};
use kokoni_model::wire::directory::{DirectoryEntry, Floor, Place, PlaceKind};
use kokoni_model::wire::views::{FloorOccupancy, PresenceView, TakenPlace};

use super::Language;
use crate::engine::Engine;
use crate::error::ClientError;
use crate::options::CallOptions;

/// The margin around the places of a floor, as a part of their longer extent.
const MARGIN_PART: f32 = 0.08;

/// One floor.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct FloorLine {
    /// Which.
    pub floor: FloorId,
    /// Its name, with the building's where there are several: `本庁舎 3階`.
    pub name: String,
    /// Its seats.
    pub seats: usize,
    /// Whether the person is there now.
    pub mine: bool,
}

/// Who sits where on one floor.
#[derive(Clone, PartialEq)]
pub struct FloorView {
    /// Which floor.
    pub floor: FloorId,
    /// As in [`FloorLine`].
    pub name: String,
    /// Free seats of all: `空席 12 / 40`.
    pub summary: String,
    /// Free seats.
    pub free: usize,
    /// Taken seats.
    pub taken: usize,
    /// The box around the places with a margin, in the plan's units: left, top, width, height.
    pub bounds: [f32; 4],
    /// Seats and rooms, by name.
    pub seats: Vec<SeatView>,
}

/// One seat or room.
#[derive(Clone, PartialEq)]
pub struct SeatView {
    /// Which.
    pub place: PlaceId,
    /// Its name.
    pub name: String,
    /// Its middle, in the plan's units from the left.
    pub x: f32,
    /// And from the top.
    pub y: f32,
    /// Whether it is a room.
    pub room: bool,
    /// Whether somebody is there.
    pub taken: bool,
    /// Whether it is the person's own now.
    pub mine: bool,
    /// Who is there, or that it is free.
    pub text: String,
    /// The same for a screen reader, with the seat's name.
    pub spoken: String,
}

/// Shows nobody.
impl std::fmt::Debug for FloorView {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "FloorView({}, {} taken)", self.floor, self.taken)
    }
}

fn seat_view(
    place: Place,
    taken: Option<&TakenPlace>,
    me: PersonId,
    language: Language,
) -> SeatView {
    let room = place.place_kind == PlaceKind::Room;
    let people = taken.map(|taken| &taken.people[..]).unwrap_or_default();
    let named = people
        .iter()
        .map(|person| match person.section.as_str() {
            "" => person.name.clone(),
            section => language.pick((
                format!("{}（{section}）", person.name),
                format!("{} ({section})", person.name),
            )),
        })
        .collect::<Vec<_>>();
    let text = match (taken, &named[..]) {
        (None, _) => language.pick(("空席", "Free")).to_owned(),
        (Some(_), []) => language.pick(("使用中", "Taken")).to_owned(),
        (Some(_), named) => named.join(language.pick(("、", ", "))),
    };
    let text = if room && taken.is_none() {
        language.pick(("空室", "Empty")).to_owned()
    } else {
        text
    };
    SeatView {
        place: place.id,
        spoken: language.pick((
            format!("{}、{text}", place.name),
            format!("{}, {text}", place.name),
        )),
        name: place.name,
        x: place.x,
        y: place.y,
        room,
        taken: taken.is_some(),
        mine: people.iter().any(|person| person.person == me),
        text,
    }
}

/// The box around points, with a margin.
fn bounds(points: impl Iterator<Item = (f32, f32)>) -> [f32; 4] {
    let around = points.fold(None, |so_far: Option<[f32; 4]>, (x, y)| {
        Some(match so_far {
            None => [x, y, x, y],
            Some([left, top, right, bottom]) => {
                [left.min(x), top.min(y), right.max(x), bottom.max(y)]
            }
        })
    });
    let [left, top, right, bottom] = around.unwrap_or([0.0, 0.0, 0.0, 0.0]);
    let (width, height) = (right - left, bottom - top);
    let margin = (width.max(height) * MARGIN_PART).max(1.0);
    [
        left - margin,
        top - margin,
        width + 2.0 * margin,
        height + 2.0 * margin,
    ]
}

fn view(
    floor: FloorId,
    name: String,
    places: Vec<Place>,
    occupancy: &FloorOccupancy,
    me: PersonId,
    language: Language,
) -> FloorView {
    let taken: HashMap<PlaceId, &TakenPlace> = occupancy
        .taken
        .iter()
        .map(|taken| (taken.place, taken))
        .collect();
    let mut seats: Vec<SeatView> = places
        .into_iter()
        .map(|place| {
            let taken = taken.get(&place.id).copied();
            seat_view(place, taken, me, language)
        })
        .collect();
    seats.sort_by(|one, other| one.name.cmp(&other.name));
    let of_seats = seats.iter().filter(|seat| !seat.room);
    let all = of_seats.clone().count();
    let taken = of_seats.filter(|seat| seat.taken).count();
    let free = all - taken;
    FloorView {
        floor,
        name,
        summary: language.pick((
            format!("空席 {free} / {all}"),
            format!("{free} of {all} seats free"),
        )),
        free,
        taken,
        bounds: bounds(seats.iter().map(|seat| (seat.x, seat.y))),
        seats,
    }
}

impl Engine {
    /// The floors, by building and level.
    ///
    /// # Errors
    /// When the database cannot be read.
    pub fn floor_lines(&self, language: Language) -> Result<Vec<FloorLine>, ClientError> {
        let mut seats: HashMap<FloorId, usize> = HashMap::new();
        let mut floor_of: HashMap<PlaceId, FloorId> = HashMap::new();
        for place in self.places()? {
            if let Some(floor) = place.floor {
                floor_of.insert(place.id, floor);
                *seats.entry(floor).or_default() +=
                    usize::from(place.place_kind == PlaceKind::Seat);
            }
        }
        let here = match self.identity()? {
            Some(_) => match self.today()?.presence {
                PresenceView::Present { place, .. } => floor_of.get(&place).copied(),
                _ => None,
            },
            None => None,
        };
        let mut floors: Vec<(String, i16, FloorLine)> = Vec::new();
        for (site, floor, name) in self.named_floors(language)? {
            let line = FloorLine {
                floor: floor.id,
                name,
                seats: seats.get(&floor.id).copied().unwrap_or(0),
                mine: here == Some(floor.id),
            };
            floors.push((site, floor.level, line));
        }
        floors.sort_by(|one, other| (&one.0, one.1).cmp(&(&other.0, other.1)));
        Ok(floors.into_iter().map(|(_, _, line)| line).collect())
    }

    /// Who sits where on a floor now, asked of the server; `None` when the phone knows no such
    /// floor.
    ///
    /// # Errors
    /// As [`Engine::floor_occupancy`].
    pub fn floor_view(
        &self,
        floor: FloorId,
        language: Language,
        options: &CallOptions,
    ) -> Result<Option<FloorView>, ClientError> {
        let identity = self.identity()?.ok_or(ClientError::NotEnrolled)?;
        let named = self.named_floors(language)?;
        let Some((_, _, name)) = named.into_iter().find(|(_, known, _)| known.id == floor) else {
            return Ok(None);
        };
        let occupancy = self.floor_occupancy(floor, options)?;
        let mut places = self.places()?;
        places.retain(|place| place.floor == Some(floor));
        let me = identity.person;
        Ok(Some(view(floor, name, places, &occupancy, me, language)))
    }

    fn places(&self) -> Result<Vec<Place>, ClientError> {
        let entries = self.directory_entries("place")?.into_iter();
        Ok(entries
            .filter_map(|entry| match entry {
                DirectoryEntry::Place(place) => Some(place),
                _ => None,
            })
            .collect())
    }

    /// Every floor with its building's name, and its own name in a language.
    fn named_floors(
        &self,
        language: Language,
    ) -> Result<Vec<(String, Floor, String)>, ClientError> {
        let mut sites = HashMap::new();
        for entry in self.directory_entries("site")? {
            if let DirectoryEntry::Site(site) = entry {
                sites.insert(site.id, site.name);
            }
        }
        let several = sites.len() > 1;
        let named = |floor: Floor| {
            let site = sites.get(&floor.site).cloned().unwrap_or_default();
            let own = language.pick((floor.name.clone(), floor.name_en.clone()));
            let name = if several {
                format!("{site} {own}")
            } else {
                own
            };
            (site, floor, name)
        };
        let entries = self.directory_entries("floor")?.into_iter();
        Ok(entries
            .filter_map(|entry| match entry {
                DirectoryEntry::Floor(floor) => Some(named(floor)),
                _ => None,
            })
            .collect())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use kokoni_model::clock::Timestamp;
    use kokoni_model::wire::views::PersonAtPlace;
    use uuid::Uuid;

    fn place(number: u128, name: &str, place_kind: PlaceKind) -> Place {
        Place {
            id: PlaceId::from_uuid(Uuid::from_u128(number)),
            name: name.into(),
            place_kind,
            floor: None,
            zone: None,
            x: number as f32 * 100.0,
            y: 50.0,
        }
    }

    fn person(number: u128, name: &str, section: &str) -> PersonAtPlace {
        PersonAtPlace {
            person: PersonId::from_uuid(Uuid::from_u128(number)),
            name: name.into(),
            section: section.into(),
            since_us: Timestamp::from_micros(0),
        }
    }

    #[test]
    fn a_floor_says_who_sits_where_and_what_is_free() {
        let places = vec![
            place(2, "A-02", PlaceKind::Seat),
            place(1, "A-01", PlaceKind::Seat),
            place(3, "A-03", PlaceKind::Seat),
            place(4, "会議室1", PlaceKind::Room),
            place(5, "会議室2", PlaceKind::Room),
        ];
        let floor = FloorId::from_uuid(Uuid::from_u128(9));
        let taken = |number: usize, people: Vec<PersonAtPlace>| TakenPlace {
            place: places[number].id,
            people,
        };
        let occupancy = FloorOccupancy {
            floor,
            version: 1,
            taken: vec![
                taken(0, vec![person(7, "山田 花子", "企画課")]),
                taken(2, vec![]),
                taken(
                    3,
                    vec![person(8, "佐藤 一", ""), person(9, "鈴木 二", "税務課")],
                ),
            ],
        };
        let me = PersonId::from_uuid(Uuid::from_u128(7));
        let said: Vec<String> = [Language::Japanese, Language::English]
            .into_iter()
            .flat_map(|language| {
                let view = view(
                    floor,
                    "3階".into(),
                    places.clone(),
                    &occupancy,
                    me,
                    language,
                );
                assert_eq!((view.free, view.taken), (1, 2));
                let mine = |seat: &SeatView| if seat.mine { " (mine)" } else { "" };
                let seats = view
                    .seats
                    .iter()
                    .map(|s| format!("{}{}", s.spoken, mine(s)));
                seats.chain([view.summary.clone()]).collect::<Vec<_>>()
            })
            .collect();
        insta::assert_snapshot!(said.join("\n"));
    }

    #[test]
    fn the_box_holds_every_place_with_a_margin() {
        assert_eq!(bounds([].into_iter()), [-1.0, -1.0, 2.0, 2.0]);
        assert_eq!(
            bounds([(100.0, 0.0), (0.0, 50.0)].into_iter()),
            [-8.0, -8.0, 116.0, 66.0]
        );
    }
}
