//! The part `fmt`: rustfmt has nothing to change.

use anyhow::Result;

use super::summary::Tally;
use crate::project::{Project, succeeds};

pub(super) fn run(project: &Project) -> Result<Tally> {
    Ok(Tally::check(succeeds(
        project.cargo().args(["fmt", "--all", "--check"]),
    )?))
}
