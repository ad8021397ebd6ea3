//! `cargo xtask bench reader`: ours and the peers' published decoders on the same luma frames, in
//! one process, on one thread, in turn.
//!
//! It takes folders of label frames with their truth (`manifest.json`, `catalogue.json`), folders
//! of photographs with the text expected of each (`X.txt` beside `X.webp`), and frames that the
//! synthetic camera draws while the program runs (`--stream`). It prints, class by class, what was
//! read, what was read wrongly, what was taken for a label and is none, and thread CPU time with
//! its ratio to zxing-cpp. `--check-floors` compares with the floors kept in `floors.toml`.
#![expect(
    clippy::print_stdout,
    clippy::print_stderr,
    reason = "a benchmark's answer goes to the terminal"
)]

mod answer;
mod floors;
mod frames;
mod labels;
mod measure;
mod ours;
#[cfg(feature = "peers")]
mod peers;
mod photos;
mod report;
mod stream;

use std::path::PathBuf;
use std::process::ExitCode;

use anyhow::Result;
use clap::{Parser, ValueEnum};

use crate::answer::Decoder;
use crate::ours::Mode;
use crate::report::Report;

/// Compare the reader with the best published decoders on the same frames.
#[derive(Parser)]
struct Args {
    /// Folders of label frames with manifest.json and catalogue.json
    #[arg(long, num_args = 1.., value_name = "DIR")]
    frames: Vec<PathBuf>,
    /// Folders of photographs; every folder below holds a set
    #[arg(long, num_args = 1.., value_name = "DIR")]
    photos: Vec<PathBuf>,
    /// Draw this many frames without a catalogue label and count what is taken for one
    #[arg(long, value_name = "FRAMES", default_value_t = 0)]
    stream: usize,
    /// Seed of the streamed frames
    #[arg(long, default_value_t = 1)]
    seed: u64,
    /// What our reader knows and how long it may look; all of them if not given
    #[arg(long, num_args = 1.., value_enum)]
    only: Vec<Mode>,
    /// The decoders to compare with
    #[arg(long, value_enum, default_value_t = Peers::All)]
    peers: Peers,
    /// Only these classes of the label frames
    #[arg(long, num_args = 1.., value_name = "CLASS")]
    classes: Vec<String>,
    /// Only every N-th frame or photograph of a class
    #[arg(long, value_name = "N", default_value_t = 1)]
    every: usize,
    /// Fill the catalogue up to this many labels
    #[arg(long, value_name = "LABELS")]
    catalogue: Option<usize>,
    /// List what our reader did not read, or read wrongly
    #[arg(long)]
    missed: bool,
    /// Print the figures as JSON
    #[arg(long)]
    json: bool,
    /// Fail where a figure lies below the floors kept in the repository
    #[arg(long)]
    check_floors: bool,
    /// Raise the floors to the figures of this run; nothing is ever lowered
    #[arg(long)]
    raise_floors: bool,
}

#[derive(Clone, Copy, PartialEq, Eq, ValueEnum)]
enum Peers {
    /// zxing-cpp, rxing, rqrr and quircs
    All,
    /// zxing-cpp alone, for the ratios
    Zxing,
    /// Ours alone, for quick rounds
    None,
}

fn main() -> Result<ExitCode> {
    let args = Args::parse();
    let modes = if args.only.is_empty() {
        Mode::value_variants()
    } else {
        &args.only
    };
    let mut peers = peers(args.peers);
    let mut report = Report::default();
    for folder in &args.frames {
        labels::run(&args, folder, modes, &mut peers, &mut report)?;
    }
    for folder in &args.photos {
        photos::run(&args, folder, modes, &mut peers, &mut report)?;
    }
    if args.stream > 0 {
        stream::run(&args, modes, &mut report)?;
    }
    if args.json {
        println!("{}", serde_json::to_string_pretty(&report)?);
    } else {
        println!("{}", report.tables());
    }
    let mut code = ExitCode::SUCCESS;
    if args.check_floors || args.raise_floors {
        let below = floors::apply(&report, args.raise_floors)?;
        for line in &below {
            eprintln!("below the floor: {line}");
        }
        if args.check_floors && !below.is_empty() {
            code = ExitCode::FAILURE;
        }
    }
    Ok(code)
}

#[cfg(feature = "peers")]
fn peers(which: Peers) -> Vec<Box<dyn Decoder>> {
    match which {
        Peers::All => peers::all(),
        Peers::Zxing => vec![peers::zxing()],
        Peers::None => Vec::new(),
    }
}

#[cfg(not(feature = "peers"))]
fn peers(which: Peers) -> Vec<Box<dyn Decoder>> {
    if which != Peers::None {
        eprintln!("built without the feature `peers`: only ours is measured");
    }
    Vec::new()
}
