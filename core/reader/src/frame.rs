//! The borrowed frame: the one place where the caller's numbers meet the caller's bytes.

use thiserror::Error;

/// The most pixels a side of a frame may have.
pub const LONGEST_SIDE: usize = 4096;

/// The most bytes from one pixel to the next: interleaved planes have 2, packed colours up to 4.
const WIDEST_PIXEL: usize = 8;

/// The most bytes from one row to the next: the widest rows there are, padded generously.
const LONGEST_ROW: usize = 1 << 20;

/// One luma image, borrowed from the camera: a byte a pixel, 0 black to 255 white.
#[derive(Clone, Copy)]
pub struct Frame<'a> {
    luma: &'a [u8],
    width: usize,
    height: usize,
    row_stride: usize,
    pixel_stride: usize,
}

/// Why bytes and numbers do not make a frame.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Error)]
pub enum FrameError {
    /// Width 0, or more than [`LONGEST_SIDE`].
    #[error("a frame is 1 to {LONGEST_SIDE} pixels wide, this one {found}")]
    Width {
        /// Pixels given.
        found: usize,
    },
    /// Height 0, or more than [`LONGEST_SIDE`].
    #[error("a frame is 1 to {LONGEST_SIDE} pixels high, this one {found}")]
    Height {
        /// Pixels given.
        found: usize,
    },
    /// Pixels neither adjacent nor within a few bytes of each other.
    #[error("pixels are 1 to {WIDEST_PIXEL} bytes apart, here {found}")]
    PixelStride {
        /// Bytes from pixel to pixel given.
        found: usize,
    },
    /// Rows that would overlap, or an absurd distance.
    #[error("rows of this width are {least} to {LONGEST_ROW} bytes apart, here {found}")]
    RowStride {
        /// Bytes that one row needs.
        least: usize,
        /// Bytes from row to row given.
        found: usize,
    },
    /// Fewer bytes than width, height and strides need; the last row may end with its last pixel.
    #[error("these dimensions need {needed} bytes, {found} are there")]
    TooShort {
        /// Bytes needed.
        needed: usize,
        /// Bytes given.
        found: usize,
    },
}

impl<'a> Frame<'a> {
    /// Checks the dimensions against the bytes. `row_stride` and `pixel_stride` are in bytes, from
    /// one row or pixel to the next; 1 is the pixel stride of a plane of its own.
    pub fn new(
        luma: &'a [u8],
        width: usize,
        height: usize,
        row_stride: usize,
        pixel_stride: usize,
    ) -> Result<Self, FrameError> {
        if !(1..=LONGEST_SIDE).contains(&width) {
            return Err(FrameError::Width { found: width });
        }
        if !(1..=LONGEST_SIDE).contains(&height) {
            return Err(FrameError::Height { found: height });
        }
        if !(1..=WIDEST_PIXEL).contains(&pixel_stride) {
            return Err(FrameError::PixelStride {
                found: pixel_stride,
            });
        }
        let row = (width - 1) * pixel_stride + 1;
        if height > 1 && !(row..=LONGEST_ROW).contains(&row_stride) {
            return Err(FrameError::RowStride {
                least: row,
                found: row_stride,
            });
        }
        // 2^20 times 2^12 fits 32 bits only just not: WebAssembly counts in 32.
        let needed = row_stride
            .checked_mul(height - 1)
            .and_then(|above| above.checked_add(row))
            .unwrap_or(usize::MAX);
        if luma.len() < needed {
            return Err(FrameError::TooShort {
                needed,
                found: luma.len(),
            });
        }
        Ok(Self {
            luma,
            width,
            height,
            row_stride,
            pixel_stride,
        })
    }

    /// Pixels across.
    pub fn width(&self) -> usize {
        self.width
    }

    /// Pixels down.
    pub fn height(&self) -> usize {
        self.height
    }

    /// The bytes, where pixels are adjacent and the rest of the crate can look at them uncopied.
    pub(crate) fn adjacent(&self) -> Option<(&'a [u8], usize)> {
        let stride = if self.height > 1 {
            self.row_stride
        } else {
            self.width
        };
        (self.pixel_stride == 1).then_some((self.luma, stride))
    }

    /// Copies the pixels, one after the other.
    pub(crate) fn pack(&self, out: &mut Vec<u8>) {
        out.clear();
        out.reserve(self.width * self.height);
        for y in 0..self.height {
            let row = &self.luma[y * self.row_stride..];
            out.extend(row.iter().step_by(self.pixel_stride).take(self.width));
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn each_malformed_frame_has_its_own_error() {
        let bytes = [0; 100];
        let frame = |width, height, row, pixel| Frame::new(&bytes, width, height, row, pixel).err();
        assert_eq!(frame(10, 10, 10, 1), None);
        assert_eq!(frame(0, 10, 10, 1), Some(FrameError::Width { found: 0 }));
        assert_eq!(
            frame(4097, 1, 10, 1),
            Some(FrameError::Width { found: 4097 })
        );
        assert_eq!(frame(10, 0, 10, 1), Some(FrameError::Height { found: 0 }));
        assert_eq!(
            frame(1, 4097, 10, 1),
            Some(FrameError::Height { found: 4097 })
        );
        assert_eq!(
            frame(10, 10, 10, 0),
            Some(FrameError::PixelStride { found: 0 })
        );
        assert_eq!(
            frame(10, 10, 10, 9),
            Some(FrameError::PixelStride { found: 9 })
        );
        let overlap = FrameError::RowStride {
            least: 10,
            found: 9,
        };
        assert_eq!(frame(10, 2, 9, 1), Some(overlap));
        let absurd = FrameError::RowStride {
            least: 10,
            found: usize::MAX,
        };
        assert_eq!(frame(10, 2, usize::MAX, 1), Some(absurd));
        let short = FrameError::TooShort {
            needed: 101,
            found: 100,
        };
        assert_eq!(
            frame(11, 10, 10, 1),
            Some(FrameError::RowStride {
                least: 11,
                found: 10
            })
        );
        assert_eq!(
            frame(11, 10, 11, 1),
            Some(FrameError::TooShort {
                needed: 110,
                found: 100
            })
        );
        assert_eq!(frame(51, 1, 0, 2), Some(short));
    }

    #[test]
    fn the_last_row_may_end_with_its_last_pixel() {
        assert!(Frame::new(&[0; 18], 8, 2, 10, 1).is_ok());
        assert!(Frame::new(&[0; 17], 8, 2, 10, 1).is_err());
        assert!(Frame::new(&[0; 15], 8, 1, 0, 2).is_ok());
    }

    #[test]
    fn packing_takes_every_pixel_once_in_order() {
        let bytes: Vec<u8> = (0..30).collect();
        let frame = Frame::new(&bytes, 3, 3, 10, 2).expect("fits");
        let mut packed = Vec::new();
        frame.pack(&mut packed);
        assert_eq!(packed, [0, 2, 4, 10, 12, 14, 20, 22, 24]);
        assert!(frame.adjacent().is_none());
    }

    proptest! {
        #[test]
        fn any_numbers_are_a_frame_or_an_error_and_a_frame_can_be_packed(
            length in 0usize..400,
            width in 0usize..40,
            height in 0usize..40,
            row in 0usize..60,
            pixel in 0usize..10,
        ) {
            let bytes = vec![7; length];
            if let Ok(frame) = Frame::new(&bytes, width, height, row, pixel) {
                let mut packed = Vec::new();
                frame.pack(&mut packed);
                prop_assert_eq!(packed.len(), width * height);
            }
        }

        #[test]
        fn huge_numbers_do_not_overflow(width: usize, height: usize, row: usize, pixel: usize) {
            prop_assert!(Frame::new(&[], width, height, row, pixel).is_err());
        }
    }
}
