//! Small enums: choices that cross the border, and what they are inside.

use kokoni_client::show;
use kokoni_model::calendar;
use kokoni_model::event;
use kokoni_model::reading;
use kokoni_model::wire::enrolment;

/// The language a person reads.
#[derive(Clone, Copy, Debug, PartialEq, Eq, uniffi::Enum)]
pub enum Language {
    /// 日本語.
    Japanese,
    /// English.
    English,
}

/// What kind of device it is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, uniffi::Enum)]
pub enum Platform {
    /// An Android phone.
    Android,
    /// An iPhone or iPad.
    Ios,
    /// Anything else.
    Other,
}

/// What changed; whoever hears of it asks again.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, uniffi::Enum)]
pub enum Topic {
    /// What waits, what was refused, and with it the day.
    Queue,
    /// What the server says of the person.
    Me,
    /// The directory, or the labels that exist.
    Directory,
    /// A sync began or ended.
    Sync,
    /// Whose phone this is.
    Identity,
}

/// How a label came to the phone.
#[derive(Clone, Copy, Debug, PartialEq, Eq, uniffi::Enum)]
pub enum Via {
    /// Read from a camera frame.
    Camera,
    /// Typed from under the code.
    Typed,
    /// Opened as a link.
    Link,
}

/// What a person means by a scan.
#[derive(Clone, Copy, Debug, PartialEq, Eq, uniffi::Enum)]
pub enum ScanMeaning {
    /// I sit (or am) here.
    Sit,
    /// I leave.
    Leave,
    /// I telework from here.
    Telework,
    /// My telework ends.
    EndTelework,
    /// I borrow this.
    Borrow,
    /// I bring this back.
    GiveBack,
    /// The phone does not know the label; the server decides.
    Undecided,
}

/// What would help while nothing is read.
#[derive(Clone, Copy, Debug, PartialEq, Eq, uniffi::Enum)]
pub enum Hint {
    /// The code is too small in the frame.
    Closer,
    /// Part of the code lies outside the frame.
    MoveBack,
    /// Too little light.
    TooDark,
    /// A reflection covers part of the code.
    Glare,
    /// The frame is smeared or out of focus.
    HoldStill,
}

/// By which knowledge a code was read.
#[derive(Clone, Copy, Debug, PartialEq, Eq, uniffi::Enum)]
pub enum ReadingMethod {
    /// As any decoder would.
    General,
    /// With the organisation's host and padding given.
    KnownCodewords,
    /// Against every label that exists.
    Catalogue,
}

/// The mood of what is shown: which haptic, sound and colours. Never the only sign.
#[derive(Clone, Copy, Debug, PartialEq, Eq, uniffi::Enum)]
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

/// Where somebody is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, uniffi::Enum)]
pub enum Whereabouts {
    /// No record today (未登録).
    NoRecord,
    /// At a seat or in a room (在席).
    Present,
    /// Teleworking (テレワーク).
    Telework,
    /// Left (離席).
    Away,
    /// Somebody else scanned their seat later.
    Displaced,
    /// Not known here.
    Unknown,
}

/// What a reminder is about.
#[derive(Clone, Copy, Debug, PartialEq, Eq, uniffi::Enum)]
pub enum ReminderKind {
    /// The day has begun and there is no record yet.
    NoRecord,
    /// Telework was declared and its end not reported.
    TeleworkEnd,
}

/// What a person is told while nothing is read.
#[uniffi::export]
pub fn hint_text(hint: Hint, language: Language) -> String {
    let hint = match hint {
        Hint::Closer => reading::Hint::Closer,
        Hint::MoveBack => reading::Hint::MoveBack,
        Hint::TooDark => reading::Hint::TooDark,
        Hint::Glare => reading::Hint::Glare,
        Hint::HoldStill => reading::Hint::HoldStill,
    };
    show::Language::from(language).pick(hint.words()).to_owned()
}

impl From<Language> for show::Language {
    fn from(language: Language) -> Self {
        match language {
            Language::Japanese => Self::Japanese,
            Language::English => Self::English,
        }
    }
}

impl From<show::Language> for Language {
    fn from(language: show::Language) -> Self {
        match language {
            show::Language::Japanese => Self::Japanese,
            show::Language::English => Self::English,
        }
    }
}

impl From<Platform> for enrolment::Platform {
    fn from(platform: Platform) -> Self {
        match platform {
            Platform::Android => Self::Android,
            Platform::Ios => Self::Ios,
            Platform::Other => Self::Other("other".into()),
        }
    }
}

impl Topic {
    /// The engine's topic; `None` for one that shells do not know.
    pub(crate) fn of(topic: kokoni_client::Topic) -> Option<Self> {
        Some(match topic {
            kokoni_client::Topic::Queue => Self::Queue,
            kokoni_client::Topic::Me => Self::Me,
            kokoni_client::Topic::Directory => Self::Directory,
            kokoni_client::Topic::Sync => Self::Sync,
            kokoni_client::Topic::Identity => Self::Identity,
            _ => return None,
        })
    }
}

impl From<Via> for event::Via {
    fn from(via: Via) -> Self {
        match via {
            Via::Camera => Self::Camera,
            Via::Typed => Self::Typed,
            Via::Link => Self::Link,
        }
    }
}

impl From<ScanMeaning> for event::Meaning {
    fn from(meaning: ScanMeaning) -> Self {
        match meaning {
            ScanMeaning::Sit => Self::Sit,
            ScanMeaning::Leave => Self::Leave,
            ScanMeaning::Telework => Self::Telework,
            ScanMeaning::EndTelework => Self::EndTelework,
            ScanMeaning::Borrow => Self::Borrow,
            ScanMeaning::GiveBack => Self::Return,
            ScanMeaning::Undecided => Self::Undecided,
        }
    }
}

impl From<event::Meaning> for ScanMeaning {
    fn from(meaning: event::Meaning) -> Self {
        match meaning {
            event::Meaning::Sit => Self::Sit,
            event::Meaning::Leave => Self::Leave,
            event::Meaning::Telework => Self::Telework,
            event::Meaning::EndTelework => Self::EndTelework,
            event::Meaning::Borrow => Self::Borrow,
            event::Meaning::Return => Self::GiveBack,
            event::Meaning::Undecided | event::Meaning::Other(_) => Self::Undecided,
        }
    }
}

impl Hint {
    /// The reader's hint; `None` for one that shells do not know.
    pub(crate) fn of(hint: reading::Hint) -> Option<Self> {
        Some(match hint {
            reading::Hint::Closer => Self::Closer,
            reading::Hint::MoveBack => Self::MoveBack,
            reading::Hint::TooDark => Self::TooDark,
            reading::Hint::Glare => Self::Glare,
            reading::Hint::HoldStill => Self::HoldStill,
            _ => return None,
        })
    }
}

impl From<reading::How> for ReadingMethod {
    fn from(how: reading::How) -> Self {
        match how {
            reading::How::KnownCodewords => Self::KnownCodewords,
            reading::How::Catalogue => Self::Catalogue,
            _ => Self::General,
        }
    }
}

impl From<show::Tone> for Tone {
    fn from(tone: show::Tone) -> Self {
        match tone {
            show::Tone::Success => Self::Success,
            show::Tone::Attention => Self::Attention,
            show::Tone::Refusal => Self::Refusal,
            show::Tone::Neutral => Self::Neutral,
        }
    }
}

impl From<show::Whereabouts> for Whereabouts {
    fn from(whereabouts: show::Whereabouts) -> Self {
        match whereabouts {
            show::Whereabouts::NoRecord => Self::NoRecord,
            show::Whereabouts::Present => Self::Present,
            show::Whereabouts::Telework => Self::Telework,
            show::Whereabouts::Away => Self::Away,
            show::Whereabouts::Displaced => Self::Displaced,
            show::Whereabouts::Unknown => Self::Unknown,
        }
    }
}

impl From<calendar::ReminderKind> for ReminderKind {
    fn from(kind: calendar::ReminderKind) -> Self {
        match kind {
            calendar::ReminderKind::NoRecord => Self::NoRecord,
            calendar::ReminderKind::TeleworkEnd => Self::TeleworkEnd,
        }
    }
}
