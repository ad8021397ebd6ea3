//! What the queue and the sync promise, against a fake server that holds real state.

mod common;

use std::sync::atomic::Ordering;
use std::time::Duration;

use common::{Fault, HOME, ITEM, OTHER_SEAT, Phone, SEAT, UNKNOWN, enrol, problem, response, sync};
use kokoni_client::transport::TransportError;
use kokoni_client::{CallOptions, ClientError, Engine, Obstacle, Recorded, SyncOutcome};
use kokoni_model::event::{Act, Meaning, SealedEvent, Via};
use kokoni_model::label::LabelId;
use kokoni_model::rules::meaning::Proposal;
use kokoni_model::wire::events::RejectReason;
use kokoni_model::wire::problem::ProblemCode;
use kokoni_model::wire::views::PresenceView;

fn sit(engine: &Engine, label: LabelId) -> Recorded {
    engine
        .record(label, Meaning::Sit, Via::Camera)
        .expect("saved")
}

fn outcome(engine: &Engine) -> SyncOutcome {
    engine.sync(&CallOptions::default()).expect("a sync")
}

fn why(engine: &Engine) -> Obstacle {
    match outcome(engine) {
        SyncOutcome::Offline { why, .. } => why,
        other => panic!("{other:?}"),
    }
}

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
        matches!(today.presence, PresenceView::Present { place, .. } if place == common::place(1))
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
fn a_server_restored_from_yesterdays_backup_is_healed_in_order() {
    let phone = Phone::new();
    let engine = phone.enrolled();
    for _ in 0..10 {
        sit(&engine, SEAT);
    }
    sync(&engine);
    let backup = phone.server.snapshot();
    for _ in 0..20 {
        sit(&engine, OTHER_SEAT);
    }
    sync(&engine);
    let complete = phone.server.snapshot().events;
    phone.server.restore(backup);
    sit(&engine, SEAT);
    for _ in 0..3 {
        outcome(&engine);
    }
    let healed = phone.server.snapshot();
    assert_eq!(healed.events.len(), 31);
    for (key, held) in complete {
        assert_eq!(healed.events[&key].text, held.text);
    }
    let order: Vec<u64> = healed.applied.iter().map(|(_, seq)| *seq).collect();
    assert_eq!(order, (1..=31).collect::<Vec<u64>>());
    assert_eq!(sync(&engine).sent, 0);
}

#[test]
fn a_restored_server_is_healed_even_when_nothing_new_is_recorded() {
    let phone = Phone::new();
    let engine = phone.enrolled();
    let empty = phone.server.snapshot();
    sit(&engine, SEAT);
    sync(&engine);
    phone.server.restore(empty);
    for _ in 0..2 {
        outcome(&engine);
    }
    assert_eq!(phone.server.held().len(), 1);
}

#[test]
fn what_was_acknowledged_stays_fourteen_days_by_the_servers_clock() {
    let phone = Phone::new();
    let engine = phone.enrolled();
    let rows = || -> u64 {
        rusqlite::Connection::open(phone.database())
            .and_then(|db| db.query_row("SELECT count(*) FROM event", [], |row| row.get(0)))
            .expect("a count")
    };
    sit(&engine, SEAT);
    sync(&engine);
    let days = |days: i64| days * 86_400 * 1_000_000;
    phone.server.skew_us.store(days(13), Ordering::SeqCst);
    sit(&engine, SEAT);
    sync(&engine);
    assert_eq!(rows(), 2);
    phone.server.skew_us.store(days(15), Ordering::SeqCst);
    sit(&engine, SEAT);
    sync(&engine);
    assert_eq!(rows(), 2, "the first one was forgotten");
    // What was purged is not taken for lost, neither here nor on the server.
    drop(engine);
    let engine = phone.open();
    assert_eq!(engine.losses().expect("read"), []);
    sit(&engine, SEAT);
    assert_eq!(sync(&engine).applied, 1);
}

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
fn a_new_enrolment_does_not_send_what_the_old_device_had_delivered() {
    let phone = Phone::new();
    let engine = phone.enrolled();
    for _ in 0..5 {
        sit(&engine, SEAT);
    }
    sync(&engine);
    enrol(&engine);
    let saved = sit(&engine, SEAT);
    assert_eq!(saved.seq, 1, "a new life of the queue");
    assert_eq!(sync(&engine).sent, 1);
    assert_eq!(sync(&engine).sent, 0);
}

#[test]
fn a_new_enrolment_at_a_restored_server_sends_what_it_has_lost() {
    let phone = Phone::new();
    let engine = phone.enrolled();
    for _ in 0..5 {
        sit(&engine, SEAT);
    }
    let backup = phone.server.snapshot();
    sync(&engine);
    // The tokens that were renewed since the backup are not known to the server any more.
    phone.server.restore(backup);
    *phone.server.revoked.lock().expect("unpoisoned") = true;
    assert_eq!(
        outcome(&engine),
        SyncOutcome::SignInNeeded { revoked: true }
    );
    enrol(&engine);
    sit(&engine, OTHER_SEAT);
    let report = sync(&engine);
    assert_eq!((report.applied, report.waiting), (6, 0));
}

#[test]
fn somebody_elses_records_are_not_sent_in_my_name() {
    let phone = Phone::new();
    let engine = phone.enrolled();
    sit(&engine, SEAT);
    let other = kokoni_model::ids::PersonId::from_uuid(uuid::Uuid::from_u128(8));
    *phone.server.person.lock().expect("unpoisoned") = other;
    let refused = engine.enrol(
        &common::invitation(),
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
fn a_catalogue_of_another_key_or_an_older_version_is_not_taken() {
    let phone = Phone::new();
    let engine = phone.enrolled();
    let version = || engine.catalogue().expect("read").expect("there").version;
    assert_eq!(version(), 1);
    phone.server.catalogue_version.store(5, Ordering::SeqCst);
    assert!(sync(&engine).catalogue_changed);
    phone.server.catalogue_version.store(4, Ordering::SeqCst);
    assert!(!sync(&engine).catalogue_changed);
    assert_eq!(version(), 5);
    let mut forged = phone.server.signed_catalogue(9);
    forged.catalogue = forged
        .catalogue
        .replace("\"labels\":[", "\"labels\":[\"ZZZZZZZZZZZZZZZZ\",");
    let forged = serde_json::to_vec(&forged).expect("serialises");
    let fault = Fault::Answer(response(200, true, &forged));
    phone.server.next_faults([None, None, Some(fault)]);
    assert_eq!(why(&engine), Obstacle::NotUnderstood);
    assert_eq!(version(), 5);
}

#[test]
fn clocks_ten_years_off_jumps_and_reboots_keep_the_order_and_the_day() {
    let phone = Phone::new();
    let engine = phone.enrolled();
    let ten_years = 10 * 365 * 86_400 * 1_000_000_i64;
    for jump in [ten_years, -2 * ten_years, ten_years] {
        sit(&engine, SEAT);
        phone.clock.jump(jump);
        phone.clock.advance(Duration::from_secs(60));
    }
    sit(&engine, OTHER_SEAT);
    let today = engine.today().expect("a day");
    assert!(
        matches!(today.presence, PresenceView::Present { place, .. } if place == common::place(2))
    );
    phone.clock.reboot();
    sit(&engine, SEAT);
    assert_eq!(sync(&engine).applied, 5);
    let order: Vec<u64> = phone
        .server
        .snapshot()
        .applied
        .iter()
        .map(|(_, seq)| *seq)
        .collect();
    assert_eq!(order, [1, 2, 3, 4, 5]);
}

#[test]
fn the_servers_clock_decides_the_day_when_the_phones_is_wrong() {
    let phone = Phone::new();
    let day = 86_400 * 1_000_000;
    phone.server.skew_us.store(day, Ordering::SeqCst);
    let engine = phone.enrolled();
    sit(&engine, SEAT);
    sync(&engine);
    let date = engine.today().expect("a day").date;
    assert_eq!(date.to_string(), "2026-11-25");
    phone.clock.jump(-300 * day);
    assert_eq!(
        engine.today().expect("a day").date,
        date,
        "carried on by the monotonic clock"
    );
    assert_eq!(engine.today().expect("a day").day.stays.len(), 1);
}

#[test]
fn another_engine_syncing_is_an_outcome() {
    let phone = Phone::new();
    let engine = phone.enrolled();
    let lock = std::fs::File::open(phone.path().join("data/sync.lock")).expect("a file");
    lock.lock().expect("locked");
    assert_eq!(outcome(&engine), SyncOutcome::AlreadyRunning);
}

#[test]
fn observers_hear_of_the_queue_and_of_syncs() {
    let phone = Phone::new();
    let engine = phone.enrolled();
    let (sender, heard) = std::sync::mpsc::channel();
    let inside = engine.clone();
    let subscription = engine.observe(move |topic| {
        // Under no lock: the engine answers.
        let waiting = inside.status().expect("read").waiting;
        sender.send((topic, waiting)).expect("heard");
    });
    sit(&engine, SEAT);
    assert_eq!(
        heard.recv().expect("a topic"),
        (kokoni_client::Topic::Queue, 1)
    );
    sync(&engine);
    drop(subscription);
    sit(&engine, SEAT);
    let topics: Vec<_> = heard.iter().map(|(topic, _)| topic).collect();
    assert_eq!(topics.first(), Some(&kokoni_client::Topic::Sync));
    assert_eq!(topics.last(), Some(&kokoni_client::Topic::Sync));
    assert!(topics.contains(&kokoni_client::Topic::Queue));
}

#[test]
fn after_shutting_down_every_call_is_refused_and_nothing_is_lost() {
    let phone = Phone::new();
    let engine = phone.enrolled();
    sit(&engine, SEAT);
    engine.shut_down();
    let refused = engine.record(SEAT, Meaning::Sit, Via::Camera);
    assert_eq!(refused.err(), Some(ClientError::ShutDown));
    assert_eq!(engine.today().err(), Some(ClientError::ShutDown));
    engine.shut_down();
    assert_eq!(phone.open().waiting().expect("read").len(), 1);
}

#[test]
fn diagnostics_tell_no_names_labels_or_tokens() {
    let phone = Phone::new();
    let engine = phone.enrolled();
    let reject = (HOME, RejectReason::NotYourHome);
    phone.server.reject.lock().expect("unpoisoned").push(reject);
    engine
        .record(HOME, Meaning::Telework, Via::Camera)
        .expect("saved");
    sync(&engine);
    let text = engine.diagnostics().expect("read").to_string();
    for personal in [
        "山田",
        "ココニ市",
        &HOME.to_string(),
        "access-",
        "refresh-",
        "試験機",
    ] {
        assert!(!text.contains(personal), "{personal}");
    }
    assert!(text.contains("\"rejected\":1"), "{text}");
    let debug = format!("{engine:?} {:?}", engine.identity().expect("read"));
    assert!(!debug.contains("山田"), "{debug}");
}

#[test]
fn reminders_end_with_the_mornings_scan() {
    let phone = Phone::new();
    let engine = phone.enrolled();
    // The fake's directory has no policy: nothing is reminded of.
    assert_eq!(engine.reminders().expect("read"), []);
    let policy = br#"{"incarnation":"00000000-0000-0000-0000-000000000001","cursor":"2",
        "reset":false,"more":false,"changes":[{"change":"put","entry":{"kind":"reminders",
        "no_record_after_start_min":60,"telework_end_after_end_min":null}}]}"#;
    phone
        .server
        .next_faults([None, Some(Fault::Answer(response(200, true, policy)))]);
    assert!(sync(&engine).directory_changed);
    let before = engine.reminders().expect("read");
    assert_eq!(before[0].date.to_string(), "2026-11-24");
    sit(&engine, SEAT);
    let after = engine.reminders().expect("read");
    assert_eq!(after[0].date.to_string(), "2026-11-25");
    assert_eq!(
        before[1..],
        after[..before.len() - 1],
        "the others are as they were"
    );
}

#[test]
fn a_kept_engine_sends_what_is_recorded_without_being_asked() {
    let phone = Phone::new();
    let engine = phone.enrolled();
    let (sender, heard) = std::sync::mpsc::channel();
    let inside = engine.clone();
    let _subscription = engine.observe(move |topic| {
        if topic == kokoni_client::Topic::Queue {
            let _ = sender.send(inside.status().expect("read").waiting);
        }
    });
    let kept = engine
        .keep_synced(kokoni_client::Pace::Foreground)
        .expect("kept");
    sit(&engine, SEAT);
    while heard
        .recv_timeout(Duration::from_secs(20))
        .expect("sent by itself")
        > 0
    {}
    drop(kept);
    sit(&engine, SEAT);
    assert_eq!(
        phone.server.snapshot().applied.len(),
        1,
        "not kept any more"
    );
}

#[test]
fn people_are_found_without_a_network_and_after_the_directory_changed() {
    let phone = Phone::new();
    let engine = phone.enrolled();
    assert_eq!(engine.people("やま").expect("read"), []);
    let delta = r#"{"incarnation":"00000000-0000-0000-0000-000000000001","cursor":"2",
        "reset":false,"more":false,"changes":[{"change":"put","entry":{"kind":"person",
        "id":"00000000-0000-0000-0000-000000000009","family":"山田","given":"花子",
        "kana_family":"やまだ","kana_given":"はなこ","extension":"2104",
        "section":"00000000-0000-0000-0000-000000000001"}}]}"#;
    let fault = Fault::Answer(response(200, true, delta.as_bytes()));
    phone.server.next_faults([None, Some(fault)]);
    sync(&engine);
    for query in ["やま", "ヤマダ", "花子", "2104"] {
        let found = engine.people(query).expect("read");
        assert_eq!(found.len(), 1, "{query}");
        assert_eq!(found[0].display_name(), "山田 花子");
    }
    assert_eq!(engine.people("佐藤").expect("read"), []);
}
