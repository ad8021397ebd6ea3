//! Events: a scan on its way to the server, or there. The durable, numbered fact.
//!
//! An event is serialised once, when it is recorded. Those bytes are stored, sent and hashed for
//! ever; whatever a later version adds to them is kept by an earlier one, because nobody writes
//! them again. Organisation, device and person come from the token and never stand in the bytes.

use std::fmt;

use serde::{Deserialize, Deserializer, Serialize, Serializer, de};
use sha2::{Digest, Sha256};
use thiserror::Error;

use crate::clock::ClockReading;
use crate::ids::EventId;
use crate::label::LabelId;
use crate::limits::{self, JsonLimitError};

/// The version of the event format that this code writes.
pub const EVENT_VERSION: u16 = 1;

/// The most bytes an event may have.
pub const EVENT_MAX_BYTES: usize = 4096;

/// One life of a phone's queue: random, new after a salvage. Written as 16 hex digits, since
/// JavaScript cannot hold 64 bits.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub struct Epoch(u64);

impl Epoch {
    /// The epoch of these random bits.
    pub const fn from_bits(bits: u64) -> Self {
        Self(bits)
    }

    /// The 64 bits.
    pub const fn bits(self) -> u64 {
        self.0
    }
}

impl fmt::Display for Epoch {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:016x}", self.0)
    }
}

/// Why a text is not an epoch.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Error)]
#[error("an epoch is 16 lower-case hexadecimal digits")]
pub struct EpochError;

impl std::str::FromStr for Epoch {
    type Err = EpochError;

    fn from_str(text: &str) -> Result<Self, EpochError> {
        let hex = |b: u8| b.is_ascii_digit() || (b'a'..=b'f').contains(&b);
        if text.len() != 16 || !text.bytes().all(hex) {
            return Err(EpochError);
        }
        u64::from_str_radix(text, 16)
            .map(Self)
            .map_err(|_| EpochError)
    }
}

impl Serialize for Epoch {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

impl<'de> Deserialize<'de> for Epoch {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let text = <std::borrow::Cow<'de, str>>::deserialize(deserializer)?;
        text.parse().map_err(de::Error::custom)
    }
}

/// What a person meant by a scan.
///
/// Open to values of later versions: they are kept as they are and rejected by a server that does
/// not know them.
#[derive(Clone, PartialEq, Eq, Hash, Debug, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Meaning {
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
    Return,
    /// The phone does not know the label; the server decides.
    Undecided,
    /// A value of a later version.
    #[serde(untagged)]
    Other(String),
}

/// How the label came to the phone.
#[derive(Clone, PartialEq, Eq, Hash, Debug, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Via {
    /// Read from a camera frame.
    Camera,
    /// Typed from under the code.
    Typed,
    /// Opened as a link, by the phone's own camera say.
    Link,
    /// Confirmed in a browser.
    Browser,
    /// A value of a later version.
    #[serde(untagged)]
    Other(String),
}

/// What an event says.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
#[serde(tag = "type", rename_all = "snake_case")]
pub enum Act {
    /// A label read by a person, with what they meant by it.
    Scan {
        /// Which label.
        label: LabelId,
        /// What was meant.
        meaning: Meaning,
        /// How it was read.
        via: Via,
    },
    /// An earlier event of the same epoch is taken back.
    Withdraw {
        /// The number of the event that is taken back.
        seq: u64,
    },
    /// An act of a later version; its bytes are kept, a server that does not know it rejects it.
    #[serde(other)]
    Unknown,
}

/// The durable, numbered fact.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct Event {
    /// Version of the format.
    pub v: u16,
    /// For people and logs to name it by.
    pub id: EventId,
    /// Which life of the device's queue.
    pub epoch: Epoch,
    /// Counts from 1 within the epoch, without gaps on the phone.
    pub seq: u64,
    /// The phone's clocks at the scan.
    pub clock: ClockReading,
    /// What it says.
    pub act: Act,
    /// The number of a rejected event of this epoch that this one sends again.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub replaces: Option<u64>,
}

/// SHA-256 of an event's bytes.
#[derive(Clone, Copy, PartialEq, Eq, Hash)]
pub struct EventHash([u8; 32]);

impl EventHash {
    /// The 32 bytes.
    pub const fn as_bytes(&self) -> &[u8; 32] {
        &self.0
    }

    /// A hash that was stored.
    pub const fn from_bytes(bytes: [u8; 32]) -> Self {
        Self(bytes)
    }
}

impl fmt::Debug for EventHash {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0[..4]
            .iter()
            .try_for_each(|byte| write!(f, "{byte:02x}"))?;
        f.write_str("…")
    }
}

/// Why bytes are not an event, or an event has no bytes.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
pub enum EventError {
    /// Over 4 KiB.
    #[error("an event has at most {EVENT_MAX_BYTES} bytes, this one has {found}")]
    TooLong {
        /// Bytes found.
        found: usize,
    },
    /// Not JSON within the limits.
    #[error("the event is not JSON within the limits: {0}")]
    Json(#[from] JsonLimitError),
    /// JSON, but not an event.
    #[error("the event is malformed at column {column}")]
    Malformed {
        /// One-based column in the bytes; what stands there may be personal and is not repeated.
        column: usize,
    },
    /// Numbers start at 1.
    #[error("seq 0 does not exist; numbers start at 1")]
    SeqZero,
    /// Only earlier events can be taken back or replaced.
    #[error("event {seq} names event {named}, which is not earlier")]
    NotEarlier {
        /// This event's number.
        seq: u64,
        /// The number it names.
        named: u64,
    },
}

/// An event and the bytes it will have for ever.
#[derive(Clone, PartialEq, Eq)]
pub struct SealedEvent {
    event: Event,
    bytes: Box<str>,
    hash: EventHash,
}

impl Event {
    /// What bytes say, for whoever needs neither them nor their hash.
    ///
    /// # Errors
    /// As [`SealedEvent::open`].
    pub fn read(text: &str) -> Result<Self, EventError> {
        if text.len() > EVENT_MAX_BYTES {
            return Err(EventError::TooLong { found: text.len() });
        }
        limits::check_json(text.as_bytes())?;
        let event: Self = serde_json::from_str(text).map_err(|error| EventError::Malformed {
            column: error.column(),
        })?;
        check(&event)?;
        Ok(event)
    }
}

impl SealedEvent {
    /// Serialises an event, once.
    pub fn seal(event: Event) -> Result<Self, EventError> {
        check(&event)?;
        let text =
            serde_json::to_string(&event).map_err(|_| EventError::Malformed { column: 0 })?;
        if text.len() > EVENT_MAX_BYTES {
            return Err(EventError::TooLong { found: text.len() });
        }
        Ok(Self {
            event,
            hash: hash_of(text.as_bytes()),
            bytes: text.into(),
        })
    }

    /// Takes bytes as they came, members unknown to this version included.
    pub fn open(text: &str) -> Result<Self, EventError> {
        Ok(Self {
            event: Event::read(text)?,
            hash: hash_of(text.as_bytes()),
            bytes: text.into(),
        })
    }

    /// What the bytes say.
    pub fn event(&self) -> &Event {
        &self.event
    }

    /// The bytes: UTF-8 JSON.
    pub fn text(&self) -> &str {
        &self.bytes
    }

    /// SHA-256 of the bytes.
    pub fn hash(&self) -> EventHash {
        self.hash
    }
}

/// Shows which event it is, never whose label it names.
impl fmt::Debug for SealedEvent {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(
            f,
            "SealedEvent({} seq {} {:?})",
            self.event.epoch, self.event.seq, self.hash
        )
    }
}

/// SHA-256 of an event's bytes as they came, whether or not they can be understood.
pub fn hash_of(bytes: &[u8]) -> EventHash {
    EventHash(Sha256::digest(bytes).into())
}

fn check(event: &Event) -> Result<(), EventError> {
    let Event { seq, replaces, .. } = *event;
    if seq == 0 {
        return Err(EventError::SeqZero);
    }
    let withdrawn = match event.act {
        Act::Withdraw { seq } => Some(seq),
        Act::Scan { .. } | Act::Unknown => None,
    };
    match [withdrawn, replaces]
        .into_iter()
        .flatten()
        .find(|&named| named == 0 || named >= seq)
    {
        Some(named) => Err(EventError::NotEarlier { seq, named }),
        None => Ok(()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::clock::Timestamp;
    use crate::ids::BootId;
    use proptest::prelude::*;
    use uuid::Uuid;

    fn event(seq: u64, act: Act) -> Event {
        Event {
            v: EVENT_VERSION,
            id: EventId::new(Timestamp::from_micros(1_795_000_000_000_000), [1; 10]),
            epoch: Epoch::from_bits(0x0123_4567_89ab_cdef),
            seq,
            clock: ClockReading {
                wall_us: Timestamp::from_micros(1_795_000_000_000_000),
                offset_min: 540,
                mono_ms: 1234,
                boot: BootId::from_uuid(Uuid::from_u128(7)),
            },
            act,
            replaces: None,
        }
    }

    fn sit() -> Act {
        Act::Scan {
            label: LabelId::from_bytes([3; 10]),
            meaning: Meaning::Sit,
            via: Via::Camera,
        }
    }

    #[test]
    fn the_bytes_of_an_event_are_these() {
        let sealed = SealedEvent::seal(event(1, sit())).expect("sealed");
        insta::assert_snapshot!(sealed.text(), @r#"{"v":1,"id":"01a1ee56-5e00-7101-8101-010101010101","epoch":"0123456789abcdef","seq":1,"clock":{"wall_us":1795000000000000,"offset_min":540,"mono_ms":1234,"boot":"00000000-0000-0000-0000-000000000007"},"act":{"type":"scan","label":"0C1G60R30C1G60R3","meaning":"sit","via":"camera"}}"#);
        let withdraw = SealedEvent::seal(event(2, Act::Withdraw { seq: 1 })).expect("sealed");
        insta::assert_snapshot!(withdraw.text(), @r#"{"v":1,"id":"01a1ee56-5e00-7101-8101-010101010101","epoch":"0123456789abcdef","seq":2,"clock":{"wall_us":1795000000000000,"offset_min":540,"mono_ms":1234,"boot":"00000000-0000-0000-0000-000000000007"},"act":{"type":"withdraw","seq":1}}"#);
    }

    #[test]
    fn members_of_a_later_version_are_kept() {
        let sealed = SealedEvent::seal(event(1, sit())).expect("sealed");
        let text = sealed.text().replacen('{', "{\"mood\":\"good\",", 1);
        let opened = SealedEvent::open(&text).expect("opened");
        assert_eq!(opened.text(), text);
        assert_eq!(opened.event(), sealed.event());
        assert_ne!(opened.hash(), sealed.hash());
    }

    #[test]
    fn acts_and_meanings_of_a_later_version_can_be_opened() {
        let text = SealedEvent::seal(event(1, sit()))
            .expect("sealed")
            .text()
            .to_owned();
        let dance = SealedEvent::open(&text.replace("\"sit\"", "\"dance\"")).expect("opened");
        assert!(matches!(
            &dance.event().act,
            Act::Scan { meaning: Meaning::Other(other), .. } if other == "dance"
        ));
        let act = SealedEvent::open(&text.replace("\"scan\"", "\"sing\"")).expect("opened");
        assert_eq!(act.event().act, Act::Unknown);
    }

    #[test]
    fn an_error_says_where_and_repeats_nothing() {
        let text = SealedEvent::seal(event(1, sit()))
            .expect("sealed")
            .text()
            .to_owned();
        let broken = text.replace("\"offset_min\":540", "\"offset_min\":\"Yamada\"");
        let error = SealedEvent::open(&broken).expect_err("refused");
        assert!(matches!(error, EventError::Malformed { column } if column > 0));
        assert!(!error.to_string().contains("Yamada"));
    }

    #[test]
    fn only_earlier_events_can_be_named() {
        for named in [0, 5, 6] {
            let error = SealedEvent::seal(event(5, Act::Withdraw { seq: named }));
            assert_eq!(error, Err(EventError::NotEarlier { seq: 5, named }));
        }
        assert_eq!(SealedEvent::seal(event(0, sit())), Err(EventError::SeqZero));
    }

    #[test]
    fn more_than_four_kib_are_refused() {
        let long = " ".repeat(EVENT_MAX_BYTES + 1);
        assert_eq!(
            SealedEvent::open(&long),
            Err(EventError::TooLong { found: 4097 })
        );
    }

    proptest! {
        #[test]
        fn opening_anything_never_panics(text in "\\PC{0,200}") {
            let _ = SealedEvent::open(&text);
        }

        #[test]
        fn an_event_survives_sealing_and_opening(seq in 1u64.., label: [u8; 10], wall: i64, mono: u64) {
            let mut event = event(seq, Act::Scan {
                label: LabelId::from_bytes(label), meaning: Meaning::Borrow, via: Via::Typed,
            });
            event.clock.wall_us = Timestamp::from_micros(wall);
            event.clock.mono_ms = mono;
            let sealed = SealedEvent::seal(event.clone()).expect("sealed");
            let opened = SealedEvent::open(sealed.text()).expect("opened");
            prop_assert_eq!(opened.event(), &event);
            prop_assert_eq!(opened.hash(), sealed.hash());
        }
    }
}
