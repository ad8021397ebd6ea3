//! Grids when there are no three finders: from two, from one, from peaks of correlation; and grids
//! moved by what is known of labels.

use super::climb::{Reach, WORK_PER_LOOK, agreement, climb};
use super::correlate::Copies;
use super::pair::{self, Corner, Hypothesis, PairGrid, rest_agreement};
use super::patch::patch_level;
use super::pattern::KnownModule;
use super::peaks;
use super::plan::Step;
use super::plane::{LEVELS, Plane};
use super::{Detector, Hopeful, MOST_HOPEFUL, Stage, WORK_PER_FIT, grid_middle, is_taken};
use crate::geometry::{Homography, Vector, vector};
use crate::grid::Grid;

/// Most pairs of finders looked at: all pairs of those whose shape is remembered.
const MOST_PAIRS: usize = 120;

/// The timing line, the alignment pattern and, where it can be seen, the third finder agree with a
/// true grid by 0.3 and more even before it is moved; with a chance one by 0 with a deviation of
/// 0.1 (about 100 modules).
const LEAST_REST: f32 = 0.15;

/// Some 800 known modules agree by chance with a deviation of 0.04, the finders among them by 0.15
/// in all; less than this is a grid that lies on something else.
const LEAST_SETTLED: f32 = 0.25;

/// What moving must gain for a grid to be worth more: one that was grown on known modules already,
/// or lies on no label, gains less, and what is read at last has gained twice as much.
const LEAST_GAIN: f32 = 0.03;

/// Most hypotheses of a label that are moved after a look at all finders.
const MOST_LABELS: usize = 12;

/// What is known of the labels to look for.
pub(super) struct LabelModules {
    side: usize,
    masks: Vec<Vec<KnownModule>>,
}

impl Detector {
    pub(super) fn start_pairs(&mut self, frame: Plane<'_>, number: usize) -> Stage {
        self.hopeful.clear();
        self.hypotheses.clear();
        self.label_hypotheses.clear();
        let Some(side) = self.label.as_ref().map(|l| l.side) else {
            return Stage::Pair(number, 0);
        };
        self.bent_hypotheses(frame, side);
        for i in 0..self.seen.shapes().len() {
            let shape = self.seen.shapes()[i];
            if is_taken(&self.taken, shape.centre) {
                continue;
            }
            for one in PairGrid::from_one(&shape, side) {
                if let Some(hypothesis) = self.weigh(frame, &one) {
                    self.label_hypotheses.push(hypothesis);
                }
            }
        }
        Stage::Pair(number, 0)
    }

    /// Hypotheses of a label on a bent sheet, from three finders.
    fn bent_hypotheses(&mut self, frame: Plane<'_>, side: usize) {
        let count = self.seen.shapes().len();
        for corner in 0..count {
            let a = self.seen.shapes()[corner];
            if is_taken(&self.taken, a.centre) {
                continue;
            }
            for right in 0..count {
                for below in 0..count {
                    let (b, c) = (self.seen.shapes()[right], self.seen.shapes()[below]);
                    let distinct = corner != right && corner != below && right != below;
                    if !distinct || a.inverted != b.inverted || a.inverted != c.inverted {
                        continue;
                    }
                    let Some(ends) = pair::bent_triple(&a, &b, &c, side) else {
                        continue;
                    };
                    let Some(grid) = pair::bent_grid(side, &ends) else {
                        continue;
                    };
                    let ends = [(ends[1], Corner::TopRight), (ends[2], Corner::BottomLeft)];
                    let weighed = self.weigh(frame, &PairGrid { grid, ends });
                    self.label_hypotheses.extend(weighed);
                }
            }
        }
    }

    pub(super) fn look_at_pair(&mut self, frame: Plane<'_>, number: usize, index: usize) -> Stage {
        let count = self.seen.shapes().len();
        let Some((a, b)) = pair_of(index, count).filter(|_| index < MOST_PAIRS) else {
            let by_rest = |a: &Hypothesis, b: &Hypothesis| b.rest.total_cmp(&a.rest);
            self.hypotheses.sort_unstable_by(by_rest);
            self.label_hypotheses.sort_unstable_by(by_rest);
            self.hopeful.clear();
            let best = self.hypotheses.iter().take(MOST_HOPEFUL);
            self.hopeful.extend(best.map(|h| Hopeful {
                grid: h.grid,
                fit: h.rest,
            }));
            return Stage::Move(number, 0);
        };
        let next = Stage::Pair(number, index + 1);
        let (a, b) = (self.seen.shapes()[a], self.seen.shapes()[b]);
        if is_taken(&self.taken, a.centre) || is_taken(&self.taken, b.centre) {
            return next;
        }
        let mut grids = std::mem::take(&mut self.pair_grids);
        pair::grids(&a, &b, &[], &mut grids);
        let mut best: Option<Hypothesis> = None;
        for pair in &grids {
            let weighed = self.weigh(frame, pair);
            if weighed.is_some_and(|w| best.is_none_or(|b| w.rest > b.rest)) {
                best = weighed;
            }
        }
        self.hypotheses.extend(best);
        if let Some(side) = self.label.as_ref().map(|l| l.side) {
            pair::grids(&a, &b, &[side], &mut grids);
            for pair in &grids {
                let weighed = self.weigh(frame, pair);
                self.label_hypotheses.extend(weighed);
            }
        }
        self.pair_grids = grids;
        next
    }

    /// How well the rest of a symbol agrees with what one or two finders make of it.
    fn weigh(&mut self, frame: Plane<'_>, pair: &PairGrid) -> Option<Hypothesis> {
        let module = pair.grid.module_size();
        if module.is_nan() || module < 0.8 {
            return None;
        }
        let level = patch_level(module, LEVELS - 1);
        self.work += self.pyramid.make(frame, level);
        let plane = self.pyramid.plane(frame, level);
        let modules = self.patterns.of(pair.grid.side);
        self.work += WORK_PER_FIT + modules.len() * WORK_PER_LOOK;
        let rest = rest_agreement(&plane, level, &pair.grid, modules, &pair.ends);
        let anchors = pair.ends.map(|(_, corner)| corner.middle(pair.grid.side));
        (rest > LEAST_REST).then_some(Hypothesis {
            grid: pair.grid,
            anchors,
            rest,
        })
    }

    /// One size and turn of the pattern in one part of the frame at a time; after the last, hypotheses from three peaks.
    pub(super) fn correlate(&mut self, frame: Plane<'_>, number: usize, index: usize) -> Stage {
        let Step::Correlate(sizes) = self.plan[number] else {
            return Stage::Plan(number + 1);
        };
        let Some(side) = self.label.as_ref().map(|l| l.side) else {
            return Stage::Plan(number + 1);
        };
        let parts = self.texture.parts();
        let (turned, place) = (index % 2 == 1, index / 2);
        if let Some(&module) = sizes
            .get(place / parts.len().max(1))
            .filter(|_| !parts.is_empty())
        {
            let part = parts[place % parts.len()];
            self.work += self.pyramid.make(frame, LEVELS - 1);
            let copies = Copies {
                frame,
                pyramid: &self.pyramid,
                part,
            };
            self.work += self.correlator.scan(copies, side, module, turned);
            return Stage::Correlate(number, index + 1);
        }
        self.label_hypotheses.clear();
        peaks::triples(self.correlator.peaks(), side, &mut self.peak_triples);
        let far = side as f32 - 3.5;
        for triple in &self.peak_triples {
            let [a, b, c] = triple.corners;
            let Some(to_frame) = Homography::from_square(3.5, far, &[a, b, c, b + c - a]) else {
                continue;
            };
            let inverted = triple.inverted;
            let grid = Grid {
                side,
                to_frame,
                bend: None,
                mirrored: false,
                inverted,
            };
            // All of it is near one of these.
            let anchors = [vector(far, 3.5), vector(3.5, far)];
            self.label_hypotheses.push(Hypothesis {
                grid,
                anchors,
                rest: 1.0,
            });
        }
        Stage::Label(number, 0)
    }

    /// Moves a grid that may be a label's, from its finders outwards.
    pub(super) fn grow_label(&mut self, frame: Plane<'_>, number: usize, index: usize) -> Stage {
        let next = Stage::Label(number, index + 1);
        let hypothesis = self
            .label_hypotheses
            .get(index)
            .filter(|_| index < MOST_LABELS);
        let Some(&Hypothesis {
            mut grid, anchors, ..
        }) = hypothesis
        else {
            return Stage::Plan(number + 1);
        };
        if is_taken(&self.taken, grid_middle(&grid)) || !self.take_patch(frame, &grid) {
            return next;
        }
        let Some(label) = &self.label else {
            return next;
        };
        let bend = grid.bend.is_some();
        for (radius, least) in [(11.0, 0.2), (19.0, 0.2), (f32::MAX, 0.15)] {
            let mut best = (0, f32::MIN);
            for (number, list) in label.masks.iter().enumerate() {
                near(list, &anchors, radius, 3, &mut self.subset);
                self.work += self.subset.len() * WORK_PER_LOOK;
                let agreement = agreement(&self.patch, &grid, &self.subset);
                if agreement > best.1 {
                    best = (number, agreement);
                }
            }
            let every = if radius == f32::MAX { 1 } else { 2 };
            near(
                &label.masks[best.0],
                &anchors,
                radius,
                every,
                &mut self.subset,
            );
            let reach = Reach {
                step: 0.5,
                rounds: 4,
                bend,
            };
            let (after, work) = climb(&self.patch, &mut grid, &self.subset, reach);
            self.work += work;
            if after < least {
                return next;
            }
        }
        let reach = Reach {
            step: 0.5,
            rounds: 4,
            bend: true,
        };
        let (_, work) = climb(&self.patch, &mut grid, &self.subset, reach);
        self.work += work;
        self.queue.push(grid);
        next
    }

    /// Tells what is known of the labels to look for: their side, and for each mask the modules
    /// whose colour is known.
    pub(crate) fn know(&mut self, side: usize, masks: &[Vec<KnownModule>]) {
        self.label = Some(LabelModules {
            side,
            masks: masks.to_vec(),
        });
    }

    /// Moves, then bends a grid until what is known of the symbol agrees best, for a symbol of which
    /// more is known than its function patterns. `known` has one list for each thing the symbol may
    /// be (a mask); the grid is moved for the one that agrees best where it is. Returns that grid,
    /// the number of the list and the agreement reached, or `None` when nothing agrees at all.
    pub(crate) fn settle(
        &mut self,
        frame: Plane<'_>,
        grid: &Grid,
        known: &[Vec<KnownModule>],
    ) -> Option<(Grid, usize, f32)> {
        if !self.take_patch(frame, grid) {
            return None;
        }
        let agreements = known.iter().map(|list| agreement(&self.patch, grid, list));
        let best = agreements.enumerate().max_by(|a, b| a.1.total_cmp(&b.1));
        self.work += known.iter().map(Vec::len).sum::<usize>() * WORK_PER_LOOK;
        let (number, before) = best?;
        if before < LEAST_SETTLED {
            return None;
        }
        let list = &known[number];
        let mut grid = *grid;
        self.subset.clear();
        self.subset.extend(list.iter().step_by(3));
        let reach = Reach {
            step: 0.7,
            rounds: 5,
            bend: false,
        };
        let (moved, work) = climb(&self.patch, &mut grid, &self.subset, reach);
        self.work += work;
        if moved < before + LEAST_GAIN {
            return None;
        }
        let reach = Reach {
            step: 0.5,
            rounds: 5,
            bend: true,
        };
        let (after, work) = climb(&self.patch, &mut grid, list, reach);
        self.work += work;
        Some((grid, number, after))
    }
}

/// The `index`-th pair of `count` things, those of the first few first.
fn pair_of(index: usize, count: usize) -> Option<(usize, usize)> {
    let mut rest = index;
    for second in 1..count {
        if rest < second {
            return Some((rest, second));
        }
        rest -= second;
    }
    None
}

/// Every so many of the modules, those within `radius` of one of two places.
fn near(
    list: &[KnownModule],
    anchors: &[Vector; 2],
    radius: f32,
    every: usize,
    out: &mut Vec<KnownModule>,
) {
    out.clear();
    out.extend(list.iter().step_by(every).filter(|m| {
        let (u, v) = m.middle();
        anchors.iter().any(|a| a.distance(vector(u, v)) <= radius)
    }));
}
