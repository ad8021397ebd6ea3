//! Reed-Solomon over GF(2^8): correction of errors and erasures, and parity for what is known.
//!
//! Syndromes, Berlekamp-Massey started from the erasure locator, a root search, Forney's formula:
//! R. E. Blahut, *Algebraic Codes for Data Transmission* (2003), chapters 6 and 7. The generator's
//! first root is 2^0, as in ISO/IEC 18004:2015, Annex A. Nothing allocates.

use super::galois::{divide, evaluate, multiply, power};

/// The most parity codewords in one block of any QR symbol (ISO/IEC 18004:2015, Table 9).
pub(super) const MAX_PARITY: usize = 30;
/// A block of this code is at most this long.
pub(super) const MAX_BLOCK: usize = 255;

/// A polynomial over the field from its constant term upwards.
type Polynomial = [u8; MAX_PARITY + 1];

/// What was put right in a block.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Corrected {
    /// Codewords that were wrong without having been declared erased.
    pub(super) errors: usize,
    /// Codewords whose value was changed, erased ones included.
    pub(super) changed: usize,
}

/// The parity codewords of `data`, written to `parity` (1 to [`MAX_PARITY`] of them).
pub(super) fn parity_of(data: &[u8], parity: &mut [u8]) {
    let degree = parity.len();
    let mut generator: Polynomial = [0; MAX_PARITY + 1];
    generator[0] = 1;
    for root in 0..degree {
        for i in (1..=root + 1).rev() {
            generator[i] = generator[i - 1] ^ multiply(generator[i], power(root));
        }
        generator[0] = multiply(generator[0], power(root));
    }
    parity.fill(0);
    for &value in data {
        let factor = value ^ parity[0];
        parity.rotate_left(1);
        parity[degree - 1] = 0;
        for (i, p) in parity.iter_mut().enumerate() {
            *p ^= multiply(generator[degree - 1 - i], factor);
        }
    }
}

/// The syndromes of one received block; made once, solved under several guesses of what is erased.
#[derive(Clone, Copy, Debug)]
pub(super) struct Syndromes {
    values: [u8; MAX_PARITY],
    parity: usize,
}

impl Syndromes {
    /// Of a block of at most [`MAX_BLOCK`] codewords whose last `parity` (at most [`MAX_PARITY`])
    /// are parity.
    pub(super) fn of(block: &[u8], parity: usize) -> Self {
        debug_assert!(block.len() <= MAX_BLOCK && parity <= MAX_PARITY && parity <= block.len());
        let mut values = [0; MAX_PARITY];
        for (exponent, value) in values[..parity].iter_mut().enumerate() {
            let root = power(exponent);
            *value = block.iter().fold(0, |sum, &c| multiply(sum, root) ^ c);
        }
        Self { values, parity }
    }

    fn all_zero(&self) -> bool {
        self.values[..self.parity].iter().all(|&s| s == 0)
    }

    /// Corrects `block` in place, taking the codewords at `erased` (distinct positions) as unknown.
    /// `None`, and the block as it was, when no codeword lies within reach.
    pub(super) fn correct(&self, block: &mut [u8], erased: &[u8]) -> Option<Corrected> {
        if self.all_zero() {
            return Some(Corrected {
                errors: 0,
                changed: 0,
            });
        }
        if erased.len() > self.parity {
            return None;
        }
        let length = block.len();
        let (locator, degree) = self.locator(length, erased)?;
        let evaluator = self.evaluator(&locator, degree);
        let mut fixes = [(0u8, 0u8); MAX_PARITY];
        let mut found = 0;
        for position in 0..length {
            // The locator of a position is 2 to the power of its distance from the end.
            let exponent = length - 1 - position;
            let inverse = power(255 - exponent);
            if evaluate(&locator[..=degree], inverse) != 0 {
                continue;
            }
            if found == degree {
                return None;
            }
            let slope = derivative(&locator[..=degree], inverse);
            let value = divide(evaluate(&evaluator[..self.parity], inverse), slope)?;
            fixes[found] = (position as u8, multiply(power(exponent), value));
            found += 1;
        }
        if found != degree {
            return None;
        }
        let apply = |block: &mut [u8]| {
            for &(position, value) in &fixes[..found] {
                block[usize::from(position)] ^= value;
            }
        };
        apply(block);
        if !Self::of(block, self.parity).all_zero() {
            apply(block);
            return None;
        }
        let changed = fixes[..found].iter().filter(|&&(_, value)| value != 0);
        Some(Corrected {
            errors: changed
                .clone()
                .filter(|(position, _)| !erased.contains(position))
                .count(),
            changed: changed.count(),
        })
    }

    /// The polynomial whose roots mark the wrong codewords, and its degree.
    fn locator(&self, length: usize, erased: &[u8]) -> Option<(Polynomial, usize)> {
        let mut locator: Polynomial = [0; MAX_PARITY + 1];
        locator[0] = 1;
        for (i, &position) in erased.iter().enumerate() {
            let root = power(length - 1 - usize::from(position));
            for j in (1..=i + 1).rev() {
                locator[j] ^= multiply(locator[j - 1], root);
            }
        }
        let erasures = erased.len();
        let mut previous = locator;
        let mut degree = erasures;
        for step in erasures..self.parity {
            previous.copy_within(0..MAX_PARITY, 1);
            previous[0] = 0;
            let discrepancy = (0..=step.min(degree)).fold(0, |sum, j| {
                sum ^ multiply(locator[j], self.values[step - j])
            });
            if discrepancy == 0 {
                continue;
            }
            let before = locator;
            for (l, &p) in locator.iter_mut().zip(&previous) {
                *l ^= multiply(discrepancy, p);
            }
            if 2 * degree <= step + erasures {
                for (p, &b) in previous.iter_mut().zip(&before) {
                    *p = divide(b, discrepancy)?;
                }
                degree = step + 1 + erasures - degree;
            }
        }
        let within_reach = 2 * degree <= self.parity + erasures && degree <= self.parity;
        let exact =
            within_reach && locator[degree] != 0 && locator[degree + 1..].iter().all(|&c| c == 0);
        exact.then_some((locator, degree))
    }

    fn evaluator(&self, locator: &Polynomial, degree: usize) -> Polynomial {
        let mut evaluator: Polynomial = [0; MAX_PARITY + 1];
        for (i, value) in evaluator[..self.parity].iter_mut().enumerate() {
            *value = (0..=i.min(degree))
                .fold(0, |sum, j| sum ^ multiply(locator[j], self.values[i - j]));
        }
        evaluator
    }
}

/// The formal derivative at `x`: in characteristic 2 only odd powers remain.
fn derivative(coefficients: &[u8], x: u8) -> u8 {
    let square = multiply(x, x);
    let mut power_of_x = 1;
    let mut sum = 0;
    for &c in coefficients.iter().skip(1).step_by(2) {
        sum ^= multiply(c, power_of_x);
        power_of_x = multiply(power_of_x, square);
    }
    sum
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;
    use proptest::sample::subsequence;

    fn encoded(data: &[u8], parity: usize) -> Vec<u8> {
        let mut block = data.to_vec();
        block.resize(data.len() + parity, 0);
        let (data, tail) = block.split_at_mut(data.len());
        parity_of(data, tail);
        block
    }

    #[test]
    fn parity_is_that_of_the_standards_worked_example() {
        // ISO/IEC 18004:2015, Annex I: "01234567" in version 1-M.
        let data = [
            0x10, 0x20, 0x0c, 0x56, 0x61, 0x80, 0xec, 0x11, 0xec, 0x11, 0xec, 0x11, 0xec, 0x11,
            0xec, 0x11,
        ];
        let parity = [0xa5, 0x24, 0xd4, 0xc1, 0xed, 0x36, 0xc7, 0x87, 0x2c, 0x55];
        assert_eq!(encoded(&data, 10)[16..], parity);
    }

    /// A block, its parity, and disjoint positions of erasures and errors within reach.
    fn damaged() -> impl Strategy<Value = (Vec<u8>, usize, Vec<usize>, usize, Vec<u8>)> {
        (1usize..=MAX_PARITY, 1usize..=123).prop_flat_map(|(parity, data)| {
            let length = parity + data;
            (0..=parity).prop_flat_map(move |erasures| {
                let errors = (parity - erasures) / 2;
                let wrong = (erasures + errors).min(length);
                (
                    prop::collection::vec(any::<u8>(), data),
                    Just(parity),
                    subsequence((0..length).collect::<Vec<_>>(), wrong).prop_shuffle(),
                    Just(erasures.min(wrong)),
                    prop::collection::vec(1u8.., wrong),
                )
            })
        })
    }

    proptest! {
        #[test]
        fn errors_and_erasures_up_to_capacity_are_corrected(
            (data, parity, wrong, erasures, flips) in damaged()
        ) {
            let sent = encoded(&data, parity);
            let mut block = sent.clone();
            for (&position, &flip) in wrong.iter().zip(&flips) {
                block[position] ^= flip;
            }
            let erased: Vec<u8> = wrong[..erasures].iter().map(|&p| p as u8).collect();
            let corrected = Syndromes::of(&block, parity).correct(&mut block, &erased);
            let expected = Corrected { errors: wrong.len() - erasures, changed: wrong.len() };
            prop_assert_eq!(corrected, Some(expected));
            prop_assert_eq!(block, sent);
        }

        #[test]
        fn any_block_is_left_alone_or_made_a_codeword(
            block in prop::collection::vec(any::<u8>(), 31..=255), parity in 1usize..=30,
            erased in subsequence((0u8..31).collect::<Vec<_>>(), 0..=31),
        ) {
            let mut corrected = block.clone();
            match Syndromes::of(&block, parity).correct(&mut corrected, &erased) {
                None => prop_assert_eq!(corrected, block),
                Some(_) => prop_assert!(Syndromes::of(&corrected, parity).all_zero()),
            }
        }
    }
}
