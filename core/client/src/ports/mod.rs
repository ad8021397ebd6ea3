//! Ports: everything the engine needs from the world, as small traits. Time, randomness, secrets
//! and the network come in here, so that a test can bring a virtual clock and a lossy network, and
//! a phone its keystore.

mod secrets;
mod system;

use std::fmt;
use std::sync::Arc;
use std::time::Duration;

use kokoni_model::clock::ClockReading;
use thiserror::Error;
use zeroize::Zeroizing;

pub use secrets::FileSecretStore;
pub(crate) use secrets::{make_private_folder, private_options, sync_folder};
pub use system::{SystemClock, SystemRandom};

use crate::options::Cancel;
use crate::transport::{HttpRequest, HttpResponse, TransportError};

/// Every clock of the device, read at once.
pub trait Clock: Send + Sync {
    /// The clocks as they stand now. The monotonic clock must count on while the device sleeps;
    /// where it cannot, `boot` must change.
    fn now(&self) -> ClockReading;
}

/// The system could give no random bytes.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Error)]
#[error("the system gives no random bytes")]
pub struct RandomError;

/// Unpredictable bytes: for ids, for the queue's epoch, for the jitter of waits.
pub trait Random: Send + Sync {
    /// Fills `bytes`.
    ///
    /// # Errors
    /// When the system has none to give.
    fn fill(&self, bytes: &mut [u8]) -> Result<(), RandomError>;
}

/// Why a secret could not be read or written. Never says which.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Error)]
pub enum SecretError {
    /// The device is locked; it will be possible later.
    #[error("the secret store is locked")]
    Locked,
    /// The store failed.
    #[error("the secret store failed")]
    Failed,
}

/// Where tokens and the database key lie: the Keystore, the Keychain, or a file only its owner can
/// read ([`FileSecretStore`]). Every process of the app must see the same secrets.
pub trait SecretStore: Send + Sync {
    /// The secret of this name, if there is one.
    ///
    /// # Errors
    /// When the store is locked or fails.
    fn get(&self, name: &str) -> Result<Option<Zeroizing<Vec<u8>>>, SecretError>;

    /// Keeps a secret, durably and as a whole: afterwards there is either the old or the new one.
    ///
    /// # Errors
    /// When the store is locked or fails.
    fn set(&self, name: &str, value: &[u8]) -> Result<(), SecretError>;

    /// Forgets a secret; one that is not there is forgotten already.
    ///
    /// # Errors
    /// When the store is locked or fails.
    fn remove(&self, name: &str) -> Result<(), SecretError>;
}

/// One HTTP exchange. The engine has its own ([`crate::transport`]); a test or an unusual device
/// may bring another.
pub trait Transport: Send + Sync {
    /// Sends a request and waits for the whole answer, at most `within`, or until cancelled.
    ///
    /// # Errors
    /// When no whole answer came. Every status is an answer.
    fn exchange(
        &self,
        request: &HttpRequest,
        within: Duration,
        cancel: &Cancel,
    ) -> Result<HttpResponse, TransportError>;
}

/// The engine's ports, ready to be cloned.
#[derive(Clone)]
pub struct Ports {
    /// The device's clocks.
    pub clock: Arc<dyn Clock>,
    /// Unpredictable bytes.
    pub random: Arc<dyn Random>,
    /// Where tokens lie.
    pub secrets: Arc<dyn SecretStore>,
    /// Another network than the engine's own.
    pub transport: Option<Arc<dyn Transport>>,
}

impl Ports {
    /// The system's clock and randomness and the engine's own network, with this secret store.
    pub fn system(secrets: Arc<dyn SecretStore>) -> Self {
        Self {
            clock: Arc::new(SystemClock::new()),
            random: Arc::new(SystemRandom::new()),
            secrets,
            transport: None,
        }
    }
}

impl fmt::Debug for Ports {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Ports")
    }
}

/// `N` random bytes.
pub(crate) fn random_bytes<const N: usize>(random: &dyn Random) -> Result<[u8; N], RandomError> {
    let mut bytes = [0; N];
    random.fill(&mut bytes)?;
    Ok(bytes)
}
