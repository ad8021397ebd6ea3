//! The store: one file `kokoni.db` in the data folder, written by one thread, read by several.
//!
//! Everything that touches the database is a synchronous closure over a [`Tx`], handed to
//! [`Store::write`] or [`Store::read`]. A closure may be run again and so changes nothing outside.
//! `write` answers after the commit is on the disk (WAL, `synchronous=FULL`); `read` sees one
//! snapshot. SQL is written once, with `$1`-style parameters; where engines differ the difference
//! is in `engine.rs`.

mod checkpoints;
mod engine;
mod error;
mod migrations;
mod row;
mod statistics;
mod value;
mod workers;

use std::fs::OpenOptions;
use std::os::unix::fs::{DirBuilderExt, OpenOptionsExt, PermissionsExt};
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use kokoni_model::ids::IncarnationId;

pub use engine::Tx;
pub use error::StoreError;
pub use migrations::NEWEST_SCHEMA;
pub use row::{Columns, FromRow};
pub use value::{AsJson, AsWord, Column, Value};

use crate::params;
use crate::ports::{Random, new_incarnation};
use checkpoints::Checkpoints;
use kokoni_model::clock::Timestamp;
use workers::Workers;

/// The database's file in the data folder.
pub const FILE_NAME: &str = "kokoni.db";

/// Connections that read beside the one that writes.
const READERS: usize = 4;

/// Work that may wait for a thread; more is refused as busy.
const MOST_WAITING: usize = 4096;

/// A handle on the database; clones share it. The last one closes it.
#[derive(Clone)]
pub struct Store(Arc<Inner>);

struct Inner {
    writer: Workers,
    readers: Workers,
    /// After the others: they close their connections first.
    _checkpoints: Checkpoints,
    commits: AtomicU64,
    incarnation: IncarnationId,
    file: PathBuf,
}

impl Store {
    /// Opens the database of a data folder, makes both when they are not there (0700 and 0600) and
    /// brings the schema up to date. Blocks.
    ///
    /// # Errors
    /// [`StoreError::FromTheFuture`] when a newer program wrote it, and what the disk says.
    pub fn open(
        folder: &Path,
        now: Timestamp,
        random: &mut dyn Random,
    ) -> Result<Self, StoreError> {
        let unusable = |source| StoreError::Folder {
            folder: folder.to_owned(),
            source: Arc::new(source),
        };
        make_private(folder).map_err(unusable)?;
        let file = folder.join(FILE_NAME);
        let mut writer = engine::open_writer(&file)?;
        migrations::migrate(&mut writer)?;
        statistics::set(&writer)?;
        let fresh = new_incarnation(now, random);
        let incarnation = engine::write::<_, StoreError>(&writer, |tx| {
            tx.exec(
                "INSERT INTO meta (name, value) VALUES ('incarnation', $1) ON CONFLICT DO NOTHING",
                params![fresh],
            )?;
            tx.one("SELECT value FROM meta WHERE name = 'incarnation'", &[])
        })?;
        let readers = (0..READERS)
            .map(|_| engine::open_reader(&file))
            .collect::<Result<Vec<_>, _>>()?;
        let checkpoints = Checkpoints::start(&file, &mut writer)?;
        Ok(Self(Arc::new(Inner {
            writer: Workers::start("kokoni-writer", vec![writer], MOST_WAITING)
                .map_err(unusable)?,
            readers: Workers::start("kokoni-reader", readers, MOST_WAITING).map_err(unusable)?,
            _checkpoints: checkpoints,
            commits: AtomicU64::new(0),
            incarnation,
            file,
        })))
    }

    /// Which life of the database this is.
    pub fn incarnation(&self) -> IncarnationId {
        self.0.incarnation
    }

    /// Transactions committed since it was opened.
    pub fn commits(&self) -> u64 {
        self.0.commits.load(Ordering::Relaxed)
    }

    /// The database's file.
    pub fn file(&self) -> &Path {
        &self.0.file
    }

    /// Runs work in a transaction; `Ok` means it is on the disk.
    ///
    /// # Errors
    /// Those of the work, which is then undone, and those of the store.
    pub async fn write<T, E>(
        &self,
        work: impl FnMut(&Tx<'_>) -> Result<T, E> + Send + 'static,
    ) -> Result<T, E>
    where
        T: Send + 'static,
        E: From<StoreError> + Send + 'static,
    {
        let inner = Arc::clone(&self.0);
        let mut work = work;
        self.0
            .writer
            .run(move |connection| inner.counted(engine::write(connection, &mut work)))
            .await?
    }

    /// As [`Store::write`], blocking this thread: for programs without a runtime.
    ///
    /// # Errors
    /// As [`Store::write`].
    pub fn write_blocking<T, E>(
        &self,
        mut work: impl FnMut(&Tx<'_>) -> Result<T, E> + Send + 'static,
    ) -> Result<T, E>
    where
        T: Send + 'static,
        E: From<StoreError> + Send + 'static,
    {
        let inner = Arc::clone(&self.0);
        self.0
            .writer
            .run_blocking(move |connection| inner.counted(engine::write(connection, &mut work)))?
    }

    /// Runs work on the thread that writes, without a transaction: for comparison.
    ///
    /// # Errors
    /// [`StoreError::Busy`] and [`StoreError::Closed`].
    pub(crate) async fn on_writer<T: Send + 'static>(
        &self,
        work: impl FnOnce() -> T + Send + 'static,
    ) -> Result<T, StoreError> {
        self.0.writer.run(move |_| work()).await
    }

    /// Runs work that only reads, on one snapshot.
    ///
    /// # Errors
    /// Those of the work and those of the store.
    pub async fn read<T, E>(
        &self,
        mut work: impl FnMut(&Tx<'_>) -> Result<T, E> + Send + 'static,
    ) -> Result<T, E>
    where
        T: Send + 'static,
        E: From<StoreError> + Send + 'static,
    {
        self.0
            .readers
            .run(move |connection| engine::read(connection, &mut work))
            .await?
    }

    /// As [`Store::read`], blocking this thread.
    ///
    /// # Errors
    /// As [`Store::read`].
    pub fn read_blocking<T, E>(
        &self,
        mut work: impl FnMut(&Tx<'_>) -> Result<T, E> + Send + 'static,
    ) -> Result<T, E>
    where
        T: Send + 'static,
        E: From<StoreError> + Send + 'static,
    {
        self.0
            .readers
            .run_blocking(move |connection| engine::read(connection, &mut work))?
    }
}

impl Inner {
    fn counted<T, E>(&self, done: Result<T, E>) -> Result<T, E> {
        if done.is_ok() {
            self.commits.fetch_add(1, Ordering::Relaxed);
        }
        done
    }
}

impl std::fmt::Debug for Store {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Store").field("file", &self.0.file).finish()
    }
}

/// Only the program's own user may look into the folder and the file.
fn make_private(folder: &Path) -> std::io::Result<()> {
    std::fs::DirBuilder::new()
        .recursive(true)
        .mode(0o700)
        .create(folder)?;
    let file = OpenOptions::new()
        .create(true)
        .append(true)
        .mode(0o600)
        .open(folder.join(FILE_NAME))?;
    file.set_permissions(std::fs::Permissions::from_mode(0o600))
}

#[cfg(test)]
mod tests;
