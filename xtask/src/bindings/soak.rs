//! `cargo xtask bindings soak`: what the bindings promise of memory and threads, many times over.
//!
//! Calls from eight JVM threads and cycles of opening and closing, in Kotlin, in Swift and in Rust;
//! each ends with an error if memory has grown. With `--sanitized` the crate's own tests as well,
//! under AddressSanitizer and under ThreadSanitizer.

use anyhow::Result;

use crate::machine::{self, Sanitizer};
use crate::project::{Project, run as run_program};
use crate::{kotlin, swift};

const PACKAGE: &str = super::PACKAGE;
/// How often the script of the cycles opens and closes, in every language.
const CYCLES: &str = "KOKONI_CYCLES";
/// The name of that script's test in Rust, which plays the others as well.
const SCRIPTS: &str = "conformance::every_conformance_script_holds";
/// As a sanitizer makes everything slower, it cycles only so often.
const SANITIZED_CYCLES: u32 = 300;

/// How much to soak.
#[derive(clap::Args)]
pub(crate) struct SoakArgs {
    /// Calls from eight threads of a JVM
    #[arg(long, default_value_t = 100_000)]
    calls: u32,
    /// Times to open and close, in each language
    #[arg(long, default_value_t = 10_000)]
    cycles: u32,
    /// Also run the crate's own tests under sanitizers, which need a nightly toolchain
    #[arg(long)]
    sanitized: bool,
    /// Only these; all if none is named
    #[arg(value_enum)]
    languages: Vec<Language>,
}

/// Where it soaks.
#[derive(Clone, Copy, Debug, PartialEq, Eq, clap::ValueEnum)]
enum Language {
    Kotlin,
    Swift,
    Rust,
}

/// Soaks; the first thing that does not hold is the error.
pub(super) fn run(project: &Project, args: &SoakArgs) -> Result<()> {
    let wanted = |language| args.languages.is_empty() || args.languages.contains(&language);
    let cycles = args.cycles.to_string();
    if wanted(Language::Kotlin) {
        println!("\n== Kotlin ==");
        kotlin::soak(project, args.calls, args.cycles)?;
    }
    if wanted(Language::Swift) {
        println!("\n== Swift: {cycles} times opened and closed ==");
        swift::soak(project, CYCLES, &cycles)?;
    }
    if wanted(Language::Rust) {
        println!("\n== Rust: {cycles} times opened and closed ==");
        let mut cargo = project.cargo();
        cargo.args(["test", "--package", PACKAGE, "--test", "surface"]);
        run_program(
            cargo
                .args(["--", "--exact", SCRIPTS, "--nocapture"])
                .env(CYCLES, &cycles),
        )?;
    }
    if args.sanitized {
        for sanitizer in [Sanitizer::Address, Sanitizer::Thread] {
            println!("\n== The crate's own tests under {} ==", sanitizer.name());
            sanitized(project, sanitizer)?;
        }
    }
    Ok(())
}

fn sanitized(project: &Project, sanitizer: Sanitizer) -> Result<()> {
    let mut cargo = machine::sanitizing_cargo(project, "test", sanitizer)?;
    cargo
        .args(["--package", PACKAGE])
        // The server is a program of its own; it needs no sanitizer, and no nightly.
        .env("KOKONI_PROGRAM", super::program(project))
        // Some tests panic on purpose; under a sanitizer the trace of it takes longer than they wait.
        .env("RUST_BACKTRACE", "0")
        .env(CYCLES, SANITIZED_CYCLES.to_string());
    super::library(project)?;
    run_program(&mut cargo)
}
