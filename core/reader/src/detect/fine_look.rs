//! The second look at a place where the finder pattern correlates, with a module two pixels wide.

use super::correlate::{Sampling, correlation};
use super::plane::{Plane, scale_of};
use crate::geometry::Vector;

/// The second look at a place, with a module two pixels wide.
pub(super) struct FineLook {
    sums: [u32; FINE * FINE],
    squares: [u32; FINE * FINE],
}

impl Default for FineLook {
    fn default() -> Self {
        Self {
            sums: [0; FINE * FINE],
            squares: [0; FINE * FINE],
        }
    }
}

/// How far the centre is moved in the second look, half modules: as far as its neighbours in the
/// first.
const MOVES: i32 = 2;
/// The pattern is 18 half modules wide; a table has a row and a column more than what it sums up.
const FINE: usize = 18 + 2 * MOVES as usize + 1;

impl FineLook {
    /// Every sample is dear, being one of a few hundred: looked up twice and then summed up.
    pub(super) const WORK: usize = 2 * FINE * FINE;

    /// The best score around `around`'s origin, of one polarity, and where it is in the frame.
    pub(super) fn best(
        &mut self,
        plane: &Plane<'_>,
        level: usize,
        around: &Sampling,
        inverted: bool,
    ) -> (f32, Vector) {
        let (scale, shift) = scale_of(level);
        let half = (FINE as f32 - 1.0) / 2.0;
        let (right, bottom) = (plane.width() as i32 - 1, plane.height() as i32 - 1);
        for y in 1..FINE {
            let (mut sum, mut square) = (0, 0);
            for x in 1..FINE {
                let p = around.at(x as f32 - 0.5 - half, y as f32 - 0.5 - half);
                let (px, py) = (
                    ((p.x - shift) / scale + 0.5) as i32,
                    ((p.y - shift) / scale + 0.5) as i32,
                );
                let grey = plane.at(px.clamp(0, right) as usize, py.clamp(0, bottom) as usize);
                sum += u32::from(grey);
                square += u32::from(grey) * u32::from(grey);
                self.sums[y * FINE + x] = self.sums[(y - 1) * FINE + x] + sum;
                self.squares[y * FINE + x] = self.squares[(y - 1) * FINE + x] + square;
            }
        }
        let mut best = (0.0f32, around.origin);
        for dy in -MOVES..=MOVES {
            for dx in -MOVES..=MOVES {
                let score = self.score(dx, dy);
                if (score < 0.0) == inverted && score.abs() > best.0.abs() {
                    best = (score, around.at(dx as f32, dy as f32));
                }
            }
        }
        best
    }

    fn score(&self, dx: i32, dy: i32) -> f32 {
        let centre = (FINE as i32 - 1) / 2;
        let boxed = |table: &[u32; FINE * FINE], modules: i32| {
            let at = |x: i32, y: i32| table[y as usize * FINE + x as usize];
            let (left, right) = (centre + dx - modules, centre + dx + modules);
            let (top, bottom) = (centre + dy - modules, centre + dy + modules);
            (at(right, bottom) + at(left, top) - at(right, top) - at(left, bottom)) as f32
        };
        // Half the widths of the boxes: 3, 5, 7 and 9 half modules.
        let [stone, ring, finder, all] = [3, 5, 7, 9].map(|half| boxed(&self.sums, half));
        let square = boxed(&self.squares, 9);
        correlation(stone + finder - ring, all, square, 0.25)
    }
}
