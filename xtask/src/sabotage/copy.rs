//! The copy of the checkout in which things are broken: made of the files that git knows, brought up
//! to date file by file so that cargo builds only what changed.

use std::collections::BTreeSet;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use anyhow::{Context, Result};

use super::mutation::Mutation;
use crate::project::{Project, read};

/// The copy, its target folder, and where logs are kept.
pub(super) struct Copy<'p> {
    project: &'p Project,
    tree: PathBuf,
    target: PathBuf,
    logs: PathBuf,
}

/// A file that is broken until this is dropped.
pub(super) struct Broken {
    file: PathBuf,
    whole: String,
}

impl Drop for Broken {
    fn drop(&mut self) {
        // The next copy would mend it as well.
        let _ = fs::write(&self.file, &self.whole);
    }
}

impl<'p> Copy<'p> {
    /// Makes the copy, or brings the one of the last time up to date.
    pub(super) fn make(project: &'p Project) -> Result<Self> {
        let folder = project.target().join("sabotage");
        let copy = Self {
            project,
            tree: folder.join("tree"),
            target: folder.join("target"),
            logs: folder.join("logs"),
        };
        fs::create_dir_all(&copy.tree)?;
        fs::create_dir_all(&copy.logs)?;
        let mut git = project.command("git");
        git.args([
            "ls-files",
            "-z",
            "--cached",
            "--others",
            "--exclude-standard",
        ]);
        let listed = read(&mut git).context("the copy is made of the files git knows")?;
        let wanted: BTreeSet<PathBuf> = listed
            .split_terminator('\0')
            .map(PathBuf::from)
            // Deleted files are still listed until the deletion is committed.
            .filter(|path| project.root.join(path).is_file())
            .collect();
        remove_others(&copy.tree, &copy.tree, &wanted)?;
        for path in &wanted {
            refresh(&project.root.join(path), &copy.tree.join(path))
                .with_context(|| path.display().to_string())?;
        }
        Ok(copy)
    }

    /// Cargo, working in the copy.
    pub(super) fn cargo(&self) -> Command {
        let mut cargo = self.project.cargo();
        cargo
            .current_dir(&self.tree)
            .env("CARGO_TARGET_DIR", &self.target);
        cargo
    }

    /// Breaks a file.
    pub(super) fn with(&self, mutation: &Mutation) -> Result<Broken> {
        let file = self.tree.join(&mutation.file);
        let whole = fs::read_to_string(&file).with_context(|| mutation.file.clone())?;
        fs::write(&file, mutation.apply(&whole)?)?;
        Ok(Broken { file, whole })
    }

    /// Keeps what a test wrote.
    pub(super) fn keep_log(&self, name: &str, log: &str) -> Result<()> {
        Ok(fs::write(self.logs.join(format!("{name}.log")), log)?)
    }
}

/// Writes a file only where it differs: cargo goes by the time of the last change.
fn refresh(from: &Path, to: &Path) -> Result<()> {
    let bytes = fs::read(from)?;
    if fs::read(to).ok().as_ref() == Some(&bytes) {
        return Ok(());
    }
    if let Some(folder) = to.parent() {
        fs::create_dir_all(folder)?;
    }
    fs::write(to, bytes)?;
    Ok(fs::set_permissions(to, fs::metadata(from)?.permissions())?)
}

/// Removes files of an earlier copy that are no longer there.
fn remove_others(tree: &Path, folder: &Path, wanted: &BTreeSet<PathBuf>) -> Result<()> {
    for entry in fs::read_dir(folder)? {
        let path = entry?.path();
        if path.is_dir() {
            remove_others(tree, &path, wanted)?;
        } else if !wanted.contains(path.strip_prefix(tree)?) {
            fs::remove_file(&path)?;
        }
    }
    Ok(())
}
