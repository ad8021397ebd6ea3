//! The part `house`: rules of this house that no compiler knows, as failing checks. Each breach
//! says where, what, and the cure. The rules are pure; this file gathers what they look at.

mod arrows;
mod examples;
mod manifests;
mod promises;
mod sources;

use std::fs;

use anyhow::{Context, Result};

use super::summary::Tally;
use crate::machine::NOT_HERE;
use crate::project::{Package, Project, read};

/// Everything the rules look at.
struct House {
    packages: Vec<Package>,
    /// Every text file of the checkout that git does not ignore.
    files: Vec<File>,
    /// What the README must name as verified elsewhere.
    not_here: Vec<&'static str>,
}

/// A text file; the path is relative to the root, with `/`.
struct File {
    path: String,
    text: String,
}

/// A breach of a rule: where, what, and the cure.
type Breach = String;

/// A rule, by the sentence it upholds.
type Rule = (&'static str, fn(&House) -> Vec<Breach>);

const RULES: [Rule; 11] = [
    ("arrows between crates point one way", arrows::point_one_way),
    (
        "only bindings/ffi knows uniffi",
        arrows::only_ffi_knows_uniffi,
    ),
    (
        "the examples for app developers are run",
        examples::bindings_readme_shows_what_is_run,
    ),
    ("model and reader do no I/O", sources::pure_crates_do_no_io),
    (
        "every source file says what it is for",
        sources::have_headers,
    ),
    ("no source file is over 800 lines", sources::are_short),
    ("nothing is left unfinished", sources::are_finished),
    (
        "no path of one machine is written down",
        sources::name_no_machine_paths,
    ),
    (
        "every crate has the workspace's lints",
        manifests::have_the_lints,
    ),
    (
        "lock files name no registry host",
        manifests::locks_name_no_host,
    ),
    (
        "the README names what is verified elsewhere",
        promises::readme_names_what_is_not_here,
    ),
];

pub(super) fn run(project: &Project) -> Result<Tally> {
    let house = look_around(project)?;
    let mut tally = Tally::default();
    for (sentence, find) in RULES {
        let breaches = find(&house);
        println!(
            "{} {sentence}",
            if breaches.is_empty() { "ok  " } else { "FAIL" }
        );
        for breach in &breaches {
            println!("     {breach}");
        }
        tally += Tally::check(breaches.is_empty());
    }
    Ok(tally)
}

fn look_around(project: &Project) -> Result<House> {
    let mut git = project.command("git");
    git.args([
        "ls-files",
        "-z",
        "--cached",
        "--others",
        "--exclude-standard",
    ]);
    let listed = read(&mut git).context("the house rules look at the files of a git checkout")?;
    let mut files = Vec::new();
    for path in listed.split_terminator('\0') {
        let file = project.root.join(path);
        // Deleted files are still listed until the deletion is committed.
        if !file.is_file() {
            continue;
        }
        let bytes = fs::read(&file).with_context(|| path.to_owned())?;
        if let Ok(text) = String::from_utf8(bytes) {
            files.push(File {
                path: path.to_owned(),
                text,
            });
        }
    }
    let not_here = NOT_HERE.into_iter().map(|(what, _)| what).collect();
    Ok(House {
        packages: project.packages()?,
        files,
        not_here,
    })
}

#[cfg(test)]
mod building {
    //! Small houses for the rules' own tests.

    use super::{File, House};
    use crate::project::Package;

    impl House {
        /// A house with nothing but this file in it.
        pub(super) fn with_file(path: &str, text: &str) -> Self {
            let file = File {
                path: path.to_owned(),
                text: text.to_owned(),
            };
            House {
                packages: Vec::new(),
                files: vec![file],
                not_here: Vec::new(),
            }
        }

        /// A house of these packages, told in JSON as cargo does.
        pub(super) fn with_packages(json: &str) -> Self {
            let packages: Vec<Package> = serde_json::from_str(json).expect("packages in JSON");
            House {
                packages,
                files: Vec::new(),
                not_here: Vec::new(),
            }
        }
    }
}
