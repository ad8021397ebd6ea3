//! `kokoni read`: what the reader makes of image files, one JSON line each.

use std::path::{Path, PathBuf};
use std::process::ExitCode;
use std::sync::Arc;
use std::time::Instant;

use anyhow::{Context, Result, ensure};
use clap::Args;
use kokoni_model::catalogue::Catalogue;
use kokoni_model::label::{Host, label_text};
use kokoni_model::reading::{Content, How, Reading};
use kokoni_reader::{Budget, Frame, FrameReader, PreparedCatalogue, ReaderOptions};
use serde::Serialize;

use crate::output;
use crate::picture::Picture;

/// Read the codes in image files and print one JSON line for each file
///
/// {"file","width","height","ms","readings":[{"kind":"label|text|unreadable","text","label",
/// "corners":[four pairs of x and y],"how"}]}. The reading nearest the centre comes first;
/// corners are top left, top right, bottom right, bottom left of the symbol, pixel centres at whole
/// numbers. `ms` is the fastest of the repeated calls, without the decoding of the file. A file
/// that cannot be opened gives a line with "error", stops nothing, and makes the exit status 1.
#[derive(Args)]
pub(crate) struct ReadArgs {
    /// The public name in your labels; without it no code is taken for a label
    #[arg(long)]
    host: Option<Host>,
    /// JSON {"host": "...", "labels": ["16 characters", ...]}: the labels that exist
    #[arg(long, value_name = "FILE")]
    catalogue: Option<PathBuf>,
    /// Work allowed for one frame, as milliseconds of an ordinary machine
    #[arg(long, value_name = "N", default_value_t = 33)]
    budget_ms: u32,
    /// Read each frame this many times and give the fastest time
    #[arg(long, value_name = "N", default_value_t = 1, value_parser = clap::value_parser!(u32).range(1..))]
    repeat: u32,
    /// The files are consecutive frames of one camera session
    #[arg(long)]
    session: bool,
    /// PNG, JPEG or WebP files
    #[arg(required = true, value_name = "FILE")]
    files: Vec<PathBuf>,
}

/// One line of output for a file that was read.
#[derive(Serialize)]
struct Line<'a> {
    file: &'a str,
    width: usize,
    height: usize,
    ms: f64,
    readings: Vec<Found>,
}

/// One line of output for a file that could not be opened.
#[derive(Serialize)]
struct Failure<'a> {
    file: &'a str,
    error: String,
}

#[derive(Serialize, Debug, PartialEq)]
struct Found {
    kind: &'static str,
    text: Option<String>,
    label: Option<String>,
    corners: [[f32; 2]; 4],
    how: How,
}

pub(crate) fn run(args: &ReadArgs) -> Result<ExitCode> {
    let options = options(args)?;
    let host = args
        .host
        .clone()
        .or_else(|| options.catalogue.as_ref().map(|c| c.host().clone()));
    let mut session: Vec<FrameReader> = if args.session {
        (0..args.repeat)
            .map(|_| FrameReader::new(options.clone()))
            .collect()
    } else {
        Vec::new()
    };
    let mut all_opened = true;
    for path in &args.files {
        let file = path.to_string_lossy();
        match Picture::open(path) {
            Ok(picture) => {
                let frame = picture.frame()?;
                let (ms, readings) = if args.session {
                    fastest(session.iter_mut().map(|reader| timed(reader, &frame)))
                } else {
                    let fresh = || timed(&mut FrameReader::new(options.clone()), &frame);
                    fastest((0..args.repeat).map(|_| fresh()))
                };
                let readings = readings
                    .iter()
                    .map(|found| describe(found, host.as_ref()))
                    .collect();
                let (width, height) = (picture.width, picture.height);
                output::print_json(&Line {
                    file: &file,
                    width,
                    height,
                    ms,
                    readings,
                })?;
            }
            Err(error) => {
                all_opened = false;
                output::print_json(&Failure {
                    file: &file,
                    error: output::in_one_line(&error),
                })?;
            }
        }
    }
    Ok(if all_opened {
        ExitCode::SUCCESS
    } else {
        ExitCode::FAILURE
    })
}

fn options(args: &ReadArgs) -> Result<ReaderOptions> {
    let catalogue = args.catalogue.as_deref().map(read_catalogue).transpose()?;
    if let (Some(host), Some(catalogue)) = (&args.host, &catalogue) {
        ensure!(
            *host == catalogue.host,
            "--host is {host}, the catalogue belongs to {}",
            catalogue.host
        );
    }
    Ok(ReaderOptions {
        host: args.host.clone(),
        catalogue: catalogue.map(|catalogue| Arc::new(PreparedCatalogue::new(&catalogue))),
        budget: Budget::from_millis(args.budget_ms),
    })
}

fn read_catalogue(path: &Path) -> Result<Catalogue> {
    let text = std::fs::read_to_string(path)
        .with_context(|| format!("cannot read the catalogue {}", path.display()))?;
    serde_json::from_str(&text).with_context(|| format!("{} is not a catalogue", path.display()))
}

fn timed(reader: &mut FrameReader, frame: &Frame<'_>) -> (f64, Vec<Reading>) {
    let begun = Instant::now();
    let answer = reader.read(frame);
    (begun.elapsed().as_secs_f64() * 1_000.0, answer.readings)
}

/// The fastest time of identical calls, and their answer.
fn fastest(calls: impl Iterator<Item = (f64, Vec<Reading>)>) -> (f64, Vec<Reading>) {
    calls
        .reduce(|best, next| if next.0 < best.0 { next } else { best })
        .unwrap_or((0.0, Vec::new()))
}

fn describe(reading: &Reading, host: Option<&Host>) -> Found {
    let (kind, text, label) = match &reading.content {
        Content::Label { label, .. } => (
            "label",
            host.map(|host| label_text(host, label)),
            Some(label.to_string()),
        ),
        Content::Foreign { text } => ("text", Some(text.clone()), None),
        Content::Unreadable => ("unreadable", None, None),
    };
    let corners = reading.corners.map(|corner| [corner.x, corner.y]);
    Found {
        kind,
        text,
        label,
        corners,
        how: reading.how,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use kokoni_model::label::LabelId;
    use kokoni_model::reading::Point;

    fn reading(content: Content) -> Reading {
        let corner = Point { x: 1.5, y: 2.0 };
        Reading {
            content,
            corners: [corner; 4],
            how: How::Catalogue,
        }
    }

    #[test]
    fn the_line_of_a_file_looks_like_this() {
        let host = Host::new("k.example.jp").expect("a host");
        let label = LabelId::parse_exact("0123456789ABCDEF").expect("an id");
        let contents = [
            Content::Label { label, known: true },
            Content::Foreign {
                text: "https://example.com/".into(),
            },
            Content::Unreadable,
        ];
        let readings = contents
            .map(|content| describe(&reading(content), Some(&host)))
            .into_iter()
            .collect();
        let line = Line {
            file: "a.png",
            width: 640,
            height: 480,
            ms: 1.25,
            readings,
        };
        insta::assert_json_snapshot!(line);
    }

    #[test]
    fn the_fastest_call_gives_the_time() {
        let calls = [(3.0, vec![]), (1.0, vec![]), (2.0, vec![])];
        assert_eq!(fastest(calls.into_iter()).0, 1.0);
    }
}
