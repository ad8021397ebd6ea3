//! The part of a frame that holds one symbol, freed of light and contrast.

use super::moments::{LocalMoments, Region};
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
    moments: LocalMoments,
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
        let right = (x1.ceil().max(0.0) as usize)
            .saturating_add(1)
            .min(plane.width());
        let bottom = (y1.ceil().max(0.0) as usize)
            .saturating_add(1)
            .min(plane.height());
        if left + 8 > right || top + 8 > bottom {
            return None;
        }
        (self.width, self.height) = (right - left, bottom - top);
        self.origin = vector(left as f32 * scale + shift, top as f32 * scale + shift);
        self.scale = scale;
        let reach = ((module * 3.5).round() as usize).clamp(6, 18);
        let region = Region {
            left,
            top,
            width: self.width,
            height: self.height,
        };
        self.normalise(plane, &region, reach);
        Some(self.width * self.height)
    }

    fn normalise(&mut self, plane: &Plane<'_>, region: &Region, reach: usize) {
        self.values.clear();
        self.values.resize(region.width * region.height, 0);
        self.moments.start(region, reach);
        for (y, out) in self.values.chunks_exact_mut(region.width).enumerate() {
            self.moments.span(plane, region, y, (0, region.width));
            let around = self.moments.mean.iter().zip(&self.moments.deviation);
            for ((out, &v), (mean, deviation)) in
                out.iter_mut().zip(region.row(plane, y)).zip(around)
            {
                let darkness = (mean - f32::from(v)) / (deviation + NOISE);
                *out = (darkness.clamp(-2.0, 2.0) * UNIT) as i8;
            }
        }
    }

    /// Pixels of the frame per pixel of the patch.
    pub(crate) fn scale(&self) -> f32 {
        self.scale
    }

    /// Where a point of the frame lies in the patch.
    pub(crate) fn point_of(&self, p: Vector) -> Vector {
        (p - self.origin) * (1.0 / self.scale)
    }

    /// The point of the frame at a point of the patch.
    pub(crate) fn frame_point_of(&self, p: Vector) -> Vector {
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
        // A conversion by way of 32 bits is cheaper.
        let (left, top) = (p.x as i32 as usize, p.y as i32 as usize);
        let (fx, fy) = (p.x - left as i32 as f32, p.y - top as i32 as f32);
        let i = top * self.width + left;
        let Some(near) = self.values.get(i..i + self.width + 2) else {
            return 0.0;
        };
        let (upper, lower) = (&near[..2], &near[self.width..]);
        let level = |v: i8| f32::from(v);
        let a = level(upper[0]) + (level(upper[1]) - level(upper[0])) * fx;
        let b = level(lower[0]) + (level(lower[1]) - level(lower[0])) * fx;
        (a + (b - a) * fy) * (1.0 / UNIT)
    }
}
