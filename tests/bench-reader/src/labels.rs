//! Folders of label frames: single labels by class, several labels, bursts, and frames in which
//! nothing may be taken for a label.

use std::collections::HashMap;
use std::path::Path;
use std::sync::Arc;

use anyhow::Result;
use kokoni_camera::Random;
use kokoni_model::catalogue::Catalogue;
use kokoni_model::label::LabelId;
use kokoni_reader::PreparedCatalogue;

use crate::Args;
use crate::answer::{Answer, Decoder};
use crate::frames::{Entry, json, open};
use crate::measure::timed;
use crate::ours::{Mode, Ours};
use crate::report::Report;

/// Runs every decoder over a folder.
pub(crate) fn run(
    args: &Args,
    folder: &Path,
    modes: &[Mode],
    peers: &mut [Box<dyn Decoder>],
    report: &mut Report,
) -> Result<()> {
    let mut catalogue: Catalogue = json(folder, "catalogue.json")?;
    if let Some(size) = args.catalogue {
        fill(&mut catalogue.labels, size);
    }
    let entries: Vec<Entry> = json(folder, "manifest.json")?;
    let prepared = Arc::new(PreparedCatalogue::new(&catalogue));
    let mut ours: Vec<Ours> = modes
        .iter()
        .map(|&mode| Ours::new(mode, Some(&catalogue.host), Some(&prepared)))
        .collect();
    let set = folder
        .file_name()
        .map_or_else(String::new, |name| name.to_string_lossy().into());
    let mut bursts = Bursts::default();
    let mut seen: HashMap<&str, usize> = HashMap::new();
    for entry in &entries {
        let wanted = args.classes.is_empty() || args.classes.contains(&entry.class);
        let number = seen.entry(entry.class.as_str()).or_default();
        let place = entry.seq.unwrap_or(*number);
        *number += 1;
        if !wanted || place % args.every.max(1) != 0 {
            continue;
        }
        let frame = open(&folder.join(&entry.file))?;
        let first = entry.k == 0;
        let all = ours.iter_mut().map(|o| o as &mut dyn Decoder);
        for decoder in peers.iter_mut().map(|p| &mut **p).chain(all) {
            let (answers, time) = timed(decoder, &frame, first);
            let verdict = judge(entry, &answers);
            let name = decoder.name();
            if args.missed && Mode::is_name(&name) && (!verdict.read || verdict.wrong > 0) {
                let texts: Vec<&str> = answers.iter().map(|a| a.text.as_str()).collect();
                println!("{set} {name} {} {time:.1} ms {texts:?}", entry.file);
            }
            if let Some(sequence) = entry.seq {
                bursts.note(&name, sequence, entry.k, verdict.read);
            }
            report.add(&set, &entry.class, &name, &verdict, time);
        }
    }
    bursts.report(&set, report);
    Ok(())
}

/// Other labels of the same host, as random as any.
fn fill(labels: &mut Vec<LabelId>, size: usize) {
    let mut random = Random::new(0xca7a_1096);
    while labels.len() < size {
        labels.push(LabelId::from_bytes(std::array::from_fn(|_| {
            random.next_u64() as u8
        })));
    }
}

/// What became of one frame.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub(crate) struct Verdict {
    /// What was expected was read; where nothing is expected, nothing wrong was said.
    pub(crate) read: bool,
    /// Every code of the frame was read.
    pub(crate) all: bool,
    /// Answers that are no code of the frame.
    pub(crate) wrong: usize,
    /// Codes taken for a label, or for one of the catalogue, that are none.
    pub(crate) false_accepts: usize,
}

fn judge(entry: &Entry, answers: &[Answer]) -> Verdict {
    let is_of = |answer: &Answer, kinds: &[&str]| {
        let same = |code: &crate::frames::Code| code.text == answer.text;
        entry
            .codes
            .iter()
            .any(|code| same(code) && kinds.contains(&code.kind.as_str()))
    };
    let wrong = |a: &&Answer| !is_of(a, &["label", "foreign", "decoy"]);
    let accepted_falsely = |a: &&Answer| {
        (a.known && !is_of(a, &["label"])) || (a.label && !is_of(a, &["label", "foreign"]))
    };
    let wrong = answers.iter().filter(wrong).count();
    let false_accepts = answers.iter().filter(accepted_falsely).count();
    let has = |text: &str| answers.iter().any(|a| a.text == text);
    let read = match (&entry.expect, entry.class.as_str()) {
        (Some(_), "multi") => answers
            .first()
            .is_some_and(|a| entry.codes.first().is_some_and(|c| c.text == a.text)),
        (Some(text), _) => has(text),
        (None, _) => wrong == 0 && false_accepts == 0,
    };
    Verdict {
        read,
        all: entry.codes.iter().all(|code| has(&code.text)),
        wrong,
        false_accepts,
    }
}

/// How many sequences are read after so many frames.
const AFTER: [usize; 4] = [1, 3, 5, 10];

#[derive(Default)]
struct Bursts {
    /// By decoder and sequence: the first frame that was read.
    first_read: HashMap<(String, usize), Option<usize>>,
}

impl Bursts {
    fn note(&mut self, name: &str, sequence: usize, k: usize, read: bool) {
        let first = self
            .first_read
            .entry((name.to_owned(), sequence))
            .or_default();
        if read && first.is_none() {
            *first = Some(k);
        }
    }

    fn report(&self, set: &str, report: &mut Report) {
        for ((name, _), first) in &self.first_read {
            for after in AFTER {
                let read = first.is_some_and(|k| k < after);
                report.add_burst(set, name, after, read);
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::frames::Code;

    fn entry(class: &str, expect: Option<&str>, codes: &[(&str, &str)]) -> Entry {
        let code = |(kind, text): &(&str, &str)| Code {
            kind: (*kind).to_owned(),
            text: (*text).to_owned(),
        };
        Entry {
            file: String::new(),
            class: class.to_owned(),
            expect: expect.map(str::to_owned),
            codes: codes.iter().map(code).collect(),
            seq: None,
            k: 0,
        }
    }

    fn answer(text: &str, label: bool, known: bool) -> Answer {
        Answer {
            text: text.to_owned(),
            middle: (0.0, 0.0),
            label,
            known,
        }
    }

    #[test]
    fn a_decoy_named_is_no_false_accept_and_one_taken_for_a_label_is() {
        let decoy = entry("decoy", None, &[("decoy", "x")]);
        assert!(judge(&decoy, &[answer("x", false, false)]).read);
        assert_eq!(judge(&decoy, &[answer("x", true, false)]).false_accepts, 1);
        let invented = judge(&decoy, &[answer("y", true, true)]);
        assert_eq!((invented.wrong, invented.false_accepts), (1, 1));
    }

    #[test]
    fn a_foreign_label_may_be_a_label_but_not_a_known_one() {
        let foreign = entry("foreign", None, &[("foreign", "x")]);
        assert_eq!(
            judge(&foreign, &[answer("x", true, false)]).false_accepts,
            0
        );
        assert_eq!(judge(&foreign, &[answer("x", true, true)]).false_accepts, 1);
    }

    #[test]
    fn of_several_labels_the_first_answer_must_be_the_nearest() {
        let multi = entry("multi", Some("a"), &[("label", "a"), ("label", "b")]);
        let both = [answer("a", true, true), answer("b", true, true)];
        let verdict = judge(&multi, &both);
        assert!(verdict.read && verdict.all);
        let swapped = [both[1].clone(), both[0].clone()];
        assert!(!judge(&multi, &swapped).read && judge(&multi, &swapped).all);
    }
}
