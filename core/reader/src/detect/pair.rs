//! Grids from two finders, when the third is torn off, covered or outside the frame.
//!
//! Each finder brings the symbol's axes with it ([`super::shape`]). Where the second lies in the
//! axes of the first says whether they stand on one side of the symbol or on its diagonal, and how
//! many modules apart; only which end is which is open, and tried.

use super::pattern::KnownModule;
use super::plane::Plane;
use super::shape::FinderShape;
use crate::decode::tables::{VERSIONS, side_of};
use crate::geometry::{Homography, Match, Vector, vector};
use crate::grid::Grid;

/// The corners of a symbol that have finders.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Corner {
    TopLeft,
    TopRight,
    BottomLeft,
}

impl Corner {
    /// The middle of its finder in module coordinates.
    pub(crate) fn middle(self, side: usize) -> Vector {
        let far = side as f32 - 3.5;
        match self {
            Self::TopLeft => vector(3.5, 3.5),
            Self::TopRight => vector(far, 3.5),
            Self::BottomLeft => vector(3.5, far),
        }
    }
}

/// A grid that two finders would make.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Hypothesis {
    pub(crate) grid: Grid,
    /// Where the finders it was made from stand, module coordinates.
    pub(crate) anchors: [Vector; 2],
    /// Agreement of the function patterns without the finders it was made from.
    pub(crate) rest: f32,
}

/// A grid with the two finders it was made from.
#[derive(Clone, Copy, Debug)]
pub(crate) struct PairGrid {
    pub(crate) grid: Grid,
    pub(crate) ends: [(FinderShape, Corner); 2],
}

impl PairGrid {
    /// From one finder, which may be at any corner and turned in any way.
    pub(crate) fn from_one(shape: &FinderShape, side: usize) -> impl Iterator<Item = Self> {
        let corners = [Corner::TopLeft, Corner::TopRight, Corner::BottomLeft];
        (0..12).filter_map(move |i| {
            let end = (shape.turned(i % 4), corners[i / 4]);
            Some(Self {
                grid: grid(side, &[end])?,
                ends: [end, end],
            })
        })
    }

    fn new(side: usize, ends: [(FinderShape, Corner); 2]) -> Option<Self> {
        Some(Self {
            grid: grid(side, &ends)?,
            ends,
        })
    }
}

/// How far the distance of two finders may be from a version's, as a share: axes are good to a
/// few percent, and the module size in the middle is the mean of both ends' only nearly.
const DISTANCE_SLACK: f32 = 0.12;

/// The grids that `a` and `b` would make, into `out`: for both ends either way round. `sides`
/// limits the number of modules a side when it is known.
pub(crate) fn grids(a: &FinderShape, b: &FinderShape, sides: &[usize], out: &mut Vec<PairGrid>) {
    out.clear();
    if a.inverted != b.inverted {
        return;
    }
    // The modules of one symbol differ by less than this from finder to finder; see `triple`.
    let (small, large) = (a.module().min(b.module()), a.module().max(b.module()));
    if large > 1.8 * small {
        return;
    }
    for (a, b) in [(a, b), (b, a)] {
        side_pair(a, b, sides, out);
        diagonal_pair(a, b, sides, out);
    }
}

/// `b` to the right of `a` along a side.
fn side_pair(a: &FinderShape, b: &FinderShape, sides: &[usize], out: &mut Vec<PairGrid>) {
    let Some(a) = (0..4).map(|t| a.turned(t)).find(|a| {
        let m = a.to_modules(b.centre);
        m.x > 0.0 && m.y.abs() <= 0.4 * m.x
    }) else {
        return;
    };
    let b = aligned(b, &a);
    let (from_a, from_b) = (a.to_modules(b.centre), b.to_modules(a.centre));
    if from_b.x >= 0.0 || from_b.y.abs() > 0.4 * -from_b.x {
        return;
    }
    for side in sides_near((from_a.x * -from_b.x).sqrt(), sides) {
        out.extend(PairGrid::new(
            side,
            [(a, Corner::TopLeft), (b, Corner::TopRight)],
        ));
        // Upwards: the first is below, the axes are turned.
        let (a, b) = (a.turned(1), b.turned(1));
        out.extend(PairGrid::new(
            side,
            [(a, Corner::BottomLeft), (b, Corner::TopLeft)],
        ));
    }
}

/// `a` top right and `b` bottom left.
fn diagonal_pair(a: &FinderShape, b: &FinderShape, sides: &[usize], out: &mut Vec<PairGrid>) {
    let Some(a) = (0..4).map(|t| a.turned(t)).find(|a| {
        let m = a.to_modules(b.centre);
        m.x < 0.0 && m.y > 0.0 && m.y < 2.0 * -m.x && -m.x < 2.0 * m.y
    }) else {
        return;
    };
    let b = aligned(b, &a);
    let (from_a, from_b) = (a.to_modules(b.centre), b.to_modules(a.centre));
    if from_b.x <= 0.0 || from_b.y >= 0.0 {
        return;
    }
    let diagonal = (from_a.length() * from_b.length()).sqrt();
    for side in sides_near(diagonal * std::f32::consts::FRAC_1_SQRT_2, sides) {
        out.extend(PairGrid::new(
            side,
            [(a, Corner::TopRight), (b, Corner::BottomLeft)],
        ));
    }
}

/// `b` turned so that its axes run as those of `a`.
fn aligned(b: &FinderShape, a: &FinderShape) -> FinderShape {
    let along = |t: usize| {
        let b = b.turned(t);
        b.right.dot(a.right) / b.right.length() + b.down.dot(a.down) / b.down.length()
    };
    let turns = (0..4).max_by(|&p, &q| along(p).total_cmp(&along(q)));
    b.turned(turns.unwrap_or(0))
}

/// Sides whose finders are about `distance` modules apart: at most the three nearest.
fn sides_near(distance: f32, sides: &[usize]) -> impl Iterator<Item = usize> {
    let off = move |side: usize| (side as f32 - 7.0 - distance).abs();
    let slack = if sides.is_empty() {
        DISTANCE_SLACK
    } else {
        2.0 * DISTANCE_SLACK
    };
    let near = move |side: usize| off(side) < slack * distance + 0.5;
    let mut found = [0usize; 3];
    let mut count = 0;
    let mut push = |side: usize| {
        if near(side) && count < found.len() {
            found[count] = side;
            count += 1;
        }
    };
    if sides.is_empty() {
        let nearest = ((distance + 7.0 - 17.0) / 4.0).round() as i32;
        for version in [nearest, nearest - 1, nearest + 1] {
            if u8::try_from(version).is_ok_and(|v| VERSIONS.contains(&v)) {
                push(side_of(version as u8));
            }
        }
    } else {
        sides.iter().for_each(|&side| push(side));
    }
    found.into_iter().take(count)
}

/// The grid through finders whose axes run as the symbol's. Perspective comes from how their axes
/// differ; where they leave it open, opposite sides stay parallel.
pub(crate) fn grid(side: usize, finders: &[(FinderShape, Corner)]) -> Option<Grid> {
    let mut matches = [Match {
        from: vector(0.0, 0.0),
        to: vector(0.0, 0.0),
        weight: 0.0,
    }; 32];
    let mut count = 0;
    let mut push = |from: Vector, to: Vector, weight: f32| {
        matches[count] = Match { from, to, weight };
        count += 1;
    };
    for (shape, corner) in finders {
        let middle = corner.middle(side);
        push(middle, shape.centre, 4.0);
        for (u, v) in [(-3.0, -3.0), (3.0, -3.0), (-3.0, 3.0), (3.0, 3.0)] {
            push(middle + vector(u, v), shape.at(u, v), 1.0);
        }
        // Weakly: this finder's axes as far as the other corners.
        let far = side as f32 - 3.5;
        for (u, v) in [(3.5, 3.5), (far, 3.5), (3.5, far), (far, far)] {
            let off = vector(u, v) - middle;
            push(vector(u, v), shape.at(off.x, off.y), 0.02);
        }
    }
    let to_frame = Homography::fit(&matches[..count])?;
    Some(Grid {
        side,
        to_frame,
        bend: None,
        mirrored: false,
        inverted: finders.first()?.0.inverted,
    })
}

/// Agreement of the function patterns with the frame, without the modules of the finders that
/// made the grid: those agree in any case. The light is taken to change evenly from one finder to
/// the other. `plane` is the frame's copy at `level`.
pub(crate) fn rest_agreement(
    plane: &Plane<'_>,
    level: usize,
    grid: &Grid,
    modules: &[KnownModule],
    ends: &[(FinderShape, Corner); 2],
) -> f32 {
    let small = grid.at_level(level);
    let [(a, at_a), (b, at_b)] = ends;
    let (from, to) = (at_a.middle(grid.side), at_b.middle(grid.side));
    let way = to - from;
    let along = way * (1.0 / way.dot(way).max(1.0));
    let own = |p: Vector| {
        let near = |c: Vector| (p.x - c.x).abs() < 4.6 && (p.y - c.y).abs() < 4.6;
        near(from) || near(to)
    };
    let (mut sum, mut count) = (0.0, 0.0f32);
    for m in modules {
        let (u, v) = m.middle();
        let p = vector(u, v);
        if own(p) {
            continue;
        }
        if let Some(grey) = plane.sample(small.map(u, v)) {
            let t = (p - from).dot(along).clamp(0.0, 1.0);
            let middle = a.middle + (b.middle - a.middle) * t;
            let half = (a.half + (b.half - a.half) * t).max(1.0);
            sum += ((middle - grey) / half).clamp(-1.0, 1.0) * m.sign();
            count += 1.0;
        }
    }
    // Half of what is left must be in the frame.
    if count < 20.0 {
        return 0.0;
    }
    let agreement = sum / count;
    if grid.inverted { -agreement } else { agreement }
}
