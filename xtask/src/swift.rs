//! `cargo xtask swift [PROGRAM [ARGS]...]`: builds the Swift package KokoniKit, or runs a program of
//! the Swift toolchain in its folder.
//!
//! [`toolchain`] finds a Swift or unpacks one; this file knows the package: where its generated
//! sources go, and how it finds the core it is linked with.

mod debian;
pub(crate) mod toolchain;

use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, ExitCode};

use anyhow::{Context, Result};

use crate::bindings::{self, Library, Tongue};
use crate::project::{Project, run as run_program, succeeds};
use crate::swift::toolchain::Toolchain;

/// The package, seen from the root of the checkout.
const PACKAGE: &str = "bindings/swift";
/// Each generated file, and where it goes in the package; git ignores the folder.
const GENERATED: [(&str, &str); 3] = [
    ("kokoni_ffi.swift", "Generated/KokoniFFI/kokoni_ffi.swift"),
    ("kokoni_ffiFFI.h", "Generated/kokoni_ffiFFI/kokoni_ffiFFI.h"),
    (
        "kokoni_ffiFFI.modulemap",
        "Generated/kokoni_ffiFFI/module.modulemap",
    ),
];
/// What SwiftPM does that builds, and so must be told where the core is.
const BUILDING: [&str; 3] = ["build", "test", "run"];

/// What to run in the folder of the Swift package.
#[derive(clap::Args)]
pub(crate) struct SwiftArgs {
    /// A program of the toolchain and what to hand to it; `swift build` if there is none
    #[arg(trailing_var_arg = true, allow_hyphen_values = true)]
    program: Vec<String>,
}

/// Generates what the package needs and runs the program; its success is the answer.
pub(crate) fn run(project: &Project, args: &SwiftArgs) -> Result<ExitCode> {
    let package = Package::prepare(project)?;
    let words: Vec<&str> = args.program.iter().map(String::as_str).collect();
    let (mut command, rest) = match words.as_slice() {
        [] => (package.swift("build"), &[][..]),
        ["swift", what, rest @ ..] if BUILDING.contains(what) => (package.swift(what), rest),
        [program, rest @ ..] => (package.tool(program), rest),
    };
    Ok(if succeeds(command.args(rest))? {
        ExitCode::SUCCESS
    } else {
        ExitCode::FAILURE
    })
}

/// Runs the package's benchmark, optimised; its success is the answer.
pub(crate) fn bench(project: &Project) -> Result<ExitCode> {
    let toolchain = Toolchain::find(project)?;
    let package = Package::with(project, toolchain, bindings::optimised_library(project)?)?;
    let mut swift = package.swift("run");
    swift.args(["--configuration", "release", "kokoni-benchmark"]);
    swift.env("KOKONI_PROGRAM", bindings::program(project));
    Ok(if succeeds(&mut swift)? {
        ExitCode::SUCCESS
    } else {
        ExitCode::FAILURE
    })
}

/// Plays the script of the cycles with a variable that says how often; fails if memory grows.
pub(crate) fn soak(project: &Project, variable: &str, count: &str) -> Result<()> {
    let package = Package::prepare(project)?;
    let mut swift = package.swift("test");
    swift.args(["--disable-xctest", "--filter", "everyScriptHolds"]);
    swift
        .env("KOKONI_PROGRAM", bindings::program(project))
        .env("KOKONI_FIXTURES", project.root.join("tests/fixtures"));
    run_program(swift.env(variable, count))
}

/// The Swift package with its generated sources in place, and the toolchain that builds it.
pub(crate) struct Package<'a> {
    pub(crate) toolchain: Toolchain<'a>,
    /// `bindings/swift`.
    pub(crate) folder: PathBuf,
    /// The core it is linked with.
    library: Library,
    /// Where SwiftPM puts what it builds.
    scratch: PathBuf,
}

impl<'a> Package<'a> {
    /// Finds a toolchain, builds the core, and generates the sources that speak to it.
    pub(crate) fn prepare(project: &'a Project) -> Result<Self> {
        let toolchain = Toolchain::find(project)?;
        Self::with(project, toolchain, bindings::library(project)?)
    }

    /// The same over a core that was built already.
    pub(crate) fn with(
        project: &'a Project,
        toolchain: Toolchain<'a>,
        library: Library,
    ) -> Result<Self> {
        let folder = project.root.join(PACKAGE);
        let generated = project.target().join("swift-generated");
        bindings::generate(project, &library, Tongue::Swift, &generated)?;
        place(project, &generated)?;
        Ok(Self {
            toolchain,
            folder,
            library,
            scratch: project.target().join("swift"),
        })
    }

    /// `swift build`, `swift test` or `swift run` of the package, linked with the core.
    pub(crate) fn swift(&self, what: &str) -> Command {
        self.swift_in(&self.folder, &self.scratch, what)
    }

    /// The same for a package in another folder which depends on this one.
    pub(crate) fn swift_in(&self, folder: &Path, scratch: &Path, what: &str) -> Command {
        let mut command = self.toolchain.command("swift", folder);
        command.arg(what).arg("--scratch-path").arg(scratch);
        for flag in ["-L", "-rpath"] {
            command.args(["-Xlinker", flag, "-Xlinker"]);
            command.arg(&self.library.folder);
        }
        if cfg!(target_os = "linux") {
            // Swift 6.0's own libswiftObservation misses a symbol that nothing calls.
            command.args(["-Xlinker", "--allow-shlib-undefined"]);
        }
        command
    }

    /// Where `swift package dump-symbol-graph` leaves what it says.
    pub(crate) fn symbol_graphs(&self) -> Result<PathBuf> {
        let built = fs::canonicalize(self.scratch.join("debug"))?;
        let triple = built.parent().context("SwiftPM built into no folder")?;
        Ok(triple.join("symbolgraph"))
    }

    /// Another program of the toolchain, in the package's folder.
    pub(crate) fn tool(&self, program: &str) -> Command {
        self.toolchain.command(program, &self.folder)
    }
}

/// Copies a file unless the copy is the same already, so that nothing is built again for nothing.
/// Puts generated sources where the package looks for them.
pub(crate) fn place(project: &Project, generated: &Path) -> Result<()> {
    let folder = project.root.join(PACKAGE);
    for (from, to) in GENERATED {
        put(&generated.join(from), &folder.join(to))?;
    }
    Ok(())
}

fn put(from: &Path, to: &Path) -> Result<()> {
    let new = fs::read(from).with_context(|| format!("generated: {}", from.display()))?;
    if fs::read(to).is_ok_and(|old| old == new) {
        return Ok(());
    }
    if let Some(folder) = to.parent() {
        fs::create_dir_all(folder)?;
    }
    fs::write(to, new).with_context(|| to.display().to_string())
}
