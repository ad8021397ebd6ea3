//! The group committer: batches of many phones share one commit, and each is answered after it.
//!
//! While one group is written the next one gathers. A phone that is alone is not made to wait;
//! where there is company, the group waits for as many as came last time, at most 5 ms. Inside a
//! group every batch stands alone. Since hardly any fails, a group is first applied as one; only
//! when one of it fails is it applied again with every batch undone alone.

use std::sync::Arc;
use std::time::Duration;

use kokoni_model::ids::IncarnationId;
use kokoni_model::wire::problem::ProblemCode;
use tokio::sync::{mpsc, oneshot};
use tokio::time::{Instant, timeout_at};

use super::apply::{Settled, settle};
use super::batch::Batch;
use super::floors;
use super::here::Here;
use crate::auth::Caller;
use crate::config::Grouping;
use crate::metrics::Metrics;
use crate::organisation::Organisations;
use crate::params;
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
        let Committed { results, hints } = commit(&store, work).await;
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

/// What became of a group.
struct Committed {
    results: Vec<Result<Settled, NotApplied>>,
    /// The floors that look different now.
    hints: Vec<FloorHint>,
}

/// Writes a group in one transaction.
async fn commit(store: &Store, work: Vec<Work>) -> Committed {
    let size = work.len();
    let work: Arc<[Work]> = work.into();
    let none = |error| Committed {
        results: vec![Err(NotApplied::Store(error)); size],
        hints: Vec::new(),
    };
    match write(store, &work, apply_with_others).await {
        Ok(committed) => committed,
        Err(error) if concerns_all(&error) => none(error),
        Err(_) => write(store, &work, apply_alone).await.unwrap_or_else(none),
    }
}

type Applied = Result<Result<Settled, NotApplied>, StoreError>;

async fn write(
    store: &Store,
    work: &Arc<[Work]>,
    apply: fn(&Tx<'_>, &Work, &mut Organisations, IncarnationId) -> Applied,
) -> Result<Committed, StoreError> {
    let (work, incarnation) = (Arc::clone(work), store.incarnation());
    store
        .write(move |tx| {
            let mut organisations = Organisations::default();
            let results = work
                .iter()
                .map(|work| apply(tx, work, &mut organisations, incarnation))
                .collect::<Result<Vec<_>, StoreError>>()?;
            let settled = results.iter().flatten();
            let hints = floors::tell(tx, settled.map(|settled| &settled.changed))?;
            Ok(Committed { results, hints })
        })
        .await
}

/// Applies one batch. Any error of the store is one of the whole group.
fn apply_with_others(
    tx: &Tx<'_>,
    work: &Work,
    organisations: &mut Organisations,
    incarnation: IncarnationId,
) -> Applied {
    match apply(tx, work, organisations, incarnation) {
        Err(NotApplied::Store(error)) => Err(error),
        applied => Ok(applied),
    }
}

/// Applies one batch so that it is undone alone. The outer error is one that concerns the whole
/// group.
fn apply_alone(
    tx: &Tx<'_>,
    work: &Work,
    organisations: &mut Organisations,
    incarnation: IncarnationId,
) -> Applied {
    match tx.nested(|tx| apply(tx, work, organisations, incarnation)) {
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
    organisations: &mut Organisations,
    incarnation: IncarnationId,
) -> Result<Settled, NotApplied> {
    let caller = work.caller();
    let organisation = organisations.get(tx, caller.organisation)?;
    if is_revoked(tx, caller)? {
        return Err(NotApplied::Revoked);
    }
    Ok(match work {
        Work::Batch(batch) => settle(tx, batch, organisation, incarnation)?,
        Work::Here(here) => {
            let batch = here.batch(tx, organisation)?;
            settle(tx, &batch, organisation, incarnation)?
        }
    })
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
