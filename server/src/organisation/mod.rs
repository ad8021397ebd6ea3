//! An organisation's own row: its name, its labels' host, its calendar and its policies.

use std::collections::HashMap;
use std::collections::hash_map::Entry as Slot;

use kokoni_model::calendar::{Calendar, ReminderPolicy};
use kokoni_model::ids::OrganisationId;
use kokoni_model::label::Host;
use kokoni_model::wire::directory::Settings;
use serde::{Deserialize, Serialize};

use crate::auth::Role;
use crate::params;
use crate::store::{AsJson, AsWord, Columns, FromRow, StoreError, Tx};

/// One tenant.
#[derive(Clone, Debug, PartialEq)]
pub struct Organisation {
    /// Its id.
    pub id: OrganisationId,
    /// Its name.
    pub name: String,
    /// The public name in its labels.
    pub label_host: Host,
    /// What staff may see and do.
    pub policies: Policies,
    /// Its working days, time zone and day boundary.
    pub calendar: Calendar,
    /// When to remind.
    pub reminders: ReminderPolicy,
    /// Grows with every change of its labels, places and people, and with what else [`move_on`] is
    /// told.
    pub layout_version: u64,
}

/// What staff may see and do; in JSON every member is optional.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct Policies {
    /// Who sees other people's names, sections and places.
    pub names: NamePolicy,
    /// Whether extensions are shown with names.
    pub extensions: bool,
    /// After how many days a loan should have come back; null where there is no limit.
    pub loan_days: Option<u16>,
}

impl Default for Policies {
    fn default() -> Self {
        Self {
            names: NamePolicy::Everyone,
            extensions: true,
            loan_days: None,
        }
    }
}

/// Who sees names.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum NamePolicy {
    /// Everybody in the organisation.
    Everyone,
    /// Everybody but staff without a further role.
    NotStaff,
}

/// Whether the one who asks is shown names. The live map is made once for each.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Names {
    /// Names are shown.
    Shown,
    /// Only one's own is.
    Hidden,
}

impl Policies {
    /// What somebody of this role is shown.
    pub const fn names_for(&self, role: Role) -> Names {
        match self.names {
            NamePolicy::Everyone => Names::Shown,
            NamePolicy::NotStaff if role.sees_names() => Names::Shown,
            NamePolicy::NotStaff => Names::Hidden,
        }
    }
}

impl Organisation {
    /// The organisation of this id, which is there: a token names it.
    ///
    /// # Errors
    /// Those of the store.
    pub fn load(tx: &Tx<'_>, id: OrganisationId) -> Result<Self, StoreError> {
        tx.one(
            "SELECT id, name, label_host, policies, calendar, reminders, layout_version
             FROM organisation WHERE id = $1",
            params![id],
        )
    }

    /// What phones need of it.
    pub fn settings(&self) -> Settings {
        Settings {
            name: self.name.clone(),
            label_host: self.label_host.clone(),
        }
    }
}

/// Says that something has changed which a server may remember of an organisation: its labels,
/// places and people, which devices are revoked, which events were purged.
///
/// # Errors
/// Those of the store.
pub fn move_on(tx: &Tx<'_>, organisation: OrganisationId) -> Result<(), StoreError> {
    tx.exec(
        "UPDATE organisation SET layout_version = layout_version + 1 WHERE id = $1",
        params![organisation],
    )
    .map(drop)
}

/// The organisations of one transaction, each read once.
#[derive(Debug, Default)]
pub struct Organisations(HashMap<OrganisationId, Organisation>);

impl Organisations {
    /// As [`Organisation::load`].
    ///
    /// # Errors
    /// Those of the store.
    pub fn get(&mut self, tx: &Tx<'_>, id: OrganisationId) -> Result<&Organisation, StoreError> {
        match self.0.entry(id) {
            Slot::Occupied(slot) => Ok(slot.into_mut()),
            Slot::Vacant(slot) => Ok(slot.insert(Organisation::load(tx, id)?)),
        }
    }
}

impl FromRow for Organisation {
    fn from_row(columns: &mut Columns) -> Result<Self, StoreError> {
        Ok(Self {
            id: columns.take()?,
            name: columns.take()?,
            label_host: columns.take::<AsWord<Host>>()?.0,
            policies: columns.take::<AsJson<Policies>>()?.0,
            calendar: columns.take::<AsJson<Calendar>>()?.0,
            reminders: columns.take::<AsJson<ReminderPolicy>>()?.0,
            layout_version: columns.take()?,
        })
    }
}
