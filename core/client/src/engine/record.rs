//! Recording: the moment a scan becomes a durable fact; and the lists of what waits, what was
//! rejected, and what was lost.

use std::fmt;

use kokoni_model::clock::Timestamp;
use kokoni_model::event::{Act, Epoch, Event, Meaning, Via};
use kokoni_model::ids::EventId;
use kokoni_model::label::LabelId;
use kokoni_model::wire::events::Rejection;
use rusqlite::Transaction;
use serde::Serialize;

use super::{Engine, Inner, Topic};
use crate::error::{ClientError, StoreError};
use crate::store::files::Mark;
use crate::store::listed::{self, Listed};
use crate::store::queue::{self, Numbered, Row};
use crate::store::{directory, server};

/// An event that is saved: it survives the end of the app and a power cut, and will be sent.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
pub struct Recorded {
    /// Names it in every later call.
    pub id: EventId,
    /// Which life of this phone's queue it belongs to.
    pub epoch: Epoch,
    /// Its number there.
    pub seq: u64,
}

/// An event on its way to the server.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct WaitingRecord {
    /// Names it.
    pub id: EventId,
    /// Which life of the queue.
    pub epoch: Epoch,
    /// Its number there.
    pub seq: u64,
    /// When it was recorded, by the phone's wall clock.
    pub recorded_us: Timestamp,
    /// The label, where it is a scan.
    pub label: Option<LabelId>,
    /// What was meant, where it is a scan.
    pub meaning: Option<Meaning>,
}

/// An event that the server refused.
#[derive(Clone, PartialEq, Eq, Serialize)]
pub struct RejectedRecord {
    /// The event.
    #[serde(flatten)]
    pub record: WaitingRecord,
    /// Why, by its code.
    pub rejection: Rejection,
    /// Why, for the person, in Japanese; names the other person where the server did.
    pub words_ja: String,
    /// Why, for the person, in English.
    pub words_en: String,
}

/// Without the words: they may name who has an item.
impl fmt::Debug for RejectedRecord {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "RejectedRecord({:?}, {:?})", self.record, self.rejection)
    }
}

/// Records that were saved and could not be read back after the database was damaged.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Loss {
    /// Which life of the queue.
    pub epoch: String,
    /// The first number that is missing.
    pub first_seq: u64,
    /// The last number that is missing.
    pub last_seq: u64,
    /// When it was found out, by the phone's wall clock.
    pub found_us: Timestamp,
}

impl Engine {
    /// Saves a scan. When this returns, the event is on the disk.
    ///
    /// # Errors
    /// [`ClientError::NotEnrolled`]; [`ClientError::StorageFull`] and the other troubles of storage:
    /// then nothing was saved.
    pub fn record(
        &self,
        label: LabelId,
        meaning: Meaning,
        via: Via,
    ) -> Result<Recorded, ClientError> {
        let new = New {
            act: Act::Scan {
                label,
                meaning,
                via,
            },
            replaces: None,
        };
        let saved = self.0.append(|_| Ok(Some(new)))?;
        saved.ok_or(ClientError::Internal { place: "a record" })
    }

    /// Takes an event back. One that was rejected leaves the list of rejected ones; for any other a
    /// new event says so to the server, and is returned.
    ///
    /// # Errors
    /// [`ClientError::NoSuchRecord`] when it is unknown, of an earlier life of the queue, taken back
    /// already, or is a taking back itself.
    pub fn withdraw(&self, id: EventId) -> Result<Option<Recorded>, ClientError> {
        self.0.append(|tx| {
            let Found {
                row,
                is_current,
                taken_back,
            } = found(tx, id)?;
            match (&row.event.act, row.state.as_str()) {
                (_, "rejected") => {
                    queue::dismiss(tx, id)?;
                    Ok(None)
                }
                (Act::Scan { .. }, "waiting" | "applied") if is_current && !taken_back => {
                    Ok(Some(New {
                        act: Act::Withdraw { seq: row.event.seq },
                        replaces: None,
                    }))
                }
                _ => Err(ClientError::NoSuchRecord.into()),
            }
        })
    }

    /// Sends a rejected event again, as a new event; the old one leaves the list.
    ///
    /// # Errors
    /// [`ClientError::NoSuchRecord`] when it is not on the list of rejected ones.
    pub fn resend(&self, id: EventId) -> Result<Recorded, ClientError> {
        let saved = self.0.append(|tx| {
            let Found {
                row, is_current, ..
            } = found(tx, id)?;
            if row.state != "rejected" || !matches!(row.event.act, Act::Scan { .. }) {
                return Err(ClientError::NoSuchRecord.into());
            }
            queue::dismiss(tx, id)?;
            Ok(Some(New {
                // A number of an earlier life of the queue means nothing in this one.
                replaces: is_current.then_some(row.event.seq),
                act: row.event.act,
            }))
        })?;
        saved.ok_or(ClientError::NoSuchRecord)
    }

    /// What waits to be sent, in order.
    ///
    /// # Errors
    /// When the database cannot be read.
    pub fn waiting(&self) -> Result<Vec<WaitingRecord>, ClientError> {
        let rows = self.0.store.read(|tx| listed::rows(tx, Listed::Waiting))?;
        Ok(rows.iter().map(|row| waiting_record(&row.event)).collect())
    }

    /// What the server refused and the person has not settled yet, in order.
    ///
    /// # Errors
    /// When the database cannot be read.
    pub fn rejected(&self) -> Result<Vec<RejectedRecord>, ClientError> {
        let rows = self.0.store.read(|tx| listed::rows(tx, Listed::Rejected))?;
        Ok(rows.into_iter().filter_map(rejected_record).collect())
    }

    /// Records that were lost to damage and of which the person has not been told.
    ///
    /// # Errors
    /// When the database cannot be read.
    pub fn losses(&self) -> Result<Vec<Loss>, ClientError> {
        let rows = self.0.store.read(|tx| server::untold_losses(tx, false))?;
        Ok(rows
            .into_iter()
            .map(|row| Loss {
                epoch: row.epoch,
                first_seq: row.first_seq,
                last_seq: row.last_seq,
                found_us: row.found,
            })
            .collect())
    }

    /// The person has been told of every loss found so far.
    ///
    /// # Errors
    /// When the database cannot be written.
    pub fn losses_told(&self) -> Result<(), ClientError> {
        Ok(self.0.store.write(server::losses_told_to_person)?)
    }
}

/// What a new event says.
struct New {
    act: Act,
    replaces: Option<u64>,
}

impl Inner {
    /// Decides whether there is a new event, in the transaction that saves it; saves it, notes how far
    /// the queue has come, and tells the observers.
    fn append(
        &self,
        decide: impl FnOnce(&Transaction<'_>) -> Result<Option<New>, StoreError>,
    ) -> Result<Option<Recorded>, ClientError> {
        let stamp = self.stamp()?;
        let saved = self.store.write_then(
            |tx| {
                let Some(New { act, replaces }) = decide(tx)? else {
                    return Ok(None);
                };
                if !server::has_identity(tx)? {
                    return Err(ClientError::NotEnrolled.into());
                }
                let target = match &act {
                    Act::Scan { label, .. } => directory::target(tx, *label)?,
                    Act::Withdraw { .. } | Act::Unknown => None,
                };
                queue::append(tx, &stamp, act, replaces, target.as_ref()).map(Some)
            },
            |saved: &Option<Numbered>| {
                let Some(saved) = saved else { return };
                // The event is safe in the database; the mark only helps to find damage.
                let raised = self.high_water.raise(Mark {
                    epoch: saved.epoch,
                    saved_through: saved.seq,
                    held_through: 0,
                });
                if let Err(error) = raised {
                    tracing::warn!(kind = ?error.kind(), "the high-water mark was not raised");
                }
            },
        )?;
        self.observers.tell(Topic::Queue);
        Ok(saved.map(|saved| Recorded {
            id: saved.id,
            epoch: saved.epoch,
            seq: saved.seq,
        }))
    }

    /// An event and how it stands.
    pub(super) fn find(&self, id: EventId) -> Result<Found, ClientError> {
        Ok(self.store.read(|tx| found(tx, id))?)
    }
}

/// An event and how it stands.
pub(super) struct Found {
    pub(super) row: Row,
    /// Whether it belongs to the present life of the queue.
    is_current: bool,
    /// Whether it was taken back, and that was not refused.
    pub(super) taken_back: bool,
}

fn found(tx: &Transaction<'_>, id: EventId) -> Result<Found, StoreError> {
    let (queue, row) = queue::find(tx, id)?.ok_or(ClientError::NoSuchRecord)?;
    let current = queue::current(tx)?.map(|(number, ..)| number);
    Ok(Found {
        is_current: Some(queue) == current,
        taken_back: queue::is_taken_back(tx, queue, row.event.seq)?,
        row,
    })
}

fn waiting_record(event: &Event) -> WaitingRecord {
    let (label, meaning) = match &event.act {
        Act::Scan { label, meaning, .. } => (Some(*label), Some(meaning.clone())),
        Act::Withdraw { .. } | Act::Unknown => (None, None),
    };
    WaitingRecord {
        id: event.id,
        epoch: event.epoch,
        seq: event.seq,
        recorded_us: event.clock.wall_us,
        label,
        meaning,
    }
}

fn rejected_record(row: Row) -> Option<RejectedRecord> {
    let rejection = row.rejection?;
    let (ja, en) = rejection.reason.words();
    let named = |words: &str, open: &str, close: &str| match &rejection.who {
        Some(who) => format!("{words}{open}{who}{close}"),
        None => words.to_owned(),
    };
    Some(RejectedRecord {
        record: waiting_record(&row.event),
        words_ja: named(ja, "（", "）"),
        words_en: named(en, " (", ")"),
        rejection,
    })
}
