//! How long a call may wait for the network, and how to end it early.

use std::sync::Arc;
use std::sync::atomic::{AtomicI64, AtomicU64, Ordering};
use std::time::Duration;

use kokoni_client::{CallOptions, Cancel};

use crate::alive::Alive;
use crate::error::{KokoniError, guarded};

/// Ends calls from another thread: hand it to the call in its [`CallLimits`] and keep it.
#[derive(Debug, Default, uniffi::Object)]
pub struct CancelHandle(Cancel, Alive);

#[uniffi::export]
impl CancelHandle {
    /// Not cancelled yet.
    #[uniffi::constructor]
    pub fn new() -> Arc<Self> {
        Arc::default()
    }

    /// Every call that was given this handle ends soon, with nothing half done; later ones at once.
    pub fn cancel(&self) {
        self.0.cancel();
    }

    /// Whether it was cancelled.
    pub fn is_cancelled(&self) -> bool {
        self.0.is_cancelled()
    }
}

/// How long a call may wait for the network.
#[derive(Clone, Debug, uniffi::Record)]
pub struct CallLimits {
    /// From now.
    pub deadline: Duration,
    /// Ends the call early.
    pub cancel: Option<Arc<CancelHandle>>,
}

/// Calls under way that may wait for the network.
static RUNNING: AtomicI64 = AtomicI64::new(0);

/// Calls that ended because they were cancelled.
static CANCELLED: AtomicU64 = AtomicU64::new(0);

/// Counts a call as under way, however it ends.
struct Running;

impl Running {
    fn begin() -> Self {
        RUNNING.fetch_add(1, Ordering::SeqCst);
        Self
    }
}

impl Drop for Running {
    fn drop(&mut self) {
        RUNNING.fetch_sub(1, Ordering::SeqCst);
    }
}

/// Does work that may wait, within the limits. `was_cancelled` tells a cancelled success.
pub(crate) fn limited<T>(
    limits: &CallLimits,
    was_cancelled: impl FnOnce(&T) -> bool,
    work: impl FnOnce(&CallOptions) -> Result<T, KokoniError>,
) -> Result<T, KokoniError> {
    let _running = Running::begin();
    let cancel = limits.cancel.as_deref();
    let options = CallOptions {
        deadline: Some(limits.deadline),
        cancel: cancel.map_or_else(Cancel::new, |handle| handle.0.clone()),
    };
    let result = guarded(|| work(&options));
    let cancelled = match &result {
        Ok(value) => was_cancelled(value),
        Err(error) => *error == KokoniError::Cancelled,
    };
    if cancelled {
        CANCELLED.fetch_add(1, Ordering::SeqCst);
    }
    result
}

/// How many calls ended because they were cancelled.
#[cfg(feature = "testing")]
pub(crate) fn cancelled_calls() -> u64 {
    CANCELLED.load(Ordering::SeqCst)
}

/// How many calls are under way.
#[cfg(feature = "testing")]
pub(crate) fn calls_running() -> i64 {
    RUNNING.load(Ordering::SeqCst)
}
