//! The part `rust`: every Rust test of the workspace, unit, integration and documentation.

use anyhow::Result;

use super::summary::Tally;
use super::workspace_args;
use crate::project::{Project, watch};

pub(super) fn run(project: &Project) -> Result<Tally> {
    let mut cargo = project.cargo();
    cargo
        .arg("test")
        .args(workspace_args())
        .arg("--no-fail-fast");
    let mut tally = Tally::default();
    let status = watch(&mut cargo, |line| {
        if let Some(counts) = counts_of(line) {
            tally += counts;
        }
    })?;
    Ok(tally.with_exit(status.success()))
}

/// The counts in the line that ends each test program, as in
/// `test result: ok. 5 passed; 0 failed; 1 ignored; 0 measured; 2 filtered out; ...`.
pub(super) fn counts_of(line: &str) -> Option<Tally> {
    let (_, counts) = line.strip_prefix("test result: ")?.split_once(". ")?;
    let count = |what: &str| {
        counts
            .split("; ")
            .find_map(|field| field.strip_suffix(what)?.trim().parse().ok())
    };
    Some(Tally {
        passed: count(" passed")?,
        failed: count(" failed")?,
        skipped: count(" ignored")?,
    })
}

#[cfg(test)]
mod tests {
    use super::{Tally, counts_of};

    #[test]
    fn counts_are_read_from_the_result_line() {
        let ok = "test result: ok. 5 passed; 0 failed; 1 ignored; 0 measured; 2 filtered out; \
                  finished in 0.01s";
        assert_eq!(
            counts_of(ok),
            Some(Tally {
                passed: 5,
                failed: 0,
                skipped: 1
            })
        );
        let failed = "test result: FAILED. 41 passed; 3 failed; 0 ignored; 0 measured; 0 filtered \
                      out; finished in 1.50s";
        assert_eq!(
            counts_of(failed),
            Some(Tally {
                passed: 41,
                failed: 3,
                skipped: 0
            })
        );
    }

    #[test]
    fn other_lines_have_no_counts() {
        assert_eq!(
            counts_of("test a_late_event_never_unseats_a_later_one ... ok"),
            None
        );
        assert_eq!(counts_of("running 5 tests"), None);
        assert_eq!(counts_of("test result: ok."), None);
    }
}
