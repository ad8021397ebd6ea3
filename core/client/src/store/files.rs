//! The files beside the database: locks between processes, and the high-water mark.

use std::fs::{File, TryLockError};
use std::io::{self, Read, Seek, SeekFrom, Write};
use std::path::{Path, PathBuf};

use kokoni_model::event::Epoch;

use crate::ports::private_options;

/// Names in the data folder.
#[derive(Clone, Debug)]
pub(crate) struct Files {
    pub(crate) folder: PathBuf,
}

impl Files {
    pub(crate) fn database(&self) -> PathBuf {
        self.folder.join("kokoni-client.db")
    }

    /// Held alone while a process opens, repairs or wipes the database.
    pub(crate) fn opening_lock(&self) -> io::Result<File> {
        let file = open_lock(&self.folder.join("opening.lock"))?;
        file.lock()?;
        Ok(file)
    }

    /// Held, shared, by every process that has the database open. Its content says whether the last
    /// one closed it.
    pub(crate) fn open_lock(&self) -> io::Result<File> {
        open_lock(&self.folder.join("open.lock"))
    }

    /// Held by the one engine that syncs; `None` when another does.
    pub(crate) fn try_sync_lock(&self) -> io::Result<Option<File>> {
        try_lock(&self.folder.join("sync.lock"))
    }

    /// Held by the one engine that renews the tokens; `None` when another does.
    pub(crate) fn try_token_lock(&self) -> io::Result<Option<File>> {
        try_lock(&self.folder.join("tokens.lock"))
    }

    pub(crate) fn high_water(&self) -> HighWater {
        HighWater {
            path: self.folder.join("high-water"),
        }
    }
}

fn open_lock(path: &Path) -> io::Result<File> {
    private_options().read(true).write(true).open(path)
}

/// The system lets go of the lock when the file is closed, also when its process is killed.
fn try_lock(path: &Path) -> io::Result<Option<File>> {
    let file = open_lock(path)?;
    match file.try_lock() {
        Ok(()) => Ok(Some(file)),
        Err(TryLockError::WouldBlock) => Ok(None),
        Err(TryLockError::Error(error)) => Err(error),
    }
}

/// The highest seq of each epoch that a person was told is saved, kept outside the database so that
/// damage to it cannot hide what is missing. One line `EPOCH SEQ` for each epoch.
///
/// Written without waiting for the disk: it survives the end of the process, and after a power cut
/// may be a little low, which hides nothing unless the database was damaged in the same moment.
#[derive(Clone, Debug)]
pub(crate) struct HighWater {
    path: PathBuf,
}

impl HighWater {
    /// What was noted; lines that cannot be read are skipped.
    pub(crate) fn read(&self) -> io::Result<Vec<(Epoch, u64)>> {
        match std::fs::read_to_string(&self.path) {
            Ok(text) => Ok(parse(&text)),
            Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(Vec::new()),
            Err(error) if error.kind() == io::ErrorKind::InvalidData => Ok(Vec::new()),
            Err(error) => Err(error),
        }
    }

    /// Raises an epoch's mark; a higher one stays.
    pub(crate) fn raise(&self, epoch: Epoch, seq: u64) -> io::Result<()> {
        let mut file = private_options().read(true).write(true).open(&self.path)?;
        file.lock()?;
        let mut text = String::new();
        // What cannot be read is written anew.
        let _ = file.read_to_string(&mut text);
        let mut marks = parse(&text);
        match marks.iter_mut().find(|(known, _)| *known == epoch) {
            Some((_, mark)) if *mark >= seq => return Ok(()),
            Some((_, mark)) => *mark = seq,
            None => marks.push((epoch, seq)),
        }
        let text: String = marks
            .iter()
            .map(|(epoch, mark)| format!("{epoch} {mark:020}\n"))
            .collect();
        // Lines have a fixed length: one write over the old text leaves no torn state to a reader
        // that comes after the end of this process.
        file.seek(SeekFrom::Start(0))?;
        file.write_all(text.as_bytes())?;
        file.set_len(text.len() as u64)
    }

    pub(crate) fn remove(&self) -> io::Result<()> {
        match std::fs::remove_file(&self.path) {
            Err(error) if error.kind() != io::ErrorKind::NotFound => Err(error),
            _ => Ok(()),
        }
    }
}

fn parse(text: &str) -> Vec<(Epoch, u64)> {
    text.lines()
        .filter_map(|line| {
            let (epoch, mark) = line.split_once(' ')?;
            Some((epoch.parse().ok()?, mark.parse().ok()?))
        })
        .collect()
}

/// Whether the last process that had the database open said that it closed it.
pub(crate) fn was_closed(lock: &mut File) -> io::Result<bool> {
    let mut text = String::new();
    lock.seek(SeekFrom::Start(0))?;
    let _ = lock.read_to_string(&mut text);
    Ok(text != "open")
}

/// Notes whether the database is open.
pub(crate) fn note_open(lock: &mut File, open: bool) -> io::Result<()> {
    lock.seek(SeekFrom::Start(0))?;
    lock.set_len(0)?;
    lock.write_all(if open { b"open" } else { b"" })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_mark_rises_and_never_falls() {
        let folder = tempfile::tempdir().expect("a folder");
        let mark = Files {
            folder: folder.path().into(),
        }
        .high_water();
        assert_eq!(mark.read().expect("read"), []);
        let (one, two) = (Epoch::from_bits(1), Epoch::from_bits(2));
        for (epoch, seq) in [(one, 5), (two, 1), (one, 4), (one, 10)] {
            mark.raise(epoch, seq).expect("raised");
        }
        assert_eq!(mark.read().expect("read"), [(one, 10), (two, 1)]);
    }

    #[test]
    fn a_damaged_mark_is_written_anew() {
        let folder = tempfile::tempdir().expect("a folder");
        let mark = Files {
            folder: folder.path().into(),
        }
        .high_water();
        std::fs::write(&mark.path, b"\xff\xffgarbage\n").expect("written");
        assert_eq!(mark.read().expect("read"), []);
        mark.raise(Epoch::from_bits(1), 3).expect("raised");
        assert_eq!(mark.read().expect("read"), [(Epoch::from_bits(1), 3)]);
    }

    #[test]
    fn one_engine_syncs_at_a_time() {
        let folder = tempfile::tempdir().expect("a folder");
        let files = Files {
            folder: folder.path().into(),
        };
        let held = files.try_sync_lock().expect("tried").expect("free");
        assert!(files.try_sync_lock().expect("tried").is_none());
        drop(held);
        assert!(files.try_sync_lock().expect("tried").is_some());
    }
}
