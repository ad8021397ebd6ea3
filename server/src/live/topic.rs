//! One floor's stream as a state machine: which messages there are, what a viewer needs next, when
//! the database is to be asked again.
//!
//! A viewer is nothing but the version it has seen. The messages of the last while stand in a
//! bounded ring, each serialised once; whoever is behind takes from the ring what is missing, and
//! whoever is behind the ring (slow, or long away) is cut to a snapshot. Messages state how places
//! are, not what happened to them, so that reading the database once a second merges whatever
//! happened in that second.

use std::collections::VecDeque;
use std::time::{Duration, Instant};

use bytes::Bytes;
use kokoni_model::wire::views::{FloorOccupancy, TakenPlace};
use serde::Serialize;

use super::scope::Scope;

/// A topic reads, and so sends, at most this often.
pub(crate) const SEND_EVERY: Duration = Duration::from_secs(1);

/// What the ring holds at most.
#[derive(Clone, Copy, Debug)]
pub(crate) struct RingLimits {
    /// Messages.
    pub(crate) messages: usize,
    /// Bytes of all messages together.
    pub(crate) bytes: usize,
}

impl Default for RingLimits {
    /// At one message a second, four minutes without a connection are replayed.
    fn default() -> Self {
        Self {
            messages: 256,
            bytes: 512 * 1024,
        }
    }
}

/// What the database says has changed since a version.
#[derive(Clone, PartialEq, Debug)]
pub(crate) enum Changes {
    /// These places are now like this (nobody there: free), as of `version`.
    Places {
        /// Everything up to here is told.
        version: u64,
        /// Each changed place once, as it is now.
        changed: Vec<TakenPlace>,
    },
    /// It is no longer known what changed since then.
    Forgotten {
        /// Where the floor is now.
        version: u64,
    },
}

/// What a viewer is to be given next.
#[derive(Clone, PartialEq, Debug)]
pub(crate) enum Next {
    /// These frames, in order; afterwards the viewer has seen `seen`.
    Frames {
        /// Ready to be written.
        frames: Vec<Bytes>,
        /// The version they lead to.
        seen: u64,
    },
    /// It is up to date.
    Nothing,
    /// The ring does not reach back to it: it needs a snapshot.
    Snapshot,
}

#[derive(Debug)]
struct Message {
    /// The version this message follows.
    after: u64,
    version: u64,
    frame: Bytes,
}

#[derive(Serialize)]
struct ChangeData<'a> {
    version: u64,
    changed: &'a [TakenPlace],
}

/// One floor's stream.
#[derive(Debug)]
pub(crate) struct Topic {
    scope: Scope,
    limits: RingLimits,
    /// Everything up to here is in the ring, or before it.
    version: u64,
    /// The newest version of any snapshot, which may have been read after the last changes.
    newest: u64,
    ring: VecDeque<Message>,
    ring_bytes: usize,
    snapshot: Option<(u64, Bytes)>,
    hinted: bool,
    last_read: Option<Instant>,
}

impl Topic {
    /// A topic that knows nothing before `version`.
    pub(crate) fn new(scope: Scope, version: u64, limits: RingLimits) -> Self {
        Self {
            scope,
            limits,
            version,
            newest: version,
            ring: VecDeque::new(),
            ring_bytes: 0,
            snapshot: None,
            hinted: false,
            last_read: None,
        }
    }

    /// The version everybody can be brought to.
    pub(crate) fn version(&self) -> u64 {
        self.version
    }

    /// The version a returning viewer has seen, by the id of the last message it received.
    pub(crate) fn seen_by(&self, last_event_id: &str) -> Option<u64> {
        self.scope.version_of(last_event_id)
    }

    /// Something may have changed.
    pub(crate) fn on_hint(&mut self) {
        self.hinted = true;
    }

    /// When the database is to be asked: at once after a quiet second, else when the second is
    /// over; `None` while there is no reason to.
    pub(crate) fn next_read(&self, now: Instant) -> Option<Instant> {
        self.hinted.then(|| {
            self.last_read
                .map_or(now, |last| now.max(last + SEND_EVERY))
        })
    }

    /// The database is being asked now; hints from here on are about something later.
    pub(crate) fn on_reading(&mut self, now: Instant) {
        self.hinted = false;
        self.last_read = Some(now);
    }

    /// What the database answered when asked for what changed since [`Topic::version`].
    /// Says whether viewers have something to fetch.
    pub(crate) fn on_changes(&mut self, changes: &Changes) -> bool {
        match changes {
            Changes::Places { version, .. } if *version <= self.version => false,
            Changes::Places { version, changed } => {
                self.push(*version, changed);
                true
            }
            Changes::Forgotten { version } => {
                self.ring.clear();
                self.ring_bytes = 0;
                self.version = *version;
                true
            }
        }
    }

    fn push(&mut self, version: u64, changed: &[TakenPlace]) {
        let data = ChangeData { version, changed };
        let frame = frame(&self.scope.id(version), "change", &data);
        self.ring_bytes += frame.len();
        self.ring.push_back(Message {
            after: self.version,
            version,
            frame,
        });
        self.version = version;
        while self.ring.len() > self.limits.messages || self.ring_bytes > self.limits.bytes {
            let Some(oldest) = self.ring.pop_front() else {
                break;
            };
            self.ring_bytes -= oldest.frame.len();
        }
    }

    /// The oldest version from which the ring leads to the present.
    fn reaches_back_to(&self) -> u64 {
        self.ring
            .front()
            .map_or(self.version, |oldest| oldest.after)
    }

    /// What a viewer who has seen `seen` needs now.
    pub(crate) fn next(&self, seen: u64) -> Next {
        // A version that nobody was given belongs to a database that this one is no longer.
        if seen > self.version.max(self.newest) || seen < self.reaches_back_to() {
            return Next::Snapshot;
        }
        if seen >= self.version {
            return Next::Nothing;
        }
        let newer = self.ring.iter().filter(|message| message.version > seen);
        Next::Frames {
            frames: newer.map(|message| message.frame.clone()).collect(),
            seen: self.version,
        }
    }

    /// A snapshot from which the ring leads to the present, if one was made already, and its
    /// version.
    pub(crate) fn snapshot(&self) -> Option<(u64, Bytes)> {
        self.snapshot
            .clone()
            .filter(|(version, _)| *version >= self.reaches_back_to())
    }

    /// Keeps a snapshot for the next ones who need one.
    pub(crate) fn on_snapshot(&mut self, occupancy: &FloorOccupancy) -> (u64, Bytes) {
        let version = occupancy.version;
        let bytes = frame(&self.scope.id(version), "snapshot", occupancy);
        // It was read later than the last changes were: nothing between is owed to anybody who
        // has it, but whoever has not must still be told, and the ring cannot do that.
        if version > self.version {
            self.hinted = true;
            self.newest = self.newest.max(version);
        }
        self.snapshot = Some((version, bytes.clone()));
        (version, bytes)
    }
}

/// One message of an event stream, as it travels.
fn frame(id: &str, event: &str, data: &impl Serialize) -> Bytes {
    // These types hold nothing that JSON cannot: serialising them does not fail.
    let data = serde_json::to_string(data).unwrap_or_default();
    Bytes::from(format!("id: {id}\nevent: {event}\ndata: {data}\n\n"))
}

#[cfg(test)]
mod tests;
