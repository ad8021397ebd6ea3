//! The file system itself: SQLite's methods for names, and how it becomes the process's default.

use std::ffi::{CStr, OsStr, c_char, c_int};
use std::os::unix::ffi::OsStrExt;
use std::path::Path;
use std::sync::Once;

use rusqlite::ffi;

use super::file::{self, SIZE};
use super::{Operation, Verdict, watched};

/// Registers the file system over SQLite's own, as the default, once.
pub(super) fn register() {
    static ONCE: Once = Once::new();
    // SAFETY: the file system and its name live for ever, and the methods are as SQLite wants them.
    ONCE.call_once(|| unsafe {
        let below = ffi::sqlite3_vfs_find(std::ptr::null());
        assert!(!below.is_null(), "SQLite has a file system of its own");
        let size = c_int::try_from(SIZE).expect("a few bytes") + (*below).szOsFile;
        let ours = Box::new(ffi::sqlite3_vfs {
            iVersion: 2,
            szOsFile: size,
            mxPathname: (*below).mxPathname,
            pNext: std::ptr::null_mut(),
            zName: c"kokoni-faults".as_ptr(),
            pAppData: below.cast(),
            xOpen: Some(open),
            xDelete: Some(delete),
            xAccess: Some(access),
            xFullPathname: Some(full_pathname),
            // No test loads an extension.
            xDlOpen: None,
            xDlError: None,
            xDlSym: None,
            xDlClose: None,
            xRandomness: Some(randomness),
            xSleep: Some(sleep),
            xCurrentTime: Some(current_time),
            xGetLastError: Some(last_error),
            xCurrentTimeInt64: Some(current_time_int64),
            xSetSystemCall: None,
            xGetSystemCall: None,
            xNextSystemCall: None,
        });
        let registered = ffi::sqlite3_vfs_register(Box::into_raw(ours), 1);
        assert_eq!(registered, ffi::SQLITE_OK);
        let extended = ffi::sqlite3_auto_extension(Some(begin_connection));
        assert_eq!(extended, ffi::SQLITE_OK);
    });
}

/// Calls a method of the file system below.
macro_rules! call_below {
    ($vfs:expr, $method:ident $(, $argument:expr)*) => {{
        // SAFETY: `register` put the file system below into `pAppData`, and it lives for ever.
        unsafe {
            let below = (*$vfs).pAppData.cast::<ffi::sqlite3_vfs>();
            let method = (*below).$method.expect(stringify!($method));
            method(below $(, $argument)*)
        }
    }};
}

/// # Safety
/// `path` is a string that ends with a zero, and outlives what is returned.
unsafe fn path_of<'a>(path: *const c_char) -> &'a Path {
    // SAFETY: the caller vouches for it.
    Path::new(OsStr::from_bytes(
        unsafe { CStr::from_ptr(path) }.to_bytes(),
    ))
}

/// Files whose folder SQLite's own file system syncs with them when they are new.
const JOURNALS: c_int =
    ffi::SQLITE_OPEN_WAL | ffi::SQLITE_OPEN_MAIN_JOURNAL | ffi::SQLITE_OPEN_SUPER_JOURNAL;

unsafe extern "C" fn open(
    vfs: *mut ffi::sqlite3_vfs,
    name: ffi::sqlite3_filename,
    file: *mut ffi::sqlite3_file,
    flags: c_int,
    flags_out: *mut c_int,
) -> c_int {
    let temporary = name.is_null() || flags & ffi::SQLITE_OPEN_DELETEONCLOSE != 0;
    // SAFETY: a name that is there is a string.
    let path = (!temporary).then(|| unsafe { path_of(name) });
    let mut found = path.and_then(watched).map(Box::new);
    let creates = flags & ffi::SQLITE_OPEN_CREATE != 0 && path.is_some_and(|path| !path.exists());
    if let Some(watched) = found.as_deref_mut().filter(|_| creates) {
        watched.folder_waits = flags & JOURNALS != 0;
        let operation = Operation::Create {
            name: &watched.name,
        };
        if let Verdict::Fails(code) | Verdict::Breaks { code, .. } = watched.disk.judge(&operation)
        {
            // SAFETY: SQLite hands over a block of the size that `register` asked for.
            unsafe { file::set_up(file, false, None) };
            return code;
        }
    }
    // SAFETY: as above.
    let below = unsafe { file::below(file) };
    let code = call_below!(vfs, xOpen, name, below, flags, flags_out);
    let opened = code == ffi::SQLITE_OK;
    if let Some(watched) = found.as_deref().filter(|_| opened && creates) {
        watched.disk.happened(&Operation::Create {
            name: &watched.name,
        });
    }
    // SAFETY: as above; a file that did not open is closed by SQLite only if it has methods.
    unsafe {
        if !opened && !(*below).pMethods.is_null() {
            let close = (*(*below).pMethods).xClose.expect("xClose");
            close(below);
        }
        file::set_up(file, opened, found.filter(|_| opened));
    }
    code
}

unsafe extern "C" fn delete(
    vfs: *mut ffi::sqlite3_vfs,
    name: *const c_char,
    sync_folder: c_int,
) -> c_int {
    // SAFETY: SQLite hands over a string.
    let found = watched(unsafe { path_of(name) });
    let operation = found.as_ref().map(|watched| Operation::Delete {
        name: &watched.name,
        folder: sync_folder != 0,
    });
    if let (Some(watched), Some(operation)) = (&found, &operation)
        && let Verdict::Fails(code) | Verdict::Breaks { code, .. } = watched.disk.judge(operation)
    {
        return code;
    }
    // The disk stands in for the real one: nothing waits for the folder there.
    let real_sync = if found.is_some() { 0 } else { sync_folder };
    let code = call_below!(vfs, xDelete, name, real_sync);
    if let (Some(watched), Some(operation), ffi::SQLITE_OK) = (&found, &operation, code) {
        watched.disk.happened(operation);
    }
    code
}

unsafe extern "C" fn access(
    vfs: *mut ffi::sqlite3_vfs,
    name: *const c_char,
    flags: c_int,
    answer: *mut c_int,
) -> c_int {
    call_below!(vfs, xAccess, name, flags, answer)
}

unsafe extern "C" fn full_pathname(
    vfs: *mut ffi::sqlite3_vfs,
    name: *const c_char,
    room: c_int,
    into: *mut c_char,
) -> c_int {
    call_below!(vfs, xFullPathname, name, room, into)
}

unsafe extern "C" fn randomness(
    vfs: *mut ffi::sqlite3_vfs,
    count: c_int,
    into: *mut c_char,
) -> c_int {
    call_below!(vfs, xRandomness, count, into)
}

unsafe extern "C" fn sleep(vfs: *mut ffi::sqlite3_vfs, micros: c_int) -> c_int {
    call_below!(vfs, xSleep, micros)
}

unsafe extern "C" fn current_time(vfs: *mut ffi::sqlite3_vfs, days: *mut f64) -> c_int {
    call_below!(vfs, xCurrentTime, days)
}

unsafe extern "C" fn last_error(
    vfs: *mut ffi::sqlite3_vfs,
    room: c_int,
    into: *mut c_char,
) -> c_int {
    call_below!(vfs, xGetLastError, room, into)
}

unsafe extern "C" fn current_time_int64(vfs: *mut ffi::sqlite3_vfs, millis: *mut i64) -> c_int {
    call_below!(vfs, xCurrentTimeInt64, millis)
}

/// Called by SQLite for each new connection.
unsafe extern "C" fn begin_connection(
    connection: *mut ffi::sqlite3,
    _: *mut *mut c_char,
    _: *const ffi::sqlite3_api_routines,
) -> c_int {
    // SAFETY: SQLite calls with a connection that is open and that nobody has yet.
    unsafe {
        let name = ffi::sqlite3_db_filename(connection, c"main".as_ptr());
        if name.is_null() || *name == 0 {
            return ffi::SQLITE_OK;
        }
        match watched(path_of(name)) {
            Some(watched) if watched.disk.normal() => file::run_normal(connection),
            _ => ffi::SQLITE_OK,
        }
    }
}
