//! `cargo xtask soak --minutes N [--resume] [ROW]...`: tries the promises of the queue for as long
//! as it may, slice after slice, each from a seed of its own.
//!
//! The tests are those of `cargo xtask test`; only counts and seeds differ (see `tests/trials`). The
//! rows take turns, so that a short soak tries something of each. What was tried is written down
//! after every slice, so that `--resume` goes on where the last soak ended. A slice that fails is kept
//! with its seed and its whole output, and the other rows go on; a resumed soak tries that very slice
//! first, and the row has failed until it holds.

mod rows;
mod sanitizer;
mod state;

use std::process::ExitCode;
use std::time::{Duration, Instant};

use anyhow::{Result, bail};

use crate::named_test::{self, Ending, SEED, TRIALS};
use crate::project::Project;
use rows::{ROWS, Row, Trial, WHOLE_IN_TESTS};
use state::{Slice, State};

/// How long one slice may take, once it is built: some minutes are usual.
const LIMIT: Duration = Duration::from_secs(60 * 60);

/// What to soak, and for how long.
#[derive(clap::Args)]
pub(crate) struct SoakArgs {
    /// No slice begins after so many minutes
    #[arg(long)]
    minutes: u64,
    /// Go on where the last soak ended, instead of beginning anew
    #[arg(long)]
    resume: bool,
    /// Build optimised, in a folder of its own: more trials a minute, after minutes of building
    #[arg(long)]
    optimised: bool,
    /// First run the tests of disks and kills under AddressSanitizer, which needs a nightly toolchain
    #[arg(long)]
    sanitized: bool,
    /// Numbers of promises in the table of the queue; all of them if none is named
    rows: Vec<u8>,
}

/// Soaks; fails if any slice failed.
pub(crate) fn run(project: &Project, args: &SoakArgs) -> Result<ExitCode> {
    let rows = chosen(&args.rows)?;
    if args.sanitized {
        sanitizer::run(project)?;
    }
    let folder = project.target().join("soak");
    let mut state = State::open(&folder, args.resume)?;
    let ends = Instant::now() + Duration::from_secs(args.minutes * 60);
    loop {
        let mut tried = false;
        for (row, trial) in rows
            .iter()
            .flat_map(|row| row.trials.iter().map(move |t| (*row, t)))
        {
            if Instant::now() >= ends {
                break;
            }
            if let Some(next) = state.next(&trial.key(), trial.slice, trial.goal) {
                try_slice(project, args.optimised, row, trial, next, &mut state)?;
                tried = true;
            }
        }
        if !tried {
            break;
        }
    }
    println!("\n{}", table(&rows, &state));
    let mut trials = rows.iter().flat_map(|row| row.trials);
    Ok(if trials.any(|trial| state.has_failed(&trial.key())) {
        ExitCode::FAILURE
    } else {
        ExitCode::SUCCESS
    })
}

fn chosen(numbers: &[u8]) -> Result<Vec<&'static Row>> {
    if let Some(number) = numbers
        .iter()
        .find(|number| WHOLE_IN_TESTS.contains(number))
    {
        bail!("promise {number} is tried whole by `cargo xtask test`; there is nothing to soak");
    }
    let known = |number: &&u8| ROWS.iter().any(|row| row.numbers.contains(number));
    if let Some(number) = numbers.iter().find(|number| !known(number)) {
        bail!("there is no promise {number}; they are 1 to 13");
    }
    let wanted = |row: &&Row| {
        numbers.is_empty() || row.numbers.iter().any(|number| numbers.contains(number))
    };
    Ok(ROWS.iter().filter(wanted).collect())
}

/// Runs one slice of one trial and notes how it went.
fn try_slice(
    project: &Project,
    optimised: bool,
    row: &Row,
    trial: &Trial,
    slice: Slice,
    state: &mut State,
) -> Result<()> {
    let (key, test) = (trial.key(), trial.test());
    let Slice { seed, count } = slice;
    let cargo = || {
        let mut cargo = project.cargo();
        cargo
            .env(TRIALS, count.to_string())
            .env(SEED, seed.to_string());
        if optimised {
            cargo.env("CARGO_PROFILE_TEST_OPT_LEVEL", "3");
            cargo.env("CARGO_PROFILE_DEV_OPT_LEVEL", "3");
            cargo.env("CARGO_TARGET_DIR", project.target().join("soak/target"));
        }
        cargo
    };
    let begun = Instant::now();
    let run = test.run(cargo, LIMIT)?;
    let seconds = begun.elapsed().as_secs_f64();
    let figures = named_test::figures(&run.log);
    match (run.ending, figures) {
        (Ending::Passed, Ok(figures)) if !figures.is_empty() => {
            state.held(&key, slice, figures[0].1)?;
            let said: Vec<String> = figures
                .iter()
                .map(|(name, figure)| format!("{name} {figure}"))
                .collect();
            println!(
                "{:>5} seed {seed:<4} {seconds:>6.1} s  {}",
                numbers(row),
                said.join(", ")
            );
        }
        (ending, figures) => {
            let why = match (ending, figures) {
                (Ending::Passed, Err(error)) => error.to_string(),
                (Ending::NotRun, _) => "the test did not run".to_owned(),
                (Ending::TookTooLong, _) => "it did not end".to_owned(),
                _ => "the promise was broken".to_owned(),
            };
            let log = state.failed(&key, slice, &run.log)?;
            println!(
                "{:>5} seed {seed:<4} {seconds:>6.1} s  FAILED: {why}; see {}\n      \
                 again: {TRIALS}={count} {SEED}={seed} {}",
                numbers(row),
                log.display(),
                test.shown()
            );
        }
    }
    Ok(())
}

fn numbers(row: &Row) -> String {
    let numbers: Vec<String> = row.numbers.iter().map(u8::to_string).collect();
    numbers.join("+")
}

/// What was tried so far, of what is enough.
fn table(rows: &[&Row], state: &State) -> String {
    let mut lines = vec![format!(
        "{:>5}  {:<34} {:>11} {:>11}  {:<11} test",
        "row", "promise", "tried", "of", "seeds"
    )];
    for row in rows {
        for trial in row.trials {
            let key = trial.key();
            let seeds = match state.last_seed(&key) {
                0 => "none".to_owned(),
                last => format!("1 to {last}"),
            };
            let failed = if state.has_failed(&key) {
                "  FAILED"
            } else {
                ""
            };
            lines.push(format!(
                "{:>5}  {:<34} {:>11} {:>11}  {seeds:<11} {}{failed}",
                numbers(row),
                row.promise,
                state.tried(&key),
                trial.goal,
                trial.test().test
            ));
        }
    }
    lines.join("\n")
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::{ROWS, WHOLE_IN_TESTS, chosen};

    #[test]
    fn every_promise_is_soaked_or_tried_whole() {
        let soaked = ROWS
            .iter()
            .flat_map(|row| row.numbers)
            .chain(&WHOLE_IN_TESTS);
        let numbers: Vec<u8> = soaked.copied().collect();
        let all: BTreeSet<u8> = numbers.iter().copied().collect();
        assert_eq!(all, (1..=13).collect());
        assert_eq!(all.len(), numbers.len());
    }

    #[test]
    fn no_trial_stands_in_two_rows() {
        let keys: Vec<String> = ROWS
            .iter()
            .flat_map(|row| row.trials.iter().map(super::Trial::key))
            .collect();
        let different: BTreeSet<&String> = keys.iter().collect();
        assert_eq!(different.len(), keys.len());
    }

    #[test]
    fn rows_are_chosen_by_number_and_unknown_ones_are_named() {
        assert_eq!(chosen(&[]).expect("all").len(), ROWS.len());
        assert_eq!(chosen(&[4]).expect("one")[0].numbers, [3, 4]);
        let error = |number| chosen(&[number]).err().expect("refused").to_string();
        assert!(error(6).contains("tried whole"));
        assert!(error(14).contains("no promise 14"));
    }
}
