//! What every decoder is asked and answers.

/// One frame, as all decoders get it: 8-bit luma without gaps.
#[derive(Clone)]
pub(crate) struct Luma {
    pub(crate) width: usize,
    pub(crate) height: usize,
    pub(crate) pixels: Vec<u8>,
}

/// One code that a decoder says is there.
#[derive(Clone, Debug)]
pub(crate) struct Answer {
    pub(crate) text: String,
    /// Pixels: the middle of the code.
    pub(crate) middle: (f32, f32),
    /// Whether it was taken for a label of our host, and for one of the catalogue.
    pub(crate) label: bool,
    pub(crate) known: bool,
}

impl Answer {
    /// A peer's answer: it knows of no labels.
    #[cfg(feature = "peers")]
    pub(crate) fn of_peer(text: String, corners: [(f32, f32); 4]) -> Self {
        let sum = corners
            .iter()
            .fold((0.0, 0.0), |s, c| (s.0 + c.0, s.1 + c.1));
        Self {
            text,
            middle: (sum.0 / 4.0, sum.1 / 4.0),
            label: false,
            known: false,
        }
    }
}

/// A decoder under measurement.
pub(crate) trait Decoder {
    /// As it stands in the tables.
    fn name(&self) -> String;

    /// Looks at one frame; `first` at the beginning of a sequence, so that what was remembered of
    /// earlier frames is forgotten.
    fn read(&mut self, frame: &Luma, first: bool) -> Vec<Answer>;
}

/// Puts the answer nearest the frame's centre first.
pub(crate) fn nearest_first(answers: &mut [Answer], frame: &Luma) {
    let centre = (
        (frame.width - 1) as f32 / 2.0,
        (frame.height - 1) as f32 / 2.0,
    );
    let distance = |a: &Answer| (a.middle.0 - centre.0).hypot(a.middle.1 - centre.1);
    answers.sort_by(|a, b| distance(a).total_cmp(&distance(b)));
}
