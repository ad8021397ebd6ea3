//! Finders by correlation with their pattern in grey: also where blur or motion has left no edges.
//!
//! The frame is resampled so that a module is two pixels wide, once for each size of module and
//! both upright and turned by 45 degrees; a square pattern up to 22.5 degrees off still correlates
//! by four fifths. The normalised correlation (Lewis, Fast Normalized Cross-Correlation, 1995) of
//! concentric squares needs only sums over boxes, which a summed-area table gives in constant time
//! (Viola and Jones, Rapid Object Detection, 2001).

use super::finder::Finder;
use super::plane::{Plane, scale_of};
use crate::geometry::{Vector, vector};

/// Where the pattern correlates.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Peak {
    pub(crate) finder: Finder,
    /// -1 to 1; see [`LEAST_SCORE`].
    pub(crate) score: f32,
}

/// Modules 4 to 14 pixels wide: smaller ones that are blurred cannot be read, larger ones lose
/// their blur in the frame's smaller copies. One size is 1.19 times the last, so that none is off
/// by more than a tenth.
pub(crate) const SIZES: [&[f32]; 2] = [
    // What labels in the hand usually have, in the order of how common that is.
    &[8.0, 6.7, 9.5, 5.7, 11.3, 13.5],
    // These cost as much again as all others.
    &[4.8, 4.0],
];

/// A sharp finder correlates by 0.9, one blurred by a module by 0.5; what is below this is as
/// common anywhere in a textured frame.
const LEAST_SCORE: f32 = 0.34;

/// Most places remembered while one size and turn is scanned, most peaks kept of them, and of a
/// frame.
const MOST_FOUND: usize = 48;
const MOST_OF_SCAN: usize = 10;
const MOST_PEAKS: usize = 48;

/// Pixels a module is resampled to.
const MODULE: f32 = 2.0;
/// Half the widths of the boxes in these pixels: stone, light ring, finder, and its separator.
const BOXES: [usize; 4] = [3, 5, 7, 9];

// The boxes hold 36, 100, 196 and 324 pixels.
const AREA: f32 = 324.0;
const DARK: f32 = 36.0 + 196.0 - 100.0;
const LIGHT: f32 = AREA - DARK;

/// Grey variance added to what is measured, so that plain paper does not correlate by its noise.
const NOISE: f32 = 2.0;

/// Correlates a frame; its buffers serve every size. Of the summed-area tables only the rows
/// under the pattern are kept, so that they stay in the cache and take no part of the frame's size.
#[derive(Default)]
pub(crate) struct Correlator {
    line: Vec<u8>,
    sums: Vec<u32>,
    squares: Vec<u32>,
    width: usize,
    height: usize,
    rows: RowScores,
    found: Vec<(f32, usize, usize)>,
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

/// Rows of the tables that are kept: a scanned row needs those from `BOXES[3]` above to as many
/// below, and so do its neighbours.
const RING: usize = 2 * BOXES[3] + 3;

/// From pixels of the resampled image to pixels of the frame.
#[derive(Clone, Copy)]
struct Sampling {
    origin: Vector,
    right: Vector,
    down: Vector,
}

impl Sampling {
    fn at(&self, x: f32, y: f32) -> Vector {
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

impl Correlator {
    pub(crate) fn clear(&mut self) {
        self.peaks.clear();
    }

    /// The best first.
    pub(crate) fn peaks(&self) -> &[Peak] {
        &self.peaks
    }

    /// Adds the peaks for modules `module` pixels wide. `plane` is the frame's copy at `level`,
    /// `frame` its size. Returns the pixels looked at.
    pub(crate) fn scan(
        &mut self,
        plane: &Plane<'_>,
        level: usize,
        frame: (usize, usize),
        module: f32,
        turned: bool,
    ) -> usize {
        let step = module / MODULE;
        let (w, h) = (frame.0 as f32, frame.1 as f32);
        let sampling = if turned {
            let k = step * std::f32::consts::FRAC_1_SQRT_2;
            let side = ((w + h) * std::f32::consts::FRAC_1_SQRT_2 / step) as usize;
            (self.width, self.height) = (side, side);
            let (right, down) = (vector(k, k), vector(-k, k));
            let half = side as f32 / 2.0;
            Sampling {
                origin: vector(w / 2.0, h / 2.0) - (right + down) * half,
                right,
                down,
            }
        } else {
            (self.width, self.height) = ((w / step) as usize, (h / step) as usize);
            let (right, down) = (vector(step, 0.0), vector(0.0, step));
            Sampling {
                origin: vector(step / 2.0, step / 2.0),
                right,
                down,
            }
        };
        // Neighbours of a scanned place are looked at too.
        let margin = BOXES[3] + 1;
        if self.width <= 2 * margin || self.height <= 2 * margin {
            return 0;
        }
        let length = (self.width + 1) * RING;
        for table in [&mut self.sums, &mut self.squares] {
            table.clear();
            table.resize(length, 0);
        }
        self.found.clear();
        let mut made = 0;
        let mut work = 0;
        for y in (margin..=self.height - margin).step_by(2) {
            while made < y + margin {
                work += self.sum_up_row(plane, level, frame, &sampling, made);
                made += 1;
            }
            let (from, to) = sampling.inside(y as f32, frame, self.width);
            let (from, to) = (from.max(margin), to.min(self.width - margin + 1));
            work += self.scan_row(y, from, to);
        }
        self.found
            .sort_unstable_by(|a, b| b.0.abs().total_cmp(&a.0.abs()));
        for i in 0..self.found.len().min(MOST_OF_SCAN) {
            let (score, x, y) = self.found[i];
            self.keep(score, x, y, module, &sampling);
        }
        work
    }

    /// Resamples row `y`, a grey level of the nearest pixel each: the boxes take the mean of many.
    fn resample_row(
        &mut self,
        plane: &Plane<'_>,
        level: usize,
        frame: (usize, usize),
        sampling: &Sampling,
        y: usize,
    ) -> usize {
        let (scale, shift) = scale_of(level);
        let (from, to) = sampling.inside(y as f32, frame, self.width);
        self.line.clear();
        self.line.resize(self.width, 128);
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
        let line = &mut self.line[from..to];
        if dy == 0 {
            let row = plane.row((py >> 16).clamp(0, bottom) as usize);
            for pixel in line {
                *pixel = row[(px >> 16).clamp(0, right) as usize];
                px += dx;
            }
        } else {
            for pixel in line {
                let (x, y) = ((px >> 16).clamp(0, right), (py >> 16).clamp(0, bottom));
                *pixel = plane.at(x as usize, y as usize);
                px += dx;
                py += dy;
            }
        }
        to - from
    }

    /// Adds row `y` to the tables; returns the work done.
    fn sum_up_row(
        &mut self,
        plane: &Plane<'_>,
        level: usize,
        frame: (usize, usize),
        sampling: &Sampling,
        y: usize,
    ) -> usize {
        let resampled = self.resample_row(plane, level, frame, sampling, y);
        let width = self.width + 1;
        let (from, to) = (y % RING * width, (y + 1) % RING * width);
        let (mut sum, mut square) = (0u32, 0u32);
        for (x, &v) in self.line.iter().enumerate() {
            let v = u32::from(v);
            sum += v;
            square += v * v;
            // Wrapping is harmless: only differences over one box are used.
            self.sums[to + x + 1] = self.sums[from + x + 1].wrapping_add(sum);
            self.squares[to + x + 1] = self.squares[from + x + 1].wrapping_add(square);
        }
        self.width + resampled
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
        let [stone, ring, finder, all] = BOXES.map(|half| {
            let (top, bottom) = (y - half, y + half);
            let near = from - half..to + half;
            let of = |y| &self.table_row(&self.sums, y)[near.clone()];
            (of(top), of(bottom))
        });
        add_boxes::<1>(&mut rows.dark, stone);
        add_boxes::<-1>(&mut rows.dark, ring);
        add_boxes::<1>(&mut rows.dark, finder);
        add_boxes::<1>(&mut rows.whole, all);
        let near = from - BOXES[3]..to + BOXES[3];
        let of = |y| &self.table_row(&self.squares, y)[near.clone()];
        add_boxes::<1>(&mut rows.square, (of(y - BOXES[3]), of(y + BOXES[3])));
        rows.score();
        let mut last = f32::MIN;
        let mut looks = 0;
        for i in 0..rows.scores.len() {
            let score = rows.scores[i];
            let next = rows.scores.get(i + 1).copied().unwrap_or(f32::MIN);
            if score > LEAST_SCORE * LEAST_SCORE && score >= last && score > next {
                self.note(from + i, y);
                looks += 1;
            }
            last = score;
        }
        self.rows = rows;
        2 * (to - from) + 64 * looks
    }

    /// Notes the best place at and next to (x, y), unless a better one is near.
    fn note(&mut self, x: usize, y: usize) {
        let mut best = (0.0f32, x, y);
        for ny in y - 1..=y + 1 {
            for nx in x - 1..=x + 1 {
                let score = self.score(nx, ny);
                if score.abs() > best.0.abs() {
                    best = (score, nx, ny);
                }
            }
        }
        let near = |&(score, x, y): &(f32, usize, usize)| {
            let reach = BOXES[2];
            (score > 0.0) == (best.0 > 0.0)
                && x.abs_diff(best.1) < reach
                && y.abs_diff(best.2) < reach
        };
        if let Some(same) = self.found.iter_mut().find(|found| near(found)) {
            if best.0.abs() > same.0.abs() {
                *same = best;
            }
        } else if self.found.len() < MOST_FOUND {
            self.found.push(best);
        } else {
            // A frame of gratings correlates everywhere.
            let least = self.found.iter_mut();
            if let Some(least) = least.min_by(|a, b| a.0.abs().total_cmp(&b.0.abs()))
                && best.0.abs() > least.0.abs()
            {
                *least = best;
            }
        }
    }

    #[inline]
    fn boxed(&self, table: &[u32], x: usize, y: usize, half: usize) -> f32 {
        let (top, bottom) = (
            self.table_row(table, y - half),
            self.table_row(table, y + half),
        );
        bottom[x + half]
            .wrapping_add(top[x - half])
            .wrapping_sub(top[x + half])
            .wrapping_sub(bottom[x - half]) as f32
    }

    /// Correlation with the pattern centred on the corner of four pixels; positive for dark on
    /// light.
    #[inline]
    fn score(&self, x: usize, y: usize) -> f32 {
        let [stone, ring, finder, all] = BOXES.map(|half| self.boxed(&self.sums, x, y, half));
        let square = self.boxed(&self.squares, x, y, BOXES[3]);
        let dark = stone + finder - ring;
        let variance = square / AREA - (all / AREA) * (all / AREA);
        let difference = (all - dark) / LIGHT - dark / DARK;
        difference * (DARK * LIGHT).sqrt() / AREA / (variance.max(0.0) + NOISE).sqrt()
    }

    /// Keeps a peak unless a better one is near.
    fn keep(&mut self, score: f32, x: usize, y: usize, module: f32, at: &Sampling) {
        let (inverted, score) = (score < 0.0, score.abs());
        let centre = at.at(x as f32 - 0.5, y as f32 - 0.5);
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

impl RowScores {
    /// Squares of the correlation, from the sums of the boxes.
    fn score(&mut self) {
        const FACTOR: f32 = DARK * LIGHT / (AREA * AREA);
        self.scores.clear();
        self.scores.resize(self.dark.len(), 0.0);
        let sums = self.dark.iter().zip(&self.whole).zip(&self.square);
        for (score, ((&dark, &whole), &square)) in self.scores.iter_mut().zip(sums) {
            let (dark, whole) = (dark as f32, whole as f32);
            let mean = whole * (1.0 / AREA);
            let variance = (square as f32 * (1.0 / AREA) - mean * mean).max(0.0) + NOISE;
            let difference = (whole - dark) * (1.0 / LIGHT) - dark * (1.0 / DARK);
            *score = difference * difference * FACTOR / variance;
        }
    }
}

/// Adds the sums over the boxes between two rows of a table, whose parts given begin half a box
/// before the first centre and end half a box after the last.
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

/// Three peaks as the finders of a symbol of `side` modules: its corners top left, top right and
/// bottom left.
#[derive(Clone, Copy, Debug)]
pub(crate) struct PeakTriple {
    pub(crate) corners: [Vector; 3],
    pub(crate) inverted: bool,
    score: f32,
}

/// Most triples of peaks kept.
const MOST_TRIPLES: usize = 16;

/// The likeliest triples of peaks, into `out`. A peak's size is good to a fifth, and tilt shortens
/// a side; so distances may be off by two fifths.
pub(crate) fn triples(peaks: &[Peak], side: usize, out: &mut Vec<PeakTriple>) {
    out.clear();
    let span = (side - 7) as f32;
    for (i, a) in peaks.iter().enumerate() {
        for (j, b) in peaks.iter().enumerate() {
            if j == i || b.finder.inverted != a.finder.inverted {
                continue;
            }
            for (k, c) in peaks.iter().enumerate().skip(j + 1) {
                if k == i || c.finder.inverted != a.finder.inverted {
                    continue;
                }
                let sizes = [a, b, c].map(|p| p.finder.size);
                let small = sizes[0].min(sizes[1]).min(sizes[2]);
                let large = sizes[0].max(sizes[1]).max(sizes[2]);
                if large > 1.5 * small {
                    continue;
                }
                let module = (sizes[0] + sizes[1] + sizes[2]) / 21.0;
                let (ab, ac) = (
                    b.finder.centre - a.finder.centre,
                    c.finder.centre - a.finder.centre,
                );
                let (lb, lc) = (ab.length(), ac.length());
                let fits = |l: f32| l > 0.6 * span * module && l < 1.45 * span * module;
                let cosine = ab.dot(ac) / (lb * lc).max(1.0);
                if !fits(lb) || !fits(lc) || cosine.abs() > 0.5 {
                    continue;
                }
                let skew = cosine.abs() + (lb - lc).abs() / (lb + lc);
                let clockwise = ab.cross(ac) > 0.0;
                let (b, c) = if clockwise { (b, c) } else { (c, b) };
                out.push(PeakTriple {
                    corners: [a.finder.centre, b.finder.centre, c.finder.centre],
                    inverted: a.finder.inverted,
                    score: a.score + b.score + c.score - skew,
                });
            }
        }
    }
    out.sort_unstable_by(|a, b| b.score.total_cmp(&a.score));
    out.truncate(MOST_TRIPLES);
}
