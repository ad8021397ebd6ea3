//! How long a call may take, and how to end it early.

use std::collections::BTreeMap;
use std::fmt;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

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
    watches: Mutex<Watches>,
}

/// Who wants to be told, by numbers that are never used twice.
#[derive(Default)]
struct Watches {
    next: u64,
    told: BTreeMap<u64, Box<dyn FnOnce() + Send>>,
}

impl Cancel {
    /// Not cancelled yet.
    pub fn new() -> Self {
        Self::default()
    }

    /// Every call that was given a clone ends soon, with nothing half done.
    pub fn cancel(&self) {
        self.0.cancelled.store(true, Ordering::SeqCst);
        let watches = std::mem::take(&mut self.0.watches().told);
        for tell in watches.into_values() {
            tell();
        }
    }

    /// Whether it was cancelled.
    pub fn is_cancelled(&self) -> bool {
        self.0.cancelled.load(Ordering::SeqCst)
    }

    /// Calls `tell` once when it is cancelled, unless the watch is dropped before. Of a cancel that
    /// was before, nobody is told: ask afterwards.
    pub(crate) fn when_cancelled(&self, tell: impl FnOnce() + Send + 'static) -> Watch {
        let mut watches = self.0.watches();
        let number = watches.next;
        watches.next += 1;
        watches.told.insert(number, Box::new(tell));
        Watch {
            state: self.0.clone(),
            number,
        }
    }
}

impl CancelState {
    fn watches(&self) -> MutexGuard<'_, Watches> {
        self.watches.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// Somebody who is told of a cancel, until this is dropped.
pub(crate) struct Watch {
    state: Arc<CancelState>,
    number: u64,
}

impl Drop for Watch {
    fn drop(&mut self) {
        let gone = self.state.watches().told.remove(&self.number);
        drop(gone);
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
    fn whoever_watches_is_told_once_and_leaves_nothing_behind() {
        let cancel = Cancel::new();
        let told = Arc::new(Mutex::new(Vec::new()));
        let tell = |name: &'static str| {
            let told = told.clone();
            move || told.lock().unwrap().push(name)
        };
        let watch = cancel.when_cancelled(tell("watching"));
        drop(cancel.when_cancelled(tell("gone before")));
        cancel.cancel();
        cancel.cancel();
        drop(watch);
        assert_eq!(*told.lock().unwrap(), ["watching"]);
        assert!(cancel.0.watches().told.is_empty());
    }

    #[test]
    fn a_call_stops_at_its_deadline() {
        let call = Call::begin(&CallOptions::within(Duration::ZERO));
        assert_eq!(call.stop(), Some(Stop::Deadline));
        assert_eq!(call.left(Duration::from_secs(9)), Duration::ZERO);
    }
}
