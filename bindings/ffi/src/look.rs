//! Looking: everything the phone can show without a network.

use std::time::SystemTime;

use crate::error::{InputProblem, KokoniError, guarded, input};
use crate::kokoni::Kokoni;
use crate::records::{
    Chip, FloorLine, LoanLine, PersonLine, RejectedLine, ReminderPlan, SyncStatus, TodayView,
    WaitingLine, all,
};
use crate::times::timestamp;

#[uniffi::export]
impl Kokoni {
    /// Where I am and what waits to be sent, at a glance.
    pub fn chip(&self) -> Result<Chip, KokoniError> {
        guarded(|| Ok(self.core.engine.chip(self.core.language())?.into()))
    }

    /// The screen of the day.
    pub fn today(&self) -> Result<TodayView, KokoniError> {
        guarded(|| Ok(self.core.engine.today_view(self.core.language())?.into()))
    }

    /// What I have borrowed, and until when.
    pub fn my_loans(&self) -> Result<Vec<LoanLine>, KokoniError> {
        guarded(|| Ok(all(self.core.engine.loan_lines(self.core.language())?)))
    }

    /// What waits to be sent, in order.
    pub fn waiting(&self) -> Result<Vec<WaitingLine>, KokoniError> {
        guarded(|| Ok(all(self.core.engine.waiting_lines(self.core.language())?)))
    }

    /// What the server refused, why, and what there is to do.
    pub fn rejected(&self) -> Result<Vec<RejectedLine>, KokoniError> {
        guarded(|| {
            Ok(all(self
                .core
                .engine
                .rejected_lines(self.core.language())?))
        })
    }

    /// Records that were saved and lost to damage, as sentences; empty but after a disaster.
    pub fn losses(&self) -> Result<Vec<String>, KokoniError> {
        guarded(|| Ok(self.core.engine.loss_lines(self.core.language())?))
    }

    /// The person has been told of every loss found so far.
    pub fn losses_told(&self) -> Result<(), KokoniError> {
        guarded(|| Ok(self.core.engine.losses_told()?))
    }

    /// Colleagues who fit by name, kana, section or extension, from the phone's own directory.
    pub fn people(&self, query: String) -> Result<Vec<PersonLine>, KokoniError> {
        guarded(|| Ok(all(self.core.engine.people_lines(&query)?)))
    }

    /// The floors, by building and level.
    pub fn floors(&self) -> Result<Vec<FloorLine>, KokoniError> {
        guarded(|| Ok(all(self.core.engine.floor_lines(self.core.language())?)))
    }

    /// How the sync stands.
    pub fn status(&self) -> Result<SyncStatus, KokoniError> {
        guarded(|| Ok(self.core.engine.sync_status(self.core.language())?.into()))
    }

    /// The notifications to schedule with the system, soonest first, at most 50: these and no
    /// others.
    pub fn reminders(&self) -> Result<Vec<ReminderPlan>, KokoniError> {
        guarded(|| {
            Ok(all(self
                .core
                .engine
                .reminder_plans(self.core.language())?))
        })
    }

    /// Puts today's reminders off until a moment.
    pub fn snooze_reminders(&self, until: SystemTime) -> Result<(), KokoniError> {
        guarded(|| {
            let until = timestamp(until).ok_or(input(InputProblem::Time))?;
            Ok(self.core.engine.snooze_reminders(until)?)
        })
    }

    /// Everything that helps to find a fault, as JSON, without personal data.
    pub fn diagnostics(&self) -> Result<String, KokoniError> {
        guarded(|| Ok(self.core.engine.diagnostics()?.to_string()))
    }
}
