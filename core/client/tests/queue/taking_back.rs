//! Taking back and sending again happen once, however often they are tapped.

use std::sync::Barrier;

use kokoni_client::show::{Language, Tone};
use kokoni_client::{ClientError, Engine};
use kokoni_model::event::{Meaning, Via};
use kokoni_model::ids::IncarnationId;
use kokoni_model::wire::events::{BatchReply, EventAnswer, Outcome, RejectReason, Rejection};
use uuid::Uuid;

use crate::common::{Fault, ITEM, Phone, SEAT, response, sync};
use crate::sit;

/// How often something succeeds that several threads do at the same time; the others are refused.
fn at_once<T>(work: impl Fn() -> Result<T, ClientError> + Sync) -> usize {
    const THREADS: usize = 8;
    let start = Barrier::new(THREADS);
    std::thread::scope(|threads| {
        let threads: Vec<_> = (0..THREADS)
            .map(|_| {
                threads.spawn(|| {
                    start.wait();
                    match work() {
                        Ok(_) => true,
                        Err(error) => {
                            assert_eq!(error, ClientError::NoSuchRecord);
                            false
                        }
                    }
                })
            })
            .collect();
        let done = threads
            .into_iter()
            .map(|thread| thread.join().expect("ended"));
        done.filter(|done| *done).count()
    })
}

fn refuse(phone: &Phone, reason: RejectReason) {
    phone
        .server
        .reject
        .lock()
        .expect("unpoisoned")
        .push((ITEM, reason));
}

fn borrow(engine: &Engine) -> kokoni_client::Recorded {
    let saved = engine.record(ITEM, Meaning::Borrow, Via::Camera);
    saved.expect("saved")
}

#[test]
fn a_scan_is_taken_back_once() {
    let phone = Phone::new();
    let engine = phone.enrolled();
    let saved = sit(&engine, SEAT);
    assert_eq!(at_once(|| engine.withdraw(saved.id)), 1);
    assert_eq!(engine.waiting().expect("read").len(), 2);
    assert_eq!(sync(&engine).applied, 2);
    assert_eq!(engine.withdraw(saved.id), Err(ClientError::NoSuchRecord));
    assert_eq!(engine.rejected(), Ok(vec![]));
}

#[test]
fn a_second_tap_on_undo_says_what_the_first_one_said_and_does_nothing() {
    let phone = Phone::new();
    let engine = phone.enrolled();
    let saved = sit(&engine, SEAT);
    let tap = || engine.undo(saved.id, Language::English).expect("a card");
    let first = tap();
    assert_eq!(first.tone, Tone::Success);
    assert_eq!(tap(), first);
    assert_eq!(engine.waiting().expect("read").len(), 2);
}

#[test]
fn a_rejected_event_is_sent_again_once() {
    let phone = Phone::new();
    let engine = phone.enrolled();
    refuse(&phone, RejectReason::AlreadyLent);
    let saved = borrow(&engine);
    assert_eq!(sync(&engine).rejected, 1);
    assert_eq!(at_once(|| engine.resend(saved.id)), 1);
    assert_eq!(engine.waiting().expect("read").len(), 1);
    assert_eq!(engine.rejected(), Ok(vec![]));
}

#[test]
fn a_scan_that_was_taken_back_before_it_was_refused_leaves_nothing_to_settle() {
    let phone = Phone::new();
    let engine = phone.enrolled();
    refuse(&phone, RejectReason::AlreadyLent);
    let saved = borrow(&engine);
    engine
        .withdraw(saved.id)
        .expect("taken back")
        .expect("an event");
    let report = sync(&engine);
    assert_eq!((report.sent, report.rejected, report.waiting), (2, 0, 0));
    assert_eq!(engine.rejected(), Ok(vec![]));
}

#[test]
fn taking_back_that_comes_too_late_is_told() {
    let phone = Phone::new();
    let engine = phone.enrolled();
    let saved = borrow(&engine);
    sync(&engine);
    let taken_back = engine
        .withdraw(saved.id)
        .expect("taken back")
        .expect("an event");
    let too_late = BatchReply {
        incarnation: IncarnationId::from_uuid(Uuid::from_u128(1)),
        received_us: engine.wall_clock(),
        held_through: taken_back.seq,
        answers: vec![EventAnswer {
            seq: taken_back.seq,
            outcome: Outcome::Rejected(Rejection {
                reason: RejectReason::TooLateToWithdraw,
                who: None,
            }),
        }],
        me: None,
    };
    let answer = serde_json::to_vec(&too_late).expect("serialises");
    phone
        .server
        .next_faults([Some(Fault::Answer(response(200, true, &answer)))]);
    assert_eq!(sync(&engine).rejected, 1);
    assert_eq!(engine.rejected().expect("read")[0].record.id, taken_back.id);
    // What was refused is no taking back: it can be tried again.
    engine
        .withdraw(saved.id)
        .expect("taken back")
        .expect("an event");
}
