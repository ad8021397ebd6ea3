//! The camera's only source of chance: SplitMix64.
//!
//! Steele, Lea and Flood, "Fast splittable pseudorandom number generators", OOPSLA 2014. Small,
//! passes BigCrush, and any seed is a good one. Not for secrets.

/// A sequence of numbers that the seed fixes.
#[derive(Clone, Debug)]
pub struct Random {
    state: u64,
}

const GOLDEN: u64 = 0x9e37_79b9_7f4a_7c15;

/// SplitMix64's finaliser: spreads every bit of the input over the output.
pub(crate) fn mix(value: u64) -> u64 {
    let value = (value ^ (value >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
    let value = (value ^ (value >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
    value ^ (value >> 31)
}

impl Random {
    /// The sequence of this seed.
    pub fn new(seed: u64) -> Self {
        Self { state: seed }
    }

    /// An independent sequence of the same seed, by purpose, so that a draw added for one purpose
    /// does not move the others.
    pub fn stream(seed: u64, purpose: u64) -> Self {
        Self {
            state: mix(seed ^ mix(purpose.wrapping_add(GOLDEN))),
        }
    }

    /// The next 64 bits.
    pub fn next_u64(&mut self) -> u64 {
        self.state = self.state.wrapping_add(GOLDEN);
        mix(self.state)
    }

    /// A number in 0..1.
    pub fn unit(&mut self) -> f32 {
        (self.next_u64() >> 40) as f32 / (1u64 << 24) as f32
    }

    /// A number between two others.
    pub fn between(&mut self, low: f32, high: f32) -> f32 {
        low + (high - low) * self.unit()
    }

    /// A whole number below `bound`; 0 if that is 0.
    pub fn below(&mut self, bound: usize) -> usize {
        ((u128::from(self.next_u64()) * bound as u128) >> 64) as usize
    }

    /// True with this probability.
    pub fn chance(&mut self, probability: f32) -> bool {
        self.unit() < probability
    }

    /// Close to a standard normal: the sum of four uniform numbers (Irwin and Hall), which stays
    /// within 3.5. Cheap enough for every pixel of a frame.
    pub fn normal(&mut self) -> f32 {
        irwin_hall(self.next_u64())
    }
}

/// Mean 0, variance 1: four uniforms of 16 bits have variance 4 / 12.
pub(crate) fn irwin_hall(bits: u64) -> f32 {
    let sum = (bits & 0xffff) + ((bits >> 16) & 0xffff) + ((bits >> 32) & 0xffff) + (bits >> 48);
    // sqrt(3) / 65536, in which the sum's deviation is 1.
    (sum as f32 - 131_070.0) * (1.732_050_8 / 65_536.0)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_sequence_is_the_published_one() {
        // First outputs of the reference implementation (prng.di.unimi.it/splitmix64.c), seed 0.
        let mut random = Random::new(0);
        assert_eq!(random.next_u64(), 0xe220_a839_7b1d_cdaf);
        assert_eq!(random.next_u64(), 0x6e78_9e6a_a1b9_65f4);
    }

    #[test]
    fn uniform_and_normal_numbers_have_their_mean_and_variance() {
        let mut random = Random::new(5);
        let (mut mean, mut square, mut uniform) = (0.0f64, 0.0f64, 0.0f64);
        let count = 100_000;
        for _ in 0..count {
            let normal = f64::from(random.normal());
            mean += normal / f64::from(count);
            square += normal * normal / f64::from(count);
            uniform += f64::from(random.unit()) / f64::from(count);
        }
        assert!(mean.abs() < 0.02, "{mean}");
        assert!((square - 1.0).abs() < 0.02, "{square}");
        assert!((uniform - 0.5).abs() < 0.01, "{uniform}");
    }

    #[test]
    fn a_number_below_a_bound_stays_below_it_and_reaches_every_value() {
        let mut random = Random::new(1);
        let mut seen = [false; 7];
        for _ in 0..200 {
            seen[random.below(7)] = true;
        }
        assert_eq!(seen, [true; 7]);
        assert_eq!(random.below(0), 0);
    }
}
