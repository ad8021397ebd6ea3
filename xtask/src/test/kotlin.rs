//! The part `kotlin`: the Kotlin package against the real core and a real server, on a plain JVM.

use std::fs;

use anyhow::{Context, Result};

use super::maven;
use super::summary::Tally;
use crate::kotlin::{Core, MODULES, shrunk_app_runs};
use crate::project::Project;

/// The scripts that the Kotlin tests run, each a test of its own.
const CONFORMANCE: &str = "tests/fixtures/conformance";
const TESTS: &str = "core/src/test/kotlin";

pub(super) fn run(project: &Project) -> Result<Tally> {
    let core = Core::build(project)?;
    let modules = project.root.join(MODULES);
    let mut command = core.maven(project, &modules)?;
    let tally = maven::tests(command.arg("test"))?;
    let expected = maven::written(&modules.join(TESTS))? + scripts(project)?;
    let mut tally = tally.of_all(expected)?;
    tally += Tally::check(shrunk_app_runs(project, &core)?);
    Ok(tally)
}

/// How many conformance scripts there are.
pub(super) fn scripts(project: &Project) -> Result<u32> {
    let folder = project.root.join(CONFORMANCE);
    let entries = fs::read_dir(&folder).with_context(|| format!("reading {}", folder.display()))?;
    let mut count = 0;
    for entry in entries {
        let path = entry?.path();
        count += u32::from(path.extension().is_some_and(|ending| ending == "json"));
    }
    Ok(count)
}
