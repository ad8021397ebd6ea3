//! What an organisation is made of when it is set up. Lists refer to each other by position.

use kokoni_model::calendar::{Calendar, PersonCalendar, ReminderPolicy};
use kokoni_model::ids::{
    FloorId, ItemId, LockerId, OrganisationId, PersonId, PlaceId, SectionId, SiteId,
};
use kokoni_model::label::{Host, LabelId};
use kokoni_model::wire::directory::PlaceKind;

use crate::auth::Role;
use crate::organisation::Policies;

/// An organisation with everything it starts with.
#[derive(Clone, Debug)]
pub struct NewOrganisation {
    /// Its name.
    pub name: String,
    /// The public name in its labels; no other organisation of the server has it.
    pub label_host: Host,
    /// What staff may see and do.
    pub policies: Policies,
    /// Its working days, time zone and day boundary.
    pub calendar: Calendar,
    /// When to remind.
    pub reminders: ReminderPolicy,
    /// Its sections; a parent stands before its children.
    pub sections: Vec<NewSection>,
    /// Its buildings.
    pub sites: Vec<NewSite>,
    /// Its staff.
    pub people: Vec<NewPerson>,
    /// Stickers printed ahead, bound to nothing.
    pub blank_labels: usize,
}

/// A section.
#[derive(Clone, Debug)]
pub struct NewSection {
    /// Its name.
    pub name: String,
    /// The position of the section it belongs to.
    pub parent: Option<usize>,
}

/// A building; it gets a label for its exit.
#[derive(Clone, Debug)]
pub struct NewSite {
    /// Its name.
    pub name: String,
    /// Its floors.
    pub floors: Vec<NewFloor>,
}

/// A floor.
#[derive(Clone, Debug)]
pub struct NewFloor {
    /// Its name.
    pub name: String,
    /// Its English name.
    pub name_en: String,
    /// Sorts floors; the ground floor is 1.
    pub level: i16,
    /// Its plan as SVG.
    pub plan_svg: Option<String>,
    /// Names of its zones.
    pub zones: Vec<String>,
    /// Its seats and rooms; each gets a label.
    pub places: Vec<NewPlace>,
    /// Its lockers; each gets a label.
    pub lockers: Vec<NewLocker>,
}

/// A seat or a room.
#[derive(Clone, Debug)]
pub struct NewPlace {
    /// Its name.
    pub name: String,
    /// A seat or a room; homes come with people.
    pub kind: PlaceKind,
    /// The position of its zone on the floor.
    pub zone: Option<usize>,
    /// Its middle on the plan, in the plan's units from the left.
    pub x: f32,
    /// Its middle on the plan, from the top.
    pub y: f32,
}

/// A locker with what lies in it.
#[derive(Clone, Debug)]
pub struct NewLocker {
    /// Its name.
    pub name: String,
    /// Names of the items in it; each gets a label.
    pub items: Vec<String>,
}

/// A member of staff; each gets a home with a label.
#[derive(Clone, Debug)]
pub struct NewPerson {
    /// Family name.
    pub family: String,
    /// Given name.
    pub given: String,
    /// Family name in kana.
    pub kana_family: String,
    /// Given name in kana.
    pub kana_given: String,
    /// A former name by which they are still searched.
    pub alias: Option<String>,
    /// The position of their section.
    pub section: usize,
    /// Extension, as text.
    pub extension: Option<String>,
    /// What they may do.
    pub role: Role,
    /// Their own hours, days and leave.
    pub calendar: PersonCalendar,
}

/// What was made, in the order in which it was given.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct CreatedOrganisation {
    /// The organisation.
    pub id: OrganisationId,
    /// Its sections.
    pub sections: Vec<SectionId>,
    /// Its buildings.
    pub sites: Vec<CreatedSite>,
    /// Its staff.
    pub people: Vec<CreatedPerson>,
    /// Stickers bound to nothing.
    pub blank_labels: Vec<LabelId>,
}

/// A building that was made.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct CreatedSite {
    /// Its id.
    pub id: SiteId,
    /// The label at its exit.
    pub exit_label: LabelId,
    /// Its floors.
    pub floors: Vec<CreatedFloor>,
}

/// A floor that was made.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct CreatedFloor {
    /// Its id.
    pub id: FloorId,
    /// Its places.
    pub places: Vec<CreatedPlace>,
    /// Its lockers.
    pub lockers: Vec<CreatedLocker>,
}

/// A place that was made.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct CreatedPlace {
    /// Its id.
    pub id: PlaceId,
    /// Its label.
    pub label: LabelId,
}

/// A locker that was made.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct CreatedLocker {
    /// Its id.
    pub id: LockerId,
    /// Its label.
    pub label: LabelId,
    /// What lies in it.
    pub items: Vec<CreatedItem>,
}

/// An item that was made.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct CreatedItem {
    /// Its id.
    pub id: ItemId,
    /// Its label.
    pub label: LabelId,
}

/// A person who was added.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct CreatedPerson {
    /// Their id.
    pub id: PersonId,
    /// Their home.
    pub home: PlaceId,
    /// Their home's label.
    pub home_label: LabelId,
}
