//! What an app shows of the sync, and what a person can hand to support: no names, no labels, no
//! tokens, no codes.

use kokoni_model::clock::Timestamp;
use serde::Serialize;
use serde_json::{Value, json};

use super::Engine;
use crate::error::ClientError;
use crate::store::listed::{self, Listed};
use crate::store::{SCHEMA, directory, server};
use crate::time::TimeReference;

/// How the queue stands.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Status {
    /// How many events wait to be sent.
    pub waiting: u64,
    /// How many the server refused and the person has not settled.
    pub rejected: u64,
    /// When a sync last got through, by the phone's wall clock.
    pub last_success_us: Option<Timestamp>,
    /// What was in the way last, by its code, unless a sync got through since.
    pub last_problem: Option<String>,
    /// When, by the phone's wall clock.
    pub last_problem_us: Option<Timestamp>,
}

impl Engine {
    /// How the queue stands; to be asked again whenever an observer hears of the queue or a sync.
    ///
    /// # Errors
    /// When the database cannot be read.
    pub fn status(&self) -> Result<Status, ClientError> {
        Ok(self.0.store.read(|tx| {
            let (last_success_us, last_problem_us) = server::moments(tx)?;
            Ok(Status {
                waiting: listed::count(tx, Listed::Waiting)?,
                rejected: listed::count(tx, Listed::Rejected)?,
                last_success_us,
                last_problem: server::last_problem(tx)?,
                last_problem_us,
            })
        })?)
    }

    /// Everything that helps to find a fault, without personal data.
    ///
    /// # Errors
    /// When the database cannot be read.
    pub fn diagnostics(&self) -> Result<Value, ClientError> {
        let inner = &*self.0;
        let status = self.status()?;
        let now = inner.now();
        let marks = inner.high_water.read().unwrap_or_default();
        let database_bytes =
            std::fs::metadata(inner.files.database()).map_or(0, |metadata| metadata.len());
        Ok(inner.store.read(|tx| {
            let reference: Option<TimeReference> = server::time_reference(tx)?;
            let mut queues = tx.prepare(
                "SELECT queue.epoch, queue.next_seq, queue.held_through,
                        sum(event.state = 'waiting'), sum(event.state = 'applied'),
                        sum(event.state = 'rejected'), sum(event.state = 'damaged')
                 FROM queue LEFT JOIN event ON event.queue = queue.number
                 GROUP BY queue.number ORDER BY queue.number",
            )?;
            let queues: Result<Vec<Value>, rusqlite::Error> = queues
                .query_map([], |row| {
                    let number = |index| row.get::<_, Option<u64>>(index);
                    Ok(json!({
                        "epoch": row.get::<_, String>(0)?,
                        "next_seq": number(1)?, "held_through": number(2)?,
                        "waiting": number(3)?, "applied": number(4)?,
                        "rejected": number(5)?, "damaged": number(6)?,
                    }))
                })?
                .collect();
            let losses: u64 = tx.query_row("SELECT count(*) FROM loss", [], |row| row.get(0))?;
            let directory: u64 =
                tx.query_row("SELECT count(*) FROM directory", [], |row| row.get(0))?;
            Ok(json!({
                "app_version": inner.app_version,
                "engine_version": env!("CARGO_PKG_VERSION"),
                "sqlite_version": rusqlite::version(),
                "schema": SCHEMA,
                "database_bytes": database_bytes,
                "clock": {
                    "wall_us": now.wall_us, "offset_min": now.offset_min, "mono_ms": now.mono_ms,
                    "skew_us": reference.map(|r| r.server_us.micros_since(r.clock.wall_us)),
                },
                "status": status,
                "queues": queues?,
                "high_water": marks.iter()
                    .map(|mark| json!({
                        "epoch": mark.epoch, "saved_through": mark.saved_through,
                        "held_through": mark.held_through,
                    }))
                    .collect::<Vec<_>>(),
                "losses": losses,
                "directory_entries": directory,
                "catalogue_version": directory::catalogue_version(tx)?,
                "incarnation": server::incarnation(tx)?,
            }))
        })?)
    }
}
