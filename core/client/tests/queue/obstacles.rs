//! What lies between phone and server is named, and ends a sync cleanly.

use std::time::Duration;

use kokoni_client::transport::TransportError;
use kokoni_client::{CallOptions, Obstacle, SyncOutcome};
use kokoni_model::wire::problem::ProblemCode;

use crate::common::{Fault, Phone, SEAT, problem, response, sync};
use crate::{outcome, sit, why};

#[test]
fn what_lies_between_is_named() {
    let phone = Phone::new();
    let engine = phone.enrolled();
    sit(&engine, SEAT);
    let portal = Fault::Answer(response(200, false, b"<html>Welcome to free Wi-Fi"));
    let gateway = Fault::Answer(response(502, false, b""));
    let garbage = Fault::Answer(response(200, true, b"{\"incarnation\": 7"));
    let old = Fault::Answer(problem(ProblemCode::AppTooOld));
    let inspected = Fault::LoseRequest(TransportError::UntrustedIssuer);
    phone
        .server
        .next_faults([portal, gateway, garbage, inspected, old].map(Some));
    assert_eq!(why(&engine), Obstacle::CaptivePortal);
    assert_eq!(why(&engine), Obstacle::ServerUnavailable);
    assert_eq!(why(&engine), Obstacle::NotUnderstood);
    assert_eq!(why(&engine), Obstacle::InspectedTls);
    let status = engine.status().expect("read");
    assert_eq!(status.last_problem.as_deref(), Some("inspected_tls"));
    assert_eq!(outcome(&engine), SyncOutcome::AppTooOld);
    assert_eq!(sync(&engine).applied, 1);
    assert_eq!(engine.status().expect("read").last_problem, None);
}

#[test]
fn a_sync_by_the_persons_hand_tries_whatever_anybody_asked_for() {
    let phone = Phone::new();
    let engine = phone.enrolled();
    sit(&engine, SEAT);
    for (status, ours, minutes) in [(429, true, 15.0), (511, false, 0.5)] {
        let mut answer = response(status, ours, b"");
        let a_week = ("retry-after".to_owned(), "604800".to_owned());
        answer.headers.push(a_week);
        phone.server.next_faults([Some(Fault::Answer(answer))]);
        let SyncOutcome::Offline { retry_after, .. } = outcome(&engine) else {
            panic!("offline")
        };
        assert_eq!(retry_after, Some(Duration::from_secs_f64(minutes * 60.0)));
    }
    assert_eq!(sync(&engine).applied, 1);
}

#[test]
fn a_cancelled_sync_keeps_what_was_answered() {
    let phone = Phone::new();
    let engine = phone.enrolled();
    for _ in 0..600 {
        sit(&engine, SEAT);
    }
    phone.server.next_faults([Some(Fault::CancelThen)]);
    let SyncOutcome::Cancelled { report } = outcome(&engine) else {
        panic!("cancelled")
    };
    assert_eq!((report.applied, report.waiting), (500, 100));
    assert_eq!(sync(&engine).applied, 100);
}

#[test]
fn a_deadline_ends_a_sync_cleanly() {
    let phone = Phone::new();
    let engine = phone.enrolled();
    sit(&engine, SEAT);
    let options = CallOptions::within(Duration::ZERO);
    let outcome = engine.sync(&options).expect("a sync");
    assert!(
        matches!(outcome, SyncOutcome::DeadlineReached { .. }),
        "{outcome:?}"
    );
    assert_eq!(sync(&engine).applied, 1);
}

#[test]
fn another_engine_syncing_is_an_outcome() {
    let phone = Phone::new();
    let engine = phone.enrolled();
    let lock = std::fs::File::open(phone.path().join("data/sync.lock")).expect("a file");
    lock.lock().expect("locked");
    assert_eq!(outcome(&engine), SyncOutcome::AlreadyRunning);
}
