//! Memory: at most 3 bytes a pixel of the frame, 2 MiB and 64 bytes a label of the catalogue,
//! whatever the frame shows; and once a reader has seen frames of a size, no allocation but its
//! answers. Counted by an allocator of its own, so this file holds one test.

use std::sync::Arc;

use kokoni_camera::{Difficulty, Random, Shot};
use kokoni_model::catalogue::Catalogue;
use kokoni_model::label::{Host, LabelId, label_symbol, text_symbol};
use kokoni_reader::{Budget, Frame, FrameReader, PreparedCatalogue, ReaderOptions};

#[global_allocator]
static COUNTED: dhat::Alloc = dhat::Alloc;

const LABELS: usize = 2_000;

/// Allocations for one reading: the list of them, its text and bytes, and what these grow
/// from by doubling.
const MOST_OF_AN_ANSWER: u64 = 16;

/// A frame's bytes, its sides and the bytes from pixel to pixel.
struct Picture {
    name: &'static str,
    luma: Vec<u8>,
    width: usize,
    height: usize,
    step: usize,
    has_answer: bool,
}

impl Picture {
    fn of(
        name: &'static str,
        (width, height): (usize, usize),
        step: usize,
        mut pixel: impl FnMut(usize, usize) -> u8,
    ) -> Self {
        let mut luma = vec![0; width * height * step];
        for (i, bytes) in luma.chunks_exact_mut(step).enumerate() {
            bytes[0] = pixel(i % width, i / width);
        }
        Self {
            name,
            luma,
            width,
            height,
            step,
            has_answer: false,
        }
    }

    /// Of which something is said, be it that it cannot be read.
    fn with_answer(self) -> Self {
        Self {
            has_answer: true,
            ..self
        }
    }

    fn frame(&self) -> Frame<'_> {
        let stride = self.width * self.step;
        Frame::new(&self.luma, self.width, self.height, stride, self.step).expect("a frame")
    }

    fn bound(&self) -> usize {
        3 * self.width * self.height + (2 << 20) + 64 * LABELS
    }
}

fn host() -> Host {
    Host::new("k.example.jp").expect("a host")
}

/// Finder patterns of nine modules' pitch all over, bent so that they make no symbol.
fn finders(module: usize) -> impl FnMut(usize, usize) -> u8 {
    move |x, y| {
        let ring = |v: usize| (v / module % 9).abs_diff(4);
        match ring(x).max(ring(y + x / 3)) {
            0 | 1 | 3 => 20,
            _ => 230,
        }
    }
}

fn pictures() -> Vec<Picture> {
    let mut random = Random::new(7);
    let mut noise = move |_, _| random.next_u64() as u8;
    let label = LabelId::from_bytes([7; 10]);
    let hard =
        Shot::from_seed(3, Difficulty::Whole).draw(&label_symbol(&host(), &label).expect("fits"));
    let hard = &hard.frame;
    let largest = text_symbol(&"ココニ".repeat(250)).expect("fits");
    assert_eq!(largest.side(), 177);
    vec![
        Picture::of("noise", (1280, 720), 1, &mut noise),
        Picture::of(
            "noise of a camera that interleaves",
            (1280, 720),
            3,
            &mut noise,
        ),
        Picture::of("noise, wide", (4096, 160), 1, &mut noise),
        Picture::of(
            "noise, just too small for a camera's",
            (1024, 690),
            2,
            &mut noise,
        ),
        Picture::of("noise, small", (320, 240), 1, &mut noise),
        Picture::of("finders", (1280, 720), 1, finders(4)).with_answer(),
        Picture::of("finders, interleaved", (1024, 690), 2, finders(3)).with_answer(),
        Picture::of("the largest symbol", (700, 690), 1, |x, y| {
            let inside = |v: usize| {
                v.checked_sub(60)
                    .map(|v| v / 3)
                    .filter(|&v| v < largest.side())
            };
            match (inside(x), inside(y)) {
                (Some(u), Some(v)) if largest.is_dark(u, v) => 20,
                _ => 230,
            }
        })
        .with_answer(),
        Picture::of("a label", (hard.width, hard.height), 1, |x, y| {
            hard.pixels[y * hard.width + x]
        })
        .with_answer(),
    ]
}

#[test]
fn memory_is_bounded_by_the_frame_and_a_frame_of_a_known_size_allocates_only_its_answer() {
    let pictures = pictures();
    let mut random = Random::new(9);
    let catalogue = Catalogue {
        host: host(),
        version: 1,
        labels: (0..LABELS)
            .map(|_| LabelId::from_bytes(std::array::from_fn(|_| random.next_u64() as u8)))
            .collect(),
    };
    for picture in &pictures {
        // What was allocated before, as the picture itself, is not counted.
        let _counting = dhat::Profiler::builder().testing().build();
        let options = ReaderOptions {
            catalogue: Some(Arc::new(PreparedCatalogue::new(&catalogue))),
            budget: Budget::from_millis(250),
            ..Default::default()
        };
        let prepared = dhat::HeapStats::get().max_bytes;
        let mut reader = FrameReader::new(options);
        let frame = picture.frame();
        for _ in 0..2 {
            reader.read(&frame);
        }
        let steady = dhat::HeapStats::get();
        let bound = picture.bound();
        let most = steady.max_bytes;
        assert!(
            most <= bound,
            "{}: {most} bytes of {bound}, {prepared} to prepare",
            picture.name
        );
        let answer = reader.read(&frame);
        let after = dhat::HeapStats::get();
        let allocations = after.total_blocks - steady.total_blocks;
        let readings = answer.readings.len();
        assert!(
            allocations <= MOST_OF_AN_ANSWER * readings as u64,
            "{}: {allocations} allocations for {readings} readings",
            picture.name,
        );
        assert_eq!(readings > 0, picture.has_answer, "{}", picture.name);
    }
}
