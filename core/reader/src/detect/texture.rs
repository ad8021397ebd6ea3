//! Which parts of a frame are textured, as a symbol is: only these are searched.
//!
//! A symbol has dark and light modules side by side, so the grey levels of any small block of it
//! range over more than the frame's noise does. Plain paper, walls and desks, most of most frames,
//! are thereby never scanned for finders, sharpened or measured at full size.

use super::plane::Plane;
use super::threshold::{BLOCK, least_contrast};

/// Pixels a block is wide and high, in the copy of the frame that is measured.
const SIDE: usize = 4;

/// The copy in which a frame's texture is measured, by its shorter side: the smaller, the less
/// noise, and what is left of the contrast of the smallest modules is still a half.
pub(crate) fn texture_level(short: usize) -> usize {
    match short {
        400.. => 2,
        240.. => 1,
        _ => 0,
    }
}

/// Blocks between two textured ones of a row that still belong to the same symbol: the stone of a
/// finder is plain and three modules wide. In the copies in which the largest modules are sought it
/// is less than this.
const MOST_GAP: usize = 6;

/// The textured blocks of a frame, as spans of each row of blocks.
#[derive(Default)]
pub(crate) struct Texture {
    ranges: Vec<u8>,
    low: Vec<u8>,
    high: Vec<u8>,
    active: Vec<bool>,
    spans: Vec<(u16, u16)>,
    /// Where the spans of each row of blocks begin.
    starts: Vec<u32>,
    /// The copy of the frame whose pixels the blocks are of.
    level: usize,
}

impl Texture {
    /// Measures `plane`, the frame's copy at `level`.
    pub(crate) fn measure(&mut self, plane: &Plane<'_>, level: usize) -> usize {
        self.level = level;
        let (across, down) = (plane.width().div_ceil(SIDE), plane.height().div_ceil(SIDE));
        let mut counts = [0u32; 256];
        self.ranges.clear();
        for by in 0..down {
            self.fold_rows(plane, by);
            for (low, high) in self.low.chunks(SIDE).zip(self.high.chunks(SIDE)) {
                let low = low.iter().fold(255, |a: u8, &b| a.min(b));
                let high = high.iter().fold(0, |a: u8, &b| a.max(b));
                self.ranges.push(high - low);
                counts[usize::from(high - low)] += 1;
            }
        }
        let contrast = least_contrast(&counts, across * down);
        self.active.clear();
        self.active.resize(across, false);
        self.spans.clear();
        self.starts.clear();
        self.starts.push(0);
        for y in 0..down {
            // A block next to a textured one belongs to it.
            self.active.fill(false);
            for row in y.saturating_sub(1)..(y + 2).min(down) {
                let ranges = &self.ranges[row * across..][..across];
                let active = self.active.iter_mut().zip(ranges);
                active.for_each(|(active, &range)| *active |= range > contrast);
            }
            self.add_row(across);
        }
        plane.width() * plane.height()
    }

    /// The darkest and the lightest pixel of each column of a row of blocks.
    fn fold_rows(&mut self, plane: &Plane<'_>, by: usize) {
        let (first, last) = (by * SIDE, (by * SIDE + SIDE).min(plane.height()));
        for out in [&mut self.low, &mut self.high] {
            out.clear();
            out.extend_from_slice(plane.row(first));
        }
        for y in first + 1..last {
            let columns = self.low.iter_mut().zip(&mut self.high);
            for ((low, high), &v) in columns.zip(plane.row(y)) {
                *low = (*low).min(v);
                *high = (*high).max(v);
            }
        }
    }

    fn add_row(&mut self, across: usize) {
        let first = self.spans.len();
        for (x, _) in self
            .active
            .iter()
            .enumerate()
            .filter(|(_, active)| **active)
        {
            let (from, to) = (x.saturating_sub(1), (x + 2).min(across));
            match self.spans[first..].last_mut() {
                Some(last) if from <= usize::from(last.1) + MOST_GAP => last.1 = to as u16,
                _ => self.spans.push((from as u16, to as u16)),
            }
        }
        self.starts.push(self.spans.len() as u32);
    }

    /// The textured parts of row `y` of the frame's copy at `level`, `width` pixels wide. They
    /// begin with a block of a threshold map of
    /// that copy.
    pub(crate) fn spans(
        &self,
        level: usize,
        y: usize,
        width: usize,
    ) -> impl Iterator<Item = (usize, usize)> + '_ {
        let row = ((y << level) >> self.level) / SIDE;
        let row = row.min(self.starts.len().saturating_sub(2));
        let spans = match (self.starts.get(row), self.starts.get(row + 1)) {
            (Some(&from), Some(&to)) => &self.spans[from as usize..to as usize],
            _ => &[],
        };
        let scaled = move |block: u16| ((usize::from(block) * SIDE) << self.level) >> level;
        spans.iter().filter_map(move |&(from, to)| {
            let from = scaled(from) / BLOCK * BLOCK;
            // The last blocks may be cut off by the frame's end.
            let to = scaled(to).next_multiple_of(BLOCK);
            let to = if to + BLOCK > width { width } else { to };
            (from < to).then_some((from, to))
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Paper with a little noise, and a checkered square of `module` pixels from (200, 104) on.
    fn paper(module: usize) -> Vec<u8> {
        let mut state = 1u32;
        (0..640 * 480)
            .map(|i| {
                state = state.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
                let noise = (state >> 30) as u8;
                let (x, y) = (i % 640, i / 640);
                let inside = (200..290).contains(&x) && (104..194).contains(&y);
                if inside && (x / module + y / module).is_multiple_of(2) {
                    60 + noise
                } else {
                    200 + noise
                }
            })
            .collect()
    }

    #[test]
    fn plain_paper_is_left_out_and_what_is_printed_on_it_is_not() {
        let pixels = paper(9);
        let plane = Plane::new(&pixels, 640, 480, 640).expect("a plane");
        let mut texture = Texture::default();
        texture.measure(&plane, 0);
        let spans = |y| texture.spans(0, y, 640).collect::<Vec<_>>();
        assert!(spans(20).is_empty() && spans(400).is_empty());
        let [(from, to)] = spans(150)[..] else {
            panic!("one span, not {:?}", spans(150));
        };
        assert!(
            from <= 200 && to >= 290 && from >= 168 && to <= 322,
            "{from} {to}"
        );
    }

    #[test]
    fn spans_of_a_smaller_copy_cover_the_same_place_and_begin_with_a_block() {
        let pixels = paper(9);
        let plane = Plane::new(&pixels, 640, 480, 640).expect("a plane");
        let mut texture = Texture::default();
        texture.measure(&plane, 0);
        let spans: Vec<_> = texture.spans(1, 75, 320).collect();
        assert!(
            spans
                .iter()
                .all(|&(from, to)| from % BLOCK == 0 && to <= 320)
        );
        assert!(spans.iter().any(|&(from, to)| from <= 100 && to >= 145));
    }
}
