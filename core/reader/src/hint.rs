//! What would help while nothing is read: closer, further, more light, less glare, a calmer hand.

use kokoni_model::reading::Hint;

use crate::detect::plane::Plane;
use crate::grid::Grid;

/// Every how many rows and columns are looked at: enough for shares and extremes, and a frame of
/// 1920 x 1080 costs 30,000 looks.
const STEP: usize = 8;

/// Grey level below which even the lightest hundredth of a frame means a dark room: paper then
/// gives less than a fifth of the range, and sensors amplify noise with it.
const DARK_PAPER: usize = 52;

/// Grey level that a sensor gives where it is blinded.
const BLINDED: u8 = 252;

/// Share of the symbol's area under a reflection from which error correction Q (a quarter of the
/// codewords) is in danger.
const GLARING_SHARE: f32 = 0.06;

/// Pixels per module below which the symbol is too far away: two samples a module is Nyquist's
/// bound, and blur takes its part.
const SMALL_MODULE: f32 = 2.2;

/// An edge of ink on paper spreads over about two pixels when it is sharp; when no step between
/// neighbours reaches this share of the contrast, the whole frame is smeared.
const SHARP_STEP: f32 = 0.2;

/// Says what would help. `code` is a symbol that was located and could not be read.
pub(crate) fn hint(plane: &Plane<'_>, code: Option<&Grid>) -> Option<Hint> {
    let light = Light::of(plane);
    if light.lightest < DARK_PAPER {
        return Some(Hint::TooDark);
    }
    if let Some(grid) = code {
        let (right, bottom) = ((plane.width() - 1) as f32, (plane.height() - 1) as f32);
        let outside =
            |c: &crate::geometry::Vector| c.x < 0.0 || c.y < 0.0 || c.x > right || c.y > bottom;
        if grid.corners().iter().any(outside) {
            return Some(Hint::MoveBack);
        }
        if blinded_share(plane, grid) > GLARING_SHARE {
            return Some(Hint::Glare);
        }
        if grid.module_size() < SMALL_MODULE {
            return Some(Hint::Closer);
        }
        return Some(Hint::HoldStill);
    }
    let contrast = light.lightest - light.darkest;
    // A bare wall has no edges either, and nothing to hold still for.
    (contrast > 60 && (light.steepest as f32) < SHARP_STEP * contrast as f32)
        .then_some(Hint::HoldStill)
}

struct Light {
    /// Level that a hundredth of the pixels exceeds.
    lightest: usize,
    /// Level that a hundredth stays below.
    darkest: usize,
    /// Greatest step between neighbours that one look in a thousand exceeds.
    steepest: usize,
}

impl Light {
    fn of(plane: &Plane<'_>) -> Self {
        let (mut levels, mut steps) = ([0usize; 256], [0usize; 256]);
        let mut looks = 0;
        for y in (0..plane.height()).step_by(STEP) {
            let row = plane.row(y);
            for x in (0..row.len()).step_by(STEP) {
                levels[usize::from(row[x])] += 1;
                steps[usize::from(row[x].abs_diff(row[(x + 2).min(row.len() - 1)]))] += 1;
                looks += 1;
            }
        }
        let from_above = |counts: &[usize; 256], share: usize| {
            let mut left = looks / share;
            (0..256).rev().find(|&level| {
                let enough = counts[level] > left;
                left = left.saturating_sub(counts[level]);
                enough
            })
        };
        let mut upside_down = levels;
        upside_down.reverse();
        Self {
            lightest: from_above(&levels, 100).unwrap_or(0),
            darkest: 255 - from_above(&upside_down, 100).unwrap_or(255),
            steepest: from_above(&steps, 1000).unwrap_or(0),
        }
    }
}

/// Share of the symbol's modules where the sensor is blinded and dark ones are missing too: paper
/// in full light may also reach the top, so only areas of 3 x 3 modules count.
fn blinded_share(plane: &Plane<'_>, grid: &Grid) -> f32 {
    let blinded = |column: usize, row: usize| {
        let p = grid.map(column as f32 + 0.5, row as f32 + 0.5);
        plane
            .sample(p)
            .is_some_and(|level| level >= f32::from(BLINDED))
    };
    let (mut areas, mut count) = (0, 0);
    for row in (1..grid.side - 1).step_by(3) {
        for column in (1..grid.side - 1).step_by(3) {
            count += 1;
            let all = (0..9).all(|i| blinded(column + i % 3 - 1, row + i / 3 - 1));
            areas += usize::from(all);
        }
    }
    areas as f32 / count.max(1) as f32
}
