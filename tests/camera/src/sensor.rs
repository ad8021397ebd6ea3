//! The sensor: noise that grows with the light, clipping, eight bits.

use crate::draw::Canvas;
use crate::random::{irwin_hall, mix};

/// Turns light into bytes. Read noise and shot noise together: their variance is linear in the
/// light (Janesick, "Photon Transfer", 2007), here 1 at a grey level of 160.
pub(crate) fn expose(canvas: &Canvas, noise: f32, seed: u64) -> Vec<u8> {
    let mut pixels = Vec::with_capacity(canvas.width * canvas.height);
    for y in 0..canvas.height {
        let row_seed = mix(seed ^ ((y as u64) << 32));
        pixels.extend(canvas.row(y).iter().enumerate().map(|(x, &light)| {
            let light = light.clamp(0.0, 255.0);
            let deviation = noise * (0.4 + (0.6 / 160.0) * light).sqrt();
            // Rounded half up; the cast saturates at both ends.
            let random = irwin_hall(mix(row_seed.wrapping_add(x as u64)));
            (light + deviation * random + 0.5) as u8
        }));
    }
    pixels
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn noise_has_the_deviation_asked_for_and_none_gives_the_light_itself() {
        let mut canvas = Canvas::new(200, 200);
        for y in 0..200 {
            canvas.row_mut(y).fill(160.0);
        }
        assert!(expose(&canvas, 0.0, 1).iter().all(|&p| p == 160));
        let noisy = expose(&canvas, 8.0, 1);
        let variance = noisy
            .iter()
            .map(|&p| (f64::from(p) - 160.0).powi(2))
            .sum::<f64>()
            / noisy.len() as f64;
        assert!((variance.sqrt() - 8.0).abs() < 0.2, "{}", variance.sqrt());
    }
}
