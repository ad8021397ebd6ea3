//! From module values to corrected data: codewords with how sure each is, de-interleaving, and
//! correction block by block, first of errors alone, then with the least sure codewords erased step
//! by step (G. D. Forney, *Generalized Minimum Distance Decoding*, 1966).
//!
//! Erasures are cheap lies: with as many as there are parity codewords any block can be "corrected"
//! into something. So a result counts only if a block of random codewords would hardly ever have
//! given it; see [`log2_odds`].

use kokoni_model::label::LabelId;

use super::format::finite;
use super::known::{CodeBit, KnownLabel};
use super::layout::{Layout, mask_inverts};
use super::reed_solomon::{Corrected, MAX_BLOCK, Syndromes};
use super::tables::{Blocks, codewords_of};

/// The most a result of correcting errors alone may owe to chance: 1e-9, as a power of two. Together
/// with the code's own bound this gives the limits that Table 9 of the standard sets by its
/// "misdecode protection codewords", for every version and level.
const ERRORS_LOG2_ODDS: f32 = -29.9;
/// The same where codewords were erased: 1e-12, since up to a dozen sets are tried for a block.
const ERASURES_LOG2_ODDS: f32 = -39.9;

/// The codewords of one symbol as observed, interleaved.
#[derive(Clone, Debug, Default)]
pub(super) struct Codewords {
    /// Hard decisions.
    pub(super) values: Vec<u8>,
    /// Absolute value of each codeword's least sure bit; infinite where the codeword is known.
    pub(super) sureness: Vec<f32>,
}

impl Codewords {
    /// Reads the codewords of a symbol under a mask; `modules` are positive where dark.
    pub(super) fn read(&mut self, layout: &Layout, mask: u8, modules: &[f32]) {
        let side = layout.side();
        self.values.clear();
        self.sureness.clear();
        let codewords = layout
            .data_order()
            .chunks_exact(8)
            .take(codewords_of(layout.version()));
        for places in codewords {
            let (mut value, mut sureness) = (0u8, f32::INFINITY);
            for &place in places {
                let place = usize::from(place);
                let dark = finite(modules[place]);
                let bit = (dark > 0.0) ^ mask_inverts(mask, place % side, place / side);
                value = value << 1 | u8::from(bit);
                sureness = sureness.min(dark.abs());
            }
            self.values.push(value);
            self.sureness.push(sureness);
        }
    }

    /// Copies one block out of the interleaved sequence.
    pub(super) fn block(&self, blocks: &Blocks, number: usize) -> Block {
        let mut block = Block {
            length: blocks.data_of(number) + blocks.parity,
            parity: blocks.parity,
            values: [0; MAX_BLOCK],
            sureness: [0.0; MAX_BLOCK],
        };
        for position in 0..block.length {
            let at = blocks.interleaved(number, position);
            block.values[position] = self.values[at];
            block.sureness[position] = self.sureness[at];
        }
        block
    }
}

/// One block of codewords: data, then parity.
#[derive(Clone, Debug)]
pub(super) struct Block {
    length: usize,
    parity: usize,
    values: [u8; MAX_BLOCK],
    sureness: [f32; MAX_BLOCK],
}

impl Block {
    /// The data codewords.
    pub(super) fn data(&self) -> &[u8] {
        &self.values[..self.length - self.parity]
    }

    /// Takes the codeword at this position as known: it is never erased, and a result that would
    /// change it is no result.
    pub(super) fn know(&mut self, position: usize, value: u8) {
        self.values[position] = value;
        self.sureness[position] = f32::INFINITY;
    }

    /// Corrects the block in place, or leaves it and returns `None`. Erases `step` more codewords
    /// at each attempt: 2 misses nothing, more is quicker.
    pub(super) fn correct(&mut self, step: usize) -> Option<Corrected> {
        let observed = self.values;
        let syndromes = Syndromes::of(&observed[..self.length], self.parity);
        let mut order: [u8; MAX_BLOCK] = std::array::from_fn(|i| i as u8);
        let unknown = self.sort_unknown(&mut order);
        let mut erasures = 0;
        while erasures <= unknown && self.may_erase(erasures, unknown) {
            let erased = &order[..erasures];
            if let Some(corrected) = syndromes.correct(&mut self.values[..self.length], erased) {
                let limit = if erasures == 0 {
                    ERRORS_LOG2_ODDS
                } else {
                    ERASURES_LOG2_ODDS
                };
                let odds = log2_odds(unknown, self.parity, erasures, corrected.errors);
                if odds <= limit && self.keeps_known(&observed) {
                    return Some(corrected);
                }
                self.values = observed;
            }
            erasures += step;
        }
        None
    }

    /// Positions that are not known, the least sure first; how many there are.
    fn sort_unknown(&self, order: &mut [u8; MAX_BLOCK]) -> usize {
        let sureness = |&position: &u8| self.sureness[usize::from(position)];
        let order = &mut order[..self.length];
        order.sort_unstable_by(|a, b| sureness(a).total_cmp(&sureness(b)).then(a.cmp(b)));
        order.partition_point(|position| sureness(position).is_finite())
    }

    fn may_erase(&self, erasures: usize, unknown: usize) -> bool {
        erasures == 0
            || (erasures < self.parity
                && log2_odds(unknown, self.parity, erasures, 0) <= ERASURES_LOG2_ODDS)
    }

    fn keeps_known(&self, observed: &[u8; MAX_BLOCK]) -> bool {
        (0..self.length).all(|i| self.sureness[i].is_finite() || self.values[i] == observed[i])
    }
}

/// Corrects the codewords of a label, given those that are the same in every label of its host.
#[derive(Clone, Debug, Default)]
pub(crate) struct LabelCorrector {
    codewords: Codewords,
    data: Vec<u8>,
}

impl LabelCorrector {
    /// The label whose code bits these weights are, positive where set. Blocks that are the same in
    /// every label are taken as they must be: the caller has tested them.
    pub(crate) fn correct(&mut self, plan: &KnownLabel, weights: &[f32]) -> Option<LabelId> {
        self.read(plan, weights);
        self.data.clear();
        let blocks = plan.blocks();
        for number in 0..blocks.count() {
            let mut block = self.codewords.block(blocks, number);
            for position in 0..block.length {
                if let Some(value) = plan.known_codeword(number, position) {
                    block.know(position, value);
                }
            }
            if !plan.label_blocks()[number].constant {
                block.correct(2)?;
            }
            self.data.extend_from_slice(block.data());
        }
        plan.parse(&self.data)
    }

    fn read(&mut self, plan: &KnownLabel, weights: &[f32]) {
        self.codewords.values.clear();
        self.codewords.sureness.clear();
        for (weights, bits) in weights.chunks_exact(8).zip(plan.bits().chunks_exact(8)) {
            let (mut value, mut sureness) = (0u8, f32::INFINITY);
            for (&weight, bit) in weights.iter().zip(bits) {
                let set = match bit {
                    CodeBit::Known(set) => *set,
                    CodeBit::Varies => {
                        sureness = sureness.min(finite(weight).abs());
                        weight > 0.0
                    }
                };
                value = value << 1 | u8::from(set);
            }
            self.codewords.values.push(value);
            self.codewords.sureness.push(sureness);
        }
    }
}

/// How probable it is, as a power of two, that a block of random codewords is corrected with at
/// most this many errors: of the 256^(parity − erasures) cosets, those with a leader of that weight
/// on the codewords neither known nor erased,
/// C(unknown − erasures, errors) × 255^errors / 256^(parity − erasures).
pub(super) fn log2_odds(unknown: usize, parity: usize, erasures: usize, errors: usize) -> f32 {
    let places = unknown.saturating_sub(erasures);
    let choices: f32 = (0..errors.min(places))
        .map(|i| ((places - i) as f32 / (i + 1) as f32).log2())
        .sum();
    choices + 255f32.log2() * errors as f32 - 8.0 * parity.saturating_sub(erasures) as f32
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::decode::tables::{Level, VERSIONS};

    #[test]
    fn the_odds_bound_gives_the_standards_limits_of_correction() {
        // Table 9: misdecode protection takes codewords away in these symbols only.
        let protected = |version, level| match (version, level) {
            (1, Level::L) => 3,
            (1, Level::M) | (2, Level::L) => 2,
            (1, Level::Q | Level::H) | (3, Level::L) => 1,
            _ => 0,
        };
        for version in VERSIONS {
            for level in [Level::L, Level::M, Level::Q, Level::H] {
                let blocks = Blocks::of(version, level);
                let length = blocks.data_of(blocks.count() - 1) + blocks.parity;
                let capacity = (blocks.parity - protected(version, level)) / 2;
                let odds = |errors| log2_odds(length, blocks.parity, 0, errors);
                assert!(odds(capacity) <= ERRORS_LOG2_ODDS, "{version}-{level}");
                if version == 1 && level == Level::L {
                    assert!(odds(capacity + 1) > ERRORS_LOG2_ODDS);
                }
            }
        }
    }

    #[test]
    fn with_erasures_alone_five_codewords_of_parity_are_left_as_proof() {
        assert!(log2_odds(50, 26, 21, 0) <= ERASURES_LOG2_ODDS);
        assert!(log2_odds(50, 26, 22, 0) > ERASURES_LOG2_ODDS);
    }
}
