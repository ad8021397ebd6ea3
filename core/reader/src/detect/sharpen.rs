//! A copy of the frame in which blurred rings stand out: the difference of a small and a large
//! local mean, at a gain that follows the local contrast.
//!
//! Where blur has closed the light ring of a finder, the ring is still a little lighter than the
//! mean of its surroundings, and the difference of means (a difference of boxes in place of the
//! difference of Gaussians of Marr and Hildreth, Theory of Edge Detection, 1980) crosses zero at
//! its edges. The result is an image like any other, to be searched like any other.

use super::moments::{LocalMoments, Region};
use super::plane::Plane;
use super::texture::Texture;

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

    /// Sharpens the textured parts of `plane` against means over `2 * reach + 1` pixels squared;
    /// returns the pixels looked at. The small mean is over 3 x 3 pixels: it takes noise away and
    /// leaves modules of two pixels.
    pub(crate) fn make(
        &mut self,
        plane: &Plane<'_>,
        reach: usize,
        (texture, level): (&Texture, usize),
    ) -> usize {
        let (width, height) = (plane.width(), plane.height());
        (self.width, self.height) = (width, height);
        self.pixels.clear();
        self.pixels.resize(width * height, MIDDLE);
        let region = Region::all(plane);
        self.moments.start(&region, reach);
        let mut looked = 0;
        for (y, out) in self.pixels.chunks_exact_mut(width).enumerate() {
            for (from, to) in texture.spans(level, y, width) {
                looked += to - from;
                self.moments.span(plane, &region, y, (from, to));
                let (above, below) = (
                    plane.row(y.saturating_sub(1)),
                    plane.row((y + 1).min(height - 1)),
                );
                // With a column more on both sides.
                let (first, last) = (from.saturating_sub(1), (to + 1).min(width));
                self.columns.clear();
                self.columns.resize(to - from + 2, 0);
                let rows = above[first..last].iter().zip(&plane.row(y)[first..last]);
                let columns = &mut self.columns[first + 1 - from..];
                for (sum, ((a, b), c)) in columns.iter_mut().zip(rows.zip(&below[first..last])) {
                    *sum = u16::from(*a) + u16::from(*b) + u16::from(*c);
                }
                if from == 0 {
                    self.columns[0] = self.columns[1];
                }
                if to == width {
                    self.columns[to - from + 1] = self.columns[to - from];
                }
                let (left, middle, right) = (
                    &self.columns[..to - from],
                    &self.columns[1..=to - from],
                    &self.columns[2..],
                );
                let small = left.iter().zip(middle).zip(right);
                let around = self.moments.mean.iter().zip(&self.moments.deviation);
                let out = out[from..to].iter_mut();
                for ((out, ((a, b), c)), (mean, deviation)) in out.zip(small).zip(around) {
                    let small = f32::from(a + b + c) * (1.0 / 9.0);
                    let value = (small - mean) / (deviation + NOISE) * GAIN;
                    *out = (f32::from(MIDDLE) + value.clamp(-127.0, 127.0)) as u8;
                }
            }
        }
        looked
    }
}
