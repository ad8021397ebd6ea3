//! The whole detector on frames of the synthetic camera, and on frames made to wear it out.

use kokoni_camera::{Picture, Shot};
use kokoni_model::label::{Host, LabelId, label_symbol};
use proptest::prelude::*;

use super::pattern::KnownModule;
use super::plane::Plane;
use super::{Depth, Detector};
use crate::catalogue::LabelReader;
use crate::geometry::vector;
use crate::grid::Grid;

fn host() -> Host {
    Host::new("k.example.jp").expect("a host")
}

fn picture(shot: &Shot) -> Picture {
    let label = LabelId::from_bytes([0x5a, 3, 0xc7, 91, 8, 0xee, 17, 0x42, 200, 66]);
    shot.draw(&label_symbol(&host(), &label).expect("fits"))
}

fn plane(picture: &Picture) -> Plane<'_> {
    let frame = &picture.frame;
    Plane::new(&frame.pixels, frame.width, frame.height, frame.width).expect("a frame")
}

/// How far the corners of a grid are from the label's, in modules, at worst.
fn error(picture: &Picture, grid: &Grid) -> f32 {
    let truth = picture.codes[0].corners;
    let corners = grid.corners().into_iter().zip(truth);
    let worst = corners
        .map(|(p, t)| p.distance(vector(t.x, t.y)))
        .fold(0.0, f32::max);
    worst / grid.module_size()
}

/// The error of the best of all grids, and how many there are.
fn best_of_all(detector: &mut Detector, picture: &Picture) -> (f32, usize) {
    let frame = plane(picture);
    detector.begin(frame, Depth::Patient);
    let (mut best, mut count) = (f32::MAX, 0);
    while let Some(grid) = detector.next(frame, usize::MAX) {
        count += 1;
        if grid.side == 33 {
            best = best.min(error(picture, &grid));
        }
    }
    (best, count)
}

fn knowing_labels() -> Detector {
    let reader = LabelReader::new(&host()).expect("labels fit");
    let (plan, side) = (reader.plan(), reader.side());
    let known: Vec<Vec<KnownModule>> = (0..8)
        .map(|mask| {
            let modules = plan
                .layout()
                .function_modules()
                .chain(plan.known_data_modules(mask));
            modules
                .map(|(i, dark)| KnownModule::new(side, i, dark))
                .collect()
        })
        .collect();
    let mut detector = Detector::default();
    detector.know(side, &known);
    detector
}

#[test]
fn the_first_grid_of_a_clear_label_lies_within_half_a_module_of_it() {
    let mut detector = Detector::default();
    for seed in 0..12 {
        let mut shot = Shot::plain(seed);
        shot.pose.rotation = seed as f32 * 31.0;
        shot.pose.tilt = seed as f32 * 4.0;
        shot.inverted = seed % 3 == 2;
        let picture = picture(&shot);
        detector.begin(plane(&picture), Depth::Shallow);
        let grid = detector.next(plane(&picture), usize::MAX).expect("a grid");
        assert_eq!(grid.side, 33, "seed {seed}");
        assert_eq!(grid.inverted, shot.inverted, "seed {seed}");
        let error = error(&picture, &grid);
        assert!(error < 0.5, "seed {seed}: off by {error} modules");
    }
}

#[test]
fn a_label_with_a_covered_finder_is_found_by_the_two_others() {
    let mut detector = Detector::default();
    for seed in 0..6 {
        let mut shot = Shot::plain(seed);
        shot.taped_corner = 0.16;
        shot.pose.rotation = seed as f32 * 60.0;
        let (error, _) = best_of_all(&mut detector, &picture(&shot));
        assert!(error < 1.0, "seed {seed}: off by {error} modules");
    }
}

#[test]
fn a_label_too_blurred_for_edges_is_found_by_what_is_known_of_it() {
    let mut shot = Shot::plain(3);
    shot.defocus = 0.85 * shot.pose.module_px;
    let picture = picture(&shot);
    let (without, _) = best_of_all(&mut Detector::default(), &picture);
    assert!(without > 1.0, "blurred too little to tell: {without}");
    let (with, _) = best_of_all(&mut knowing_labels(), &picture);
    assert!(with < 1.0, "off by {with} modules");
}

#[test]
fn a_symbol_that_was_read_is_not_handed_out_again() {
    let picture = picture(&Shot::plain(5));
    let frame = plane(&picture);
    let mut detector = Detector::default();
    detector.begin(frame, Depth::Patient);
    let first = detector.next(frame, usize::MAX).expect("a grid");
    detector.take(&first);
    let mut others = 0;
    while let Some(grid) = detector.next(frame, usize::MAX) {
        others += usize::from(error(&picture, &grid) < 3.0);
    }
    assert_eq!(others, 0);
}

#[test]
fn the_search_goes_on_where_the_budget_ended() {
    let mut shot = Shot::plain(2);
    shot.taped_corner = 0.16;
    let picture = picture(&shot);
    let frame = plane(&picture);
    let corners = |grid: Grid| grid.corners().map(|p| (p.x, p.y));
    let mut whole = Detector::default();
    whole.begin(frame, Depth::Patient);
    let mut parts = Detector::default();
    parts.begin(frame, Depth::Patient);
    while let Some(expected) = whole.next(frame, usize::MAX) {
        let mut allowed = parts.work();
        let next = loop {
            if let Some(grid) = parts.next(frame, allowed) {
                break grid;
            }
            allowed += 50_000;
            assert!(allowed < 1_000_000_000, "never found again");
        };
        assert_eq!(corners(next), corners(expected));
    }
}

/// Frames on which each stage has as much to do as it can have.
fn wearing() -> Vec<(&'static str, Vec<u8>)> {
    const FINDER: [u16; 9] = [0, 0xfe, 0x82, 0xba, 0xba, 0xba, 0x82, 0xfe, 0];
    let mut state = 7u64;
    let mut random = move || {
        state = state
            .wrapping_mul(6_364_136_223_846_793_005)
            .wrapping_add(1_442_695_040_888_963_407);
        (state >> 56) as u8
    };
    let noise: Vec<u8> = (0..WIDTH * HEIGHT).map(|_| random()).collect();
    let blocks: Vec<u8> = noise
        .iter()
        .map(|&v| if v > 127 { 255 } else { 0 })
        .collect();
    let drawn = |value: &dyn Fn(usize, usize) -> u8| {
        (0..WIDTH * HEIGHT)
            .map(|i| value(i % WIDTH, i / WIDTH))
            .collect::<Vec<u8>>()
    };
    let finders = |k: usize| {
        drawn(&|x, y| {
            if FINDER[y / k % 9] >> (x / k % 9) & 1 == 1 {
                0
            } else {
                255
            }
        })
    };
    vec![
        ("noise", noise.clone()),
        ("blocks", drawn(&|x, y| blocks[y / 3 * WIDTH + x / 3])),
        (
            "checkerboard",
            drawn(&|x, y| ((x / 4 + y / 4) % 2 * 255) as u8),
        ),
        (
            "grating",
            drawn(&|x, _| (128.0 + 120.0 * (x as f32 * 0.9).sin()) as u8),
        ),
        ("finders of 9 pixels", finders(1)),
        ("finders of 18 pixels", finders(2)),
        ("finders of 36 pixels", finders(4)),
    ]
}

const WIDTH: usize = 640;
const HEIGHT: usize = 400;

#[test]
fn work_stays_bounded_on_noise_gratings_and_fields_of_finders() {
    let mut detector = knowing_labels();
    for (name, pixels) in wearing() {
        let frame = Plane::new(&pixels, WIDTH, HEIGHT, WIDTH).expect("a frame");
        detector.begin(frame, Depth::Patient);
        let mut grids = 0;
        while detector.next(frame, usize::MAX).is_some() {
            grids += 1;
        }
        // Twelve passes over each pixel and its copies, correlation, and the caps of every list.
        let most = 40 * WIDTH * HEIGHT + 60_000_000;
        assert!(
            detector.work() < most,
            "{name}: {} units of work",
            detector.work()
        );
        assert!(grids < 400, "{name}: {grids} grids");
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]
    #[test]
    fn a_frame_of_any_size_and_content_is_searched_to_its_end(
        width in 1usize..90, height in 1usize..90,
        pixels in prop::collection::vec(any::<u8>(), 90 * 90), coarse in 1usize..9,
    ) {
        let pixels: Vec<u8> = (0..width * height)
            .map(|i| pixels[(i / width / coarse) * 90 + i % width / coarse])
            .collect();
        let frame = Plane::new(&pixels, width, height, width).unwrap();
        let mut detector = knowing_labels();
        detector.begin(frame, Depth::Patient);
        while detector.next(frame, usize::MAX).is_some() {}
        prop_assert!(detector.work() < 100_000_000);
    }
}
