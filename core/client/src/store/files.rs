//! The files beside the database: locks between processes, and the high-water mark.

use std::fs::File;
use std::io::{self, Read, Seek, SeekFrom, Write};
use std::path::PathBuf;
use std::sync::{Mutex, PoisonError};
use std::time::Duration;

use kokoni_model::event::Epoch;

use super::lock::FileLock;
use crate::error::StoreError;
use crate::ports::{private_options, sync_folder};
use crate::waiting;

/// How long a mark waits for another process's. One that is stopped while it writes one must not
/// hold up what is saved, and the next mark makes up for this one.
const MARK_WITHIN: Duration = Duration::from_secs(2);

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
    pub(crate) fn opening_lock(&self) -> Result<FileLock, StoreError> {
        let lock = self.lock("opening.lock")?;
        lock.wait_alone()?;
        Ok(lock)
    }

    /// Held, shared, by every process that has the database open.
    pub(crate) fn open_lock(&self) -> io::Result<FileLock> {
        self.lock("open.lock")
    }

    /// Held by the one engine that syncs; `None` when another does.
    pub(crate) fn try_sync_lock(&self) -> io::Result<Option<FileLock>> {
        self.try_lock("sync.lock")
    }

    /// Held by the one engine that renews the tokens; `None` when another does.
    pub(crate) fn try_token_lock(&self) -> io::Result<Option<FileLock>> {
        self.try_lock("tokens.lock")
    }

    /// Held for the moment in which the tokens in the secret store are looked at and changed.
    pub(crate) fn tokens_change_lock(&self) -> Result<FileLock, StoreError> {
        let lock = self.lock("tokens-change.lock")?;
        lock.wait_alone()?;
        Ok(lock)
    }

    fn lock(&self, name: &str) -> io::Result<FileLock> {
        FileLock::open(&self.folder.join(name))
    }

    fn try_lock(&self, name: &str) -> io::Result<Option<FileLock>> {
        let lock = self.lock(name)?;
        Ok(lock.try_alone()?.then_some(lock))
    }

    pub(crate) fn high_water(&self) -> HighWater {
        HighWater {
            path: self.folder.join("high-water"),
            file: Mutex::new(None),
        }
    }
}

/// How far an epoch has come: what a person was told is saved, and what the server holds.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Mark {
    pub(crate) epoch: Epoch,
    pub(crate) saved_through: u64,
    pub(crate) held_through: u64,
}

/// The marks of each epoch, kept outside the database so that damage to it cannot hide what is
/// missing. One line `EPOCH SAVED HELD CHECK` for each; a line that does not fit its check word is
/// skipped, and those of an earlier version have none.
///
/// The first one waits for the disk, later ones do not: they survive the end of the process, and
/// after a power cut may be a little low, which hides nothing unless the database was damaged in the
/// same moment.
#[derive(Debug)]
pub(crate) struct HighWater {
    path: PathBuf,
    /// Kept open between marks; the lock on it is for other processes, this one for other threads.
    file: Mutex<Option<File>>,
}

impl HighWater {
    /// What was noted; lines that cannot be read are skipped.
    pub(crate) fn read(&self) -> io::Result<Vec<Mark>> {
        match std::fs::read(&self.path) {
            Ok(bytes) => Ok(parse(&bytes)),
            Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(Vec::new()),
            Err(error) => Err(error),
        }
    }

    /// Raises an epoch's marks; a higher one stays.
    pub(crate) fn raise(&self, mark: Mark) -> io::Result<()> {
        self.locked(|file| {
            let mut bytes = Vec::new();
            file.seek(SeekFrom::Start(0))?;
            file.read_to_end(&mut bytes)?;
            let text = raised(&bytes, mark);
            // Lines have a fixed length, so that one write over the old text leaves no torn line.
            file.seek(SeekFrom::Start(0))?;
            file.write_all(text.as_bytes())?;
            if text.len() < bytes.len() {
                file.set_len(text.len() as u64)?;
            }
            if bytes.is_empty() {
                file.sync_all()?;
                self.path.parent().map_or(Ok(()), sync_folder)?;
            }
            Ok(())
        })
    }

    /// Forgets every mark. The file stays: another process may have it open.
    pub(crate) fn clear(&self) -> io::Result<()> {
        self.locked(|file| file.set_len(0))
    }

    /// Does something with the file while no other thread or process does.
    fn locked(&self, change: impl FnOnce(&mut File) -> io::Result<()>) -> io::Result<()> {
        let mut kept = self.file.lock().unwrap_or_else(PoisonError::into_inner);
        // After a failure it is opened anew.
        let mut file = match kept.take() {
            Some(file) => file,
            None => private_options().read(true).write(true).open(&self.path)?,
        };
        if waiting::lock_within(&file, MARK_WITHIN)?.is_none() {
            return Err(io::ErrorKind::TimedOut.into());
        }
        let changed = change(&mut file);
        file.unlock()?;
        if changed.is_ok() {
            *kept = Some(file);
        }
        changed
    }

    /// Removes the file. No engine may have it open.
    pub(crate) fn remove(&self) -> io::Result<()> {
        match std::fs::remove_file(&self.path) {
            Err(error) if error.kind() != io::ErrorKind::NotFound => Err(error),
            _ => Ok(()),
        }
    }
}

/// The text of the marks with one of them raised.
fn raised(bytes: &[u8], mark: Mark) -> String {
    let mut marks = parse(bytes);
    match marks.iter_mut().find(|known| known.epoch == mark.epoch) {
        Some(known) => {
            known.saved_through = known.saved_through.max(mark.saved_through);
            known.held_through = known.held_through.max(mark.held_through);
        }
        None => marks.push(mark),
    }
    marks.iter().map(line).collect()
}

/// A line without its end.
fn unchecked_line(mark: &Mark) -> String {
    let Mark {
        epoch,
        saved_through,
        held_through,
    } = mark;
    format!("{epoch} {saved_through:020} {held_through:020}")
}

fn line(mark: &Mark) -> String {
    let line = unchecked_line(mark);
    format!("{line} {}\n", check_word(&line))
}

fn check_word(line: &str) -> String {
    let hash = ring::digest::digest(&ring::digest::SHA256, line.as_bytes());
    data_encoding::HEXLOWER.encode(&hash.as_ref()[..4])
}

/// The highest number that SQLite can hold and that another may follow.
const NUMBER_MAX: u64 = i64::MAX as u64 - 1;

fn parse(bytes: &[u8]) -> Vec<Mark> {
    let lines = bytes.split(|&byte| byte == b'\n');
    let mark = |text: &[u8]| {
        let text = std::str::from_utf8(text).ok()?;
        let mut words = text.split(' ');
        let mark = Mark {
            epoch: words.next()?.parse().ok()?,
            saved_through: words.next()?.parse().ok()?,
            held_through: words.next()?.parse().ok()?,
        };
        let plain = unchecked_line(&mark);
        let is_whole = match words.next() {
            Some(check) => text == format!("{plain} {check}") && check == check_word(&plain),
            None => text == plain,
        };
        (is_whole && mark.saved_through.max(mark.held_through) <= NUMBER_MAX).then_some(mark)
    };
    lines.filter_map(mark).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn mark(epoch: u64, saved_through: u64, held_through: u64) -> Mark {
        Mark {
            epoch: Epoch::from_bits(epoch),
            saved_through,
            held_through,
        }
    }

    fn files(folder: &tempfile::TempDir) -> Files {
        Files {
            folder: folder.path().into(),
        }
    }

    #[test]
    fn a_mark_rises_and_never_falls() {
        let folder = tempfile::tempdir().expect("a folder");
        let high_water = files(&folder).high_water();
        assert_eq!(high_water.read().expect("read"), []);
        for raised in [mark(1, 5, 0), mark(2, 1, 0), mark(1, 4, 3), mark(1, 10, 2)] {
            high_water.raise(raised).expect("raised");
        }
        assert_eq!(
            high_water.read().expect("read"),
            [mark(1, 10, 3), mark(2, 1, 0)]
        );
    }

    #[test]
    fn marks_that_another_process_forgets_are_begun_anew_by_one_that_has_them_open() {
        let folder = tempfile::tempdir().expect("a folder");
        let (here, there) = (files(&folder).high_water(), files(&folder).high_water());
        here.raise(mark(1, 5, 0)).expect("raised");
        there.clear().expect("cleared");
        assert_eq!(here.read().expect("read"), []);
        here.raise(mark(2, 1, 0)).expect("raised");
        assert_eq!(there.read().expect("read"), [mark(2, 1, 0)]);
    }

    #[test]
    fn a_damaged_mark_is_written_anew() {
        let folder = tempfile::tempdir().expect("a folder");
        let high_water = files(&folder).high_water();
        std::fs::write(&high_water.path, b"\xff\xffgarbage\n").expect("written");
        assert_eq!(high_water.read().expect("read"), []);
        high_water.raise(mark(1, 3, 0)).expect("raised");
        assert_eq!(high_water.read().expect("read"), [mark(1, 3, 0)]);
    }

    #[test]
    fn one_engine_syncs_at_a_time() {
        let folder = tempfile::tempdir().expect("a folder");
        let files = files(&folder);
        let held = files.try_sync_lock().expect("tried").expect("free");
        assert!(files.try_sync_lock().expect("tried").is_none());
        drop(held);
        assert!(files.try_sync_lock().expect("tried").is_some());
    }
}
