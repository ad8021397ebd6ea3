//! What was committed moves from the log into the database's file on a thread of its own, so that no
//! phone waits for it. Only when that thread falls behind does the one that writes help.

use std::path::Path;
use std::sync::mpsc::{Receiver, SyncSender, sync_channel};
use std::thread::{Builder, JoinHandle};

use rusqlite::hooks::Wal;
use rusqlite::wal::CheckpointMode;
use rusqlite::{Connection, MAIN_DB};

use super::engine::{self, classify};
use super::error::StoreError;

/// The thread has work when the log has grown by so many pages.
const EVERY: i32 = 8_000;

/// With so many pages in the log the thread that writes moves what is left of them, so that the log
/// begins anew.
const MOST: i32 = 16_000;

/// What the thread is told.
enum Told {
    Grown,
    End,
}

/// The thread that empties the log.
pub(super) struct Checkpoints {
    tell: SyncSender<Told>,
    thread: Option<JoinHandle<()>>,
}

impl Checkpoints {
    /// Starts it on a connection of its own; it is told by the connection that writes how far the
    /// log has grown.
    pub(super) fn start(file: &Path, writer: &mut Connection) -> Result<Self, StoreError> {
        let connection = engine::open_reader(file)?;
        let (tell, told) = sync_channel(1);
        let from_writer = tell.clone();
        let mut moved_at = 0;
        let grown = move |log: &mut Wal, pages: i32| {
            // The log has begun anew.
            moved_at = moved_at.min(pages);
            if pages - moved_at >= EVERY {
                moved_at = pages;
                // It may still be busy with what came before.
                let _ = from_writer.try_send(Told::Grown);
            }
            if pages >= MOST {
                // What cannot be moved now stays in the log; the commit is on the disk all the same.
                let _ = log.checkpoint();
            }
            Ok(())
        };
        writer.wal_hook(Some(grown)).map_err(classify)?;
        let thread = Builder::new()
            .name("kokoni-log".to_owned())
            .spawn(move || work_off(&connection, &told))
            .map_err(|error| StoreError::Engine {
                reason: error.to_string(),
            })?;
        Ok(Self {
            tell,
            thread: Some(thread),
        })
    }
}

impl Drop for Checkpoints {
    /// Lets the thread finish, so that the files are closed when this returns.
    fn drop(&mut self) {
        // It has gone already when it does not listen.
        let _ = self.tell.send(Told::End);
        if let Some(thread) = self.thread.take() {
            let _ = thread.join();
        }
    }
}

fn work_off(connection: &Connection, told: &Receiver<Told>) {
    while let Ok(Told::Grown) = told.recv() {
        if let Err(error) = connection.wal_checkpoint_v2(Some(MAIN_DB), CheckpointMode::PASSIVE) {
            tracing::warn!(%error, "the log could not be emptied; it is tried again");
        }
    }
}
