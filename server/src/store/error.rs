//! What can go wrong in the store. No error repeats a value of a row.

use thiserror::Error;

/// Why the store could not do what was asked.
#[derive(Clone, Debug, Error)]
pub enum StoreError {
    /// The disk, or the database's own limit, is full. Nothing was written.
    #[error("the disk is full")]
    Full,
    /// The disk could not be read or written.
    #[error("the disk could not be read or written (engine code {code})")]
    Io {
        /// The engine's extended code.
        code: i32,
    },
    /// Somebody else held the database for too long, or too much is waiting already.
    #[error("the database is busy")]
    Busy,
    /// The file is no database, or a damaged one.
    #[error("the database is damaged")]
    Damaged,
    /// A key or a constraint forbids it.
    #[error("a constraint of the schema forbids it: {constraint}")]
    Constraint {
        /// What the engine calls it: names of tables and columns, never values.
        constraint: String,
    },
    /// A column does not hold what the code expects.
    #[error("column {index} does not hold {expected}")]
    Column {
        /// Zero-based place in the SELECT list.
        index: usize,
        /// What was expected.
        expected: &'static str,
    },
    /// A query that must find one row found none.
    #[error("a row that must exist is not there")]
    NoRow,
    /// The database was written by a newer program.
    #[error(
        "the database has schema {found}, this program knows schemas up to {known}: install a newer kokoni"
    )]
    FromTheFuture {
        /// The schema found.
        found: u32,
        /// The newest schema known.
        known: u32,
    },
    /// A migration could not be applied; the database is as it was.
    #[error("the schema could not be brought up to date: {reason}")]
    Migration {
        /// What the migration runner says.
        reason: String,
    },
    /// The linked engine is older than the oldest without known corruption.
    #[error("SQLite {found} is linked, at least {needed} is needed")]
    EngineTooOld {
        /// The version linked.
        found: &'static str,
        /// The oldest accepted.
        needed: &'static str,
    },
    /// The data folder cannot be made or opened.
    #[error("the data folder {folder} cannot be used: {source}")]
    Folder {
        /// Which.
        folder: std::path::PathBuf,
        /// Why.
        source: std::sync::Arc<std::io::Error>,
    },
    /// The work on the database panicked; it was rolled back.
    #[error("work on the database panicked and was rolled back")]
    Panicked,
    /// The store has been closed.
    #[error("the store is closed")]
    Closed,
    /// Anything else the engine says.
    #[error("the database engine says: {reason}")]
    Engine {
        /// What it says; statements and names, never values.
        reason: String,
    },
}
