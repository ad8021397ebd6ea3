//! Deadlines and cancelling hold where the phone itself lets wait: while another thread or process
//! writes, opens, or a database is looked at from end to end. What ends so has changed nothing.

use std::path::Path;
use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};

use kokoni_client::{CallOptions, Cancel, ClientError, Engine, EngineConfig, SyncOutcome};
use kokoni_model::event::{Meaning, Via};
use rusqlite::Connection;

use crate::common::{Meanwhile, Phone, SEAT, sync};
use crate::{outcome, sit};

/// Long enough to be seen as waiting, and short beside what a writer is waited for otherwise.
const SOON: Duration = Duration::from_millis(150);

/// What a machine that is busy with other things may add.
const LATE: Duration = Duration::from_secs(20);

/// Another process that has begun to write and does not end.
fn somebody_writes(phone: &Phone) -> Connection {
    begins_to_write(&phone.database())
}

fn begins_to_write(database: &Path) -> Connection {
    let other = Connection::open(database).expect("opens");
    other.execute_batch("BEGIN IMMEDIATE").expect("begun");
    other
}

/// Does something that can only wait; gives how it ended.
fn waits<T>(work: impl FnOnce(&CallOptions) -> T, cancelled: bool) -> T {
    let cancel = Cancel::new();
    let options = CallOptions {
        deadline: (!cancelled).then_some(SOON),
        cancel: cancel.clone(),
    };
    let begun = Instant::now();
    let canceller = std::thread::spawn(move || {
        std::thread::sleep(SOON);
        if cancelled {
            cancel.cancel();
        }
    });
    let ended = work(&options);
    let took = begun.elapsed();
    canceller.join().expect("ended");
    assert!(took >= SOON, "it did not wait: {took:?}");
    assert!(took < LATE, "it went on waiting: {took:?}");
    ended
}

fn config(phone: &Phone) -> EngineConfig {
    EngineConfig {
        data: phone.path().join("data"),
        ports: phone.ports(),
        extra_roots: vec![],
        app_version: "test".into(),
    }
}

#[test]
fn a_sync_ends_in_time_while_another_process_writes_and_the_next_one_sends_everything() {
    let phone = Phone::new();
    let engine = phone.enrolled();
    sit(&engine, SEAT);
    for cancelled in [false, true] {
        let other = somebody_writes(&phone);
        let ended = waits(|options| engine.sync(options), cancelled);
        let (report, was_cancelled) = match ended.expect("no trouble on the phone") {
            SyncOutcome::DeadlineReached { report } => (report, false),
            SyncOutcome::Cancelled { report } => (report, true),
            other => panic!("{other:?}"),
        };
        assert_eq!((was_cancelled, report.waiting), (cancelled, 1));
        drop(other);
    }
    assert_eq!(sync(&engine).applied, 1);
}

#[test]
fn an_answer_that_cannot_be_written_down_in_time_is_asked_for_again() {
    let phone = Phone::new();
    sit(&phone.enrolled(), SEAT);
    let (network, other) = (Meanwhile::new(&phone.server), Arc::new(Mutex::default()));
    let (database, begun) = (phone.database(), Arc::clone(&other));
    network.during("/events", move || {
        *begun.lock().expect("unpoisoned") = Some(begins_to_write(&database));
    });
    let engine = phone.open_with(|ports| ports.transport = Some(network));
    let ended = waits(|options| engine.sync(options), false);
    let ended = ended.expect("no trouble on the phone");
    assert!(
        matches!(ended, SyncOutcome::DeadlineReached { report } if report.waiting == 1),
        "{ended:?}"
    );
    assert_eq!(phone.server.held().len(), 1);
    drop(other.lock().expect("unpoisoned").take());
    let report = sync(&phone.open());
    assert_eq!((report.applied, report.duplicate), (0, 1));
}

#[test]
fn a_scan_that_could_not_be_saved_in_time_is_not_there_and_the_next_one_is() {
    let phone = Phone::new();
    let engine = phone.enrolled();
    let record = |engine: &Engine| engine.record(SEAT, Meaning::Sit, Via::Camera);
    for (cancelled, error) in [
        (false, ClientError::DeadlineReached),
        (true, ClientError::Cancelled),
    ] {
        let other = somebody_writes(&phone);
        let refused = waits(|options| engine.within(options, record), cancelled);
        assert_eq!(refused, Err(error));
        drop(other);
    }
    assert_eq!(engine.waiting(), Ok(vec![]));
    assert_eq!(sit(&engine, SEAT).seq, 1, "no number was used up");
}

#[test]
fn a_call_does_not_wait_for_another_thread_longer_than_it_may() {
    let phone = Phone::new();
    let engine = phone.enrolled();
    let other = somebody_writes(&phone);
    std::thread::scope(|threads| {
        let patient = threads.spawn(|| sit(&engine, SEAT));
        // The patient one has the engine's writer, and waits for the other process.
        std::thread::sleep(SOON);
        let record = |engine: &Engine| engine.record(SEAT, Meaning::Sit, Via::Camera);
        let refused = waits(|options| engine.within(options, record), false);
        assert_eq!(refused, Err(ClientError::DeadlineReached));
        drop(other);
        assert_eq!(patient.join().expect("saved").seq, 1);
    });
    assert_eq!(engine.waiting().expect("read").len(), 1);
}

#[test]
fn opening_does_not_wait_longer_than_it_may_for_whoever_opens_or_writes() {
    let phone = Phone::new();
    sit(&phone.enrolled(), SEAT);
    let refused = |cancelled| {
        let opened = waits(
            |options| Engine::open_within(config(&phone), options),
            cancelled,
        );
        opened.expect_err("refused")
    };
    let lock = std::fs::File::open(phone.path().join("data/opening.lock")).expect("opens");
    lock.lock().expect("free");
    assert_eq!(refused(false), ClientError::DeadlineReached);
    assert_eq!(refused(true), ClientError::Cancelled);
    drop(lock);
    let other = somebody_writes(&phone);
    assert_eq!(refused(false), ClientError::DeadlineReached);
    assert_eq!(refused(true), ClientError::Cancelled);
    drop(other);
    let engine = phone.open();
    assert_eq!(engine.waiting().expect("read").len(), 1);
    assert_eq!(sync(&engine).applied, 1);
}

#[test]
fn a_look_at_a_large_database_is_cut_off_and_nothing_is_set_aside() {
    let phone = Phone::new();
    let engine = phone.enrolled();
    for _ in 0..400 {
        sit(&engine, SEAT);
    }
    engine.shut_down();
    let cancel = Cancel::new();
    cancel.cancel();
    let options = CallOptions {
        deadline: None,
        cancel,
    };
    let opened = Engine::open_within(config(&phone), &options);
    assert_eq!(opened.err(), Some(ClientError::Cancelled));
    let data = std::fs::read_dir(phone.path().join("data")).expect("a folder");
    let aside = data.filter(|entry| {
        let name = entry.as_ref().expect("an entry").file_name();
        name.to_string_lossy().starts_with("damaged-")
    });
    assert_eq!(aside.count(), 0);
    let engine = phone.open();
    assert_eq!(engine.losses(), Ok(vec![]));
    assert_eq!(engine.waiting().expect("read").len(), 400);
}

#[test]
fn a_damaged_database_that_is_opened_in_short_turns_ends_as_one_opened_at_once() {
    let phone = Phone::new();
    let engine = phone.enrolled();
    for _ in 0..300 {
        sit(&engine, SEAT);
    }
    engine.shut_down();
    let mut bytes = std::fs::read(phone.database()).expect("read");
    bytes[..100].fill(0xee);
    for page in bytes.chunks_mut(4096).skip(1).step_by(4) {
        page.fill(0xee);
    }
    let found = |engine: &Engine| {
        let waiting = engine.waiting().expect("read");
        let mut waiting: Vec<u64> = waiting.iter().map(|record| record.seq).collect();
        waiting.sort_unstable();
        let losses = engine.losses().expect("read");
        let lost = losses.iter().map(|loss| loss.last_seq - loss.first_seq + 1);
        (waiting, lost.sum::<u64>())
    };
    let data = phone.path().join("data");
    let marks = std::fs::read(data.join("high-water")).expect("marks");
    let damage = || {
        std::fs::remove_dir_all(&data).expect("removed");
        std::fs::create_dir(&data).expect("made");
        std::fs::write(phone.database(), &bytes).expect("written");
        std::fs::write(data.join("high-water"), &marks).expect("written");
    };
    damage();
    let at_once = found(&phone.open());
    assert!(
        at_once.0.len() > 100 && at_once.1 > 0,
        "{} found, {} lost",
        at_once.0.len(),
        at_once.1
    );
    damage();
    let mut turns = 0;
    let engine = loop {
        let options = CallOptions::within(Duration::from_micros(100 * turns));
        match Engine::open_within(config(&phone), &options) {
            Ok(engine) => break engine,
            Err(error) => assert_eq!(error, ClientError::DeadlineReached),
        }
        turns += 1;
    };
    assert!(turns > 1, "it was never cut off");
    assert_eq!(found(&engine), at_once);
    assert!(matches!(outcome(&engine), SyncOutcome::Done { .. }));
}
