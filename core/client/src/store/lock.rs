//! A lock between processes: on a file of its own, held until it is dropped.

use std::fs::{File, TryLockError};
use std::io;
use std::path::Path;

use crate::error::StoreError;
use crate::ports::private_options;
use crate::waiting;

/// A file that is there to be locked.
///
/// The system lets go of the lock when the process ends, however it ends. While it lives the lock is
/// let go by hand: closing the file is not enough where another thread is just starting a program,
/// which holds a copy of every open file until it has begun.
#[derive(Debug)]
pub(crate) struct FileLock(File);

impl FileLock {
    /// Opens the file, made where it is missing. Nothing is locked yet.
    pub(crate) fn open(path: &Path) -> io::Result<Self> {
        Ok(Self(private_options().read(true).write(true).open(path)?))
    }

    /// Locks it alone, if nobody else has locked it.
    pub(crate) fn try_alone(&self) -> io::Result<bool> {
        match self.0.try_lock() {
            Ok(()) => Ok(true),
            Err(TryLockError::WouldBlock) => Ok(false),
            Err(TryLockError::Error(error)) => Err(error),
        }
    }

    /// Locks it alone, unless the call is to end before.
    pub(crate) fn wait_alone(&self) -> Result<(), StoreError> {
        waiting::lock(&self.0)
    }

    /// Locks it together with others; what was locked alone is shared from now on.
    pub(crate) fn share(&self) -> io::Result<()> {
        self.0.lock_shared()
    }
}

impl Drop for FileLock {
    fn drop(&mut self) {
        if let Err(error) = self.0.unlock() {
            tracing::warn!(kind = ?error.kind(), "a lock was not let go by hand");
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A program that is being started has copies of all open files for a moment: a sync right after
    /// another one was told that one was still running.
    #[test]
    fn a_lock_is_free_when_its_holder_drops_it_also_while_another_program_is_being_started() {
        let folder = tempfile::tempdir().expect("a folder");
        let path = folder.path().join("a.lock");
        let held = FileLock::open(&path).expect("opened");
        assert!(held.try_alone().expect("tried"));
        let in_a_program_just_starting = held.0.try_clone().expect("copied");
        let other = FileLock::open(&path).expect("opened");
        assert!(!other.try_alone().expect("tried"));
        drop(held);
        assert!(other.try_alone().expect("tried"));
        drop(in_a_program_just_starting);
    }

    #[test]
    fn a_shared_lock_keeps_out_who_wants_it_alone_until_the_last_one_drops_it() {
        let folder = tempfile::tempdir().expect("a folder");
        let path = folder.path().join("a.lock");
        let open = || FileLock::open(&path).expect("opened");
        let (first, second) = (open(), open());
        first.share().expect("shared");
        second.share().expect("shared");
        let alone = open();
        assert!(!alone.try_alone().expect("tried"));
        drop(first);
        assert!(!alone.try_alone().expect("tried"));
        drop(second);
        assert!(alone.try_alone().expect("tried"));
    }
}
