//! Frames across the border, as only Rust can look at them.

use std::sync::Arc;
use std::thread;
use std::time::Duration;

use kokoni_ffi::testing::{testing_label_frame, testing_slice_address};
use kokoni_ffi::{
    CodeContent, FrameReader, InputProblem, KokoniError, Language, ReaderConfig, hint_text,
};

const HOST: &str = "k.example.jp";
const LABEL: &str = "0123456789ABCDEF";

fn reader(labels: &[&str]) -> Arc<FrameReader> {
    FrameReader::new(ReaderConfig {
        host: Some(HOST.into()),
        labels: labels.iter().map(|label| (*label).to_owned()).collect(),
        budget: Duration::from_millis(33),
    })
    .expect("a reader")
}

fn drawn(host: &str) -> Vec<u8> {
    testing_label_frame(host.into(), LABEL.into(), 320, 240, 320, 1).expect("drawn")
}

#[test]
fn the_slice_is_used_where_it_lies() {
    let bytes = vec![7_u8; 1000];
    let address = bytes.as_ptr().addr() as u64;
    assert_eq!(testing_slice_address(&bytes), address);
    assert_eq!(testing_slice_address(&bytes[10..]), address + 10);
}

#[test]
fn a_label_is_news_once_until_the_camera_is_opened_anew() {
    let (reader, luma) = (reader(&[LABEL]), drawn(HOST));
    let read = || reader.read(&luma, 320, 240, 320, 1).expect("read");
    let first = read();
    assert_eq!(first.news.as_deref(), Some(LABEL));
    let known = CodeContent::Label {
        label: LABEL.into(),
        known: true,
    };
    assert_eq!(first.readings[0].content, known);
    assert_eq!(first.readings[0].corners.len(), 4);
    let again = read();
    assert_eq!((again.news, again.repeated), (None, true));
    reader.reset();
    assert_eq!(read().news.as_deref(), Some(LABEL));
}

#[test]
fn a_foreign_code_is_told_once() {
    let (reader, luma) = (reader(&[]), drawn("other.example.jp"));
    let read = || reader.read(&luma, 320, 240, 320, 1).expect("read").foreign;
    let text = format!("https://other.example.jp/q/{LABEL}");
    assert_eq!(read(), Some(text.clone()));
    assert_eq!(read(), None);
    reader.reset();
    assert_eq!(read(), Some(text));
}

#[test]
fn a_hint_is_steady_and_has_words() {
    let reader = reader(&[]);
    let dark = vec![10_u8; 320 * 240];
    let hints: Vec<_> = (0..12)
        .map(|_| reader.read(&dark, 320, 240, 320, 1).expect("read").hint)
        .collect();
    assert_eq!(hints[0], None);
    let hint = hints[11].expect("it stays dark");
    assert_eq!(
        hint_text(hint, Language::English),
        "Too dark: use the light"
    );
}

#[test]
fn a_configuration_that_cannot_be_is_an_error() {
    let refused = |host: &str, label: &str| {
        let made = FrameReader::new(ReaderConfig {
            host: Some(host.into()),
            labels: vec![label.into()],
            budget: Duration::from_millis(33),
        });
        made.err()
    };
    let input = |problem| Some(KokoniError::Input { problem });
    assert_eq!(refused("NO HOST", LABEL), input(InputProblem::Host));
    assert_eq!(refused(HOST, "short"), input(InputProblem::Label));
    assert_eq!(refused(HOST, LABEL), None);
}

#[test]
fn a_reader_without_a_host_calls_every_code_foreign() {
    let reader = FrameReader::new(ReaderConfig {
        host: None,
        labels: vec![],
        budget: Duration::ZERO,
    })
    .expect("a reader");
    let seen = reader.read(&drawn(HOST), 320, 240, 320, 1).expect("read");
    assert_eq!(seen.news, None);
    assert_eq!(seen.foreign, Some(format!("https://{HOST}/q/{LABEL}")));
}

#[test]
fn one_reader_may_be_called_from_many_threads() {
    let (reader, luma) = (reader(&[LABEL]), drawn(HOST));
    let news = thread::scope(|scope| {
        let threads: Vec<_> = (0..4)
            .map(|_| {
                scope.spawn(|| {
                    let read = || reader.read(&luma, 320, 240, 320, 1).expect("read");
                    (0..5).filter(|_| read().news.is_some()).count()
                })
            })
            .collect();
        threads
            .into_iter()
            .map(|thread| thread.join().expect("no panic"))
            .sum::<usize>()
    });
    assert_eq!(news, 1);
}
