//! What the parts of a test run came to: counts, the table, the last line. Pure.

use std::fmt::Write;
use std::ops::AddAssign;
use std::time::Duration;

use anyhow::{Error, Result, ensure};
use serde::{Deserialize, Serialize};

/// How many tests ran, by how they ended.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Tally {
    pub(crate) passed: u32,
    pub(crate) failed: u32,
    pub(crate) skipped: u32,
}

impl Tally {
    /// One check, which passed or did not.
    pub(crate) fn check(passed: bool) -> Self {
        Self {
            passed: u32::from(passed),
            failed: u32::from(!passed),
            skipped: 0,
        }
    }

    /// A runner that failed must have a failure to show for it: if it counted none (it did not
    /// compile, it was killed), its failing is the one.
    pub(crate) fn with_exit(mut self, success: bool) -> Self {
        if !success && self.failed == 0 {
            self.failed = 1;
        }
        self
    }

    /// Where none failed, as many must have run as are written down: a runner that finds only some
    /// of the tests, or none, says that all is well.
    pub(crate) fn of_all(self, written: u32) -> Result<Self> {
        let ran = self.passed + self.failed + self.skipped;
        ensure!(
            self.failed > 0 || ran == written,
            "{written} tests are written, {ran} ran"
        );
        Ok(self)
    }
}

impl AddAssign for Tally {
    fn add_assign(&mut self, other: Self) {
        self.passed += other.passed;
        self.failed += other.failed;
        self.skipped += other.skipped;
    }
}

/// The parts that ran, in order.
#[derive(Default)]
pub(crate) struct Summary {
    rows: Vec<Row>,
}

/// What one part came to.
#[derive(Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Row {
    part: String,
    time: Duration,
    tally: Tally,
    note: String,
}

impl Row {
    /// For parts of which nothing is known but that they did not end as they should: one failure.
    pub(crate) fn broken(parts: &[String], error: &Error) -> Self {
        Self {
            part: parts.join("+"),
            time: Duration::ZERO,
            tally: Tally::check(false),
            note: format!("{error:#}"),
        }
    }
}

impl Summary {
    /// Adds a part. An error is one failure; a part in which nothing passed or failed has failed,
    /// for it checked nothing.
    pub(crate) fn add(&mut self, part: &str, time: Duration, outcome: Result<Tally>) {
        let (tally, note) = match outcome {
            Ok(tally) if tally.passed + tally.failed == 0 => {
                (Tally { failed: 1, ..tally }, "ran no tests".to_owned())
            }
            Ok(tally) => (tally, String::new()),
            Err(error) => (Tally::check(false), format!("{error:#}")),
        };
        self.rows.push(Row {
            part: part.to_owned(),
            time,
            tally,
            note,
        });
    }

    /// Adds what parts in another process came to.
    pub(crate) fn extend(&mut self, rows: Vec<Row>) {
        self.rows.extend(rows);
    }

    /// The rows as another process reads them.
    pub(crate) fn to_json(&self) -> Result<String> {
        Ok(serde_json::to_string(&self.rows)?)
    }

    /// Whether anything failed.
    pub(crate) fn failed(&self) -> bool {
        self.total().failed > 0
    }

    /// One line a part, and one for all of them with the time that went by: less than the sum
    /// where parts ran beside one another.
    pub(crate) fn table(&self, elapsed: Duration) -> String {
        let mut table = format!(
            "{:<8} {:>7} {:>7} {:>7} {:>7}\n",
            "part", "time", "passed", "failed", "skipped"
        );
        for Row {
            part,
            time,
            tally,
            note,
        } in &self.rows
        {
            line(&mut table, part, *time, *tally, note);
        }
        line(&mut table, "all", elapsed, self.total(), "");
        table
    }

    /// The line that ends every test run.
    pub(crate) fn last_line(&self) -> String {
        let Tally {
            passed,
            failed,
            skipped,
        } = self.total();
        format!("{passed} passed, {failed} failed, {skipped} skipped")
    }

    fn total(&self) -> Tally {
        let mut total = Tally::default();
        for row in &self.rows {
            total += row.tally;
        }
        total
    }
}

fn line(table: &mut String, part: &str, time: Duration, tally: Tally, note: &str) {
    let Tally {
        passed,
        failed,
        skipped,
    } = tally;
    let (minutes, seconds) = (time.as_secs() / 60, time.as_secs() % 60);
    let text =
        format!("{part:<8} {minutes:>4}:{seconds:02} {passed:>7} {failed:>7} {skipped:>7}  {note}");
    writeln!(table, "{}", text.trim_end()).expect("writing to a string cannot fail");
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use anyhow::anyhow;

    use super::{Row, Summary, Tally};

    fn summary(outcomes: Vec<(&str, anyhow::Result<Tally>)>) -> Summary {
        let mut summary = Summary::default();
        for (part, outcome) in outcomes {
            summary.add(part, Duration::from_secs(75), outcome);
        }
        summary
    }

    fn tally(passed: u32, failed: u32, skipped: u32) -> Tally {
        Tally {
            passed,
            failed,
            skipped,
        }
    }

    #[test]
    fn the_table_has_a_line_a_part_and_one_for_all() {
        let summary = summary(vec![
            ("fmt", Ok(tally(1, 0, 0))),
            ("rust", Ok(tally(120, 2, 3))),
        ]);
        assert_eq!(
            summary.table(Duration::from_secs(90)),
            "part        time  passed  failed skipped\n\
             fmt         1:15       1       0       0\n\
             rust        1:15     120       2       3\n\
             all         1:30     121       2       3\n"
        );
    }

    #[test]
    fn a_test_that_did_not_run_is_missed() {
        assert_eq!(tally(6, 0, 1).of_all(7).expect("all"), tally(6, 0, 1));
        for written in [6, 8] {
            let missed = tally(6, 0, 1).of_all(written).expect_err("not all");
            assert_eq!(
                missed.to_string(),
                format!("{written} tests are written, 7 ran")
            );
        }
        // The failure itself is said first.
        assert!(tally(2, 1, 0).of_all(7).is_ok());
    }

    #[test]
    fn the_last_line_adds_up_all_parts() {
        let summary = summary(vec![("a", Ok(tally(3, 0, 1))), ("b", Ok(tally(4, 2, 0)))]);
        assert_eq!(summary.last_line(), "7 passed, 2 failed, 1 skipped");
        assert!(summary.failed());
    }

    #[test]
    fn a_part_that_cannot_run_is_a_failure_and_says_why() {
        let summary = summary(vec![("web", Err(anyhow!("there is no `node`")))]);
        assert_eq!(summary.last_line(), "0 passed, 1 failed, 0 skipped");
        assert!(summary.table(Duration::ZERO).contains("there is no `node`"));
    }

    #[test]
    fn a_part_that_ran_no_tests_has_failed() {
        let summary = summary(vec![("rust", Ok(tally(0, 0, 5)))]);
        assert_eq!(summary.last_line(), "0 passed, 1 failed, 5 skipped");
        assert!(summary.table(Duration::ZERO).contains("ran no tests"));
    }

    #[test]
    fn what_parts_in_another_process_came_to_is_added_as_it_was() {
        let other = summary(vec![
            ("kotlin", Ok(tally(66, 1, 0))),
            ("android", Err(anyhow!("no aapt2"))),
        ]);
        let rows = serde_json::from_str(&other.to_json().expect("written")).expect("read");
        let mut all = summary(vec![("fmt", Ok(tally(1, 0, 0)))]);
        all.extend(rows);
        assert_eq!(all.last_line(), "67 passed, 2 failed, 0 skipped");
        assert!(all.table(Duration::ZERO).contains("no aapt2"));
    }

    #[test]
    fn a_process_that_leaves_no_account_is_a_failure_under_the_names_of_its_parts() {
        let mut all = summary(vec![("fmt", Ok(tally(1, 0, 0)))]);
        let parts = ["swift".to_owned(), "ios".to_owned()];
        all.extend(vec![Row::broken(&parts, &anyhow!("killed"))]);
        assert_eq!(all.last_line(), "1 passed, 1 failed, 0 skipped");
        assert!(all.table(Duration::ZERO).contains("swift+ios"));
    }

    #[test]
    fn all_passed_is_no_failure() {
        assert!(!summary(vec![("fmt", Ok(Tally::check(true)))]).failed());
    }

    #[test]
    fn a_runner_that_failed_without_counting_a_failure_is_one() {
        assert_eq!(tally(5, 0, 0).with_exit(false), tally(5, 1, 0));
        assert_eq!(tally(5, 2, 0).with_exit(false), tally(5, 2, 0));
        assert_eq!(tally(5, 0, 0).with_exit(true), tally(5, 0, 0));
    }
}
