//! What waits to be sent, and what was refused and not settled: the lists that a person sees.

use rusqlite::Transaction;

use super::queue::{Row, open_row, row_parts};
use crate::error::StoreError;

/// A list, with an index of its own. SQLite takes that only where the state is written out: a
/// parameter might be any other one.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Listed {
    Waiting,
    Rejected,
}

impl Listed {
    const fn counting(self) -> &'static str {
        match self {
            Self::Waiting => "SELECT count(*) FROM event WHERE state = 'waiting'",
            Self::Rejected => "SELECT count(*) FROM event WHERE state = 'rejected'",
        }
    }

    const fn rows(self) -> &'static str {
        match self {
            Self::Waiting => {
                "SELECT text, state, target, rejection FROM event WHERE state = 'waiting'
                 ORDER BY queue, seq"
            }
            Self::Rejected => {
                "SELECT text, state, target, rejection FROM event WHERE state = 'rejected'
                 ORDER BY queue, seq"
            }
        }
    }
}

/// How many there are.
pub(crate) fn count(tx: &Transaction<'_>, listed: Listed) -> Result<u64, StoreError> {
    let mut counting = tx.prepare_cached(listed.counting())?;
    Ok(counting.query_row([], |row| row.get(0))?)
}

/// All of them, in order.
pub(crate) fn rows(tx: &Transaction<'_>, listed: Listed) -> Result<Vec<Row>, StoreError> {
    let mut statement = tx.prepare_cached(listed.rows())?;
    let rows = statement.query_map([], row_parts)?;
    rows.map(|row| open_row(row?))
        .filter_map(Result::transpose)
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::store::{files, opening, queue};

    #[test]
    fn what_is_asked_at_every_scan_and_sync_is_asked_of_its_index() {
        let folder = tempfile::tempdir().expect("a folder");
        let files = files::Files {
            folder: folder.path().into(),
        };
        let store = opening::open(&files, || Ok(None), "now")
            .expect("opens")
            .store;
        for (sql, index) in [
            (Listed::Waiting.counting(), "event_waiting"),
            (Listed::Waiting.rows(), "event_waiting"),
            (Listed::Rejected.counting(), "event_rejected"),
            (Listed::Rejected.rows(), "event_rejected"),
            (queue::NEXT_WAITING, "event_waiting"),
        ] {
            let plan = store.read(|tx| {
                let mut plan = tx.prepare(&format!("EXPLAIN QUERY PLAN {sql}"))?;
                let parameters = vec![1_i64; plan.parameter_count()];
                let steps = plan.query_map(rusqlite::params_from_iter(parameters), |row| {
                    row.get("detail")
                })?;
                Ok(steps.collect::<Result<Vec<String>, _>>()?)
            });
            let plan = plan.expect("a plan").join("; ");
            assert!(plan.contains(&format!("INDEX {index}")), "{sql}: {plan}");
            assert!(!plan.contains("TEMP B-TREE"), "{sql}: {plan}");
        }
    }
}
