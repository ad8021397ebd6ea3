//! One open file: SQLite's I/O methods, each asking the disk and then the file of SQLite's own file
//! system, which lies in the same block of memory, behind ours.

use std::cell::Cell;
use std::ffi::{CStr, c_char, c_int, c_void};

use rusqlite::ffi;

use super::{Operation, Verdict, Watched};

/// What SQLite's `sqlite3_file` is here. SQLite allocates it, with room for the file below.
#[repr(C)]
pub(super) struct File {
    base: ffi::sqlite3_file,
    /// Null for a file that nobody watches.
    watched: *mut Watched,
}

/// How much SQLite must allocate before the file below.
pub(super) const SIZE: usize = size_of::<File>();
const _: () = assert!(SIZE.is_multiple_of(align_of::<u64>()));

/// The file below.
///
/// # Safety
/// `file` was allocated by SQLite with [`SIZE`] and the size of the file below.
pub(super) unsafe fn below(file: *mut ffi::sqlite3_file) -> *mut ffi::sqlite3_file {
    // SAFETY: the caller vouches for the block's size.
    unsafe { file.cast::<u8>().add(SIZE).cast() }
}

/// Makes `file` ours, or one that SQLite must not close where `opened` is not.
///
/// # Safety
/// As for [`below`]; `file` is not open.
pub(super) unsafe fn set_up(
    file: *mut ffi::sqlite3_file,
    opened: bool,
    watched: Option<Box<Watched>>,
) {
    let file = file.cast::<File>();
    let methods: *const ffi::sqlite3_io_methods = if opened { &METHODS } else { std::ptr::null() };
    // SAFETY: the block is as large as a `File`, and SQLite looks at it only after this.
    unsafe {
        (*file).base.pMethods = methods;
        (*file).watched = watched.map_or(std::ptr::null_mut(), Box::into_raw);
    }
}

/// Version 2: with shared memory, without reading through mapped memory, which would be unseen.
static METHODS: ffi::sqlite3_io_methods = ffi::sqlite3_io_methods {
    iVersion: 2,
    xClose: Some(close),
    xRead: Some(read),
    xWrite: Some(write),
    xTruncate: Some(truncate),
    xSync: Some(sync),
    xFileSize: Some(file_size),
    xLock: Some(lock),
    xUnlock: Some(unlock),
    xCheckReservedLock: Some(check_reserved_lock),
    xFileControl: Some(file_control),
    xSectorSize: Some(sector_size),
    xDeviceCharacteristics: Some(device_characteristics),
    xShmMap: Some(shm_map),
    xShmLock: Some(shm_lock),
    xShmBarrier: Some(shm_barrier),
    xShmUnmap: Some(shm_unmap),
    xFetch: None,
    xUnfetch: None,
};

/// # Safety
/// `file` is open and ours.
unsafe fn watched<'a>(file: *mut ffi::sqlite3_file) -> Option<&'a mut Watched> {
    // SAFETY: set by `set_up`, freed by `close`; SQLite uses one file on one thread at a time.
    unsafe { (*file.cast::<File>()).watched.as_mut() }
}

/// Calls a method of the file below.
macro_rules! call_below {
    ($file:expr, $method:ident $(, $argument:expr)*) => {{
        // SAFETY: SQLite calls methods of open files only, and the file below is open when ours is.
        unsafe {
            let below = below($file);
            let method = (*(*below).pMethods).$method.expect(stringify!($method));
            method(below $(, $argument)*)
        }
    }};
}

/// Asks the disk, does it, tells the disk.
fn asked(watched: &Watched, operation: &Operation<'_>, act: impl FnOnce() -> c_int) -> c_int {
    match watched.disk.judge(operation) {
        Verdict::Fails(code) | Verdict::Breaks { code, .. } => code,
        Verdict::Happens => {
            let code = act();
            if code == ffi::SQLITE_OK {
                watched.disk.happened(operation);
            }
            code
        }
    }
}

unsafe extern "C" fn close(file: *mut ffi::sqlite3_file) -> c_int {
    let code = call_below!(file, xClose);
    let ours = file.cast::<File>();
    // SAFETY: the box was given away by `set_up`, and SQLite closes a file once.
    unsafe {
        if !(*ours).watched.is_null() {
            drop(Box::from_raw((*ours).watched));
            (*ours).watched = std::ptr::null_mut();
        }
    }
    code
}

unsafe extern "C" fn read(
    file: *mut ffi::sqlite3_file,
    into: *mut c_void,
    count: c_int,
    offset: i64,
) -> c_int {
    // SAFETY: SQLite calls with an open file of ours, here and in every method below.
    if let Some(watched) = unsafe { watched(file) }
        && let Verdict::Fails(code) | Verdict::Breaks { code, .. } =
            watched.disk.judge(&Operation::Read {
                name: &watched.name,
            })
    {
        return code;
    }
    call_below!(file, xRead, into, count, offset)
}

unsafe extern "C" fn write(
    file: *mut ffi::sqlite3_file,
    from: *const c_void,
    count: c_int,
    offset: i64,
) -> c_int {
    // SAFETY: an open file of ours.
    let Some(watched) = (unsafe { watched(file) }) else {
        return call_below!(file, xWrite, from, count, offset);
    };
    let length = usize::try_from(count).expect("SQLite writes some bytes");
    // SAFETY: SQLite hands over `count` readable bytes.
    let bytes = unsafe { std::slice::from_raw_parts(from.cast::<u8>(), length) };
    let at = u64::try_from(offset).expect("SQLite writes from some byte on");
    let part = |length| Operation::Write {
        name: &watched.name,
        offset: at,
        bytes: &bytes[..length],
    };
    let (whole, then) = match watched.disk.judge(&part(length)) {
        Verdict::Happens => (length, ffi::SQLITE_OK),
        Verdict::Fails(code) => (0, code),
        Verdict::Breaks { after, code } => (after.min(length), code),
    };
    if whole > 0 {
        let count = c_int::try_from(whole).expect("part of a count");
        let code = call_below!(file, xWrite, from, count, offset);
        if code != ffi::SQLITE_OK {
            return code;
        }
        watched.disk.happened(&part(whole));
    }
    then
}

unsafe extern "C" fn truncate(file: *mut ffi::sqlite3_file, size: i64) -> c_int {
    let act = || call_below!(file, xTruncate, size);
    // SAFETY: an open file of ours.
    let Some(watched) = (unsafe { watched(file) }) else {
        return act();
    };
    let operation = Operation::Truncate {
        name: &watched.name,
        size: u64::try_from(size).expect("SQLite keeps some bytes"),
    };
    asked(watched, &operation, act)
}

unsafe extern "C" fn sync(file: *mut ffi::sqlite3_file, flags: c_int) -> c_int {
    // SAFETY: an open file of ours.
    let Some(watched) = (unsafe { watched(file) }) else {
        return call_below!(file, xSync, flags);
    };
    let operation = Operation::Sync {
        name: &watched.name,
        folder: watched.folder_waits,
    };
    let code = asked(watched, &operation, || ffi::SQLITE_OK);
    watched.folder_waits &= code != ffi::SQLITE_OK;
    code
}

unsafe extern "C" fn file_size(file: *mut ffi::sqlite3_file, size: *mut i64) -> c_int {
    call_below!(file, xFileSize, size)
}

unsafe extern "C" fn lock(file: *mut ffi::sqlite3_file, level: c_int) -> c_int {
    call_below!(file, xLock, level)
}

unsafe extern "C" fn unlock(file: *mut ffi::sqlite3_file, level: c_int) -> c_int {
    call_below!(file, xUnlock, level)
}

unsafe extern "C" fn check_reserved_lock(
    file: *mut ffi::sqlite3_file,
    answer: *mut c_int,
) -> c_int {
    call_below!(file, xCheckReservedLock, answer)
}

unsafe extern "C" fn file_control(
    file: *mut ffi::sqlite3_file,
    what: c_int,
    argument: *mut c_void,
) -> c_int {
    // SAFETY: an open file of ours.
    if let Some(watched) = unsafe { watched(file) }
        && what == ffi::SQLITE_FCNTL_PRAGMA
        && watched.disk.normal()
        // SAFETY: for this request SQLite hands over a pragma.
        && unsafe { asks_for_a_level(argument) }
        && !OUR_OWN_PRAGMA.get()
    {
        return ffi::SQLITE_OK;
    }
    call_below!(file, xFileControl, what, argument)
}

/// Whether a pragma sets how far SQLite waits for the disk.
///
/// # Safety
/// `argument` is what `SQLITE_FCNTL_PRAGMA` comes with: room for an answer, the name, the value.
unsafe fn asks_for_a_level(argument: *mut c_void) -> bool {
    let words = argument.cast::<*const c_char>();
    // SAFETY: the caller vouches for three pointers, of which the name is a string.
    unsafe {
        let (name, value) = (*words.add(1), *words.add(2));
        !value.is_null()
            && CStr::from_ptr(name)
                .to_bytes()
                .eq_ignore_ascii_case(b"synchronous")
    }
}

thread_local! {
    static OUR_OWN_PRAGMA: Cell<bool> = const { Cell::new(false) };
}

/// Runs `PRAGMA synchronous = NORMAL` on a connection for good: later ones go unheard.
///
/// # Safety
/// `connection` is open and used by nobody else now.
pub(super) unsafe fn run_normal(connection: *mut ffi::sqlite3) -> c_int {
    OUR_OWN_PRAGMA.set(true);
    // SAFETY: the caller vouches for the connection; the text ends with a zero.
    let code = unsafe {
        ffi::sqlite3_exec(
            connection,
            c"PRAGMA synchronous = NORMAL".as_ptr(),
            None,
            std::ptr::null_mut(),
            std::ptr::null_mut(),
        )
    };
    OUR_OWN_PRAGMA.set(false);
    code
}

unsafe extern "C" fn sector_size(file: *mut ffi::sqlite3_file) -> c_int {
    call_below!(file, xSectorSize)
}

unsafe extern "C" fn device_characteristics(file: *mut ffi::sqlite3_file) -> c_int {
    call_below!(file, xDeviceCharacteristics)
}

unsafe extern "C" fn shm_map(
    file: *mut ffi::sqlite3_file,
    region: c_int,
    size: c_int,
    extend: c_int,
    memory: *mut *mut c_void,
) -> c_int {
    let act = || call_below!(file, xShmMap, region, size, extend, memory);
    // SAFETY: an open file of ours.
    match unsafe { watched(file) } {
        Some(watched) if extend != 0 => {
            let operation = Operation::ExtendShared {
                name: &watched.name,
            };
            asked(watched, &operation, act)
        }
        _ => act(),
    }
}

unsafe extern "C" fn shm_lock(
    file: *mut ffi::sqlite3_file,
    offset: c_int,
    count: c_int,
    flags: c_int,
) -> c_int {
    call_below!(file, xShmLock, offset, count, flags)
}

unsafe extern "C" fn shm_barrier(file: *mut ffi::sqlite3_file) {
    call_below!(file, xShmBarrier);
}

unsafe extern "C" fn shm_unmap(file: *mut ffi::sqlite3_file, delete: c_int) -> c_int {
    call_below!(file, xShmUnmap, delete)
}
