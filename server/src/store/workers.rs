//! Threads that own connections and run work on them: one thread for the connection that writes,
//! several for those that read.

use std::sync::mpsc::{Receiver, SyncSender, TrySendError, sync_channel};
use std::sync::{Arc, Mutex, PoisonError};
use std::thread::{Builder, JoinHandle};

use rusqlite::Connection;
use tokio::sync::oneshot;

use super::error::StoreError;

type Work = Box<dyn FnOnce(&Connection) + Send>;

/// Threads with a connection each and one queue of work.
pub(super) struct Workers {
    queue: Option<SyncSender<Work>>,
    threads: Vec<JoinHandle<()>>,
}

impl Workers {
    pub(super) fn start(
        name: &str,
        connections: Vec<Connection>,
        most_waiting: usize,
    ) -> std::io::Result<Self> {
        let (queue, work) = sync_channel::<Work>(most_waiting);
        let work = Arc::new(Mutex::new(work));
        let threads = connections
            .into_iter()
            .map(|connection| {
                let work = Arc::clone(&work);
                Builder::new()
                    .name(name.to_owned())
                    .spawn(move || work_off(&connection, &work))
            })
            .collect::<Result<_, _>>()?;
        Ok(Self {
            queue: Some(queue),
            threads,
        })
    }

    /// Runs work on the next free connection; refuses it as busy when too much is waiting.
    pub(super) async fn run<T: Send + 'static>(
        &self,
        work: impl FnOnce(&Connection) -> T + Send + 'static,
    ) -> Result<T, StoreError> {
        let (answer, answered) = oneshot::channel();
        let work: Work = Box::new(move |connection| {
            // Whoever asked may have gone; the work is done all the same.
            let _ = answer.send(work(connection));
        });
        self.queue()?
            .try_send(work)
            .map_err(|refused| match refused {
                TrySendError::Full(_) => StoreError::Busy,
                TrySendError::Disconnected(_) => StoreError::Closed,
            })?;
        answered.await.map_err(|_| StoreError::Closed)
    }

    /// Runs work on the next free connection, waiting as long as it takes.
    pub(super) fn run_blocking<T: Send + 'static>(
        &self,
        work: impl FnOnce(&Connection) -> T + Send + 'static,
    ) -> Result<T, StoreError> {
        let (answer, answered) = sync_channel(1);
        let work: Work = Box::new(move |connection| {
            let _ = answer.send(work(connection));
        });
        self.queue()?.send(work).map_err(|_| StoreError::Closed)?;
        answered.recv().map_err(|_| StoreError::Closed)
    }

    fn queue(&self) -> Result<&SyncSender<Work>, StoreError> {
        self.queue.as_ref().ok_or(StoreError::Closed)
    }
}

impl Drop for Workers {
    /// Lets the threads finish what is queued, so that the files are closed when this returns.
    fn drop(&mut self) {
        drop(self.queue.take());
        let me = std::thread::current().id();
        for thread in self.threads.drain(..) {
            // The last handle may be dropped by work of a thread, which cannot wait for itself.
            if thread.thread().id() != me {
                let _ = thread.join();
            }
        }
    }
}

fn work_off(connection: &Connection, queue: &Mutex<Receiver<Work>>) {
    loop {
        let next = queue.lock().unwrap_or_else(PoisonError::into_inner).recv();
        match next {
            Ok(work) => work(connection),
            Err(_) => return,
        }
    }
}
