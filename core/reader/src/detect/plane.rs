//! The frame as rows of grey levels, and smaller copies of it.

use crate::geometry::Vector;

/// A borrowed image of grey levels, 0 black to 255 white.
#[derive(Clone, Copy)]
pub(crate) struct Plane<'a> {
    pixels: &'a [u8],
    width: usize,
    height: usize,
    stride: usize,
}

impl<'a> Plane<'a> {
    /// The last row may be shorter than `stride`. `None` when `pixels` is too short or a side 0.
    pub(crate) fn new(
        pixels: &'a [u8],
        width: usize,
        height: usize,
        stride: usize,
    ) -> Option<Self> {
        let need = stride
            .checked_mul(height.checked_sub(1)?)?
            .checked_add(width)?;
        (width > 0 && stride >= width && pixels.len() >= need).then_some(Self {
            pixels,
            width,
            height,
            stride,
        })
    }

    /// A part of it, as far as there is one.
    pub(crate) fn part(&self, left: usize, top: usize, width: usize, height: usize) -> Self {
        let (left, top) = (left.min(self.width - 1), top.min(self.height - 1));
        Self {
            pixels: &self.pixels[top * self.stride + left..],
            width: width.clamp(1, self.width - left),
            height: height.clamp(1, self.height - top),
            stride: self.stride,
        }
    }

    pub(crate) fn width(&self) -> usize {
        self.width
    }

    pub(crate) fn height(&self) -> usize {
        self.height
    }

    #[inline]
    pub(crate) fn row(&self, y: usize) -> &'a [u8] {
        &self.pixels[y * self.stride..][..self.width]
    }

    #[inline]
    pub(crate) fn at(&self, x: usize, y: usize) -> u8 {
        self.pixels[y * self.stride + x]
    }

    /// The grey level at `p` by bilinear interpolation; `None` when `p` lies more than a pixel
    /// outside the image. On the rim the last pixels count for what is beyond them.
    #[inline]
    pub(crate) fn sample(&self, p: Vector) -> Option<f32> {
        let (right, bottom) = ((self.width - 1) as f32, (self.height - 1) as f32);
        // Written so that a point which is no number is outside.
        let inside = p.x >= -1.0 && p.y >= -1.0 && p.x <= right + 1.0 && p.y <= bottom + 1.0;
        if !inside {
            return None;
        }
        let (x, y) = (p.x.clamp(0.0, right), p.y.clamp(0.0, bottom));
        let (left, top) = (x as usize, y as usize);
        let (fx, fy) = (x - left as f32, y - top as f32);
        let i = top * self.stride + left;
        let dx = usize::from(left + 1 < self.width);
        let dy = if top + 1 < self.height {
            self.stride
        } else {
            0
        };
        let level = |i: usize| f32::from(self.pixels[i]);
        let (a, b) = (level(i), level(i + dx));
        let (c, d) = (level(i + dy), level(i + dy + dx));
        let upper = a + (b - a) * fx;
        Some(upper + (c + (d - c) * fx - upper) * fy)
    }
}

/// How many times a frame may be halved: at 4096 pixels the largest symbol has modules of 195
/// pixels, which three halvings bring to 25.
pub(crate) const LEVELS: usize = 4;

/// Halved copies of a frame, each pixel the mean of four, made when first asked for. They take a
/// third of the frame's bytes in all, and their memory serves every later frame.
#[derive(Default)]
pub(crate) struct Pyramid {
    levels: [Level; LEVELS - 1],
    made: usize,
}

#[derive(Default)]
struct Level {
    pixels: Vec<u8>,
    width: usize,
    height: usize,
}

impl Pyramid {
    /// Forgets the copies of the last frame.
    pub(crate) fn clear(&mut self) {
        self.made = 0;
    }

    /// Makes the copies up to `level` (0 is the frame itself); returns the pixels it looked at.
    pub(crate) fn make(&mut self, frame: Plane<'_>, level: usize) -> usize {
        let mut work = 0;
        while self.made < level {
            let (done, rest) = self.levels.split_at_mut(self.made);
            let source = match done.last() {
                Some(last) => last.plane().unwrap_or(frame),
                None => frame,
            };
            work += source.width * source.height;
            halve(source, &mut rest[0]);
            self.made += 1;
        }
        work
    }

    /// The copy halved `level` times, or the smallest one made.
    pub(crate) fn plane<'a>(&'a self, frame: Plane<'a>, level: usize) -> Plane<'a> {
        match level.min(self.made) {
            0 => frame,
            n => self.levels[n - 1].plane().unwrap_or(frame),
        }
    }
}

impl Level {
    fn plane(&self) -> Option<Plane<'_>> {
        Plane::new(&self.pixels, self.width, self.height, self.width)
    }
}

/// The point of the frame which a point of its copy at `level` stands for, and back: pixel `i` of
/// a copy halved once covers the frame's pixels `2i` and `2i + 1`, so its centre is `2i + 0.5`.
pub(crate) fn scale_of(level: usize) -> (f32, f32) {
    let scale = (1usize << level) as f32;
    (scale, (scale - 1.0) / 2.0)
}

fn halve(source: Plane<'_>, out: &mut Level) {
    let (width, height) = ((source.width / 2).max(1), (source.height / 2).max(1));
    (out.width, out.height) = (width, height);
    out.pixels.resize(width * height, 0);
    for (y, to) in out.pixels.chunks_exact_mut(width).enumerate() {
        let upper = source.row((2 * y).min(source.height - 1));
        let lower = source.row((2 * y + 1).min(source.height - 1));
        if source.width < 2 {
            to[0] = upper[0].midpoint(lower[0]);
            continue;
        }
        // As 16-bit words, low byte left and high byte right, this vectorises.
        let words = |row: &[u8; 2]| u16::from_le_bytes(*row);
        let (upper, _) = upper.as_chunks::<2>();
        let (lower, _) = lower.as_chunks::<2>();
        for (to, (a, b)) in to.iter_mut().zip(upper.iter().zip(lower)) {
            let (a, b) = (words(a), words(b));
            let sum = (a & 0xff) + (a >> 8) + (b & 0xff) + (b >> 8);
            *to = ((sum + 2) >> 2) as u8;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::geometry::vector;

    #[test]
    fn halving_takes_the_mean_of_four_pixels() {
        let pixels: Vec<u8> = vec![
            10, 20, 90, 90, 30, 41, 90, 90, 0, 0, 200, 200, 0, 2, 200, 200,
        ];
        let frame = Plane::new(&pixels, 4, 4, 4).unwrap();
        let mut pyramid = Pyramid::default();
        assert_eq!(pyramid.make(frame, 1), 16);
        let half = pyramid.plane(frame, 1);
        assert_eq!((half.row(0), half.row(1)), (&[25, 90][..], &[1, 200][..]));
    }

    #[test]
    fn a_sample_lies_between_its_pixels_and_ends_with_the_image() {
        let pixels = [0, 100, 50, 150];
        let plane = Plane::new(&pixels, 2, 2, 2).unwrap();
        assert_eq!(plane.sample(vector(0.5, 0.0)), Some(50.0));
        assert_eq!(plane.sample(vector(0.5, 0.5)), Some(75.0));
        assert_eq!(plane.sample(vector(-0.9, 0.0)), Some(0.0));
        assert_eq!(plane.sample(vector(-1.1, 0.0)), None);
        assert_eq!(plane.sample(vector(f32::NAN, 0.0)), None);
    }

    #[test]
    fn the_smallest_frames_can_be_halved() {
        for (width, height) in [(1, 1), (1, 5), (7, 1), (3, 3)] {
            let pixels = vec![9; width * height];
            let frame = Plane::new(&pixels, width, height, width).unwrap();
            let mut pyramid = Pyramid::default();
            pyramid.make(frame, LEVELS - 1);
            assert_eq!(pyramid.plane(frame, LEVELS - 1).at(0, 0), 9);
        }
    }

    #[test]
    fn a_short_last_row_is_enough_and_a_shorter_one_is_not() {
        assert!(Plane::new(&[0; 18], 8, 2, 10).is_some());
        assert!(Plane::new(&[0; 17], 8, 2, 10).is_none());
        assert!(Plane::new(&[0; 17], 0, 2, 10).is_none());
        assert!(Plane::new(&[0; 17], 4, 0, 10).is_none());
    }
}
