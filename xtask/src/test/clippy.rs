//! The part `clippy`: the whole workspace, all targets, warnings denied.

use anyhow::Result;

use super::summary::Tally;
use super::workspace_args;
use crate::project::{Project, succeeds};

pub(super) fn run(project: &Project) -> Result<Tally> {
    let mut cargo = project.cargo();
    cargo
        .arg("clippy")
        .args(workspace_args())
        .args(["--all-targets", "--", "-D", "warnings"]);
    Ok(Tally::check(succeeds(&mut cargo)?))
}
