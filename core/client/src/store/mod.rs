//! The database: one writer, readers beside it, several processes on one file.
//!
//! A write is a closure over a transaction that began as IMMEDIATE, so that it never fails half way
//! because another process writes too; it is committed with `synchronous=FULL` before its caller
//! hears of it. A closure that fails or panics leaves nothing behind.
//!
//! The caller's own thread writes, while it holds the one connection that may. A thread of its own
//! for the writer would have to be woken before each commit, and its caller after it.

pub(crate) mod connection;
pub(crate) mod directory;
#[cfg(feature = "sqlcipher")]
pub(crate) mod encryption;
pub(crate) mod files;
pub(crate) mod listed;
pub(crate) mod lock;
mod migrate;
pub(crate) mod opening;
mod pages;
pub(crate) mod queue;
pub(crate) mod salvage;
#[cfg(feature = "sqlcipher")]
mod sealed_pages;
pub(crate) mod server;

use std::panic::{AssertUnwindSafe, catch_unwind};
use std::path::PathBuf;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Mutex, MutexGuard, PoisonError, TryLockError};
use std::time::Duration;

use rusqlite::types::ValueRef;
use rusqlite::{Connection, ErrorCode, Row, Transaction, TransactionBehavior};

use self::connection::{DatabaseKey, Purpose, connect};
use crate::error::StoreError;
use crate::waiting;

pub(crate) use migrate::SCHEMA;

/// Readers kept open between reads.
const READERS_KEPT: usize = 2;

/// How often a transaction's beginning is tried; each try waits as long as one statement may.
const BEGIN_TRIES: usize = 4;

#[derive(Clone, Copy, PartialEq, Eq)]
enum Health {
    Good,
    Reopen,
}

/// Where the database is and how it is unlocked.
pub(crate) struct Location {
    pub(crate) path: PathBuf,
    pub(crate) key: Option<DatabaseKey>,
}

/// The open database.
pub(crate) struct Store {
    location: Location,
    writer: Mutex<Writer>,
    readers: Mutex<Vec<Connection>>,
    closed: AtomicBool,
}

/// The one connection that writes.
enum Writer {
    Open(Connection),
    /// It can no longer be used: whoever writes next opens it anew.
    Broken,
    Closed,
}

impl Store {
    /// Takes over a connection that is set up and migrated.
    pub(crate) fn start(location: Location, connection: Connection) -> Self {
        Self {
            location,
            writer: Mutex::new(Writer::Open(connection)),
            readers: Mutex::new(Vec::new()),
            closed: AtomicBool::new(false),
        }
    }

    /// The key of an encrypted database.
    pub(crate) const fn key(&self) -> Option<&DatabaseKey> {
        self.location.key.as_ref()
    }

    /// Runs a transaction; what it returns is committed.
    pub(crate) fn write<T>(
        &self,
        change: impl FnOnce(&Transaction<'_>) -> Result<T, StoreError>,
    ) -> Result<T, StoreError> {
        self.write_then(change, |_| {})
    }

    /// As [`Self::write`], and does something once it is committed, before the next transaction of
    /// this engine can begin.
    pub(crate) fn write_then<T>(
        &self,
        change: impl FnOnce(&Transaction<'_>) -> Result<T, StoreError>,
        then: impl FnOnce(&T),
    ) -> Result<T, StoreError> {
        let mut writer = self.writer_in_time()?;
        if matches!(*writer, Writer::Broken) {
            let Location { path, key } = &self.location;
            let mut connection = connect(path, key.as_ref(), Purpose::Write)?;
            // It may be the one that makes the log.
            migrate::migrate(&mut connection)?;
            *writer = Writer::Open(connection);
        }
        let Writer::Open(connection) = &*writer else {
            return Err(StoreError::Closed);
        };
        let result = transact(connection, change);
        match &result {
            Ok(value) => then(value),
            Err(error) if health_after(error) == Health::Reopen => *writer = Writer::Broken,
            Err(_) => {}
        }
        result
    }

    fn writer(&self) -> MutexGuard<'_, Writer> {
        self.writer.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// The writer, unless the call is to end before another thread has written.
    fn writer_in_time(&self) -> Result<MutexGuard<'_, Writer>, StoreError> {
        if !waiting::is_limited() {
            return Ok(self.writer());
        }
        let mut pauses = 0;
        loop {
            match self.writer.try_lock() {
                Ok(writer) => return Ok(writer),
                Err(TryLockError::Poisoned(writer)) => return Ok(writer.into_inner()),
                Err(TryLockError::WouldBlock) => waiting::go_on()?,
            }
            waiting::pause(pauses, Duration::MAX);
            pauses += 1;
        }
    }

    /// Leaves nothing in the file of what was deleted: rows lie on, unreachable, in pages that are not
    /// used, and in the log.
    pub(crate) fn scrub(&self) -> Result<(), StoreError> {
        self.readers().clear();
        let writer = self.writer_in_time()?;
        let Writer::Open(connection) = &*writer else {
            return Err(StoreError::Closed);
        };
        // Not every system has a place for SQLite's temporary files.
        connection.execute_batch("PRAGMA temp_store = MEMORY; VACUUM;")?;
        let in_use: bool =
            connection.query_row("PRAGMA wal_checkpoint(TRUNCATE)", [], |row| row.get(0))?;
        if in_use {
            tracing::warn!("the log keeps what was deleted until nobody reads it");
        }
        Ok(())
    }

    /// Reads one consistent state, beside the writer.
    pub(crate) fn read<T>(
        &self,
        question: impl FnOnce(&Transaction<'_>) -> Result<T, StoreError>,
    ) -> Result<T, StoreError> {
        if self.closed.load(Ordering::SeqCst) {
            return Err(StoreError::Closed);
        }
        let kept = self.readers().pop();
        let connection = match kept {
            Some(connection) => connection,
            None => connect(
                &self.location.path,
                self.location.key.as_ref(),
                Purpose::Read,
            )?,
        };
        let answer = question(&connection.unchecked_transaction()?)?;
        let mut readers = self.readers();
        if readers.len() < READERS_KEPT && !self.closed.load(Ordering::SeqCst) {
            readers.push(connection);
        }
        Ok(answer)
    }

    fn readers(&self) -> MutexGuard<'_, Vec<Connection>> {
        self.readers.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Finishes what is being written, then closes; later calls are refused.
    pub(crate) fn close(&self) {
        self.closed.store(true, Ordering::SeqCst);
        *self.writer() = Writer::Closed;
        self.readers().clear();
    }
}

impl Drop for Store {
    fn drop(&mut self) {
        self.close();
    }
}

fn transact<T>(
    connection: &Connection,
    change: impl FnOnce(&Transaction<'_>) -> Result<T, StoreError>,
) -> Result<T, StoreError> {
    let transaction = begin(connection)?;
    // The transaction rolls back when the closure panics; nothing else is shared with it.
    let value = catch_unwind(AssertUnwindSafe(|| change(&transaction)))
        .unwrap_or(Err(StoreError::Panicked))?;
    transaction.commit()?;
    Ok(value)
}

fn begin(connection: &Connection) -> Result<Transaction<'_>, StoreError> {
    let mut tries = BEGIN_TRIES;
    loop {
        tries -= 1;
        match Transaction::new_unchecked(connection, TransactionBehavior::Immediate) {
            Err(error) if is_busy(&error) && tries > 0 && waiting::stop().is_none() => {}
            begun => return Ok(begun?),
        }
    }
}

fn is_busy(error: &rusqlite::Error) -> bool {
    matches!(
        error.sqlite_error_code(),
        Some(ErrorCode::DatabaseBusy | ErrorCode::DatabaseLocked)
    )
}

/// A text as it is stored, damaged bytes replaced: what is damaged is found by its hash or does not
/// parse, and must not keep the rows beside it from being read.
pub(crate) fn text(row: &Row<'_>, index: usize) -> rusqlite::Result<Option<String>> {
    Ok(match row.get_ref(index)? {
        ValueRef::Text(bytes) | ValueRef::Blob(bytes) => {
            Some(String::from_utf8_lossy(bytes).into_owned())
        }
        ValueRef::Null | ValueRef::Integer(_) | ValueRef::Real(_) => None,
    })
}

/// The same of a column that always holds one.
pub(crate) fn required_text(row: &Row<'_>, index: usize) -> rusqlite::Result<String> {
    Ok(text(row, index)?.unwrap_or_default())
}

/// Whether the connection is good for the next job. After an I/O error it is: SQLite has rolled back,
/// and the next commit writes over what the failed one left in the log. Were it closed instead, the
/// next one to open the database would find that there, whole, and take it for committed.
fn health_after(error: &StoreError) -> Health {
    match error {
        StoreError::Sqlite(error) => match error.sqlite_error_code() {
            Some(ErrorCode::DatabaseCorrupt | ErrorCode::NotADatabase) => Health::Reopen,
            _ => Health::Good,
        },
        _ => Health::Good,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::error::ClientError;

    fn store(folder: &tempfile::TempDir) -> Store {
        let files = files::Files {
            folder: folder.path().into(),
        };
        opening::open(&files, || Ok(None), "now")
            .expect("opens")
            .store
    }

    fn save(store: &Store, epoch: &str) -> Result<(), ClientError> {
        let row = format!("{epoch}{}", "x".repeat(2_000));
        let saved = store.write(move |tx| {
            tx.execute(
                "INSERT INTO queue (epoch, next_seq, held_through) VALUES (?1, 1, 0)",
                [row],
            )?;
            Ok(())
        });
        saved.map_err(ClientError::from)
    }

    fn count(store: &Store) -> u64 {
        let counted =
            store.read(|tx| Ok(tx.query_row("SELECT count(*) FROM queue", [], |r| r.get(0))?));
        counted.expect("counted")
    }

    #[test]
    fn a_full_disk_is_a_refusal_and_it_works_again_when_there_is_room() {
        let folder = tempfile::tempdir().expect("a folder");
        let store = store(&folder);
        let limit = |pages: u32| {
            let set = store.write(move |tx| {
                tx.query_row(&format!("PRAGMA max_page_count = {pages}"), [], |_| Ok(()))?;
                Ok(())
            });
            set.expect("set");
        };
        limit(60);
        let mut saved = 0;
        while save(&store, &saved.to_string()).is_ok() {
            saved += 1;
            assert!(saved < 1_000, "the limit holds");
        }
        assert_eq!(save(&store, "one more"), Err(ClientError::StorageFull));
        assert_eq!(
            count(&store),
            saved,
            "what was refused is not there, the rest is"
        );
        limit(1_000_000);
        assert_eq!(save(&store, "one more"), Ok(()));
        assert_eq!(count(&store), saved + 1);
    }

    #[test]
    fn a_change_that_panics_or_fails_leaves_nothing_behind() {
        let folder = tempfile::tempdir().expect("a folder");
        let store = store(&folder);
        let half = |tx: &Transaction<'_>| -> Result<(), StoreError> {
            tx.execute(
                "INSERT INTO queue (epoch, next_seq, held_through) VALUES ('half', 1, 0)",
                [],
            )?;
            Ok(())
        };
        let panicked = store.write(move |tx| {
            half(tx)?;
            std::hint::black_box(None::<()>).ok_or(()).expect("a fault");
            Ok(())
        });
        assert!(matches!(panicked, Err(StoreError::Panicked)));
        let failed = store.write(move |tx| {
            half(tx)?;
            Err::<(), _>(StoreError::Json("a fault"))
        });
        assert!(failed.is_err());
        assert_eq!(count(&store), 0);
        assert_eq!(save(&store, "whole"), Ok(()));
    }

    #[test]
    fn a_commit_waits_for_the_disk() {
        let folder = tempfile::tempdir().expect("a folder");
        let store = store(&folder);
        let pragma = |name: &'static str| {
            let read = store.write(move |tx| {
                Ok(tx.query_row(&format!("PRAGMA {name}"), [], |row| {
                    row.get::<_, rusqlite::types::Value>(0)
                })?)
            });
            read.expect("read")
        };
        assert_eq!(pragma("synchronous"), 2.into(), "FULL");
        assert_eq!(pragma("journal_mode"), "wal".to_owned().into());
        assert_eq!(pragma("fullfsync"), 1.into());
        assert_eq!(pragma("checkpoint_fullfsync"), 1.into());
    }
}
