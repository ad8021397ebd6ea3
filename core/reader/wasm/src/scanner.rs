//! What stands behind the exported names: input in, JSON out, every error named in the answer.

use std::sync::Arc;

use kokoni_model::catalogue::Catalogue;
use kokoni_model::label::{Host, LABEL_ID_BYTES, LabelId};
use kokoni_model::reading::{Hint, Reading};
use kokoni_reader::{Budget, Frame, FrameReader, PreparedCatalogue, ReaderOptions};
use serde::Serialize;

use crate::MOST_INPUT;

/// One reader with its input and its last answer.
#[derive(Default)]
pub(crate) struct Scanner {
    input: Vec<u8>,
    answer: Vec<u8>,
    reader: Option<FrameReader>,
}

#[derive(Serialize)]
struct Opened {}

#[derive(Serialize)]
struct Read {
    readings: Vec<Reading>,
    hint: Option<Hint>,
    repeated: bool,
}

#[derive(Serialize)]
struct Refused {
    error: String,
}

impl Scanner {
    /// Makes room for so many bytes; `None` over the bound.
    pub(crate) fn input(&mut self, bytes: usize) -> Option<&mut [u8]> {
        if bytes > MOST_INPUT {
            return None;
        }
        self.input.resize(bytes, 0);
        Some(&mut self.input)
    }

    pub(crate) fn open(&mut self, host_bytes: usize, milliseconds: u32) -> usize {
        let opened = self.options(host_bytes, milliseconds).map(|options| {
            self.reader = Some(FrameReader::new(options));
            Opened {}
        });
        self.put(opened)
    }

    pub(crate) fn read(
        &mut self,
        width: usize,
        height: usize,
        row_stride: usize,
        pixel_stride: usize,
    ) -> usize {
        let frame = Frame::new(&self.input, width, height, row_stride, pixel_stride);
        let answer = match (frame, &mut self.reader) {
            (Err(error), _) => Err(error.to_string()),
            (Ok(_), None) => Err("the reader is not open".to_owned()),
            (Ok(frame), Some(reader)) => {
                let answer = reader.read(&frame);
                Ok(Read {
                    readings: answer.readings,
                    hint: answer.hint,
                    repeated: answer.repeated,
                })
            }
        };
        self.put(answer)
    }

    pub(crate) fn reset(&mut self) {
        if let Some(reader) = &mut self.reader {
            reader.reset();
        }
    }

    pub(crate) fn answer(&self) -> &[u8] {
        &self.answer
    }

    fn options(&self, host_bytes: usize, milliseconds: u32) -> Result<ReaderOptions, String> {
        let budget = Budget::from_millis(milliseconds);
        let (host, labels) = self
            .input
            .split_at_checked(host_bytes)
            .ok_or_else(|| format!("{host_bytes} bytes of host, {} given", self.input.len()))?;
        if host.is_empty() {
            return Ok(ReaderOptions {
                budget,
                ..Default::default()
            });
        }
        let host = std::str::from_utf8(host).map_err(|error| format!("the host: {error}"))?;
        let host = Host::new(host).map_err(|error| error.to_string())?;
        let (ids, rest) = labels.as_chunks::<LABEL_ID_BYTES>();
        if !rest.is_empty() {
            let given = labels.len();
            return Err(format!(
                "labels have {LABEL_ID_BYTES} bytes each, {given} given"
            ));
        }
        let catalogue = Catalogue {
            host: host.clone(),
            version: 0,
            labels: ids.iter().map(|&id| LabelId::from_bytes(id)).collect(),
        };
        Ok(ReaderOptions {
            host: Some(host),
            catalogue: Some(Arc::new(PreparedCatalogue::new(&catalogue))),
            budget,
        })
    }

    fn put(&mut self, answer: Result<impl Serialize, String>) -> usize {
        self.answer.clear();
        let written = match answer {
            Ok(answer) => serde_json::to_writer(&mut self.answer, &answer),
            Err(error) => serde_json::to_writer(&mut self.answer, &Refused { error }),
        };
        // Writing to memory fails only for values that JSON cannot hold, and there are none here.
        if written.is_err() {
            self.answer.clear();
            self.answer.extend_from_slice(br#"{"error":"no answer"}"#);
        }
        self.answer.len()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use kokoni_camera::Shot;
    use kokoni_model::label::label_symbol;

    const HOST: &str = "k.example.jp";

    fn opened(labels: &[LabelId]) -> Scanner {
        let mut scanner = Scanner::default();
        let mut input = HOST.as_bytes().to_vec();
        labels
            .iter()
            .for_each(|label| input.extend_from_slice(label.as_bytes()));
        scanner
            .input(input.len())
            .expect("room")
            .copy_from_slice(&input);
        scanner.open(HOST.len(), 33);
        assert_eq!(scanner.answer(), b"{}");
        scanner
    }

    fn read(scanner: &mut Scanner, label: LabelId) -> String {
        let host = Host::new(HOST).expect("a host");
        let frame = Shot {
            width: 320,
            height: 240,
            clutter: 0,
            ..Shot::plain(1)
        }
        .draw(&label_symbol(&host, &label).expect("fits"))
        .frame;
        let input = scanner.input(frame.pixels.len()).expect("room");
        input.copy_from_slice(&frame.pixels);
        scanner.read(frame.width, frame.height, frame.width, 1);
        String::from_utf8(scanner.answer().to_vec()).expect("UTF-8")
    }

    #[test]
    fn a_label_in_the_frame_is_answered_as_json() {
        let label = LabelId::from_bytes([7; 10]);
        let mut scanner = opened(&[label]);
        let answer: serde_json::Value =
            serde_json::from_str(&read(&mut scanner, label)).expect("JSON");
        let content = serde_json::json!({
            "kind": "label", "label": label.to_string(), "known": true,
        });
        assert_eq!(answer["readings"][0]["content"], content);
        assert_eq!(answer["repeated"], false);
        assert!(read(&mut scanner, label).contains(r#""repeated":true"#));
        scanner.reset();
        assert!(read(&mut scanner, label).contains(r#""repeated":false"#));
    }

    #[test]
    fn every_mistake_is_named_in_the_answer() {
        let mut scanner = Scanner::default();
        let said = |scanner: &Scanner| String::from_utf8_lossy(scanner.answer()).into_owned();
        scanner.input(4).expect("room");
        scanner.read(2, 2, 2, 1);
        assert_eq!(said(&scanner), r#"{"error":"the reader is not open"}"#);
        scanner.open(5, 33);
        assert_eq!(said(&scanner), r#"{"error":"5 bytes of host, 4 given"}"#);
        scanner.open(4, 33);
        assert!(
            said(&scanner).contains("cannot stand in a host"),
            "{}",
            said(&scanner)
        );
        scanner.input(HOST.len() + 3).expect("room")[..HOST.len()].copy_from_slice(HOST.as_bytes());
        scanner.open(HOST.len(), 33);
        assert_eq!(
            said(&scanner),
            r#"{"error":"labels have 10 bytes each, 3 given"}"#
        );
        scanner.read(100, 100, 100, 1);
        assert!(
            said(&scanner).contains("need 10000 bytes"),
            "{}",
            said(&scanner)
        );
        assert!(scanner.input(MOST_INPUT + 1).is_none());
    }
}
