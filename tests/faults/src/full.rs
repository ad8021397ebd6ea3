//! A disk that fails at a chosen operation: no room, or an error. It works again when it is told to.

use std::sync::{Mutex, MutexGuard, PoisonError};

use rusqlite::ffi;

use crate::vfs::{Disk, Operation, Verdict};

/// What goes wrong.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Trouble {
    /// `ENOSPC`: nothing more fits. What fits of a write is written. It stays so.
    NoRoom,
    /// `EIO`, once.
    OneError,
    /// `EIO`, from then on.
    Broken,
}

impl Trouble {
    /// Each of them.
    pub const ALL: [Self; 3] = [Self::NoRoom, Self::OneError, Self::Broken];

    /// Whether it can befall this operation: a full disk still reads, cuts off and deletes. (That
    /// a sync can find it full is an error like any other to SQLite.)
    fn befalls(self, operation: &Operation<'_>) -> bool {
        let needs_room = matches!(
            operation,
            Operation::Create { .. } | Operation::Write { .. } | Operation::ExtendShared { .. }
        );
        needs_room || self != Self::NoRoom
    }

    fn verdict(self, operation: &Operation<'_>) -> Verdict {
        let code = match operation {
            Operation::Create { .. } => ffi::SQLITE_CANTOPEN,
            Operation::Read { .. } => ffi::SQLITE_IOERR_READ,
            Operation::Truncate { .. } => ffi::SQLITE_IOERR_TRUNCATE,
            Operation::Sync { .. } => ffi::SQLITE_IOERR_FSYNC,
            Operation::Delete { .. } => ffi::SQLITE_IOERR_DELETE,
            Operation::ExtendShared { .. } => ffi::SQLITE_IOERR_SHMSIZE,
            Operation::Write { bytes, .. } if self == Self::NoRoom => {
                return Verdict::Breaks {
                    after: bytes.len() / 2,
                    code: ffi::SQLITE_FULL,
                };
            }
            Operation::Write { bytes, .. } => {
                return Verdict::Breaks {
                    after: bytes.len() / 3,
                    code: ffi::SQLITE_IOERR_WRITE,
                };
            }
        };
        Verdict::Fails(code)
    }
}

#[derive(Debug, Default)]
struct State {
    planned: Option<(Trouble, u64)>,
    /// Operations since it was planned which the trouble can befall.
    seen: u64,
    /// Operations that failed since then.
    failed: u64,
}

/// A disk that fails when it is planned.
#[derive(Debug, Default)]
pub struct FailingDisk(Mutex<State>);

impl FailingDisk {
    fn state(&self) -> MutexGuard<'_, State> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// From now on the `at`-th operation (1 is the next one) which this can befall meets it.
    pub fn plan(&self, trouble: Trouble, at: u64) {
        *self.state() = State {
            planned: Some((trouble, at)),
            ..State::default()
        };
    }

    /// There is room again and no error. Says how many operations failed.
    pub fn mend(&self) -> u64 {
        std::mem::take(&mut *self.state()).failed
    }

    /// How many operations there have been, since the plan, which it could befall.
    pub fn seen(&self) -> u64 {
        self.state().seen
    }
}

impl Disk for FailingDisk {
    fn judge(&self, operation: &Operation<'_>) -> Verdict {
        let mut state = self.state();
        let Some((trouble, at)) = state.planned else {
            return Verdict::Happens;
        };
        if !trouble.befalls(operation) {
            return Verdict::Happens;
        }
        state.seen += 1;
        let met = state.seen == at || state.seen > at && trouble != Trouble::OneError;
        if !met {
            return Verdict::Happens;
        }
        state.failed += 1;
        trouble.verdict(operation)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const WRITE: Operation<'_> = Operation::Write {
        name: "a",
        offset: 0,
        bytes: &[0; 10],
    };
    const SYNC: Operation<'_> = Operation::Sync {
        name: "a",
        folder: false,
    };

    #[test]
    fn a_full_disk_stays_full_until_there_is_room() {
        let disk = FailingDisk::default();
        disk.plan(Trouble::NoRoom, 2);
        let full = Verdict::Breaks {
            after: 5,
            code: ffi::SQLITE_FULL,
        };
        let judged: Vec<_> = [WRITE, SYNC, WRITE, SYNC, WRITE]
            .iter()
            .map(|operation| disk.judge(operation))
            .collect();
        let happens = Verdict::Happens;
        assert_eq!(judged, [happens, happens, full, happens, full]);
        assert_eq!(disk.mend(), 2);
        assert_eq!(disk.judge(&WRITE), happens);
    }

    #[test]
    fn one_error_is_one() {
        let disk = FailingDisk::default();
        disk.plan(Trouble::OneError, 2);
        let judged: Vec<_> = [WRITE, SYNC, SYNC].map(|it| disk.judge(&it)).into();
        let failed = Verdict::Fails(ffi::SQLITE_IOERR_FSYNC);
        assert_eq!(judged, [Verdict::Happens, failed, Verdict::Happens]);
    }
}
