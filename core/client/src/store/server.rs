//! What the server last said, whose phone this is, and what was lost.

use kokoni_model::clock::Timestamp;
use kokoni_model::event::{Epoch, hash_of};
use kokoni_model::ids::{DeviceId, IncarnationId};
use rusqlite::{OptionalExtension, Transaction, params};
use serde::de::DeserializeOwned;
use serde::{Deserialize, Serialize};

use super::{required_text, text};
use crate::error::StoreError;

fn column<T: rusqlite::types::FromSql>(
    tx: &Transaction<'_>,
    sql: &'static str,
) -> Result<Option<T>, StoreError> {
    let value = tx
        .prepare_cached(sql)?
        .query_row([], |row| row.get::<_, Option<T>>(0))
        .optional()?;
    Ok(value.flatten())
}

fn text_column(tx: &Transaction<'_>, sql: &'static str) -> Result<Option<String>, StoreError> {
    let value = tx
        .prepare_cached(sql)?
        .query_row([], |row| text(row, 0))
        .optional()?;
    Ok(value.flatten())
}

/// What the server can be asked for again: what cannot be read any more is as good as unknown.
fn json_if_readable<T: DeserializeOwned>(
    tx: &Transaction<'_>,
    sql: &'static str,
) -> Result<Option<T>, StoreError> {
    Ok(text_column(tx, sql)?.and_then(|text| serde_json::from_str(&text).ok()))
}

fn set_json<T: Serialize>(
    tx: &Transaction<'_>,
    sql: &'static str,
    value: &T,
) -> Result<(), StoreError> {
    let text = serde_json::to_string(value).map_err(|_| StoreError::Json("a value"))?;
    tx.prepare_cached(sql)?.execute([text])?;
    Ok(())
}

/// Which life of the server's database answered last.
pub(crate) fn incarnation(tx: &Transaction<'_>) -> Result<Option<IncarnationId>, StoreError> {
    let text = text_column(tx, "SELECT incarnation FROM server")?;
    Ok(text.and_then(|text| text.parse().ok()))
}

pub(crate) fn set_incarnation(
    tx: &Transaction<'_>,
    incarnation: IncarnationId,
) -> Result<(), StoreError> {
    tx.execute(
        "UPDATE server SET incarnation = ?1",
        [incarnation.to_string()],
    )?;
    Ok(())
}

macro_rules! json_values {
    ($($get:ident, $set:ident, $column:literal;)+) => {$(
        pub(crate) fn $get<T: DeserializeOwned>(tx: &Transaction<'_>) -> Result<Option<T>, StoreError> {
            json_if_readable(tx, concat!("SELECT ", $column, " FROM server"))
        }

        pub(crate) fn $set<T: Serialize>(tx: &Transaction<'_>, value: &T) -> Result<(), StoreError> {
            set_json(tx, concat!("UPDATE server SET ", $column, " = ?1"), value)
        }
    )+};
}

json_values! {
    me, set_me, "me";
    time_reference, set_time_reference, "time_reference";
    last_problem, set_last_problem_json, "last_problem";
}

/// What the server said of the person is no longer true.
pub(crate) fn forget_me(tx: &Transaction<'_>) -> Result<(), StoreError> {
    tx.execute("UPDATE server SET me = NULL", [])?;
    Ok(())
}

/// A sync got through.
pub(crate) fn note_success(tx: &Transaction<'_>, at: Timestamp) -> Result<(), StoreError> {
    tx.execute(
        "UPDATE server SET last_success_us = ?1, last_problem = NULL, last_problem_us = NULL",
        [at.as_micros()],
    )?;
    Ok(())
}

/// A sync did not get through.
pub(crate) fn note_problem<T: Serialize>(
    tx: &Transaction<'_>,
    problem: &T,
    at: Timestamp,
) -> Result<(), StoreError> {
    set_last_problem_json(tx, problem)?;
    tx.execute("UPDATE server SET last_problem_us = ?1", [at.as_micros()])?;
    Ok(())
}

/// When a sync last got through, and when one last did not.
pub(crate) fn moments(
    tx: &Transaction<'_>,
) -> Result<(Option<Timestamp>, Option<Timestamp>), StoreError> {
    let moment =
        |sql| -> Result<_, StoreError> { Ok(column::<i64>(tx, sql)?.map(Timestamp::from_micros)) };
    Ok((
        moment("SELECT last_success_us FROM server")?,
        moment("SELECT last_problem_us FROM server")?,
    ))
}

/// Where the directory stands: its cursor, unless another life of the server gave it.
pub(crate) fn directory_cursor(tx: &Transaction<'_>) -> Result<Option<String>, StoreError> {
    text_column(
        tx,
        "SELECT directory_cursor FROM server WHERE directory_incarnation IS incarnation",
    )
}

pub(crate) fn set_directory_cursor(
    tx: &Transaction<'_>,
    cursor: &str,
    incarnation: IncarnationId,
) -> Result<(), StoreError> {
    tx.execute(
        "UPDATE server SET directory_cursor = ?1, directory_incarnation = ?2",
        params![cursor, incarnation.to_string()],
    )?;
    Ok(())
}

/// Whose phone this is. A row whose bytes no longer have their hash is as unreadable as one that is
/// no JSON any more.
pub(crate) fn identity<T: DeserializeOwned>(tx: &Transaction<'_>) -> Result<Option<T>, StoreError> {
    let row = tx
        .prepare_cached("SELECT json, hash FROM identity")?
        .query_row([], |row| {
            Ok((required_text(row, 0)?, row.get::<_, Option<Vec<u8>>>(1)?))
        })
        .optional()?;
    let Some((json, hash)) = row else {
        return Ok(None);
    };
    let changed = hash.is_some_and(|hash| hash_of(json.as_bytes()).as_bytes().as_slice() != hash);
    let identity = serde_json::from_str(&json).ok().filter(|_| !changed);
    identity.map(Some).ok_or(StoreError::Json("identity"))
}

/// Whether it is anybody's.
pub(crate) fn has_identity(tx: &Transaction<'_>) -> Result<bool, StoreError> {
    Ok(tx
        .prepare_cached("SELECT EXISTS (SELECT 1 FROM identity)")?
        .query_row([], |row| row.get(0))?)
}

/// Which device it is, where it is anybody's. Phones get SQLite without its JSON.
pub(crate) fn device(tx: &Transaction<'_>) -> Result<Option<DeviceId>, StoreError> {
    #[derive(Deserialize)]
    struct Part {
        device: DeviceId,
    }
    Ok(identity(tx)?.map(|Part { device }| device))
}

pub(crate) fn set_identity<T: Serialize>(
    tx: &Transaction<'_>,
    value: &T,
) -> Result<(), StoreError> {
    let json = serde_json::to_string(value).map_err(|_| StoreError::Json("identity"))?;
    tx.execute(
        "INSERT OR REPLACE INTO identity (one, json, hash) VALUES (1, ?1, ?2)",
        params![json, hash_of(json.as_bytes()).as_bytes()],
    )?;
    Ok(())
}

/// It is nobody's any more: who it was cannot be read.
pub(crate) fn forget_identity(tx: &Transaction<'_>) -> Result<(), StoreError> {
    tx.execute("DELETE FROM identity", [])?;
    Ok(())
}

/// Nothing is left of what the person recorded, what of it was lost, and what they put off.
pub(crate) fn forget_person(tx: &Transaction<'_>) -> Result<(), StoreError> {
    tx.execute_batch(
        "DELETE FROM event; DELETE FROM queue; DELETE FROM loss; DELETE FROM snooze;
         DELETE FROM identity;
         UPDATE server SET time_reference = NULL, last_success_us = NULL, last_problem = NULL,
             last_problem_us = NULL;",
    )?;
    forget_server(tx)
}

/// What the last server said counts no more: the device was enrolled anew.
pub(crate) fn forget_server(tx: &Transaction<'_>) -> Result<(), StoreError> {
    tx.execute_batch(
        "UPDATE server SET incarnation = NULL, me = NULL, directory_cursor = NULL,
             directory_incarnation = NULL;
         UPDATE queue SET held_through = 0;
         DELETE FROM directory;
         DELETE FROM catalogue;",
    )?;
    Ok(())
}

/// Saved records that could not be read back.
pub(crate) fn note_loss(
    tx: &Transaction<'_>,
    epoch: Epoch,
    first_seq: u64,
    last_seq: u64,
    found: Timestamp,
) -> Result<(), StoreError> {
    tx.execute(
        "INSERT INTO loss (epoch, first_seq, last_seq, found_us) VALUES (?1, ?2, ?3, ?4)",
        params![epoch.to_string(), first_seq, last_seq, found.as_micros()],
    )?;
    Ok(())
}

/// A run of lost records.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct LossRow {
    pub(crate) epoch: String,
    pub(crate) first_seq: u64,
    pub(crate) last_seq: u64,
    pub(crate) found: Timestamp,
}

/// Losses that the person, or the server, has not been told of.
pub(crate) fn untold_losses(
    tx: &Transaction<'_>,
    to_server: bool,
) -> Result<Vec<LossRow>, StoreError> {
    let told = if to_server {
        "server_told"
    } else {
        "person_told"
    };
    let mut statement = tx.prepare(&format!(
        "SELECT epoch, first_seq, last_seq, found_us FROM loss WHERE {told} = 0
         ORDER BY number"
    ))?;
    let rows = statement.query_map([], |row| {
        Ok(LossRow {
            epoch: required_text(row, 0)?,
            first_seq: row.get(1)?,
            last_seq: row.get(2)?,
            found: Timestamp::from_micros(row.get(3)?),
        })
    })?;
    Ok(rows.collect::<Result<_, _>>()?)
}

/// The person has been told of every loss so far.
pub(crate) fn losses_told_to_person(tx: &Transaction<'_>) -> Result<(), StoreError> {
    tx.execute("UPDATE loss SET person_told = 1", [])?;
    Ok(())
}

/// The server has been told of an epoch's losses.
pub(crate) fn losses_told_to_server(tx: &Transaction<'_>, epoch: Epoch) -> Result<(), StoreError> {
    tx.execute(
        "UPDATE loss SET server_told = 1 WHERE epoch = ?1",
        [epoch.to_string()],
    )?;
    Ok(())
}

/// Puts off a day's reminders.
pub(crate) fn snooze(
    tx: &Transaction<'_>,
    date: chrono::NaiveDate,
    until: Timestamp,
) -> Result<(), StoreError> {
    tx.execute(
        "INSERT INTO snooze (date, until_us) VALUES (?1, ?2)
         ON CONFLICT (date) DO UPDATE SET until_us = excluded.until_us",
        params![date.to_string(), until.as_micros()],
    )?;
    Ok(())
}

/// Until when a day's reminders are put off.
pub(crate) fn snoozed_until(
    tx: &Transaction<'_>,
    date: chrono::NaiveDate,
) -> Result<Option<Timestamp>, StoreError> {
    Ok(tx
        .prepare_cached("SELECT until_us FROM snooze WHERE date = ?1")?
        .query_row([date.to_string()], |row| row.get(0))
        .optional()?
        .map(Timestamp::from_micros))
}
