//! The symbols themselves. Each asks and then makes the call of the kernel that has its name.

use std::ffi::{CStr, OsStr, c_char, c_int, c_long, c_void};
use std::os::unix::ffi::OsStrExt;
use std::path::{Path, PathBuf};

use libc::{AT_FDCWD, O_CREAT, O_TRUNC, mode_t, off_t, off64_t, size_t, ssize_t};

use super::{Answer, Kind, anybody_watches, judge};

/// Makes sure that the linker takes this file in.
#[inline(never)]
pub(super) fn link() {
    let kept = [write as *const (), fsync as *const (), open as *const ()];
    std::hint::black_box(kept);
}

fn path_of_open(file: c_int) -> Option<PathBuf> {
    std::fs::read_link(format!("/proc/self/fd/{file}")).ok()
}

fn ask_of_open(kind: Kind, file: c_int) -> Answer {
    if !anybody_watches() {
        return Answer::GoesOn;
    }
    path_of_open(file).map_or(Answer::GoesOn, |path| judge(kind, &path))
}

/// # Safety
/// `path` is a string that ends with a zero.
unsafe fn ask_of_name(kind: Kind, path: *const c_char) -> Answer {
    if !anybody_watches() {
        return Answer::GoesOn;
    }
    // SAFETY: the caller vouches for it.
    let path = Path::new(OsStr::from_bytes(
        unsafe { CStr::from_ptr(path) }.to_bytes(),
    ));
    judge(kind, path)
}

/// As `kill -9` from outside: nothing is flushed, dropped or unwound.
fn end() -> ! {
    // SAFETY: the process sends itself a signal that it cannot catch.
    unsafe { libc::kill(libc::getpid(), libc::SIGKILL) };
    loop {
        std::thread::park();
    }
}

/// Makes a call as answered. `half` makes half of it.
fn answered(
    answer: Answer,
    whole: impl FnOnce() -> c_long,
    half: impl FnOnce() -> c_long,
) -> c_long {
    match answer {
        Answer::GoesOn => whole(),
        Answer::Pretends => 0,
        Answer::Fails(errno) => {
            // SAFETY: `errno` is the thread's own.
            unsafe { *libc::__errno_location() = errno };
            -1
        }
        Answer::Ends => end(),
        Answer::EndsMidway => {
            // The process ends: nobody hears how much of it was written.
            let _ = half();
            end()
        }
    }
}

fn status(answer: Answer, whole: impl FnOnce() -> c_long) -> c_int {
    // The kernel's answer is 0 or -1.
    answered(answer, whole, || 0) as c_int
}

#[unsafe(no_mangle)]
unsafe extern "C" fn write(file: c_int, from: *const c_void, count: size_t) -> ssize_t {
    // SAFETY: the caller's arguments, and the first half of what it hands over.
    let make = |count: size_t| unsafe { libc::syscall(libc::SYS_write, file, from, count) };
    let answer = ask_of_open(Kind::Write, file);
    answered(answer, || make(count), || make(count / 2)) as ssize_t
}

/// # Safety
/// As of `pwrite`: `from` has `count` readable bytes.
unsafe fn positioned_write(
    file: c_int,
    from: *const c_void,
    count: size_t,
    offset: off64_t,
) -> ssize_t {
    // SAFETY: the caller's arguments, and the first half of what it hands over.
    let make =
        |count: size_t| unsafe { libc::syscall(libc::SYS_pwrite64, file, from, count, offset) };
    let answer = ask_of_open(Kind::Write, file);
    answered(answer, || make(count), || make(count / 2)) as ssize_t
}

#[unsafe(no_mangle)]
unsafe extern "C" fn pwrite(f: c_int, from: *const c_void, n: size_t, at: off_t) -> ssize_t {
    // SAFETY: the caller's arguments.
    unsafe { positioned_write(f, from, n, at) }
}

#[unsafe(no_mangle)]
unsafe extern "C" fn pwrite64(f: c_int, from: *const c_void, n: size_t, at: off64_t) -> ssize_t {
    // SAFETY: the caller's arguments.
    unsafe { positioned_write(f, from, n, at) }
}

#[unsafe(no_mangle)]
unsafe extern "C" fn ftruncate(file: c_int, size: off_t) -> c_int {
    // SAFETY: the caller's arguments.
    let make = || unsafe { libc::syscall(libc::SYS_ftruncate, file, size) };
    status(ask_of_open(Kind::Truncate, file), make)
}

#[unsafe(no_mangle)]
unsafe extern "C" fn ftruncate64(file: c_int, size: off64_t) -> c_int {
    // SAFETY: the caller's arguments.
    unsafe { ftruncate(file, size) }
}

#[unsafe(no_mangle)]
unsafe extern "C" fn fsync(file: c_int) -> c_int {
    // SAFETY: the caller's arguments.
    let make = || unsafe { libc::syscall(libc::SYS_fsync, file) };
    status(ask_of_open(Kind::Sync, file), make)
}

#[unsafe(no_mangle)]
unsafe extern "C" fn fdatasync(file: c_int) -> c_int {
    // SAFETY: the caller's arguments.
    let make = || unsafe { libc::syscall(libc::SYS_fdatasync, file) };
    status(ask_of_open(Kind::Sync, file), make)
}

#[unsafe(no_mangle)]
unsafe extern "C" fn rename(from: *const c_char, to: *const c_char) -> c_int {
    // SAFETY: the caller's arguments.
    unsafe {
        let make = || libc::syscall(libc::SYS_renameat2, AT_FDCWD, from, AT_FDCWD, to, 0);
        status(ask_of_name(Kind::Rename, to), make)
    }
}

#[unsafe(no_mangle)]
unsafe extern "C" fn unlink(path: *const c_char) -> c_int {
    // SAFETY: the caller's arguments.
    unsafe {
        let make = || libc::syscall(libc::SYS_unlinkat, AT_FDCWD, path, 0);
        status(ask_of_name(Kind::Remove, path), make)
    }
}

/// What an `open` changes, if anything.
///
/// # Safety
/// `path` is a string that ends with a zero.
unsafe fn kind_of_open(path: *const c_char, flags: c_int) -> Option<Kind> {
    if !anybody_watches() || flags & (O_CREAT | O_TRUNC) == 0 {
        return None;
    }
    // SAFETY: the caller vouches for it.
    let there = unsafe { libc::syscall(libc::SYS_faccessat, AT_FDCWD, path, libc::F_OK) } == 0;
    match (there, flags & O_CREAT != 0, flags & O_TRUNC != 0) {
        (false, true, _) => Some(Kind::Create),
        (true, _, true) => Some(Kind::Truncate),
        _ => None,
    }
}

/// # Safety
/// As of `open`: `path` ends with a zero.
unsafe fn opened(path: *const c_char, flags: c_int, mode: mode_t) -> c_int {
    // SAFETY: the caller's arguments.
    unsafe {
        let make = || libc::syscall(libc::SYS_openat, AT_FDCWD, path, flags, mode);
        let answer = match kind_of_open(path, flags) {
            Some(kind) => ask_of_name(kind, path),
            None => Answer::GoesOn,
        };
        // The kernel's answer is a descriptor or -1.
        answered(answer, make, make) as c_int
    }
}

// In C `mode` is there only with `O_CREAT`; without it the kernel looks at whatever stands there no
// more than C would.
#[unsafe(no_mangle)]
unsafe extern "C" fn open(path: *const c_char, flags: c_int, mode: mode_t) -> c_int {
    // SAFETY: the caller's arguments.
    unsafe { opened(path, flags, mode) }
}

#[unsafe(no_mangle)]
unsafe extern "C" fn open64(path: *const c_char, flags: c_int, mode: mode_t) -> c_int {
    // SAFETY: the caller's arguments.
    unsafe { opened(path, flags, mode) }
}

#[unsafe(no_mangle)]
unsafe extern "C" fn mkdir(path: *const c_char, mode: mode_t) -> c_int {
    // SAFETY: the caller's arguments.
    unsafe {
        let make = || libc::syscall(libc::SYS_mkdirat, AT_FDCWD, path, mode);
        status(ask_of_name(Kind::MakeFolder, path), make)
    }
}
