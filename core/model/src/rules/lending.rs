//! Lending: an item belongs to whoever borrowed it first; the second is refused and told who has
//! it. No manager is needed, and the end of the day does not end a loan.

use serde::{Deserialize, Serialize};

use crate::clock::Timestamp;
use crate::ids::{ItemId, PersonId};

/// A loan that goes on.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct Loan {
    /// What.
    pub item: ItemId,
    /// Who has it.
    pub person: PersonId,
    /// Since when.
    pub since_us: Timestamp,
    /// Until when, where the organisation limits it.
    pub due_us: Option<Timestamp>,
}

impl Loan {
    /// Whether it should have come back by now.
    pub fn is_overdue(&self, now: Timestamp) -> bool {
        self.due_us.is_some_and(|due| due < now)
    }
}

/// Why a loan cannot begin or end.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum LendingRefusal {
    /// Somebody else has it.
    AlreadyLent {
        /// Who.
        to: PersonId,
    },
    /// It cannot be brought back by somebody who does not have it.
    NotLentToYou,
}

/// What a permitted scan does.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum LendingStep {
    /// The loan begins.
    Begin,
    /// The loan ends.
    End,
    /// The person has it already: nothing changes.
    Keep,
}

/// The person wants to borrow the item.
pub fn borrow(current: Option<&Loan>, person: PersonId) -> Result<LendingStep, LendingRefusal> {
    match current {
        None => Ok(LendingStep::Begin),
        Some(loan) if loan.person == person => Ok(LendingStep::Keep),
        Some(loan) => Err(LendingRefusal::AlreadyLent { to: loan.person }),
    }
}

/// The person brings the item back.
pub fn give_back(current: Option<&Loan>, person: PersonId) -> Result<LendingStep, LendingRefusal> {
    match current {
        Some(loan) if loan.person == person => Ok(LendingStep::End),
        Some(_) | None => Err(LendingRefusal::NotLentToYou),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use uuid::Uuid;

    const fn person(number: u128) -> PersonId {
        PersonId::from_uuid(Uuid::from_u128(number))
    }

    const fn loan_to(number: u128, due_us: Option<Timestamp>) -> Loan {
        Loan {
            item: ItemId::from_uuid(Uuid::nil()),
            person: person(number),
            since_us: Timestamp::from_micros(0),
            due_us,
        }
    }

    #[test]
    fn the_first_gets_it_and_the_second_is_told_who_has_it() {
        assert_eq!(borrow(None, person(1)), Ok(LendingStep::Begin));
        let refused = borrow(Some(&loan_to(1, None)), person(2));
        assert_eq!(refused, Err(LendingRefusal::AlreadyLent { to: person(1) }));
    }

    #[test]
    fn borrowing_again_what_one_has_changes_nothing() {
        assert_eq!(
            borrow(Some(&loan_to(1, None)), person(1)),
            Ok(LendingStep::Keep)
        );
    }

    #[test]
    fn only_the_borrower_brings_it_back() {
        assert_eq!(
            give_back(Some(&loan_to(1, None)), person(1)),
            Ok(LendingStep::End)
        );
        assert_eq!(
            give_back(Some(&loan_to(1, None)), person(2)),
            Err(LendingRefusal::NotLentToYou)
        );
        assert_eq!(
            give_back(None, person(1)),
            Err(LendingRefusal::NotLentToYou)
        );
    }

    #[test]
    fn a_loan_is_overdue_only_after_its_time() {
        let due = Timestamp::from_micros(10);
        assert!(!loan_to(1, Some(due)).is_overdue(due));
        assert!(loan_to(1, Some(due)).is_overdue(due.plus_micros(1)));
        assert!(!loan_to(1, None).is_overdue(due));
    }
}
