//! Finds where symbols are: from a frame to grids, the cheapest and likeliest first.
//!
//! [`Detector::next`] hands out one grid at a time and goes on where it stopped, so that the
//! caller decodes in between and stops when it has what it wants or its budget is spent. The steps
//! for one frame are
//!
//! 1. passes over the frame or a smaller copy: threshold ([`threshold`]), finders ([`finder`]),
//!    triples ([`triple`]), grids ([`locate`]);
//! 2. after each pass, the same grids moved until the function patterns agree ([`climb`]), then
//!    bent.
//!
//! Work is bounded for every frame: each list has a cap, stated where it is.

pub(crate) mod climb;
pub(crate) mod correlate;
pub(crate) mod equalise;
pub(crate) mod finder;
pub(crate) mod locate;
pub(crate) mod moments;
pub(crate) mod pair;
pub(crate) mod patch;
pub(crate) mod pattern;
pub(crate) mod plane;
pub(crate) mod shape;
pub(crate) mod sharpen;
pub(crate) mod sightings;
pub(crate) mod threshold;
pub(crate) mod triple;

use climb::{Reach, agreement, climb};
use correlate::{Correlator, PeakTriple, SIZES};
use finder::{Finder, FinderScan};
use locate::{Candidate, Measured, fit_of};
use patch::{Patch, patch_level};
use pair::{Hypothesis, PairGrid, rest_agreement};
use pattern::{FunctionPatterns, KnownModule};
use plane::{LEVELS, Plane, Pyramid, scale_of};
use sharpen::{MIDDLE, Sharpened};
use sightings::Sightings;
use threshold::{Rule, ThresholdMap};
use triple::Triple;

use crate::geometry::{Homography, Vector, vector};
use crate::grid::{Grid, level_for};

/// One look at the frame.
#[derive(Clone, Copy, Debug)]
struct Pass {
    /// How often the frame is halved first.
    level: usize,
    /// Sharpened against means over so many pixels on each side; 0 for not at all.
    sharpened: usize,
    rule: Rule,
    /// Every how many rows are scanned.
    step: usize,
    /// Least contrast of a finder, as a share of the range that counts as contrast.
    floor: f32,
    deep: bool,
}

/// A step of the plan for a frame.
#[derive(Clone, Copy, Debug)]
enum Step {
    Pass(Pass),
    /// Grids from two of the finders seen so far.
    Pairs,
    /// Finders by correlation with one set of sizes, for labels.
    Correlate(&'static [f32]),
}

/// A grid whose quick form was not read; worth moving.
#[derive(Clone, Copy, Debug)]
struct Hopeful {
    grid: Grid,
    fit: f32,
}

/// What is known of the labels to look for.
struct LabelModules {
    side: usize,
    masks: Vec<Vec<KnownModule>>,
}

/// What happens next within a frame.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Stage {
    /// Start this step of the plan.
    Plan(usize),
    /// Look at this triple of the pass.
    Triple(usize, usize),
    /// Move this hopeful grid of the pass; then bend it.
    Move(usize, usize),
    Bend(usize, usize),
    /// Look at this pair of all finders seen.
    Pair(usize, usize),
    /// Move this hypothesis of a label.
    Label(usize, usize),
    /// Correlate with this size and turn.
    Correlate(usize, usize),
    Done,
}

/// Most triples a pass measures further after their timing lines agree.
const MOST_MEASURED: usize = 12;
/// Most triples a pass looks at.
const MOST_LOOKED_AT: usize = 120;
/// Most grids a pass moves.
const MOST_HOPEFUL: usize = 6;
/// Most pairs of finders looked at: all pairs of those whose shape is remembered.
const MOST_PAIRS: usize = 120;
/// The timing line, the alignment pattern and, where it can be seen, the third finder agree with a
/// true grid by 0.3 and more even before it is moved; with a chance one by 0 with a deviation of
/// 0.1 (about 100 modules).
const LEAST_REST: f32 = 0.15;

/// Some 800 known modules agree by chance with a deviation of 0.04, the finders among them by 0.15
/// in all; less than this is a grid that lies on something else.
const LEAST_SETTLED: f32 = 0.15;

/// Most hypotheses of a label that are moved after a look at all finders.
const MOST_LABELS: usize = 12;

/// Most symbols read in one frame.
const MOST_TAKEN: usize = 32;

/// Timing lines of a true triple agree by 0.5 and more when they can be seen at all; those of a
/// chance triple by 0 with a deviation of 0.2 for version 1 (2 x 5 modules in runs) and less above.
const LEAST_TIMING: f32 = 0.25;
/// A grid whose function patterns agree less than this is not worth moving: the finders alone,
/// being 60 to 80 % of these modules, give 0.3 even when all else is wrong.
const LEAST_FIT: f32 = 0.35;
/// The same for a grid that is only moved: what it loses before that is the corner without finder.
const LEAST_HOPE: f32 = 0.3;
/// After moving, less than this is no symbol.
const LEAST_MOVED: f32 = 0.42;

/// The detector and its memory, which serves frame after frame.
pub(crate) struct Detector {
    pyramid: Pyramid,
    sharp: Sharpened,
    map: ThresholdMap,
    scan: FinderScan,
    finders: Vec<Finder>,
    triples: Vec<Triple>,
    measured: Measured,
    candidates: Vec<Candidate>,
    maps: Vec<Homography>,
    patterns: FunctionPatterns,
    patch: Patch,
    plan: Vec<Step>,
    seen: Sightings,
    correlator: Correlator,
    peak_triples: Vec<PeakTriple>,
    label: Option<LabelModules>,
    subset: Vec<KnownModule>,
    label_hypotheses: Vec<Hypothesis>,
    pair_grids: Vec<PairGrid>,
    hypotheses: Vec<Hypothesis>,
    queue: Vec<Grid>,
    hopeful: Vec<Hopeful>,
    taken: Vec<[Vector; 4]>,
    measured_count: usize,
    stage: Stage,
    work: usize,
}

impl Default for Detector {
    fn default() -> Self {
        Self {
            pyramid: Pyramid::default(),
            sharp: Sharpened::default(),
            map: ThresholdMap::default(),
            scan: FinderScan::default(),
            finders: Vec::new(),
            triples: Vec::new(),
            measured: Measured::default(),
            candidates: Vec::new(),
            maps: Vec::new(),
            patterns: FunctionPatterns::default(),
            patch: Patch::default(),
            plan: Vec::new(),
            seen: Sightings::default(),
            correlator: Correlator::default(),
            peak_triples: Vec::new(),
            label: None,
            subset: Vec::new(),
            label_hypotheses: Vec::new(),
            pair_grids: Vec::new(),
            hypotheses: Vec::new(),
            queue: Vec::new(),
            hopeful: Vec::new(),
            taken: Vec::new(),
            measured_count: 0,
            stage: Stage::Done,
            work: 0,
        }
    }
}

impl Detector {
    /// Starts with a new frame.
    pub(crate) fn begin(&mut self, frame: Plane<'_>, deep: bool) {
        self.pyramid.clear();
        self.queue.clear();
        self.hopeful.clear();
        self.taken.clear();
        self.seen.clear();
        self.work = 0;
        self.stage = Stage::Plan(0);
        self.plan(frame.width().min(frame.height()), deep);
    }

    fn plan(&mut self, short: usize, deep: bool) {
        let pass = |level, rule, step, floor, deep| {
            Step::Pass(Pass { level, sharpened: 0, rule, step, floor, deep })
        };
        let plan = &mut self.plan;
        plan.clear();
        // A half-size copy costs a quarter. In it modules of 2.4 pixels and more can be seen.
        if short >= 700 {
            plan.push(pass(1, Rule::Range, 2, 0.66, false));
        }
        let step = if short > 600 { 3 } else { 2 };
        plan.push(pass(0, Rule::Range, step, 0.66, false));
        if !deep {
            return;
        }
        plan.push(Step::Pairs);
        let sharpened = |level, reach| {
            let rule = Rule::Fixed(MIDDLE);
            Step::Pass(Pass { level, sharpened: reach, rule, step: 1, floor: 0.5, deep: true })
        };
        if short >= 700 {
            // A camera's frame: what the first passes missed is blurred, dim or faint, and large
            // enough to be seen in the smaller copies.
            plan.push(pass(2, Rule::Range, 1, 0.3, true));
            plan.push(sharpened(2, 6));
            plan.push(sharpened(1, 6));
        } else {
            if short >= 120 {
                plan.push(pass(1, Rule::Range, 1, 0.3, true));
            }
            if short >= 400 {
                plan.push(pass(2, Rule::Range, 1, 0.3, true));
            }
            plan.push(pass(0, Rule::Range, if short > 600 { 2 } else { 1 }, 0.3, true));
            for level in [1, 0] {
                if short >> level >= 60 {
                    plan.push(sharpened(level, 6));
                }
            }
        }
        plan.push(Step::Pairs);
        plan.extend(SIZES.map(Step::Correlate));
    }

    pub(crate) fn step(&self) -> usize {
        match self.stage {
            Stage::Plan(p)
            | Stage::Triple(p, _)
            | Stage::Move(p, _)
            | Stage::Bend(p, _)
            | Stage::Pair(p, _)
            | Stage::Label(p, _)
            | Stage::Correlate(p, _) => p,
            Stage::Done => self.plan.len(),
        }
    }

    pub(crate) fn peaks(&self) -> &[correlate::Peak] {
        self.correlator.peaks()
    }

    pub(crate) fn seen(&self) -> &Sightings {
        &self.seen
    }

    /// Units of work done in this frame: about one pixel or module looked at each.
    pub(crate) fn work(&self) -> usize {
        self.work
    }

    /// Tells that this grid was read: its finders are no longer looked at.
    pub(crate) fn take(&mut self, grid: &Grid) {
        if self.taken.len() < MOST_TAKEN {
            self.taken.push(grid.corners());
        }
        let taken = &self.taken;
        self.queue.retain(|g| !is_taken(taken, grid_middle(g)));
        self.hopeful.retain(|h| !is_taken(taken, grid_middle(&h.grid)));
    }

    /// The next grid to decode, in pixels of the frame; `None` when the frame has been searched or
    /// `most` units of work are done (the call after that goes on).
    pub(crate) fn next(&mut self, frame: Plane<'_>, most: usize) -> Option<Grid> {
        loop {
            if let Some(grid) = self.queue.pop() {
                return Some(grid);
            }
            if self.work >= most {
                return None;
            }
            self.stage = match self.stage {
                Stage::Plan(p) => match self.plan.get(p).filter(|s| self.is_worth(s)) {
                    Some(&Step::Pass(pass)) => self.start_pass(frame, pass, p),
                    Some(Step::Pairs) => self.start_pairs(frame, p),
                    Some(Step::Correlate(_)) if self.label.is_some() => {
                        self.correlator.clear();
                        Stage::Correlate(p, 0)
                    }
                    Some(Step::Correlate(_)) => Stage::Plan(p + 1),
                    None => Stage::Done,
                },
                Stage::Triple(p, t) => self.look_at_triple(frame, p, t),
                Stage::Move(p, h) => self.move_grid(frame, p, h),
                Stage::Bend(p, h) => self.bend_grid(frame, p, h),
                Stage::Pair(p, i) => self.look_at_pair(frame, p, i),
                Stage::Correlate(p, i) => self.correlate(frame, p, i),
                Stage::Label(p, i) => self.grow_label(frame, p, i),
                Stage::Done => return None,
            };
        }
    }

    /// Once a symbol has been read, the rest of the plan is only for what else can be seen: a pass
    /// when two finders and more belong to no symbol read, no deep step.
    fn is_worth(&self, step: &Step) -> bool {
        let deep = !matches!(step, Step::Pass(Pass { deep: false, .. }));
        if self.taken.is_empty() {
            return true;
        }
        let open = self.seen.finders().iter().filter(|f| !is_taken(&self.taken, f.centre)).count();
        !deep && open >= 2
    }

    fn start_pass(&mut self, frame: Plane<'_>, pass: Pass, number: usize) -> Stage {
        self.work += self.pyramid.make(frame, pass.level);
        let grey = self.pyramid.plane(frame, pass.level);
        let mut plane = grey;
        if pass.sharpened > 0 {
            self.work += 4 * self.sharp.make(&plane, pass.sharpened);
            plane = self.sharp.plane().unwrap_or(plane);
        }
        self.map.measure(&plane, pass.rule);
        self.work += plane.width() * plane.height();
        let floor = f32::from(self.map.contrast()) * pass.floor;
        self.work += self.scan.scan(&plane, &self.map, pass.step, floor, &mut self.finders);
        let (scale, shift) = scale_of(pass.level);
        let taken = &self.taken;
        self.finders.retain(|f| {
            let p = f.centre * scale;
            !is_taken(taken, vector(p.x + shift, p.y + shift))
        });
        self.work += self.finders.len() * 1500;
        for f in &self.finders {
            self.seen.note(&plane, &grey, pass.level, f);
        }
        triple::rank(&self.finders, &mut self.triples);
        self.measured_count = 0;
        self.hopeful.clear();
        Stage::Triple(number, 0)
    }

    fn look_at_triple(&mut self, frame: Plane<'_>, number: usize, index: usize) -> Stage {
        let Step::Pass(pass) = self.plan[number] else { return Stage::Plan(number + 1) };
        let stop = index >= MOST_LOOKED_AT || self.measured_count >= MOST_MEASURED;
        let Some(&triple) = self.triples.get(index).filter(|_| !stop) else {
            self.hopeful.sort_unstable_by(|a, b| b.fit.total_cmp(&a.fit));
            self.hopeful.truncate(MOST_HOPEFUL);
            return Stage::Move(number, 0);
        };
        let next = Stage::Triple(number, index + 1);
        let (scale, shift) = scale_of(pass.level);
        let to_frame = |p: Vector| vector(p.x * scale + shift, p.y * scale + shift);
        if triple.finders().iter().any(|f| is_taken(&self.taken, to_frame(f.centre))) {
            return next;
        }
        let mut plane = self.pyramid.plane(frame, pass.level);
        if pass.sharpened > 0 {
            plane = self.sharp.plane().unwrap_or(plane);
        }
        self.work += 300;
        let Some(side) = self.measured.measure(&plane, &triple) else { return next };
        self.measured.candidates(&plane, side, &mut self.candidates);
        self.work += self.candidates.len() * side as usize * 2;
        let mut counted = false;
        for i in 0..self.candidates.len().min(2) {
            let candidate = self.candidates[i];
            if candidate.timing < LEAST_TIMING || (i > 0 && candidate.timing < 0.3) {
                break;
            }
            if !counted {
                self.measured_count += 1;
                counted = true;
            }
            self.work += 25 * self.measured.align(&plane, &candidate, &mut self.maps);
            if self.maps.len() < 2 {
                self.maps.push(candidate.map);
            }
            let modules = self.patterns.of(candidate.side);
            let mut best: Option<Hopeful> = None;
            let first = self.queue.len();
            for map in &self.maps {
                let grid = Grid {
                    side: candidate.side,
                    to_frame: *map,
                    bend: None,
                    mirrored: false,
                    inverted: self.measured.inverted,
                }
                .from_level(pass.level);
                let fit = fit_of(&plane, map, &candidate.levels, modules);
                self.work += modules.len();
                if best.is_none_or(|b| fit > b.fit) {
                    best = Some(Hopeful { grid, fit });
                }
                if fit > LEAST_FIT {
                    self.queue.push(grid);
                }
            }
            // The queue is taken from its end: the best map first.
            self.queue[first..].reverse();
            self.hopeful.extend(best.filter(|b| b.fit > LEAST_HOPE));
        }
        next
    }

    fn move_grid(&mut self, frame: Plane<'_>, number: usize, index: usize) -> Stage {
        let Some(&hopeful) = self.hopeful.get(index) else { return Stage::Bend(number, 0) };
        let next = Stage::Move(number, index + 1);
        let mut grid = hopeful.grid;
        if is_taken(&self.taken, grid_middle(&grid)) || !self.take_patch(frame, &grid) {
            return next;
        }
        let modules = self.patterns.of(grid.side);
        let reach = Reach { step: 0.7, rounds: 5, bend: false };
        let (fit, work) = climb(&self.patch, &mut grid, modules, reach);
        self.work += work;
        self.hopeful[index] = Hopeful { grid, fit };
        if fit >= LEAST_MOVED {
            self.queue.push(grid);
        }
        next
    }

    fn bend_grid(&mut self, frame: Plane<'_>, number: usize, index: usize) -> Stage {
        let next = Stage::Bend(number, index + 1);
        let Some(&hopeful) = self.hopeful.get(index) else {
            return match self.plan[number] {
                Step::Pairs => Stage::Label(number, 0),
                Step::Pass(_) | Step::Correlate(_) => Stage::Plan(number + 1),
            };
        };
        if !matches!(self.plan[number], Step::Pass(Pass { deep: true, .. }) | Step::Pairs) {
            return Stage::Plan(number + 1);
        }
        let mut grid = hopeful.grid;
        if hopeful.fit < LEAST_MOVED
            || is_taken(&self.taken, grid_middle(&grid))
            || !self.take_patch(frame, &grid)
        {
            return next;
        }
        let modules = self.patterns.of(grid.side);
        let reach = Reach { step: 0.9, rounds: 6, bend: true };
        let (_, work) = climb(&self.patch, &mut grid, modules, reach);
        self.work += work;
        self.queue.push(grid);
        next
    }

    fn start_pairs(&mut self, frame: Plane<'_>, number: usize) -> Stage {
        self.hopeful.clear();
        self.hypotheses.clear();
        self.label_hypotheses.clear();
        let Some(side) = self.label.as_ref().map(|l| l.side) else {
            return Stage::Pair(number, 0);
        };
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

    fn look_at_pair(&mut self, frame: Plane<'_>, number: usize, index: usize) -> Stage {
        let count = self.seen.shapes().len();
        let Some((a, b)) = pair_of(index, count).filter(|_| index < MOST_PAIRS) else {
            let by_rest = |a: &Hypothesis, b: &Hypothesis| b.rest.total_cmp(&a.rest);
            self.hypotheses.sort_unstable_by(by_rest);
            self.label_hypotheses.sort_unstable_by(by_rest);
            self.hopeful.clear();
            let best = self.hypotheses.iter().take(MOST_HOPEFUL);
            self.hopeful.extend(best.map(|h| Hopeful { grid: h.grid, fit: h.rest }));
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
        self.work += modules.len();
        let rest = rest_agreement(&plane, level, &pair.grid, modules, &pair.ends);
        let anchors = pair.ends.map(|(_, corner)| corner.middle(pair.grid.side));
        (rest > LEAST_REST).then_some(Hypothesis { grid: pair.grid, anchors, rest })
    }

    /// One size and turn of the pattern at a time; after the last, hypotheses from three peaks.
    fn correlate(&mut self, frame: Plane<'_>, number: usize, index: usize) -> Stage {
        let Step::Correlate(sizes) = self.plan[number] else { return Stage::Plan(number + 1) };
        if let Some(&module) = sizes.get(index / 2) {
            let level = level_for(module, 2.0, LEVELS - 1);
            self.work += self.pyramid.make(frame, level);
            let plane = self.pyramid.plane(frame, level);
            let size = (frame.width(), frame.height());
            self.work += 4 * self.correlator.scan(&plane, level, size, module, index % 2 == 1);
            return Stage::Correlate(number, index + 1);
        }
        self.label_hypotheses.clear();
        let Some(side) = self.label.as_ref().map(|l| l.side) else {
            return Stage::Plan(number + 1);
        };
        correlate::triples(self.correlator.peaks(), side, &mut self.peak_triples);
        let far = side as f32 - 3.5;
        for triple in &self.peak_triples {
            let [a, b, c] = triple.corners;
            let Some(to_frame) = Homography::from_square(3.5, far, &[a, b, c, b + c - a]) else {
                continue;
            };
            let inverted = triple.inverted;
            let grid = Grid { side, to_frame, bend: None, mirrored: false, inverted };
            // All of it is near one of these.
            let anchors = [vector(far, 3.5), vector(3.5, far)];
            self.label_hypotheses.push(Hypothesis { grid, anchors, rest: 1.0 });
        }
        Stage::Label(number, 0)
    }

    /// Moves a grid that may be a label's, from its finders outwards.
    fn grow_label(&mut self, frame: Plane<'_>, number: usize, index: usize) -> Stage {
        let next = Stage::Label(number, index + 1);
        let hypothesis = self.label_hypotheses.get(index).filter(|_| index < MOST_LABELS);
        let Some(&Hypothesis { mut grid, anchors, .. }) = hypothesis else {
            return Stage::Plan(number + 1);
        };
        if is_taken(&self.taken, grid_middle(&grid)) || !self.take_patch(frame, &grid) {
            return next;
        }
        let Some(label) = &self.label else { return next };
        for (radius, least) in [(11.0, 0.2), (19.0, 0.2), (f32::MAX, 0.15)] {
            let mut best = (0, f32::MIN);
            for (number, list) in label.masks.iter().enumerate() {
                near(list, &anchors, radius, 3, &mut self.subset);
                self.work += self.subset.len();
                let agreement = agreement(&self.patch, &grid, &self.subset);
                if agreement > best.1 {
                    best = (number, agreement);
                }
            }
            let every = if radius == f32::MAX { 1 } else { 2 };
            near(&label.masks[best.0], &anchors, radius, every, &mut self.subset);
            let reach = Reach { step: 0.5, rounds: 4, bend: false };
            let (after, work) = climb(&self.patch, &mut grid, &self.subset, reach);
            self.work += work;
            if after < least {
                return next;
            }
        }
        let reach = Reach { step: 0.5, rounds: 4, bend: true };
        let (_, work) = climb(&self.patch, &mut grid, &self.subset, reach);
        self.work += work;
        self.queue.push(grid);
        next
    }

    /// Tells what is known of the labels to look for: their side, and for each mask the modules
    /// whose colour is known.
    pub(crate) fn know(&mut self, side: usize, masks: &[Vec<KnownModule>]) {
        self.label = Some(LabelModules { side, masks: masks.to_vec() });
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
        self.work += known.iter().map(Vec::len).sum::<usize>();
        let (number, before) = best?;
        if before < LEAST_SETTLED {
            return None;
        }
        let list = &known[number];
        let mut grid = *grid;
        let reach = Reach { step: 0.7, rounds: 5, bend: false };
        let (_, work) = climb(&self.patch, &mut grid, list, reach);
        self.work += work;
        let reach = Reach { step: 0.5, rounds: 5, bend: true };
        let (after, work) = climb(&self.patch, &mut grid, list, reach);
        self.work += work;
        Some((grid, number, after))
    }

    /// Prepares the patch under a grid for climbing.
    fn take_patch(&mut self, frame: Plane<'_>, grid: &Grid) -> bool {
        let level = patch_level(grid.module_size(), LEVELS - 1);
        self.work += self.pyramid.make(frame, level);
        let plane = self.pyramid.plane(frame, level);
        let work = self.patch.take(&plane, level, grid, 3.0);
        self.work += work.unwrap_or(0);
        work.is_some()
    }

    /// The smallest copy of the frame in which the modules of `grid` can be sampled, made if need
    /// be, with its level.
    pub(crate) fn plane_for<'a>(&'a mut self, frame: Plane<'a>, grid: &Grid) -> (Plane<'a>, usize) {
        let level = patch_level(grid.module_size(), LEVELS - 1);
        self.work += self.pyramid.make(frame, level);
        (self.pyramid.plane(frame, level), level)
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

fn grid_middle(grid: &Grid) -> Vector {
    let c = grid.side as f32 / 2.0;
    grid.map(c, c)
}

/// Whether a point lies in a symbol that was read.
fn is_taken(taken: &[[Vector; 4]], p: Vector) -> bool {
    taken.iter().any(|quad| {
        let side = |i: usize| (quad[(i + 1) % 4] - quad[i]).cross(p - quad[i]);
        let signs = [side(0), side(1), side(2), side(3)];
        signs.iter().all(|&s| s >= 0.0) || signs.iter().all(|&s| s <= 0.0)
    })
}
