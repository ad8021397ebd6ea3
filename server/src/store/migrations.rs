//! The numbered migrations. The text is written once; what the engines call differently stands in
//! braces and is put in when it is loaded.

use refinery::{Migration, Runner};
use rusqlite::Connection;

use super::error::StoreError;

/// Number, name and text of each, oldest first. A released one never changes.
const MIGRATIONS: &[(u32, &str, &str)] = &[
    (1, "first", include_str!("schema/0001_first.sql")),
    (
        2,
        "stays_by_place",
        include_str!("schema/0002_stays_by_place.sql"),
    ),
    (
        3,
        "a_check_in_writes_little",
        include_str!("schema/0003_a_check_in_writes_little.sql"),
    ),
    (
        4,
        "a_day_is_read_from_its_events",
        include_str!("schema/0004_a_day_is_read_from_its_events.sql"),
    ),
];

/// The newest schema this program knows.
pub const NEWEST_SCHEMA: u32 = MIGRATIONS[MIGRATIONS.len() - 1].0;

/// What SQLite calls the column types. `{KEYED}` is for small rows that live in their key.
const SQLITE_WORDS: &[(&str, &str)] = &[
    ("{INT}", "INTEGER"),
    ("{BLOB}", "BLOB"),
    ("{REAL}", "REAL"),
    ("{STRICT}", "STRICT"),
    ("{KEYED}", "STRICT, WITHOUT ROWID"),
];

/// Brings a database up to date; one that a newer program wrote is refused untouched.
pub(super) fn migrate(connection: &mut Connection) -> Result<(), StoreError> {
    migrate_up_to(connection, NEWEST_SCHEMA)
}

/// As [`migrate`], but only as far as a schema that an older program knew.
pub(super) fn migrate_up_to(connection: &mut Connection, newest: u32) -> Result<(), StoreError> {
    let failed = |error: refinery::Error| StoreError::Migration {
        reason: error.to_string(),
    };
    let migrations: Vec<Migration> = MIGRATIONS
        .iter()
        .filter(|(number, ..)| *number <= newest)
        .map(|(number, name, text)| {
            Migration::unapplied(&format!("V{number}__{name}"), &for_sqlite(text))
        })
        .collect::<Result<_, _>>()
        .map_err(failed)?;
    let runner = Runner::new(&migrations).set_grouped(true);
    if has_history(connection)? {
        let found = runner
            .get_last_applied_migration(connection)
            .map_err(failed)?
            .map_or(0, |last| u32::try_from(last.version()).unwrap_or(u32::MAX));
        if found > NEWEST_SCHEMA {
            return Err(StoreError::FromTheFuture {
                found,
                known: NEWEST_SCHEMA,
            });
        }
        if found == NEWEST_SCHEMA {
            return Ok(());
        }
    }
    runner.run(connection).map_err(failed)?;
    Ok(())
}

fn has_history(connection: &Connection) -> Result<bool, StoreError> {
    connection
        .query_row(
            "SELECT count(*) FROM sqlite_schema WHERE name = 'refinery_schema_history'",
            [],
            |row| row.get::<_, i64>(0),
        )
        .map(|count| count > 0)
        .map_err(super::engine::classify)
}

fn for_sqlite(text: &str) -> String {
    SQLITE_WORDS
        .iter()
        .fold(text.to_owned(), |text, (word, instead)| {
            text.replace(word, instead)
        })
}
