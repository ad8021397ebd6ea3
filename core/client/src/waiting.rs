//! Waiting on the phone itself: for another process's transaction, for a lock, for a long look at the
//! database. Whoever waits there asks whether the call that is under way on its thread is to end.
//!
//! The callers of SQLite's handlers and of the locks stand far below the calls that have a deadline;
//! the thread is what they share, because the caller's own thread does all of that work.

use std::cell::RefCell;
use std::fs::{File, TryLockError};
use std::io;
use std::time::Duration;

use crate::error::StoreError;
use crate::options::{Call, Stop};

thread_local! {
    static UNDER_WAY: RefCell<Vec<Call>> = const { RefCell::new(Vec::new()) };
}

/// How long the first pauses are; later ones are as long as the last. SQLite's own.
const PAUSES_MS: [u64; 12] = [1, 2, 5, 10, 15, 20, 25, 25, 25, 50, 50, 100];

/// The limits of a call hold on this thread until this is dropped.
#[must_use = "the limits hold only as long as this lives"]
pub(crate) struct Limited(());

impl Drop for Limited {
    fn drop(&mut self) {
        UNDER_WAY.with_borrow_mut(Vec::pop);
    }
}

/// Makes the limits of a call hold on this thread, beside those that hold already.
pub(crate) fn limit(call: &Call) -> Limited {
    UNDER_WAY.with_borrow_mut(|calls| calls.push(call.clone()));
    Limited(())
}

/// Does what must not be cut off half way: no limits hold meanwhile.
pub(crate) fn to_the_end<T>(work: impl FnOnce() -> T) -> T {
    struct Back(Vec<Call>);
    impl Drop for Back {
        fn drop(&mut self) {
            UNDER_WAY.set(std::mem::take(&mut self.0));
        }
    }
    let _back = Back(UNDER_WAY.take());
    work()
}

/// Whether limits hold on this thread.
pub(crate) fn is_limited() -> bool {
    UNDER_WAY.with_borrow(|calls| !calls.is_empty())
}

/// Whether a call that is under way on this thread is to end, and why.
pub(crate) fn stop() -> Option<Stop> {
    UNDER_WAY.with_borrow(|calls| calls.iter().find_map(Call::stop))
}

/// Refuses to go on with what takes long and can be taken up again, when the call is to end.
pub(crate) fn go_on() -> Result<(), StoreError> {
    stop().map_or(Ok(()), |stop| Err(StoreError::Stopped(stop)))
}

/// Waits a little after so many pauses. `false`: all of them took `within`, or the call is to end.
pub(crate) fn pause(pauses: usize, within: Duration) -> bool {
    let last = PAUSES_MS.len() - 1;
    let usual: u64 = PAUSES_MS[..pauses.min(last)].iter().sum();
    let more = PAUSES_MS[last] * pauses.saturating_sub(last) as u64;
    if Duration::from_millis(usual + more) >= within || stop().is_some() {
        return false;
    }
    std::thread::sleep(Duration::from_millis(PAUSES_MS[pauses.min(last)]));
    true
}

/// Takes a file's lock alone, unless the call is to end before.
pub(crate) fn lock(file: &File) -> Result<(), StoreError> {
    if !is_limited() {
        return Ok(file.lock()?);
    }
    while lock_within(file, Duration::MAX)?.is_none() {
        go_on()?;
    }
    Ok(())
}

/// The same, for so long. `None`: it was not to be had.
pub(crate) fn lock_within(file: &File, within: Duration) -> io::Result<Option<()>> {
    for pauses in 0.. {
        match file.try_lock() {
            Ok(()) => return Ok(Some(())),
            Err(TryLockError::Error(error)) => return Err(error),
            Err(TryLockError::WouldBlock) => {}
        }
        if !pause(pauses, within) {
            break;
        }
    }
    Ok(None)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::options::CallOptions;

    fn call(deadline: Option<Duration>) -> (Call, CallOptions) {
        let options = CallOptions {
            deadline,
            ..CallOptions::default()
        };
        (Call::begin(&options), options)
    }

    #[test]
    fn limits_hold_where_they_were_set_and_end_with_their_call() {
        assert_eq!(stop(), None);
        let (outer, options) = call(None);
        let _outer = limit(&outer);
        {
            let _inner = limit(&call(Some(Duration::ZERO)).0);
            assert_eq!(stop(), Some(Stop::Deadline));
            assert_eq!(to_the_end(stop), None);
            assert_eq!(stop(), Some(Stop::Deadline), "they are back");
            assert_eq!(std::thread::spawn(stop).join().expect("asked"), None);
        }
        assert_eq!(stop(), None);
        options.cancel.cancel();
        assert_eq!(stop(), Some(Stop::Cancelled));
    }

    #[test]
    fn limits_are_back_after_a_panic_in_what_must_not_be_cut_off() {
        let _limited = limit(&call(Some(Duration::ZERO)).0);
        let panicked = std::panic::catch_unwind(|| {
            to_the_end(|| std::hint::black_box(None::<()>).expect("a fault"));
        });
        assert!(panicked.is_err());
        assert_eq!(stop(), Some(Stop::Deadline));
    }

    #[test]
    fn pauses_end_when_they_took_long_enough_or_the_call_is_to_end() {
        let within = Duration::from_millis(18);
        let pauses = (0..).take_while(|&pauses| pause(pauses, within)).count();
        assert_eq!(pauses, 4, "1 + 2 + 5 + 10 ms");
        let (ended, options) = call(None);
        let _limited = limit(&ended);
        options.cancel.cancel();
        assert!(!pause(0, within));
    }

    #[test]
    fn a_lock_that_somebody_else_holds_is_not_waited_for_for_ever() {
        let folder = tempfile::tempdir().expect("a folder");
        let open = || File::create(folder.path().join("lock")).expect("opened");
        let (held, wanted) = (open(), open());
        held.lock().expect("free");
        let tried = |within| lock_within(&wanted, within).expect("tried");
        assert_eq!(tried(Duration::from_millis(5)), None);
        held.unlock().expect("let go");
        assert_eq!(tried(Duration::ZERO), Some(()));
    }
}
