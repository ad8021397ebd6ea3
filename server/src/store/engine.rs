//! The one place where the engines differ: opening, binding, stepping, transactions, and what the
//! engine's errors mean. Everything else is written once, over [`Tx`].
//!
//! `$n` is a named parameter in SQLite and is bound by its name, not by its order.

use std::cell::Cell;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::path::Path;
use std::time::Duration;

use rusqlite::config::DbConfig;
use rusqlite::types::{ToSqlOutput, ValueRef};
use rusqlite::{Connection, ErrorCode, OpenFlags, Statement};

use super::error::StoreError;
use super::row::{Columns, FromRow};
use super::value::Value;

/// The oldest SQLite without the WAL-reset corruption.
const SQLITE_NEEDED: (i32, &str) = (3_051_003, "3.51.3");

/// How long a transaction waits for another process that writes.
const BUSY_TIMEOUT: Duration = Duration::from_secs(10);

/// How often a transaction is run again before it is given up.
const MOST_ATTEMPTS: usize = 5;

/// Statements kept prepared on each connection.
const STATEMENT_CACHE: usize = 256;

/// A statement has fewer parameters than this.
const MOST_PARAMETERS: usize = 64;

/// A transaction. Its work may be run again when the engine asks for it, so it must change nothing
/// outside.
pub struct Tx<'c> {
    connection: &'c Connection,
    run_again: Cell<bool>,
}

impl Tx<'_> {
    /// Runs a statement and gives the number of rows it changed.
    ///
    /// # Errors
    /// What the engine says.
    pub fn exec(&self, sql: &str, params: &[Value]) -> Result<u64, StoreError> {
        let mut statement = self.prepared(sql)?;
        bind(&mut statement, sql, params).map_err(|error| self.seen(error))?;
        statement
            .raw_execute()
            .map(|rows| rows as u64)
            .map_err(|error| self.seen(error))
    }

    /// Runs one statement for many rows: a loop on SQLite, pipelined where every statement is a
    /// round trip.
    ///
    /// # Errors
    /// What the engine says of the first row that fails.
    pub fn exec_many(
        &self,
        sql: &str,
        rows: impl IntoIterator<Item = Vec<Value>>,
    ) -> Result<(), StoreError> {
        let mut rows = rows.into_iter().peekable();
        if rows.peek().is_none() {
            return Ok(());
        }
        let mut statement = self.prepared(sql)?;
        for params in rows {
            bind(&mut statement, sql, &params)
                .and_then(|()| statement.raw_execute())
                .map_err(|error| self.seen(error))?;
        }
        Ok(())
    }

    /// Every row of a query, or of a statement with RETURNING.
    ///
    /// # Errors
    /// What the engine says, or [`StoreError::Column`].
    pub fn query<T: FromRow>(&self, sql: &str, params: &[Value]) -> Result<Vec<T>, StoreError> {
        let mut statement = self.prepared(sql)?;
        bind(&mut statement, sql, params).map_err(|error| self.seen(error))?;
        let width = statement.column_count();
        let mut rows = statement.raw_query();
        let mut found = Vec::new();
        while let Some(row) = rows.next().map_err(|error| self.seen(error))? {
            let values = (0..width)
                .map(|index| row.get_ref(index).map(owned))
                .collect::<Result<Vec<Value>, _>>()
                .map_err(classify)?;
            found.push(T::from_row(&mut Columns::new(values))?);
        }
        Ok(found)
    }

    /// The first row, when there is one.
    ///
    /// # Errors
    /// As [`Tx::query`].
    pub fn first<T: FromRow>(&self, sql: &str, params: &[Value]) -> Result<Option<T>, StoreError> {
        Ok(self.query(sql, params)?.into_iter().next())
    }

    /// The row that must be there.
    ///
    /// # Errors
    /// As [`Tx::query`], and [`StoreError::NoRow`].
    pub fn one<T: FromRow>(&self, sql: &str, params: &[Value]) -> Result<T, StoreError> {
        self.first(sql, params)?.ok_or(StoreError::NoRow)
    }

    /// Runs a part that is undone alone when it fails or panics; what came before it stays.
    ///
    /// # Errors
    /// Those of the part, and [`StoreError::Panicked`].
    pub fn nested<T, E: From<StoreError>>(
        &self,
        part: impl FnOnce(&Self) -> Result<T, E>,
    ) -> Result<T, E> {
        self.exec("SAVEPOINT part", &[])?;
        let done = catch_unwind(AssertUnwindSafe(|| part(self)))
            .unwrap_or_else(|_| Err(StoreError::Panicked.into()));
        if done.is_err() {
            self.exec("ROLLBACK TO part", &[])?;
        }
        self.exec("RELEASE part", &[])?;
        done
    }

    /// A number that changes when anybody but this connection has written, and `None` where the
    /// engine does not know: what was kept from an earlier transaction of this connection is still so
    /// while it stays the same, but for what this connection wrote.
    ///
    /// # Errors
    /// What the engine says.
    pub fn others_wrote(&self) -> Result<Option<i64>, StoreError> {
        self.first("PRAGMA data_version", &[])
    }

    fn prepared(&self, sql: &str) -> Result<rusqlite::CachedStatement<'_>, StoreError> {
        self.connection
            .prepare_cached(sql)
            .map_err(|error| self.seen(error))
    }

    /// Notes whether the transaction can be run again after this error.
    fn seen(&self, error: rusqlite::Error) -> StoreError {
        let error = classify(error);
        if matches!(error, StoreError::Busy) {
            self.run_again.set(true);
        }
        error
    }
}

/// Opens the connection that writes; makes the file when it is not there.
pub(super) fn open_writer(file: &Path) -> Result<Connection, StoreError> {
    if rusqlite::version_number() < SQLITE_NEEDED.0 {
        return Err(StoreError::EngineTooOld {
            found: rusqlite::version(),
            needed: SQLITE_NEEDED.1,
        });
    }
    let connection = Connection::open(file).map_err(classify)?;
    set_up(&connection)?;
    connection
        .execute_batch(
            "PRAGMA journal_mode = WAL; PRAGMA synchronous = FULL; PRAGMA cache_size = -64000;",
        )
        .map_err(classify)?;
    Ok(connection)
}

/// Opens a connection that only reads.
pub(super) fn open_reader(file: &Path) -> Result<Connection, StoreError> {
    let flags = OpenFlags::SQLITE_OPEN_READ_WRITE | OpenFlags::SQLITE_OPEN_NO_MUTEX;
    let connection = Connection::open_with_flags(file, flags).map_err(classify)?;
    set_up(&connection)?;
    connection
        .execute_batch("PRAGMA query_only = ON;")
        .map_err(classify)?;
    Ok(connection)
}

fn set_up(connection: &Connection) -> Result<(), StoreError> {
    connection.busy_timeout(BUSY_TIMEOUT).map_err(classify)?;
    // Else a prepared statement is planned anew for other values, which took 40 % of an ingest.
    connection
        .set_db_config(DbConfig::SQLITE_DBCONFIG_ENABLE_QPSG, true)
        .map_err(classify)?;
    connection.set_prepared_statement_cache_capacity(STATEMENT_CACHE);
    connection
        .execute_batch(
            "PRAGMA foreign_keys = ON; PRAGMA trusted_schema = OFF; PRAGMA temp_store = MEMORY;
             PRAGMA cache_size = -16000;",
        )
        .map_err(classify)
}

/// Runs work in a transaction that is committed to the disk before this returns `Ok`.
pub(super) fn write<T, E: From<StoreError>>(
    connection: &Connection,
    work: impl FnMut(&Tx<'_>) -> Result<T, E>,
) -> Result<T, E> {
    transact(connection, "BEGIN IMMEDIATE", work)
}

/// Runs work on one snapshot.
pub(super) fn read<T, E: From<StoreError>>(
    connection: &Connection,
    work: impl FnMut(&Tx<'_>) -> Result<T, E>,
) -> Result<T, E> {
    transact(connection, "BEGIN DEFERRED", work)
}

fn transact<T, E: From<StoreError>>(
    connection: &Connection,
    begin: &str,
    mut work: impl FnMut(&Tx<'_>) -> Result<T, E>,
) -> Result<T, E> {
    let mut attempt = 1;
    loop {
        let tx = Tx {
            connection,
            run_again: Cell::new(false),
        };
        let done = attempt_once(&tx, begin, &mut work);
        if done.is_ok() || !tx.run_again.get() || attempt == MOST_ATTEMPTS {
            return done;
        }
        attempt += 1;
    }
}

fn attempt_once<T, E: From<StoreError>>(
    tx: &Tx<'_>,
    begin: &str,
    work: &mut impl FnMut(&Tx<'_>) -> Result<T, E>,
) -> Result<T, E> {
    tx.exec(begin, &[])?;
    let done = catch_unwind(AssertUnwindSafe(|| work(tx)))
        .unwrap_or_else(|_| Err(StoreError::Panicked.into()))
        .and_then(|value| {
            tx.exec("COMMIT", &[])?;
            Ok(value)
        });
    // After some errors, a full disk among them, SQLite has rolled back by itself.
    if done.is_err() && !tx.connection.is_autocommit() {
        tx.exec("ROLLBACK", &[])?;
    }
    done
}

/// Binds every parameter of a statement by its number. SQLite counts them in the order in which it
/// meets them, which the text shows; asking it for their names took longer than the binding.
fn bind(statement: &mut Statement<'_>, sql: &str, params: &[Value]) -> rusqlite::Result<()> {
    let count = statement.parameter_count();
    if count != params.len() {
        return Err(rusqlite::Error::InvalidParameterCount(params.len(), count));
    }
    let (mut place, mut met) = (0, 0_u64);
    for after in sql.split('$').skip(1) {
        let number = after.bytes().take_while(u8::is_ascii_digit);
        let number = number.fold(0, |number, digit| number * 10 + usize::from(digit - b'0'));
        let value = number.checked_sub(1).and_then(|index| params.get(index));
        let Some(value) = value.filter(|_| number < MOST_PARAMETERS) else {
            return Err(rusqlite::Error::InvalidParameterName(format!("${number}")));
        };
        if met & (1 << number) == 0 {
            met |= 1 << number;
            place += 1;
            statement.raw_bind_parameter(place, Bound(value))?;
        }
    }
    if place != count {
        return Err(rusqlite::Error::InvalidParameterCount(place, count));
    }
    Ok(())
}

struct Bound<'v>(&'v Value);

impl rusqlite::ToSql for Bound<'_> {
    fn to_sql(&self) -> rusqlite::Result<ToSqlOutput<'_>> {
        Ok(ToSqlOutput::Borrowed(match self.0 {
            Value::Null => ValueRef::Null,
            Value::Int(number) => ValueRef::Integer(*number),
            Value::Real(number) => ValueRef::Real(*number),
            Value::Text(text) => ValueRef::Text(text.as_bytes()),
            Value::Blob(bytes) => ValueRef::Blob(bytes),
            Value::Id(bytes) => ValueRef::Blob(bytes),
        }))
    }
}

fn owned(value: ValueRef<'_>) -> Value {
    match value {
        ValueRef::Null => Value::Null,
        ValueRef::Integer(number) => Value::Int(number),
        ValueRef::Real(number) => Value::Real(number),
        ValueRef::Text(text) => Value::Text(String::from_utf8_lossy(text).into_owned()),
        ValueRef::Blob(bytes) => match bytes.try_into() {
            Ok(id) => Value::Id(id),
            Err(_) => Value::Blob(bytes.to_vec()),
        },
    }
}

/// What an error of the engine means.
pub(super) fn classify(error: rusqlite::Error) -> StoreError {
    let rusqlite::Error::SqliteFailure(failure, words) = error else {
        return StoreError::Engine {
            reason: error.to_string(),
        };
    };
    match failure.code {
        ErrorCode::DiskFull => StoreError::Full,
        ErrorCode::DatabaseBusy | ErrorCode::DatabaseLocked => StoreError::Busy,
        ErrorCode::DatabaseCorrupt | ErrorCode::NotADatabase => StoreError::Damaged,
        ErrorCode::ConstraintViolation => StoreError::Constraint {
            constraint: words.unwrap_or_default(),
        },
        ErrorCode::SystemIoFailure
        | ErrorCode::CannotOpen
        | ErrorCode::ReadOnly
        | ErrorCode::PermissionDenied
        | ErrorCode::FileLockingProtocolFailed => StoreError::Io {
            code: failure.extended_code,
        },
        _ => StoreError::Engine {
            reason: words.unwrap_or_else(|| failure.to_string()),
        },
    }
}
