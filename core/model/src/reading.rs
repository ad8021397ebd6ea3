//! What the reader says of a frame.

use serde::{Deserialize, Serialize};

use crate::label::LabelId;

/// A point in a frame: pixels from the left and from the top, pixel centres at whole numbers.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
pub struct Point {
    /// Pixels from the left.
    pub x: f32,
    /// Pixels from the top.
    pub y: f32,
}

/// One code found in a frame.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Reading {
    /// What the code is.
    pub content: Content,
    /// The symbol's corners without its quiet zone, as printed: top left, top right, bottom right,
    /// bottom left.
    pub corners: [Point; 4],
    /// By which knowledge it was read.
    pub how: How,
}

/// What a code turned out to be.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "kind", rename_all = "snake_case")]
pub enum Content {
    /// A label of our host. `known` is whether this phone's catalogue holds it: a label outside it
    /// is still a label, may be recorded, and the server decides.
    Label {
        /// The label's id.
        label: LabelId,
        /// Whether the catalogue holds it.
        known: bool,
    },
    /// A code that is not one of our labels: named, never acted on.
    Foreign {
        /// What it says, as text; bytes that are no text are replaced by U+FFFD.
        text: String,
    },
    /// A code is there, but cannot be read yet.
    Unreadable,
}

/// By which knowledge a code was read.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[non_exhaustive]
pub enum How {
    /// As any decoder would: nothing known.
    General,
    /// The organisation's host and padding were given as known symbols to the error correction.
    KnownCodewords,
    /// The frame was matched against every label that exists.
    Catalogue,
}

/// What would help while nothing is read; the shell may say it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[non_exhaustive]
pub enum Hint {
    /// The code is too small in the frame.
    Closer,
    /// Part of the code lies outside the frame.
    MoveBack,
    /// Too little light.
    TooDark,
    /// A reflection covers part of the code.
    Glare,
    /// The frame is smeared or out of focus.
    HoldStill,
}
