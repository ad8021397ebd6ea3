//! When to sync next without being asked: at once when something waits, after a wait when something
//! is in the way, and otherwise not at all. Idle costs no wake-up.

use std::time::Duration;

use super::{Backoff, Pace, SyncOutcome};

/// How long to rest before the next sync.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Rest {
    /// Until somebody records, or says that something changed.
    UntilWoken,
    /// This long, or until somebody says that something changed.
    For {
        wait: Duration,
        /// The server asked for it: nothing cuts it short.
        asked: bool,
    },
}

/// What may end a rest early.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Wake {
    /// Something was recorded.
    Saved,
    /// The network is back, the app is in front, or the person asked.
    Prompted,
}

/// Decides on rests.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Keeper {
    pace: Pace,
    backoff: Backoff,
}

impl Keeper {
    pub(crate) const fn new(pace: Pace) -> Self {
        Self {
            pace,
            backoff: Backoff::new(),
        }
    }

    /// How long to rest after a sync that ended like this. `dice` is uniform over all values.
    pub(crate) fn after(&mut self, outcome: &SyncOutcome, dice: u64) -> Rest {
        match outcome {
            SyncOutcome::Done { report } if report.waiting == 0 => {
                self.backoff.succeeded();
                Rest::UntilWoken
            }
            SyncOutcome::Done { .. } | SyncOutcome::AlreadyRunning => self.wait(dice, None),
            SyncOutcome::Offline { retry_after, .. } => self.wait(dice, *retry_after),
            // Only a person can change that.
            SyncOutcome::SignInNeeded { .. } | SyncOutcome::AppTooOld => Rest::UntilWoken,
            SyncOutcome::Cancelled { .. } | SyncOutcome::DeadlineReached { .. } => Rest::UntilWoken,
        }
    }

    /// How long to rest after a sync that trouble on the phone itself ended.
    pub(crate) fn after_error(&mut self, dice: u64) -> Rest {
        self.wait(dice, None)
    }

    fn wait(&mut self, dice: u64, retry_after: Option<Duration>) -> Rest {
        Rest::For {
            wait: self.backoff.failed(self.pace, dice, retry_after),
            asked: retry_after.is_some(),
        }
    }
}

/// Whether this ends a rest early. What is recorded while the network is away waits for its turn.
pub(crate) const fn ends(rest: Rest, wake: Wake) -> bool {
    match (rest, wake) {
        (Rest::UntilWoken, _) => true,
        (Rest::For { asked, .. }, Wake::Prompted) => !asked,
        (Rest::For { .. }, Wake::Saved) => false,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::sync::{Obstacle, SyncReport};

    fn done(waiting: u64) -> SyncOutcome {
        let report = SyncReport {
            waiting,
            ..SyncReport::default()
        };
        SyncOutcome::Done { report }
    }

    fn offline(retry_after: Option<Duration>) -> SyncOutcome {
        SyncOutcome::Offline {
            why: Obstacle::Unreachable,
            retry_after,
            report: SyncReport::default(),
        }
    }

    #[test]
    fn an_empty_queue_rests_until_something_is_recorded() {
        let rest = Keeper::new(Pace::Foreground).after(&done(0), u64::MAX);
        assert_eq!(rest, Rest::UntilWoken);
        assert!(ends(rest, Wake::Saved));
    }

    #[test]
    fn a_record_does_not_cut_a_back_off_short_and_the_network_coming_back_does() {
        let mut keeper = Keeper::new(Pace::Foreground);
        let rest = keeper.after(&offline(None), u64::MAX);
        assert!(matches!(rest, Rest::For { asked: false, .. }));
        assert!(!ends(rest, Wake::Saved));
        assert!(ends(rest, Wake::Prompted));
    }

    #[test]
    fn nothing_cuts_short_what_the_server_asked_for() {
        let mut keeper = Keeper::new(Pace::Foreground);
        let minute = Duration::from_secs(60);
        let rest = keeper.after(&offline(Some(minute)), 0);
        assert_eq!(
            rest,
            Rest::For {
                wait: minute,
                asked: true
            }
        );
        assert!(!ends(rest, Wake::Prompted));
    }

    #[test]
    fn waits_grow_until_a_sync_gets_through() {
        let mut keeper = Keeper::new(Pace::Foreground);
        let mut wait = || match keeper.after(&offline(None), u64::MAX) {
            Rest::For { wait, .. } => wait.as_secs_f64().round(),
            Rest::UntilWoken => panic!("a wait"),
        };
        assert_eq!([wait(), wait(), wait()], [1.0, 2.0, 4.0]);
        keeper.after(&done(0), 0);
        let rest = keeper.after(&offline(None), u64::MAX);
        assert!(matches!(rest, Rest::For { wait, .. } if wait <= Duration::from_secs(1)));
    }

    #[test]
    fn what_only_a_person_can_change_is_not_tried_again() {
        let mut keeper = Keeper::new(Pace::Background);
        for outcome in [
            SyncOutcome::AppTooOld,
            SyncOutcome::SignInNeeded { revoked: false },
        ] {
            assert_eq!(keeper.after(&outcome, 0), Rest::UntilWoken);
        }
    }
}
