//! What labels and places are, kept from one group of batches to the next. It is a copy and never
//! the truth: every transaction reads at which version the organisation's layout is, and what was
//! read under another version is forgotten, whichever server changed it.

use std::collections::HashMap;

use kokoni_model::ids::{FloorId, OrganisationId, PlaceId};
use kokoni_model::label::LabelId;

use crate::labels::{self, Bound};
use crate::organisation::Organisation;
use crate::params;
use crate::store::{StoreError, Tx};

/// The layouts of the organisations whose phones came by.
#[derive(Default)]
pub(super) struct Layouts(HashMap<OrganisationId, Layout>);

/// What has been read of one organisation under one version of its layout.
#[derive(Default)]
pub(super) struct Layout {
    version: u64,
    labels: HashMap<LabelId, Bound>,
    floors: HashMap<PlaceId, Option<FloorId>>,
}

impl Layouts {
    /// The layout of an organisation as it has just been read, empty when it has changed since.
    pub(super) fn of(&mut self, organisation: &Organisation) -> &mut Layout {
        let layout = self.0.entry(organisation.id).or_default();
        if layout.version != organisation.layout_version {
            *layout = Layout {
                version: organisation.layout_version,
                ..Layout::default()
            };
        }
        layout
    }

    /// The layout of an organisation that was asked for in this transaction already.
    pub(super) fn in_use(&mut self, organisation: OrganisationId) -> &mut Layout {
        self.0.entry(organisation).or_default()
    }
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
