//! What the machine must have for the checks: found, installed where that can be done, or named
//! in one clear line. And the fixed list of what no such machine can check.

use std::env;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use anyhow::{Context, Result, bail};

use crate::project::{Project, on_path, read, run};

/// What `cargo xtask test` cannot check, and what it would take. The README's table of what is
/// verified where has a row for each.
pub(crate) const NOT_HERE: [(&str, &str); 4] = [
    ("linking for Android", "needs the Android NDK"),
    ("building for iOS", "needs macOS with Xcode"),
    ("running on real phones", "needs phones"),
    (
        "the advisory database",
        "needs the internet; run `cargo deny check advisories`",
    ),
];

const OLDEST_NODE: u32 = 20;
const OLDEST_JDK: u32 = 17;
const JVM_PACKAGES: [&str; 2] = ["default-jdk-headless", "maven"];
const ANDROID_TOOLS: [&str; 3] = ["aapt2", "zipalign", "apksigner"];
const ANDROID_PACKAGES: [&str; 3] = ["aapt", "zipalign", "apksigner"];
const CHROMIUM_NAMES: [&str; 3] = ["chromium", "chromium-browser", "google-chrome"];
const BROWSER_PACKAGES: [&str; 2] = ["chromium", "fonts-vlgothic"];

/// Node, new enough.
pub(crate) fn node(project: &Project) -> Result<PathBuf> {
    let wanted = format!("Node {OLDEST_NODE} or newer is needed, with npm");
    let node = on_path("node").with_context(|| format!("{wanted}; there is no `node`"))?;
    on_path("npm").with_context(|| format!("{wanted}; there is no `npm`"))?;
    let said = read(project.command(&node).arg("--version"))?;
    match node_major(&said) {
        Some(major) if major >= OLDEST_NODE => Ok(node),
        _ => bail!("{wanted}; this one is {}", said.trim()),
    }
}

/// The first number of what `node --version` says.
fn node_major(said: &str) -> Option<u32> {
    said.trim()
        .strip_prefix('v')?
        .split('.')
        .next()?
        .parse()
        .ok()
}

/// Maven on a JDK that is new enough, installed from Debian's packages if need be.
pub(crate) fn maven(project: &Project) -> Result<PathBuf> {
    let wanted = format!("Maven on a JDK {OLDEST_JDK} or newer is needed");
    if on_path("mvn").is_none() || on_path("javac").is_none() {
        install(project, &JVM_PACKAGES).context(wanted.clone())?;
    }
    let maven = on_path("mvn").with_context(|| format!("{wanted}; there is no `mvn`"))?;
    let said = read(project.command(&maven).arg("--version"))?;
    match jdk_major(&said) {
        Some(major) if major >= OLDEST_JDK => Ok(maven),
        Some(major) => bail!("{wanted}; this Maven runs on Java {major}: set JAVA_HOME"),
        None => bail!("{wanted}; `mvn --version` says nothing of a Java version"),
    }
}

/// The first number after `Java version: ` in what `mvn --version` says.
fn jdk_major(said: &str) -> Option<u32> {
    let version = said.split_once("Java version: ")?.1;
    version
        .split(|c: char| !c.is_ascii_digit())
        .next()?
        .parse()
        .ok()
}

/// A Chromium and a font with Japanese letters, installed from Debian's packages if need be.
pub(crate) fn chromium(project: &Project) -> Result<PathBuf> {
    if let Some(given) = env::var_os("KOKONI_CHROMIUM") {
        return Ok(PathBuf::from(given));
    }
    let find = || CHROMIUM_NAMES.into_iter().find_map(on_path);
    if find().is_none() || !has_japanese_font(project) {
        install(project, &BROWSER_PACKAGES)?;
    }
    find().context("chromium was installed but is not on the PATH")
}

fn has_japanese_font(project: &Project) -> bool {
    let listed = || read(project.command("fc-list").args([":lang=ja", "family"])).ok();
    Path::new("/usr/share/fonts/truetype/vlgothic").is_dir()
        || on_path("fc-list")
            .and_then(|_| listed())
            .is_some_and(|fonts| !fonts.trim().is_empty())
}

/// A tool of the Android build, installed from Debian's packages if need be.
pub(crate) fn android_tool(project: &Project, name: &str) -> Result<PathBuf> {
    if ANDROID_TOOLS
        .into_iter()
        .any(|tool| on_path(tool).is_none())
    {
        install(project, &ANDROID_PACKAGES)?;
    }
    on_path(name).with_context(|| format!("{name} was installed but is not on the PATH"))
}

/// What a sanitizer watches over.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) enum Sanitizer {
    /// Memory: used out of bounds or after its end, or never given back.
    Address,
    /// Threads: two that use the same memory at once. The standard library is compiled with it too.
    Thread,
}

impl Sanitizer {
    pub(crate) const fn name(self) -> &'static str {
        match self {
            Self::Address => "AddressSanitizer",
            Self::Thread => "ThreadSanitizer",
        }
    }
}

/// Cargo of a nightly toolchain with a sanitizer on, compiling for this machine into a target
/// folder of its own; `subcommand` is what it is asked to do.
pub(crate) fn sanitizing_cargo(
    project: &Project,
    subcommand: &str,
    sanitizer: Sanitizer,
) -> Result<Command> {
    let name = sanitizer.name();
    let rustup =
        on_path("rustup").with_context(|| format!("{name} needs rustup, for a nightly"))?;
    let toolchains = read(project.command(&rustup).args(["toolchain", "list"]))?;
    if !toolchains.lines().any(|line| line.starts_with("nightly")) {
        bail!("{name} needs a nightly toolchain: `rustup toolchain install nightly`");
    }
    let said = read(project.command("rustc").arg("-vV"))?;
    let host = host_of(&said).context("rustc does not say for which machine it compiles")?;
    let (folder, flag) = match sanitizer {
        Sanitizer::Address => ("soak/sanitized", "-Zsanitizer=address"),
        Sanitizer::Thread => ("soak/threads", "-Zsanitizer=thread"),
    };
    let mut cargo = project.command(&rustup);
    cargo.args(["run", "nightly", "cargo", subcommand, "--target", host]);
    if sanitizer == Sanitizer::Thread {
        let mut source = project.command(&rustup);
        run(source.args(["component", "add", "--toolchain", "nightly", "rust-src"]))?;
        cargo.arg("-Zbuild-std");
    }
    for name in ["CARGO", "RUSTC", "RUSTUP_TOOLCHAIN"] {
        cargo.env_remove(name);
    }
    cargo
        .env("CARGO_TARGET_DIR", project.target().join(folder))
        .env("RUSTFLAGS", flag);
    Ok(cargo)
}

/// The machine in what `rustc -vV` says.
fn host_of(said: &str) -> Option<&str> {
    said.lines().find_map(|line| line.strip_prefix("host: "))
}

/// Installs Debian packages when this user may; else says which command does.
fn install(project: &Project, packages: &[&str]) -> Result<()> {
    let names = packages.join(" ");
    let root = on_path("id").is_some() && read(project.command("id").arg("-u"))?.trim() == "0";
    if !root || on_path("apt-get").is_none() {
        bail!("{names} are needed: run `sudo apt-get install {names}` (or what your system has)");
    }
    run(project.command("apt-get").args(["-qq", "update"]))?;
    run(project
        .command("apt-get")
        .env("DEBIAN_FRONTEND", "noninteractive")
        .args(["-qq", "install", "-y", "--no-install-recommends"])
        .args(packages))
}

/// A program of the JDK.
pub(crate) fn jdk_tool(name: &str) -> Result<PathBuf> {
    on_path(name).with_context(|| format!("the JDK's program `{name}` is needed"))
}

/// The JDK's folder, whose classes stand for what an app finds where it runs.
pub(crate) fn jdk_home() -> Result<PathBuf> {
    let javac = fs::canonicalize(jdk_tool("javac")?)?;
    let home = javac.parent().and_then(Path::parent);
    Ok(home.context("javac lies in no JDK")?.to_owned())
}

#[cfg(test)]
mod tests {
    use super::{host_of, jdk_major, node_major};

    #[test]
    fn rustc_names_its_host() {
        let said = "rustc 1.95.0\nbinary: rustc\nhost: x86_64-unknown-linux-gnu\nrelease: 1.95.0\n";
        assert_eq!(host_of(said), Some("x86_64-unknown-linux-gnu"));
        assert_eq!(host_of("rustc 1.95.0\n"), None);
    }

    #[test]
    fn mavens_java_is_the_number_after_its_words() {
        let said = "Apache Maven 3.8.7\nMaven home: /usr/share/maven\n\
                    Java version: 17.0.15, vendor: Debian, runtime: /usr/lib/jvm";
        assert_eq!(jdk_major(said), Some(17));
        assert_eq!(jdk_major("Java version: 21, vendor: X"), Some(21));
        assert_eq!(jdk_major("Apache Maven 3.8.7"), None);
    }

    #[test]
    fn nodes_version_is_its_first_number() {
        assert_eq!(node_major("v20.20.2\n"), Some(20));
        assert_eq!(node_major("v8.0.0"), Some(8));
        assert_eq!(node_major("nonsense"), None);
    }
}
