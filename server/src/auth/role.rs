//! Roles: what a person may do beyond their own record.

use serde::{Deserialize, Serialize};

/// A person's role.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Role {
    /// Their own record, and what the policy shows of others.
    Staff,
    /// And the telework of their section.
    Supervisor,
    /// And floors, labels, items, codes.
    OfficeManager,
    /// And people.
    Hr,
    /// Reads everything, changes nothing.
    Auditor,
    /// Everything.
    Administrator,
}

impl Role {
    /// Whether names are shown whatever the policy for staff says.
    pub const fn sees_names(self) -> bool {
        !matches!(self, Self::Staff)
    }

    /// Whether enrolment codes may be made for others.
    pub const fn enrols(self) -> bool {
        matches!(self, Self::OfficeManager | Self::Administrator)
    }

    /// Whether the server itself may be looked into.
    pub const fn administers(self) -> bool {
        matches!(self, Self::Administrator)
    }
}
