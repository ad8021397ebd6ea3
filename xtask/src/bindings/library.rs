//! The library, built for the tests of Kotlin and Swift, as it is shipped, and as phones get it.

use std::fs::{self, File};
use std::path::PathBuf;
use std::process::Command;

use anyhow::{Context, Result, ensure};

use crate::project::{Project, run as run_program};

/// The crate, and the name of its library.
pub(crate) const PACKAGE: &str = "kokoni-ffi";
pub(crate) const LIBRARY: &str = "kokoni_ffi";

/// The program `kokoni`, and the crate it is built from.
const PROGRAM: &str = "kokoni";

/// The feature with what the tests need beside the product's surface, and a name that only a
/// library with it has.
const TESTING: &str = "testing";
const TEST_EXPORT: &[u8] = b"uniffi_kokoni_ffi_fn_func_testing_panic";

/// The feature with which the phone's database is encrypted.
const ENCRYPTED: &str = "encrypted";

/// The profile in which phones get it.
pub(crate) const PHONE_PROFILE: &str = "phone";

/// Parts of SQLite that rusqlite switches on or leaves on and a phone never uses: searches in texts
/// and in space, the table of the database's own pages, JSON, databases as bytes, libraries loaded
/// by name, caches that connections share, and what is only there for older programs.
/// `libsqlite3-sys` reads this variable.
pub(crate) const SQLITE_FLAGS: (&str, &str) = (
    "LIBSQLITE3_FLAGS",
    "-USQLITE_ENABLE_FTS3 -USQLITE_ENABLE_FTS3_PARENTHESIS -USQLITE_ENABLE_FTS5 \
     -USQLITE_ENABLE_RTREE -USQLITE_ENABLE_DBSTAT_VTAB -USQLITE_ENABLE_LOAD_EXTENSION \
     -DSQLITE_OMIT_JSON -DSQLITE_OMIT_DESERIALIZE -DSQLITE_OMIT_LOAD_EXTENSION \
     -DSQLITE_OMIT_SHARED_CACHE -DSQLITE_OMIT_DEPRECATED",
);

/// What the compiler of C is told: no tables for unwinding, of which SQLite's are the largest. No
/// panic passes through C: what SQLite calls back catches its own.
pub(crate) const C_FLAGS: (&str, &str) = (
    "CFLAGS",
    "-fno-unwind-tables -fno-asynchronous-unwind-tables",
);

/// What the linker is told for this machine, where it is the LLVM's that Rust brings along, as the
/// NDK's and Apple's are told theirs: equal functions once, and relocations packed.
const LINKER_FLAGS: &[&str] = if cfg!(all(target_os = "linux", target_arch = "x86_64")) {
    &[
        "-C",
        "link-arg=-Wl,--icf=safe",
        "-C",
        "link-arg=-Wl,-z,pack-relative-relocs",
    ]
} else {
    &[]
};

/// The library as the tests load it.
pub(crate) struct Library {
    /// For `-L`, `-rpath` and `jna.library.path`.
    pub(crate) folder: PathBuf,
    /// `libkokoni_ffi.so` or what this system calls it.
    pub(crate) file: PathBuf,
}

/// The program that [`library`] builds as well.
pub(crate) fn program(project: &Project) -> PathBuf {
    project.target().join("debug").join(PROGRAM)
}

/// Builds the library with what the tests need beside the product's surface, and the program
/// `kokoni` whose server they start.
pub(crate) fn library(project: &Project) -> Result<Library> {
    build(project, &[TESTING], "testing")
}

/// The same, optimised as phones get it: for benchmarks. Its names are kept, since the generator
/// reads them.
pub(crate) fn optimised_library(project: &Project) -> Result<Library> {
    library(project)?;
    for_phones(project, &[TESTING], &["-C", "strip=none"], "bench")
}

/// The library as it is shipped, for this machine: what is generated from it fits phones, which
/// have none of the exports for tests.
pub(crate) fn shipped_library(project: &Project) -> Result<Library> {
    build(project, &[], "shipped")
}

/// Builds the stripped library as phones get it; its bytes.
pub(super) fn size(project: &Project, encrypted: bool) -> Result<u64> {
    let (features, kept): (&[&str], _) = if encrypted {
        (&[ENCRYPTED], "stripped-encrypted")
    } else {
        (&[], "stripped")
    };
    let library = for_phones(project, features, &[], kept)?;
    Ok(fs::metadata(library.file)?.len())
}

/// The library and the program at once: cargo chooses the features of what both depend on by what
/// is built together, and would otherwise compile most of it twice.
fn build(project: &Project, features: &[&str], kept: &str) -> Result<Library> {
    let mut cargo = project.cargo();
    cargo.args(["build", "--package", PACKAGE, "--package", PROGRAM]);
    cargo.args(["--features", &features.join(",")]);
    made(project, &mut cargo, "dev", features, kept)
}

/// Builds the library as phones get it, for this machine.
fn for_phones(project: &Project, features: &[&str], flags: &[&str], kept: &str) -> Result<Library> {
    let mut cargo = project.cargo();
    cargo.args(["rustc", "--package", PACKAGE, "--lib"]);
    cargo.args(["--profile", PHONE_PROFILE, "--crate-type", "cdylib"]);
    cargo.args(["--features", &features.join(",")]);
    cargo.arg("--").args(LINKER_FLAGS).args(flags);
    cargo.envs([SQLITE_FLAGS, C_FLAGS]);
    let target = target(project, features);
    cargo.env("CARGO_TARGET_DIR", &target);
    made(project, &mut cargo, PHONE_PROFILE, features, kept)
}

/// Where cargo builds: with encryption in a folder of its own, since the library's file there would
/// be taken for that of the other build.
fn target(project: &Project, features: &[&str]) -> PathBuf {
    let target = project.target();
    if features.contains(&ENCRYPTED) {
        return target.join(ENCRYPTED);
    }
    target
}

/// Runs a build and keeps a copy of the library it made, in a folder of its own.
///
/// With the exports for tests or without, the library has one file name, and cargo takes what the
/// other build wrote there for fresh. Then the crate is built anew.
fn made(
    project: &Project,
    cargo: &mut Command,
    profile: &str,
    features: &[&str],
    kept: &str,
) -> Result<Library> {
    let target = project.target();
    let at = self::target(project, features);
    let built = at.join(if profile == "dev" { "debug" } else { profile });
    let built = built.join(library_name());
    let folder = target.join("libraries").join(kept);
    fs::create_dir_all(&folder)?;
    fs::create_dir_all(&at)?;
    // Lanes of the tests come here at the same time. Let go of when this ends; another profile's
    // build has files of its own.
    let alone = File::create(at.join(format!("libraries-{profile}.lock")))?;
    alone.lock()?;
    let (fresh, file) = (folder.join("fresh"), folder.join(library_name()));
    let mut keep = || -> Result<bool> {
        run_program(cargo)?;
        // Looked at where no other build writes.
        fs::copy(&built, &fresh).with_context(|| format!("{} was not built", built.display()))?;
        Ok(has_test_exports(&fs::read(&fresh)?) == features.contains(&TESTING))
    };
    if !keep()? {
        let mut clean = project.cargo();
        clean.env("CARGO_TARGET_DIR", &at);
        run_program(clean.args(["clean", "--package", PACKAGE, "--profile", profile]))?;
        ensure!(keep()?, "{} is not what was built", built.display());
    }
    // Whoever has the one of before open keeps it.
    fs::rename(&fresh, &file)?;
    Ok(Library { folder, file })
}

fn has_test_exports(library: &[u8]) -> bool {
    let mut names = library.split(|byte| *byte == 0);
    names.any(|name| name.ends_with(TEST_EXPORT))
}

fn library_name() -> String {
    let (prefix, suffix) = (std::env::consts::DLL_PREFIX, std::env::consts::DLL_SUFFIX);
    format!("{prefix}{LIBRARY}{suffix}")
}

#[cfg(test)]
mod tests {
    use super::{TEST_EXPORT, has_test_exports};

    #[test]
    fn a_library_for_tests_is_told_from_one_that_is_shipped() {
        let shipped = b"\0uniffi_kokoni_ffi_fn_func_core_version\0";
        assert!(!has_test_exports(shipped));
        assert!(has_test_exports(&[shipped, TEST_EXPORT].concat()));
    }
}
