//! Where the labels of a sheet come from: ids on the command line, a CSV file, or fresh ones.

use std::path::{Path, PathBuf};

use anyhow::{Context, Result, anyhow, ensure};
use clap::Args;
use kokoni_model::label::{Host, LABEL_ID_BYTES, LABEL_ID_CHARS, LabelId, parse_typed_label};
use kokoni_server::setup::{LabelListed, labels};

use crate::administration;

/// One label to print.
#[derive(Debug)]
pub(super) struct LabelRow {
    pub(super) id: LabelId,
    pub(super) caption: Option<String>,
}

#[derive(Args)]
pub(super) struct LabelSource {
    #[command(flatten)]
    which: WhichLabels,
    /// With --data: only this floor, by its name; with the building's before it where that is needed
    #[arg(long, value_name = "NAME", requires = "data")]
    floor: Option<String>,
}

#[derive(Args)]
#[group(required = true, multiple = false)]
struct WhichLabels {
    /// Everything that is labelled in the organisation of this data folder
    #[arg(long, value_name = "DIR")]
    data: Option<PathBuf>,
    /// CSV with a column `label` and, if you like, `caption`; `-` is standard input
    #[arg(long, value_name = "FILE")]
    from: Option<PathBuf>,
    /// Ids, each 16 characters or as printed
    #[arg(long, value_name = "ID", num_args = 1..)]
    ids: Vec<String>,
    /// This many blank stickers with fresh ids, to be bound later; the ids are printed
    #[arg(long, value_name = "COUNT", value_parser = clap::value_parser!(u16).range(1..=10_000))]
    blank: Option<u16>,
}

impl LabelSource {
    /// The labels, and the host that stands in them.
    pub(super) fn read(&self, host: Option<&Host>) -> Result<(Host, Vec<LabelRow>)> {
        if let Some(data) = &self.which.data {
            return self.of_organisation(data, host);
        }
        let host = host.context("labels have a host; give --host")?;
        Ok((host.clone(), self.which.read()?))
    }

    fn of_organisation(&self, data: &Path, host: Option<&Host>) -> Result<(Host, Vec<LabelRow>)> {
        let store = administration::open(data)?;
        let organisation = administration::the_organisation(&store, host)?;
        let mut listed = labels(&store, organisation.id)?;
        if let Some(floor) = &self.floor {
            listed.retain(|label| {
                let named = label.floor.as_ref();
                let with_site = named.map(|name| format!("{} {name}", label.site));
                named == Some(floor) || with_site.as_ref() == Some(floor)
            });
            ensure!(
                !listed.is_empty(),
                "there is no label on a floor called {floor}"
            );
        }
        let row = |label: LabelListed| LabelRow {
            id: label.label,
            caption: Some(match label.floor {
                Some(floor) => format!("{floor} {}", label.name),
                None => format!("{} 出口", label.name),
            }),
        };
        Ok((
            organisation.label_host,
            listed.into_iter().map(row).collect(),
        ))
    }
}

impl WhichLabels {
    fn read(&self) -> Result<Vec<LabelRow>> {
        if let Some(count) = self.blank {
            return (0..count).map(|_| fresh()).collect();
        }
        if let Some(path) = &self.from {
            return if path.as_os_str() == "-" {
                rows(std::io::stdin().lock())
            } else {
                let file = std::fs::File::open(path)
                    .with_context(|| format!("cannot open {}", path.display()))?;
                rows(file)
            };
        }
        self.ids
            .iter()
            .map(|id| {
                Ok(LabelRow {
                    id: parse_id(id)?,
                    caption: None,
                })
            })
            .collect()
    }
}

/// Reads an id as it stands in files or as it is printed under the code.
pub(super) fn parse_id(text: &str) -> Result<LabelId> {
    LabelId::parse_exact(text).or_else(|exact| {
        let typed = parse_typed_label(text);
        typed.map_err(|typed| {
            if text.chars().count() == LABEL_ID_CHARS {
                anyhow!(exact)
            } else {
                anyhow!(typed)
            }
        })
    })
}

fn fresh() -> Result<LabelRow> {
    let mut bytes = [0; LABEL_ID_BYTES];
    getrandom::fill(&mut bytes).map_err(|error| anyhow!("no randomness to be had: {error}"))?;
    let id = LabelId::from_bytes(bytes);
    crate::output::print(&id.to_string())?;
    Ok(LabelRow { id, caption: None })
}

fn rows(source: impl std::io::Read) -> Result<Vec<LabelRow>> {
    let mut reader = csv::ReaderBuilder::new()
        .trim(csv::Trim::All)
        .flexible(true)
        .from_reader(source);
    let headers = reader
        .headers()
        .context("the CSV has no header line")?
        .clone();
    let column = |name: &str| {
        headers.iter().position(|header| {
            header
                .trim_start_matches('\u{feff}')
                .eq_ignore_ascii_case(name)
        })
    };
    let label = column("label").context("the CSV has no column `label`")?;
    let caption = column("caption");
    let mut rows = Vec::new();
    for record in reader.records() {
        let record = record.context("the CSV cannot be read")?;
        let line = record.position().map_or(0, csv::Position::line);
        let text = record.get(label).unwrap_or_default();
        let id = parse_id(text).with_context(|| format!("line {line}, column `label`"))?;
        let caption = caption
            .and_then(|at| record.get(at))
            .filter(|words| !words.is_empty());
        rows.push(LabelRow {
            id,
            caption: caption.map(str::to_owned),
        });
    }
    ensure!(!rows.is_empty(), "the CSV has a header line and no labels");
    Ok(rows)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_csv_from_a_spreadsheet_is_read() {
        let csv =
            "\u{feff}label,caption\r\n0123456789ABCDEF,3階 A-12\r\n0000-0000-0000-0000-0,\r\n";
        let rows = rows(csv.as_bytes()).expect("read");
        assert_eq!(rows[0].caption.as_deref(), Some("3階 A-12"));
        assert_eq!(rows[1].id, LabelId::from_bytes([0; 10]));
        assert_eq!(rows[1].caption, None);
    }

    #[test]
    fn a_bad_row_names_its_line_and_column() {
        let error = rows("label\n0123456789ABCDEF\nXYZ\n".as_bytes()).expect_err("refused");
        let text = format!("{error:#}");
        assert!(
            text.contains("line 3") && text.contains("`label`") && text.contains("3"),
            "{text}"
        );
    }

    #[test]
    fn missing_columns_and_rows_are_named() {
        let refusal = |csv: &str| rows(csv.as_bytes()).expect_err("refused").to_string();
        assert!(refusal("id,caption\n").contains("`label`"));
        assert!(refusal("label,caption\n").contains("no labels"));
    }
}
