//! Encryption at rest. Built on its own, with the feature `sqlcipher`.
#![cfg(feature = "sqlcipher")]

mod common;

use common::{Phone, SEAT, sync};
use kokoni_client::{ClientError, Engine, FileSecretStore, SecretStore};
use kokoni_model::event::{Meaning, Via};
use kokoni_trials::Trial;

fn phone_with_a_record() -> Phone {
    let phone = Phone::new();
    let engine = phone.enrolled();
    engine
        .record(SEAT, Meaning::Sit, Via::Camera)
        .expect("saved");
    engine.shut_down();
    phone
}

fn record(engine: &Engine, count: u64) {
    for _ in 0..count {
        engine
            .record(SEAT, Meaning::Sit, Via::Camera)
            .expect("saved");
    }
}

fn secrets(phone: &Phone) -> FileSecretStore {
    FileSecretStore::open(phone.path().join("secrets")).expect("a store")
}

fn bytes(phone: &Phone) -> Vec<u8> {
    std::fs::read(phone.database()).expect("read")
}

#[test]
fn nothing_readable_lies_on_the_disk_and_it_opens_again() {
    let phone = phone_with_a_record();
    let bytes = bytes(&phone);
    assert!(!bytes.starts_with(b"SQLite format"));
    assert!(!bytes.windows(4).any(|window| window == b"scan"));
    let engine = phone.open();
    assert_eq!(sync(&engine).applied, 1);
}

#[test]
fn a_lost_or_wrong_key_is_an_error_of_its_own_and_leaves_the_file_as_it_is() {
    let phone = phone_with_a_record();
    let before = bytes(&phone);
    let store = secrets(&phone);
    let key = store.get("database_key").expect("read").expect("a key");
    store.remove("database_key").expect("removed");
    assert_eq!(phone.try_open().err(), Some(ClientError::KeyMissing));
    store.set("database_key", &[9; 32]).expect("set");
    assert_eq!(phone.try_open().err(), Some(ClientError::KeyWrong));
    assert_eq!(bytes(&phone), before);
    store.set("database_key", &key).expect("set");
    assert_eq!(phone.open().waiting().expect("read").len(), 1);
}

#[test]
fn a_key_of_the_wrong_length_is_a_wrong_key() {
    let phone = phone_with_a_record();
    let before = bytes(&phone);
    for wrong in [&[7; 31][..], &[7; 33], &[]] {
        secrets(&phone).set("database_key", wrong).expect("set");
        assert_eq!(phone.try_open().err(), Some(ClientError::KeyWrong));
    }
    assert_eq!(bytes(&phone), before);
}

#[test]
fn a_lost_key_that_comes_back_finds_every_unsent_event() {
    let trial = Trial::of(300, 1);
    let phone = Phone::new();
    let engine = phone.enrolled();
    record(&engine, trial.count);
    engine.shut_down();
    drop(engine);
    let store = secrets(&phone);
    let key = store.get("database_key").expect("read").expect("a key");
    store.remove("database_key").expect("removed");
    for _ in 0..3 {
        // However often the app is started meanwhile: no new key is made for the old file.
        assert_eq!(phone.try_open().err(), Some(ClientError::KeyMissing));
        assert_eq!(store.get("database_key"), Ok(None));
    }
    store.set("database_key", &key).expect("set");
    let engine = phone.open();
    assert_eq!(engine.losses().expect("read"), []);
    assert_eq!(sync(&engine).applied, trial.count);
    trial.tell(&[("unsent events", trial.count)]);
}

#[test]
fn a_change_of_keys_keeps_every_unsent_event_and_the_old_key_opens_nothing() {
    let trial = Trial::of(300, 1);
    let phone = Phone::new();
    let engine = phone.enrolled();
    record(&engine, trial.count);
    engine.shut_down();
    drop(engine);
    let store = secrets(&phone);
    let old = store.get("database_key").expect("read").expect("a key");
    Engine::change_database_key(phone.path().join("data"), &phone.ports()).expect("changed");
    let new = store.get("database_key").expect("read").expect("a key");
    store.set("database_key", &old).expect("set");
    assert_eq!(phone.try_open().err(), Some(ClientError::KeyWrong));
    store.set("database_key", &new).expect("set");
    let engine = phone.open();
    let waiting: Vec<u64> = engine
        .waiting()
        .expect("read")
        .iter()
        .map(|record| record.seq)
        .collect();
    assert_eq!(waiting, (1..=trial.count).collect::<Vec<u64>>());
    assert_eq!(sync(&engine).applied, trial.count);
    trial.tell(&[("unsent events", trial.count)]);
}

#[test]
fn the_key_can_be_changed_and_a_change_that_was_cut_off_is_finished() {
    let phone = phone_with_a_record();
    let store = secrets(&phone);
    let data = || phone.path().join("data");
    let old = store.get("database_key").expect("read").expect("a key");
    let engine = phone.open();
    let refused = Engine::change_database_key(data(), &phone.ports());
    assert_eq!(refused, Err(ClientError::DatabaseInUse));
    engine.shut_down();
    drop(engine);
    Engine::change_database_key(data(), &phone.ports()).expect("changed");
    let new = store.get("database_key").expect("read").expect("a key");
    assert_ne!(*old, *new);
    // As if it had ended between the change of the file and that of the secret.
    store.set("database_key", &old).expect("set");
    store.set("database_key_next", &new).expect("set");
    assert_eq!(phone.open().waiting().expect("read").len(), 1);
    assert_eq!(
        store.get("database_key").expect("read").as_deref(),
        Some(&*new)
    );
}
