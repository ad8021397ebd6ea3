//! Keeping in sync without being asked: a thread that sleeps until something waits.

use std::sync::{Arc, Condvar, Mutex, PoisonError};
use std::thread::JoinHandle;
use std::time::{Duration, Instant};

use super::{Engine, Subscription, Topic};
use crate::error::ClientError;
use crate::options::{CallOptions, Cancel};
use crate::ports::random_bytes;
use crate::sync::Pace;
use crate::sync::keeper::{Keeper, Rest, Wake, ends};

/// Keeps an engine in sync until it is dropped.
#[must_use = "the engine is kept in sync only as long as this lives"]
pub struct KeepSynced {
    bell: Arc<Bell>,
    cancel: Cancel,
    thread: Option<JoinHandle<()>>,
    _subscription: Subscription,
}

impl Engine {
    /// Syncs now, whenever something is recorded, and after waits that grow when something is in the
    /// way; sleeps otherwise. How syncs end is told by [`Engine::status`] to observers of
    /// [`Topic::Sync`].
    ///
    /// # Errors
    /// When the system gives no thread.
    pub fn keep_synced(&self, pace: Pace) -> Result<KeepSynced, ClientError> {
        let bell = Arc::new(Bell::default());
        let cancel = Cancel::new();
        let (for_thread, options) = (
            bell.clone(),
            CallOptions {
                deadline: None,
                cancel: cancel.clone(),
            },
        );
        // A weak handle: the thread does not keep a forgotten engine open.
        let engine = Arc::downgrade(&self.0);
        let thread = std::thread::Builder::new()
            .name("kokoni-sync".into())
            .spawn(move || {
                let mut keeper = Keeper::new(pace);
                while let Some(inner) = engine.upgrade() {
                    let rest = sync_once(&Engine(inner), &mut keeper, &options);
                    if !for_thread.rest(rest) {
                        return;
                    }
                }
            })
            .map_err(|_| ClientError::Internal { place: "threads" })?;
        let for_observer = bell.clone();
        let engine = Arc::downgrade(&self.0);
        let subscription = self.observe(move |topic| {
            let waits = || {
                let status = engine.upgrade().map(|inner| Engine(inner).status());
                matches!(status, Some(Ok(status)) if status.waiting > 0)
            };
            match topic {
                Topic::Queue if waits() => for_observer.ring(Wake::Saved),
                Topic::Identity => for_observer.ring(Wake::Prompted),
                _ => {}
            }
        });
        Ok(KeepSynced {
            bell,
            cancel,
            thread: Some(thread),
            _subscription: subscription,
        })
    }
}

fn sync_once(engine: &Engine, keeper: &mut Keeper, options: &CallOptions) -> Rest {
    let dice = random_bytes(&*engine.0.ports.random).map_or(u64::MAX, u64::from_be_bytes);
    match engine.sync(options) {
        Ok(outcome) => keeper.after(&outcome, dice),
        Err(ClientError::NotEnrolled | ClientError::ShutDown) => Rest::UntilWoken,
        Err(error) => {
            tracing::warn!(%error, "a sync failed");
            keeper.after_error(dice)
        }
    }
}

impl KeepSynced {
    /// Something changed: the network is back, the app is in front, or the person asked. Ends a
    /// wait, unless the server asked for it; [`Engine::sync`] tries also then.
    pub fn try_now(&self) {
        self.bell.ring(Wake::Prompted);
    }
}

impl Drop for KeepSynced {
    fn drop(&mut self) {
        self.cancel.cancel();
        self.bell.stop();
        let Some(thread) = self.thread.take() else {
            return;
        };
        // Dropped by an observer on the very thread, it cannot wait for itself.
        if thread.thread().id() != std::thread::current().id() {
            // The thread has nothing to tell, and a panic there was told already.
            let _ = thread.join();
        }
    }
}

impl std::fmt::Debug for KeepSynced {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("KeepSynced")
    }
}

/// Wakes the thread.
#[derive(Default)]
struct Bell {
    state: Mutex<Rung>,
    changed: Condvar,
}

#[derive(Default)]
struct Rung {
    saved: bool,
    prompted: bool,
    stopped: bool,
}

impl Bell {
    fn ring(&self, wake: Wake) {
        let mut rung = self.state.lock().unwrap_or_else(PoisonError::into_inner);
        match wake {
            Wake::Saved => rung.saved = true,
            Wake::Prompted => rung.prompted = true,
        }
        self.changed.notify_all();
    }

    fn stop(&self) {
        let mut rung = self.state.lock().unwrap_or_else(PoisonError::into_inner);
        rung.stopped = true;
        self.changed.notify_all();
    }

    /// Rests; `false` when it is to stop.
    fn rest(&self, rest: Rest) -> bool {
        let until = match rest {
            Rest::UntilWoken => None,
            Rest::For { wait, .. } => Some(Instant::now() + wait),
        };
        let mut rung = self.state.lock().unwrap_or_else(PoisonError::into_inner);
        loop {
            let woken = (rung.saved && ends(rest, Wake::Saved))
                || (rung.prompted && ends(rest, Wake::Prompted));
            let left = until.map(|until| until.saturating_duration_since(Instant::now()));
            if rung.stopped || woken || left == Some(Duration::ZERO) {
                rung.saved = false;
                rung.prompted = false;
                return !rung.stopped;
            }
            rung = match left {
                Some(left) => {
                    let waited = self.changed.wait_timeout(rung, left);
                    waited.unwrap_or_else(PoisonError::into_inner).0
                }
                None => {
                    let waited = self.changed.wait(rung);
                    waited.unwrap_or_else(PoisonError::into_inner)
                }
            };
        }
    }
}
