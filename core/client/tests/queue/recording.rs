//! What is recorded is kept, shown at once, and never changes.

use std::time::Duration;

use kokoni_client::show::{Language, Tone};
use kokoni_client::{CallOptions, ClientError};
use kokoni_model::event::{Act, Meaning, SealedEvent, Via};
use kokoni_model::rules::meaning::Proposal;
use kokoni_model::wire::views::PresenceView;

use crate::common::{HOME, ITEM, Phone, SEAT, UNKNOWN, sync};
use crate::sit;

#[test]
fn nothing_is_recorded_before_enrolment() {
    let phone = Phone::new();
    let engine = phone.open();
    let refused = engine.record(SEAT, Meaning::Sit, Via::Camera);
    assert_eq!(refused.err(), Some(ClientError::NotEnrolled));
    assert_eq!(engine.today().err(), Some(ClientError::NotEnrolled));
    assert_eq!(
        engine.sync(&CallOptions::default()).err(),
        Some(ClientError::NotEnrolled)
    );
}

#[test]
fn numbers_count_from_one_without_gaps_and_survive_reopening() {
    let phone = Phone::new();
    let engine = phone.enrolled();
    let first: Vec<u64> = (0..3).map(|_| sit(&engine, SEAT).seq).collect();
    drop(engine);
    let engine = phone.open();
    assert_eq!((first, sit(&engine, SEAT).seq), (vec![1, 2, 3], 4));
    assert_eq!(engine.waiting().expect("read").len(), 4);
}

#[test]
fn the_day_shows_a_scan_at_once_without_a_network() {
    let phone = Phone::new();
    let engine = phone.enrolled();
    assert_eq!(
        engine.today().expect("a day").presence,
        PresenceView::NoRecord
    );
    sit(&engine, SEAT);
    let today = engine.today().expect("a day");
    assert!(
        matches!(today.presence, PresenceView::Present { place, .. } if place == crate::common::place(1))
    );
    phone.clock.advance(Duration::from_secs(59));
    assert_eq!(
        engine.preview(SEAT).expect("previewed").proposal,
        Proposal::AlreadyHere
    );
    phone.clock.advance(Duration::from_secs(1));
    let leave = engine.preview(SEAT).expect("previewed");
    assert_eq!(leave.words_ja, "3階 A-12 から退席");
    assert!(leave.needs_tap);
}

#[test]
fn telework_and_loans_show_before_they_are_sent() {
    let phone = Phone::new();
    let engine = phone.enrolled();
    let home = engine.preview(HOME).expect("previewed");
    assert_eq!(home.meaning(), Some(&Meaning::Telework));
    engine
        .record(HOME, Meaning::Telework, Via::Camera)
        .expect("saved");
    engine
        .record(ITEM, Meaning::Borrow, Via::Camera)
        .expect("saved");
    let today = engine.today().expect("a day");
    assert!(today.telework_declared);
    assert!(matches!(today.presence, PresenceView::Telework { .. }));
    assert_eq!(today.loans.len(), 1);
    let item = engine.preview(ITEM).expect("previewed");
    assert_eq!(item.words_ja, "会議用スピーカー を返す");
    engine
        .record(ITEM, Meaning::Return, Via::Camera)
        .expect("saved");
    assert_eq!(engine.my_loans().expect("read"), []);
}

#[test]
fn a_scan_that_is_taken_back_leaves_the_day() {
    let phone = Phone::new();
    let engine = phone.enrolled();
    let saved = sit(&engine, SEAT);
    let taken_back = engine
        .withdraw(saved.id)
        .expect("taken back")
        .expect("an event");
    assert_eq!(taken_back.seq, 2);
    assert_eq!(engine.today().expect("a day").day.stays, []);
    sync(&engine);
    let held = phone.server.held();
    let last = SealedEvent::open(&held[1].text).expect("an event");
    assert_eq!(last.event().act, Act::Withdraw { seq: 1 });
    let again = engine.withdraw(taken_back.id);
    assert_eq!(again.err(), Some(ClientError::NoSuchRecord));
}

#[test]
fn an_unknown_label_may_be_recorded() {
    let phone = Phone::new();
    let engine = phone.enrolled();
    let preview = engine.preview(UNKNOWN).expect("previewed");
    assert!(!preview.known && preview.needs_tap);
    engine
        .record(UNKNOWN, Meaning::Undecided, Via::Link)
        .expect("saved");
    assert_eq!(sync(&engine).applied, 1);
}

#[test]
fn the_bytes_that_were_recorded_are_the_bytes_that_are_sent() {
    let phone = Phone::new();
    let engine = phone.enrolled();
    sit(&engine, SEAT);
    let stored: String = rusqlite::Connection::open(phone.database())
        .and_then(|db| db.query_row("SELECT text FROM event", [], |row| row.get(0)))
        .expect("a row");
    sync(&engine);
    assert_eq!(phone.server.held()[0].text, stored);
}

#[test]
fn a_failed_read_after_a_saved_scan_is_no_error() {
    let phone = Phone::new();
    let engine = phone.enrolled();
    // What stands in the way is read only once the scan is saved.
    let db = rusqlite::Connection::open(phone.database()).expect("opens");
    db.execute_batch("ALTER TABLE server RENAME COLUMN last_problem TO unreadable")
        .expect("changed");
    assert!(engine.status().is_err());
    let card = engine
        .confirm(SEAT, &Meaning::Sit, Via::Camera, Language::English)
        .expect("a card");
    let waiting = engine.waiting().expect("read");
    assert_eq!(waiting.len(), 1);
    assert_eq!(
        (card.record, card.tone),
        (Some(waiting[0].id), Tone::Success)
    );
}
