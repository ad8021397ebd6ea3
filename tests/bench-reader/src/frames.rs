//! Opening what lies on disk: images as luma, the manifest of label frames.

use std::path::Path;

use anyhow::{Context, Result};
use serde::Deserialize;

use crate::answer::Luma;

/// Opens an image as luma. What is transparent is seen on white paper.
pub(crate) fn open(path: &Path) -> Result<Luma> {
    let opened = image::open(path).with_context(|| format!("cannot open {}", path.display()))?;
    let grey = if opened.color().has_alpha() {
        let mut rgba = opened.into_rgba8();
        for pixel in rgba.pixels_mut() {
            let [r, g, b, a] = pixel.0.map(u16::from);
            let over = |c: u16| ((c * a + 255 * (255 - a)) / 255) as u8;
            pixel.0 = [over(r), over(g), over(b), 255];
        }
        image::DynamicImage::ImageRgba8(rgba).into_luma8()
    } else {
        opened.into_luma8()
    };
    Ok(Luma {
        width: grey.width() as usize,
        height: grey.height() as usize,
        pixels: grey.into_raw(),
    })
}

impl Luma {
    /// The frame turned clockwise by 90 degrees.
    pub(crate) fn turned(&self) -> Self {
        let (width, height) = (self.height, self.width);
        let pixels = (0..width * height)
            .map(|i| self.pixels[(self.height - 1 - i % width) * self.width + i / width])
            .collect();
        Self {
            width,
            height,
            pixels,
        }
    }
}

/// One frame of a manifest.
#[derive(Deserialize)]
pub(crate) struct Entry {
    pub(crate) file: String,
    pub(crate) class: String,
    /// The catalogue label nearest the centre, if there is one.
    pub(crate) expect: Option<String>,
    pub(crate) codes: Vec<Code>,
    /// Number of the burst, and of the frame in it.
    pub(crate) seq: Option<usize>,
    #[serde(default)]
    pub(crate) k: usize,
}

/// One code in a frame, nearest the centre first.
#[derive(Deserialize)]
pub(crate) struct Code {
    pub(crate) kind: String,
    pub(crate) text: String,
}

/// Reads a folder's JSON file.
pub(crate) fn json<T: for<'de> Deserialize<'de>>(folder: &Path, name: &str) -> Result<T> {
    let path = folder.join(name);
    let text = std::fs::read_to_string(&path)
        .with_context(|| format!("cannot read {}", path.display()))?;
    serde_json::from_str(&text).with_context(|| format!("{} is malformed", path.display()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn turning_moves_the_first_row_to_the_last_column() {
        let frame = Luma {
            width: 3,
            height: 2,
            pixels: vec![1, 2, 3, 4, 5, 6],
        };
        let turned = frame.turned();
        assert_eq!((turned.width, turned.height), (2, 3));
        assert_eq!(turned.pixels, [4, 1, 5, 2, 6, 3]);
        assert_eq!(turned.turned().turned().turned().pixels, frame.pixels);
    }
}
