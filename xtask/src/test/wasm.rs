//! The part `wasm`: the reader builds for WebAssembly.

use anyhow::Result;

use super::summary::Tally;
use crate::project::{Project, succeeds};

pub(super) fn run(project: &Project) -> Result<Tally> {
    let mut cargo = project.command(project.root.join("xtask/scripts/cargo-wasm.sh"));
    cargo.args(["build", "--release", "--package", "kokoni-reader"]);
    Ok(Tally::check(succeeds(
        cargo.env("KOKONI_TOOLS", &project.cache),
    )?))
}
