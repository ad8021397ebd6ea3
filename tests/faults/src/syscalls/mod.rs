//! The system calls that change files, of the whole program, seen and judged on their way.
//!
//! A program that links this crate has its `write`, `fsync`, `rename` and their kin here (`calls`
//! defines the symbols that SQLite and Rust's standard library call), so that files that no SQLite
//! knows of are seen as well. Nothing changes until somebody watches a folder.
//!
//! Linux only: elsewhere a program's own symbols do not stand before those of its libraries.

mod calls;
mod ending;
mod synced;

use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

pub use ending::Ending;
pub use synced::SyncedTree;

/// What a call does.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Kind {
    /// `write`, `pwrite`.
    Write,
    /// `ftruncate`, and `open` that empties a file.
    Truncate,
    /// `fsync`, `fdatasync`, of a file or a folder.
    Sync,
    /// `rename`; the path is the new one.
    Rename,
    /// `unlink`.
    Remove,
    /// `mkdir`.
    MakeFolder,
    /// `open` that makes a file which was not there.
    Create,
}

/// What becomes of a call.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Answer {
    /// It is made.
    GoesOn,
    /// It is not made, and its caller is told that it succeeded.
    Pretends,
    /// It is not made and fails with this `errno`.
    Fails(i32),
    /// The process ends, as by `kill -9`, before it is made.
    Ends,
    /// The process ends in the middle of it: half of what was to be written is.
    EndsMidway,
}

/// Who judges. Called on any thread, within any of the calls: it must not write.
pub trait Watcher: Send + Sync {
    /// Asked before a call on a path is made.
    fn judge(&self, kind: Kind, path: &Path) -> Answer;
}

/// A folder is watched, with everything in it, until this is dropped.
pub struct Watching {
    folder: PathBuf,
}

/// Judges the calls on a folder, which must exist, and on everything in it.
///
/// # Panics
/// When it does not exist.
pub fn watch(folder: &Path, watcher: Arc<dyn Watcher>) -> Watching {
    calls::link();
    let folder = folder.canonicalize().expect("the folder exists");
    watchers().push((folder.clone(), watcher));
    WATCHED.fetch_add(1, Ordering::SeqCst);
    Watching { folder }
}

impl Drop for Watching {
    fn drop(&mut self) {
        WATCHED.fetch_sub(1, Ordering::SeqCst);
        watchers().retain(|(folder, _)| *folder != self.folder);
    }
}

/// How many folders are watched: while there is none, calls go straight on.
static WATCHED: AtomicUsize = AtomicUsize::new(0);
static WATCHERS: Mutex<Vec<(PathBuf, Arc<dyn Watcher>)>> = Mutex::new(Vec::new());

fn watchers() -> MutexGuard<'static, Vec<(PathBuf, Arc<dyn Watcher>)>> {
    WATCHERS.lock().unwrap_or_else(PoisonError::into_inner)
}

fn anybody_watches() -> bool {
    WATCHED.load(Ordering::SeqCst) > 0
}

fn judge(kind: Kind, path: &Path) -> Answer {
    let watcher = {
        let watchers = watchers();
        let found = watchers.iter().find(|(folder, _)| path.starts_with(folder));
        found.map(|(_, watcher)| watcher.clone())
    };
    watcher.map_or(Answer::GoesOn, |watcher| watcher.judge(kind, path))
}
