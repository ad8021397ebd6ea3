//! A phone on a folder of its own: engines are opened on it, enrolled and synced.

use std::path::Path;
use std::sync::Arc;

use kokoni_client::{CallOptions, EnrolledIdentity};
use kokoni_client::{Engine, EngineConfig, FileSecretStore, Invitation, Ports};
use kokoni_model::wire::enrolment::Platform;

use super::CODE;
use super::clock::{FakeClock, SeededRandom};
use super::server::FakeServer;

/// A folder, a clock and a server; engines are opened on them.
pub(crate) struct Phone {
    pub(crate) folder: tempfile::TempDir,
    pub(crate) clock: Arc<FakeClock>,
    pub(crate) server: Arc<FakeServer>,
    random: Arc<SeededRandom>,
}

impl Phone {
    pub(crate) fn new() -> Self {
        let clock = FakeClock::new();
        Self {
            folder: tempfile::tempdir().expect("a folder"),
            server: FakeServer::new(clock.clone()),
            clock,
            random: SeededRandom::new(7),
        }
    }

    pub(crate) fn path(&self) -> &Path {
        self.folder.path()
    }

    pub(crate) fn ports(&self) -> Ports {
        let secrets = FileSecretStore::open(self.path().join("secrets")).expect("a store");
        Ports {
            clock: self.clock.clone(),
            random: self.random.clone(),
            secrets: Arc::new(secrets),
            transport: Some(self.server.clone()),
        }
    }

    pub(crate) fn open(&self) -> Engine {
        self.try_open().expect("opens")
    }

    pub(crate) fn try_open(&self) -> Result<Engine, kokoni_client::ClientError> {
        Engine::open(EngineConfig {
            data: self.path().join("data"),
            ports: self.ports(),
            extra_roots: vec![],
            app_version: "test".into(),
        })
    }

    /// An engine with another network or another secret store.
    pub(crate) fn open_with(&self, change: impl FnOnce(&mut Ports)) -> Engine {
        let mut ports = self.ports();
        change(&mut ports);
        Engine::open(EngineConfig {
            data: self.path().join("data"),
            ports,
            extra_roots: vec![],
            app_version: "test".into(),
        })
        .expect("opens")
    }

    /// An engine that is enrolled and has synced once.
    pub(crate) fn enrolled(&self) -> Engine {
        let engine = self.open();
        enrol(&engine);
        sync(&engine);
        engine
    }

    pub(crate) fn database(&self) -> std::path::PathBuf {
        self.path().join("data/kokoni-client.db")
    }
}

pub(crate) fn invitation() -> Invitation {
    Invitation::from_link(&format!("https://k.example.jp/enrol#{CODE}")).expect("a link")
}

pub(crate) fn enrol(engine: &Engine) -> EnrolledIdentity {
    engine
        .enrol(
            &invitation(),
            "試験機",
            Platform::Cli,
            &CallOptions::default(),
        )
        .expect("enrolled")
}

/// A sync that gets through.
pub(crate) fn sync(engine: &Engine) -> kokoni_client::SyncReport {
    match engine.sync(&CallOptions::default()).expect("synced") {
        kokoni_client::SyncOutcome::Done { report } => report,
        other => panic!("{other:?}"),
    }
}
