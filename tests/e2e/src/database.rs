//! The server's database, looked into from outside: what it holds of a device, and a digest of
//! everything in it, so that "changes nothing" can be shown.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt;
use std::path::Path;

use kokoni_model::ids::{DeviceId, OrganisationId};
use rusqlite::types::ValueRef;
use rusqlite::{Connection, OpenFlags, Params};
use sha2::{Digest as _, Sha256};
use uuid::Uuid;

use crate::history::HeldEvent;

/// A connection of its own that only reads, beside a running server or after its end.
pub struct Database(Connection);

/// Every table with the number of its rows and a hash over them. No table and no column is left
/// out: there is nothing in the database that a refused request may touch.
#[derive(Clone, PartialEq, Eq)]
pub struct Digest(BTreeMap<String, (u64, [u8; 32])>);

impl Digest {
    /// The tables that differ, with their rows before and after.
    pub fn differences(&self, after: &Self) -> Vec<String> {
        self.0
            .iter()
            .filter_map(|(table, before)| {
                let after = after.0.get(table)?;
                (before != after).then(|| format!("{table}: {} -> {} rows", before.0, after.0))
            })
            .collect()
    }

    /// Rows of all tables together.
    pub fn rows(&self) -> u64 {
        self.0.values().map(|(rows, _)| rows).sum()
    }
}

impl fmt::Debug for Digest {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_map()
            .entries(self.0.iter().map(|(table, (rows, hash))| {
                (
                    table,
                    format!("{rows} rows, {:02x}{:02x}…", hash[0], hash[1]),
                )
            }))
            .finish()
    }
}

impl Database {
    /// Opens the database of a server's data folder.
    pub fn open(data: &Path) -> Self {
        let file = data.join(kokoni_server::store::FILE_NAME);
        let flags = OpenFlags::SQLITE_OPEN_READ_WRITE | OpenFlags::SQLITE_OPEN_NO_MUTEX;
        let connection = Connection::open_with_flags(file, flags).expect("the server's database");
        connection
            .busy_timeout(std::time::Duration::from_secs(10))
            .expect("waits");
        // Recovery of a log that a killed server left behind needs a file that can be written.
        connection
            .pragma_update(None, "query_only", true)
            .expect("only reads");
        Self(connection)
    }

    /// Everything.
    pub fn digest(&self) -> Digest {
        self.digest_where(|_| String::new(), [])
    }

    /// Everything of one organisation.
    pub fn digest_of(&self, organisation: OrganisationId) -> Digest {
        let key = organisation.as_uuid().as_bytes().to_vec();
        let own = |table: &str| match table {
            "organisation" => "WHERE id = ?1".to_owned(),
            _ if self
                .columns(table)
                .iter()
                .any(|name| name == "organisation") =>
            {
                "WHERE organisation = ?1".to_owned()
            }
            // Tables of the server itself.
            _ => "WHERE ?1 IS NULL".to_owned(),
        };
        self.digest_where(own, [key])
    }

    fn digest_where<P: Params + Clone>(
        &self,
        condition: impl Fn(&str) -> String,
        params: P,
    ) -> Digest {
        let tables = self.texts(
            "SELECT name FROM sqlite_schema
             WHERE type = 'table' AND name NOT LIKE 'sqlite\\_%' ESCAPE '\\' ORDER BY name",
        );
        let digest = |table: &String| {
            let order: Vec<String> = (1..=self.columns(table).len())
                .map(|column| column.to_string())
                .collect();
            let sql = format!(
                "SELECT * FROM \"{table}\" {} ORDER BY {}",
                condition(table),
                order.join(", ")
            );
            let mut statement = self.0.prepare(&sql).expect(&sql);
            let width = statement.column_count();
            let mut rows = statement.query(params.clone()).expect(&sql);
            let (mut count, mut hash) = (0, Sha256::new());
            while let Some(row) = rows.next().expect("a row") {
                count += 1;
                for column in 0..width {
                    feed(&mut hash, row.get_ref(column).expect("a column"));
                }
            }
            (table.clone(), (count, hash.finalize().into()))
        };
        Digest(tables.iter().map(digest).collect())
    }

    fn columns(&self, table: &str) -> Vec<String> {
        self.texts(&format!(
            "SELECT name FROM pragma_table_info('{table}') ORDER BY cid"
        ))
    }

    fn texts(&self, sql: &str) -> Vec<String> {
        let mut statement = self.0.prepare(sql).expect(sql);
        statement
            .query_map([], |row| row.get(0))
            .and_then(Iterator::collect)
            .expect(sql)
    }

    /// One number.
    pub fn number(&self, sql: &str, params: impl Params) -> i64 {
        self.0
            .query_row(sql, params, |row| row.get(0))
            .unwrap_or_else(|error| panic!("{error}: {sql}"))
    }

    /// The devices of an organisation, in the order in which they were enrolled.
    pub fn devices(&self, organisation: OrganisationId) -> Vec<DeviceId> {
        let mut statement = self
            .0
            .prepare("SELECT id FROM device WHERE organisation = ?1 ORDER BY enrolled_us, id")
            .expect("the devices");
        let key = organisation.as_uuid().as_bytes().to_vec();
        let ids: Vec<[u8; 16]> = statement
            .query_map([key], |row| row.get(0))
            .and_then(Iterator::collect)
            .expect("the devices");
        ids.into_iter()
            .map(|id| DeviceId::from_uuid(Uuid::from_bytes(id)))
            .collect()
    }

    /// The events of a device, as they were applied.
    pub fn held(&self, device: DeviceId) -> Vec<HeldEvent> {
        let mut statement = self
            .0
            .prepare("SELECT raw, outcome, counted_us FROM event WHERE device = ?1 ORDER BY rowid")
            .expect("the events");
        let key = device.as_uuid().as_bytes().to_vec();
        statement
            .query_map([key], |row| {
                let raw: String = row.get(0)?;
                Ok(HeldEvent {
                    event: serde_json::from_str(&raw).expect("an event"),
                    outcome: row.get(1)?,
                    counted_us: row.get(2)?,
                })
            })
            .and_then(Iterator::collect)
            .expect("the events")
    }

    /// The numbers of a device's events that were given a flag.
    pub fn flagged(&self, device: DeviceId, flag: &str) -> BTreeSet<u64> {
        let mut statement = self
            .0
            .prepare("SELECT seq FROM event WHERE device = ?1 AND instr(flags, ?2) > 0")
            .expect("the events");
        let key = device.as_uuid().as_bytes().to_vec();
        statement
            .query_map((key, format!("\"{flag}\"")), |row| row.get::<_, i64>(0))
            .and_then(|rows| rows.map(|seq| Ok(seq?.unsigned_abs())).collect())
            .expect("the events")
    }

    /// Whether a text stands anywhere in the database.
    pub fn contains(&self, wanted: &str) -> bool {
        let tables = self.texts("SELECT name FROM sqlite_schema WHERE type = 'table'");
        tables.iter().any(|table| {
            self.columns(table).iter().any(|column| {
                let sql = format!(
                    "SELECT count(*) FROM \"{table}\"
                     WHERE instr(CAST(\"{column}\" AS TEXT), ?1) > 0"
                );
                self.number(&sql, [wanted]) > 0
            })
        })
    }
}

/// One value, with its type and length, so that no two rows run together.
fn feed(hash: &mut Sha256, value: ValueRef<'_>) {
    let (kind, bytes): (u8, Vec<u8>) = match value {
        ValueRef::Null => (0, vec![]),
        ValueRef::Integer(number) => (1, number.to_le_bytes().to_vec()),
        ValueRef::Real(number) => (2, number.to_bits().to_le_bytes().to_vec()),
        ValueRef::Text(text) => (3, text.to_vec()),
        ValueRef::Blob(blob) => (4, blob.to_vec()),
    };
    hash.update([kind]);
    hash.update((bytes.len() as u64).to_le_bytes());
    hash.update(&bytes);
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::office::Office;

    #[test]
    fn the_digest_notices_one_changed_value_and_names_its_table() {
        let office = Office::new();
        let database = Database::open(&office.data());
        let (all, other) = (database.digest(), database.digest_of(office.other.made.id));
        let writer = Connection::open(office.data().join("kokoni.db")).expect("opens");
        let key = office.ours.made.id.as_uuid().as_bytes().to_vec();
        writer
            .execute(
                "UPDATE item SET name = name || 'x' WHERE organisation = ?1",
                [key],
            )
            .expect("changed");
        assert_eq!(
            all.differences(&database.digest()),
            ["item: 4 -> 4 rows"],
            "{all:?}"
        );
        assert_eq!(other, database.digest_of(office.other.made.id));
        assert!(other.rows() > 30);
    }
}
