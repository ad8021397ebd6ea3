//! The mean of each varying bit over all possible ids, so that a wrong label's score has mean zero.
//!
//! A varying bit is the exclusive-or of bits of independent pairs, so the mean of its sign is the
//! product of the pairs' means, each a coefficient of the Walsh-Hadamard transform of a pair's
//! distribution (1,024 of 2,048 values, all as likely).

use crate::decode::known::{PAIR_BITS, VaryingBit, possible_pairs};

const VALUES: usize = 1 << PAIR_BITS;

/// The mean of +1 (set) and -1 (clear) of each bit.
pub(super) fn means(varying: &[VaryingBit]) -> Vec<f32> {
    let spectrum = pair_spectrum();
    let mean = |bit: &VaryingBit| -> f32 {
        let even: f32 = bit
            .masks
            .iter()
            .map(|&mask| spectrum[usize::from(mask)])
            .product();
        // An even number of ones leaves the constant.
        if bit.constant { even } else { -even }
    };
    varying.iter().map(mean).collect()
}

/// For each mask, the mean of (-1)^(ones of pair & mask).
fn pair_spectrum() -> Vec<f32> {
    let mut spectrum = vec![0.0f32; VALUES];
    let mut count = 0;
    for pair in possible_pairs() {
        spectrum[usize::from(pair)] = 1.0;
        count += 1;
    }
    for half in (0..PAIR_BITS).map(|bit| 1 << bit) {
        for block in spectrum.chunks_exact_mut(2 * half) {
            let (low, high) = block.split_at_mut(half);
            for (a, b) in low.iter_mut().zip(high) {
                (*a, *b) = (*a + *b, *a - *b);
            }
        }
    }
    spectrum.iter().map(|&sum| sum / count as f32).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::decode::known::KnownLabel;
    use kokoni_model::label::{Host, LabelId};

    #[test]
    fn means_are_those_counted_over_many_labels() {
        let plan = KnownLabel::new(&Host::new("k.example.jp").expect("a host")).expect("fits");
        let means = means(plan.varying());
        const LABELS: u64 = 4_000;
        let mut sums = vec![0.0f32; means.len()];
        let mut state = 7u64;
        for _ in 0..LABELS {
            let bytes = std::array::from_fn(|_| {
                state = state
                    .wrapping_mul(6364136223846793005)
                    .wrapping_add(1442695040888963407);
                (state >> 40) as u8
            });
            let words = plan.codewords(&LabelId::from_bytes(bytes));
            for (sum, varying) in sums.iter_mut().zip(plan.varying()) {
                let set = words[varying.bit / 8] >> (7 - varying.bit % 8) & 1 == 1;
                *sum += if set { 1.0 } else { -1.0 };
            }
        }
        // Five standard deviations of a mean over so many labels.
        let tolerance = 5.0 / (LABELS as f32).sqrt();
        for (mean, sum) in means.iter().zip(&sums) {
            assert!(
                (mean - sum / LABELS as f32).abs() < tolerance,
                "{mean} {sum}"
            );
        }
        assert!(
            means.iter().any(|mean| mean.abs() > 0.2),
            "some top bits are not even"
        );
    }
}
