//! One frame: passes in the order of their cost, each grid sampled and decoded, until the frame is
//! searched or the budget spent.

use kokoni_model::label::{Host, parse_scanned_text};
use kokoni_model::reading::{Content, How, Point, Reading};

use crate::catalogue::PreparedCatalogue;
use crate::decode::{DecodeError, Decoder, Message};
use crate::detect::Detector;
use crate::detect::pattern::{FunctionPatterns, KnownModule};
use crate::detect::plane::Plane;
use crate::geometry::Vector;
use crate::grid::{Grid, Sampler};
use crate::options::ReaderOptions;

/// Most codes reported of one frame.
const MOST_READINGS: usize = 32;

/// Units of work for sampling and decoding one module: five looks and the error correction.
const WORK_PER_MODULE: usize = 8;

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
#[derive(Default)]
pub(crate) struct Scheduler {
    detector: Detector,
    sampler: Sampler,
    decoder: Decoder,
    patterns: FunctionPatterns,
    values: Vec<f32>,
}

impl Scheduler {
    pub(crate) fn reset(&mut self) {}

    pub(crate) fn read(&mut self, plane: Plane<'_>, options: &ReaderOptions) -> Found {
        let mut found = Found::default();
        let host = options.effective_host();
        let catalogue = options.effective_catalogue();
        let allowed = usize::try_from(options.budget.units()).unwrap_or(usize::MAX);
        let mut spent = 0;
        self.detector.begin(plane, true);
        let mut best_agreement = LEAST_AGREEMENT;
        while let Some(grid) = self
            .detector
            .next(plane, allowed.saturating_sub(spent).max(1))
        {
            spent += grid.side * grid.side * WORK_PER_MODULE;
            let (copy, level) = self.detector.plane_for(plane, &grid);
            if !self.sampler.sample(&copy, level, &grid, &mut self.values) {
                continue;
            }
            match self.decode(&grid) {
                Ok((grid, message)) => {
                    self.detector.take(&grid);
                    let content = content_of(&message, host, catalogue);
                    let reading = Reading {
                        content,
                        corners: corners_of(&grid),
                        how: How::General,
                    };
                    if found.readings.len() < MOST_READINGS && !is_double(&found.readings, &reading)
                    {
                        found.readings.push(reading);
                    }
                }
                Err(error) => {
                    let agreement = agreement(self.patterns.of(grid.side), grid.side, &self.values);
                    if agreement > best_agreement && !matches!(error, DecodeError::Side { .. }) {
                        best_agreement = agreement;
                        found.unreadable = Some(grid);
                    }
                }
            }
        }
        if let Some(grid) = found.unreadable.filter(|_| found.readings.is_empty()) {
            found.readings.push(Reading {
                content: Content::Unreadable,
                corners: corners_of(&grid),
                how: How::General,
            });
        }
        nearest_first(&mut found.readings, plane);
        found
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
}

/// What a message means to us. Only a plain message can be a label, byte for byte.
fn content_of(
    message: &Message,
    host: Option<&Host>,
    catalogue: Option<&PreparedCatalogue>,
) -> Content {
    let plain = message.fnc1.is_none() && message.structured_append.is_none();
    let label = host
        .filter(|_| plain)
        .and_then(|host| parse_scanned_text(host, &message.text).ok());
    match label {
        Some(label) => Content::Label {
            label,
            known: catalogue.is_some_and(|catalogue| catalogue.contains(&label)),
        },
        None => Content::Foreign {
            text: message.text.clone(),
        },
    }
}

fn corners_of(grid: &Grid) -> [Point; 4] {
    grid.corners().map(|Vector { x, y }| Point { x, y })
}

fn middle_of(corners: &[Point; 4]) -> (f32, f32) {
    let sum = corners
        .iter()
        .fold((0.0, 0.0), |s, c| (s.0 + c.x, s.1 + c.y));
    (sum.0 / 4.0, sum.1 / 4.0)
}

/// The same symbol found twice: the same content whose middles lie within half a side.
fn is_double(readings: &[Reading], new: &Reading) -> bool {
    let (x, y) = middle_of(&new.corners);
    let side = (new.corners[1].x - new.corners[0].x).hypot(new.corners[1].y - new.corners[0].y);
    readings.iter().any(|old| {
        let (ox, oy) = middle_of(&old.corners);
        old.content == new.content && (ox - x).hypot(oy - y) < side / 2.0
    })
}

fn nearest_first(readings: &mut [Reading], plane: Plane<'_>) {
    let centre = (
        (plane.width() - 1) as f32 / 2.0,
        (plane.height() - 1) as f32 / 2.0,
    );
    let distance = |reading: &Reading| {
        let (x, y) = middle_of(&reading.corners);
        (x - centre.0).hypot(y - centre.1)
    };
    readings.sort_by(|a, b| distance(a).total_cmp(&distance(b)));
}

/// Mean agreement of the sampled values with the function patterns, -1 to 1.
fn agreement(modules: &[KnownModule], side: usize, values: &[f32]) -> f32 {
    let sum: f32 = modules
        .iter()
        .map(|m| {
            values[usize::from(m.row) * side + usize::from(m.column)].clamp(-1.0, 1.0) * m.sign()
        })
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
