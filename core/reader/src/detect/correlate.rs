//! Finders by correlation with their pattern in grey: also where blur or motion has left no edges.
//!
//! The frame is resampled so that a module is one pixel wide, once for each size of module and
//! both upright and turned by 45 degrees; a square pattern up to 22.5 degrees off still correlates
//! by four fifths. The normalised correlation (Lewis, Fast Normalized Cross-Correlation, 1995) of
//! concentric squares needs only sums over boxes, which a summed-area table gives in constant time
//! (Viola and Jones, Rapid Object Detection, 2001). Where it is high, the place is looked at again
//! with a module two pixels wide, half a pixel of which is a quarter of a module.

use super::finder::Finder;
use super::fine_look::FineLook;
use super::plane::{LEVELS, Plane, Pyramid, scale_of};
use super::texture::Part;
use crate::geometry::{Vector, vector};
use crate::grid::level_for;

/// Where the pattern correlates.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Peak {
    pub(crate) finder: Finder,
    /// -1 to 1; see [`LEAST_SCORE`].
    pub(crate) score: f32,
}

/// Modules 4 to 13 pixels wide: smaller ones that are blurred cannot be read, larger ones lose
/// their blur in the frame's smaller copies. One size is 1.22 times the last, so that none is off
/// by more than a tenth.
pub(crate) const SIZES: [&[f32]; 2] = [
    // What labels in the hand usually have, in the order of how common that is.
    &[8.0, 6.6, 9.7, 5.4, 11.8],
    // This costs more than half as much as all others.
    &[4.4],
];

/// A sharp finder correlates by 0.9, one blurred by a module by 0.5; what is below this is as
/// common anywhere in a textured frame.
pub(super) const LEAST_SCORE: f32 = 0.34;

/// The same where a module is one pixel: up to half a module off in both directions, a sharp finder
/// still correlates by this, and a blurred one hardly less than at its centre.
const LEAST_COARSE: f32 = 0.25;

/// Most places remembered while one size and turn is scanned, most of them looked at again, most
/// peaks kept of them, and of a frame.
const MOST_FOUND: usize = 48;
const MOST_REFINED: usize = 20;
const MOST_OF_SCAN: usize = 10;
const MOST_PEAKS: usize = 48;

/// Modules from the centre to the ends of the stone, the light ring, the finder and its separator,
/// the half module of the centre left out: pixels of the coarse look.
const REACHES: [usize; 4] = [1, 2, 3, 4];

// The boxes hold 9, 25, 49 and 81 modules.
const AREA: f32 = 81.0;
const DARK: f32 = 9.0 + 49.0 - 25.0;
const LIGHT: f32 = AREA - DARK;

/// The grey level from which others count.
const MIDDLE: i32 = 128;

/// Grey variance added to what is measured, so that plain paper does not correlate by its noise.
const NOISE: f32 = 2.0;

/// Correlates a frame; its buffers serve every size. Of the summed-area tables only the rows
/// under the pattern are kept, so that they stay in the cache and take no part of the frame's size.
#[derive(Default)]
pub(crate) struct Correlator {
    line: Vec<u8>,
    row_sums: Vec<u32>,
    row_squares: Vec<u32>,
    sums: Vec<u32>,
    squares: Vec<u32>,
    width: usize,
    height: usize,
    rows: RowScores,
    found: Vec<(f32, usize, usize)>,
    /// What a place must exceed to be among the found.
    least: f32,
    fine: FineLook,
    refined: Vec<(f32, Vector)>,
    peaks: Vec<Peak>,
}

/// What a row of the scan works on: the boxes' sums, then the squares of the scores.
#[derive(Default)]
struct RowScores {
    dark: Vec<i32>,
    whole: Vec<i32>,
    square: Vec<i32>,
    scores: Vec<f32>,
}

/// Rows of the tables that are kept: a scanned row needs those from `REACHES[3]` above to one more
/// below.
const RING: usize = 2 * REACHES[3] + 2;

/// From pixels of the resampled image to pixels of the frame.
#[derive(Clone, Copy)]
pub(super) struct Sampling {
    pub(super) origin: Vector,
    right: Vector,
    down: Vector,
}

impl Sampling {
    pub(super) fn at(&self, x: f32, y: f32) -> Vector {
        self.origin + self.right * x + self.down * y
    }

    /// Which part of row `y`, of `width` pixels, lies in the frame.
    fn inside(&self, y: f32, frame: (usize, usize), width: usize) -> (usize, usize) {
        let start = self.at(0.0, y);
        let (mut low, mut high) = (0.0f32, width as f32);
        let ends = [
            (frame.0 as f32 - 1.0, start.x, self.right.x),
            (frame.1 as f32 - 1.0, start.y, self.right.y),
        ];
        for (end, from, step) in ends {
            if step > 1e-6 {
                low = low.max(-from / step);
                high = high.min((end - from) / step + 1.0);
            } else if from < 0.0 || from > end {
                return (0, 0);
            }
        }
        // A float that is out of range becomes the nearest whole number that is in range.
        let (low, high) = (low.ceil() as usize, (high.floor() as usize).min(width));
        if low < high { (low, high) } else { (0, 0) }
    }
}

/// A part of a frame with its smaller copies, which are all made.
#[derive(Clone, Copy)]
pub(crate) struct Copies<'a> {
    pub(crate) frame: Plane<'a>,
    pub(crate) pyramid: &'a Pyramid,
    pub(crate) part: Part,
}

impl<'a> Copies<'a> {
    /// The part in the smallest copy in which a module is `least` pixels wide, with its level.
    fn for_module(&self, module: f32, least: f32) -> (Plane<'a>, usize) {
        let level = level_for(module, least, LEVELS - 1);
        let Part { left, top, .. } = self.part;
        let (width, height) = (self.part.width() >> level, self.part.height() >> level);
        let plane = self.pyramid.plane(self.frame, level);
        (
            plane.part(left >> level, top >> level, width, height),
            level,
        )
    }

    /// Whether a symbol of `side` modules may lie in it: tilted, or more than half of it.
    fn may_hold(&self, side: f32) -> bool {
        let (width, height) = (self.part.width() as f32, self.part.height() as f32);
        width.max(height) > LEAST_LONG * side && width.min(height) > LEAST_SHORT * side
    }
}

/// The least part of a symbol's side that is seen along it and across it, when it is tilted by 65
/// degrees, torn off or partly outside the frame.
const LEAST_LONG: f32 = 0.6;
const LEAST_SHORT: f32 = 0.4;

impl Correlator {
    pub(crate) fn clear(&mut self) {
        self.peaks.clear();
    }

    /// The best first.
    pub(crate) fn peaks(&self) -> &[Peak] {
        &self.peaks
    }

    /// Adds the peaks for modules `module` pixels wide, of symbols of `side` modules. Returns the
    /// pixels looked at.
    pub(crate) fn scan(
        &mut self,
        copies: Copies<'_>,
        side: usize,
        module: f32,
        turned: bool,
    ) -> usize {
        if !copies.may_hold(side as f32 * module) {
            return 0;
        }
        let frame = (copies.part.width(), copies.part.height());
        let (w, h) = (frame.0 as f32, frame.1 as f32);
        let sampling = if turned {
            let k = module * std::f32::consts::FRAC_1_SQRT_2;
            let side = ((w + h) * std::f32::consts::FRAC_1_SQRT_2 / module) as usize;
            (self.width, self.height) = (side, side);
            let (right, down) = (vector(k, k), vector(-k, k));
            let half = side as f32 / 2.0;
            Sampling {
                origin: vector(w / 2.0, h / 2.0) - (right + down) * half,
                right,
                down,
            }
        } else {
            (self.width, self.height) = ((w / module) as usize, (h / module) as usize);
            let (right, down) = (vector(module, 0.0), vector(0.0, module));
            Sampling {
                origin: vector(module / 2.0, module / 2.0),
                right,
                down,
            }
        };
        let reach = REACHES[3];
        if self.width <= 2 * reach || self.height <= 2 * reach {
            return 0;
        }
        let length = (self.width + 1) * RING;
        for table in [&mut self.sums, &mut self.squares] {
            table.clear();
            table.resize(length, 0);
        }
        self.found.clear();
        self.least = LEAST_COARSE;
        let (plane, level) = copies.for_module(module, 1.0);
        let (mut made, mut work) = (0, 0);
        for y in reach..self.height - reach {
            while made <= y + reach {
                work += self.sum_up_row(&plane, level, frame, &sampling, made);
                made += 1;
            }
            let (from, to) = sampling.inside(y as f32, frame, self.width);
            let (from, to) = (from.max(reach), to.min(self.width - reach));
            work += self.scan_row(y, from, to);
        }
        work + self.refine(copies, module, &sampling)
    }

    /// Looks again, closely, at the best places found; keeps the best of them.
    fn refine(&mut self, copies: Copies<'_>, module: f32, sampling: &Sampling) -> usize {
        self.found
            .sort_unstable_by(|a, b| b.0.abs().total_cmp(&a.0.abs()));
        let (plane, level) = copies.for_module(module, 2.0);
        let fine = Sampling {
            right: sampling.right * 0.5,
            down: sampling.down * 0.5,
            ..*sampling
        };
        self.refined.clear();
        let mut work = 0;
        for &(score, x, y) in self.found.iter().take(MOST_REFINED) {
            let around = Sampling {
                origin: sampling.at(x as f32, y as f32),
                ..fine
            };
            let (best, at) = self.fine.best(&plane, level, &around, score < 0.0);
            work += FineLook::WORK;
            if best.abs() > LEAST_SCORE {
                self.refined.push((best, at));
            }
        }
        self.refined
            .sort_unstable_by(|a, b| b.0.abs().total_cmp(&a.0.abs()));
        for i in 0..self.refined.len().min(MOST_OF_SCAN) {
            let (score, at) = self.refined[i];
            let (left, top) = (copies.part.left as f32, copies.part.top as f32);
            self.keep(score, at + vector(left, top), module);
        }
        work
    }

    /// Resamples what of row `y` lies in the frame, a grey level of the nearest pixel each: the boxes
    /// take the mean of many. Returns where it begins and ends.
    fn resample_row(
        &mut self,
        plane: &Plane<'_>,
        level: usize,
        frame: (usize, usize),
        sampling: &Sampling,
        y: usize,
    ) -> (usize, usize) {
        let (scale, shift) = scale_of(level);
        let (from, to) = sampling.inside(y as f32, frame, self.width);
        self.line.clear();
        self.line.resize(to - from, 0);
        let start = sampling.at(from as f32, y as f32);
        let fixed = |v: f32| (v * 65536.0) as i64;
        let (mut px, mut py) = (
            fixed((start.x - shift) / scale + 0.5),
            fixed((start.y - shift) / scale + 0.5),
        );
        let (dx, dy) = (
            fixed(sampling.right.x / scale),
            fixed(sampling.right.y / scale),
        );
        let (right, bottom) = (plane.width() as i64 - 1, plane.height() as i64 - 1);
        if dy == 0 {
            let row = plane.row((py >> 16).clamp(0, bottom) as usize);
            for pixel in &mut self.line {
                *pixel = row[(px >> 16).clamp(0, right) as usize];
                px += dx;
            }
        } else {
            for pixel in &mut self.line {
                let (x, y) = ((px >> 16).clamp(0, right), (py >> 16).clamp(0, bottom));
                *pixel = plane.at(x as usize, y as usize);
                px += dx;
                py += dy;
            }
        }
        (from, to)
    }

    /// Adds row `y` to the tables; returns the work done. Levels count from the middle grey, which
    /// is what lies outside the frame.
    fn sum_up_row(
        &mut self,
        plane: &Plane<'_>,
        level: usize,
        frame: (usize, usize),
        sampling: &Sampling,
        y: usize,
    ) -> usize {
        let (from, to) = self.resample_row(plane, level, frame, sampling, y);
        let width = self.width + 1;
        let (mut sum, mut square) = (0u32, 0u32);
        self.row_sums.resize(to - from, 0);
        self.row_squares.resize(to - from, 0);
        let out = self.row_sums.iter_mut().zip(&mut self.row_squares);
        for ((out, out_square), &v) in out.zip(&self.line) {
            let v = i32::from(v) - MIDDLE;
            sum = sum.wrapping_add_signed(v);
            square += (v * v) as u32;
            (*out, *out_square) = (sum, square);
        }
        // Wrapping is harmless: only differences over one box are used.
        let tables = [
            (&mut self.sums, &self.row_sums, sum),
            (&mut self.squares, &self.row_squares, square),
        ];
        for (table, row, all) in tables {
            let (above, below) = two_rows(table, y % RING, width);
            below[..=from].copy_from_slice(&above[..=from]);
            let (above, below) = (&above[from + 1..], &mut below[from + 1..]);
            for ((below, above), sum) in below.iter_mut().zip(above).zip(row) {
                *below = above.wrapping_add(*sum);
            }
            for (below, above) in below[to - from..].iter_mut().zip(&above[to - from..]) {
                *below = above.wrapping_add(all);
            }
        }
        self.width + 2 * (to - from)
    }

    /// Row `y` of a table.
    #[inline]
    fn table_row<'a>(&self, table: &'a [u32], y: usize) -> &'a [u32] {
        let width = self.width + 1;
        &table[y % RING * width..][..width]
    }

    /// Adds to `found` what correlates along row `y`; whole rows at a time, which vectorises.
    fn scan_row(&mut self, y: usize, from: usize, to: usize) -> usize {
        if from >= to {
            return 0;
        }
        let mut rows = std::mem::take(&mut self.rows);
        for sums in [&mut rows.dark, &mut rows.whole, &mut rows.square] {
            sums.clear();
            sums.resize(to - from, 0);
        }
        let corners = |table, reach| {
            let of = |y| &self.table_row(table, y)[from - reach..=to + reach];
            (of(y - reach), of(y + reach + 1))
        };
        let [stone, ring, finder, all] = REACHES.map(|reach| corners(&self.sums, reach));
        add_boxes::<1>(&mut rows.dark, stone);
        add_boxes::<-1>(&mut rows.dark, ring);
        add_boxes::<1>(&mut rows.dark, finder);
        add_boxes::<1>(&mut rows.whole, all);
        add_boxes::<1>(&mut rows.square, corners(&self.squares, REACHES[3]));
        rows.score();
        let mut looks = 0;
        let height = |i: usize| rows.scores.get(i).map_or(0.0, |score: &f32| score.abs());
        for (i, &score) in rows.scores.iter().enumerate() {
            // Few are: the rest is for those.
            if score.abs() <= self.least {
                continue;
            }
            if score.abs() >= height(i.wrapping_sub(1)) && score.abs() > height(i + 1) {
                self.note(score, from + i, y);
                looks += 1;
            }
        }
        self.rows = rows;
        2 * (to - from) + 64 * looks
    }

    /// Notes a place, unless a better one is near.
    fn note(&mut self, score: f32, x: usize, y: usize) {
        let near = |found: &(f32, usize, usize)| {
            let reach = REACHES[2];
            (found.0 > 0.0) == (score > 0.0)
                && x.abs_diff(found.1) < reach
                && y.abs_diff(found.2) < reach
        };
        let best = (score, x, y);
        if let Some(same) = self.found.iter_mut().find(|found| near(found)) {
            if best.0.abs() > same.0.abs() {
                *same = best;
            }
        } else if self.found.len() < MOST_FOUND {
            self.found.push(best);
        } else {
            // Fabric and gratings correlate everywhere.
            let of = |found: &(f32, usize, usize)| found.0.abs();
            let least = self.found.iter_mut();
            if let Some(least) = least.min_by(|a, b| of(a).total_cmp(&of(b))) {
                *least = best;
            }
            self.least = self.found.iter().map(of).fold(f32::MAX, f32::min);
        }
    }

    /// Keeps a peak unless a better one is near.
    fn keep(&mut self, score: f32, centre: Vector, module: f32) {
        let (inverted, score) = (score < 0.0, score.abs());
        let same = self.peaks.iter().position(|p| {
            p.finder.inverted == inverted
                && p.finder.centre.distance(centre) < 0.5 * p.finder.size.max(7.0 * module)
        });
        match same {
            Some(i) if self.peaks[i].score >= score => return,
            Some(i) => {
                self.peaks.remove(i);
            }
            None => {}
        }
        let finder = Finder {
            centre,
            size: 7.0 * module,
            inverted,
            contrast: score,
            likeness: 1.0,
        };
        let place = self.peaks.partition_point(|p| p.score >= score);
        if place < MOST_PEAKS {
            self.peaks.truncate(MOST_PEAKS - 1);
            self.peaks.insert(place, Peak { finder, score });
        }
    }
}

/// The correlation from the sums of the boxes in units of `unit` pixels a module; positive for dark
/// on light.
#[inline]
pub(super) fn correlation(dark: f32, whole: f32, square: f32, unit: f32) -> f32 {
    let (dark, whole, square) = (dark * unit, whole * unit, square * unit);
    let mean = whole * (1.0 / AREA);
    let variance = (square * (1.0 / AREA) - mean * mean).max(0.0) + NOISE;
    let difference = (whole - dark) * (1.0 / LIGHT) - dark * (1.0 / DARK);
    difference * ((DARK * LIGHT).sqrt() / AREA) / variance.sqrt()
}

impl RowScores {
    fn score(&mut self) {
        self.scores.clear();
        self.scores.resize(self.dark.len(), 0.0);
        let sums = self.dark.iter().zip(&self.whole).zip(&self.square);
        for (score, ((&dark, &whole), &square)) in self.scores.iter_mut().zip(sums) {
            *score = correlation(dark as f32, whole as f32, square as f32, 1.0);
        }
    }
}

/// Row `y` of a table and the next, which is the first after the last.
fn two_rows(table: &mut [u32], y: usize, width: usize) -> (&[u32], &mut [u32]) {
    if y + 1 < RING {
        let (above, below) = table.split_at_mut((y + 1) * width);
        (&above[y * width..], &mut below[..width])
    } else {
        let (below, above) = table.split_at_mut(width);
        (&above[(y - 1) * width..][..width], below)
    }
}

/// Adds the sums over the boxes between two rows of a table, whose parts given begin at the left end
/// of the first box and end at the right end of the last.
#[inline(never)]
fn add_boxes<const SIGN: i32>(out: &mut [i32], (top, bottom): (&[u32], &[u32])) {
    let centres = out.len();
    let side = top.len() - centres;
    let (left, right) = (&top[..centres], &top[side..][..centres]);
    let (low_left, low_right) = (&bottom[..centres], &bottom[side..][..centres]);
    let corners = left.iter().zip(right).zip(low_left.iter().zip(low_right));
    for (out, ((a, b), (c, d))) in out.iter_mut().zip(corners) {
        let sum = d.wrapping_add(*a).wrapping_sub(*b).wrapping_sub(*c);
        *out += SIGN * sum as i32;
    }
}
