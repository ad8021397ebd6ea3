//! What of a folder is sure to survive a power cut: contents that were synced, under names whose
//! folders were synced, all the way down from a folder that was always there.

use std::collections::BTreeMap;
use std::fs;
use std::io;
use std::os::unix::fs::{DirEntryExt, MetadataExt};
use std::path::{Path, PathBuf};
use std::sync::{Mutex, PoisonError};

use super::{Answer, Kind, Watcher};

#[derive(Debug, Default)]
struct Synced {
    /// Contents by inode.
    files: BTreeMap<u64, Vec<u8>>,
    /// Names and inodes in each folder.
    folders: BTreeMap<PathBuf, Vec<(String, u64)>>,
}

/// Watches syncs, which are pretended, and knows what they made durable. A forgetful disk's worst
/// case: nothing else survives.
#[derive(Debug)]
pub struct SyncedTree {
    root: PathBuf,
    synced: Mutex<Synced>,
}

impl SyncedTree {
    /// Of a folder that exists, is durable itself and is empty.
    ///
    /// # Errors
    /// When it cannot be looked at.
    pub fn new(root: &Path) -> io::Result<Self> {
        Ok(Self {
            root: root.canonicalize()?,
            synced: Mutex::default(),
        })
    }

    /// Writes what survives into another folder.
    ///
    /// # Errors
    /// When a file cannot be written.
    pub fn survivors(&self, into: &Path) -> io::Result<()> {
        let synced = self.synced.lock().unwrap_or_else(PoisonError::into_inner);
        synced.write(&self.root, into)
    }

    fn note(&self, path: &Path) -> io::Result<()> {
        let metadata = fs::metadata(path)?;
        let mut synced = self.synced.lock().unwrap_or_else(PoisonError::into_inner);
        if metadata.is_dir() {
            let entry = |entry: fs::DirEntry| {
                let name = entry.file_name().to_string_lossy().into_owned();
                (name, entry.ino())
            };
            let entries = fs::read_dir(path)?.map(|found| found.map(entry));
            let entries = entries.collect::<Result<_, _>>()?;
            synced.folders.insert(path.to_owned(), entries);
        } else {
            synced.files.insert(metadata.ino(), fs::read(path)?);
        }
        Ok(())
    }
}

impl Synced {
    fn write(&self, from: &Path, into: &Path) -> io::Result<()> {
        for (name, inode) in self.folders.get(from).into_iter().flatten() {
            let (from, into) = (from.join(name), into.join(name));
            if from.is_dir() {
                fs::create_dir(&into)?;
                self.write(&from, &into)?;
            } else {
                let unwritten = Vec::new();
                fs::write(&into, self.files.get(inode).unwrap_or(&unwritten))?;
            }
        }
        Ok(())
    }
}

impl Watcher for SyncedTree {
    fn judge(&self, kind: Kind, path: &Path) -> Answer {
        match kind {
            Kind::Sync => match self.note(path) {
                Ok(()) => Answer::Pretends,
                Err(_) => Answer::Fails(libc::EIO),
            },
            _ => Answer::GoesOn,
        }
    }
}

#[cfg(test)]
mod tests {
    use std::fs::{self, File};
    use std::path::Path;
    use std::sync::Arc;

    use super::super::watch;
    use super::SyncedTree;

    fn sync(path: &Path) {
        File::open(path).expect("open").sync_all().expect("synced");
    }

    #[test]
    fn only_what_was_synced_with_its_folders_survives() {
        let folder = tempfile::tempdir().expect("a folder");
        let (root, after) = (folder.path().join("before"), folder.path().join("after"));
        for folder in [&root, &after] {
            fs::create_dir(folder).expect("made");
        }
        let tree = Arc::new(SyncedTree::new(&root).expect("a tree"));
        let _watching = watch(&root, tree.clone());
        fs::create_dir_all(root.join("a/b")).expect("made");
        for (name, text) in [("whole", "1"), ("unsynced", "2"), ("unnamed", "3")] {
            fs::write(root.join("a/b").join(name), text).expect("written");
        }
        sync(&root.join("a/b/whole"));
        fs::write(root.join("a/b/whole"), "later").expect("written");
        fs::rename(root.join("a/b/unnamed"), root.join("unnamed")).expect("moved");
        sync(&root.join("a/b"));
        sync(&root.join("a"));
        fs::rename(root.join("unnamed"), root.join("a/b/unnamed")).expect("moved");
        sync(&root.join("a/b/unnamed"));

        tree.survivors(&after).expect("written");
        assert!(!after.join("a").exists(), "its name was never synced");
        sync(&root);
        tree.survivors(&after).expect("written");
        let left = |name| fs::read_to_string(after.join("a/b").join(name)).ok();
        assert_eq!(left("whole").as_deref(), Some("1"));
        assert_eq!(left("unsynced").as_deref(), Some(""));
        assert_eq!(left("unnamed"), None);
    }
}
