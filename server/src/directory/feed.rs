//! The directory's feed: for every entry the version at which it last changed. Written in the
//! transaction that changes the entry; the row lock on the organisation keeps versions in the
//! order of commits.

use kokoni_model::clock::Timestamp;
use kokoni_model::ids::{OrganisationId, PersonId};

use crate::organisation;
use crate::params;
use crate::store::{StoreError, Tx, Value};

/// An entry that changed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Mark {
    /// The entry's kind, as on the wire.
    pub kind: &'static str,
    /// Its id; empty where there is one only. A person's calendar goes by the person's id here.
    pub id: String,
    /// Whose alone it is; `None` when it is everybody's.
    pub only_for: Option<PersonId>,
}

impl Mark {
    /// An entry that everybody may see.
    pub fn shared(kind: &'static str, id: impl ToString) -> Self {
        Self {
            kind,
            id: id.to_string(),
            only_for: None,
        }
    }

    /// An entry of one person.
    pub fn private(kind: &'static str, id: impl ToString, person: PersonId) -> Self {
        Self {
            only_for: Some(person),
            ..Self::shared(kind, id)
        }
    }
}

/// Notes changes in this order. When labels are among them the catalogue's version grows; it
/// follows the clock, so that a restored backup does not fall behind what phones have seen. When
/// anything but an item is, the layout's version grows: items come and go all day.
///
/// # Errors
/// Those of the store.
pub fn note(
    tx: &Tx<'_>,
    organisation: OrganisationId,
    marks: &[Mark],
    now: Timestamp,
) -> Result<(), StoreError> {
    if marks.is_empty() {
        return Ok(());
    }
    let last: u64 = tx.one(
        "UPDATE organisation SET directory_version = directory_version + $2
         WHERE id = $1 RETURNING directory_version",
        params![organisation, marks.len() as u64],
    )?;
    let first = last + 1 - marks.len() as u64;
    let row = |(version, mark): (u64, &Mark)| -> Vec<Value> {
        params![
            organisation,
            mark.kind,
            mark.id,
            version,
            mark.only_for.is_none(),
            mark.only_for
        ]
        .to_vec()
    };
    tx.exec_many(
        "INSERT INTO directory_change (organisation, kind, id, version, everyone, person, former)
         VALUES ($1, $2, $3, $4, $5, $6, NULL)
         ON CONFLICT (organisation, kind, id) DO UPDATE SET
             version = excluded.version,
             everyone = CASE WHEN excluded.everyone = 1 THEN 1 ELSE directory_change.everyone END,
             former = CASE
                 WHEN directory_change.person IS NULL THEN directory_change.former
                 WHEN directory_change.person = excluded.person THEN directory_change.former
                 ELSE directory_change.person END,
             person = excluded.person",
        (first..).zip(marks).map(row),
    )?;
    if marks.iter().any(|mark| mark.kind != "item") {
        organisation::move_on(tx, organisation)?;
    }
    if marks.iter().any(|mark| mark.kind == "label") {
        tx.exec(
            "UPDATE organisation SET catalogue_version =
                 CASE WHEN catalogue_version < $2 THEN $2 ELSE catalogue_version + 1 END
             WHERE id = $1",
            params![organisation, now.as_micros() / 1_000],
        )?;
    }
    Ok(())
}
