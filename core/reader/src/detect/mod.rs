//! Finds where symbols are: from a frame to grids, the cheapest and likeliest first.
//!
//! [`Detector::next`] hands out one grid at a time and goes on where it stopped, so that the
//! caller decodes in between and stops when it has what it wants or its budget is spent. The steps
//! for one frame are
//!
//! 1. which blocks of it are textured ([`texture`]): only these are searched;
//! 2. passes over the frame or a smaller copy: threshold ([`threshold`]), finders ([`finder`]),
//!    triples ([`triple`]), grids ([`locate`]);
//! 3. after each pass, the same grids moved until the function patterns agree ([`climb`]), then
//!    bent;
//! 4. grids from two finders ([`pair`]), each with its own axes ([`shape`]), and for labels, of
//!    which more is known, from one, and from three on a bent sheet;
//! 5. passes over sharpened copies ([`sharpen`]), and 4 again;
//! 6. for labels: grids from peaks of correlation with the finder pattern ([`correlate`],
//!    [`peaks`]), grown outwards on the known modules.
//!
//! Work is bounded for every frame: each list has a cap, stated where it is.

pub(crate) mod climb;
pub(crate) mod correlate;
pub(crate) mod equalise;
pub(crate) mod finder;
pub(crate) mod fine_look;
mod hypotheses;
pub(crate) mod locate;
pub(crate) mod moments;
pub(crate) mod pair;
pub(crate) mod patch;
pub(crate) mod pattern;
pub(crate) mod peaks;
mod plan;
pub(crate) mod plane;
pub(crate) mod shape;
pub(crate) mod sharpen;
pub(crate) mod sightings;
pub(crate) mod texture;
pub(crate) mod threshold;
pub(crate) mod triple;

use climb::{Reach, WORK_PER_LOOK, climb};
use correlate::Correlator;
use finder::{Finder, FinderScan};
use hypotheses::LabelModules;
use locate::{Candidate, Measured, fit_of};
use pair::{Hypothesis, PairGrid};
use patch::{Patch, patch_level};
use pattern::{FunctionPatterns, KnownModule};
use peaks::PeakTriple;
pub(crate) use plan::Depth;
use plan::{Pass, Step};
use plane::{LEVELS, Plane, Pyramid, scale_of};
use sharpen::Sharpened;
use sightings::Sightings;
use texture::{Texture, texture_level};
use threshold::ThresholdMap;
use triple::Triple;

use crate::geometry::{Homography, Vector, vector};
use crate::grid::Grid;

/// A grid whose quick form was not read; worth moving.
#[derive(Clone, Copy, Debug)]
struct Hopeful {
    grid: Grid,
    fit: f32,
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
/// Most symbols read in one frame.
const MOST_TAKEN: usize = 32;

/// Units of work for measuring the shape of a finder.
const WORK_PER_FINDER: usize = 1_500;

/// Units of work for measuring three finders along their sides, and for fitting a map to what was
/// measured.
const WORK_PER_TRIPLE: usize = 2_500;
const WORK_PER_FIT: usize = 1_600;

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
    texture: Texture,
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
            texture: Texture::default(),
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
    pub(crate) fn begin(&mut self, frame: Plane<'_>, depth: Depth) {
        self.pyramid.clear();
        self.queue.clear();
        self.hopeful.clear();
        self.taken.clear();
        self.seen.clear();
        self.work = 0;
        self.stage = Stage::Plan(0);
        let short = frame.width().min(frame.height());
        plan::plan(short, depth, &mut self.plan);
        let level = texture_level(short);
        self.work += self.pyramid.make(frame, level);
        let plane = self.pyramid.plane(frame, level);
        let size = (frame.width(), frame.height());
        self.work += self.texture.measure(&plane, level, size);
    }

    /// Units of work done in this frame.
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
        self.hopeful
            .retain(|h| !is_taken(taken, grid_middle(&h.grid)));
    }

    /// The next grid to decode, in pixels of the frame; `None` when the frame has been searched or
    /// `most` units of work are done (the call after that goes on).
    pub(crate) fn next(&mut self, frame: Plane<'_>, most: usize) -> Option<Grid> {
        loop {
            if self.work >= most {
                return None;
            }
            if let Some(grid) = self.queue.pop() {
                return Some(grid);
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
        let open = self
            .seen
            .finders()
            .iter()
            .filter(|f| !is_taken(&self.taken, f.centre))
            .count();
        !deep && open >= 2
    }

    fn start_pass(&mut self, frame: Plane<'_>, pass: Pass, number: usize) -> Stage {
        self.work += self.pyramid.make(frame, pass.level);
        let grey = self.pyramid.plane(frame, pass.level);
        let mut plane = grey;
        if pass.sharpened > 0 {
            let texture = (&self.texture, pass.level);
            self.work += 4 * self.sharp.make(&plane, pass.sharpened, texture);
            plane = self.sharp.plane().unwrap_or(plane);
        }
        let texture = (&self.texture, pass.level);
        self.work += self.map.measure(&plane, pass.rule, texture);
        let floor = f32::from(self.map.contrast()) * pass.floor;
        self.work += self.scan.scan(
            &plane,
            &self.map,
            (&self.texture, pass.level),
            (pass.step, floor),
            &mut self.finders,
        );
        let (scale, shift) = scale_of(pass.level);
        let taken = &self.taken;
        self.finders.retain(|f| {
            let p = f.centre * scale;
            !is_taken(taken, vector(p.x + shift, p.y + shift))
        });
        triple::rank(&self.finders, &mut self.triples);
        self.measured_count = 0;
        self.hopeful.clear();
        Stage::Triple(number, 0)
    }

    /// Remembers the finders of a pass that belong to no symbol read.
    fn note_finders(&mut self, frame: Plane<'_>, pass: Pass) {
        let grey = self.pyramid.plane(frame, pass.level);
        let mut plane = grey;
        if pass.sharpened > 0 {
            plane = self.sharp.plane().unwrap_or(plane);
        }
        let (scale, shift) = scale_of(pass.level);
        for finder in &self.finders {
            let centre = finder.centre * scale;
            if !is_taken(&self.taken, vector(centre.x + shift, centre.y + shift)) {
                self.work += WORK_PER_FINDER;
                self.seen.note(&plane, &grey, pass.level, finder);
            }
        }
    }

    fn look_at_triple(&mut self, frame: Plane<'_>, number: usize, index: usize) -> Stage {
        let Step::Pass(pass) = self.plan[number] else {
            return Stage::Plan(number + 1);
        };
        let stop = index >= MOST_LOOKED_AT || self.measured_count >= MOST_MEASURED;
        let Some(&triple) = self.triples.get(index).filter(|_| !stop) else {
            self.note_finders(frame, pass);
            self.hopeful
                .sort_unstable_by(|a, b| b.fit.total_cmp(&a.fit));
            self.hopeful.truncate(MOST_HOPEFUL);
            return Stage::Move(number, 0);
        };
        let next = Stage::Triple(number, index + 1);
        let (scale, shift) = scale_of(pass.level);
        let to_frame = |p: Vector| vector(p.x * scale + shift, p.y * scale + shift);
        if triple
            .finders()
            .iter()
            .any(|f| is_taken(&self.taken, to_frame(f.centre)))
        {
            return next;
        }
        let mut plane = self.pyramid.plane(frame, pass.level);
        if pass.sharpened > 0 {
            plane = self.sharp.plane().unwrap_or(plane);
        }
        self.work += WORK_PER_TRIPLE;
        let Some(side) = self.measured.measure(&plane, &triple) else {
            return next;
        };
        self.measured.candidates(&plane, side, &mut self.candidates);
        self.work += self.candidates.len() * (WORK_PER_FIT + WORK_PER_LOOK * 2 * side as usize);
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
            self.work += self.maps.len() * WORK_PER_FIT;
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
                .raised_from(pass.level);
                let fit = fit_of(&plane, map, &candidate.levels, modules);
                self.work += modules.len() * WORK_PER_LOOK;
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
        let Some(&hopeful) = self.hopeful.get(index) else {
            return Stage::Bend(number, 0);
        };
        let next = Stage::Move(number, index + 1);
        let mut grid = hopeful.grid;
        if is_taken(&self.taken, grid_middle(&grid)) || !self.take_patch(frame, &grid) {
            return next;
        }
        let modules = self.patterns.of(grid.side);
        let reach = Reach {
            step: 0.7,
            rounds: 5,
            bend: false,
        };
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
        if !matches!(
            self.plan[number],
            Step::Pass(Pass { deep: true, .. }) | Step::Pairs
        ) {
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
        let reach = Reach {
            step: 0.9,
            rounds: 6,
            bend: true,
        };
        let (_, work) = climb(&self.patch, &mut grid, modules, reach);
        self.work += work;
        self.queue.push(grid);
        next
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

#[cfg(test)]
mod tests;
