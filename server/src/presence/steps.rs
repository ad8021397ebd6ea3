//! The steps of a person's day: what each of its events does to it, at its place in the history.
//! The day itself is folded from them whenever it is asked for and kept nowhere.

use chrono::NaiveDate;
use kokoni_model::clock::Timestamp;
use kokoni_model::event::Epoch;
use kokoni_model::ids::{DeviceId, OrganisationId, PersonId, SiteId};
use kokoni_model::rules::day::{Entry, Step};
use kokoni_model::rules::order::OrderKey;

use crate::store::{AsJson, Columns, FromRow, StoreError, Tx};
use crate::{params, row};

/// A step and where it was made.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct StepAt {
    /// What it does, and when it counts.
    pub entry: Entry,
    /// The site of its label.
    pub site: Option<SiteId>,
}

impl FromRow for StepAt {
    fn from_row(columns: &mut Columns) -> Result<Self, StoreError> {
        let key = OrderKey {
            at: columns.take::<Timestamp>()?,
            device: columns.take::<DeviceId>()?,
            epoch: columns.take::<Epoch>()?,
            seq: columns.take()?,
        };
        let AsJson(step) = columns.take::<AsJson<Step>>()?;
        Ok(Self {
            entry: Entry { key, step },
            site: columns.take()?,
        })
    }
}

/// Every step of a person on a working day.
///
/// # Errors
/// Those of the store.
pub fn of_day(
    tx: &Tx<'_>,
    organisation: OrganisationId,
    person: PersonId,
    date: NaiveDate,
) -> Result<Vec<StepAt>, StoreError> {
    tx.query(
        "SELECT counted_us, device, epoch, seq, step, site FROM day_step
         WHERE organisation = $1 AND working_date = $2 AND person = $3",
        params![organisation, date, person],
    )
}

/// Writes steps.
///
/// # Errors
/// Those of the store.
pub(crate) fn add<'s>(
    tx: &Tx<'_>,
    organisation: OrganisationId,
    person: PersonId,
    date: NaiveDate,
    steps: impl IntoIterator<Item = &'s StepAt>,
) -> Result<(), StoreError> {
    tx.exec_many(
        "INSERT INTO day_step (organisation, working_date, person, counted_us, device, epoch, seq,
             step, site)
         VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9)",
        steps.into_iter().map(|StepAt { entry, site }| {
            let Entry { key, step } = entry;
            row![
                organisation,
                date,
                person,
                key.at,
                key.device,
                key.epoch,
                key.seq,
                AsJson(*step),
                *site
            ]
        }),
    )
}

/// Takes a step out that was written.
///
/// # Errors
/// Those of the store.
pub(crate) fn remove(
    tx: &Tx<'_>,
    organisation: OrganisationId,
    person: PersonId,
    date: NaiveDate,
    key: &OrderKey,
) -> Result<(), StoreError> {
    tx.exec(
        "DELETE FROM day_step
         WHERE organisation = $1 AND working_date = $2 AND person = $3 AND counted_us = $4
             AND device = $5 AND epoch = $6 AND seq = $7",
        params![
            organisation,
            date,
            person,
            key.at,
            key.device,
            key.epoch,
            key.seq
        ],
    )?;
    Ok(())
}
