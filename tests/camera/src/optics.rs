//! Light on the scene and the way through the lens: fall-off, shadow, glare, defocus, motion.

use crate::draw::Canvas;
use crate::shot::{Motion, Shot};

/// Where the label is, for light that falls on it: its middle and its size in pixels.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Subject {
    pub(crate) x: f32,
    pub(crate) y: f32,
    pub(crate) size: f32,
}

/// Multiplies the light's fall-off and shadow in, and adds the glare.
pub(crate) fn light(canvas: &mut Canvas, shot: &Shot, subject: &Subject, direction: f32) {
    if shot.gradient > 0.0 {
        let (sine, cosine) = libm::sincosf(direction);
        let per_px = 1.0 / (subject.size * 1.5);
        scale_by(canvas, |x, y| {
            let along = ((x - subject.x) * cosine + (y - subject.y) * sine) * per_px;
            1.0 - shot.gradient * (0.5 + 0.5 * along).clamp(0.0, 1.0)
        });
    }
    if let Some(shadow) = shot.shadow {
        let (sine, cosine) = libm::sincosf(shadow.direction.to_radians());
        let per_px = 1.0 / shadow.softness.max(0.5);
        let middle = shadow.offset * subject.size;
        scale_by(canvas, |x, y| {
            let along = ((x - subject.x) * cosine + (y - subject.y) * sine - middle) * per_px;
            // A smooth step without the exponential: along / sqrt(1 + along²) from -1 to 1.
            let step = along / (1.0 + along * along).sqrt();
            1.0 - shadow.depth * 0.5 * (1.0 + step)
        });
    }
    if let Some(glare) = shot.glare {
        let radius = (glare.radius * subject.size).max(1.0);
        let (gx, gy) = (
            subject.x + glare.at.0 * subject.size,
            subject.y + glare.at.1 * subject.size,
        );
        let reach = 4.0 * radius;
        let clip = |v: f32, bound: usize| (v.max(0.0) as usize).min(bound);
        let columns = clip(gx - reach, canvas.width)..clip(gx + reach, canvas.width);
        // A round Gaussian is a product of two: one exponential a column and one a row.
        let bell = |d: f32| libm::expf(-d * d / (2.0 * radius * radius));
        let across: Vec<f32> = columns.clone().map(|x| bell(x as f32 - gx)).collect();
        for y in clip(gy - reach, canvas.height)..clip(gy + reach, canvas.height) {
            let down = 200.0 * glare.strength * bell(y as f32 - gy);
            for (pixel, across) in canvas.row_mut(y)[columns.clone()].iter_mut().zip(&across) {
                *pixel += down * across;
            }
        }
    }
}

fn scale_by(canvas: &mut Canvas, factor: impl Fn(f32, f32) -> f32) {
    for y in 0..canvas.height {
        for (x, pixel) in canvas.row_mut(y).iter_mut().enumerate() {
            *pixel *= factor(x as f32, y as f32);
        }
    }
}

/// Gaussian blur, one pass across and one down.
pub(crate) fn defocus(canvas: &mut Canvas, sigma: f32) {
    if sigma < 0.2 {
        return;
    }
    let sigma = sigma.min(24.0);
    let reach = (3.0 * sigma).ceil() as isize;
    let weights: Vec<f32> = (0..=reach)
        .map(|d| libm::expf(-(d * d) as f32 / (2.0 * sigma * sigma)))
        .collect();
    let sum = 2.0 * weights.iter().sum::<f32>() - weights[0];
    let tap = |d: isize| weights[d.unsigned_abs()] / sum;
    let across: Vec<Tap> = (-reach..=reach)
        .map(|d| Tap {
            dx: d,
            dy: 0,
            weight: tap(d),
        })
        .collect();
    let down: Vec<Tap> = across
        .iter()
        .map(|t| Tap {
            dx: 0,
            dy: t.dx,
            weight: t.weight,
        })
        .collect();
    convolve(canvas, &across);
    convolve(canvas, &down);
}

/// Smears along a line: a hand that moves evenly while the shutter is open.
pub(crate) fn smear(canvas: &mut Canvas, motion: &Motion) {
    if motion.length < 0.5 {
        return;
    }
    let length = motion.length.min(64.0);
    let (sine, cosine) = libm::sincosf(motion.direction.to_radians());
    let steps = (4.0 * length).ceil() as usize;
    let reach = (length / 2.0).ceil() as isize + 1;
    let width = (2 * reach + 1) as usize;
    let mut kernel = vec![0.0f32; width * width];
    for step in 0..=steps {
        let along = length * (step as f32 / steps as f32 - 0.5);
        let (x, y) = (along * cosine + reach as f32, along * sine + reach as f32);
        let (column, row) = (x.floor(), y.floor());
        let (fx, fy) = (x - column, y - row);
        let first = row as usize * width + column as usize;
        kernel[first] += (1.0 - fx) * (1.0 - fy);
        kernel[first + 1] += fx * (1.0 - fy);
        kernel[first + width] += (1.0 - fx) * fy;
        kernel[first + width + 1] += fx * fy;
    }
    let sum: f32 = kernel.iter().sum();
    let taps: Vec<Tap> = kernel
        .iter()
        .enumerate()
        .filter(|&(_, &weight)| weight > 0.0)
        .map(|(index, &weight)| Tap {
            dx: (index % width) as isize - reach,
            dy: (index / width) as isize - reach,
            weight: weight / sum,
        })
        .collect();
    convolve(canvas, &taps);
}

struct Tap {
    dx: isize,
    dy: isize,
    weight: f32,
}

/// Sums shifted rows; beyond the frame its edge goes on. The inner loop runs over whole rows, so
/// it vectorises.
fn convolve(canvas: &mut Canvas, taps: &[Tap]) {
    let (width, height) = (canvas.width, canvas.height);
    let reach = taps.iter().map(|t| t.dx.unsigned_abs()).max().unwrap_or(0);
    let source = pad_rows(canvas, reach);
    let padded = width + 2 * reach;
    for y in 0..height {
        let target = canvas.row_mut(y);
        target.fill(0.0);
        for tap in taps {
            let row = y.saturating_add_signed(tap.dy).min(height - 1);
            let start = row * padded + reach.saturating_add_signed(tap.dx);
            for (sum, value) in target.iter_mut().zip(&source[start..start + width]) {
                *sum += tap.weight * value;
            }
        }
    }
}

fn pad_rows(canvas: &Canvas, reach: usize) -> Vec<f32> {
    let mut padded = Vec::with_capacity((canvas.width + 2 * reach) * canvas.height);
    for y in 0..canvas.height {
        let row = canvas.row(y);
        let (first, last) = (row[0], row[canvas.width - 1]);
        padded.extend(std::iter::repeat_n(first, reach));
        padded.extend_from_slice(row);
        padded.extend(std::iter::repeat_n(last, reach));
    }
    padded
}

#[cfg(test)]
mod tests {
    use super::*;

    fn dot() -> Canvas {
        let mut canvas = Canvas::new(41, 31);
        canvas.row_mut(15)[20] = 100.0;
        canvas
    }

    fn spread(canvas: &Canvas) -> (f32, f32, f32) {
        let (mut sum, mut xx, mut yy) = (0.0, 0.0, 0.0);
        for y in 0..canvas.height {
            for (x, value) in canvas.row(y).iter().enumerate() {
                sum += value;
                xx += value * (x as f32 - 20.0) * (x as f32 - 20.0);
                yy += value * (y as f32 - 15.0) * (y as f32 - 15.0);
            }
        }
        (sum, xx / sum, yy / sum)
    }

    #[test]
    fn defocus_spreads_a_dot_by_its_sigma_and_keeps_its_light() {
        let mut canvas = dot();
        defocus(&mut canvas, 2.0);
        let (sum, xx, yy) = spread(&canvas);
        assert!((sum - 100.0).abs() < 0.1, "{sum}");
        assert!(
            (xx - 4.0).abs() < 0.3 && (yy - 4.0).abs() < 0.3,
            "{xx} {yy}"
        );
    }

    #[test]
    fn motion_spreads_a_dot_along_its_direction_only() {
        let mut canvas = dot();
        let motion = Motion {
            length: 12.0,
            direction: 0.0,
        };
        smear(&mut canvas, &motion);
        let (sum, xx, yy) = spread(&canvas);
        assert!((sum - 100.0).abs() < 0.1, "{sum}");
        // A uniform line of length 12 has variance 12.
        assert!((xx - 12.0).abs() < 1.0 && yy < 0.4, "{xx} {yy}");
    }

    #[test]
    fn a_frame_of_one_pixel_survives_every_lens() {
        let mut canvas = Canvas::new(1, 1);
        canvas.row_mut(0)[0] = 9.0;
        defocus(&mut canvas, 24.0);
        smear(
            &mut canvas,
            &Motion {
                length: 64.0,
                direction: 30.0,
            },
        );
        assert!((canvas.row(0)[0] - 9.0).abs() < 0.01);
    }
}
