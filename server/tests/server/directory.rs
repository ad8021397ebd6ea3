//! The directory and the signed catalogue: a delta says what a full answer would, nobody learns of
//! another's home, and versions only grow.

use std::collections::BTreeMap;

use crate::kit::{MORNING, Phone, World, problem};
use kokoni_model::catalogue::Catalogue;
use kokoni_model::event::Meaning;
use kokoni_model::ids::PersonId;
use kokoni_model::rules::meaning::Target;
use kokoni_model::wire::directory::{
    DirectoryChange, DirectoryDelta, DirectoryEntry, DirectoryKey, SignedCatalogue,
};
use kokoni_model::wire::problem::ProblemCode;
use kokoni_server::auth::{Caller, Role};
use kokoni_server::directory::delta::{self, Cursor};
use kokoni_server::labels;
use kokoni_server::store::StoreError;
use reqwest::StatusCode;

/// A phone's cache of the directory.
#[derive(Default)]
struct Cache {
    entries: BTreeMap<DirectoryKey, DirectoryEntry>,
    cursor: Option<String>,
}

impl Cache {
    fn take(&mut self, delta: DirectoryDelta) -> bool {
        if delta.reset {
            self.entries.clear();
        }
        for change in delta.changes {
            match change {
                DirectoryChange::Put { entry } => {
                    self.entries.insert(entry.key().expect("a key"), *entry);
                }
                DirectoryChange::Remove { key } => {
                    self.entries.remove(&key);
                }
                DirectoryChange::Unknown => panic!("a change we do not know"),
            }
        }
        self.cursor = Some(delta.cursor);
        delta.more
    }

    async fn catch_up(&mut self, phone: &Phone) {
        loop {
            let since = self.cursor.as_deref().unwrap_or_default();
            let path = format!("/api/v1/directory?since={since}");
            if !self.take(phone.get_json(&path).await) {
                return;
            }
        }
    }
}

async fn bind(world: &World, label: kokoni_model::label::LabelId, target: Target, seconds: i64) {
    let office = world.office.id;
    let bound = world
        .store
        .write(move |tx| {
            labels::bind(
                tx,
                office,
                label,
                &target,
                None,
                MORNING.plus_seconds(seconds),
            )
        })
        .await
        .expect("bound");
    assert!(bound);
}

#[tokio::test]
async fn a_delta_says_what_a_full_answer_would() {
    let mut world = World::start().await;
    let office = world.office.clone();
    let floor = &office.sites[0].floors[0];
    let mut phones = [world.phone(0).await, world.phone(1).await];
    let mut caches = [Cache::default(), Cache::default()];
    let home = |person: usize| Target::Home {
        place: office.people[person].home,
        person: office.people[person].id,
    };
    let blank = office.blank_labels[0];
    for step in 0..8 {
        match step {
            0 => {}
            1 => drop(
                phones[0]
                    .does(floor.lockers[0].items[0].label, Meaning::Borrow)
                    .await,
            ),
            2 => {
                bind(
                    &world,
                    blank,
                    Target::Place {
                        place: floor.places[2].id,
                    },
                    2,
                )
                .await
            }
            3 => bind(&world, blank, home(0), 3).await,
            4 => bind(&world, blank, home(1), 4).await,
            5 => drop(
                phones[0]
                    .does(floor.lockers[0].items[0].label, Meaning::Return)
                    .await,
            ),
            6 => bind(&world, blank, Target::Unbound, 6).await,
            _ => bind(&world, floor.places[0].label, home(2), 7).await,
        }
        for (phone, cache) in phones.iter().zip(&mut caches) {
            cache.catch_up(phone).await;
            let mut full = Cache::default();
            full.catch_up(phone).await;
            assert_eq!(cache.entries, full.entries, "after step {step}");
        }
    }
    let has_label = |cache: &Cache, label: &dyn ToString| {
        let key = DirectoryKey {
            kind: "label".into(),
            id: label.to_string(),
        };
        cache.entries.contains_key(&key)
    };
    assert!(has_label(&caches[0], &blank));
    assert!(
        !has_label(&caches[0], &floor.places[0].label),
        "it is somebody's home now"
    );
}

#[tokio::test]
async fn nobody_else_s_home_is_in_anybodys_directory_or_catalogue() {
    let mut world = World::start().await;
    let phone = world.phone(0).await;
    let mut cache = Cache::default();
    cache.catch_up(&phone).await;
    let signed: SignedCatalogue = phone.get_json("/api/v1/catalogue").await;
    let text = format!(
        "{}{}",
        serde_json::to_string(&cache.entries.values().collect::<Vec<_>>()).expect("serialises"),
        signed.catalogue
    );
    for (number, person) in world.office.people.iter().enumerate() {
        let own = number == 0;
        assert_eq!(
            text.contains(&person.home_label.to_string()),
            own,
            "label of {number}"
        );
        assert_eq!(
            text.contains(&person.home.to_string()),
            own,
            "home of {number}"
        );
    }
    let calendars = cache
        .entries
        .keys()
        .filter(|key| key.kind == "person_calendar")
        .count();
    assert_eq!(calendars, 1);
    assert_eq!(
        cache
            .entries
            .keys()
            .filter(|key| key.kind == "person")
            .count(),
        6
    );
}

#[tokio::test]
async fn a_new_home_label_is_not_even_named_to_others() {
    let mut world = World::start().await;
    let (owner, other) = (world.phone(1).await, world.phone(0).await);
    let mut caches = [Cache::default(), Cache::default()];
    caches[0].catch_up(&owner).await;
    caches[1].catch_up(&other).await;
    let label = kokoni_model::label::LabelId::from_bytes([7; 10]);
    let home = Target::Home {
        place: world.office.people[1].home,
        person: world.office.people[1].id,
    };
    for target in [home, Target::Unbound] {
        bind(&world, label, target, 1).await;
        let mut named = Vec::new();
        for (phone, cache) in [&owner, &other].into_iter().zip(&caches) {
            let since = cache.cursor.as_deref().unwrap_or_default();
            let path = format!("/api/v1/directory?since={since}");
            let text = phone.get(&path).await.text().await.expect("text");
            named.push(text.contains(&label.to_string()));
        }
        let public = labels_of(&other).await.contains(&label);
        assert_eq!(named, [true, public]);
    }
}

async fn labels_of(phone: &Phone) -> Vec<kokoni_model::label::LabelId> {
    let signed: SignedCatalogue = phone.get_json("/api/v1/catalogue").await;
    let catalogue: Catalogue = serde_json::from_str(&signed.catalogue).expect("a catalogue");
    catalogue.labels
}

#[tokio::test]
async fn paging_gives_everything_once_also_when_things_change_meanwhile() {
    let mut world = World::start().await;
    let phone = world.phone(0).await;
    let caller = Caller {
        organisation: world.office.id,
        person: world.office.people[0].id,
        device: phone.enrolled.device,
        role: Role::Staff,
    };
    let incarnation = world.store.incarnation();
    let mut cache = Cache::default();
    let mut pages = 0;
    loop {
        let cursor = cache.cursor.as_deref().and_then(Cursor::parse);
        let delta = world
            .store
            .read(move |tx| delta::since(tx, caller, incarnation, cursor, 7))
            .await
            .expect("a page");
        assert!(delta.changes.len() <= 7);
        assert_eq!(delta.reset, pages == 0);
        pages += 1;
        if !cache.take(delta) {
            break;
        }
        if pages == 3 {
            let blank = world.office.blank_labels[0];
            bind(
                &world,
                blank,
                Target::Exit {
                    site: world.office.sites[1].id,
                },
                1,
            )
            .await;
        }
    }
    assert!(pages > 3);
    let mut full = Cache::default();
    full.catch_up(&phone).await;
    assert_eq!(cache.entries, full.entries);
}

#[tokio::test]
async fn a_cursor_of_another_life_of_the_database_starts_anew() {
    let mut world = World::start().await;
    let phone = world.phone(0).await;
    let other = "00000000-0000-7000-8000-000000000001.3";
    let delta: DirectoryDelta = phone
        .get_json(&format!("/api/v1/directory?since={other}"))
        .await;
    assert!(delta.reset);
    let ahead = format!("{}.999999", world.store.incarnation());
    let delta: DirectoryDelta = phone
        .get_json(&format!("/api/v1/directory?since={ahead}"))
        .await;
    assert!(delta.reset, "a version that this database has not come to");
    let garbage = phone.get("/api/v1/directory?since=yesterday").await;
    assert_eq!(problem(garbage).await, ProblemCode::MalformedParameter);
}

#[tokio::test]
async fn the_catalogue_is_signed_by_the_key_that_was_pinned() {
    let mut world = World::start().await;
    let phone = world.phone(0).await;
    let signed: SignedCatalogue = phone.get_json("/api/v1/catalogue?since=0").await;
    let base64 = |text: &str| {
        data_encoding::BASE64
            .decode(text.as_bytes())
            .expect("base64")
    };
    let key = base64(&phone.enrolled.catalogue_key);
    let verifies = |text: &str| {
        ring::signature::UnparsedPublicKey::new(&ring::signature::ED25519, &key)
            .verify(text.as_bytes(), &base64(&signed.signature))
            .is_ok()
    };
    assert!(verifies(&signed.catalogue));
    assert!(!verifies(&signed.catalogue.replacen('A', "B", 1)));
    let catalogue: Catalogue = serde_json::from_str(&signed.catalogue).expect("a catalogue");
    assert_eq!(catalogue.host.as_str(), "kokoni.example.jp");
    // 14 places, 2 exits, 2 lockers, 4 items, 1 blank and the own home.
    assert_eq!(catalogue.labels.len(), 24);
}

#[tokio::test]
async fn the_catalogues_version_only_grows() {
    let mut world = World::start().await;
    let phone = world.phone(0).await;
    let version = |signed: &SignedCatalogue| {
        serde_json::from_str::<Catalogue>(&signed.catalogue)
            .expect("a catalogue")
            .version
    };
    let first: SignedCatalogue = phone.get_json("/api/v1/catalogue").await;
    let current = phone
        .get(&format!("/api/v1/catalogue?since={}", version(&first)))
        .await;
    assert_eq!(current.status(), StatusCode::NO_CONTENT);
    let blank = world.office.blank_labels[0];
    let exit = Target::Exit {
        site: world.office.sites[0].id,
    };
    bind(&world, blank, exit.clone(), -3600).await;
    let second: SignedCatalogue = phone.get_json("/api/v1/catalogue").await;
    assert_eq!(
        version(&second),
        version(&first) + 1,
        "also when the clock went back"
    );
    bind(&world, blank, exit, 60).await;
    let third: SignedCatalogue = phone.get_json("/api/v1/catalogue").await;
    // A restored backup has forgotten versions; the clock has not.
    assert!(version(&third) > version(&first) + 1_000);
}

#[tokio::test]
async fn a_label_of_another_organisation_cannot_be_bound() {
    let mut world = World::start().await;
    let neighbours = world.neighbours().await;
    let (office, label) = (world.office.id, neighbours.blank_labels[0]);
    let bound = world
        .store
        .write(move |tx| labels::bind(tx, office, label, &Target::Unbound, None, MORNING))
        .await
        .expect("asked");
    assert!(!bound);
}

#[tokio::test]
async fn where_names_are_not_for_staff_they_see_only_their_own() {
    let mut world = World::start().await;
    let office = world.office.id;
    world
        .store
        .write(move |tx| {
            tx.exec(
                "UPDATE organisation SET policies = '{\"names\":\"not_staff\"}' WHERE id = $1",
                kokoni_server::params![office],
            )
            .map(|_| ())
        })
        .await
        .map_err(|error: StoreError| error)
        .expect("written");
    let floor = world.office.sites[0].floors[0].clone();
    let (mut staff, mut other, manager) = (
        world.phone(0).await,
        world.phone(1).await,
        world.phone(5).await,
    );
    other.does(floor.places[0].label, Meaning::Sit).await;
    other
        .does(floor.lockers[0].items[0].label, Meaning::Borrow)
        .await;
    let people = |phone: &Phone| {
        let phone = phone.clone();
        async move {
            let mut cache = Cache::default();
            cache.catch_up(&phone).await;
            let ids: Vec<PersonId> = cache
                .entries
                .values()
                .filter_map(|entry| match entry {
                    DirectoryEntry::Person(person) => Some(person.id),
                    _ => None,
                })
                .collect();
            ids
        }
    };
    assert_eq!(people(&staff).await, [world.office.people[0].id]);
    assert_eq!(people(&manager).await.len(), 6);
    assert_eq!(staff.occupancy(floor.id).await.taken[0].people[0].name, "");
    assert_eq!(
        manager.occupancy(floor.id).await.taken[0].people[0].name,
        "佐藤 太郎1"
    );
    let refused = staff
        .does(floor.lockers[0].items[0].label, Meaning::Borrow)
        .await;
    let refused = serde_json::to_string(&refused).expect("serialises");
    assert!(
        refused.contains("already_lent") && !refused.contains("佐藤"),
        "{refused}"
    );
    let found: serde_json::Value = staff.get_json("/api/v1/people?q=佐藤").await;
    assert_eq!(found["people"], serde_json::json!([]));
    let items = staff.get("/api/v1/items").await.text().await.expect("text");
    assert!(!items.contains("佐藤"));
}
