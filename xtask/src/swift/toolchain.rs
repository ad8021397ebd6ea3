//! A Swift toolchain: the machine's own from 6.0 on, else Debian's, unpacked into the cache.
//!
//! Debian's is entered with a mount namespace and chroot: nothing is installed and nothing stays
//! mounted. The checkout, the target folder and the temporary folder have the same names inside, so
//! a command is the same in both.

use std::env;
use std::ffi::OsStr;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use anyhow::{Context, Result, bail};

use super::debian;
use crate::project::{Project, on_path, read};

/// The oldest Swift whose language mode 6 the packages are written in.
const OLDEST: (u32, u32) = (6, 0);

/// Forces one of the two: `system` or `debian`.
const CHOICE: &str = "KOKONI_SWIFT";

/// Folders of the machine that programs inside see under the same name.
const SHARED: [&str; 3] = ["/dev", "/proc", "/tmp"];

/// Mounts the folders named before `--` into the tree, and runs what follows in a folder there.
const ENTER: &str = r#"
tree=$1 folder=$2
shift 2
while [ "$1" != -- ]; do
  mount --rbind "$1" "$tree$1" || exit 97
  shift
done
shift
exec chroot "$tree" /bin/sh -c 'cd "$1" && shift && exec "$@"' sh "$folder" "$@"
"#;

/// Where the toolchain's programs come from.
pub(crate) struct Toolchain<'a> {
    project: &'a Project,
    /// The root of Debian's tree; `None` for the machine's own Swift.
    tree: Option<Tree>,
}

struct Tree {
    root: PathBuf,
    unshare: PathBuf,
    /// Whether this user must be mapped to root to be allowed to mount.
    as_root: bool,
    /// What is mounted into the tree.
    mounts: Vec<PathBuf>,
}

impl<'a> Toolchain<'a> {
    /// Finds a Swift, or unpacks one.
    ///
    /// Its programs can read and write the checkout, the target folder and the temporary folder.
    pub(crate) fn find(project: &'a Project) -> Result<Self> {
        let choice = env::var(CHOICE).unwrap_or_default();
        let own = match choice.as_str() {
            "system" => true,
            "debian" => false,
            "" => has_own(project),
            other => bail!("{CHOICE} is `system` or `debian`, not `{other}`"),
        };
        let tree = if own {
            None
        } else {
            Some(Tree::find(project)?)
        };
        Ok(Self { project, tree })
    }

    /// A program of the toolchain, to be run in this folder.
    pub(crate) fn command(&self, program: impl AsRef<OsStr>, folder: &Path) -> Command {
        match &self.tree {
            None => {
                let mut command = self.project.command(program);
                command.current_dir(folder);
                command
            }
            Some(tree) => tree.command(program.as_ref(), folder),
        }
    }
}

impl Tree {
    fn find(project: &Project) -> Result<Self> {
        let unshare = on_path("unshare").context("no `unshare` to enter Debian's Swift with")?;
        let root = debian::unpacked(&project.cache)?;
        let mounts = mounts(&project.root, &project.target());
        for folder in &mounts {
            let inside = root.join(folder.strip_prefix("/")?);
            fs::create_dir_all(&inside).with_context(|| inside.display().to_string())?;
        }
        Ok(Self {
            root,
            unshare,
            as_root: read(project.command("id").arg("-u"))?.trim() != "0",
            mounts,
        })
    }

    fn command(&self, program: &OsStr, folder: &Path) -> Command {
        let mut command = Command::new(&self.unshare);
        command
            .env_clear()
            .env("HOME", "/root")
            .env("LANG", "C.UTF-8")
            .env(
                "PATH",
                "/usr/libexec/swift/bin:/usr/sbin:/usr/bin:/sbin:/bin",
            )
            .args(self.as_root.then_some("--map-root-user"))
            .args(["--mount", "--propagation", "private"])
            .args(["/bin/sh", "-c", ENTER, "sh"])
            .args([&self.root, folder])
            .args(&self.mounts)
            .arg("--")
            .arg(program);
        command
    }
}

/// The shared folders, and those of the project that do not lie in one of them.
fn mounts(root: &Path, target: &Path) -> Vec<PathBuf> {
    let mut mounts: Vec<PathBuf> = SHARED.map(PathBuf::from).to_vec();
    for folder in [root, target] {
        if !mounts.iter().any(|mounted| folder.starts_with(mounted)) {
            mounts.push(folder.to_owned());
        }
    }
    mounts
}

/// Whether the machine's own Swift is new enough.
fn has_own(project: &Project) -> bool {
    on_path("swift")
        .and_then(|swift| read(project.command(swift).arg("--version")).ok())
        .and_then(|said| version(&said))
        .is_some_and(|version| version >= OLDEST)
}

/// The version in what `swift --version` says. Another program called `swift` says something else.
fn version(said: &str) -> Option<(u32, u32)> {
    let (_, after) = said.split_once("Swift version ")?;
    let number = after
        .split(|c: char| !c.is_ascii_digit() && c != '.')
        .next()?;
    let mut parts = number.split('.');
    let major = parts.next()?.parse().ok()?;
    Some((major, parts.next().unwrap_or("0").parse().ok()?))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn swifts_version_is_read_from_what_it_says() {
        assert_eq!(
            version("Swift version 6.0.3 (swift-6.0.3-RELEASE)\nTarget: x86_64-pc-linux-gnu\n"),
            Some((6, 0))
        );
        let apple = "swift-driver version: 1.120 Apple Swift version 6.2 (swiftlang-6.2.0 clang)";
        assert_eq!(version(apple), Some((6, 2)));
        assert_eq!(version("Apple Swift version 5.10"), Some((5, 10)));
    }

    #[test]
    fn another_program_called_swift_is_no_swift() {
        assert_eq!(version("python-swiftclient 4.6.0\n"), None);
    }

    #[test]
    fn a_folder_that_is_seen_already_is_not_mounted_again() {
        let all = |root, target| mounts(Path::new(root), Path::new(target)).split_off(SHARED.len());
        assert_eq!(
            all("/srv/kokoni", "/srv/kokoni/target"),
            [Path::new("/srv/kokoni")]
        );
        assert_eq!(all("/tmp/kokoni", "/tmp/t"), Vec::<PathBuf>::new());
        assert_eq!(
            all("/srv/kokoni", "/var/t"),
            [Path::new("/srv/kokoni"), Path::new("/var/t")]
        );
    }
}
