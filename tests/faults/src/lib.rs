//! Disks that fail, forget and fill up, and processes that are killed, under the real engine.
//!
//! The engine of a phone promises that what it called saved stays saved. Three parts of this crate
//! make a world in which that is hard:
//!
//! - [`vfs`] stands under SQLite as its file system. For folders that a test has taken over it tells
//!   a [`vfs::Disk`] of each operation, and the disk says whether it happens.
//! - [`cache`] is such a disk: what was written since the last sync is in a cache, and a power cut
//!   forgets it, keeps it, reorders it or tears it between two sectors. It writes down what happened
//!   once and can then cut the power at any point of it.
//! - [`full`] is another one: at a chosen operation there is no room, or an error.
//! - [`syscalls`] stands under everything else: the system calls that write, of the whole program.
//!   It ends the process at a chosen one, lets one fail, or keeps what was synced by then, folder
//!   entries included.
//!
//! The promises are in `tests/promises`; what they try and how often comes from `kokoni-trials`.
//! This is the one crate besides the foreign borders in which `unsafe` is allowed. It runs under
//! AddressSanitizer (`cargo xtask soak --sanitized` does the same), which a nightly toolchain brings
//! along:
//!
//! ```sh
//! RUSTFLAGS=-Zsanitizer=address KOKONI_TRIALS=20 \
//!     cargo +nightly test -p kokoni-faults --target x86_64-unknown-linux-gnu --target-dir target/asan
//! ```

pub mod cache;
pub mod full;
#[cfg(target_os = "linux")]
pub mod syscalls;
pub mod vfs;
