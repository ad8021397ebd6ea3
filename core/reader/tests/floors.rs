//! Floors on frames of the synthetic camera, a small part of `cargo xtask bench reader`: how many
//! are read in each mode, and that nothing is taken for a label that is none. Floors are raised
//! when the reader gets better, and never lowered.

use std::sync::Arc;

use kokoni_camera::{Decoy, Difficulty, Picture, Random, Shot};
use kokoni_model::catalogue::Catalogue;
use kokoni_model::label::{Host, LabelId, label_symbol, label_text};
use kokoni_model::reading::Content;
use kokoni_reader::{Budget, Frame, FrameReader, FrameReadings, PreparedCatalogue, ReaderOptions};

fn host() -> Host {
    Host::new("k.example.jp").expect("a host")
}

fn some_label(random: &mut Random) -> LabelId {
    LabelId::from_bytes(std::array::from_fn(|_| random.next_u64() as u8))
}

fn labels(seed: u64, count: usize) -> Vec<LabelId> {
    let mut random = Random::stream(seed, 9);
    (0..count).map(|_| some_label(&mut random)).collect()
}

fn prepared(labels: &[LabelId]) -> Arc<PreparedCatalogue> {
    Arc::new(PreparedCatalogue::new(&Catalogue {
        host: host(),
        version: 1,
        labels: labels.to_vec(),
    }))
}

fn read(reader: &mut FrameReader, picture: &Picture) -> FrameReadings {
    let frame = &picture.frame;
    let (width, height) = (frame.width, frame.height);
    reader.read(&Frame::new(&frame.pixels, width, height, width, 1).expect("a frame"))
}

/// Shots of a quarter of the pixels, in which a label is as many pixels wide.
fn shot(seed: u64, difficulty: Difficulty) -> Shot {
    Shot {
        width: 640,
        height: 480,
        ..Shot::from_seed(seed, difficulty)
    }
}

/// Frames read out of `count`, by a fresh reader each.
fn reads(options: &ReaderOptions, known: &[LabelId], difficulty: Difficulty, count: u64) -> usize {
    let mut reader = FrameReader::new(options.clone());
    let read_it = |seed: &u64| {
        let label = known[*seed as usize];
        let picture = shot(*seed, difficulty).draw(&label_symbol(&host(), &label).expect("fits"));
        reader.reset();
        let answer = read(&mut reader, &picture);
        answer
            .readings
            .first()
            .is_some_and(|reading| match &reading.content {
                Content::Label { label: found, .. } => {
                    assert_eq!(found, &label, "seed {seed}: another label was read");
                    true
                }
                Content::Foreign { text } => {
                    assert_eq!(
                        text,
                        &label_text(&host(), &label),
                        "seed {seed}: a wrong text"
                    );
                    true
                }
                Content::Unreadable => false,
            })
    };
    (0..count).filter(read_it).count()
}

#[test]
fn everyday_frames_are_read_by_whoever_knows_nothing() {
    let known = labels(1, 50);
    let read = reads(&ReaderOptions::default(), &known, Difficulty::Everyday, 50);
    assert!(read >= FLOOR_EVERYDAY, "{read} of 50");
}

#[test]
fn what_is_known_adds_frames_to_those_read() {
    let known = labels(2, 80);
    let of = |options: &ReaderOptions| reads(options, &known, Difficulty::Whole, 80);
    let budget = Budget::from_millis(250);
    let nothing = of(&ReaderOptions {
        budget,
        ..Default::default()
    });
    let host = of(&ReaderOptions {
        host: Some(host()),
        budget,
        ..Default::default()
    });
    let catalogue = of(&ReaderOptions {
        catalogue: Some(prepared(&known)),
        budget,
        ..Default::default()
    });
    let floors = [nothing, host, catalogue];
    let kept = floors
        .iter()
        .zip(FLOORS_WHOLE)
        .all(|(read, floor)| *read >= floor);
    assert!(kept, "{floors:?} of 80");
}

/// A thousand frames in four parts, so that they run side by side.
fn nothing_is_taken_for_a_label(part: u64) {
    let known = labels(3, 2000);
    let mut reader = FrameReader::new(ReaderOptions {
        catalogue: Some(prepared(&known)),
        ..Default::default()
    });
    let mut random = Random::stream(part, 10);
    for sequence in 0..50 {
        let shot = shot(random.next_u64(), Difficulty::Whole);
        let outside = some_label(&mut random);
        let near = known[random.below(known.len())];
        for moment in 0..5 {
            let shaken = shot.shaken(moment);
            let picture = match sequence % 8 {
                0 | 1 => shaken.draw(&label_symbol(&host(), &outside).expect("fits")),
                2..=5 => {
                    let mut same = Random::new(sequence);
                    shaken.draw(&Decoy::near_miss(&host(), &near, &mut same))
                }
                6 => shaken.draw(&Decoy::other(&mut Random::new(sequence))),
                _ => shaken.draw_empty(),
            };
            for reading in read(&mut reader, &picture).readings {
                if let Content::Label { label, known } = reading.content {
                    let right = sequence % 8 < 2 && label == outside && !known;
                    assert!(right, "part {part}, sequence {sequence}, moment {moment}");
                }
            }
        }
    }
}

#[test]
fn nothing_is_taken_for_a_label_in_the_first_quarter_of_a_thousand_frames() {
    nothing_is_taken_for_a_label(1);
}

#[test]
fn nothing_is_taken_for_a_label_in_the_second_quarter_of_a_thousand_frames() {
    nothing_is_taken_for_a_label(2);
}

#[test]
fn nothing_is_taken_for_a_label_in_the_third_quarter_of_a_thousand_frames() {
    nothing_is_taken_for_a_label(3);
}

#[test]
fn nothing_is_taken_for_a_label_in_the_fourth_quarter_of_a_thousand_frames() {
    nothing_is_taken_for_a_label(4);
}

#[test]
fn frames_of_one_hand_read_together_what_none_reads_alone() {
    let known = labels(4, 40);
    let catalogue = prepared(&known);
    let options = ReaderOptions {
        catalogue: Some(catalogue),
        ..Default::default()
    };
    let (mut alone, mut together) = (0, 0);
    for (seed, label) in known.iter().enumerate() {
        let symbol = label_symbol(&host(), label).expect("fits");
        let shot = shot(seed as u64 + 1000, Difficulty::Whole);
        let mut reader = FrameReader::new(options.clone());
        let after: Vec<bool> = (0..5)
            .map(|moment| {
                let answer = read(&mut reader, &shot.shaken(moment).draw(&symbol));
                answer.readings.iter().any(|r| {
                    r.content
                        == Content::Label {
                            label: *label,
                            known: true,
                        }
                })
            })
            .collect();
        alone += usize::from(after[0]);
        together += usize::from(after.iter().any(|&read| read));
    }
    let kept = alone >= FLOOR_FIRST_FRAME && together >= FLOOR_FIVE_FRAMES;
    assert!(kept, "{alone} and {together} of 40");
}

// The floors: what was read when they were last raised.
const FLOOR_EVERYDAY: usize = 50;
const FLOORS_WHOLE: [usize; 3] = [61, 69, 74];
const FLOOR_FIRST_FRAME: usize = 34;
const FLOOR_FIVE_FRAMES: usize = 36;
