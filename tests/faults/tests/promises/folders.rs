//! The files around the database: what is called done is durable with every folder above it, and a
//! full disk leaves the old state.

use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use kokoni_client::{Engine, EngineConfig, FileSecretStore, Ports, SecretStore};
use kokoni_faults::syscalls::{Answer, Kind, SyncedTree, Watcher, watch};
use kokoni_model::event::{Meaning, Via};

use crate::common::{Phone, SEAT, enrol};
use crate::phone::{MARK, row, rows};

/// Where an app keeps its things: nothing of it is there yet.
fn places(root: &Path) -> (PathBuf, PathBuf) {
    let app = root.join("jp.kokoni/files");
    (app.join("data"), app.join("secrets"))
}

fn open(phone: &Phone, root: &Path) -> Engine {
    let (data, secrets) = places(root);
    let secrets = FileSecretStore::open(secrets).expect("a store");
    Engine::open(EngineConfig {
        data,
        ports: Ports {
            secrets: Arc::new(secrets),
            ..phone.ports()
        },
        extra_roots: vec![],
        app_version: "test".into(),
    })
    .expect("opens")
}

#[test]
fn the_first_scan_survives_a_power_cut_with_the_folders_and_the_enrolment() {
    let phone = Phone::new();
    let (before, after) = (phone.path().join("before"), phone.path().join("after"));
    for root in [&before, &after] {
        std::fs::create_dir(root).expect("made");
    }
    let tree = Arc::new(SyncedTree::new(&before).expect("a tree"));
    let _watching = watch(&before, tree.clone());
    let engine = open(&phone, &before);
    let identity = enrol(&engine);
    let saved = engine
        .record(SEAT, Meaning::Sit, Via::Camera)
        .expect("saved");
    // Nothing that was not synced survives; the engine is still open.
    tree.survivors(&after).expect("written");

    let again = open(&phone, &after);
    assert_eq!(again.identity().expect("read"), Some(identity));
    assert_eq!(rows(&places(&after).0), [row(&saved)]);
    let tokens = |root: &Path| std::fs::read(places(root).1.join("enrolment.secret")).ok();
    assert!(tokens(&before).is_some());
    assert_eq!(tokens(&after), tokens(&before));
    let mark = std::fs::read_to_string(places(&after).0.join(MARK)).expect("there is a mark");
    assert!(mark.starts_with(&saved.epoch.to_string()), "{mark:?}");
}

/// No room for files whose name has a part in it, while it is so.
struct NoRoomFor {
    part: &'static str,
    now: AtomicBool,
}

impl Watcher for NoRoomFor {
    fn judge(&self, kind: Kind, path: &Path) -> Answer {
        let named = path.file_name().is_some_and(|name| {
            name.to_string_lossy().contains(self.part) && self.now.load(Ordering::SeqCst)
        });
        match kind {
            Kind::Write | Kind::Sync if named => Answer::Fails(libc::ENOSPC),
            _ => Answer::GoesOn,
        }
    }
}

fn no_room_for(part: &'static str) -> Arc<NoRoomFor> {
    Arc::new(NoRoomFor {
        part,
        now: AtomicBool::new(true),
    })
}

#[test]
fn a_scan_is_saved_although_its_mark_finds_no_room_and_the_next_one_makes_up_for_it() {
    let phone = Phone::new();
    let engine = phone.enrolled();
    let disk = no_room_for(MARK);
    let _watching = watch(phone.path(), disk.clone());
    let record = || {
        engine
            .record(SEAT, Meaning::Sit, Via::Camera)
            .expect("saved")
    };
    record();
    let mark = || std::fs::read_to_string(phone.path().join("data").join(MARK)).unwrap_or_default();
    assert_eq!(mark(), "");
    disk.now.store(false, Ordering::SeqCst);
    let second = record();
    // A word to check the line by follows.
    let line = format!("{} {:020} {:020} ", second.epoch, 2, 0);
    assert!(mark().starts_with(&line), "{}", mark());
    assert_eq!(mark().lines().count(), 1);
    engine.shut_down();
    assert_eq!(phone.open().losses(), Ok(vec![]));
}

#[test]
fn a_secret_that_finds_no_room_leaves_the_old_one() {
    let phone = Phone::new();
    let secrets = FileSecretStore::open(phone.path().join("secrets")).expect("a store");
    secrets.set("tokens", b"old").expect("kept");
    let disk = no_room_for("tokens");
    let _watching = watch(phone.path(), disk.clone());
    assert!(secrets.set("tokens", b"new").is_err());
    let kept = |name| secrets.get(name).expect("read").map(|value| value.to_vec());
    assert_eq!(kept("tokens"), Some(b"old".to_vec()));
    disk.now.store(false, Ordering::SeqCst);
    secrets.set("tokens", b"new").expect("there is room");
    assert_eq!(kept("tokens"), Some(b"new".to_vec()));
}
