//! False accepts: frames of the synthetic camera that hold no label of the catalogue, and what is
//! taken for one all the same. Labels outside the catalogue, codes that are nearly labels, other
//! codes, empty desks; each for a few frames of one hand, one after the other without a reset, so
//! that what adds up over frames is tried as well.

use std::sync::Arc;

use anyhow::Result;
use kokoni_camera::{Difficulty, Print, Random, Shot};
use kokoni_model::catalogue::Catalogue;
use kokoni_model::label::{Host, LabelId, label_symbol, label_text, text_symbol};
use kokoni_reader::PreparedCatalogue;
use qrcode::bits::Bits;
use qrcode::{EcLevel, QrCode, Version};

use crate::Args;
use crate::answer::{Answer, Decoder, Luma};
use crate::labels::Verdict;
use crate::measure::timed;
use crate::ours::{Mode, Ours};
use crate::report::Report;

/// Frames of one hand.
const FRAMES_OF_ONE_HAND: usize = 5;

const HOST: &str = "k.example.jp";

/// Runs our modes over `args.stream` frames.
pub(crate) fn run(args: &Args, modes: &[Mode], report: &mut Report) -> Result<()> {
    let host = Host::new(HOST)?;
    let mut random = Random::stream(args.seed, 77);
    let labels: Vec<LabelId> = (0..args.catalogue.unwrap_or(2000))
        .map(|_| some_label(&mut random))
        .collect();
    let prepared = Arc::new(PreparedCatalogue::new(&Catalogue {
        host: host.clone(),
        version: 1,
        labels: labels.clone(),
    }));
    let mut ours: Vec<Ours> = modes
        .iter()
        .map(|&mode| Ours::new(mode, Some(&host), Some(&prepared)))
        .collect();
    for sequence in 0..args.stream.div_ceil(FRAMES_OF_ONE_HAND) {
        let subject = Subject::draw(sequence, &host, &labels, &mut random)?;
        let difficulty = [Difficulty::Everyday, Difficulty::Whole][usize::from(sequence % 4 != 0)];
        let shot = Shot::from_seed(random.next_u64(), difficulty);
        for moment in 0..FRAMES_OF_ONE_HAND {
            let shaken = shot.shaken(moment as u64);
            let picture = match &subject.print {
                Some(print) => shaken.draw(&**print),
                None => shaken.draw_empty(),
            };
            let frame = Luma {
                width: picture.frame.width,
                height: picture.frame.height,
                pixels: picture.frame.pixels,
            };
            for decoder in &mut ours {
                let (answers, time) = timed(decoder, &frame, sequence == 0 && moment == 0);
                let verdict = subject.judge(&answers);
                if args.missed && verdict.wrong + verdict.false_accepts > 0 {
                    println!("stream {} sequence {sequence} {answers:?}", decoder.name());
                }
                report.add("stream", subject.class, &decoder.name(), &verdict, time);
            }
        }
    }
    Ok(())
}

fn some_label(random: &mut Random) -> LabelId {
    LabelId::from_bytes(std::array::from_fn(|_| random.next_u64() as u8))
}

/// What lies on the desk, and what it says.
struct Subject {
    class: &'static str,
    text: Option<String>,
    /// A label of our host that the catalogue does not hold: may be taken for an unknown one.
    ours: bool,
    print: Option<Box<dyn Print>>,
}

impl Subject {
    fn draw(number: usize, host: &Host, known: &[LabelId], random: &mut Random) -> Result<Self> {
        let code = |class, text: String, print: Box<dyn Print>| Self {
            class,
            ours: class == "outside the catalogue",
            text: Some(text),
            print: Some(print),
        };
        Ok(match number % 8 {
            0 | 1 => {
                let label = some_label(random);
                let symbol = label_symbol(host, &label)?;
                code(
                    "outside the catalogue",
                    label_text(host, &label),
                    Box::new(symbol),
                )
            }
            2..=5 => {
                let (prefix, id) = near_miss(known[random.below(known.len())], random);
                let symbol = two_segments(&prefix, &id)?;
                code("near miss", prefix + &id, Box::new(symbol))
            }
            6 => {
                let word = |random: &mut Random| format!("{:x}", random.next_u64());
                let text = match random.below(3) {
                    0 => format!("https://{}.example/{}", word(random), word(random)),
                    1 => format!("WIFI:T:WPA;S:{};P:{};;", word(random), word(random)),
                    _ => format!("{}", random.next_u64()),
                };
                let symbol = text_symbol(&text)?;
                code("other code", text, Box::new(symbol))
            }
            _ => Self {
                class: "empty",
                text: None,
                ours: false,
                print: None,
            },
        })
    }

    fn judge(&self, answers: &[Answer]) -> Verdict {
        let right = |a: &&Answer| self.text.as_deref() == Some(a.text.as_str());
        let falsely = |a: &&Answer| a.known || (a.label && !(self.ours && right(a)));
        let wrong = answers.iter().filter(|a| !right(a)).count();
        Verdict {
            read: self.text.is_none() || answers.iter().any(|a| right(&a)),
            all: false,
            wrong,
            false_accepts: answers.iter().filter(falsely).count(),
        }
    }
}

/// A code of the catalogue under another host, path, case or scheme, or with a character more, less
/// or changed: what a reader that assumes its prefix would take for the label.
fn near_miss(label: LabelId, random: &mut Random) -> (String, String) {
    let id = label.to_string();
    let prefix = |text: &str| text.to_owned();
    match random.below(10) {
        0 => (prefix("https://k.example.jq/q/"), id),
        1 => (prefix("https://j.example.jp/q/"), id),
        2 => (prefix("https://pj.elpmaxe.k/q/"), id),
        3 => (prefix("https://k.example.jp/r/"), id),
        4 => (prefix("https://k.example.jp/Q/"), id),
        5 => (prefix("HTTPS://k.example.jp/q/"), id),
        6 => (prefix("http://k.example.jp/q/"), id),
        7 => (prefix("https://k.example.jp/q/"), id.to_lowercase()),
        8 => (prefix("https://k.example.jp/q/"), id[..15].to_owned()),
        _ => (prefix("https://k.example.jp/q/"), id + "7"),
    }
}

/// A symbol made as labels are: a byte segment and, where it can be, an alphanumeric one.
fn two_segments(prefix: &str, id: &str) -> Result<Modules> {
    let plain = |c: u8| c.is_ascii_uppercase() || c.is_ascii_digit();
    for version in 1..=40 {
        let mut bits = Bits::new(Version::Normal(version));
        bits.push_byte_data(prefix.as_bytes())?;
        if id.bytes().all(plain) {
            bits.push_alphanumeric_data(id.as_bytes())?;
        } else {
            bits.push_byte_data(id.as_bytes())?;
        }
        if bits.push_terminator(EcLevel::Q).is_err() {
            continue;
        }
        let code = QrCode::with_bits(bits, EcLevel::Q)?;
        return Ok(Modules {
            side: code.width(),
            dark: code
                .to_colors()
                .iter()
                .map(|&c| c == qrcode::Color::Dark)
                .collect(),
        });
    }
    anyhow::bail!("no symbol holds {} characters", prefix.len() + id.len())
}

struct Modules {
    side: usize,
    dark: Vec<bool>,
}

impl Print for Modules {
    fn side(&self) -> usize {
        self.side
    }

    fn is_dark(&self, column: usize, row: usize) -> bool {
        self.dark[row * self.side + column]
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use kokoni_model::label::parse_scanned_text;

    #[test]
    fn no_near_miss_is_a_label() {
        let host = Host::new(HOST).expect("a host");
        let mut random = Random::new(3);
        for _ in 0..200 {
            let label = some_label(&mut random);
            let (prefix, id) = near_miss(label, &mut random);
            let digits_only = id == id.to_lowercase() && id.len() == 16;
            assert!(parse_scanned_text(&host, &(prefix + &id)).is_err() || digits_only);
        }
    }

    #[test]
    fn a_symbol_of_two_segments_is_the_one_a_label_has() {
        let host = Host::new(HOST).expect("a host");
        let label = LabelId::from_bytes([9; 10]);
        let symbol = label_symbol(&host, &label).expect("fits");
        let made = two_segments("https://k.example.jp/q/", &label.to_string()).expect("fits");
        let same = |i: usize| made.dark[i] == symbol.is_dark(i % made.side, i / made.side);
        assert!(made.side == symbol.side() && (0..made.dark.len()).all(same));
    }
}
