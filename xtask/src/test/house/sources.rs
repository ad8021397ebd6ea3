//! House rules about the text of source files.

use super::{Breach, File, House};

const MOST_LINES: usize = 800;
const FEWEST_WORDS: usize = 3;

/// Files that may be longer, being tables, each with why it is one.
const TABLES: [(&str, &str); 0] = [];

/// What a working day of the pure crates must never ask for by itself; it arrives as an argument.
const IMPURE: [&str; 11] = [
    "Instant::now",
    "SystemTime::now",
    "Utc::now",
    "Local::now",
    "now_v7",
    "new_v4",
    "std::env",
    "std::fs",
    "std::net",
    "std::process",
    "std::thread",
];

const PURE: [&str; 2] = ["core/model/src/", "core/reader/src/"];

/// Marks of unfinished or switched-off work. Written in pieces, so that this file has none.
const UNFINISHED: [&str; 11] = [
    concat!("TO", "DO"),
    concat!("FIX", "ME"),
    concat!("to", "do!("),
    concat!("un", "implemented!("),
    concat!("#[", "ignore"),
    concat!("@", "Disabled"),
    concat!("@", "Ignore"),
    concat!("test", ".skip("),
    concat!("it", ".skip("),
    concat!("describe", ".skip("),
    concat!("test", ".only("),
];

/// Beginnings of paths that exist on somebody's machine only.
const MACHINE_FOLDERS: [&str; 5] = [
    concat!("/ho", "me/"),
    concat!("/ro", "ot/"),
    concat!("/Us", "ers/"),
    concat!("/wo", "rk/"),
    concat!("C:\\Us", "ers"),
];

/// The languages whose files have a header, and how a comment begins in each.
fn comment_marks(file: &File) -> Option<&'static [&'static str]> {
    match file.path.rsplit_once('.').map(|(_, extension)| extension) {
        Some("rs") => Some(&["//"]),
        Some("js" | "mjs" | "ts" | "kt" | "swift") => Some(&["//", "/*"]),
        Some("sql") => Some(&["--"]),
        Some("sh") => Some(&["#"]),
        _ => file.text.starts_with("#!").then_some(&["#"]),
    }
}

fn source_files(house: &House) -> impl Iterator<Item = (&File, &'static [&'static str])> {
    house
        .files
        .iter()
        .filter_map(|file| Some((file, comment_marks(file)?)))
}

pub(super) fn have_headers(house: &House) -> Vec<Breach> {
    source_files(house)
        .filter(|(file, marks)| !has_header(&file.text, marks))
        .map(|(file, marks)| {
            let path = &file.path;
            format!(
                "{path}: open it with a comment ({}) that says what it is for",
                marks[0]
            )
        })
        .collect()
}

/// Whether the text opens with a comment of a few words. A line for the system or a tool
/// (`#!...`, `// @ts-check`) may stand before it.
fn has_header(text: &str, marks: &[&str]) -> bool {
    let for_tools = |line: &&str| line.starts_with("#!") || line.starts_with("// @");
    let in_comment = |line: &&str| {
        [marks, &[" *"]]
            .concat()
            .iter()
            .any(|m| line.starts_with(m))
    };
    let lines = text
        .lines()
        .skip_while(for_tools)
        .skip_while(|line| line.is_empty());
    let words: usize = lines
        .take_while(in_comment)
        .map(|line| line.split(' ').count() - 1)
        .sum();
    words >= FEWEST_WORDS
}

pub(super) fn are_short(house: &House) -> Vec<Breach> {
    let is_table = |file: &File| TABLES.iter().any(|(path, _)| *path == file.path);
    source_files(house)
        .map(|(file, _)| (file, file.text.lines().count()))
        .filter(|(file, lines)| *lines > MOST_LINES && !is_table(file))
        .map(|(File { path, .. }, lines)| {
            format!(
                "{path}: {lines} lines: part it by reasons to change; \
                 a table may stand in TABLES in xtask/src/test/house/sources.rs"
            )
        })
        .collect()
}

pub(super) fn are_finished(house: &House) -> Vec<Breach> {
    find_words(house, &UNFINISHED, "finish it, or take it out")
}

pub(super) fn name_no_machine_paths(house: &House) -> Vec<Breach> {
    find_words(
        house,
        &MACHINE_FOLDERS,
        "use a path relative to the project, or a temporary folder",
    )
}

pub(super) fn pure_crates_do_no_io(house: &House) -> Vec<Breach> {
    let pure = house.files.iter().filter(|file| is_pure(&file.path));
    pure.flat_map(|file| {
        let cure = "take it as an argument; the caller at the edge knows it";
        words_in(&file.path, before_tests(&file.text), &IMPURE, cure)
    })
    .collect()
}

fn is_pure(path: &str) -> bool {
    let tests =
        path.ends_with("/tests.rs") || path.ends_with("_tests.rs") || path.contains("/tests/");
    PURE.iter().any(|folder| path.starts_with(folder)) && !tests
}

/// The text down to its test module, which stands last.
fn before_tests(text: &str) -> &str {
    text.split("#[cfg(test)]\nmod ").next().unwrap_or(text)
}

fn find_words(house: &House, words: &[&str], cure: &str) -> Vec<Breach> {
    // Lock files and snapshots are written by programs.
    let written = |file: &&File| !file.path.ends_with("lock.json") && !file.path.ends_with(".lock");
    let files = house.files.iter().filter(written);
    files
        .flat_map(|file| words_in(&file.path, &file.text, words, cure))
        .collect()
}

/// A breach for each line with one of the words in it, where it begins a word.
fn words_in(path: &str, text: &str, words: &[&str], cure: &str) -> Vec<Breach> {
    let found = text.lines().enumerate().filter_map(|(index, line)| {
        let word = words.iter().find(|word| begins_somewhere(line, word))?;
        Some(format!("{path}:{}: `{word}`: {cure}", index + 1))
    });
    found.collect()
}

/// Whether the line has the word, not as the rest of a longer word or path.
fn begins_somewhere(line: &str, word: &str) -> bool {
    line.match_indices(word).any(|(at, _)| {
        let before = line[..at].chars().next_back();
        !before.is_some_and(|letter| letter.is_alphanumeric() || "_-.~}".contains(letter))
    })
}

#[cfg(test)]
mod tests {
    use super::super::House;
    use super::*;

    #[test]
    fn a_file_without_a_header_is_told_to_have_one() {
        let breaches = have_headers(&House::with_file("core/model/src/label.rs", "use a::b;\n"));
        assert_eq!(
            breaches,
            ["core/model/src/label.rs: open it with a comment (//) that says what it is for"]
        );
    }

    #[test]
    fn a_header_is_a_comment_of_a_few_words() {
        let headed =
            |path: &str, text: &str| have_headers(&House::with_file(path, text)).is_empty();
        assert!(headed(
            "a.rs",
            "//! What a label says, in modules.\nuse a;\n"
        ));
        assert!(headed(
            "a.js",
            "// @ts-check\n/* The live map: shapes and words. */\n"
        ));
        assert!(headed("a.sql", "-- The queue of a phone.\n"));
        assert!(headed(
            "a.sh",
            "#!/bin/sh\n# Builds the reader for browsers.\n"
        ));
        assert!(headed(
            ".ci/run",
            "#!/usr/bin/env bash\n# Checks the project.\n"
        ));
        assert!(headed("notes.md", "no header wanted\n"));
        assert!(!headed("a.js", "// @ts-check\nlet a = 1;\n"));
        assert!(!headed("a.rs", "//! Stuff.\nuse a;\n"));
        assert!(!headed(".ci/run", "#!/usr/bin/env bash\nset -e\n"));
        assert!(!headed("a.rs", ""));
    }

    #[test]
    fn a_long_file_is_told_to_be_parted() {
        let lines = |count| House::with_file("a.rs", &"line\n".repeat(count));
        assert!(are_short(&lines(MOST_LINES)).is_empty());
        assert!(are_short(&lines(MOST_LINES + 1))[0].starts_with("a.rs: 801 lines: part it"));
        assert!(are_short(&House::with_file("words.csv", &"line\n".repeat(5000))).is_empty());
    }

    #[test]
    fn unfinished_work_is_found_where_it_stands() {
        for mark in UNFINISHED {
            let house = House::with_file("a.rs", &format!("//! A file.\n// {mark} more\n"));
            assert_eq!(
                are_finished(&house),
                [format!("a.rs:2: `{mark}`: finish it, or take it out")]
            );
        }
        let innocent = House::with_file("a.rs", "METODOS.iter().skip(1)\n");
        assert!(are_finished(&innocent).is_empty());
    }

    #[test]
    fn a_path_of_one_machine_is_found_and_a_relative_one_is_not() {
        let found = |text: &str| !name_no_machine_paths(&House::with_file("a.md", text)).is_empty();
        for folder in MACHINE_FOLDERS {
            assert!(found(&format!("see {folder}kokoni\n")), "{folder}");
        }
        assert!(!found(
            "the crates of core/work/ and ~/root/ and $HOME/home/\n"
        ));
        assert!(!found("/usr/bin/chromium\n"));
    }

    #[test]
    fn a_clock_in_the_model_is_found_and_one_in_its_tests_is_not() {
        let clock = "//! Days.\nlet now = Utc::now();\n";
        let breaches = pure_crates_do_no_io(&House::with_file("core/model/src/day.rs", clock));
        assert!(breaches[0].starts_with("core/model/src/day.rs:2: `Utc::now`: take it as"));
        let tested = "//! Days.\n#[cfg(test)]\nmod tests {\n    fn a() { Utc::now(); }\n}\n";
        let pure = |path: &str, text: &str| pure_crates_do_no_io(&House::with_file(path, text));
        assert!(pure("core/model/src/day.rs", tested).is_empty());
        assert!(pure("core/model/src/day/tests.rs", clock).is_empty());
        assert!(pure("core/client/src/clock.rs", clock).is_empty());
    }
}
