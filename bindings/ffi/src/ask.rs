//! Asking the server: where people are, who sits on a floor; and the sync.

use std::time::Duration;

use kokoni_client::show;

use crate::error::{InputProblem, KokoniError, input};
use crate::kokoni::Kokoni;
use crate::limits::{CallLimits, limited};
use crate::records::{FloorView, PersonLine, all};
use crate::times::count;

/// How a sync ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq, uniffi::Enum)]
pub enum SyncEnd {
    /// Everything was asked and answered.
    Done,
    /// Something lies between; what waits goes on waiting.
    Offline,
    /// The device must be enrolled again; what waits goes on waiting.
    SignInNeeded,
    /// Another call is syncing.
    AlreadyRunning,
    /// The server no longer answers this version.
    AppTooOld,
    /// It was cancelled; what was answered before is kept.
    Cancelled,
    /// Its deadline came; what was answered before is kept.
    DeadlineReached,
}

/// What a sync brought about.
#[derive(Clone, Debug, PartialEq, Eq, uniffi::Record)]
pub struct SyncOutcome {
    /// How it ended.
    pub end: SyncEnd,
    /// Records sent.
    pub sent: i32,
    /// Records that count from now on.
    pub applied: i32,
    /// Records that were refused.
    pub rejected: i32,
    /// Records that still wait.
    pub waiting: i32,
    /// How long the server asks to be left alone.
    pub retry_after: Option<Duration>,
    /// All of it in words.
    pub text: String,
}

#[uniffi::export]
impl Kokoni {
    /// Colleagues who fit, and where they are.
    pub fn people_now(
        &self,
        query: String,
        limits: CallLimits,
    ) -> Result<Vec<PersonLine>, KokoniError> {
        limited(
            &limits,
            |_| false,
            |options| {
                let language = self.core.language();
                let found = self
                    .core
                    .engine
                    .people_now_lines(&query, language, options)?;
                Ok(all(found))
            },
        )
    }

    /// Who sits where on a floor.
    pub fn floor_now(&self, floor: String, limits: CallLimits) -> Result<FloorView, KokoniError> {
        limited(
            &limits,
            |_| false,
            |options| {
                let unknown = || input(InputProblem::Floor);
                let floor = floor.parse().map_err(|_| unknown())?;
                let language = self.core.language();
                let view = self.core.engine.floor_view(floor, language, options)?;
                Ok(view.ok_or_else(unknown)?.into())
            },
        )
    }

    /// Sends what waits and fetches what is new. That the network is away is an outcome, not an
    /// error.
    pub fn sync(&self, limits: CallLimits) -> Result<SyncOutcome, KokoniError> {
        let was_cancelled = |outcome: &SyncOutcome| outcome.end == SyncEnd::Cancelled;
        limited(&limits, was_cancelled, |options| {
            let outcome = self.core.engine.sync(options)?;
            Ok(shown(&outcome, self.core.language()))
        })
    }
}

fn shown(outcome: &kokoni_client::SyncOutcome, language: show::Language) -> SyncOutcome {
    use kokoni_client::SyncOutcome as Inside;
    let report = outcome.report();
    let (end, retry_after) = match outcome {
        Inside::Done { .. } => (SyncEnd::Done, None),
        Inside::Offline { retry_after, .. } => (SyncEnd::Offline, *retry_after),
        Inside::SignInNeeded { .. } => (SyncEnd::SignInNeeded, None),
        Inside::AlreadyRunning => (SyncEnd::AlreadyRunning, None),
        Inside::AppTooOld => (SyncEnd::AppTooOld, None),
        Inside::Cancelled { .. } => (SyncEnd::Cancelled, None),
        Inside::DeadlineReached { .. } => (SyncEnd::DeadlineReached, None),
    };
    SyncOutcome {
        end,
        sent: count(report.sent),
        applied: count(report.applied),
        rejected: count(report.rejected),
        waiting: count(report.waiting),
        retry_after,
        text: language.pick(show::outcome_words(outcome)),
    }
}
