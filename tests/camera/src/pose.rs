//! Where a sticker stands before a pinhole camera, and the homography that follows from it.

use kokoni_model::reading::Point;

/// Focal length in frame widths: about 65 degrees across, a phone's main camera (28 mm equivalent).
const FOCAL_WIDTHS: f32 = 0.78;

/// Where a sticker stands before the camera.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Pose {
    /// Pixels per module if the sticker faced the camera at this distance. A sticker that would
    /// not fit the frame is drawn as large as fits.
    pub module_px: f32,
    /// Degrees between the sticker's normal and the line of sight, 0 to 75.
    pub tilt: f32,
    /// Degrees: about which direction in the sticker's plane it tilts.
    pub tilt_axis: f32,
    /// Degrees by which it is turned in its own plane, clockwise in the frame.
    pub rotation: f32,
    /// Where it stands in the room that the frame leaves it: (0, 0) in the middle, (-1, -1) at the
    /// top left, still wholly inside. Beyond -1..1 part of it lies outside the frame.
    pub at: (f32, f32),
}

/// A plane-to-plane map: `[x, y, 1]` in the sticker's modules to the frame's pixels.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Homography([[f32; 3]; 3]);

impl Homography {
    pub(crate) fn apply(&self, x: f32, y: f32) -> (f32, f32) {
        let (u, v, w) = self.homogeneous(x, y);
        (u / w, v / w)
    }

    /// The three homogeneous coordinates: linear in `x` and `y`, so rows can step through them.
    pub(crate) fn homogeneous(&self, x: f32, y: f32) -> (f32, f32, f32) {
        let row = |r: &[f32; 3]| r[0] * x + r[1] * y + r[2];
        (row(&self.0[0]), row(&self.0[1]), row(&self.0[2]))
    }

    /// The inverse up to scale: the adjugate. Never singular here, since tilt is bounded.
    pub(crate) fn inverse(&self) -> Self {
        let m = self.0.map(|row| row.map(f64::from));
        let minor = |r: usize, c: usize| {
            let (r1, r2, c1, c2) = ((r + 1) % 3, (r + 2) % 3, (c + 1) % 3, (c + 2) % 3);
            m[r1][c1] * m[r2][c2] - m[r1][c2] * m[r2][c1]
        };
        let scale = 1.0 / (m[0][0] * minor(0, 0) + m[0][1] * minor(0, 1) + m[0][2] * minor(0, 2));
        Self(std::array::from_fn(|r| {
            std::array::from_fn(|c| (minor(c, r) * scale) as f32)
        }))
    }
}

/// A sticker's rectangle in modules, the symbol's top left corner at (0, 0).
#[derive(Clone, Copy, Debug)]
pub(crate) struct Extent {
    pub(crate) left: f32,
    pub(crate) top: f32,
    pub(crate) right: f32,
    pub(crate) bottom: f32,
}

impl Extent {
    /// Whether a place lies inside, or beside it by no more than `margin`.
    pub(crate) fn holds(&self, x: f32, y: f32, margin: f32) -> bool {
        (self.left - margin..self.right + margin).contains(&x)
            && (self.top - margin..self.bottom + margin).contains(&y)
    }

    pub(crate) fn corners(&self) -> [(f32, f32); 4] {
        [
            (self.left, self.top),
            (self.right, self.top),
            (self.right, self.bottom),
            (self.left, self.bottom),
        ]
    }
}

impl Pose {
    /// Modules to pixels, pixel centres at whole numbers.
    pub(crate) fn homography(&self, extent: &Extent, width: usize, height: usize) -> Homography {
        let (w, h) = (width as f32, height as f32);
        let focal = FOCAL_WIDTHS * w;
        let (across, down) = (extent.right - extent.left, extent.bottom - extent.top);
        // Turned by 45 degrees the diagonal must fit; nearly all of the frame's lesser side.
        let diagonal = (across * across + down * down).sqrt();
        let module = self
            .module_px
            .clamp(0.5, (0.95 * w.min(h) / diagonal).max(0.5));
        let distance = focal / module;
        let turn = self.turn();
        let centre = ((w - 1.0) / 2.0, (h - 1.0) / 2.0);
        let (middle_x, middle_y) = (
            (extent.left + extent.right) / 2.0,
            (extent.top + extent.bottom) / 2.0,
        );
        let place = |dx: f32, dy: f32| {
            // The sticker's middle moves parallel to the sensor; the projection follows.
            let shift = [dx * distance / focal, dy * distance / focal, distance];
            let columns = [
                [turn[0][0], turn[0][1]],
                [turn[1][0], turn[1][1]],
                [turn[2][0], turn[2][1]],
            ];
            let camera: [[f32; 3]; 3] = std::array::from_fn(|i| {
                let [a, b] = columns[i];
                [a, b, shift[i] - a * middle_x - b * middle_y]
            });
            Homography(std::array::from_fn(|i| {
                std::array::from_fn(|j| match i {
                    0 => focal * camera[0][j] + centre.0 * camera[2][j],
                    1 => focal * camera[1][j] + centre.1 * camera[2][j],
                    _ => camera[2][j],
                })
            }))
        };
        // Perspective changes the outline a little on the way: go there in a few steps.
        let mut offset = (0.0, 0.0);
        for _ in 0..6 {
            let there = place(offset.0, offset.1);
            let outline = extent.corners().map(|(x, y)| there.apply(x, y));
            offset.0 += step(self.at.0, outline.map(|p| p.0), w);
            offset.1 += step(self.at.1, outline.map(|p| p.1), h);
        }
        place(offset.0, offset.1)
    }

    /// Rotation of the sticker into camera coordinates: tilt after the turn in its own plane.
    fn turn(&self) -> [[f32; 3]; 3] {
        let radians = |degrees: f32| degrees.to_radians();
        let (rs, rc) = libm::sincosf(radians(self.rotation));
        let (ts, tc) = libm::sincosf(radians(self.tilt.clamp(0.0, 75.0)));
        let (ay, ax) = libm::sincosf(radians(self.tilt_axis));
        let flat = [[rc, -rs, 0.0], [rs, rc, 0.0], [0.0, 0.0, 1.0]];
        // Rodrigues' formula about the axis (ax, ay, 0).
        let tilt = [
            [tc + ax * ax * (1.0 - tc), ax * ay * (1.0 - tc), ay * ts],
            [ax * ay * (1.0 - tc), tc + ay * ay * (1.0 - tc), -ax * ts],
            [-ay * ts, ax * ts, tc],
        ];
        std::array::from_fn(|i| {
            std::array::from_fn(|j| (0..3).map(|k| tilt[i][k] * flat[k][j]).sum())
        })
    }
}

/// How far an outline must still go, in pixels, to stand at `at` of the room that it leaves.
fn step(at: f32, outline: [f32; 4], size: f32) -> f32 {
    let low = outline.into_iter().fold(f32::MAX, f32::min);
    let high = outline.into_iter().fold(f32::MIN, f32::max);
    let room = (size - 1.0 - (high - low)).max(0.0);
    (at + 1.0) / 2.0 * room + (size - 1.0 - room - (high - low)) / 2.0 - low
}

/// The symbol's corners in the frame.
pub(crate) fn symbol_corners(side: usize, to_frame: &Homography) -> [Point; 4] {
    let n = side as f32;
    [(0.0, 0.0), (n, 0.0), (n, n), (0.0, n)].map(|(x, y)| {
        let (x, y) = to_frame.apply(x, y);
        Point { x, y }
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    const EXTENT: Extent = Extent {
        left: -4.0,
        top: -4.0,
        right: 37.0,
        bottom: 43.0,
    };

    fn poses() -> impl Strategy<Value = Pose> {
        (
            1.0f32..12.0,
            0.0f32..70.0,
            0.0f32..360.0,
            0.0f32..360.0,
            (-1.0f32..1.0, -1.0f32..1.0),
        )
            .prop_map(|(module_px, tilt, tilt_axis, rotation, at)| Pose {
                module_px,
                tilt,
                tilt_axis,
                rotation,
                at,
            })
    }

    #[test]
    fn a_sticker_that_faces_the_camera_is_a_square_of_its_modules() {
        let pose = Pose {
            module_px: 5.0,
            tilt: 0.0,
            tilt_axis: 0.0,
            rotation: 0.0,
            at: (0.0, 0.0),
        };
        let [tl, tr, br, _] = symbol_corners(33, &pose.homography(&EXTENT, 1280, 720));
        assert!((tr.x - tl.x - 165.0).abs() < 0.01, "{tl:?} {tr:?}");
        assert!((br.y - tr.y - 165.0).abs() < 0.01);
        assert!((tr.y - tl.y).abs() < 0.01);
    }

    proptest! {
        #[test]
        fn the_inverse_undoes_the_homography(pose in poses(), x in 0.0f32..33.0, y in 0.0f32..33.0) {
            let there = pose.homography(&EXTENT, 1280, 720);
            let (px, py) = there.apply(x, y);
            let (bx, by) = there.inverse().apply(px, py);
            prop_assert!((bx - x).abs() < 0.05 && (by - y).abs() < 0.05, "{bx} {by} for {x} {y}");
        }

        #[test]
        fn a_pose_within_the_room_keeps_the_sticker_inside_the_frame(pose in poses()) {
            let there = pose.homography(&EXTENT, 1280, 720);
            for (x, y) in EXTENT.corners() {
                let (px, py) = there.apply(x, y);
                prop_assert!(px > -2.0 && px < 1282.0 && py > -2.0 && py < 722.0, "{px} {py}");
            }
        }
    }
}
