//! What the standard tabulates for each version and level: ISO/IEC 18004:2015, Tables 1 and 9 and
//! Annex E. Checked symbol by symbol against an independent encoder in the tests of `layout` and
//! `decode`.

use std::fmt;

/// Smallest and largest version.
pub(crate) const VERSIONS: std::ops::RangeInclusive<u8> = 1..=40;

/// Modules a side of a version.
pub(crate) const fn side_of(version: u8) -> usize {
    17 + 4 * version as usize
}

/// The version with this many modules a side.
pub(crate) fn version_of(side: usize) -> Option<u8> {
    let version = u8::try_from(side.checked_sub(17)? / 4).ok()?;
    (VERSIONS.contains(&version) && side_of(version) == side).then_some(version)
}

/// Error correction level.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Level {
    /// About 7 % of the codewords can be restored.
    L,
    /// About 15 %.
    M,
    /// About 25 %; the level of labels.
    Q,
    /// About 30 %.
    H,
}

impl Level {
    /// From the two bits of the format information (Table 12).
    pub(super) fn from_bits(bits: u16) -> Self {
        match bits & 3 {
            0 => Self::M,
            1 => Self::L,
            2 => Self::H,
            _ => Self::Q,
        }
    }
}

impl fmt::Display for Level {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Debug::fmt(self, f)
    }
}

/// How the codewords of a symbol are split into blocks: `short` blocks of `data` data codewords,
/// then `long` blocks of one more; every block has `parity` parity codewords.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Blocks {
    pub(super) short: usize,
    pub(super) long: usize,
    pub(super) data: usize,
    pub(super) parity: usize,
}

impl Blocks {
    /// The blocks of a version and level.
    pub(super) fn of(version: u8, level: Level) -> Self {
        let index = usize::from(version - 1);
        let parity = usize::from(PARITY_PER_BLOCK[level as usize][index]);
        let blocks = usize::from(BLOCKS[level as usize][index]);
        let data = codewords_of(version) - parity * blocks;
        let long = data % blocks;
        Self {
            short: blocks - long,
            long,
            data: data / blocks,
            parity,
        }
    }

    pub(super) fn count(&self) -> usize {
        self.short + self.long
    }

    /// Data codewords of the block with this number.
    pub(super) fn data_of(&self, block: usize) -> usize {
        self.data + usize::from(block >= self.short)
    }

    /// Number of the block's first codeword in the data before interleaving.
    pub(super) fn data_start(&self, block: usize) -> usize {
        block * self.data + block.saturating_sub(self.short)
    }

    pub(super) fn total_data(&self) -> usize {
        self.count() * self.data + self.long
    }

    /// Where the codeword at `position` of `block` stands in the interleaved sequence (7.6).
    pub(super) fn interleaved(&self, block: usize, position: usize) -> usize {
        let own_data = self.data_of(block);
        if position < self.data {
            position * self.count() + block
        } else if position < own_data {
            self.data * self.count() + block - self.short
        } else {
            self.total_data() + (position - own_data) * self.count() + block
        }
    }
}

/// Modules that carry codewords and remainder bits (Table 1).
pub(super) fn data_modules_of(version: u8) -> usize {
    let v = usize::from(version);
    let mut modules = (16 * v + 128) * v + 64;
    if version >= 2 {
        let centres = v / 7 + 2;
        modules -= (25 * centres - 10) * centres - 55;
    }
    if version >= 7 {
        modules -= 36;
    }
    modules
}

/// Codewords of a version, data and parity together (Table 1).
pub(super) fn codewords_of(version: u8) -> usize {
    data_modules_of(version) / 8
}

/// Row and column coordinates of the centres of alignment patterns (Annex E), ascending, and how
/// many of them there are. The formula gives Table E.1 for every version.
pub(crate) fn alignment_centres(version: u8) -> ([usize; 7], usize) {
    let mut centres = [0; 7];
    if version < 2 {
        return (centres, 0);
    }
    let v = usize::from(version);
    let count = v / 7 + 2;
    let step = (v * 8 + count * 3 + 5) / (count * 4 - 4) * 2;
    centres[0] = 6;
    for (i, centre) in centres[1..count].iter_mut().rev().enumerate() {
        *centre = side_of(version) - 7 - i * step;
    }
    (centres, count)
}

/// Table 9, by level (L, M, Q, H) and version.
#[rustfmt::skip]
const PARITY_PER_BLOCK: [[u8; 40]; 4] = [
    [7, 10, 15, 20, 26, 18, 20, 24, 30, 18, 20, 24, 26, 30, 22, 24, 28, 30, 28, 28,
     28, 28, 30, 30, 26, 28, 30, 30, 30, 30, 30, 30, 30, 30, 30, 30, 30, 30, 30, 30],
    [10, 16, 26, 18, 24, 16, 18, 22, 22, 26, 30, 22, 22, 24, 24, 28, 28, 26, 26, 26,
     26, 28, 28, 28, 28, 28, 28, 28, 28, 28, 28, 28, 28, 28, 28, 28, 28, 28, 28, 28],
    [13, 22, 18, 26, 18, 24, 18, 22, 20, 24, 28, 26, 24, 20, 30, 24, 28, 28, 26, 30,
     28, 30, 30, 30, 30, 28, 30, 30, 30, 30, 30, 30, 30, 30, 30, 30, 30, 30, 30, 30],
    [17, 28, 22, 16, 22, 28, 26, 26, 24, 28, 24, 28, 22, 24, 24, 30, 28, 28, 26, 28,
     30, 24, 30, 30, 30, 30, 30, 30, 30, 30, 30, 30, 30, 30, 30, 30, 30, 30, 30, 30],
];

/// Table 9, number of blocks by level and version.
#[rustfmt::skip]
const BLOCKS: [[u8; 40]; 4] = [
    [1, 1, 1, 1, 1, 2, 2, 2, 2, 4, 4, 4, 4, 4, 6, 6, 6, 6, 7, 8,
     8, 9, 9, 10, 12, 12, 12, 13, 14, 15, 16, 17, 18, 19, 19, 20, 21, 22, 24, 25],
    [1, 1, 1, 2, 2, 4, 4, 4, 5, 5, 5, 8, 9, 9, 10, 10, 11, 13, 14, 16,
     17, 17, 18, 20, 21, 23, 25, 26, 28, 29, 31, 33, 35, 37, 38, 40, 43, 45, 47, 49],
    [1, 1, 2, 2, 4, 4, 6, 6, 8, 8, 8, 10, 12, 16, 12, 17, 16, 18, 21, 20,
     23, 23, 25, 27, 29, 34, 34, 35, 38, 40, 43, 45, 48, 51, 53, 56, 59, 62, 65, 68],
    [1, 1, 2, 4, 4, 4, 5, 6, 8, 8, 11, 11, 16, 16, 18, 16, 19, 21, 25, 25,
     25, 34, 30, 32, 35, 37, 40, 42, 45, 48, 51, 54, 57, 60, 63, 66, 70, 74, 77, 81],
];

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sides_and_versions_belong_together() {
        assert_eq!(version_of(21), Some(1));
        assert_eq!(version_of(177), Some(40));
        for side in [0, 17, 20, 22, 24, 181, usize::MAX] {
            assert_eq!(version_of(side), None, "{side}");
        }
    }

    #[test]
    fn alignment_centres_are_those_of_annex_e() {
        let centres = |version| {
            let (centres, count) = alignment_centres(version);
            centres[..count].to_vec()
        };
        assert_eq!(centres(1), [0usize; 0]);
        assert_eq!(centres(4), [6, 26]);
        assert_eq!(centres(7), [6, 22, 38]);
        assert_eq!(centres(32), [6, 34, 60, 86, 112, 138]);
        assert_eq!(centres(40), [6, 30, 58, 86, 114, 142, 170]);
    }

    #[test]
    fn a_version_five_q_symbol_has_two_short_and_two_long_blocks() {
        let blocks = Blocks::of(5, Level::Q);
        assert_eq!(
            blocks,
            Blocks {
                short: 2,
                long: 2,
                data: 15,
                parity: 18
            }
        );
        assert_eq!((blocks.total_data(), codewords_of(5)), (62, 134));
        assert_eq!([0, 1, 2, 3].map(|b| blocks.data_start(b)), [0, 15, 30, 46]);
    }

    #[test]
    fn interleaving_uses_every_place_once() {
        for version in VERSIONS {
            for level in [Level::L, Level::M, Level::Q, Level::H] {
                let blocks = Blocks::of(version, level);
                let mut places: Vec<usize> = (0..blocks.count())
                    .flat_map(|b| (0..blocks.data_of(b) + blocks.parity).map(move |p| (b, p)))
                    .map(|(b, p)| blocks.interleaved(b, p))
                    .collect();
                places.sort_unstable();
                assert!(
                    places.iter().copied().eq(0..codewords_of(version)),
                    "{version}-{level}"
                );
            }
        }
    }
}
