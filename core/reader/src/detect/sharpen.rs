//! A copy of the frame in which blurred rings stand out: the difference of a small and a large
//! local mean, at a gain that follows the local contrast.
//!
//! Where blur has closed the light ring of a finder, the ring is still a little lighter than the
//! mean of its surroundings, and the difference of means (a difference of boxes in place of the
//! difference of Gaussians of Marr and Hildreth, Theory of Edge Detection, 1980) crosses zero at
//! its edges. The result is an image like any other, to be searched like any other.

use super::moments::{LocalMoments, Region};
use super::plane::Plane;

/// The value that stands for no difference.
pub(crate) const MIDDLE: u8 = 128;

/// The sharpened copy and the buffers to make it.
#[derive(Default)]
pub(crate) struct Sharpened {
    pixels: Vec<u8>,
    width: usize,
    height: usize,
    columns: Vec<u16>,
    moments: LocalMoments,
}

/// Grey levels added to the deviation: below that, what differs is noise.
const NOISE: f32 = 1.0;

/// What a difference of one deviation is in the copy.
const GAIN: f32 = 90.0;

impl Sharpened {
    pub(crate) fn plane(&self) -> Option<Plane<'_>> {
        Plane::new(&self.pixels, self.width, self.height, self.width)
    }

    /// Sharpens `plane` against means over `2 * reach + 1` pixels squared; returns the pixels
    /// looked at. The small mean is over 3 x 3 pixels: it takes noise away and leaves modules of
    /// two pixels.
    pub(crate) fn make(&mut self, plane: &Plane<'_>, reach: usize) -> usize {
        let (width, height) = (plane.width(), plane.height());
        (self.width, self.height) = (width, height);
        self.pixels.resize(width * height, 0);
        let region = Region::all(plane);
        self.moments.start(plane, &region, reach);
        // With a column more on both sides.
        self.columns.resize(width + 2, 0);
        for (y, out) in self.pixels.chunks_exact_mut(width).enumerate() {
            self.moments.row(plane, &region, y);
            let (above, below) = (
                plane.row(y.saturating_sub(1)),
                plane.row((y + 1).min(height - 1)),
            );
            let rows = above.iter().zip(plane.row(y)).zip(below);
            for (sum, ((a, b), c)) in self.columns[1..].iter_mut().zip(rows) {
                *sum = u16::from(*a) + u16::from(*b) + u16::from(*c);
            }
            self.columns[0] = self.columns[1];
            self.columns[width + 1] = self.columns[width];
            let (left, middle, right) = (
                &self.columns[..width],
                &self.columns[1..=width],
                &self.columns[2..],
            );
            let small = left.iter().zip(middle).zip(right);
            let around = self.moments.mean.iter().zip(&self.moments.deviation);
            for ((out, ((a, b), c)), (mean, deviation)) in out.iter_mut().zip(small).zip(around) {
                let small = f32::from(a + b + c) * (1.0 / 9.0);
                let value = (small - mean) / (deviation + NOISE) * GAIN;
                *out = (f32::from(MIDDLE) + value.clamp(-127.0, 127.0)) as u8;
            }
        }
        width * height
    }
}
