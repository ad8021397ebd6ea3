//! The witness: what each phone was told was saved, held against what the server's database holds.
//! Pure; the strict half of the demo.

use std::collections::{BTreeMap, BTreeSet};

use kokoni_model::event::{Epoch, Meaning};
use kokoni_model::ids::{DeviceId, EventId};
use kokoni_model::label::LabelId;

/// One scan that a phone said was saved.
#[derive(Clone, PartialEq, Eq, Debug)]
pub(super) struct Saved {
    /// Which of the phone's scans, in the order in which they were done.
    pub(super) scan: usize,
    pub(super) id: EventId,
    pub(super) epoch: Epoch,
    pub(super) seq: u64,
    pub(super) label: LabelId,
    pub(super) meaning: Meaning,
}

/// All that one phone said.
#[derive(Clone, PartialEq, Eq, Debug)]
pub(super) struct Told {
    pub(super) device: DeviceId,
    /// In the order in which it was said.
    pub(super) saved: Vec<Saved>,
}

/// One event in the server's database.
#[derive(Clone, PartialEq, Eq, Debug)]
pub(super) struct Held {
    pub(super) device: DeviceId,
    pub(super) epoch: Epoch,
    pub(super) seq: u64,
    pub(super) id: EventId,
    pub(super) label: LabelId,
    pub(super) meaning: Meaning,
    /// Whether it counts; otherwise it was refused.
    pub(super) applied: bool,
    /// Where it stands in the history, microseconds; some that were refused stand nowhere.
    pub(super) counted_us: Option<i64>,
}

/// What the comparison found. Everything but the first two has to be 0.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub(super) struct Verdict {
    pub(super) applied: usize,
    pub(super) rejected: usize,
    /// Said to be saved, and not in the database.
    pub(super) lost: usize,
    /// More events than scans: one event under two numbers, or one scan as two events.
    pub(super) doubled: usize,
    /// Events of one phone whose place in the history contradicts the order of its scans.
    pub(super) out_of_order: usize,
    /// In the database with other content than was saved.
    pub(super) changed: usize,
    /// In the database, and nobody scanned it.
    pub(super) invented: usize,
}

/// Holds what was said against what is there.
pub(super) fn compare(told: &[Told], held: &[Held]) -> Verdict {
    let mut verdict = Verdict {
        applied: held.iter().filter(|event| event.applied).count(),
        rejected: held.iter().filter(|event| !event.applied).count(),
        ..Verdict::default()
    };
    let mut of_device: BTreeMap<DeviceId, Vec<&Held>> = BTreeMap::new();
    for event in held {
        of_device.entry(event.device).or_default().push(event);
    }
    for phone in told {
        let events = of_device.remove(&phone.device).unwrap_or_default();
        compare_phone(&phone.saved, &events, &mut verdict);
    }
    verdict.invented += of_device.values().map(Vec::len).sum::<usize>();
    verdict
}

fn compare_phone(saved: &[Saved], held: &[&Held], verdict: &mut Verdict) {
    let told_ids: BTreeSet<EventId> = saved.iter().map(|scan| scan.id).collect();
    let scans: BTreeSet<usize> = saved.iter().map(|scan| scan.scan).collect();
    verdict.doubled += told_ids.len().saturating_sub(scans.len());
    let mut by_id: BTreeMap<EventId, Vec<&Held>> = BTreeMap::new();
    for event in held {
        by_id.entry(event.id).or_default().push(event);
    }
    for (id, events) in &by_id {
        verdict.doubled += events.len() - 1;
        verdict.invented += usize::from(!told_ids.contains(id));
    }
    // Each scan once, in the order in which they were done; saying it again is not doing it again.
    let mut once: BTreeMap<usize, &Saved> = BTreeMap::new();
    for scan in saved {
        once.entry(scan.scan).or_insert(scan);
    }
    let mut last: Option<(Epoch, u64)> = None;
    let mut moment = i64::MIN;
    for scan in once.values() {
        let Some(event) = by_id.get(&scan.id).and_then(|events| events.first()) else {
            verdict.lost += 1;
            continue;
        };
        let same = (event.epoch, event.seq, event.label, &event.meaning)
            == (scan.epoch, scan.seq, scan.label, &scan.meaning);
        verdict.changed += usize::from(!same);
        let renumbered = last.is_some_and(|(epoch, seq)| epoch == event.epoch && event.seq <= seq);
        let earlier = event.counted_us.is_some_and(|counted| counted < moment);
        verdict.out_of_order += usize::from(renumbered || earlier);
        last = Some((event.epoch, event.seq));
        moment = event.counted_us.unwrap_or(moment);
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;
    use uuid::Uuid;

    impl Verdict {
        /// Whether every promise held.
        fn is_clean(&self) -> bool {
            let Self {
                applied, rejected, ..
            } = *self;
            *self
                == Self {
                    applied,
                    rejected,
                    ..Self::default()
                }
        }
    }

    fn device(number: u8) -> DeviceId {
        DeviceId::from_uuid(Uuid::from_u128(u128::from(number)))
    }

    fn saved(device: u8, scan: usize) -> Saved {
        Saved {
            scan,
            id: EventId::from_uuid(Uuid::from_u128(u128::from(device) << 64 | scan as u128)),
            epoch: Epoch::from_bits(u64::from(device)),
            seq: scan as u64 + 1,
            label: LabelId::from_bytes([scan as u8; 10]),
            meaning: if scan.is_multiple_of(2) {
                Meaning::Sit
            } else {
                Meaning::Leave
            },
        }
    }

    fn held(number: u8, saved: &Saved) -> Held {
        Held {
            device: device(number),
            epoch: saved.epoch,
            seq: saved.seq,
            id: saved.id,
            label: saved.label,
            meaning: saved.meaning.clone(),
            applied: true,
            counted_us: Some(1_000 * saved.seq as i64),
        }
    }

    /// Two phones with three scans each, and a server that holds them all.
    fn morning() -> (Vec<Told>, Vec<Held>) {
        let told: Vec<Told> = [1, 2]
            .map(|number| Told {
                device: device(number),
                saved: (0..3).map(|scan| saved(number, scan)).collect(),
            })
            .into();
        let events = told
            .iter()
            .zip([1, 2])
            .flat_map(|(phone, number)| phone.saved.iter().map(move |scan| held(number, scan)));
        let held = events.collect();
        (told, held)
    }

    fn verdict(change: impl FnOnce(&mut Vec<Told>, &mut Vec<Held>)) -> Verdict {
        let (mut told, mut held) = morning();
        change(&mut told, &mut held);
        compare(&told, &held)
    }

    #[test]
    fn a_morning_in_which_every_promise_held_is_clean() {
        let verdict = verdict(|_, held| held[4].applied = false);
        assert!(verdict.is_clean(), "{verdict:?}");
        assert_eq!((verdict.applied, verdict.rejected), (5, 1));
    }

    #[test]
    fn a_lost_event_is_noticed() {
        let verdict = verdict(|_, held| {
            held.remove(1);
        });
        assert_eq!(verdict.lost, 1);
        assert!(!verdict.is_clean());
    }

    #[test]
    fn a_phone_of_which_nothing_arrived_has_lost_everything() {
        assert_eq!(verdict(|_, held| held.truncate(3)).lost, 3);
    }

    #[test]
    fn one_event_under_two_numbers_is_doubled() {
        let verdict = verdict(|_, held| {
            let mut copy = held[2].clone();
            copy.seq = 4;
            held.push(copy);
        });
        assert_eq!(verdict.doubled, 1);
        assert!(!verdict.is_clean());
    }

    #[test]
    fn one_scan_as_two_events_is_doubled() {
        let verdict = verdict(|told, server| {
            let mut again = told[0].saved[2].clone();
            again.id = EventId::from_uuid(Uuid::from_u128(99));
            again.seq = 4;
            server.push(held(1, &again));
            told[0].saved.push(again);
        });
        assert_eq!(verdict.doubled, 1);
        assert!(!verdict.is_clean());
    }

    #[test]
    fn saying_again_that_one_event_is_saved_is_not_doubling() {
        let verdict = verdict(|told, _| {
            let again = told[0].saved[2].clone();
            told[0].saved.push(again);
        });
        assert!(verdict.is_clean(), "{verdict:?}");
    }

    #[test]
    fn a_history_that_contradicts_the_scans_is_out_of_order() {
        let verdict = verdict(|_, held| {
            held[1].counted_us = held[0].counted_us.map(|first| first - 1);
        });
        assert_eq!(verdict.out_of_order, 1);
        assert!(!verdict.is_clean());
    }

    #[test]
    fn numbers_that_contradict_the_scans_are_out_of_order() {
        let verdict = verdict(|told, held| {
            for (scan, seq) in [(0, 2), (1, 1)] {
                told[0].saved[scan].seq = seq;
                held[scan].seq = seq;
            }
        });
        assert_eq!(verdict.out_of_order, 1);
    }

    #[test]
    fn changed_content_is_noticed() {
        assert_eq!(
            verdict(|_, held| held[0].meaning = Meaning::Borrow).changed,
            1
        );
        assert_eq!(
            verdict(|_, held| held[0].label = LabelId::from_bytes([9; 10])).changed,
            1
        );
    }

    #[test]
    fn an_event_that_nobody_scanned_is_noticed() {
        let of_the_phone = verdict(|_, server| server.push(held(1, &saved(1, 7))));
        assert_eq!(of_the_phone.invented, 1);
        let of_a_stranger = verdict(|_, server| server.push(held(3, &saved(3, 0))));
        assert_eq!(of_a_stranger.invented, 1);
    }

    proptest! {
        /// Whatever is taken out, exactly that is lost, and nothing else is wrong.
        #[test]
        fn exactly_what_is_taken_out_is_lost(missing in proptest::collection::btree_set(0usize..6, 0..6)) {
            let (told, mut held) = morning();
            let mut index = 0;
            held.retain(|_| { index += 1; !missing.contains(&(index - 1)) });
            let verdict = compare(&told, &held);
            prop_assert_eq!(verdict.lost, missing.len());
            prop_assert_eq!((verdict.doubled, verdict.out_of_order, verdict.invented), (0, 0, 0));
        }
    }
}
