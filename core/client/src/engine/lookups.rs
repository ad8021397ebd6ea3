//! Looking things up: in the directory the phone keeps, and, where only the server knows, there.

use std::sync::Arc;

use kokoni_model::calendar::{
    CalendarError, DayRecord, PersonCalendar, Reminder, ReminderFacts, ReminderPolicy, reminders,
};
use kokoni_model::catalogue::Catalogue;
use kokoni_model::clock::Timestamp;
use kokoni_model::ids::{FloorId, PlaceId};
use kokoni_model::label::LabelId;
use kokoni_model::rules::lending::Loan;
use kokoni_model::rules::meaning::Target;
use kokoni_model::wire::directory::{DirectoryEntry, DirectoryKey};
use kokoni_model::wire::views::{FloorOccupancy, ItemList, PeopleFound, PresenceView};
use rusqlite::Transaction;

use super::identity::EnrolledIdentity;
use super::preview::place_name;
use super::today::{calendar, today};
use super::{Engine, api, server_now};
use crate::error::{ClientError, StoreError};
use crate::options::{Call, CallOptions};
use crate::store::{directory, server};
use crate::sync::answer::Failure;

impl Engine {
    /// The labels that exist, for the reader; `None` until the first sync brought them.
    ///
    /// # Errors
    /// When the database cannot be read.
    pub fn catalogue(&self) -> Result<Option<Arc<Catalogue>>, ClientError> {
        Ok(self.0.store.read(directory::catalogue)?.map(Arc::new))
    }

    /// What a label is bound to, as far as the phone knows.
    ///
    /// # Errors
    /// When the database cannot be read.
    pub fn target(&self, label: LabelId) -> Result<Option<Target>, ClientError> {
        Ok(self.0.store.read(|tx| directory::target(tx, label))?)
    }

    /// One entry of the directory.
    ///
    /// # Errors
    /// When the database cannot be read.
    pub fn directory_entry(
        &self,
        key: &DirectoryKey,
    ) -> Result<Option<DirectoryEntry>, ClientError> {
        Ok(self
            .0
            .store
            .read(|tx| directory::entry(tx, &key.kind, &key.id))?)
    }

    /// Every entry of a kind (`floor`, `place`, `item` ...), by id.
    ///
    /// # Errors
    /// When the database cannot be read.
    pub fn directory_entries(&self, kind: &str) -> Result<Vec<DirectoryEntry>, ClientError> {
        Ok(self.0.store.read(|tx| directory::entries(tx, kind))?)
    }

    /// A place with its floor, in Japanese and English: `3階 A-12`, `3F A-12`.
    ///
    /// # Errors
    /// When the database cannot be read.
    pub fn place_words(&self, place: PlaceId) -> Result<(String, String), ClientError> {
        Ok(self.0.store.read(|tx| place_name(tx, &place.to_string()))?)
    }

    /// What the person has borrowed, unsent borrowing and bringing back included.
    ///
    /// # Errors
    /// As [`Engine::today`].
    pub fn my_loans(&self) -> Result<Vec<Loan>, ClientError> {
        Ok(self.today()?.loans)
    }

    /// The next reminders after now, earliest first; to be handed to the system's scheduler.
    ///
    /// # Errors
    /// [`ClientError::NotEnrolled`]; when the database cannot be read.
    pub fn reminders(&self) -> Result<Vec<Reminder>, ClientError> {
        let now = self.0.now();
        let found = self.0.store.read(|tx| {
            let Some(identity) = server::identity::<EnrolledIdentity>(tx)? else {
                return Ok(None);
            };
            let record = day_record(tx, &identity, &now)?;
            let policy = match directory::entry(tx, "reminders", "")? {
                Some(DirectoryEntry::Reminders(policy)) => policy,
                _ => ReminderPolicy::default(),
            };
            let person = match directory::entry(tx, "person_calendar", "")? {
                Some(DirectoryEntry::PersonCalendar(person)) => *person,
                _ => PersonCalendar::default(),
            };
            let facts = ReminderFacts {
                organisation: identity.organisation,
                policy: &policy,
                calendar: &calendar(tx)?,
                person: &person,
                days: &[record],
            };
            // A clock outside all calendars reminds of nothing.
            let none = |_: CalendarError| Vec::new();
            Ok(Some(
                reminders(server_now(tx, &now)?, &facts).unwrap_or_else(none),
            ))
        })?;
        found.ok_or(ClientError::NotEnrolled)
    }

    /// Puts today's reminders off until a moment.
    ///
    /// # Errors
    /// [`ClientError::NotEnrolled`]; when the database cannot be written.
    pub fn snooze_reminders(&self, until: Timestamp) -> Result<(), ClientError> {
        let date = self.today()?.date;
        Ok(self
            .0
            .store
            .write(move |tx| server::snooze(tx, date, until))?)
    }

    /// Who is where on a floor, asked of the server.
    ///
    /// # Errors
    /// [`ClientError::Offline`], [`ClientError::SignInNeeded`] and the other troubles of the
    /// network.
    pub fn floor_occupancy(
        &self,
        floor: FloorId,
        options: &CallOptions,
    ) -> Result<FloorOccupancy, ClientError> {
        self.ask_server(&format!("/api/v1/floors/{floor}/occupancy"), options)
    }

    /// People whose names fit, and where they are, asked of the server.
    ///
    /// # Errors
    /// As [`Engine::floor_occupancy`].
    pub fn people_now(
        &self,
        query: &str,
        options: &CallOptions,
    ) -> Result<PeopleFound, ClientError> {
        self.ask_server(
            &format!("/api/v1/people?q={}", api::query_value(query)),
            options,
        )
    }

    /// What can be borrowed and who has it, asked of the server.
    ///
    /// # Errors
    /// As [`Engine::floor_occupancy`].
    pub fn items_now(&self, options: &CallOptions) -> Result<ItemList, ClientError> {
        self.ask_server("/api/v1/items", options)
    }

    /// Asks the server, with new tokens where the old ones have ended.
    fn ask_server<T: serde::de::DeserializeOwned>(
        &self,
        path: &str,
        options: &CallOptions,
    ) -> Result<T, ClientError> {
        let inner = &*self.0;
        let call = Call::begin(options);
        let identity = inner.required_identity()?;
        let mut refreshed = false;
        loop {
            let access = inner.access(&identity)?.ok_or(ClientError::SignInNeeded)?;
            let request = api::get(&identity.server, path, &access);
            match inner.ask::<T>(&identity.server, &request, &call)? {
                Ok(Some(answer)) => return Ok(answer),
                Ok(None) => return Err(ClientError::Refused { status: 204 }),
                Err(Failure::Unauthorised { revoked: false }) if !refreshed => {
                    inner.refresh(&access, identity.device, &call)??;
                    refreshed = true;
                }
                Err(failure) => return Err(failure.into()),
            }
        }
    }
}

/// What is known of today, as the reminders take it.
fn day_record(
    tx: &Transaction<'_>,
    identity: &EnrolledIdentity,
    now: &kokoni_model::clock::ClockReading,
) -> Result<DayRecord, StoreError> {
    let today = today(tx, identity, now)?;
    let stay = today.day.stays.iter().rfind(|stay| stay.telework);
    let (began, ended) = telework_now(&today.presence, stay.and_then(|stay| stay.until));
    let declared = stay
        .map(|stay| stay.since.at)
        .or(began)
        .or(today.first_us.filter(|_| today.telework_declared));
    Ok(DayRecord {
        date: today.date,
        first_scan_us: today.first_us,
        telework_declared_us: declared,
        telework_ended_us: ended.filter(|_| declared.is_some()),
        snoozed_until_us: server::snoozed_until(tx, today.date)?,
    })
}

/// Since when the person teleworks, or since when not any more. Where the person is counts, which
/// covers all their devices; this phone's own stays know nothing of what was scanned elsewhere.
fn telework_now(
    presence: &PresenceView,
    own_end: Option<Timestamp>,
) -> (Option<Timestamp>, Option<Timestamp>) {
    match *presence {
        PresenceView::Telework { since_us } => (Some(since_us), None),
        PresenceView::Present { since_us, .. }
        | PresenceView::Away { since_us }
        | PresenceView::Displaced { since_us, .. } => (None, Some(since_us)),
        PresenceView::NoRecord | PresenceView::Unknown => (None, own_end),
    }
}
