//! Applying a batch: each event exactly once, in the order of its queue, each with its own answer.
//!
//! Numbers up to `held_through` are settled for ever: what comes again under them is answered from
//! what was kept. The next number is judged; a number after a hole is answered `retry` until the
//! hole is filled, or the device says that it has lost it. A rejected event takes its number too,
//! so that it holds up nothing.

use std::collections::HashMap;
use std::sync::Arc;

use chrono::NaiveDate;
use kokoni_model::calendar::PersonCalendar;
use kokoni_model::clock::{ClockCorrection, Timestamp};
use kokoni_model::event::{Act, Event, EventHash};
use kokoni_model::ids::{EventId, IncarnationId, ItemId, PersonId};
use kokoni_model::rules::day::Entry;
use kokoni_model::rules::order::{OrderKey, counted_moment};
use kokoni_model::wire::events::{BatchReply, EventAnswer, Outcome, RejectReason, Rejection};

use super::batch::{Batch, Content, Incoming};
use super::days::Days;
use super::floors::ChangedPlaces;
use super::judge::{self, Effect, Refused, Scan};
use super::memory::Remembered;
use super::oddities::{self, Seen};
use super::rows::{self, Answered, EventRow, Known, Queue, Sender, Standing};
use super::withdraw;
use crate::directory::feed::{self as directory_feed, Mark};
use crate::organisation::{Names, Organisation};
use crate::params;
use crate::presence::me;
use crate::store::{StoreError, Tx};

/// What became of a batch.
#[derive(Clone, Debug)]
pub(crate) struct Settled {
    /// The answer to the device.
    pub(crate) reply: BatchReply,
    /// The places that look different now.
    pub(crate) changed: ChangedPlaces,
    /// How many numbers came with other content than before.
    pub(crate) conflicts: usize,
}

/// Whether an event with the same id is held already.
enum CameBefore {
    No,
    /// The same event, sent by the same person's phone before it was enrolled anew.
    AsAnotherDevice(Known),
    /// This device used the id for something else.
    UnderAnotherNumber,
}

/// A batch being applied.
pub(super) struct Settling<'t> {
    pub(super) tx: &'t Tx<'t>,
    pub(super) queue: Queue,
    pub(super) person: PersonId,
    pub(super) days: Days,
    pub(super) rows: Vec<EventRow>,
    pub(super) moved: Vec<ItemId>,
    batch: &'t Batch,
    organisation: &'t Organisation,
    remembered: &'t mut Remembered,
    today: NaiveDate,
    own_calendar: Arc<PersonCalendar>,
    names: Names,
    correction: ClockCorrection,
    known: HashMap<u64, Known>,
    standing: Standing,
    conflicts: usize,
}

/// Applies a batch of a device of this organisation; `None` when the device is revoked.
///
/// # Errors
/// Those of the store; nothing may be kept then.
pub(super) fn settle(
    tx: &Tx<'_>,
    batch: &Batch,
    organisation: &Organisation,
    remembered: &mut Remembered,
    incarnation: IncarnationId,
) -> Result<Option<Settled>, StoreError> {
    let caller = batch.caller;
    let queue = Queue {
        organisation: caller.organisation,
        device: caller.device,
        epoch: batch.epoch,
    };
    let Some(sender) = remembered.sender(tx, queue)? else {
        return Ok(None);
    };
    let Sender {
        role,
        calendar,
        standing,
    } = sender;
    let today = me::working_date(&organisation.calendar, batch.received);
    remembered.recent.turn_to(today);
    let steps = remembered.recent.take_steps(caller.person);
    let mut settling = Settling {
        tx,
        queue,
        person: caller.person,
        days: Days::of(caller.organisation, caller.person, steps),
        rows: Vec::new(),
        moved: Vec::new(),
        batch,
        organisation,
        remembered,
        today,
        own_calendar: calendar,
        names: organisation.policies.names_for(role),
        correction: ClockCorrection::seen(batch.clock.wall_us, batch.received),
        known: already_known(tx, queue, batch, standing.held_through)?,
        standing,
        conflicts: 0,
    };
    let answers = settling.answers()?;
    settling.note_lost_end()?;
    settling.finish(answers, incarnation).map(Some)
}

/// What was answered before for numbers of this batch.
fn already_known(
    tx: &Tx<'_>,
    queue: Queue,
    batch: &Batch,
    held_through: u64,
) -> Result<HashMap<u64, Known>, StoreError> {
    let settled = || {
        batch
            .events
            .iter()
            .filter_map(|event| event.seq)
            .filter(|&seq| seq <= held_through)
    };
    match (settled().min(), settled().max()) {
        (Some(first), Some(last)) => Ok(rows::known(tx, queue, first, last)?.into_iter().collect()),
        _ => Ok(HashMap::new()),
    }
}

impl Settling<'_> {
    /// Answers every event: judged in the order of numbers, answered in the order of the batch.
    fn answers(&mut self) -> Result<Vec<EventAnswer>, StoreError> {
        let events = &self.batch.events;
        let mut order: Vec<usize> = (0..events.len()).collect();
        order.sort_by_key(|&index| events[index].seq);
        let mut outcomes = vec![Outcome::Retry; events.len()];
        for index in order {
            outcomes[index] = self.outcome(&events[index])?;
        }
        Ok(events
            .iter()
            .zip(outcomes)
            .map(|(event, outcome)| EventAnswer {
                seq: event.named_seq,
                outcome,
            })
            .collect())
    }

    fn outcome(&mut self, event: &Incoming) -> Result<Outcome, StoreError> {
        let Some(seq) = event.seq else {
            // No place in the queue can be given to it, so nothing is kept of it.
            return Ok(match &event.content {
                Content::Refused(reason) => rejected(reason.clone(), None),
                Content::Event(_) => Outcome::Retry,
            });
        };
        if let Some(known) = self.known.get(&seq).cloned() {
            return self.again(seq, event, &known);
        }
        if seq > self.standing.held_through {
            let next = self.standing.held_through.saturating_add(1);
            if seq > next {
                if self.batch.lost_before.is_none_or(|lost| lost < seq) {
                    return Ok(Outcome::Retry);
                }
                rows::note_gap(self.tx, self.queue, next, seq - 1, self.batch.received)?;
            }
            self.standing.held_through = seq;
        }
        let row = self.judged(seq, event)?;
        let known = Known {
            hash: row.hash,
            answered: row.answered,
            reason: row.reason.clone(),
            who: row.who,
        };
        let outcome = self.answer(&known, Outcome::Applied)?;
        self.known.insert(seq, known);
        self.rows.push(row);
        Ok(outcome)
    }

    /// A batch without events says what is lost behind everything that was sent. It only is noted:
    /// how far the queue has come is for its next event to say.
    fn note_lost_end(&self) -> Result<(), StoreError> {
        let next = self.standing.held_through.saturating_add(1);
        match self.batch.lost_before {
            Some(before) if self.batch.events.is_empty() && before > next => {
                rows::note_gap(self.tx, self.queue, next, before - 1, self.batch.received)
            }
            _ => Ok(()),
        }
    }

    /// The answer to an event that has been answered for before.
    fn again(&mut self, seq: u64, event: &Incoming, known: &Known) -> Result<Outcome, StoreError> {
        if known.hash == event.hash {
            return self.answer(known, Outcome::Duplicate);
        }
        self.conflict(seq, event)?;
        Ok(rejected(RejectReason::ContentDiffers, None))
    }

    fn conflict(&mut self, seq: u64, event: &Incoming) -> Result<(), StoreError> {
        self.conflicts += 1;
        rows::note_conflict(self.tx, self.queue, seq, event.hash, self.batch.received)
    }

    fn answer(&self, known: &Known, when_applied: Outcome) -> Result<Outcome, StoreError> {
        match (known.answered, &known.reason) {
            (Answered::Applied, _) => Ok(when_applied),
            (Answered::Rejected, reason) => {
                let reason = reason.clone().unwrap_or(RejectReason::Malformed);
                let who = known.who.filter(|&who| self.sees(who));
                let name = who.map(|who| self.name_of(who)).transpose()?;
                Ok(rejected(reason, name))
            }
        }
    }

    fn sees(&self, person: PersonId) -> bool {
        self.names == Names::Shown || person == self.person
    }

    fn name_of(&self, person: PersonId) -> Result<String, StoreError> {
        let (family, given): (String, String) = self.tx.one(
            "SELECT family, given FROM person WHERE organisation = $1 AND id = $2",
            params![self.queue.organisation, person],
        )?;
        Ok(format!("{family} {given}"))
    }

    /// Judges an event whose number is free.
    fn judged(&mut self, seq: u64, incoming: &Incoming) -> Result<EventRow, StoreError> {
        let mut row = EventRow {
            seq,
            hash: incoming.hash,
            id: None,
            person: self.person,
            raw: incoming.raw.clone(),
            counted: None,
            correction_us: self.correction.as_micros(),
            received: self.batch.received,
            date: None,
            answered: Answered::Rejected,
            reason: None,
            who: None,
            step: None,
            site: None,
            flags: Vec::new(),
            withdrawn_by: None,
            replaced_by: None,
        };
        let event = match &incoming.content {
            Content::Refused(reason) => {
                row.reason = Some(reason.clone());
                return Ok(row);
            }
            Content::Event(event) => event,
        };
        let key = self.place_in_history(seq, event)?;
        let date = self.date_of(key.at);
        row.id = Some(event.id);
        row.counted = Some(key.at);
        row.date = Some(date);
        match self.came_before(event.id, incoming.hash)? {
            CameBefore::No => {}
            CameBefore::AsAnotherDevice(known) => {
                // It did then what it does; here it only takes its number.
                row.answered = known.answered;
                row.reason = known.reason;
                row.who = known.who;
                return Ok(row);
            }
            CameBefore::UnderAnotherNumber => {
                self.conflict(seq, incoming)?;
                row.id = None;
                row.reason = Some(RejectReason::ContentDiffers);
                return Ok(row);
            }
        }
        match self.done(event, key, date)? {
            Ok(None) => row.answered = Answered::Applied,
            Ok(Some(effect)) => {
                row.flags = self.oddities(event, key, date, &effect)?;
                self.days.add(
                    self.tx,
                    date,
                    Entry {
                        key,
                        step: effect.step,
                    },
                    effect.site,
                )?;
                self.moved.extend(effect.item_moved);
                row.answered = Answered::Applied;
                row.step = Some(effect.step);
                row.site = effect.site;
            }
            Err(Refused { reason, who }) => {
                row.reason = Some(reason);
                row.who = who;
            }
        }
        if let Some(replaced) = event.replaces {
            self.note_replaced(replaced, seq)?;
        }
        Ok(row)
    }

    /// Where the event stands: its corrected time, never before an earlier number of its queue nor
    /// after a later one.
    fn place_in_history(&mut self, seq: u64, event: &Event) -> Result<OrderKey, StoreError> {
        let received = self.batch.received;
        let corrected = self.correction.corrected(&event.clock, &self.batch.clock);
        // A clock that shows no year of ours says nothing; the arrival is the best that is known.
        let corrected = match self.organisation.calendar.working_date(corrected) {
            Ok(_) => corrected,
            Err(_) => received,
        };
        let at = if seq == self.standing.held_through {
            counted_moment(corrected, received, self.standing.previous)
        } else {
            // It fills a hole that was given up.
            let here = self.rows.iter().filter(|row| row.seq < seq);
            let here = here.filter_map(|row| row.counted).max();
            let before = here.max(rows::counted_before(self.tx, self.queue, seq)?);
            let after = rows::counted_after(self.tx, self.queue, seq)?;
            let at = counted_moment(corrected, received, before);
            after.map_or(at, |after| at.min(after))
        };
        // Moments of a queue never decrease, so that the latest is that of its last event.
        self.standing.previous = self.standing.previous.max(Some(at));
        Ok(OrderKey {
            at,
            device: self.queue.device,
            epoch: self.queue.epoch,
            seq,
        })
    }

    fn date_of(&self, at: Timestamp) -> NaiveDate {
        me::working_date(&self.organisation.calendar, at)
    }

    /// Whether an id came before. A phone that was enrolled anew, say because the server was put
    /// back to an earlier day, sends again what it cannot know is held.
    fn came_before(&self, id: EventId, hash: EventHash) -> Result<CameBefore, StoreError> {
        if self.rows.iter().any(|row| row.id == Some(id)) {
            return Ok(CameBefore::UnderAnotherNumber);
        }
        let mut as_another_device = CameBefore::No;
        for (device, person, known) in rows::of_id(self.tx, self.queue.organisation, id)? {
            if device == self.queue.device {
                return Ok(CameBefore::UnderAnotherNumber);
            }
            if person == self.person && known.hash == hash {
                as_another_device = CameBefore::AsAnotherDevice(known);
            }
        }
        Ok(as_another_device)
    }

    /// Does what the event says: `Some` effect on the day, or none for a withdrawal.
    fn done(
        &mut self,
        event: &Event,
        key: OrderKey,
        date: NaiveDate,
    ) -> Result<Result<Option<Effect>, Refused>, StoreError> {
        match &event.act {
            Act::Scan { label, meaning, .. } => {
                let scan = Scan {
                    queue: self.queue,
                    person: self.person,
                    label: *label,
                    meaning,
                    key,
                    date,
                };
                let policies = &self.organisation.policies;
                let judged = judge::judge(
                    self.tx,
                    &scan,
                    &mut self.days,
                    &mut self.remembered.layout,
                    policies,
                )?;
                Ok(judged.map(Some))
            }
            Act::Withdraw { seq } => {
                let withdrawn = withdraw::withdraw(self, *seq, key.seq)?;
                Ok(withdrawn.map(|()| None).map_err(Refused::from))
            }
            Act::Unknown => Ok(Err(RejectReason::NotUnderstood.into())),
        }
    }

    fn oddities(
        &mut self,
        event: &Event,
        key: OrderKey,
        date: NaiveDate,
        effect: &Effect,
    ) -> Result<Vec<kokoni_model::rules::implausible::Flag>, StoreError> {
        let seen = Seen {
            organisation: self.queue.organisation,
            person: self.person,
            key,
            date,
            site: effect.site,
            boot: event.clock.boot,
            correction: self.correction,
        };
        let calendar = &self.organisation.calendar;
        let recent = &mut self.remembered.recent;
        oddities::of(
            self.tx,
            &seen,
            &mut self.days,
            recent,
            calendar,
            &self.own_calendar,
        )
    }

    fn note_replaced(&mut self, replaced: u64, by: u64) -> Result<(), StoreError> {
        if let Some(row) = self.rows.iter_mut().find(|row| row.seq == replaced) {
            if row.answered == Answered::Rejected {
                row.replaced_by = Some(by);
            }
            return Ok(());
        }
        self.tx.exec(
            "UPDATE event SET replaced_by = $5
             WHERE organisation = $1 AND device = $2 AND epoch = $3 AND seq = $4
                 AND outcome = 'rejected'",
            params![
                self.queue.organisation,
                self.queue.device,
                self.queue.epoch,
                replaced,
                by
            ],
        )?;
        Ok(())
    }

    /// Writes everything and makes the reply.
    fn finish(
        self,
        answers: Vec<EventAnswer>,
        incarnation: IncarnationId,
    ) -> Result<Settled, StoreError> {
        let (tx, queue, today) = (self.tx, self.queue, self.today);
        let received = self.batch.received;
        rows::insert(tx, queue, &self.rows)?;
        let days = self.days.settle(tx, today)?;
        let recent = &mut self.remembered.recent;
        let mut moved = self.moved;
        if !moved.is_empty() {
            recent.forget_loans();
            moved.sort_unstable();
            moved.dedup();
            let marks: Vec<Mark> = moved
                .iter()
                .map(|item| Mark::shared("item", item))
                .collect();
            directory_feed::note(tx, queue.organisation, &marks, received)?;
        }
        recent.came(&days.today.stays);
        let me = recent.my_state(tx, queue.organisation, self.person, &days.today)?;
        recent.keep_standing(queue, self.standing);
        recent.keep_steps(self.person, days.steps);
        Ok(Settled {
            reply: BatchReply {
                incarnation,
                received_us: received,
                held_through: self.standing.held_through,
                answers,
                me: Some(me),
            },
            changed: ChangedPlaces {
                organisation: queue.organisation,
                places: days.changed,
                today,
                at: received,
            },
            conflicts: self.conflicts,
        })
    }
}

fn rejected(reason: RejectReason, who: Option<String>) -> Outcome {
    Outcome::Rejected(Rejection { reason, who })
}
