//! What a scan does, or why it does nothing. The decisions are the model's; here they are given
//! what the database knows.

use chrono::NaiveDate;
use kokoni_model::event::Meaning;
use kokoni_model::ids::{ItemId, OrganisationId, PersonId, SiteId};
use kokoni_model::label::LabelId;
use kokoni_model::rules::day::{Presence, Step};
use kokoni_model::rules::lending::{self as rules, LendingRefusal, LendingStep, Loan};
use kokoni_model::rules::meaning::{Proposal, Refusal, Situation, Target, fits, propose};
use kokoni_model::rules::order::OrderKey;
use kokoni_model::wire::events::RejectReason;

use super::days::Days;
use super::layout::Layout;
use super::rows::Queue;
use crate::labels::{self, Bound};
use crate::lending::{self, loans};
use crate::organisation::Policies;
use crate::params;
use crate::presence::me;
use crate::store::{StoreError, Tx};

/// A scan and where it stands.
pub(crate) struct Scan<'s> {
    /// The queue it came in.
    pub(crate) queue: Queue,
    /// Who scanned.
    pub(crate) person: PersonId,
    /// Which label.
    pub(crate) label: LabelId,
    /// What was meant.
    pub(crate) meaning: &'s Meaning,
    /// Its place in the history.
    pub(crate) key: OrderKey,
    /// The working day it belongs to.
    pub(crate) date: NaiveDate,
}

/// A scan that counts.
pub(crate) struct Effect {
    /// What it does to the person's day.
    pub(crate) step: Step,
    /// The site of its label.
    pub(crate) site: Option<SiteId>,
    /// The item whose loan began or ended.
    pub(crate) item_moved: Option<ItemId>,
}

/// A scan that does not.
pub(crate) struct Refused {
    /// Why.
    pub(crate) reason: RejectReason,
    /// Whom it concerns.
    pub(crate) who: Option<PersonId>,
}

impl From<RejectReason> for Refused {
    fn from(reason: RejectReason) -> Self {
        Self { reason, who: None }
    }
}

/// Judges a scan and does to loans what it does. The day is the caller's affair.
///
/// # Errors
/// Those of the store.
pub(super) fn judge(
    tx: &Tx<'_>,
    scan: &Scan<'_>,
    days: &mut Days,
    layout: &mut Layout,
    policies: &Policies,
) -> Result<Result<Effect, Refused>, StoreError> {
    let organisation = scan.queue.organisation;
    let Some(Bound { target, site }) = layout.bound(tx, organisation, scan.label)? else {
        return Ok(Err(RejectReason::UnknownLabel.into()));
    };
    let loan = match target {
        Target::Item { item } => lending::of_item(tx, organisation, item)?,
        _ => None,
    };
    if let Some(reason) = never(&target, scan.person) {
        return Ok(Err(reason.into()));
    }
    let meaning = match scan.meaning {
        Meaning::Undecided => {
            let presence = presence_before(tx, scan, days)?;
            let situation = Situation {
                person: scan.person,
                presence,
                loan: loan.as_ref(),
                now: scan.key.at,
            };
            match decided(&target, &situation) {
                Ok(meaning) => meaning,
                Err(refused) => return Ok(Err(refused)),
            }
        }
        Meaning::Other(_) => return Ok(Err(RejectReason::NotUnderstood.into())),
        meaning => Some(meaning.clone()),
    };
    let site = match target {
        Target::Item { item } => site_of_item(tx, organisation, item)?,
        _ => site,
    };
    let Some(meaning) = meaning else {
        return Ok(Ok(Effect {
            step: Step::Other,
            site,
            item_moved: None,
        }));
    };
    if !fits(&target, &meaning) {
        return Ok(Err(RejectReason::MeaningDoesNotFit.into()));
    }
    let moved = match move_item(tx, scan, &target, &meaning, loan.as_ref(), policies)? {
        Ok(moved) => moved,
        Err(refused) => return Ok(Err(refused)),
    };
    Ok(Ok(Effect {
        step: step_of(&target, &meaning),
        site,
        item_moved: moved,
    }))
}

/// Why a label can never count for this person.
fn never(target: &Target, person: PersonId) -> Option<RejectReason> {
    match target {
        Target::Unbound => Some(RejectReason::UnboundLabel),
        target if !labels::is_for(target, person) => Some(RejectReason::NotYourHome),
        _ => None,
    }
}

/// Where the person was just before the scan, told of whoever had come to their seat by then.
fn presence_before(tx: &Tx<'_>, scan: &Scan<'_>, days: &mut Days) -> Result<Presence, StoreError> {
    let day = days.day_before(tx, scan.date, scan.key)?;
    let Some(stay) = day.current().filter(|stay| !stay.telework) else {
        return Ok(day.presence());
    };
    let organisation = scan.queue.organisation;
    let lost = me::displaced_at(tx, organisation, scan.person, scan.date, stay)?;
    Ok(match lost.filter(|&at| at <= scan.key.at) {
        Some(since) => Presence::Away { since },
        None => day.presence(),
    })
}

/// What a scan means that the phone could not decide; `None` when it changes nothing.
fn decided(target: &Target, situation: &Situation<'_>) -> Result<Option<Meaning>, Refused> {
    if matches!(target, Target::Other) {
        // It shows that the person has been here.
        return Ok(None);
    }
    match propose(Some(target), situation) {
        Proposal::Now { meaning } | Proposal::AfterTap { meaning } => Ok(Some(meaning)),
        Proposal::AlreadyHere => Ok(None),
        Proposal::ShowLocker { .. } => Err(RejectReason::MeaningDoesNotFit.into()),
        Proposal::Refused { why } => Err(match why {
            Refusal::NotYourHome => RejectReason::NotYourHome.into(),
            Refusal::Unbound => RejectReason::UnboundLabel.into(),
            Refusal::AlreadyLent { to } => already_lent(to),
        }),
    }
}

fn already_lent(to: PersonId) -> Refused {
    Refused {
        reason: RejectReason::AlreadyLent,
        who: Some(to),
    }
}

fn step_of(target: &Target, meaning: &Meaning) -> Step {
    match (target, meaning) {
        (Target::Place { place }, Meaning::Sit) => Step::Arrive { place: *place },
        (_, Meaning::Leave) => Step::Leave,
        (Target::Home { place, .. }, Meaning::Telework) => Step::StartTelework { place: *place },
        (_, Meaning::EndTelework) => Step::EndTelework,
        _ => Step::Other,
    }
}

/// Begins or ends a loan, when the scan is of an item.
fn move_item(
    tx: &Tx<'_>,
    scan: &Scan<'_>,
    target: &Target,
    meaning: &Meaning,
    current: Option<&Loan>,
    policies: &Policies,
) -> Result<Result<Option<ItemId>, Refused>, StoreError> {
    let Target::Item { item } = *target else {
        return Ok(Ok(None));
    };
    let step = match meaning {
        Meaning::Borrow => rules::borrow(current, scan.person),
        _ => rules::give_back(current, scan.person),
    };
    let by = loans::By {
        queue: scan.queue,
        seq: scan.key.seq,
    };
    let at = scan.key.at;
    match step {
        Ok(LendingStep::Begin) => {
            const DAY_SECONDS: i64 = 24 * 3600;
            let due_us = policies
                .loan_days
                .map(|days| at.plus_seconds(i64::from(days) * DAY_SECONDS));
            let loan = Loan {
                item,
                person: scan.person,
                since_us: at,
                due_us,
            };
            loans::begin(tx, by, &loan)?;
            Ok(Ok(Some(item)))
        }
        Ok(LendingStep::End) => {
            loans::end(tx, by, item, at)?;
            Ok(Ok(Some(item)))
        }
        Ok(LendingStep::Keep) => Ok(Ok(None)),
        Err(LendingRefusal::AlreadyLent { to }) => Ok(Err(already_lent(to))),
        Err(LendingRefusal::NotLentToYou) => Ok(Err(RejectReason::NotLentToYou.into())),
    }
}

/// The building an item is kept in.
fn site_of_item(
    tx: &Tx<'_>,
    organisation: OrganisationId,
    item: ItemId,
) -> Result<Option<SiteId>, StoreError> {
    tx.first(
        "SELECT f.site FROM item i
         JOIN locker k ON k.organisation = i.organisation AND k.id = i.locker
         JOIN floor f ON f.organisation = k.organisation AND f.id = k.floor
         WHERE i.organisation = $1 AND i.id = $2",
        params![organisation, item],
    )
}
