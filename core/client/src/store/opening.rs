//! Opening the database: locks, version, schema, and what to do when it was not closed.

use std::fs::{File, TryLockError};
use std::path::PathBuf;

use rusqlite::Connection;

use super::connection::{DatabaseKey, Purpose, check_sqlite, connect};
use super::files::{self, Files};
use super::migrate::migrate;
use super::{Location, Store};
use crate::error::{StoreError, is_damage};
use crate::ports::make_private_folder;

/// The open database, and the lock that says so.
pub(crate) struct Opened {
    pub(crate) store: Store,
    pub(crate) open_lock: File,
    /// The damaged file that was set aside, and must be searched for records.
    pub(crate) set_aside: Option<PathBuf>,
}

/// Opens the database in a folder, both made where they are missing.
///
/// A database that was not closed is checked; a damaged one is set aside under a new name, never
/// deleted, and an empty one takes its place. `stamp` names what is set aside.
pub(crate) fn open(
    files: &Files,
    key: Option<DatabaseKey>,
    stamp: &str,
) -> Result<Opened, StoreError> {
    check_sqlite()?;
    make_private_folder(&files.folder)?;
    let _opening = files.opening_lock()?;
    let mut open_lock = files.open_lock()?;
    let alone = match open_lock.try_lock() {
        Ok(()) => true,
        Err(TryLockError::WouldBlock) => false,
        Err(TryLockError::Error(error)) => return Err(error.into()),
    };
    let must_check = alone && !files::was_closed(&mut open_lock)?;
    let path = files.database();
    let (connection, set_aside) = match prepare(&path, key.as_ref(), must_check) {
        Ok(connection) => (connection, None),
        // With a key, bytes that are no database mean a key that does not fit.
        Err(error) if is_damage(&error) && alone && key.is_none() => {
            let aside = super::salvage::set_aside(files, stamp)?;
            (prepare(&path, None, false)?, Some(aside))
        }
        Err(error) => return Err(error),
    };
    if alone {
        files::note_open(&mut open_lock, true)?;
    }
    open_lock.lock_shared()?;
    let store = Store::start(Location { path, key }, connection)?;
    Ok(Opened {
        store,
        open_lock,
        set_aside,
    })
}

fn prepare(
    path: &std::path::Path,
    key: Option<&DatabaseKey>,
    must_check: bool,
) -> Result<Connection, StoreError> {
    let mut connection = connect(path, key, Purpose::Write)?;
    if must_check {
        quick_check(&connection)?;
    }
    migrate(&mut connection)?;
    Ok(connection)
}

/// Reads every page and fails when one is not as it must be.
fn quick_check(connection: &Connection) -> Result<(), StoreError> {
    let verdict: String = connection.query_row("PRAGMA quick_check(1)", [], |row| row.get(0))?;
    if verdict == "ok" {
        return Ok(());
    }
    Err(StoreError::Sqlite(rusqlite::Error::SqliteFailure(
        rusqlite::ffi::Error::new(rusqlite::ffi::SQLITE_CORRUPT),
        None,
    )))
}

/// Says that the database was closed, if no other process has it open.
pub(crate) fn note_closed(lock: &mut File) {
    if lock.try_lock().is_ok() {
        // Should this fail, the next opening checks once more than it needs to.
        let _ = files::note_open(lock, false);
    }
}
