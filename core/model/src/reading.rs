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

impl Hint {
    /// What a person is told, Japanese and English.
    pub const fn words(self) -> (&'static str, &'static str) {
        match self {
            Self::Closer => ("もう少し近づけてください", "Move closer"),
            Self::MoveBack => ("少し離してください", "Move back a little"),
            Self::TooDark => (
                "暗すぎます。ライトをお使いください",
                "Too dark: use the light",
            ),
            Self::Glare => ("反射を避けて傾けてください", "Tilt to avoid the reflection"),
            Self::HoldStill => ("動かさずにお待ちください", "Hold still"),
        }
    }
}

/// Frames for which a hint must stand before it is said, and be gone before it is taken back: a
/// third of a second of preview. What frames say one by one flickers, and nobody can read that.
const HINT_FRAMES: u8 = 10;

/// Makes hints steady: frames in, and out what is to be said now.
#[derive(Clone, Copy, Debug, Default)]
pub struct SteadyHint {
    said: Option<Hint>,
    next: Option<Hint>,
    frames: u8,
}

impl SteadyHint {
    /// Takes what one frame says; `read` is whether something was read in it, which ends every
    /// hint at once.
    pub fn note(&mut self, hint: Option<Hint>, read: bool) -> Option<Hint> {
        if read {
            *self = Self::default();
        } else if hint == self.said {
            self.frames = 0;
        } else {
            if hint != self.next {
                (self.next, self.frames) = (hint, 0);
            }
            self.frames += 1;
            if self.frames >= HINT_FRAMES {
                (self.said, self.frames) = (hint, 0);
            }
        }
        self.said
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn said(frames: impl IntoIterator<Item = Option<Hint>>) -> Vec<Option<Hint>> {
        let mut steady = SteadyHint::default();
        frames
            .into_iter()
            .map(|hint| steady.note(hint, false))
            .collect()
    }

    #[test]
    fn a_hint_is_said_once_it_has_stood_for_a_while() {
        let said = said([Some(Hint::Closer); 12]);
        assert_eq!(said[8], None);
        assert_eq!(said[9..], [Some(Hint::Closer); 3]);
    }

    #[test]
    fn a_hint_that_flickers_is_not_said() {
        let flicker = (0..40).map(|i| (i % 2 == 0).then_some(Hint::Glare));
        assert!(said(flicker).iter().all(Option::is_none));
    }

    #[test]
    fn a_hint_stays_through_a_short_gap_and_goes_when_it_is_gone() {
        let mut frames = vec![Some(Hint::TooDark); 10];
        frames.extend([None; 9]);
        frames.push(Some(Hint::TooDark));
        frames.extend([None; 10]);
        let said = said(frames);
        assert_eq!(said[18], Some(Hint::TooDark));
        assert_eq!(said[28], Some(Hint::TooDark));
        assert_eq!(said[29], None);
    }

    #[test]
    fn a_code_that_is_read_ends_the_hint_at_once() {
        let mut steady = SteadyHint::default();
        for _ in 0..10 {
            steady.note(Some(Hint::Closer), false);
        }
        assert_eq!(steady.note(None, true), None);
        assert_eq!(steady.note(Some(Hint::Closer), false), None);
    }

    #[test]
    fn what_a_person_is_told() {
        use Hint::{Closer, Glare, HoldStill, MoveBack, TooDark};
        let words = [Closer, MoveBack, TooDark, Glare, HoldStill].map(Hint::words);
        insta::assert_debug_snapshot!(words);
    }
}
