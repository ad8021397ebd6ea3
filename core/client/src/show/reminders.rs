//! The notifications that a shell schedules with the system.

use kokoni_model::calendar::{Reminder, ReminderId, ReminderKind};
use kokoni_model::clock::Timestamp;

use super::Language;
use crate::engine::Engine;
use crate::error::ClientError;

/// One notification to schedule with the system.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ReminderPlan {
    /// The same for the same reminder, whenever it is computed.
    pub id: ReminderId,
    /// When.
    pub at_us: Timestamp,
    /// When, by the wall clock of the organisation's zone: `2026-11-24T08:45:00`.
    pub local: String,
    /// That zone, by its IANA name.
    pub zone: String,
    /// Its title.
    pub title: String,
    /// What it says.
    pub body: String,
    /// What it is about.
    pub kind: ReminderKind,
}

impl Engine {
    /// The notifications to schedule: these, and no others.
    ///
    /// # Errors
    /// As [`Engine::reminders`].
    pub fn reminder_plans(&self, language: Language) -> Result<Vec<ReminderPlan>, ClientError> {
        let zone = self.calendar()?.zone.name().to_owned();
        let plan = |reminder: Reminder| ReminderPlan {
            id: reminder.id,
            at_us: reminder.at_us,
            local: reminder.local.format("%Y-%m-%dT%H:%M:%S").to_string(),
            zone: zone.clone(),
            title: language.pick(reminder.kind.title()).to_owned(),
            body: language
                .pick((reminder.text_ja, reminder.text_en))
                .to_owned(),
            kind: reminder.kind,
        };
        Ok(self.reminders()?.into_iter().map(plan).collect())
    }
}
