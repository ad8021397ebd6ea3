//! A file system under SQLite that asks a [`Disk`] before it does anything.
//!
//! It is registered as the process's default, over SQLite's own, so that nothing above it needs to
//! know. Files of folders that nobody has taken over pass through untouched. Locks and shared memory
//! are always those of SQLite's own file system, so that several connections and processes behave as
//! they do on a phone.
//!
//! A sync of a watched file is not passed on: the [`Disk`] says what it means, and nothing waits for
//! the real one.

mod file;
mod system;

use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

/// What SQLite wants done to a file of a watched folder. `name` is the file's name in the folder.
#[derive(Clone, Copy, Debug)]
pub enum Operation<'a> {
    /// A file that was not there is made.
    Create {
        /// Which.
        name: &'a str,
    },
    /// Bytes are read.
    Read {
        /// From which file.
        name: &'a str,
    },
    /// Bytes are written, in place or beyond the end.
    Write {
        /// To which file.
        name: &'a str,
        /// From which byte on.
        offset: u64,
        /// Which.
        bytes: &'a [u8],
    },
    /// A file is cut off.
    Truncate {
        /// Which.
        name: &'a str,
        /// How many bytes stay.
        size: u64,
    },
    /// What was written to a file must be on the disk before this returns.
    Sync {
        /// Which.
        name: &'a str,
        /// Whether the folder's entries must be as well: SQLite's file system syncs the folder of
        /// a new journal together with it.
        folder: bool,
    },
    /// A file goes.
    Delete {
        /// Which.
        name: &'a str,
        /// Whether the folder's entries must be on the disk before this returns.
        folder: bool,
    },
    /// The shared memory beside the log grows.
    ExtendShared {
        /// Of which database.
        name: &'a str,
    },
}

/// What becomes of an operation.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Verdict {
    /// It happens.
    Happens,
    /// It does not, and SQLite hears this result code.
    Fails(i32),
    /// Of a write only the first bytes happen, and SQLite hears this result code.
    Breaks {
        /// How many bytes are written all the same.
        after: usize,
        /// The result code.
        code: i32,
    },
}

/// A disk, as its folder's files see it. Called on any thread, within SQLite's callbacks: it must
/// not use SQLite, and must not panic.
pub trait Disk: Send + Sync {
    /// Asked before an operation.
    fn judge(&self, operation: &Operation<'_>) -> Verdict;

    /// Told of an operation that happened, in full.
    fn happened(&self, operation: &Operation<'_>) {
        let _ = operation;
    }

    /// Whether connections to databases here run with `synchronous=NORMAL`, whatever they ask for.
    fn normal(&self) -> bool {
        false
    }
}

/// A folder that is taken over until this is dropped. Connections opened before then keep the disk.
#[derive(Debug)]
pub struct Mounted {
    folder: PathBuf,
}

/// Puts a disk under a folder, which must exist.
///
/// # Panics
/// When the folder does not exist, or is taken over already.
pub fn mount(folder: &Path, disk: Arc<dyn Disk>) -> Mounted {
    system::register();
    let folder = folder.canonicalize().expect("the folder exists");
    let mut mounts = mounts();
    assert!(
        mounts.iter().all(|(taken, _)| *taken != folder),
        "one disk under a folder"
    );
    mounts.push((folder.clone(), disk));
    Mounted { folder }
}

impl Drop for Mounted {
    fn drop(&mut self) {
        mounts().retain(|(folder, _)| *folder != self.folder);
    }
}

static MOUNTS: Mutex<Vec<(PathBuf, Arc<dyn Disk>)>> = Mutex::new(Vec::new());

fn mounts() -> MutexGuard<'static, Vec<(PathBuf, Arc<dyn Disk>)>> {
    MOUNTS.lock().unwrap_or_else(PoisonError::into_inner)
}

/// A file of a watched folder.
struct Watched {
    name: String,
    disk: Arc<dyn Disk>,
    /// Whether the next sync makes the folder's entries durable too.
    folder_waits: bool,
}

fn watched(path: &Path) -> Option<Watched> {
    let (folder, name) = (path.parent()?, path.file_name()?.to_str()?);
    let mounts = mounts();
    let (_, disk) = mounts.iter().find(|(taken, _)| taken == folder)?;
    Some(Watched {
        name: name.to_owned(),
        disk: disk.clone(),
        folder_waits: false,
    })
}
