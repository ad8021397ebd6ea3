//! The part `web`: the ES modules of the pages are type-checked and unit-tested under Node, then
//! a real Chromium opens the pages of a real server.

use anyhow::Result;

use super::node_tests::NodeTests;
use super::summary::Tally;
use crate::machine;
use crate::project::{Project, run as run_program};

pub(super) fn run(project: &Project) -> Result<Tally> {
    let tests = NodeTests::install(project)?;
    let chromium = machine::chromium(project)?;
    run_program(
        project
            .cargo()
            .args(["build", "--release", "--package", "kokoni"]),
    )?;
    let kokoni = project.target().join("release/kokoni");

    let mut tally = tests.types("tsconfig.json")?;
    tally += tests.types("tsconfig.pages.json")?;
    tally += tests.run("unit", &[])?;
    tally += tests.run(
        "browser",
        &[("KOKONI_CHROMIUM", &chromium), ("KOKONI_BIN", &kokoni)],
    )?;
    Ok(tally)
}
