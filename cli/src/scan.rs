//! `kokoni scan`: a phone on the command line.

use std::path::PathBuf;
use std::process::ExitCode;
use std::sync::Arc;
use std::time::Duration;

use anyhow::{Context, Result, bail, ensure};
use clap::Args;
use kokoni_client::transport::Origin;
use kokoni_client::{
    CallOptions, Engine, EngineConfig, EnrolledIdentity, FileSecretStore, Invitation, Ports,
    Preview, Recorded, SyncOutcome,
};
use kokoni_model::event::{Meaning, Via};
use kokoni_model::label::{LabelId, parse_typed_label};
use kokoni_model::reading::{Content, How, Reading};
use kokoni_model::rules::meaning::Proposal;
use kokoni_model::wire::enrolment::Platform;
use kokoni_reader::{FrameReader, PreparedCatalogue, ReaderOptions};
use serde::Serialize;

use crate::output;
use crate::picture::Picture;

/// The network has this long, twice: before the scan and after it.
const SYNC_WITHIN: Duration = Duration::from_secs(20);

/// What the server calls this phone.
const DEVICE_NAME: &str = "kokoni scan";

/// Scan a picture of a label, as a phone does
///
/// Reads the picture, says what the scan would mean, saves it and sends it. Without a network it is
/// saved and sent the next time. The folder is the phone: the first time it must be enrolled with
/// the code that `kokoni enrol` prints.
///
/// What would need a tap on a phone (leaving, ending telework, bringing back) needs --yes here.
#[derive(Args)]
pub(crate) struct ScanArgs {
    /// The phone's folder, made (0700) when it is not there
    #[arg(long, value_name = "DIR")]
    data: PathBuf,
    /// The server's address
    #[arg(long, value_name = "URL")]
    server: String,
    /// Enrol first, with a link or a typed code
    #[arg(long, value_name = "CODE")]
    code: Option<String>,
    /// What is meant, instead of what the scan would mean by itself
    #[arg(long, value_enum)]
    meaning: Option<MeaningArg>,
    /// Tap where a tap is needed
    #[arg(long)]
    yes: bool,
    /// Print JSON
    #[arg(long)]
    json: bool,
    /// A PNG, JPEG or WebP picture; or the 16 characters under a label
    #[arg(value_name = "FILE")]
    file: String,
}

#[derive(Clone, Copy, clap::ValueEnum)]
enum MeaningArg {
    Sit,
    Leave,
    Telework,
    EndTelework,
    Borrow,
    Return,
}

impl From<MeaningArg> for Meaning {
    fn from(meaning: MeaningArg) -> Self {
        match meaning {
            MeaningArg::Sit => Self::Sit,
            MeaningArg::Leave => Self::Leave,
            MeaningArg::Telework => Self::Telework,
            MeaningArg::EndTelework => Self::EndTelework,
            MeaningArg::Borrow => Self::Borrow,
            MeaningArg::Return => Self::Return,
        }
    }
}

/// What is printed with `--json`.
#[derive(Serialize)]
struct Scanned {
    label: LabelId,
    how: Option<How>,
    words_ja: String,
    words_en: String,
    proposal: Proposal,
    meaning: Option<Meaning>,
    saved: Option<Recorded>,
    sync: Option<SyncOutcome>,
    /// Why the server refused it, by code.
    rejected: Option<String>,
}

pub(crate) fn run(args: &ScanArgs) -> Result<ExitCode> {
    let engine = open(args)?;
    let identity = enrolled(&engine, args)?;
    // What is new is worth waiting for, and not needed.
    let before = engine.sync(&CallOptions::within(SYNC_WITHIN))?;
    let (label, how, via) = label(&engine, &identity, &args.file)?;
    let preview = engine.preview(label)?;
    let meaning = meant(args, &preview);
    let mut scanned = Scanned {
        label,
        how,
        words_ja: preview.words_ja.clone(),
        words_en: preview.words_en.clone(),
        proposal: preview.proposal.clone(),
        meaning: meaning.clone(),
        saved: None,
        sync: None,
        rejected: None,
    };
    if let Some(meaning) = meaning {
        let saved = engine.record(label, meaning, via)?;
        let outcome = match before {
            SyncOutcome::Done { .. } => engine.send_waiting(&CallOptions::within(SYNC_WITHIN))?,
            no_network => no_network,
        };
        let refused = engine
            .rejected()?
            .into_iter()
            .find(|refused| refused.record.id == saved.id);
        scanned.saved = Some(saved);
        scanned.sync = Some(outcome);
        scanned.rejected = refused.map(|refused| refused.words_en);
    }
    report(args, &scanned, preview.needs_tap)?;
    engine.shut_down();
    let good = scanned.saved.is_some() && scanned.rejected.is_none();
    Ok(if good {
        ExitCode::SUCCESS
    } else {
        ExitCode::FAILURE
    })
}

fn open(args: &ScanArgs) -> Result<Engine> {
    let secrets = FileSecretStore::open(args.data.join("secrets"))
        .with_context(|| format!("{} cannot be used", args.data.display()))?;
    Ok(Engine::open(EngineConfig {
        data: args.data.clone(),
        ports: Ports::system(Arc::new(secrets)),
        extra_roots: Vec::new(),
        app_version: env!("CARGO_PKG_VERSION").to_owned(),
    })?)
}

fn enrolled(engine: &Engine, args: &ScanArgs) -> Result<EnrolledIdentity> {
    let server = Origin::of(&args.server).context("--server")?;
    if let Some(code) = &args.code {
        let invitation = if code.contains("://") {
            Invitation::from_link(code)?
        } else {
            Invitation::typed(server.as_str(), code)?
        };
        ensure!(
            *invitation.server() == server,
            "the link leads to {}, --server is {server}",
            invitation.server()
        );
        let options = CallOptions::within(SYNC_WITHIN);
        return Ok(engine.enrol(&invitation, DEVICE_NAME, Platform::Cli, &options)?);
    }
    let Some(identity) = engine.identity()? else {
        bail!(
            "{} is not enrolled yet; give --code with what `kokoni enrol` prints",
            args.data.display()
        );
    };
    ensure!(
        identity.server == server,
        "{} is enrolled at {}, --server is {server}",
        args.data.display(),
        identity.server
    );
    Ok(identity)
}

/// The label in a picture, or typed.
fn label(
    engine: &Engine,
    identity: &EnrolledIdentity,
    file: &str,
) -> Result<(LabelId, Option<How>, Via)> {
    let path = PathBuf::from(file);
    if !path.exists()
        && let Ok(label) = LabelId::parse_exact(file).or_else(|_| parse_typed_label(file))
    {
        return Ok((label, None, Via::Typed));
    }
    let picture = Picture::open(&path).with_context(|| file.to_owned())?;
    let catalogue = engine.catalogue()?;
    let mut reader = FrameReader::new(ReaderOptions {
        host: Some(identity.label_host.clone()),
        catalogue: catalogue.map(|catalogue| Arc::new(PreparedCatalogue::new(&catalogue))),
        ..ReaderOptions::default()
    });
    let readings = reader.read(&picture.frame()?).readings;
    match nearest_label(&readings) {
        Some((label, how)) => Ok((label, Some(how), Via::Camera)),
        None if readings.is_empty() => bail!("{file}: no code was found"),
        None if readings
            .iter()
            .all(|reading| reading.content == Content::Unreadable) =>
        {
            bail!("{file}: a code is there and cannot be read")
        }
        None => bail!("{file}: the code is none of this organisation's labels"),
    }
}

/// Readings come nearest the centre first.
fn nearest_label(readings: &[Reading]) -> Option<(LabelId, How)> {
    readings.iter().find_map(|reading| match reading.content {
        Content::Label { label, .. } => Some((label, reading.how)),
        Content::Foreign { .. } | Content::Unreadable => None,
    })
}

/// What to record: what was asked for, or what the scan means when that needs no tap.
fn meant(args: &ScanArgs, preview: &Preview) -> Option<Meaning> {
    if let Some(meaning) = args.meaning {
        return Some(meaning.into());
    }
    preview
        .meaning()
        .filter(|_| args.yes || !preview.needs_tap)
        .cloned()
}

fn report(args: &ScanArgs, scanned: &Scanned, needs_tap: bool) -> Result<()> {
    if args.json {
        return output::print_json(scanned);
    }
    output::print(&format!("{} / {}", scanned.words_ja, scanned.words_en))?;
    let Some(sync) = &scanned.sync else {
        let why = if needs_tap {
            "Not saved: it needs a tap, give --yes."
        } else {
            "Not saved."
        };
        return output::print(why);
    };
    match (&scanned.rejected, sync) {
        (Some(why), _) => output::print(&format!("Saved and sent; the server refused it: {why}")),
        (None, SyncOutcome::Done { .. }) => output::print("Saved and sent."),
        (None, SyncOutcome::Offline { why, .. }) => {
            output::print(&format!("Saved; it will be sent later: {why}"))
        }
        (None, SyncOutcome::SignInNeeded { .. }) => {
            output::print("Saved; it will be sent once this phone is enrolled again.")
        }
        (None, _) => output::print("Saved; it will be sent later."),
    }
}
