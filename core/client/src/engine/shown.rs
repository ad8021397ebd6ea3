//! What the sentences of [`crate::show`] are made of.

use std::path::PathBuf;
use std::time::Duration;

use kokoni_model::calendar::Calendar;
use kokoni_model::clock::Timestamp;
use kokoni_model::ids::{EventId, PersonId};
use kokoni_model::label::LabelId;
use kokoni_model::wire::directory::DirectoryEntry;

use super::preview::label_name;
use super::tokens::SECRET_NAME;
use super::{Engine, today};
use crate::error::ClientError;
use crate::ports::Ports;
use crate::store::files::Files;
use crate::store::{directory, opening};

/// Every secret that the engine keeps, also in a build without encryption.
const SECRET_NAMES: [&str; 3] = [SECRET_NAME, "database_key", "database_key_next"];

impl Engine {
    /// The phone's wall clock.
    pub fn wall_clock(&self) -> Timestamp {
        self.0.now().wall_us
    }

    /// The server's time, as far as it is known.
    pub(crate) fn server_clock(&self) -> Result<Timestamp, ClientError> {
        let now = self.0.now();
        Ok(self.0.store.read(move |tx| super::server_now(tx, &now))?)
    }

    /// The organisation's calendar; the usual one until the directory has come.
    ///
    /// # Errors
    /// When the database cannot be read.
    pub fn calendar(&self) -> Result<Calendar, ClientError> {
        Ok(self.0.store.read(today::calendar)?)
    }

    /// What a label stands for, in Japanese and English: `3階 A-12`, `3F A-12`.
    ///
    /// # Errors
    /// When the database cannot be read.
    pub fn label_words(&self, label: LabelId) -> Result<(String, String), ClientError> {
        Ok(self.0.store.read(|tx| {
            let target = directory::target(tx, label)?;
            label_name(tx, target.as_ref())
        })?)
    }

    /// Somebody's display name, where the phone knows it.
    pub(crate) fn person_name(&self, person: PersonId) -> Result<Option<String>, ClientError> {
        let id = person.to_string();
        let entry = self
            .0
            .store
            .read(|tx| directory::entry(tx, "person", &id))?;
        Ok(match entry {
            Some(DirectoryEntry::Person(person)) => Some(person.display_name()),
            _ => None,
        })
    }

    /// How long ago something was recorded; by the wall clock only where the device was started
    /// anew since.
    pub(crate) fn age_of(&self, record: EventId) -> Result<Duration, ClientError> {
        let row = self.0.find(record)?.row;
        let (then, now) = (row.event.clock, self.0.now());
        if then.boot == now.boot && then.mono_ms <= now.mono_ms {
            return Ok(Duration::from_millis(now.mono_ms - then.mono_ms));
        }
        let micros = now.wall_us.micros_since(then.wall_us).unsigned_abs();
        Ok(Duration::from_micros(micros))
    }

    /// Whether a record was taken back, and that was not refused.
    pub(crate) fn is_taken_back(&self, record: EventId) -> Result<bool, ClientError> {
        Ok(self.0.find(record)?.taken_back)
    }

    /// Removes everything that was kept in a folder, secrets included: for a database whose key is
    /// lost. No engine may have it open.
    ///
    /// # Errors
    /// [`ClientError::DatabaseInUse`]; when files or secrets cannot be removed.
    pub fn erase(data: PathBuf, ports: &Ports) -> Result<(), ClientError> {
        opening::erase(&Files { folder: data })?;
        for name in SECRET_NAMES {
            ports.secrets.remove(name)?;
        }
        Ok(())
    }
}
