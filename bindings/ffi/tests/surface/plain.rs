//! The entry in plain C, called as another language would: whatever the numbers are, the answer is
//! a number, and what it says is what the generated call says.

use std::ptr;
use std::sync::Arc;
use std::thread;
use std::time::Duration;

use kokoni_ffi::plain::{FAILED, NEW, NOTHING_NEW, REFUSED, kokoni_frame_reader_look};
use kokoni_ffi::testing::{kokoni_testing_plain_panic, testing_label_frame};
use kokoni_ffi::{FrameReader, Hint, KokoniError, ReaderConfig};

const HOST: &str = "k.example.jp";
const LABEL: &str = "0123456789ABCDEF";
const WIDTH: i32 = 320;
const HEIGHT: i32 = 240;

/// A reader and the handle that another language would hold.
struct Held {
    reader: Arc<FrameReader>,
    handle: u64,
}

impl Held {
    fn new() -> Self {
        let reader = FrameReader::new(ReaderConfig {
            host: Some(HOST.into()),
            labels: vec![LABEL.into()],
            budget: Duration::from_millis(33),
        })
        .expect("a reader");
        let handle = uniffi::Handle::from_arc(reader.clone()).as_raw();
        Self { reader, handle }
    }

    /// Looks at a whole frame without gaps.
    fn look(&self, luma: &[u8]) -> i32 {
        self.look_at(luma, [length(luma), WIDTH, HEIGHT, WIDTH, 1])
    }

    fn look_at(&self, luma: &[u8], numbers: [i32; 5]) -> i32 {
        look(self.handle, luma.as_ptr(), numbers)
    }
}

impl Drop for Held {
    fn drop(&mut self) {
        // SAFETY: made above from an Arc, and used by nobody after this.
        drop(unsafe { uniffi::Handle::from_raw_unchecked(self.handle).into_arc::<FrameReader>() });
    }
}

fn look(handle: u64, memory: *const u8, numbers: [i32; 5]) -> i32 {
    let [length, width, height, row_stride, pixel_stride] = numbers;
    // SAFETY: every test hands over memory that it holds, and no more of it than there is.
    unsafe {
        kokoni_frame_reader_look(
            handle,
            memory,
            length,
            width,
            height,
            row_stride,
            pixel_stride,
        )
    }
}

fn length(luma: &[u8]) -> i32 {
    i32::try_from(luma.len()).expect("a small frame")
}

fn drawn(host: &str, row_stride: i32, pixel_stride: i32) -> Vec<u8> {
    testing_label_frame(
        host.into(),
        LABEL.into(),
        WIDTH,
        HEIGHT,
        row_stride,
        pixel_stride,
    )
    .expect("drawn")
}

fn grey(value: u8) -> Vec<u8> {
    vec![value; 320 * 240]
}

#[test]
fn only_what_is_new_is_there_to_be_fetched_and_once() {
    let held = Held::new();
    let luma = drawn(HOST, WIDTH, 1);
    assert_eq!(held.look(&grey(120)), NOTHING_NEW);
    assert_eq!(held.reader.found(), None);
    assert_eq!(held.look(&luma), NEW);
    let generated = FrameReader::new(ReaderConfig {
        host: Some(HOST.into()),
        labels: vec![LABEL.into()],
        budget: Duration::from_millis(33),
    })
    .expect("a reader");
    let expected = generated
        .read(&luma, WIDTH, HEIGHT, WIDTH, 1)
        .expect("read");
    assert_eq!(expected.news.as_deref(), Some(LABEL));
    assert_eq!(held.reader.found(), Some(expected));
    assert_eq!(held.reader.found(), None);
    for _ in 0..5 {
        assert_eq!(held.look(&luma), NOTHING_NEW);
        assert_eq!(held.reader.found(), None);
    }
    held.reader.reset();
    assert_eq!(held.look(&luma), NEW);
}

#[test]
fn what_was_not_fetched_is_gone_with_the_next_frame_or_session() {
    let held = Held::new();
    let luma = drawn(HOST, WIDTH, 1);
    assert_eq!(held.look(&luma), NEW);
    assert_eq!(held.look(&luma), NOTHING_NEW);
    assert_eq!(held.reader.found(), None);
    held.reader.reset();
    assert_eq!(held.look(&luma), NEW);
    held.reader.reset();
    assert_eq!(held.reader.found(), None);
}

#[test]
fn a_foreign_code_is_new_once() {
    let held = Held::new();
    let luma = drawn("other.example.jp", WIDTH, 1);
    assert_eq!(held.look(&luma), NEW);
    let found = held.reader.found().expect("there");
    let text = format!("https://other.example.jp/q/{LABEL}");
    assert_eq!(found.foreign, Some(text));
    assert_eq!(held.look(&luma), NOTHING_NEW);
}

#[test]
fn a_hint_is_new_when_it_comes_and_when_it_goes() {
    let held = Held::new();
    let (dark, label) = (grey(10), drawn(HOST, WIDTH, 1));
    let codes: Vec<i32> = (0..20).map(|_| held.look(&dark)).collect();
    assert_eq!(codes.iter().filter(|code| **code == NEW).count(), 1);
    held.reader.reset();
    // The screen still shows it: that it is gone is news after another opening too.
    assert_eq!(held.look(&dark), NEW);
    assert_eq!(held.reader.found().expect("there").hint, None);
    let again = (0..20).find(|_| held.look(&dark) == NEW);
    assert!(again.is_some());
    assert_eq!(
        held.reader.found().expect("there").hint,
        Some(Hint::TooDark)
    );
    // A reading by the generated call tells as well.
    let read = held
        .reader
        .read(&label, WIDTH, HEIGHT, WIDTH, 1)
        .expect("read");
    assert_eq!(read.hint, None);
    assert_eq!(held.look(&label), NOTHING_NEW);
}

#[test]
fn strides_are_respected() {
    let luma = drawn(HOST, 2 * WIDTH + 64, 2);
    let numbers = [length(&luma), WIDTH, HEIGHT, 2 * WIDTH + 64, 2];
    assert_eq!(Held::new().look_at(&luma, numbers), NEW);
    // The last row may end with its last pixel.
    let short = length(&luma) - 65;
    let numbers = [short, WIDTH, HEIGHT, 2 * WIDTH + 64, 2];
    assert_eq!(Held::new().look_at(&luma, numbers), NEW);
    let numbers = [short - 1, WIDTH, HEIGHT, 2 * WIDTH + 64, 2];
    assert_eq!(Held::new().look_at(&luma, numbers), REFUSED);
}

#[test]
fn numbers_that_do_not_fit_are_refused_and_the_next_frame_is_read() {
    let held = Held::new();
    let luma = drawn(HOST, WIDTH, 1);
    let whole = length(&luma);
    let good = [whole, WIDTH, HEIGHT, WIDTH, 1];
    let wrong = [0, -1, i32::MIN, i32::MAX];
    for place in 0..good.len() {
        for number in wrong {
            if place == 0 && number == i32::MAX {
                // More than there is: nobody but the caller can know.
                continue;
            }
            let mut numbers = good;
            numbers[place] = number;
            assert_eq!(held.look_at(&luma, numbers), REFUSED, "{numbers:?}");
        }
    }
    for numbers in [
        [whole - 1, WIDTH, HEIGHT, WIDTH, 1],
        [whole, WIDTH, HEIGHT + 1, WIDTH, 1],
        [whole, WIDTH, HEIGHT, WIDTH - 1, 1],
        [whole, WIDTH, HEIGHT, WIDTH, 2],
        [whole, 5000, 1, 5000, 1],
        [whole, i32::MAX, i32::MAX, i32::MAX, i32::MAX],
    ] {
        assert_eq!(held.look_at(&luma, numbers), REFUSED, "{numbers:?}");
    }
    assert_eq!(held.reader.found(), None);
    let refused = held.reader.read(&luma, WIDTH, HEIGHT + 1, WIDTH, 1);
    assert!(matches!(refused, Err(KokoniError::Input { .. })));
    assert_eq!(held.look(&luma), NEW);
}

#[test]
fn without_a_reader_or_memory_it_is_refused() {
    let luma = drawn(HOST, WIDTH, 1);
    let good = [length(&luma), WIDTH, HEIGHT, WIDTH, 1];
    assert_eq!(look(0, luma.as_ptr(), good), REFUSED);
    assert_eq!(look(Held::new().handle, ptr::null(), good), REFUSED);
}

#[test]
fn a_panic_is_a_number() {
    assert_eq!(kokoni_testing_plain_panic(), FAILED);
}

#[test]
fn it_may_be_called_from_many_threads_and_holds_nothing_afterwards() {
    let held = Held::new();
    let luma = drawn(HOST, WIDTH, 1);
    let news = thread::scope(|scope| {
        let threads: Vec<_> = (0..4)
            .map(|_| scope.spawn(|| (0..5).filter(|_| held.look(&luma) == NEW).count()))
            .collect();
        let counts = threads.into_iter().map(|one| one.join().expect("no panic"));
        counts.sum::<usize>()
    });
    assert_eq!(news, 1);
    assert_eq!(Arc::strong_count(&held.reader), 2);
}
