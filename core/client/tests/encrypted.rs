//! Encryption at rest. Built on its own, with the feature `sqlcipher`.
#![cfg(feature = "sqlcipher")]

mod common;

use std::collections::BTreeSet;

use common::damage::{Damage, PAGE, lost, put, set_aside};
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
fn first_openings_at_the_same_time_make_one_key() {
    let phone = Phone::new();
    let begin = std::sync::Barrier::new(8);
    let opened: Vec<_> = std::thread::scope(|scope| {
        let open = || {
            begin.wait();
            phone.try_open()
        };
        let openings: Vec<_> = (0..8).map(|_| scope.spawn(open)).collect();
        openings
            .into_iter()
            .map(|opening| opening.join().expect("opened"))
            .collect()
    });
    for engine in &opened {
        assert_eq!(engine.as_ref().err(), None);
    }
    drop(opened);
    phone.open();
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

const RECORDS: u64 = 60;

/// What lies on a phone's disk: the database, and what is kept beside it.
struct Disk {
    database: Vec<u8>,
    mark: Vec<u8>,
    salt: Option<Vec<u8>>,
}

const SALT: &str = "data/kokoni-client.db-salt";

/// A phone with that many unsent records.
fn phone_and_disk() -> (Phone, Disk) {
    let phone = Phone::new();
    let engine = phone.enrolled();
    record(&engine, RECORDS);
    engine.shut_down();
    drop(engine);
    let disk = Disk {
        database: bytes(&phone),
        mark: std::fs::read(phone.path().join("data/high-water")).expect("read"),
        salt: std::fs::read(phone.path().join(SALT)).ok(),
    };
    (phone, disk)
}

impl Disk {
    /// The database is damaged, what is beside it is not.
    fn put_damaged(&self, phone: &Phone, database: &[u8]) {
        put(phone, database, &self.mark);
        if let Some(salt) = &self.salt {
            std::fs::write(phone.path().join(SALT), salt).expect("written");
        }
    }
}

/// What is here; everything that is not must be told as lost, and recording must go on.
fn kept_and_the_rest_told(engine: &Engine) -> BTreeSet<u64> {
    let waiting = engine.waiting().expect("read");
    let here: BTreeSet<u64> = waiting.iter().map(|record| record.seq).collect();
    let losses = engine.losses().expect("read");
    for seq in 1..=RECORDS {
        let told = losses
            .iter()
            .any(|loss| (loss.first_seq..=loss.last_seq).contains(&seq));
        assert!(here.contains(&seq) || told, "{seq} vanished");
    }
    record(engine, 1);
    here
}

#[test]
fn a_damaged_page_costs_only_the_records_on_it() {
    // A page has room for so many records at most.
    const ON_A_PAGE: usize = 12;
    let (phone, disk) = phone_and_disk();
    let (mut kept, mut lost_on_pages) = (0, 0);
    for page in 0..disk.database.len() / PAGE {
        let mut damaged = disk.database.clone();
        damaged[page * PAGE + 2_000] ^= 1;
        disk.put_damaged(&phone, &damaged);
        let engine = phone.open();
        assert_eq!(set_aside(&phone), 1, "page {page}");
        let here = kept_and_the_rest_told(&engine).len();
        assert!(here + ON_A_PAGE >= RECORDS as usize, "page {page}: {here}");
        assert!(!bytes(&phone).starts_with(b"SQLite format"));
        kept += here;
        lost_on_pages += u64::from(lost(&engine) > 0);
        engine.shut_down();
    }
    println!("kept {kept} records, {lost_on_pages} pages with losses");
    assert!(lost_on_pages >= 5, "the records were on some of the pages");
}

#[test]
fn a_torn_first_page_is_damage_and_costs_no_record() {
    let (phone, disk) = phone_and_disk();
    let key = secrets(&phone).get("database_key").expect("read");
    let torn: [&dyn Fn(&mut [u8]); 3] = [
        &|page| page.fill(0),
        &|page| page[..100].fill(0xee),
        &|page| page[PAGE - 1] ^= 1,
    ];
    for tear in torn {
        let mut damaged = disk.database.clone();
        tear(&mut damaged[..PAGE]);
        disk.put_damaged(&phone, &damaged);
        let engine = phone.open();
        assert_eq!((set_aside(&phone), lost(&engine)), (1, 0));
        assert_eq!(kept_and_the_rest_told(&engine).len() as u64, RECORDS);
        engine.shut_down();
    }
    assert_eq!(secrets(&phone).get("database_key").expect("read"), key);
    assert_eq!(sync(&phone.open()).applied, RECORDS + 1);
}

#[test]
fn a_wrong_key_destroys_nothing_whatever_else_is_damaged() {
    let (phone, disk) = phone_and_disk();
    let store = secrets(&phone);
    let key = store.get("database_key").expect("read").expect("a key");
    store.set("database_key", &[9; 32]).expect("set");
    for page in 0..disk.database.len() / PAGE {
        let mut damaged = disk.database.clone();
        damaged[page * PAGE..(page + 1) * PAGE].fill(0);
        disk.put_damaged(&phone, &damaged);
        assert_eq!(phone.try_open().err(), Some(ClientError::KeyWrong));
        assert_eq!((bytes(&phone), set_aside(&phone)), (damaged, 0));
    }
    store.set("database_key", &key).expect("set");
    let engine = phone.open();
    assert_eq!(set_aside(&phone), 1);
    assert!(kept_and_the_rest_told(&engine).len() as u64 >= RECORDS - 12);
}

#[test]
fn records_in_the_log_are_salvaged_too() {
    let phone = Phone::new();
    let engine = phone.enrolled();
    engine.shut_down();
    drop(engine);
    let engine = phone.open();
    record(&engine, RECORDS);
    let with = |suffix: &str| phone.path().join(format!("data/kokoni-client.db{suffix}"));
    let [mut database, log] = ["", "-wal"].map(|suffix| std::fs::read(with(suffix)).expect("read"));
    let mark = std::fs::read(phone.path().join("data/high-water")).expect("read");
    engine.shut_down();
    drop(engine);
    database[PAGE * 3..PAGE * 4].fill(0);
    put(&phone, &database, &mark);
    std::fs::write(with("-wal"), log).expect("written");
    // A page that the log has anew is not missed in the file; whatever is missed is told.
    let engine = phone.open();
    assert_eq!(kept_and_the_rest_told(&engine).len() as u64, RECORDS);
    assert_eq!(lost(&engine), 0);
}

#[test]
fn a_database_that_makes_no_sense_is_set_aside_and_the_new_one_is_encrypted() {
    let (phone, _) = phone_and_disk();
    let key = secrets(&phone)
        .get("database_key")
        .expect("read")
        .expect("a key");
    let db = rusqlite::Connection::open(phone.database()).expect("opens");
    let hex: String = key.iter().map(|byte| format!("{byte:02x}")).collect();
    db.execute_batch(&format!(
        "PRAGMA key = \"x'{hex}'\"; PRAGMA user_version = 0;"
    ))
    .expect("changed");
    drop(db);
    let engine = phone.open();
    assert_eq!(set_aside(&phone), 1);
    assert_eq!(kept_and_the_rest_told(&engine).len() as u64, RECORDS);
    engine.shut_down();
    assert!(!bytes(&phone).starts_with(b"SQLite format"));
}

#[test]
fn a_salt_that_was_noted_wrongly_does_no_harm() {
    let (phone, disk) = phone_and_disk();
    for nonsense in [&b""[..], &[7; 16], &[7; 40]] {
        std::fs::write(phone.path().join(SALT), nonsense).expect("written");
        let engine = phone.open();
        assert_eq!((set_aside(&phone), lost(&engine)), (0, 0));
        engine.shut_down();
        assert_eq!(std::fs::read(phone.path().join(SALT)).ok(), disk.salt);
    }
}

/// Flips, zeroed pages and truncations anywhere in an encrypted file: every record is either kept or
/// reported as lost, and nothing panics.
#[test]
fn damage_anywhere_in_an_encrypted_database_is_repaired_or_reported() {
    let trial = Trial::of(150, 12);
    let (phone, disk) = phone_and_disk();
    let mut dice = trial.dice();
    let (mut set_asides, mut kept, mut reported, mut unopened) = (0, 0, 0, 0);
    for round in 0..trial.count {
        let mut damaged = disk.database.clone();
        let damage = *dice.one_of(&Damage::EVERY);
        damage.strike(&mut damaged, &mut dice);
        disk.put_damaged(&phone, &damaged);
        let engine = match phone.try_open() {
            Ok(engine) => engine,
            // Of a database that ends within its first page nothing says whose key it had.
            Err(ClientError::KeyWrong) if damaged.len() < PAGE => {
                assert_eq!(bytes(&phone), damaged);
                unopened += 1;
                continue;
            }
            Err(error) => panic!("round {round}, {damage:?}: {error}"),
        };
        set_asides += set_aside(&phone) as u64;
        kept += kept_and_the_rest_told(&engine).len() as u64;
        reported += lost(&engine);
        engine.shut_down();
    }
    trial.tell(&[
        ("damages", trial.count),
        ("set aside", set_asides),
        ("kept", kept),
        ("reported as lost", reported),
        ("left as they are", unopened),
    ]);
    assert!(set_asides > trial.count / 2 && kept > trial.count * RECORDS / 3);
    assert!(reported > trial.count);
}
