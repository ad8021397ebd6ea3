//! What the synthetic camera promises: the same seed gives the same bytes, the truth is where the
//! symbol is, and the ranges are what they say.

use kokoni_camera::{Difficulty, LumaFrame, Picture, Pose, Random, Shot, Sticker, draw_scene};
use kokoni_model::label::{Host, LabelId, Symbol, label_symbol};
use kokoni_model::reading::Point;
use proptest::prelude::*;

fn symbol(seed: u64) -> Symbol {
    let mut random = Random::new(seed);
    let id = LabelId::from_bytes(std::array::from_fn(|_| random.next_u64() as u8));
    label_symbol(&Host::new("k.example.jp").expect("a host"), &id).expect("fits")
}

/// FNV-1a: enough to notice that one byte changed.
fn fingerprint(frame: &LumaFrame) -> String {
    let hash = frame
        .pixels
        .iter()
        .fold(0xcbf2_9ce4_8422_2325_u64, |hash, &byte| {
            (hash ^ u64::from(byte)).wrapping_mul(0x0000_0100_0000_01b3)
        });
    format!("{}x{} {hash:016x}", frame.width, frame.height)
}

/// Where module coordinates lie, from the truth alone (projective map of the unit square).
fn place(corners: &[Point; 4], u: f32, v: f32) -> (f32, f32) {
    let [a, b, c, d] = corners.map(|p| (f64::from(p.x), f64::from(p.y)));
    let (sx, sy) = (a.0 - b.0 + c.0 - d.0, a.1 - b.1 + c.1 - d.1);
    let (dx1, dy1, dx2, dy2) = (b.0 - c.0, b.1 - c.1, d.0 - c.0, d.1 - c.1);
    let det = dx1 * dy2 - dx2 * dy1;
    let (g, h) = ((sx * dy2 - dx2 * sy) / det, (dx1 * sy - sx * dy1) / det);
    let (u, v) = (f64::from(u), f64::from(v));
    let w = g * u + h * v + 1.0;
    let x = (b.0 - a.0 + g * b.0) * u + (d.0 - a.0 + h * d.0) * v + a.0;
    let y = (b.1 - a.1 + g * b.1) * u + (d.1 - a.1 + h * d.1) * v + a.1;
    ((x / w) as f32, (y / w) as f32)
}

/// Share of the modules whose pixel is on their side of the frame's mid grey at that spot.
fn agreement(picture: &Picture, symbol: &Symbol, shift: (f32, f32)) -> f32 {
    let n = symbol.side();
    let mut greys: Vec<(bool, f32)> = Vec::new();
    for row in 0..n {
        for column in 0..n {
            let u = (column as f32 + 0.5 + shift.0) / n as f32;
            let v = (row as f32 + 0.5 + shift.1) / n as f32;
            let (x, y) = place(&picture.codes[0].corners, u, v);
            let (x, y) = (x.round() as usize, y.round() as usize);
            let frame = &picture.frame;
            let grey = frame.pixels[y.min(frame.height - 1) * frame.width + x.min(frame.width - 1)];
            greys.push((symbol.is_dark(column, row), f32::from(grey)));
        }
    }
    let mean = greys.iter().map(|g| g.1).sum::<f32>() / greys.len() as f32;
    let right = greys
        .iter()
        .filter(|(dark, grey)| *dark == (*grey < mean))
        .count();
    right as f32 / greys.len() as f32
}

#[test]
fn the_same_seed_gives_the_same_bytes() {
    let prints: Vec<String> = (0..4)
        .flat_map(|seed| {
            [Difficulty::Everyday, Difficulty::Whole].map(|difficulty| {
                let shot = Shot {
                    width: 320,
                    height: 240,
                    ..Shot::from_seed(seed, difficulty)
                };
                fingerprint(&shot.draw(&symbol(seed)).frame)
            })
        })
        .collect();
    insta::assert_snapshot!(prints.join("\n"));
}

/// `tests/fixtures/frames/label.pgm` is for tests that do not run Rust.
#[test]
fn the_frame_kept_for_other_languages_is_what_the_camera_draws() {
    let host = Host::new("k.example.jp").expect("a host");
    let symbol = label_symbol(&host, &LabelId::from_bytes([7; 10])).expect("fits");
    let shot = Shot {
        width: 320,
        height: 240,
        ..Shot::plain(1)
    };
    let frame = shot.draw(&symbol).frame;
    let mut drawn = format!("P5 {} {} 255\n", frame.width, frame.height).into_bytes();
    drawn.extend_from_slice(&frame.pixels);
    let path = concat!(env!("CARGO_MANIFEST_DIR"), "/../fixtures/frames/label.pgm");
    if std::env::var_os("KOKONI_WRITE_FIXTURES").is_some() {
        std::fs::write(path, &drawn).expect("written");
    }
    let kept = std::fs::read(path).expect("the fixture is there");
    assert!(kept == drawn, "set KOKONI_WRITE_FIXTURES to write it anew");
}

#[test]
fn another_seed_or_another_moment_gives_another_frame() {
    let shot = Shot::from_seed(1, Difficulty::Everyday);
    let print = |shot: &Shot| fingerprint(&shot.draw(&symbol(1)).frame);
    assert_ne!(
        print(&shot),
        print(&Shot::from_seed(2, Difficulty::Everyday))
    );
    assert_ne!(print(&shot), print(&shot.shaken(1)));
    assert_eq!(print(&shot), print(&shot.shaken(0)));
}

#[test]
fn the_truth_is_where_the_symbol_is() {
    for seed in 0..12 {
        let symbol = symbol(seed);
        let picture = Shot::from_seed(seed, Difficulty::Everyday).draw(&symbol);
        let here = agreement(&picture, &symbol, (0.0, 0.0));
        assert!(here > 0.97, "seed {seed}: {here}");
        // Off by a pixel (a module has five to nine) little changes; off by a module, everything.
        let beside = agreement(&picture, &symbol, (1.0, 0.0));
        assert!(beside < 0.75, "seed {seed}: {beside}");
    }
}

#[test]
fn the_edge_of_the_symbol_lies_within_a_pixel_of_the_truth() {
    let shot = Shot {
        noise: 0.0,
        ..Shot::plain(3)
    };
    let symbol = symbol(3);
    let picture = shot.draw(&symbol);
    let (frame, [tl, ..]) = (&picture.frame, picture.codes[0].corners);
    // Along the middle of the top left finder's first row, from the quiet zone inwards, light
    // falls to half at the corner's x.
    let row = (tl.y + 3.0).round() as usize;
    let half = (shot.paper + shot.ink) / 2.0;
    let edge = (0..frame.width)
        .skip(tl.x as usize - 12)
        .find(|&x| f32::from(frame.pixels[row * frame.width + x]) < half)
        .expect("the finder is dark");
    assert!((edge as f32 - tl.x).abs() <= 1.0, "{edge} for {}", tl.x);
}

#[test]
fn several_labels_are_drawn_each_with_its_truth() {
    let (left, right) = (symbol(1), symbol(2));
    let pose = |x: f32| Pose {
        module_px: 5.0,
        at: (x, 0.0),
        ..Shot::plain(0).pose
    };
    let shot = Shot::plain(9);
    let picture = draw_scene(
        &shot,
        &[
            Sticker {
                print: &left,
                pose: pose(-0.7),
            },
            Sticker {
                print: &right,
                pose: pose(0.7),
            },
        ],
    );
    assert_eq!(picture.codes.len(), 2);
    assert!(agreement(&picture, &left, (0.0, 0.0)) > 0.97);
    let second = Picture {
        codes: vec![picture.codes[1]],
        ..picture.clone()
    };
    assert!(agreement(&second, &right, (0.0, 0.0)) > 0.97);
    assert!(picture.codes[0].corners[1].x < picture.codes[1].corners[0].x);
}

#[test]
fn an_empty_desk_has_no_code() {
    let picture = Shot::from_seed(4, Difficulty::Everyday).draw_empty();
    assert!(picture.codes.is_empty());
    assert_eq!(picture.frame.pixels.len(), 1280 * 720);
}

#[test]
fn a_dim_room_is_darker_and_glare_is_brighter() {
    let mean = |shot: &Shot| {
        let frame = shot.draw(&symbol(5)).frame;
        frame.pixels.iter().map(|&p| f64::from(p)).sum::<f64>() / frame.pixels.len() as f64
    };
    let plain = Shot::plain(5);
    let dim = Shot {
        paper: 60.0,
        ink: 10.0,
        ..plain.clone()
    };
    let glaring = Shot {
        glare: Some(kokoni_camera::Glare {
            strength: 2.0,
            at: (0.0, 0.0),
            radius: 0.3,
        }),
        ..plain.clone()
    };
    assert!(mean(&dim) < 0.5 * mean(&plain));
    assert!(mean(&glaring) > mean(&plain) + 1.0);
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(32))]

    #[test]
    fn any_shot_of_any_size_can_be_taken(seed: u64, width in 0usize..200, height in 0usize..200) {
        let shot = Shot { width, height, ..Shot::from_seed(seed, Difficulty::Whole) };
        let frame = shot.draw(&symbol(seed)).frame;
        prop_assert_eq!(frame.pixels.len(), width.max(1) * height.max(1));
    }
}
