//! The release package of the Android app, but for the native library: classes shrunk by R8,
//! resources, aligned, signed with a key of its own, and read again by the platform's own tools.

use std::fs;
use std::path::{Path, PathBuf};

use anyhow::{Context, Result, ensure};

use super::{APP, PACKAGE, RESOURCES};
use crate::machine;
use crate::project::{Project, read, run};

/// Classes and resources of a release stay under this; the native library comes on top.
const LIMIT_BYTES: u64 = 1_000_000;
const OLDEST_API: &str = "26";
/// What the phase `package` of the build leaves, seen from the app.
const PACKAGING: &str = "target/packaging";
const APP_JAR: &str = "target/kokoni-app-0.1.0.jar";
/// What the native library and JNA reach by its name alone, so that no shrinking may take it. As R8
/// lists what its rules keep.
const KEPT: [&str; 5] = [
    "dev.kokoni.core.FrameLook: int kokoni_frame_reader_look(long,java.nio.ByteBuffer,int,int,int,int,int)",
    "dev.kokoni.core.PlainScan: int kokoni_scan(long,java.nio.ByteBuffer,int,int)",
    "dev.kokoni.core.PlainScan: int kokoni_rest_of_answer(java.nio.ByteBuffer,int)",
    "dev.kokoni.core.ffi.UniffiLib",
    "dev.kokoni.app.MainActivity",
];
const PASSWORD: &str = "pass:of-a-key-for-tests";

/// Makes the package after Maven's phase `package`, checks it and says how large it is.
pub(crate) fn assemble(project: &Project) -> Result<u64> {
    let app = project.root.join(APP);
    let work = app.join(PACKAGING);
    let dex = dex(project, &app, &work)?;
    let unaligned = work.join("unaligned.apk");
    let resources = app.join(RESOURCES).join("resources.apk");
    fs::copy(&resources, &unaligned).with_context(|| format!("copying {}", resources.display()))?;
    let mut add = project.command(machine::jdk_tool("jar")?);
    add.args(["--update", "--no-compress", "--no-manifest", "--file"]);
    add.arg(&unaligned).arg("-C").arg(&dex);
    run(add.arg("classes.dex"))?;
    let (aligned, package) = (work.join("aligned.apk"), work.join("kokoni.apk"));
    let mut align = project.command(machine::android_tool(project, "zipalign")?);
    run(align.args(["-f", "-p", "4"]).arg(&unaligned).arg(&aligned))?;
    sign(project, &work, &aligned, &package)?;
    check(project, &package)?;
    let size = fs::metadata(&package).context("the package")?.len();
    println!("{}: {size} bytes, no native library", package.display());
    ensure!(
        size < LIMIT_BYTES,
        "the package has {size} bytes, its limit is {LIMIT_BYTES}"
    );
    Ok(size)
}

/// R8 over the app, what it uses, and JNA as phones get it.
fn dex(project: &Project, app: &Path, work: &Path) -> Result<PathBuf> {
    let dex = work.join("dex");
    fs::create_dir_all(&dex).with_context(|| format!("making {}", dex.display()))?;
    let mut unpack = project.command(machine::jdk_tool("jar")?);
    run(unpack
        .current_dir(work)
        .args(["xf", "jna.aar", "classes.jar"]))?;
    let mut rules = project.command(machine::jdk_tool("jar")?);
    rules.current_dir(work).arg("xf").arg(core_jar(work)?);
    run(rules.arg("META-INF/proguard/kokoni-core.pro"))?;
    let mut r8 = project.command(machine::jdk_tool("java")?);
    r8.args(["-Xmx2g", "-XX:+UseSerialGC", "-cp"]);
    r8.arg(work.join("r8.jar")).arg("com.android.tools.r8.R8");
    r8.args(["--release", "--min-api", OLDEST_API, "--lib"]);
    r8.arg(work.join("android-all.jar"));
    r8.arg("--lib").arg(machine::jdk_home()?);
    for rules in [
        app.join("proguard-rules.pro"),
        work.join("META-INF/proguard/kokoni-core.pro"),
    ] {
        r8.arg("--pg-conf").arg(rules);
    }
    let (kept, list) = (work.join("kept.txt"), work.join("kept.pro"));
    fs::write(&list, format!("-printseeds {}\n", kept.display()))
        .with_context(|| format!("writing {}", list.display()))?;
    r8.arg("--pg-conf").arg(&list);
    r8.arg("--output").arg(&dex);
    r8.arg(app.join(APP_JAR)).arg(work.join("classes.jar"));
    run(r8.args(jars(work)?))?;
    let kept = fs::read_to_string(&kept).with_context(|| format!("reading {}", kept.display()))?;
    for wanted in KEPT {
        ensure!(
            kept.lines().any(|line| line == wanted),
            "no rule keeps {wanted}"
        );
    }
    Ok(dex)
}

fn jars(work: &Path) -> Result<Vec<PathBuf>> {
    let folder = work.join("classes");
    let entries = fs::read_dir(&folder).with_context(|| format!("reading {}", folder.display()))?;
    let mut jars = Vec::new();
    for entry in entries {
        jars.push(entry?.path());
    }
    jars.sort();
    Ok(jars)
}

fn core_jar(work: &Path) -> Result<PathBuf> {
    let is_core = |jar: &PathBuf| {
        let name = jar.file_name().unwrap_or_default().to_string_lossy();
        name.starts_with("kokoni-core-") && !name.starts_with("kokoni-core-ffi")
    };
    jars(work)?
        .into_iter()
        .find(is_core)
        .context("the jar of kokoni-core is not among the packaged classes")
}

/// Signs with a key made for this once.
fn sign(project: &Project, work: &Path, aligned: &Path, package: &Path) -> Result<()> {
    let key = work.join("tests.p12");
    let password = PASSWORD.trim_start_matches("pass:");
    if !key.is_file() {
        let mut make = project.command(machine::jdk_tool("keytool")?);
        make.args(["-genkeypair", "-storetype", "PKCS12", "-alias", "tests"]);
        make.args(["-keyalg", "RSA", "-keysize", "2048", "-validity", "365"]);
        make.args(["-dname", "CN=tests", "-storepass", password]);
        run(make.arg("-keystore").arg(&key))?;
    }
    let mut sign = project.command(machine::android_tool(project, "apksigner")?);
    sign.args(["sign", "--min-sdk-version", OLDEST_API, "--ks"]);
    sign.arg(&key).args(["--ks-pass", PASSWORD, "--out"]);
    run(sign.arg(package).arg(aligned))
}

/// What the platform's own tools say of the package.
fn check(project: &Project, package: &Path) -> Result<()> {
    let mut verify = project.command(machine::android_tool(project, "apksigner")?);
    run(verify.arg("verify").arg(package))?;
    let mut aligned = project.command(machine::android_tool(project, "zipalign")?);
    run(aligned.args(["-c", "-p", "4"]).arg(package))?;
    let mut dump = project.command(machine::android_tool(project, "aapt2")?);
    let badging = read(dump.args(["dump", "badging"]).arg(package))?;
    for wanted in [
        format!("package: name='{PACKAGE}'"),
        format!("sdkVersion:'{OLDEST_API}'"),
        "targetSdkVersion:'36'".to_owned(),
        "launchable-activity: name='dev.kokoni.app.MainActivity'".to_owned(),
    ] {
        ensure!(badging.contains(&wanted), "the package lacks {wanted}");
    }
    Ok(())
}
