//! One named test, run on its own by `cargo test`, and what it said of what it tried. The soak runs
//! it with counts and seeds, the sabotage with the product broken.

use std::os::unix::process::CommandExt;
use std::process::{Command, Output, Stdio};
use std::sync::mpsc::{self, RecvTimeoutError};
use std::time::Duration;

use anyhow::{Context, Result, bail};
use serde::Deserialize;

/// What says to a test how often it tries and from which seed, as `tests/trials` reads it.
pub(crate) const TRIALS: &str = "KOKONI_TRIALS";
/// See [`TRIALS`].
pub(crate) const SEED: &str = "KOKONI_SEED";
/// What begins the line in which a test says what it tried.
const TRIED: &str = "tried: ";

/// Where a test is, and its name there.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
pub(crate) struct NamedTest {
    pub(crate) package: String,
    /// The test program in the package's folder `tests`; none for the tests inside the library.
    #[serde(default)]
    pub(crate) program: Option<String>,
    /// Its whole name, modules included.
    pub(crate) test: String,
}

/// How a test ended.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Ending {
    Passed,
    Failed,
    /// It had not ended when its time was over, and was killed with all it had started.
    TookTooLong,
    /// It was not run: it did not compile, there is no such test, or cargo met something else.
    NotRun,
}

/// A test that was run.
#[derive(Clone, Debug)]
pub(crate) struct Run {
    pub(crate) ending: Ending,
    /// Everything it wrote.
    pub(crate) log: String,
}

impl NamedTest {
    pub(crate) fn new(package: &str, program: &str, test: &str) -> Self {
        Self {
            package: package.to_owned(),
            program: Some(program.to_owned()),
            test: test.to_owned(),
        }
    }

    /// The arguments of cargo that build and run its program.
    fn args(&self) -> Vec<&str> {
        let mut args = vec!["test", "--package", &self.package];
        match &self.program {
            Some(program) => args.extend(["--test", program]),
            None => args.push("--lib"),
        }
        args
    }

    /// As one would type it.
    pub(crate) fn shown(&self) -> String {
        let args = self.args().join(" ");
        format!("cargo {args} -- --exact {} --nocapture", self.test)
    }

    /// Builds it, however long that takes, then runs it and gives it so long. `cargo` gives cargos
    /// that may have been told of a folder and an environment.
    pub(crate) fn run(&self, cargo: impl Fn() -> Command, limit: Duration) -> Result<Run> {
        let mut build = cargo();
        let built = build.args(self.args()).arg("--no-run").output();
        let built = built.context("cannot start cargo")?;
        if !built.status.success() {
            return Ok(Run {
                ending: Ending::NotRun,
                log: written(built),
            });
        }
        let mut test = cargo();
        test.args(self.args())
            .args(["--", "--exact", &self.test, "--nocapture"]);
        let (output, in_time) = run_within(test, limit)?;
        let success = output.status.success();
        let log = written(output);
        let ending = if in_time {
            ending(&log, success)
        } else {
            Ending::TookTooLong
        };
        Ok(Run { ending, log })
    }
}

fn written(output: Output) -> String {
    [output.stdout, output.stderr]
        .map(|bytes| String::from_utf8_lossy(&bytes).into_owned())
        .concat()
}

/// Runs a command to its end, or for so long; then kills it with all it has started. Gives what it
/// wrote, and whether it ended in time.
fn run_within(mut command: Command, limit: Duration) -> Result<(Output, bool)> {
    let child = command
        .process_group(0)
        .stdin(Stdio::null())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .context("cannot start it")?;
    let group = format!("-{}", child.id());
    let (end, ended) = mpsc::channel();
    let waiting = std::thread::spawn(move || end.send(child.wait_with_output()));
    let first = ended.recv_timeout(limit);
    let in_time = first.is_ok();
    let output = match first {
        Err(RecvTimeoutError::Timeout) => {
            Command::new("kill")
                .args(["-KILL", "--", &group])
                .status()?;
            ended.recv()?
        }
        other => other?,
    };
    // It has sent all it had to say.
    let _ = waiting.join();
    Ok((output?, in_time))
}

/// What the line says that ends a test program.
fn ending(log: &str, success: bool) -> Ending {
    let mut results = log
        .lines()
        .filter_map(|line| line.split_once("test result: ").map(|(_, result)| result));
    match (results.next(), success) {
        (Some(result), true) if result.starts_with("ok. 1 passed; 0 failed") => Ending::Passed,
        (Some(result), false) if result.starts_with("FAILED. 0 passed; 1 failed") => Ending::Failed,
        _ => Ending::NotRun,
    }
}

/// What a test said of what it tried: each figure with its name, the one that counts first.
pub(crate) fn figures(log: &str) -> Result<Vec<(String, u64)>> {
    let line = log
        .lines()
        .find_map(|line| line.split_once(TRIED).map(|(_, figures)| figures));
    let Some(line) = line else {
        bail!("the test does not say what it tried");
    };
    // The seed is known to whoever gave it.
    let named = line.split(", ").skip(1).map(|figure| {
        let (name, number) = figure.rsplit_once(' ')?;
        Some((name.to_owned(), number.trim().parse().ok()?))
    });
    named
        .collect::<Option<Vec<_>>>()
        .with_context(|| format!("not a line of figures: {line}"))
}

#[cfg(test)]
mod tests {
    use std::process::Command;
    use std::time::{Duration, Instant};

    use super::{Ending, NamedTest, ending, figures, run_within};

    #[test]
    fn what_hangs_is_killed_with_all_it_has_started_and_its_output_is_kept() {
        let mut hangs = Command::new("sh");
        hangs.args(["-c", "echo begun; sleep 600 & sleep 600; echo ended"]);
        let begun = Instant::now();
        let (output, in_time) = run_within(hangs, Duration::from_millis(300)).expect("run");
        assert!(!in_time && !output.status.success());
        assert_eq!(output.stdout, b"begun\n");
        // The pipe closes only when the last of them is gone.
        assert!(begun.elapsed() < Duration::from_secs(60));

        let (output, in_time) =
            run_within(Command::new("true"), Duration::from_secs(60)).expect("run");
        assert!(in_time && output.status.success());
    }

    #[test]
    fn only_one_test_that_ran_has_passed_or_failed() {
        let line = |result: &str| format!("running 1 test\ntest result: {result}; 0 ignored\n");
        assert_eq!(
            ending(&line("ok. 1 passed; 0 failed"), true),
            Ending::Passed
        );
        assert_eq!(
            ending(&line("FAILED. 0 passed; 1 failed"), false),
            Ending::Failed
        );
        assert_eq!(
            ending(&line("ok. 0 passed; 0 failed"), true),
            Ending::NotRun
        );
        assert_eq!(ending("error: could not compile", false), Ending::NotRun);
    }

    #[test]
    fn figures_are_read_wherever_the_line_stands() {
        let log = "test x ... tried: seed 7, kills 5, slowest, ms 9\nok\n";
        // A name with a comma is a fault of the test's.
        assert!(figures(log).is_err());
        let log = "test x ... tried: seed 7, kills 5, saved scans 90\nok\n";
        let read = figures(log).expect("figures");
        assert_eq!(read, [("kills".into(), 5), ("saved scans".into(), 90)]);
        assert!(figures("ok").is_err());
    }

    #[test]
    fn a_test_is_shown_as_it_is_typed() {
        let test = NamedTest::new("kokoni-client", "damage", "a_torn_header_costs_nothing");
        assert_eq!(
            test.shown(),
            "cargo test --package kokoni-client --test damage -- \
             --exact a_torn_header_costs_nothing --nocapture"
        );
    }
}
