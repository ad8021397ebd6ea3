//! The directory as a delta since a cursor. A cursor is the incarnation of the database and a
//! version of the feed; one of another incarnation starts anew.

use kokoni_model::ids::{IncarnationId, PersonId};
use kokoni_model::wire::directory::{DirectoryChange, DirectoryDelta, DirectoryKey};

use super::entries::Viewer;
use crate::auth::Caller;
use crate::params;
use crate::store::{StoreError, Tx};

/// Changes in one answer.
pub const PAGE: u64 = 500;

/// How far a phone has read.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Cursor {
    incarnation: IncarnationId,
    version: u64,
}

impl Cursor {
    /// Reads a cursor that was handed out; `None` when it is none.
    pub fn parse(text: &str) -> Option<Self> {
        let (incarnation, version) = text.split_once('.')?;
        Some(Self {
            incarnation: incarnation.parse().ok()?,
            version: version.parse().ok()?,
        })
    }

    fn text(self) -> String {
        format!("{}.{}", self.incarnation, self.version)
    }
}

/// What changed since, as this person may see it.
///
/// # Errors
/// Those of the store.
pub fn since(
    tx: &Tx<'_>,
    caller: Caller,
    incarnation: IncarnationId,
    cursor: Option<Cursor>,
    page: u64,
) -> Result<DirectoryDelta, StoreError> {
    type Change = (u64, String, String, bool, Option<PersonId>);
    let viewer = Viewer::load(tx, caller)?;
    let now_at: u64 = tx.one(
        "SELECT directory_version FROM organisation WHERE id = $1",
        params![caller.organisation],
    )?;
    let known = cursor.filter(|cursor| {
        cursor.incarnation == incarnation && cursor.version <= now_at && cursor.version > 0
    });
    let reset = known.is_none();
    let rows: Vec<Change> = tx.query(
        "SELECT version, kind, id, everyone, former FROM directory_change
         WHERE organisation = $1 AND version > $2
             AND (everyone = 1 OR person = $3 OR former = $3)
         ORDER BY version LIMIT $4",
        params![
            caller.organisation,
            known.map_or(0, |cursor| cursor.version),
            caller.person,
            page + 1
        ],
    )?;
    let more = rows.len() as u64 > page;
    let rows = &rows[..rows.len().min(page as usize)];
    let mut changes = Vec::with_capacity(rows.len());
    for (_, kind, id, ..) in rows {
        match viewer.entry(tx, kind, id)? {
            Some(entry) => changes.push(DirectoryChange::Put {
                entry: Box::new(entry),
            }),
            None if reset => {}
            None => changes.push(DirectoryChange::Remove {
                key: DirectoryKey {
                    kind: kind.clone(),
                    id: id.clone(),
                },
            }),
        }
    }
    let read_to = match rows.last() {
        Some((version, ..)) if more => *version,
        _ => now_at,
    };
    let cursor = Cursor {
        incarnation,
        version: read_to,
    };
    Ok(DirectoryDelta {
        incarnation,
        cursor: cursor.text(),
        reset,
        more,
        changes,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_cursor_reads_back_and_anything_else_is_none() {
        let cursor = Cursor {
            incarnation: IncarnationId::from_uuid(uuid::Uuid::from_u128(7)),
            version: 12,
        };
        assert_eq!(Cursor::parse(&cursor.text()), Some(cursor));
        for wrong in ["", "12", "x.12", "00000000-0000-0000-0000-000000000007.-1"] {
            assert_eq!(Cursor::parse(wrong), None, "{wrong}");
        }
    }
}
