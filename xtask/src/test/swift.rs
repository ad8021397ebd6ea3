//! The part `swift`: the Swift package's own tests against the real core and a real server, its
//! form, its documentation.

use std::fs;
use std::path::Path;
use std::process::Command;

use anyhow::{Context, Result, bail};

use super::kotlin;
use super::summary::Tally;
use crate::bindings;
use crate::project::{Project, run as run_program, succeeds, watch};
use crate::swift::Package;

/// What is in the form `swift format` gives it.
const FORMED: [&str; 4] = ["Package.swift", "Sources", "Tests", "Benchmarks"];
/// The module that must work without Rust, and what it may build on.
const WITHOUT_RUST: (&str, [&str; 2]) = ("Sources/KokoniInterface", ["Foundation", "Observation"]);
/// How swift-testing says that it begins a conformance script.
const SCRIPT_BEGINS: &str = "◇ Passing 1 argument script →";
/// The modules whose documentation is checked.
const DOCUMENTED: [&str; 2] = ["KokoniInterface", "KokoniKit"];

pub(super) fn run(project: &Project) -> Result<Tally> {
    let package = Package::prepare(project)?;
    let mut tally = formed(&package, &package.folder, &FORMED)?;
    tally += builds_on_no_rust(&package.folder)?;
    tally += own_tests(project, &package)?;
    tally += documented(project, &package)?;
    Ok(tally)
}

/// Whether the sources of a package are in the form `swift format` gives them.
pub(super) fn formed(package: &Package, folder: &Path, sources: &[&str]) -> Result<Tally> {
    println!("swift format lint");
    let mut lint = package.toolchain.command("swift", folder);
    lint.args(["format", "lint", "--strict", "--recursive"]);
    Ok(Tally::check(succeeds(lint.args(sources))?))
}

/// The interface, with its fake, is for previews and tests that never load Rust.
fn builds_on_no_rust(folder: &Path) -> Result<Tally> {
    let (module, allowed) = WITHOUT_RUST;
    let mut others = Vec::new();
    for text in swift_files(&folder.join(module))? {
        others.extend(
            imports(&text)
                .filter(|name| !allowed.contains(name))
                .map(str::to_owned),
        );
    }
    println!(
        "{module} builds on {}: {others:?} besides",
        allowed.join(" and ")
    );
    Ok(Tally::check(others.is_empty()))
}

/// Plays every conformance script among the package's own tests.
fn own_tests(project: &Project, package: &Package) -> Result<Tally> {
    let (scripts, mut played) = (kotlin::scripts(project)?, 0);
    let folder = package.folder.join("Tests");
    let look = |line: &str| played += u32::from(line.starts_with(SCRIPT_BEGINS));
    let tally = tests_seen(project, &mut package.swift("test"), &folder, look)?;
    if tally.failed == 0 && played != scripts {
        bail!("{scripts} conformance scripts are written, {played} were played");
    }
    Ok(tally)
}

/// Runs every test of a package, given `swift test` for it and the folder of its tests; those that
/// ran must be as many as are written down.
pub(super) fn tests(project: &Project, swift: &mut Command, folder: &Path) -> Result<Tally> {
    tests_seen(project, swift, folder, |_| {})
}

/// The same, with each line of the output shown to `look`.
fn tests_seen(
    project: &Project,
    swift: &mut Command,
    folder: &Path,
    mut look: impl FnMut(&str),
) -> Result<Tally> {
    let mut written = 0;
    for text in swift_files(folder)? {
        written += declared_tests(&text);
    }
    swift
        .arg("--disable-xctest")
        .env("KOKONI_PROGRAM", bindings::program(project))
        .env("KOKONI_FIXTURES", project.root.join("tests/fixtures"));
    let mut tally = Tally::default();
    let status = watch(swift, |line| {
        tally += ended(line);
        look(line);
    })?;
    tally.with_exit(status.success()).of_all(written)
}

/// What a line of swift-testing's output adds: a test that ended.
fn ended(line: &str) -> Tally {
    let line = line.trim_start_matches(|c: char| !c.is_ascii());
    let of_test = |line: &str| {
        line.strip_prefix(' ')
            .is_some_and(|line| line.starts_with("Test "))
    };
    let (none, one) = (
        Tally::default(),
        of_test(line) && !line.starts_with(" Test run "),
    );
    if one && line.contains(" passed after ") {
        return Tally { passed: 1, ..none };
    }
    if one && line.contains(" failed after ") {
        return Tally { failed: 1, ..none };
    }
    if one && line.contains(" skipped") {
        return Tally { skipped: 1, ..none };
    }
    none
}

/// How many tests a file declares.
fn declared_tests(text: &str) -> u32 {
    let declared = text.lines().filter(|line| {
        let line = line.trim_start();
        line == "@Test" || line.starts_with("@Test ") || line.starts_with("@Test(")
    });
    u32::try_from(declared.count()).unwrap_or(u32::MAX)
}

/// The modules that a Swift file imports.
fn imports(text: &str) -> impl Iterator<Item = &str> {
    text.lines()
        .filter_map(|line| line.split_once("import "))
        .filter(|(before, _)| before.is_empty() || before.ends_with(' ') && !before.contains("//"))
        .map(|(_, name)| name.trim())
}

/// DocC builds the documentation without a warning.
fn documented(project: &Project, package: &Package) -> Result<Tally> {
    let mut dump = package.swift("package");
    dump.args(["dump-symbol-graph", "--minimum-access-level", "public"]);
    run_program(dump.arg("--skip-synthesized-members"))?;
    let work = project.target().join("swift-docs");
    let mut tally = Tally::default();
    for module in DOCUMENTED {
        println!("docc: {module}");
        let graph = format!("{module}.symbols.json");
        let alone = work.join(module);
        let _ = fs::remove_dir_all(&alone);
        fs::create_dir_all(&alone)?;
        fs::copy(package.symbol_graphs()?.join(&graph), alone.join(&graph)).context(graph)?;
        let mut docc = package.tool("docc");
        docc.args(["convert", "--warnings-as-errors"])
            .args([
                "--fallback-display-name",
                module,
                "--fallback-bundle-identifier",
                module,
            ])
            .arg("--additional-symbol-graph-dir")
            .arg(&alone)
            .arg("--output-path")
            .arg(work.join(format!("{module}.doccarchive")));
        tally += Tally::check(succeeds(&mut docc)?);
    }
    Ok(tally)
}

/// The texts of all Swift files below a folder.
fn swift_files(folder: &Path) -> Result<Vec<String>> {
    let mut texts = Vec::new();
    let entries = fs::read_dir(folder).with_context(|| folder.display().to_string())?;
    for entry in entries {
        let path = entry?.path();
        if path.is_dir() {
            texts.extend(swift_files(&path)?);
        } else if path.extension().is_some_and(|ending| ending == "swift") {
            texts.push(fs::read_to_string(&path)?);
        }
    }
    Ok(texts)
}

#[cfg(test)]
mod tests {
    use super::{Tally, declared_tests, ended, imports};

    #[test]
    fn swifts_tests_are_counted_as_they_end() {
        let said = "◇ Test run started.\n◇ Test \"a\" started.\n\
                    ✔ Test opensAFolder() passed after 0.012 seconds.\n\
                    ✘ Test \"a seat\" failed after 0.1 seconds with 2 issues.\n\
                    ✔ Suite Scanning passed after 0.1 seconds.\n\
                    ➜ Test other() skipped: \"no\"\n\
                    ✘ Test run with 3 tests failed after 0.2 seconds with 2 issues.";
        let mut tally = Tally::default();
        said.lines().for_each(|line| tally += ended(line));
        let expected = Tally {
            passed: 1,
            failed: 1,
            skipped: 1,
        };
        assert_eq!(tally, expected);
    }

    #[test]
    fn declared_tests_are_those_with_the_macro() {
        let text = "  @Test func a() {}\n@Test(\"b\") func b() {}\n// @Test\n@TestFoo\n@Test\n";
        assert_eq!(declared_tests(text), 3);
    }

    #[test]
    fn imports_are_found_with_what_stands_before_them() {
        let text = "import Foundation\n@_exported import A\n// to import B\nlet x = 1\n";
        assert_eq!(imports(text).collect::<Vec<_>>(), ["Foundation", "A"]);
    }
}
