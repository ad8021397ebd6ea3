//! Moves a grid until the modules that are known agree best with the frame.

use super::patch::Patch;
use super::pattern::KnownModule;
use crate::geometry::{Homography, Vector, vector};
use crate::grid::{Grid, bend_at};

/// A grid by its four corner points, in the coordinates of a patch.
#[derive(Clone, Copy)]
struct Pose {
    side: f32,
    /// Top left, top right, bottom left, bottom right at the finders' centres (the last where a
    /// fourth would be).
    quad: [Vector; 4],
    bend: [Vector; 4],
    bent: bool,
    map: Homography,
}

impl Pose {
    fn of(grid: &Grid, patch: &Patch) -> Option<Self> {
        let n = grid.side as f32;
        let (low, high) = (3.5, n - 3.5);
        let quad = [(low, low), (high, low), (low, high), (high, high)]
            .map(|(u, v)| patch.point_of(grid.to_frame.map(u, v)));
        Some(Self {
            side: n,
            quad,
            bend: grid
                .bend
                .unwrap_or_default()
                .map(|b| b * (1.0 / patch.scale())),
            bent: grid.bend.is_some(),
            map: Homography::from_square(low, high, &quad)?,
        })
    }

    fn grid(&self, grid: &Grid, patch: &Patch) -> Option<Grid> {
        let quad = self.quad.map(|p| patch.frame_point_of(p));
        Some(Grid {
            to_frame: Homography::from_square(3.5, self.side - 3.5, &quad)?,
            bend: self.bent.then(|| self.bend.map(|b| b * patch.scale())),
            ..*grid
        })
    }

    /// Moves parameter `index` (corners first, then bends; x and y in turn).
    fn nudge(&mut self, index: usize, by: f32) -> bool {
        let d = if index.is_multiple_of(2) {
            vector(by, 0.0)
        } else {
            vector(0.0, by)
        };
        if index < 8 {
            // The bottom right corner has no finder and is the least certain: first.
            let corner = [3, 1, 2, 0][index / 2];
            self.quad[corner] = self.quad[corner] + d;
            match Homography::from_square(3.5, self.side - 3.5, &self.quad) {
                Some(map) => self.map = map,
                None => return false,
            }
        } else {
            self.bent = true;
            self.bend[(index - 8) / 2] = self.bend[(index - 8) / 2] + d;
        }
        true
    }

    #[inline]
    fn at(&self, u: f32, v: f32) -> Vector {
        let p = self.map.map(u, v);
        if self.bent {
            p + bend_at(&self.bend, self.side, u, v)
        } else {
            p
        }
    }

    fn agreement(&self, patch: &Patch, modules: &[KnownModule], transposed: bool) -> f32 {
        let mut sum = 0.0;
        for m in modules {
            let (u, v) = m.middle();
            let (u, v) = if transposed { (v, u) } else { (u, v) };
            sum += patch.at(self.at(u, v)) * m.sign();
        }
        sum / modules.len() as f32
    }
}

/// A look maps a module into the patch and interpolates: as dear as four pixels of a scan.
const WORK_PER_LOOK: usize = 4;

/// How far and how finely to climb.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Reach {
    /// First step, modules.
    pub(crate) step: f32,
    /// Rounds; each step is 0.6 of the last.
    pub(crate) rounds: usize,
    /// Whether the sheet may be bent.
    pub(crate) bend: bool,
}

/// Mean agreement of known modules with what lies under them: about 1 when all agree, 0 by chance.
pub(crate) fn agreement(patch: &Patch, grid: &Grid, modules: &[KnownModule]) -> f32 {
    let sign = if grid.inverted { -1.0 } else { 1.0 };
    match Pose::of(grid, patch) {
        Some(pose) if !modules.is_empty() => pose.agreement(patch, modules, grid.mirrored) * sign,
        _ => 0.0,
    }
}

/// Moves `grid` uphill, one coordinate of one corner at a time; returns the agreement reached and
/// the work done. At most `rounds * 32` positions are tried, whatever the frame.
pub(crate) fn climb(
    patch: &Patch,
    grid: &mut Grid,
    modules: &[KnownModule],
    reach: Reach,
) -> (f32, usize) {
    let sign = if grid.inverted { -1.0 } else { 1.0 };
    let (Some(mut pose), false) = (Pose::of(grid, patch), modules.is_empty()) else {
        return (0.0, 0);
    };
    let mut best = pose.agreement(patch, modules, grid.mirrored) * sign;
    let mut tried = 1;
    let mut step = reach.step * grid.module_size() / patch.scale();
    let parameters = if reach.bend { 16 } else { 8 };
    for _ in 0..reach.rounds {
        for index in 0..parameters {
            for by in [step, -step] {
                let mut next = pose;
                if !next.nudge(index, by) {
                    continue;
                }
                tried += 1;
                let reached = next.agreement(patch, modules, grid.mirrored) * sign;
                if reached > best + 1e-5 {
                    best = reached;
                    pose = next;
                    break;
                }
            }
        }
        step *= 0.6;
    }
    if let Some(moved) = pose.grid(grid, patch) {
        *grid = moved;
    }
    (best, tried * modules.len() * WORK_PER_LOOK)
}
