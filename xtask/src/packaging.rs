//! `cargo xtask android-libs` and `cargo xtask xcframework`: the library as phones load it.
//!
//! Everything up to the step that needs an NDK or Xcode is done on every machine; where that step
//! cannot be done, one line says so and the command fails.

use std::env;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::ExitCode;

use anyhow::{Context, Result, bail, ensure};

use crate::bindings::{self, C_FLAGS, LIBRARY, PACKAGE, PHONE_PROFILE, SQLITE_FLAGS, Tongue};
use crate::machine::NOT_HERE;
use crate::project::{Project, on_path, read, run as run_program, succeeds};
use crate::{kotlin, swift};

/// How to build the library for phones.
#[derive(clap::Args)]
pub(crate) struct PackagingArgs {
    /// Without encryption at rest: for a look at sizes, not for people's phones
    #[arg(long)]
    plain: bool,
    /// Where the result goes; in the target folder if it is not said
    #[arg(long)]
    out: Option<PathBuf>,
}

/// One architecture of Android: the folder in an APK, Rust's target, and the compiler's prefix.
struct Abi {
    folder: &'static str,
    target: &'static str,
    clang: &'static str,
}

/// The oldest Android that the app runs on.
const MIN_SDK: u32 = 26;

const ABIS: [Abi; 3] = [
    Abi {
        folder: "arm64-v8a",
        target: "aarch64-linux-android",
        clang: "aarch64-linux-android",
    },
    Abi {
        folder: "armeabi-v7a",
        target: "armv7-linux-androideabi",
        clang: "armv7a-linux-androideabi",
    },
    Abi {
        folder: "x86_64",
        target: "x86_64-linux-android",
        clang: "x86_64-linux-android",
    },
];

/// Phones have pages of 4 or of 16 KiB; a library aligned to the larger loads on both. Equal
/// functions stand in it once, and its relocations are packed as Android 6.0 and later unpack them
/// (the shorter form of newer systems is not read by [`MIN_SDK`]).
const ANDROID_FLAGS: &str = "-C link-arg=-Wl,-z,max-page-size=16384 \
     -C link-arg=-Wl,--icf=safe -C link-arg=-Wl,--pack-dyn-relocs=android";

/// Apple's targets: the device first, then the two that a simulator's library is made of.
const IPHONE: &str = "aarch64-apple-ios";
const SIMULATORS: [&str; 2] = ["aarch64-apple-ios-sim", "x86_64-apple-ios"];

/// Where in the target folder the Swift that belongs to the framework is generated.
const FRAMEWORK_SOURCES: &str = "xcframework/generated";

/// The C module of the generated Swift, and so the name of the framework.
const C_MODULE: &str = "kokoni_ffiFFI";

/// The targets whose types are checked on every machine, one for each system.
pub(crate) const CHECKED_TARGETS: [&str; 2] = [ABIS[0].target, IPHONE];

/// Checks the types of the bindings' crate for a phone; C code and linking are not part of it.
pub(crate) fn types_hold(project: &Project, target: &str) -> Result<bool> {
    let mut cargo = project.command(project.root.join("xtask/scripts/cargo-phone.sh"));
    cargo.args([target, "check", "--package", PACKAGE, "--lib"]);
    // Another compiler's work, in a folder of its own: neither waits for the other's.
    cargo.env("CARGO_TARGET_DIR", project.target().join("phones"));
    succeeds(cargo.env("KOKONI_TOOLS", &project.cache))
}

/// Builds a library for each architecture of Android, in folders as an APK has them.
pub(crate) fn android_libs(project: &Project, args: &PackagingArgs) -> Result<ExitCode> {
    ensure!(types_hold(project, ABIS[0].target)?, "it does not check");
    let Some(tools) = ndk(project)? else {
        return Ok(not_here(NOT_HERE[0]));
    };
    let library = bindings::shipped_library(project)?;
    let sources = project.root.join(kotlin::GENERATED);
    bindings::generate(project, &library, Tongue::Kotlin, &sources)?;
    let out = args.out_or(project, "android/jniLibs");
    for abi in &ABIS {
        let clang = tools.join(format!("{}{MIN_SDK}-clang", abi.clang));
        ensure!(clang.is_file(), "the NDK has no {}", clang.display());
        let mut cargo = library_for(project, args, abi.target, "cdylib");
        let upper = variable(abi.target);
        cargo
            .env(format!("CARGO_TARGET_{upper}_LINKER"), &clang)
            .env(format!("CARGO_TARGET_{upper}_RUSTFLAGS"), ANDROID_FLAGS)
            .env(format!("CC_{}", abi.target), &clang)
            .env(format!("AR_{}", abi.target), tools.join("llvm-ar"));
        run_program(&mut cargo)?;
        let name = format!("lib{LIBRARY}.so");
        let folder = out.join(abi.folder);
        fs::create_dir_all(&folder)?;
        let bytes = fs::copy(built(project, abi.target).join(&name), folder.join(&name))?;
        println!("{}: {bytes} bytes", folder.join(&name).display());
    }
    Ok(ExitCode::SUCCESS)
}

/// Builds the framework that the Swift package links on Apple's systems.
pub(crate) fn xcframework(project: &Project, args: &PackagingArgs) -> Result<ExitCode> {
    ensure!(types_hold(project, IPHONE)?, "it does not check");
    let headers = headers(project)?;
    let Some(xcodebuild) = on_path("xcodebuild").filter(|_| cfg!(target_os = "macos")) else {
        return Ok(not_here(NOT_HERE[1]));
    };
    for target in [IPHONE].iter().chain(&SIMULATORS) {
        run_program(&mut library_for(project, args, target, "staticlib"))?;
    }
    let name = format!("lib{LIBRARY}.a");
    let simulator = project.target().join("xcframework/simulator");
    fs::create_dir_all(&simulator)?;
    let simulator = simulator.join(&name);
    let mut lipo = project.command("lipo");
    lipo.arg("-create").arg("-output").arg(&simulator);
    lipo.args(SIMULATORS.map(|target| built(project, target).join(&name)));
    run_program(&mut lipo)?;
    let out = match &args.out {
        Some(out) => out.clone(),
        None => project.root.join("bindings/swift"),
    };
    let framework = out.join(format!("{C_MODULE}.xcframework"));
    if framework.exists() {
        fs::remove_dir_all(&framework)?;
    }
    let mut create = project.command(xcodebuild);
    create.arg("-create-xcframework");
    for library in [built(project, IPHONE).join(&name), simulator] {
        create
            .arg("-library")
            .arg(library)
            .arg("-headers")
            .arg(&headers);
    }
    run_program(create.arg("-output").arg(&framework))?;
    swift::place(project, &project.target().join(FRAMEWORK_SOURCES))?;
    println!("{}", framework.display());
    Ok(ExitCode::SUCCESS)
}

/// The C header and its module map, laid out as a framework has them: in a folder named like the
/// module, so that two frameworks in one app do not overwrite each other's `module.modulemap`.
pub(crate) fn headers(project: &Project) -> Result<PathBuf> {
    let generated = project.target().join(FRAMEWORK_SOURCES);
    let library = bindings::shipped_library(project)?;
    bindings::generate(project, &library, Tongue::Swift, &generated)?;
    let header = fs::read_to_string(generated.join(format!("{C_MODULE}.h")))?;
    ensure!(
        !header.contains("testing_"),
        "the header for phones names exports that only tests have"
    );
    let headers = project.target().join("xcframework/headers");
    let folder = headers.join(C_MODULE);
    fs::create_dir_all(&folder)?;
    let header = format!("{C_MODULE}.h");
    let map = fs::read_to_string(generated.join(format!("{C_MODULE}.modulemap")))?;
    check_module_map(&map, &header)?;
    fs::copy(generated.join(&header), folder.join(&header))?;
    fs::write(folder.join("module.modulemap"), map)?;
    Ok(headers)
}

fn check_module_map(map: &str, header: &str) -> Result<()> {
    ensure!(
        map.contains(&format!("module {C_MODULE} {{")) && map.contains(&format!("\"{header}\"")),
        "the generated module map does not name {C_MODULE} and {header}"
    );
    ensure!(
        !map.contains("framework module"),
        "a static library in an xcframework has a plain module"
    );
    Ok(())
}

fn library_for(
    project: &Project,
    args: &PackagingArgs,
    target: &str,
    kind: &str,
) -> std::process::Command {
    let mut cargo = project.cargo();
    cargo.args(["rustc", "--package", PACKAGE, "--lib"]);
    cargo.args(["--profile", PHONE_PROFILE, "--target", target]);
    cargo.args(["--crate-type", kind]);
    cargo.envs([SQLITE_FLAGS, C_FLAGS]);
    if !args.plain {
        cargo.args(["--features", "encrypted"]);
    }
    cargo
}

impl PackagingArgs {
    fn out_or(&self, project: &Project, usual: &str) -> PathBuf {
        let given = self.out.clone();
        given.unwrap_or_else(|| project.root.join(usual))
    }
}

fn built(project: &Project, target: &str) -> PathBuf {
    project.target().join(target).join(PHONE_PROFILE)
}

/// A target as it stands in the names of cargo's variables.
fn variable(target: &str) -> String {
    target.replace('-', "_").to_uppercase()
}

fn not_here((what, why): (&str, &str)) -> ExitCode {
    println!("not here: {what}, {why}");
    ExitCode::FAILURE
}

/// The folder of the NDK's compilers: `ANDROID_NDK_HOME`, or the newest in `ANDROID_HOME`.
fn ndk(project: &Project) -> Result<Option<PathBuf>> {
    let named = env::var_os("ANDROID_NDK_HOME").map(PathBuf::from);
    let installed = || {
        let home = env::var_os("ANDROID_HOME")?;
        newest(&Path::new(&home).join("ndk"))
    };
    let Some(ndk) = named.or_else(installed) else {
        return Ok(None);
    };
    let hosts = ndk.join("toolchains/llvm/prebuilt");
    let host = newest(&hosts).with_context(|| format!("{} is no NDK", ndk.display()))?;
    let tools = host.join("bin");
    let said = read(project.command(tools.join("clang")).arg("--version"))?;
    if !said.contains("clang") {
        bail!("{} is no clang", tools.join("clang").display());
    }
    Ok(Some(tools))
}

/// The last of a folder's folders, by the numbers in their names.
fn newest(folder: &Path) -> Option<PathBuf> {
    let entries = fs::read_dir(folder).ok()?;
    let folders = entries.flatten().map(|entry| entry.path());
    folders
        .filter(|path| path.is_dir())
        .max_by_key(|path| numbers(&path.file_name().unwrap_or_default().to_string_lossy()))
}

fn numbers(version: &str) -> Vec<u64> {
    let parts = version.split(|c: char| !c.is_ascii_digit());
    parts.filter_map(|part| part.parse().ok()).collect()
}

#[cfg(test)]
mod tests {
    use super::{ABIS, CHECKED_TARGETS, check_module_map, numbers, variable};

    #[test]
    fn a_later_ndk_is_newer_than_an_earlier_one() {
        assert!(numbers("28.0.12674087") > numbers("9.1.5"));
        assert!(numbers("27.2.1") < numbers("27.10.1"));
    }

    #[test]
    fn cargos_variables_name_targets_in_upper_case() {
        assert_eq!(variable(ABIS[0].target), "AARCH64_LINUX_ANDROID");
    }

    #[test]
    fn one_target_of_each_system_is_checked_everywhere() {
        assert_eq!(
            CHECKED_TARGETS,
            ["aarch64-linux-android", "aarch64-apple-ios"]
        );
    }

    #[test]
    fn a_module_map_that_a_framework_cannot_use_is_refused() {
        let header = "kokoni_ffiFFI.h";
        let good = "module kokoni_ffiFFI {\n    header \"kokoni_ffiFFI.h\"\n    export *\n}\n";
        assert!(check_module_map(good, header).is_ok());
        assert!(check_module_map(&good.replace("module", "framework module"), header).is_err());
        assert!(check_module_map("module other {}", header).is_err());
    }
}
