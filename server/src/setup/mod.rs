//! Setting up: an organisation with everything it starts with in one transaction, and the codes
//! that bring its first devices in. Blocking, for programs as well as for a running server.

mod lists;
mod new;
mod rows;

use kokoni_model::clock::Timestamp;
use kokoni_model::ids::{OrganisationId, PersonId};
use thiserror::Error;

pub use lists::{
    LabelListed, OrganisationListed, PersonListed, find_people, labels, organisations,
};
pub use new::{
    CreatedFloor, CreatedItem, CreatedLocker, CreatedOrganisation, CreatedPerson, CreatedPlace,
    CreatedSite, NewFloor, NewLocker, NewOrganisation, NewPerson, NewPlace, NewSection, NewSite,
};

use crate::audit::{self, Act, Entry};
use crate::directory::feed;
pub use crate::enrolment::code::EnrolmentCode;
use crate::enrolment::code::{self, CodeSeed};
use crate::params;
use crate::ports::Random;
use crate::store::{Store, StoreError};

/// Why something could not be set up.
#[derive(Debug, Error)]
pub enum SetupError {
    /// A position names no section before it.
    #[error("{of} names section {section}, which does not stand before it")]
    NoSuchSection {
        /// Whose section it would be.
        of: String,
        /// The position.
        section: usize,
    },
    /// A position names no zone of the floor.
    #[error("a place names zone {zone}, which its floor does not have")]
    NoSuchZone {
        /// The position.
        zone: usize,
    },
    /// Homes come with people.
    #[error("a home cannot stand on a floor: every person is given one")]
    HomeOnAFloor,
    /// Another organisation of this server has the host.
    #[error("the host {host} belongs to another organisation of this server")]
    HostTaken {
        /// The host.
        host: String,
    },
    /// There is no such person who could be enrolled.
    #[error("there is no such person in this organisation")]
    NoSuchPerson,
    /// The store does not take it.
    #[error(transparent)]
    Store(#[from] StoreError),
}

/// Makes an organisation with everything it starts with, labels bound.
///
/// # Errors
/// [`SetupError`] says what does not fit; nothing is written then.
pub fn create_organisation(
    store: &Store,
    new: &NewOrganisation,
    now: Timestamp,
    random: &mut dyn Random,
) -> Result<CreatedOrganisation, SetupError> {
    let (rows, created) = rows::make(new, now, random)?;
    let (organisation, host) = (created.id, new.label_host.clone());
    store.write_blocking(move |tx| {
        let taken: i64 = tx.one(
            "SELECT count(*) FROM organisation WHERE label_host = $1",
            params![host.as_str()],
        )?;
        if taken > 0 {
            return Err(SetupError::HostTaken {
                host: host.to_string(),
            });
        }
        rows.write(tx)?;
        feed::note(tx, organisation, &rows.marks, now)?;
        audit::append(tx, organisation, now, Entry::of(Act::OrganisationCreated))?;
        Ok(())
    })?;
    Ok(created)
}

/// Makes an enrolment code for a person, as the operator of the server.
///
/// # Errors
/// [`SetupError::NoSuchPerson`], and those of the store.
pub fn enrolment_code(
    store: &Store,
    organisation: OrganisationId,
    person: PersonId,
    now: Timestamp,
    random: &mut dyn Random,
) -> Result<EnrolmentCode, SetupError> {
    let seed = CodeSeed::draw(random);
    store.write_blocking(move |tx| {
        let known: Option<i64> = tx.first(
            "SELECT 1 FROM person WHERE organisation = $1 AND id = $2 AND left_us IS NULL",
            params![organisation, person],
        )?;
        if known.is_none() {
            return Err(SetupError::NoSuchPerson);
        }
        let entry = Entry {
            subject: Some(*person.as_uuid()),
            ..Entry::of(Act::CodeMade)
        };
        audit::append(tx, organisation, now, entry)?;
        Ok(code::make(tx, organisation, person, &seed, now)?)
    })
}
