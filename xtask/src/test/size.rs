//! The part `size`: the library as phones get it, stripped, for this machine. Without encryption it
//! is held to its limit; with encryption its size is printed.

use anyhow::Result;

use super::summary::Tally;
use crate::bindings;
use crate::project::Project;

pub(super) fn run(project: &Project) -> Result<Tally> {
    bindings::sizes_hold(project)?;
    Ok(Tally::check(true))
}
