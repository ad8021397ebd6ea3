//! `Kokoni`: the engine of one phone, opened, observed and shut down.

use std::collections::HashMap;
use std::path::PathBuf;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use kokoni_client::show::{self, ManagedSettings};
use kokoni_client::{Engine, EngineConfig, KeepSynced, Pace, Ports, Subscription};
use kokoni_reader::{Budget, PreparedCatalogue, ReaderOptions};

use crate::alive::Alive;
use crate::callbacks::{Observer, SecretStore, Secrets, observer_mailbox};
use crate::choices::{Language, Platform, Topic};
use crate::error::{KokoniError, guarded};
use crate::reader::{FrameReader, budget};

/// What is needed to open a [`Kokoni`].
#[derive(Clone, uniffi::Record)]
pub struct OpenConfig {
    /// The folder in which it keeps everything; private, and made where it is missing.
    pub folder: String,
    /// The app's version, for diagnostics.
    pub app_version: String,
    /// The language of everything a person reads.
    pub language: Language,
    /// What kind of device it is.
    pub platform: Platform,
    /// How the device calls itself, for the list of devices.
    pub device_name: String,
    /// The managed configuration, key and value; empty where there is none.
    pub managed: HashMap<String, String>,
}

/// The engine of one phone. One a data folder and process is enough; any thread may use it.
#[derive(uniffi::Object)]
pub struct Kokoni {
    pub(crate) core: Arc<Core>,
    _alive: Alive,
}

/// What the objects of one [`Kokoni`] share.
pub(crate) struct Core {
    pub(crate) engine: Engine,
    english: AtomicBool,
    pub(crate) platform: Platform,
    pub(crate) device_name: String,
    pub(crate) managed: Mutex<ManagedSettings>,
    /// The certificates that the network was opened with.
    pub(crate) root_certificates: Vec<Vec<u8>>,
    /// The catalogue made ready, and which version it is.
    catalogue: Mutex<Option<(u64, Arc<PreparedCatalogue>)>>,
    #[cfg(feature = "testing")]
    pub(crate) clock: Arc<crate::testing::ForwardedClock>,
}

/// Hears of changes until it is stopped or dropped.
#[derive(uniffi::Object)]
pub struct ObserverHandle(Mutex<Option<Subscription>>, Alive);

/// Keeps a [`Kokoni`] in sync until it is stopped or dropped.
#[derive(uniffi::Object)]
pub struct SyncKeeper(Mutex<Option<KeepSynced>>, Alive);

#[uniffi::export]
impl Kokoni {
    /// Opens the engine and its database; a damaged one is repaired ([`Kokoni::losses`]).
    #[uniffi::constructor]
    pub fn open(
        config: OpenConfig,
        secrets: Arc<dyn SecretStore>,
    ) -> Result<Arc<Self>, KokoniError> {
        guarded(|| {
            let managed = ManagedSettings::read(&config.managed);
            let roots = managed.root_certificates.clone();
            let ports = Ports::system(Arc::new(Secrets(secrets)));
            #[cfg(feature = "testing")]
            let clock = Arc::new(crate::testing::ForwardedClock::default());
            #[cfg(feature = "testing")]
            let ports = Ports {
                clock: clock.clone(),
                ..ports
            };
            let engine = Engine::open(EngineConfig {
                data: PathBuf::from(config.folder),
                ports,
                extra_roots: roots.clone(),
                app_version: config.app_version,
            })?;
            let language = managed.language.unwrap_or(config.language.into());
            Ok(Arc::new(Self {
                core: Arc::new(Core {
                    engine,
                    english: AtomicBool::new(language == show::Language::English),
                    platform: config.platform,
                    device_name: config.device_name,
                    managed: Mutex::new(managed),
                    root_certificates: roots,
                    catalogue: Mutex::default(),
                    #[cfg(feature = "testing")]
                    clock,
                }),
                _alive: Alive::default(),
            }))
        })
    }

    /// From now on everything a person reads is in this language.
    pub fn set_language(&self, language: Language) {
        self.core.set_language(language.into());
    }

    /// The language of everything a person reads.
    pub fn language(&self) -> Language {
        self.core.language().into()
    }

    /// A reader that knows this organisation's labels, as far as they have come by now.
    pub fn frame_reader(&self, budget: Duration) -> Result<Arc<FrameReader>, KokoniError> {
        guarded(|| {
            let options = self.core.reader_options(self::budget(budget))?;
            Ok(FrameReader::of(options, Arc::downgrade(&self.core)))
        })
    }

    /// Tells an observer what changes, until the handle is stopped or dropped.
    pub fn observe(&self, observer: Arc<dyn Observer>) -> Arc<ObserverHandle> {
        let mailbox = observer_mailbox(observer);
        let subscription = self.core.engine.observe(move |topic| {
            if let Some(topic) = Topic::of(topic) {
                mailbox.put(topic);
            }
        });
        Arc::new(ObserverHandle(
            Mutex::new(Some(subscription)),
            Alive::default(),
        ))
    }

    /// Syncs now, whenever something is saved, and after growing waits when something is in the
    /// way, until the handle is stopped or dropped. For an app in front.
    pub fn keep_synced(&self) -> Result<Arc<SyncKeeper>, KokoniError> {
        guarded(|| {
            let keeper = self.core.engine.keep_synced(Pace::Foreground)?;
            Ok(Arc::new(SyncKeeper(
                Mutex::new(Some(keeper)),
                Alive::default(),
            )))
        })
    }

    /// Closes the database and lets go of observers. Whatever was being saved is finished; every
    /// later call is [`KokoniError::ShutDown`].
    pub fn shut_down(&self) {
        self.core.engine.shut_down();
    }
}

impl Core {
    pub(crate) fn language(&self) -> show::Language {
        if self.english.load(Ordering::SeqCst) {
            show::Language::English
        } else {
            show::Language::Japanese
        }
    }

    pub(crate) fn set_language(&self, language: show::Language) {
        let english = language == show::Language::English;
        self.english.store(english, Ordering::SeqCst);
    }

    pub(crate) fn managed(&self) -> MutexGuard<'_, ManagedSettings> {
        self.managed.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// What a reader may know now. The catalogue is made ready once a version.
    pub(crate) fn reader_options(&self, budget: Budget) -> Result<ReaderOptions, KokoniError> {
        let host = self.engine.identity()?.map(|identity| identity.label_host);
        let catalogue = self.engine.catalogue()?;
        let mut ready = self
            .catalogue
            .lock()
            .unwrap_or_else(PoisonError::into_inner);
        let prepared = catalogue.map(|catalogue| match &*ready {
            Some((version, known))
                if *version == catalogue.version && *known.host() == catalogue.host =>
            {
                known.clone()
            }
            _ => {
                let fresh = Arc::new(PreparedCatalogue::new(&catalogue));
                *ready = Some((catalogue.version, fresh.clone()));
                fresh
            }
        });
        Ok(ReaderOptions {
            host,
            catalogue: prepared,
            budget,
        })
    }
}

#[uniffi::export]
impl ObserverHandle {
    /// The observer hears nothing more; a call under way may still end.
    pub fn stop(&self) {
        let mut kept = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let subscription = kept.take();
        drop(kept);
        drop(subscription);
    }
}

#[uniffi::export]
impl SyncKeeper {
    /// The network is back, the app is in front, or the person asked.
    pub fn try_now(&self) {
        let kept = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(keeper) = &*kept {
            keeper.try_now();
        }
    }

    /// Ends it; a sync under way is cancelled.
    pub fn stop(&self) {
        let mut kept = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let keeper = kept.take();
        drop(kept);
        drop(keeper);
    }
}

/// Removes everything that was kept in a folder, secrets included: for a database whose key is
/// lost. No [`Kokoni`] may be open on it.
#[uniffi::export]
pub fn erase_all(folder: String, secrets: Arc<dyn SecretStore>) -> Result<(), KokoniError> {
    guarded(|| {
        let ports = Ports::system(Arc::new(Secrets(secrets)));
        Ok(Engine::erase(PathBuf::from(folder), &ports)?)
    })
}

/// The version of the core.
#[uniffi::export]
pub fn core_version() -> String {
    env!("CARGO_PKG_VERSION").to_owned()
}
