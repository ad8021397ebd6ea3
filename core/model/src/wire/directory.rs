//! The directory: what a phone knows of its organisation without asking, fetched as a delta since
//! a cursor with `GET /api/v1/directory?since=CURSOR`; and the signed catalogue of labels,
//! `GET /api/v1/catalogue?since=VERSION`.

use std::fmt;

use serde::{Deserialize, Serialize};

use crate::calendar::{Calendar, PersonCalendar, ReminderPolicy};
use crate::ids::{
    FloorId, IncarnationId, ItemId, LockerId, PersonId, PlaceId, SectionId, SiteId, ZoneId,
};
use crate::label::{Host, LabelId};
use crate::rules::meaning::Target;

/// Changes of the directory since a cursor.
#[derive(Clone, PartialEq, Debug, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct DirectoryDelta {
    /// Which life of the server's database answered.
    pub incarnation: IncarnationId,
    /// To be sent next time as `since`; opaque.
    pub cursor: String,
    /// Whether everything known before is to be forgotten first.
    pub reset: bool,
    /// Whether there is more to fetch with the new cursor.
    pub more: bool,
    /// What is new or changed, and what is gone, in the order in which it happened.
    pub changes: Vec<DirectoryChange>,
}

/// One change.
#[derive(Clone, PartialEq, Debug, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(tag = "change", rename_all = "snake_case")]
pub enum DirectoryChange {
    /// New or changed.
    Put {
        /// The entry as it is now.
        entry: Box<DirectoryEntry>,
    },
    /// Gone, or no longer visible to this person.
    Remove {
        /// Which entry.
        key: DirectoryKey,
    },
    /// A change of a later version; skipped.
    #[serde(other)]
    Unknown,
}

/// One thing a phone knows.
#[derive(Clone, PartialEq, Debug, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(tag = "kind", rename_all = "snake_case")]
pub enum DirectoryEntry {
    /// Settings of the organisation; there is one.
    Settings(Settings),
    /// A building.
    Site(Site),
    /// A floor.
    Floor(Floor),
    /// A part of a floor.
    Zone(Zone),
    /// A seat, a room, or the person's own home.
    Place(Place),
    /// Something to borrow.
    Item(Item),
    /// Where items are kept.
    Locker(Locker),
    /// A part of the organisation.
    Section(Section),
    /// A member of staff, as far as the policy shows them.
    Person(Person),
    /// What a label is bound to.
    Label(LabelBinding),
    /// The organisation's working days: holidays, closing days, usual hours; there is one.
    Calendar(Box<Calendar>),
    /// The person's own hours, days and leave; there is one, and nobody sees another's.
    PersonCalendar(Box<PersonCalendar>),
    /// When to remind; there is one.
    Reminders(ReminderPolicy),
    /// An entry of a later version; skipped.
    #[serde(other)]
    Unknown,
}

/// Names one entry.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Debug, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct DirectoryKey {
    /// The entry's `kind`.
    pub kind: String,
    /// Its id; empty where there is one only.
    pub id: String,
}

/// Settings of the organisation that a phone needs.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct Settings {
    /// The organisation's name.
    pub name: String,
    /// The public name in labels.
    #[cfg_attr(feature = "openapi", schema(value_type = String))]
    pub label_host: Host,
}

/// A building.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct Site {
    /// Its id.
    pub id: SiteId,
    /// Its name.
    pub name: String,
}

/// A floor.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct Floor {
    /// Its id.
    pub id: FloorId,
    /// Its site.
    pub site: SiteId,
    /// Its name, `3階` say.
    pub name: String,
    /// Its English name, `3F` say.
    pub name_en: String,
    /// Sorts floors; the ground floor is 1.
    pub level: i16,
}

/// A part of a floor.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct Zone {
    /// Its id.
    pub id: ZoneId,
    /// Its floor.
    pub floor: FloorId,
    /// Its name.
    pub name: String,
}

/// A seat, a room or a home.
#[derive(Clone, PartialEq, Debug, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct Place {
    /// Its id.
    pub id: PlaceId,
    /// Its name, `A-12` say.
    pub name: String,
    /// What it is.
    pub place_kind: PlaceKind,
    /// Its floor; homes have none.
    pub floor: Option<FloorId>,
    /// Its zone, where there is one.
    pub zone: Option<ZoneId>,
    /// Its middle on the floor's plan, in the plan's units from the left and the top.
    pub x: f32,
    /// See `x`.
    pub y: f32,
}

/// Kinds of places; open to values of later versions.
#[derive(Clone, PartialEq, Eq, Hash, Debug, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(rename_all = "snake_case")]
pub enum PlaceKind {
    /// One person sits here.
    Seat,
    /// Any number of people are here.
    Room,
    /// Somebody's home.
    Home,
    /// A value of a later version.
    #[serde(untagged)]
    Other(String),
}

/// Something to borrow.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct Item {
    /// Its id.
    pub id: ItemId,
    /// Its name.
    pub name: String,
    /// Where it is kept.
    pub locker: LockerId,
    /// Who has it, as of this delta.
    pub lent_to: Option<PersonId>,
}

/// Where items are kept.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct Locker {
    /// Its id.
    pub id: LockerId,
    /// Its name.
    pub name: String,
    /// Its floor.
    pub floor: FloorId,
}

/// A part of the organisation.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct Section {
    /// Its id.
    pub id: SectionId,
    /// Its name.
    pub name: String,
    /// The section it belongs to.
    pub parent: Option<SectionId>,
}

/// A member of staff, as far as the policy shows them.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct Person {
    /// Their id.
    pub id: PersonId,
    /// Family name.
    pub family: String,
    /// Given name.
    pub given: String,
    /// Family name in kana.
    pub kana_family: String,
    /// Given name in kana.
    pub kana_given: String,
    /// A former name by which they are still searched.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub alias: Option<String>,
    /// Their section.
    pub section: SectionId,
    /// Extension, as text.
    pub extension: Option<String>,
}

/// Shows no name.
impl fmt::Debug for Person {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Person({})", self.id)
    }
}

impl Person {
    /// The name as it is shown: family, space, given.
    pub fn display_name(&self) -> String {
        format!("{} {}", self.family, self.given)
    }
}

/// What a label is bound to.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct LabelBinding {
    /// The label.
    #[cfg_attr(feature = "openapi", schema(value_type = String, example = "0123456789ABCDEF"))]
    pub label: LabelId,
    /// What it stands for.
    pub target: Target,
}

/// The catalogue with its signature.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct SignedCatalogue {
    /// A [`crate::catalogue::Catalogue`] as JSON: exactly these bytes are signed.
    pub catalogue: String,
    /// Ed25519 over the UTF-8 bytes of `catalogue`, 64 bytes in base64.
    pub signature: String,
}

impl DirectoryEntry {
    /// The name under which the entry is kept and removed; `None` for what is not understood.
    pub fn key(&self) -> Option<DirectoryKey> {
        let (kind, id) = match self {
            Self::Settings(_) => ("settings", String::new()),
            Self::Site(site) => ("site", site.id.to_string()),
            Self::Floor(floor) => ("floor", floor.id.to_string()),
            Self::Zone(zone) => ("zone", zone.id.to_string()),
            Self::Place(place) => ("place", place.id.to_string()),
            Self::Item(item) => ("item", item.id.to_string()),
            Self::Locker(locker) => ("locker", locker.id.to_string()),
            Self::Section(section) => ("section", section.id.to_string()),
            Self::Person(person) => ("person", person.id.to_string()),
            Self::Label(binding) => ("label", binding.label.to_string()),
            Self::Calendar(_) => ("calendar", String::new()),
            Self::PersonCalendar(_) => ("person_calendar", String::new()),
            Self::Reminders(_) => ("reminders", String::new()),
            Self::Unknown => return None,
        };
        Some(DirectoryKey {
            kind: kind.to_owned(),
            id,
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use uuid::Uuid;

    fn place() -> DirectoryEntry {
        DirectoryEntry::Place(Place {
            id: PlaceId::from_uuid(Uuid::from_u128(1)),
            name: "A-12".into(),
            place_kind: PlaceKind::Seat,
            floor: Some(FloorId::from_uuid(Uuid::from_u128(2))),
            zone: None,
            x: 120.5,
            y: 40.0,
        })
    }

    #[test]
    fn a_delta_looks_like_this() {
        let label = LabelId::from_bytes([1; 10]);
        let target = Target::Place {
            place: PlaceId::from_uuid(Uuid::from_u128(1)),
        };
        let binding = DirectoryEntry::Label(LabelBinding { label, target });
        let delta = DirectoryDelta {
            incarnation: IncarnationId::from_uuid(Uuid::from_u128(9)),
            cursor: "12".into(),
            reset: false,
            more: false,
            changes: vec![
                DirectoryChange::Put {
                    entry: Box::new(place()),
                },
                DirectoryChange::Put {
                    entry: Box::new(binding),
                },
                DirectoryChange::Remove {
                    key: DirectoryKey {
                        kind: "item".into(),
                        id: Uuid::nil().to_string(),
                    },
                },
            ],
        };
        insta::assert_json_snapshot!(delta);
        let text = serde_json::to_string(&delta).expect("serialises");
        assert_eq!(
            serde_json::from_str::<DirectoryDelta>(&text).expect("reads back"),
            delta
        );
    }

    #[test]
    fn entries_and_changes_of_a_later_version_are_skipped_not_refused() {
        let put: DirectoryChange =
            serde_json::from_str(r#"{"change":"put","entry":{"kind":"robot","id":"7"}}"#)
                .expect("read");
        let DirectoryChange::Put { entry } = put else {
            panic!("a put")
        };
        assert_eq!(entry.key(), None);
        let swap: DirectoryChange =
            serde_json::from_str(r#"{"change":"swap","a":1}"#).expect("read");
        assert_eq!(swap, DirectoryChange::Unknown);
    }

    #[test]
    fn an_entrys_key_says_its_kind_as_its_json_does() {
        let json = serde_json::to_value(place()).expect("serialises");
        assert_eq!(json["kind"], place().key().expect("a key").kind);
    }
}
