//! What a soak has tried so far, in `target/soak/state.json`, so that the next one can go on.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::{Path, PathBuf};

use anyhow::{Context, Result};
use serde::{Deserialize, Serialize};

/// The state and the folder it lies in.
pub(super) struct State {
    folder: PathBuf,
    trials: BTreeMap<String, Tried>,
    /// Trials of which a slice failed in this soak: they are not tried again in it.
    given_up: BTreeSet<String>,
}

/// One slice of a trial: the seed of its dice, and how often it tries.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct Slice {
    pub(super) seed: u64,
    pub(super) count: u64,
}

/// What was tried of one trial.
#[derive(Clone, Copy, Default, Serialize, Deserialize)]
struct Tried {
    count: u64,
    /// Slices so far; the next new one's seed is one more.
    slices: u64,
    /// The slice that broke the promise. The trial has failed until that very slice holds.
    failed: Option<Slice>,
}

impl State {
    /// What the last soak left, or nothing.
    pub(super) fn open(folder: &Path, resume: bool) -> Result<Self> {
        fs::create_dir_all(folder)?;
        let mut state = Self {
            folder: folder.to_owned(),
            trials: BTreeMap::new(),
            given_up: BTreeSet::new(),
        };
        let file = state.file();
        if resume && file.exists() {
            let json = fs::read_to_string(&file)?;
            state.trials = serde_json::from_str(&json)
                .with_context(|| format!("{} is no state of a soak", file.display()))?;
        }
        Ok(state)
    }

    fn file(&self) -> PathBuf {
        self.folder.join("state.json")
    }

    pub(super) fn tried(&self, key: &str) -> u64 {
        self.trials.get(key).map_or(0, |tried| tried.count)
    }

    /// How many seeds were used so far: 1 to this one.
    pub(super) fn last_seed(&self, key: &str) -> u64 {
        self.trials.get(key).map_or(0, |tried| tried.slices)
    }

    /// Whether a slice of it failed and has not held since.
    pub(super) fn has_failed(&self, key: &str) -> bool {
        let tried = self.trials.get(key);
        tried.is_some_and(|tried| tried.failed.is_some())
    }

    /// What to try next: first what failed in an earlier soak, from the same seed, then new seeds
    /// until the goal is reached. Nothing once a slice has failed in this soak.
    pub(super) fn next(&self, key: &str, at_most: u64, goal: u64) -> Option<Slice> {
        if self.given_up.contains(key) {
            return None;
        }
        let tried = self.trials.get(key).copied().unwrap_or_default();
        let fresh = || Slice {
            seed: tried.slices + 1,
            count: at_most.min(goal - tried.count),
        };
        let left = tried.count < goal;
        tried.failed.or_else(|| left.then(fresh))
    }

    /// Notes a slice that held, and how often it tried.
    pub(super) fn held(&mut self, key: &str, slice: Slice, count: u64) -> Result<()> {
        let tried = self.trials.entry(key.to_owned()).or_default();
        tried.count += count;
        tried.slices = tried.slices.max(slice.seed);
        if tried.failed.is_some_and(|failed| failed.seed == slice.seed) {
            tried.failed = None;
        }
        self.save()
    }

    /// Notes a slice that did not, and keeps what it wrote; gives the file.
    pub(super) fn failed(&mut self, key: &str, slice: Slice, log: &str) -> Result<PathBuf> {
        let tried = self.trials.entry(key.to_owned()).or_default();
        tried.slices = tried.slices.max(slice.seed);
        tried.failed = Some(slice);
        self.given_up.insert(key.to_owned());
        let plain = |c: char| if c.is_alphanumeric() { c } else { '-' };
        let name: String = key.chars().map(plain).collect();
        let file = self.folder.join(format!("{name}-seed-{}.log", slice.seed));
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
    use super::{Slice, State};

    /// A folder of a soak that is removed at the end.
    struct Folder(std::path::PathBuf);

    impl Folder {
        fn new(name: &str) -> Self {
            let process = std::process::id();
            Self(std::env::temp_dir().join(format!("kokoni-soak-{name}-{process}")))
        }

        fn soak(&self, resume: bool) -> State {
            State::open(&self.0, resume).expect("opened")
        }
    }

    impl Drop for Folder {
        fn drop(&mut self) {
            let _ = std::fs::remove_dir_all(&self.0);
        }
    }

    const FIRST: Slice = Slice {
        seed: 1,
        count: 500,
    };

    #[test]
    fn a_soak_goes_on_where_the_last_one_ended_and_one_that_does_not_begins_anew() {
        let folder = Folder::new("resume");
        let mut state = folder.soak(false);
        assert_eq!(state.next("a", 500, 700), Some(FIRST));
        state.held("a", FIRST, 500).expect("noted");
        let state = folder.soak(true);
        let second = Slice {
            seed: 2,
            count: 200,
        };
        assert_eq!(state.next("a", 500, 700), Some(second));
        assert_eq!(state.next("a", 500, 500), None, "enough");
        assert_eq!(folder.soak(false).next("a", 500, 700), Some(FIRST));
    }

    #[test]
    fn a_resumed_soak_forgets_no_seed_that_failed() {
        let folder = Folder::new("failed");
        let mut state = folder.soak(false);
        let log = state.failed("a", FIRST, "why").expect("noted");
        assert_eq!(std::fs::read_to_string(log).expect("kept"), "why");
        assert_eq!(state.next("a", 500, 700), None, "not twice in one soak");

        let mut state = folder.soak(true);
        assert!(state.has_failed("a"));
        assert_eq!(state.next("a", 100, 700), Some(FIRST), "the very slice");
        state.failed("a", FIRST, "still").expect("noted");

        let mut state = folder.soak(true);
        state.held("a", FIRST, 500).expect("noted");
        assert!(!state.has_failed("a"));
        assert_eq!((state.tried("a"), state.last_seed("a")), (500, 1));
        assert_eq!(state.next("a", 500, 700).map(|slice| slice.seed), Some(2));
    }
}
