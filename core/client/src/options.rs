//! How long a call may take, and how to end it early.

use std::fmt;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::{Duration, Instant};

use tokio::sync::Notify;

use crate::waiting::{self, Limited};

/// How long a call may wait, and a handle to end it early.
///
/// The default waits as long as single requests may take and is never cancelled.
#[derive(Clone, Debug, Default)]
pub struct CallOptions {
    /// From now; `None` leaves only the time limits of single requests.
    pub deadline: Option<Duration>,
    /// Ends the call when it is cancelled.
    pub cancel: Cancel,
}

impl CallOptions {
    /// The call ends after this long at the latest.
    pub fn within(deadline: Duration) -> Self {
        Self {
            deadline: Some(deadline),
            cancel: Cancel::default(),
        }
    }

    /// The limits hold on this thread from now on.
    pub(crate) fn limit(&self) -> Limited {
        waiting::limit(&Call::begin(self))
    }
}

/// Ends calls from another thread: clone it, hand one clone to the call, keep the other.
#[derive(Clone, Default)]
pub struct Cancel(Arc<CancelState>);

#[derive(Default)]
struct CancelState {
    cancelled: AtomicBool,
    changed: Notify,
}

impl Cancel {
    /// Not cancelled yet.
    pub fn new() -> Self {
        Self::default()
    }

    /// Every call that was given a clone ends soon, with nothing half done.
    pub fn cancel(&self) {
        self.0.cancelled.store(true, Ordering::SeqCst);
        self.0.changed.notify_waiters();
    }

    /// Whether it was cancelled.
    pub fn is_cancelled(&self) -> bool {
        self.0.cancelled.load(Ordering::SeqCst)
    }

    /// Ends when it is cancelled.
    pub(crate) async fn cancelled(&self) {
        loop {
            let changed = self.0.changed.notified();
            if self.is_cancelled() {
                return;
            }
            changed.await;
        }
    }
}

impl fmt::Debug for Cancel {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Cancel({})", self.is_cancelled())
    }
}

/// A call under way: its end, and whether it should stop.
#[derive(Clone, Debug)]
pub(crate) struct Call {
    ends: Option<Instant>,
    pub(crate) cancel: Cancel,
}

/// Why a call stops before it is done.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Stop {
    Cancelled,
    Deadline,
}

impl Call {
    pub(crate) fn begin(options: &CallOptions) -> Self {
        Self {
            ends: options
                .deadline
                .and_then(|deadline| Instant::now().checked_add(deadline)),
            cancel: options.cancel.clone(),
        }
    }

    /// Whether it should stop, and why.
    pub(crate) fn stop(&self) -> Option<Stop> {
        if self.cancel.is_cancelled() {
            Some(Stop::Cancelled)
        } else if self.ends.is_some_and(|ends| ends <= Instant::now()) {
            Some(Stop::Deadline)
        } else {
            None
        }
    }

    /// What is left, at most `limit`.
    pub(crate) fn left(&self, limit: Duration) -> Duration {
        match self.ends {
            Some(ends) => limit.min(ends.saturating_duration_since(Instant::now())),
            None => limit,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_call_stops_when_a_clone_of_its_cancel_is_cancelled() {
        let options = CallOptions::default();
        let call = Call::begin(&options);
        assert_eq!(call.stop(), None);
        options.cancel.clone().cancel();
        assert_eq!(call.stop(), Some(Stop::Cancelled));
    }

    #[test]
    fn a_call_stops_at_its_deadline() {
        let call = Call::begin(&CallOptions::within(Duration::ZERO));
        assert_eq!(call.stop(), Some(Stop::Deadline));
        assert_eq!(call.left(Duration::from_secs(9)), Duration::ZERO);
    }
}
