//! `cargo xtask kotlin [GOAL]...`: generates the bindings and runs Maven on the Kotlin modules.
//!
//! The generated sources lie in the target folder of the module `ffi`; Maven keeps what it fetches
//! where it always does, in the user's own repository.

mod shrunk;

use std::path::{Path, PathBuf};
use std::process::{Command, ExitCode};

use anyhow::Result;

use crate::bindings::{self, Library, Tongue};
use crate::machine;
use crate::project::{Project, run as run_program, succeeds};

pub(crate) use shrunk::shrunk_app_runs;

/// The Kotlin modules, seen from the root of the checkout.
pub(crate) const MODULES: &str = "bindings/kotlin";
/// Where the module `ffi` expects what is generated.
pub(crate) const GENERATED: &str = "bindings/kotlin/ffi/target/generated-sources/uniffi";
/// Maven in one process, short-lived: a small heap and the simple collector.
const MAVEN_OPTS: &str = "-Xmx2g -XX:+UseSerialGC -XX:TieredStopAtLevel=1";

/// What Maven shall do with the Kotlin modules.
#[derive(clap::Args)]
pub(crate) struct KotlinArgs {
    /// Goals and options of Maven; `package -DskipTests` if there is none
    #[arg(trailing_var_arg = true, allow_hyphen_values = true)]
    goals: Vec<String>,
}

/// Runs Maven; its success is the answer.
pub(crate) fn run(project: &Project, args: &KotlinArgs) -> Result<ExitCode> {
    let core = Core::build(project)?;
    let mut maven = core.maven(project, &project.root.join(MODULES))?;
    if args.goals.is_empty() {
        maven.args(["package", "-DskipTests"]);
    }
    Ok(if succeeds(maven.args(&args.goals))? {
        ExitCode::SUCCESS
    } else {
        ExitCode::FAILURE
    })
}

/// `cargo xtask bench kotlin`: the way through Kotlin against the same calls in Rust, in one
/// process, with the library optimised as phones get it.
pub(crate) fn bench(project: &Project) -> Result<ExitCode> {
    let core = Core::optimised(project)?;
    run_program(&mut core.program_of_tests(project, "BenchmarkKt")?)?;
    Ok(ExitCode::SUCCESS)
}

/// Calls from eight threads, and cycles of opening and closing; fails if memory grows.
pub(crate) fn soak(project: &Project, calls: u32, cycles: u32) -> Result<()> {
    let core = Core::build(project)?;
    let mut maven = core.program_of_tests(project, "SoakKt")?;
    maven.arg("-Dkokoni.compiler=-XX:TieredStopAtLevel=1");
    maven.arg(format!("-Dkokoni.calls={calls}"));
    run_program(maven.arg(format!("-Dkokoni.cycles={cycles}")))
}

/// What the Kotlin modules and the Android shell run against: the native library, whose bindings
/// have been generated, and the program whose server their tests start.
pub(crate) struct Core {
    pub(crate) library: Library,
    pub(crate) program: PathBuf,
}

impl Core {
    /// Builds the library and the program and generates the Kotlin bindings.
    pub(crate) fn build(project: &Project) -> Result<Self> {
        Self::of(project, bindings::library(project)?)
    }

    /// The same with an optimised library: for benchmarks.
    pub(crate) fn optimised(project: &Project) -> Result<Self> {
        Self::of(project, bindings::optimised_library(project)?)
    }

    fn of(project: &Project, library: Library) -> Result<Self> {
        let generated = project.root.join(GENERATED);
        bindings::generate(project, &library, Tongue::Kotlin, &generated)?;
        Ok(Self {
            library,
            program: bindings::program(project),
        })
    }

    /// Maven running a program that stands among the tests of the module `core`.
    fn program_of_tests(&self, project: &Project, class: &str) -> Result<Command> {
        let mut maven = self.maven(project, &project.root.join(MODULES))?;
        maven.args(["--quiet", "test", "-Pprogram"]);
        maven.arg("-Dkokoni.core.skipTests=true");
        maven.arg(format!("-Dkokoni.main=dev.kokoni.core.{class}"));
        Ok(maven)
    }

    /// Maven in a folder with a `pom.xml`, told where the library and the program are.
    pub(crate) fn maven(&self, project: &Project, folder: &Path) -> Result<Command> {
        let mut maven = project.command(machine::maven(project)?);
        maven.current_dir(folder).env("MAVEN_OPTS", MAVEN_OPTS);
        // One process, no daemon that stays behind; a log without colours and progress bars.
        maven.args(["--batch-mode", "--no-transfer-progress"]);
        maven.args(["-Dstyle.color=never", "-Dkotlin.compiler.daemon=false"]);
        let property = |name: &str, path: &Path| format!("-D{name}={}", path.display());
        maven.arg(property("kokoni.native.dir", &self.library.folder));
        maven.arg(property("kokoni.program", &self.program));
        Ok(maven)
    }
}
