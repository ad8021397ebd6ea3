//! What a caller can be told. Inside, each room has its own errors; they become one of these at one
//! point. No text here repeats a name, a label, a code or a token.

use rusqlite::ErrorCode;
use thiserror::Error;

use crate::options::Stop;
use crate::ports::{RandomError, SecretError};
use crate::sync::Obstacle;
use crate::transport::OriginError;
use crate::waiting;

/// Why a call failed. Few, so that an app can act on each.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
#[non_exhaustive]
pub enum ClientError {
    /// What was handed in cannot be used.
    #[error("{0}")]
    Input(#[from] InputError),
    /// The device is not enrolled yet.
    #[error("this device is not enrolled")]
    NotEnrolled,
    /// The enrolment code is wrong, was used, or is over.
    #[error("the enrolment code is wrong, was used, or has ended; please ask for a new one")]
    CodeNotValid,
    /// Another person's records wait on this device; they must be sent, or wiped, first.
    #[error("records of somebody else that wait on this device to be sent: {waiting}")]
    OthersRecordsWait {
        /// How many.
        waiting: u64,
    },
    /// The device's sign-in is over; it must be enrolled again. Nothing recorded is lost by that.
    #[error("this device must be enrolled again")]
    SignInNeeded,
    /// The server no longer answers this version of the app.
    #[error("the app is too old for the server; please update it")]
    AppTooOld,
    /// The server could not be asked.
    #[error("no answer from the server: {0}")]
    Offline(Obstacle),
    /// The server refused the request.
    #[error("the server refused the request with status {status}")]
    Refused {
        /// The HTTP status.
        status: u16,
    },
    /// No record of this device has that id, or it can no longer be taken back or sent again.
    #[error("there is no such record, or it is settled already")]
    NoSuchRecord,
    /// The disk is full. Nothing was saved; it works again when there is room.
    #[error("the disk is full; nothing was saved")]
    StorageFull,
    /// The disk failed, or the file cannot be opened or written. Nothing was saved. (Should the
    /// disk fail just when it was asked whether an event is on it, and the app end before the next
    /// one is saved, that event can turn up all the same; it is then sent like any other.)
    #[error("the database cannot be read or written; nothing was saved")]
    StorageFailed,
    /// The database is damaged. It is repaired, and losses are reported, when the engine is opened
    /// again.
    #[error("the database is damaged; nothing was saved; please start the app again")]
    StorageDamaged,
    /// A later version of the app wrote the database; it was left as it is.
    #[error("the database has schema {found}, this app knows up to {known}; please update the app")]
    StorageFromTheFuture {
        /// The schema of the file.
        found: i64,
        /// The newest schema this version knows.
        known: i64,
    },
    /// The SQLite in this build is too old to be trusted with the queue.
    #[error("SQLite {found} is older than {needed}")]
    SqliteTooOld {
        /// As SQLite counts: 3.51.3 is 3051003.
        found: i32,
        /// The oldest allowed.
        needed: i32,
    },
    /// Another engine has the database open.
    #[error("the database is in use")]
    DatabaseInUse,
    /// The database is encrypted and its key is not in the secret store. The file is untouched.
    #[error("the database's key is missing")]
    KeyMissing,
    /// The key does not open the database. The file is untouched.
    #[error("the database's key does not fit")]
    KeyWrong,
    /// The secret store is locked or fails.
    #[error("{0}")]
    Secrets(#[from] SecretError),
    /// The system gives no random bytes.
    #[error("{0}")]
    Random(#[from] RandomError),
    /// The call was cancelled.
    #[error("the call was cancelled")]
    Cancelled,
    /// The call's deadline came.
    #[error("the call's deadline came")]
    DeadlineReached,
    /// The engine was shut down.
    #[error("the engine was shut down")]
    ShutDown,
    /// A fault of the engine itself.
    #[error("a fault inside the engine: {place}")]
    Internal {
        /// Where.
        place: &'static str,
    },
}

/// What is wrong with something that was handed in.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
#[non_exhaustive]
pub enum InputError {
    /// The server's address.
    #[error(transparent)]
    Server(#[from] OriginError),
    /// The link is not an enrolment link.
    #[error("an enrolment link looks like https://HOST/enrol#CODE")]
    EnrolLink,
    /// The code cannot be one.
    #[error("an enrolment code has 10 or 26 letters and digits, this one has {found}")]
    EnrolCode {
        /// Letters and digits found.
        found: usize,
    },
    /// The device's name.
    #[error("a device's name has 1 to {max} characters, this one has {found}")]
    DeviceName {
        /// Characters found.
        found: usize,
        /// The most allowed.
        max: usize,
    },
    /// An extra root certificate cannot be read.
    #[error("an extra root certificate is neither PEM nor DER")]
    RootCertificate,
    /// What a scan means was given as text and is too long.
    #[error("the record has more than 4096 bytes")]
    RecordTooLong,
}

/// Why storage failed, before it is told to a caller.
#[derive(Debug, Error)]
pub(crate) enum StoreError {
    #[error("SQLite: {0}")]
    Sqlite(rusqlite::Error),
    #[error("file system: {0}")]
    Io(#[from] std::io::Error),
    #[error("stored JSON of {0} cannot be read")]
    Json(&'static str),
    #[error("schema {found} is from the future")]
    FromTheFuture { found: i64, known: i64 },
    #[error("the writer is gone")]
    Closed,
    #[error("the writer panicked")]
    Panicked,
    /// The call that is under way ended while it waited; nothing was changed.
    #[error("stopped while waiting: {0:?}")]
    Stopped(Stop),
    #[error(transparent)]
    Client(#[from] ClientError),
}

/// The one point at which it is seen that SQLite gave up waiting because the call was to end.
impl From<rusqlite::Error> for StoreError {
    fn from(error: rusqlite::Error) -> Self {
        let gave_up = matches!(
            error.sqlite_error_code(),
            Some(
                ErrorCode::DatabaseBusy
                    | ErrorCode::DatabaseLocked
                    | ErrorCode::OperationInterrupted
            )
        );
        match waiting::stop() {
            Some(stop) if gave_up => Self::Stopped(stop),
            _ => Self::Sqlite(error),
        }
    }
}

impl From<RandomError> for StoreError {
    fn from(error: RandomError) -> Self {
        Self::Client(error.into())
    }
}

/// The one point at which storage's errors become a caller's.
impl From<StoreError> for ClientError {
    fn from(error: StoreError) -> Self {
        match error {
            StoreError::Client(error) => error,
            StoreError::FromTheFuture { found, known } => {
                Self::StorageFromTheFuture { found, known }
            }
            StoreError::Closed => Self::ShutDown,
            StoreError::Panicked => Self::Internal { place: "storage" },
            StoreError::Stopped(stop) => stop.into(),
            StoreError::Json(_) => Self::StorageDamaged,
            StoreError::Io(error) => match error.kind() {
                std::io::ErrorKind::StorageFull | std::io::ErrorKind::QuotaExceeded => {
                    Self::StorageFull
                }
                _ => Self::StorageFailed,
            },
            StoreError::Sqlite(error) => match error.sqlite_error_code() {
                Some(ErrorCode::DiskFull) => Self::StorageFull,
                Some(ErrorCode::DatabaseCorrupt | ErrorCode::NotADatabase) => Self::StorageDamaged,
                None => Self::Internal { place: "SQL" },
                Some(_) => Self::StorageFailed,
            },
        }
    }
}

impl From<Stop> for ClientError {
    fn from(stop: Stop) -> Self {
        match stop {
            Stop::Cancelled => Self::Cancelled,
            Stop::Deadline => Self::DeadlineReached,
        }
    }
}

/// Whether the file itself is damaged.
pub(crate) fn is_damage(error: &StoreError) -> bool {
    matches!(error, StoreError::Sqlite(error) if matches!(
        error.sqlite_error_code(),
        Some(ErrorCode::DatabaseCorrupt | ErrorCode::NotADatabase)
    ))
}
