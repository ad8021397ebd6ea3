//! A look at a frame: a number says whether it brought something new.
//!
//! A generated call makes objects in the other language: the status of the call, the buffer of the
//! answer, the answer itself. Thirty frames a second bring nothing new, and for those a number is
//! enough. Only where it says [`NEW`] is the reading fetched, by the generated
//! [`FrameReader::found`](crate::FrameReader::found).

use std::slice;
use std::sync::Arc;

use crate::error::{InputProblem, KokoniError, guarded};
use crate::reader::FrameReader;

/// Nothing that was not told before.
pub const NOTHING_NEW: i32 = 0;
/// A label, a foreign code or another hint: to be fetched.
pub const NEW: i32 = 1;
/// The sizes do not fit the bytes, or there is no reader or no memory.
pub const REFUSED: i32 = -1;
/// A fault of the core itself.
pub const FAILED: i32 = -2;

/// Looks at one frame: the `length` bytes of luma at `memory`, used where they lie. The sizes are those of [`FrameReader::read`]. Answers [`NEW`] or
/// [`NOTHING_NEW`], or a negative number if the frame could not be read.
///
/// # Safety
///
/// `reader` is 0 or the handle of a [`FrameReader`] that is not freed before this returns.
/// `memory` is null, or `length` bytes from there may be read until then; others may write
/// there meanwhile no more than into a frame of the generated call.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn kokoni_frame_reader_look(
    reader: u64,
    memory: *const u8,
    length: i32,
    width: i32,
    height: i32,
    row_stride: i32,
    pixel_stride: i32,
) -> i32 {
    coded(|| {
        let refused = || KokoniError::Input {
            problem: InputProblem::Frame,
        };
        let size = |number: i32| usize::try_from(number).map_err(|_| refused());
        let length = size(length)?;
        if reader == 0 || memory.is_null() {
            return Err(refused());
        }
        // SAFETY: the caller keeps the object of this handle until this returns; the clone is this
        // call's own, as in generated calls.
        let reader: Arc<FrameReader> =
            unsafe { uniffi::Handle::from_raw_unchecked(reader).into_arc_borrowed() };
        // SAFETY: the caller says that so many bytes can be read.
        let luma = unsafe { slice::from_raw_parts(memory, length) };
        reader.look(luma, [width, height, row_stride, pixel_stride])
    })
}

/// The number of an answer; a panic has one too.
pub(crate) fn coded(work: impl FnOnce() -> Result<bool, KokoniError>) -> i32 {
    match guarded(work) {
        Ok(false) => NOTHING_NEW,
        Ok(true) => NEW,
        Err(KokoniError::Input { .. }) => REFUSED,
        Err(_) => FAILED,
    }
}
