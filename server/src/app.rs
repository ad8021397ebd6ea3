//! What every request can reach: the store, the ports, the group committer, the feeds.

use std::ops::Deref;
use std::sync::{Arc, Mutex, PoisonError};

use kokoni_model::clock::Timestamp;
use tokio_util::sync::CancellationToken;

use crate::auth::LastSeen;
use crate::config::Config;
use crate::enrolment::limit::TypedCodeLimit;
use crate::ingest::Committer;
use crate::live::{self, Live};
use crate::metrics::Metrics;
use crate::people::index::PeopleIndex;
use crate::ports::{Clock, Random};
use crate::presence::feed::FloorHints;
use crate::store::Store;

/// The shared state of a running server; clones are the same server.
#[derive(Clone)]
pub struct App(Arc<Inner>);

/// See [`App`].
pub struct Inner {
    /// The database.
    pub store: Store,
    /// What was configured.
    pub config: Config,
    /// The group committer of events.
    pub committer: Committer,
    /// Hints that a floor changed; the feed itself is in the database.
    pub floor_hints: FloorHints,
    /// Counters.
    pub metrics: Arc<Metrics>,
    /// The people of each organisation, ready to be searched.
    pub people: PeopleIndex,
    /// Cancelled when the server is to stop: streams end themselves.
    pub stopping: CancellationToken,
    /// The live map's streams.
    pub(crate) live: Arc<Live>,
    /// Whose tokens came by, for what looks at the device again.
    pub last_seen: LastSeen,
    /// The limit on wrong typed codes.
    pub typed_codes: TypedCodeLimit,
    clock: Arc<dyn Clock>,
    random: Mutex<Box<dyn Random>>,
}

impl App {
    /// Puts the parts together. Must be called inside a runtime: it starts the committer and the
    /// live map's streams.
    pub fn new(store: Store, config: Config) -> Self {
        let metrics = Arc::new(Metrics::new());
        let floor_hints = FloorHints::new();
        let committer = Committer::start(
            store.clone(),
            config.grouping,
            config.keeping,
            Arc::clone(&metrics),
            floor_hints.clone(),
        );
        let clock = Arc::clone(&config.clock);
        let random = Mutex::new((config.random)());
        let stopping = CancellationToken::new();
        let live = live::start(
            store.clone(),
            Arc::clone(&clock),
            &floor_hints,
            stopping.clone(),
        );
        Self(Arc::new(Inner {
            store,
            config,
            committer,
            floor_hints,
            metrics,
            people: PeopleIndex::default(),
            stopping,
            live,
            last_seen: LastSeen::default(),
            typed_codes: TypedCodeLimit::new(),
            clock,
            random,
        }))
    }

    /// Now, by the server's clock.
    pub fn now(&self) -> Timestamp {
        self.clock.now()
    }

    /// Runs `make` with the server's randomness.
    pub fn random<T>(&self, make: impl FnOnce(&mut dyn Random) -> T) -> T {
        let mut random = self.random.lock().unwrap_or_else(PoisonError::into_inner);
        make(&mut **random)
    }
}

impl Deref for App {
    type Target = Inner;

    fn deref(&self) -> &Inner {
        &self.0
    }
}
