//! The floors that a group of batches changed: their feeds are moved on once a group, not once a
//! batch.

use std::collections::{BTreeMap, BTreeSet};

use chrono::NaiveDate;
use kokoni_model::clock::Timestamp;
use kokoni_model::ids::{FloorId, OrganisationId, PlaceId};

use super::layout::Layout;
use super::memory::Memory;
use crate::presence::day_end;
use crate::presence::feed::{self, FloorHint};
use crate::store::{StoreError, Tx};

/// Places that look different now.
#[derive(Clone, Debug)]
pub(crate) struct ChangedPlaces {
    /// Whose.
    pub(crate) organisation: OrganisationId,
    /// Which.
    pub(crate) places: Vec<PlaceId>,
    /// The working day on which it was seen.
    pub(crate) today: NaiveDate,
    /// When it was seen.
    pub(crate) at: Timestamp,
}

/// What the batches of a group changed in one organisation.
struct Together {
    places: BTreeSet<PlaceId>,
    today: NaiveDate,
    at: Timestamp,
}

/// Moves on the feeds of the floors on which these places are.
///
/// # Errors
/// Those of the store.
pub(super) fn tell<'c>(
    tx: &Tx<'_>,
    memory: &mut Memory,
    changed: impl IntoIterator<Item = &'c ChangedPlaces>,
) -> Result<Vec<FloorHint>, StoreError> {
    let mut organisations: BTreeMap<OrganisationId, Together> = BTreeMap::new();
    for change in changed {
        let together = organisations
            .entry(change.organisation)
            .or_insert_with(|| Together {
                places: BTreeSet::new(),
                today: change.today,
                at: change.at,
            });
        together.places.extend(&change.places);
        together.today = together.today.max(change.today);
        together.at = together.at.max(change.at);
    }
    let mut hints = Vec::new();
    for (organisation, together) in organisations {
        let (today, at) = (together.today, together.at);
        let layout = memory.layout(organisation);
        let ended = day_end::floors_of_a_day_before(tx, organisation, today)?;
        for (floor, places) in by_floor(tx, layout, organisation, together.places)? {
            if ended.contains(&floor) {
                day_end::turn_floor(tx, organisation, floor, today, at)?;
            }
            hints.push(FloorHint {
                organisation,
                floor,
                version: feed::note(tx, organisation, floor, &places, today, at)?,
            });
        }
    }
    Ok(hints)
}

/// Homes are on no floor.
fn by_floor(
    tx: &Tx<'_>,
    layout: &mut Layout,
    organisation: OrganisationId,
    places: BTreeSet<PlaceId>,
) -> Result<BTreeMap<FloorId, Vec<PlaceId>>, StoreError> {
    let mut floors: BTreeMap<FloorId, Vec<PlaceId>> = BTreeMap::new();
    for place in places {
        if let Some(floor) = layout.floor(tx, organisation, place)? {
            floors.entry(floor).or_default().push(place);
        }
    }
    Ok(floors)
}
