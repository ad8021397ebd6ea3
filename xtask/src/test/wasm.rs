//! The part `wasm`: the reader builds for WebAssembly, and reads a frame under Node.

use anyhow::Result;

use super::node_tests::NodeTests;
use super::summary::Tally;
use crate::project::{Project, succeeds};

pub(super) fn run(project: &Project) -> Result<Tally> {
    let mut cargo = project.command(project.root.join("xtask/scripts/cargo-wasm.sh"));
    cargo.args(["build", "--release", "--package", "kokoni-reader-wasm"]);
    let mut tally = Tally::check(succeeds(cargo.env("KOKONI_TOOLS", &project.cache))?);
    let module = project
        .target()
        .join("wasm32-unknown-unknown/release/kokoni_reader_wasm.wasm");
    tally += NodeTests::install(project)?.run("wasm", &[("KOKONI_READER_WASM", &module)])?;
    Ok(tally)
}
