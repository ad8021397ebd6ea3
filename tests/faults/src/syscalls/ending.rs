//! The end of the process at a chosen call.

use std::collections::BTreeMap;
use std::path::Path;
use std::sync::{Mutex, PoisonError};

use super::{Answer, Kind, Watcher};

/// Counts calls and ends the process at one of them. Syncs are pretended: the end of a process, not
/// of the power, needs none.
#[derive(Debug)]
pub struct Ending {
    at: u64,
    midway: bool,
    seen: Mutex<BTreeMap<Kind, u64>>,
}

impl Ending {
    /// Ends the process before the `at`-th call, or in the middle of it. 0 is never.
    pub fn new(at: u64, midway: bool) -> Self {
        Self {
            at,
            midway,
            seen: Mutex::default(),
        }
    }

    /// How many calls of each kind there were.
    pub fn seen(&self) -> BTreeMap<Kind, u64> {
        let seen = self.seen.lock().unwrap_or_else(PoisonError::into_inner);
        seen.clone()
    }
}

impl Watcher for Ending {
    fn judge(&self, kind: Kind, _: &Path) -> Answer {
        let mut seen = self.seen.lock().unwrap_or_else(PoisonError::into_inner);
        *seen.entry(kind).or_default() += 1;
        if seen.values().sum::<u64>() != self.at {
            return if kind == Kind::Sync {
                Answer::Pretends
            } else {
                Answer::GoesOn
            };
        }
        if self.midway {
            Answer::EndsMidway
        } else {
            Answer::Ends
        }
    }
}
