//! Opening the database: locks, version, checks, schema, and what to do when it is damaged.
//!
//! A phone's system ends apps without asking, so that "closed in order" means little: whoever opens
//! the database first always has every page and index checked. With 10,000 events waiting that
//! takes about 10 ms.

use std::fs::File;
use std::path::{Path, PathBuf};

use rusqlite::Connection;

use super::connection::{DatabaseKey, Purpose, check_sqlite, connect};
use super::files::Files;
use super::lock::FileLock;
use super::migrate::{fresh_schema, migrate, schema_of};
use super::salvage::{self, SET_ASIDE};
use super::{Location, Store};
use crate::error::{ClientError, StoreError, is_damage};
use crate::ports::make_private_folder;
use crate::waiting;

/// How many of its steps SQLite makes, while a database is checked, before it asks whether to go on.
const STEPS_UNASKED: std::ffi::c_int = 2_000;

/// The open database, and the lock that says so.
pub(crate) struct Opened {
    pub(crate) store: Store,
    pub(crate) open_lock: FileLock,
    /// Damaged files that were set aside, now or earlier, and must be searched for records.
    pub(crate) unsearched: Vec<PathBuf>,
}

/// Opens the database in a folder, both made where they are missing.
///
/// A damaged one is set aside under a new name, never deleted, and an empty one takes its place.
/// `stamp` names what is set aside. `key` is asked while no other process opens it, so that two
/// first openings do not make two keys.
pub(crate) fn open(
    files: &Files,
    key: impl FnOnce() -> Result<Option<DatabaseKey>, ClientError>,
    stamp: &str,
) -> Result<Opened, StoreError> {
    check_sqlite()?;
    make_private_folder(&files.folder)?;
    let _opening = files.opening_lock()?;
    let key = key()?;
    let open_lock = files.open_lock()?;
    let alone = open_lock.try_alone()?;
    let path = files.database();
    let connection = match prepare(&path, key.as_ref(), alone) {
        Ok(connection) => connection,
        Err(error) if is_damage(&error) || (alone && is_nonsense(&error)) => {
            if let Some(key) = &key {
                fits(&path, key, &error)?;
            }
            if !alone {
                return Err(error);
            }
            salvage::set_aside(files, stamp)?;
            prepare(&path, key.as_ref(), false)?
        }
        Err(error) => return Err(error),
    };
    let unsearched = if alone {
        salvage::unsearched(files)?
    } else {
        Vec::new()
    };
    if key.is_some() && alone {
        // The next one who opens the database tries again.
        if let Err(error) = salvage::note_salt(&path) {
            tracing::warn!(kind = ?error.kind(), "the database's salt was not noted");
        }
    }
    open_lock.share()?;
    let store = Store::start(Location { path, key }, connection);
    Ok(Opened {
        store,
        open_lock,
        unsearched,
    })
}

/// Removes the database, what was set aside of it, and its marks. Refused while it is open.
pub(crate) fn erase(files: &Files) -> Result<(), StoreError> {
    if !files.folder.exists() {
        return Ok(());
    }
    let _opening = files.opening_lock()?;
    let open_lock = files.open_lock()?;
    if !open_lock.try_alone()? {
        return Err(ClientError::DatabaseInUse.into());
    }
    let database = files.database();
    let name = database.file_name().unwrap_or_default().to_string_lossy();
    // Beside the file lie its log and its index.
    remove_files(files, &name)?;
    forget_set_aside(files)?;
    Ok(files.high_water().remove()?)
}

/// Removes the damaged databases that were set aside.
pub(crate) fn forget_set_aside(files: &Files) -> Result<(), StoreError> {
    remove_files(files, SET_ASIDE)
}

fn remove_files(files: &Files, beginning: &str) -> Result<(), StoreError> {
    for entry in std::fs::read_dir(&files.folder)? {
        let entry = entry?;
        if entry.file_name().to_string_lossy().starts_with(beginning) {
            std::fs::remove_file(entry.path())?;
        }
    }
    Ok(())
}

/// Refuses a key that opens no page at all: a damaged first page looks the same to SQLite, and a
/// wrong key must never take a sound database for a damaged one.
fn fits(path: &Path, key: &DatabaseKey, error: &StoreError) -> Result<(), StoreError> {
    if salvage::Image::read(path)?.fits(key) {
        return Ok(());
    }
    tracing::warn!(%error, "no page of the database fits its key");
    Err(ClientError::KeyWrong.into())
}

fn prepare(
    path: &Path,
    key: Option<&DatabaseKey>,
    must_check: bool,
) -> Result<Connection, StoreError> {
    let mut connection = connect(path, key, Purpose::Write)?;
    if must_check {
        // It takes as long as the database is large.
        connection.progress_handler(STEPS_UNASKED, Some(|| waiting::stop().is_some()))?;
        check(&connection, path)?;
    }
    migrate(&mut connection)?;
    if must_check {
        let content = check_content(&connection)?;
        connection.progress_handler(0, None::<fn() -> bool>)?;
        mend(&connection, &content)?;
    }
    Ok(connection)
}

/// While opening, SQL that has always worked fails only where the content is damaged, unless the
/// disk or the system refuses.
fn is_nonsense(error: &StoreError) -> bool {
    use rusqlite::ErrorCode::{ConstraintViolation, TypeMismatch, Unknown};
    matches!(error, StoreError::Sqlite(error) if matches!(
        error.sqlite_error_code(),
        None | Some(Unknown | ConstraintViolation | TypeMismatch)
    ))
}

/// What the rows of the queue say, read in one pass.
struct Content {
    /// An event of no queue, or whose bytes name another epoch or number than its row.
    contradicts: bool,
    /// A state that no version ever wrote.
    unknown_state: bool,
}

/// What no structure shows: the schema word by word, and the epochs and numbers of the queue, which
/// stand in the events' bytes as well.
fn check_content(connection: &Connection) -> Result<Content, StoreError> {
    // The bytes of an event always name epoch and number side by side; see the model's snapshot.
    let content = connection.query_row(
        r#"SELECT ifnull(max(queue.number IS NULL OR instr(event.text,
                      '"epoch":"' || queue.epoch || '","seq":' || event.seq || ',') = 0), 0),
                  ifnull(max(state NOT IN
                      ('waiting', 'applied', 'rejected', 'dismissed', 'damaged')), 0)
           FROM event LEFT JOIN queue ON queue.number = event.queue"#,
        [],
        |row| {
            Ok(Content {
                contradicts: row.get(0)?,
                unknown_state: row.get(1)?,
            })
        },
    )?;
    if content.contradicts || schema_of(connection)? != fresh_schema()? {
        return Err(corrupt());
    }
    Ok(content)
}

/// Puts right what has one right answer. A state that no version ever wrote becomes "waiting":
/// sending once more does no harm, and nothing is left behind. No number is given twice.
fn mend(connection: &Connection, content: &Content) -> Result<(), StoreError> {
    if content.unknown_state {
        connection.execute_batch(
            "UPDATE event SET state = 'waiting'
             WHERE state NOT IN ('waiting', 'applied', 'rejected', 'dismissed', 'damaged');",
        )?;
    }
    connection.execute_batch(
        "UPDATE queue SET next_seq = 1 + (SELECT max(seq) FROM event WHERE queue = number)
         WHERE next_seq <= (SELECT max(seq) FROM event WHERE queue = number);
         INSERT INTO server (one) SELECT 1 WHERE NOT EXISTS (SELECT 1 FROM server);",
    )?;
    Ok(())
}

/// Reads every page and index and fails when one is not as it must be.
///
/// SQLite calls a page that it cannot read a fault like any other. It is none: the disk may read it
/// the next time, and a file that cannot be read must not be set aside.
fn check(connection: &Connection, path: &Path) -> Result<(), StoreError> {
    let verdict: String =
        connection.query_row("PRAGMA integrity_check(1)", [], |row| row.get(0))?;
    if verdict == "ok" {
        return Ok(());
    }
    if let Some(code) = read_error(&verdict) {
        let failure = rusqlite::ffi::Error::new(code);
        return Err(rusqlite::Error::SqliteFailure(failure, None).into());
    }
    std::io::copy(&mut File::open(path)?, &mut std::io::sink())?;
    Err(corrupt())
}

/// The result code in a verdict of `integrity_check` that says that a page could not be read.
fn read_error(verdict: &str) -> Option<i32> {
    let (_, rest) = verdict.split_once("error code")?;
    let digits = rest.trim_start_matches(['=', ' ']);
    let end = digits.find(|c: char| !c.is_ascii_digit());
    let code: i32 = digits[..end.unwrap_or(digits.len())].parse().ok()?;
    // The low byte is the primary code, whatever the kind of I/O error.
    let is_trouble = matches!(
        code & 0xff,
        rusqlite::ffi::SQLITE_IOERR | rusqlite::ffi::SQLITE_NOMEM
    );
    is_trouble.then_some(code)
}

fn corrupt() -> StoreError {
    StoreError::Sqlite(rusqlite::Error::SqliteFailure(
        rusqlite::ffi::Error::new(rusqlite::ffi::SQLITE_CORRUPT),
        None,
    ))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_page_that_could_not_be_read_is_told_from_a_damaged_one() {
        let unread = "Tree 3 page 7: unable to get the page. error code=266";
        assert_eq!(read_error(unread), Some(rusqlite::ffi::SQLITE_IOERR_READ));
        let memory = "Tree 3 page 7: unable to get the page. error code=7 and more";
        assert_eq!(read_error(memory), Some(rusqlite::ffi::SQLITE_NOMEM));
        for damaged in [
            "Tree 3 page 7: btreeInitPage() returns error code 11",
            "Tree 3 page 7 cell 2: Rowid 5 out of order",
            "wrong # of entries in index event_waiting",
            "error code=",
        ] {
            assert_eq!(read_error(damaged), None, "{damaged}");
        }
    }
}
