//! The core's log, handed to the shell: what helps to find a fault, without personal data.

use std::collections::VecDeque;
use std::fmt::Write as _;
use std::sync::atomic::{AtomicU8, Ordering};
use std::sync::{Arc, Mutex, Once, PoisonError};

use tracing::field::{Field, Visit};
use tracing::span::{Attributes, Id, Record};
use tracing::{Event, Level, Metadata, Subscriber};

use crate::callbacks::CallbackError;
use crate::mailbox::{Mailbox, Pile};

/// How much a line matters.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, uniffi::Enum)]
pub enum LogLevel {
    /// Something failed.
    Error,
    /// Something is odd.
    Warn,
    /// Something noteworthy happened.
    Info,
    /// Everything.
    Debug,
}

/// Takes lines of the core's log. Called on a thread of its own; it may be slow and throw.
#[uniffi::export(foreign)]
pub trait LogSink: Send + Sync {
    /// One line; `target` is the part of the core that speaks.
    fn log(&self, level: LogLevel, target: String, text: String) -> Result<(), CallbackError>;
}

/// The most lines that wait for a slow sink; later ones are left out and counted.
const MOST_LINES: usize = 256;

struct Line {
    level: LogLevel,
    target: &'static str,
    text: String,
}

#[derive(Default)]
struct Lines {
    waiting: VecDeque<Line>,
    left_out: u64,
}

impl Pile for Lines {
    type Item = Line;

    fn put(&mut self, line: Line) {
        if self.waiting.len() < MOST_LINES {
            self.waiting.push_back(line);
        } else {
            self.left_out += 1;
        }
    }

    fn take(&mut self) -> Option<Line> {
        if let Some(line) = self.waiting.pop_front() {
            return Some(line);
        }
        let left_out = std::mem::take(&mut self.left_out);
        (left_out > 0).then(|| Line {
            level: LogLevel::Warn,
            target: module_path!(),
            text: format!("{left_out} lines were left out: the sink is slow"),
        })
    }
}

/// Where lines go now, in this process.
static SINK: Mutex<Option<Mailbox<Lines>>> = Mutex::new(None);

/// The least level that is handed on; [`OFF`] without a sink.
static LEVEL: AtomicU8 = AtomicU8::new(OFF);
const OFF: u8 = u8::MAX;

/// Hands the core's log to a sink from now on, or to nobody. For the whole process.
#[uniffi::export]
pub fn set_log_sink(sink: Option<Arc<dyn LogSink>>, level: LogLevel) {
    static INSTALLED: Once = Once::new();
    INSTALLED.call_once(|| {
        // A program around the core may have a log of its own; then that one is used.
        let _ = tracing::subscriber::set_global_default(ToSink);
    });
    let mailbox = sink.map(|sink| {
        Mailbox::new("kokoni-log", move |line: Line| {
            // That the log fails cannot be logged.
            let _ = sink.log(line.level, line.target.to_owned(), line.text);
        })
    });
    let least = if mailbox.is_some() { level as u8 } else { OFF };
    let before = std::mem::replace(
        &mut *SINK.lock().unwrap_or_else(PoisonError::into_inner),
        mailbox,
    );
    LEVEL.store(least, Ordering::SeqCst);
    drop(before);
}

/// Formats the events of the core's own crates.
struct ToSink;

fn level_of(level: Level) -> LogLevel {
    match level {
        Level::ERROR => LogLevel::Error,
        Level::WARN => LogLevel::Warn,
        Level::INFO => LogLevel::Info,
        _ => LogLevel::Debug,
    }
}

impl Subscriber for ToSink {
    fn register_callsite(&self, _: &'static Metadata<'static>) -> tracing::subscriber::Interest {
        // The level may change: asked each time.
        tracing::subscriber::Interest::sometimes()
    }

    fn enabled(&self, metadata: &Metadata<'_>) -> bool {
        let least = LEVEL.load(Ordering::SeqCst);
        least != OFF
            && metadata.is_event()
            && *metadata.level() <= Level::DEBUG
            && level_of(*metadata.level()) as u8 <= least
            && metadata.target().starts_with("kokoni")
    }

    fn new_span(&self, _: &Attributes<'_>) -> Id {
        Id::from_u64(1)
    }

    fn record(&self, _: &Id, _: &Record<'_>) {}

    fn record_follows_from(&self, _: &Id, _: &Id) {}

    fn event(&self, event: &Event<'_>) {
        let mut words = Words(String::new());
        event.record(&mut words);
        let line = Line {
            level: level_of(*event.metadata().level()),
            target: event.metadata().target(),
            text: words.0,
        };
        if let Some(mailbox) = &*SINK.lock().unwrap_or_else(PoisonError::into_inner) {
            mailbox.put(line);
        }
    }

    fn enter(&self, _: &Id) {}

    fn exit(&self, _: &Id) {}
}

/// The sentence first, then what is known as `name=value`.
struct Words(String);

impl Visit for Words {
    fn record_debug(&mut self, field: &Field, value: &dyn std::fmt::Debug) {
        // Writing to a text never fails.
        let _ = if field.name() == "message" {
            let rest = std::mem::take(&mut self.0);
            write!(self.0, "{value:?}{rest}")
        } else {
            write!(self.0, " {}={value:?}", field.name())
        };
    }
}

#[cfg(test)]
mod tests {
    use std::sync::mpsc;
    use std::time::Duration;

    use super::*;

    const SOON: Duration = Duration::from_secs(20);

    struct Tells(Mutex<mpsc::Sender<(LogLevel, String)>>);

    impl LogSink for Tells {
        fn log(&self, level: LogLevel, target: String, text: String) -> Result<(), CallbackError> {
            assert!(target.starts_with("kokoni"), "{target}");
            let told = self.0.lock().expect("unpoisoned");
            told.send((level, text)).map_err(|_| CallbackError::Failed)
        }
    }

    #[test]
    fn lines_reach_the_sink_of_the_moment_above_its_level_and_nobody_elses() {
        let (told, hears) = mpsc::channel();
        set_log_sink(Some(Arc::new(Tells(Mutex::new(told)))), LogLevel::Warn);
        tracing::info!("below the level");
        tracing::error!(target: "somebody_else", "not ours");
        tracing::warn!(count = 2, "above the level");
        let line = hears.recv_timeout(SOON).expect("a line");
        assert_eq!(line, (LogLevel::Warn, "above the level count=2".into()));
        set_log_sink(None, LogLevel::Debug);
        tracing::error!("nobody listens");
        let gone = hears.recv_timeout(SOON);
        assert_eq!(gone, Err(mpsc::RecvTimeoutError::Disconnected));
    }

    #[test]
    fn a_slow_sink_is_told_how_many_lines_it_missed() {
        let mut lines = Lines::default();
        for _ in 0..MOST_LINES + 3 {
            lines.put(Line {
                level: LogLevel::Info,
                target: "kokoni",
                text: String::new(),
            });
        }
        let taken: Vec<Line> = std::iter::from_fn(|| lines.take()).collect();
        assert_eq!(taken.len(), MOST_LINES + 1);
        assert!(taken[MOST_LINES].text.starts_with("3 lines"));
    }
}
