//! Sending: each event gets its own answer, and none holds up the others.

use std::sync::atomic::Ordering;

use kokoni_client::transport::TransportError;
use kokoni_client::{ClientError, Obstacle};
use kokoni_model::event::{Meaning, SealedEvent, Via};
use kokoni_model::wire::events::RejectReason;
use kokoni_model::wire::problem::ProblemCode;

use crate::common::{Fault, ITEM, OTHER_SEAT, Phone, SEAT, problem, response, sync};
use crate::{sit, why};

#[test]
fn an_answer_that_is_lost_makes_a_duplicate_and_nothing_else() {
    let phone = Phone::new();
    let engine = phone.enrolled();
    sit(&engine, SEAT);
    phone
        .server
        .next_faults([Some(Fault::LoseAnswer(TransportError::Broken))]);
    assert_eq!(why(&engine), Obstacle::ConnectionLost);
    assert_eq!(engine.waiting().expect("read").len(), 1);
    let report = sync(&engine);
    assert_eq!((report.applied, report.duplicate), (0, 1));
    assert_eq!(phone.server.snapshot().applied.len(), 1);
    assert_eq!(sync(&engine).sent, 0, "what was answered is not sent again");
}

#[test]
fn one_bad_event_in_five_hundred_lets_the_others_through_in_one_round_trip() {
    let phone = Phone::new();
    let engine = phone.enrolled();
    let reject = (OTHER_SEAT, RejectReason::UnknownLabel);
    phone.server.reject.lock().expect("unpoisoned").push(reject);
    for index in 0..500 {
        sit(&engine, if index == 250 { OTHER_SEAT } else { SEAT });
    }
    let before = phone.server.batches.load(Ordering::SeqCst);
    let report = sync(&engine);
    assert_eq!(
        (report.applied, report.rejected, report.waiting),
        (499, 1, 0)
    );
    assert_eq!(phone.server.batches.load(Ordering::SeqCst) - before, 1);
    let rejected = engine.rejected().expect("read");
    assert_eq!(rejected.len(), 1);
    assert!(rejected[0].words_ja.contains("登録されていません"));
}

#[test]
fn a_batch_refused_as_a_whole_costs_only_the_event_that_is_minded() {
    let phone = Phone::new();
    let engine = phone.enrolled();
    phone
        .server
        .choke
        .lock()
        .expect("unpoisoned")
        .push(OTHER_SEAT);
    for index in 0..40 {
        sit(&engine, if index == 17 { OTHER_SEAT } else { SEAT });
    }
    let report = sync(&engine);
    assert_eq!(
        (report.applied, report.rejected, report.waiting),
        (39, 1, 0)
    );
    let rejected = engine.rejected().expect("read");
    assert_eq!(rejected[0].record.seq, 18);
    assert_eq!(
        rejected[0].rejection.reason,
        RejectReason::Other("http_400".into())
    );
}

#[test]
fn an_event_that_cannot_be_decided_waits_and_nothing_overtakes_it() {
    let phone = Phone::new();
    let engine = phone.enrolled();
    phone
        .server
        .retry
        .lock()
        .expect("unpoisoned")
        .push(OTHER_SEAT);
    for label in [SEAT, OTHER_SEAT, SEAT] {
        sit(&engine, label);
    }
    let report = sync(&engine);
    assert_eq!((report.applied, report.waiting), (1, 2));
    phone.server.retry.lock().expect("unpoisoned").clear();
    assert_eq!(sync(&engine).applied, 2);
    let order: Vec<u64> = phone
        .server
        .snapshot()
        .applied
        .iter()
        .map(|(_, seq)| *seq)
        .collect();
    assert_eq!(order, [1, 2, 3]);
}

#[test]
fn a_rejected_event_can_be_settled_or_sent_again_as_a_new_one() {
    let phone = Phone::new();
    let engine = phone.enrolled();
    let reject = (ITEM, RejectReason::AlreadyLent);
    phone.server.reject.lock().expect("unpoisoned").push(reject);
    let one = engine
        .record(ITEM, Meaning::Borrow, Via::Camera)
        .expect("saved");
    let two = engine
        .record(ITEM, Meaning::Borrow, Via::Camera)
        .expect("saved");
    assert_eq!(sync(&engine).rejected, 2);
    assert_eq!(engine.my_loans().expect("read"), []);
    assert_eq!(engine.withdraw(one.id).expect("settled"), None);
    assert_eq!(engine.rejected().expect("read").len(), 1);
    phone.server.reject.lock().expect("unpoisoned").clear();
    let again = engine.resend(two.id).expect("sent again");
    assert_eq!(engine.rejected().expect("read"), []);
    assert_eq!(sync(&engine).applied, 1);
    let held = phone.server.held();
    let last = SealedEvent::open(&held[2].text).expect("an event");
    assert_eq!(
        (last.event().seq, last.event().replaces),
        (again.seq, Some(two.seq))
    );
    assert_eq!(engine.resend(two.id).err(), Some(ClientError::NoSuchRecord));
}

#[test]
fn an_answer_for_other_events_is_not_taken() {
    let phone = Phone::new();
    let engine = phone.enrolled();
    sit(&engine, SEAT);
    let other = br#"{"incarnation":"00000000-0000-0000-0000-000000000001","received_us":1,
        "held_through":9,"answers":[{"seq":5,"outcome":"applied"}],"me":null}"#;
    phone
        .server
        .next_faults([Some(Fault::Answer(response(200, true, other)))]);
    assert_eq!(why(&engine), Obstacle::NotUnderstood);
    assert_eq!(engine.waiting().expect("read").len(), 1);
}

#[test]
fn a_refused_request_for_tokens_costs_no_event_its_place() {
    let phone = Phone::new();
    let engine = phone.enrolled();
    sit(&engine, SEAT);
    phone.server.expire_access();
    let refused = Fault::Answer(problem(ProblemCode::MalformedBody));
    phone.server.next_faults([None, Some(refused)]);
    assert_eq!(why(&engine), Obstacle::NotUnderstood);
    assert_eq!(engine.rejected(), Ok(vec![]));
    assert_eq!(sync(&engine).applied, 1);
}
