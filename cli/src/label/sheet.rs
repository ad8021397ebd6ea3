//! Many labels on A4 label paper, as PDF with the font's used glyphs embedded.

use anyhow::{Context, Result, anyhow, ensure};
use kokoni_model::label::printed_label;
use krilla::Document;
use krilla::color::rgb;
use krilla::geom::{PathBuilder, Point, Rect};
use krilla::metadata::Metadata;
use krilla::page::PageSettings;
use krilla::paint::{Fill, Stroke};
use krilla::surface::Surface;
use krilla::text::{Font, TextDirection};

use super::Printed;
use super::font::BIZ_UDGOTHIC;
use super::stock::{Offset, PAGE_MM, Stock};

/// PDF's unit: 72 points an inch.
const POINTS_PER_MM: f32 = 72.0 / 25.4;

/// A printed line of the id needs about this many em: digits are half an em wide.
const ID_EMS: f32 = 21.0 * 0.5;

/// How the labels lie on the paper.
pub(super) struct Layout {
    pub(super) stock: Stock,
    /// Cells left out at the start of the first sheet.
    pub(super) skip: usize,
    pub(super) offset: Offset,
    pub(super) outlines: bool,
}

impl Layout {
    /// Sheets that this many labels take.
    pub(super) fn pages(&self, labels: usize) -> usize {
        (labels + self.skip).div_ceil(self.stock.cells())
    }
}

/// Draws the sheets.
pub(super) fn draw(labels: &[Printed], layout: &Layout) -> Result<Vec<u8>> {
    ensure!(!labels.is_empty(), "there are no labels to draw");
    ensure!(
        layout.skip < layout.stock.cells(),
        "a sheet of {} holds {} labels, {} cannot be left out",
        layout.stock.name(),
        layout.stock.cells(),
        layout.skip
    );
    let font =
        Font::new(BIZ_UDGOTHIC.to_vec().into(), 0).context("the embedded font is unreadable")?;
    let mut document = Document::new();
    document.set_metadata(
        Metadata::new()
            .title("ココニ ラベル".into())
            .language("ja".into())
            .creator("kokoni".into()),
    );
    let mut cells = labels
        .iter()
        .enumerate()
        .map(|(index, label)| (index + layout.skip, label))
        .peekable();
    while let Some(&(first, _)) = cells.peek() {
        let page_end = (first / layout.stock.cells() + 1) * layout.stock.cells();
        let settings = PageSettings::from_wh(PAGE_MM.0 * POINTS_PER_MM, PAGE_MM.1 * POINTS_PER_MM)
            .context("A4 is a page")?;
        let mut page = document.start_page_with(settings);
        let mut surface = page.surface();
        while let Some((cell, label)) = cells.next_if(|&(cell, _)| cell < page_end) {
            let (left, top) = layout.stock.corner_mm(cell % layout.stock.cells());
            let place = Place {
                left: left + layout.offset.x_mm,
                top: top + layout.offset.y_mm,
                width: layout.stock.width_mm,
                height: layout.stock.height_mm,
            };
            draw_label(&mut surface, &font, label, &place)?;
            if layout.outlines {
                outline(&mut surface, &place)?;
            }
        }
        surface.finish();
        page.finish();
    }
    document
        .finish()
        .map_err(|error| anyhow!("the PDF could not be written: {error:?}"))
}

/// A label's rectangle on the page, millimetres.
struct Place {
    left: f32,
    top: f32,
    width: f32,
    height: f32,
}

/// The code fills the height that the two lines of text leave, its quiet zone included.
fn draw_label(
    surface: &mut Surface<'_>,
    font: &Font,
    label: &Printed,
    place: &Place,
) -> Result<()> {
    let line = (place.height * 0.11).clamp(2.6, 5.0);
    let above = if label.caption.is_some() { line } else { 0.0 };
    let margin = 1.0;
    let side = (place.height - above - line - 2.0 * margin).min(place.width - 2.0 * margin);
    let module = side / label.side_with_quiet_zone() as f32;
    let code_left = place.left + (place.width - side) / 2.0;
    let code_top = place.top + margin + above;
    let mut path = PathBuilder::new();
    for (column, row, length) in label.dark_runs() {
        let rect = Rect::from_xywh(
            points(code_left + column as f32 * module),
            points(code_top + row as f32 * module),
            points(length as f32 * module),
            points(module),
        );
        path.push_rect(rect.context("a module has a size")?);
    }
    surface.set_stroke(None);
    surface.set_fill(Some(Fill {
        paint: rgb::Color::black().into(),
        ..Fill::default()
    }));
    surface.draw_path(&path.finish().context("a symbol has dark modules")?);
    let mut write = |text: &str, size_mm: f32, ems: f32, baseline_mm: f32| {
        let size = size_mm.min((place.width - 2.0 * margin) / ems);
        let left = place.left + (place.width - size * ems) / 2.0;
        let at = Point::from_xy(points(left), points(baseline_mm));
        surface.draw_text(
            at,
            font.clone(),
            points(size),
            text,
            false,
            TextDirection::Auto,
        );
    };
    if let Some(caption) = &label.caption {
        write(
            caption,
            line * 0.85,
            ems(caption),
            place.top + margin + line * 0.8,
        );
    }
    write(
        &printed_label(&label.id),
        line * 0.7,
        ID_EMS,
        code_top + side + line * 0.5,
    );
    Ok(())
}

fn outline(surface: &mut Surface<'_>, place: &Place) -> Result<()> {
    let rect = Rect::from_xywh(
        points(place.left),
        points(place.top),
        points(place.width),
        points(place.height),
    );
    let mut path = PathBuilder::new();
    path.push_rect(rect.context("a label has a size")?);
    surface.set_fill(None);
    surface.set_stroke(Some(Stroke {
        paint: rgb::Color::new(160, 160, 160).into(),
        width: 0.3,
        ..Stroke::default()
    }));
    surface.draw_path(&path.finish().context("a rectangle is a path")?);
    Ok(())
}

/// Width of a text in em: BIZ UDGothic is half width for ASCII, full width for the rest.
fn ems(text: &str) -> f32 {
    text.chars()
        .map(|c| if c.is_ascii() { 0.5 } else { 1.0 })
        .sum()
}

fn points(mm: f32) -> f32 {
    mm * POINTS_PER_MM
}

#[cfg(test)]
mod tests {
    use super::super::tests::printed;
    use super::*;

    fn layout(skip: usize) -> Layout {
        let stock = "ELM009".parse().expect("known");
        Layout {
            stock,
            skip,
            offset: Offset::default(),
            outlines: false,
        }
    }

    #[test]
    fn labels_go_on_as_many_sheets_as_they_need() {
        let labels: Vec<Printed> = (0..20).map(|_| printed()).collect();
        let pdf = draw(&labels, &layout(17)).expect("drawn");
        assert!(pdf.starts_with(b"%PDF-"));
        assert_eq!(layout(17).pages(labels.len()), 3);
        let pages = pdf
            .windows(11)
            .filter(|bytes| bytes == b"/Type/Page/")
            .count();
        assert_eq!(pages, 3);
    }

    #[test]
    fn only_the_glyphs_in_use_are_embedded() {
        let pdf = draw(&[printed()], &layout(0)).expect("drawn");
        assert!(pdf.len() < 100_000, "{} bytes", pdf.len());
    }

    #[test]
    fn a_whole_sheet_cannot_be_left_out() {
        let error = draw(&[printed()], &layout(18)).expect_err("refused");
        assert!(error.to_string().contains("18 labels"), "{error}");
    }
}
