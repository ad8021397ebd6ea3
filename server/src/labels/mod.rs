//! Labels: what a printed sticker is bound to. Knowing a label grants nothing; every use is
//! authorised by the person.

use kokoni_model::clock::Timestamp;
use kokoni_model::ids::{ItemId, LockerId, OrganisationId, PersonId, PlaceId, SiteId};
use kokoni_model::label::LabelId;
use kokoni_model::rules::meaning::Target;
use uuid::Uuid;

use crate::audit::{self, Act, Entry};
use crate::directory::feed::{self, Mark};
use crate::params;
use crate::store::{StoreError, Tx};

/// What a label is bound to, and where that is.
#[derive(Clone, Debug)]
pub(crate) struct Bound {
    /// What it is bound to.
    pub(crate) target: Target,
    /// The site, when it is a place in a building or an exit.
    pub(crate) site: Option<SiteId>,
}

/// What a label of this organisation is bound to; `None` when it has no such label.
///
/// # Errors
/// Those of the store.
pub fn target(
    tx: &Tx<'_>,
    organisation: OrganisationId,
    label: LabelId,
) -> Result<Option<Target>, StoreError> {
    Ok(bound(tx, organisation, label)?.map(|bound| bound.target))
}

/// As [`target`], with the site.
///
/// # Errors
/// Those of the store.
pub(crate) fn bound(
    tx: &Tx<'_>,
    organisation: OrganisationId,
    label: LabelId,
) -> Result<Option<Bound>, StoreError> {
    type Found = (String, Option<[u8; 16]>, Option<PersonId>, Option<SiteId>);
    let found: Option<Found> = tx.first(
        "SELECT l.kind, l.target, q.person, f.site FROM label l
         LEFT JOIN place q ON q.organisation = l.organisation AND q.id = l.target
         LEFT JOIN floor f ON f.organisation = q.organisation AND f.id = q.floor
         WHERE l.organisation = $1 AND l.label = $2",
        params![organisation, label],
    )?;
    Ok(found.map(|(kind, id, home_of, site)| {
        let target = read(&kind, id.map(Uuid::from_bytes), home_of);
        let site = match target {
            Target::Exit { site } => Some(site),
            _ => site,
        };
        Bound { target, site }
    }))
}

fn read(kind: &str, id: Option<Uuid>, home_of: Option<PersonId>) -> Target {
    match (kind, id, home_of) {
        ("place", Some(id), Some(person)) => Target::Home {
            place: PlaceId::from_uuid(id),
            person,
        },
        ("place", Some(id), None) => Target::Place {
            place: PlaceId::from_uuid(id),
        },
        ("item", Some(id), _) => Target::Item {
            item: ItemId::from_uuid(id),
        },
        ("locker", Some(id), _) => Target::Locker {
            locker: LockerId::from_uuid(id),
        },
        ("exit", Some(id), _) => Target::Exit {
            site: SiteId::from_uuid(id),
        },
        ("unbound", ..) => Target::Unbound,
        _ => Target::Other,
    }
}

/// How a target lies in the database: its kind and id.
pub(crate) fn written(target: &Target) -> (&'static str, Option<[u8; 16]>) {
    let bytes = |uuid: &Uuid| Some(*uuid.as_bytes());
    match target {
        Target::Place { place } | Target::Home { place, .. } => ("place", bytes(place.as_uuid())),
        Target::Item { item } => ("item", bytes(item.as_uuid())),
        Target::Locker { locker } => ("locker", bytes(locker.as_uuid())),
        Target::Exit { site } => ("exit", bytes(site.as_uuid())),
        Target::Unbound => ("unbound", None),
        Target::Other => ("other", None),
    }
}

/// Whether a label with this target may be known to a person: a home label only to its own.
pub fn is_for(target: &Target, person: PersonId) -> bool {
    !matches!(target, Target::Home { person: owner, .. } if *owner != person)
}

/// The directory's mark for a label with this target.
pub(crate) fn mark(label: LabelId, target: &Target) -> Mark {
    match target {
        Target::Home { person, .. } => Mark::private("label", label, *person),
        _ => Mark::shared("label", label),
    }
}

/// Binds a label of this organisation anew, or makes it. `false` when it is another organisation's.
///
/// # Errors
/// Those of the store.
pub fn bind(
    tx: &Tx<'_>,
    organisation: OrganisationId,
    label: LabelId,
    target: &Target,
    by: Option<PersonId>,
    now: Timestamp,
) -> Result<bool, StoreError> {
    let owner: Option<OrganisationId> = tx.first(
        "SELECT organisation FROM label WHERE label = $1",
        params![label],
    )?;
    if owner.is_some_and(|owner| owner != organisation) {
        return Ok(false);
    }
    let (kind, id) = written(target);
    tx.exec(
        "INSERT INTO label (organisation, label, kind, target) VALUES ($1, $2, $3, $4)
         ON CONFLICT (organisation, label) DO UPDATE
         SET kind = excluded.kind, target = excluded.target",
        params![organisation, label, kind, id],
    )?;
    feed::note(tx, organisation, &[mark(label, target)], now)?;
    let entry = Entry {
        person: by,
        subject: id.map(Uuid::from_bytes),
        ..Entry::of(Act::LabelBound)
    };
    audit::append(tx, organisation, now, entry)?;
    Ok(true)
}
