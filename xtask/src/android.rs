//! `cargo xtask android [GOAL]...`: compiles the Android app's resources and runs Maven on it;
//! without a goal it makes the app's package.
//!
//! Needs no Android SDK. The resources are linked by Debian's aapt2 against those of Android 13,
//! the newest platform whose table it reads, taken from Robolectric's jar and kept in the cache;
//! the code is compiled against the classes of Android 15 and held to API 26 by the build itself.

mod package;

use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, ExitCode};

use anyhow::{Context, Result};

use crate::kotlin::Core;
use crate::machine;
use crate::project::{Project, on_path, run as run_program, succeeds};

pub(crate) use package::assemble;

/// The Android app and its reactor, seen from the root of the checkout.
pub(crate) const REACTOR: &str = "android";
pub(crate) const APP: &str = "android/app";
const PACKAGE: &str = "dev.kokoni.app";
/// Where the build of the app expects its resources.
const RESOURCES: &str = "target/resources";
/// The platform whose resources are linked against.
const PLATFORM: &str = "org.robolectric:android-all:13-robolectric-9030017";
const PLATFORM_JAR: &str = "android-all-13-robolectric-9030017.jar";
const PLATFORM_PARTS: [&str; 2] = ["resources.arsc", "AndroidManifest.xml"];
const COPY_GOAL: &str = "org.apache.maven.plugins:maven-dependency-plugin:3.8.1:copy";

/// What Maven shall do with the Android app.
#[derive(clap::Args)]
pub(crate) struct AndroidArgs {
    /// Goals and options of Maven; if there is none, the package is made, without tests
    #[arg(trailing_var_arg = true, allow_hyphen_values = true)]
    goals: Vec<String>,
}

/// Runs Maven; its success is the answer.
pub(crate) fn run(project: &Project, args: &AndroidArgs) -> Result<ExitCode> {
    let core = Core::build(project)?;
    let mut maven = maven(project, &core)?;
    if args.goals.is_empty() {
        maven.args(["package", "-DskipTests", "-Dkokoni.core.skipTests=true"]);
        run_program(&mut maven)?;
        assemble(project)?;
        return Ok(ExitCode::SUCCESS);
    }
    Ok(if succeeds(maven.args(&args.goals))? {
        ExitCode::SUCCESS
    } else {
        ExitCode::FAILURE
    })
}

/// `cargo xtask bench android`: the shell's way of a frame against the core alone, in one process,
/// with everything optimised.
pub(crate) fn bench(project: &Project) -> Result<ExitCode> {
    let core = Core::optimised(project)?;
    let mut maven = maven(project, &core)?;
    maven.args(["--quiet", "test", "-Pbenchmark", "-DskipTests"]);
    Ok(if succeeds(&mut maven)? {
        ExitCode::SUCCESS
    } else {
        ExitCode::FAILURE
    })
}

/// Maven on the app and the Kotlin modules below it, with the app's resources compiled.
pub(crate) fn maven(project: &Project, core: &Core) -> Result<Command> {
    let platform = platform_resources(project, core)?;
    compile_resources(project, &platform)?;
    core.maven(project, &project.root.join(REACTOR))
}

/// The platform's resource table and manifest as aapt2 takes them, from the cache if they are
/// there.
fn platform_resources(project: &Project, core: &Core) -> Result<PathBuf> {
    let kept = project.cache.join("android-13-resources.apk");
    if kept.is_file() {
        return Ok(kept);
    }
    let folder = project.cache.join("android-13-resources.part");
    fs::create_dir_all(&folder).with_context(|| format!("making {}", folder.display()))?;
    let mut fetch = core.maven(project, &folder)?;
    fetch.args([COPY_GOAL, &format!("-Dartifact={PLATFORM}")]);
    run_program(fetch.arg(format!("-DoutputDirectory={}", folder.display())))?;
    let jar = on_path("jar").context("the JDK's program `jar` is needed")?;
    let mut unpack = project.command(&jar);
    unpack.current_dir(&folder).args(["xf", PLATFORM_JAR]);
    run_program(unpack.args(PLATFORM_PARTS))?;
    let mut pack = project.command(&jar);
    pack.current_dir(&folder)
        .args(["--create", "--no-compress"]);
    pack.args(["--no-manifest", "--file", "resources.apk"]);
    run_program(pack.args(PLATFORM_PARTS))?;
    fs::rename(folder.join("resources.apk"), &kept)
        .with_context(|| format!("keeping {}", kept.display()))?;
    fs::remove_dir_all(&folder).with_context(|| format!("clearing {}", folder.display()))?;
    Ok(kept)
}

/// Compiles and links the resources: `resources.apk`, `R.java`, and the file by which Robolectric
/// finds both.
fn compile_resources(project: &Project, platform: &Path) -> Result<()> {
    let aapt2 = machine::android_tool(project, "aapt2")?;
    let app = project.root.join(APP);
    let out = app.join(RESOURCES);
    let (java, pointer) = (out.join("java"), out.join("test/com/android/tools"));
    for folder in [&java, &pointer] {
        fs::create_dir_all(folder).with_context(|| format!("making {}", folder.display()))?;
    }
    let main = app.join("src/main");
    let (compiled, linked) = (out.join("compiled.zip"), out.join("resources.apk"));
    let mut compile = project.command(&aapt2);
    compile.arg("compile").arg("--dir").arg(main.join("res"));
    run_program(compile.arg("-o").arg(&compiled))?;
    let mut link = project.command(&aapt2);
    link.args(["link", "--auto-add-overlay"]);
    link.arg("-I").arg(platform);
    link.arg("--manifest").arg(main.join("AndroidManifest.xml"));
    link.arg("--java").arg(&java);
    run_program(link.arg("-o").arg(&linked).arg(&compiled))?;
    let lines = [
        ("manifest", main.join("AndroidManifest.xml")),
        ("resources", main.join("res")),
        ("assets", main.join("assets")),
    ]
    .map(|(what, path)| format!("android_merged_{what}={}\n", path.display()));
    let text = format!(
        "{}android_resource_apk={}\nandroid_custom_package={PACKAGE}\n",
        lines.concat(),
        linked.display()
    );
    let file = pointer.join("test_config.properties");
    fs::write(&file, text).with_context(|| format!("writing {}", file.display()))
}
