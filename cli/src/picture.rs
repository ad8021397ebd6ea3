//! Opens image files as luma frames. Sizes are read from the header and refused before anything is
//! decoded.

use std::path::Path;

use anyhow::{Context, Result, ensure};
use image::{ImageReader, Limits};
use kokoni_reader::{Frame, LONGEST_SIDE};

/// The most bytes that a decoded picture may take.
const DECODED_MAX_BYTES: u64 = 64 * 1024 * 1024;

/// A picture as the camera would have given it: one byte a pixel.
pub(crate) struct Picture {
    pub(crate) width: usize,
    pub(crate) height: usize,
    luma: Vec<u8>,
}

impl Picture {
    /// Opens a PNG, JPEG or WebP file.
    pub(crate) fn open(path: &Path) -> Result<Self> {
        let open = || -> Result<_> { Ok(ImageReader::open(path)?.with_guessed_format()?) };
        let (width, height) = open()
            .context("cannot be opened")?
            .into_dimensions()
            .context("is not PNG, JPEG or WebP")?;
        let longest = LONGEST_SIDE as u32;
        ensure!(
            width <= longest && height <= longest,
            "is {width} x {height} pixels; at most {longest} x {longest} are read"
        );
        let mut reader = open()?;
        let mut limits = Limits::default();
        limits.max_alloc = Some(DECODED_MAX_BYTES);
        reader.limits(limits);
        let luma = reader.decode().context("is damaged")?.into_luma8();
        Ok(Self {
            width: luma.width() as usize,
            height: luma.height() as usize,
            luma: luma.into_raw(),
        })
    }

    /// The picture as a frame.
    pub(crate) fn frame(&self) -> Result<Frame<'_>> {
        Ok(Frame::new(
            &self.luma,
            self.width,
            self.height,
            self.width,
            1,
        )?)
    }
}
