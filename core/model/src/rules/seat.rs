//! Who sits at a seat: whoever scanned it last. The one who sat there is told.
//!
//! Decided over the stays of everyone at one seat on one working day, whatever order they arrived
//! in, so that a late scan never unseats somebody who came later.

use super::day::Stay;
use crate::clock::Timestamp;
use crate::ids::PersonId;

/// One person's stay at the seat in question.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct SeatStay {
    /// Whose stay.
    pub person: PersonId,
    /// The stay by that person's own scans.
    pub stay: Stay,
}

/// The person who holds the seat now: the one who came last, if they are still there.
pub fn holder(stays: &[SeatStay]) -> Option<&SeatStay> {
    stays
        .iter()
        .max_by_key(|seat| seat.stay.since)
        .filter(|last| last.stay.until.is_none())
}

/// When a stay really ended: by its person, or by the next person's scan of the same seat.
pub fn ended_at(stay: &SeatStay, stays: &[SeatStay]) -> Option<Timestamp> {
    let next_comer = stays
        .iter()
        .filter(|other| other.person != stay.person && other.stay.since > stay.stay.since)
        .map(|other| other.stay.since.at)
        .min();
    match (stay.stay.until, next_comer) {
        (Some(own), Some(next)) => Some(own.min(next)),
        (own, next) => own.or(next),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::event::Epoch;
    use crate::ids::{DeviceId, PlaceId};
    use crate::rules::order::OrderKey;
    use proptest::prelude::*;
    use uuid::Uuid;

    fn stay(person: u8, since: i64, until: Option<i64>) -> SeatStay {
        SeatStay {
            person: PersonId::from_uuid(Uuid::from_u128(u128::from(person))),
            stay: Stay {
                place: PlaceId::from_uuid(Uuid::nil()),
                telework: false,
                since: OrderKey {
                    at: Timestamp::from_micros(since),
                    device: DeviceId::from_uuid(Uuid::from_u128(u128::from(person))),
                    epoch: Epoch::from_bits(0),
                    seq: 1,
                },
                until: until.map(Timestamp::from_micros),
            },
        }
    }

    #[test]
    fn an_empty_seat_has_no_holder() {
        assert_eq!(holder(&[]), None);
    }

    #[test]
    fn whoever_scanned_last_holds_the_seat() {
        let stays = [stay(1, 10, None), stay(2, 20, None)];
        assert_eq!(holder(&stays), Some(&stays[1]));
        assert_eq!(
            ended_at(&stays[0], &stays),
            Some(Timestamp::from_micros(20))
        );
    }

    #[test]
    fn a_late_event_never_unseats_a_later_one() {
        let stays = [stay(2, 20, None), stay(1, 10, None)];
        assert_eq!(holder(&stays), Some(&stays[0]));
    }

    #[test]
    fn when_the_last_comer_leaves_the_seat_is_free_and_not_the_former_sitters() {
        assert_eq!(holder(&[stay(1, 10, None), stay(2, 20, Some(30))]), None);
    }

    #[test]
    fn whoever_lost_a_seat_takes_it_back_by_scanning_it_again() {
        let stays = [stay(1, 10, Some(30)), stay(2, 20, None), stay(1, 30, None)];
        assert_eq!(holder(&stays), Some(&stays[2]));
        assert_eq!(
            ended_at(&stays[1], &stays),
            Some(Timestamp::from_micros(30))
        );
    }

    proptest! {
        #[test]
        fn nobody_arrived_after_the_holder(
            spans in proptest::collection::vec((0u8..6, 0i64..50, proptest::option::of(0i64..9)), 0..12)
        ) {
            let stays: Vec<SeatStay> = spans.iter()
                .map(|&(person, since, length)| stay(person, since, length.map(|l| since + l)))
                .collect();
            if let Some(holder) = holder(&stays) {
                prop_assert!(stays.iter().all(|other| other.stay.since <= holder.stay.since));
                prop_assert_eq!(ended_at(holder, &stays), None);
            }
            let open = stays.iter().filter(|stay| ended_at(stay, &stays).is_none());
            let people: std::collections::BTreeSet<_> = open.map(|stay| stay.person).collect();
            prop_assert!(people.len() <= 1, "{:?}", people);
        }
    }
}
