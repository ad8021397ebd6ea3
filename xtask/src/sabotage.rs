//! `cargo xtask sabotage [NAME]...`: breaks each promise of the queue on purpose, one at a time, and
//! sees the test fail that guards it.
//!
//! A mutation (`xtask/sabotage.toml`) replaces one passage of the product by one that breaks a
//! promise. It counts only when its passage stands exactly once in the file, the broken product
//! still compiles, the named test fails with it in time, and passes without. All that happens in a copy of
//! the checkout with a target folder of its own, both in `target/sabotage`, so that nothing is ever
//! broken where people work.

mod copy;
mod mutation;

use std::process::ExitCode;
use std::time::{Duration, Instant};

use anyhow::{Result, bail};

use crate::named_test::{Ending, NamedTest, TRIALS};
use crate::project::Project;
use copy::Copy;
use mutation::Mutation;

/// How long a test may take, once it is built. One that hangs has not said that a promise is broken.
const LIMIT: Duration = Duration::from_secs(10 * 60);

/// Which mutations to try.
#[derive(clap::Args)]
pub(crate) struct SabotageArgs {
    /// Names of mutations; all of them if none is named
    names: Vec<String>,
    /// Only say which there are
    #[arg(long)]
    list: bool,
}

/// What became of a mutation.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Verdict {
    /// The test fails with it and passes without.
    Noticed,
    /// The test passes all the same.
    NotNoticed,
    /// The test neither fails nor passes in time.
    TookTooLong,
    /// The test fails without it.
    FailsAnyway,
    /// With it nothing runs: it does not compile, or the test is not there.
    DoesNotRun,
    /// Its passage is not there any more, or more than once.
    OutOfDate,
}

impl Verdict {
    fn words(self) -> &'static str {
        match self {
            Self::Noticed => "noticed",
            Self::NotNoticed => "NOT NOTICED",
            Self::TookTooLong => "TOOK TOO LONG",
            Self::FailsAnyway => "FAILS WITHOUT IT",
            Self::DoesNotRun => "DOES NOT RUN",
            Self::OutOfDate => "OUT OF DATE",
        }
    }
}

/// Tries the mutations and prints a table; fails if any was not noticed.
pub(crate) fn run(project: &Project, args: &SabotageArgs) -> Result<ExitCode> {
    let all = mutation::read(&project.root)?;
    let mutations = chosen(all, &args.names)?;
    if args.list {
        for Mutation {
            row, name, breaks, ..
        } in &mutations
        {
            println!("{row:>3}  {name}: {breaks}");
        }
        return Ok(ExitCode::SUCCESS);
    }
    let copy = Copy::make(project)?;
    let mut table = vec![format!(
        "{:>3}  {:<18} {:>7}  mutation",
        "row", "verdict", "s"
    )];
    let mut noticed = 0;
    let healthy = healthy(&copy, &mutations)?;
    for mutation in &mutations {
        let begun = Instant::now();
        let verdict = if healthy.contains(&mutation.test) {
            attempt(&copy, mutation)?
        } else {
            Verdict::FailsAnyway
        };
        noticed += usize::from(verdict == Verdict::Noticed);
        let line = format!(
            "{:>3}  {:<18} {:>7.1}  {}: {}",
            mutation.row,
            verdict.words(),
            begun.elapsed().as_secs_f64(),
            mutation.name,
            mutation.breaks
        );
        println!("{line}");
        table.push(line);
    }
    println!(
        "\n{}\n{noticed} of {} noticed",
        table.join("\n"),
        mutations.len()
    );
    Ok(if noticed == mutations.len() {
        ExitCode::SUCCESS
    } else {
        ExitCode::FAILURE
    })
}

fn chosen(all: Vec<Mutation>, names: &[String]) -> Result<Vec<Mutation>> {
    if let Some(unknown) = names
        .iter()
        .find(|name| all.iter().all(|m| m.name != **name))
    {
        bail!("there is no mutation `{unknown}`; `cargo xtask sabotage --list` names them");
    }
    let wanted = |mutation: &Mutation| names.is_empty() || names.contains(&mutation.name);
    Ok(all.into_iter().filter(wanted).collect())
}

/// The tests that pass in the product as it is.
fn healthy(copy: &Copy, mutations: &[Mutation]) -> Result<Vec<NamedTest>> {
    let mut healthy: Vec<NamedTest> = Vec::new();
    let mut tried: Vec<&NamedTest> = Vec::new();
    for mutation in mutations {
        if tried.contains(&&mutation.test) {
            continue;
        }
        tried.push(&mutation.test);
        println!("without: {}", mutation.test.test);
        let run = mutation.test.run(|| cargo(copy, mutation), LIMIT)?;
        if run.ending == Ending::Passed {
            healthy.push(mutation.test.clone());
        } else {
            copy.keep_log(&mutation.name, &run.log)?;
        }
    }
    Ok(healthy)
}

fn attempt(copy: &Copy, mutation: &Mutation) -> Result<Verdict> {
    let _broken = match copy.with(mutation) {
        Ok(broken) => broken,
        Err(error) => {
            println!("{}: {error:#}", mutation.name);
            return Ok(Verdict::OutOfDate);
        }
    };
    let run = mutation.test.run(|| cargo(copy, mutation), LIMIT)?;
    copy.keep_log(&mutation.name, &run.log)?;
    Ok(match run.ending {
        Ending::Failed => Verdict::Noticed,
        Ending::Passed => Verdict::NotNoticed,
        Ending::TookTooLong => Verdict::TookTooLong,
        Ending::NotRun => Verdict::DoesNotRun,
    })
}

fn cargo(copy: &Copy, mutation: &Mutation) -> std::process::Command {
    let mut cargo = copy.cargo();
    if let Some(trials) = mutation.trials {
        cargo.env(TRIALS, trials.to_string());
    }
    cargo
}
