//! How many objects are held by other languages: what was forgotten to be closed shows here.

use std::sync::atomic::{AtomicI64, Ordering};

static ALIVE: AtomicI64 = AtomicI64::new(0);

/// A part of every exported object: counted until it is dropped.
#[derive(Debug)]
pub(crate) struct Alive(());

impl Default for Alive {
    fn default() -> Self {
        ALIVE.fetch_add(1, Ordering::SeqCst);
        Self(())
    }
}

impl Drop for Alive {
    fn drop(&mut self) {
        ALIVE.fetch_sub(1, Ordering::SeqCst);
    }
}

/// How many there are in this process.
#[cfg(feature = "testing")]
pub(crate) fn objects() -> i64 {
    ALIVE.load(Ordering::SeqCst)
}
