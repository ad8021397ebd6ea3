//! The tests of `tests/faults` under AddressSanitizer: the one crate whose `unsafe` stands between
//! SQLite and a disk.

use anyhow::Result;

use crate::machine::{self, Sanitizer};
use crate::named_test::TRIALS;
use crate::project::{self, Project};

/// How often each promise is tried: memory is handled the same way every time.
const COUNT: u64 = 20;

/// Runs them; fails if one does, or if there is no nightly toolchain.
pub(super) fn run(project: &Project) -> Result<()> {
    println!("tests/faults under AddressSanitizer");
    let mut cargo = machine::sanitizing_cargo(project, "test", Sanitizer::Address)?;
    cargo.args(["--package", "kokoni-faults"]);
    project::run(cargo.env(TRIALS, COUNT.to_string()))
}
