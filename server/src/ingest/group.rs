//! The group committer: batches of many phones share one commit, and each is answered after it.
//!
//! While one group is written the next one gathers. A phone that is alone is not made to wait;
//! where there is company, the group waits for as many as came last time, at most 5 ms. Inside a
//! group every batch stands alone: one that fails is undone alone.

use std::sync::Arc;
use std::time::Duration;

use kokoni_model::ids::IncarnationId;
use kokoni_model::wire::problem::ProblemCode;
use tokio::sync::{mpsc, oneshot};
use tokio::time::{Instant, timeout_at};

use super::apply::{Settled, settle};
use super::batch::Batch;
use super::here::Here;
use crate::auth::Caller;
use crate::config::Grouping;
use crate::metrics::Metrics;
use crate::params;
use crate::presence::feed::FloorHints;
use crate::problem::ApiError;
use crate::store::{Store, StoreError, Tx};

/// Batches that may wait; the limits on a batch bound their memory.
const MOST_WAITING: usize = 1024;

/// Something to be applied.
#[derive(Clone)]
pub(super) enum Work {
    /// A batch of a device's own queue.
    Batch(Arc<Batch>),
    /// A scan made on the server, for a browser.
    Here(Arc<Here>),
}

impl Work {
    fn caller(&self) -> Caller {
        match self {
            Self::Batch(batch) => batch.caller,
            Self::Here(here) => here.caller,
        }
    }

    fn events(&self) -> usize {
        match self {
            Self::Batch(batch) => batch.events.len(),
            Self::Here(_) => 1,
        }
    }
}

/// Why a batch was not applied.
#[derive(Clone, Debug)]
pub(super) enum NotApplied {
    /// The device was revoked meanwhile.
    Revoked,
    /// The store says so.
    Store(StoreError),
}

impl From<StoreError> for NotApplied {
    fn from(error: StoreError) -> Self {
        Self::Store(error)
    }
}

impl From<NotApplied> for ApiError {
    fn from(error: NotApplied) -> Self {
        match error {
            NotApplied::Revoked => Self::new(ProblemCode::DeviceRevoked),
            NotApplied::Store(error) => error.into(),
        }
    }
}

struct Job {
    work: Work,
    answer: oneshot::Sender<Result<Settled, NotApplied>>,
}

/// Commits the batches of many phones together.
pub struct Committer {
    jobs: mpsc::Sender<Job>,
}

impl Committer {
    /// Starts it; it ends when it is dropped and everything handed in is answered.
    pub fn start(
        store: Store,
        grouping: Grouping,
        metrics: Arc<Metrics>,
        floor_hints: FloorHints,
    ) -> Self {
        let (jobs, waiting) = mpsc::channel(MOST_WAITING);
        tokio::spawn(run(waiting, store, grouping, metrics, floor_hints));
        Self { jobs }
    }

    /// Applies work together with that of others; `Ok` means it is on the disk.
    pub(super) async fn submit(&self, work: Work) -> Result<Settled, NotApplied> {
        let (answer, answered) = oneshot::channel();
        let closed = || NotApplied::Store(StoreError::Closed);
        self.jobs
            .send(Job { work, answer })
            .await
            .map_err(|_| closed())?;
        answered.await.map_err(|_| closed())?
    }
}

async fn run(
    mut waiting: mpsc::Receiver<Job>,
    store: Store,
    grouping: Grouping,
    metrics: Arc<Metrics>,
    floor_hints: FloorHints,
) {
    let mut company = 1;
    while let Some(first) = waiting.recv().await {
        let group = gather(first, &mut waiting, grouping, company).await;
        company = group.len();
        let (work, answers): (Vec<Work>, Vec<_>) =
            group.into_iter().map(|job| (job.work, job.answer)).unzip();
        metrics.group(work.len(), work.iter().map(Work::events).sum());
        let results = commit(&store, work).await;
        for (result, answer) in results.into_iter().zip(answers) {
            if let Ok(settled) = &result {
                floor_hints.tell(settled.hints.iter().copied());
                note(&metrics, settled);
            }
            // The phone may have hung up; it will ask again.
            let _ = answer.send(result);
        }
    }
}

fn note(metrics: &Metrics, settled: &Settled) {
    for answer in &settled.reply.answers {
        metrics.event(&answer.outcome);
    }
    for _ in 0..settled.conflicts {
        metrics.conflict();
    }
}

/// Takes what is waiting, and waits a little for as many as came last time.
async fn gather(
    first: Job,
    waiting: &mut mpsc::Receiver<Job>,
    grouping: Grouping,
    company: usize,
) -> Vec<Job> {
    let until = Instant::now() + grouping.longest_wait;
    let mut events = first.work.events();
    let mut group = vec![first];
    while events < grouping.most_events {
        let next = match waiting.try_recv() {
            Ok(job) => Some(job),
            Err(_) if group.len() >= company || grouping.longest_wait == Duration::ZERO => None,
            Err(_) => timeout_at(until, waiting.recv()).await.ok().flatten(),
        };
        let Some(job) = next else {
            break;
        };
        events += job.work.events();
        group.push(job);
    }
    group
}

/// Writes a group in one transaction.
async fn commit(store: &Store, work: Vec<Work>) -> Vec<Result<Settled, NotApplied>> {
    let (size, incarnation) = (work.len(), store.incarnation());
    let written = store
        .write(move |tx| {
            work.iter()
                .map(|work| apply(tx, work, incarnation))
                .collect::<Result<Vec<_>, StoreError>>()
        })
        .await;
    match written {
        Ok(results) => results,
        Err(error) => vec![Err(NotApplied::Store(error)); size],
    }
}

/// Applies one batch. The outer error is one that concerns the whole group.
fn apply(
    tx: &Tx<'_>,
    work: &Work,
    incarnation: IncarnationId,
) -> Result<Result<Settled, NotApplied>, StoreError> {
    let applied = tx.nested(|tx| {
        let caller = work.caller();
        if is_revoked(tx, caller)? {
            return Err(NotApplied::Revoked);
        }
        match work {
            Work::Batch(batch) => Ok(settle(tx, batch, incarnation)?),
            Work::Here(here) => Ok(settle(tx, &here.batch(tx)?, incarnation)?),
        }
    });
    match applied {
        Err(NotApplied::Store(error)) if concerns_all(&error) => Err(error),
        Err(NotApplied::Store(error)) => {
            tracing::error!(%error, "a batch could not be applied; the others of its group are");
            Ok(Err(NotApplied::Store(error)))
        }
        applied => Ok(applied),
    }
}

fn concerns_all(error: &StoreError) -> bool {
    matches!(
        error,
        StoreError::Full
            | StoreError::Io { .. }
            | StoreError::Busy
            | StoreError::Damaged
            | StoreError::Closed
    )
}

/// The token was good when the request came; the device may have been revoked since.
fn is_revoked(tx: &Tx<'_>, caller: Caller) -> Result<bool, StoreError> {
    let good: Option<i64> = tx.first(
        "SELECT 1 FROM device d
         JOIN person p ON p.organisation = d.organisation AND p.id = d.person
         WHERE d.organisation = $1 AND d.id = $2 AND d.revoked_us IS NULL AND p.left_us IS NULL",
        params![caller.organisation, caller.device],
    )?;
    Ok(good.is_none())
}
