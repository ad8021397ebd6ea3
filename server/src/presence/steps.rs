//! The steps of a person's day: what each of its events does to it, at its place in the history.
//! They are read from the events themselves, as the day is folded from them: whenever it is asked
//! for. Neither is kept.

use chrono::NaiveDate;
use kokoni_model::clock::Timestamp;
use kokoni_model::event::Epoch;
use kokoni_model::ids::{DeviceId, OrganisationId, PersonId, SiteId};
use kokoni_model::rules::day::{Entry, Step};
use kokoni_model::rules::order::OrderKey;

use crate::params;
use crate::store::{AsJson, StoreError, Tx};

/// A step and where it was made.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct StepAt {
    /// What it does, and when it counts.
    pub entry: Entry,
    /// The site of its label.
    pub site: Option<SiteId>,
}

/// So many events of a queue are read at once, from its end back.
const AT_ONCE: usize = 32;

/// Every step of a person on a working day, by whichever device.
///
/// # Errors
/// Those of the store.
pub fn of_day(
    tx: &Tx<'_>,
    organisation: OrganisationId,
    person: PersonId,
    date: NaiveDate,
) -> Result<Vec<StepAt>, StoreError> {
    let mut steps = Vec::new();
    for (device, epoch) in queues_of(tx, organisation, person)? {
        let mut last = u64::MAX;
        while let Some(before) =
            read_back(tx, organisation, (device, epoch, last), date, &mut steps)?
        {
            last = before;
        }
    }
    Ok(steps)
}

/// The queues of a person's devices that have brought events. How many lives a device has had is
/// found by stepping from one to the next, not by reading all its events.
fn queues_of(
    tx: &Tx<'_>,
    organisation: OrganisationId,
    person: PersonId,
) -> Result<Vec<(DeviceId, Epoch)>, StoreError> {
    tx.query(
        "WITH RECURSIVE queue (device, epoch) AS (
             SELECT d.id, (SELECT min(epoch) FROM event WHERE organisation = $1 AND device = d.id)
             FROM device d WHERE d.organisation = $1 AND d.person = $2
             UNION ALL
             SELECT q.device, (SELECT min(epoch) FROM event
                               WHERE organisation = $1 AND device = q.device AND epoch > q.epoch)
             FROM queue q WHERE q.epoch IS NOT NULL)
         SELECT device, epoch FROM queue WHERE epoch IS NOT NULL",
        params![organisation, person],
    )
}

/// Reads a queue back from a number and adds the steps of a day. Gives the number from which to read
/// on; none when nothing of the day can lie before.
fn read_back(
    tx: &Tx<'_>,
    organisation: OrganisationId,
    (device, epoch, last): (DeviceId, Epoch, u64),
    date: NaiveDate,
    steps: &mut Vec<StepAt>,
) -> Result<Option<u64>, StoreError> {
    type Read = (
        u64,
        Option<NaiveDate>,
        Option<Timestamp>,
        Option<AsJson<Step>>,
        Option<SiteId>,
        Option<u64>,
    );
    let read: Vec<Read> = tx.query(
        "SELECT seq, working_date, counted_us, step, site, withdrawn_by FROM event
         WHERE organisation = $1 AND device = $2 AND epoch = $3 AND seq <= $4
         ORDER BY seq DESC LIMIT $5",
        params![organisation, device, epoch, last, AT_ONCE as u64],
    )?;
    let more = read.len() == AT_ONCE;
    let mut first = None;
    for (seq, day, at, step, site, withdrawn) in read {
        first = Some(seq);
        // Moments never decrease along a queue. Days might by one, where the hour was changed at
        // which they end.
        if day.is_some_and(|day| day.succ_opt().is_some_and(|next| next < date)) {
            return Ok(None);
        }
        if let (Some(at), Some(AsJson(step)), None) = (at, step, withdrawn)
            && day == Some(date)
        {
            let key = OrderKey {
                at,
                device,
                epoch,
                seq,
            };
            let entry = Entry { key, step };
            steps.push(StepAt { entry, site });
        }
    }
    Ok(first
        .filter(|_| more)
        .and_then(|first| first.checked_sub(1)))
}
