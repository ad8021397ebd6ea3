//! What SQLite is told of the tables' sizes, so that a statement is planned for an office and not
//! for ten rows. Without it an index that begins with the organisation, as all do, seems hardly
//! better than reading the whole organisation, and every refresh of a token read all tokens.
//!
//! The figures are made up and never change with the data: plans stay the same from the first day.

use rusqlite::Connection;

use super::engine::classify;
use super::error::StoreError;

/// Rows of every table.
const ROWS: u64 = 1_000_000;

/// An index narrows what the columns before it left by so much with each further column.
const NARROWER: u64 = 100;

/// Writes the statistics of every index that has none.
pub(super) fn set(connection: &Connection) -> Result<(), StoreError> {
    set_all(connection).map_err(classify)
}

fn set_all(connection: &Connection) -> rusqlite::Result<()> {
    // Makes the table of statistics when it is not there, and reads nothing.
    connection.execute_batch("ANALYZE sqlite_schema")?;
    let missing: Vec<(String, String, bool, u32)> = connection
        .prepare(
            // The key of a table without row numbers goes by the table's own name.
            "SELECT * FROM
                 (SELECT t.name, CASE WHEN l.wr AND i.origin = 'pk' THEN t.name ELSE i.name END AS idx,
                      i.\"unique\", (SELECT count(*) FROM pragma_index_info(i.name))
                  FROM sqlite_schema t
                  JOIN pragma_table_list(t.name) l
                  JOIN pragma_index_list(t.name) i
                  WHERE t.type = 'table' AND l.schema = 'main'
                      AND t.name NOT LIKE 'sqlite%' AND t.name NOT LIKE 'refinery%')
             WHERE idx NOT IN (SELECT idx FROM sqlite_stat1)",
        )?
        .query_map([], |row| {
            Ok((row.get(0)?, row.get(1)?, row.get(2)?, row.get(3)?))
        })?
        .collect::<Result<_, _>>()?;
    if missing.is_empty() {
        return Ok(());
    }
    let all = connection.unchecked_transaction()?;
    for (table, index, unique, columns) in missing {
        all.execute(
            "INSERT INTO sqlite_stat1 (tbl, idx, stat) VALUES (?1, ?2, ?3)",
            (&table, &index, figures(columns, unique)),
        )?;
    }
    all.commit()?;
    // Reads what has been written.
    connection.execute_batch("ANALYZE sqlite_schema")
}

/// The number of rows, then how many there are for one value of the first column, of the first
/// two ... The first column is the organisation: a server has few.
fn figures(columns: u32, unique: bool) -> String {
    let narrowed = (0..columns).map(|column| {
        if unique && column + 1 == columns {
            1
        } else {
            (ROWS / 2 / NARROWER.saturating_pow(column)).max(2)
        }
    });
    std::iter::once(ROWS)
        .chain(narrowed)
        .map(|rows| rows.to_string())
        .collect::<Vec<_>>()
        .join(" ")
}

#[cfg(test)]
mod tests {
    use super::figures;

    #[test]
    fn every_further_column_narrows() {
        assert_eq!(figures(1, true), "1000000 1");
        assert_eq!(figures(2, false), "1000000 500000 5000");
        assert_eq!(figures(4, true), "1000000 500000 5000 50 1");
        assert_eq!(figures(6, false), "1000000 500000 5000 50 2 2 2");
    }
}
