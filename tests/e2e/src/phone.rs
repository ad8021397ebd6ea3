//! A phone inside the test: the real engine, with its own SQLite file and clocks that can be put
//! forward.

use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::{AtomicU32, Ordering};
use std::time::Duration;

use kokoni_client::{
    CallOptions, ClientError, Clock, Engine, EngineConfig, FileSecretStore, Invitation, Ports,
    Recorded, SyncOutcome, SyncReport, SystemClock,
};
use kokoni_model::clock::ClockReading;
use kokoni_model::event::{Meaning, Via};
use kokoni_model::ids::DeviceId;
use kokoni_model::label::LabelId;
use kokoni_model::wire::enrolment::Platform;

use crate::history::SavedScan;

/// No call of the tests waits longer for the network.
pub const WITHIN: Duration = Duration::from_secs(30);

/// The system's clocks and so many seconds more, all of them: time that has really passed.
#[derive(Default)]
pub struct ForwardedClock {
    system: SystemClock,
    seconds: AtomicU32,
}

impl ForwardedClock {
    /// Puts it forward.
    pub fn forward(&self, seconds: u32) {
        self.seconds.fetch_add(seconds, Ordering::SeqCst);
    }
}

impl Clock for ForwardedClock {
    fn now(&self) -> ClockReading {
        let now = self.system.now();
        let seconds = self.seconds.load(Ordering::SeqCst);
        ClockReading {
            wall_us: now.wall_us.plus_seconds(i64::from(seconds)),
            mono_ms: now.mono_ms + u64::from(seconds) * 1_000,
            ..now
        }
    }
}

/// Opens the engine of a data folder, with its secrets in a file beside it.
///
/// # Errors
/// As [`Engine::open`].
pub fn open(data: &Path, clock: Arc<dyn Clock>) -> Result<Engine, ClientError> {
    open_trusting(data, clock, vec![])
}

/// The same, with root certificates besides the usual ones.
///
/// # Errors
/// As [`Engine::open`].
pub fn open_trusting(
    data: &Path,
    clock: Arc<dyn Clock>,
    extra_roots: Vec<Vec<u8>>,
) -> Result<Engine, ClientError> {
    let secrets =
        FileSecretStore::open(data.join("secrets")).map_err(|_| ClientError::StorageFailed)?;
    Engine::open(EngineConfig {
        data: data.join("engine"),
        ports: Ports {
            clock,
            ..Ports::system(Arc::new(secrets))
        },
        extra_roots,
        app_version: "e2e".into(),
    })
}

/// An enrolled phone and what it was told is saved.
pub struct Phone {
    /// The engine.
    pub engine: Engine,
    /// Its data folder.
    pub data: PathBuf,
    /// What it was told is saved.
    pub saved: Vec<SavedScan>,
    /// Its clocks.
    pub clock: Arc<ForwardedClock>,
}

impl Phone {
    /// Enrols a phone at an address with a link's code.
    pub fn enrol(data: PathBuf, url: &str, code: &str) -> Self {
        let mut phone = Self::open(data);
        phone.enrol_again(url, code);
        phone
    }

    /// Opens the phone of a data folder.
    pub fn open(data: PathBuf) -> Self {
        Self::open_trusting(data, vec![])
    }

    /// The same, with root certificates besides the usual ones.
    pub fn open_trusting(data: PathBuf, extra_roots: Vec<Vec<u8>>) -> Self {
        let clock = Arc::new(ForwardedClock::default());
        let engine = open_trusting(&data, clock.clone(), extra_roots).expect("opens");
        Self {
            engine,
            data,
            saved: Vec::new(),
            clock,
        }
    }

    /// Enrols this phone with another code.
    pub fn enrol_again(&mut self, url: &str, code: &str) {
        let invitation = Invitation::from_link(&format!("{url}/enrol#{code}")).expect("a link");
        let options = CallOptions::within(WITHIN);
        self.engine
            .enrol(&invitation, "phone", Platform::Cli, &options)
            .expect("enrolled");
    }

    /// Its device, once enrolled.
    pub fn device(&self) -> DeviceId {
        let identity = self.engine.identity().expect("read");
        identity.expect("enrolled").device
    }

    /// Saves a scan.
    pub fn record(&mut self, label: LabelId, meaning: Meaning) -> Recorded {
        let saved = self
            .engine
            .record(label, meaning.clone(), Via::Camera)
            .expect("saved");
        self.saved.push(SavedScan {
            epoch: saved.epoch,
            seq: saved.seq,
            label,
            meaning,
        });
        saved
    }

    /// Syncs once.
    pub fn sync(&self) -> SyncOutcome {
        self.engine
            .sync(&CallOptions::within(WITHIN))
            .expect("no trouble on the phone itself")
    }

    /// Syncs once, with everything answered.
    ///
    /// # Panics
    /// When something lay between.
    pub fn sync_through(&self) -> SyncReport {
        match self.sync() {
            SyncOutcome::Done { report } => report,
            other => panic!("{other:?}"),
        }
    }
}
