//! A scan: what goes in and what comes out lies in memory of the caller's.
//!
//! A generated call crosses five times: for the object, for the memory of each argument, for itself,
//! and to give the answer's memory back. This one crosses once. Arguments and answer are written as
//! the generated bindings write them, so that these can read them.

use std::cell::RefCell;
use std::slice;
use std::sync::Arc;

use uniffi::{Lift, Lower};

use crate::UniFfiTag;
use crate::choices::Via;
use crate::error::{InputProblem, guarded, input};
use crate::kokoni::Kokoni;

thread_local! {
    /// The last answer of this thread: a scan that was saved must not be made again because its
    /// card found no room.
    static ANSWER: RefCell<Vec<u8>> = const { RefCell::new(Vec::new()) };
}

/// [`Kokoni::scan`]. The first `length` of the `capacity` bytes at `room` are the label's text and
/// the way it came ([`Via`]); the answer is written over them.
///
/// Answers the number of its bytes: those of a card, or, if the number is negative, those of an
/// error. Where it is more than `capacity`, nothing is written, and [`kokoni_rest_of_answer`] has
/// all of it. Zero: there is no such object or no memory, and nothing was scanned.
///
/// # Safety
///
/// `kokoni` is 0 or the handle of a [`Kokoni`] that is not freed before this returns. `room` is null,
/// or `capacity` bytes from there are this call's alone until then.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn kokoni_scan(
    kokoni: u64,
    room: *mut u8,
    capacity: i32,
    length: i32,
) -> i32 {
    let sizes = (usize::try_from(capacity), usize::try_from(length));
    let (Ok(capacity), Ok(length)) = sizes else {
        return 0;
    };
    if kokoni == 0 || room.is_null() || length > capacity {
        return 0;
    }
    // SAFETY: the caller says that so many bytes are this call's.
    let room = unsafe { slice::from_raw_parts_mut(room, capacity) };
    // SAFETY: the caller keeps the object of this handle until this returns; the clone is this call's
    // own, as in generated calls.
    let kokoni: Arc<Kokoni> =
        unsafe { uniffi::Handle::from_raw_unchecked(kokoni).into_arc_borrowed() };
    let scanned = guarded(|| {
        let (label, via) = arguments(&room[..length]).ok_or(input(InputProblem::Label))?;
        Ok(written(kokoni.scan(label, via)?))
    });
    match scanned {
        Ok(card) => told(card, room),
        Err(error) => -told(written(error), room),
    }
}

/// The last answer of this thread's, written to the `capacity` bytes at `room`. Answers the number
/// of its bytes, or 0 if there is no room for them.
///
/// # Safety
///
/// `room` is null, or `capacity` bytes from there are this call's alone until it returns.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn kokoni_rest_of_answer(room: *mut u8, capacity: i32) -> i32 {
    let Ok(capacity) = usize::try_from(capacity) else {
        return 0;
    };
    if room.is_null() {
        return 0;
    }
    // SAFETY: the caller says that so many bytes are this call's.
    let room = unsafe { slice::from_raw_parts_mut(room, capacity) };
    let length = told(ANSWER.take(), room);
    if usize::try_from(length).is_ok_and(|length| length <= capacity) {
        length
    } else {
        0
    }
}

fn written(answer: impl Lower<UniFfiTag>) -> Vec<u8> {
    let mut bytes = Vec::new();
    Lower::write(answer, &mut bytes);
    bytes
}

fn arguments(mut bytes: &[u8]) -> Option<(String, Via)> {
    let label = <String as Lift<UniFfiTag>>::try_read(&mut bytes).ok()?;
    let via = <Via as Lift<UniFfiTag>>::try_read(&mut bytes).ok()?;
    bytes.is_empty().then_some((label, via))
}

/// Writes an answer where it fits, and keeps it where it does not.
fn told(answer: Vec<u8>, room: &mut [u8]) -> i32 {
    let length = i32::try_from(answer.len()).unwrap_or(0);
    match room.get_mut(..answer.len()) {
        Some(part) => part.copy_from_slice(&answer),
        None => ANSWER.set(answer),
    }
    length
}
