//! One label as PNG, with the same words as the SVG.

use ab_glyph::{Font, FontRef, PxScale, ScaleFont, point};
use anyhow::{Context, Result};
use image::{GrayImage, ImageFormat, Luma};
use kokoni_model::label::printed_label;

use super::Printed;
use super::font::BIZ_UDGOTHIC;

/// Height of a line of text, in modules.
const LINE: u32 = 4;

/// Draws a label; a module gets `module_px` pixels.
pub(super) fn draw(label: &Printed, module_px: u32) -> Result<Vec<u8>> {
    let font = FontRef::try_from_slice(BIZ_UDGOTHIC).context("the embedded font is unreadable")?;
    let side = label.side_with_quiet_zone() as u32 * module_px;
    let line = LINE * module_px;
    let above = if label.caption.is_some() { line } else { 0 };
    let mut image = GrayImage::from_pixel(side, above + side + line, Luma([255]));
    for (column, row, length) in label.dark_runs() {
        let (left, top) = (column as u32 * module_px, above + row as u32 * module_px);
        for y in top..top + module_px {
            for x in left..left + length as u32 * module_px {
                image.put_pixel(x, y, Luma([0]));
            }
        }
    }
    let module = module_px as f32;
    if let Some(caption) = &label.caption {
        write(
            &mut image,
            &font,
            caption,
            3.0 * module,
            above as f32 - 0.7 * module,
            module,
        );
    }
    let code = printed_label(&label.id);
    write(
        &mut image,
        &font,
        &code,
        2.4 * module,
        (above + side) as f32 + module,
        module,
    );
    let mut bytes = std::io::Cursor::new(Vec::new());
    image.write_to(&mut bytes, ImageFormat::Png)?;
    Ok(bytes.into_inner())
}

/// Writes one line in the middle, smaller where it would not fit between the margins.
fn write(
    image: &mut GrayImage,
    font: &FontRef<'_>,
    text: &str,
    size: f32,
    baseline: f32,
    margin: f32,
) {
    let width_at = |size: f32| -> f32 {
        let scaled = font.as_scaled(PxScale::from(size));
        text.chars()
            .map(|c| scaled.h_advance(font.glyph_id(c)))
            .sum()
    };
    let width = image.width() as f32;
    let size = size * ((width - 2.0 * margin) / width_at(size)).min(1.0);
    let scaled = font.as_scaled(PxScale::from(size));
    let mut x = (width - width_at(size)) / 2.0;
    for character in text.chars() {
        let id = font.glyph_id(character);
        let glyph = id.with_scale_and_position(PxScale::from(size), point(x, baseline));
        x += scaled.h_advance(id);
        let Some(outline) = font.outline_glyph(glyph) else {
            continue;
        };
        let bounds = outline.px_bounds();
        outline.draw(|dx, dy, coverage| {
            let (x, y) = (
                bounds.min.x as i64 + i64::from(dx),
                bounds.min.y as i64 + i64::from(dy),
            );
            let inside = |at: i64, end: u32| u32::try_from(at).ok().filter(|&at| at < end);
            if let (Some(x), Some(y)) = (inside(x, image.width()), inside(y, image.height())) {
                let ink = (255.0 * (1.0 - coverage.min(1.0))) as u8;
                let pixel = image.get_pixel_mut(x, y);
                pixel.0[0] = pixel.0[0].min(ink);
            }
        });
    }
}

#[cfg(test)]
mod tests {
    use super::super::tests::printed;
    use super::*;

    #[test]
    fn the_picture_has_the_symbol_at_its_place_and_words_above_and_below() {
        let label = printed();
        let image = image::load_from_memory(&draw(&label, 8).expect("drawn")).expect("a PNG");
        let image = image.to_luma8();
        let side = label.side_with_quiet_zone() as u32 * 8;
        assert_eq!(image.dimensions(), (side, side + 64));
        for row in 0..label.symbol.side() {
            for column in 0..label.symbol.side() {
                let (x, y) = ((column as u32 + 4) * 8 + 4, 32 + (row as u32 + 4) * 8 + 4);
                let dark = image.get_pixel(x, y).0[0] < 128;
                assert_eq!(dark, label.symbol.is_dark(column, row), "{column},{row}");
            }
        }
        let ink_between = |from: u32, to: u32| {
            (from..to).any(|y| (0..side).any(|x| image.get_pixel(x, y).0[0] < 100))
        };
        assert!(ink_between(0, 32) && ink_between(32 + side, side + 64));
    }

    #[test]
    fn a_long_caption_stays_inside_the_picture() {
        let label = Printed {
            caption: Some("本庁舎東棟3階企画財政課打合せ卓".repeat(3)),
            ..printed()
        };
        let image = image::load_from_memory(&draw(&label, 4).expect("drawn")).expect("a PNG");
        let image = image.to_luma8();
        assert!((0..16).all(|y| image.get_pixel(0, y).0[0] > 200));
    }
}
