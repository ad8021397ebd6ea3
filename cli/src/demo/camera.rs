//! A person holds the phone over a label: frames drawn by the synthetic camera, shown to the real
//! reader until one is read.

use std::time::Instant;

use anyhow::Result;
use kokoni_camera::{Difficulty, Shot};
use kokoni_model::event::Via;
use kokoni_model::label::{Host, LabelId, label_symbol};
use kokoni_model::reading::Content;
use kokoni_reader::{Frame, FrameReader, ReaderOptions};

/// A first try, from the camera's whole range; then the person makes an effort.
const TRIES: [(Difficulty, u64); 2] = [(Difficulty::Whole, 3), (Difficulty::Everyday, 4)];

/// How the frames went.
pub(super) struct Shown {
    pub(super) frames_shown: usize,
    pub(super) frames_read: usize,
    pub(super) misread: usize,
    pub(super) reading_ms: Option<f64>,
    /// By camera, or typed by hand when no frame was read.
    pub(super) via: Via,
}

/// Shows frames of this label until one is read as it. The seed fixes every pixel.
pub(super) fn show(
    options: &ReaderOptions,
    host: &Host,
    label: LabelId,
    seed: u64,
) -> Result<Shown> {
    let symbol = label_symbol(host, &label)?;
    let mut reader = FrameReader::new(options.clone());
    let mut shown = Shown {
        frames_shown: 0,
        frames_read: 0,
        misread: 0,
        reading_ms: None,
        via: Via::Typed,
    };
    for (difficulty, moments) in TRIES {
        let shot = Shot::from_seed(seed, difficulty);
        for moment in 0..moments {
            let picture = shot.shaken(moment).draw(&symbol).frame;
            let (width, height) = (picture.width, picture.height);
            let frame = Frame::new(&picture.pixels, width, height, width, 1)?;
            let begun = Instant::now();
            let readings = reader.read(&frame).readings;
            let took = begun.elapsed();
            shown.frames_shown += 1;
            let read: Vec<LabelId> = readings
                .iter()
                .filter_map(|reading| match reading.content {
                    Content::Label { label, .. } => Some(label),
                    Content::Foreign { .. } | Content::Unreadable => None,
                })
                .collect();
            shown.misread += usize::from(read.iter().any(|&other| other != label));
            if read.contains(&label) {
                shown.frames_read += 1;
                shown.reading_ms = Some(took.as_secs_f64() * 1_000.0);
                shown.via = Via::Camera;
                return Ok(shown);
            }
        }
    }
    Ok(shown)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_label_is_read_by_camera_sooner_or_later() {
        let host = Host::new("k.example.jp").expect("a host");
        let options = ReaderOptions {
            host: Some(host.clone()),
            ..ReaderOptions::default()
        };
        let by_camera = (0..8)
            .map(|seed| show(&options, &host, LabelId::from_bytes([seed as u8; 10]), seed))
            .map(|shown| shown.expect("shown"))
            .filter(|shown| {
                assert!(shown.frames_shown >= 1 && shown.misread == 0);
                shown.via == Via::Camera && shown.frames_read == 1 && shown.reading_ms.is_some()
            })
            .count();
        assert!(by_camera >= 7, "{by_camera} of 8");
    }
}
