//! `kokoni label`: labels for printing. One as SVG or PNG, many as an A4 sheet in PDF.

mod font;
mod input;
mod png;
mod sheet;
mod stock;
mod svg;

use std::io::Write;
use std::path::PathBuf;

use anyhow::{Context, Result};
use clap::{Args, Subcommand};
use kokoni_model::label::{Host, LabelId, Symbol, label_symbol};

use self::input::LabelSource;
use self::stock::{Offset, Stock};

/// Light modules around a symbol, as the standard demands.
const QUIET_ZONE: usize = 4;

/// Draw labels for printing
///
/// A label is a QR code that says https://HOST/q/ID. Under it stands the id in groups of four with
/// a check symbol, for typing by hand where the code is torn.
#[derive(Args)]
pub(crate) struct LabelArgs {
    #[command(subcommand)]
    what: What,
}

#[derive(Subcommand)]
enum What {
    /// One label as SVG
    Svg(OneLabel),
    /// One label as PNG
    Png {
        #[command(flatten)]
        label: OneLabel,
        /// Pixels a module of the code gets
        #[arg(long, default_value_t = 8, value_parser = clap::value_parser!(u32).range(1..=64))]
        module_px: u32,
    },
    /// Many labels on A4 label paper as PDF
    Sheet(SheetArgs),
    /// The label papers that `sheet` knows, with their measures
    Stocks,
}

#[derive(Args)]
struct OneLabel {
    /// The public name in your labels, kokoni.city.example.jp say
    #[arg(long)]
    host: Host,
    /// The label's id: 16 characters, or as printed with its check symbol
    id: String,
    /// Words above the code, the name of the seat say
    #[arg(long)]
    caption: Option<String>,
    /// The file to write; standard output without it
    #[arg(short, long)]
    out: Option<PathBuf>,
}

#[derive(Args)]
struct SheetArgs {
    /// The public name in your labels; with --data only where the server has several organisations
    #[arg(long, required_unless_present = "data")]
    host: Option<Host>,
    #[command(flatten)]
    source: LabelSource,
    /// The label paper; `kokoni label stocks` lists them
    #[arg(long, default_value = "ELM009")]
    stock: Stock,
    /// Leave out this many labels at the start of a sheet that was used before
    #[arg(long, default_value_t = 0)]
    skip: usize,
    /// Move everything right (mm), for a printer that draws in
    #[arg(long, default_value_t = 0.0, allow_negative_numbers = true)]
    offset_x: f32,
    /// Move everything down (mm)
    #[arg(long, default_value_t = 0.0, allow_negative_numbers = true)]
    offset_y: f32,
    /// Draw the outline of each label, to test the paper's position
    #[arg(long)]
    outlines: bool,
    /// The file to write
    #[arg(short, long)]
    out: PathBuf,
}

/// One label, ready to be drawn.
struct Printed {
    id: LabelId,
    symbol: Symbol,
    caption: Option<String>,
}

impl Printed {
    fn new(host: &Host, id: LabelId, caption: Option<String>) -> Result<Self> {
        let symbol = label_symbol(host, &id).context("the host is too long for a QR code")?;
        Ok(Self {
            id,
            symbol,
            caption,
        })
    }

    /// Modules a side with the quiet zone.
    fn side_with_quiet_zone(&self) -> usize {
        self.symbol.side() + 2 * QUIET_ZONE
    }

    /// The dark modules as horizontal runs (column, row, length), the quiet zone counted in.
    fn dark_runs(&self) -> impl Iterator<Item = (usize, usize, usize)> + '_ {
        let side = self.symbol.side();
        (0..side).flat_map(move |row| {
            let mut column = 0;
            std::iter::from_fn(move || {
                let begin = (column..side).find(|&at| self.symbol.is_dark(at, row))?;
                let end = (begin..side)
                    .find(|&at| !self.symbol.is_dark(at, row))
                    .unwrap_or(side);
                column = end;
                Some((begin + QUIET_ZONE, row + QUIET_ZONE, end - begin))
            })
        })
    }
}

pub(crate) fn run(args: LabelArgs) -> Result<()> {
    match args.what {
        What::Svg(one) => one.write(|label| Ok(svg::draw(label).into_bytes())),
        What::Png { label, module_px } => label.write(|label| png::draw(label, module_px)),
        What::Sheet(args) => draw_sheet(&args),
        What::Stocks => crate::output::print(&stock::table()),
    }
}

impl OneLabel {
    fn write(&self, draw: impl Fn(&Printed) -> Result<Vec<u8>>) -> Result<()> {
        let id = input::parse_id(&self.id)?;
        let bytes = draw(&Printed::new(&self.host, id, self.caption.clone())?)?;
        match &self.out {
            Some(path) => std::fs::write(path, bytes)
                .with_context(|| format!("cannot write {}", path.display())),
            None => Ok(std::io::stdout().lock().write_all(&bytes)?),
        }
    }
}

fn draw_sheet(args: &SheetArgs) -> Result<()> {
    let (host, rows) = args.source.read(args.host.as_ref())?;
    let labels = rows
        .into_iter()
        .map(|row| Printed::new(&host, row.id, row.caption))
        .collect::<Result<Vec<_>>>()?;
    let layout = sheet::Layout {
        stock: args.stock,
        skip: args.skip,
        offset: Offset {
            x_mm: args.offset_x,
            y_mm: args.offset_y,
        },
        outlines: args.outlines,
    };
    let pdf = sheet::draw(&labels, &layout)?;
    std::fs::write(&args.out, pdf)
        .with_context(|| format!("cannot write {}", args.out.display()))?;
    crate::output::print(&format!(
        "{} labels on {} pages of {} in {}",
        labels.len(),
        layout.pages(labels.len()),
        args.stock.name(),
        args.out.display()
    ))
}

#[cfg(test)]
pub(crate) mod tests {
    use super::*;

    pub(in crate::label) fn printed() -> Printed {
        let host = Host::new("k.example.jp").expect("a host");
        let id = LabelId::parse_exact("0123456789ABCDEF").expect("an id");
        Printed::new(&host, id, Some("3階 A-12".into())).expect("fits")
    }

    #[test]
    fn the_runs_cover_exactly_the_dark_modules() {
        let label = printed();
        let mut drawn = vec![false; label.side_with_quiet_zone().pow(2)];
        for (column, row, length) in label.dark_runs() {
            for at in column..column + length {
                let module = &mut drawn[row * label.side_with_quiet_zone() + at];
                assert!(!*module, "drawn twice");
                *module = true;
            }
        }
        for row in 0..label.symbol.side() {
            for column in 0..label.symbol.side() {
                let at = (row + QUIET_ZONE) * label.side_with_quiet_zone() + column + QUIET_ZONE;
                assert_eq!(drawn[at], label.symbol.is_dark(column, row));
            }
        }
    }
}
