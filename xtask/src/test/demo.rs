//! The part `demo`: a seeded morning in which phones are killed and syncs cut off. The program
//! itself compares what each phone was told was saved with what the server holds; its exit
//! status is the test.

use anyhow::Result;

use super::summary::Tally;
use crate::project::{Project, succeeds};

pub(super) fn run(project: &Project) -> Result<Tally> {
    let mut cargo = project.cargo();
    cargo.args(["run", "--release", "--package", "kokoni", "--"]);
    cargo.args(["demo", "--check", "--phones", "60", "--seed", "7"]);
    Ok(Tally::check(succeeds(&mut cargo)?))
}
