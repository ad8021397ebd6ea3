//! The part `encrypted`: the phone's database encrypted at rest, built with the feature `sqlcipher`
//! in a target folder of its own. Cargo unites features: beside the other crates it would switch
//! the SQLite of the server as well.
//!
//! It is the SQLite that phones get, without the parts that are left out there: what asks for one
//! of those fails here.

use anyhow::Result;

use super::rust::counts_of;
use super::summary::Tally;
use crate::bindings::SQLITE_FLAGS;
use crate::project::{Project, watch};

pub(super) fn run(project: &Project) -> Result<Tally> {
    let mut cargo = project.cargo();
    cargo
        .args(["test", "--package", "kokoni-client"])
        .args(["--features", "sqlcipher", "--test", "encrypted"])
        .env("CARGO_TARGET_DIR", project.target().join("encrypted"))
        .env(SQLITE_FLAGS.0, SQLITE_FLAGS.1);
    let mut tally = Tally::default();
    let status = watch(&mut cargo, |line| {
        if let Some(counts) = counts_of(line) {
            tally += counts;
        }
    })?;
    Ok(tally.with_exit(status.success()))
}
