//! Work: whatever a frame shows, a reader stops when its budget is spent. What the fuzzer found
//! slow once is here for good. Counted in units of work, not in time; `cargo xtask bench reader`
//! shows what a unit takes.

#[path = "../fuzz/bodies.rs"]
#[allow(dead_code, reason = "one of the bodies is used")]
mod bodies;

use std::path::Path;

use kokoni_reader::Budget;

/// A step that has begun is finished: moving a grid, or undoing the blur of one with some fifty
/// modules a side.
const LONGEST_STEP: u64 = 2_000_000;

#[test]
fn no_frame_of_the_corpus_takes_more_work_than_its_budget_and_one_step() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("fuzz/corpus/frames");
    let mut most = 0;
    for file in std::fs::read_dir(folder).expect("the corpus is there") {
        let path = file.expect("a file").path();
        let work = bodies::work_of_frame(&std::fs::read(&path).expect("readable"));
        let budget = bodies::BUDGET.units();
        assert!(work <= budget + LONGEST_STEP, "{}: {work}", path.display());
        most = most.max(work);
    }
    assert!(most > Budget::from_millis(1).units(), "nothing was read");
}
