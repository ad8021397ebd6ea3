//! Format information (level and mask) and version information, chosen softly: the word that agrees
//! best with the values of all its modules, rather than the nearest to their hard decisions.

use super::layout::{format_places, version_places};
use super::tables::{Level, VERSIONS};

/// Generator of the (15, 5) BCH code of the format information (ISO/IEC 18004:2015, Annex C).
const FORMAT_GENERATOR: u32 = 0x537;
/// The pattern laid over the format word, so that no word is all light (7.9.1).
const FORMAT_MASK: u16 = 0x5412;
/// Generator of the (18, 6) Golay code of the version information (Annex D).
const VERSION_GENERATOR: u32 = 0x1f25;

const fn remainder(value: u32, generator: u32, degree: u32) -> u32 {
    let mut rest = value << degree;
    while rest >> degree != 0 {
        rest ^= generator << (31 - rest.leading_zeros() - degree);
    }
    rest
}

/// The 15 bits that say level and mask.
pub(crate) const fn format_word(level: Level, mask: u8) -> u16 {
    let level_bits = match level {
        Level::M => 0,
        Level::L => 1,
        Level::H => 2,
        Level::Q => 3,
    };
    format_word_of(level_bits << 3 | (mask & 7) as u16)
}

const fn format_word_of(bits: u16) -> u16 {
    (bits << 10 | remainder(bits as u32, FORMAT_GENERATOR, 10) as u16) ^ FORMAT_MASK
}

/// The 18 bits that say a version.
pub(crate) const fn version_word(version: u8) -> u32 {
    (version as u32) << 12 | remainder(version as u32, VERSION_GENERATOR, 12)
}

/// One way to read the format information.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) struct Format {
    pub(super) level: Level,
    pub(super) mask: u8,
    /// Agreement with the 30 modules: their values summed, each with the sign the word gives it.
    pub(super) score: f32,
}

/// All 32 formats, the one that agrees best first. `values` are those of the whole symbol, positive
/// where dark.
pub(super) fn formats_by_agreement(side: usize, values: &[f32]) -> [Format; 32] {
    let places = format_places(side);
    let bits: [f32; 15] =
        std::array::from_fn(|bit| places.iter().map(|copy| finite(values[copy[bit]])).sum());
    let mut formats: [Format; 32] = std::array::from_fn(|index| Format {
        level: Level::from_bits(index as u16 >> 3),
        mask: index as u8 & 7,
        score: agreement(u32::from(format_word_of(index as u16)), &bits),
    });
    formats.sort_by(|a, b| b.score.total_cmp(&a.score));
    formats
}

/// What the version information of a symbol says.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) struct VersionReading {
    /// The version, 7 to 40.
    pub(crate) version: u8,
    /// Mean agreement with the 36 modules: 1 when all say so at unit scale.
    pub(crate) agreement: f32,
    /// By how much the mean agreement of the next version is less.
    pub(crate) margin: f32,
}

/// Reads the version information of a symbol sampled with `side` modules a side (at least 21).
pub(crate) fn version_by_agreement(side: usize, values: &[f32]) -> VersionReading {
    let places = version_places(side);
    let bits: [f32; 18] =
        std::array::from_fn(|bit| places.iter().map(|copy| finite(values[copy[bit]])).sum());
    let mut best = (7, f32::NEG_INFINITY);
    let mut second = f32::NEG_INFINITY;
    for version in VERSIONS.skip(6) {
        let score = agreement(version_word(version), &bits) / 36.0;
        if score > best.1 {
            second = best.1;
            best = (version, score);
        } else {
            second = second.max(score);
        }
    }
    VersionReading {
        version: best.0,
        agreement: best.1,
        margin: best.1 - second,
    }
}

fn agreement(word: u32, bits: &[f32]) -> f32 {
    let signed = |(bit, &value): (usize, &f32)| if word >> bit & 1 == 1 { value } else { -value };
    bits.iter().enumerate().map(signed).sum()
}

/// The value itself, or 0 (nothing known) where it is no number.
#[inline]
pub(super) fn finite(value: f32) -> f32 {
    if value.is_finite() { value } else { 0.0 }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn words_are_those_of_the_standards_examples() {
        // 7.9.1: level M, mask 101. 7.10: version 7.
        assert_eq!(format_word(Level::M, 5), 0b100_0000_1100_1110);
        assert_eq!(version_word(7), 0b00_0111_1100_1001_0100);
    }

    #[test]
    fn format_words_differ_in_five_places_and_version_words_in_eight() {
        for a in 0..32u16 {
            for b in 0..a {
                assert!((format_word_of(a) ^ format_word_of(b)).count_ones() >= 5);
            }
        }
        for a in 7..=40 {
            for b in 7..a {
                assert!((version_word(a) ^ version_word(b)).count_ones() >= 8);
            }
        }
    }

    proptest! {
        #[test]
        fn a_format_survives_one_copy_lost_and_two_errors_in_the_other(
            index in 0u16..32, lost in 0usize..2,
            wrong in prop::sample::subsequence((0..15).collect::<Vec<usize>>(), 0..=2),
        ) {
            let side = 21;
            let mut values = vec![0.0; side * side];
            let places = format_places(side);
            for (bit, &place) in places[1 - lost].iter().enumerate() {
                let dark = (format_word_of(index) >> bit & 1 == 1) ^ wrong.contains(&bit);
                values[place] = if dark { 1.0 } else { -1.0 };
            }
            let best = formats_by_agreement(side, &values)[0];
            prop_assert_eq!(best.mask, index as u8 & 7);
            prop_assert_eq!(best.level, Level::from_bits(index >> 3));
        }

        #[test]
        fn a_version_survives_three_errors_in_each_copy(
            version in 7u8..=40,
            wrong in prop::sample::subsequence((0..18).collect::<Vec<usize>>(), 0..=3),
        ) {
            let side = 45;
            let mut values = vec![f32::NAN; side * side];
            for places in version_places(side) {
                for (bit, &place) in places.iter().enumerate() {
                    let dark = (version_word(version) >> bit & 1 == 1) ^ wrong.contains(&bit);
                    values[place] = if dark { 1.0 } else { -1.0 };
                }
            }
            let read = version_by_agreement(side, &values);
            prop_assert_eq!(read.version, version);
            prop_assert!(read.margin > 0.0);
        }
    }
}
