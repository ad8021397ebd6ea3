//! `FrameReader`: camera frames in, readings out.

use std::sync::{Arc, Mutex, MutexGuard, PoisonError, Weak};
use std::time::Duration;

use kokoni_model::catalogue::Catalogue;
use kokoni_model::label::{Host, LabelId};
use kokoni_model::reading::{Content, Hint as ModelHint, Reading, SteadyHint};
use kokoni_reader::{Budget, Frame, FrameReadings, PreparedCatalogue, ReaderOptions};

use crate::alive::Alive;
use crate::choices::{Hint, ReadingMethod};
use crate::error::{InputProblem, KokoniError, guarded, input};
use crate::kokoni::Core;

/// What a reader knows when there is no [`Kokoni`](crate::Kokoni) to ask.
#[derive(Clone, Debug, uniffi::Record)]
pub struct ReaderConfig {
    /// The host of our labels; without it every code is foreign.
    pub host: Option<String>,
    /// The labels that exist, 16 characters each.
    pub labels: Vec<String>,
    /// About how long one frame may take on an ordinary machine.
    pub budget: Duration,
}

/// A point in a frame, in pixels from the left and from the top.
#[derive(Clone, Copy, Debug, PartialEq, uniffi::Record)]
pub struct Corner {
    /// Pixels from the left.
    pub x: f32,
    /// Pixels from the top.
    pub y: f32,
}

/// What a code turned out to be.
#[derive(Clone, Debug, PartialEq, Eq, uniffi::Enum)]
pub enum CodeContent {
    /// A label of our host.
    Label {
        /// Its id.
        label: String,
        /// Whether the catalogue holds it.
        known: bool,
    },
    /// Somebody else's code: named, never acted on.
    Foreign {
        /// What it says.
        text: String,
    },
    /// A code is there, but cannot be read yet.
    Unreadable,
}

/// One code in a frame.
#[derive(Clone, Debug, PartialEq, uniffi::Record)]
pub struct CodeReading {
    /// What it is.
    pub content: CodeContent,
    /// The symbol's corners as printed: top left, top right, bottom right, bottom left.
    pub corners: Vec<Corner>,
    /// By which knowledge it was read.
    pub method: ReadingMethod,
}

/// What a reader says of one frame.
#[derive(Clone, Debug, PartialEq, uniffi::Record)]
pub struct FrameReading {
    /// The codes, nearest the frame's centre first.
    pub readings: Vec<CodeReading>,
    /// The label to act on: nearest the centre, and not in sight a moment ago.
    pub news: Option<String>,
    /// A foreign code that came into sight while nothing of ours is.
    pub foreign: Option<String>,
    /// What would help; steady, so that it can be read.
    pub hint: Option<Hint>,
    /// The label nearest the centre was reported already.
    pub repeated: bool,
}

/// Reads the frames of one camera, one after the other. One thread calls it; others wait.
#[derive(uniffi::Object)]
pub struct FrameReader {
    eye: Mutex<Eye>,
    /// Where a newer catalogue comes from.
    source: Weak<Core>,
    budget: Budget,
    _alive: Alive,
}

/// What changes from frame to frame.
struct Eye {
    reader: kokoni_reader::FrameReader,
    hint: SteadyHint,
    /// The hint that was told last: what a screen shows, also when the camera is opened anew.
    told: Option<ModelHint>,
    /// The foreign code that was reported last.
    foreign: Option<String>,
    /// What [`FrameReader::look`] found and nobody has fetched yet.
    found: Option<FrameReading>,
    catalogue: Option<Arc<PreparedCatalogue>>,
}

/// What is to be told of one frame.
struct Told {
    news: Option<LabelId>,
    foreign: Option<String>,
    hint: Option<ModelHint>,
    /// The hint was another one before.
    other_hint: bool,
}

impl Eye {
    fn new(options: ReaderOptions) -> Self {
        Self {
            catalogue: options.catalogue.clone(),
            reader: kokoni_reader::FrameReader::new(options),
            hint: SteadyHint::default(),
            told: None,
            foreign: None,
            found: None,
        }
    }
}

#[uniffi::export]
impl FrameReader {
    /// A reader that knows a host and its labels, without any [`Kokoni`](crate::Kokoni).
    #[uniffi::constructor]
    pub fn new(config: ReaderConfig) -> Result<Arc<Self>, KokoniError> {
        guarded(|| {
            let budget = budget(config.budget);
            let options = match &config.host {
                None => ReaderOptions {
                    budget,
                    ..ReaderOptions::default()
                },
                Some(host) => known(host, &config.labels, budget)?,
            };
            Ok(Self::of(options, Weak::new()))
        })
    }

    /// Reads one frame: luma, a byte a pixel, used where it lies.
    ///
    /// Strides are in bytes, from one row or pixel to the next; the last row may end with its last
    /// pixel. Dimensions that the bytes do not hold are [`InputProblem::Frame`].
    pub fn read(
        &self,
        luma: &[u8],
        width: i32,
        height: i32,
        row_stride: i32,
        pixel_stride: i32,
    ) -> Result<FrameReading, KokoniError> {
        guarded(|| {
            let frame = frame(luma, [width, height, row_stride, pixel_stride])?;
            let mut eye = self.eye();
            let seen = eye.reader.read(&frame);
            let told = eye.judge(&seen);
            Ok(FrameReading::of(told, seen))
        })
    }

    /// What the last frame brought that was looked at without a reading in return; once.
    pub fn found(&self) -> Option<FrameReading> {
        self.eye().found.take()
    }

    /// Forgets what earlier frames showed, as when the camera is opened; takes a newer catalogue
    /// where there is one.
    pub fn reset(&self) {
        let newer = self
            .source
            .upgrade()
            .and_then(|core| core.reader_options(self.budget).ok());
        let mut eye = self.eye();
        let same = |options: &ReaderOptions| match (&options.catalogue, &eye.catalogue) {
            (Some(newer), Some(known)) => Arc::ptr_eq(newer, known),
            (None, None) => true,
            _ => false,
        };
        match newer {
            Some(options) if !same(&options) => {
                *eye = Eye {
                    told: eye.told,
                    ..Eye::new(options)
                };
            }
            _ => {
                eye.reader.reset();
                eye.hint = SteadyHint::default();
                eye.foreign = None;
                eye.found = None;
            }
        }
    }
}

impl FrameReader {
    pub(crate) fn of(options: ReaderOptions, source: Weak<Core>) -> Arc<Self> {
        Arc::new(Self {
            budget: options.budget,
            eye: Mutex::new(Eye::new(options)),
            source,
            _alive: Alive::default(),
        })
    }

    /// Reads one frame and keeps the reading for [`FrameReader::found`] if it brings something new:
    /// a label, a foreign code, another hint. Whether it did.
    pub(crate) fn look(&self, luma: &[u8], sizes: [i32; 4]) -> Result<bool, KokoniError> {
        let frame = frame(luma, sizes)?;
        let mut eye = self.eye();
        let seen = eye.reader.read(&frame);
        let told = eye.judge(&seen);
        let new = told.news.is_some() || told.foreign.is_some() || told.other_hint;
        eye.found = new.then(|| FrameReading::of(told, seen));
        Ok(new)
    }

    fn eye(&self) -> MutexGuard<'_, Eye> {
        self.eye.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Eye {
    fn judge(&mut self, seen: &FrameReadings) -> Told {
        let read = seen
            .readings
            .iter()
            .any(|reading| reading.content != Content::Unreadable);
        let ours = seen
            .readings
            .iter()
            .any(|reading| label_of(reading).is_some());
        let foreign = seen
            .readings
            .iter()
            .find_map(|reading| match &reading.content {
                Content::Foreign { text } if !ours => Some(text),
                _ => None,
            });
        let newly_foreign = foreign
            .filter(|text| self.foreign.as_ref() != Some(*text))
            .cloned();
        if ours {
            self.foreign = None;
        } else if newly_foreign.is_some() {
            self.foreign.clone_from(&newly_foreign);
        }
        let hint = self.hint.note(seen.hint, read);
        Told {
            news: seen.news().and_then(label_of),
            foreign: newly_foreign,
            hint,
            other_hint: std::mem::replace(&mut self.told, hint) != hint,
        }
    }
}

impl FrameReading {
    fn of(told: Told, seen: FrameReadings) -> Self {
        Self {
            news: told.news.map(|label| label.to_string()),
            foreign: told.foreign,
            hint: told.hint.and_then(Hint::of),
            repeated: seen.repeated,
            readings: seen.readings.into_iter().map(CodeReading::from).collect(),
        }
    }
}

/// A frame whose width, height, row stride and pixel stride fit its bytes.
fn frame(luma: &[u8], sizes: [i32; 4]) -> Result<Frame<'_>, KokoniError> {
    let wrong = || input(InputProblem::Frame);
    let mut lengths = [0; 4];
    for (length, size) in lengths.iter_mut().zip(sizes) {
        *length = usize::try_from(size).map_err(|_| wrong())?;
    }
    let [width, height, row_stride, pixel_stride] = lengths;
    Frame::new(luma, width, height, row_stride, pixel_stride).map_err(|_| wrong())
}

fn label_of(reading: &Reading) -> Option<LabelId> {
    match reading.content {
        Content::Label { label, .. } => Some(label),
        Content::Foreign { .. } | Content::Unreadable => None,
    }
}

pub(crate) fn budget(time: Duration) -> Budget {
    Budget::from_millis(u32::try_from(time.as_millis()).unwrap_or(u32::MAX))
}

fn known(host: &str, labels: &[String], budget: Budget) -> Result<ReaderOptions, KokoniError> {
    let host = Host::new(host).map_err(|_| input(InputProblem::Host))?;
    let labels: Result<Vec<LabelId>, _> = labels
        .iter()
        .map(|label| LabelId::parse_exact(label).map_err(|_| input(InputProblem::Label)))
        .collect();
    let catalogue = Catalogue {
        host: host.clone(),
        version: 0,
        labels: labels?,
    };
    Ok(ReaderOptions {
        host: Some(host),
        catalogue: Some(Arc::new(PreparedCatalogue::new(&catalogue))),
        budget,
    })
}

impl From<Reading> for CodeReading {
    fn from(reading: Reading) -> Self {
        Self {
            content: match reading.content {
                Content::Label { label, known } => CodeContent::Label {
                    label: label.to_string(),
                    known,
                },
                Content::Foreign { text } => CodeContent::Foreign { text },
                Content::Unreadable => CodeContent::Unreadable,
            },
            corners: reading
                .corners
                .iter()
                .map(|corner| Corner {
                    x: corner.x,
                    y: corner.y,
                })
                .collect(),
            method: reading.how.into(),
        }
    }
}
