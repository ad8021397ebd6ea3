//! False accepts: frames of the synthetic camera that hold no label of the catalogue, and what is
//! taken for one all the same. Labels outside the catalogue, codes that are nearly labels, other
//! codes, empty desks; each for a few frames of one hand, one after the other without a reset, so
//! that what adds up over frames is tried as well.

use std::sync::Arc;

use anyhow::Result;
use kokoni_camera::{Decoy, Difficulty, Print, Random, Shot};
use kokoni_model::catalogue::Catalogue;
use kokoni_model::label::{Host, LabelId, label_symbol, label_text};
use kokoni_reader::PreparedCatalogue;

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
                let decoy = Decoy::near_miss(host, &known[random.below(known.len())], random);
                code("near miss", decoy.text.clone(), Box::new(decoy))
            }
            6 => {
                let decoy = Decoy::other(random);
                code("other code", decoy.text.clone(), Box::new(decoy))
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
