//! What is counted and measured while the morning is played, and the table it ends in.

use comfy_table::{CellAlignment, Table, presets};
use kokoni_model::event::Meaning;
use serde::Serialize;

use super::witness::Verdict;

/// The meanings that a morning must have, in the order of the table.
const MEANINGS: [(Meaning, &str); 6] = [
    (Meaning::Sit, "sit"),
    (Meaning::Leave, "leave"),
    (Meaning::Telework, "telework"),
    (Meaning::EndTelework, "end telework"),
    (Meaning::Borrow, "borrow"),
    (Meaning::Return, "return"),
];

/// One in so many phones has to be killed.
const KILLED_OF: usize = 4;

/// Counts and measurements of one phone, or of all.
#[derive(Clone, PartialEq, Debug, Default)]
pub(super) struct Tally {
    pub(super) frames_shown: usize,
    pub(super) frames_read: usize,
    pub(super) misread: usize,
    /// Scans for which no frame was read, typed instead.
    pub(super) typed: usize,
    /// Scans saved, by meaning as in [`MEANINGS`].
    saved: [usize; MEANINGS.len()],
    /// Scans that the phone itself refused, and so did not save.
    pub(super) refused: usize,
    pub(super) duplicates: u64,
    /// Kills; a phone may be killed more than once.
    pub(super) kills: usize,
    /// Phones that were killed.
    pub(super) phones_killed: usize,
    pub(super) cut: usize,
    /// Syncs that found no network.
    pub(super) offline: usize,
    pub(super) reading_ms: Vec<f64>,
    pub(super) saving_ms: Vec<f64>,
    pub(super) on_map_ms: Vec<f64>,
}

impl Tally {
    /// Counts one saved scan.
    pub(super) fn note_saved(&mut self, meaning: &Meaning) {
        if let Some(at) = MEANINGS.iter().position(|(known, _)| known == meaning) {
            self.saved[at] += 1;
        }
    }

    /// Adds another phone's.
    pub(super) fn add(&mut self, other: &Self) {
        self.frames_shown += other.frames_shown;
        self.frames_read += other.frames_read;
        self.misread += other.misread;
        self.typed += other.typed;
        for (all, one) in self.saved.iter_mut().zip(other.saved) {
            *all += one;
        }
        self.refused += other.refused;
        self.duplicates += other.duplicates;
        self.kills += other.kills;
        self.phones_killed += usize::from(other.kills > 0);
        self.cut += other.cut;
        self.offline += other.offline;
        self.reading_ms.extend(&other.reading_ms);
        self.saving_ms.extend(&other.saving_ms);
        self.on_map_ms.extend(&other.on_map_ms);
    }
}

/// The result as a program reads it.
#[derive(Serialize)]
pub(super) struct Summary<'a> {
    pub(super) phones: usize,
    pub(super) seed: u64,
    pub(super) seconds: f64,
    frames_shown: usize,
    frames_read: usize,
    misread: usize,
    typed: usize,
    saved: serde_json::Map<String, serde_json::Value>,
    refused_on_the_phone: usize,
    applied: usize,
    rejected: usize,
    duplicates_ignored: u64,
    lost: usize,
    doubled: usize,
    out_of_order: usize,
    changed: usize,
    invented: usize,
    phones_killed: usize,
    kills: usize,
    syncs_cut_off: usize,
    syncs_without_network: usize,
    frame_to_reading_ms: Option<f64>,
    tap_to_saved_ms: Option<f64>,
    saved_to_map_ms: Option<f64>,
    pub(super) failures: &'a [String],
}

impl<'a> Summary<'a> {
    pub(super) fn new(
        tally: &Tally,
        verdict: &Verdict,
        failures: &'a [String],
        (phones, seed, seconds): (usize, u64, f64),
    ) -> Self {
        let saved = MEANINGS.iter().zip(tally.saved);
        Self {
            phones,
            seed,
            seconds,
            frames_shown: tally.frames_shown,
            frames_read: tally.frames_read,
            misread: tally.misread,
            typed: tally.typed,
            saved: saved
                .map(|((_, name), count)| (name.replace(' ', "_"), count.into()))
                .collect(),
            refused_on_the_phone: tally.refused,
            applied: verdict.applied,
            rejected: verdict.rejected,
            duplicates_ignored: tally.duplicates,
            lost: verdict.lost,
            doubled: verdict.doubled,
            out_of_order: verdict.out_of_order,
            changed: verdict.changed,
            invented: verdict.invented,
            phones_killed: tally.phones_killed,
            kills: tally.kills,
            syncs_cut_off: tally.cut,
            syncs_without_network: tally.offline,
            frame_to_reading_ms: median(&tally.reading_ms),
            tap_to_saved_ms: median(&tally.saving_ms),
            saved_to_map_ms: median(&tally.on_map_ms),
            failures,
        }
    }
}

/// The promises that did not hold; empty when all did.
pub(super) fn broken(tally: &Tally, verdict: &Verdict) -> Vec<String> {
    let counts = [
        (verdict.lost, "events that were said to be saved are lost"),
        (verdict.doubled, "events are doubled"),
        (verdict.out_of_order, "events are out of order"),
        (verdict.changed, "events have changed"),
        (verdict.invented, "events were never scanned"),
        (tally.misread, "frames were read as another label"),
    ];
    let broken = counts.into_iter().filter(|&(count, _)| count > 0);
    broken
        .map(|(count, what)| format!("{count} {what}"))
        .collect()
}

/// What did not occur and should have: a morning in which nothing goes wrong proves nothing.
pub(super) fn unproved(tally: &Tally, phones: usize) -> Vec<String> {
    let too_few_killed = (tally.phones_killed * KILLED_OF < phones).then(|| {
        format!(
            "only {} of {phones} phones were killed",
            tally.phones_killed
        )
    });
    let counts = [
        (tally.frames_read, "no frame was read"),
        (tally.cut, "no sync was cut off"),
        (tally.duplicates as usize, "nothing was delivered twice"),
        (tally.on_map_ms.len(), "nobody was seen on the map"),
    ];
    let missing = MEANINGS
        .iter()
        .zip(tally.saved)
        .filter(|&(_, count)| count == 0)
        .map(|((_, name), _)| format!("no scan meant {name}"));
    let none = counts.into_iter().filter(|&(count, _)| count == 0);
    none.map(|(_, what)| what.to_owned())
        .chain(missing)
        .chain(too_few_killed)
        .collect()
}

/// The table for people.
pub(super) fn table(tally: &Tally, verdict: &Verdict) -> String {
    let mut table = Table::new();
    table.load_style(presets::UTF8_FULL_CONDENSED);
    let mut row = |name: &str, value: String| {
        table.add_row(vec![name.to_owned(), value]);
    };
    row("frames shown", tally.frames_shown.to_string());
    row("frames read", tally.frames_read.to_string());
    row("frames read as another label", tally.misread.to_string());
    row("scans typed instead", tally.typed.to_string());
    for ((_, name), count) in MEANINGS.iter().zip(tally.saved) {
        row(&format!("saved: {name}"), count.to_string());
    }
    row("refused by the phone, not saved", tally.refused.to_string());
    row("applied by the server", verdict.applied.to_string());
    row("rejected by the server", verdict.rejected.to_string());
    row(
        "duplicates delivered and ignored",
        tally.duplicates.to_string(),
    );
    row("lost", verdict.lost.to_string());
    row("doubled", verdict.doubled.to_string());
    row("out of order", verdict.out_of_order.to_string());
    row(
        "changed or never scanned",
        (verdict.changed + verdict.invented).to_string(),
    );
    row(
        "phones killed",
        format!("{}, {} times", tally.phones_killed, tally.kills),
    );
    row("syncs cut off", tally.cut.to_string());
    row("syncs without a network", tally.offline.to_string());
    row("frame → reading, median", milliseconds(&tally.reading_ms));
    row("tap → saved, median", milliseconds(&tally.saving_ms));
    row("saved → on the map, median", milliseconds(&tally.on_map_ms));
    if let Some(column) = table.column_mut(1) {
        column.set_cell_alignment(CellAlignment::Right);
    }
    table.to_string()
}

fn milliseconds(times: &[f64]) -> String {
    match median(times) {
        Some(median) => format!("{median:.1} ms of {}", times.len()),
        None => "nothing measured".to_owned(),
    }
}

/// The middle one, or the mean of the two in the middle.
fn median(times: &[f64]) -> Option<f64> {
    let mut sorted = times.to_vec();
    sorted.sort_by(f64::total_cmp);
    let upper = *sorted.get(sorted.len() / 2)?;
    let lower = sorted[(sorted.len() - 1) / 2];
    Some((lower + upper) / 2.0)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A morning in which everything occurred that must, and every promise held.
    fn good() -> Tally {
        let mut tally = Tally {
            frames_shown: 9,
            frames_read: 6,
            duplicates: 2,
            kills: 3,
            phones_killed: 2,
            cut: 3,
            reading_ms: vec![3.0, 1.0],
            saving_ms: vec![2.0],
            on_map_ms: vec![500.0],
            ..Tally::default()
        };
        MEANINGS
            .iter()
            .for_each(|(meaning, _)| tally.note_saved(meaning));
        tally
    }

    #[test]
    fn a_good_morning_passes() {
        assert!(broken(&good(), &Verdict::default()).is_empty());
        assert!(unproved(&good(), 8).is_empty());
    }

    #[test]
    fn whatever_is_lost_doubled_or_out_of_order_fails() {
        let breaks: [fn(&mut Verdict); 5] = [
            |v| v.lost = 1,
            |v| v.doubled = 1,
            |v| v.out_of_order = 1,
            |v| v.changed = 1,
            |v| v.invented = 1,
        ];
        for break_it in breaks {
            let mut verdict = Verdict::default();
            break_it(&mut verdict);
            assert_eq!(broken(&good(), &verdict).len(), 1, "{verdict:?}");
        }
    }

    #[test]
    fn a_morning_that_proves_nothing_fails() {
        let without: [fn(&mut Tally); 6] = [
            |t| t.phones_killed = 1,
            |t| t.cut = 0,
            |t| t.duplicates = 0,
            |t| t.frames_read = 0,
            |t| t.on_map_ms.clear(),
            |t| t.saved[3] = 0,
        ];
        for leave_out in without {
            let mut tally = good();
            leave_out(&mut tally);
            assert_eq!(unproved(&tally, 8).len(), 1, "{tally:?}");
        }
    }

    #[test]
    fn the_median_is_the_middle_one() {
        assert_eq!(median(&[]), None);
        assert_eq!(median(&[3.0, 1.0, 2.0]), Some(2.0));
        assert_eq!(median(&[4.0, 1.0, 2.0, 3.0]), Some(2.5));
    }

    #[test]
    fn phones_add_up() {
        let mut all = good();
        all.add(&good());
        assert_eq!((all.frames_shown, all.kills, all.saved[0]), (18, 6, 2));
        assert_eq!(all.phones_killed, 3);
        assert_eq!(all.reading_ms.len(), 4);
    }

    #[test]
    fn the_table_looks_like_this() {
        let verdict = Verdict {
            applied: 5,
            rejected: 1,
            ..Verdict::default()
        };
        insta::assert_snapshot!(table(&good(), &verdict));
    }
}
