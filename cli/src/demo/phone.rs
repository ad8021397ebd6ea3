//! A simulated phone: a real engine on its own SQLite file, told what to do by [`Command`]s.

use std::io::{BufRead, Write};
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::{Duration, Instant};

use anyhow::{Context, Result};
use clap::Args;
use kokoni_client::{
    CallOptions, ClientError, Engine, EngineConfig, FileSecretStore, Invitation, Ports, SyncOutcome,
};
use kokoni_model::event::{Meaning, Via};
use kokoni_model::label::LabelId;
use kokoni_model::wire::enrolment::Platform;
use kokoni_reader::{PreparedCatalogue, ReaderOptions};

use super::camera;
use super::clock::{MorningClock, MorningPhoneClock};
use super::protocol::{Answer, Command, Look, SavedRecord, Synced, WaitingScan};

/// A call that waits for the network ends after this long.
const CALL_WITHIN: Duration = Duration::from_secs(60);

/// A phone in a process of its own.
#[derive(Args)]
pub(crate) struct DemoPhoneArgs {
    /// The phone's folder
    #[arg(long)]
    data: PathBuf,
    /// Microseconds to add to real time
    #[arg(long, allow_negative_numbers = true)]
    moved_us: i64,
}

/// Takes commands from standard input until it ends.
pub(crate) fn run(args: &DemoPhoneArgs) -> Result<()> {
    let mut phone = Phone::open(
        &args.data,
        MorningClock {
            moved_us: args.moved_us,
        },
    )?;
    let mut out = std::io::stdout().lock();
    let mut say = |answer: &Answer| -> Result<()> {
        writeln!(out, "{}", serde_json::to_string(answer)?)?;
        Ok(out.flush()?)
    };
    say(&Answer::Ready)?;
    for line in std::io::stdin().lock().lines() {
        let command = serde_json::from_str(&line?).context("a command is malformed")?;
        say(&phone.obey(&command))?;
    }
    Ok(())
}

/// The phone.
pub(super) struct Phone {
    engine: Engine,
    reader: Option<ReaderOptions>,
}

impl Phone {
    /// Opens the phone whose data lies in this folder.
    pub(super) fn open(folder: &Path, morning: MorningClock) -> Result<Self> {
        let secrets = FileSecretStore::open(folder.join("secrets"))
            .context("the phone's secrets cannot be kept")?;
        let ports = Ports {
            clock: Arc::new(MorningPhoneClock::new(morning)),
            ..Ports::system(Arc::new(secrets))
        };
        let engine = Engine::open(EngineConfig {
            data: folder.join("data"),
            ports,
            extra_roots: Vec::new(),
            app_version: env!("CARGO_PKG_VERSION").to_owned(),
        })?;
        Ok(Self {
            engine,
            reader: None,
        })
    }

    /// Does as it is told, and says how it went.
    pub(super) fn obey(&mut self, command: &Command) -> Answer {
        let answer = match command {
            Command::Enrol { link } => self.enrol(link),
            Command::Look { label, shots } => self.look(*label, *shots),
            Command::Record {
                label,
                meaning,
                via,
            } => self.record(*label, meaning, via),
            Command::Sync => self.sync(),
            Command::Recall => self.recall(),
        };
        answer.unwrap_or_else(|error| Answer::Failed {
            why: format!("{error:#}"),
        })
    }

    fn enrol(&mut self, link: &str) -> Result<Answer> {
        let invitation = Invitation::from_link(link)?;
        let options = CallOptions::within(CALL_WITHIN);
        let platform = Platform::Other("demo".into());
        let identity = self
            .engine
            .enrol(&invitation, "kokoni demo", platform, &options)?;
        let outcome = self.engine.sync(&options)?;
        anyhow::ensure!(
            matches!(outcome, SyncOutcome::Done { .. }),
            "the directory did not come: {outcome:?}"
        );
        Ok(Answer::Enrolled {
            device: identity.device,
        })
    }

    fn look(&mut self, label: LabelId, shots: u64) -> Result<Answer> {
        let identity = self.engine.identity()?.ok_or(ClientError::NotEnrolled)?;
        let options = self.reader_options()?;
        let shown = camera::show(&options, &identity.label_host, label, shots)?;
        let preview = self.engine.preview(label)?;
        Ok(Answer::Looked(Look {
            frames_shown: shown.frames_shown,
            frames_read: shown.frames_read,
            misread: shown.misread,
            reading_ms: shown.reading_ms,
            via: shown.via,
            proposed: preview.meaning().cloned(),
        }))
    }

    /// The catalogue is prepared once, as when a camera is opened.
    fn reader_options(&mut self) -> Result<ReaderOptions> {
        if let Some(options) = &self.reader {
            return Ok(options.clone());
        }
        let catalogue = self.engine.catalogue()?;
        let catalogue = catalogue.context("the phone has no catalogue")?;
        let options = ReaderOptions {
            host: Some(catalogue.host.clone()),
            catalogue: Some(Arc::new(PreparedCatalogue::new(&catalogue))),
            ..ReaderOptions::default()
        };
        self.reader = Some(options.clone());
        Ok(options)
    }

    fn record(&mut self, label: LabelId, meaning: &Meaning, via: &Via) -> Result<Answer> {
        let tapped = Instant::now();
        let recorded = self.engine.record(label, meaning.clone(), via.clone())?;
        Ok(Answer::Saved(SavedRecord {
            id: recorded.id,
            epoch: recorded.epoch,
            seq: recorded.seq,
            saving_ms: tapped.elapsed().as_secs_f64() * 1_000.0,
        }))
    }

    fn sync(&mut self) -> Result<Answer> {
        let outcome = self.engine.sync(&CallOptions::within(CALL_WITHIN))?;
        Ok(Answer::Synced(Synced {
            done: matches!(outcome, SyncOutcome::Done { .. }),
            outcome: code(&outcome),
            duplicate: outcome.report().duplicate,
            waiting: self.engine.status()?.waiting,
        }))
    }

    fn recall(&mut self) -> Result<Answer> {
        let waiting = self.engine.waiting()?;
        let waiting = waiting.into_iter().map(|record| WaitingScan {
            id: record.id,
            epoch: record.epoch,
            seq: record.seq,
        });
        Ok(Answer::Recalled {
            waiting: waiting.collect(),
        })
    }
}

/// How a sync ended, in one word.
fn code(outcome: &SyncOutcome) -> String {
    match outcome {
        SyncOutcome::Done { .. } => "done".to_owned(),
        SyncOutcome::Offline { why, .. } => format!("offline: {why}"),
        SyncOutcome::SignInNeeded { .. } => "sign-in needed".to_owned(),
        SyncOutcome::AlreadyRunning => "already running".to_owned(),
        SyncOutcome::AppTooOld => "app too old".to_owned(),
        SyncOutcome::Cancelled { .. } => "cancelled".to_owned(),
        SyncOutcome::DeadlineReached { .. } => "deadline reached".to_owned(),
    }
}
