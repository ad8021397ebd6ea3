//! The calls whose cost matters, timed here: a benchmark in Kotlin or Swift compares its own figure
//! with these of the same process. Only with the feature `testing`.

use std::sync::Arc;
use std::time::Instant;

use crate::choices::Via;
use crate::error::KokoniError;
use crate::kokoni::Kokoni;
use crate::reader::FrameReader;

/// Nanoseconds of each of so many reads of one frame.
#[uniffi::export]
pub fn testing_read_nanos(
    reader: Arc<FrameReader>,
    luma: &[u8],
    width: i32,
    height: i32,
    count: u32,
) -> Result<Vec<u64>, KokoniError> {
    (0..count)
        .map(|_| timed(|| reader.read(luma, width, height, width, 1)))
        .collect()
}

/// Nanoseconds of each of so many looks at one frame.
#[uniffi::export]
pub fn testing_look_nanos(
    reader: Arc<FrameReader>,
    luma: &[u8],
    width: i32,
    height: i32,
    count: u32,
) -> Result<Vec<u64>, KokoniError> {
    (0..count)
        .map(|_| timed(|| reader.look(luma, [width, height, width, 1])))
        .collect()
}

/// Nanoseconds of each scan, label after label.
#[uniffi::export]
pub fn testing_scan_nanos(
    kokoni: Arc<Kokoni>,
    labels: Vec<String>,
) -> Result<Vec<u64>, KokoniError> {
    labels
        .into_iter()
        .map(|label| timed(|| kokoni.scan(label, Via::Camera)))
        .collect()
}

fn timed<T>(call: impl FnOnce() -> Result<T, KokoniError>) -> Result<u64, KokoniError> {
    let start = Instant::now();
    call()?;
    Ok(u64::try_from(start.elapsed().as_nanos()).unwrap_or(u64::MAX))
}
