//! Modules whose colour is known before a symbol is read, as lists to compare a frame with.

use crate::decode::layout::Layout;
use crate::decode::tables::version_of;

/// A module whose colour is known.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct KnownModule {
    /// Column of the symbol as printed, then row.
    pub(crate) column: u8,
    pub(crate) row: u8,
    pub(crate) dark: bool,
}

impl KnownModule {
    /// From an index `row * side + column`.
    pub(crate) fn new(side: usize, index: usize, dark: bool) -> Self {
        Self {
            column: (index % side) as u8,
            row: (index / side) as u8,
            dark,
        }
    }

    /// Its middle in module coordinates.
    #[inline]
    pub(crate) fn middle(&self) -> (f32, f32) {
        (f32::from(self.column) + 0.5, f32::from(self.row) + 0.5)
    }

    #[inline]
    pub(crate) fn sign(&self) -> f32 {
        if self.dark { 1.0 } else { -1.0 }
    }
}

/// Brings a list into an order in which every part of it is spread over the whole symbol: every
/// 16th of it, then the next of those, and so on.
pub(crate) fn mix(list: &mut Vec<KnownModule>) {
    let ordered = std::mem::take(list);
    list.extend((0..16).flat_map(|first| ordered.iter().skip(first).step_by(16)));
}

/// The function patterns of the versions met so far: at most 90 KB for all forty.
#[derive(Default)]
pub(crate) struct FunctionPatterns {
    versions: Vec<Vec<KnownModule>>,
}

impl FunctionPatterns {
    /// Finders with their separators, timing lines, alignment patterns and the dark module of a
    /// symbol with `side` modules a side; nothing when no version has that many.
    pub(crate) fn of(&mut self, side: usize) -> &[KnownModule] {
        let Some(version) = version_of(side) else {
            return &[];
        };
        let index = usize::from(version);
        if self.versions.len() <= index {
            self.versions.resize_with(index + 1, Vec::new);
        }
        let list = &mut self.versions[index];
        if list.is_empty() {
            let layout = Layout::new(version);
            list.extend(
                layout
                    .function_modules()
                    .map(|(i, dark)| KnownModule::new(side, i, dark)),
            );
            mix(list);
        }
        list
    }
}
