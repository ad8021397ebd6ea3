//! What a scan would mean now: the same answer on the phone before the tap and on the server when
//! the phone could not know.

use serde::{Deserialize, Serialize};

use super::day::Presence;
use super::lending::Loan;
use crate::clock::{MICROS_PER_SECOND, Timestamp};
use crate::event::Meaning;
use crate::ids::{ItemId, LockerId, PersonId, PlaceId, SiteId};

/// One's own seat again means leaving only after this long; sooner the hand just shook.
pub const LEAVE_AFTER_MICROS: i64 = 60 * MICROS_PER_SECOND;

/// What a label is bound to.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(tag = "kind", rename_all = "snake_case")]
pub enum Target {
    /// A seat or a room.
    Place {
        /// Which.
        place: PlaceId,
    },
    /// Somebody's home.
    Home {
        /// The home as a place.
        place: PlaceId,
        /// Whose.
        person: PersonId,
    },
    /// Something to borrow.
    Item {
        /// Which.
        item: ItemId,
    },
    /// A locker: shows what lies in it, moves nothing.
    Locker {
        /// Which.
        locker: LockerId,
    },
    /// The way out of a site.
    Exit {
        /// Of which site.
        site: SiteId,
    },
    /// A blank sticker, printed ahead.
    Unbound,
    /// A kind of a later version, or a custom action.
    #[serde(other)]
    Other,
}

/// What a phone or server knows of the person at the moment of the scan.
#[derive(Clone, Copy, Debug)]
pub struct Situation<'a> {
    /// Who scans.
    pub person: PersonId,
    /// Where they are.
    pub presence: Presence,
    /// Who has the item, when the label is an item's.
    pub loan: Option<&'a Loan>,
    /// When.
    pub now: Timestamp,
}

/// What a scan would mean.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
#[serde(tag = "proposal", rename_all = "snake_case")]
pub enum Proposal {
    /// Record it at once.
    Now {
        /// With this meaning.
        meaning: Meaning,
    },
    /// Record it after one tap.
    AfterTap {
        /// With this meaning.
        meaning: Meaning,
    },
    /// Nothing to record: the person is here already.
    AlreadyHere,
    /// Nothing to record: it shows what lies in the locker.
    ShowLocker {
        /// Which.
        locker: LockerId,
    },
    /// It would be refused.
    Refused {
        /// Why.
        why: Refusal,
    },
}

/// Why a scan would be refused.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Serialize, Deserialize)]
#[serde(tag = "refusal", rename_all = "snake_case")]
pub enum Refusal {
    /// A home label counts only for its person.
    NotYourHome,
    /// Somebody else has the item.
    AlreadyLent {
        /// Who.
        to: PersonId,
    },
    /// The sticker is not bound to anything yet.
    Unbound,
}

/// What a scan of a label bound to `target` would mean now. `None`: the label is not in the
/// directory; it may be recorded as [`Meaning::Undecided`] and the server decides.
pub fn propose(target: Option<&Target>, situation: &Situation<'_>) -> Proposal {
    let now = |meaning| Proposal::Now { meaning };
    match target {
        None | Some(Target::Other) => Proposal::AfterTap {
            meaning: Meaning::Undecided,
        },
        Some(Target::Place { place }) => match situation.presence {
            Presence::Present { place: here, since } if here == *place => {
                if situation.now.micros_since(since) < LEAVE_AFTER_MICROS {
                    Proposal::AlreadyHere
                } else {
                    Proposal::AfterTap {
                        meaning: Meaning::Leave,
                    }
                }
            }
            _ => now(Meaning::Sit),
        },
        Some(Target::Home { person, .. }) if *person != situation.person => Proposal::Refused {
            why: Refusal::NotYourHome,
        },
        Some(Target::Home { .. }) => match situation.presence {
            Presence::Telework { .. } => Proposal::AfterTap {
                meaning: Meaning::EndTelework,
            },
            _ => now(Meaning::Telework),
        },
        Some(Target::Item { .. }) => match situation.loan {
            None => now(Meaning::Borrow),
            Some(loan) if loan.person == situation.person => Proposal::AfterTap {
                meaning: Meaning::Return,
            },
            Some(loan) => Proposal::Refused {
                why: Refusal::AlreadyLent { to: loan.person },
            },
        },
        Some(Target::Locker { locker }) => Proposal::ShowLocker { locker: *locker },
        Some(Target::Exit { .. }) => now(Meaning::Leave),
        Some(Target::Unbound) => Proposal::Refused {
            why: Refusal::Unbound,
        },
    }
}

/// Whether a label bound to `target` can have this meaning at all. The server checks what the
/// phone recorded: a seat cannot be borrowed.
pub fn fits(target: &Target, meaning: &Meaning) -> bool {
    match target {
        Target::Place { .. } => matches!(meaning, Meaning::Sit | Meaning::Leave),
        Target::Home { .. } => matches!(meaning, Meaning::Telework | Meaning::EndTelework),
        Target::Item { .. } => matches!(meaning, Meaning::Borrow | Meaning::Return),
        Target::Exit { .. } => matches!(meaning, Meaning::Leave),
        Target::Locker { .. } | Target::Unbound | Target::Other => false,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use uuid::Uuid;

    const ME: PersonId = PersonId::from_uuid(Uuid::from_u128(1));
    const OTHER: PersonId = PersonId::from_uuid(Uuid::from_u128(2));
    const SEAT: PlaceId = PlaceId::from_uuid(Uuid::from_u128(10));
    const HOME: PlaceId = PlaceId::from_uuid(Uuid::from_u128(11));
    const ITEM: ItemId = ItemId::from_uuid(Uuid::from_u128(20));

    fn at(seconds: i64) -> Timestamp {
        Timestamp::from_micros(0).plus_seconds(seconds)
    }

    fn proposal(target: &Target, presence: Presence, loan: Option<&Loan>) -> Proposal {
        propose(
            Some(target),
            &Situation {
                person: ME,
                presence,
                loan,
                now: at(100),
            },
        )
    }

    fn loan_to(person: PersonId) -> Loan {
        Loan {
            item: ITEM,
            person,
            since_us: at(0),
            due_us: None,
        }
    }

    #[test]
    fn a_seat_means_sitting_down_from_anywhere_else() {
        let seat = Target::Place { place: SEAT };
        for presence in [
            Presence::NoRecord,
            Presence::Present {
                place: HOME,
                since: at(0),
            },
            Presence::Telework { since: at(0) },
            Presence::Away { since: at(0) },
        ] {
            assert_eq!(
                proposal(&seat, presence, None),
                Proposal::Now {
                    meaning: Meaning::Sit
                }
            );
        }
    }

    #[test]
    fn ones_own_seat_again_means_leaving_after_sixty_seconds_and_a_tap() {
        let seat = Target::Place { place: SEAT };
        let sat = |seconds| Presence::Present {
            place: SEAT,
            since: at(seconds),
        };
        let leave = Proposal::AfterTap {
            meaning: Meaning::Leave,
        };
        assert_eq!(proposal(&seat, sat(40), None), leave);
        assert_eq!(proposal(&seat, sat(41), None), Proposal::AlreadyHere);
    }

    #[test]
    fn one_home_scan_declares_telework_and_the_next_ends_it() {
        let home = Target::Home {
            place: HOME,
            person: ME,
        };
        let sat = Presence::Present {
            place: SEAT,
            since: at(0),
        };
        assert_eq!(
            proposal(&home, sat, None),
            Proposal::Now {
                meaning: Meaning::Telework
            }
        );
        assert_eq!(
            proposal(&home, Presence::Telework { since: at(0) }, None),
            Proposal::AfterTap {
                meaning: Meaning::EndTelework
            }
        );
    }

    #[test]
    fn a_home_label_counts_only_for_its_person() {
        let home = Target::Home {
            place: HOME,
            person: OTHER,
        };
        assert_eq!(
            proposal(&home, Presence::NoRecord, None),
            Proposal::Refused {
                why: Refusal::NotYourHome
            }
        );
    }

    #[test]
    fn an_item_is_borrowed_brought_back_or_refused() {
        let item = Target::Item { item: ITEM };
        let borrow = Proposal::Now {
            meaning: Meaning::Borrow,
        };
        assert_eq!(proposal(&item, Presence::NoRecord, None), borrow);
        assert_eq!(
            proposal(&item, Presence::NoRecord, Some(&loan_to(ME))),
            Proposal::AfterTap {
                meaning: Meaning::Return
            }
        );
        assert_eq!(
            proposal(&item, Presence::NoRecord, Some(&loan_to(OTHER))),
            Proposal::Refused {
                why: Refusal::AlreadyLent { to: OTHER }
            }
        );
    }

    #[test]
    fn an_unknown_label_may_be_recorded_and_the_server_decides() {
        let situation = Situation {
            person: ME,
            presence: Presence::NoRecord,
            loan: None,
            now: at(0),
        };
        let undecided = Proposal::AfterTap {
            meaning: Meaning::Undecided,
        };
        assert_eq!(propose(None, &situation), undecided);
        assert_eq!(propose(Some(&Target::Other), &situation), undecided);
    }

    #[test]
    fn lockers_show_the_exit_leaves_and_blank_stickers_are_refused() {
        let locker = LockerId::from_uuid(Uuid::nil());
        let exit = Target::Exit {
            site: SiteId::from_uuid(Uuid::nil()),
        };
        let quiet = Presence::NoRecord;
        assert_eq!(
            proposal(&exit, quiet, None),
            Proposal::Now {
                meaning: Meaning::Leave
            }
        );
        let shown = proposal(&Target::Locker { locker }, quiet, None);
        assert_eq!(shown, Proposal::ShowLocker { locker });
        let blank = proposal(&Target::Unbound, quiet, None);
        assert_eq!(
            blank,
            Proposal::Refused {
                why: Refusal::Unbound
            }
        );
    }

    #[test]
    fn whatever_is_proposed_for_a_bound_label_fits_it() {
        let targets = [
            Target::Place { place: SEAT },
            Target::Home {
                place: HOME,
                person: ME,
            },
            Target::Item { item: ITEM },
            Target::Exit {
                site: SiteId::from_uuid(Uuid::nil()),
            },
        ];
        let presences = [
            Presence::NoRecord,
            Presence::Present {
                place: SEAT,
                since: at(0),
            },
            Presence::Telework { since: at(0) },
        ];
        for target in &targets {
            for presence in presences {
                for loan in [None, Some(loan_to(ME))] {
                    match proposal(target, presence, loan.as_ref()) {
                        Proposal::Now { meaning } | Proposal::AfterTap { meaning } => {
                            assert!(fits(target, &meaning), "{target:?} {meaning:?}");
                        }
                        other => panic!("{target:?} gave {other:?}"),
                    }
                }
            }
        }
    }
}
