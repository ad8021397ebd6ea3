//! A mailbox with a thread: what is put into it is handed to a callback of the shell there, so that
//! one which throws, dawdles or calls back in reaches nothing of the core.

use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError};

/// How things to tell are kept until there is time to tell them.
pub(crate) trait Pile: Default + Send + 'static {
    /// What is told.
    type Item;

    /// Adds something; never waits, never grows without bound.
    fn put(&mut self, item: Self::Item);

    /// Takes what is to be told next.
    fn take(&mut self) -> Option<Self::Item>;
}

/// The sender's end; dropping it ends the thread once the callback under way returns.
pub(crate) struct Mailbox<P: Pile>(Arc<Inner<P>>);

struct Inner<P> {
    state: Mutex<State<P>>,
    changed: Condvar,
}

struct State<P> {
    pile: P,
    closed: bool,
}

impl<P: Pile> Mailbox<P> {
    /// A mailbox whose thread, named `name`, hands everything to `tell`.
    ///
    /// Where the system gives no thread nothing is ever told: the core goes on without.
    pub(crate) fn new(name: &str, tell: impl Fn(P::Item) + Send + 'static) -> Self {
        let inner = Arc::new(Inner {
            state: Mutex::new(State {
                pile: P::default(),
                closed: false,
            }),
            changed: Condvar::new(),
        });
        let for_thread = inner.clone();
        let spawned = std::thread::Builder::new()
            .name(name.into())
            .spawn(move || {
                while let Some(item) = for_thread.next() {
                    // A callback that panics harms nobody and is told less nothing.
                    let _ = catch_unwind(AssertUnwindSafe(|| tell(item)));
                }
            });
        if spawned.is_err() {
            inner.lock().closed = true;
        }
        Self(inner)
    }

    /// Puts something in; returns at once.
    pub(crate) fn put(&self, item: P::Item) {
        let mut state = self.0.lock();
        if !state.closed {
            state.pile.put(item);
            self.0.changed.notify_one();
        }
    }
}

impl<P: Pile> Drop for Mailbox<P> {
    fn drop(&mut self) {
        self.0.lock().closed = true;
        self.0.changed.notify_one();
    }
}

impl<P: Pile> Inner<P> {
    fn lock(&self) -> MutexGuard<'_, State<P>> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Waits for something to tell; `None` once the mailbox is closed.
    fn next(&self) -> Option<P::Item> {
        let mut state = self.lock();
        loop {
            if state.closed {
                return None;
            }
            if let Some(item) = state.pile.take() {
                return Some(item);
            }
            let waited = self.changed.wait(state);
            state = waited.unwrap_or_else(PoisonError::into_inner);
        }
    }
}

#[cfg(test)]
mod tests {
    use std::collections::VecDeque;
    use std::sync::mpsc;
    use std::time::Duration;

    use super::*;

    #[derive(Default)]
    struct Everything(VecDeque<u32>);

    impl Pile for Everything {
        type Item = u32;

        fn put(&mut self, item: u32) {
            self.0.push_back(item);
        }

        fn take(&mut self) -> Option<u32> {
            self.0.pop_front()
        }
    }

    const SOON: Duration = Duration::from_secs(20);

    #[test]
    fn everything_is_told_in_order_also_after_a_callback_that_panics() {
        let (told, hears) = mpsc::channel();
        let mailbox = Mailbox::<Everything>::new("test", move |item| {
            told.send(item).expect("the test listens");
            assert_ne!(item, 1, "on purpose");
        });
        (0..3).for_each(|item| mailbox.put(item));
        let heard: Vec<u32> = (0..3)
            .map(|_| hears.recv_timeout(SOON).expect("told"))
            .collect();
        assert_eq!(heard, [0, 1, 2]);
    }

    #[test]
    fn dropping_it_ends_the_thread_and_drops_the_callback() {
        let (told, hears) = mpsc::channel::<u32>();
        let mailbox = Mailbox::<Everything>::new("test", move |item| {
            let _ = told.send(item);
        });
        drop(mailbox);
        assert_eq!(
            hears.recv_timeout(SOON),
            Err(mpsc::RecvTimeoutError::Disconnected)
        );
    }

    #[test]
    fn putting_never_waits_for_a_slow_callback() {
        let (go, waits) = mpsc::channel::<()>();
        let (told, hears) = mpsc::channel();
        let mailbox = Mailbox::<Everything>::new("test", move |item| {
            let _ = waits.recv_timeout(SOON);
            let _ = told.send(item);
        });
        (0..100).for_each(|item| mailbox.put(item));
        (0..100).for_each(|_| go.send(()).expect("the callback waits"));
        let heard: Vec<u32> = (0..100)
            .map(|_| hears.recv_timeout(SOON).expect("told"))
            .collect();
        assert_eq!(heard, (0..100).collect::<Vec<_>>());
    }
}
