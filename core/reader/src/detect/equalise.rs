//! Undoes blur: a linear filter over neighbouring modules, fitted to the modules that are known.
//!
//! Defocus and motion spread every module over its neighbours by one pattern for the whole
//! symbol, alike in opposite directions. The filter which best gives back the known modules (least
//! squares with a ridge, the decision-directed linear equaliser of data transmission: Lucky,
//! Techniques for Adaptive Equalization of Digital Communication Systems, 1966) is then applied to
//! all, and fitted once more with the modules which it made sure.

use super::pattern::KnownModule;

/// Modules on each side.
const REACH: i32 = 3;
/// Weights: half of the neighbours, since opposite ones share theirs, the middle, a constant.
const WEIGHTS: usize = ((2 * REACH + 1) * (2 * REACH + 1)) as usize / 2 + 2;

/// The share of the known modules' number added to the diagonal: noise of a twentieth of a module's
/// contrast, squared.
const RIDGE: f32 = 0.003;
/// Modules this sure after the first fit take part in the second.
const SURE: f32 = 0.6;

/// Fits and applies the filter. Its buffers serve every symbol.
#[derive(Default)]
pub(crate) struct Equaliser {
    padded: Vec<f32>,
    targets: Vec<f32>,
}

type Features = [f32; WEIGHTS];

impl Equaliser {
    /// Replaces `values`, row by row as printed, by equalised ones of about unit scale. `false`,
    /// and nothing changed, when the known modules do not determine a filter.
    pub(crate) fn apply(&mut self, side: usize, values: &mut [f32], known: &[KnownModule]) -> bool {
        if known.len() < 4 * WEIGHTS || values.len() != side * side {
            return false;
        }
        self.pad(side, values);
        self.targets.clear();
        self.targets.resize(side * side, 0.0);
        for m in known {
            self.targets[usize::from(m.row) * side + usize::from(m.column)] = m.sign();
        }
        for round in 0..ROUNDS {
            let Some(weights) = self.fit(side) else {
                return round > 0;
            };
            for (i, value) in values.iter_mut().enumerate() {
                let features = self.features(side, i);
                let sum: f32 = features.iter().zip(&weights).map(|(f, w)| f * w).sum();
                *value = sum.clamp(-2.0, 2.0);
            }
            for (target, &value) in self.targets.iter_mut().zip(values.iter()) {
                // Known ones stay: they are +-1 already.
                if target.abs() < 1.0 {
                    *target = if value.abs() > SURE {
                        value.signum() * 0.99
                    } else {
                        0.0
                    };
                }
            }
        }
        true
    }

    /// Around the symbol lies the quiet zone, light.
    fn pad(&mut self, side: usize, values: &[f32]) {
        let reach = REACH as usize;
        let width = side + 2 * reach;
        self.padded.clear();
        self.padded.resize(width * width, -1.0);
        for (row, values) in values.chunks_exact(side).enumerate() {
            self.padded[(row + reach) * width + reach..][..side].copy_from_slice(values);
        }
    }

    #[inline]
    fn features(&self, side: usize, index: usize) -> Features {
        let reach = REACH as usize;
        let width = side + 2 * reach;
        let middle = (index / side + reach) * width + index % side + reach;
        let mut out = [1.0; WEIGHTS];
        out[0] = self.padded[middle];
        let mut next = 1;
        for dy in 0..=REACH {
            for dx in if dy == 0 { 1 } else { -REACH }..=REACH {
                let offset = dy as isize * width as isize + dx as isize;
                out[next] = self.padded[middle.wrapping_add_signed(offset)]
                    + self.padded[middle.wrapping_add_signed(-offset)];
                next += 1;
            }
        }
        out
    }

    fn fit(&self, side: usize) -> Option<Features> {
        let mut a = [[0f32; WEIGHTS + 1]; WEIGHTS];
        let mut count = 0.0;
        for (i, &target) in self.targets.iter().enumerate() {
            if target == 0.0 {
                continue;
            }
            count += 1.0;
            let features = self.features(side, i);
            for (row, &f) in a.iter_mut().zip(&features) {
                for (sum, &g) in row.iter_mut().zip(&features) {
                    *sum += f * g;
                }
                row[WEIGHTS] += f * target;
            }
        }
        for (i, row) in a.iter_mut().enumerate() {
            row[i] += RIDGE * count;
        }
        solve(&mut a)
    }
}

const ROUNDS: usize = 3;

/// Gauss-Jordan elimination; the matrix is positive definite, so that it needs no pivoting.
fn solve(a: &mut [[f32; WEIGHTS + 1]; WEIGHTS]) -> Option<Features> {
    for i in 0..WEIGHTS {
        let lead = a[i];
        if lead[i].is_nan() || lead[i] < 1e-6 {
            return None;
        }
        for (r, row) in a.iter_mut().enumerate() {
            if r != i {
                let f = row[i] / lead[i];
                for (x, y) in row.iter_mut().zip(&lead).skip(i) {
                    *x -= f * y;
                }
            }
        }
    }
    Some(std::array::from_fn(|i| a[i][WEIGHTS] / a[i][i]))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::detect::pattern::FunctionPatterns;

    /// A symbol with random data, and what a blur by a module's width makes of it.
    fn blurred(side: usize, known: &[KnownModule]) -> (Vec<f32>, Vec<f32>) {
        let mut state = 11u32;
        let mut truth: Vec<f32> = (0..side * side)
            .map(|_| {
                state = state.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
                if state >> 31 == 1 { 1.0 } else { -1.0 }
            })
            .collect();
        for m in known {
            truth[usize::from(m.row) * side + usize::from(m.column)] = m.sign();
        }
        let at = |x: isize, y: isize| {
            let inside = (0..side as isize).contains(&x) && (0..side as isize).contains(&y);
            if inside {
                truth[y as usize * side + x as usize]
            } else {
                -1.0
            }
        };
        let weight = [0.0, 0.22, 0.56, 0.22, 0.0];
        let values = (0..side * side)
            .map(|i| {
                let (x, y) = ((i % side) as isize, (i / side) as isize);
                let row = |y| {
                    (0..5)
                        .map(|k| weight[k] * at(x + k as isize - 2, y))
                        .sum::<f32>()
                };
                (0..5).map(|k| weight[k] * row(y + k as isize - 2)).sum()
            })
            .collect();
        (truth, values)
    }

    fn wrong(truth: &[f32], values: &[f32]) -> usize {
        truth
            .iter()
            .zip(values)
            .filter(|(t, v)| *t * *v <= 0.0)
            .count()
    }

    #[test]
    fn a_symbol_blurred_by_its_modules_width_is_restored() {
        let mut patterns = FunctionPatterns::default();
        let known = patterns.of(33);
        let (truth, mut values) = blurred(33, known);
        let before = wrong(&truth, &values);
        assert!(before > 100, "hardly blurred: {before} wrong");
        assert!(Equaliser::default().apply(33, &mut values, known));
        let after = wrong(&truth, &values);
        assert!(after * 20 < before, "{before} wrong before, {after} after");
    }

    #[test]
    fn too_few_known_modules_change_nothing() {
        let mut patterns = FunctionPatterns::default();
        let known = patterns.of(21);
        let mut values = vec![0.5; 21 * 21];
        assert!(!Equaliser::default().apply(21, &mut values, &known[..40]));
        assert!(values.iter().all(|&v| v == 0.5));
    }
}
