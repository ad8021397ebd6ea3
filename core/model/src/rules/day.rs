//! A person's day: what the events of one person on one working day add up to.
//!
//! The fold sorts before it adds up, so that the order of arrival does not matter: a late event
//! takes its place in the history and the day is the same as if it had come in time.

use serde::{Deserialize, Serialize};

use super::order::OrderKey;
use crate::clock::Timestamp;
use crate::ids::PlaceId;

/// What one event does to its person's day.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Serialize, Deserialize)]
#[serde(tag = "step", rename_all = "snake_case")]
pub enum Step {
    /// Comes to a seat or a room.
    Arrive {
        /// Where.
        place: PlaceId,
    },
    /// Leaves.
    Leave,
    /// Declares telework.
    StartTelework {
        /// The home.
        place: PlaceId,
    },
    /// Ends telework.
    EndTelework,
    /// Something that moves nobody, a loan say; it shows that the person has been here.
    Other,
}

/// One step at its place in the history.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct Entry {
    /// Its place in the history.
    pub key: OrderKey,
    /// What it does.
    pub step: Step,
}

/// A time at one place without a break.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct Stay {
    /// Where.
    pub place: PlaceId,
    /// Whether it is telework.
    pub telework: bool,
    /// The scan that began it.
    pub since: OrderKey,
    /// When the person themselves ended it; `None` while it goes on.
    pub until: Option<Timestamp>,
}

/// Where a person is now, by their own scans.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Serialize, Deserialize)]
#[serde(tag = "presence", rename_all = "snake_case")]
pub enum Presence {
    /// No scan yet today (未登録).
    NoRecord,
    /// At a seat or in a room (在席).
    Present {
        /// Where.
        place: PlaceId,
        /// Since when.
        since: Timestamp,
    },
    /// Teleworking (テレワーク).
    Telework {
        /// Since when.
        since: Timestamp,
    },
    /// Left, or telework ended, or somebody came to the same seat later (離席・退庁).
    Away {
        /// Since when.
        since: Timestamp,
    },
}

/// What a person's events of one working day add up to.
#[derive(Clone, PartialEq, Eq, Debug, Default, Serialize, Deserialize)]
pub struct Day {
    /// Every stay, earliest first. At most the last one goes on.
    pub stays: Vec<Stay>,
    /// The first record of the day.
    pub first: Option<Timestamp>,
    /// The last record of the day.
    pub last: Option<Timestamp>,
}

impl Day {
    /// Adds up a day. The entries may come in any order and more than once.
    pub fn fold(entries: impl IntoIterator<Item = Entry>) -> Self {
        let mut entries: Vec<Entry> = entries.into_iter().collect();
        entries.sort_by_key(|entry| entry.key);
        entries.dedup_by_key(|entry| entry.key);
        let mut day = Self {
            stays: Vec::new(),
            first: entries.first().map(|entry| entry.key.at),
            last: entries.last().map(|entry| entry.key.at),
        };
        for entry in entries {
            day.take(entry);
        }
        day
    }

    fn take(&mut self, Entry { key, step }: Entry) {
        match step {
            Step::Arrive { place } => self.begin(place, false, key),
            Step::StartTelework { place } => self.begin(place, true, key),
            Step::Leave => self.end(key.at, |_| true),
            Step::EndTelework => self.end(key.at, |stay| stay.telework),
            Step::Other => {}
        }
    }

    fn begin(&mut self, place: PlaceId, telework: bool, since: OrderKey) {
        // Declaring telework again changes nothing. Coming to a seat again does: somebody may have
        // taken it in between, which only everyone's stays together can tell.
        let at_home_already = |stay: &Stay| stay.telework && stay.place == place;
        if telework && self.current().is_some_and(at_home_already) {
            return;
        }
        self.end(since.at, |_| true);
        self.stays.push(Stay {
            place,
            telework,
            since,
            until: None,
        });
    }

    fn end(&mut self, at: Timestamp, applies: impl Fn(&Stay) -> bool) {
        if let Some(stay) = self.stays.last_mut().filter(|stay| stay.until.is_none())
            && applies(stay)
        {
            stay.until = Some(at);
        }
    }

    /// The stay that goes on.
    pub fn current(&self) -> Option<&Stay> {
        self.stays.last().filter(|stay| stay.until.is_none())
    }

    /// Where the person is by their own scans; who came to a seat later is a matter of
    /// [`super::seat`].
    pub fn presence(&self) -> Presence {
        let Some(last) = self.last else {
            return Presence::NoRecord;
        };
        match self.stays.last() {
            Some(&Stay {
                place,
                telework: false,
                since,
                until: None,
            }) => Presence::Present {
                place,
                since: since.at,
            },
            Some(&Stay {
                telework: true,
                since,
                until: None,
                ..
            }) => Presence::Telework { since: since.at },
            Some(&Stay {
                until: Some(until), ..
            }) => Presence::Away { since: until },
            None => Presence::Away { since: last },
        }
    }

    /// Whether telework was declared on this day.
    pub fn telework_declared(&self) -> bool {
        self.stays.iter().any(|stay| stay.telework)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::event::Epoch;
    use crate::ids::DeviceId;
    use proptest::prelude::*;
    use uuid::Uuid;

    fn place(number: u8) -> PlaceId {
        PlaceId::from_uuid(Uuid::from_u128(u128::from(number)))
    }

    fn entry(at: i64, step: Step) -> Entry {
        entry_of(1, at, at as u64, step)
    }

    fn entry_of(device: u8, at: i64, seq: u64, step: Step) -> Entry {
        Entry {
            key: OrderKey {
                at: Timestamp::from_micros(at),
                device: DeviceId::from_uuid(Uuid::from_u128(u128::from(device))),
                epoch: Epoch::from_bits(1),
                seq,
            },
            step,
        }
    }

    fn arrive(number: u8) -> Step {
        Step::Arrive {
            place: place(number),
        }
    }

    #[test]
    fn a_day_without_scans_has_no_record() {
        assert_eq!(Day::fold([]).presence(), Presence::NoRecord);
    }

    #[test]
    fn coming_to_another_seat_ends_the_stay_at_the_first() {
        let day = Day::fold([entry(1, arrive(1)), entry(5, arrive(2))]);
        assert_eq!(day.stays.len(), 2);
        assert_eq!(day.stays[0].until, Some(Timestamp::from_micros(5)));
        assert!(matches!(day.presence(), Presence::Present { place: at, .. } if at == place(2)));
    }

    #[test]
    fn scanning_the_same_seat_again_is_a_new_stay() {
        let day = Day::fold([entry(1, arrive(1)), entry(5, arrive(1))]);
        assert_eq!(day.stays.len(), 2);
        assert_eq!(day.stays[0].until, Some(Timestamp::from_micros(5)));
        assert_eq!(
            day.current().map(|stay| stay.since.at),
            Some(Timestamp::from_micros(5))
        );
    }

    #[test]
    fn declaring_telework_again_keeps_the_first_scan() {
        let home = Step::StartTelework { place: place(9) };
        let day = Day::fold([entry(1, home), entry(5, home)]);
        assert_eq!(day.stays.len(), 1);
        assert_eq!(day.stays[0].since.at, Timestamp::from_micros(1));
    }

    #[test]
    fn telework_frees_the_seat_and_its_end_leaves_nobody_anywhere() {
        let home = Step::StartTelework { place: place(9) };
        let working = [entry(1, arrive(1)), entry(5, home)];
        assert!(matches!(
            Day::fold(working).presence(),
            Presence::Telework { .. }
        ));
        let ended = Day::fold(working.into_iter().chain([entry(8, Step::EndTelework)]));
        assert!(matches!(ended.presence(), Presence::Away { .. }));
        assert!(ended.telework_declared());
    }

    #[test]
    fn the_end_of_telework_does_not_end_a_stay_at_a_seat() {
        let day = Day::fold([entry(1, arrive(1)), entry(2, Step::EndTelework)]);
        assert!(matches!(day.presence(), Presence::Present { .. }));
    }

    #[test]
    fn a_late_event_takes_its_place_and_does_not_move_the_person() {
        let in_time = Day::fold([entry(1, arrive(1)), entry(5, arrive(2))]);
        let late = Day::fold([entry(5, arrive(2)), entry(1, arrive(1))]);
        assert_eq!(in_time, late);
    }

    #[test]
    fn a_loan_is_a_record_and_moves_nobody() {
        let day = Day::fold([entry(3, Step::Other)]);
        assert_eq!(
            day.presence(),
            Presence::Away {
                since: Timestamp::from_micros(3)
            }
        );
        assert!(day.stays.is_empty());
    }

    fn any_step() -> impl Strategy<Value = Step> {
        prop_oneof![
            (0u8..4).prop_map(arrive),
            Just(Step::Leave),
            (8u8..9).prop_map(|number| Step::StartTelework {
                place: place(number)
            }),
            Just(Step::EndTelework),
            Just(Step::Other),
        ]
    }

    /// An independent telling of the same rule: walk the sorted history, hold one place.
    fn oracle(mut history: Vec<Entry>) -> Option<(PlaceId, bool)> {
        history.sort_by_key(|entry| (entry.key.at, entry.key.device, entry.key.seq));
        history.iter().fold(None, |held, entry| match entry.step {
            Step::Arrive { place } => Some((place, false)),
            Step::StartTelework { place } => Some((place, true)),
            Step::Leave => None,
            Step::EndTelework => held.filter(|&(_, telework)| !telework),
            Step::Other => held,
        })
    }

    proptest! {
        #[test]
        fn any_interleaving_of_late_and_repeated_events_gives_the_same_day(
            steps in proptest::collection::vec((0u8..3, 0i64..12, any_step()), 0..24),
            shuffled in any::<u64>(),
        ) {
            let history: Vec<Entry> = steps.iter().enumerate()
                .map(|(seq, &(device, at, step))| entry_of(device, at, seq as u64, step))
                .collect();
            let in_order = Day::fold(history.clone());
            let mut arrived = history.clone();
            arrived.extend(history.iter().copied().take(3));
            let mut state = shuffled;
            for index in (1..arrived.len()).rev() {
                state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1);
                arrived.swap(index, (state >> 33) as usize % (index + 1));
            }
            prop_assert_eq!(&Day::fold(arrived), &in_order);
            prop_assert_eq!(in_order.current().map(|stay| (stay.place, stay.telework)), oracle(history));
        }

        #[test]
        fn stays_never_overlap_and_only_the_last_one_goes_on(
            steps in proptest::collection::vec((0i64..30, any_step()), 0..24),
        ) {
            let day = Day::fold(steps.iter().enumerate()
                .map(|(seq, &(at, step))| entry_of(1, at, seq as u64, step)));
            for pair in day.stays.windows(2) {
                prop_assert!(pair[0].until.is_some_and(|until| until <= pair[1].since.at));
            }
        }
    }
}
