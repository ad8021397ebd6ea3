//! A sync that is under way when the phone becomes another device, or nobody's, leaves nothing behind.

use std::sync::atomic::Ordering;
use std::time::Duration;

use kokoni_client::{CallOptions, ClientError, Engine, FileSecretStore, SecretStore, SyncOutcome};
use kokoni_model::ids::PersonId;
use rusqlite::Connection;
use uuid::Uuid;

use crate::common::{Meanwhile, Phone, SEAT, enrol, sync};
use crate::{outcome, sit};

fn wipe(engine: &Engine) {
    let wiped = engine.sign_out_and_wipe(&CallOptions::default());
    wiped.expect("wiped");
}

/// What of anybody's is in the database, and whether tokens are in the secret store.
fn left_behind(phone: &Phone) -> (u64, bool) {
    let rows = "SELECT (SELECT count(*) FROM event) + (SELECT count(*) FROM directory)
            + (SELECT count(*) FROM catalogue) + (SELECT count(*) FROM identity)
            + (SELECT count(*) FROM server WHERE me IS NOT NULL OR directory_cursor IS NOT NULL
                   OR incarnation IS NOT NULL OR last_problem IS NOT NULL
                   OR last_success_us IS NOT NULL OR time_reference IS NOT NULL)";
    let rows = Connection::open(phone.database())
        .and_then(|db| db.query_row(rows, [], |row| row.get(0)))
        .expect("counted");
    (rows, has_tokens(phone))
}

fn has_tokens(phone: &Phone) -> bool {
    let secrets = FileSecretStore::open(phone.path().join("secrets")).expect("a store");
    secrets.get("enrolment").expect("read").is_some()
}

#[test]
fn a_sync_under_way_when_the_phone_is_wiped_leaves_nothing_behind() {
    for path in [
        "/tokens/refresh",
        "/events",
        "/me",
        "/directory",
        "/catalogue",
    ] {
        let phone = Phone::new();
        let network = Meanwhile::new(&phone.server);
        let engine = phone.open_with(|ports| ports.transport = Some(network.clone()));
        enrol(&engine);
        sit(&engine, SEAT);
        if path == "/tokens/refresh" {
            phone.server.expire_access();
        }
        let other = engine.clone();
        network.during(path, move || wipe(&other));
        let ended = outcome(&engine);
        assert!(network.happened());
        assert!(
            matches!(ended, SyncOutcome::Cancelled { .. }),
            "{path}: {ended:?}"
        );
        assert_eq!(left_behind(&phone), (0, false), "{path}");
        drop(engine);
        let engine = phone.open();
        assert_eq!(engine.identity(), Ok(None), "{path}");
        assert_eq!(engine.losses(), Ok(vec![]), "{path}");
    }
}

#[test]
fn a_catalogue_that_comes_when_the_phone_is_somebody_elses_is_not_taken() {
    let phone = Phone::new();
    let network = Meanwhile::new(&phone.server);
    let engine = phone.open_with(|ports| ports.transport = Some(network.clone()));
    enrol(&engine);
    phone.server.catalogue_version.store(500, Ordering::SeqCst);
    let (other, server) = (engine.clone(), phone.server.clone());
    network.during("/catalogue", move || {
        *server.person.lock().expect("unpoisoned") = PersonId::from_uuid(Uuid::from_u128(8));
        server.catalogue_version.store(3, Ordering::SeqCst);
        enrol(&other);
    });
    let ended = outcome(&engine);
    assert!(matches!(ended, SyncOutcome::Cancelled { .. }), "{ended:?}");
    assert_eq!(engine.catalogue(), Ok(None));
    sync(&engine);
    let catalogue = engine.catalogue().expect("read").expect("there");
    assert_eq!(catalogue.version, 3);
}

#[test]
fn tokens_that_come_back_when_the_phone_was_enrolled_anew_are_not_kept() {
    let phone = Phone::new();
    let network = Meanwhile::new(&phone.server);
    let engine = phone.open_with(|ports| ports.transport = Some(network.clone()));
    enrol(&engine);
    sit(&engine, SEAT);
    phone.server.expire_access();
    let other = engine.clone();
    network.during("/tokens/refresh", move || {
        enrol(&other);
    });
    let ended = outcome(&engine);
    assert!(matches!(ended, SyncOutcome::Cancelled { .. }), "{ended:?}");
    assert_eq!(engine.status().expect("read").last_problem, None);
    assert_eq!(sync(&engine).applied, 1);
}

#[test]
fn a_wipe_that_is_cut_off_leaves_no_tokens_and_calls_nothing_lost() {
    let phone = Phone::new();
    let engine = phone.enrolled();
    sit(&engine, SEAT);
    let other = Connection::open(phone.database()).expect("opens");
    other.execute_batch("BEGIN IMMEDIATE").expect("begun");
    let soon = CallOptions::within(Duration::from_millis(150));
    let cut_off = engine.within(&soon, |engine| {
        engine.sign_out_and_wipe(&CallOptions::default())
    });
    assert_eq!(cut_off, Err(ClientError::DeadlineReached));
    assert!(!has_tokens(&phone));
    drop((engine, other));
    let engine = phone.open();
    assert_eq!(engine.losses(), Ok(vec![]));
    wipe(&engine);
    assert_eq!(left_behind(&phone), (0, false));
}
