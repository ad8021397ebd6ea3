//! `cargo xtask fuzz [TARGET] [--minutes N]`: fuzzes the reader, and keeps account of it.
//!
//! What was done stands in `core/reader/fuzz/log.toml`: for each target the CPU minutes and the
//! executions without a fault, and a hash of the sources that the target covers. Minutes add up
//! from run to run, and begin anew when one of those sources changes. Without `--minutes` the
//! account is printed.
//!
//! New inputs go to the cache folder; what is worth keeping is copied into the corpus by hand.

use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, ExitCode, Stdio};

use anyhow::{Context, Result, bail};
use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};

use crate::project::{self, Project, on_path, read};

/// What to fuzz, and for how long.
#[derive(clap::Args)]
pub(crate) struct FuzzArgs {
    /// One of the targets; all of them, one after the other, if not given
    target: Option<String>,
    /// Minutes for each target; without, the account is printed
    #[arg(long, value_name = "N")]
    minutes: Option<u64>,
}

/// A fuzz target of the reader and the sources it covers, in `core/`.
struct Target {
    name: &'static str,
    covers: &'static [&'static str],
}

const TARGETS: [Target; 3] = [
    Target {
        name: "frames",
        covers: &["model/src/label", "reader/fuzz/bodies.rs", "reader/src"],
    },
    Target {
        name: "modules",
        covers: &[
            "model/src/label",
            "reader/fuzz/bodies.rs",
            "reader/src/catalogue",
            "reader/src/decode",
        ],
    },
    Target {
        name: "codewords",
        covers: &[
            "reader/fuzz/bodies.rs",
            "reader/src/decode/segments.rs",
            "reader/src/decode/tables.rs",
            "reader/src/decode/text.rs",
        ],
    },
];

/// CPU minutes without a fault that a target should have since its sources last changed.
const WANTED_MINUTES: f64 = 60.0;

const LOG_HEAD: &str = "\
# What `cargo xtask fuzz` has done without a fault, by target, since the sources that the target
# covers last changed (`sources` is their hash).
";

/// The account of one target.
#[derive(Clone, Debug, Default, PartialEq, Deserialize, Serialize)]
struct Done {
    sources: String,
    cpu_minutes: f64,
    executions: u64,
}

type Log = BTreeMap<String, Done>;

/// Prints the account, or fuzzes and adds to it.
pub(crate) fn run(project: &Project, args: &FuzzArgs) -> Result<ExitCode> {
    let names = TARGETS.map(|target| target.name);
    if let Some(name) = &args.target
        && !names.contains(&name.as_str())
    {
        bail!(
            "there is no target `{name}`; there are: {}",
            names.join(", ")
        );
    }
    let chosen = |target: &&Target| {
        args.target
            .as_deref()
            .is_none_or(|name| name == target.name)
    };
    let chosen: Vec<&Target> = TARGETS.iter().filter(chosen).collect();
    if let Some(minutes) = args.minutes {
        let tools = Tools::find(project)?;
        for target in &chosen {
            fuzz(project, &tools, target, minutes)?;
        }
    }
    let log = load(&log_path(project))?;
    for target in chosen {
        let sources = hash_of(&project.root.join("core"), target.covers)?;
        println!("{}", line(target.name, log.get(target.name), &sources));
    }
    Ok(ExitCode::SUCCESS)
}

fn line(name: &str, done: Option<&Done>, sources: &str) -> String {
    match done {
        Some(done) if done.sources == sources => format!(
            "{name:<10} {:.1} of {WANTED_MINUTES} CPU minutes, {} executions",
            done.cpu_minutes, done.executions
        ),
        Some(_) => format!("{name:<10} changed since it was fuzzed"),
        None => format!("{name:<10} never fuzzed"),
    }
}

/// What fuzzing needs besides the checkout.
struct Tools {
    rustup: PathBuf,
}

impl Tools {
    fn find(project: &Project) -> Result<Self> {
        let rustup = on_path("rustup").context("fuzzing needs rustup, for a nightly toolchain")?;
        let toolchains = read(project.command(&rustup).args(["toolchain", "list"]))?;
        if !toolchains.lines().any(|line| line.starts_with("nightly")) {
            bail!("fuzzing needs a nightly toolchain: `rustup toolchain install nightly`");
        }
        on_path("cargo-fuzz")
            .context("fuzzing needs cargo-fuzz: `cargo install cargo-fuzz --locked`")?;
        Ok(Self { rustup })
    }

    /// `cargo fuzz` of the nightly toolchain, in the reader's folder. What cargo and rustup said of
    /// the toolchain that runs this is taken away.
    fn words(&self, action: &str, target: &Target) -> Vec<String> {
        let rustup = self.rustup.to_string_lossy();
        [
            &rustup,
            "run",
            "nightly",
            "cargo",
            "fuzz",
            action,
            target.name,
        ]
        .map(ToString::to_string)
        .to_vec()
    }

    fn command(&self, project: &Project, program: &str) -> Command {
        let mut command = project.command(program);
        command
            .current_dir(project.root.join("core/reader"))
            .env_remove("CARGO")
            .env_remove("CARGO_TARGET_DIR")
            .env_remove("RUSTUP_TOOLCHAIN");
        command
    }
}

fn fuzz(project: &Project, tools: &Tools, target: &Target, minutes: u64) -> Result<()> {
    let build = tools.words("build", target);
    project::run(tools.command(project, &build[0]).args(&build[1..]))?;
    let sources = hash_of(&project.root.join("core"), target.covers)?;
    let found = project.cache.join("fuzz").join(target.name);
    fs::create_dir_all(&found).with_context(|| format!("cannot make {}", found.display()))?;
    // The shell's `times` tells the CPU time of what it ran.
    let output = tools
        .command(project, "sh")
        .args(["-c", "\"$@\"; code=$?; times; exit $code", "sh"])
        .args(tools.words("run", target))
        .arg(&found)
        .arg(format!("fuzz/corpus/{}", target.name))
        .args(["--", "-print_final_stats=1", "-timeout=10"])
        .arg(format!("-max_total_time={}", minutes * 60))
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .output()
        .context("cannot start sh")?;
    let said = String::from_utf8_lossy(&output.stderr);
    if !output.status.success() {
        let tail: Vec<&str> = said.lines().rev().take(40).collect();
        for line in tail.iter().rev() {
            eprintln!("{line}");
        }
        bail!(
            "{} found a fault; the input lies in core/reader/fuzz/artifacts",
            target.name
        );
    }
    let times = String::from_utf8_lossy(&output.stdout);
    let done = Done {
        sources,
        cpu_minutes: cpu_minutes(&times).context("`times` said something new")?,
        executions: executions(&said).context("libFuzzer said something new")?,
    };
    // Read again: another run may have ended meanwhile.
    let path = log_path(project);
    let mut log = load(&path)?;
    add(&mut log, target.name, done);
    fs::write(&path, LOG_HEAD.to_owned() + &toml::to_string(&log)?)
        .with_context(|| format!("cannot write {}", path.display()))
}

/// Adds a run to the account, which begins anew when the sources have changed.
fn add(log: &mut Log, name: &str, done: Done) {
    let kept = log.entry(name.to_owned()).or_default();
    if kept.sources == done.sources {
        kept.cpu_minutes += done.cpu_minutes;
        kept.executions += done.executions;
    } else {
        *kept = done;
    }
    kept.cpu_minutes = (kept.cpu_minutes * 10.0).round() / 10.0;
}

fn log_path(project: &Project) -> PathBuf {
    project.root.join("core/reader/fuzz/log.toml")
}

fn load(path: &Path) -> Result<Log> {
    match fs::read_to_string(path) {
        Ok(text) => {
            toml::from_str(&text).with_context(|| format!("{} is malformed", path.display()))
        }
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => Ok(Log::new()),
        Err(error) => Err(error).with_context(|| format!("cannot read {}", path.display())),
    }
}

/// User and system time of the children, the second line of `times`: `1m2.5s 0m0.3s`.
fn cpu_minutes(times: &str) -> Option<f64> {
    let children = times.lines().rfind(|line| !line.is_empty())?;
    children
        .split_whitespace()
        .map(|time| {
            let (minutes, seconds) = time.strip_suffix('s')?.split_once('m')?;
            Some(minutes.parse::<f64>().ok()? + seconds.parse::<f64>().ok()? / 60.0)
        })
        .sum()
}

fn executions(said: &str) -> Option<u64> {
    let figure = |line: &str| {
        line.strip_prefix("stat::number_of_executed_units:")?
            .trim()
            .parse()
            .ok()
    };
    said.lines().find_map(figure)
}

/// The hash of every Rust source below these places: paths and contents, in order.
fn hash_of(root: &Path, covers: &[&str]) -> Result<String> {
    let mut files = Vec::new();
    for place in covers {
        collect(&root.join(place), &mut files)?;
    }
    files.sort();
    let mut hash = Sha256::new();
    for file in &files {
        let bytes = fs::read(file).with_context(|| format!("cannot read {}", file.display()))?;
        let name = file
            .strip_prefix(root)
            .unwrap_or(file)
            .to_string_lossy()
            .replace('\\', "/");
        for part in [name.as_bytes(), &bytes] {
            hash.update((part.len() as u64).to_le_bytes());
            hash.update(part);
        }
    }
    Ok(hash
        .finalize()
        .iter()
        .take(16)
        .fold(String::new(), |mut text, byte| {
            let _ = write!(text, "{byte:02x}");
            text
        }))
}

fn collect(place: &Path, files: &mut Vec<PathBuf>) -> Result<()> {
    if place.is_file() {
        files.push(place.to_owned());
        return Ok(());
    }
    let entries =
        fs::read_dir(place).with_context(|| format!("cannot read {}", place.display()))?;
    for entry in entries {
        let path = entry?.path();
        if path.is_dir() || path.extension().is_some_and(|end| end == "rs") {
            collect(&path, files)?;
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn done(sources: &str, cpu_minutes: f64, executions: u64) -> Done {
        Done {
            sources: sources.to_owned(),
            cpu_minutes,
            executions,
        }
    }

    #[test]
    fn minutes_add_up_until_what_they_cover_changes() {
        let mut log = Log::new();
        add(&mut log, "frames", done("a", 10.04, 100));
        add(&mut log, "frames", done("a", 5.0, 50));
        assert_eq!(log["frames"], done("a", 15.0, 150));
        add(&mut log, "frames", done("b", 1.0, 7));
        assert_eq!(log["frames"], done("b", 1.0, 7));
    }

    #[test]
    fn the_account_says_when_sources_have_changed() {
        let kept = done("a", 61.0, 9);
        assert!(line("frames", Some(&kept), "a").contains("61.0 of 60 CPU minutes, 9 executions"));
        assert!(line("frames", Some(&kept), "b").contains("changed"));
        assert!(line("frames", None, "a").contains("never"));
    }

    #[test]
    fn what_the_shell_and_the_fuzzer_say_is_understood() {
        let times = "0m0.001s 0m0.002s\n1m30.000s 0m30.0s\n";
        assert_eq!(cpu_minutes(times), Some(2.0));
        let said = "INFO: x\nstat::number_of_executed_units: 8113\nstat::peak_rss_mb: 1";
        assert_eq!(executions(said), Some(8113));
        assert_eq!(
            (cpu_minutes("nonsense"), executions("nonsense")),
            (None, None)
        );
    }

    #[test]
    fn the_hash_follows_the_sources_of_each_target() {
        let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("../core");
        let hashes: Vec<String> = TARGETS
            .iter()
            .map(|target| hash_of(&root, target.covers).expect("the sources are there"))
            .collect();
        assert!(hashes[0] != hashes[1] && hashes[1] != hashes[2]);
        assert!(hashes.iter().all(|hash| hash.len() == 32));
    }
}
