//! Replays the fuzzers' corpora: what once found a new path, or a fault, is looked at in every run.

#[path = "../fuzz/bodies.rs"]
mod bodies;

use std::path::Path;

fn replay(target: &str, body: fn(&[u8])) {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR"))
        .join("fuzz/corpus")
        .join(target);
    let files = std::fs::read_dir(&folder).expect("the corpus is there");
    let mut replayed = 0;
    for file in files {
        body(&std::fs::read(file.expect("a file").path()).expect("readable"));
        replayed += 1;
    }
    assert!(replayed > 0, "the corpus of {target} is empty");
}

#[test]
fn frames_of_the_corpus_are_read_without_a_fault() {
    replay("frames", bodies::frame);
}

#[test]
fn modules_of_the_corpus_are_decoded_without_a_fault() {
    replay("modules", bodies::modules);
}

#[test]
fn codewords_of_the_corpus_are_read_without_a_fault() {
    replay("codewords", bodies::codewords);
}
