//! `cargo xtask test [PART]...`: runs the parts one after another and ends with one table.
//!
//! Parts that leave a processor idle run beside one another, as `lanes` says. A part that fails
//! does not stop the others. A part that ran nothing has failed. What no such
//! machine can check is named and not counted. The last line is `N passed, N failed, N skipped`.

mod android;
mod clippy;
mod demo;
mod deny;
mod docs;
mod encrypted;
mod fmt;
mod house;
mod ios;
mod kotlin;
mod lanes;
mod maven;
mod node_tests;
mod phones;
mod rust;
mod size;
mod summary;
mod swift;
mod wasm;
mod web;

use std::fs;
use std::path::PathBuf;
use std::process::ExitCode;
use std::time::Instant;

use anyhow::Result;
use clap::ValueEnum;

use crate::machine::NOT_HERE;
use crate::project::Project;
use crate::test::summary::{Summary, Tally};

/// Which parts to run.
#[derive(clap::Args)]
pub(crate) struct TestArgs {
    /// The parts to run; all of them if none is named
    parts: Vec<Part>,
    /// Where to write what each part came to, for the process that runs several of these
    #[arg(long, hide = true)]
    rows: Option<PathBuf>,
}

/// What is checked, in the order it runs: what answers soonest comes first.
#[derive(Clone, Copy, PartialEq, Eq, ValueEnum)]
enum Part {
    /// rustfmt has nothing to change
    Fmt,
    /// The house rules: arrows between crates, headers, lengths, unfinished work
    House,
    /// clippy, warnings denied
    Clippy,
    /// The documentation builds without a warning
    Docs,
    /// Every Rust test of the workspace
    Rust,
    /// The phone's database encrypted at rest, in a build of its own
    Encrypted,
    /// `kokoni demo --check`: a morning with faults; what was saved is what the server holds
    Demo,
    /// The reader builds for WebAssembly
    Wasm,
    /// The web pages: types, units, and a real browser
    Web,
    /// The Kotlin package, against the real core and a real server, on a plain JVM
    Kotlin,
    /// The Android app on Android 8.0 and 15, held to API 26, and its package
    Android,
    /// The Swift package, against the real core and a real server
    Swift,
    /// The iOS app's screens playing the journeys; its sources checked against stand-ins
    Ios,
    /// The library's types for Android and iOS, and the headers of its framework
    Phones,
    /// The stripped library's size, held to its limit, and its size with encryption
    Size,
    /// Licences, banned crates and sources of the dependencies
    Deny,
}

impl Part {
    fn run(self, project: &Project) -> Result<Tally> {
        match self {
            Part::Fmt => fmt::run(project),
            Part::House => house::run(project),
            Part::Clippy => clippy::run(project),
            Part::Docs => docs::run(project),
            Part::Rust => rust::run(project),
            Part::Encrypted => encrypted::run(project),
            Part::Demo => demo::run(project),
            Part::Wasm => wasm::run(project),
            Part::Web => web::run(project),
            Part::Kotlin => kotlin::run(project),
            Part::Android => android::run(project),
            Part::Swift => swift::run(project),
            Part::Ios => ios::run(project),
            Part::Phones => phones::run(project),
            Part::Size => size::run(project),
            Part::Deny => deny::run(project),
        }
    }

    fn name(self) -> String {
        self.to_possible_value()
            .expect("every part has a name")
            .get_name()
            .to_owned()
    }
}

/// Packages which `--workspace` leaves out: they build C++ decoders to compare ours with, which
/// an ordinary test run should not wait for.
const WITH_CPP_PEERS: [&str; 1] = ["kokoni-bench-reader"];

/// `--workspace` without the packages that an ordinary run leaves out.
fn workspace_args() -> Vec<&'static str> {
    let excluded = WITH_CPP_PEERS
        .into_iter()
        .flat_map(|package| ["--exclude", package]);
    std::iter::once("--workspace").chain(excluded).collect()
}

/// Parts that wait for one Java machine, one Swift compiler or one linker, so that a second processor would
/// stand idle. Where all parts run, these run at the end of it, the lanes beside one another.
const LANES: [&[Part]; 2] = [
    &[Part::Kotlin, Part::Android],
    &[Part::Swift, Part::Ios, Part::Phones, Part::Size],
];

/// Runs the parts and prints the summary; fails if any part failed.
pub(crate) fn run(project: &Project, args: &TestArgs) -> Result<ExitCode> {
    let start = Instant::now();
    let all = args.parts.is_empty();
    let mut summary = Summary::default();
    if all {
        let in_lanes = LANES.concat();
        let alone = Part::value_variants().iter().copied();
        let alone = alone.filter(|part| !in_lanes.contains(part));
        one_after_another(project, alone, &mut summary);
        let names = LANES.map(|lane| lane.iter().map(|part| part.name()).collect());
        summary.extend(lanes::run(project, &names)?);
    } else {
        one_after_another(project, args.parts.iter().copied(), &mut summary);
    }
    if let Some(file) = &args.rows {
        fs::write(file, summary.to_json()?)?;
    } else {
        println!("\n{}", summary.table(start.elapsed()));
        for (what, why) in NOT_HERE.into_iter().filter(|_| all) {
            println!("not here: {what}, {why}");
        }
        println!("{}", summary.last_line());
    }
    Ok(if summary.failed() {
        ExitCode::FAILURE
    } else {
        ExitCode::SUCCESS
    })
}

fn one_after_another(project: &Project, parts: impl Iterator<Item = Part>, summary: &mut Summary) {
    for part in parts {
        println!("\n== {} ==", part.name());
        let start = Instant::now();
        let outcome = part.run(project);
        if let Err(error) = &outcome {
            println!("{}: {error:#}", part.name());
        }
        summary.add(&part.name(), start.elapsed(), outcome);
    }
}
