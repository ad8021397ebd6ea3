//! What the shell gives to the core: where secrets lie, and who wants to hear of changes.

use std::collections::BTreeSet;
use std::sync::Arc;

use kokoni_client::ports;
use zeroize::Zeroizing;

use crate::choices::Topic;
use crate::mailbox::{Mailbox, Pile};

/// Why a secret could not be read or written. Anything else that a [`SecretStore`] throws counts
/// as [`SecretError::Failed`].
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error, uniffi::Error)]
#[uniffi(flat_error, with_try_read)]
pub enum SecretError {
    /// The device is locked; it will be possible later.
    #[error("the secret store is locked")]
    Locked,
    /// The store failed.
    #[error("the secret store failed")]
    Failed,
}

impl From<uniffi::UnexpectedUniFFICallbackError> for SecretError {
    fn from(_: uniffi::UnexpectedUniFFICallbackError) -> Self {
        Self::Failed
    }
}

/// Where tokens and the database key lie: Keystore, Keychain, or a file only its owner can read.
///
/// Called on the thread of the call that needs a secret, which may be any. Names are plain words of
/// lower-case letters and underscores; values are a few hundred bytes.
#[uniffi::export(foreign)]
pub trait SecretStore: Send + Sync {
    /// The secret of this name, if there is one.
    fn load(&self, name: String) -> Result<Option<Vec<u8>>, SecretError>;

    /// Keeps a secret, durably and as a whole: afterwards there is either the old or the new one.
    fn store(&self, name: String, value: Vec<u8>) -> Result<(), SecretError>;

    /// Forgets a secret; one that is not there is forgotten already.
    fn erase(&self, name: String) -> Result<(), SecretError>;
}

/// A shell's secret store as the engine takes it.
pub(crate) struct Secrets(pub(crate) Arc<dyn SecretStore>);

fn inside(error: SecretError) -> ports::SecretError {
    match error {
        SecretError::Locked => ports::SecretError::Locked,
        SecretError::Failed => ports::SecretError::Failed,
    }
}

impl kokoni_client::SecretStore for Secrets {
    fn get(&self, name: &str) -> Result<Option<Zeroizing<Vec<u8>>>, ports::SecretError> {
        let found = self.0.load(name.to_owned()).map_err(inside)?;
        Ok(found.map(Zeroizing::new))
    }

    fn set(&self, name: &str, value: &[u8]) -> Result<(), ports::SecretError> {
        let stored = self.0.store(name.to_owned(), value.to_vec());
        stored.map_err(inside)
    }

    fn remove(&self, name: &str) -> Result<(), ports::SecretError> {
        self.0.erase(name.to_owned()).map_err(inside)
    }
}

/// A callback of the shell failed. It harms nobody and is told again next time.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error, uniffi::Error)]
#[uniffi(flat_error, with_try_read)]
pub enum CallbackError {
    /// It failed.
    #[error("the callback failed")]
    Failed,
}

impl From<uniffi::UnexpectedUniFFICallbackError> for CallbackError {
    fn from(_: uniffi::UnexpectedUniFFICallbackError) -> Self {
        Self::Failed
    }
}

/// Wants to hear that something changed, and then asks what.
///
/// Called on a thread of its own, one call at a time, and never under a lock: it may be slow, throw,
/// and call anything. While it is busy each topic is noted once.
#[uniffi::export(foreign)]
pub trait Observer: Send + Sync {
    /// Something of this topic changed.
    fn changed(&self, topic: Topic) -> Result<(), CallbackError>;
}

/// Topics to tell: each once, however often it changed.
#[derive(Default)]
pub(crate) struct Topics(BTreeSet<Topic>);

impl Pile for Topics {
    type Item = Topic;

    fn put(&mut self, topic: Topic) {
        self.0.insert(topic);
    }

    fn take(&mut self) -> Option<Topic> {
        self.0.pop_first()
    }
}

/// The mailbox of an observer.
pub(crate) fn observer_mailbox(observer: Arc<dyn Observer>) -> Mailbox<Topics> {
    Mailbox::new("kokoni-observer", move |topic| {
        if observer.changed(topic).is_err() {
            tracing::debug!(?topic, "an observer failed");
        }
    })
}
