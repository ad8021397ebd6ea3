//! What labels and places are, kept from one group of batches to the next, as long as the
//! organisation's layout is at the same version, whichever server changed it.

use std::collections::HashMap;

use kokoni_model::ids::{FloorId, OrganisationId, PlaceId};
use kokoni_model::label::LabelId;

use crate::labels::{self, Bound};
use crate::params;
use crate::store::{StoreError, Tx};

/// What has been read of one organisation under one version of its layout.
#[derive(Default)]
pub(super) struct Layout {
    labels: HashMap<LabelId, Bound>,
    floors: HashMap<PlaceId, Option<FloorId>>,
}

impl Layout {
    /// What a label is bound to. What no label is, is not kept: anybody can make such ids up.
    pub(super) fn bound(
        &mut self,
        tx: &Tx<'_>,
        organisation: OrganisationId,
        label: LabelId,
    ) -> Result<Option<Bound>, StoreError> {
        if let Some(bound) = self.labels.get(&label) {
            return Ok(Some(bound.clone()));
        }
        let bound = labels::bound(tx, organisation, label)?;
        if let Some(bound) = &bound {
            self.labels.insert(label, bound.clone());
        }
        Ok(bound)
    }

    /// The floor of a place; homes are on none.
    pub(super) fn floor(
        &mut self,
        tx: &Tx<'_>,
        organisation: OrganisationId,
        place: PlaceId,
    ) -> Result<Option<FloorId>, StoreError> {
        if let Some(floor) = self.floors.get(&place) {
            return Ok(*floor);
        }
        let floor = tx.one(
            "SELECT floor FROM place WHERE organisation = $1 AND id = $2",
            params![organisation, place],
        )?;
        self.floors.insert(place, floor);
        Ok(floor)
    }
}
