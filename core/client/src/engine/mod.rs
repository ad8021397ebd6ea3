//! The engine: one handle for everything an app does. Every function blocks, can be called from any
//! thread, inside tokio too, and from several processes on one data folder.

mod api;
mod diagnostics;
mod driver;
mod enrol;
mod identity;
mod keep;
mod lookups;
mod observe;
mod people;
mod preview;
mod record;
mod shown;
mod today;
mod tokens;

use std::fmt;
use std::path::PathBuf;
use std::sync::{Arc, Mutex, PoisonError};

use kokoni_model::clock::{ClockReading, Timestamp};
use kokoni_model::event::Epoch;
use kokoni_model::ids::ID_RANDOM_BYTES;
use rusqlite::Transaction;

use crate::error::{ClientError, InputError, StoreError};
use crate::options::CallOptions;
use crate::ports::{Ports, Transport, random_bytes};
use crate::store::connection::DatabaseKey;
use crate::store::files::{Files, HighWater};
use crate::store::lock::FileLock;
use crate::store::queue::Stamp;
use crate::store::{Store, opening, salvage, server};
use crate::time::{TimeReference, corrected};
use crate::transport::{HttpTransport, Origin};

pub use diagnostics::Status;
pub use identity::{EnrolledIdentity, Invitation};
pub use keep::KeepSynced;
pub use observe::{Subscription, Topic};
pub use preview::{Preview, Seen};
pub use record::{Loss, Recorded, RejectedRecord, WaitingRecord};
pub use today::Today;

use observe::Observers;
use tokens::TokenCache;

/// What an engine needs to be opened.
#[derive(Clone, Debug)]
pub struct EngineConfig {
    /// The folder in which it keeps everything; made, readable by its owner only, where missing.
    pub data: PathBuf,
    /// Time, randomness, secrets, network.
    pub ports: Ports,
    /// Root certificates besides the usual ones, each PEM or DER.
    pub extra_roots: Vec<Vec<u8>>,
    /// The app's version, for diagnostics.
    pub app_version: String,
}

/// The engine of one phone. Clones are handles of the same engine.
#[derive(Clone)]
pub struct Engine(Arc<Inner>);

struct Inner {
    store: Store,
    files: Files,
    high_water: Arc<HighWater>,
    /// Held as long as the database is open.
    open_lock: Mutex<Option<FileLock>>,
    ports: Ports,
    extra_roots: Vec<Vec<u8>>,
    app_version: String,
    tokens: TokenCache,
    observers: Observers,
    people: people::PeopleCache,
    /// The engine's own network, made when it is first needed; `true` for a server on loopback.
    network: Mutex<Option<(bool, Arc<dyn Transport>)>>,
}

impl Engine {
    /// Opens the engine and its database.
    ///
    /// The database is checked; a damaged one is set aside, what can be read of it is kept, and what was lost is told by [`Engine::losses`] and to the server.
    ///
    /// # Errors
    /// When the folder or the database cannot be used, or the database is a later version's.
    pub fn open(config: EngineConfig) -> Result<Self, ClientError> {
        let files = Files {
            folder: config.data,
        };
        let now = config.ports.clock.now();
        let stamp = now.wall_us.to_utc().map_or_else(
            || now.wall_us.as_micros().to_string(),
            |utc| utc.format("%Y%m%dT%H%M%S%6fZ").to_string(),
        );
        let key = || database_key(&files, &config.ports);
        let opened = opening::open(&files, key, &stamp)?;
        let engine = Self(Arc::new(Inner {
            store: opened.store,
            high_water: Arc::new(files.high_water()),
            tokens: TokenCache::new(files.clone()),
            files,
            open_lock: Mutex::new(Some(opened.open_lock)),
            ports: config.ports,
            extra_roots: config.extra_roots,
            app_version: config.app_version,
            observers: Observers::default(),
            people: people::PeopleCache::default(),
            network: Mutex::new(None),
        }));
        if !engine.0.extra_roots.is_empty() {
            engine.0.own_network(false)?;
        }
        engine.0.take_stock(&opened.unsearched)?;
        Ok(engine)
    }

    /// Encrypts the database in a folder with a new key. Every engine on it must have been shut down.
    ///
    /// # Errors
    /// [`ClientError::DatabaseInUse`]; [`ClientError::KeyMissing`] and [`ClientError::KeyWrong`].
    #[cfg(feature = "sqlcipher")]
    pub fn change_database_key(data: PathBuf, ports: &Ports) -> Result<(), ClientError> {
        crate::store::encryption::change_key(&Files { folder: data }, ports)
    }

    /// As [`Engine::open`], and ends at a deadline or when it is cancelled: nothing is lost by that,
    /// and a repair that was begun goes on at the next opening.
    ///
    /// # Errors
    /// As [`Engine::open`]; [`ClientError::DeadlineReached`] and [`ClientError::Cancelled`].
    pub fn open_within(config: EngineConfig, options: &CallOptions) -> Result<Self, ClientError> {
        let _limited = options.limit();
        Self::open(config)
    }

    /// Does something with the engine that waits no longer for its database than the options say: for
    /// what another thread or process writes, or a lock. A call that ends so has changed nothing.
    ///
    /// Calls that take options themselves wait for the network as theirs say.
    ///
    /// # Errors
    /// Those of the call; [`ClientError::DeadlineReached`] and [`ClientError::Cancelled`].
    pub fn within<T>(
        &self,
        options: &CallOptions,
        call: impl FnOnce(&Self) -> Result<T, ClientError>,
    ) -> Result<T, ClientError> {
        let _limited = options.limit();
        call(self)
    }

    /// Whose phone this is; `None` before enrolment.
    ///
    /// # Errors
    /// When the database cannot be read.
    pub fn identity(&self) -> Result<Option<EnrolledIdentity>, ClientError> {
        Ok(self.0.store.read(server::identity)?)
    }

    /// Hears of changes until the subscription is dropped. The callback is called on any thread and
    /// never under a lock; it may call the engine.
    pub fn observe(&self, callback: impl Fn(Topic) + Send + Sync + 'static) -> Subscription {
        self.0.observers.add(Arc::new(callback))
    }

    /// Closes the database and drops the observers. Whatever was being written is finished; later
    /// calls of every clone are refused with [`ClientError::ShutDown`].
    pub fn shut_down(&self) {
        self.0.close();
    }
}

impl fmt::Debug for Engine {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Engine({})", self.0.files.folder.display())
    }
}

impl Inner {
    fn now(&self) -> ClockReading {
        self.ports.clock.now()
    }

    /// The identity, or the refusal that there is none.
    fn required_identity(&self) -> Result<EnrolledIdentity, ClientError> {
        let identity = self.store.read(server::identity)?;
        identity.ok_or(ClientError::NotEnrolled)
    }

    /// What a new event needs from clock and dice.
    fn stamp(&self) -> Result<Stamp, ClientError> {
        let random = random_bytes::<{ ID_RANDOM_BYTES + 8 }>(&*self.ports.random)?;
        let (mut id, mut epoch) = ([0; ID_RANDOM_BYTES], [0; 8]);
        id.copy_from_slice(&random[..ID_RANDOM_BYTES]);
        epoch.copy_from_slice(&random[ID_RANDOM_BYTES..]);
        Ok(Stamp {
            clock: self.now(),
            random: id,
            epoch: Epoch::from_bits(u64::from_be_bytes(epoch)),
        })
    }

    /// The network to a server.
    fn network(&self, server: &Origin) -> Result<Arc<dyn Transport>, ClientError> {
        match &self.ports.transport {
            Some(transport) => Ok(transport.clone()),
            None => self.own_network(server.is_loopback()),
        }
    }

    fn own_network(&self, loopback: bool) -> Result<Arc<dyn Transport>, ClientError> {
        let mut network = self.network.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some((_, ready)) = network.as_ref().filter(|(kind, _)| *kind == loopback) {
            return Ok(ready.clone());
        }
        let made: Arc<dyn Transport> = Arc::new(
            HttpTransport::new(&self.extra_roots, loopback)
                .map_err(|_| InputError::RootCertificate)?,
        );
        *network = Some((loopback, made.clone()));
        Ok(made)
    }

    fn close(&self) {
        self.observers.clear();
        self.store.close();
        let lock = self
            .open_lock
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .take();
        drop(lock);
    }

    /// Looks whether everything that was saved is there, and notes what is not.
    fn take_stock(&self, unsearched: &[PathBuf]) -> Result<(), ClientError> {
        let marks = self.high_water.read().unwrap_or_default();
        let found = salvage::read_all(unsearched, self.store.key())?;
        // A database that knows nobody although records were saved has lost its identity, and so has
        // one that can no longer say who it is.
        let lost = match self.store.read(server::identity::<EnrolledIdentity>) {
            Ok(known) => known.is_none() && !marks.is_empty(),
            Err(StoreError::Json(_)) => true,
            Err(error) => return Err(error.into()),
        };
        let found_again = if lost {
            self.tokens.reload(&*self.ports.secrets)?
        } else {
            None
        };
        let (fresh, now) = (self.stamp()?.epoch, self.now().wall_us);
        let damaged = found.is_some();
        let stock = self.store.write(move |tx| {
            match found_again {
                Some(enrolment) => server::set_identity(tx, &enrolment.identity)?,
                None if lost => server::forget_identity(tx)?,
                None => {}
            }
            salvage::take_stock(tx, found.as_ref(), &marks, fresh, now)
        })?;
        for aside in unsearched {
            salvage::note_searched(aside)?;
        }
        if damaged || stock.lost > 0 {
            let salvage::Stock { salvaged, lost } = stock;
            tracing::warn!(
                salvaged,
                lost,
                "the database was damaged and has been repaired"
            );
        }
        Ok(())
    }
}

impl Drop for Inner {
    fn drop(&mut self) {
        self.close();
    }
}

#[cfg(feature = "sqlcipher")]
fn database_key(files: &Files, ports: &Ports) -> Result<Option<DatabaseKey>, ClientError> {
    crate::store::encryption::key(files, ports).map(Some)
}

#[cfg(not(feature = "sqlcipher"))]
#[expect(clippy::unnecessary_wraps, reason = "with encryption it can fail")]
fn database_key(_: &Files, _: &Ports) -> Result<Option<DatabaseKey>, ClientError> {
    Ok(None)
}

/// The server's time now, as far as it is known.
fn server_now(tx: &Transaction<'_>, now: &ClockReading) -> Result<Timestamp, StoreError> {
    let reference: Option<TimeReference> = server::time_reference(tx)?;
    Ok(corrected(reference.as_ref(), now, now))
}
