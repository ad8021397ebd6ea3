//! The part `deny`: the licences, sources and bans of deny.toml hold for every dependency.
//! cargo-deny is built once into the cache.

use std::path::PathBuf;

use anyhow::Result;

use super::summary::Tally;
use crate::project::{Project, run as run_program, succeeds};

const VERSION: &str = "0.20.2";
const CHECKS: [&str; 3] = ["licenses", "bans", "sources"];

pub(super) fn run(project: &Project) -> Result<Tally> {
    let cargo_deny = cargo_deny(project)?;
    let mut deny = project.command(&cargo_deny);
    Ok(Tally::check(succeeds(
        deny.args(["--workspace", "check"]).args(CHECKS),
    )?))
}

/// The program, built if this version is not in the cache; without optimisation, which would
/// take more than twice as long to build a program that runs for seconds.
fn cargo_deny(project: &Project) -> Result<PathBuf> {
    let folder = project.cache.join(format!("cargo-deny-{VERSION}"));
    let program = folder.join("bin/cargo-deny");
    if !program.is_file() {
        let mut cargo = project.cargo();
        cargo.args([
            "install",
            "cargo-deny",
            "--version",
            VERSION,
            "--locked",
            "--root",
        ]);
        cargo.arg(folder).env("CARGO_PROFILE_RELEASE_LTO", "off");
        run_program(cargo.env("CARGO_PROFILE_RELEASE_OPT_LEVEL", "0"))?;
    }
    Ok(program)
}
