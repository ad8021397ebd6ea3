//! Whoever leaves a phone leaves nothing on it.

use kokoni_client::{CallOptions, Engine};
use kokoni_model::ids::PersonId;
use rusqlite::Connection;
use uuid::Uuid;

use crate::common::{OTHER_SEAT, Phone, SEAT, enrol, sync};
use crate::sit;

fn wipe(engine: &Engine) {
    let wiped = engine.sign_out_and_wipe(&CallOptions::default());
    wiped.expect("wiped");
}

/// The phone's next person.
fn becomes_somebody_elses(phone: &Phone, engine: &Engine) {
    *phone.server.person.lock().expect("unpoisoned") = PersonId::from_uuid(Uuid::from_u128(8));
    enrol(engine);
}

/// How many bytes of what was recorded lie in the phone's files.
fn traces(phone: &Phone) -> usize {
    let data = std::fs::read_dir(phone.path().join("data")).expect("a folder");
    let mark = b"\"act\":{\"type\":\"scan\"";
    let traces = data.map(|entry| {
        let bytes = std::fs::read(entry.expect("an entry").path()).expect("read");
        bytes
            .windows(mark.len())
            .filter(|bytes| bytes == mark)
            .count()
    });
    traces.sum()
}

/// A phone with records that wait, were sent, and were forgotten long after.
fn phone_with_a_past() -> (Phone, Engine) {
    let phone = Phone::new();
    let engine = phone.enrolled();
    for _ in 0..60 {
        sit(&engine, SEAT);
    }
    sync(&engine);
    phone
        .clock
        .advance(std::time::Duration::from_secs(15 * 86_400));
    for _ in 0..20 {
        sit(&engine, OTHER_SEAT);
    }
    sync(&engine);
    (phone, engine)
}

/// As if the disk had put one byte wrong where no row lies.
fn tear_header(phone: &Phone) {
    let mut bytes = std::fs::read(phone.database()).expect("read");
    bytes[..100].fill(0xee);
    std::fs::write(phone.database(), bytes).expect("written");
}

#[test]
fn a_wiped_phone_keeps_no_trace_of_a_record_and_a_repair_brings_none_back() {
    let (phone, engine) = phone_with_a_past();
    sit(&engine, SEAT);
    assert!(traces(&phone) > 20);
    wipe(&engine);
    assert_eq!(traces(&phone), 0);
    drop(engine);
    tear_header(&phone);
    let engine = phone.open();
    enrol(&engine);
    assert_eq!(engine.waiting(), Ok(vec![]));
    assert_eq!(sync(&engine).sent, 0);
}

#[test]
fn a_phone_that_becomes_somebody_elses_keeps_no_trace_of_a_record() {
    let (phone, engine) = phone_with_a_past();
    becomes_somebody_elses(&phone, &engine);
    assert_eq!(traces(&phone), 0);
    sit(&engine, SEAT);
    assert_eq!(sync(&engine).applied, 1);
}

#[test]
fn the_next_person_is_told_of_no_loss_and_no_snooze_of_the_one_before() {
    let phone = Phone::new();
    let engine = phone.enrolled();
    sit(&engine, SEAT);
    sit(&engine, SEAT);
    engine.shut_down();
    drop(engine);
    std::fs::write(phone.database(), b"").expect("written");
    let engine = phone.open();
    assert_eq!(engine.losses().expect("read").len(), 1);
    let until = engine.wall_clock().plus_seconds(3_600);
    engine.snooze_reminders(until).expect("put off");
    becomes_somebody_elses(&phone, &engine);
    assert_eq!(engine.losses(), Ok(vec![]));
    let left = Connection::open(phone.database())
        .and_then(|db| {
            db.query_row(
                "SELECT (SELECT count(*) FROM snooze) + (SELECT count(*) FROM loss)",
                [],
                |row| row.get::<_, u64>(0),
            )
        })
        .expect("counted");
    assert_eq!(left, 0);
    // Nor after the next damage: the marks of the one before are gone too.
    engine.shut_down();
    drop(engine);
    std::fs::write(phone.database(), b"").expect("written");
    assert_eq!(phone.open().losses(), Ok(vec![]));
}
