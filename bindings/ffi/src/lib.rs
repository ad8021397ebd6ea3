//! The core for Kotlin and Swift.
//!
//! This crate knows uniffi and nothing else knows it; it knows no rule: what a scan means, what is
//! saved, what a person reads is decided in `kokoni-client`, `kokoni-reader` and `kokoni-model`, and
//! handed through here as objects, records and small enums.
//!
//! - [`FrameReader`] looks at camera frames, uncopied.
//! - [`Kokoni`] is the engine of one phone: [`Kokoni::scan`], [`Kokoni::today`], [`Kokoni::sync`]
//!   and the rest.
//! - [`plain`] is the way of a frame that brings nothing new, and of a scan: entries in plain C.
//! - [`SecretStore`], [`Observer`] and [`LogSink`] are given by the shell; they may fail, be slow,
//!   or call back in.
//!
//! Everything exported is synchronous: a borrowed frame demands it, background jobs bring threads
//! and deadlines of their own, and no future of another language can be lost. Calls that wait for
//! the network take [`CallLimits`]. Every object may be used from any thread and dropped on any
//! thread. Whatever fails is a [`KokoniError`]; a panic inside becomes one too.

mod alive;
mod ask;
mod callbacks;
mod choices;
mod enrol;
mod error;
mod kokoni;
mod limits;
mod logs;
mod look;
mod mailbox;
pub mod plain;
mod reader;
mod records;
mod scan;
#[cfg(feature = "testing")]
pub mod testing;
mod times;
#[cfg(feature = "testing")]
pub mod timing;

pub use ask::{SyncEnd, SyncOutcome};
pub use callbacks::{CallbackError, Observer, SecretError, SecretStore};
pub use choices::{
    Hint, Language, Platform, ReadingMethod, ReminderKind, ScanMeaning, Tone, Topic, Via,
    Whereabouts, hint_text,
};
pub use enrol::{Configured, Enrolment, SettingFeedback};
pub use error::{InputProblem, KokoniError, error_text};
pub use kokoni::{Kokoni, ObserverHandle, OpenConfig, SyncKeeper, core_version, erase_all};
pub use limits::{CallLimits, CancelHandle};
pub use logs::{LogLevel, LogSink, set_log_sink};
pub use reader::{CodeContent, CodeReading, Corner, FrameReader, FrameReading, ReaderConfig};
pub use records::{
    Chip, FloorLine, FloorView, ItemLine, LoanLine, PersonLine, RejectedLine, ReminderPlan,
    ScanCard, SeatView, StayLine, SyncStatus, TodayView, WaitingLine,
};
pub use scan::{Route, TypedCode};

uniffi::setup_scaffolding!();
