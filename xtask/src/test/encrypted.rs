//! The part `encrypted`: the phone's database encrypted at rest, built with the feature `sqlcipher`
//! in a target folder of its own. Cargo unites features: beside the other crates it would switch
//! the SQLite of the server as well.

use anyhow::Result;

use super::rust::counts_of;
use super::summary::Tally;
use crate::project::{Project, watch};

pub(super) fn run(project: &Project) -> Result<Tally> {
    let mut cargo = project.cargo();
    cargo
        .args(["test", "--package", "kokoni-client"])
        .args(["--features", "sqlcipher", "--test", "encrypted"])
        .env("CARGO_TARGET_DIR", project.target().join("encrypted"));
    let mut tally = Tally::default();
    let status = watch(&mut cargo, |line| {
        if let Some(counts) = counts_of(line) {
            tally += counts;
        }
    })?;
    Ok(tally.with_exit(status.success()))
}
