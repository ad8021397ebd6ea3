//! A copy of the frame in which blurred rings stand out: the difference of a small and a large
//! local mean, at a gain that follows the local contrast.
//!
//! Where blur has closed the light ring of a finder, the ring is still a little lighter than the
//! mean of its surroundings, and the difference of means (a difference of boxes in place of the
//! difference of Gaussians of Marr and Hildreth, Theory of Edge Detection, 1980) crosses zero at
//! its edges. The result is an image like any other, to be searched like any other.

use super::plane::Plane;

/// The value that stands for no difference.
pub(crate) const MIDDLE: u8 = 128;

/// The sharpened copy and the buffers to make it.
#[derive(Default)]
pub(crate) struct Sharpened {
    pixels: Vec<u8>,
    width: usize,
    height: usize,
    columns: Vec<[u32; 3]>,
    running: Vec<[u32; 3]>,
}

/// The small mean is over 3 x 3 pixels: it takes noise away and leaves modules of 2 pixels.
const SMALL: usize = 1;

/// Grey levels added to the deviation: below that, what differs is noise.
const NOISE: f32 = 1.0;

/// What a difference of one deviation is in the copy.
const GAIN: f32 = 90.0;

impl Sharpened {
    pub(crate) fn plane(&self) -> Option<Plane<'_>> {
        Plane::new(&self.pixels, self.width, self.height, self.width)
    }

    /// Sharpens `plane` against means over `2 * reach + 1` pixels squared; returns the pixels
    /// looked at.
    pub(crate) fn make(&mut self, plane: &Plane<'_>, reach: usize) -> usize {
        let (width, height) = (plane.width(), plane.height());
        (self.width, self.height) = (width, height);
        self.pixels.resize(width * height, 0);
        // Sums over a column of the large window, of its squares, and of the small window.
        self.columns.clear();
        self.columns.resize(width, [0; 3]);
        for y in 0..reach.min(height) {
            for (c, &v) in self.columns.iter_mut().zip(plane.row(y)) {
                let v = u32::from(v);
                c[0] += v;
                c[1] += v * v;
            }
        }
        for y in 0..SMALL.min(height) {
            for (c, &v) in self.columns.iter_mut().zip(plane.row(y)) {
                c[2] += u32::from(v);
            }
        }
        self.running.resize(width + 1, [0; 3]);
        for y in 0..height {
            self.slide(plane, y, reach);
            let rows = (y + reach).min(height - 1) + 1 - y.saturating_sub(reach);
            let few = (y + SMALL).min(height - 1) + 1 - y.saturating_sub(SMALL);
            let mut sum = [0u32; 3];
            for (r, c) in self.running[1..].iter_mut().zip(&self.columns) {
                // Wrapping is harmless: only differences over one window are used.
                for (s, c) in sum.iter_mut().zip(c) {
                    *s = s.wrapping_add(*c);
                }
                *r = sum;
            }
            let out = &mut self.pixels[y * width..][..width];
            for (x, out) in out.iter_mut().enumerate() {
                let window = |reach: usize, rows: usize| {
                    let (a, b) = (x.saturating_sub(reach), (x + reach + 1).min(width));
                    (self.running[a], self.running[b], 1.0 / (rows * (b - a)) as f32)
                };
                let (from, to, k) = window(reach, rows);
                let mean = to[0].wrapping_sub(from[0]) as f32 * k;
                let square = to[1].wrapping_sub(from[1]) as f32 * k;
                let (from, to, k) = window(SMALL, few);
                let small = to[2].wrapping_sub(from[2]) as f32 * k;
                let deviation = (square - mean * mean).max(0.0).sqrt() + NOISE;
                let value = (small - mean) / deviation * GAIN;
                *out = (f32::from(MIDDLE) + value.clamp(-127.0, 127.0)) as u8;
            }
        }
        width * height
    }

    /// Moves both windows to row `y`.
    fn slide(&mut self, plane: &Plane<'_>, y: usize, reach: usize) {
        let height = plane.height();
        if y + reach < height {
            for (c, &v) in self.columns.iter_mut().zip(plane.row(y + reach)) {
                let v = u32::from(v);
                c[0] += v;
                c[1] += v * v;
            }
        }
        if y > reach {
            for (c, &v) in self.columns.iter_mut().zip(plane.row(y - reach - 1)) {
                let v = u32::from(v);
                c[0] -= v;
                c[1] -= v * v;
            }
        }
        if y + SMALL < height {
            for (c, &v) in self.columns.iter_mut().zip(plane.row(y + SMALL)) {
                c[2] += u32::from(v);
            }
        }
        if y > SMALL {
            for (c, &v) in self.columns.iter_mut().zip(plane.row(y - SMALL - 1)) {
                c[2] -= u32::from(v);
            }
        }
    }
}
