//! One connection to the database, set up so that "committed" means "on the disk".

use std::path::Path;
use std::time::Duration;

use rusqlite::config::DbConfig;
use rusqlite::{Connection, OpenFlags};

use crate::error::{ClientError, StoreError};
use crate::waiting;

/// SQLite 3.51.3: the first without the WAL-reset bug, in which a checkpoint beside a writer could
/// lose a commit.
const SQLITE_NEEDED: i32 = 3_051_003;

/// How long one statement waits for another process's transaction, unless its call is to end before.
const BUSY_WITHIN: Duration = Duration::from_secs(30);

/// The raw key of an encrypted database.
pub(crate) type DatabaseKey = secrecy::SecretBox<[u8; 32]>;

/// What a connection is for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Purpose {
    Write,
    Read,
}

/// Refuses a SQLite that is too old.
pub(crate) fn check_sqlite() -> Result<(), ClientError> {
    check_version(rusqlite::version_number())
}

fn check_version(found: i32) -> Result<(), ClientError> {
    if found < SQLITE_NEEDED {
        return Err(ClientError::SqliteTooOld {
            found,
            needed: SQLITE_NEEDED,
        });
    }
    Ok(())
}

/// Opens the database, which is made where it is missing if `purpose` is to write.
pub(crate) fn connect(
    path: &Path,
    key: Option<&DatabaseKey>,
    purpose: Purpose,
) -> Result<Connection, StoreError> {
    let mut flags = OpenFlags::SQLITE_OPEN_READ_WRITE | OpenFlags::SQLITE_OPEN_NO_MUTEX;
    if purpose == Purpose::Write {
        flags |= OpenFlags::SQLITE_OPEN_CREATE;
    }
    let mut connection = Connection::open_with_flags(path, flags)?;
    connection.busy_handler(Some(|pauses: i32| {
        waiting::pause(usize::try_from(pauses).unwrap_or_default(), BUSY_WITHIN)
    }))?;
    // Else a prepared statement is planned anew whenever its values are others.
    connection.set_db_config(DbConfig::SQLITE_DBCONFIG_ENABLE_QPSG, true)?;
    if let Some(key) = key {
        unlock(&connection, key)?;
    }
    connection.execute_batch(
        "PRAGMA foreign_keys = ON;
         PRAGMA trusted_schema = OFF;
         PRAGMA cell_size_check = ON;
         PRAGMA synchronous = FULL;
         PRAGMA fullfsync = ON;
         PRAGMA checkpoint_fullfsync = ON;",
    )?;
    match purpose {
        Purpose::Write => {
            let mode: String =
                connection.query_row("PRAGMA journal_mode = WAL", [], |row| row.get(0))?;
            if mode != "wal" {
                return Err(StoreError::Client(ClientError::StorageFailed));
            }
        }
        Purpose::Read => connection.pragma_update(None, "query_only", true)?,
    }
    Ok(connection)
}

#[cfg(feature = "sqlcipher")]
fn unlock(connection: &Connection, key: &DatabaseKey) -> Result<(), StoreError> {
    connection.execute_batch(&key_statement("key", key))?;
    Ok(())
}

#[cfg(not(feature = "sqlcipher"))]
fn unlock(_: &Connection, _: &DatabaseKey) -> Result<(), StoreError> {
    // A build without encryption must never write in the clear what was meant to be encrypted.
    Err(StoreError::Client(ClientError::Internal {
        place: "a key without encryption",
    }))
}

/// `PRAGMA key` or `rekey` with raw key bytes, wiped from memory afterwards.
#[cfg(feature = "sqlcipher")]
pub(crate) fn key_statement(pragma: &str, key: &DatabaseKey) -> zeroize::Zeroizing<String> {
    use secrecy::ExposeSecret;
    let hex = zeroize::Zeroizing::new(data_encoding::HEXLOWER.encode(key.expose_secret()));
    zeroize::Zeroizing::new(format!("PRAGMA {pragma} = \"x'{}'\"", hex.as_str()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_sqlite_whose_log_can_lose_a_commit_is_refused() {
        assert_eq!(check_version(SQLITE_NEEDED), Ok(()));
        let (found, needed) = (SQLITE_NEEDED - 1, SQLITE_NEEDED);
        assert_eq!(
            check_version(found),
            Err(ClientError::SqliteTooOld { found, needed })
        );
        assert_eq!(check_sqlite(), Ok(()));
    }
}
