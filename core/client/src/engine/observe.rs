//! Observation: who wants to hear that something changed. An observer hears of topics, on any
//! thread, never under a lock; what is new it asks for itself.

use std::collections::BTreeMap;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::{Arc, Mutex, PoisonError, Weak};

/// What changed.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[non_exhaustive]
pub enum Topic {
    /// What waits, what was rejected, and with it the person's day.
    Queue,
    /// What the server says of the person.
    Me,
    /// The directory, or the catalogue of labels.
    Directory,
    /// A sync began or ended: last success, last problem.
    Sync,
    /// Whose phone this is.
    Identity,
}

type Callback = Arc<dyn Fn(Topic) + Send + Sync>;

#[derive(Default)]
struct List {
    next: u64,
    callbacks: BTreeMap<u64, Callback>,
}

/// The observers of an engine.
#[derive(Clone, Default)]
pub(crate) struct Observers(Arc<Mutex<List>>);

impl Observers {
    pub(crate) fn add(&self, callback: Callback) -> Subscription {
        let mut list = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let number = list.next;
        list.next += 1;
        list.callbacks.insert(number, callback);
        Subscription {
            number,
            list: Arc::downgrade(&self.0),
        }
    }

    /// Tells everyone. One that panics is not told less next time, and harms nobody.
    pub(crate) fn tell(&self, topic: Topic) {
        let list = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let callbacks: Vec<Callback> = list.callbacks.values().cloned().collect();
        drop(list);
        for callback in callbacks {
            if catch_unwind(AssertUnwindSafe(|| callback(topic))).is_err() {
                tracing::warn!(?topic, "an observer panicked");
            }
        }
    }

    pub(crate) fn clear(&self) {
        let mut list = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let dropped = std::mem::take(&mut list.callbacks);
        drop(list);
        // A callback's own drop may call back: not under the lock.
        drop(dropped);
    }
}

/// Keeps an observer observing; dropping it ends that.
#[must_use = "the observer hears nothing once this is dropped"]
pub struct Subscription {
    number: u64,
    list: Weak<Mutex<List>>,
}

impl Drop for Subscription {
    fn drop(&mut self) {
        if let Some(list) = self.list.upgrade() {
            let mut list = list.lock().unwrap_or_else(PoisonError::into_inner);
            let dropped = list.callbacks.remove(&self.number);
            drop(list);
            drop(dropped);
        }
    }
}

impl std::fmt::Debug for Subscription {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "Subscription({})", self.number)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::sync::atomic::{AtomicU32, Ordering};

    #[test]
    fn an_observer_hears_until_its_subscription_is_dropped() {
        let observers = Observers::default();
        let heard = Arc::new(AtomicU32::new(0));
        let counter = heard.clone();
        let subscription = observers.add(Arc::new(move |_| {
            counter.fetch_add(1, Ordering::SeqCst);
        }));
        observers.tell(Topic::Queue);
        drop(subscription);
        observers.tell(Topic::Queue);
        assert_eq!(heard.load(Ordering::SeqCst), 1);
    }

    #[test]
    fn an_observer_may_subscribe_another_and_may_panic() {
        let observers = Observers::default();
        let inner = observers.clone();
        let _one = observers.add(Arc::new(move |_| {
            drop(inner.add(Arc::new(|_| {})));
            panic!("an observer's own fault");
        }));
        let heard = Arc::new(AtomicU32::new(0));
        let counter = heard.clone();
        let _two = observers.add(Arc::new(move |_| {
            counter.fetch_add(1, Ordering::SeqCst);
        }));
        observers.tell(Topic::Sync);
        assert_eq!(heard.load(Ordering::SeqCst), 1);
    }
}
