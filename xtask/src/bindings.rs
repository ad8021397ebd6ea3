//! The library for Kotlin and Swift, and the sources generated from it.
//!
//! `cargo xtask bindings kotlin|swift FOLDER` builds the library as the tests use it and writes the
//! generated sources; `cargo xtask bindings size` builds it as phones get it and holds it to its
//! limit; `cargo xtask bindings soak` tries them many times over. The generator is dear to build and
//! is kept in the cache, one for each version of uniffi.

mod library;
mod soak;

use std::fs;
use std::path::{Path, PathBuf};
use std::process::ExitCode;

use anyhow::{Context, Result, ensure};
use clap::{Subcommand, ValueEnum};

use crate::project::{Project, run as run_program};

pub(crate) use library::{
    C_FLAGS, LIBRARY, Library, PACKAGE, PHONE_PROFILE, SQLITE_FLAGS, library, optimised_library,
    program, shipped_library,
};

/// A phone downloads the library with every update: without encryption it stays under this.
const SIZE_LIMIT_BYTES: u64 = 5_000_000;

/// What to do with the bindings.
#[derive(Subcommand)]
pub(crate) enum BindingsCommand {
    /// Build the library for tests and write the Kotlin sources into a folder
    Kotlin {
        /// Where the sources go
        out: PathBuf,
    },
    /// Build the library for tests and write the Swift sources into a folder
    Swift {
        /// Where the sources go
        out: PathBuf,
    },
    /// Build the stripped library as phones get it, without encryption and with it, and print how
    /// large each is; without encryption it has a limit
    Size,
    /// Call, open and close many times over, and see memory stay flat
    Soak(soak::SoakArgs),
}

/// Languages that sources are generated for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(crate) enum Tongue {
    /// One `.kt` file in the folders of its package
    Kotlin,
    /// One `.swift` file, a C header and a module map
    Swift,
}

pub(crate) fn run(project: &Project, command: &BindingsCommand) -> Result<ExitCode> {
    match command {
        BindingsCommand::Kotlin { out } => generated(project, Tongue::Kotlin, out)?,
        BindingsCommand::Swift { out } => generated(project, Tongue::Swift, out)?,
        BindingsCommand::Size => sizes_hold(project)?,
        BindingsCommand::Soak(args) => soak::run(project, args)?,
    }
    Ok(ExitCode::SUCCESS)
}

/// Prints how large the stripped library is, without encryption and with it. An error if the first
/// is too large.
pub(crate) fn sizes_hold(project: &Project) -> Result<()> {
    let bytes = library::size(project, false)?;
    println!("{}", size_line(bytes, false));
    within_limit(bytes)?;
    println!("{}", size_line(library::size(project, true)?, true));
    Ok(())
}

fn within_limit(bytes: u64) -> Result<()> {
    ensure!(
        bytes < SIZE_LIMIT_BYTES,
        "{bytes} bytes: the library stays under {SIZE_LIMIT_BYTES}"
    );
    Ok(())
}

fn generated(project: &Project, tongue: Tongue, out: &Path) -> Result<()> {
    let library = library(project)?;
    generate(project, &library, tongue, out)?;
    println!("library: {}", library.folder.display());
    Ok(())
}

/// Writes the sources generated from a library into a folder. A file that would not change keeps
/// its time, so that compilers see nothing new.
pub(crate) fn generate(
    project: &Project,
    library: &Library,
    tongue: Tongue,
    out: &Path,
) -> Result<()> {
    let fresh = project.target().join("bindings").join(tongue.name());
    if fresh.exists() {
        fs::remove_dir_all(&fresh)?;
    }
    fs::create_dir_all(&fresh)?;
    let mut bindgen = project.command(bindgen(project)?);
    bindgen.args([
        "generate",
        "--language",
        tongue.name(),
        "--no-format",
        "--out-dir",
    ]);
    run_program(bindgen.arg(&fresh).arg(&library.file))?;
    copy_changed(&fresh, out)
}

impl Tongue {
    fn name(self) -> &'static str {
        match self {
            Self::Kotlin => "kotlin",
            Self::Swift => "swift",
        }
    }
}

fn copy_changed(from: &Path, to: &Path) -> Result<()> {
    fs::create_dir_all(to).with_context(|| format!("cannot make {}", to.display()))?;
    for entry in fs::read_dir(from)? {
        let entry = entry?;
        let (source, target) = (entry.path(), to.join(entry.file_name()));
        if source.is_dir() {
            copy_changed(&source, &target)?;
        } else {
            let bytes = fs::read(&source)?;
            if fs::read(&target).ok().as_ref() != Some(&bytes) {
                fs::write(&target, bytes)
                    .with_context(|| format!("cannot write {}", target.display()))?;
            }
        }
    }
    Ok(())
}

/// The generator of this version of uniffi, built if it is not in the cache.
fn bindgen(project: &Project) -> Result<PathBuf> {
    let version = uniffi_version(&fs::read_to_string(project.root.join("Cargo.lock"))?)?;
    let program = project.cache.join(format!("uniffi-bindgen-{version}"));
    if program.is_file() {
        return Ok(program);
    }
    let mut cargo = project.cargo();
    cargo.args(["build", "--package", PACKAGE, "--bin", "uniffi-bindgen"]);
    run_program(cargo.args(["--features", "bindgen"]))?;
    let built = project.target().join("debug/uniffi-bindgen");
    fs::create_dir_all(&project.cache)?;
    // Two of these at once must not find half a file.
    let half = program.with_extension(format!("new-{}", std::process::id()));
    fs::copy(&built, &half).with_context(|| format!("cannot keep {}", built.display()))?;
    fs::rename(&half, &program)?;
    Ok(program)
}

fn uniffi_version(lock: &str) -> Result<String> {
    #[derive(serde::Deserialize)]
    struct Lock {
        package: Vec<Locked>,
    }
    #[derive(serde::Deserialize)]
    struct Locked {
        name: String,
        version: String,
    }
    let lock: Lock = toml::from_str(lock).context("Cargo.lock")?;
    let found = lock.package.into_iter().find(|one| one.name == "uniffi");
    Ok(found.context("no uniffi in Cargo.lock")?.version)
}

fn size_line(bytes: u64, encrypted: bool) -> String {
    let with = if encrypted { "with" } else { "without" };
    format!("the stripped library {with} encryption has {bytes} bytes")
}

#[cfg(test)]
mod tests {
    use super::{copy_changed, size_line, uniffi_version, within_limit};

    #[test]
    fn the_version_of_uniffi_is_that_of_the_lock_file() {
        let lock = "version = 4\n[[package]]\nname = \"uniffi\"\nversion = \"0.32.2\"\n";
        assert_eq!(uniffi_version(lock).expect("found"), "0.32.2");
        assert!(uniffi_version("package = []").is_err());
    }

    #[test]
    fn a_file_that_would_not_change_keeps_its_time() {
        let folder = std::env::temp_dir().join(format!("kokoni-xtask-{}", std::process::id()));
        let (from, to) = (folder.join("from"), folder.join("to"));
        std::fs::create_dir_all(from.join("deep")).expect("made");
        std::fs::write(from.join("deep/a"), "same").expect("written");
        copy_changed(&from, &to).expect("copied");
        let time = || {
            let metadata = std::fs::metadata(to.join("deep/a")).expect("there");
            metadata.modified().expect("a time")
        };
        let before = time();
        std::thread::sleep(std::time::Duration::from_millis(20));
        copy_changed(&from, &to).expect("copied");
        assert_eq!(time(), before);
        std::fs::write(from.join("deep/a"), "other").expect("written");
        copy_changed(&from, &to).expect("copied");
        let copied = std::fs::read_to_string(to.join("deep/a")).expect("there");
        assert_eq!(copied, "other");
        std::fs::remove_dir_all(&folder).expect("removed");
    }

    #[test]
    fn five_million_bytes_are_too_many() {
        assert!(within_limit(4_999_999).is_ok());
        assert!(within_limit(5_000_000).is_err());
    }

    #[test]
    fn the_size_is_said_in_one_line() {
        let line = "the stripped library without encryption has 7 bytes";
        assert_eq!(size_line(7, false), line);
    }
}
