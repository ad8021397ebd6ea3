//! The likeliest label, when error correction by codewords gives up: ordered statistics decoding
//! (M. P. C. Fossorier, S. Lin, *Soft-decision decoding of linear block codes based on ordered
//! statistics*, IEEE Trans. Inf. Theory 41, 1995).
//!
//! Seen as bits, a label's varying codewords are a linear code of 88 dimensions. The 88 surest bits
//! that are independent determine a label; so do those with one or two of them flipped. Of these
//! 3,917 labels the one that agrees best with all bits is nearly always the likeliest of all 2^80.
//! Whether it is *the* label is not decided here: it must pass a threshold that none of 2^80 labels
//! passes by chance.

use kokoni_model::label::LabelId;

use super::known::{ID_BITS, KnownLabel, PAIR_BITS, PAIRS, id_of};

/// Bytes of varying bits in the largest label: 88 bits of data and the parity of two blocks.
const MOST_BYTES: usize = (ID_BITS + 2 * 8 * super::reed_solomon::MAX_PARITY) / 8;

type Row = [u8; MOST_BYTES];

/// Finds the likeliest label of a host; owns its buffers.
#[derive(Clone, Debug)]
pub(crate) struct OrderedDecoder {
    /// The varying bits that each bit of the id flips.
    generator: Vec<Row>,
    /// The varying bits of the label whose pairs are all zero.
    base: Row,
    bits: usize,
    id_places: Vec<u16>,
    reduced: Vec<Row>,
    order: Vec<u16>,
    losses: Vec<[f32; 256]>,
}

impl OrderedDecoder {
    /// For the labels of this plan; `None` where they have more varying bits than any label has.
    pub(crate) fn new(plan: &KnownLabel) -> Option<Self> {
        let bits = plan.varying().len();
        if bits > MOST_BYTES * 8 {
            return None;
        }
        let mut generator = vec![[0; MOST_BYTES]; ID_BITS];
        let mut base = [0; MOST_BYTES];
        for (place, varying) in plan.varying().iter().enumerate() {
            set(&mut base, place, varying.constant);
            for (number, row) in generator.iter_mut().enumerate() {
                let mask = varying.masks[number / PAIR_BITS];
                set(
                    row,
                    place,
                    mask >> (PAIR_BITS - 1 - number % PAIR_BITS) & 1 == 1,
                );
            }
        }
        Some(Self {
            generator,
            base,
            bits,
            id_places: plan.id_places(),
            reduced: Vec::new(),
            order: Vec::new(),
            losses: Vec::new(),
        })
    }

    /// The likeliest label by the weights of the varying bits, positive where set; `None` where the
    /// likeliest codeword is no label.
    pub(crate) fn decode(&mut self, weights: &[f32]) -> Option<LabelId> {
        if weights.len() != self.bits {
            return None;
        }
        self.order.clear();
        self.order.extend(0..self.bits as u16);
        let sureness = |place: &u16| weights[usize::from(*place)].abs();
        self.order
            .sort_unstable_by(|a, b| sureness(b).total_cmp(&sureness(a)).then(a.cmp(b)));
        let mut observed = [0; MOST_BYTES];
        for (place, &weight) in weights.iter().enumerate() {
            set(&mut observed, place, weight > 0.0);
        }
        xor(&mut observed, &self.base);
        let mut word = self.nearest_to_surest(&observed)?;
        self.tabulate(weights);
        xor(&mut word, &observed);
        let mut errors = self.fewest_losses(&word);
        xor(&mut errors, &observed);
        xor(&mut errors, &self.base);
        self.label(&errors)
    }

    /// Brings the generator into echelon form on the surest bits that are independent, and returns
    /// the codeword that has the observed values there.
    fn nearest_to_surest(&mut self, observed: &Row) -> Option<Row> {
        self.reduced.clone_from(&self.generator);
        let mut word = [0; MOST_BYTES];
        let mut pivots = [0usize; ID_BITS];
        let mut found = 0;
        for &place in &self.order {
            let place = usize::from(place);
            let Some(pivot) = (found..ID_BITS).find(|&row| get(&self.reduced[row], place)) else {
                continue;
            };
            self.reduced.swap(found, pivot);
            let pivot = self.reduced[found];
            for (number, row) in self.reduced.iter_mut().enumerate() {
                if number != found && get(row, place) {
                    xor(row, &pivot);
                }
            }
            pivots[found] = place;
            found += 1;
            if found == ID_BITS {
                break;
            }
        }
        for (row, &place) in self.reduced.iter().zip(&pivots) {
            if get(observed, place) {
                xor(&mut word, row);
            }
        }
        (found == ID_BITS).then_some(word)
    }

    /// What it costs to have these bits of a byte wrong.
    fn tabulate(&mut self, weights: &[f32]) {
        self.losses.clear();
        for weights in weights.chunks(8) {
            let mut table = [0f32; 256];
            for (bit, weight) in weights.iter().enumerate() {
                let (low, high) = table.split_at_mut(1 << bit);
                high.iter_mut()
                    .zip(low)
                    .for_each(|(with, without)| *with = *without + weight.abs());
            }
            self.losses.push(table);
        }
    }

    fn loss(&self, errors: impl Fn(usize) -> u8) -> f32 {
        let bytes = self.losses.iter().enumerate();
        bytes
            .map(|(byte, table)| table[usize::from(errors(byte))])
            .sum()
    }

    /// The cheapest of these errors with none, one or two of the surest bits flipped.
    fn fewest_losses(&self, errors: &Row) -> Row {
        let mut best = (self.loss(|byte| errors[byte]), *errors);
        for (number, first) in self.reduced.iter().enumerate() {
            let mut one = *errors;
            xor(&mut one, first);
            let loss = self.loss(|byte| one[byte]);
            if loss < best.0 {
                best = (loss, one);
            }
            for second in &self.reduced[..number] {
                let loss = self.loss(|byte| one[byte] ^ second[byte]);
                if loss < best.0 {
                    let mut two = one;
                    xor(&mut two, second);
                    best = (loss, two);
                }
            }
        }
        best.1
    }

    fn label(&self, word: &Row) -> Option<LabelId> {
        let mut pairs = [0u16; PAIRS];
        for (number, &place) in self.id_places.iter().enumerate() {
            let value = u16::from(get(word, usize::from(place)));
            pairs[number / PAIR_BITS] |= value << (PAIR_BITS - 1 - number % PAIR_BITS);
        }
        id_of(&pairs)
    }
}

fn get(row: &Row, place: usize) -> bool {
    row[place / 8] >> (place % 8) & 1 == 1
}

fn set(row: &mut Row, place: usize, value: bool) {
    row[place / 8] |= u8::from(value) << (place % 8);
}

fn xor(row: &mut Row, other: &Row) {
    row.iter_mut().zip(other).for_each(|(a, b)| *a ^= b);
}
