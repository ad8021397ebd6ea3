//! The reader for browsers: a plain C interface over one reader per module instance.
//!
//! The page writes into the input buffer, calls, and reads the answer, which is JSON in UTF-8:
//!
//! | call | input before | answer |
//! |---|---|---|
//! | `kokoni_input(bytes)` | | where to write that many bytes, or null over [`MOST_INPUT`] |
//! | `kokoni_open(host_bytes, milliseconds)` | the host in UTF-8, then label ids of ten bytes each | `{}` or `{"error"}` |
//! | `kokoni_read(width, height, row_stride, pixel_stride)` | the luma plane | `{"readings", "hint", "repeated"}` or `{"error"}` |
//! | `kokoni_reset()` | | |
//!
//! Each of `kokoni_open` and `kokoni_read` returns the answer's length; `kokoni_answer()` says
//! where it stands. A call may grow the memory, so views of it are made anew after each.
//! `reader.mjs` beside this crate wraps all of it in a class.
//!
//! Nothing here is unsafe but the exported names themselves: memory is only ever touched through
//! vectors that this side owns.

mod scanner;

use std::cell::RefCell;

use scanner::Scanner;

/// The most bytes of input: a luma plane of 4096 x 4096 with generous padding.
pub const MOST_INPUT: usize = 64 << 20;

thread_local! {
    static SCANNER: RefCell<Scanner> = RefCell::new(Scanner::default());
}

/// Makes room for input; returns where it begins. What was there before is lost.
#[expect(
    unsafe_code,
    reason = "the name is what JavaScript calls; no other crate has it"
)]
#[unsafe(no_mangle)]
pub extern "C" fn kokoni_input(bytes: usize) -> *mut u8 {
    SCANNER.with_borrow_mut(|scanner| match scanner.input(bytes) {
        Some(input) => input.as_mut_ptr(),
        None => std::ptr::null_mut(),
    })
}

/// Opens the reader: the first `host_bytes` of the input are the host (0: every code is foreign),
/// the rest the labels of the catalogue. Returns the answer's length.
#[expect(
    unsafe_code,
    reason = "the name is what JavaScript calls; no other crate has it"
)]
#[unsafe(no_mangle)]
pub extern "C" fn kokoni_open(host_bytes: usize, milliseconds: u32) -> usize {
    SCANNER.with_borrow_mut(|scanner| scanner.open(host_bytes, milliseconds))
}

/// Reads the frame in the input. Returns the answer's length.
#[expect(
    unsafe_code,
    reason = "the name is what JavaScript calls; no other crate has it"
)]
#[unsafe(no_mangle)]
pub extern "C" fn kokoni_read(
    width: usize,
    height: usize,
    row_stride: usize,
    pixel_stride: usize,
) -> usize {
    SCANNER.with_borrow_mut(|scanner| scanner.read(width, height, row_stride, pixel_stride))
}

/// Forgets earlier frames, as when the camera is opened anew.
#[expect(
    unsafe_code,
    reason = "the name is what JavaScript calls; no other crate has it"
)]
#[unsafe(no_mangle)]
pub extern "C" fn kokoni_reset() {
    SCANNER.with_borrow_mut(Scanner::reset);
}

/// Where the last answer begins.
#[expect(
    unsafe_code,
    reason = "the name is what JavaScript calls; no other crate has it"
)]
#[unsafe(no_mangle)]
pub extern "C" fn kokoni_answer() -> *const u8 {
    SCANNER.with_borrow(|scanner| scanner.answer().as_ptr())
}
