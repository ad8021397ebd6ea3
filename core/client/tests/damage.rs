//! What is damaged is never silently lost: set aside, salvaged, reported.

mod common;

use std::collections::BTreeSet;

use common::damage::{Damage, PAGE, lost, put, set_aside};
use common::{Phone, SEAT, enrol, sync};
use kokoni_client::{ClientError, Engine, FileSecretStore, SecretStore};
use kokoni_model::event::{Meaning, Via};
use kokoni_trials::Trial;

fn record(engine: &Engine, count: u64) {
    for _ in 0..count {
        engine
            .record(SEAT, Meaning::Sit, Via::Camera)
            .expect("saved");
    }
}

/// A phone with this many records on the disk that nobody has sent.
fn phone_with(count: u64) -> Phone {
    let phone = Phone::new();
    let engine = phone.enrolled();
    record(&engine, count);
    engine.shut_down();
    phone
}

#[test]
fn a_torn_header_costs_nothing() {
    let phone = phone_with(50);
    let mut bytes = std::fs::read(phone.database()).expect("read");
    bytes[..100].fill(0xee);
    std::fs::write(phone.database(), &bytes).expect("written");
    let engine = phone.open();
    assert_eq!(
        (engine.waiting().expect("read").len(), lost(&engine)),
        (50, 0)
    );
    assert_eq!(set_aside(&phone), 1);
    let next = engine
        .record(SEAT, Meaning::Sit, Via::Camera)
        .expect("saved");
    assert_eq!(next.seq, 1, "a new life of the queue");
    assert_eq!(sync(&engine).applied, 51);
}

#[test]
fn an_empty_file_in_the_databases_place_is_not_taken_for_a_fresh_start() {
    let phone = phone_with(7);
    std::fs::write(phone.database(), b"").expect("written");
    let engine = phone.open();
    assert_eq!(lost(&engine), 7);
    let next = engine
        .record(SEAT, Meaning::Sit, Via::Camera)
        .expect("saved");
    assert_eq!(next.seq, 1, "still enrolled, in a new life of the queue");
}

#[test]
fn a_database_from_an_old_backup_never_gives_a_number_twice() {
    let phone = phone_with(3);
    let old = std::fs::read(phone.database()).expect("read");
    let engine = phone.open();
    record(&engine, 4);
    sync(&engine);
    record(&engine, 2);
    engine.shut_down();
    std::fs::write(phone.database(), old).expect("written");
    let engine = phone.open();
    assert_eq!(lost(&engine), 2, "8 and 9; the server holds the others");
    record(&engine, 1);
    let report = sync(&engine);
    assert_eq!(
        (report.duplicate, report.applied, report.rejected),
        (3, 1, 0)
    );
}

#[test]
fn a_record_whose_bytes_changed_is_reported_and_the_others_are_sent() {
    let phone = phone_with(5);
    let db = rusqlite::Connection::open(phone.database()).expect("opens");
    db.execute(
        "UPDATE event SET text = replace(text, 'sit', 'sat') WHERE seq = 3",
        [],
    )
    .expect("changed");
    drop(db);
    let engine = phone.open();
    let report = sync(&engine);
    assert_eq!((report.applied, report.waiting), (4, 0));
    let losses = engine.losses().expect("read");
    assert_eq!((losses[0].first_seq, losses[0].last_seq), (3, 3));
    assert_eq!(
        phone.server.snapshot().lost.values().copied().max(),
        Some(3),
        "told"
    );
    engine.losses_told().expect("written");
    assert_eq!(engine.losses().expect("read"), []);
}

fn change_identity(phone: &Phone, from: &str, to: &str) {
    let db = rusqlite::Connection::open(phone.database()).expect("opens");
    let sql = "UPDATE identity SET json = replace(json, ?1, ?2) WHERE instr(json, ?1) > 0";
    assert_eq!(db.execute(sql, [from, to]), Ok(1));
}

/// A bit that flipped in the identity left another device's, or another server's.
#[test]
fn an_identity_whose_bytes_changed_is_taken_from_the_secret_store() {
    for (from, to) in [
        ("https://k.example.jp", "https://k.examplg.jp"),
        ("000000000064", "000000000065"),
        ("{", "["),
    ] {
        // Also where nothing was ever saved.
        for records in [0, 2] {
            let phone = phone_with(records);
            let before = phone.open().identity().expect("read");
            change_identity(&phone, from, to);
            let engine = phone.open();
            assert_eq!(engine.identity().expect("read"), before);
            assert_eq!(sync(&engine).applied, records);
        }
    }
}

#[test]
fn an_identity_that_nothing_can_tell_any_more_leaves_the_records_for_the_next_enrolment() {
    let phone = phone_with(2);
    let secrets = FileSecretStore::open(phone.path().join("secrets")).expect("a store");
    secrets.remove("enrolment").expect("removed");
    change_identity(&phone, "000000000064", "000000000065");
    let engine = phone.open();
    assert_eq!(engine.identity().expect("read"), None);
    assert_eq!(engine.waiting().expect("read").len(), 2);
    enrol(&engine);
    assert_eq!(sync(&engine).applied, 2);
}

#[test]
fn a_state_that_no_version_wrote_is_sent_rather_than_forgotten() {
    let phone = phone_with(2);
    let db = rusqlite::Connection::open(phone.database()).expect("opens");
    db.execute("UPDATE event SET state = 'waitinh' WHERE seq = 1", [])
        .expect("changed");
    drop(db);
    assert_eq!(sync(&phone.open()).applied, 2);
}

#[test]
fn a_loss_at_the_end_of_a_queue_is_told_to_the_server() {
    let phone = phone_with(4);
    let db = rusqlite::Connection::open(phone.database()).expect("opens");
    db.execute("DELETE FROM event WHERE seq > 2", [])
        .expect("deleted");
    db.execute("UPDATE queue SET next_seq = 3 WHERE next_seq = 5", [])
        .expect("changed");
    drop(db);
    let engine = phone.open();
    assert_eq!(lost(&engine), 2);
    sync(&engine);
    assert_eq!(
        phone.server.snapshot().lost.values().copied().max(),
        Some(4)
    );
    let batches = phone
        .server
        .batches
        .load(std::sync::atomic::Ordering::SeqCst);
    sync(&engine);
    let later = phone
        .server
        .batches
        .load(std::sync::atomic::Ordering::SeqCst);
    assert_eq!(later, batches, "told once");
}

/// Flips, zeroed pages and truncations anywhere in the file: every record is either kept or reported
/// as lost, at least 99 of 100 records on pages that were not touched are kept, and nothing panics.
#[test]
fn damage_anywhere_is_repaired_or_reported_and_untouched_pages_keep_their_records() {
    const RECORDS: u64 = 60;
    let trial = Trial::of(500, 11);
    let phone = phone_with(RECORDS);
    let whole = std::fs::read(phone.database()).expect("read");
    let mark = std::fs::read(phone.path().join("data/high-water")).expect("read");
    let on_page: Vec<Vec<u64>> = whole.chunks(PAGE).map(numbers_on).collect();
    assert!(on_page.iter().flatten().count() as u64 >= RECORDS);
    let mut dice = trial.dice();
    let (mut untouched, mut kept, mut reported, mut set_asides) = (0, 0, 0, 0);
    for round in 0..trial.count {
        let mut bytes = whole.clone();
        let damage = *dice.one_of(&Damage::EVERY);
        let touched = damage.strike(&mut bytes, &mut dice);
        put(&phone, &bytes, &mark);
        let engine = match phone.try_open() {
            Ok(engine) => engine,
            // A flipped schema number may look like a later version: refused, untouched.
            Err(ClientError::StorageFromTheFuture { .. }) => {
                assert_eq!(std::fs::read(phone.database()).expect("read"), bytes);
                continue;
            }
            Err(error) => panic!("round {round}, {damage:?}: {error}"),
        };
        set_asides += set_aside(&phone) as u64;
        let waiting = engine.waiting().expect("read");
        let here: BTreeSet<u64> = waiting.iter().map(|record| record.seq).collect();
        if engine.identity().expect("read").is_some() {
            // Bytes that changed are found when they come to be sent.
            phone.server.restore(common::ServerState {
                events: Default::default(),
                applied: vec![],
                lost: Default::default(),
                incarnation: 0,
            });
            sync(&engine);
        }
        let losses = engine.losses().expect("read");
        for seq in 1..=RECORDS {
            let told = losses
                .iter()
                .any(|loss| (loss.first_seq..=loss.last_seq).contains(&seq));
            assert!(
                here.contains(&seq) || told,
                "round {round}, {damage:?}: {seq} vanished"
            );
            reported += u64::from(told);
            // A page may still show the bytes of a record that has moved to another one.
            let mut pages = on_page
                .iter()
                .enumerate()
                .filter(|(_, on)| on.contains(&seq));
            if pages.all(|(page, _)| !touched.contains(&page)) {
                untouched += 1;
                kept += u64::from(here.contains(&seq));
            }
        }
        engine.shut_down();
    }
    trial.tell(&[
        ("damages", trial.count),
        ("set aside", set_asides),
        ("records on untouched pages", untouched),
        ("kept of them", kept),
        ("reported as lost", reported),
    ]);
    assert!(
        kept * 100 >= untouched * 99,
        "{kept} of {untouched} records on untouched pages were kept"
    );
    // The damage was damage.
    assert!(untouched > trial.count * RECORDS / 4);
    assert!(reported > trial.count && set_asides > trial.count / 4);
}

/// The numbers of the records whose bytes stand on a page.
fn numbers_on(page: &[u8]) -> Vec<u64> {
    let text = String::from_utf8_lossy(page);
    text.match_indices("\"seq\":")
        .filter_map(|(at, _)| {
            let digits: String = text[at + 6..]
                .chars()
                .take_while(char::is_ascii_digit)
                .collect();
            digits.parse().ok()
        })
        .collect()
}

#[test]
fn a_mark_in_which_a_bit_flipped_is_skipped_and_the_engine_opens() {
    let phone = phone_with(3);
    let path = phone.path().join("data/high-water");
    let whole = std::fs::read(&path).expect("read");
    for at in 0..whole.len() {
        for bit in 0..8 {
            let mut flipped = whole.clone();
            flipped[at] ^= 1 << bit;
            std::fs::write(&path, &flipped).expect("written");
            let engine = phone.open();
            assert_eq!(lost(&engine), 0, "byte {at}, bit {bit}");
            engine.shut_down();
        }
    }
    assert_eq!(sync(&phone.open()).applied, 3);
}

#[test]
fn marks_of_an_earlier_version_count_and_far_too_high_ones_hold_up_nothing() {
    let phone = phone_with(3);
    let path = phone.path().join("data/high-water");
    let text = std::fs::read_to_string(&path).expect("read");
    let epoch = text.split(' ').next().expect("an epoch").to_owned();
    let old_line = |saved: u64| format!("{epoch} {saved:020} {:020}\n", 0);
    std::fs::write(&path, old_line(u64::MAX)).expect("written");
    let engine = phone.open();
    assert_eq!(lost(&engine), 0, "nothing could have that number");
    engine.shut_down();
    std::fs::write(&path, old_line(1 << 60)).expect("written");
    let engine = phone.open();
    assert_eq!(lost(&engine), (1 << 60) - 3);
    assert_eq!(engine.waiting().expect("read").len(), 3);
    engine.shut_down();
}
