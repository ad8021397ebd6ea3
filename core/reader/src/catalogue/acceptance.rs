//! When agreement is proof: thresholds for scores of unit variance, from the probability that
//! chance alone reaches them.

/// The probability, for one frame, that a label is taken for another or that something else is
/// taken for a label of ours.
const FALSE_ACCEPT: f64 = 1e-9;

/// The score that none of `alternatives` wrong answers reaches in the `trial`-th look (from 1) at a
/// frame, but for a probability of 1e-9 a frame.
///
/// A wrong answer's score is the sum of weights with random signs, over the root of their squares;
/// by Hoeffding's inequality (W. Hoeffding, 1963, theorem 2) it exceeds t with a probability of at
/// most exp(-t²/2). The k-th look may spend 6/(π²k²) of the whole, which sums to one however many
/// looks there are: early looks need not pay for late ones.
pub(crate) fn threshold(alternatives: f64, trial: usize) -> f32 {
    let share = 6.0 / (std::f64::consts::PI.powi(2) * (trial.max(1) as f64).powi(2));
    let chance = FALSE_ACCEPT * share / alternatives.max(1.0);
    (-2.0 * chance.ln()).sqrt() as f32
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn thresholds_grow_with_the_labels_and_the_looks() {
        assert!((threshold(2e3, 1) - 7.59).abs() < 0.01);
        assert!((threshold(1e5, 64) - 9.06).abs() < 0.01);
        assert!(threshold(0.0, 0) == threshold(1.0, 1));
    }

    #[test]
    fn all_looks_together_spend_no_more_than_the_whole() {
        let spent: f64 = (1..100_000)
            .map(|trial| 1_000.0 * (-f64::from(threshold(1e3, trial)).powi(2) / 2.0).exp())
            .sum();
        assert!(spent < 1.001e-9, "{spent}");
    }
}
