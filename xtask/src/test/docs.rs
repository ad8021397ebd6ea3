//! The part `docs`: the documentation of our crates builds without a warning.

use anyhow::Result;

use super::summary::Tally;
use super::workspace_args;
use crate::project::{Project, succeeds};

pub(super) fn run(project: &Project) -> Result<Tally> {
    let mut cargo = project.cargo();
    cargo
        .arg("doc")
        .args(workspace_args())
        .arg("--no-deps")
        .env("RUSTDOCFLAGS", "-D warnings");
    Ok(Tally::check(succeeds(&mut cargo)?))
}
