//! Points and projective maps of the plane, in single precision.
//!
//! Everywhere in this crate pixel centres lie at whole numbers, module centres at `+0.5`.

use std::ops::{Add, Mul, Sub};

/// A point or a displacement; pixels or modules, as the context says.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub(crate) struct Vector {
    pub(crate) x: f32,
    pub(crate) y: f32,
}

/// Shorthand for [`Vector`].
pub(crate) const fn vector(x: f32, y: f32) -> Vector {
    Vector { x, y }
}

impl Vector {
    pub(crate) fn dot(self, other: Self) -> f32 {
        self.x * other.x + self.y * other.y
    }

    /// Positive when `other` lies clockwise of `self` on the screen (y grows downwards).
    pub(crate) fn cross(self, other: Self) -> f32 {
        self.x * other.y - self.y * other.x
    }

    pub(crate) fn length(self) -> f32 {
        self.dot(self).sqrt()
    }

    pub(crate) fn distance(self, other: Self) -> f32 {
        (self - other).length()
    }

    pub(crate) fn is_finite(self) -> bool {
        self.x.is_finite() && self.y.is_finite()
    }
}

impl Add for Vector {
    type Output = Self;
    fn add(self, other: Self) -> Self {
        vector(self.x + other.x, self.y + other.y)
    }
}

impl Sub for Vector {
    type Output = Self;
    fn sub(self, other: Self) -> Self {
        vector(self.x - other.x, self.y - other.y)
    }
}

impl Mul<f32> for Vector {
    type Output = Self;
    fn mul(self, factor: f32) -> Self {
        vector(self.x * factor, self.y * factor)
    }
}

/// One correspondence of a least-squares fit.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Match {
    pub(crate) from: Vector,
    pub(crate) to: Vector,
    pub(crate) weight: f32,
}

/// A projective map of the plane: `x = (a u + b v + c) / (g u + h v + 1)`, likewise `y`.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) struct Homography([f32; 8]);

impl Homography {
    /// The image of `(u, v)`; not finite on the map's horizon.
    #[inline]
    pub(crate) fn map(&self, u: f32, v: f32) -> Vector {
        let h = &self.0;
        let k = 1.0 / (h[6] * u + h[7] * v + 1.0);
        vector(
            (h[0] * u + h[1] * v + h[2]) * k,
            (h[3] * u + h[4] * v + h[5]) * k,
        )
    }

    /// The map followed by `p -> p * scale + shift` on both axes.
    pub(crate) fn then_scale(&self, scale: f32, shift: f32) -> Self {
        let h = &self.0;
        Self([
            h[0] * scale + h[6] * shift,
            h[1] * scale + h[7] * shift,
            h[2] * scale + shift,
            h[3] * scale + h[6] * shift,
            h[4] * scale + h[7] * shift,
            h[5] * scale + shift,
            h[6],
            h[7],
        ])
    }

    /// The map which takes the corners of the square `(low, low)..(high, high)` to `quad`: top
    /// left, top right, bottom left, bottom right (Heckbert, Fundamentals of Texture Mapping and
    /// Image Warping, 1989, section 2.2.3). `None` when three corners lie on a line.
    pub(crate) fn from_square(low: f32, high: f32, quad: &[Vector; 4]) -> Option<Self> {
        let [p00, p10, p01, p11] = quad.map(|p| (f64::from(p.x), f64::from(p.y)));
        let (dx1, dy1) = (p10.0 - p11.0, p10.1 - p11.1);
        let (dx2, dy2) = (p01.0 - p11.0, p01.1 - p11.1);
        let (sx, sy) = (p00.0 - p10.0 + p11.0 - p01.0, p00.1 - p10.1 + p11.1 - p01.1);
        let det = dx1 * dy2 - dx2 * dy1;
        if det.abs() < 1e-6 {
            return None;
        }
        let g = (sx * dy2 - dx2 * sy) / det;
        let h = (dx1 * sy - sx * dy1) / det;
        let unit = [
            p10.0 - p00.0 + g * p10.0,
            p01.0 - p00.0 + h * p01.0,
            p00.0,
            p10.1 - p00.1 + g * p10.1,
            p01.1 - p00.1 + h * p01.1,
            p00.1,
            g,
            h,
        ];
        // First take module coordinates to the unit square: u -> (u - low) * k.
        let k = 1.0 / f64::from(high - low);
        let t = -f64::from(low) * k;
        let w = 1.0 + (g + h) * t;
        if w.abs() < 1e-6 {
            return None;
        }
        let s = k / w;
        let column = |a: f64, b: f64, c: f64| [a * s, b * s, (c + (a + b) * t) / w];
        let ([a, b, c], [d, e, f]) = (
            column(unit[0], unit[1], unit[2]),
            column(unit[3], unit[4], unit[5]),
        );
        Self([a, b, c, d, e, f, g * s, h * s].map(|x| x as f32)).checked()
    }

    /// Weighted least squares over at least four correspondences (the linear form with the last
    /// coefficient fixed at 1, both sides normalised first as in Hartley, In Defence of the
    /// 8-Point Algorithm, 1997). `None` when they do not determine a map.
    pub(crate) fn fit(matches: &[Match]) -> Option<Self> {
        if matches.len() < 4 {
            return None;
        }
        let source = Normaliser::new(matches.iter().map(|m| m.from))?;
        let target = Normaliser::new(matches.iter().map(|m| m.to))?;
        let mut a = [[0f64; 9]; 8];
        for m in matches {
            let ((u, v), (x, y)) = (source.apply(m.from), target.apply(m.to));
            let w = f64::from(m.weight);
            for (row, t) in [
                ([u, v, 1.0, 0.0, 0.0, 0.0, -u * x, -v * x], x),
                ([0.0, 0.0, 0.0, u, v, 1.0, -u * y, -v * y], y),
            ] {
                for i in 0..8 {
                    for j in 0..8 {
                        a[i][j] += row[i] * row[j] * w;
                    }
                    a[i][8] += row[i] * t * w;
                }
            }
        }
        for (i, row) in a.iter_mut().enumerate() {
            row[i] += 1e-9;
        }
        let h = solve(&mut a)?;
        // Undo both normalisations: target^-1 * H * source.
        let (s, su, sv) = (source.scale, source.centre.0, source.centre.1);
        let k = 1.0 - s * (h[6] * su + h[7] * sv);
        if k.abs() < 1e-12 {
            return None;
        }
        let row = |a: f64, b: f64, c: f64| [a * s, b * s, c - s * (a * su + b * sv)];
        let (x, y, w) = (
            row(h[0], h[1], h[2]),
            row(h[3], h[4], h[5]),
            row(h[6], h[7], 1.0),
        );
        let back = |r: [f64; 3], centre: f64, i: usize| (r[i] / target.scale + centre * w[i]) / k;
        let (cx, cy) = target.centre;
        Self(
            [
                back(x, cx, 0),
                back(x, cx, 1),
                back(x, cx, 2),
                back(y, cy, 0),
                back(y, cy, 1),
                back(y, cy, 2),
                w[0] / k,
                w[1] / k,
            ]
            .map(|v| v as f32),
        )
        .checked()
    }

    fn checked(self) -> Option<Self> {
        self.0.iter().all(|v| v.is_finite()).then_some(self)
    }
}

/// Moves points to a mean of zero and a mean distance of about one.
struct Normaliser {
    centre: (f64, f64),
    scale: f64,
}

impl Normaliser {
    fn new(points: impl Iterator<Item = Vector> + Clone) -> Option<Self> {
        let (mut n, mut x, mut y) = (0.0, 0.0, 0.0);
        for p in points.clone() {
            n += 1.0;
            x += f64::from(p.x);
            y += f64::from(p.y);
        }
        let centre = (x / n, y / n);
        let spread: f64 = points
            .map(|p| (f64::from(p.x) - centre.0).abs() + (f64::from(p.y) - centre.1).abs())
            .sum();
        let scale = n / spread;
        (scale.is_finite() && scale > 0.0).then_some(Self { centre, scale })
    }

    fn apply(&self, p: Vector) -> (f64, f64) {
        (
            (f64::from(p.x) - self.centre.0) * self.scale,
            (f64::from(p.y) - self.centre.1) * self.scale,
        )
    }
}

/// Gauss-Jordan elimination with row pivots; the right-hand side is the last column.
fn solve(a: &mut [[f64; 9]; 8]) -> Option<[f64; 8]> {
    for i in 0..8 {
        let pivot = (i..8).max_by(|&p, &q| a[p][i].abs().total_cmp(&a[q][i].abs()))?;
        a.swap(i, pivot);
        if a[i][i].abs() < 1e-12 {
            return None;
        }
        let lead = a[i];
        for (r, row) in a.iter_mut().enumerate() {
            if r != i {
                let f = row[i] / lead[i];
                for c in i..9 {
                    row[c] -= f * lead[c];
                }
            }
        }
    }
    let mut out = [0.0; 8];
    for (i, o) in out.iter_mut().enumerate() {
        *o = a[i][8] / a[i][i];
    }
    Some(out)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn quad() -> impl Strategy<Value = [Vector; 4]> {
        let jitter = || -30.0f32..30.0;
        prop::array::uniform8(jitter()).prop_map(|j| {
            [
                vector(100.0 + j[0], 100.0 + j[1]),
                vector(300.0 + j[2], 110.0 + j[3]),
                vector(95.0 + j[4], 320.0 + j[5]),
                vector(310.0 + j[6], 300.0 + j[7]),
            ]
        })
    }

    fn corners(low: f32, high: f32) -> [Vector; 4] {
        [
            vector(low, low),
            vector(high, low),
            vector(low, high),
            vector(high, high),
        ]
    }

    proptest! {
        #[test]
        fn a_map_from_a_square_takes_each_corner_to_its_own(q in quad()) {
            let h = Homography::from_square(3.5, 25.5, &q).unwrap();
            for (m, p) in corners(3.5, 25.5).iter().zip(&q) {
                prop_assert!(h.map(m.x, m.y).distance(*p) < 0.01);
            }
        }

        #[test]
        fn a_fit_recovers_the_map_which_made_its_points(q in quad()) {
            let h = Homography::from_square(0.0, 29.0, &q).unwrap();
            let mut matches = vec![];
            for i in 0..12u8 {
                let from = vector(f32::from(i % 4) * 8.0 + 2.0, f32::from(i / 4) * 11.0 + 1.0);
                matches.push(Match { from, to: h.map(from.x, from.y), weight: 1.0 });
            }
            let fit = Homography::fit(&matches).unwrap();
            for (m, p) in corners(0.0, 29.0).iter().zip(&q) {
                prop_assert!(fit.map(m.x, m.y).distance(*p) < 0.05);
            }
        }

        #[test]
        fn scaling_a_map_scales_and_shifts_its_images(q in quad()) {
            let h = Homography::from_square(0.0, 21.0, &q).unwrap();
            let (p, s) = (h.map(5.0, 7.0), h.then_scale(0.5, -0.25).map(5.0, 7.0));
            prop_assert!(s.distance(p * 0.5 + vector(-0.25, -0.25)) < 0.01);
        }
    }

    #[test]
    fn points_on_a_line_determine_no_map() {
        let line = [
            vector(0.0, 0.0),
            vector(1.0, 1.0),
            vector(2.0, 2.0),
            vector(3.0, 3.0),
        ];
        assert!(Homography::from_square(0.0, 1.0, &line).is_none());
    }
}
