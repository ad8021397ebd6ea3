//! The audit log: who did what, one row after the other, each hash covering the one before, so
//! that nothing can be taken out or changed unseen.

use kokoni_model::clock::Timestamp;
use kokoni_model::ids::{DeviceId, OrganisationId, PersonId};
use serde::{Deserialize, Serialize};
use uuid::Uuid;

use crate::auth::sha256;
use crate::params;
use crate::store::{AsWord, StoreError, Tx};

/// What can be done that is kept.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Act {
    /// The organisation was set up.
    OrganisationCreated,
    /// An enrolment code was made; the subject is the person it is for.
    CodeMade,
    /// A typed code was voided by wrong tries; the subject is the person it was for.
    CodeVoided,
    /// A device was enrolled.
    DeviceEnrolled,
    /// A browser was signed in.
    BrowserSignedIn,
    /// A device signed itself out.
    SignedOut,
    /// A device was revoked by hand; the subject is the device.
    DeviceRevoked,
    /// A device was revoked because an old refresh token came again; the subject is the device.
    TokenReused,
    /// A label was bound; the subject is what it was bound to.
    LabelBound,
    /// Old events were purged.
    EventsPurged,
}

/// One row before it is chained.
#[derive(Clone, Copy, Debug)]
pub struct Entry {
    /// What was done.
    pub act: Act,
    /// By whom; `None` for the program itself or its operator.
    pub person: Option<PersonId>,
    /// By which device.
    pub device: Option<DeviceId>,
    /// To what.
    pub subject: Option<Uuid>,
}

impl Entry {
    /// Something the program or its operator did.
    pub const fn of(act: Act) -> Self {
        Self {
            act,
            person: None,
            device: None,
            subject: None,
        }
    }
}

/// Appends a row to an organisation's log.
///
/// # Errors
/// Those of the store.
pub fn append(
    tx: &Tx<'_>,
    organisation: OrganisationId,
    at: Timestamp,
    entry: Entry,
) -> Result<(), StoreError> {
    let last: Option<(i64, [u8; 32])> = tx.first(
        "SELECT number, hash FROM audit WHERE organisation = $1 ORDER BY number DESC LIMIT 1",
        params![organisation],
    )?;
    let (number, previous) = last.map_or((1, [0; 32]), |(number, hash)| (number + 1, hash));
    let hash = link(organisation, number, at, &entry, &previous);
    let subject = entry.subject.map(|uuid| *uuid.as_bytes());
    tx.exec(
        "INSERT INTO audit (organisation, number, at_us, act, person, device, subject, previous, hash)
         VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9)",
        params![
            organisation,
            number,
            at,
            AsWord(entry.act),
            entry.person,
            entry.device,
            subject,
            previous,
            hash
        ],
    )?;
    Ok(())
}

/// The number of the first row that does not fit the one before it, if there is one.
///
/// # Errors
/// Those of the store.
pub fn first_broken_link(
    tx: &Tx<'_>,
    organisation: OrganisationId,
) -> Result<Option<i64>, StoreError> {
    type Row = (
        i64,
        Timestamp,
        AsWord<Act>,
        Option<PersonId>,
        Option<DeviceId>,
        Option<[u8; 16]>,
        [u8; 32],
    );
    let rows: Vec<Row> = tx.query(
        "SELECT number, at_us, act, person, device, subject, hash FROM audit
         WHERE organisation = $1 ORDER BY number",
        params![organisation],
    )?;
    let mut previous = [0; 32];
    for (expected, (number, at, AsWord(act), person, device, subject, hash)) in (1..).zip(rows) {
        let entry = Entry {
            act,
            person,
            device,
            subject: subject.map(Uuid::from_bytes),
        };
        if number != expected || link(organisation, number, at, &entry, &previous) != hash {
            return Ok(Some(expected));
        }
        previous = hash;
    }
    Ok(None)
}

/// SHA-256 over the row's own JSON and the hash before it.
fn link(
    organisation: OrganisationId,
    number: i64,
    at: Timestamp,
    entry: &Entry,
    previous: &[u8; 32],
) -> [u8; 32] {
    let row = serde_json::json!([
        organisation,
        number,
        at,
        entry.act,
        entry.person,
        entry.device,
        entry.subject.map(|uuid| uuid.to_string()),
        data_encoding::HEXLOWER.encode(previous),
    ]);
    sha256(row.to_string().as_bytes())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_hash_of_a_row_covers_everything_in_it_and_the_row_before() {
        let organisation = |number| OrganisationId::from_uuid(Uuid::from_u128(number));
        let at = Timestamp::from_micros;
        let entry = Entry::of(Act::CodeMade);
        let person = Some(PersonId::from_uuid(Uuid::nil()));
        let device = Some(DeviceId::from_uuid(Uuid::nil()));
        let subject = Some(Uuid::nil());
        let links = [
            link(organisation(1), 1, at(1), &entry, &[0; 32]),
            link(organisation(2), 1, at(1), &entry, &[0; 32]),
            link(organisation(1), 2, at(1), &entry, &[0; 32]),
            link(organisation(1), 1, at(2), &entry, &[0; 32]),
            link(organisation(1), 1, at(1), &entry, &[1; 32]),
            link(
                organisation(1),
                1,
                at(1),
                &Entry::of(Act::CodeVoided),
                &[0; 32],
            ),
            link(
                organisation(1),
                1,
                at(1),
                &Entry { person, ..entry },
                &[0; 32],
            ),
            link(
                organisation(1),
                1,
                at(1),
                &Entry { device, ..entry },
                &[0; 32],
            ),
            link(
                organisation(1),
                1,
                at(1),
                &Entry { subject, ..entry },
                &[0; 32],
            ),
        ];
        let distinct: std::collections::BTreeSet<_> = links.iter().collect();
        assert_eq!(distinct.len(), links.len());
    }
}
