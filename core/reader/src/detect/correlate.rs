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

/// Most peaks kept of one size and turn, and of a frame.
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

/// Correlates a frame; its buffers serve every size.
#[derive(Default)]
pub(crate) struct Correlator {
    pixels: Vec<u8>,
    sums: Vec<u32>,
    squares: Vec<u32>,
    width: usize,
    height: usize,
    found: Vec<(f32, usize, usize)>,
    peaks: Vec<Peak>,
}

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
        let margin = BOXES[3];
        if self.width <= 2 * margin || self.height <= 2 * margin {
            return 0;
        }
        self.resample(plane, level, frame, &sampling);
        self.sum_up();
        self.found.clear();
        for y in (margin..=self.height - margin).step_by(2) {
            let (from, to) = sampling.inside(y as f32, frame, self.width);
            self.scan_row(y, from.max(margin), to.min(self.width - margin + 1));
        }
        // A frame of gratings correlates everywhere: only the best few hundred are looked at.
        self.found
            .sort_unstable_by(|a, b| b.0.abs().total_cmp(&a.0.abs()));
        self.found.truncate(256);
        let mut kept = 0;
        for i in 0..self.found.len() {
            if kept == MOST_OF_SCAN {
                break;
            }
            let (score, x, y) = self.found[i];
            kept += usize::from(self.keep(score, x, y, module, &sampling));
        }
        2 * self.width * self.height
    }

    fn resample(
        &mut self,
        plane: &Plane<'_>,
        level: usize,
        frame: (usize, usize),
        sampling: &Sampling,
    ) {
        let (scale, shift) = scale_of(level);
        let to_level = |p: Vector| vector((p.x - shift) / scale, (p.y - shift) / scale);
        let right = sampling.right * (1.0 / scale);
        self.pixels.clear();
        self.pixels.resize(self.width * self.height, 128);
        for (y, row) in self.pixels.chunks_exact_mut(self.width).enumerate() {
            let (from, to) = sampling.inside(y as f32, frame, self.width);
            let mut p = to_level(sampling.at(from as f32, y as f32));
            for pixel in &mut row[from..to] {
                *pixel = plane.sample(p).map_or(128, |v| v as u8);
                p = p + right;
            }
        }
    }

    /// Adds to `found` what correlates along row `y`: [`Correlator::score`] at every second
    /// place, arranged so that what does not correlate costs neither division nor root.
    fn scan_row(&mut self, y: usize, from: usize, to: usize) {
        let width = self.width + 1;
        let sums = |y: usize| &self.sums[y * width..][..width];
        let squares = |y: usize| &self.squares[y * width..][..width];
        let [stone, ring, finder, all] = BOXES.map(|half| (sums(y - half), sums(y + half), half));
        let square = (squares(y - BOXES[3]), squares(y + BOXES[3]), BOXES[3]);
        const FACTOR: f32 = DARK * LIGHT / (AREA * AREA);
        for x in (from..to).step_by(2) {
            let boxed = |(top, bottom, half): (&[u32], &[u32], usize)| {
                bottom[x + half]
                    .wrapping_add(top[x - half])
                    .wrapping_sub(top[x + half])
                    .wrapping_sub(bottom[x - half]) as i32 as f32
            };
            let whole = boxed(all);
            let dark = boxed(stone) + boxed(finder) - boxed(ring);
            let mean = whole * (1.0 / AREA);
            let variance = (boxed(square) * (1.0 / AREA) - mean * mean).max(0.0) + NOISE;
            let difference = (whole - dark) * (1.0 / LIGHT) - dark * (1.0 / DARK);
            if difference * difference * FACTOR > LEAST_SCORE * LEAST_SCORE * variance {
                let score = difference * (FACTOR / variance).sqrt();
                self.found.push((score, x, y));
            }
        }
    }

    fn sum_up(&mut self) {
        let width = self.width + 1;
        for table in [&mut self.sums, &mut self.squares] {
            table.clear();
            table.resize(width * (self.height + 1), 0);
        }
        for (y, row) in self.pixels.chunks_exact(self.width).enumerate() {
            let (mut sum, mut square) = (0u32, 0u32);
            for (x, &v) in row.iter().enumerate() {
                let v = u32::from(v);
                sum += v;
                square += v * v;
                let i = (y + 1) * width + x + 1;
                // Wrapping is harmless: only differences over one box are used.
                self.sums[i] = self.sums[i - width].wrapping_add(sum);
                self.squares[i] = self.squares[i - width].wrapping_add(square);
            }
        }
    }

    #[inline]
    fn boxed(&self, table: &[u32], x: usize, y: usize, half: usize) -> f32 {
        let width = self.width + 1;
        let (top, bottom) = ((y - half) * width, (y + half) * width);
        let (left, right) = (x - half, x + half);
        table[bottom + right]
            .wrapping_add(table[top + left])
            .wrapping_sub(table[top + right])
            .wrapping_sub(table[bottom + left]) as f32
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

    /// Keeps a peak unless a better one is near; `true` when it was kept.
    fn keep(&mut self, score: f32, x: usize, y: usize, module: f32, at: &Sampling) -> bool {
        let sign = score.signum();
        let mut best = (score * sign, x, y);
        let margin = BOXES[3];
        for ny in y - 1..=y + 1 {
            for nx in x - 1..=x + 1 {
                let inside = ny >= margin
                    && nx >= margin
                    && ny <= self.height - margin
                    && nx <= self.width - margin;
                if inside {
                    let near = self.score(nx, ny) * sign;
                    if near > best.0 {
                        best = (near, nx, ny);
                    }
                }
            }
        }
        let (score, x, y) = best;
        let centre = at.at(x as f32 - 0.5, y as f32 - 0.5);
        let inverted = sign < 0.0;
        let same = self.peaks.iter().position(|p| {
            p.finder.inverted == inverted
                && p.finder.centre.distance(centre) < 0.5 * p.finder.size.max(7.0 * module)
        });
        match same {
            Some(i) if self.peaks[i].score >= score => return false,
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
        if place >= MOST_PEAKS {
            return false;
        }
        self.peaks.truncate(MOST_PEAKS - 1);
        self.peaks.insert(place, Peak { finder, score });
        true
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
