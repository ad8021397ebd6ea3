//! A disk with a cache, and what a power cut leaves of it.
//!
//! While a program runs, [`CachedDisk`] writes down what SQLite does to the files of a folder, and
//! between it what the test has to note ("this event was called saved"). Afterwards
//! [`History::cut`] says what the folder may look like had the power gone at any point of that
//! history: one run, as many cuts as wanted, each the same for the same dice.
//!
//! The model, after Pillai and others, "All File Systems Are Not Created Equal" (OSDI 2014):
//!
//! - What a sync covered stays. Of what was written to a file since its last sync, each sector keeps
//!   the bytes it had at any moment since; so does the file's size. Writes can thus be forgotten, be
//!   reordered, and be torn between two sectors, not within one (SQLite relies on that and says so:
//!   `SQLITE_IOCAP_POWERSAFE_OVERWRITE`).
//! - Names are kept in the folder and not in the file: without a sync of the folder a new file can
//!   be missing, and a deleted one can be back, each on its own.

mod cut;
#[cfg(test)]
mod tests;

use std::collections::BTreeMap;
use std::io;
use std::path::Path;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Mutex, PoisonError};

use rusqlite::ffi;

use crate::vfs::{Disk, Operation, Verdict};

pub use cut::Manner;

/// The files of a folder, by name.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Image(pub BTreeMap<String, Vec<u8>>);

impl Image {
    /// Writes the files into a folder.
    ///
    /// # Errors
    /// When one cannot be written.
    pub fn write_to(&self, folder: &Path) -> io::Result<()> {
        let mut files = self.0.iter();
        files.try_for_each(|(name, bytes)| std::fs::write(folder.join(name), bytes))
    }
}

/// A change that happened.
#[derive(Clone, Debug, PartialEq, Eq)]
enum Change {
    Create {
        name: String,
    },
    Write {
        name: String,
        offset: u64,
        bytes: Vec<u8>,
    },
    Truncate {
        name: String,
        size: u64,
    },
    Sync {
        name: String,
        folder: bool,
    },
    FailedSync {
        name: String,
    },
    Delete {
        name: String,
        folder: bool,
    },
}

#[derive(Clone, Debug)]
enum Entry<N> {
    Change(Change),
    Note(N),
}

/// What is wrong with a disk besides its cache.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Flaw {
    /// Nothing.
    None,
    /// Nobody waits for it: SQLite runs with `synchronous=NORMAL`, whatever it is asked for.
    Unawaited,
    /// Every so many syncs one fails, and what it should have made durable never is, although it can
    /// be read and counts as written: so Linux's file systems do it (Rebello and others, "Can
    /// Applications Recover from fsync Failures?", USENIX ATC 2020).
    FailingSyncs {
        /// How many there are from one to the next.
        every: u64,
    },
}

/// A disk that writes down what happens to it, with the test's notes in between.
#[derive(Debug)]
pub struct CachedDisk<N> {
    log: Mutex<Vec<Entry<N>>>,
    flaw: Flaw,
    syncs: AtomicU64,
}

impl<N> CachedDisk<N> {
    /// A disk on which nothing happened yet.
    pub fn new(flaw: Flaw) -> Self {
        Self {
            log: Mutex::default(),
            flaw,
            syncs: AtomicU64::new(0),
        }
    }

    fn push(&self, entry: Entry<N>) {
        let mut log = self.log.lock().unwrap_or_else(PoisonError::into_inner);
        log.push(entry);
    }

    /// Notes something between what happened and what is to happen.
    pub fn note(&self, note: N) {
        self.push(Entry::Note(note));
    }

    /// What happened so far to a folder that held `before`, all of it on the disk.
    pub fn history(&self, before: Image) -> History<N>
    where
        N: Clone,
    {
        let log = self.log.lock().unwrap_or_else(PoisonError::into_inner);
        History {
            before,
            entries: log.clone(),
        }
    }
}

impl<N: Send> Disk for CachedDisk<N> {
    fn judge(&self, operation: &Operation<'_>) -> Verdict {
        let (Flaw::FailingSyncs { every }, Operation::Sync { name, .. }) = (self.flaw, operation)
        else {
            return Verdict::Happens;
        };
        if !(self.syncs.fetch_add(1, Ordering::SeqCst) + 1).is_multiple_of(every) {
            return Verdict::Happens;
        }
        let name = (*name).to_owned();
        self.push(Entry::Change(Change::FailedSync { name }));
        Verdict::Fails(ffi::SQLITE_IOERR_FSYNC)
    }

    fn happened(&self, operation: &Operation<'_>) {
        let change = match *operation {
            Operation::Create { name } => Change::Create { name: name.into() },
            Operation::Write {
                name,
                offset,
                bytes,
            } => Change::Write {
                name: name.into(),
                offset,
                bytes: bytes.into(),
            },
            Operation::Truncate { name, size } => Change::Truncate {
                name: name.into(),
                size,
            },
            Operation::Sync { name, folder } => Change::Sync {
                name: name.into(),
                folder,
            },
            Operation::Delete { name, folder } => Change::Delete {
                name: name.into(),
                folder,
            },
            // Shared memory is no part of the disk.
            Operation::Read { .. } | Operation::ExtendShared { .. } => return,
        };
        self.push(Entry::Change(change));
    }

    fn normal(&self) -> bool {
        self.flaw == Flaw::Unawaited
    }
}

/// What happened to a folder, in order.
#[derive(Clone, Debug)]
pub struct History<N> {
    before: Image,
    entries: Vec<Entry<N>>,
}

impl<N> History<N> {
    /// How many things happened or were noted: the power can be cut before each, and after all.
    pub fn len(&self) -> usize {
        self.entries.len()
    }

    /// Whether nothing happened.
    pub fn is_empty(&self) -> bool {
        self.entries.is_empty()
    }

    /// How often a file of this name was synced.
    pub fn syncs(&self, file: &str) -> u64 {
        let of_file = |entry: &&Entry<N>| matches!(entry, Entry::Change(Change::Sync { name, .. }) if name == file);
        self.entries.iter().filter(of_file).count() as u64
    }

    /// What had been noted when `at` things had happened or been noted.
    pub fn notes(&self, at: usize) -> impl Iterator<Item = &N> {
        self.entries[..at].iter().filter_map(|entry| match entry {
            Entry::Note(note) => Some(note),
            Entry::Change(_) => None,
        })
    }
}
