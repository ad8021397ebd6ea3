//! What can be asked: my state, a floor's occupancy, people, items.

use std::fmt;

use serde::{Deserialize, Serialize};

use crate::clock::Timestamp;
use crate::ids::{FloorId, ItemId, LockerId, PersonId, PlaceId};
use crate::rules::lending::Loan;

/// What the server knows of the person who asks, over all their devices.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct MyState {
    /// The working day it speaks of, `YYYY-MM-DD`.
    #[cfg_attr(feature = "openapi", schema(value_type = String, format = Date))]
    pub date: chrono::NaiveDate,
    /// Where the person is.
    #[serde(flatten)]
    pub presence: PresenceView,
    /// The first record of the day.
    pub first_us: Option<Timestamp>,
    /// Whether telework was declared on this day.
    pub telework_declared: bool,
    /// What the person has borrowed.
    pub loans: Vec<Loan>,
}

/// Where somebody is, as others may see it.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(tag = "presence", rename_all = "snake_case")]
pub enum PresenceView {
    /// No scan yet today (未登録).
    NoRecord,
    /// At a seat or in a room (在席).
    Present {
        /// Where.
        place: PlaceId,
        /// Since when.
        since_us: Timestamp,
    },
    /// Teleworking (テレワーク).
    Telework {
        /// Since when.
        since_us: Timestamp,
    },
    /// Left (離席・退庁).
    Away {
        /// Since when.
        since_us: Timestamp,
    },
    /// Somebody else scanned the seat later: the person is told so.
    Displaced {
        /// The seat.
        place: PlaceId,
        /// Since when.
        since_us: Timestamp,
    },
    /// A value of a later version.
    #[serde(other)]
    Unknown,
}

/// `GET /api/v1/floors/{floor}/occupancy`: who is where on one floor.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct FloorOccupancy {
    /// Which floor.
    pub floor: FloorId,
    /// Grows with every change of this floor.
    pub version: u64,
    /// Only the places that are taken; every other place of the floor is free.
    pub taken: Vec<TakenPlace>,
}

/// One place that is taken.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct TakenPlace {
    /// Which place.
    pub place: PlaceId,
    /// Who is there: one person at a seat, any number in a room.
    pub people: Vec<PersonAtPlace>,
}

/// A person at a place, as far as the policy shows them.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct PersonAtPlace {
    /// Who.
    pub person: PersonId,
    /// Their display name.
    pub name: String,
    /// Their section's name.
    pub section: String,
    /// Since when.
    pub since_us: Timestamp,
}

/// Shows no name.
impl fmt::Debug for PersonAtPlace {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "PersonAtPlace({})", self.person)
    }
}

/// `GET /api/v1/people?q=`: people found, best first.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct PeopleFound {
    /// At most 50.
    pub people: Vec<PersonFound>,
    /// Whether there were more.
    pub more: bool,
}

/// One person found.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct PersonFound {
    /// Who.
    pub person: PersonId,
    /// Display name.
    pub name: String,
    /// Name in kana.
    pub kana: String,
    /// Section's name.
    pub section: String,
    /// Extension, as text.
    pub extension: Option<String>,
    /// Where they are.
    #[serde(flatten)]
    pub presence: PresenceView,
    /// The floor and name of the place where they are, ready to be shown.
    pub place_name: Option<String>,
    /// The floor of that place.
    pub floor: Option<FloorId>,
}

/// Shows no name.
impl fmt::Debug for PersonFound {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "PersonFound({})", self.person)
    }
}

/// `GET /api/v1/items`: what can be borrowed and who has it.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct ItemList {
    /// Every item, by locker and name.
    pub items: Vec<ItemView>,
}

/// One item.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct ItemView {
    /// Which.
    pub item: ItemId,
    /// Its name.
    pub name: String,
    /// Where it is kept.
    pub locker: LockerId,
    /// The locker's name.
    pub locker_name: String,
    /// The loan that goes on.
    pub loan: Option<Loan>,
    /// The borrower's display name, as far as the policy shows it.
    pub borrower: Option<String>,
}

#[cfg(test)]
mod tests {
    use super::*;
    use uuid::Uuid;

    #[test]
    fn my_state_looks_like_this() {
        let place = PlaceId::from_uuid(Uuid::from_u128(2));
        let state = MyState {
            date: chrono::NaiveDate::from_ymd_opt(2026, 11, 24).expect("a date"),
            presence: PresenceView::Present {
                place,
                since_us: Timestamp::from_micros(7),
            },
            first_us: Some(Timestamp::from_micros(7)),
            telework_declared: false,
            loans: vec![],
        };
        insta::assert_json_snapshot!(state);
    }

    #[test]
    fn a_floor_names_only_the_places_that_are_taken() {
        let occupancy = FloorOccupancy {
            floor: FloorId::from_uuid(Uuid::from_u128(1)),
            version: 9,
            taken: vec![TakenPlace {
                place: PlaceId::from_uuid(Uuid::from_u128(2)),
                people: vec![PersonAtPlace {
                    person: PersonId::from_uuid(Uuid::from_u128(3)),
                    name: "山田 花子".into(),
                    section: "企画課".into(),
                    since_us: Timestamp::from_micros(7),
                }],
            }],
        };
        insta::assert_json_snapshot!(occupancy);
    }
}
