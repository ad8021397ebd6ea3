//! Finder patterns by their runs 1:1:3:1:1, dark on light and light on dark in one scan.

use super::plane::Plane;
use super::texture::Texture;
use super::threshold::ThresholdMap;
use crate::geometry::{Vector, vector};

/// A finder pattern: its centre and how wide it is.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Finder {
    pub(crate) centre: Vector,
    /// Mean of its width along a row and along a column, pixels.
    pub(crate) size: f32,
    /// Light on dark.
    pub(crate) inverted: bool,
    /// Grey levels between its light ring and its dark parts, on the worst of four sides.
    pub(crate) contrast: f32,
    /// 1 when the runs along its row, its column and both diagonals are 1:1:3:1:1 to the pixel,
    /// less for each pixel of difference.
    pub(crate) likeness: f32,
}

/// How nearly runs are 1:1:3:1:1: 1 less the share of their length that is in the wrong place,
/// half a pixel at each edge not counted.
fn likeness(runs: &Runs) -> f32 {
    let total = runs.iter().sum::<i32>() as f32;
    let off: f32 = runs
        .iter()
        .zip([1.0, 1.0, 3.0, 1.0, 1.0])
        .map(|(&run, share)| ((run as f32 - share * total / 7.0).abs() - 0.5).max(0.0))
        .sum();
    1.0 - off / total
}

/// Most finders of one polarity that are kept of a scan: ten symbols. Triples grow with the
/// third power.
pub(crate) const MOST_FINDERS: usize = 32;

/// Most candidates that pass the run test of a row and are looked at in other directions, per
/// scan. A frame of gratings makes hundreds of thousands; a frame with eight symbols about 800.
const MOST_CHECKS: usize = 6_000;

/// Units of work for one of them, in the mean over text and symbols.
const WORK_PER_CHECK: usize = 64;

/// Most finders held while scanning.
const MOST_FOUND: usize = 400;

/// Buffers of the scan.
#[derive(Default)]
pub(crate) struct FinderScan {
    row: Vec<u8>,
    edges: Vec<u32>,
    found: Vec<Finder>,
}

type Runs = [i32; 5];

impl FinderScan {
    /// Scans the textured parts of every `step`-th row of `plane`, the frame's copy at `level`;
    /// leaves in `out` up to [`MOST_FINDERS`] of each polarity, the clearest first. Returns the
    /// work done.
    pub(crate) fn scan(
        &mut self,
        plane: &Plane<'_>,
        map: &ThresholdMap,
        (texture, level): (&Texture, usize),
        (step, floor): (usize, f32),
        out: &mut Vec<Finder>,
    ) -> usize {
        self.found.clear();
        let probe = Probe { plane, map };
        let (mut pixels, mut checks) = (0, 0);
        'rows: for y in (step / 2..plane.height()).step_by(step) {
            for (from, to) in texture.spans(level, y, plane.width()) {
                pixels += to - from;
                checks += self.scan_span(&probe, y, (from, to), floor);
                if checks > MOST_CHECKS {
                    break 'rows;
                }
            }
        }
        // Clear, large and well-shaped first. Contrast and size say little more from some bound on;
        // a fifth in the wrong place halves the worth.
        let worth = |f: &Finder| f.contrast.min(60.0) * f.size.min(20.0) * f.likeness.powi(3);
        self.found
            .sort_unstable_by(|a, b| worth(b).total_cmp(&worth(a)));
        out.clear();
        for inverted in [false, true] {
            out.extend(
                self.found
                    .iter()
                    .filter(|f| f.inverted == inverted)
                    .take(MOST_FINDERS),
            );
        }
        pixels + checks * WORK_PER_CHECK
    }

    /// Scans a part of row `y`; returns how many candidates were looked at in other directions.
    fn scan_span(
        &mut self,
        probe: &Probe<'_>,
        y: usize,
        (from, to): (usize, usize),
        floor: f32,
    ) -> usize {
        probe.map.row(probe.plane, y, (from, to), &mut self.row);
        find_edges(&self.row, &mut self.edges);
        let row = &probe.plane.row(y)[from..to];
        let mut checks = 0;
        for e in self.edges.array_windows::<6>() {
            let runs: Runs = std::array::from_fn(|k| (e[k + 1] - e[k]) as i32);
            // Cheap refusal first: the middle is 3 of 7 modules and the widest of the three.
            let rest = runs[0] + runs[1] + runs[3] + runs[4];
            if runs[2] * 8 < rest * 3
                || runs[2] * 2 > rest * 3
                || runs[2] < runs[1].max(runs[3])
                || !is_finder(&runs, 1.0)
            {
                continue;
            }
            let dark = self.row[e[0] as usize] == 1;
            if line_contrast(row, e, dark) < floor {
                continue;
            }
            let middle = from as f32 + (e[2] + e[3]) as f32 / 2.0 - 0.5;
            let here = vector(middle, y as f32);
            if self
                .found
                .iter()
                .any(|f| f.inverted != dark && f.centre.distance(here) < f.size * 0.5)
            {
                continue;
            }
            checks += 1;
            let width = (e[5] - e[0]) as i32;
            let Some(finder) = probe.check(middle, y as i32, dark, width) else {
                continue;
            };
            if finder.contrast >= floor && self.found.len() < MOST_FOUND {
                let known = self.found.iter().any(|f| {
                    f.inverted == finder.inverted && f.centre.distance(finder.centre) < f.size * 0.4
                });
                if !known {
                    self.found.push(finder);
                }
            }
        }
        checks
    }
}

/// Where a row changes colour, with both ends of the row.
fn find_edges(row: &[u8], edges: &mut Vec<u32>) {
    edges.clear();
    edges.push(0);
    let mut x = 1;
    while x + 8 <= row.len() {
        let word = |from: usize| row[from..from + 8].try_into().map_or(0, u64::from_le_bytes);
        let mut changed = word(x) ^ word(x - 1);
        while changed != 0 {
            edges.push((x + changed.trailing_zeros() as usize / 8) as u32);
            changed &= changed - 1;
        }
        x += 8;
    }
    for x in x..row.len() {
        if row[x] != row[x - 1] {
            edges.push(x as u32);
        }
    }
    edges.push(row.len() as u32);
}

/// Grey levels between the darkest light run and the lightest dark one, in the middle of runs.
fn line_contrast(row: &[u8], e: &[u32; 6], dark: bool) -> f32 {
    let level = |k: usize| i32::from(row[((e[k] + e[k + 1]) / 2) as usize]);
    let (stone, ring) = ([level(0), level(2), level(4)], [level(1), level(3)]);
    let gap = if dark {
        ring[0].min(ring[1]) - stone[0].max(stone[1]).max(stone[2])
    } else {
        stone[0].min(stone[1]).min(stone[2]) - ring[0].max(ring[1])
    };
    gap as f32
}

/// Whether five runs are 1:1:3:1:1. Dark and light runs have units of their own, since blur and
/// exposure widen the one at the cost of the other (as ZXing-C++ reasons); a run may be off by
/// three quarters of its unit if dark, a third if light, and by half a pixel at each scale.
fn is_finder(r: &Runs, loose: f32) -> bool {
    let (bar, space) = (
        (r[0] + r[2] + r[4]) as f32 / 5.0,
        (r[1] + r[3]) as f32 / 2.0,
    );
    if r[1] == 0 || r[2] == 0 || r[3] == 0 || bar > 4.0 * space || space > 4.0 * bar {
        return false;
    }
    if bar + space < 2.0 {
        return false;
    }
    let (bar_slack, space_slack) = (bar * 0.75 * loose + 0.5, space * 0.34 * loose + 0.5);
    let off = |v: i32, want: f32| (v as f32 - want).abs();
    off(r[0], bar) <= bar_slack
        && off(r[4], bar) <= bar_slack
        && off(r[2], 3.0 * bar) <= bar_slack
        && off(r[1], space) <= space_slack
        && off(r[3], space) <= space_slack
}

/// Looks at black and white along lines through a point.
struct Probe<'a> {
    plane: &'a Plane<'a>,
    map: &'a ThresholdMap,
}

impl Probe<'_> {
    fn dark(&self, x: i32, y: i32) -> Option<bool> {
        let (x, y) = (usize::try_from(x).ok()?, usize::try_from(y).ok()?);
        (x < self.plane.width() && y < self.plane.height())
            .then(|| self.map.is_dark(self.plane, x, y))
    }

    /// The five runs through (x, y) along (dx, dy), and how far the middle run's centre is off.
    fn runs(&self, x: i32, y: i32, step: (i32, i32), dark: bool, most: i32) -> Option<(Runs, f32)> {
        if self.dark(x, y)? != dark {
            return None;
        }
        let mut arms = [[0i32; 3]; 2];
        for (arm, sign) in arms.iter_mut().zip([-1, 1]) {
            let (mut px, mut py, mut want, mut i) = (x, y, dark, 0);
            loop {
                px += sign * step.0;
                py += sign * step.1;
                match self.dark(px, py) {
                    Some(c) if c == want => arm[i] += 1,
                    Some(_) if i == 2 => break,
                    Some(_) => {
                        i += 1;
                        want = !want;
                        arm[i] = 1;
                    }
                    // The outer ring may end with the image.
                    None if i == 2 => break,
                    None => return None,
                }
                if arm[i] > most {
                    return None;
                }
            }
        }
        let [a, b] = arms;
        Some((
            [a[2], a[1], a[0] + b[0] + 1, b[1], b[2]],
            (b[0] - a[0]) as f32 / 2.0,
        ))
    }

    /// Looks at a row's candidate along its column, its row and both diagonals.
    fn check(&self, x: f32, y: i32, dark: bool, width: i32) -> Option<Finder> {
        let most = width * 2;
        let x = x.round() as i32;
        let (column, off) = self.runs(x, y, (0, 1), dark, most)?;
        if !is_finder(&column, 1.0) {
            return None;
        }
        let y = y + off.round() as i32;
        let (row, off) = self.runs(x, y, (1, 0), dark, most)?;
        if !is_finder(&row, 1.0) {
            return None;
        }
        let x = x + off.round() as i32;
        let mut like = likeness(&row) * likeness(&column);
        for step in [(1, 1), (1, -1)] {
            let (runs, _) = self.runs(x, y, step, dark, most)?;
            if !is_finder(&runs, 1.3) {
                return None;
            }
            like *= likeness(&runs);
        }
        let (high, wide) = (column.iter().sum::<i32>(), row.iter().sum::<i32>());
        // Lines through the centre of a pattern tilted by 75 degrees differ by 1 / cos 75 = 4;
        // beyond 5 no module would be seen.
        if high.max(wide) > 5 * high.min(wide) {
            return None;
        }
        // The centre is the mean over the lines through the inner third of the stone.
        let mean = |reach: i32, along_row: bool| {
            let (mut sum, mut count) = (0.0, 0.0f32);
            for d in -reach..=reach {
                let line = if along_row {
                    self.runs(x, y + d, (1, 0), dark, most)
                } else {
                    self.runs(x + d, y, (0, 1), dark, most)
                };
                if let Some((runs, off)) = line
                    && is_finder(&runs, 1.2)
                {
                    sum += off;
                    count += 1.0;
                }
            }
            (count > 0.0).then_some(sum / count)
        };
        let centre = vector(
            x as f32 + mean(high / 14, true)?,
            y as f32 + mean(wide / 14, false)?,
        );
        let contrast = self.contrast(centre, dark, &row, &column);
        Some(Finder {
            centre,
            size: (high + wide) as f32 / 2.0,
            inverted: !dark,
            contrast,
            likeness: like,
        })
    }

    /// Grey levels between the light ring and the parts beside it on the worst of four sides.
    fn contrast(&self, centre: Vector, dark: bool, row: &Runs, column: &Runs) -> f32 {
        let level = |p: Vector| self.plane.sample(p);
        let Some(middle) = level(centre) else {
            return 0.0;
        };
        let mut worst = 255.0f32;
        for (runs, axis) in [(row, vector(1.0, 0.0)), (column, vector(0.0, 1.0))] {
            let half = runs[2] as f32 / 2.0;
            for (ring, rim, sign) in [(runs[3], runs[4], 1.0), (runs[1], runs[0], -1.0)] {
                let (ring, rim) = (ring as f32, rim as f32);
                let at = |d: f32| level(centre + axis * (d * sign)).unwrap_or(middle);
                let light = at(half + ring / 2.0);
                let outer = at(half + ring + rim.min(2.0 * ring) / 2.0);
                let inner = (middle + at(half * 0.6)) / 2.0;
                worst = worst.min(if dark {
                    light - outer.max(inner)
                } else {
                    outer.min(inner) - light
                });
            }
        }
        worst
    }
}
