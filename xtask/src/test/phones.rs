//! The part `phones`: what can be known of the library for phones without an NDK and without
//! Xcode. Its types hold for both systems, and the headers of the framework are laid out.

use anyhow::Result;

use super::summary::Tally;
use crate::packaging::{CHECKED_TARGETS, headers, types_hold};
use crate::project::Project;

pub(super) fn run(project: &Project) -> Result<Tally> {
    let mut tally = Tally::default();
    for target in CHECKED_TARGETS {
        println!("types for {target}");
        tally += Tally::check(types_hold(project, target)?);
    }
    headers(project)?;
    tally += Tally::check(true);
    Ok(tally)
}
