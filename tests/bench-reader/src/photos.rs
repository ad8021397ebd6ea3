//! Folders of photographs: the text expected of `X.webp` is in `X.txt`, its bytes in `X.bin`. Each
//! is read at four rotations. Where neither is there, nothing may be read.

use std::path::{Path, PathBuf};

use anyhow::{Context, Result};

use crate::Args;
use crate::answer::{Answer, Decoder};
use crate::frames::open;
use crate::labels::Verdict;
use crate::measure::timed;
use crate::ours::{Mode, Ours};
use crate::report::Report;

/// Runs every decoder over every folder below; of ours, the modes without labels count alike, so
/// only the one that knows nothing is measured.
pub(crate) fn run(
    args: &Args,
    folder: &Path,
    modes: &[Mode],
    peers: &mut [Box<dyn Decoder>],
    report: &mut Report,
) -> Result<()> {
    let mut ours: Vec<Ours> = modes
        .iter()
        .filter(|&&mode| matches!(mode, Mode::Nothing | Mode::NothingPreview))
        .map(|&mode| Ours::new(mode, None, None))
        .collect();
    for set in sorted(folder)?.into_iter().filter(|path| path.is_dir()) {
        let class = set
            .file_name()
            .map_or_else(String::new, |n| n.to_string_lossy().into());
        let images = sorted(&set)?.into_iter().filter(|path| is_image(path));
        for path in images.step_by(args.every.max(1)) {
            let expected = Expected::of(&path)?;
            let mut frame = open(&path)?;
            for turn in 0..4 {
                let all = ours.iter_mut().map(|o| o as &mut dyn Decoder);
                for decoder in peers.iter_mut().map(|p| &mut **p).chain(all) {
                    let (answers, time) = timed(decoder, &frame, true);
                    let verdict = expected.judge(&answers);
                    let name = decoder.name();
                    if args.missed && Mode::is_name(&name) && (!verdict.read || verdict.wrong > 0) {
                        let texts: Vec<&str> = answers.iter().map(|a| a.text.as_str()).collect();
                        println!(
                            "photos {name} {} turn {turn} {time:.1} ms {texts:?}",
                            path.display()
                        );
                    }
                    report.add("photos", &class, &name, &verdict, time);
                }
                frame = frame.turned();
            }
        }
    }
    Ok(())
}

fn sorted(folder: &Path) -> Result<Vec<PathBuf>> {
    let entries = std::fs::read_dir(folder)
        .with_context(|| format!("cannot read the folder {}", folder.display()))?;
    let mut paths = entries
        .map(|entry| Ok(entry?.path()))
        .collect::<Result<Vec<_>>>()?;
    paths.sort();
    Ok(paths)
}

fn is_image(path: &Path) -> bool {
    let extension = path
        .extension()
        .and_then(|e| e.to_str())
        .unwrap_or_default();
    matches!(extension, "png" | "jpg" | "jpeg" | "webp")
}

/// What a photograph says.
enum Expected {
    Text(String),
    Bytes(Vec<u8>),
    Nothing,
}

impl Expected {
    fn of(image: &Path) -> Result<Self> {
        let text = image.with_extension("txt");
        if text.exists() {
            return Ok(Self::Text(std::fs::read_to_string(text)?));
        }
        let bytes = image.with_extension("bin");
        if bytes.exists() {
            return Ok(Self::Bytes(std::fs::read(bytes)?));
        }
        Ok(Self::Nothing)
    }

    fn judge(&self, answers: &[Answer]) -> Verdict {
        let right = |answer: &&Answer| match self {
            Self::Text(text) => same_text(text, &answer.text),
            Self::Bytes(bytes) => {
                answer.text.as_bytes() == bytes || answer.text == String::from_utf8_lossy(bytes)
            }
            Self::Nothing => false,
        };
        let right = answers.iter().filter(right).count();
        let wrong = answers.len() - right;
        let read = if matches!(self, Self::Nothing) {
            wrong == 0
        } else {
            right > 0
        };
        Verdict {
            read,
            all: read,
            wrong,
            false_accepts: 0,
        }
    }
}

/// Expected texts write control characters as `<LF>`, or as they are.
fn same_text(expected: &str, found: &str) -> bool {
    const NAMES: [&str; 32] = [
        "NUL", "SOH", "STX", "ETX", "EOT", "ENQ", "ACK", "BEL", "BS", "HT", "LF", "VT", "FF", "CR",
        "SO", "SI", "DLE", "DC1", "DC2", "DC3", "DC4", "NAK", "SYN", "ETB", "CAN", "EM", "SUB",
        "ESC", "FS", "GS", "RS", "US",
    ];
    let escaped = || -> String {
        let escape = |c: char| match NAMES.get(c as usize) {
            Some(name) => format!("<{name}>"),
            None => c.to_string(),
        };
        found.chars().map(escape).collect()
    };
    expected == found || expected == escaped()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn control_characters_may_be_named_in_the_expected_text() {
        assert!(same_text("a\nb", "a\nb"));
        assert!(same_text("a<LF>b<GS>", "a\nb\u{1d}"));
        assert!(!same_text("a", "a\n"));
    }
}
