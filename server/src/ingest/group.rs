//! The group committer: batches of many phones share one commit, and each is answered after it.
//!
//! While one group is written the next one gathers, and goes when half as many wait as went last
//! time: the others are those that have just been answered. With fewer it waits for company, at
//! most 5 ms; a phone that is alone is not made to wait.

use std::sync::Arc;
use std::time::Duration;

use kokoni_model::wire::problem::ProblemCode;
use tokio::sync::{mpsc, oneshot};
use tokio::time::{Instant, timeout_at};

use super::apply::Settled;
use super::batch::Batch;
use super::here::Here;
use super::keep::{Committed, Kept};
use crate::auth::Caller;
use crate::config::{Grouping, Keeping};
use crate::metrics::Metrics;
use crate::presence::feed::FloorHints;
use crate::problem::ApiError;
use crate::store::{Store, StoreError};

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
    pub(super) fn caller(&self) -> Caller {
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

/// What became of a batch.
pub(super) type Answer = Result<Settled, NotApplied>;

struct Job {
    work: Work,
    answer: oneshot::Sender<Answer>,
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
        keeping: Keeping,
        metrics: Arc<Metrics>,
        floor_hints: FloorHints,
    ) -> Self {
        let (jobs, waiting) = mpsc::channel(MOST_WAITING);
        let kept = Kept::new(store, keeping);
        tokio::spawn(run(waiting, kept, grouping, metrics, floor_hints));
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
    kept: Kept,
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
        let Committed { results, hints } = kept.commit(work).await;
        floor_hints.tell(hints);
        // The next group need not wait until everybody of this one is answered.
        tokio::spawn(answer(results, answers, Arc::clone(&metrics)));
    }
}

/// Answers those of a group.
async fn answer(
    results: Vec<Answer>,
    answers: Vec<oneshot::Sender<Answer>>,
    metrics: Arc<Metrics>,
) {
    for (result, answer) in results.into_iter().zip(answers) {
        if let Ok(settled) = &result {
            note(&metrics, settled);
        }
        // The phone may have hung up; it will ask again.
        let _ = answer.send(result);
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

/// Takes what is waiting, and waits a little for half as many as went last time.
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
            Err(_) if group.len() * 2 >= company || grouping.longest_wait == Duration::ZERO => None,
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
