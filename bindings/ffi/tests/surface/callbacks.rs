//! What the shell gives, and how little harm it can do.

use std::sync::atomic::{AtomicU32, Ordering};
use std::sync::{Arc, Mutex, OnceLock, mpsc};

use kokoni_ffi::{
    CallbackError, Kokoni, KokoniError, Observer, ObserverHandle, SecretError, SecretStore, Topic,
};

use crate::shell::{Counting, Manner, MemorySecrets, SOON, limits, open, wait_until};

fn phone() -> (tempfile::TempDir, Arc<MemorySecrets>, Arc<Kokoni>) {
    let folder = tempfile::tempdir().expect("a folder");
    let secrets = Arc::default();
    let kokoni = open(folder.path(), &secrets).expect("opens");
    (folder, secrets, kokoni)
}

/// Wiping is a change that needs neither a server nor an enrolment.
fn change_something(kokoni: &Kokoni) {
    kokoni.sign_out_and_wipe(limits()).expect("wiped");
}

#[test]
fn an_observer_that_panics_is_told_of_the_next_change_too() {
    let (_folder, _secrets, kokoni) = phone();
    let observer = Counting::new(Manner::Throws, &kokoni);
    let _handle = kokoni.observe(observer.clone());
    change_something(&kokoni);
    observer.wait_for(2);
    change_something(&kokoni);
    observer.wait_for(4);
}

#[test]
fn a_slow_observer_slows_nobody_and_hears_each_topic_once() {
    let (_folder, _secrets, kokoni) = phone();
    let observer = Counting::new(Manner::Slow, &kokoni);
    let _handle = kokoni.observe(observer.clone());
    (0..50).for_each(|_| change_something(&kokoni));
    observer.wait_for(2);
    assert!(observer.heard.load(Ordering::SeqCst) < 50);
}

#[test]
fn nothing_is_heard_after_stopping_and_the_observer_is_let_go() {
    let (_folder, _secrets, kokoni) = phone();
    let observer = Counting::new(Manner::Counts, &kokoni);
    let handle = kokoni.observe(observer.clone());
    change_something(&kokoni);
    observer.wait_for(2);
    handle.stop();
    handle.stop();
    wait_until("the observer is let go", || {
        Arc::strong_count(&observer) == 1
    });
    let heard = observer.heard.load(Ordering::SeqCst);
    change_something(&kokoni);
    assert_eq!(observer.heard.load(Ordering::SeqCst), heard);
}

#[test]
fn dropping_the_handle_or_shutting_down_lets_the_observer_go() {
    let (_folder, _secrets, kokoni) = phone();
    let observer = Counting::new(Manner::Counts, &kokoni);
    drop(kokoni.observe(observer.clone()));
    wait_until("let go by the drop", || Arc::strong_count(&observer) == 1);
    let _handle = kokoni.observe(observer.clone());
    kokoni.shut_down();
    wait_until("let go by the end", || Arc::strong_count(&observer) == 1);
}

/// Stops its own handle, shuts the phone down and drops it, in the middle of a call.
struct EndsEverything {
    kokoni: Mutex<Option<Arc<Kokoni>>>,
    handle: OnceLock<Arc<ObserverHandle>>,
    ended: Mutex<mpsc::Sender<()>>,
}

impl Observer for EndsEverything {
    fn changed(&self, _: Topic) -> Result<(), CallbackError> {
        let Some(kokoni) = self.kokoni.lock().expect("unpoisoned").take() else {
            return Ok(());
        };
        if let Some(handle) = self.handle.get() {
            handle.stop();
        }
        kokoni.shut_down();
        drop(kokoni);
        let ended = self.ended.lock().expect("unpoisoned");
        ended.send(()).map_err(|_| CallbackError::Failed)
    }
}

#[test]
fn an_observer_may_end_everything_from_inside() {
    let (_folder, _secrets, kokoni) = phone();
    let (ended, hears) = mpsc::channel();
    let observer = Arc::new(EndsEverything {
        kokoni: Mutex::new(Some(kokoni.clone())),
        handle: OnceLock::new(),
        ended: Mutex::new(ended),
    });
    let handle = kokoni.observe(observer.clone());
    assert!(observer.handle.set(handle).is_ok());
    // What the observer ends may end this call too.
    let _ = kokoni.sign_out_and_wipe(limits());
    hears.recv_timeout(SOON).expect("it came to an end");
    assert_eq!(kokoni.status(), Err(KokoniError::ShutDown));
}

#[test]
fn a_secret_store_that_throws_or_is_locked_is_an_error_of_its_own() {
    let (_folder, secrets, kokoni) = phone();
    secrets.throws.store(true, Ordering::SeqCst);
    let wiped = kokoni.sign_out_and_wipe(limits());
    assert_eq!(wiped, Err(KokoniError::SecretsFailed));
    secrets.throws.store(false, Ordering::SeqCst);
    secrets.locked.store(true, Ordering::SeqCst);
    let wiped = kokoni.sign_out_and_wipe(limits());
    assert_eq!(wiped, Err(KokoniError::SecretsLocked));
    secrets.locked.store(false, Ordering::SeqCst);
    assert_eq!(kokoni.sign_out_and_wipe(limits()), Ok(()));
}

/// Panics, as no foreign store can, but a faulty binding could.
#[derive(Default)]
struct Panics(AtomicU32);

impl Panics {
    fn panic<T>(&self) -> Result<T, SecretError> {
        self.0.fetch_add(1, Ordering::SeqCst);
        panic!("on purpose");
    }
}

impl SecretStore for Panics {
    fn load(&self, _: String) -> Result<Option<Vec<u8>>, SecretError> {
        self.panic()
    }

    fn store(&self, _: String, _: Vec<u8>) -> Result<(), SecretError> {
        self.panic()
    }

    fn erase(&self, _: String) -> Result<(), SecretError> {
        self.panic()
    }
}

#[test]
fn a_panic_of_the_secret_store_is_an_error_value_and_the_phone_goes_on() {
    let folder = tempfile::tempdir().expect("a folder");
    let secrets = Arc::new(Panics::default());
    let kokoni = Kokoni::open(crate::shell::config(folder.path()), secrets.clone());
    let kokoni = kokoni.expect("nothing secret is needed to open");
    for _ in 0..2 {
        let wiped = kokoni.sign_out_and_wipe(limits());
        let place = "panic".into();
        assert_eq!(wiped, Err(KokoniError::Internal { place }));
    }
    assert_eq!(secrets.0.load(Ordering::SeqCst), 2);
    assert_eq!(kokoni.status().expect("it goes on").waiting, 0);
}
