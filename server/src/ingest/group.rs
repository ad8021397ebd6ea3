//! The group committer: batches of many phones share one commit, and each is answered after it.
//!
//! While one group is written the next one gathers, and goes when half as many wait as went last
//! time: the others are those that have just been answered. With fewer it waits for company, at
//! most 5 ms; a phone that is alone is not made to wait. Inside a group every batch stands alone.
//! Since hardly any fails, a group is first applied as one; only when one of it fails is it applied
//! again with every batch undone alone.

use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use kokoni_model::ids::IncarnationId;
use kokoni_model::wire::problem::ProblemCode;
use tokio::sync::{mpsc, oneshot};
use tokio::time::{Instant, timeout_at};

use super::apply::{Settled, settle};
use super::batch::Batch;
use super::floors;
use super::here::Here;
use super::memory::Memory;
use super::nothing;
use crate::auth::Caller;
use crate::config::{Grouping, Keeping};
use crate::metrics::Metrics;
use crate::organisation::Organisations;
use crate::presence::feed::{FloorHint, FloorHints};
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
        keeping: Keeping,
        metrics: Arc<Metrics>,
        floor_hints: FloorHints,
    ) -> Self {
        let (jobs, waiting) = mpsc::channel(MOST_WAITING);
        let kept = Kept {
            store,
            memory: Arc::default(),
            keeping,
        };
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
        for (result, answer) in results.into_iter().zip(answers) {
            if let Ok(settled) = &result {
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

/// What became of a group.
struct Committed {
    results: Vec<Result<Settled, NotApplied>>,
    /// The floors that look different now.
    hints: Vec<FloorHint>,
}

/// Where groups go.
struct Kept {
    store: Store,
    memory: Arc<Mutex<Memory>>,
    keeping: Keeping,
}

type Applied = Result<Result<Settled, NotApplied>, StoreError>;

impl Kept {
    /// Writes a group in one transaction.
    async fn commit(&self, work: Vec<Work>) -> Committed {
        let size = work.len();
        let work: Arc<[Work]> = work.into();
        let none = |error| Committed {
            results: vec![Err(NotApplied::Store(error)); size],
            hints: Vec::new(),
        };
        if self.keeping == Keeping::Nothing {
            return self.only_answer(work).await.unwrap_or_else(none);
        }
        match self.write(&work, apply_with_others).await {
            Ok(committed) => committed,
            Err(error) if concerns_all(&error) => none(error),
            Err(_) => self.write(&work, apply_alone).await.unwrap_or_else(none),
        }
    }

    async fn write(
        &self,
        work: &Arc<[Work]>,
        apply: fn(&Tx<'_>, &Work, &mut Surroundings<'_>) -> Applied,
    ) -> Result<Committed, StoreError> {
        let (work, kept) = (Arc::clone(work), Arc::clone(&self.memory));
        let incarnation = self.store.incarnation();
        let apply_all = move |tx: &Tx<'_>| {
            let mut memory =
                std::mem::take(&mut *kept.lock().unwrap_or_else(PoisonError::into_inner));
            memory.begin(tx)?;
            let mut surroundings = Surroundings {
                organisations: Organisations::default(),
                memory: &mut memory,
                incarnation,
            };
            let results = work
                .iter()
                .map(|work| apply(tx, work, &mut surroundings))
                .collect::<Result<Vec<_>, StoreError>>()?;
            let settled = results.iter().flatten();
            let hints = floors::tell(tx, &mut memory, settled.map(|settled| &settled.changed))?;
            Ok((Committed { results, hints }, memory))
        };
        let (committed, memory) = self.store.write(apply_all).await?;
        *self.memory.lock().unwrap_or_else(PoisonError::into_inner) = memory;
        Ok(committed)
    }

    /// The same way without a transaction.
    async fn only_answer(&self, work: Arc<[Work]>) -> Result<Committed, StoreError> {
        let incarnation = self.store.incarnation();
        let answer_all = move || Committed {
            results: work
                .iter()
                .map(|work| Ok(nothing::settle(work, incarnation)))
                .collect(),
            hints: Vec::new(),
        };
        self.store.on_writer(answer_all).await
    }
}

/// What the batches of a group have in common.
struct Surroundings<'g> {
    organisations: Organisations,
    memory: &'g mut Memory,
    incarnation: IncarnationId,
}

/// Applies one batch. Any error of the store is one of the whole group.
fn apply_with_others(tx: &Tx<'_>, work: &Work, surroundings: &mut Surroundings<'_>) -> Applied {
    match apply(tx, work, surroundings) {
        Err(NotApplied::Store(error)) => Err(error),
        applied => Ok(applied),
    }
}

/// Applies one batch so that it is undone alone. The outer error is one that concerns the whole
/// group.
fn apply_alone(tx: &Tx<'_>, work: &Work, surroundings: &mut Surroundings<'_>) -> Applied {
    let applied = tx.nested(|tx| apply(tx, work, surroundings));
    if applied.is_err() {
        surroundings.memory.forget();
    }
    match applied {
        Err(NotApplied::Store(error)) if concerns_all(&error) => Err(error),
        Err(NotApplied::Store(error)) => {
            tracing::error!(%error, "a batch could not be applied; the others of its group are");
            Ok(Err(NotApplied::Store(error)))
        }
        applied => Ok(applied),
    }
}

fn apply(
    tx: &Tx<'_>,
    work: &Work,
    surroundings: &mut Surroundings<'_>,
) -> Result<Settled, NotApplied> {
    let organisation = surroundings
        .organisations
        .get(tx, work.caller().organisation)?;
    let remembered = surroundings.memory.of(organisation);
    let incarnation = surroundings.incarnation;
    let settled = match work {
        Work::Batch(batch) => settle(tx, batch, organisation, remembered, incarnation)?,
        Work::Here(here) => match here.batch(tx, organisation, remembered)? {
            Some(batch) => settle(tx, &batch, organisation, remembered, incarnation)?,
            None => None,
        },
    };
    settled.ok_or(NotApplied::Revoked)
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
