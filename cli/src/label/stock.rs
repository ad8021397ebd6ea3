//! Label papers: A4 sheets that offices buy, measured in millimetres.

use anyhow::{Context, Result, ensure};

/// One kind of A4 label paper.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) struct Stock {
    name: &'static str,
    /// Labels across and down.
    pub(super) columns: usize,
    /// See `columns`.
    pub(super) rows: usize,
    /// Size of one label.
    pub(super) width_mm: f32,
    /// See `width_mm`.
    pub(super) height_mm: f32,
    /// Where the first label begins.
    pub(super) left_mm: f32,
    /// See `left_mm`.
    pub(super) top_mm: f32,
    /// From one label's edge to the next one's.
    pub(super) pitch_x_mm: f32,
    /// See `pitch_x_mm`.
    pub(super) pitch_y_mm: f32,
}

/// A shift of everything, for a printer that draws the paper in askew.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Offset {
    /// To the right.
    pub(super) x_mm: f32,
    /// Down.
    pub(super) y_mm: f32,
}

/// A4.
pub(super) const PAGE_MM: (f32, f32) = (210.0, 297.0);

/// Name, columns, rows, label width and height, left, top, pitch across and down.
type Row = (&'static str, usize, usize, f32, f32, f32, f32, f32, f32);

const KNOWN: &[Row] = &[
    ("ELM005", 2, 4, 98.0, 68.0, 5.0, 12.5, 102.0, 68.0),
    ("ELM006", 2, 5, 86.4, 50.8, 18.6, 21.2, 86.4, 50.8),
    ("ELM007", 2, 6, 83.8, 42.3, 20.3, 20.3, 87.6, 42.3),
    ("ELM008", 2, 6, 86.4, 42.3, 18.6, 21.2, 86.4, 42.3),
    ("ELM009", 3, 6, 70.0, 42.3, 0.0, 21.2, 70.0, 42.3),
    ("ELM011", 3, 7, 70.0, 42.43, 0.0, 0.0, 70.0, 42.43),
    ("ELM012", 3, 8, 66.0, 33.9, 6.0, 12.9, 66.0, 33.9),
    ("ELM022", 4, 11, 48.3, 25.4, 8.4, 8.8, 48.3, 25.4),
    ("51002", 2, 5, 91.0, 55.0, 14.0, 11.0, 91.0, 55.0),
];

impl Stock {
    pub(super) fn name(&self) -> &'static str {
        self.name
    }

    /// Labels on one sheet.
    pub(super) fn cells(&self) -> usize {
        self.columns * self.rows
    }

    /// The left top corner of a cell, counted row by row from 0.
    pub(super) fn corner_mm(&self, cell: usize) -> (f32, f32) {
        let (column, row) = (cell % self.columns, cell / self.columns);
        (
            self.left_mm + column as f32 * self.pitch_x_mm,
            self.top_mm + row as f32 * self.pitch_y_mm,
        )
    }

    /// Free measures: `COLUMNSxROWS,WIDTHxHEIGHT,LEFT/TOP,PITCHX/PITCHY` in millimetres.
    fn custom(text: &str) -> Result<Self> {
        let parts: Vec<&str> = text.split(',').collect();
        let &[grid, size, corner, pitch] = parts.as_slice() else {
            anyhow::bail!(
                "neither a known paper nor COLUMNSxROWS,WIDTHxHEIGHT,LEFT/TOP,PITCHX/PITCHY"
            );
        };
        let pair = |text: &str, between: char| -> Result<(f32, f32)> {
            let (a, b) = text
                .split_once(between)
                .with_context(|| format!("{text:?} is not two numbers with {between:?} between"))?;
            let number = |part: &str| -> Result<f32> {
                let value = part
                    .parse::<f32>()
                    .with_context(|| format!("{part:?} is no number"))?;
                ensure!(
                    value.is_finite() && value >= 0.0,
                    "{part:?} is not a measure in mm"
                );
                Ok(value)
            };
            Ok((number(a)?, number(b)?))
        };
        let (columns, rows) = pair(grid, 'x')?;
        let (width_mm, height_mm) = pair(size, 'x')?;
        let (left_mm, top_mm) = pair(corner, '/')?;
        let (pitch_x_mm, pitch_y_mm) = pair(pitch, '/')?;
        let stock = Self {
            name: "custom paper",
            columns: columns as usize,
            rows: rows as usize,
            width_mm,
            height_mm,
            left_mm,
            top_mm,
            pitch_x_mm,
            pitch_y_mm,
        };
        ensure!(
            (1..=1_000).contains(&stock.cells()),
            "a sheet holds 1 to 1000 labels"
        );
        stock.check()?;
        Ok(stock)
    }

    fn check(&self) -> Result<()> {
        let (left, top) = self.corner_mm(self.cells() - 1);
        let fits =
            left + self.width_mm <= PAGE_MM.0 + 0.5 && top + self.height_mm <= PAGE_MM.1 + 0.5;
        ensure!(
            fits,
            "the last label would lie outside A4 ({} x {} mm)",
            PAGE_MM.0,
            PAGE_MM.1
        );
        ensure!(
            self.width_mm.min(self.height_mm) >= 20.0,
            "a label under 20 mm is too small for a code that phones read"
        );
        Ok(())
    }
}

impl std::str::FromStr for Stock {
    type Err = anyhow::Error;

    fn from_str(text: &str) -> Result<Self> {
        known()
            .find(|stock| stock.name.eq_ignore_ascii_case(text))
            .map_or_else(|| Self::custom(text), Ok)
    }
}

fn known() -> impl Iterator<Item = Stock> {
    KNOWN.iter().map(
        |&(name, columns, rows, width_mm, height_mm, left_mm, top_mm, pitch_x_mm, pitch_y_mm)| {
            Stock {
                name,
                columns,
                rows,
                width_mm,
                height_mm,
                left_mm,
                top_mm,
                pitch_x_mm,
                pitch_y_mm,
            }
        },
    )
}

/// The papers as a table for people.
pub(super) fn table() -> String {
    let mut table = comfy_table::Table::new();
    table.load_style(comfy_table::presets::UTF8_HORIZONTAL_ONLY);
    table.set_header(["paper", "labels", "label (mm)", "first label (mm)"]);
    for stock in known() {
        table.add_row([
            stock.name.to_owned(),
            format!("{} x {}", stock.columns, stock.rows),
            format!("{} x {}", stock.width_mm, stock.height_mm),
            format!("{} / {}", stock.left_mm, stock.top_mm),
        ]);
    }
    table.to_string()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_known_paper_fits_a4() {
        for stock in known() {
            stock
                .check()
                .unwrap_or_else(|error| panic!("{}: {error}", stock.name));
        }
    }

    #[test]
    fn papers_are_named_or_measured() {
        let stock: Stock = "elm012".parse().expect("known");
        assert_eq!((stock.name(), stock.cells()), ("ELM012", 24));
        let custom: Stock = "2x3,80x60,10/20,90/70".parse().expect("measured");
        assert_eq!(custom.corner_mm(5), (100.0, 160.0));
    }

    #[test]
    fn measures_that_make_no_sense_are_refused_with_the_reason() {
        let refusal = |text: &str| text.parse::<Stock>().expect_err("refused").to_string();
        assert!(refusal("ELM999").contains("neither a known paper"));
        assert!(refusal("2x3,80x60,10/20,170/70").contains("outside A4"));
        assert!(refusal("9x3,10x60,10/20,10/70").contains("too small"));
        assert!(refusal("2x3,80xA,10/20,90/70").contains("no number"));
        assert!(refusal("0x0,80x60,10/20,90/70").contains("1 to 1000"));
    }
}
