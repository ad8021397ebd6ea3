//! Our reader in the modes that are measured.

use std::sync::Arc;

use clap::ValueEnum;
use kokoni_model::label::{Host, label_text};
use kokoni_model::reading::Content;
use kokoni_reader::{Budget, Frame, FrameReader, PreparedCatalogue, ReaderOptions};

use crate::answer::{Answer, Decoder, Luma};

/// What our reader knows, and how long it may look at a frame.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, ValueEnum)]
pub(crate) enum Mode {
    /// Nothing known, 250 ms
    Nothing,
    /// Nothing known, 33 ms
    #[value(name = "nothing33")]
    NothingPreview,
    /// The host known, no catalogue, 250 ms
    Host,
    /// The catalogue, 250 ms
    Catalogue250,
    /// The catalogue, 33 ms
    Catalogue33,
    /// The catalogue, the first pass only
    FirstPass,
}

impl Mode {
    pub(crate) fn name(self) -> &'static str {
        match self {
            Self::Nothing => "nothing",
            Self::NothingPreview => "nothing-33",
            Self::Host => "host",
            Self::Catalogue250 => "catalogue-250",
            Self::Catalogue33 => "catalogue-33",
            Self::FirstPass => "first-pass",
        }
    }

    /// Whether a decoder of this name is ours.
    pub(crate) fn is_name(name: &str) -> bool {
        Self::value_variants()
            .iter()
            .any(|mode| mode.name() == name)
    }

    /// Whether a catalogue is known.
    pub(crate) fn has_catalogue(self) -> bool {
        matches!(
            self,
            Self::Catalogue250 | Self::Catalogue33 | Self::FirstPass
        )
    }

    fn budget(self) -> Budget {
        Budget::from_millis(match self {
            Self::Nothing | Self::Host | Self::Catalogue250 => 250,
            Self::NothingPreview | Self::Catalogue33 => 33,
            Self::FirstPass => 0,
        })
    }
}

/// Our reader.
pub(crate) struct Ours {
    mode: Mode,
    host: Option<Host>,
    reader: FrameReader,
}

impl Ours {
    /// A reader in this mode; `host` and `catalogue` are what it would know.
    pub(crate) fn new(
        mode: Mode,
        host: Option<&Host>,
        catalogue: Option<&Arc<PreparedCatalogue>>,
    ) -> Self {
        let host = host
            .filter(|_| !matches!(mode, Mode::Nothing | Mode::NothingPreview))
            .cloned();
        let options = ReaderOptions {
            host: host.clone(),
            catalogue: catalogue.filter(|_| mode.has_catalogue()).cloned(),
            budget: mode.budget(),
        };
        Self {
            mode,
            host,
            reader: FrameReader::new(options),
        }
    }
}

impl Decoder for Ours {
    fn name(&self) -> String {
        self.mode.name().to_owned()
    }

    fn read(&mut self, frame: &Luma, first: bool) -> Vec<Answer> {
        if first {
            self.reader.reset();
        }
        let Ok(view) = Frame::new(&frame.pixels, frame.width, frame.height, frame.width, 1) else {
            return Vec::new();
        };
        let answers = self.reader.read(&view).readings.into_iter();
        answers
            .filter_map(|reading| {
                let (text, label, known) = match reading.content {
                    Content::Label { label, known } => {
                        (label_text(self.host.as_ref()?, &label), true, known)
                    }
                    Content::Foreign { text } => (text, false, false),
                    Content::Unreadable => return None,
                };
                let sum = reading
                    .corners
                    .iter()
                    .fold((0.0, 0.0), |s, c| (s.0 + c.x, s.1 + c.y));
                Some(Answer {
                    text,
                    middle: (sum.0 / 4.0, sum.1 / 4.0),
                    label,
                    known,
                })
            })
            .collect()
    }
}
