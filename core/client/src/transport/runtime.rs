//! The one tokio runtime of the process, on threads of its own. Callers never enter it: they hand
//! it a future and wait on a channel, which is allowed anywhere, inside another runtime too.

use std::future::Future;
use std::sync::OnceLock;
use std::sync::mpsc;

use tokio::runtime::{Builder, Runtime};

/// Two threads: every engine of the process shares them, and each has one exchange in flight.
const THREADS: usize = 2;

/// Runs a future on the network's threads and waits for it. `None` when there is no runtime (the
/// system gives no threads) or the future panicked.
pub(super) fn wait_for<T: Send + 'static>(
    future: impl Future<Output = T> + Send + 'static,
) -> Option<T> {
    static RUNTIME: OnceLock<Option<Runtime>> = OnceLock::new();
    let runtime = RUNTIME
        .get_or_init(|| {
            Builder::new_multi_thread()
                .worker_threads(THREADS)
                .thread_name("kokoni-net")
                .enable_io()
                .enable_time()
                .build()
                .ok()
        })
        .as_ref()?;
    let (sender, receiver) = mpsc::sync_channel(1);
    runtime.spawn(async move {
        // The caller waits; it can only be gone when its thread is.
        let _ = sender.send(future.await);
    });
    receiver.recv().ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn it_can_be_waited_for_inside_another_runtime() {
        let own = Builder::new_current_thread().build().expect("a runtime");
        assert_eq!(own.block_on(async { wait_for(async { 7 }) }), Some(7));
    }

    #[test]
    fn a_panicking_future_does_not_leave_its_caller_waiting() {
        let nothing = wait_for(async { std::hint::black_box(None::<u8>).expect("nothing") });
        assert_eq!(nothing, None);
    }
}
