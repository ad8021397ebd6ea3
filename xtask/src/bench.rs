//! `cargo xtask bench [--encrypted] NAME [ARGS]...`: runs the package `kokoni-bench-NAME`, optimised;
//! `android`, `kotlin` and `swift` are programs of those packages.

use std::process::ExitCode;

use anyhow::{Result, bail};

use crate::android;
use crate::kotlin;
use crate::project::{Package, Project, succeeds};
use crate::swift;

const ANDROID: &str = "android";
const KOTLIN: &str = "kotlin";
const SWIFT: &str = "swift";
const PREFIX: &str = "kokoni-bench-";

/// Which benchmark, and what to hand to it.
#[derive(clap::Args)]
pub(crate) struct BenchArgs {
    /// With the phone's database encrypted, in a build of its own (for `queue`)
    #[arg(long)]
    encrypted: bool,
    /// Which benchmark: the package kokoni-bench-NAME, `android`, `kotlin`, or `swift`
    name: String,
    /// Passed on to the benchmark
    #[arg(trailing_var_arg = true, allow_hyphen_values = true)]
    args: Vec<String>,
}

/// Runs the benchmark; its success is the answer.
pub(crate) fn run(project: &Project, args: &BenchArgs) -> Result<ExitCode> {
    match args.name.as_str() {
        ANDROID => return android::bench(project),
        KOTLIN => return kotlin::bench(project),
        SWIFT => return swift::bench(project),
        _ => {}
    }
    let mut known = benchmarks(&project.packages()?);
    known.extend([ANDROID, KOTLIN, SWIFT].map(Into::into));
    if !known.contains(&args.name) {
        bail!(
            "there is no benchmark `{}`; there are: {}",
            args.name,
            known.join(", ")
        );
    }
    let package = format!("{PREFIX}{}", args.name);
    let mut cargo = project.cargo();
    cargo.args(["run", "--release", "-p", &package]);
    if args.encrypted {
        cargo
            .args(["--features", "encrypted"])
            .env("CARGO_TARGET_DIR", project.target().join("encrypted"));
    }
    cargo.arg("--").args(&args.args);
    Ok(if succeeds(&mut cargo)? {
        ExitCode::SUCCESS
    } else {
        ExitCode::FAILURE
    })
}

fn benchmarks(packages: &[Package]) -> Vec<String> {
    packages
        .iter()
        .filter_map(|package| package.name.strip_prefix(PREFIX))
        .map(Into::into)
        .collect()
}
