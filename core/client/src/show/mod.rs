//! What a shell shows: the facts of the engine as cards, lines and sentences, in Japanese or
//! English.
//!
//! A shell owns pixels; every decision and every text comes from here, so that both phones say the
//! same. Each file is one thing a person looks at: the [`ScanCard`] after a scan, [`TodayView`] and
//! [`Chip`], [`PersonLine`], [`FloorView`], the state of the sync, a code being typed, a link, a
//! managed configuration, and [`Trouble`]. The words are pure functions of facts; the engine's
//! methods only bring the facts.

mod card;
mod chip;
mod floors;
mod invitation;
mod link;
mod managed;
mod moments;
mod people;
mod reminders;
mod sync;
mod today;
mod trouble;
mod typed;

pub use card::{ItemLine, ScanCard, UNDO_WITHIN};
pub use chip::Chip;
pub use floors::{FloorLine, FloorView, SeatView};
pub use link::{Route, route};
pub use managed::{ManagedSettings, SettingFeedback};
pub use people::{PersonLine, Whereabouts};
pub use reminders::ReminderPlan;
pub use sync::{SyncStatus, outcome_words};
pub use today::{LoanLine, RejectedLine, StayLine, TodayView, WaitingLine};
pub use trouble::{InputTrouble, Trouble};
pub use typed::{TypedCode, typed_code};

pub(crate) use today::meaning_words;

/// The language a person reads.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub enum Language {
    /// 日本語.
    #[default]
    Japanese,
    /// English.
    English,
}

impl Language {
    /// Of a Japanese and an English text, the one in this language.
    pub fn pick<T>(self, (ja, en): (T, T)) -> T {
        match self {
            Self::Japanese => ja,
            Self::English => en,
        }
    }
}

/// The mood of what is shown: which haptic, which sound, which colours. Never the only sign.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Tone {
    /// It is done.
    Success,
    /// Something wants the person's attention.
    Attention,
    /// It was refused.
    Refusal,
    /// Plain information.
    Neutral,
}
