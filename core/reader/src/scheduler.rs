//! One frame: grids in the order of their cost, each sampled and read with what is known, until the
//! frame is searched or the budget spent.

use kokoni_model::reading::{Content, How, Point, Reading};

use crate::catalogue::{Effort, LabelRead};
use crate::content::{content_of, is_double, nearest_first};
use crate::decode::{DecodeError, Decoder, Message};
use crate::detect::equalise::Equaliser;
use crate::detect::pattern::{FunctionPatterns, KnownModule};
use crate::detect::plane::Plane;
use crate::detect::{Depth, Detector};
use crate::geometry::Vector;
use crate::grid::{Grid, Sampler};
use crate::options::{Budget, ReaderOptions};
use crate::sight::LabelSight;

/// Most codes reported of one frame.
const MOST_READINGS: usize = 32;

/// Units of work per pixel that are always allowed: the quick passes look at every pixel twice, and
/// what they find is looked at closely.
const FIRST_LOOK_PER_PIXEL: usize = 3;

/// Units of work per module for sampling it and trying to decode: five looks, three formats, twice.
const WORK_PER_MODULE: usize = 40;

/// Units of work per module for fitting and applying the equaliser.
const EQUALISER_WORK: usize = 200;

/// Mean agreement of the function patterns below which a grid is nowhere near a symbol and gets no
/// second look; a symbol too blurred to be decoded has 0.3 and more.
const WORTH_EQUALISING: f32 = 0.3;

/// Mean agreement of the function patterns below which a grid is not moved either.
const WORTH_SETTLING: f32 = 0.2;

/// Most grids of a frame that are moved by what is known of labels.
const MOST_SETTLED: usize = 16;

/// Mean agreement of the function patterns from which a grid that cannot be decoded is taken for a
/// symbol: chance grids stay below 0.42 (see `detect`), and the finders alone give 0.3.
const LEAST_AGREEMENT: f32 = 0.55;

/// What stands in one frame.
#[derive(Default)]
pub(crate) struct Found {
    /// Nearest the centre first.
    pub(crate) readings: Vec<Reading>,
    /// A symbol that was located and not read.
    pub(crate) unreadable: Option<Grid>,
}

/// The stages and their buffers.
pub(crate) struct Scheduler {
    detector: Detector,
    sampler: Sampler,
    decoder: Decoder,
    equaliser: Equaliser,
    patterns: FunctionPatterns,
    labels: Option<LabelSight>,
    values: Vec<f32>,
    spent: usize,
}

/// What one grid turned out to be.
enum Outcome {
    Message(Grid, Message),
    Label(LabelRead),
    /// Agreement of its function patterns.
    Unread(f32),
}

impl Scheduler {
    pub(crate) fn new(options: &ReaderOptions) -> Self {
        let labels = options.effective_host().and_then(LabelSight::new);
        let mut detector = Detector::default();
        if let Some(labels) = &labels {
            detector.know(labels.side(), labels.known());
        }
        Self {
            detector,
            sampler: Sampler::default(),
            decoder: Decoder::default(),
            equaliser: Equaliser::default(),
            patterns: FunctionPatterns::default(),
            labels,
            values: Vec::new(),
            spent: 0,
        }
    }

    /// Units of work that reading grids took.
    fn spent_on_grids(&self) -> usize {
        self.spent + self.labels.as_ref().map_or(0, LabelSight::work)
    }

    /// Units of work that the last frame took.
    pub(crate) fn work(&self) -> usize {
        self.spent_on_grids() + self.detector.work()
    }

    pub(crate) fn reset(&mut self) {
        if let Some(labels) = &mut self.labels {
            labels.reset();
        }
    }

    pub(crate) fn read(&mut self, plane: Plane<'_>, options: &ReaderOptions) -> Found {
        let mut found = Found::default();
        let catalogue = options.effective_catalogue();
        let first_look = FIRST_LOOK_PER_PIXEL * plane.width() * plane.height();
        let budget = usize::try_from(options.budget.units()).unwrap_or(usize::MAX);
        let allowed = budget.max(first_look);
        self.spent = 0;
        let mut best_agreement = LEAST_AGREEMENT;
        let mut settlings = 0;
        let depth = if options.budget > Budget::default() {
            Depth::Patient
        } else {
            Depth::Preview
        };
        self.detector.begin(plane, depth);
        if let Some(labels) = &mut self.labels {
            labels.begin();
        }
        while let Some(grid) = self
            .detector
            .next(plane, allowed.saturating_sub(self.spent_on_grids()).max(1))
        {
            let (copy, level) = self.detector.plane_for(plane, &grid);
            self.spent += grid.side * grid.side * WORK_PER_MODULE;
            if !self.sampler.sample(&copy, level, &grid, &mut self.values) {
                continue;
            }
            let (grid, content, how) = match self.read_grid(&grid, options) {
                Outcome::Message(grid, message) => {
                    let content = content_of(&message, options.effective_host(), catalogue);
                    (grid, content, How::General)
                }
                Outcome::Label(read) => (grid, content_of_label(&read), read.how),
                Outcome::Unread(agreement) => {
                    let settled = match self.settle(plane, &grid, agreement, &mut settlings) {
                        Some(settled) => self.read_settled(plane, settled, options),
                        None => None,
                    };
                    let Some((settled, read)) = settled else {
                        if agreement > best_agreement {
                            best_agreement = agreement;
                            found.unreadable = Some(grid);
                        }
                        continue;
                    };
                    (settled, content_of_label(&read), read.how)
                }
            };
            self.detector.take(&grid);
            found.add(Reading {
                content,
                corners: corners_of(&grid),
                how,
            });
        }
        self.add_up_frames(&mut found, options);
        if let Some(grid) = found.unreadable.filter(|_| found.readings.is_empty()) {
            found.readings.push(Reading {
                content: Content::Unreadable,
                corners: corners_of(&grid),
                how: How::General,
            });
        }
        nearest_first(&mut found.readings, plane.width(), plane.height());
        found
    }

    /// Reads the sampled values: as any decoder would, with what is known of our labels, and both
    /// once more with the blur undone.
    fn read_grid(&mut self, grid: &Grid, options: &ReaderOptions) -> Outcome {
        if let Some(outcome) = self.read_values(grid, options) {
            return outcome;
        }
        let modules = self.patterns.of(grid.side);
        let agreement = agreement(modules, grid.side, &self.values);
        if agreement < WORTH_EQUALISING {
            return Outcome::Unread(agreement);
        }
        self.spent += grid.side * grid.side * (EQUALISER_WORK + WORK_PER_MODULE);
        // Only function patterns train it: what is assumed of a label must stay to be proved.
        if self.equaliser.apply(grid.side, &mut self.values, modules)
            && let Some(outcome) = self.read_values(grid, options)
        {
            return outcome;
        }
        Outcome::Unread(agreement)
    }

    /// Moves a grid that may lie on a label until all that is known of labels agrees best.
    fn settle(
        &mut self,
        plane: Plane<'_>,
        grid: &Grid,
        agreement: f32,
        settlings: &mut usize,
    ) -> Option<Grid> {
        let labels = self.labels.as_ref()?;
        let worth = labels.side() == grid.side && agreement >= WORTH_SETTLING;
        if !worth || *settlings >= MOST_SETTLED {
            return None;
        }
        *settlings += 1;
        let (settled, _, _) = self.detector.settle(plane, grid, labels.known())?;
        Some(settled)
    }

    /// Reads a settled grid as a label: as sampled, then with the blur undone.
    fn read_settled(
        &mut self,
        plane: Plane<'_>,
        grid: Grid,
        options: &ReaderOptions,
    ) -> Option<(Grid, LabelRead)> {
        let (copy, level) = self.detector.plane_for(plane, &grid);
        self.spent += grid.side * grid.side * WORK_PER_MODULE;
        if !self.sampler.sample(&copy, level, &grid, &mut self.values) {
            return None;
        }
        let labels = self.labels.as_mut()?;
        let catalogue = options.effective_catalogue();
        let corners = corners_of(&grid);
        if let Some(read) = labels.look(&self.values, corners, catalogue, Effort::Full) {
            return Some((grid, read));
        }
        self.spent += grid.side * grid.side * EQUALISER_WORK;
        let modules = self.patterns.of(grid.side);
        if !self.equaliser.apply(grid.side, &mut self.values, modules) {
            return None;
        }
        let read = labels.look(&self.values, corners, catalogue, Effort::Full)?;
        Some((grid, read))
    }

    fn read_values(&mut self, grid: &Grid, options: &ReaderOptions) -> Option<Outcome> {
        if let Ok((grid, message)) = self.decode(grid) {
            return Some(Outcome::Message(grid, message));
        }
        let labels = self
            .labels
            .as_mut()
            .filter(|labels| labels.side() == grid.side)?;
        let catalogue = options.effective_catalogue();
        let read = labels.look(&self.values, corners_of(grid), catalogue, Effort::Quick);
        read.map(Outcome::Label)
    }

    /// Decodes the sampled values, as they are and as seen in a mirror.
    fn decode(&mut self, grid: &Grid) -> Result<(Grid, Message), DecodeError> {
        let error = match self.decoder.decode(grid.side, &self.values) {
            Ok(decoded) => return Ok((*grid, decoded.message)),
            Err(error) => error,
        };
        transpose(grid.side, &mut self.values);
        let mirrored = Grid {
            mirrored: !grid.mirrored,
            ..*grid
        };
        let answer = self.decoder.decode(grid.side, &self.values);
        transpose(grid.side, &mut self.values);
        answer
            .map(|decoded| (mirrored, decoded.message))
            .map_err(|_| error)
    }

    /// What this frame alone does not prove, earlier ones may help to.
    fn add_up_frames(&mut self, found: &mut Found, options: &ReaderOptions) {
        let Some(labels) = &mut self.labels else {
            return;
        };
        if !found.readings.is_empty() {
            labels.forget();
            return;
        }
        if let Some((read, corners)) = labels.add_up(options.effective_catalogue()) {
            found.add(Reading {
                content: content_of_label(&read),
                corners,
                how: read.how,
            });
        }
    }
}

impl Found {
    fn add(&mut self, reading: Reading) {
        if self.readings.len() < MOST_READINGS && !is_double(&self.readings, &reading) {
            self.readings.push(reading);
        }
    }
}

fn content_of_label(read: &LabelRead) -> Content {
    Content::Label {
        label: read.label,
        known: read.known,
    }
}

fn corners_of(grid: &Grid) -> [Point; 4] {
    grid.corners().map(|Vector { x, y }| Point { x, y })
}

/// Mean agreement of the sampled values with the function patterns, -1 to 1.
fn agreement(modules: &[KnownModule], side: usize, values: &[f32]) -> f32 {
    let value = |m: &KnownModule| values[usize::from(m.row) * side + usize::from(m.column)];
    let sum: f32 = modules
        .iter()
        .map(|m| value(m).clamp(-1.0, 1.0) * m.sign())
        .sum();
    sum / modules.len().max(1) as f32
}

/// Swaps rows and columns: what a mirror shows, seen from its other side.
fn transpose(side: usize, values: &mut [f32]) {
    for row in 0..side {
        for column in 0..row {
            values.swap(row * side + column, column * side + row);
        }
    }
}
