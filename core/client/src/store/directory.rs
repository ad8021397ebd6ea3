//! The directory and the catalogue as the phone keeps them.

use kokoni_model::catalogue::Catalogue;
use kokoni_model::label::LabelId;
use kokoni_model::rules::meaning::Target;
use kokoni_model::wire::directory::{DirectoryChange, DirectoryDelta, DirectoryEntry};
use rusqlite::{OptionalExtension, Transaction, params};

use super::{required_text, server};
use crate::error::StoreError;

/// Takes a delta and its cursor, in one transaction. Entries of a later version are skipped.
pub(crate) fn apply(tx: &Transaction<'_>, delta: &DirectoryDelta) -> Result<(), StoreError> {
    if delta.reset {
        tx.execute("DELETE FROM directory", [])?;
    }
    let mut put = tx.prepare_cached(
        "INSERT INTO directory (kind, id, json) VALUES (?1, ?2, ?3)
         ON CONFLICT (kind, id) DO UPDATE SET json = excluded.json",
    )?;
    let mut remove = tx.prepare_cached("DELETE FROM directory WHERE kind = ?1 AND id = ?2")?;
    for change in &delta.changes {
        match change {
            DirectoryChange::Put { entry } => {
                let Some(key) = entry.key() else { continue };
                let json = serde_json::to_string(entry)
                    .map_err(|_| StoreError::Json("a directory entry"))?;
                put.execute(params![key.kind, key.id, json])?;
            }
            DirectoryChange::Remove { key } => {
                remove.execute(params![key.kind, key.id])?;
            }
            DirectoryChange::Unknown => {}
        }
    }
    drop((put, remove));
    server::set_directory_cursor(tx, &delta.cursor, delta.incarnation)
}

/// One entry; the id is empty for kinds of which there is one.
pub(crate) fn entry(
    tx: &Transaction<'_>,
    kind: &str,
    id: &str,
) -> Result<Option<DirectoryEntry>, StoreError> {
    let json = tx
        .prepare_cached("SELECT json FROM directory WHERE kind = ?1 AND id = ?2")?
        .query_row([kind, id], |row| required_text(row, 0))
        .optional()?;
    Ok(json.and_then(|json| parse(&json)))
}

/// Every entry of a kind, by id.
pub(crate) fn entries(tx: &Transaction<'_>, kind: &str) -> Result<Vec<DirectoryEntry>, StoreError> {
    let mut statement =
        tx.prepare_cached("SELECT json FROM directory WHERE kind = ?1 ORDER BY id")?;
    let rows = statement.query_map([kind], |row| required_text(row, 0))?;
    let parsed = rows.map(|json| Ok(parse(&json?)));
    parsed.filter_map(Result::transpose).collect()
}

/// What a label is bound to, as far as the phone knows.
pub(crate) fn target(tx: &Transaction<'_>, label: LabelId) -> Result<Option<Target>, StoreError> {
    Ok(match entry(tx, "label", &label.to_string())? {
        Some(DirectoryEntry::Label(binding)) => Some(binding.target),
        _ => None,
    })
}

/// An entry that cannot be read is as good as unknown: a label then says "unknown", and the server
/// decides.
fn parse(json: &str) -> Option<DirectoryEntry> {
    serde_json::from_str(json).ok()
}

/// The version of the catalogue that is kept; 0 when there is none.
pub(crate) fn catalogue_version(tx: &Transaction<'_>) -> Result<u64, StoreError> {
    Ok(tx
        .query_row("SELECT version FROM catalogue", [], |row| row.get(0))
        .optional()?
        .unwrap_or(0))
}

/// The catalogue that is kept.
pub(crate) fn catalogue(tx: &Transaction<'_>) -> Result<Option<Catalogue>, StoreError> {
    let json = tx
        .query_row("SELECT json FROM catalogue", [], |row| {
            required_text(row, 0)
        })
        .optional()?;
    Ok(json.and_then(|json| serde_json::from_str(&json).ok()))
}

/// Keeps a verified catalogue, if it is newer than the one that is kept.
pub(crate) fn set_catalogue(
    tx: &Transaction<'_>,
    version: u64,
    json: &str,
) -> Result<bool, StoreError> {
    let changed = tx.execute(
        "INSERT INTO catalogue (one, version, json) VALUES (1, ?1, ?2)
         ON CONFLICT (one) DO UPDATE SET version = excluded.version, json = excluded.json
         WHERE excluded.version > catalogue.version",
        params![version, json],
    )?;
    Ok(changed > 0)
}
