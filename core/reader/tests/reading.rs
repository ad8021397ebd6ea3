//! What a reader promises, on frames of the synthetic camera.

use std::sync::Arc;

use kokoni_camera::{Difficulty, Pose, Print, Random, Shot, Sticker, draw_scene};
use kokoni_model::catalogue::Catalogue;
use kokoni_model::label::{Host, LabelId, Symbol, label_symbol, label_text, text_symbol};
use kokoni_model::reading::{Content, Hint};
use kokoni_reader::{Frame, FrameReader, FrameReadings, PreparedCatalogue, ReaderOptions};

fn host() -> Host {
    Host::new("k.example.jp").expect("a host")
}

fn label(seed: u64) -> LabelId {
    let mut random = Random::new(seed ^ 0x1abe1);
    LabelId::from_bytes(std::array::from_fn(|_| random.next_u64() as u8))
}

fn symbol(seed: u64) -> Symbol {
    label_symbol(&host(), &label(seed)).expect("fits")
}

fn reader() -> FrameReader {
    FrameReader::new(ReaderOptions {
        host: Some(host()),
        ..Default::default()
    })
}

fn read(reader: &mut FrameReader, frame: &kokoni_camera::LumaFrame) -> FrameReadings {
    let (width, height) = (frame.width, frame.height);
    reader.read(&Frame::new(&frame.pixels, width, height, width, 1).expect("a frame"))
}

fn is_label(answer: &FrameReadings, label: LabelId, known: bool) -> bool {
    answer
        .readings
        .first()
        .is_some_and(|r| r.content == Content::Label { label, known })
}

#[test]
fn a_label_is_read_with_its_corners_as_printed() {
    for seed in 0..6 {
        let shot = Shot {
            pose: Pose {
                module_px: 5.0,
                tilt: 5.0 * seed as f32,
                tilt_axis: 40.0 * seed as f32,
                rotation: 67.0 * seed as f32,
                at: (0.1 * seed as f32, -0.1 * seed as f32),
            },
            ..Shot::plain(seed)
        };
        let picture = shot.draw(&symbol(seed));
        let answer = read(&mut reader(), &picture.frame);
        assert!(
            is_label(&answer, label(seed), false),
            "seed {seed}: {answer:?}"
        );
        for (found, truth) in answer.readings[0]
            .corners
            .iter()
            .zip(&picture.codes[0].corners)
        {
            let off = (found.x - truth.x).hypot(found.y - truth.y);
            assert!(off < 2.5, "seed {seed}: {found:?} for {truth:?}");
        }
    }
}

#[test]
fn a_label_of_the_catalogue_is_known() {
    let catalogue = PreparedCatalogue::new(&Catalogue {
        host: host(),
        version: 1,
        labels: vec![label(1)],
    });
    let mut reader = FrameReader::new(ReaderOptions {
        catalogue: Some(Arc::new(catalogue)),
        ..Default::default()
    });
    let frame = |seed| Shot::plain(seed).draw(&symbol(seed)).frame;
    assert!(is_label(&read(&mut reader, &frame(1)), label(1), true));
    assert!(is_label(&read(&mut reader, &frame(2)), label(2), false));
}

#[test]
fn a_foreign_code_is_named_and_never_a_label() {
    let other = Host::new("other.example.jp").expect("a host");
    let texts = [
        "a foreign code".to_owned(),
        label_text(&other, &label(1)),
        format!("http://k.example.jp/q/{}", label(1)),
        format!("https://k.example.jp/r/{}", label(1)),
        format!(
            "https://k.example.jp/q/{}",
            label(1).to_string().to_lowercase()
        ),
    ];
    for (seed, text) in texts.iter().enumerate() {
        let symbol = text_symbol(text).expect("fits");
        let answer = read(&mut reader(), &Shot::plain(seed as u64).draw(&symbol).frame);
        let content = answer.readings.first().map(|r| r.content.clone());
        assert_eq!(content, Some(Content::Foreign { text: text.clone() }));
        assert!(answer.news().is_none());
    }
}

#[test]
fn without_a_host_every_code_is_foreign() {
    let mut nobody = FrameReader::new(ReaderOptions::default());
    let answer = read(&mut nobody, &Shot::plain(1).draw(&symbol(1)).frame);
    let text = label_text(&host(), &label(1));
    assert_eq!(answer.readings[0].content, Content::Foreign { text });
}

#[test]
fn an_empty_desk_has_no_reading() {
    for seed in 0..6 {
        let answer = read(
            &mut reader(),
            &Shot::from_seed(seed, Difficulty::Everyday)
                .draw_empty()
                .frame,
        );
        assert_eq!(answer.readings, [], "seed {seed}");
    }
}

#[test]
fn several_labels_are_all_read_the_one_nearest_the_centre_first() {
    let (near, far) = (symbol(1), symbol(2));
    let sticker = |print, x| Sticker {
        print,
        pose: Pose {
            module_px: 5.0,
            at: (x, 0.1),
            ..Shot::plain(0).pose
        },
    };
    let prints: [&dyn Print; 2] = [&far, &near];
    let shot = Shot {
        clutter: 0,
        ..Shot::plain(7)
    };
    let picture = draw_scene(&shot, &[sticker(prints[0], 0.8), sticker(prints[1], -0.3)]);
    let answer = read(&mut reader(), &picture.frame);
    let contents: Vec<Content> = answer.readings.iter().map(|r| r.content.clone()).collect();
    let expected = [label(1), label(2)].map(|label| Content::Label {
        label,
        known: false,
    });
    assert_eq!(contents, expected);
}

#[test]
fn a_label_in_the_hand_is_news_once_and_again_after_a_reset() {
    let mut reader = reader();
    let shot = Shot::from_seed(3, Difficulty::Everyday);
    let news: Vec<bool> = (0..4)
        .map(|moment| {
            let frame = shot.shaken(moment).draw(&symbol(3)).frame;
            read(&mut reader, &frame).news().is_some()
        })
        .collect();
    assert_eq!(news, [true, false, false, false]);
    reader.reset();
    assert!(
        read(&mut reader, &shot.draw(&symbol(3)).frame)
            .news()
            .is_some()
    );
}

#[test]
fn strides_of_camera_planes_change_nothing() {
    let picture = Shot::plain(4).draw(&symbol(4));
    let plain = read(&mut reader(), &picture.frame);
    let (width, height) = (picture.frame.width, picture.frame.height);
    let (row_stride, pixel_stride) = (2 * width + 37, 2);
    let mut bytes = vec![0x5a; row_stride * height];
    for (y, row) in picture.frame.pixels.chunks_exact(width).enumerate() {
        for (x, &pixel) in row.iter().enumerate() {
            bytes[y * row_stride + x * pixel_stride] = pixel;
        }
    }
    let frame = Frame::new(&bytes, width, height, row_stride, pixel_stride).expect("a frame");
    assert_eq!(reader().read(&frame), plain);
}

#[test]
fn the_same_frames_give_the_same_answers() {
    let answers = || -> Vec<FrameReadings> {
        let mut reader = reader();
        (0..6)
            .map(|seed| {
                let frame = Shot::from_seed(seed, Difficulty::Whole)
                    .draw(&symbol(seed))
                    .frame;
                read(&mut reader, &frame)
            })
            .collect()
    };
    assert_eq!(answers(), answers());
}

#[test]
fn a_room_too_dark_to_read_in_is_said_to_be_dark() {
    let dark = Shot {
        paper: 16.0,
        ink: 15.0,
        noise: 6.0,
        ..Shot::plain(5)
    };
    let answer = read(&mut reader(), &dark.draw(&symbol(5)).frame);
    assert!(answer.news().is_none(), "{answer:?}");
    assert_eq!(answer.hint, Some(Hint::TooDark));
}

#[test]
fn nothing_is_hinted_where_a_label_is_read() {
    let answer = read(&mut reader(), &Shot::plain(6).draw(&symbol(6)).frame);
    assert_eq!(answer.hint, None);
}

#[test]
fn frames_of_any_content_and_size_are_survived() {
    let mut random = Random::new(9);
    let mut reader = reader();
    for case in 0..60 {
        let (width, height) = (1 + random.below(300), 1 + random.below(300));
        let pixels: Vec<u8> = match case % 4 {
            0 => (0..width * height)
                .map(|_| random.next_u64() as u8)
                .collect(),
            1 => (0..width * height)
                .map(|i| if (i % width) / 2 % 2 == 0 { 255 } else { 0 })
                .collect(),
            2 => vec![random.next_u64() as u8; width * height],
            _ => (0..width * height)
                .map(|i| [0, 255][(i % width / 3 + i / width / 3) % 2])
                .collect(),
        };
        let frame = Frame::new(&pixels, width, height, width, 1).expect("a frame");
        let answer = reader.read(&frame);
        let labels = answer
            .readings
            .iter()
            .filter(|r| matches!(r.content, Content::Label { .. }));
        assert_eq!(labels.count(), 0);
    }
}
