//! The list of mutations, `xtask/sabotage.toml`, and what one does to a file's text.

use std::fs;
use std::path::Path;

use anyhow::{Context, Result, bail};
use serde::Deserialize;

use crate::named_test::NamedTest;

/// One way to break a promise.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Mutation {
    pub(super) name: String,
    /// The promise's number in the table of the queue.
    pub(super) row: u8,
    /// What no longer holds, in words.
    pub(super) breaks: String,
    /// The file, from the root.
    pub(super) file: String,
    /// The passage; it stands exactly once.
    pub(super) old: String,
    /// What takes its place.
    pub(super) new: String,
    /// The test that must fail.
    pub(super) test: NamedTest,
    /// How often it tries, where the usual would take long.
    #[serde(default)]
    pub(super) trials: Option<u64>,
}

#[derive(Deserialize)]
struct List {
    mutation: Vec<Mutation>,
}

/// Every mutation there is.
pub(super) fn read(root: &Path) -> Result<Vec<Mutation>> {
    let file = root.join("xtask/sabotage.toml");
    let text = fs::read_to_string(&file).with_context(|| file.display().to_string())?;
    parse(&text).with_context(|| file.display().to_string())
}

fn parse(text: &str) -> Result<Vec<Mutation>> {
    let List { mut mutation } = toml::from_str(text)?;
    mutation.sort_by_key(|mutation| mutation.row);
    Ok(mutation)
}

impl Mutation {
    /// The text with the passage replaced.
    pub(super) fn apply(&self, text: &str) -> Result<String> {
        match text.matches(&self.old).count() {
            1 => Ok(text.replacen(&self.old, &self.new, 1)),
            0 => bail!(
                "its passage no longer stands in {}: bring it up to date",
                self.file
            ),
            times => bail!("its passage stands {times} times in {}", self.file),
        }
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;
    use std::path::Path;

    use super::{Mutation, parse, read};

    fn mutation(old: &str) -> Mutation {
        let text = format!(
            "[[mutation]]\nname = \"x\"\nrow = 2\nbreaks = \"y\"\nfile = \"f\"\nold = \"{old}\"\n\
             new = \"NORMAL\"\ntest = {{ package = \"p\", test = \"t\" }}\n"
        );
        parse(&text).expect("a list").remove(0)
    }

    #[test]
    fn only_a_passage_that_stands_once_is_replaced() {
        let applied = mutation("FULL").apply("synchronous = FULL;");
        assert_eq!(applied.expect("applied"), "synchronous = NORMAL;");
        for text in ["FULL FULL", "OFF"] {
            assert!(mutation("FULL").apply(text).is_err(), "{text}");
        }
    }

    #[test]
    fn every_promise_is_broken_at_least_once_and_every_passage_is_there() {
        let root = Path::new(env!("CARGO_MANIFEST_DIR"))
            .parent()
            .expect("the checkout");
        let all = read(root).expect("the list");
        let rows: BTreeSet<u8> = all.iter().map(|mutation| mutation.row).collect();
        assert_eq!(rows, (1..=13).collect());
        let names: BTreeSet<&str> = all.iter().map(|mutation| &*mutation.name).collect();
        assert_eq!(names.len(), all.len(), "a name stands twice");
        for mutation in &all {
            let text = std::fs::read_to_string(root.join(&mutation.file)).expect("the file");
            let applied = mutation.apply(&text);
            assert!(applied.is_ok(), "{}: {applied:?}", mutation.name);
        }
    }
}
