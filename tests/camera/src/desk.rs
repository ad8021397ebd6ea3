//! The desk behind the label: grain and shade, and things that look a little like codes.

use crate::draw::Canvas;
use crate::random::{Random, mix};

/// Paints desk and clutter.
pub(crate) fn paint(canvas: &mut Canvas, seed: u64, clutter: usize) {
    let mut random = Random::stream(seed, 4);
    surface(canvas, &mut random);
    for _ in 0..clutter {
        thing(canvas, &mut random);
    }
}

/// Value noise on two lattices (a broad one for shade, a stretched one for grain) and speckle.
fn surface(canvas: &mut Canvas, random: &mut Random) {
    let base = random.between(70.0, 190.0);
    let grain = random.between(4.0, 22.0);
    let (stretch_x, stretch_y) = match random.below(3) {
        0 => (48, 3),
        1 => (6, 6),
        _ => (3, 3),
    };
    let shade_seed = random.next_u64();
    let grain_seed = random.next_u64();
    let mut row_values = vec![0.0f32; canvas.width];
    for y in 0..canvas.height {
        row_values.fill(base);
        add_noise_row(&mut row_values, y, 96, 96, shade_seed, 18.0);
        add_noise_row(&mut row_values, y, stretch_x, stretch_y, grain_seed, grain);
        for (pixel, value) in canvas.row_mut(y).iter_mut().zip(&row_values) {
            *pixel = value.clamp(12.0, 245.0);
        }
    }
}

/// Adds one row of bilinear value noise, in -amplitude..amplitude.
fn add_noise_row(
    row: &mut [f32],
    y: usize,
    cell_x: usize,
    cell_y: usize,
    seed: u64,
    amplitude: f32,
) {
    let at = |i: usize, j: usize| {
        let bits = mix(seed ^ ((i as u64) << 32) ^ j as u64);
        ((bits >> 40) as f32 / (1u64 << 23) as f32 - 1.0) * amplitude
    };
    let (j, fraction) = (y / cell_y, (y % cell_y) as f32 / cell_y as f32);
    let column = |i: usize| at(i, j) + (at(i, j + 1) - at(i, j)) * fraction;
    let mut left = column(0);
    for (i, cell) in row.chunks_mut(cell_x).enumerate() {
        let right = column(i + 1);
        let step = (right - left) / cell_x as f32;
        for (x, value) in cell.iter_mut().enumerate() {
            *value += left + step * x as f32;
        }
        left = right;
    }
}

/// A sheet of text, a keyboard, a pen, a barcode, or a block of random modules in nested squares.
fn thing(canvas: &mut Canvas, random: &mut Random) {
    let scale = canvas.width as f32 / 1920.0;
    let origin = (
        random.unit() * canvas.width as f32,
        random.unit() * canvas.height as f32,
    );
    let (sine, cosine) = libm::sincosf(random.between(0.0, std::f32::consts::PI));
    let mut quad = |x: f32, y: f32, w: f32, h: f32, grey: f32| {
        let corner = |x: f32, y: f32| {
            (
                origin.0 + scale * (cosine * x - sine * y),
                origin.1 + scale * (sine * x + cosine * y),
            )
        };
        canvas.fill_quad(
            [
                corner(x, y),
                corner(x + w, y),
                corner(x + w, y + h),
                corner(x, y + h),
            ],
            grey,
        );
    };
    match random.below(5) {
        0 => {
            let (w, h) = (random.between(150.0, 500.0), random.between(150.0, 500.0));
            quad(0.0, 0.0, w, h, random.between(190.0, 240.0));
            let pitch = random.between(10.0, 22.0);
            let mut y = 15.0;
            while y < h - 15.0 {
                let mut x = 12.0;
                while x < w * 0.8 {
                    let word = random.between(6.0, 40.0);
                    quad(x, y, word, 4.0, random.between(30.0, 90.0));
                    x += word + 6.0;
                }
                y += pitch;
            }
        }
        1 => {
            let key = random.between(26.0, 60.0);
            quad(
                -6.0,
                -6.0,
                key * 12.0 + 6.0,
                key * 4.0 + 6.0,
                random.between(20.0, 60.0),
            );
            let shade = random.between(30.0, 220.0);
            for index in 0..48 {
                let (x, y) = ((index % 12) as f32 * key, (index / 12) as f32 * key);
                quad(x, y, key * 0.86, key * 0.86, shade);
                quad(
                    x + key * 0.3,
                    y + key * 0.25,
                    key * 0.2,
                    key * 0.3,
                    255.0 - shade,
                );
            }
        }
        2 => {
            let (length, width) = (random.between(200.0, 600.0), random.between(12.0, 26.0));
            quad(0.0, 0.0, length, width, random.between(10.0, 230.0));
        }
        3 => {
            quad(-20.0, -10.0, 300.0, 120.0, random.between(190.0, 240.0));
            let unit = random.between(1.6, 3.5);
            let mut x = 0.0;
            while x < 255.0 {
                quad(x, 0.0, unit * (1 + random.below(3)) as f32, 100.0, 25.0);
                x += unit * (2 + random.below(5)) as f32;
            }
        }
        _ => {
            let (module, side) = (random.between(4.0, 9.0), 10 + random.below(16));
            let n = side as f32;
            quad(
                -3.0 * module,
                -3.0 * module,
                (n + 6.0) * module,
                (n + 6.0) * module,
                225.0,
            );
            for index in 0..side * side {
                if random.chance(0.5) {
                    let (x, y) = ((index % side) as f32, (index / side) as f32);
                    quad(x * module, y * module, module, module, 25.0);
                }
            }
            for (size, grey) in [(7.0, 25.0), (5.0, 225.0), (3.0, 25.0)] {
                let edge = (n - size) * module / 2.0;
                quad(edge, edge, size * module, size * module, grey);
            }
        }
    }
}
