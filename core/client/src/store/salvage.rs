//! After damage: the file is set aside under a new name, never deleted, and what can be read of it
//! is kept.

use std::path::PathBuf;

use super::files::Files;
use crate::error::StoreError;
use crate::ports::sync_folder;

/// Gives the damaged database and its log a new name; returns the database's.
pub(crate) fn set_aside(files: &Files, stamp: &str) -> Result<PathBuf, StoreError> {
    let (database, aside) = (
        files.database(),
        files.folder.join(format!("damaged-{stamp}.db")),
    );
    for suffix in ["-wal", ""] {
        let from = with_suffix(&database, suffix);
        if from.exists() {
            std::fs::rename(&from, with_suffix(&aside, suffix))?;
        }
    }
    let shared_memory = with_suffix(&database, "-shm");
    if shared_memory.exists() {
        std::fs::remove_file(shared_memory)?;
    }
    sync_folder(&files.folder)?;
    Ok(aside)
}

fn with_suffix(path: &std::path::Path, suffix: &str) -> PathBuf {
    let mut name = path.as_os_str().to_owned();
    name.push(suffix);
    name.into()
}
