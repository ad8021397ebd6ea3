//! What a soak has tried so far, in `target/soak/state.json`, so that the next one can go on.

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};

use anyhow::{Context, Result};
use serde::{Deserialize, Serialize};

/// The state and the folder it lies in.
pub(super) struct State {
    folder: PathBuf,
    trials: BTreeMap<String, Tried>,
}

/// What was tried of one trial.
#[derive(Clone, Copy, Default, Serialize, Deserialize)]
struct Tried {
    count: u64,
    /// Slices so far; the next one's seed is one more.
    slices: u64,
    /// The seed that broke the promise.
    failed: Option<u64>,
}

impl State {
    /// What the last soak left, or nothing.
    pub(super) fn open(folder: &Path, resume: bool) -> Result<Self> {
        fs::create_dir_all(folder)?;
        let mut state = Self {
            folder: folder.to_owned(),
            trials: BTreeMap::new(),
        };
        let file = state.file();
        if resume && file.exists() {
            let json = fs::read_to_string(&file)?;
            state.trials = serde_json::from_str(&json)
                .with_context(|| format!("{} is no state of a soak", file.display()))?;
            // What failed has been looked at: it is tried again, at the next seed.
            state
                .trials
                .values_mut()
                .for_each(|tried| tried.failed = None);
        }
        Ok(state)
    }

    fn file(&self) -> PathBuf {
        self.folder.join("state.json")
    }

    pub(super) fn tried(&self, key: &str) -> u64 {
        self.trials.get(key).map_or(0, |tried| tried.count)
    }

    pub(super) fn next_seed(&self, key: &str) -> u64 {
        self.trials.get(key).map_or(0, |tried| tried.slices) + 1
    }

    pub(super) fn has_failed(&self, key: &str) -> bool {
        self.trials
            .get(key)
            .is_some_and(|tried| tried.failed.is_some())
    }

    /// Notes a slice that held.
    pub(super) fn held(&mut self, key: &str, seed: u64, count: u64) -> Result<()> {
        let tried = self.trials.entry(key.to_owned()).or_default();
        tried.count += count;
        tried.slices = seed;
        self.save()
    }

    /// Notes a slice that did not, and keeps what it wrote; gives the file.
    pub(super) fn failed(&mut self, key: &str, seed: u64, log: &str) -> Result<PathBuf> {
        let tried = self.trials.entry(key.to_owned()).or_default();
        tried.slices = seed;
        tried.failed = Some(seed);
        let plain = |c: char| if c.is_alphanumeric() { c } else { '-' };
        let name: String = key.chars().map(plain).collect();
        let file = self.folder.join(format!("{name}-seed-{seed}.log"));
        fs::write(&file, log)?;
        self.save()?;
        Ok(file)
    }

    fn save(&self) -> Result<()> {
        let fresh = self.folder.join("state.json.new");
        fs::write(&fresh, serde_json::to_string_pretty(&self.trials)?)?;
        Ok(fs::rename(fresh, self.file())?)
    }
}

#[cfg(test)]
mod tests {
    use super::State;

    #[test]
    fn a_soak_goes_on_where_the_last_one_ended_and_one_that_does_not_begins_anew() {
        let folder = std::env::temp_dir().join(format!("kokoni-soak-{}", std::process::id()));
        let mut state = State::open(&folder, false).expect("opened");
        state.held("a", 1, 500).expect("noted");
        let log = state.failed("b", 1, "why").expect("noted");
        assert_eq!(std::fs::read_to_string(log).expect("kept"), "why");
        assert!(state.has_failed("b"));
        let again = State::open(&folder, true).expect("opened");
        assert_eq!((again.tried("a"), again.next_seed("a")), (500, 2));
        assert_eq!((again.tried("b"), again.next_seed("b")), (0, 2));
        assert!(!again.has_failed("b"));
        let anew = State::open(&folder, false).expect("opened");
        assert_eq!((anew.tried("a"), anew.next_seed("a")), (0, 1));
        std::fs::remove_dir_all(folder).expect("removed");
    }
}
