//! Migrations: numbered SQL files, counted by SQLite's `user_version`. All that are missing run in
//! one transaction. None may delete an event that has not been answered.

use rusqlite::{Connection, TransactionBehavior};

use crate::error::StoreError;

/// Every released schema, oldest first; the first makes schema 1.
const STEPS: &[&str] = &[
    include_str!("migrations/0001.sql"),
    include_str!("migrations/0002.sql"),
];

/// The schema this version writes.
pub(crate) const SCHEMA: i64 = STEPS.len() as i64;

/// The tables and indexes that a database of this schema has, each with the SQL that made it.
pub(crate) fn schema_of(connection: &Connection) -> Result<Vec<String>, StoreError> {
    let mut statement = connection.prepare(
        "SELECT type || ' ' || name || ' ' || ifnull(sql, '') FROM sqlite_master ORDER BY 1",
    )?;
    let rows = statement.query_map([], |row| row.get(0))?;
    Ok(rows.collect::<Result<_, _>>()?)
}

/// The same of a database that was just made.
pub(crate) fn fresh_schema() -> Result<Vec<String>, StoreError> {
    let mut fresh = Connection::open_in_memory()?;
    migrate(&mut fresh)?;
    schema_of(&fresh)
}

/// Brings a database to the newest schema; one from the future is refused and left as it is.
pub(crate) fn migrate(connection: &mut Connection) -> Result<(), StoreError> {
    let transaction = connection.transaction_with_behavior(TransactionBehavior::Immediate)?;
    let found: i64 = transaction.query_row("PRAGMA user_version", [], |row| row.get(0))?;
    let done = usize::try_from(found)
        .ok()
        .filter(|&done| done <= STEPS.len());
    let Some(done) = done else {
        return Err(StoreError::FromTheFuture {
            found,
            known: SCHEMA,
        });
    };
    for step in &STEPS[done..] {
        transaction.execute_batch(step)?;
    }
    // Written also where nothing changes: SQLite syncs the folder of a new log only with the first
    // sync of the connection that made it. Were another engine's the first commit, a power cut could
    // take the log away, and with it what was saved.
    transaction.pragma_update(None, "user_version", SCHEMA)?;
    transaction.commit()?;
    Ok(())
}
