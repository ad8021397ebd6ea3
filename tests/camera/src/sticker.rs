//! The printed sticker: modules, quiet zone, a line of text, and what has happened to it since.

use kokoni_model::label::Symbol;

use crate::pose::{Extent, Pose};
use crate::random::Random;
use crate::shot::Shot;

/// Modules of quiet zone, as ISO/IEC 18004 asks.
const QUIET: usize = 4;
/// Modules of the band below that carries the printed id.
const BAND: usize = 6;

/// Anything printed in modules.
pub trait Print {
    /// Modules a side, at least 1.
    fn side(&self) -> usize;
    /// Whether the module in this column and row is dark.
    fn is_dark(&self, column: usize, row: usize) -> bool;
}

impl Print for Symbol {
    fn side(&self) -> usize {
        Symbol::side(self)
    }

    fn is_dark(&self, column: usize, row: usize) -> bool {
        Symbol::is_dark(self, column, row)
    }
}

/// A print somewhere in the frame.
#[derive(Clone, Copy)]
pub struct Sticker<'a> {
    /// What is printed.
    pub print: &'a dyn Print,
    /// Where it stands.
    pub pose: Pose,
}

/// The flat sticker as grey levels, several texels a module.
pub(crate) struct Texture {
    pub(crate) extent: Extent,
    texels_per_module: usize,
    across: usize,
    down: usize,
    grey: Vec<f32>,
}

impl Texture {
    pub(crate) fn print(print: &dyn Print, shot: &Shot, number: usize) -> Self {
        let side = print.side();
        // Fine enough that a texel is below half a pixel, bounded for the largest symbols.
        let fine = (1500 / (side + 2 * QUIET)).clamp(4, 12);
        let (across, down) = ((side + 2 * QUIET) * fine, (side + 2 * QUIET + BAND) * fine);
        let (ink, paper) = if shot.inverted {
            (shot.paper, shot.ink)
        } else {
            (shot.ink, shot.paper)
        };
        let mut texture = Self {
            extent: Extent {
                left: -(QUIET as f32),
                top: -(QUIET as f32),
                right: (side + QUIET) as f32,
                bottom: (side + QUIET + BAND) as f32,
            },
            texels_per_module: fine,
            across,
            down,
            grey: vec![paper; across * down],
        };
        for row in 0..side {
            for column in 0..side {
                if print.is_dark(column, row) {
                    texture.fill_module(column, row, ink);
                }
            }
        }
        let mut random = Random::stream(shot.seed ^ ((number as u64) << 32), 3);
        texture.print_id(side, ink, &mut random);
        texture.soil(side, shot, &mut random);
        texture.tape(side, shot, &mut random);
        texture
    }

    /// Grey level at a place in modules; `None` beside the sticker.
    pub(crate) fn at(&self, x: f32, y: f32) -> Option<f32> {
        let fine = self.texels_per_module as f32;
        let (column, row) = ((x - self.extent.left) * fine, (y - self.extent.top) * fine);
        // Casting saturates, so what is left of 0 must be caught before.
        if column < 0.0 || row < 0.0 {
            return None;
        }
        let (column, row) = (column as usize, row as usize);
        (column < self.across && row < self.down).then(|| self.grey[row * self.across + column])
    }

    fn fill_module(&mut self, column: usize, row: usize, grey: f32) {
        let fine = self.texels_per_module;
        let first = (column + QUIET) * fine;
        for y in (row + QUIET) * fine..(row + QUIET + 1) * fine {
            let start = y * self.across + first;
            self.grey[start..start + fine].fill(grey);
        }
    }

    /// The id in groups below the code, as strokes of about its weight.
    fn print_id(&mut self, side: usize, ink: f32, random: &mut Random) {
        let fine = self.texels_per_module as f32;
        let step = side as f32 / 24.0;
        for letter in 0..24 {
            if letter % 5 == 4 {
                continue;
            }
            let x = (QUIET as f32 + letter as f32 * step) * fine;
            let y = (side + 2 * QUIET) as f32 * fine;
            for _ in 0..3 {
                let a = (random.between(0.0, 0.7 * step), random.between(0.0, 2.6));
                let b = (random.between(0.0, 0.7 * step), random.between(0.0, 2.6));
                self.stroke(
                    (x + a.0 * fine, y + a.1 * fine),
                    (x + b.0 * fine, y + b.1 * fine),
                    0.12 * fine,
                    ink,
                );
            }
        }
    }

    /// Blobs, scratches and worn spots until their share of the symbol is reached.
    fn soil(&mut self, side: usize, shot: &Shot, random: &mut Random) {
        let fine = self.texels_per_module as f32;
        let size = side as f32 * fine;
        let edge = QUIET as f32 * fine;
        let mut left = shot.dirt.clamp(0.0, 0.5) * size * size;
        let greys = [
            0.8 * shot.ink,
            0.95 * shot.paper,
            0.5 * (shot.ink + shot.paper),
        ];
        while left > 0.0 {
            let grey = greys[random.below(greys.len())];
            let centre = (edge + random.unit() * size, edge + random.unit() * size);
            let end = if random.chance(0.4) {
                let angle = random.between(0.0, std::f32::consts::TAU);
                let length = random.between(4.0, 20.0) * fine;
                (
                    centre.0 + length * libm::cosf(angle),
                    centre.1 + length * libm::sinf(angle),
                )
            } else {
                centre
            };
            let radius = if end == centre {
                random.between(0.5, 1.8) * fine
            } else {
                random.between(0.12, 0.35) * fine
            };
            left -= self.stroke(centre, end, radius, grey).max(1) as f32;
        }
    }

    /// Tape over one of the three finder corners, square to the diagonal.
    fn tape(&mut self, side: usize, shot: &Shot, random: &mut Random) {
        if shot.taped_corner <= 0.0 {
            return;
        }
        let n = side as f32;
        let corner = [(0.0, 0.0), (n, 0.0), (0.0, n)][random.below(3)];
        let grey = random.between(0.2, 1.0) * shot.paper;
        let (fine, across) = (self.texels_per_module as f32, self.across);
        for (index, texel) in self.grey.iter_mut().enumerate() {
            let x = (index % across) as f32 / fine - QUIET as f32;
            let y = (index / across) as f32 / fine - QUIET as f32;
            let inward = (
                if corner.0 > 0.0 { n - x } else { x },
                if corner.1 > 0.0 { n - y } else { y },
            );
            if (inward.0 + inward.1) * std::f32::consts::FRAC_1_SQRT_2 < shot.taped_corner {
                *texel = grey;
            }
        }
    }

    /// A round-ended line; gives the number of texels it covers.
    fn stroke(&mut self, a: (f32, f32), b: (f32, f32), radius: f32, grey: f32) -> usize {
        let low = |p: f32, q: f32| (p.min(q) - radius).max(0.0) as usize;
        let high =
            |p: f32, q: f32, bound: usize| ((p.max(q) + radius + 1.0).max(0.0) as usize).min(bound);
        let (dx, dy) = (b.0 - a.0, b.1 - a.1);
        let square = (dx * dx + dy * dy).max(1e-6);
        let mut covered = 0;
        for y in low(a.1, b.1)..high(a.1, b.1, self.down) {
            for x in low(a.0, b.0)..high(a.0, b.0, self.across) {
                let (px, py) = (x as f32 - a.0, y as f32 - a.1);
                let along = ((px * dx + py * dy) / square).clamp(0.0, 1.0);
                let (ex, ey) = (px - along * dx, py - along * dy);
                if ex * ex + ey * ey <= radius * radius {
                    self.grey[y * self.across + x] = grey;
                    covered += 1;
                }
            }
        }
        covered
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use kokoni_model::label::text_symbol;

    fn texture(shot: &Shot) -> Texture {
        Texture::print(&text_symbol("a sticker").expect("fits"), shot, 0)
    }

    fn differing(a: &Texture, b: &Texture) -> f32 {
        let count = a.grey.iter().zip(&b.grey).filter(|(x, y)| x != y).count();
        count as f32 / a.grey.len() as f32
    }

    #[test]
    fn every_module_is_printed_where_it_belongs() {
        let symbol = text_symbol("a sticker").expect("fits");
        let shot = Shot::plain(1);
        let texture = texture(&shot);
        for row in 0..symbol.side() {
            for column in 0..symbol.side() {
                let grey = texture.at(column as f32 + 0.5, row as f32 + 0.5);
                let dark = Symbol::is_dark(&symbol, column, row);
                assert_eq!(grey, Some(if dark { shot.ink } else { shot.paper }));
            }
        }
        assert_eq!(texture.at(-4.1, 0.0), None);
        assert_eq!(texture.at(-3.9, 0.0), Some(shot.paper));
    }

    #[test]
    fn dirt_and_tape_cover_about_as_much_as_asked() {
        let clean = texture(&Shot::plain(1));
        let dirty = texture(&Shot {
            dirt: 0.1,
            ..Shot::plain(1)
        });
        let share = differing(&clean, &dirty);
        assert!((0.005..0.1).contains(&share), "{share}");
        let taped = texture(&Shot {
            taped_corner: 8.0,
            ..Shot::plain(1)
        });
        assert!(differing(&clean, &taped) > 0.02);
    }

    #[test]
    fn an_inverted_sticker_swaps_ink_and_paper() {
        let shot = Shot {
            inverted: true,
            ..Shot::plain(1)
        };
        assert_eq!(texture(&shot).at(0.5, 0.5), Some(shot.paper));
    }
}
