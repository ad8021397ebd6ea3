//! The shape of one finder: its centre and how the symbol's axes lie there.
//!
//! Rays from the centre cross the edges of the rings. A finder is a square seen from near enough
//! to be a parallelogram, so in its own axes every ray ends at a distance of 3 modules from the
//! centre, halfway between both edges of the outer ring, on one of four sides. Which ray ends on
//! which side follows from the axes and the axes from the rays: the two are solved in turn, from
//! several first guesses, by least squares.

use super::finder::Finder;
use super::locate::{AROUND, edges, finder_middle};
use super::plane::Plane;
use crate::geometry::{Vector, vector};

/// A finder with its axes.
#[derive(Clone, Copy, Debug)]
pub(crate) struct FinderShape {
    pub(crate) centre: Vector,
    /// One module along either axis, pixels; `down` lies clockwise of `right`. Which of the four
    /// turns is the symbol's own cannot be told from one finder.
    pub(crate) right: Vector,
    pub(crate) down: Vector,
    pub(crate) inverted: bool,
    /// Grey levels: the middle between its dark and its light, and half their distance; see
    /// [`FinderShape::with_levels`].
    pub(crate) middle: f32,
    pub(crate) half: f32,
    /// Root mean square distance of the rays' ends from the sides, modules.
    pub(crate) error: f32,
}

const RAYS: usize = 24;
/// Rays that must have been seen: under dirt, glare or a finger some are not.
const LEAST_RAYS: usize = 10;
/// Ends lie within a tenth of a module when sharp; within 0.3 under blur and noise. Random
/// patterns that passed for a finder are worse.
const MOST_ERROR: f32 = 0.42;

impl FinderShape {
    /// Measures a finder found in `plane`; `None` when its edges are no square's.
    pub(crate) fn measure(plane: &Plane<'_>, finder: &Finder) -> Option<Self> {
        let middle = finder_middle(plane, finder)?;
        let mut ends = [Vector::default(); RAYS];
        let mut count = 0;
        for i in 0..RAYS {
            let angle = i as f32 * (std::f32::consts::TAU / RAYS as f32);
            let along = vector(angle.cos(), angle.sin());
            if let Some(e) = edges(plane, finder, along, middle) {
                ends[count] = along * ((e[1] + e[2]) / 2.0);
                count += 1;
            }
        }
        if count < LEAST_RAYS {
            return None;
        }
        let ends = &ends[..count];
        let guess = finder.size / 8.0;
        // Axes turned by 0, 22.5, 45 and 67.5 degrees reach every orientation.
        let best = (0..4)
            .filter_map(|i| {
                let angle = i as f32 * std::f32::consts::FRAC_PI_8;
                let right = vector(angle.cos(), angle.sin()) * (1.0 / guess);
                solve_sides(ends, right, vector(-right.y, right.x))
            })
            .min_by(|a, b| a.error.total_cmp(&b.error))?;
        (best.error < MOST_ERROR).then(|| Self {
            centre: finder.centre + best.centre,
            inverted: finder.inverted,
            ..best
        })
    }

    /// The same finder with the grey levels of `plane`; `None` off its edge, and when what should
    /// be light is not.
    pub(crate) fn with_levels(&self, plane: &Plane<'_>) -> Option<Self> {
        let (mut stone, mut ring) = (0.0, 0.0);
        for (u, v) in AROUND {
            stone += plane.sample(self.at(u * 0.8, v * 0.8))? / 8.0;
            ring += plane.sample(self.at(u * 2.0, v * 2.0))? / 8.0;
        }
        let half = (ring - stone) / 2.0;
        let half = if self.inverted { -half } else { half };
        (half > 0.5).then_some(Self {
            middle: (ring + stone) / 2.0,
            half,
            ..*self
        })
    }

    /// The point at (u, v) modules from the centre.
    pub(crate) fn at(&self, u: f32, v: f32) -> Vector {
        self.centre + self.right * u + self.down * v
    }

    /// Where a point lies in the finder's own axes, modules from its centre.
    pub(crate) fn to_modules(self, p: Vector) -> Vector {
        let d = p - self.centre;
        let k = 1.0 / self.right.cross(self.down);
        vector(d.cross(self.down) * k, self.right.cross(d) * k)
    }

    /// The same finder with its axes turned by `turns` right angles.
    pub(crate) fn turned(&self, turns: usize) -> Self {
        let minus = |p: Vector| p * -1.0;
        let (right, down) = match turns % 4 {
            0 => (self.right, self.down),
            1 => (self.down, minus(self.right)),
            2 => (minus(self.right), minus(self.down)),
            _ => (minus(self.down), self.right),
        };
        Self {
            right,
            down,
            ..*self
        }
    }

    /// Pixels per module, the root of a module's area.
    pub(crate) fn module(&self) -> f32 {
        self.right.cross(self.down).abs().sqrt()
    }

    /// The same finder in the frame, when found in its copy at some level.
    pub(crate) fn scaled(&self, scale: f32, shift: f32) -> Self {
        Self {
            centre: vector(self.centre.x * scale + shift, self.centre.y * scale + shift),
            right: self.right * scale,
            down: self.down * scale,
            ..*self
        }
    }
}

/// Sums for the least-squares line `a . p + c * sign = 3 * sign` of one pair of opposite sides.
#[derive(Default)]
struct SideSums {
    matrix: [[f64; 4]; 3],
    count: [usize; 2],
}

impl SideSums {
    fn add(&mut self, p: Vector, positive: bool) {
        let row = [f64::from(p.x), f64::from(p.y), 1.0];
        let target = if positive { 3.0 } else { -3.0 };
        for (i, sums) in self.matrix.iter_mut().enumerate() {
            for (sum, &value) in sums.iter_mut().zip(&row) {
                *sum += row[i] * value;
            }
            sums[3] += row[i] * target;
        }
        self.count[usize::from(positive)] += 1;
    }

    /// The row vector of the map to modules, and its offset.
    fn solve(&self) -> Option<(Vector, f32)> {
        // Two ends on each side fix direction and offset; fewer leave one of them open.
        if self.count[0] < 2 || self.count[1] < 2 {
            return None;
        }
        let mut m = self.matrix;
        for i in 0..3 {
            let pivot = (i..3).max_by(|&p, &q| m[p][i].abs().total_cmp(&m[q][i].abs()))?;
            m.swap(i, pivot);
            if m[i][i].abs() < 1e-9 {
                return None;
            }
            let lead = m[i];
            for (r, row) in m.iter_mut().enumerate() {
                if r != i {
                    let f = row[i] / lead[i];
                    for (a, b) in row.iter_mut().zip(&lead) {
                        *a -= f * b;
                    }
                }
            }
        }
        let x = |i: usize| (m[i][3] / m[i][i]) as f32;
        Some((vector(x(0), x(1)), x(2)))
    }
}

/// Alternates between giving each end to a side and fitting the sides. `u` and `v` are the rows of
/// the map from pixels to modules.
fn solve_sides(ends: &[Vector], mut u: Vector, mut v: Vector) -> Option<FinderShape> {
    let (mut cu, mut cv) = (0.0, 0.0);
    for _ in 0..6 {
        let (mut across, mut along) = (SideSums::default(), SideSums::default());
        for &p in ends {
            let (a, b) = (u.dot(p) + cu, v.dot(p) + cv);
            if a.abs() > b.abs() {
                across.add(p, a > 0.0);
            } else {
                along.add(p, b > 0.0);
            }
        }
        (u, cu) = across.solve()?;
        (v, cv) = along.solve()?;
    }
    // Ends that are off by half a module and more are of something else; they may be a quarter.
    let mut sum = 0.0;
    let mut kept = 0;
    for &p in ends {
        let off = (u.dot(p) + cu).abs().max((v.dot(p) + cv).abs()) - 3.0;
        if off.abs() < 0.7 {
            sum += off * off;
            kept += 1;
        }
    }
    if kept * 4 < ends.len() * 3 {
        return None;
    }
    let det = u.cross(v);
    let (right, down) = (
        vector(v.y, -v.x) * (1.0 / det),
        vector(-u.y, u.x) * (1.0 / det),
    );
    let centre = right * -cu + down * -cv;
    // Seen at 70 degrees a square is three times as long as wide.
    let (lr, ld) = (right.length(), down.length());
    let fine = det.is_finite() && lr > 0.3 && ld > 0.3 && lr < 4.0 * ld && ld < 4.0 * lr;
    let (right, down) = if right.cross(down) > 0.0 {
        (right, down)
    } else {
        (down, right)
    };
    (fine && right.cross(down) > 0.3 * lr * ld).then_some(FinderShape {
        centre,
        right,
        down,
        inverted: false,
        middle: 0.0,
        half: 0.0,
        error: (sum / kept as f32).sqrt(),
    })
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn drawn(centre: Vector, right: Vector, down: Vector) -> Vec<u8> {
        let shape = FinderShape {
            centre,
            right,
            down,
            inverted: false,
            middle: 0.0,
            half: 0.0,
            error: 0.0,
        };
        let mut pixels = vec![0; 200 * 200];
        for (i, pixel) in pixels.iter_mut().enumerate() {
            let mut light = 0;
            for s in 0..16 {
                let (dx, dy) = ((s % 4) as f32 / 4.0 - 0.375, (s / 4) as f32 / 4.0 - 0.375);
                let p = vector((i % 200) as f32 + dx, (i / 200) as f32 + dy);
                let m = shape.to_modules(p);
                let ring = m.x.abs().max(m.y.abs());
                light += u32::from(!(ring < 1.5 || (2.5..3.5).contains(&ring)));
            }
            *pixel = (40 + light * 160 / 16) as u8;
        }
        pixels
    }

    proptest! {
        #[test]
        fn the_axes_of_a_turned_and_tilted_finder_are_found(
            angle in 0.0f32..6.3, module in 4.0f32..12.0, aspect in 0.5f32..1.0, lean in -0.3f32..0.3,
        ) {
            let right = vector(angle.cos(), angle.sin()) * module;
            let down = vector(-right.y, right.x) * aspect + right * lean;
            let centre = vector(100.3, 99.1);
            let pixels = drawn(centre, right, down);
            let plane = Plane::new(&pixels, 200, 200, 200).unwrap();
            let size = 7.0 * module;
            let found = Finder {
                centre: centre + vector(0.4, -0.5), size, inverted: false, contrast: 100.0, likeness: 1.0,
            };
            let shape = FinderShape::measure(&plane, &found).unwrap();
            prop_assert!(shape.centre.distance(centre) < 0.08 * module);
            // One of the four turns is the one drawn.
            let best = (0..4)
                .map(|t| shape.turned(t))
                .map(|s| s.right.distance(right) + s.down.distance(down))
                .fold(f32::MAX, f32::min);
            prop_assert!(best < 0.1 * module, "off by {} of {}", best, module);
        }
    }
}
