//! Where the modules of a symbol lie in a frame, and how dark each of them is there.

use crate::detect::plane::{Plane, scale_of};
use crate::geometry::{Homography, Vector};

/// A symbol's lattice in a frame.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Grid {
    /// Modules per side, 17 + 4 * version.
    pub(crate) side: usize,
    /// From module coordinates (0 to `side`, module centres at +0.5) to pixels of the frame.
    pub(crate) to_frame: Homography,
    /// What a sheet bent around a cylinder adds, pixels; see [`Grid::map`].
    pub(crate) bend: Option<[Vector; 4]>,
    /// Seen from behind or in a mirror: rows are columns.
    pub(crate) mirrored: bool,
    /// Light on dark.
    pub(crate) inverted: bool,
}

impl Grid {
    /// The pixel of the frame at module coordinates (u, v).
    ///
    /// Over the projective map lies a bend: offsets `1 - s^2` and `1 - t^2`, each also times the
    /// other coordinate, where s and t run from -1 to 1 between the finders' centres. They vanish
    /// at those four points, and are the first term of a cylinder about any axis.
    #[inline]
    pub(crate) fn map(&self, u: f32, v: f32) -> Vector {
        let p = self.to_frame.map(u, v);
        match &self.bend {
            None => p,
            Some(bend) => p + bend_at(bend, self.side as f32, u, v),
        }
    }

    /// The same grid in the frame's copy at `level`.
    pub(crate) fn at_level(&self, level: usize) -> Self {
        let (scale, shift) = scale_of(level);
        Self {
            to_frame: self.to_frame.then_scale(1.0 / scale, -shift / scale),
            bend: self.bend.map(|bend| bend.map(|p| p * (1.0 / scale))),
            ..*self
        }
    }

    /// The grid in the frame of one found in the frame's copy at `level`.
    pub(crate) fn raised_from(&self, level: usize) -> Self {
        let (scale, shift) = scale_of(level);
        Self {
            to_frame: self.to_frame.then_scale(scale, shift),
            bend: self.bend.map(|bend| bend.map(|p| p * scale)),
            ..*self
        }
    }

    /// Pixels a module is wide in the middle of the symbol (the root of its area).
    pub(crate) fn module_size(&self) -> f32 {
        let c = self.side as f32 / 2.0;
        let across = self.map(c + 4.0, c) - self.map(c - 4.0, c);
        let down = self.map(c, c + 4.0) - self.map(c, c - 4.0);
        across.cross(down).abs().sqrt() / 8.0
    }

    /// Corners of the symbol without its quiet zone, as printed: top left, top right, bottom
    /// right, bottom left.
    pub(crate) fn corners(&self) -> [Vector; 4] {
        let n = self.side as f32;
        let (right, left) = if self.mirrored {
            ((0.0, n), (n, 0.0))
        } else {
            ((n, 0.0), (0.0, n))
        };
        [(0.0, 0.0), right, (n, n), left].map(|(u, v)| self.map(u, v))
    }
}

#[inline]
pub(crate) fn bend_at(bend: &[Vector; 4], side: f32, u: f32, v: f32) -> Vector {
    let k = 2.0 / (side - 7.0);
    let (s, t) = ((u - side / 2.0) * k, (v - side / 2.0) * k);
    let (a, b) = (1.0 - s * s, 1.0 - t * t);
    bend[0] * a + bend[1] * b + bend[2] * (a * t) + bend[3] * (b * s)
}

/// The smallest copy of a frame in which a module is still `least` pixels wide.
pub(crate) fn level_for(module: f32, least: f32, most: usize) -> usize {
    let mut level = 0;
    while level < most && module / (2 << level) as f32 >= least {
        level += 1;
    }
    level
}

/// Reads how dark modules are. Its buffers serve every grid.
#[derive(Default)]
pub(crate) struct Sampler {
    cells: Vec<f32>,
    count: Sums,
    total: Sums,
    light: Sums,
    light_count: Sums,
}

/// How far around a module others tell what is dark and light there: 11 x 11 modules hold both in
/// every symbol (masks leave no such area plain), and light changes little across them.
const REACH: usize = 5;

impl Sampler {
    /// Darkness of every module of `grid`, row by row as printed: positive is dark, +-1 is the
    /// mean of the dark and of the light modules around. Modules outside the frame are 0.
    ///
    /// `plane` is the frame or, for large modules, its copy at `level`. `false` when more than
    /// half of the modules lie outside.
    pub(crate) fn sample(
        &mut self,
        plane: &Plane<'_>,
        level: usize,
        grid: &Grid,
        out: &mut Vec<f32>,
    ) -> bool {
        let n = grid.side;
        let scaled = grid.at_level(level);
        let wide = scaled.module_size() > WIDE;
        self.cells.clear();
        let mut outside = 0;
        for row in 0..n {
            let v = row as f32 + 0.5;
            // From module to module as far as perspective goes; down the row's own step.
            let c = n as f32 / 2.0;
            let down = (scaled.map(c, v + OFF) - scaled.map(c, v - OFF)) * 0.5;
            let mut here = scaled.map(0.5, v);
            for column in 0..n {
                let next = scaled.map(column as f32 + 1.5, v);
                let right = (next - here) * OFF;
                let cell = sample_module(plane, here, wide.then_some((right, down)));
                outside += usize::from(cell.is_nan());
                self.cells.push(cell);
                here = next;
            }
        }
        if outside * 2 > n * n {
            return false;
        }
        self.normalise(n, grid.inverted, out);
        if grid.mirrored {
            for y in 0..n {
                for x in 0..y {
                    out.swap(y * n + x, x * n + y);
                }
            }
        }
        true
    }

    /// The least half distance of dark and light that is taken for one: a share of what it is in
    /// the mean over the symbol's modules.
    fn least_contrast(&self, n: usize) -> f32 {
        let (mut sum, mut parts) = (0.0, 0.0f32);
        for i in (0..n * n).step_by(7) {
            let (all, number) = (self.total.around(n, i), self.count.around(n, i));
            let (light, lights) = (self.light.around(n, i), self.light_count.around(n, i));
            if lights >= 1.0 && number - lights >= 1.0 {
                sum += (light / lights - (all - light) / (number - lights)) / 2.0;
                parts += 1.0;
            }
        }
        (WASHED_OUT * sum / parts.max(1.0)).max(1.0)
    }

    fn normalise(&mut self, n: usize, inverted: bool, out: &mut Vec<f32>) {
        let cells = &self.cells;
        self.count
            .fill(n, |i| f32::from(u8::from(!cells[i].is_nan())));
        self.total
            .fill(n, |i| if cells[i].is_nan() { 0.0 } else { cells[i] });
        out.clear();
        let (count, total) = (&self.count, &self.total);
        out.extend((0..n * n).map(|i| total.around(n, i) / count.around(n, i).max(1.0)));
        // Halfway between the mean of what is lighter than the mean and of what is darker.
        self.light
            .fill(n, |i| if cells[i] > out[i] { cells[i] } else { 0.0 });
        self.light_count
            .fill(n, |i| f32::from(u8::from(cells[i] > out[i])));
        let least = self.least_contrast(n);
        let (total, count) = (&self.total, &self.count);
        for (i, value) in out.iter_mut().enumerate() {
            if cells[i].is_nan() {
                *value = 0.0;
                continue;
            }
            let (all, number) = (total.around(n, i), count.around(n, i));
            let (light, lights) = (self.light.around(n, i), self.light_count.around(n, i));
            let mut middle = *value;
            let mut half = least;
            if lights >= 1.0 && number - lights >= 1.0 {
                let (white, black) = (light / lights, (all - light) / (number - lights));
                middle = (white + black) / 2.0;
                half = ((white - black) / 2.0).max(least);
            }
            let darkness = ((middle - cells[i]) / half).clamp(-2.0, 2.0);
            *value = if inverted { -darkness } else { darkness };
        }
    }
}

/// The share of the symbol's own contrast below which a part of it counts as washed out: its
/// modules then have small values, as unsure ones should, instead of noise at full scale.
const WASHED_OUT: f32 = 0.25;

/// Modules wider than this, pixels, are looked at in five points.
const WIDE: f32 = 2.5;

/// How far these are off the middle, modules: a little under a quarter stays inside the module even
/// when the grid is off by a quarter of it.
const OFF: f32 = 0.22;

/// The grey level of a module: of its middle, or also of four points around it. NaN outside.
#[inline]
fn sample_module(plane: &Plane<'_>, at: Vector, around: Option<(Vector, Vector)>) -> f32 {
    let Some(middle) = plane.sample(at) else {
        return f32::NAN;
    };
    let Some((right, down)) = around else {
        return middle;
    };
    let (a, b) = (right + down, right - down);
    let mut sum = 2.0 * middle;
    for p in [at + a, at - a, at + b, at - b] {
        sum += plane.sample(p).unwrap_or(middle);
    }
    sum * (1.0 / 6.0)
}

/// Sums over squares of modules, by a summed-area table.
#[derive(Default)]
struct Sums(Vec<f32>);

impl Sums {
    fn fill(&mut self, n: usize, value: impl Fn(usize) -> f32) {
        let width = n + 1;
        self.0.clear();
        self.0.resize(width * width, 0.0);
        for y in 0..n {
            let mut row = 0.0;
            for x in 0..n {
                row += value(y * n + x);
                self.0[(y + 1) * width + x + 1] = self.0[y * width + x + 1] + row;
            }
        }
    }

    /// The sum over the square of [`REACH`] around module `i`, as far as it is in the symbol.
    #[inline]
    fn around(&self, n: usize, i: usize) -> f32 {
        let (x, y) = (i % n, i / n);
        let (x0, x1) = (x.saturating_sub(REACH), (x + REACH + 1).min(n));
        let (y0, y1) = (
            y.saturating_sub(REACH) * (n + 1),
            (y + REACH + 1).min(n) * (n + 1),
        );
        self.0[y1 + x1] - self.0[y0 + x1] - self.0[y1 + x0] + self.0[y0 + x0]
    }
}
