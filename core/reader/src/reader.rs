//! `FrameReader`: the one object a shell holds.

use kokoni_model::reading::{Content, Hint, Reading};

use crate::detect::plane::Plane;
use crate::frame::Frame;
use crate::hint::hint;
use crate::options::ReaderOptions;
use crate::scheduler::Scheduler;
use crate::session::Session;

/// Reads frames, one after the other, of one camera session. Owns its buffers and reuses them:
/// after the first frames of a size it allocates nothing but its answers.
pub struct FrameReader {
    options: ReaderOptions,
    scheduler: Scheduler,
    session: Session,
    packed: Vec<u8>,
}

/// What a reader says of one frame.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct FrameReadings {
    /// The codes, nearest the frame's centre first; empty where there is none.
    pub readings: Vec<Reading>,
    /// What would help; only while nothing is read.
    pub hint: Option<Hint>,
    /// The label nearest the centre was reported already and has been in sight since: nothing to
    /// act on.
    pub repeated: bool,
}

impl FrameReadings {
    /// The reading to act on: the code nearest the centre, if it is a label that has not been
    /// reported yet.
    pub fn news(&self) -> Option<&Reading> {
        let nearest = self.readings.first()?;
        let is_label = matches!(nearest.content, Content::Label { .. });
        (is_label && !self.repeated).then_some(nearest)
    }
}

impl FrameReader {
    /// A reader at the beginning of a camera session.
    pub fn new(options: ReaderOptions) -> Self {
        Self {
            scheduler: Scheduler::new(&options),
            options,
            session: Session::default(),
            packed: Vec::new(),
        }
    }

    /// Reads one frame within the budget.
    pub fn read(&mut self, frame: &Frame<'_>) -> FrameReadings {
        let (luma, stride) = match frame.adjacent() {
            Some(adjacent) => adjacent,
            None => {
                frame.pack(&mut self.packed);
                (self.packed.as_slice(), frame.width())
            }
        };
        // A frame has been checked against its bytes, so there always is a plane.
        let Some(plane) = Plane::new(luma, frame.width(), frame.height(), stride) else {
            return FrameReadings::default();
        };
        let found = self.scheduler.read(plane, &self.options);
        let read = found
            .readings
            .iter()
            .any(|r| r.content != Content::Unreadable);
        FrameReadings {
            hint: if read {
                None
            } else {
                hint(&plane, found.unreadable.as_ref())
            },
            repeated: self.session.note(&found.readings),
            readings: found.readings,
        }
    }

    /// Units of work that the last frame took; see [`Budget`](crate::Budget).
    pub fn work(&self) -> u64 {
        self.scheduler.work() as u64
    }

    /// Forgets what earlier frames showed, as when the camera is opened anew. The buffers stay.
    pub fn reset(&mut self) {
        self.scheduler.reset();
        self.session.reset();
    }
}
