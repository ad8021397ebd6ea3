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
    // Debug, as the Rust tests have built it already.
    let city = [
        "build",
        "--package",
        "kokoni-server",
        "--example",
        "serve_test_city",
    ];
    run_program(project.cargo().args(city))?;
    let city = project.target().join("debug/examples/serve_test_city");

    let mut tally = tests.types("tsconfig.json")?;
    tally += tests.types("tsconfig.pages.json")?;
    tally += tests.run("unit", &[])?;
    tally += tests.run(
        "browser",
        &[
            ("KOKONI_CHROMIUM", &chromium),
            ("KOKONI_BIN", &kokoni),
            ("KOKONI_TEST_CITY", &city),
        ],
    )?;
    Ok(tally)
}
