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
    /// Rows that have entered the window and left it.
    entered: usize,
    left: usize,
    /// Of the pixels last asked for.
    pub(crate) mean: Vec<f32>,
    pub(crate) deviation: Vec<f32>,
    reach: usize,
}

impl LocalMoments {
    /// Prepares for windows of `2 * reach + 1` pixels squared; [`LocalMoments::span`] must then be
    /// called for rows that never go up. The window is at most 181 pixels wide, so that its squares
    /// fit 32 bits.
    pub(crate) fn start(&mut self, region: &Region, reach: usize) {
        self.reach = reach.min(90);
        self.entered = 0;
        self.left = 0;
        for column in [&mut self.sums, &mut self.squares] {
            column.clear();
            column.resize(region.width, 0);
        }
        for running in [&mut self.running_sums, &mut self.running_squares] {
            running.clear();
            running.resize(region.width + 1, 0);
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

    /// Moves the window down to row `y`; returns how many rows it covers.
    fn advance(&mut self, plane: &Plane<'_>, region: &Region, y: usize) -> usize {
        let top = y.saturating_sub(self.reach);
        let bottom = (y + self.reach + 1).min(region.height);
        if top >= self.entered {
            // Nothing of the last window is in this one.
            self.sums.fill(0);
            self.squares.fill(0);
            (self.left, self.entered) = (top, top);
        }
        while self.entered < bottom {
            self.enter(region.row(plane, self.entered));
            self.entered += 1;
        }
        while self.left < top {
            self.leave(region.row(plane, self.left));
            self.left += 1;
        }
        bottom - top
    }

    /// Moves the window to row `y` of the region and fills `mean` and `deviation` for the pixels
    /// of this part of the row.
    pub(crate) fn span(
        &mut self,
        plane: &Plane<'_>,
        region: &Region,
        y: usize,
        (from, to): (usize, usize),
    ) {
        let (reach, width) = (self.reach, region.width);
        let rows = self.advance(plane, region, y);
        let (first, last) = (from.saturating_sub(reach), (to + reach).min(width));
        let (mut sum, mut square) = (0u32, 0u32);
        let running = self.running_sums[1..]
            .iter_mut()
            .zip(&mut self.running_squares[1..]);
        let columns = self.sums[first..last]
            .iter()
            .zip(&self.squares[first..last]);
        for ((rs, rq), (s, q)) in running.zip(columns) {
            // Wrapping is harmless: only differences over one window are used.
            sum = sum.wrapping_add(*s);
            square = square.wrapping_add(*q);
            (*rs, *rq) = (sum, square);
        }
        for out in [&mut self.mean, &mut self.deviation] {
            out.clear();
            out.resize(to - from, 0.0);
        }
        let inner = from.max(reach).min(to);
        let inner_end = to.min(width.saturating_sub(reach)).max(inner);
        for x in (from..inner).chain(inner_end..to) {
            let (a, b) = (x.saturating_sub(reach), (x + reach + 1).min(width));
            let k = 1.0 / (rows * (b - a)) as f32;
            let (a, b) = (a - first, b - first);
            let sum = self.running_sums[b].wrapping_sub(self.running_sums[a]);
            let square = self.running_squares[b].wrapping_sub(self.running_squares[a]);
            (self.mean[x - from], self.deviation[x - from]) = moments(sum, square, k);
        }
        if inner_end <= inner {
            return;
        }
        // Written over slices of one length, so that it vectorises.
        let window = 2 * reach + 1;
        let k = 1.0 / (rows * window) as f32;
        let (start, length) = (inner - reach - first, inner_end - inner);
        let begins = self.running_sums[start..][..length]
            .iter()
            .zip(&self.running_squares[start..][..length]);
        let ends = self.running_sums[start + window..][..length]
            .iter()
            .zip(&self.running_squares[start + window..][..length]);
        let out = self.mean[inner - from..inner_end - from]
            .iter_mut()
            .zip(&mut self.deviation[inner - from..inner_end - from]);
        for ((mean, deviation), ((s0, q0), (s1, q1))) in out.zip(begins.zip(ends)) {
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
            part in (0usize..24, 0usize..24), step in 1usize..24,
            pixels in prop::collection::vec(any::<u8>(), 40 * 40),
        ) {
            let plane = Plane::new(&pixels, 40, 40, 40).unwrap();
            let region = Region { left: 5, top: 7, width, height };
            let mut moments = LocalMoments::default();
            moments.start(&region, reach);
            let (from, to) = (part.0 % width, width - part.1 % (width - part.0 % width));
            for y in (0..height).step_by(step) {
                moments.span(&plane, &region, y, (from, to));
                for x in from..to {
                    let mut window: Vec<u8> = vec![];
                    for wy in y.saturating_sub(reach)..(y + reach + 1).min(height) {
                        let row = region.row(&plane, wy);
                        window.extend(&row[x.saturating_sub(reach)..(x + reach + 1).min(width)]);
                    }
                    let n = window.len() as f32;
                    let mean = window.iter().map(|&v| f32::from(v)).sum::<f32>() / n;
                    let variance =
                        window.iter().map(|&v| (f32::from(v) - mean).powi(2)).sum::<f32>() / n;
                    prop_assert!((moments.mean[x - from] - mean).abs() < 0.01);
                    prop_assert!((moments.deviation[x - from] - variance.sqrt()).abs() < 0.1);
                }
            }
        }
    }
}
