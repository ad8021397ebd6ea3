//! A batch as it came: every event opened or refused on its own, each with its place in the queue,
//! before anything touches the database. One bad event spoils no other.

use kokoni_model::clock::{ClockReading, Timestamp};
use kokoni_model::event::{
    EVENT_MAX_BYTES, EVENT_VERSION, Epoch, Event, EventHash, SealedEvent, hash_of,
};
use kokoni_model::limits::{self, BATCH_MAX_EVENTS, JsonLimitError};
use kokoni_model::wire::events::RejectReason;
use kokoni_model::wire::problem::ProblemCode;
use serde::Deserialize;
use serde_json::value::RawValue;

use crate::auth::Caller;
use crate::http::body::{malformed, place_of};
use crate::problem::ApiError;

/// The last number that a column holds. No queue comes so far; a number beyond it is none.
const LAST_SEQ: u64 = i64::MAX as u64;

/// Events of one device's queue, ready to be judged.
#[derive(Clone, Debug)]
pub(crate) struct Batch {
    /// By whom and from which device, as the token says.
    pub(crate) caller: Caller,
    /// Which life of the device's queue.
    pub(crate) epoch: Epoch,
    /// The device's clocks when it sent.
    pub(crate) clock: ClockReading,
    /// The server's clock when it arrived.
    pub(crate) received: Timestamp,
    /// Numbers below this that the server lacks are lost.
    pub(crate) lost_before: Option<u64>,
    /// The events, in the order in which they came.
    pub(crate) events: Vec<Incoming>,
}

/// One event of a batch.
#[derive(Clone, Debug)]
pub(crate) struct Incoming {
    /// Its number as far as it could be read, for the answer; 0 when it could not.
    pub(crate) named_seq: u64,
    /// Its place in the queue: its number or, where that cannot be read, what its neighbours leave.
    pub(crate) seq: Option<u64>,
    /// SHA-256 of its bytes.
    pub(crate) hash: EventHash,
    /// Its bytes, when there are not too many to keep.
    pub(crate) raw: Option<Box<str>>,
    /// What it says.
    pub(crate) content: Content,
}

/// What an event says.
#[derive(Clone, Debug)]
pub(crate) enum Content {
    /// An event of the batch's epoch.
    Event(Box<Event>),
    /// Bytes that are refused whatever else is known.
    Refused(RejectReason),
}

/// The members of a batch, its events as they stand in the body.
#[derive(Deserialize)]
struct Parts<'b> {
    epoch: Epoch,
    clock: ClockReading,
    #[serde(default)]
    lost_before: Option<u64>,
    #[serde(borrow)]
    events: Vec<&'b RawValue>,
}

/// What can be read of bytes that are not an event.
#[derive(Deserialize)]
struct Glimpse {
    #[serde(default)]
    v: Option<serde_json::Value>,
    #[serde(default)]
    seq: Option<serde_json::Value>,
}

/// Reads a batch.
///
/// # Errors
/// `malformed_body` when it is no batch, `not_allowed_value` when it has too many events.
pub(crate) fn read(caller: Caller, received: Timestamp, body: &[u8]) -> Result<Batch, ApiError> {
    let limited = limits::check_json(body);
    if let Err(error @ JsonLimitError::NotUtf8 { .. }) = limited {
        return Err(malformed(error.to_string()));
    }
    let parts: Parts<'_> =
        serde_json::from_slice(body).map_err(|error| malformed(place_of(&error)))?;
    if limited.is_err() {
        // Too deep: inside an event that is the event's own affair.
        limits::check_json(&without(body, &parts.events))
            .map_err(|error| malformed(error.to_string()))?;
    }
    if parts.events.len() > BATCH_MAX_EVENTS {
        return Err(ApiError::new(ProblemCode::NotAllowedValue)
            .with_detail(format!("a batch has at most {BATCH_MAX_EVENTS} events")));
    }
    let mut events: Vec<Incoming> = parts
        .events
        .iter()
        .map(|raw| open(parts.epoch, raw.get()))
        .collect();
    place(&mut events);
    Ok(Batch {
        caller,
        epoch: parts.epoch,
        clock: parts.clock,
        received,
        lost_before: parts.lost_before.map(|before| before.min(LAST_SEQ)),
        events,
    })
}

/// The body with spaces where its events stand.
fn without(body: &[u8], events: &[&RawValue]) -> Vec<u8> {
    let mut rest = body.to_vec();
    let start = body.as_ptr() as usize;
    for event in events {
        let from = event.get().as_ptr() as usize - start;
        rest[from..from + event.get().len()].fill(b' ');
    }
    rest
}

fn open(epoch: Epoch, text: &str) -> Incoming {
    let (named_seq, seq, content) = match SealedEvent::open(text) {
        Ok(sealed) if sealed.event().epoch != epoch => (
            sealed.event().seq,
            None,
            Content::Refused(RejectReason::WrongEpoch),
        ),
        Ok(sealed) if sealed.event().seq > LAST_SEQ => (
            sealed.event().seq,
            None,
            Content::Refused(RejectReason::Malformed),
        ),
        Ok(sealed) => {
            let event = sealed.event().clone();
            let seq = event.seq;
            let content = if event.v > EVENT_VERSION {
                Content::Refused(RejectReason::NotUnderstood)
            } else {
                Content::Event(Box::new(event))
            };
            (seq, Some(seq), content)
        }
        Err(_) => {
            let (seq, reason) = glimpse(text);
            (seq.unwrap_or(0), seq, Content::Refused(reason))
        }
    };
    Incoming {
        named_seq,
        seq,
        hash: hash_of(text.as_bytes()),
        raw: (text.len() <= EVENT_MAX_BYTES).then(|| text.into()),
        content,
    }
}

/// The number of bytes that are not an event, where it can be seen, and why they are refused.
fn glimpse(text: &str) -> (Option<u64>, RejectReason) {
    let Ok(glimpse) = serde_json::from_str::<Glimpse>(text) else {
        return (None, RejectReason::Malformed);
    };
    let number = |value: Option<serde_json::Value>| value.and_then(|value| value.as_u64());
    let later = number(glimpse.v).is_some_and(|v| v > u64::from(EVENT_VERSION));
    let reason = if later {
        RejectReason::NotUnderstood
    } else {
        RejectReason::Malformed
    };
    let seq = number(glimpse.seq).filter(|seq| (1..=LAST_SEQ).contains(seq));
    (seq, reason)
}

/// Gives events without a readable number the place that their neighbours leave: a device sends its
/// queue in order and without holes. Where the neighbours leave another number of places, nothing
/// is guessed.
fn place(events: &mut [Incoming]) {
    let mut from = 0;
    while from < events.len() {
        if events[from].seq.is_some() {
            from += 1;
            continue;
        }
        let run = events[from..]
            .iter()
            .take_while(|event| event.seq.is_none())
            .count();
        let before = from.checked_sub(1).and_then(|index| events[index].seq);
        let after = events.get(from + run).and_then(|event| event.seq);
        let first = match (before, after) {
            (Some(before), Some(after)) if after.checked_sub(before) == Some(run as u64 + 1) => {
                before.checked_add(1)
            }
            (Some(before), None) => before.checked_add(1),
            (None, Some(after)) => after.checked_sub(run as u64).filter(|&first| first > 0),
            _ => None,
        };
        if let Some(first) = first {
            for (event, seq) in events[from..from + run].iter_mut().zip(first..) {
                event.seq = Some(seq);
            }
        }
        from += run;
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::auth::Role;
    use kokoni_model::event::Act;
    use kokoni_model::ids::{BootId, DeviceId, EventId, OrganisationId, PersonId};
    use uuid::Uuid;

    const EPOCH: Epoch = Epoch::from_bits(7);

    fn caller() -> Caller {
        Caller {
            organisation: OrganisationId::from_uuid(Uuid::nil()),
            person: PersonId::from_uuid(Uuid::nil()),
            device: DeviceId::from_uuid(Uuid::nil()),
            role: Role::Staff,
        }
    }

    fn clock() -> ClockReading {
        ClockReading {
            wall_us: Timestamp::from_micros(1),
            offset_min: 540,
            mono_ms: 1,
            boot: BootId::from_uuid(Uuid::nil()),
        }
    }

    fn event(epoch: Epoch, seq: u64) -> String {
        let event = Event {
            v: EVENT_VERSION,
            id: EventId::from_uuid(Uuid::from_u128(u128::from(seq))),
            epoch,
            seq,
            clock: clock(),
            act: Act::Unknown,
            replaces: None,
        };
        SealedEvent::seal(event).expect("sealed").text().to_owned()
    }

    fn batch_of(events: &[String]) -> Result<Batch, ApiError> {
        let clock = serde_json::to_string(&clock()).expect("serialises");
        let body = format!(
            r#"{{"epoch":"{EPOCH}","clock":{clock},"events":[{}]}}"#,
            events.join(",")
        );
        read(caller(), Timestamp::from_micros(1), body.as_bytes())
    }

    fn places(events: &[String]) -> Vec<Option<u64>> {
        let batch = batch_of(events).expect("a batch");
        batch.events.iter().map(|event| event.seq).collect()
    }

    #[test]
    fn bytes_that_are_no_event_take_the_place_their_neighbours_leave() {
        let bad = || "\"?\"".to_owned();
        let good = |seq| event(EPOCH, seq);
        assert_eq!(
            places(&[good(4), bad(), bad(), good(7)]),
            [Some(4), Some(5), Some(6), Some(7)]
        );
        assert_eq!(places(&[bad(), good(2)]), [Some(1), Some(2)]);
        assert_eq!(places(&[good(2), bad()]), [Some(2), Some(3)]);
        assert_eq!(places(&[good(2), bad(), good(9)]), [Some(2), None, Some(9)]);
        assert_eq!(places(&[bad(), good(1)]), [None, Some(1)]);
        assert_eq!(places(&[bad()]), [None]);
    }

    #[test]
    fn an_event_nested_too_deeply_is_refused_alone() {
        let deep = format!(r#"{{"seq":2,"x":{}{}}}"#, "[".repeat(40), "]".repeat(40));
        let batch = batch_of(&[event(EPOCH, 1), deep, event(EPOCH, 3)]).expect("a batch");
        let refused: Vec<bool> = batch
            .events
            .iter()
            .map(|event| matches!(event.content, Content::Refused(RejectReason::Malformed)))
            .collect();
        assert_eq!(refused, [false, true, false]);
        assert_eq!(batch.events[1].seq, Some(2));
    }

    #[test]
    fn a_body_nested_too_deeply_outside_its_events_is_refused() {
        let clock = serde_json::to_string(&clock()).expect("serialises");
        let deep = format!("{}{}", "[".repeat(40), "]".repeat(40));
        let body = format!(r#"{{"epoch":"{EPOCH}","clock":{clock},"events":[],"more":{deep}}}"#);
        let error = read(caller(), Timestamp::from_micros(1), body.as_bytes());
        assert_eq!(
            error.expect_err("refused").code(),
            ProblemCode::MalformedBody
        );
    }

    #[test]
    fn a_format_of_a_later_version_is_not_called_malformed() {
        let later = event(EPOCH, 1).replacen("\"v\":1", "\"v\":2", 1);
        let unreadable = r#"{"v":9,"seq":2,"hello":[]}"#.to_owned();
        let batch = batch_of(&[later, unreadable]).expect("a batch");
        for event in &batch.events {
            assert!(matches!(
                event.content,
                Content::Refused(RejectReason::NotUnderstood)
            ));
        }
    }

    #[test]
    fn an_event_of_another_epoch_takes_its_place_in_the_batch() {
        let other = event(Epoch::from_bits(8), 900);
        let batch = batch_of(&[event(EPOCH, 1), other, event(EPOCH, 3)]).expect("a batch");
        assert_eq!(batch.events[1].seq, Some(2));
        assert_eq!(batch.events[1].named_seq, 900);
    }

    #[test]
    fn a_number_that_no_column_holds_is_none() {
        let far = format!(r#"{{"seq":{}}}"#, u64::MAX);
        assert_eq!(places(&[event(EPOCH, u64::MAX)]), [None]);
        assert_eq!(places(&[event(EPOCH, 1), far]), [Some(1), Some(2)]);
        assert_eq!(places(&[event(EPOCH, LAST_SEQ)]), [Some(LAST_SEQ)]);
    }

    #[test]
    fn more_than_five_hundred_events_are_refused() {
        let many: Vec<String> = (1..=501).map(|seq| event(EPOCH, seq)).collect();
        let error = batch_of(&many).expect_err("refused");
        assert_eq!(error.code(), ProblemCode::NotAllowedValue);
        assert_eq!(batch_of(&many[..500]).expect("a batch").events.len(), 500);
    }
}
