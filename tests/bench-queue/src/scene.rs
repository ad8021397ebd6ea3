//! An office with its server in this process, and phones that are enrolled there.

use std::net::SocketAddr;
use std::path::PathBuf;
use std::sync::Arc;

use anyhow::{Context, Result, bail};
use kokoni_client::{
    CallOptions, Engine, EngineConfig, FileSecretStore, Invitation, Ports, SyncOutcome,
};
use kokoni_e2e::office::Office;
use kokoni_model::label::LabelId;
use kokoni_model::wire::enrolment::Platform;
use kokoni_server::{Config, Server};
use tokio::runtime::Runtime;

/// See the module.
pub(crate) struct Scene {
    office: Office,
    address: SocketAddr,
    _runtime: Runtime,
}

impl Scene {
    pub(crate) fn start() -> Result<Self> {
        let office = Office::new();
        let runtime = tokio::runtime::Builder::new_multi_thread()
            .enable_all()
            .build()?;
        let config = Config::new(office.data(), SocketAddr::from(([127, 0, 0, 1], 0)));
        let server = runtime.block_on(Server::bind(config))?;
        let address = server.local_addr();
        runtime.spawn(server.run(std::future::pending()));
        Ok(Self {
            office,
            address,
            _runtime: runtime,
        })
    }

    pub(crate) fn address(&self) -> SocketAddr {
        self.address
    }

    pub(crate) fn seat(&self) -> LabelId {
        self.office.ours.seat_label(0)
    }

    pub(crate) fn folder(&self, name: &str) -> PathBuf {
        self.office.folder(name)
    }

    pub(crate) fn database(&self, name: &str) -> PathBuf {
        self.folder(name).join("engine/kokoni-client.db")
    }

    /// A code's secret part, for a member of staff.
    pub(crate) fn code(&self, person: usize) -> String {
        self.office.code(&self.office.ours, person).link
    }

    /// The usual ports of a phone.
    pub(crate) fn ports(&self, name: &str) -> Result<Ports> {
        let secrets = FileSecretStore::open(self.folder(name).join("secrets"))?;
        Ok(Ports::system(Arc::new(secrets)))
    }

    pub(crate) fn open(&self, name: &str) -> Result<Engine> {
        self.open_with(name, self.ports(name)?)
    }

    pub(crate) fn open_with(&self, name: &str, ports: Ports) -> Result<Engine> {
        Ok(Engine::open(EngineConfig {
            data: self.folder(name).join("engine"),
            ports,
            extra_roots: vec![],
            app_version: "bench".into(),
        })?)
    }

    /// A phone that is enrolled and knows the directory.
    pub(crate) fn phone(&self, name: &str, person: usize) -> Result<Engine> {
        let phone = self.open(name)?;
        let link = format!("http://{}/enrol#{}", self.address, self.code(person));
        let options = CallOptions::default();
        phone
            .enrol(
                &Invitation::from_link(&link)?,
                name,
                Platform::Cli,
                &options,
            )
            .context("enrolling")?;
        match phone.sync(&options)? {
            SyncOutcome::Done { .. } => Ok(phone),
            other => bail!("the first sync ended with {other:?}"),
        }
    }
}
