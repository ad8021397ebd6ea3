//! The bound from below: the same row in the same table by SQLite alone, each commit FULL.

use std::path::Path;

use anyhow::Result;
use kokoni_client::{Clock, SystemClock};
use kokoni_model::event::{Act, EVENT_VERSION, Epoch, Event, Meaning, SealedEvent, Via};
use kokoni_model::ids::EventId;
use kokoni_model::label::LabelId;
use rusqlite::{Connection, TransactionBehavior, params};

/// The tables of the phone's own database.
const SCHEMA: &str = include_str!("../../../core/client/src/store/migrations/0001.sql");

/// What a phone keeps of the place a label is bound to.
const TARGET: &str = r#"{"kind":"place","place":"019aa000-0000-7000-8000-000000000000"}"#;

/// A queue with nothing around it.
pub(crate) struct BareQueue {
    connection: Connection,
    event: Event,
}

impl BareQueue {
    /// An empty one in a folder of its own.
    pub(crate) fn create(folder: &Path, seat: LabelId) -> Result<Self> {
        std::fs::create_dir_all(folder)?;
        let connection = Connection::open(folder.join("bare.db"))?;
        connection.execute_batch(
            "PRAGMA journal_mode = WAL; PRAGMA synchronous = FULL;
             PRAGMA fullfsync = ON; PRAGMA checkpoint_fullfsync = ON;",
        )?;
        connection.execute_batch(SCHEMA)?;
        let epoch = Epoch::from_bits(0x5eed_5eed_5eed_5eed);
        connection.execute(
            "INSERT INTO queue (number, epoch, next_seq, held_through) VALUES (1, ?1, 1, 0)",
            [epoch.to_string()],
        )?;
        let clock = SystemClock::new().now();
        let event = Event {
            v: EVENT_VERSION,
            id: EventId::new(clock.wall_us, [0; 10]),
            epoch,
            seq: 0,
            clock,
            act: Act::Scan {
                label: seat,
                meaning: Meaning::Sit,
                via: Via::Camera,
            },
            replaces: None,
        };
        Ok(Self { connection, event })
    }

    /// Commits the next row.
    pub(crate) fn commit(&mut self) -> Result<()> {
        self.event.seq += 1;
        let mut unique = [0; 10];
        unique[..8].copy_from_slice(&self.event.seq.to_be_bytes());
        self.event.id = EventId::new(self.event.clock.wall_us, unique);
        let sealed = SealedEvent::seal(self.event.clone())?;
        let transaction = self
            .connection
            .transaction_with_behavior(TransactionBehavior::Immediate)?;
        transaction
            .prepare_cached(
                "INSERT INTO event (queue, seq, id, text, hash, target, state)
                 VALUES (1, ?1, ?2, ?3, ?4, ?5, 'waiting')",
            )?
            .execute(params![
                self.event.seq as i64,
                self.event.id.to_string(),
                sealed.text(),
                sealed.hash().as_bytes(),
                TARGET,
            ])?;
        Ok(transaction.commit()?)
    }
}
