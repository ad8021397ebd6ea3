//! The part of a frame that holds one symbol, freed of light and contrast.

use super::plane::{Plane, scale_of};
use crate::geometry::{Vector, vector};
use crate::grid::Grid;

/// Darkness of a part of the frame against the mean and the deviation of the seven modules around
/// each pixel. Shade, gradients and the edge of a reflection thereby count no more than paper.
#[derive(Default)]
pub(crate) struct Patch {
    values: Vec<i8>,
    width: usize,
    height: usize,
    /// Frame coordinates of the first pixel's centre, and pixels of the frame per pixel.
    origin: Vector,
    scale: f32,
    columns: Vec<(u32, u32)>,
    running: Vec<(u32, u32)>,
}

/// What one deviation is in `values`: two deviations, the bound, are still an `i8`.
const UNIT: f32 = 60.0;

/// Modules are 2.5 to 5 pixels wide in a patch: enough to place a grid to a tenth of a module.
const LEAST_MODULE: f32 = 2.5;

/// Grey levels added to the deviation, so that plain paper is not turned into black and white
/// noise: a good camera's noise.
const NOISE: f32 = 1.5;

/// The level of the pyramid a patch for such modules is taken from.
pub(crate) fn patch_level(module: f32, most: usize) -> usize {
    crate::grid::level_for(module, LEAST_MODULE, most)
}

impl Patch {
    /// Takes what `grid` covers, and `margin` modules around it, from the frame's copy at `level`.
    /// Returns the pixels it looked at; `None` when nothing of the grid lies in the frame.
    pub(crate) fn take(
        &mut self,
        plane: &Plane<'_>,
        level: usize,
        grid: &Grid,
        margin: f32,
    ) -> Option<usize> {
        let (scale, shift) = scale_of(level);
        let small = grid.at_level(level);
        let module = small.module_size();
        let n = grid.side as f32;
        let (low, high) = (-margin, n + margin);
        let (mut x0, mut y0, mut x1, mut y1) = (f32::MAX, f32::MAX, f32::MIN, f32::MIN);
        for (u, v) in [(low, low), (high, low), (low, high), (high, high)] {
            let p = small.map(u, v);
            if !p.is_finite() {
                return None;
            }
            (x0, y0, x1, y1) = (x0.min(p.x), y0.min(p.y), x1.max(p.x), y1.max(p.y));
        }
        // Saturating: the corner of a wild grid may be anywhere.
        let left = x0.floor().max(0.0) as usize;
        let top = y0.floor().max(0.0) as usize;
        let right = (x1.ceil().max(0.0) as usize).saturating_add(1).min(plane.width());
        let bottom = (y1.ceil().max(0.0) as usize).saturating_add(1).min(plane.height());
        if left + 8 > right || top + 8 > bottom {
            return None;
        }
        (self.width, self.height) = (right - left, bottom - top);
        self.origin = vector(left as f32 * scale + shift, top as f32 * scale + shift);
        self.scale = scale;
        let reach = ((module * 3.5).round() as usize).clamp(6, 18);
        self.normalise(plane, left, top, reach);
        Some(self.width * self.height)
    }

    fn normalise(&mut self, plane: &Plane<'_>, left: usize, top: usize, reach: usize) {
        let (width, height) = (self.width, self.height);
        self.values.clear();
        self.values.resize(width * height, 0);
        self.columns.clear();
        self.columns.resize(width, (0, 0));
        let row = |y: usize| &plane.row(top + y)[left..left + width];
        for y in 0..reach.min(height) {
            for (c, &v) in self.columns.iter_mut().zip(row(y)) {
                let v = u32::from(v);
                *c = (c.0 + v, c.1 + v * v);
            }
        }
        self.running.resize(width + 1, (0, 0));
        for y in 0..height {
            if y + reach < height {
                for (c, &v) in self.columns.iter_mut().zip(row(y + reach)) {
                    let v = u32::from(v);
                    *c = (c.0 + v, c.1 + v * v);
                }
            }
            if y > reach {
                for (c, &v) in self.columns.iter_mut().zip(row(y - reach - 1)) {
                    let v = u32::from(v);
                    *c = (c.0 - v, c.1 - v * v);
                }
            }
            let rows = (y + reach).min(height - 1) + 1 - y.saturating_sub(reach);
            let mut sum = (0u32, 0u32);
            for (r, c) in self.running[1..].iter_mut().zip(&self.columns) {
                // Wrapping is harmless: only differences over one window are used.
                sum = (sum.0.wrapping_add(c.0), sum.1.wrapping_add(c.1));
                *r = sum;
            }
            let out = &mut self.values[y * width..][..width];
            for (x, (out, &v)) in out.iter_mut().zip(row(y)).enumerate() {
                let (a, b) = (x.saturating_sub(reach), (x + reach + 1).min(width));
                let (from, to) = (self.running[a], self.running[b]);
                let k = 1.0 / (rows * (b - a)) as f32;
                let mean = to.0.wrapping_sub(from.0) as f32 * k;
                let square = to.1.wrapping_sub(from.1) as f32 * k;
                let deviation = (square - mean * mean).max(0.0).sqrt() + NOISE;
                let darkness = (mean - f32::from(v)) / deviation;
                *out = (darkness.clamp(-2.0, 2.0) * UNIT) as i8;
            }
        }
    }

    /// Pixels of the frame per pixel of the patch.
    pub(crate) fn scale(&self) -> f32 {
        self.scale
    }

    /// A point of the frame in the patch, and back.
    pub(crate) fn from_frame(&self, p: Vector) -> Vector {
        (p - self.origin) * (1.0 / self.scale)
    }

    pub(crate) fn to_frame(&self, p: Vector) -> Vector {
        p * self.scale + self.origin
    }

    /// Darkness at a point of the patch in deviations; 0 outside.
    #[inline]
    pub(crate) fn at(&self, p: Vector) -> f32 {
        let (right, bottom) = ((self.width - 1) as f32, (self.height - 1) as f32);
        let inside = p.x >= 0.0 && p.y >= 0.0 && p.x < right && p.y < bottom;
        if !inside {
            return 0.0;
        }
        let (left, top) = (p.x as usize, p.y as usize);
        let (fx, fy) = (p.x - left as f32, p.y - top as f32);
        let i = top * self.width + left;
        let upper = &self.values[i..i + 2];
        let lower = &self.values[i + self.width..i + self.width + 2];
        let level = |v: i8| f32::from(v);
        let a = level(upper[0]) + (level(upper[1]) - level(upper[0])) * fx;
        let b = level(lower[0]) + (level(lower[1]) - level(lower[0])) * fx;
        (a + (b - a) * fy) * (1.0 / UNIT)
    }
}
