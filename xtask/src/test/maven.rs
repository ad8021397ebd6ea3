//! Running tests under Maven and counting them: what surefire says must be what was written.

use std::fs;
use std::path::Path;
use std::process::Command;

use anyhow::{Context, Result};

use super::summary::Tally;
use crate::project::watch;

/// Runs Maven and counts the tests that surefire names.
pub(crate) fn tests(maven: &mut Command) -> Result<Tally> {
    let mut tally = Tally::default();
    let status = watch(maven, |line| tally += counts_of(line))?;
    Ok(tally.with_exit(status.success()))
}

/// What a closing line of surefire's adds: `Tests run: 7, Failures: 1, Errors: 0, Skipped: 2`. The
/// lines of single classes go on after that, and are not counted.
fn counts_of(line: &str) -> Tally {
    let none = Tally::default();
    let Some((_, counts)) = line.split_once("Tests run: ") else {
        return none;
    };
    let numbers: Vec<Option<u32>> = format!("Run: {counts}")
        .split(", ")
        .map(|count| count.split_once(": ")?.1.parse().ok())
        .collect();
    match numbers[..] {
        [Some(ran), Some(failures), Some(errors), Some(skipped)] => {
            let failed = failures + errors;
            Tally {
                passed: ran.saturating_sub(failed + skipped),
                failed,
                skipped,
            }
        }
        _ => none,
    }
}

/// How many tests are written in the Kotlin files of a folder: functions with `@Test`.
pub(crate) fn written(folder: &Path) -> Result<u32> {
    let mut count = 0;
    let entries = fs::read_dir(folder).with_context(|| format!("reading {}", folder.display()))?;
    for entry in entries {
        let path = entry?.path();
        if path.is_dir() {
            count += written(&path)?;
        } else if path.extension().is_some_and(|ending| ending == "kt") {
            let text = fs::read_to_string(&path)?;
            let tests = text.lines().filter(|line| is_test(line)).count();
            count += u32::try_from(tests).context("more tests than anybody writes")?;
        }
    }
    Ok(count)
}

fn is_test(line: &str) -> bool {
    line.trim() == "@Test"
}

#[cfg(test)]
mod tests {
    use super::{Tally, counts_of, is_test};

    #[test]
    fn the_closing_line_is_counted() {
        assert_eq!(
            counts_of("[ERROR] Tests run: 7, Failures: 1, Errors: 2, Skipped: 1"),
            Tally {
                passed: 3,
                failed: 3,
                skipped: 1
            }
        );
    }

    #[test]
    fn lines_of_classes_are_not_counted() {
        let line = "[INFO] Tests run: 7, Failures: 0, Errors: 0, Skipped: 0, Time elapsed: 1.2 s \
                    -- in dev.kokoni.core.WatchTest";
        assert_eq!(counts_of(line), Tally::default());
        assert_eq!(counts_of("[INFO] Running a test"), Tally::default());
    }

    #[test]
    fn a_test_is_a_line_of_its_own() {
        assert!(is_test("    @Test"));
        assert!(!is_test("import kotlin.test.Test"));
        assert!(!is_test("// @Test fun nothing() = Unit"));
    }
}
