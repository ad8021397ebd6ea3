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

/// The grid through three finders of a sheet that may be bent: how the finders' axes differ along a
/// side tells the bend. `ends` are top left, top right and bottom left.
pub(crate) fn bent_grid(side: usize, ends: &[FinderShape; 3]) -> Option<Grid> {
    let far = side as f32 - 3.5;
    let [a, b, c] = ends.map(|shape| shape.centre);
    let to_frame = Homography::from_square(3.5, far, &[a, b, c, b + c - a])?;
    // The derivatives of the bend at both ends of a side are opposite; see `Grid::map`.
    let by_half = (far - 3.5) / 2.0;
    let bend = [
        (ends[0].right - ends[1].right) * (by_half / 4.0),
        (ends[0].down - ends[2].down) * (by_half / 4.0),
    ];
    Some(Grid {
        side,
        to_frame,
        bend: Some([bend[0], bend[1], Vector::default(), Vector::default()]),
        mirrored: false,
        inverted: ends[0].inverted,
    })
}

/// How far along the side another finder may be in the axes of one, as a share of what a plane sheet
/// would have, and across it as a share of that: on a sheet bent by 60 degrees at its ends their
/// modules are half as wide as in its middle.
const LEAST_ALONG: f32 = 0.4;
const MOST_ALONG: f32 = 2.0;
const MOST_ACROSS: f32 = 0.5;

/// The finder at the corner `a`, turned so that `b` lies to its right and `c` below it, with theirs
/// turned alike; `None` when they cannot be a symbol of `side` modules.
pub(crate) fn bent_triple(
    a: &FinderShape,
    b: &FinderShape,
    c: &FinderShape,
    side: usize,
) -> Option<[FinderShape; 3]> {
    let span = (side - 7) as f32;
    let fits = |along: f32, across: f32| {
        along > LEAST_ALONG * span
            && along < MOST_ALONG * span
            && across.abs() < MOST_ACROSS * along
    };
    let a = (0..4).map(|turns| a.turned(turns)).find(|a| {
        let (to_b, to_c) = (a.to_modules(b.centre), a.to_modules(c.centre));
        fits(to_b.x, to_b.y) && fits(to_c.y, to_c.x)
    })?;
    let (b, c) = (aligned(b, &a), aligned(c, &a));
    let (from_b, from_c) = (b.to_modules(a.centre), c.to_modules(a.centre));
    (fits(-from_b.x, from_b.y) && fits(-from_c.y, from_c.x)).then_some([a, b, c])
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

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    /// The finder of a grid at `corner`, as it would be measured, turned in any way.
    fn seen(grid: &Grid, corner: Corner, turns: usize) -> FinderShape {
        let middle = corner.middle(grid.side);
        let at = |u: f32, v: f32| grid.map(middle.x + u, middle.y + v);
        let shape = FinderShape {
            centre: at(0.0, 0.0),
            right: (at(3.0, 0.0) - at(-3.0, 0.0)) * (1.0 / 6.0),
            down: (at(0.0, 3.0) - at(0.0, -3.0)) * (1.0 / 6.0),
            inverted: false,
            middle: 128.0,
            half: 60.0,
            error: 0.0,
        };
        shape.turned(turns)
    }

    proptest! {
        #[test]
        fn a_bent_sheet_is_found_from_its_finders(
            angle in 0.0f32..6.3, module in 4.0f32..12.0, along in -18.0f32..18.0, down in -18.0f32..18.0,
            turns in prop::array::uniform3(0usize..4),
        ) {
            let side = 33;
            let right = vector(angle.cos(), angle.sin()) * module;
            let far = side as f32 - 7.0;
            let origin = vector(900.0, 500.0);
            let below = vector(-right.y, right.x);
            let quad = [origin, origin + right * far, origin + below * far, origin + (right + below) * far];
            let bends = [right * (along / 8.0), below * (down / 8.0)];
            let flat = Grid {
                side,
                to_frame: Homography::from_square(3.5, side as f32 - 3.5, &quad).unwrap(),
                bend: Some([bends[0], bends[1], Vector::default(), Vector::default()]),
                mirrored: false,
                inverted: false,
            };
            let corners = [Corner::TopLeft, Corner::TopRight, Corner::BottomLeft];
            let [a, b, c] = std::array::from_fn(|i| seen(&flat, corners[i], turns[i]));
            let ends = bent_triple(&a, &b, &c, side).unwrap();
            let grid = bent_grid(side, &ends).unwrap();
            for i in 0..25 {
                let (u, v) = ((i % 5) as f32 * 8.0 + 0.5, (i / 5) as f32 * 8.0 + 0.5);
                prop_assert!(grid.map(u, v).distance(flat.map(u, v)) < 0.5 * module);
            }
            // With the wrong corner it is no symbol seen from its front.
            prop_assert!(bent_triple(&a, &c, &b, side).is_none());
        }
    }
}
