//! What phones were told is saved, against what the server holds: nothing lost, nothing doubled,
//! nothing altered, nothing out of order.

use std::collections::BTreeMap;

use kokoni_model::event::{Act, Epoch, Event, Meaning};
use kokoni_model::label::LabelId;

/// A scan that a phone called saved.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SavedScan {
    /// Which life of the phone's queue.
    pub epoch: Epoch,
    /// Its number there.
    pub seq: u64,
    /// The label.
    pub label: LabelId,
    /// What was meant.
    pub meaning: Meaning,
}

/// An event that a server holds of one device, in the order in which it was applied.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct HeldEvent {
    /// What its bytes say.
    pub event: Event,
    /// The server's word for what became of it.
    pub outcome: String,
    /// The moment at which it counts.
    pub counted_us: Option<i64>,
}

/// A promise that was broken for one number of a queue.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Breach {
    /// It was called saved and the server does not have it.
    Lost(u64),
    /// The server has it more than once.
    Doubled(u64),
    /// The server has something else under its number.
    Altered(u64),
    /// It is there and was not applied.
    NotApplied(u64),
    /// It was applied, or counts, before one with a lower number.
    OutOfOrder(u64),
    /// A lower number than this is missing on the server.
    Gap(u64),
}

/// Compares what one phone was told with what the server holds of it.
pub fn compare(saved: &[SavedScan], held: &[HeldEvent]) -> Vec<Breach> {
    let mut breaches = Vec::new();
    let mut last: BTreeMap<Epoch, (u64, i64)> = BTreeMap::new();
    for HeldEvent {
        event, counted_us, ..
    } in held
    {
        let (before, counted_before) = last.get(&event.epoch).copied().unwrap_or((0, i64::MIN));
        let counted = counted_us.unwrap_or(counted_before);
        if event.seq == before {
            breaches.push(Breach::Doubled(event.seq));
        } else if event.seq < before || counted < counted_before {
            breaches.push(Breach::OutOfOrder(event.seq));
        } else if event.seq > before + 1 {
            breaches.push(Breach::Gap(event.seq));
        }
        last.insert(event.epoch, (event.seq.max(before), counted));
    }
    for scan in saved {
        let found: Vec<&HeldEvent> = held
            .iter()
            .filter(|held| (held.event.epoch, held.event.seq) == (scan.epoch, scan.seq))
            .collect();
        let Some(first) = found.first() else {
            breaches.push(Breach::Lost(scan.seq));
            continue;
        };
        if found.len() > 1 && !breaches.contains(&Breach::Doubled(scan.seq)) {
            breaches.push(Breach::Doubled(scan.seq));
        }
        if first.outcome != "applied" {
            breaches.push(Breach::NotApplied(scan.seq));
        }
        let same = matches!(
            &first.event.act,
            Act::Scan { label, meaning, .. } if (*label, meaning) == (scan.label, &scan.meaning)
        );
        if !same {
            breaches.push(Breach::Altered(scan.seq));
        }
    }
    breaches
}

#[cfg(test)]
mod tests {
    use super::*;
    use kokoni_model::clock::{ClockReading, Timestamp};
    use kokoni_model::event::{EVENT_VERSION, Via};
    use kokoni_model::ids::{BootId, EventId};

    const EPOCH: Epoch = Epoch::from_bits(7);

    fn label(seq: u64) -> LabelId {
        LabelId::from_bytes([seq as u8; 10])
    }

    fn saved(numbers: impl IntoIterator<Item = u64>) -> Vec<SavedScan> {
        numbers
            .into_iter()
            .map(|seq| SavedScan {
                epoch: EPOCH,
                seq,
                label: label(seq),
                meaning: Meaning::Sit,
            })
            .collect()
    }

    fn held(seq: u64) -> HeldEvent {
        let at = Timestamp::from_micros(seq as i64);
        HeldEvent {
            event: Event {
                v: EVENT_VERSION,
                id: EventId::new(at, [1; 10]),
                epoch: EPOCH,
                seq,
                clock: ClockReading {
                    wall_us: at,
                    offset_min: 540,
                    mono_ms: seq,
                    boot: BootId::new(at, [2; 10]),
                },
                act: Act::Scan {
                    label: label(seq),
                    meaning: Meaning::Sit,
                    via: Via::Camera,
                },
                replaces: None,
            },
            outcome: "applied".into(),
            counted_us: Some(seq as i64),
        }
    }

    #[test]
    fn what_arrived_once_and_in_order_breaks_nothing() {
        assert_eq!(compare(&saved(1..4), &[1, 2, 3].map(held)), []);
        // More may have been saved than anybody heard of: the phone was killed before it said so.
        assert_eq!(compare(&saved([1, 3]), &[1, 2, 3, 4].map(held)), []);
    }

    #[test]
    fn each_broken_promise_is_named() {
        let breaches = |numbers: &[u64]| {
            let held: Vec<HeldEvent> = numbers.iter().copied().map(held).collect();
            compare(&saved(1..4), &held)
        };
        assert_eq!(breaches(&[1, 2]), [Breach::Lost(3)]);
        assert_eq!(breaches(&[1, 3]), [Breach::Gap(3), Breach::Lost(2)]);
        assert_eq!(breaches(&[1, 2, 2, 3]), [Breach::Doubled(2)]);
        assert_eq!(
            breaches(&[1, 3, 2]),
            [Breach::Gap(3), Breach::OutOfOrder(2)]
        );
    }

    #[test]
    fn other_content_a_rejection_and_a_time_before_its_predecessors_are_noticed() {
        let mut altered = [1, 2].map(held);
        altered[1].event.act = Act::Withdraw { seq: 1 };
        assert_eq!(compare(&saved(1..3), &altered), [Breach::Altered(2)]);
        let mut rejected = [1, 2].map(held);
        rejected[0].outcome = "rejected".into();
        assert_eq!(compare(&saved(1..3), &rejected), [Breach::NotApplied(1)]);
        let mut early = [1, 2].map(held);
        early[1].counted_us = Some(0);
        assert_eq!(compare(&saved(1..3), &early), [Breach::OutOfOrder(2)]);
    }
}
