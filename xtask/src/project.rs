//! Where the project and its cache lie, and how other programs are run from here.

use std::env;
use std::ffi::OsStr;
use std::io::{BufRead, BufReader, Write};
use std::path::{Path, PathBuf};
use std::process::{Command, ExitStatus, Stdio};

use anyhow::{Context, Result, bail};
use serde::Deserialize;

/// The checkout this program was started in, and the folder for tools that are dear to build.
pub(crate) struct Project {
    pub(crate) root: PathBuf,
    /// `$XDG_CACHE_HOME/kokoni`, else `~/.cache/kokoni`.
    pub(crate) cache: PathBuf,
}

impl Project {
    /// Finds the checkout by what cargo tells the programs it runs.
    pub(crate) fn find() -> Result<Self> {
        let own = env::var_os("CARGO_MANIFEST_DIR")
            .context("start this as `cargo xtask`, so that it knows its checkout")?;
        let root = Path::new(&own)
            .parent()
            .context("xtask lies in no checkout")?
            .to_owned();
        let cache = match env::var_os("XDG_CACHE_HOME").filter(|folder| !folder.is_empty()) {
            Some(folder) => PathBuf::from(folder),
            None => Path::new(&env::var_os("HOME").context("HOME is not set")?).join(".cache"),
        };
        Ok(Self {
            root,
            cache: cache.join("kokoni"),
        })
    }

    /// A program to run in the root of the checkout.
    ///
    /// What cargo told this process about the crate `xtask` is taken away: build scripts that
    /// look at those variables would otherwise run again after every call from outside.
    pub(crate) fn command(&self, program: impl AsRef<OsStr>) -> Command {
        let mut command = Command::new(program);
        command.current_dir(&self.root);
        for (name, _) in env::vars_os() {
            let text = name.to_string_lossy();
            if text.starts_with("CARGO_PKG_") || text.starts_with("CARGO_MANIFEST_") {
                command.env_remove(&name);
            }
        }
        command
    }

    /// The cargo that started this process.
    pub(crate) fn cargo(&self) -> Command {
        self.command(env::var_os("CARGO").unwrap_or_else(|| "cargo".into()))
    }

    /// The workspace's own packages, as `cargo metadata` tells them.
    pub(crate) fn packages(&self) -> Result<Vec<Package>> {
        let json = read(
            self.cargo()
                .args(["metadata", "--no-deps", "--format-version", "1"]),
        )?;
        let metadata: Metadata =
            serde_json::from_str(&json).context("cargo metadata answered something new")?;
        Ok(metadata.packages)
    }

    /// Where cargo puts what it builds.
    pub(crate) fn target(&self) -> PathBuf {
        match env::var_os("CARGO_TARGET_DIR") {
            Some(folder) => self.root.join(folder),
            None => self.root.join("target"),
        }
    }
}

#[derive(Deserialize)]
struct Metadata {
    packages: Vec<Package>,
}

/// One crate of the workspace.
#[derive(Debug, Deserialize)]
pub(crate) struct Package {
    pub(crate) name: String,
    pub(crate) manifest_path: PathBuf,
    pub(crate) dependencies: Vec<Dependency>,
}

/// One line of a crate's dependencies.
#[derive(Debug, Deserialize)]
pub(crate) struct Dependency {
    pub(crate) name: String,
    /// None for ordinary ones, else `dev` or `build`.
    pub(crate) kind: Option<String>,
    /// Given for crates of this checkout.
    pub(crate) path: Option<PathBuf>,
}

/// Runs a program with its output passed through; says whether it succeeded.
pub(crate) fn succeeds(command: &mut Command) -> Result<bool> {
    let status = command.status().with_context(|| cannot_start(command))?;
    Ok(status.success())
}

/// Runs a program with its output passed through; anything but success is an error.
pub(crate) fn run(command: &mut Command) -> Result<()> {
    if !succeeds(command)? {
        bail!("{} failed", shown(command));
    }
    Ok(())
}

/// Runs a program and returns what it wrote to its standard output.
pub(crate) fn read(command: &mut Command) -> Result<String> {
    let output = command
        .stderr(Stdio::inherit())
        .output()
        .with_context(|| cannot_start(command))?;
    if !output.status.success() {
        bail!("{} failed: {}", shown(command), output.status);
    }
    String::from_utf8(output.stdout).with_context(|| format!("output of {}", shown(command)))
}

/// Runs a program with its output passed through, and shows each line to `look` on the way.
pub(crate) fn watch(command: &mut Command, mut look: impl FnMut(&str)) -> Result<ExitStatus> {
    let mut child = command
        .stdout(Stdio::piped())
        .spawn()
        .with_context(|| cannot_start(command))?;
    let mut lines = BufReader::new(child.stdout.take().context("a pipe was asked for")?);
    let mut line = Vec::new();
    while lines.read_until(b'\n', &mut line)? > 0 {
        std::io::stdout().write_all(&line)?;
        look(String::from_utf8_lossy(&line).trim_end());
        line.clear();
    }
    Ok(child.wait()?)
}

/// The first program of this name on the PATH.
pub(crate) fn on_path(name: &str) -> Option<PathBuf> {
    let folders = env::var_os("PATH")?;
    env::split_paths(&folders)
        .map(|folder| folder.join(name))
        .find(|file| file.is_file())
}

fn cannot_start(command: &Command) -> String {
    format!("cannot start {}", shown(command))
}

/// A command as one would type it, for messages.
fn shown(command: &Command) -> String {
    let program = Path::new(command.get_program())
        .file_name()
        .unwrap_or_default();
    let words = std::iter::once(program).chain(command.get_args());
    words
        .map(|word| word.to_string_lossy())
        .collect::<Vec<_>>()
        .join(" ")
}
