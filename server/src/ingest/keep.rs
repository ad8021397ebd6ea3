//! Where a group goes: into one transaction, or, where only the way there is measured, nowhere.
//! Inside a group every batch stands alone. Since hardly any fails, a group is first applied as one;
//! only when one of it fails is it applied again with every batch undone alone.

use std::sync::{Arc, Mutex, PoisonError};

use kokoni_model::ids::IncarnationId;

use super::apply::{Settled, settle};
use super::floors;
use super::group::{Answer, NotApplied, Work};
use super::memory::Memory;
use super::nothing;
use crate::config::Keeping;
use crate::organisation::Organisations;
use crate::presence::feed::FloorHint;
use crate::store::{Store, StoreError, Tx};

/// What became of a group.
pub(super) struct Committed {
    /// The answer to each.
    pub(super) results: Vec<Answer>,
    /// The floors that look different now.
    pub(super) hints: Vec<FloorHint>,
}

/// Where groups go.
pub(super) struct Kept {
    store: Store,
    memory: Arc<Mutex<Memory>>,
    keeping: Keeping,
}

type Applied = Result<Answer, StoreError>;

impl Kept {
    /// In this store.
    pub(super) fn new(store: Store, keeping: Keeping) -> Self {
        Self {
            store,
            memory: Arc::default(),
            keeping,
        }
    }

    /// Writes a group in one transaction.
    pub(super) async fn commit(&self, work: Vec<Work>) -> Committed {
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
