//! Enrolments and tokens: whose records are sent, and as whom.

use std::sync::atomic::Ordering;

use kokoni_client::{CallOptions, ClientError, SyncOutcome};

use crate::common::{OTHER_SEAT, Phone, SEAT, enrol, sync};
use crate::{outcome, sit};

#[test]
fn tokens_that_ended_cost_one_refresh_and_no_event() {
    let phone = Phone::new();
    let engine = phone.enrolled();
    for _ in 0..1_000 {
        sit(&engine, SEAT);
    }
    phone.server.expire_access();
    let report = sync(&engine);
    assert_eq!((report.applied, report.waiting), (1_000, 0));
    assert_eq!(phone.server.refreshes.load(Ordering::SeqCst), 1);
}

#[test]
fn two_engines_that_need_new_tokens_buy_them_once() {
    let phone = Phone::new();
    let one = phone.enrolled();
    let other = phone.open();
    other
        .items_now(&CallOptions::default())
        .expect_err("the fake has no items");
    phone.server.expire_access();
    let threads: Vec<_> = [one, other]
        .into_iter()
        .map(|engine| std::thread::spawn(move || engine.items_now(&CallOptions::default()).err()))
        .collect();
    for thread in threads {
        let error = thread.join().expect("joined");
        assert_eq!(
            error,
            Some(ClientError::Refused { status: 404 }),
            "past the sign-in"
        );
    }
    assert_eq!(phone.server.refreshes.load(Ordering::SeqCst), 1);
}

#[test]
fn a_sign_in_that_is_over_keeps_what_waits_and_a_new_one_sends_it() {
    let phone = Phone::new();
    let engine = phone.enrolled();
    sit(&engine, SEAT);
    *phone.server.revoked.lock().expect("unpoisoned") = true;
    assert_eq!(
        outcome(&engine),
        SyncOutcome::SignInNeeded { revoked: true }
    );
    assert_eq!(engine.waiting().expect("read").len(), 1);
    enrol(&engine);
    sit(&engine, OTHER_SEAT);
    let report = sync(&engine);
    assert_eq!((report.applied, report.waiting), (2, 0));
}

#[test]
fn a_new_enrolment_sends_again_what_the_old_device_had_delivered_and_it_counts_once() {
    let phone = Phone::new();
    let engine = phone.enrolled();
    for _ in 0..5 {
        sit(&engine, SEAT);
    }
    sync(&engine);
    enrol(&engine);
    let saved = sit(&engine, SEAT);
    assert_eq!(saved.seq, 1, "a new life of the queue");
    // Whether the server still has the five, the phone cannot know.
    let report = sync(&engine);
    assert_eq!((report.sent, report.applied, report.duplicate), (6, 1, 5));
    assert_eq!(phone.server.snapshot().applied.len(), 6);
    assert_eq!(sync(&engine).sent, 0);
}

#[test]
fn nothing_of_somebody_else_is_left_for_the_next_person_or_their_server() {
    let phone = Phone::new();
    let engine = phone.enrolled();
    sit(&engine, SEAT);
    sync(&engine);
    engine
        .snooze_reminders(engine.wall_clock().plus_micros(3_600_000_000))
        .expect("snoozed");
    let rows = |table: &str| -> i64 {
        let database = rusqlite::Connection::open(phone.database()).expect("a database");
        database
            .query_row(&format!("SELECT count(*) FROM {table}"), [], |row| {
                row.get(0)
            })
            .expect("a table")
    };
    rusqlite::Connection::open(phone.database())
        .expect("a database")
        .execute(
            "INSERT INTO loss (epoch, first_seq, last_seq, found_us) VALUES ('0123456789abcdef', 1, 1, 1)",
            [],
        )
        .expect("a loss");
    enrol(&engine);
    assert_eq!(
        ["event", "loss", "snooze"].map(rows),
        [1, 1, 1],
        "the same person keeps everything"
    );
    // What was answered waits again, and while anything waits the phone is not given away.
    sync(&engine);
    let other = kokoni_model::ids::PersonId::from_uuid(uuid::Uuid::from_u128(8));
    *phone.server.person.lock().expect("unpoisoned") = other;
    enrol(&engine);
    assert_eq!(
        ["event", "loss", "snooze", "directory"].map(rows),
        [0, 0, 0, 0]
    );
    assert_eq!(engine.losses().expect("read"), []);
    assert_eq!(sync(&engine).sent, 0);
}

#[test]
fn somebody_elses_records_are_not_sent_in_my_name() {
    let phone = Phone::new();
    let engine = phone.enrolled();
    sit(&engine, SEAT);
    let other = kokoni_model::ids::PersonId::from_uuid(uuid::Uuid::from_u128(8));
    *phone.server.person.lock().expect("unpoisoned") = other;
    let refused = engine.enrol(
        &crate::common::invitation(),
        "x",
        kokoni_model::wire::enrolment::Platform::Cli,
        &CallOptions::default(),
    );
    assert_eq!(
        refused.err(),
        Some(ClientError::OthersRecordsWait { waiting: 1 })
    );
    engine
        .sign_out_and_wipe(&CallOptions::default())
        .expect("wiped");
    assert_eq!(engine.identity().expect("read"), None);
    enrol(&engine);
    assert_eq!(
        engine.identity().expect("read").expect("somebody").person,
        other
    );
    assert_eq!(engine.waiting().expect("read"), []);
}
