//! Mean and deviation of the grey levels around every pixel, row by row, in time that does not
//! depend on how far around.

use super::plane::Plane;

/// Part of an image.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Region {
    pub(crate) left: usize,
    pub(crate) top: usize,
    pub(crate) width: usize,
    pub(crate) height: usize,
}

impl Region {
    pub(crate) fn all(plane: &Plane<'_>) -> Self {
        Self {
            left: 0,
            top: 0,
            width: plane.width(),
            height: plane.height(),
        }
    }

    /// Row `y` of the region.
    #[inline]
    pub(crate) fn row<'a>(&self, plane: &Plane<'a>, y: usize) -> &'a [u8] {
        &plane.row(self.top + y)[self.left..self.left + self.width]
    }
}

/// Slides a square window down a region. Sums of columns are kept; those of a row come from running
/// sums along it.
#[derive(Default)]
pub(crate) struct LocalMoments {
    sums: Vec<u32>,
    squares: Vec<u32>,
    running_sums: Vec<u32>,
    running_squares: Vec<u32>,
    /// Of the row last asked for.
    pub(crate) mean: Vec<f32>,
    pub(crate) deviation: Vec<f32>,
    reach: usize,
}

impl LocalMoments {
    /// Prepares for windows of `2 * reach + 1` pixels squared; [`LocalMoments::row`] must then be
    /// called for every row from 0 on. The window is at most 181 pixels wide, so that its squares
    /// fit 32 bits.
    pub(crate) fn start(&mut self, plane: &Plane<'_>, region: &Region, reach: usize) {
        self.reach = reach.min(90);
        for column in [&mut self.sums, &mut self.squares] {
            column.clear();
            column.resize(region.width, 0);
        }
        for running in [&mut self.running_sums, &mut self.running_squares] {
            running.clear();
            running.resize(region.width + 1, 0);
        }
        for out in [&mut self.mean, &mut self.deviation] {
            out.clear();
            out.resize(region.width, 0.0);
        }
        for y in 0..self.reach.min(region.height) {
            self.enter(region.row(plane, y));
        }
    }

    fn enter(&mut self, row: &[u8]) {
        for ((s, q), &v) in self.sums.iter_mut().zip(&mut self.squares).zip(row) {
            let v = u32::from(v);
            *s += v;
            *q += v * v;
        }
    }

    fn leave(&mut self, row: &[u8]) {
        for ((s, q), &v) in self.sums.iter_mut().zip(&mut self.squares).zip(row) {
            let v = u32::from(v);
            *s -= v;
            *q -= v * v;
        }
    }

    /// Moves the window to row `y` of the region and fills `mean` and `deviation`.
    pub(crate) fn row(&mut self, plane: &Plane<'_>, region: &Region, y: usize) {
        let (reach, height, width) = (self.reach, region.height, region.width);
        if y + reach < height {
            self.enter(region.row(plane, y + reach));
        }
        if y > reach {
            self.leave(region.row(plane, y - reach - 1));
        }
        let rows = (y + reach).min(height - 1) + 1 - y.saturating_sub(reach);
        let (mut sum, mut square) = (0u32, 0u32);
        let running = self.running_sums[1..]
            .iter_mut()
            .zip(&mut self.running_squares[1..]);
        for ((rs, rq), (s, q)) in running.zip(self.sums.iter().zip(&self.squares)) {
            // Wrapping is harmless: only differences over one window are used.
            sum = sum.wrapping_add(*s);
            square = square.wrapping_add(*q);
            (*rs, *rq) = (sum, square);
        }
        let edge = reach.min(width);
        let inner_end = width.saturating_sub(reach).max(edge);
        for x in (0..edge).chain(inner_end..width) {
            let (a, b) = (x.saturating_sub(reach), (x + reach + 1).min(width));
            let k = 1.0 / (rows * (b - a)) as f32;
            let sum = self.running_sums[b].wrapping_sub(self.running_sums[a]);
            let square = self.running_squares[b].wrapping_sub(self.running_squares[a]);
            (self.mean[x], self.deviation[x]) = moments(sum, square, k);
        }
        if inner_end <= edge {
            return;
        }
        // Written over slices of one length, so that it vectorises.
        let inner = inner_end - edge;
        let k = 1.0 / (rows * (2 * reach + 1)) as f32;
        let window = 2 * reach + 1;
        let from = self.running_sums[..inner]
            .iter()
            .zip(&self.running_squares[..inner]);
        let to = self.running_sums[window..][..inner]
            .iter()
            .zip(&self.running_squares[window..][..inner]);
        let out = self.mean[edge..inner_end]
            .iter_mut()
            .zip(&mut self.deviation[edge..inner_end]);
        for ((mean, deviation), ((s0, q0), (s1, q1))) in out.zip(from.zip(to)) {
            (*mean, *deviation) = moments(s1.wrapping_sub(*s0), q1.wrapping_sub(*q0), k);
        }
    }
}

#[inline]
fn moments(sum: u32, square: u32, k: f32) -> (f32, f32) {
    // Both fit in 31 bits; converting signed numbers is cheaper on common processors.
    let (mean, square) = (sum as i32 as f32 * k, square as i32 as f32 * k);
    (mean, (square - mean * mean).max(0.0).sqrt())
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    proptest! {
        #[test]
        fn moments_are_those_of_the_window_cut_by_the_region(
            width in 1usize..24, height in 1usize..24, reach in 0usize..9,
            pixels in prop::collection::vec(any::<u8>(), 40 * 40),
        ) {
            let plane = Plane::new(&pixels, 40, 40, 40).unwrap();
            let region = Region { left: 5, top: 7, width, height };
            let mut moments = LocalMoments::default();
            moments.start(&plane, &region, reach);
            for y in 0..height {
                moments.row(&plane, &region, y);
                for x in 0..width {
                    let mut window: Vec<u8> = vec![];
                    for wy in y.saturating_sub(reach)..(y + reach + 1).min(height) {
                        let row = region.row(&plane, wy);
                        window.extend(&row[x.saturating_sub(reach)..(x + reach + 1).min(width)]);
                    }
                    let n = window.len() as f32;
                    let mean = window.iter().map(|&v| f32::from(v)).sum::<f32>() / n;
                    let variance =
                        window.iter().map(|&v| (f32::from(v) - mean).powi(2)).sum::<f32>() / n;
                    prop_assert!((moments.mean[x] - mean).abs() < 0.01);
                    prop_assert!((moments.deviation[x] - variance.sqrt()).abs() < 0.1);
                }
            }
        }
    }
}
