//! Where everything stands in a symbol: function patterns, format and version information, the
//! order of data modules, masks (ISO/IEC 18004:2015, 6.3, 7.7 to 7.10).
//!
//! A module is named by its index `row * side + column`; both count from 0 at the top left of the
//! symbol as printed.

use super::tables::{alignment_centres, data_modules_of, side_of};

/// What a module is for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Module {
    /// Carries a bit of a codeword, or a remainder bit.
    Data,
    /// Always dark: part of a finder, timing or alignment pattern, or the dark module.
    Dark,
    /// Always light.
    Light,
    /// Carries a bit of the format information.
    Format,
    /// Carries a bit of the version information (version 7 and up).
    Version,
}

/// The plan of one version.
#[derive(Clone, Debug, Default)]
pub(crate) struct Layout {
    version: u8,
    modules: Vec<Module>,
    data: Vec<u16>,
}

impl Layout {
    /// The plan of a version from 1 to 40.
    pub(crate) fn new(version: u8) -> Self {
        let mut layout = Self::default();
        layout.become_version(version);
        layout
    }

    /// Turns this plan into that of another version, keeping its memory.
    pub(super) fn become_version(&mut self, version: u8) {
        if self.version == version {
            return;
        }
        self.version = version;
        self.draw_functions();
        self.order_data();
    }

    pub(crate) fn version(&self) -> u8 {
        self.version
    }

    pub(crate) fn side(&self) -> usize {
        side_of(self.version)
    }

    /// The data modules in the order of the bits they carry: the first codeword's most significant
    /// bit first, remainder bits last (7.7.3).
    pub(crate) fn data_order(&self) -> &[u16] {
        &self.data
    }

    /// The modules whose colour is the same in every symbol of this version, without format and
    /// version information: index and whether dark.
    pub(crate) fn function_modules(&self) -> impl Iterator<Item = (usize, bool)> + '_ {
        self.modules
            .iter()
            .enumerate()
            .filter_map(|(index, module)| match module {
                Module::Dark => Some((index, true)),
                Module::Light => Some((index, false)),
                _ => None,
            })
    }

    fn set(&mut self, column: usize, row: usize, module: Module) {
        let side = self.side();
        self.modules[row * side + column] = module;
    }

    fn draw_functions(&mut self) {
        let side = self.side();
        self.modules.clear();
        self.modules.resize(side * side, Module::Data);
        let shade = |dark: bool| if dark { Module::Dark } else { Module::Light };
        for i in 8..side - 8 {
            self.set(i, 6, shade(i % 2 == 0));
            self.set(6, i, shade(i % 2 == 0));
        }
        self.draw_alignment();
        // Finder patterns with their separators: rings by distance from the centre (6.3.3, 6.3.4).
        for (column, row) in [(3, 3), (side - 4, 3), (3, side - 4)] {
            for y in row.saturating_sub(4)..(row + 5).min(side) {
                for x in column.saturating_sub(4)..(column + 5).min(side) {
                    let ring = x.abs_diff(column).max(y.abs_diff(row));
                    self.set(x, y, shade(ring != 2 && ring != 4));
                }
            }
        }
        for places in format_places(side) {
            for place in places {
                self.modules[place] = Module::Format;
            }
        }
        self.set(8, side - 8, Module::Dark);
        if self.version >= 7 {
            for places in version_places(side) {
                for place in places {
                    self.modules[place] = Module::Version;
                }
            }
        }
    }

    fn draw_alignment(&mut self) {
        let (centres, count) = alignment_centres(self.version);
        let last = count.saturating_sub(1);
        for (i, &row) in centres[..count].iter().enumerate() {
            for (j, &column) in centres[..count].iter().enumerate() {
                // None where a finder pattern stands.
                if [(0, 0), (0, last), (last, 0)].contains(&(i, j)) {
                    continue;
                }
                for y in row - 2..=row + 2 {
                    for x in column - 2..=column + 2 {
                        let ring = x.abs_diff(column).max(y.abs_diff(row));
                        let module = if ring == 1 {
                            Module::Light
                        } else {
                            Module::Dark
                        };
                        self.set(x, y, module);
                    }
                }
            }
        }
    }

    fn order_data(&mut self) {
        let side = self.side();
        self.data.clear();
        self.data.reserve(data_modules_of(self.version));
        let mut right = side - 1;
        let mut upward = true;
        loop {
            for step in 0..side {
                let row = if upward { side - 1 - step } else { step };
                for column in [right, right - 1] {
                    let index = row * side + column;
                    if self.modules[index] == Module::Data {
                        self.data.push(index as u16);
                    }
                }
            }
            upward = !upward;
            right = match right {
                // The vertical timing pattern has a column of its own.
                8 => 5,
                0..=2 => break,
                _ => right - 2,
            };
        }
    }
}

/// The two copies of the format information, bit 0 (least significant) first (7.9.1, Figure 25).
pub(crate) fn format_places(side: usize) -> [[usize; 15]; 2] {
    let at = |column: usize, row: usize| row * side + column;
    let first = std::array::from_fn(|bit| match bit {
        0..=5 => at(8, bit),
        6 => at(8, 7),
        7 => at(8, 8),
        8 => at(7, 8),
        _ => at(14 - bit, 8),
    });
    let second = std::array::from_fn(|bit| match bit {
        0..=7 => at(side - 1 - bit, 8),
        _ => at(8, side - 15 + bit),
    });
    [first, second]
}

/// The two copies of the version information, bit 0 first: top right, then bottom left (7.10).
pub(crate) fn version_places(side: usize) -> [[usize; 18]; 2] {
    let (far, near) = (|bit: usize| side - 11 + bit % 3, |bit: usize| bit / 3);
    [
        std::array::from_fn(|bit| near(bit) * side + far(bit)),
        std::array::from_fn(|bit| far(bit) * side + near(bit)),
    ]
}

/// Whether a mask pattern inverts the data module in this column and row (7.8.2, Table 10).
#[inline]
pub(crate) fn mask_inverts(mask: u8, column: usize, row: usize) -> bool {
    let (j, i) = (column, row);
    let value = match mask & 7 {
        0 => (i + j) % 2,
        1 => i % 2,
        2 => j % 3,
        3 => (i + j) % 3,
        4 => (i / 2 + j / 3) % 2,
        5 => i * j % 2 + i * j % 3,
        6 => (i * j % 2 + i * j % 3) % 2,
        _ => ((i + j) % 2 + i * j % 3) % 2,
    };
    value == 0
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::decode::format::{format_word, version_word};
    use crate::decode::tables::{Level, VERSIONS};
    use qrcode::bits::Bits;
    use qrcode::{Color, EcLevel, QrCode, Version};

    /// The independent encoder's symbol of a short text.
    fn drawn(version: u8) -> (usize, Vec<bool>) {
        let mut bits = Bits::new(Version::Normal(i16::from(version)));
        bits.push_numeric_data(b"20261122").expect("fits");
        bits.push_terminator(EcLevel::M).expect("fits");
        let code = QrCode::with_bits(bits, EcLevel::M).expect("drawn");
        let dark = code.to_colors().iter().map(|&c| c == Color::Dark).collect();
        (code.width(), dark)
    }

    #[test]
    fn function_patterns_of_every_version_are_those_of_another_encoder() {
        for version in VERSIONS {
            let layout = Layout::new(version);
            let (side, dark) = drawn(version);
            assert_eq!(layout.side(), side);
            for (index, expected) in layout.function_modules() {
                assert_eq!(dark[index], expected, "version {version}, module {index}");
            }
        }
    }

    #[test]
    fn format_and_version_words_of_every_version_stand_where_another_encoder_draws_them() {
        for version in VERSIONS {
            let (side, dark) = drawn(version);
            let read = |places: &[usize]| {
                places
                    .iter()
                    .rev()
                    .fold(0u32, |word, &p| word << 1 | u32::from(dark[p]))
            };
            let [first, second] = format_places(side);
            assert_eq!(read(&first), read(&second));
            let known = (0..8).map(|mask| u32::from(format_word(Level::M, mask)));
            assert!(
                known.into_iter().any(|word| word == read(&first)),
                "version {version}"
            );
            if version >= 7 {
                for places in version_places(side) {
                    assert_eq!(read(&places), version_word(version), "version {version}");
                }
            }
        }
    }

    #[test]
    fn every_data_module_is_visited_once() {
        for version in VERSIONS {
            let layout = Layout::new(version);
            let mut order: Vec<usize> = layout.data_order().iter().map(|&i| i.into()).collect();
            assert_eq!(order.len(), data_modules_of(version));
            order.sort_unstable();
            let all = layout.modules.iter().enumerate();
            let data = all
                .filter(|&(_, &m)| m == Module::Data)
                .map(|(index, _)| index);
            assert!(order.into_iter().eq(data), "version {version}");
        }
    }
}
