//! What one phone was told of its events, kept by a rule that shares no code with the server: each
//! is answered for once, after everything before it, and never otherwise afterwards.

use kokoni_model::wire::events::{Outcome, RejectReason};

/// What became of an event, for ever.
#[derive(Clone, Debug, PartialEq)]
pub(crate) enum Told {
    Applied,
    Rejected(RejectReason),
}

/// What an answer said.
#[derive(Clone, Debug, PartialEq)]
pub(crate) enum Heard {
    /// Nothing yet: something before it is missing.
    Wait,
    /// What was said before.
    Again,
    /// This, for the first time.
    First(Told),
}

/// What was told so far of the events of one queue, the first one first.
#[derive(Clone, Debug, Default)]
pub(crate) struct Ledger(Vec<Told>);

impl Ledger {
    /// How many were answered for.
    pub(crate) fn through(&self) -> u64 {
        self.0.len() as u64
    }

    /// Takes an answer in; those of one reply in the order of their numbers.
    ///
    /// # Panics
    /// When it contradicts what was said before, or comes before its turn.
    pub(crate) fn hear(&mut self, seq: u64, outcome: &Outcome) -> Heard {
        let before = self.0.get(seq as usize - 1);
        let told = match (outcome, before) {
            (Outcome::Retry, None) => return Heard::Wait,
            (Outcome::Duplicate, Some(Told::Applied)) => return Heard::Again,
            (Outcome::Rejected(rejection), Some(Told::Rejected(reason))) => {
                assert_eq!(&rejection.reason, reason, "a rejection stays what it was");
                return Heard::Again;
            }
            (Outcome::Applied, None) => Told::Applied,
            (Outcome::Rejected(rejection), None) => Told::Rejected(rejection.reason.clone()),
            (outcome, before) => panic!("{seq}: {outcome:?} after {before:?}"),
        };
        assert_eq!(
            seq,
            self.through() + 1,
            "{seq} was answered for before what precedes it"
        );
        self.0.push(told.clone());
        Heard::First(told)
    }
}
