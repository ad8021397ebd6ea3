//! Black and white by a threshold which follows the light.
//!
//! Blocks of 8 x 8 pixels with contrast give the middle between their darkest and lightest pixel;
//! the mean over 5 x 5 blocks is the threshold (the local means of ZXing's `HybridBinarizer`, with
//! the bound of contrast measured in the frame instead of fixed). Only this map of blocks is
//! kept: a row is made black and white when it is scanned, a pixel when it is asked for, which
//! saves writing and reading a second image.

use super::plane::Plane;
use super::texture::Texture;

pub(crate) const BLOCK: usize = 8;

/// How the threshold of a block is found.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Rule {
    /// From the range of its grey levels, with that of its neighbours.
    Range,
    /// The same everywhere: for an image that has been freed of light ([`super::sharpen`]).
    Fixed(u8),
}

/// Thresholds of an image's blocks.
#[derive(Default)]
pub(crate) struct ThresholdMap {
    blocks: Vec<u8>,
    across: usize,
    raw: Vec<u8>,
    sums: Vec<u32>,
    low: Vec<u8>,
    high: Vec<u8>,
    contrast: u8,
}

impl ThresholdMap {
    /// The least range of grey levels that counted as contrast, 6 to 24: a finder fainter than
    /// about half of it is noise.
    pub(crate) fn contrast(&self) -> u8 {
        self.contrast
    }

    /// Whether the pixel is black.
    #[inline]
    pub(crate) fn is_dark(&self, plane: &Plane<'_>, x: usize, y: usize) -> bool {
        plane.at(x, y) <= self.blocks[(y / BLOCK) * self.across + x / BLOCK]
    }

    /// A part of row `y`, which begins with a block, as one byte a pixel: 1 black, 0 white.
    pub(crate) fn row(
        &self,
        plane: &Plane<'_>,
        y: usize,
        (from, to): (usize, usize),
        out: &mut Vec<u8>,
    ) {
        let row = &plane.row(y)[from..to];
        out.resize(row.len(), 0);
        let thresholds = &self.blocks[(y / BLOCK) * self.across..][from / BLOCK..];
        for ((to, from), &t) in out.chunks_mut(BLOCK).zip(row.chunks(BLOCK)).zip(thresholds) {
            match (
                <&mut [u8; BLOCK]>::try_from(&mut *to),
                <&[u8; BLOCK]>::try_from(from),
            ) {
                (Ok(to), Ok(from)) => {
                    for (d, &v) in to.iter_mut().zip(from) {
                        *d = u8::from(v <= t);
                    }
                }
                _ => {
                    for (d, &v) in to.iter_mut().zip(from) {
                        *d = u8::from(v <= t);
                    }
                }
            }
        }
    }

    /// Measures the textured parts of `plane`, the frame's copy at `level`; returns the pixels
    /// looked at.
    pub(crate) fn measure(
        &mut self,
        plane: &Plane<'_>,
        rule: Rule,
        textured: (&Texture, usize),
    ) -> usize {
        let (across, down) = (
            plane.width().div_ceil(BLOCK),
            plane.height().div_ceil(BLOCK),
        );
        self.across = across;
        self.blocks.resize(across * down, 0);
        match rule {
            Rule::Range => self.measure_ranges(plane, down, textured),
            Rule::Fixed(level) => {
                self.contrast = MOST_CONTRAST;
                self.blocks.fill(level);
                0
            }
        }
    }

    fn measure_ranges(
        &mut self,
        plane: &Plane<'_>,
        down: usize,
        (texture, level): (&Texture, usize),
    ) -> usize {
        let mut ranges = [0u32; 256];
        let across = self.across;
        // First the range into `blocks` and the middle into `raw`.
        self.raw.clear();
        self.raw.resize(across * down, 0);
        self.blocks.fill(0);
        let mut measured = 0;
        for by in 0..down {
            // What is noise is told by all of the frame: by every fourth row of blocks.
            if by % 4 == 0 {
                measured += self.measure_blocks(plane, by, (0, plane.width()), &mut ranges);
                continue;
            }
            for span in texture.spans(level, by * BLOCK, plane.width()) {
                measured += self.measure_blocks(plane, by, span, &mut ranges);
            }
        }
        self.contrast = least_contrast(&ranges, measured);
        for (raw, &range) in self.raw.iter_mut().zip(&self.blocks) {
            if range <= self.contrast {
                *raw = 0;
            }
        }
        self.spread(across, down);
        measured * BLOCK * BLOCK
    }

    /// Measures some blocks of the row `by`; returns how many.
    fn measure_blocks(
        &mut self,
        plane: &Plane<'_>,
        by: usize,
        (from, to): (usize, usize),
        ranges: &mut [u32; 256],
    ) -> usize {
        self.fold_rows(plane, by, (from, to));
        let row = by * self.across + from / BLOCK;
        let blocks = self.low.chunks(BLOCK).zip(self.high.chunks(BLOCK));
        let mut count = 0;
        for (i, (low, high)) in blocks.enumerate() {
            let (low, high) = match (
                <&[u8; BLOCK]>::try_from(low),
                <&[u8; BLOCK]>::try_from(high),
            ) {
                (Ok(l), Ok(h)) => (
                    l.iter().fold(255, |a: u8, &b| a.min(b)),
                    h.iter().fold(0, |a: u8, &b| a.max(b)),
                ),
                _ => (
                    low.iter().fold(255, |a: u8, &b| a.min(b)),
                    high.iter().fold(0, |a: u8, &b| a.max(b)),
                ),
            };
            self.blocks[row + i] = high - low;
            self.raw[row + i] = low.midpoint(high).max(1);
            ranges[usize::from(high - low)] += 1;
            count += 1;
        }
        count
    }

    /// The darkest and the lightest pixel of some columns of the block row `by`.
    fn fold_rows(&mut self, plane: &Plane<'_>, by: usize, (from, to): (usize, usize)) {
        let y0 = by * BLOCK;
        let y1 = (y0 + BLOCK).min(plane.height());
        self.low.clear();
        let part = |y| &plane.row(y)[from..to];
        self.low.extend_from_slice(part(y0));
        self.high.clear();
        self.high.extend_from_slice(part(y0));
        for y in y0 + 1..y1 {
            for ((l, h), &v) in self.low.iter_mut().zip(&mut self.high).zip(part(y)) {
                *l = (*l).min(v);
                *h = (*h).max(v);
            }
        }
    }

    /// Means over 5 x 5 blocks of what has contrast (0 has none), the block itself counted three
    /// times; where there is none, the last threshold to the left.
    fn spread(&mut self, across: usize, down: usize) {
        // Sums of five blocks along the row: the values in the low 16 bits, how many in the high.
        self.sums.resize(across * down, 0);
        for (raw, sums) in self
            .raw
            .chunks_exact(across)
            .zip(self.sums.chunks_exact_mut(across))
        {
            for (x, sum) in sums.iter_mut().enumerate() {
                let window = &raw[x.saturating_sub(2)..(x + 3).min(across)];
                *sum = window
                    .iter()
                    .map(|&v| u32::from(v) + (u32::from(v > 0) << 16))
                    .sum();
            }
        }
        let mut last = self.raw.iter().copied().find(|&v| v > 0).unwrap_or(128);
        for y in 0..down {
            for x in 0..across {
                let own = u32::from(self.raw[y * across + x]);
                let mut sum = 2 * (own + (u32::from(own > 0) << 16));
                for row in y.saturating_sub(2)..(y + 3).min(down) {
                    sum += self.sums[row * across + x];
                }
                if sum > 0 {
                    last = ((sum & 0xffff) / (sum >> 16)) as u8;
                }
                self.blocks[y * across + x] = last;
            }
        }
    }
}

const LEAST_CONTRAST: u8 = 6;
const MOST_CONTRAST: u8 = 24;

/// What range of grey levels in a block is more than noise. A fifth of the blocks of any
/// photograph are plain paper, wall or desk; 64 pixels of plain noise of deviation s range over
/// 4.7 s on average and over 6.5 s hardly ever (Tippett, 1925), so one and a half times the range
/// of the plainest fifth is hardly ever reached by noise. ZXing's fixed 24 is the upper bound.
pub(crate) fn least_contrast(ranges: &[u32; 256], blocks: usize) -> u8 {
    let mut below = 0;
    for (range, &count) in ranges.iter().enumerate() {
        below += count as usize;
        if below * 5 >= blocks {
            let bound = (range * 3 / 2) as u32;
            return bound.clamp(u32::from(LEAST_CONTRAST), u32::from(MOST_CONTRAST)) as u8;
        }
    }
    MOST_CONTRAST
}
