//! Composing a picture: desk, stickers, light, lens, sensor.

use kokoni_model::reading::Point;

use crate::pose::symbol_corners;
use crate::random::{Random, mix};
use crate::shot::Shot;
use crate::sticker::{Sticker, Texture};
use crate::{desk, optics, sensor};

/// One luma image, row by row without gaps.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct LumaFrame {
    /// Pixels across.
    pub width: usize,
    /// Pixels down.
    pub height: usize,
    /// `width * height` grey levels, 0 black.
    pub pixels: Vec<u8>,
}

/// The truth about one code in a picture.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct DrawnCode {
    /// The symbol's corners without its quiet zone, as printed: top left, top right, bottom right,
    /// bottom left. Pixel centres lie at whole numbers.
    pub corners: [Point; 4],
}

/// A frame and the truth about it.
#[derive(Clone, Debug, PartialEq)]
pub struct Picture {
    /// What the camera gives.
    pub frame: LumaFrame,
    /// The codes, in the order of the stickers.
    pub codes: Vec<DrawnCode>,
}

/// Takes a picture of these stickers on a desk, later ones on top; `shot.pose` is not used. Width
/// and height of 0 are taken as 1.
pub fn draw_scene(shot: &Shot, stickers: &[Sticker<'_>]) -> Picture {
    let mut canvas = Canvas::new(shot.width.max(1), shot.height.max(1));
    desk::paint(&mut canvas, shot.seed, shot.clutter);
    // A dim room is dim everywhere, not only on the label.
    let exposure = (shot.paper / 215.0).min(1.0);
    canvas.scale(exposure);
    let codes: Vec<DrawnCode> = stickers
        .iter()
        .enumerate()
        .map(|(number, sticker)| paint(&mut canvas, shot, sticker, number))
        .collect();
    let direction = Random::stream(shot.seed, 5).between(0.0, std::f32::consts::TAU);
    optics::light(&mut canvas, shot, &subject(shot, &codes), direction);
    optics::defocus(&mut canvas, shot.defocus);
    optics::smear(&mut canvas, &shot.motion);
    let pixels = sensor::expose(&canvas, shot.noise, mix(shot.seed) ^ mix(!shot.moment));
    Picture {
        frame: LumaFrame {
            width: canvas.width,
            height: canvas.height,
            pixels,
        },
        codes,
    }
}

/// The light is arranged about the first label, or about the middle of an empty desk.
fn subject(shot: &Shot, codes: &[DrawnCode]) -> optics::Subject {
    match codes.first() {
        Some(code) => {
            let [a, b, c, d] = code.corners;
            let diagonal = ((c.x - a.x).powi(2) + (c.y - a.y).powi(2)).sqrt();
            optics::Subject {
                x: (a.x + b.x + c.x + d.x) / 4.0,
                y: (a.y + b.y + c.y + d.y) / 4.0,
                size: diagonal.max(2.0),
            }
        }
        None => optics::Subject {
            x: shot.width as f32 / 2.0,
            y: shot.height as f32 / 2.0,
            size: shot.height.max(2) as f32 / 3.0,
        },
    }
}

/// Lays one sticker on the desk, each pixel the mean of a square of samples.
fn paint(canvas: &mut Canvas, shot: &Shot, sticker: &Sticker<'_>, number: usize) -> DrawnCode {
    let texture = Texture::print(sticker.print, shot, number);
    let to_frame = sticker
        .pose
        .homography(&texture.extent, canvas.width, canvas.height);
    let from_frame = to_frame.inverse();
    let outline = texture.extent.corners().map(|(x, y)| to_frame.apply(x, y));
    let bound = |pick: fn(&(f32, f32)) -> f32, size: usize| {
        let low = outline.iter().map(pick).fold(f32::MAX, f32::min) - 1.0;
        let high = outline.iter().map(pick).fold(f32::MIN, f32::max) + 2.0;
        (low.max(0.0) as usize).min(size)..(high.max(0.0) as usize).min(size)
    };
    let columns = bound(|p| p.0, canvas.width);
    // Small modules need finer sampling to keep their edges where they are.
    let fine = if sticker.pose.module_px < 4.0 { 4 } else { 3 };
    let offsets: Vec<f32> = (0..fine)
        .map(|i| (i as f32 + 0.5) / fine as f32 - 0.5)
        .collect();
    let share = 1.0 / (fine * fine) as f32;
    // More modules than a pixel can span, however steep the view.
    let margin = 8.0 / sticker.pose.module_px.max(0.5);
    for y in bound(|p| p.1, canvas.height) {
        let row = canvas.row_mut(y);
        for x in columns.clone() {
            // Half of a turned sticker's bounding box is desk; one look tells.
            let (u, v) = from_frame.apply(x as f32, y as f32);
            if !texture.extent.holds(u, v, margin) {
                continue;
            }
            let (mut grey, mut covered) = (0.0, 0.0);
            for dy in &offsets {
                for dx in &offsets {
                    let (u, v) = from_frame.apply(x as f32 + dx, y as f32 + dy);
                    if let Some(texel) = texture.at(u, v) {
                        grey += texel;
                        covered += share;
                    }
                }
            }
            row[x] = row[x] * (1.0 - covered) + grey * share;
        }
    }
    DrawnCode {
        corners: symbol_corners(sticker.print.side(), &to_frame),
    }
}

/// The light that reaches the sensor, before noise and clipping.
pub(crate) struct Canvas {
    pub(crate) width: usize,
    pub(crate) height: usize,
    light: Vec<f32>,
}

impl Canvas {
    pub(crate) fn new(width: usize, height: usize) -> Self {
        Self {
            width,
            height,
            light: vec![0.0; width * height],
        }
    }

    pub(crate) fn row(&self, y: usize) -> &[f32] {
        &self.light[y * self.width..(y + 1) * self.width]
    }

    pub(crate) fn row_mut(&mut self, y: usize) -> &mut [f32] {
        &mut self.light[y * self.width..(y + 1) * self.width]
    }

    fn scale(&mut self, factor: f32) {
        self.light.iter_mut().for_each(|value| *value *= factor);
    }

    /// Fills a convex quadrilateral, row by row.
    pub(crate) fn fill_quad(&mut self, corners: [(f32, f32); 4], grey: f32) {
        let low = corners.iter().map(|c| c.1).fold(f32::MAX, f32::min);
        let high = corners.iter().map(|c| c.1).fold(f32::MIN, f32::max);
        let last = (high.ceil().max(0.0) as usize).min(self.height);
        for y in low.ceil().max(0.0) as usize..last {
            let (mut left, mut right) = (f32::MAX, f32::MIN);
            for edge in 0..4 {
                let ((ax, ay), (bx, by)) = (corners[edge], corners[(edge + 1) % 4]);
                if (ay <= y as f32) == (by <= y as f32) {
                    continue;
                }
                let x = ax + (bx - ax) * (y as f32 - ay) / (by - ay);
                left = left.min(x);
                right = right.max(x);
            }
            let width = self.width;
            let clip = |x: f32| (x.ceil().max(0.0) as usize).min(width);
            let (from, to) = (clip(left), clip(right));
            if left <= right && from < to {
                self.row_mut(y)[from..to].fill(grey);
            }
        }
    }
}
