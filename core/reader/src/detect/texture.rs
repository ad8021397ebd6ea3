//! Which parts of a frame are textured, as a symbol is: only these are searched.
//!
//! A symbol has dark and light modules side by side, so the grey levels of any small block of it
//! range over more than the frame's noise does, and so do those of the blocks around it: that is
//! measured in blocks of three sizes, for modules of all sizes. Plain paper, walls and desks, their
//! edges, cables and the grain of wood, most of most frames, are thereby never scanned for finders,
//! sharpened, correlated or measured at full size.

use super::plane::{LEVELS, Plane};
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

/// A textured block of a symbol has so many others among the 25 around it, itself included. Where
/// modules are as wide as a block, half of them have an edge of a module, in the dark and where the
/// print is faint a quarter; an upright edge of anything else crosses 5, and noise stands alone.
const LEAST_NEAR: u8 = 6;

/// How often blocks are joined by four: modules may be so many times twice as wide.
const JOINED: usize = 2;

/// Most parts of a frame that are told apart.
const MOST_PARTS: usize = 12;

/// Pixels to which the parts of a frame are rounded: a pixel of its smallest copy.
const PART_STEP: usize = 1 << (LEVELS - 1);

/// A part of the frame, in its pixels.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Part {
    pub(crate) left: usize,
    pub(crate) top: usize,
    pub(crate) right: usize,
    pub(crate) bottom: usize,
}

impl Part {
    pub(crate) fn width(&self) -> usize {
        self.right - self.left
    }

    pub(crate) fn height(&self) -> usize {
        self.bottom - self.top
    }

    fn touches(&self, other: &Self) -> bool {
        self.left <= other.right
            && other.left <= self.right
            && self.top <= other.bottom
            && other.top <= self.bottom
    }

    fn join(&mut self, other: &Self) {
        self.left = self.left.min(other.left);
        self.top = self.top.min(other.top);
        self.right = self.right.max(other.right);
        self.bottom = self.bottom.max(other.bottom);
    }

    fn area(&self) -> usize {
        self.width() * self.height()
    }
}

/// The darkest and the lightest pixel of each block of a frame.
#[derive(Default)]
struct Blocks {
    low: Vec<u8>,
    high: Vec<u8>,
    across: usize,
    down: usize,
}

/// The textured blocks of a frame, as spans of each row of blocks.
#[derive(Default)]
pub(crate) struct Texture {
    /// As measured, and joined by four ever again.
    blocks: [Blocks; JOINED + 1],
    low: Vec<u8>,
    high: Vec<u8>,
    ranging: Vec<bool>,
    /// How many of five blocks of a row, and of five such rows, range.
    near: Vec<u8>,
    textured: Vec<bool>,
    active: Vec<bool>,
    spans: Vec<(u16, u16)>,
    /// Where the spans of each row of blocks begin.
    starts: Vec<u32>,
    parts: Vec<Part>,
    /// The copy of the frame whose pixels the blocks are of.
    level: usize,
}

impl Blocks {
    fn range(&self, index: usize) -> u8 {
        self.high[index] - self.low[index]
    }

    /// Blocks twice as wide and high.
    fn join(&self, into: &mut Self) {
        (into.across, into.down) = (self.across.div_ceil(2), self.down.div_ceil(2));
        into.low.clear();
        into.low.resize(into.across * into.down, 255);
        into.high.clear();
        into.high.resize(into.across * into.down, 0);
        for y in 0..self.down {
            for x in 0..self.across {
                let (i, j) = (y * self.across + x, y / 2 * into.across + x / 2);
                into.low[j] = into.low[j].min(self.low[i]);
                into.high[j] = into.high[j].max(self.high[i]);
            }
        }
    }
}

impl Texture {
    /// Measures `plane`, the frame's copy at `level`; `frame` is the frame's width and height.
    pub(crate) fn measure(
        &mut self,
        plane: &Plane<'_>,
        level: usize,
        frame: (usize, usize),
    ) -> usize {
        self.level = level;
        let (across, down) = (plane.width().div_ceil(SIDE), plane.height().div_ceil(SIDE));
        let mut blocks = std::mem::take(&mut self.blocks);
        let [first, joined @ ..] = &mut blocks;
        (first.across, first.down) = (across, down);
        first.low.clear();
        first.high.clear();
        for by in 0..down {
            self.fold_rows(plane, by);
            for (low, high) in self.low.chunks(SIDE).zip(self.high.chunks(SIDE)) {
                first.low.push(low.iter().fold(255, |a: u8, &b| a.min(b)));
                first.high.push(high.iter().fold(0, |a: u8, &b| a.max(b)));
            }
        }
        self.textured.clear();
        self.textured.resize(across * down, false);
        self.mark(first, 0, across);
        let mut last = &*first;
        for (times, next) in joined.iter_mut().enumerate() {
            last.join(next);
            self.mark(next, times + 1, across);
            last = next;
        }
        self.blocks = blocks;
        self.active.clear();
        self.active.resize(across, false);
        self.spans.clear();
        self.starts.clear();
        self.starts.push(0);
        for y in 0..down {
            // A block next to a textured one belongs to it.
            self.active.fill(false);
            for row in y.saturating_sub(1)..(y + 2).min(down) {
                let textured = &self.textured[row * across..][..across];
                let active = self.active.iter_mut().zip(textured);
                active.for_each(|(active, &textured)| *active |= textured);
            }
            self.add_row(across);
        }
        self.find_parts(frame);
        plane.width() * plane.height()
    }

    /// Marks what is textured in blocks that were joined so many times; `across` is the number of
    /// the smallest ones in a row.
    fn mark(&mut self, blocks: &Blocks, times: usize, across: usize) {
        let (wide, high) = (blocks.across, blocks.down);
        let mut counts = [0u32; 256];
        for i in 0..wide * high {
            counts[usize::from(blocks.range(i))] += 1;
        }
        let contrast = least_contrast(&counts, wide * high);
        self.ranging.clear();
        self.ranging
            .extend((0..wide * high).map(|i| blocks.range(i) > contrast));
        self.near.clear();
        for row in self.ranging.chunks_exact(wide) {
            let around = |x: usize| &row[x.saturating_sub(2)..(x + 3).min(wide)];
            self.near
                .extend((0..wide).map(|x| around(x).iter().map(|&r| u8::from(r)).sum::<u8>()));
        }
        for y in 0..high {
            let rows = y.saturating_sub(2)..(y + 3).min(high);
            for x in 0..wide {
                if !self.ranging[y * wide + x] {
                    continue;
                }
                let near: u8 = rows.clone().map(|row| self.near[row * wide + x]).sum();
                if near >= LEAST_NEAR {
                    for v in y << times..((y + 1) << times).min(self.textured.len() / across) {
                        let row = &mut self.textured[v * across..][..across];
                        row[x << times..((x + 1) << times).min(across)].fill(true);
                    }
                }
            }
        }
    }

    /// Joins spans that touch to parts of the frame.
    fn find_parts(&mut self, (width, height): (usize, usize)) {
        self.parts.clear();
        let block = SIDE << self.level;
        for y in 0..self.starts.len() - 1 {
            let (first, last) = (self.starts[y] as usize, self.starts[y + 1] as usize);
            for i in first..last {
                let (from, to) = self.spans[i];
                let span = Part {
                    left: usize::from(from) * block / PART_STEP * PART_STEP,
                    top: y * block / PART_STEP * PART_STEP,
                    right: (usize::from(to) * block).min(width),
                    bottom: ((y + 1) * block).min(height),
                };
                match self.parts.iter_mut().find(|part| part.touches(&span)) {
                    Some(part) => part.join(&span),
                    None => self.parts.push(span),
                }
                if self.parts.len() > MOST_PARTS {
                    self.join_parts();
                }
            }
        }
        self.join_parts();
    }

    /// Joins parts that touch; then, while there are too many, the two that take least more together.
    fn join_parts(&mut self) {
        loop {
            let mut best: Option<(usize, usize, usize)> = None;
            for i in 0..self.parts.len() {
                for j in 0..i {
                    let (a, b) = (self.parts[i], self.parts[j]);
                    let mut both = a;
                    both.join(&b);
                    let more = if a.touches(&b) {
                        0
                    } else {
                        both.area().saturating_sub(a.area() + b.area()).max(1)
                    };
                    if best.is_none_or(|(least, ..)| more < least) {
                        best = Some((more, i, j));
                    }
                }
            }
            match best {
                Some((more, i, j)) if more == 0 || self.parts.len() > MOST_PARTS => {
                    let part = self.parts.swap_remove(i);
                    self.parts[j].join(&part);
                }
                _ => return,
            }
        }
    }

    /// The textured parts of the frame; their left and upper ends are whole pixels of all its
    /// copies.
    pub(crate) fn parts(&self) -> &[Part] {
        &self.parts
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
        texture.measure(&plane, 0, (640, 480));
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
        texture.measure(&plane, 0, (640, 480));
        let spans: Vec<_> = texture.spans(1, 75, 320).collect();
        assert!(
            spans
                .iter()
                .all(|&(from, to)| from % BLOCK == 0 && to <= 320)
        );
        assert!(spans.iter().any(|&(from, to)| from <= 100 && to >= 145));
    }

    fn parts_of(pixels: &[u8]) -> Vec<Part> {
        let plane = Plane::new(pixels, 640, 480, 640).expect("a plane");
        let mut texture = Texture::default();
        texture.measure(&plane, 0, (640, 480));
        texture.parts().to_vec()
    }

    #[test]
    fn the_edge_of_a_sheet_is_no_texture() {
        let pixels: Vec<u8> = (0..640 * 480)
            .map(|i| if i % 640 < 301 { 60 } else { 200 })
            .collect();
        assert_eq!(parts_of(&pixels), []);
    }

    #[test]
    fn modules_of_every_size_are_texture_and_one_part() {
        for module in [2, 3, 5, 9, 15] {
            let parts = parts_of(&paper(module));
            let [part] = parts[..] else {
                panic!("{module}: {parts:?}");
            };
            let holds = part.left <= 200 && part.right >= 290 && part.top <= 104;
            assert!(holds && part.bottom >= 194, "{module}: {part:?}");
            assert!(
                part.width() < 200 && part.height() < 200,
                "{module}: {part:?}"
            );
        }
    }

    #[test]
    fn symbols_apart_are_parts_of_their_own_and_never_more_than_the_most() {
        let mut pixels = vec![200u8; 640 * 480];
        for symbol in 0..40 {
            let (left, top) = (symbol % 8 * 80 + 16, symbol / 8 * 96 + 16);
            for i in 0..32 * 32 {
                let (x, y) = (i % 32, i / 32);
                if (x / 4 + y / 4) % 2 == 0 {
                    pixels[(top + y) * 640 + left + x] = 40;
                }
            }
        }
        let parts = parts_of(&pixels);
        assert!(parts.len() > 1 && parts.len() <= MOST_PARTS, "{parts:?}");
        for symbol in 0..40 {
            let (x, y) = (symbol % 8 * 80 + 32, symbol / 8 * 96 + 32);
            let holds = |p: &Part| (p.left..p.right).contains(&x) && (p.top..p.bottom).contains(&y);
            assert!(parts.iter().any(holds), "{symbol}");
        }
    }
}
