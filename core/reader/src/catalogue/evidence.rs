//! What frames say of a label's bits. Weights of one frame add up with those of the next, because a
//! label's score is linear in them: the score of the sum is the weighted sum of the frames' scores
//! (S. A. Stouffer's method, weighted by what each frame can tell), with variance one again once it
//! is divided by the root of the summed squares.

/// Most one frame says of one bit, as a log-likelihood: a frame that is certain and wrong (another
/// label slid in, a reflection that looks like ink) can be outvoted by the next.
const MOST_A_FRAME: f32 = 8.0;

/// Weights for every code bit of a label: positive where the bit looks set, 0 where nothing is
/// known, about a log-likelihood ratio in size.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Evidence {
    weights: Vec<f32>,
    frames: u32,
}

impl Evidence {
    /// Forgets everything.
    pub fn clear(&mut self) {
        self.weights.clear();
        self.frames = 0;
    }

    /// Frames put together.
    pub fn frames(&self) -> u32 {
        self.frames
    }

    pub(crate) fn weights(&self) -> &[f32] {
        &self.weights
    }

    /// Sets what one frame says.
    pub(super) fn set_frame(&mut self, weights: impl Iterator<Item = f32>) {
        self.weights.clear();
        self.weights
            .extend(weights.map(|weight| weight.clamp(-MOST_A_FRAME, MOST_A_FRAME)));
        self.frames = 1;
    }

    /// Adds what another frame says of the same label.
    pub fn add(&mut self, frame: &Self) {
        if self.weights.len() != frame.weights.len() {
            self.clone_from(frame);
            return;
        }
        self.weights
            .iter_mut()
            .zip(&frame.weights)
            .for_each(|(sum, weight)| *sum += weight);
        self.frames += frame.frames;
    }

    /// How far a frame agrees with what is there in these bits, as a score: of unit variance around
    /// 0 where the two show different labels, large where they show one.
    pub(crate) fn agreement(&self, frame: &Self, bits: impl Iterator<Item = usize>) -> f32 {
        let (mut sum, mut squares) = (0.0f32, 0.0f32);
        for bit in bits {
            let (Some(a), Some(b)) = (self.weights.get(bit), frame.weights.get(bit)) else {
                continue;
            };
            sum += a * b;
            squares += a * a * b * b;
        }
        if squares > 0.0 {
            sum / squares.sqrt()
        } else {
            0.0
        }
    }
}

/// The score of bits that should be set (`true`) or clear, by their weights: the sum of the weights
/// with the signs expected, over the root of their squares. Of unit variance where the bits have
/// nothing to do with what is expected.
pub(super) fn score(weights: &[f32], expected: impl Iterator<Item = (usize, bool)>) -> f32 {
    let (mut sum, mut squares) = (0.0f32, 0.0f32);
    for (bit, set) in expected {
        let weight = weights.get(bit).copied().unwrap_or_default();
        sum += if set { weight } else { -weight };
        squares += weight * weight;
    }
    if squares > 0.0 {
        sum / squares.sqrt()
    } else {
        0.0
    }
}
