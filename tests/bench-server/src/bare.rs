//! The bound from below: SQLite alone, the same bytes, FULL durability, in batches.

use std::path::Path;
use std::time::{Duration, Instant};

use anyhow::Result;
use rusqlite::Connection;

/// Rows per second when `batch` rows go into one commit, over about `time`.
pub(crate) fn rows_per_second(
    folder: &Path,
    row: &str,
    batch: usize,
    time: Duration,
) -> Result<f64> {
    let database = Connection::open(folder.join(format!("bare-{batch}.db")))?;
    database.execute_batch(
        "PRAGMA journal_mode = WAL; PRAGMA synchronous = FULL;
         CREATE TABLE event (device INTEGER, seq INTEGER, text TEXT, PRIMARY KEY (device, seq));",
    )?;
    let (begun, mut rows) = (Instant::now(), 0usize);
    while begun.elapsed() < time {
        let commit = database.unchecked_transaction()?;
        {
            let mut insert = commit.prepare_cached("INSERT INTO event VALUES (?1, ?2, ?3)")?;
            for _ in 0..batch {
                insert.execute((rows as i64 % 256, rows as i64, row))?;
                rows += 1;
            }
        }
        commit.commit()?;
    }
    Ok(rows as f64 / begun.elapsed().as_secs_f64())
}
