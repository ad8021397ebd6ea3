//! The whole road with the program itself: `kokoni enrol`, `kokoni scan` with real frames, and
//! `kokoni serve`, killed at any moment; then what was called saved against what the server holds.

use std::path::Path;
use std::sync::Arc;
use std::time::Duration;

use kokoni_camera::Random;
use kokoni_client::{CallOptions, Engine, EngineConfig, FileSecretStore, Invitation, Ports};
use kokoni_model::event::SealedEvent;
use kokoni_model::ids::{EventId, FloorId, OrganisationId};
use kokoni_model::label::LabelId;
use kokoni_model::wire::directory::DirectoryEntry;
use kokoni_model::wire::enrolment::Platform;
use kokoni_server::params;
use kokoni_server::ports::{Clock, SystemClock, SystemRandomness};
use kokoni_server::setup::{enrolment_code, labels};
use kokoni_server::store::{Store, StoreError};
use serde_json::Value;

use crate::env::{Env, text};

/// A city hall with its server and one phone.
struct Morning {
    env: Env,
    made: Value,
    organisation: OrganisationId,
}

impl Morning {
    fn begin() -> Self {
        let env = Env::new();
        let made = env.city_hall();
        let organisation = made["organisation"].as_str().expect("an id");
        Self {
            organisation: organisation.parse().expect("an id"),
            env,
            made,
        }
    }

    fn store(&self) -> Store {
        let mut random = SystemRandomness::new();
        Store::open(&self.env.path("server"), SystemClock.now(), &mut random).expect("a store")
    }

    /// A picture of the label of what has this name.
    fn picture(&self, name: &str) -> std::path::PathBuf {
        let listed = labels(&self.store(), self.organisation).expect("labels");
        let label: LabelId = listed
            .into_iter()
            .find(|label| label.name == name)
            .expect("the label")
            .label;
        self.env.picture(&format!("{name}.png"), &label)
    }

    /// Scans a picture with the phone; what the program says, if it came to say it.
    fn scan(&self, url: &str, picture: &Path, more: &[&str]) -> Option<Value> {
        let mut arguments = vec![
            "scan", "--data", "phone", "--server", url, "--json", "--yes",
        ];
        arguments.push(text(picture));
        arguments.extend(more);
        self.env.run(&arguments).json_lines().into_iter().next()
    }

    /// Another phone of the same person, to look at the map with.
    fn viewer(&self, url: &str) -> Engine {
        let person = self.made["administrator"].as_str().expect("a person");
        let (now, mut random) = (SystemClock.now(), SystemRandomness::new());
        let person = person.parse().expect("an id");
        let code = enrolment_code(&self.store(), self.organisation, person, now, &mut random);
        let secrets = FileSecretStore::open(self.env.path("viewer-secrets")).expect("a folder");
        let engine = Engine::open(EngineConfig {
            data: self.env.path("viewer"),
            ports: Ports::system(Arc::new(secrets)),
            extra_roots: Vec::new(),
            app_version: "test".into(),
        })
        .expect("opens");
        let link = format!("{url}/enrol#{}", code.expect("a code").link);
        let invitation = Invitation::from_link(&link).expect("a link");
        engine
            .enrol(&invitation, "viewer", Platform::Cli, &within())
            .expect("enrolled");
        engine.sync(&within()).expect("synced");
        engine
    }

    /// Every event that the server holds, in the order in which it took them: number, id, answer.
    fn held(&self) -> Vec<(u64, EventId, String)> {
        let organisation = self.organisation;
        type Row = (u64, String, String);
        let rows: Result<Vec<Row>, StoreError> = self.store().read_blocking(move |tx| {
            tx.query(
                "SELECT seq, raw, outcome FROM event WHERE organisation = $1 ORDER BY rowid",
                params![organisation],
            )
        });
        rows.expect("read")
            .into_iter()
            .map(|(seq, raw, outcome)| {
                let sealed = SealedEvent::open(&raw).expect("an event");
                (seq, sealed.event().id, outcome)
            })
            .collect()
    }
}

fn within() -> CallOptions {
    CallOptions::within(Duration::from_secs(30))
}

fn floor_of(viewer: &Engine, place: &str) -> FloorId {
    let places = viewer.directory_entries("place").expect("read");
    places
        .into_iter()
        .find_map(|entry| match entry {
            DirectoryEntry::Place(found) if found.name == place => found.floor,
            _ => None,
        })
        .expect("the floor")
}

#[test]
fn a_scan_takes_a_seat_on_the_map_of_the_served_program_and_a_kill_unseats_nobody() {
    let morning = Morning::begin();
    let seat = morning.picture("A-12");
    let serving = morning.env.serve("127.0.0.1:0");
    let (url, address) = (serving.url.clone(), serving.address().to_string());
    let viewer = morning.viewer(&url);
    let floor = floor_of(&viewer, "A-12");
    let taken = || {
        viewer
            .floor_occupancy(floor, &within())
            .expect("a floor")
            .taken
    };
    assert_eq!(taken(), []);
    let code = morning.made["typed"].as_str().expect("a code");
    let said = morning.scan(&url, &seat, &["--code", code]).expect("said");
    assert_eq!(said["meaning"], "sit");
    assert_eq!(said["sync"]["report"]["applied"], 1, "{said}");
    let before = taken();
    assert_eq!(before.len(), 1);
    assert_eq!(before[0].people.len(), 1);
    serving.kill();
    let _serving = morning.env.serve(&address);
    assert_eq!(taken(), before);
}

#[test]
fn what_was_called_saved_is_applied_once_and_in_order_however_often_the_server_is_killed() {
    const SCANS: usize = 12;
    let morning = Morning::begin();
    let pictures = ["A-12", "電源タップ 01"].map(|name| morning.picture(name));
    let serving = morning.env.serve("127.0.0.1:0");
    let (url, address) = (serving.url.clone(), serving.address().to_string());
    let code = morning.made["typed"].as_str().expect("a code");
    let first = morning.scan(&url, &pictures[0], &["--code", code]);
    let mut saved: Vec<Value> = first
        .into_iter()
        .map(|said| said["saved"].clone())
        .collect();
    let (mut serving, mut random, mut kills) = (Some(serving), Random::new(3), 0);
    for number in 0..SCANS {
        // The moment of the kill, not a wait for anything: the scan is somewhere on its way then.
        let moment = Duration::from_millis(random.below(400) as u64);
        let said = std::thread::scope(|scope| {
            let scan = scope.spawn(|| morning.scan(&url, &pictures[(number + 1) % 2], &[]));
            std::thread::sleep(moment);
            if let Some(server) = serving.take() {
                server.kill();
                kills += 1;
            }
            scan.join().expect("the phone lives")
        });
        let said = said.expect("a phone says what it saved, with or without a server");
        saved.extend(Some(said["saved"].clone()).filter(|saved| !saved.is_null()));
        serving = Some(morning.env.serve(&address));
    }
    // Once more with the server up, so that nothing waits.
    let last = morning.scan(&url, &pictures[1], &[]).expect("said");
    saved.push(last["saved"].clone());
    assert_eq!(last["sync"]["report"]["waiting"], 0, "{last}");
    assert_eq!(kills, SCANS);
    let saved: Vec<(u64, EventId)> = saved
        .iter()
        .map(|saved| {
            let id = serde_json::from_value(saved["id"].clone()).expect("an id");
            (saved["seq"].as_u64().expect("a number"), id)
        })
        .collect();
    let held = morning.held();
    let held_ids: Vec<(u64, EventId)> = held.iter().map(|(seq, id, _)| (*seq, *id)).collect();
    assert_eq!(held_ids, saved, "saved on the phone, held by the server");
    assert!(saved.len() > SCANS / 2, "{} saved", saved.len());
    assert!(
        held.iter().all(|(_, _, outcome)| outcome == "applied"),
        "{held:?}"
    );
}
