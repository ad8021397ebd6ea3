//! How often a test tries a promise, and from which seed.
//!
//! A promise such as "no scan is lost" is tried some hundred times in `cargo xtask test` and many
//! thousand times in `cargo xtask soak`, by the same test. The test says how often it is usual
//! ([`Trial::of`]) and what it tried ([`Trial::tell`]); the soak says how often this time, by two
//! variables of the environment:
//!
//! - `KOKONI_TRIALS`: how often, instead of what is usual;
//! - `KOKONI_SEED`: the seed of the dice, instead of the usual one.
//!
//! Both are meant for one named test at a time: they hold for every trial of a test program.

use std::fmt::Write as _;

use proptest::test_runner::{Config, RngAlgorithm, TestRng, TestRunner};

/// The variable that says how often.
pub const TRIALS: &str = "KOKONI_TRIALS";

/// The variable that says from which seed.
pub const SEED: &str = "KOKONI_SEED";

/// What begins the line of [`Trial::tell`].
pub const TRIED: &str = "tried: ";

/// How often a test tries, and from which seed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Trial {
    /// How often.
    pub count: u64,
    /// Where its dice begin: the same seed gives the same trials.
    pub seed: u64,
}

impl Trial {
    /// What is usual, unless the environment says something else.
    ///
    /// # Panics
    /// When the environment says something that is no number: a soak must not try the wrong thing.
    pub fn of(count: u64, seed: u64) -> Self {
        let number = |name: &str, usual| match std::env::var(name) {
            Ok(text) => text
                .trim()
                .parse()
                .unwrap_or_else(|_| panic!("{name} is no number: {text}")),
            Err(_) => usual,
        };
        Self {
            count: number(TRIALS, count),
            seed: number(SEED, seed),
        }
    }

    /// Dice that begin at the seed.
    pub fn dice(&self) -> Dice {
        Dice::new(self.seed)
    }

    /// A proptest runner whose cases follow from the seed.
    pub fn runner(&self, config: Config) -> TestRunner {
        let mut seed = [0; 32];
        let mut dice = self.dice();
        for eight in seed.chunks_exact_mut(8) {
            eight.copy_from_slice(&dice.roll().to_le_bytes());
        }
        TestRunner::new_with_rng(config, TestRng::from_seed(RngAlgorithm::ChaCha, &seed))
    }

    /// Says what was tried, on one line: the seed, then each figure with its name. The first one is
    /// what the soak counts.
    #[expect(
        clippy::print_stdout,
        reason = "the figures of a test run are read there"
    )]
    pub fn tell(&self, figures: &[(&str, u64)]) {
        println!("{}", self.line(figures));
    }

    fn line(&self, figures: &[(&str, u64)]) -> String {
        let mut line = format!("{TRIED}seed {}", self.seed);
        for (name, figure) in figures {
            write!(line, ", {name} {figure}").expect("writing to a string cannot fail");
        }
        line
    }
}

/// Dice that fall the same way for the same seed: SplitMix64 of Steele, Lea and Flood, "Fast
/// Splittable Pseudorandom Number Generators" (OOPSLA 2014).
#[derive(Clone, Copy, Debug)]
pub struct Dice(u64);

impl Dice {
    /// Dice that begin here.
    pub const fn new(seed: u64) -> Self {
        Self(seed)
    }

    /// Any number, each as likely as any other.
    pub fn roll(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut mixed = self.0;
        mixed = (mixed ^ (mixed >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        mixed ^ (mixed >> 31)
    }

    /// A number below `bound`, which is not 0.
    pub fn below(&mut self, bound: usize) -> usize {
        (self.roll() % bound as u64) as usize
    }

    /// Whether something happens that happens so many times in a hundred.
    pub fn percent(&mut self, percent: usize) -> bool {
        self.below(100) < percent
    }

    /// One of several.
    ///
    /// # Panics
    /// When there is none.
    pub fn one_of<'a, T>(&mut self, several: &'a [T]) -> &'a T {
        &several[self.below(several.len())]
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn without_the_environment_the_usual_holds() {
        let trial = Trial::of(7, 3);
        assert_eq!((trial.count, trial.seed), (7, 3));
    }

    #[test]
    fn the_line_has_the_seed_and_each_figure() {
        let trial = Trial { count: 5, seed: 9 };
        let line = trial.line(&[("kills", 5), ("saved", 40)]);
        assert_eq!(line, "tried: seed 9, kills 5, saved 40");
    }

    #[test]
    fn the_same_seed_gives_the_same_dice_and_every_face_falls() {
        let rolls = |seed| {
            let mut dice = Dice::new(seed);
            (0..600).map(|_| dice.below(6)).collect::<Vec<_>>()
        };
        assert_eq!(rolls(1), rolls(1));
        assert_ne!(rolls(1), rolls(2));
        for face in 0..6 {
            let fell = rolls(1).into_iter().filter(|roll| *roll == face).count();
            assert!((60..140).contains(&fell), "{face}: {fell}");
        }
    }
}
