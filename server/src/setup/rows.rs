//! The rows of a new organisation, made before the transaction that may run more than once.

use kokoni_model::clock::Timestamp;
use kokoni_model::ids::{
    FloorId, ItemId, LockerId, OrganisationId, PersonId, PlaceId, SectionId, SiteId, ZoneId,
};
use kokoni_model::label::LabelId;
use kokoni_model::rules::meaning::Target;
use kokoni_model::wire::directory::PlaceKind;

use super::SetupError;
use super::new::{
    CreatedFloor, CreatedItem, CreatedLocker, CreatedOrganisation, CreatedPerson, CreatedPlace,
    CreatedSite, NewFloor, NewLocker, NewOrganisation, NewPerson, NewSite,
};
use crate::auth::sha256;
use crate::directory::feed::Mark;
use crate::labels;
use crate::params;
use crate::ports::{Random, id_bytes, random_bytes};
use crate::store::{AsJson, AsWord, StoreError, Tx, Value};

/// Tables in the order in which they can be filled.
const INSERTS: [&str; 11] = [
    "INSERT INTO organisation (id, name, label_host, policies, calendar, reminders, signing_key,
         catalogue_version, directory_version, created_us)
     VALUES ($1, $2, $3, $4, $5, $6, $7, 0, 0, $8)",
    "INSERT INTO section (organisation, id, name, parent) VALUES ($1, $2, $3, $4)",
    "INSERT INTO person (organisation, id, family, given, kana_family, kana_given, alias, section,
         extension, role, calendar, left_us)
     VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, NULL)",
    "INSERT INTO site (organisation, id, name) VALUES ($1, $2, $3)",
    "INSERT INTO floor (organisation, id, site, name, name_en, level) VALUES ($1, $2, $3, $4, $5, $6)",
    "INSERT INTO floor_plan (organisation, floor, svg, hash) VALUES ($1, $2, $3, $4)",
    "INSERT INTO zone (organisation, id, floor, name) VALUES ($1, $2, $3, $4)",
    "INSERT INTO place (organisation, id, kind, name, floor, zone, x, y, person)
     VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9)",
    "INSERT INTO locker (organisation, id, name, floor) VALUES ($1, $2, $3, $4)",
    "INSERT INTO item (organisation, id, name, locker) VALUES ($1, $2, $3, $4)",
    "INSERT INTO label (organisation, label, kind, target) VALUES ($1, $2, $3, $4)",
];
const ORGANISATION: usize = 0;
const SECTION: usize = 1;
const PERSON: usize = 2;
const SITE: usize = 3;
const FLOOR: usize = 4;
const PLAN: usize = 5;
const ZONE: usize = 6;
const PLACE: usize = 7;
const LOCKER: usize = 8;
const ITEM: usize = 9;
const LABEL: usize = 10;

/// Everything that is written for a new organisation.
pub(super) struct Rows {
    tables: [Vec<Vec<Value>>; INSERTS.len()],
    pub(super) marks: Vec<Mark>,
}

impl Rows {
    pub(super) fn write(&self, tx: &Tx<'_>) -> Result<(), StoreError> {
        for (sql, rows) in INSERTS.iter().zip(&self.tables) {
            tx.exec_many(sql, rows.iter().cloned())?;
        }
        Ok(())
    }
}

/// Draws ids and labels, and makes rows of them.
pub(super) struct Maker<'r> {
    organisation: OrganisationId,
    now: Timestamp,
    random: &'r mut dyn Random,
    rows: Rows,
}

/// Makes the rows of an organisation.
pub(super) fn make(
    new: &NewOrganisation,
    now: Timestamp,
    random: &mut dyn Random,
) -> Result<(Rows, CreatedOrganisation), SetupError> {
    let mut maker = Maker {
        organisation: OrganisationId::new(now, id_bytes(random)),
        now,
        random,
        rows: Rows {
            tables: Default::default(),
            marks: Vec::new(),
        },
    };
    maker.settings(new);
    let sections = maker.sections(new)?;
    let people = new
        .people
        .iter()
        .enumerate()
        .map(|(position, person)| maker.person(position, person, &sections))
        .collect::<Result<_, _>>()?;
    let sites = new
        .sites
        .iter()
        .map(|site| maker.site(site))
        .collect::<Result<_, _>>()?;
    let blank_labels = (0..new.blank_labels)
        .map(|_| maker.label(&Target::Unbound))
        .collect();
    let created = CreatedOrganisation {
        id: maker.organisation,
        sections,
        sites,
        people,
        blank_labels,
    };
    Ok((maker.rows, created))
}

impl Maker<'_> {
    fn put(&mut self, table: usize, row: &[Value]) {
        self.rows.tables[table].push(row.to_vec());
    }

    fn mark(&mut self, kind: &'static str, id: impl ToString) {
        self.rows.marks.push(Mark::shared(kind, id));
    }

    fn label(&mut self, target: &Target) -> LabelId {
        let label = LabelId::from_bytes(random_bytes(self.random));
        let (kind, id) = labels::written(target);
        self.put(LABEL, params![self.organisation, label, kind, id]);
        self.rows.marks.push(labels::mark(label, target));
        label
    }

    fn settings(&mut self, new: &NewOrganisation) {
        let seed: [u8; 32] = random_bytes(self.random);
        self.put(
            ORGANISATION,
            params![
                self.organisation,
                new.name,
                new.label_host.as_str(),
                AsJson(new.policies),
                AsJson(new.calendar.clone()),
                AsJson(new.reminders),
                seed,
                self.now
            ],
        );
        for kind in ["settings", "calendar", "reminders"] {
            self.mark(kind, "");
        }
    }

    fn sections(&mut self, new: &NewOrganisation) -> Result<Vec<SectionId>, SetupError> {
        let mut made: Vec<SectionId> = Vec::new();
        for (position, section) in new.sections.iter().enumerate() {
            let parent = match section.parent {
                None => None,
                Some(parent) => Some(*made.get(parent).ok_or(SetupError::NoSuchSection {
                    of: format!("section {position}"),
                    section: parent,
                })?),
            };
            let id = SectionId::new(self.now, id_bytes(self.random));
            self.put(
                SECTION,
                params![self.organisation, id, section.name, parent],
            );
            self.mark("section", id);
            made.push(id);
        }
        Ok(made)
    }

    fn person(
        &mut self,
        position: usize,
        new: &NewPerson,
        sections: &[SectionId],
    ) -> Result<CreatedPerson, SetupError> {
        let section = *sections.get(new.section).ok_or(SetupError::NoSuchSection {
            of: format!("person {position}"),
            section: new.section,
        })?;
        let id = PersonId::new(self.now, id_bytes(self.random));
        self.put(
            PERSON,
            params![
                self.organisation,
                id,
                new.family,
                new.given,
                new.kana_family,
                new.kana_given,
                new.alias,
                section,
                new.extension,
                AsWord(new.role),
                AsJson(new.calendar.clone())
            ],
        );
        self.mark("person", id);
        self.rows
            .marks
            .push(Mark::private("person_calendar", id, id));
        let home = PlaceId::new(self.now, id_bytes(self.random));
        self.put(
            PLACE,
            params![
                self.organisation,
                home,
                AsWord(PlaceKind::Home),
                "自宅",
                None::<FloorId>,
                None::<ZoneId>,
                0f64,
                0f64,
                Some(id)
            ],
        );
        self.rows.marks.push(Mark::private("place", home, id));
        let home_label = self.label(&Target::Home {
            place: home,
            person: id,
        });
        Ok(CreatedPerson {
            id,
            home,
            home_label,
        })
    }

    fn site(&mut self, new: &NewSite) -> Result<CreatedSite, SetupError> {
        let id = SiteId::new(self.now, id_bytes(self.random));
        self.put(SITE, params![self.organisation, id, new.name]);
        self.mark("site", id);
        let exit_label = self.label(&Target::Exit { site: id });
        let floors = new
            .floors
            .iter()
            .map(|floor| self.floor(id, floor))
            .collect::<Result<_, _>>()?;
        Ok(CreatedSite {
            id,
            exit_label,
            floors,
        })
    }

    fn floor(&mut self, site: SiteId, new: &NewFloor) -> Result<CreatedFloor, SetupError> {
        let id = FloorId::new(self.now, id_bytes(self.random));
        self.put(
            FLOOR,
            params![
                self.organisation,
                id,
                site,
                new.name,
                new.name_en,
                new.level
            ],
        );
        self.mark("floor", id);
        if let Some(svg) = &new.plan_svg {
            let hash = sha256(svg.as_bytes());
            self.put(PLAN, params![self.organisation, id, *svg, hash]);
        }
        let zones: Vec<ZoneId> = new.zones.iter().map(|name| self.zone(id, name)).collect();
        let places = self.places(id, new, &zones)?;
        let lockers = new
            .lockers
            .iter()
            .map(|locker| self.locker(id, locker))
            .collect();
        Ok(CreatedFloor {
            id,
            places,
            lockers,
        })
    }

    fn zone(&mut self, floor: FloorId, name: &str) -> ZoneId {
        let id = ZoneId::new(self.now, id_bytes(self.random));
        self.put(ZONE, params![self.organisation, id, floor, name]);
        self.mark("zone", id);
        id
    }

    fn places(
        &mut self,
        floor: FloorId,
        new: &NewFloor,
        zones: &[ZoneId],
    ) -> Result<Vec<CreatedPlace>, SetupError> {
        let mut made = Vec::with_capacity(new.places.len());
        for place in &new.places {
            let zone = match place.zone {
                None => None,
                Some(zone) => Some(*zones.get(zone).ok_or(SetupError::NoSuchZone { zone })?),
            };
            if place.kind == PlaceKind::Home {
                return Err(SetupError::HomeOnAFloor);
            }
            let id = PlaceId::new(self.now, id_bytes(self.random));
            self.put(
                PLACE,
                params![
                    self.organisation,
                    id,
                    AsWord(place.kind.clone()),
                    place.name,
                    Some(floor),
                    zone,
                    f64::from(place.x),
                    f64::from(place.y),
                    None::<PersonId>
                ],
            );
            self.mark("place", id);
            let label = self.label(&Target::Place { place: id });
            made.push(CreatedPlace { id, label });
        }
        Ok(made)
    }

    fn locker(&mut self, floor: FloorId, new: &NewLocker) -> CreatedLocker {
        let id = LockerId::new(self.now, id_bytes(self.random));
        self.put(LOCKER, params![self.organisation, id, new.name, floor]);
        self.mark("locker", id);
        let label = self.label(&Target::Locker { locker: id });
        let items = new.items.iter().map(|name| self.item(id, name)).collect();
        CreatedLocker { id, label, items }
    }

    fn item(&mut self, locker: LockerId, name: &str) -> CreatedItem {
        let id = ItemId::new(self.now, id_bytes(self.random));
        self.put(ITEM, params![self.organisation, id, name, locker]);
        self.mark("item", id);
        let label = self.label(&Target::Item { item: id });
        CreatedItem { id, label }
    }
}
