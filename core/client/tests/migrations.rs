//! Databases of every released schema open with this version and keep their unsent events; one of a
//! later version is refused and left as it is.

mod common;

use common::{Phone, enrol, sync};
use kokoni_client::{ClientError, FileSecretStore, SecretStore};

/// Every schema with the SQL that was frozen at its release.
const GOLDEN: &[(i64, &str)] = &[
    (1, include_str!("fixtures/schema-1.sql")),
    (2, include_str!("fixtures/schema-2.sql")),
];

/// A phone whose database is a golden one. The device of its identity has tokens.
fn phone_of(schema: i64, sql: &str) -> Phone {
    let phone = Phone::new();
    let engine = phone.open();
    enrol(&engine);
    engine.shut_down();
    drop(engine);
    let data = phone.path().join("data");
    std::fs::remove_dir_all(&data).expect("removed");
    std::fs::create_dir(&data).expect("made");
    let db = rusqlite::Connection::open(phone.database()).expect("opens");
    db.execute_batch(sql).expect("built");
    db.pragma_update(None, "user_version", schema).expect("set");
    phone
}

fn schema_of(path: &std::path::Path) -> Vec<String> {
    let db = rusqlite::Connection::open(path).expect("opens");
    let mut statement = db
        .prepare("SELECT sql FROM sqlite_master WHERE sql IS NOT NULL ORDER BY name")
        .expect("prepared");
    let rows = statement
        .query_map([], |row| row.get::<_, String>(0))
        .expect("read");
    rows.map(|sql| {
        sql.expect("read")
            .split_whitespace()
            .collect::<Vec<_>>()
            .join(" ")
    })
    .collect()
}

#[test]
fn unsent_events_of_every_schema_survive_and_are_sent_with_their_bytes() {
    for (schema, sql) in GOLDEN {
        let phone = phone_of(*schema, sql);
        let texts: Vec<String> = {
            let db = rusqlite::Connection::open(phone.database()).expect("opens");
            let mut rows = db
                .prepare("SELECT text FROM event ORDER BY queue, seq")
                .expect("prepared");
            let texts = rows.query_map([], |row| row.get(0)).expect("read");
            texts.map(|text| text.expect("read")).collect()
        };
        assert_eq!(texts.len(), 4, "schema {schema}");
        let engine = phone.open();
        assert_eq!(engine.waiting().expect("read").len(), 3, "schema {schema}");
        assert_eq!(engine.rejected().expect("read").len(), 1, "schema {schema}");
        // The answered one is sent as well: this server never had it.
        assert_eq!(sync(&engine).applied, 4, "schema {schema}");
        let held: Vec<String> = phone
            .server
            .held()
            .into_iter()
            .map(|held| held.text)
            .collect();
        assert_eq!(held, texts, "schema {schema}");
    }
}

#[test]
fn an_upgraded_database_has_the_schema_of_a_fresh_one() {
    let fresh = Phone::new();
    fresh.open().shut_down();
    for (schema, sql) in GOLDEN {
        let phone = phone_of(*schema, sql);
        phone.open().shut_down();
        assert_eq!(
            schema_of(&phone.database()),
            schema_of(&fresh.database()),
            "schema {schema}"
        );
    }
}

#[test]
fn a_database_from_the_future_is_refused_and_left_as_it_is() {
    let (schema, sql) = GOLDEN[GOLDEN.len() - 1];
    let phone = phone_of(schema, sql);
    let db = rusqlite::Connection::open(phone.database()).expect("opens");
    db.pragma_update(None, "user_version", 99).expect("set");
    drop(db);
    let refused = phone.try_open().map(|_| ());
    let known = schema;
    assert_eq!(
        refused,
        Err(ClientError::StorageFromTheFuture { found: 99, known })
    );
    let db = rusqlite::Connection::open(phone.database()).expect("opens");
    let waiting: u64 = db
        .query_row(
            "SELECT count(*) FROM event WHERE state = 'waiting'",
            [],
            |row| row.get(0),
        )
        .expect("read");
    assert_eq!(waiting, 3);
}

#[test]
fn a_secret_store_without_the_enrolment_asks_for_a_new_sign_in() {
    let (schema, sql) = GOLDEN[0];
    let phone = phone_of(schema, sql);
    let secrets = FileSecretStore::open(phone.path().join("secrets")).expect("a store");
    secrets.remove("enrolment").expect("removed");
    let engine = phone.open();
    let outcome = engine
        .sync(&kokoni_client::CallOptions::default())
        .expect("a sync");
    assert_eq!(
        outcome,
        kokoni_client::SyncOutcome::SignInNeeded { revoked: false }
    );
    assert_eq!(engine.waiting().expect("read").len(), 3);
}
