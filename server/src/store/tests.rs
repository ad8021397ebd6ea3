//! What the store promises: durable commits, closures undone whole, private files, a frozen schema.

use std::os::unix::fs::PermissionsExt;

use kokoni_model::clock::Timestamp;

use super::*;
use crate::params;
use crate::ports::SeededRandom;

fn open(folder: &Path) -> Result<Store, StoreError> {
    Store::open(folder, Timestamp::from_micros(1), &mut SeededRandom::new(1))
}

fn with_table(folder: &Path) -> Store {
    let store = open(folder).expect("opens");
    store
        .write_blocking(|tx| {
            tx.exec("CREATE TABLE t (n INTEGER PRIMARY KEY) STRICT", &[])
                .map(|_| ())
        })
        .expect("written");
    store
}

fn numbers(store: &Store) -> Vec<i64> {
    store
        .read_blocking(|tx| tx.query::<i64>("SELECT n FROM t ORDER BY n", &[]))
        .expect("read")
}

fn insert(tx: &Tx<'_>, number: i64) -> Result<u64, StoreError> {
    tx.exec("INSERT INTO t (n) VALUES ($1)", params![number])
}

#[test]
fn folder_and_files_are_private() {
    let parent = tempfile::tempdir().expect("a folder");
    let folder = parent.path().join("data");
    let _store = open(&folder).expect("opens");
    let mode = |path: &Path| std::fs::metadata(path).expect("there").permissions().mode() & 0o777;
    assert_eq!(mode(&folder), 0o700);
    for name in ["kokoni.db", "kokoni.db-wal", "kokoni.db-shm"] {
        assert_eq!(mode(&folder.join(name)), 0o600, "{name}");
    }
}

#[test]
fn commits_wait_for_the_disk() {
    let folder = tempfile::tempdir().expect("a folder");
    let store = open(folder.path()).expect("opens");
    let (mode, level) = store
        .write_blocking(|tx| {
            Ok::<_, StoreError>((
                tx.one::<String>("PRAGMA journal_mode", &[])?,
                tx.one::<i64>("PRAGMA synchronous", &[])?,
            ))
        })
        .expect("read");
    assert_eq!((mode.as_str(), level), ("wal", 2), "2 is FULL");
}

#[test]
fn an_error_or_a_panic_undoes_all_of_a_write_and_the_next_one_works() {
    let folder = tempfile::tempdir().expect("a folder");
    let store = with_table(folder.path());
    let failed = store.write_blocking(|tx| {
        insert(tx, 1)?;
        insert(tx, 1)
    });
    assert!(matches!(failed, Err(StoreError::Constraint { .. })));
    let panicked = store.write_blocking(|tx| -> Result<(), StoreError> {
        insert(tx, 2)?;
        panic!("on purpose");
    });
    assert!(matches!(panicked, Err(StoreError::Panicked)));
    store.write_blocking(|tx| insert(tx, 3)).expect("written");
    assert_eq!(numbers(&store), [3]);
}

#[test]
fn a_part_that_fails_is_undone_alone() {
    let folder = tempfile::tempdir().expect("a folder");
    let store = with_table(folder.path());
    store
        .write_blocking(|tx| {
            insert(tx, 1)?;
            let part = tx.nested(|tx| {
                insert(tx, 2)?;
                insert(tx, 1)
            });
            assert!(matches!(part, Err(StoreError::Constraint { .. })));
            let panicked = tx.nested(|tx| -> Result<(), StoreError> {
                insert(tx, 3)?;
                panic!("on purpose");
            });
            assert!(matches!(panicked, Err(StoreError::Panicked)));
            insert(tx, 4)
        })
        .expect("written");
    assert_eq!(numbers(&store), [1, 4]);
}

#[test]
fn parameters_are_bound_by_their_number_not_their_place() {
    let folder = tempfile::tempdir().expect("a folder");
    let store = open(folder.path()).expect("opens");
    let found = store
        .read_blocking(|tx| {
            tx.one::<(String, i64, String)>("SELECT $2, $1, $2", params![7i64, "two"])
        })
        .expect("read");
    assert_eq!(found, ("two".into(), 7, "two".into()));
}

/// The log grows by 60,000 pages unless it begins anew.
#[test]
fn the_log_begins_anew_however_much_is_written() {
    let folder = tempfile::tempdir().expect("a folder");
    let store = with_table(folder.path());
    for number in 0..120 {
        store
            .write_blocking(move |tx| {
                tx.exec(
                    "CREATE TABLE IF NOT EXISTS b (n INTEGER PRIMARY KEY, b BLOB)",
                    &[],
                )?;
                tx.exec(
                    "INSERT OR REPLACE INTO b (n, b) VALUES ($1, zeroblob(2000000))",
                    params![i64::from(number % 3)],
                )
            })
            .expect("written");
    }
    let log = folder.path().join("kokoni.db-wal");
    let pages = std::fs::metadata(log).expect("there").len() / 4096;
    assert!(pages < 20_000, "{pages}");
}

#[test]
fn readers_cannot_write() {
    let folder = tempfile::tempdir().expect("a folder");
    let store = with_table(folder.path());
    assert!(store.read_blocking(|tx| insert(tx, 1)).is_err());
    assert_eq!(numbers(&store), [] as [i64; 0]);
}

#[test]
fn an_error_of_a_row_never_repeats_its_values() {
    let folder = tempfile::tempdir().expect("a folder");
    let store = open(folder.path()).expect("opens");
    let secret = "YAMADA";
    let twice = store.write_blocking(move |tx| {
        let insert = "INSERT INTO meta (name, value) VALUES ($1, $2)";
        tx.exec(insert, params![secret, [1u8; 4]])?;
        tx.exec(insert, params![secret, [1u8; 4]])
    });
    let shown = format!("{:?}", twice.expect_err("refused"));
    assert!(!shown.contains(secret), "{shown}");
}

#[test]
fn a_database_of_a_newer_program_is_refused_and_left_alone() {
    let folder = tempfile::tempdir().expect("a folder");
    drop(open(folder.path()).expect("opens"));
    let file = folder.path().join(FILE_NAME);
    let newer = rusqlite::Connection::open(&file).expect("opens");
    newer
        .execute_batch(
            "INSERT INTO refinery_schema_history (version, name, applied_on, checksum)
             VALUES (999, 'future', '2030-01-01T00:00:00Z', '1')",
        )
        .expect("written");
    drop(newer);
    assert!(matches!(
        open(folder.path()),
        Err(StoreError::FromTheFuture {
            found: 999,
            known: NEWEST_SCHEMA
        })
    ));
}

#[test]
fn a_file_that_is_no_database_is_refused_and_left_alone() {
    let folder = tempfile::tempdir().expect("a folder");
    let file = folder.path().join(FILE_NAME);
    let bytes = "not a database, but somebody's notes ".repeat(50);
    std::fs::write(&file, &bytes).expect("written");
    assert!(matches!(open(folder.path()), Err(StoreError::Damaged)));
    assert_eq!(std::fs::read_to_string(&file).expect("read"), bytes);
}

#[test]
fn the_incarnation_stays_the_same_when_it_is_opened_again() {
    let folder = tempfile::tempdir().expect("a folder");
    let first = open(folder.path()).expect("opens").incarnation();
    let again = Store::open(
        folder.path(),
        Timestamp::from_micros(9),
        &mut SeededRandom::new(2),
    )
    .expect("opens");
    assert_eq!(again.incarnation(), first);
}

/// A database as the program of that schema made it.
fn made_by_schema(number: u32) -> rusqlite::Connection {
    let mut connection = rusqlite::Connection::open_in_memory().expect("opens");
    migrations::migrate_up_to(&mut connection, number).expect("migrates");
    connection
}

fn schema_of(connection: &rusqlite::Connection) -> String {
    let mut statement = connection
        .prepare(
            "SELECT sql || ';' FROM sqlite_schema
             WHERE sql IS NOT NULL AND name NOT LIKE 'refinery%' ORDER BY type DESC, name",
        )
        .expect("prepares");
    let rows = statement.query_map([], |row| row.get::<_, String>(0));
    rows.expect("reads")
        .collect::<Result<Vec<_>, _>>()
        .expect("reads")
        .join("\n")
}

/// The schemas as the released programs make them. When this fails after a release, the change
/// belongs into a new migration.
#[test]
fn every_schema_is_frozen() {
    for number in 1..=NEWEST_SCHEMA {
        let fixture = Path::new(env!("CARGO_MANIFEST_DIR"))
            .join(format!("../tests/fixtures/schemas/server-{number}.sql"));
        let made = format!(
            "-- The schema of release {number} as SQLite keeps it; never edited again.\n{}",
            schema_of(&made_by_schema(number))
        );
        if std::env::var_os("KOKONI_WRITE_FIXTURES").is_some() {
            std::fs::write(&fixture, made.clone() + "\n").expect("written");
        }
        let frozen = std::fs::read_to_string(&fixture).expect("the fixture is there");
        assert_eq!(made.trim(), frozen.trim(), "schema {number}");
    }
}

#[test]
fn the_second_schema_keeps_every_stay() {
    let mut connection = made_by_schema(1);
    connection
        .execute_batch(
            "INSERT INTO stay VALUES (x'01', '2026-11-24', x'02', 1, x'03', 0, 5, x'04', x'05', 6, 9);
             INSERT INTO stay VALUES (x'01', '2026-11-24', x'02', 2, x'07', 1, 9, x'04', x'05', 8,
                 NULL);",
        )
        .expect("written");
    let all = "SELECT organisation, working_date, person, number, place, telework, since_us,
        since_device, since_epoch, since_seq, until_us FROM stay ORDER BY number";
    let before = rows_of(&connection, all);
    migrations::migrate_up_to(&mut connection, 2).expect("migrates");
    assert_eq!(before.len(), 2);
    assert_eq!(rows_of(&connection, all), before);
}

/// Of four events one was taken back and one refused: two steps and one stay are left.
#[test]
fn the_third_schema_keeps_every_step_and_stay() {
    let mut connection = made_by_schema(2);
    let event = |seq: i64, counted: &str, outcome: &str, step: &str, withdrawn: &str| {
        format!(
            "INSERT INTO event VALUES (x'01', x'04', x'05', {seq}, x'00', NULL, x'02', NULL,
                 {counted}, 0, 99, '2026-11-24', '{outcome}', NULL, NULL, {step}, x'08', '[]',
                 {withdrawn}, NULL);"
        )
    };
    let sql = [
        "INSERT INTO organisation VALUES (x'01', 'n', 'h', '{}', '{}', '{}', x'00', 1, 1, 0);
         INSERT INTO section VALUES (x'01', x'09', 's', NULL);
         INSERT INTO person VALUES (x'01', x'02', 'f', 'g', 'k', 'k', NULL, x'09', NULL, 'staff',
             '{}', NULL);
         INSERT INTO device VALUES (x'01', x'04', x'02', 'd', 'cli', 0, NULL);
         INSERT INTO stay VALUES (x'01', x'02', '2026-11-24', 1, x'03', 0, 5, x'04', x'05', 1, 7);
         INSERT INTO person_day VALUES (x'01', '2026-11-24', x'02', 5, 7);"
            .to_owned(),
        event(1, "5", "applied", "'arrive'", "NULL"),
        event(2, "6", "applied", "'arrive'", "3"),
        event(3, "7", "applied", "'leave'", "NULL"),
        event(4, "NULL", "rejected", "NULL", "NULL"),
    ];
    connection.execute_batch(&sql.concat()).expect("written");
    let stays = "SELECT organisation, working_date, person, place, telework, since_us,
        since_device, since_epoch, since_seq, until_us FROM stay";
    let before = rows_of(&connection, stays);
    migrations::migrate_up_to(&mut connection, 3).expect("migrates");
    assert_eq!(before.len(), 1);
    assert_eq!(rows_of(&connection, stays), before);
    let steps = "SELECT seq || ' ' || counted_us || ' ' || step FROM day_step ORDER BY seq";
    assert_eq!(
        rows_of(&connection, steps),
        [r#"[Text("1 5 arrive")]"#, r#"[Text("3 7 leave")]"#]
    );
}

/// What an event does to its day was purged with its bytes, while its day was still kept.
#[test]
fn the_fourth_schema_keeps_every_step() {
    let mut connection = made_by_schema(3);
    let event = |seq: i64, step: &str, withdrawn: &str| {
        format!(
            "INSERT INTO event VALUES (x'01', x'04', x'05', {seq}, x'00', NULL, x'02', NULL, 5, 0,
                 99, NULL, 'applied', NULL, NULL, {step}, NULL, '[]', {withdrawn}, NULL);"
        )
    };
    let step = |seq: i64| {
        format!(
            "INSERT INTO day_step VALUES (x'01', '2026-11-24', x'02', 5, x'04', x'05', {seq},
                 'arrive', x'08');"
        )
    };
    let sql = [
        "PRAGMA foreign_keys = OFF;".to_owned(),
        event(1, "NULL", "NULL"),
        step(1),
        event(2, "NULL", "3"),
        event(3, "NULL", "NULL"),
    ];
    connection.execute_batch(&sql.concat()).expect("written");
    migrations::migrate(&mut connection).expect("migrates");
    let steps = "SELECT seq || ' ' || step || ' ' || working_date || ' ' || hex(site) FROM event
        WHERE step IS NOT NULL";
    assert_eq!(
        rows_of(&connection, steps),
        [r#"[Text("1 arrive 2026-11-24 08")]"#]
    );
}

/// Without statistics the engine once read the whole day to find who was at one seat.
#[test]
fn who_is_at_a_seat_is_found_by_the_seat() {
    let connection = made_by_schema(NEWEST_SCHEMA);
    for place in [
        "place = $3",
        "place IN (SELECT id FROM place WHERE organisation = $1)",
    ] {
        let plan = rows_of(
            &connection,
            &format!(
                "EXPLAIN QUERY PLAN SELECT person FROM stay
                 WHERE organisation = $1 AND working_date = $2 AND {place}"
            ),
        );
        let by_place = "PRIMARY KEY (organisation=? AND working_date=? AND place=?)";
        assert!(plan[0].contains(by_place), "{plan:?}");
    }
}

/// Once every refresh of a token read all tokens of the organisation.
#[test]
fn what_is_asked_by_an_index_is_found_by_it_from_the_first_day() {
    let folder = tempfile::tempdir().expect("a folder");
    let store = open(folder.path()).expect("opens");
    for (sql, index) in [
        (
            "DELETE FROM token WHERE organisation = x'01' AND device = x'02' AND expires_us <= 3",
            "token_by_device (organisation=? AND device=?)",
        ),
        (
            "SELECT item FROM loan WHERE organisation = x'01' AND person = x'02'
                 AND ended_us IS NULL",
            "loan_by_person (organisation=? AND person=?)",
        ),
        (
            "SELECT name FROM place WHERE organisation = x'01' AND floor = x'02'",
            "place_by_floor (organisation=? AND floor=?)",
        ),
        (
            "SELECT person FROM stay WHERE organisation = x'01' AND working_date = '2026-11-24'
                 AND place = x'02'",
            "PRIMARY KEY (organisation=? AND working_date=? AND place=?)",
        ),
        (
            "SELECT hash FROM event WHERE organisation = x'01' AND id = x'02'",
            "event_by_id (organisation=? AND id=?)",
        ),
    ] {
        let plan: (i64, i64, i64, String) = store
            .read_blocking(move |tx| tx.one(&format!("EXPLAIN QUERY PLAN {sql}"), &[]))
            .expect("planned");
        assert!(plan.3.contains(index), "{sql}: {plan:?}");
    }
}

/// Each row as text.
fn rows_of(connection: &rusqlite::Connection, sql: &str) -> Vec<String> {
    let mut statement = connection.prepare(sql).expect("prepares");
    let width = statement.column_count();
    let mut rows = statement.raw_query();
    let mut found = Vec::new();
    while let Some(row) = rows.next().expect("reads") {
        let values: Vec<rusqlite::types::Value> = (0..width)
            .map(|index| row.get(index).expect("a value"))
            .collect();
        found.push(format!("{values:?}"));
    }
    found
}
