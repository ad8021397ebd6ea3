//! What a shell brings: a secret store and observers, with the manners of bad ones.

use std::collections::{BTreeMap, HashMap};
use std::sync::atomic::{AtomicBool, AtomicU32, Ordering};
use std::sync::{Arc, Mutex, Weak};
use std::thread;
use std::time::{Duration, Instant};

use kokoni_ffi::{
    CallLimits, CallbackError, CancelHandle, Kokoni, KokoniError, Language, Observer, OpenConfig,
    Platform, SecretError, SecretStore, Topic,
};

/// Nothing that a test waits for takes longer.
pub(crate) const SOON: Duration = Duration::from_secs(30);

/// Secrets in memory, which can be made to panic.
#[derive(Default)]
pub(crate) struct MemorySecrets {
    pub(crate) kept: Mutex<BTreeMap<String, Vec<u8>>>,
    pub(crate) throws: AtomicBool,
    pub(crate) locked: AtomicBool,
}

impl MemorySecrets {
    /// A foreign exception that is no [`SecretError`] arrives as this one, by `From`.
    fn check(&self) -> Result<(), SecretError> {
        if self.throws.load(Ordering::SeqCst) {
            return Err(uniffi::UnexpectedUniFFICallbackError::new("on purpose").into());
        }
        if self.locked.load(Ordering::SeqCst) {
            return Err(SecretError::Locked);
        }
        Ok(())
    }
}

impl SecretStore for MemorySecrets {
    fn load(&self, name: String) -> Result<Option<Vec<u8>>, SecretError> {
        self.check()?;
        Ok(self.kept.lock().expect("unpoisoned").get(&name).cloned())
    }

    fn store(&self, name: String, value: Vec<u8>) -> Result<(), SecretError> {
        self.check()?;
        self.kept.lock().expect("unpoisoned").insert(name, value);
        Ok(())
    }

    fn erase(&self, name: String) -> Result<(), SecretError> {
        self.check()?;
        self.kept.lock().expect("unpoisoned").remove(&name);
        Ok(())
    }
}

/// How an observer behaves.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Manner {
    /// Counts, and nothing else.
    Counts,
    /// Panics, as a foreign exception would.
    Throws,
    /// Takes its time.
    Slow,
    /// Calls the object that calls it.
    Reenters,
}

/// An observer that counts its calls.
pub(crate) struct Counting {
    pub(crate) heard: AtomicU32,
    manner: Manner,
    phone: Weak<Kokoni>,
}

impl Counting {
    pub(crate) fn new(manner: Manner, phone: &Arc<Kokoni>) -> Arc<Self> {
        Arc::new(Self {
            heard: AtomicU32::new(0),
            manner,
            phone: Arc::downgrade(phone),
        })
    }

    /// Waits until it has heard so much.
    pub(crate) fn wait_for(&self, at_least: u32) {
        wait_until("the observer hears", || {
            self.heard.load(Ordering::SeqCst) >= at_least
        });
    }
}

impl Observer for Counting {
    fn changed(&self, _: Topic) -> Result<(), CallbackError> {
        match self.manner {
            Manner::Counts => {}
            Manner::Throws => {
                self.heard.fetch_add(1, Ordering::SeqCst);
                panic!("on purpose");
            }
            Manner::Slow => thread::sleep(Duration::from_millis(300)),
            Manner::Reenters => {
                if let Some(phone) = self.phone.upgrade() {
                    phone.status().map_err(|_| CallbackError::Failed)?;
                    phone.chip().map_err(|_| CallbackError::Failed)?;
                }
            }
        }
        self.heard.fetch_add(1, Ordering::SeqCst);
        Ok(())
    }
}

/// Waits for something that comes soon.
pub(crate) fn wait_until(what: &str, ready: impl Fn() -> bool) {
    let started = Instant::now();
    while !ready() {
        assert!(started.elapsed() < SOON, "{what}: not in {SOON:?}");
        thread::sleep(Duration::from_millis(5));
    }
}

pub(crate) fn limits() -> CallLimits {
    CallLimits {
        deadline: SOON,
        cancel: None,
    }
}

pub(crate) fn cancellable(cancel: &Arc<CancelHandle>) -> CallLimits {
    CallLimits {
        cancel: Some(cancel.clone()),
        ..limits()
    }
}

pub(crate) fn config(folder: &std::path::Path) -> OpenConfig {
    OpenConfig {
        folder: folder.to_string_lossy().into_owned(),
        app_version: "test".into(),
        language: Language::Japanese,
        platform: Platform::Other,
        device_name: "conformance".into(),
        managed: HashMap::new(),
    }
}

/// Opens a phone.
pub(crate) fn open(
    folder: &std::path::Path,
    secrets: &Arc<MemorySecrets>,
) -> Result<Arc<Kokoni>, KokoniError> {
    Kokoni::open(config(folder), secrets.clone())
}
