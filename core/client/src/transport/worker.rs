//! A thread for each exchange. The caller waits on a channel, which is allowed anywhere, inside
//! another runtime too, and stops waiting at its deadline or when it is cancelled, whatever the
//! thread is doing: a search for a name, for one, cannot be interrupted.

use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::mpsc::{self, RecvTimeoutError};
use std::thread;
use std::time::Duration;

use crate::options::Cancel;

/// Why there is no result.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum NoResult {
    Cancelled,
    TimedOut,
    /// The system gives no thread, or the work panicked.
    Failed,
}

enum News<T> {
    Done(T),
    Cancelled,
    Panicked,
}

/// Does `work` on a thread of its own and waits for it, at most `within`, or until cancelled. The
/// thread ends with its work.
pub(super) fn wait_for<T: Send + 'static>(
    within: Duration,
    cancel: &Cancel,
    work: impl FnOnce() -> T + Send + 'static,
) -> Result<T, NoResult> {
    let (tell, told) = mpsc::channel();
    let tell_cancelled = tell.clone();
    let _watch = cancel.when_cancelled(move || drop(tell_cancelled.send(News::Cancelled)));
    if cancel.is_cancelled() {
        return Err(NoResult::Cancelled);
    }
    let run = move || {
        let news = catch_unwind(AssertUnwindSafe(work)).map_or(News::Panicked, News::Done);
        // Whoever waited may be gone.
        let _ = tell.send(news);
    };
    let thread = thread::Builder::new().name("kokoni-net".into());
    thread.spawn(run).map_err(|_| NoResult::Failed)?;
    match told.recv_timeout(within) {
        Ok(News::Done(result)) => Ok(result),
        Ok(News::Cancelled) => Err(NoResult::Cancelled),
        Err(RecvTimeoutError::Timeout) => Err(NoResult::TimedOut),
        Ok(News::Panicked) | Err(RecvTimeoutError::Disconnected) => Err(NoResult::Failed),
    }
}

#[cfg(test)]
mod tests {
    use std::time::Instant;

    use super::*;

    const LONG: Duration = Duration::from_secs(60);

    #[test]
    fn panicking_work_does_not_leave_its_caller_waiting() {
        let nothing = wait_for(LONG, &Cancel::new(), || {
            std::hint::black_box(None::<u8>).expect("nothing")
        });
        assert_eq!(nothing, Err(NoResult::Failed));
    }

    #[test]
    fn nobody_waits_longer_than_until_the_deadline_or_a_cancel() {
        let began = Instant::now();
        let slow = || thread::sleep(Duration::from_secs(5));
        let late = wait_for(Duration::from_millis(20), &Cancel::new(), slow);
        assert_eq!(late, Err(NoResult::TimedOut));

        let cancel = Cancel::new();
        let other = cancel.clone();
        let canceller = thread::spawn(move || {
            thread::sleep(Duration::from_millis(20));
            other.cancel();
        });
        assert_eq!(wait_for(LONG, &cancel, slow), Err(NoResult::Cancelled));
        canceller.join().expect("cancelled");
        assert_eq!(wait_for(LONG, &cancel, slow), Err(NoResult::Cancelled));
        assert!(began.elapsed() < Duration::from_secs(4));
    }
}
