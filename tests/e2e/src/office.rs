//! The office of the tests: one database with two organisations that must never see each other.

use std::path::{Path, PathBuf};

use kokoni_model::calendar::{Calendar, PersonCalendar, ReminderPolicy};
use kokoni_model::clock::Timestamp;
use kokoni_model::ids::{FloorId, ItemId, PersonId, PlaceId};
use kokoni_model::label::{Host, LabelId};
use kokoni_model::wire::directory::PlaceKind;
use kokoni_server::auth::Role;
use kokoni_server::organisation::Policies;
use kokoni_server::ports::{Clock, SystemClock, SystemRandomness};
use kokoni_server::setup::{
    self, CreatedOrganisation, EnrolmentCode, NewFloor, NewLocker, NewOrganisation, NewPerson,
    NewPlace, NewSection, NewSite,
};
use kokoni_server::store::Store;
use tempfile::TempDir;

/// Staff of each organisation; the first is its administrator.
pub const PEOPLE: usize = 6;

/// Seats of each organisation's one floor.
pub const SEATS: usize = 6;

/// A database with two organisations, in a folder that is removed with it.
pub struct Office {
    folder: TempDir,
    /// The organisation the tests are about.
    pub ours: Tenant,
    /// Another one on the same server.
    pub other: Tenant,
}

/// One organisation and what was made for it.
pub struct Tenant {
    /// The public name in its labels.
    pub host: Host,
    /// Ids and labels.
    pub made: CreatedOrganisation,
    /// Names that only this organisation has.
    pub names: Vec<String>,
}

impl Office {
    /// Makes it.
    pub fn new() -> Self {
        let folder = tempfile::tempdir().expect("a folder");
        let store = open(&folder.path().join("server"));
        let ours = Tenant::make(&store, "青葉市", "aoba.example.jp");
        let other = Tenant::make(&store, "若葉市", "wakaba.example.jp");
        Self {
            folder,
            ours,
            other,
        }
    }

    /// The server's data folder.
    pub fn data(&self) -> PathBuf {
        self.folder.path().join("server")
    }

    /// A folder for something else that lives as long as the office.
    pub fn folder(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
    }

    /// A one-time code for a person, made by the server's operator.
    pub fn code(&self, tenant: &Tenant, person: usize) -> EnrolmentCode {
        self.code_at(tenant, person, now())
    }

    /// The same, made at another moment.
    pub fn code_at(&self, tenant: &Tenant, person: usize, at: Timestamp) -> EnrolmentCode {
        setup::enrolment_code(
            &open(&self.data()),
            tenant.made.id,
            tenant.person(person),
            at,
            &mut SystemRandomness::new(),
        )
        .expect("a code")
    }
}

impl Default for Office {
    fn default() -> Self {
        Self::new()
    }
}

impl Tenant {
    fn make(store: &Store, city: &str, host: &str) -> Self {
        let new = organisation(city, host);
        let names = new
            .people
            .iter()
            .map(|person| person.family.clone())
            .chain([new.name.clone()])
            .collect();
        let made = setup::create_organisation(store, &new, now(), &mut SystemRandomness::new());
        Self {
            host: new.label_host,
            made: made.expect("an organisation"),
            names,
        }
    }

    /// A member of staff.
    pub fn person(&self, number: usize) -> PersonId {
        self.made.people[number].id
    }

    /// The label of somebody's home.
    pub fn home_label(&self, number: usize) -> LabelId {
        self.made.people[number].home_label
    }

    /// The one floor.
    pub fn floor(&self) -> FloorId {
        self.made.sites[0].floors[0].id
    }

    /// A seat.
    pub fn seat(&self, number: usize) -> PlaceId {
        self.made.sites[0].floors[0].places[number].id
    }

    /// The label on a seat.
    pub fn seat_label(&self, number: usize) -> LabelId {
        self.made.sites[0].floors[0].places[number].label
    }

    /// An item of the one locker.
    pub fn item(&self, number: usize) -> ItemId {
        self.made.sites[0].floors[0].lockers[0].items[number].id
    }

    /// The label on an item.
    pub fn item_label(&self, number: usize) -> LabelId {
        self.made.sites[0].floors[0].lockers[0].items[number].label
    }

    /// The label at the exit.
    pub fn exit_label(&self) -> LabelId {
        self.made.sites[0].exit_label
    }

    /// Everything that would give this organisation away in an answer to somebody else: its ids,
    /// labels and names.
    pub fn marks(&self) -> Vec<String> {
        let made = &self.made;
        let site = &made.sites[0];
        let floor = &site.floors[0];
        let locker = &floor.lockers[0];
        let ids = [
            made.id.to_string(),
            site.id.to_string(),
            floor.id.to_string(),
        ]
        .into_iter()
        .chain(made.sections.iter().map(ToString::to_string))
        .chain(floor.places.iter().map(|place| place.id.to_string()))
        .chain([locker.id.to_string()])
        .chain(locker.items.iter().map(|item| item.id.to_string()))
        .chain(
            made.people
                .iter()
                .flat_map(|person| [person.id.to_string(), person.home.to_string()]),
        );
        let labels = [site.exit_label, locker.label]
            .into_iter()
            .chain(floor.places.iter().map(|place| place.label))
            .chain(locker.items.iter().map(|item| item.label))
            .chain(made.people.iter().map(|person| person.home_label))
            .chain(made.blank_labels.iter().copied())
            .map(|label| label.to_string());
        ids.chain(labels).chain(self.names.clone()).collect()
    }
}

/// Now, by the system's clock.
pub fn now() -> Timestamp {
    SystemClock.now()
}

fn open(folder: &Path) -> Store {
    Store::open(folder, now(), &mut SystemRandomness::new()).expect("a database")
}

fn organisation(city: &str, host: &str) -> NewOrganisation {
    let seat = |number: usize| NewPlace {
        name: format!("A-{number:02}"),
        kind: PlaceKind::Seat,
        zone: Some(0),
        x: 40.0 * number as f32,
        y: 30.0,
    };
    let room = NewPlace {
        name: "会議室".into(),
        kind: PlaceKind::Room,
        zone: None,
        x: 40.0,
        y: 90.0,
    };
    let person = |number: usize| NewPerson {
        family: format!("{city}職員{number}"),
        given: "花子".into(),
        kana_family: format!("ショクイン{number}"),
        kana_given: "ハナコ".into(),
        alias: None,
        section: number % 2,
        extension: Some(format!("{}", 4000 + number)),
        role: if number == 0 {
            Role::Administrator
        } else {
            Role::Staff
        },
        calendar: PersonCalendar::default(),
    };
    NewOrganisation {
        name: format!("{city}役所"),
        label_host: Host::new(host).expect("a host"),
        policies: Policies::default(),
        calendar: Calendar::default(),
        reminders: ReminderPolicy::default(),
        sections: vec![
            NewSection {
                name: format!("{city}企画課"),
                parent: None,
            },
            NewSection {
                name: format!("{city}総務課"),
                parent: Some(0),
            },
        ],
        sites: vec![NewSite {
            name: format!("{city}本庁舎"),
            floors: vec![NewFloor {
                name: "3階".into(),
                name_en: "3F".into(),
                level: 3,
                plan_svg: Some("<svg xmlns=\"http://www.w3.org/2000/svg\"/>".into()),
                zones: vec!["北".into()],
                places: (0..SEATS).map(seat).chain([room]).collect(),
                lockers: vec![NewLocker {
                    name: "備品棚".into(),
                    items: vec!["スピーカー".into(), "プロジェクター".into()],
                }],
            }],
        }],
        people: (0..PEOPLE).map(person).collect(),
        blank_labels: 1,
    }
}
