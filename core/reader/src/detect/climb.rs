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

    /// The sum over `modules` of how well each agrees with what lies under it.
    fn sum(&self, patch: &Patch, modules: &[KnownModule], transposed: bool) -> f32 {
        let mut sum = 0.0;
        // By arrays of one length, so that mapping vectorises.
        for modules in modules.chunks(LANES) {
            let (mut x, mut y) = ([0.0; LANES], [0.0; LANES]);
            for ((x, y), module) in x.iter_mut().zip(&mut y).zip(modules) {
                (*x, *y) = module.middle();
            }
            let (u, v) = if transposed { (&y, &x) } else { (&x, &y) };
            let points = self.points(u, v);
            for ((&x, &y), module) in points.0.iter().zip(&points.1).zip(modules) {
                sum += patch.at(vector(x, y)) * module.sign();
            }
        }
        sum
    }

    /// Where modules lie in the patch.
    #[inline]
    fn points(&self, u: &[f32; LANES], v: &[f32; LANES]) -> ([f32; LANES], [f32; LANES]) {
        let (mut x, mut y) = ([0.0; LANES], [0.0; LANES]);
        let out = x.iter_mut().zip(&mut y).zip(u.iter().zip(v));
        if self.bent {
            for ((x, y), (&u, &v)) in out {
                let p = self.map.map(u, v) + bend_at(&self.bend, self.side, u, v);
                (*x, *y) = (p.x, p.y);
            }
        } else {
            for ((x, y), (&u, &v)) in out {
                let p = self.map.map(u, v);
                (*x, *y) = (p.x, p.y);
            }
        }
        (x, y)
    }
}

/// Modules mapped at a time.
const LANES: usize = 16;

/// A look maps a module into an image and interpolates: as dear as five pixels of a scan.
pub(crate) const WORK_PER_LOOK: usize = 5;

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
        Some(pose) if !modules.is_empty() => {
            pose.sum(patch, modules, grid.mirrored) * sign / modules.len() as f32
        }
        _ => 0.0,
    }
}

/// The share of the modules that is looked at first: where they already agree less than before by
/// more than chance, the others are not looked at. `modules` are in no order (see
/// [`super::pattern::mix`]), so the first are a fair sample.
const SAMPLE: usize = 4;

/// What the sample may agree less, for each module of a step: about the deviation by chance of the
/// change seen by a quarter of 800 modules.
const SAMPLE_SLACK: f32 = 0.06;

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
    let (sample, others) = modules.split_at(modules.len() / SAMPLE);
    let mirrored = grid.mirrored;
    let mut best_sample = pose.sum(patch, sample, mirrored) * sign;
    let mut best = best_sample + pose.sum(patch, others, mirrored) * sign;
    let mut looks = modules.len();
    let mut modules_moved = reach.step;
    let parameters = if reach.bend { 16 } else { 8 };
    for _ in 0..reach.rounds {
        let step = modules_moved * grid.module_size() / patch.scale();
        let slack = SAMPLE_SLACK * modules_moved * sample.len() as f32;
        for index in 0..parameters {
            for by in [step, -step] {
                let mut next = pose;
                if !next.nudge(index, by) {
                    continue;
                }
                let reached_sample = next.sum(patch, sample, mirrored) * sign;
                looks += sample.len();
                if reached_sample < best_sample - slack {
                    continue;
                }
                let reached = reached_sample + next.sum(patch, others, mirrored) * sign;
                looks += others.len();
                if reached > best + 1e-5 * modules.len() as f32 {
                    (best_sample, best) = (reached_sample, reached);
                    pose = next;
                    break;
                }
            }
        }
        modules_moved *= 0.6;
    }
    if let Some(moved) = pose.grid(grid, patch) {
        *grid = moved;
    }
    (best / modules.len() as f32, looks * WORK_PER_LOOK)
}
