//! Debian's Swift 6.0, unpacked once into the cache: not installed, only downloaded by apt from the
//! machine's own Debian archive, checked by its keys, and laid out as a tree to enter.

use std::fs::{self, File};
use std::io;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use anyhow::{Context, Result, bail};

use crate::project::{on_path, read, run};

const SUITE: &str = "trixie";
/// Counts up when what is unpacked changes.
const TREE: &str = "swift-6.0-trixie-1";
/// The keys with which Debian signs its archive.
const KEYS: &str = "/usr/share/keyrings/debian-archive-keyring.gpg";
/// The toolchain, what it compiles against, and what SwiftPM starts.
const PACKAGES: [&str; 8] = [
    "base-files",
    "bash",
    "coreutils",
    "dash",
    "git",
    "libc6-dev",
    "libstdc++-14-dev",
    "swiftlang",
];
/// Half a gigabyte that no check needs: the debugger, the editor's server, static libraries, pages.
const LEFT_OUT: [&str; 12] = [
    "./usr/libexec/swift/bin/*lldb*",
    "./usr/libexec/swift/bin/clangd",
    "./usr/libexec/swift/bin/sourcekit-lsp",
    "./usr/libexec/swift/lib/liblldb*",
    "./usr/libexec/swift/lib/libLTO*",
    "./usr/libexec/swift/lib/libsourcekitd*",
    "./usr/libexec/swift/lib/swift_static",
    "./usr/libexec/swift/lib/swift/embedded",
    "./usr/share/doc",
    "./usr/share/info",
    "./usr/share/locale",
    "./usr/share/man",
];
const CURE: &str = "install Swift 6 from swift.org, or Xcode 16";

/// The tree; unpacked if this version of it is not in the cache.
pub(super) fn unpacked(cache: &Path) -> Result<PathBuf> {
    let tree = cache.join(TREE);
    if tree.is_dir() {
        return Ok(tree);
    }
    let has = |program| on_path(program).is_some();
    let usable = cfg!(all(target_os = "linux", target_arch = "x86_64"))
        && Path::new(KEYS).is_file()
        && ["apt-get", "dpkg-deb", "tar"].into_iter().all(has);
    if !usable {
        bail!("there is no Swift 6.0 or newer here, and no Debian to take one from: {CURE}");
    }
    fs::create_dir_all(cache)?;
    let lock = File::create(cache.join("swift.lock"))?;
    lock.lock()?;
    if !tree.is_dir() {
        println!(
            "unpacking Debian's Swift once, 600 MB to download: {}",
            tree.display()
        );
        let new = cache.join(format!("{TREE}.new"));
        unpack(&new).with_context(|| format!("Debian's Swift cannot be had; {CURE}"))?;
        fs::rename(&new, &tree)?;
    }
    Ok(tree)
}

fn unpack(new: &Path) -> Result<()> {
    let _ = fs::remove_dir_all(new);
    let apt = Apt::lay_out(new.with_extension("apt"))?;
    let archives = apt.download()?;
    fs::create_dir_all(new)?;
    // base-files makes the links /bin, /lib and so on, which the others write through.
    let (first, rest): (Vec<_>, Vec<_>) = archives.into_iter().partition(|archive| {
        let name = archive.file_name().unwrap_or_default();
        name.to_string_lossy().starts_with("base-files_")
    });
    for archive in first.iter().chain(&rest) {
        extract(archive, new).with_context(|| archive.display().to_string())?;
        fs::remove_file(archive)?;
    }
    std::os::unix::fs::symlink("gcc", new.join("usr/bin/cc"))?;
    for folder in ["root", "tmp"] {
        fs::create_dir_all(new.join(folder))?;
    }
    fs::write(new.join("etc/passwd"), "root:x:0:0:root:/root:/bin/sh\n")?;
    fs::write(new.join("etc/hosts"), "127.0.0.1 localhost\n")?;
    fs::remove_dir_all(apt.folder)?;
    Ok(())
}

/// An apt of our own, which knows one suite and believes that nothing is installed.
struct Apt {
    folder: PathBuf,
}

impl Apt {
    fn lay_out(folder: PathBuf) -> Result<Self> {
        let _ = fs::remove_dir_all(&folder);
        for inner in [
            "etc/apt/apt.conf.d",
            "etc/apt/preferences.d",
            "var/lib/dpkg",
            "var/lib/apt/lists/partial",
            "var/cache/apt/archives/partial",
        ] {
            fs::create_dir_all(folder.join(inner))?;
        }
        fs::write(folder.join("var/lib/dpkg/status"), "")?;
        let source = format!(
            "deb [signed-by={KEYS}] {} {SUITE} main\n",
            archive_address()?
        );
        fs::write(folder.join("etc/apt/sources.list"), source)?;
        fs::write(folder.join("conf"), configuration(&folder))?;
        Ok(Self { folder })
    }

    fn command(&self) -> Command {
        let mut apt = Command::new("apt-get");
        apt.arg("-qq").env("APT_CONFIG", self.folder.join("conf"));
        apt
    }

    fn download(&self) -> Result<Vec<PathBuf>> {
        run(self.command().arg("update"))?;
        run(self
            .command()
            .args(["install", "-y", "--download-only"])
            .args(PACKAGES)
            .stdout(Stdio::null()))?;
        let entries = fs::read_dir(self.folder.join("var/cache/apt/archives"))?;
        let mut files: Vec<PathBuf> = entries
            .map(|entry| Ok(entry?.path()))
            .collect::<io::Result<_>>()?;
        files.retain(|file| file.extension().is_some_and(|ending| ending == "deb"));
        files.sort();
        Ok(files)
    }
}

fn configuration(folder: &Path) -> String {
    let folder = folder.display();
    format!(
        "Dir \"{folder}\";\n\
         Dir::State::status \"{folder}/var/lib/dpkg/status\";\n\
         Dir::Etc::TrustedParts \"/usr/share/keyrings/\";\n\
         APT::Architecture \"amd64\";\n\
         APT::Architectures \"amd64\";\n\
         APT::Install-Recommends \"false\";\n\
         APT::Sandbox::User \"root\";\n\
         Acquire::Languages \"none\";\n\
         Acquire::Retries \"3\";\n"
    )
}

/// The Debian archive this machine uses, which has the other suites too.
fn archive_address() -> Result<String> {
    let listed = read(Command::new("apt-get").args(["indextargets", "--format", "$(REPO_URI)"]))?;
    let address = listed.lines().find(|line| !line.contains("security"));
    Ok(address
        .context("apt knows no Debian archive here; run `apt-get update`")?
        .to_owned())
}

fn extract(archive: &Path, into: &Path) -> Result<()> {
    let mut files = Command::new("dpkg-deb")
        .arg("--fsys-tarfile")
        .arg(archive)
        .stdout(Stdio::piped())
        .spawn()?;
    let mut tar = Command::new("tar");
    tar.args(["--extract", "--no-same-owner", "--no-wildcards-match-slash"])
        .args(["--keep-directory-symlink", "--directory"])
        .arg(into)
        .args(LEFT_OUT.map(|pattern| format!("--exclude={pattern}")))
        .stdin(files.stdout.take().context("a pipe was asked for")?);
    run(&mut tar)?;
    if !files.wait()?.success() {
        bail!("the package cannot be read");
    }
    Ok(())
}
