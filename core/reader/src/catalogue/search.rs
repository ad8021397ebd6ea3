//! Every label's varying bits as columns of bytes, and the search for the one that agrees best:
//! one table lookup a byte, first over the bytes that say most, then over all.

use kokoni_model::label::LabelId;

use super::bias::means;
use crate::decode::known::{KnownLabel, PAIR_BITS, PAIRS, id_of, pairs_of};

/// Most bytes stored of a label. Beyond 512 varying bits (hosts of over 100 characters) the last
/// parity bits are left out of the search, never out of the proof.
const MOST_COLUMNS: usize = 64;

/// Share of the weights' squares that the first bytes looked at must hold together.
const COARSE_SHARE: f32 = 0.3;
/// A label is looked at again if the first bytes alone give at least this score: one wrong label in
/// 44 does. The right one, with a whole score of 8, gives √0.3 × 8 = 4.4 in the mean and fails once
/// in a hundred frames; with 9 once in a thousand.
const COARSE_SCORE: f32 = 2.0;
/// Labels scored together, so that their sums stay in the nearest cache.
const CHUNK: usize = 1024;

/// How much a search may spend.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Effort {
    /// Leave out labels that the first bytes speak against.
    Quick,
    /// Score every label in full.
    Full,
}

/// The outcome of a search.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) struct Best {
    /// Place of the best label in the table.
    pub(crate) index: usize,
    /// Its score.
    pub(crate) score: f32,
    /// The best score of any other label looked at.
    pub(crate) second: f32,
}

/// The varying bits of every label.
pub(crate) struct LabelTable {
    /// Column after column; within each the labels in ascending order of their bits.
    columns: Vec<u8>,
    labels: usize,
    width: usize,
    /// Mean of +1 and -1 of each bit.
    means: Vec<f32>,
    /// Among the varying bits, those that are bits of the id.
    id_bits: Vec<u16>,
    rows: RowMaker,
}

/// Makes a label's varying bits from its pairs: each pair's bits flip fixed bytes.
struct RowMaker {
    base: [u8; MOST_COLUMNS],
    flips: Vec<[u8; MOST_COLUMNS]>,
}

impl RowMaker {
    fn new(plan: &KnownLabel) -> Self {
        let mut base = [0; MOST_COLUMNS];
        let mut flips = vec![[0u8; MOST_COLUMNS]; PAIRS * PAIR_BITS];
        for (place, varying) in plan.varying().iter().enumerate().take(MOST_COLUMNS * 8) {
            let (byte, bit) = (place / 8, 1 << (place % 8));
            if varying.constant {
                base[byte] |= bit;
            }
            for (pair, mask) in varying.masks.iter().enumerate() {
                for pair_bit in (0..PAIR_BITS).filter(|b| mask >> b & 1 == 1) {
                    flips[pair * PAIR_BITS + pair_bit][byte] |= bit;
                }
            }
        }
        Self { base, flips }
    }

    fn row(&self, label: &LabelId) -> [u8; MOST_COLUMNS] {
        let mut row = self.base;
        for (pair, value) in pairs_of(label).iter().enumerate() {
            for bit in (0..PAIR_BITS).filter(|b| value >> b & 1 == 1) {
                let flips = &self.flips[pair * PAIR_BITS + bit];
                row.iter_mut()
                    .zip(flips)
                    .for_each(|(byte, flip)| *byte ^= flip);
            }
        }
        row
    }
}

impl LabelTable {
    pub(super) fn new(plan: &KnownLabel, labels: &[LabelId]) -> Self {
        let rows = RowMaker::new(plan);
        let bits = plan.varying().len().min(MOST_COLUMNS * 8);
        let width = bits.div_ceil(8);
        let mut sorted: Vec<[u8; MOST_COLUMNS]> = labels.iter().map(|l| rows.row(l)).collect();
        sorted.sort_unstable();
        sorted.dedup();
        let mut columns = Vec::with_capacity(sorted.len() * width);
        for column in 0..width {
            columns.extend(sorted.iter().map(|row| row[column]));
        }
        Self {
            columns,
            labels: sorted.len(),
            width,
            means: means(&plan.varying()[..bits]),
            id_bits: plan.id_places(),
            rows,
        }
    }

    pub(crate) fn len(&self) -> usize {
        self.labels
    }

    /// Bytes held for each label.
    #[cfg(test)]
    pub(super) fn bytes_a_label(&self) -> usize {
        self.columns.len() / self.labels.max(1)
    }

    fn column(&self, column: usize) -> &[u8] {
        &self.columns[column * self.labels..][..self.labels]
    }

    fn byte(&self, index: usize, column: usize) -> u8 {
        self.columns[column * self.labels + index]
    }

    pub(super) fn contains(&self, label: &LabelId) -> bool {
        let wanted = self.rows.row(label);
        let (mut low, mut high) = (0, self.labels);
        while low < high {
            let middle = (low + high) / 2;
            let row = (0..self.width).map(|column| self.byte(middle, column));
            match row.cmp(wanted[..self.width].iter().copied()) {
                std::cmp::Ordering::Equal => return true,
                std::cmp::Ordering::Less => low = middle + 1,
                std::cmp::Ordering::Greater => high = middle,
            }
        }
        false
    }

    /// The label at this place.
    pub(crate) fn label(&self, index: usize) -> Option<LabelId> {
        let mut pairs = [0u16; PAIRS];
        for (number, &place) in self.id_bits.iter().enumerate() {
            let byte = self.byte(index, usize::from(place) / 8);
            let set = byte >> (place % 8) & 1;
            pairs[number / PAIR_BITS] |= u16::from(set) << (PAIR_BITS - 1 - number % PAIR_BITS);
        }
        id_of(&pairs)
    }

    /// The label whose bits agree best with the weights, which stand one for each varying bit:
    /// positive where it looks set. `None` without labels or without weights.
    pub(crate) fn search(
        &self,
        weights: &[f32],
        effort: Effort,
        work: &mut SearchWork,
    ) -> Option<Best> {
        let weights = weights.get(..self.means.len())?;
        if self.labels == 0 || !work.prepare(weights, &self.means) {
            return None;
        }
        let coarse = match effort {
            Effort::Quick => work.coarse_columns(),
            Effort::Full => work.order.len(),
        };
        let mut best = Best {
            index: 0,
            score: f32::NEG_INFINITY,
            second: f32::NEG_INFINITY,
        };
        let mut sums = [0f32; CHUNK];
        for start in (0..self.labels).step_by(CHUNK) {
            let sums = &mut sums[..CHUNK.min(self.labels - start)];
            self.sum_columns(start, &work.order[..coarse], &work.tables, sums);
            for (offset, &sum) in sums.iter().enumerate() {
                if sum <= work.cut {
                    continue;
                }
                let index = start + offset;
                let rest = work.order[coarse..].iter().map(|&column| {
                    let byte = self.byte(index, usize::from(column));
                    work.tables[usize::from(column)][usize::from(byte)]
                });
                let score = sum + rest.sum::<f32>();
                if score > best.score {
                    best = Best {
                        index,
                        score,
                        second: best.score,
                    };
                } else {
                    best.second = best.second.max(score);
                }
            }
        }
        best.score.is_finite().then_some(best)
    }

    fn sum_columns(&self, start: usize, order: &[u8], tables: &[[f32; 256]], sums: &mut [f32]) {
        sums.fill(0.0);
        // Two columns a turn halve the traffic of the sums.
        for columns in order.chunks(2) {
            let slice = |column: u8| &self.column(usize::from(column))[start..][..sums.len()];
            let first = &tables[usize::from(columns[0])];
            let bytes = slice(columns[0]);
            match columns.get(1) {
                Some(&other) => {
                    let second = &tables[usize::from(other)];
                    let more = slice(other);
                    for ((sum, &a), &b) in sums.iter_mut().zip(bytes).zip(more) {
                        *sum += first[usize::from(a)] + second[usize::from(b)];
                    }
                }
                None => {
                    for (sum, &a) in sums.iter_mut().zip(bytes) {
                        *sum += first[usize::from(a)];
                    }
                }
            }
        }
    }
}

/// The tables of one search; kept, so that a search allocates nothing.
#[derive(Clone, Debug, Default)]
pub(crate) struct SearchWork {
    tables: Vec<[f32; 256]>,
    /// Share of the squared weights in each column.
    shares: Vec<f32>,
    /// Columns, the one that says most first.
    order: Vec<u8>,
    /// Sum of the first columns from which a label is looked at further.
    cut: f32,
}

impl SearchWork {
    /// Makes a table for each byte; `false` where all weights are zero.
    fn prepare(&mut self, weights: &[f32], means: &[f32]) -> bool {
        let norm = weights.iter().map(|w| w * w).sum::<f32>().sqrt();
        if !(norm.is_finite() && norm > 0.0) {
            return false;
        }
        self.tables.clear();
        self.shares.clear();
        for (weights, means) in weights.chunks(8).zip(means.chunks(8)) {
            let mut table = [0f32; 256];
            let mut share = 0.0;
            for (&weight, &mean) in weights.iter().zip(means) {
                let unit = weight / norm;
                share += unit * unit;
                table[0] -= unit * (1.0 + mean);
            }
            for (bit, &weight) in weights.iter().enumerate() {
                let (low, high) = table.split_at_mut(1 << bit);
                let step = 2.0 * weight / norm;
                high.iter_mut()
                    .zip(low)
                    .for_each(|(set, clear)| *set = *clear + step);
            }
            self.tables.push(table);
            self.shares.push(share);
        }
        self.order.clear();
        self.order.extend(0..self.tables.len() as u8);
        let shares = &self.shares;
        self.order.sort_unstable_by(|&a, &b| {
            let (a, b) = (shares[usize::from(a)], shares[usize::from(b)]);
            b.total_cmp(&a)
        });
        self.cut = f32::NEG_INFINITY;
        true
    }

    fn coarse_columns(&mut self) -> usize {
        let mut share = 0.0;
        let enough = self.order.iter().position(|&column| {
            share += self.shares[usize::from(column)];
            share >= COARSE_SHARE
        });
        self.cut = COARSE_SCORE * share.sqrt();
        enough.map_or(self.order.len(), |last| last + 1)
    }
}
