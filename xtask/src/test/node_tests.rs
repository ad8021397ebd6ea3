//! Running `node --test` on the tests of `tests/web` and counting what it says.

use std::fs;
use std::path::{Path, PathBuf};

use anyhow::{Context, Result, bail};

use super::summary::Tally;
use crate::machine;
use crate::project::{Project, run, succeeds, watch};

/// The npm package of the web checks, with its dependencies as the lock file names them.
pub(super) struct NodeTests<'a> {
    project: &'a Project,
    node: PathBuf,
    folder: PathBuf,
}

impl<'a> NodeTests<'a> {
    /// Finds Node and installs the dependencies.
    pub(super) fn install(project: &'a Project) -> Result<Self> {
        let node = machine::node(project)?;
        let folder = project.root.join("tests/web");
        let mut npm = project.command("npm");
        npm.args([
            "ci",
            "--prefer-offline",
            "--ignore-scripts",
            "--loglevel=error",
        ]);
        run(npm.current_dir(&folder))?;
        Ok(Self {
            project,
            node,
            folder,
        })
    }

    /// Type-checks with the configuration of this name; counts as one test.
    pub(super) fn types(&self, configuration: &str) -> Result<Tally> {
        println!("tsc --project {configuration}");
        let mut tsc = self.project.command(&self.node);
        tsc.current_dir(&self.folder)
            .args(["node_modules/typescript/bin/tsc", "--project"]);
        Ok(Tally::check(succeeds(tsc.arg(configuration))?))
    }

    /// Runs every `*.test.mjs` of a folder, one file after another, with these variables set.
    pub(super) fn run(&self, folder: &str, variables: &[(&str, &Path)]) -> Result<Tally> {
        let files = test_files(&self.folder.join(folder))?;
        let mut node = self.project.command(&self.node);
        node.current_dir(&self.folder)
            .args(["--test", "--test-concurrency=1", "--test-reporter=spec"])
            .args(files)
            .env("NO_COLOR", "1")
            .envs(variables.iter().copied());
        let mut tally = Tally::default();
        let status = watch(&mut node, |line| tally += counts_of(line))?;
        Ok(tally.with_exit(status.success()))
    }
}

fn test_files(folder: &Path) -> Result<Vec<PathBuf>> {
    let entries = fs::read_dir(folder).with_context(|| format!("reading {}", folder.display()))?;
    let mut files: Vec<PathBuf> = entries
        .map(|entry| Ok(entry?.path()))
        .collect::<Result<_, std::io::Error>>()?;
    files.retain(|file| file.to_string_lossy().ends_with(".test.mjs"));
    files.sort();
    if files.is_empty() {
        bail!("no *.test.mjs in {}", folder.display());
    }
    Ok(files)
}

/// What one line of Node's closing counts adds: `ℹ pass 5`, `ℹ fail 0`, `ℹ cancelled 0`,
/// `ℹ skipped 0`, `ℹ todo 0`. A cancelled test has failed, a postponed one is skipped.
fn counts_of(line: &str) -> Tally {
    let none = Tally::default();
    let Some((what, count)) = line
        .strip_prefix("ℹ ")
        .and_then(|rest| rest.split_once(' '))
    else {
        return none;
    };
    let Ok(count) = count.parse() else {
        return none;
    };
    match what {
        "pass" => Tally {
            passed: count,
            ..none
        },
        "fail" | "cancelled" => Tally {
            failed: count,
            ..none
        },
        "skipped" | "todo" => Tally {
            skipped: count,
            ..none
        },
        _ => none,
    }
}

#[cfg(test)]
mod tests {
    use super::{Tally, counts_of};

    #[test]
    fn nodes_closing_counts_are_added_up() {
        let said = "✔ a seat changes shape (12.3ms)\nℹ tests 9\nℹ suites 0\nℹ pass 5\nℹ fail 1\n\
                    ℹ cancelled 1\nℹ skipped 1\nℹ todo 1\nℹ duration_ms 163.6";
        let mut tally = Tally::default();
        said.lines().for_each(|line| tally += counts_of(line));
        assert_eq!(
            tally,
            Tally {
                passed: 5,
                failed: 2,
                skipped: 2
            }
        );
    }

    #[test]
    fn what_a_test_prints_is_not_counted() {
        assert_eq!(counts_of("pass 7"), Tally::default());
        assert_eq!(counts_of("ℹ pass the salt"), Tally::default());
    }
}
