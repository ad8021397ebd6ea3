//! The one error of the surface, and the one door through which everything that can go wrong
//! becomes it.

use std::panic::{AssertUnwindSafe, catch_unwind};

use kokoni_client::ClientError;
use kokoni_client::show::{self, InputTrouble, Trouble};

use crate::choices::Language;

/// Why a call failed. Few, so that a shell can act on each; what a person reads of it is
/// [`error_text`].
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error, uniffi::Error)]
pub enum KokoniError {
    /// What was handed in cannot be used.
    #[error("input cannot be used: {problem:?}")]
    Input {
        /// Which input.
        problem: InputProblem,
    },
    /// The device is not enrolled yet.
    #[error("not enrolled")]
    NotEnrolled,
    /// The enrolment code is wrong, used, or over.
    #[error("the enrolment code is not valid")]
    CodeNotValid,
    /// Another person's records wait on this device.
    #[error("records of somebody else that wait: {waiting}")]
    OthersRecordsWait {
        /// How many.
        waiting: i32,
    },
    /// The device must be enrolled again; nothing recorded is lost by that.
    #[error("to be enrolled again")]
    SignInNeeded,
    /// The app is too old for the server.
    #[error("the app is too old")]
    AppTooOld,
    /// The server could not be asked.
    #[error("the server could not be asked: {obstacle}")]
    Offline {
        /// What lies between, by its code: `unreachable`, `timed_out`, `captive_portal` ...
        obstacle: String,
    },
    /// The server refused the request.
    #[error("refused with status {status}")]
    Refused {
        /// The HTTP status.
        status: i32,
    },
    /// No such record, or settled already.
    #[error("no such record")]
    NoSuchRecord,
    /// The disk is full; nothing was saved.
    #[error("the disk is full")]
    StorageFull,
    /// The disk failed; nothing was saved.
    #[error("the disk failed")]
    StorageFailed,
    /// The database is damaged; opening it again repairs it.
    #[error("the database is damaged")]
    StorageDamaged,
    /// A later version of the app wrote the database.
    #[error("the database is a later version's")]
    StorageFromTheFuture,
    /// The database is open elsewhere.
    #[error("the database is in use")]
    DatabaseInUse,
    /// The database is encrypted and its key is gone: [`erase_all`](crate::erase_all), and enrol
    /// again.
    #[error("the database's key is missing")]
    KeyMissing,
    /// The key does not fit the database.
    #[error("the database's key does not fit")]
    KeyWrong,
    /// The secret store is locked.
    #[error("the secret store is locked")]
    SecretsLocked,
    /// The secret store failed.
    #[error("the secret store failed")]
    SecretsFailed,
    /// The call was cancelled.
    #[error("cancelled")]
    Cancelled,
    /// The call's deadline came.
    #[error("the deadline came")]
    DeadlineReached,
    /// The object was shut down.
    #[error("shut down")]
    ShutDown,
    /// A fault of the core itself.
    #[error("a fault inside the core: {place}")]
    Internal {
        /// Where.
        place: String,
    },
}

/// Which input cannot be used.
#[derive(Clone, Copy, Debug, PartialEq, Eq, uniffi::Enum)]
pub enum InputProblem {
    /// A frame's dimensions and bytes do not fit.
    Frame,
    /// A host cannot stand in labels.
    Host,
    /// No label's id.
    Label,
    /// No record's id.
    Record,
    /// No floor's id, or a floor that is not known.
    Floor,
    /// The server's address.
    Server,
    /// Not an enrolment link.
    EnrolLink,
    /// Not an enrolment code.
    EnrolCode,
    /// The device's name is empty or too long.
    DeviceName,
    /// A root certificate cannot be read.
    RootCertificate,
    /// A text is too long.
    TooLong,
    /// A moment outside all calendars.
    Time,
    /// The managed configuration holds no invitation.
    NotManaged,
}

/// The sentence a person reads of an error.
#[uniffi::export]
pub fn error_text(error: KokoniError, language: Language) -> String {
    show::Language::from(language).pick(Trouble::from(error).words())
}

/// Does the work; a panic in it becomes an error like any other.
pub(crate) fn guarded<T>(work: impl FnOnce() -> Result<T, KokoniError>) -> Result<T, KokoniError> {
    catch_unwind(AssertUnwindSafe(work)).unwrap_or_else(|_| {
        Err(KokoniError::Internal {
            place: "panic".into(),
        })
    })
}

/// An input that cannot be used.
pub(crate) const fn input(problem: InputProblem) -> KokoniError {
    KokoniError::Input { problem }
}

impl From<ClientError> for KokoniError {
    fn from(error: ClientError) -> Self {
        Trouble::from(&error).into()
    }
}

/// The two tell the same; one knows words, the other crosses the border.
macro_rules! same {
    ($($plain:ident)*; $($problem:ident)*) => {
        impl From<Trouble> for KokoniError {
            fn from(trouble: Trouble) -> Self {
                match trouble {
                    $(Trouble::$plain => Self::$plain,)*
                    Trouble::Input(input) => Self::Input { problem: input.into() },
                    Trouble::OthersRecordsWait { waiting } => Self::OthersRecordsWait {
                        waiting: crate::times::count(waiting),
                    },
                    Trouble::Offline(obstacle) => Self::Offline { obstacle: code_of(obstacle) },
                    Trouble::Refused { status } => Self::Refused { status: status.into() },
                    Trouble::Internal { place } => Self::Internal { place },
                }
            }
        }

        impl From<KokoniError> for Trouble {
            fn from(error: KokoniError) -> Self {
                match error {
                    $(KokoniError::$plain => Self::$plain,)*
                    KokoniError::Input { problem } => Self::Input(problem.into()),
                    KokoniError::OthersRecordsWait { waiting } => Self::OthersRecordsWait {
                        waiting: waiting.try_into().unwrap_or(0),
                    },
                    KokoniError::Offline { obstacle } => Self::Offline(obstacle_of(&obstacle)),
                    KokoniError::Refused { status } => Self::Refused {
                        status: status.try_into().unwrap_or(0),
                    },
                    KokoniError::Internal { place } => Self::Internal { place },
                }
            }
        }

        impl From<InputTrouble> for InputProblem {
            fn from(input: InputTrouble) -> Self {
                match input { $(InputTrouble::$problem => Self::$problem,)* }
            }
        }

        impl From<InputProblem> for InputTrouble {
            fn from(problem: InputProblem) -> Self {
                match problem { $(InputProblem::$problem => Self::$problem,)* }
            }
        }
    };
}

same! {
    NotEnrolled CodeNotValid SignInNeeded AppTooOld NoSuchRecord StorageFull StorageFailed
    StorageDamaged StorageFromTheFuture DatabaseInUse KeyMissing KeyWrong SecretsLocked
    SecretsFailed Cancelled DeadlineReached ShutDown;
    Frame Host Label Record Floor Server EnrolLink EnrolCode DeviceName RootCertificate TooLong
    Time NotManaged
}

/// An obstacle's code is its name in JSON.
fn code_of(obstacle: kokoni_client::Obstacle) -> String {
    match serde_json::to_value(obstacle) {
        Ok(serde_json::Value::String(code)) => code,
        _ => "unreachable".into(),
    }
}

fn obstacle_of(code: &str) -> kokoni_client::Obstacle {
    serde_json::from_value(code.into()).unwrap_or(kokoni_client::Obstacle::Unreachable)
}

#[cfg(test)]
mod tests {
    use super::*;
    use kokoni_client::Obstacle;

    #[test]
    fn a_panic_becomes_an_error() {
        let error = guarded::<()>(|| panic!("on purpose")).expect_err("an error");
        let place = "panic".into();
        assert_eq!(error, KokoniError::Internal { place });
    }

    #[test]
    fn an_obstacle_keeps_its_name_and_its_words() {
        let error = KokoniError::from(ClientError::Offline(Obstacle::CaptivePortal));
        let obstacle = "captive_portal".into();
        assert_eq!(error, KokoniError::Offline { obstacle });
        let (japanese, english) = Obstacle::CaptivePortal.words();
        assert_eq!(error_text(error.clone(), Language::Japanese), japanese);
        assert_eq!(error_text(error, Language::English), english);
    }

    #[test]
    fn an_error_text_handed_back_changed_is_still_answered() {
        let made_up = KokoniError::Offline {
            obstacle: "made up".into(),
        };
        assert!(!error_text(made_up, Language::English).is_empty());
        let negative = KokoniError::OthersRecordsWait { waiting: -1 };
        let words = error_text(negative, Language::English);
        assert!(words.contains("sent: 0."), "{words}");
    }
}
