//! An app after R8: what Android's build does with every app is done with a small one, with the
//! rules that the package brings along, and it must still run against the native library.
//!
//! R8 writes classes for a JVM here, so that no phone is needed; what it removes and renames is the
//! same.

use std::fs;
use std::path::{Path, PathBuf};

use anyhow::{Context, Result, ensure};

use super::{Core, MODULES};
use crate::machine;
use crate::project::{Project, read, run as run_program, succeeds};

/// The program among the tests of the module `core`.
const MAIN: &str = "dev.kokoni.core.ShrunkKt";
/// Where its classes lie, and how their names begin.
const APP_PACKAGE: &str = "dev/kokoni/core";
const APP: [&str; 4] = ["Shrunk", "CountedSecrets", "TestPhone", "TestServer"];
/// What the program keeps beside what the package's rules keep: where it begins, and the JSON by
/// which it talks to the server's command line.
const RULES: &str = "-keep class dev.kokoni.core.ShrunkKt { public static void main(...); }\n\
    -keep class kotlinx.serialization.** { *; }\n-dontwarn **\n";
/// Where a jar says what R8 is to keep of it.
const JAR_RULES: &str = "META-INF/proguard";
/// Classes that everybody may rename, and that R8 must therefore have renamed or removed here.
const OPEN_TO_CHANGE: &str = "dev/kokoni/core/RustKokoni.class";

/// Shrinks the program and runs it.
pub(crate) fn shrunk_app_runs(project: &Project, core: &Core) -> Result<bool> {
    let module = project.root.join(MODULES).join("core");
    let work = module.join("target/shrunk");
    if work.exists() {
        fs::remove_dir_all(&work).with_context(|| format!("clearing {}", work.display()))?;
    }
    let mut maven = core.maven(project, &project.root.join(MODULES))?;
    run_program(maven.args(["--quiet", "package", "-DskipTests", "-Pshrunk"]))?;
    let jars = jars(&work.join("jars"))?;
    let package = work.join("package.jar");
    let mut pack = project.command(machine::jdk_tool("jar")?);
    pack.args(["--create", "--no-manifest", "--file"])
        .arg(&package);
    run_program(pack.arg("-C").arg(module.join("target/classes")).arg("."))?;
    let app = work.join("app.jar");
    let mut pack = project.command(machine::jdk_tool("jar")?);
    pack.current_dir(module.join("target/test-classes"));
    pack.args(["--create", "--no-manifest", "--file"]).arg(&app);
    run_program(pack.args(app_classes(&module.join("target/test-classes"))?))?;
    let shrunk = work.join("shrunk.jar");
    let mut r8 = project.command(machine::jdk_tool("java")?);
    r8.args(["-Xmx2g", "-XX:+UseSerialGC", "-cp"]);
    r8.arg(work.join("r8.jar")).arg("com.android.tools.r8.R8");
    r8.args(["--release", "--classfile", "--lib"]);
    r8.arg(machine::jdk_home()?);
    for rules in rules(project, &work, &module, &jars)? {
        r8.arg("--pg-conf").arg(rules);
    }
    r8.arg("--output").arg(&shrunk);
    run_program(r8.args([&package, &app]).args(&jars))?;
    let mut names = project.command(machine::jdk_tool("jar")?);
    let names = read(names.arg("tf").arg(&shrunk))?;
    ensure!(
        names.lines().all(|name| name != OPEN_TO_CHANGE),
        "R8 left {OPEN_TO_CHANGE} as it was: this proves nothing"
    );
    let mut app = project.command(machine::jdk_tool("java")?);
    app.arg("-Djna.nosys=true");
    for (name, path) in [
        ("jna.library.path", &core.library.folder),
        ("kokoni.program", &core.program),
    ] {
        app.arg(format!("-D{name}={}", path.display()));
    }
    // JNA's own native library is a resource, which R8 hands on only to an archive.
    succeeds(app.arg("-cp").arg(&shrunk).arg(MAIN))
}

/// The classes of the program, seen from their folder. The tests beside them have names that no app
/// has, with spaces, and R8 takes none of those.
fn app_classes(folder: &Path) -> Result<Vec<String>> {
    let mut classes = Vec::new();
    for class in files(&folder.join(APP_PACKAGE))? {
        let name = class.file_name().unwrap_or_default().to_string_lossy();
        if APP.iter().any(|of_the_app| name.starts_with(of_the_app)) {
            classes.push(format!("{APP_PACKAGE}/{name}"));
        }
    }
    ensure!(!classes.is_empty(), "the program was not compiled");
    Ok(classes)
}

/// The rules of the program, of the package, and of every jar that brings some, as Android's build
/// collects them.
fn rules(project: &Project, work: &Path, module: &Path, jars: &[PathBuf]) -> Result<Vec<PathBuf>> {
    let own = work.join("app.pro");
    fs::write(&own, RULES).with_context(|| format!("writing {}", own.display()))?;
    let mut all = vec![own];
    all.extend(files(&module.join("src/main/resources").join(JAR_RULES))?);
    ensure!(all.len() > 1, "the package brings no rules");
    for (number, jar) in jars.iter().enumerate() {
        let folder = work.join(format!("rules-{number}"));
        fs::create_dir_all(&folder)?;
        let mut unpack = project.command(machine::jdk_tool("jar")?);
        run_program(
            unpack
                .current_dir(&folder)
                .arg("xf")
                .arg(jar)
                .arg(JAR_RULES),
        )?;
        let found = folder.join(JAR_RULES);
        if found.is_dir() {
            all.extend(files(&found)?);
        }
    }
    Ok(all)
}

fn jars(folder: &Path) -> Result<Vec<PathBuf>> {
    let jars = files(folder)?;
    ensure!(jars.len() >= 4, "Maven copied only {} jars", jars.len());
    Ok(jars)
}

fn files(folder: &Path) -> Result<Vec<PathBuf>> {
    let entries = fs::read_dir(folder).with_context(|| format!("reading {}", folder.display()))?;
    let mut files = entries
        .map(|entry| Ok(entry?.path()))
        .collect::<Result<Vec<_>>>()?;
    files.sort();
    Ok(files)
}
