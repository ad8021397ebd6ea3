//! The entries of the directory as they are now, as far as one person may see them.

use kokoni_model::calendar::PersonCalendar;
use kokoni_model::ids::{ItemId, OrganisationId, PersonId, PlaceId};
use kokoni_model::label::LabelId;
use kokoni_model::wire::directory::{
    DirectoryEntry, Floor, Item, LabelBinding, Locker, Person, Place, PlaceKind, Section, Site,
    Zone,
};

use crate::auth::Caller;
use crate::labels;
use crate::organisation::{Names, Organisation};
use crate::params;
use crate::store::{AsJson, AsWord, Column, Columns, FromRow, StoreError, Tx};

/// Who looks, and by which policy.
pub struct Viewer {
    /// Whose directory it is.
    pub caller: Caller,
    /// Their organisation.
    pub organisation: Organisation,
    /// Whether names are shown to them.
    pub names: Names,
}

impl Viewer {
    /// Loads what decides about visibility.
    ///
    /// # Errors
    /// Those of the store.
    pub fn load(tx: &Tx<'_>, caller: Caller) -> Result<Self, StoreError> {
        let organisation = Organisation::load(tx, caller.organisation)?;
        let names = organisation.policies.names_for(caller.role);
        Ok(Self {
            caller,
            organisation,
            names,
        })
    }

    /// Whether this person's name is shown.
    pub fn sees(&self, person: PersonId) -> bool {
        self.names == Names::Shown || person == self.caller.person
    }

    /// The entry as it is now; `None` when it is gone, not for this person, or of no known kind.
    ///
    /// # Errors
    /// Those of the store.
    pub fn entry(
        &self,
        tx: &Tx<'_>,
        kind: &str,
        id: &str,
    ) -> Result<Option<DirectoryEntry>, StoreError> {
        let organisation = self.caller.organisation;
        Ok(match kind {
            "settings" => Some(DirectoryEntry::Settings(self.organisation.settings())),
            "calendar" => Some(DirectoryEntry::Calendar(Box::new(
                self.organisation.calendar.clone(),
            ))),
            "reminders" => Some(DirectoryEntry::Reminders(self.organisation.reminders)),
            "site" => by_id::<Row<Site>>(tx, SITE, organisation, id)?
                .map(|Row(site)| DirectoryEntry::Site(site)),
            "floor" => by_id::<Row<Floor>>(tx, FLOOR, organisation, id)?
                .map(|Row(floor)| DirectoryEntry::Floor(floor)),
            "zone" => by_id::<Row<Zone>>(tx, ZONE, organisation, id)?
                .map(|Row(zone)| DirectoryEntry::Zone(zone)),
            "section" => by_id::<Row<Section>>(tx, SECTION, organisation, id)?
                .map(|Row(section)| DirectoryEntry::Section(section)),
            "locker" => by_id::<Row<Locker>>(tx, LOCKER, organisation, id)?
                .map(|Row(locker)| DirectoryEntry::Locker(locker)),
            "item" => by_id::<Row<Item>>(tx, ITEM, organisation, id)?
                .map(|Row(item)| DirectoryEntry::Item(item)),
            "place" => self.place(tx, id)?,
            "person" => self.person(tx, id)?,
            "person_calendar" => self.own_calendar(tx, id)?,
            "label" => self.label(tx, id)?,
            _ => None,
        })
    }

    fn place(&self, tx: &Tx<'_>, id: &str) -> Result<Option<DirectoryEntry>, StoreError> {
        let found: Option<Row<(Place, Option<PersonId>)>> =
            by_id(tx, PLACE, self.caller.organisation, id)?;
        Ok(found
            .filter(|Row((_, home_of))| home_of.is_none_or(|person| person == self.caller.person))
            .map(|Row((place, _))| DirectoryEntry::Place(place)))
    }

    fn person(&self, tx: &Tx<'_>, id: &str) -> Result<Option<DirectoryEntry>, StoreError> {
        let found: Option<Row<Person>> = by_id(tx, PERSON, self.caller.organisation, id)?;
        Ok(found
            .filter(|Row(person)| self.sees(person.id))
            .map(|Row(mut person)| {
                if !self.organisation.policies.extensions && person.id != self.caller.person {
                    person.extension = None;
                }
                DirectoryEntry::Person(person)
            }))
    }

    fn own_calendar(&self, tx: &Tx<'_>, id: &str) -> Result<Option<DirectoryEntry>, StoreError> {
        if id.parse() != Ok(self.caller.person) {
            return Ok(None);
        }
        let calendar: Option<AsJson<PersonCalendar>> = tx.first(
            "SELECT calendar FROM person WHERE organisation = $1 AND id = $2",
            params![self.caller.organisation, self.caller.person],
        )?;
        Ok(calendar.map(|AsJson(calendar)| DirectoryEntry::PersonCalendar(Box::new(calendar))))
    }

    fn label(&self, tx: &Tx<'_>, id: &str) -> Result<Option<DirectoryEntry>, StoreError> {
        let Ok(label) = LabelId::parse_exact(id) else {
            return Ok(None);
        };
        let target = labels::target(tx, self.caller.organisation, label)?;
        Ok(target
            .filter(|target| labels::is_for(target, self.caller.person))
            .map(|target| DirectoryEntry::Label(LabelBinding { label, target })))
    }
}

const SITE: &str = "SELECT id, name FROM site WHERE organisation = $1 AND id = $2";
const FLOOR: &str =
    "SELECT id, site, name, name_en, level FROM floor WHERE organisation = $1 AND id = $2";
const ZONE: &str = "SELECT id, floor, name FROM zone WHERE organisation = $1 AND id = $2";
const SECTION: &str = "SELECT id, name, parent FROM section WHERE organisation = $1 AND id = $2";
const LOCKER: &str = "SELECT id, name, floor FROM locker WHERE organisation = $1 AND id = $2";
const ITEM: &str = "SELECT i.id, i.name, i.locker, l.person
     FROM item i LEFT JOIN loan l
         ON l.organisation = i.organisation AND l.item = i.id AND l.ended_us IS NULL
     WHERE i.organisation = $1 AND i.id = $2";
const PLACE: &str = "SELECT id, name, kind, floor, zone, x, y, person
     FROM place WHERE organisation = $1 AND id = $2";
const PERSON: &str = "SELECT id, family, given, kana_family, kana_given, alias, section, extension
     FROM person WHERE organisation = $1 AND id = $2 AND left_us IS NULL";

fn by_id<T: FromRow>(
    tx: &Tx<'_>,
    sql: &str,
    organisation: OrganisationId,
    id: &str,
) -> Result<Option<T>, StoreError> {
    match id.parse::<uuid::Uuid>() {
        Ok(id) => tx.first(sql, &[organisation.to_value(), id.as_bytes().to_value()]),
        Err(_) => Ok(None),
    }
}

/// A type of the wire as it is read from a row.
struct Row<T>(T);

impl FromRow for Row<Site> {
    fn from_row(columns: &mut Columns) -> Result<Self, StoreError> {
        Ok(Self(Site {
            id: columns.take()?,
            name: columns.take()?,
        }))
    }
}

impl FromRow for Row<Floor> {
    fn from_row(columns: &mut Columns) -> Result<Self, StoreError> {
        Ok(Self(Floor {
            id: columns.take()?,
            site: columns.take()?,
            name: columns.take()?,
            name_en: columns.take()?,
            level: columns.take()?,
        }))
    }
}

impl FromRow for Row<Zone> {
    fn from_row(columns: &mut Columns) -> Result<Self, StoreError> {
        Ok(Self(Zone {
            id: columns.take()?,
            floor: columns.take()?,
            name: columns.take()?,
        }))
    }
}

impl FromRow for Row<Section> {
    fn from_row(columns: &mut Columns) -> Result<Self, StoreError> {
        Ok(Self(Section {
            id: columns.take()?,
            name: columns.take()?,
            parent: columns.take()?,
        }))
    }
}

impl FromRow for Row<Locker> {
    fn from_row(columns: &mut Columns) -> Result<Self, StoreError> {
        Ok(Self(Locker {
            id: columns.take()?,
            name: columns.take()?,
            floor: columns.take()?,
        }))
    }
}

impl FromRow for Row<Item> {
    fn from_row(columns: &mut Columns) -> Result<Self, StoreError> {
        Ok(Self(Item {
            id: columns.take::<ItemId>()?,
            name: columns.take()?,
            locker: columns.take()?,
            lent_to: columns.take()?,
        }))
    }
}

impl FromRow for Row<(Place, Option<PersonId>)> {
    fn from_row(columns: &mut Columns) -> Result<Self, StoreError> {
        let place = Place {
            id: columns.take::<PlaceId>()?,
            name: columns.take()?,
            place_kind: columns.take::<AsWord<PlaceKind>>()?.0,
            floor: columns.take()?,
            zone: columns.take()?,
            x: columns.take::<f64>()? as f32,
            y: columns.take::<f64>()? as f32,
        };
        Ok(Self((place, columns.take()?)))
    }
}

impl FromRow for Row<Person> {
    fn from_row(columns: &mut Columns) -> Result<Self, StoreError> {
        Ok(Self(Person {
            id: columns.take()?,
            family: columns.take()?,
            given: columns.take()?,
            kana_family: columns.take()?,
            kana_given: columns.take()?,
            alias: columns.take()?,
            section: columns.take()?,
            extension: columns.take()?,
        }))
    }
}
