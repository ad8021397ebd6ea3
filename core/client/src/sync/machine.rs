//! One sync as a state machine: facts go in, the next action comes out. It does nothing itself and
//! knows no clock, so that a test can drive a phone and a server on a virtual clock with every kind
//! of loss.
//!
//! A sync sends the queue in batches, one round trip at a time; then asks for the person's state,
//! the directory and the catalogue. A 401 asks for new tokens once for each request. A batch that
//! the server refuses as a whole is halved until the one event that it minds stands alone; that one
//! joins the rejected list, and the rest goes through. An event that the server cannot decide now
//! goes on waiting, and what follows it in its queue waits with it, so that the order is kept.

use kokoni_model::limits::BATCH_MAX_EVENTS;
use kokoni_model::wire::problem::ProblemCode;

use super::answer::Failure;
use super::{Obstacle, SyncOutcome, SyncReport};
use crate::options::Stop;
use crate::store::queue::{Position, Settled};

/// How much of the server's knowledge to ask for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Scope {
    /// The queue, the person's state, the directory and the catalogue.
    Everything,
    /// The queue only.
    Queue,
}

/// What happened.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Fact {
    /// The sync begins.
    Begun,
    /// The next batch was taken from the queue; `None` when nothing waits there.
    Loaded(Option<Loaded>),
    /// A batch was answered, and the answers are committed.
    Settled {
        settled: Settled,
        undecided: u64,
        me_told: bool,
    },
    /// One event that the server refuses was moved to the rejected ones.
    Refused,
    /// The person's state was asked for, answered, and committed.
    MeKept,
    /// A part of the directory was answered, and committed.
    DirectoryKept { changed: bool, more: bool },
    /// The catalogue was answered, verified, and committed.
    CatalogueKept { changed: bool },
    /// The tokens are new.
    Refreshed,
    /// No new tokens were to be had.
    RefreshFailed(Failure),
    /// The last request brought nothing.
    Failed(Failure),
    /// The call ends.
    Stopped(Stop),
}

/// A batch taken from the queue; without events it only tells of lost ones.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Loaded {
    pub(crate) queue: i64,
    pub(crate) count: usize,
    /// The number of its last event.
    pub(crate) last: Option<u64>,
}

/// What to do next.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Action {
    /// Take the next batch from the queue.
    Load {
        after: Option<Position>,
        max_events: usize,
    },
    /// Send the batch that was taken, and commit the answers.
    Send,
    /// Move the one event of the batch to the rejected ones.
    Refuse { status: u16 },
    /// Ask for the person's state.
    GetMe,
    /// Ask for the directory's next part.
    GetDirectory,
    /// Ask for the catalogue.
    GetCatalogue,
    /// Buy new tokens.
    Refresh,
    /// It is over.
    Finish(SyncOutcome),
}

/// What was asked last, to be asked again with new tokens.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Asked {
    Nothing,
    Batch,
    Me,
    Directory,
    Catalogue,
}

/// The state of one sync.
#[derive(Clone, Debug)]
pub(crate) struct SyncMachine {
    scope: Scope,
    report: SyncReport,
    asked: Asked,
    after: Option<Position>,
    batch: Option<Loaded>,
    max_events: usize,
    /// Whether the tokens were renewed for the request that is under way.
    refreshed: bool,
    /// Whether a batch's reply told of the person's state.
    me_known: bool,
    /// How often the queue was begun again because the server had lost events.
    begun_again: u32,
}

/// A server that loses events each time it is asked is not chased for ever.
const BEGUN_AGAIN_MAX: u32 = 3;

impl SyncMachine {
    pub(crate) fn new(scope: Scope) -> Self {
        Self {
            scope,
            report: SyncReport::default(),
            asked: Asked::Nothing,
            after: None,
            batch: None,
            max_events: BATCH_MAX_EVENTS,
            refreshed: false,
            me_known: false,
            begun_again: 0,
        }
    }

    /// Takes a fact, gives the next action.
    pub(crate) fn next(&mut self, fact: Fact) -> Action {
        match fact {
            Fact::Begun => self.load(),
            Fact::Loaded(Some(batch)) => {
                self.batch = Some(batch);
                self.ask(Asked::Batch)
            }
            Fact::Loaded(None) => self.after_queue(),
            Fact::Settled {
                settled,
                undecided,
                me_told,
            } => {
                self.me_known = me_told;
                self.settled(settled, undecided)
            }
            Fact::Refused => {
                self.report.sent += 1;
                self.report.rejected += 1;
                self.batch_done()
            }
            Fact::MeKept => self.ask(Asked::Directory),
            Fact::DirectoryKept { changed, more } => {
                self.report.directory_changed |= changed;
                self.ask(if more {
                    Asked::Directory
                } else {
                    Asked::Catalogue
                })
            }
            Fact::CatalogueKept { changed } => {
                self.report.catalogue_changed |= changed;
                self.done()
            }
            Fact::Refreshed => {
                self.refreshed = true;
                self.action()
            }
            Fact::RefreshFailed(failure) => self.refresh_failed(failure),
            Fact::Failed(failure) => self.failed(failure),
            Fact::Stopped(stop) => self.stopped(stop),
        }
    }

    fn load(&self) -> Action {
        Action::Load {
            after: self.after,
            max_events: self.max_events,
        }
    }

    fn ask(&mut self, asked: Asked) -> Action {
        self.asked = asked;
        self.refreshed = false;
        self.action()
    }

    fn action(&self) -> Action {
        match self.asked {
            Asked::Nothing => self.load(),
            Asked::Batch => Action::Send,
            Asked::Me => Action::GetMe,
            Asked::Directory => Action::GetDirectory,
            Asked::Catalogue => Action::GetCatalogue,
        }
    }

    fn settled(&mut self, settled: Settled, undecided: u64) -> Action {
        let count = self.batch.map_or(0, |batch| batch.count as u64);
        self.report.sent += count;
        self.report.applied += settled.applied;
        self.report.duplicate += settled.duplicate;
        self.report.rejected += settled.rejected;
        self.report.sent_again += settled.sent_again;
        if undecided > 0 {
            // What follows in this queue would overtake it; the next sync sends it in order.
            self.skip_queue();
        }
        if settled.sent_again > 0 && self.begun_again < BEGUN_AGAIN_MAX {
            self.begun_again += 1;
            self.after = None;
            self.batch = None;
            return self.load();
        }
        self.batch_done()
    }

    fn batch_done(&mut self) -> Action {
        if let Some(Loaded { queue, last, .. }) = self.batch.take()
            && let Some(seq) = last
        {
            self.after = Some(Position { queue, seq });
        }
        self.max_events = (self.max_events * 2).min(BATCH_MAX_EVENTS);
        self.load()
    }

    fn skip_queue(&mut self) {
        if let Some(batch) = &mut self.batch {
            batch.last = Some(i64::MAX as u64);
        }
    }

    fn after_queue(&mut self) -> Action {
        match self.scope {
            Scope::Queue => self.done(),
            Scope::Everything if self.me_known => self.ask(Asked::Directory),
            Scope::Everything => self.ask(Asked::Me),
        }
    }

    fn failed(&mut self, failure: Failure) -> Action {
        match failure {
            Failure::Unauthorised { revoked: false } if !self.refreshed => Action::Refresh,
            Failure::Unauthorised { revoked } => {
                Action::Finish(SyncOutcome::SignInNeeded { revoked })
            }
            Failure::TooOld => Action::Finish(SyncOutcome::AppTooOld),
            Failure::Refused { status, code } => self.refused(status, code),
            Failure::Between { why, retry_after } => Action::Finish(SyncOutcome::Offline {
                why,
                retry_after,
                report: self.report,
            }),
            Failure::Stopped(stop) => self.stopped(stop),
        }
    }

    /// What is said of the request for tokens is said of no event.
    fn refresh_failed(&mut self, failure: Failure) -> Action {
        match failure {
            Failure::Unauthorised { revoked } => {
                Action::Finish(SyncOutcome::SignInNeeded { revoked })
            }
            Failure::Refused { .. } => self.not_understood(),
            other => self.failed(other),
        }
    }

    fn not_understood(&self) -> Action {
        Action::Finish(SyncOutcome::Offline {
            why: Obstacle::NotUnderstood,
            retry_after: None,
            report: self.report,
        })
    }

    fn refused(&mut self, status: u16, code: Option<ProblemCode>) -> Action {
        // Only what says that the body is at fault may cost an event its place in the queue.
        let body_at_fault = matches!(
            code,
            Some(
                ProblemCode::MalformedBody
                    | ProblemCode::NotAllowedValue
                    | ProblemCode::BodyTooLarge
            )
        );
        match (self.asked, self.batch) {
            (Asked::Batch, Some(batch)) if body_at_fault && batch.count > 1 => {
                self.max_events = batch.count / 2;
                self.batch = None;
                self.load()
            }
            (Asked::Batch, Some(_)) if body_at_fault => Action::Refuse { status },
            _ => self.not_understood(),
        }
    }

    fn stopped(&self, stop: Stop) -> Action {
        Action::Finish(SyncOutcome::stopped(stop, self.report))
    }

    fn done(&self) -> Action {
        Action::Finish(SyncOutcome::Done {
            report: self.report,
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const UNAUTHORISED: Failure = Failure::Unauthorised { revoked: false };

    fn loaded(count: usize, last: u64) -> Fact {
        Fact::Loaded(Some(Loaded {
            queue: 1,
            count,
            last: Some(last),
        }))
    }

    fn settled(applied: u64, undecided: u64) -> Fact {
        Fact::Settled {
            settled: Settled {
                applied,
                ..Settled::default()
            },
            undecided,
            me_told: true,
        }
    }

    /// A machine that has taken its first batch.
    fn sending(count: usize) -> SyncMachine {
        let mut machine = SyncMachine::new(Scope::Everything);
        assert!(matches!(
            machine.next(Fact::Begun),
            Action::Load { after: None, .. }
        ));
        assert_eq!(machine.next(loaded(count, count as u64)), Action::Send);
        machine
    }

    fn load_after(action: Action) -> (Option<u64>, usize) {
        match action {
            Action::Load { after, max_events } => (after.map(|position| position.seq), max_events),
            other => panic!("{other:?}"),
        }
    }

    #[test]
    fn an_empty_queue_asks_for_the_person_the_directory_and_the_catalogue() {
        let mut machine = SyncMachine::new(Scope::Everything);
        machine.next(Fact::Begun);
        assert_eq!(machine.next(Fact::Loaded(None)), Action::GetMe);
        assert_eq!(machine.next(Fact::MeKept), Action::GetDirectory);
        let part = Fact::DirectoryKept {
            changed: true,
            more: true,
        };
        assert_eq!(machine.next(part), Action::GetDirectory);
        let rest = Fact::DirectoryKept {
            changed: false,
            more: false,
        };
        assert_eq!(machine.next(rest), Action::GetCatalogue);
        let Action::Finish(SyncOutcome::Done { report }) =
            machine.next(Fact::CatalogueKept { changed: false })
        else {
            panic!("done")
        };
        assert!(report.directory_changed);
    }

    #[test]
    fn the_next_batch_begins_after_the_last() {
        let mut machine = sending(500);
        assert_eq!(load_after(machine.next(settled(500, 0))), (Some(500), 500));
        machine.next(loaded(3, 503));
        machine.next(settled(3, 0));
        assert_eq!(
            machine.next(Fact::Loaded(None)),
            Action::GetDirectory,
            "the reply told of me"
        );
    }

    #[test]
    fn each_request_may_buy_new_tokens_once() {
        let mut machine = sending(1);
        assert_eq!(machine.next(Fact::Failed(UNAUTHORISED)), Action::Refresh);
        assert_eq!(machine.next(Fact::Refreshed), Action::Send);
        let over = machine.next(Fact::Failed(UNAUTHORISED));
        assert_eq!(
            over,
            Action::Finish(SyncOutcome::SignInNeeded { revoked: false })
        );
        let mut machine = sending(1);
        machine.next(Fact::Failed(UNAUTHORISED));
        machine.next(Fact::Refreshed);
        machine.next(settled(1, 0));
        machine.next(loaded(1, 2));
        assert_eq!(
            machine.next(Fact::Failed(UNAUTHORISED)),
            Action::Refresh,
            "another request"
        );
    }

    #[test]
    fn a_refused_batch_is_halved_until_the_bad_event_stands_alone() {
        let refused = Fact::Failed(Failure::Refused {
            status: 413,
            code: Some(ProblemCode::BodyTooLarge),
        });
        let mut machine = sending(3);
        assert_eq!(load_after(machine.next(refused.clone())), (None, 1));
        machine.next(loaded(1, 1));
        assert_eq!(machine.next(refused), Action::Refuse { status: 413 });
        assert_eq!(load_after(machine.next(Fact::Refused)), (Some(1), 2));
    }

    #[test]
    fn what_does_not_blame_the_body_costs_no_event_its_place() {
        let mut machine = sending(1);
        let failure = Failure::Refused {
            status: 403,
            code: Some(ProblemCode::NotPermitted),
        };
        let action = machine.next(Fact::Failed(failure));
        assert!(
            matches!(action, Action::Finish(SyncOutcome::Offline { .. })),
            "{action:?}"
        );
    }

    #[test]
    fn a_refused_request_for_tokens_costs_no_event_its_place() {
        for code in [
            ProblemCode::MalformedBody,
            ProblemCode::BodyTooLarge,
            ProblemCode::NotAllowedValue,
        ] {
            for count in [1, 3] {
                let mut machine = sending(count);
                machine.next(Fact::Failed(UNAUTHORISED));
                let (status, code) = (code.status(), Some(code));
                let refused = Failure::Refused { status, code };
                let action = machine.next(Fact::RefreshFailed(refused));
                assert!(
                    matches!(
                        action,
                        Action::Finish(SyncOutcome::Offline {
                            why: Obstacle::NotUnderstood,
                            ..
                        })
                    ),
                    "{action:?}"
                );
            }
        }
    }

    #[test]
    fn an_undecided_event_ends_its_queue_for_this_sync() {
        let mut machine = sending(5);
        let (after, _) = load_after(machine.next(settled(2, 3)));
        assert_eq!(after, Some(i64::MAX as u64));
    }

    #[test]
    fn a_server_that_loses_events_each_time_is_not_chased_for_ever() {
        let lost = || Fact::Settled {
            settled: Settled {
                sent_again: 1,
                ..Settled::default()
            },
            undecided: 0,
            me_told: true,
        };
        let mut machine = sending(1);
        let mut rounds = 0;
        while load_after(machine.next(lost())).0.is_none() {
            machine.next(loaded(1, 1));
            rounds += 1;
            assert!(rounds < 10);
        }
        assert_eq!(rounds, BEGUN_AGAIN_MAX);
    }

    #[test]
    fn a_cancelled_sync_tells_what_it_brought_about() {
        let mut machine = sending(2);
        machine.next(settled(2, 0));
        let Action::Finish(SyncOutcome::Cancelled { report }) =
            machine.next(Fact::Stopped(Stop::Cancelled))
        else {
            panic!("cancelled")
        };
        assert_eq!((report.sent, report.applied), (2, 2));
    }
}
