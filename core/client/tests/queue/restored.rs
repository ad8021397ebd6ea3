//! Servers that were put back to an earlier day are healed by the phones.

use std::sync::atomic::Ordering;

use kokoni_client::{Engine, SyncOutcome};
use kokoni_model::event::{Meaning, Via};
use kokoni_model::wire::events::RejectReason;

use crate::common::{FakeServer, Fault, ITEM, OTHER_SEAT, Phone, SEAT, enrol, sync};
use crate::{outcome, sit};

/// What the server was told is lost.
fn called_lost(server: &FakeServer) -> u64 {
    server.snapshot().lost.into_values().sum()
}

/// A phone whose last record was refused, and the person has settled that.
fn phone_with_a_settled_record() -> (Phone, Engine) {
    let phone = Phone::new();
    let engine = phone.enrolled();
    let reject = (ITEM, RejectReason::AlreadyLent);
    phone.server.reject.lock().expect("unpoisoned").push(reject);
    sit(&engine, SEAT);
    let refused = engine.record(ITEM, Meaning::Borrow, Via::Camera);
    sync(&engine);
    let settled = engine.withdraw(refused.expect("saved").id);
    assert_eq!(settled, Ok(None));
    (phone, engine)
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

/// What had just been answered was taken for a run of numbers: an acknowledged event between two that
/// were sent again was never sent again itself, and the queue waited for it for ever.
#[test]
fn an_event_acknowledged_between_two_restores_is_sent_again_with_its_neighbours() {
    let phone = Phone::new();
    let engine = phone.enrolled();
    sit(&engine, SEAT);
    sync(&engine);
    let backup = phone.server.snapshot();
    phone.server.restore(backup.clone());
    sit(&engine, OTHER_SEAT);
    // It ends with the answer to the second event: the first one has yet to be sent again.
    phone.server.next_faults([Some(Fault::CancelThen)]);
    assert!(matches!(outcome(&engine), SyncOutcome::Cancelled { .. }));
    assert_eq!(phone.server.snapshot().applied.len(), 2);
    phone.server.restore(backup);
    sit(&engine, SEAT);
    for _ in 0..2 {
        outcome(&engine);
    }
    assert_eq!(engine.waiting().expect("read").len(), 0);
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
fn a_new_enrolment_at_a_server_put_back_behind_its_own_back_sends_what_it_has_lost() {
    let phone = Phone::new();
    let engine = phone.enrolled();
    for _ in 0..5 {
        sit(&engine, SEAT);
    }
    let yesterday = phone.server.snapshot();
    assert_eq!(sync(&engine).applied, 5);
    // A copy of yesterday's disk: nobody has told the server, and it does not know the tokens.
    phone.server.put_back(yesterday);
    *phone.server.revoked.lock().expect("unpoisoned") = true;
    assert_eq!(
        outcome(&engine),
        SyncOutcome::SignInNeeded { revoked: true }
    );
    enrol(&engine);
    sit(&engine, OTHER_SEAT);
    let report = sync(&engine);
    assert_eq!((report.applied, report.waiting), (6, 0));
    assert_eq!(phone.server.held().len(), 6);
}

#[test]
fn a_server_put_back_between_an_enrolment_and_its_first_sync_is_healed() {
    let phone = Phone::new();
    let engine = phone.enrolled();
    let backup = phone.server.snapshot();
    for _ in 0..3 {
        sit(&engine, SEAT);
    }
    assert_eq!(sync(&engine).applied, 3);
    enrol(&engine);
    phone.server.restore(backup);
    enrol(&engine);
    let report = sync(&engine);
    assert_eq!((report.applied, report.waiting), (3, 0));
}

#[test]
fn what_the_person_has_settled_is_not_called_lost_at_a_restored_server() {
    let (phone, engine) = phone_with_a_settled_record();
    let mut empty = phone.server.snapshot();
    empty.events.clear();
    empty.applied.clear();
    phone.server.restore(empty);
    sit(&engine, OTHER_SEAT);
    for _ in 0..3 {
        outcome(&engine);
        assert_eq!(engine.my_loans(), Ok(vec![]));
    }
    assert_eq!(phone.server.held().len(), 3);
    assert_eq!(called_lost(&phone.server), 0);
    assert_eq!(engine.rejected(), Ok(vec![]), "it stays settled");
    assert_eq!(engine.waiting(), Ok(vec![]));
}

#[test]
fn a_settled_record_hides_nothing_from_a_server_put_back_behind_its_own_back() {
    let (phone, engine) = phone_with_a_settled_record();
    let mut empty = phone.server.snapshot();
    empty.events.clear();
    empty.applied.clear();
    phone.server.put_back(empty);
    sit(&engine, OTHER_SEAT);
    for _ in 0..3 {
        outcome(&engine);
    }
    assert_eq!(phone.server.held().len(), 3);
    assert_eq!(called_lost(&phone.server), 0);
}

/// A phone whose fourth record the server minds so that it refuses the whole request, after it was put
/// back to before the three that it had; and a fifth record.
fn phone_with_a_record_refused_by_a_server_put_back() -> (Phone, Engine) {
    let phone = Phone::new();
    let engine = phone.enrolled();
    let empty = phone.server.snapshot();
    for _ in 0..3 {
        sit(&engine, SEAT);
    }
    assert_eq!(sync(&engine).applied, 3);
    phone.server.put_back(empty);
    *phone.server.choke.lock().expect("unpoisoned") = vec![OTHER_SEAT];
    sit(&engine, OTHER_SEAT);
    (phone, engine)
}

fn numbers_held(phone: &Phone) -> Vec<u64> {
    let events = phone.server.snapshot().events;
    events.into_keys().map(|(_, seq)| seq).collect()
}

#[test]
fn an_event_refused_as_a_whole_hides_nothing_from_a_server_put_back_behind_its_own_back() {
    for at_once in [true, false] {
        let (phone, engine) = phone_with_a_record_refused_by_a_server_put_back();
        if !at_once {
            assert_eq!(sync(&engine).rejected, 1);
        }
        sit(&engine, SEAT);
        let report = sync(&engine);
        assert_eq!((report.sent_again, report.waiting), (3, 0));
        assert_eq!(numbers_held(&phone), [1, 2, 3, 5]);
    }
}

#[test]
fn an_event_refused_as_a_whole_hides_nothing_when_the_server_is_put_back_again_later() {
    let (phone, engine) = phone_with_a_record_refused_by_a_server_put_back();
    let refused = phone.server.snapshot();
    sit(&engine, SEAT);
    sync(&engine);
    for seq in 6..9 {
        phone.server.put_back(refused.clone());
        sit(&engine, SEAT);
        assert_eq!(sync(&engine).waiting, 0);
        let all = (1..=seq).filter(|seq| *seq != 4);
        assert_eq!(numbers_held(&phone), all.collect::<Vec<_>>());
    }
}

#[test]
fn a_gap_that_the_server_knows_costs_no_request() {
    let (phone, engine) = phone_with_a_record_refused_by_a_server_put_back();
    sit(&engine, SEAT);
    sync(&engine);
    let before = phone.server.batches.load(Ordering::SeqCst);
    sit(&engine, SEAT);
    assert_eq!(sync(&engine).applied, 1);
    assert_eq!(phone.server.batches.load(Ordering::SeqCst) - before, 1);
}
