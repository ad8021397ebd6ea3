//! The labels that exist, prepared for reading.

use std::collections::HashSet;

use kokoni_model::catalogue::Catalogue;
use kokoni_model::label::{Host, LabelId};

/// A catalogue made ready once, shared by every reader.
pub struct PreparedCatalogue {
    host: Host,
    labels: HashSet<LabelId>,
}

impl PreparedCatalogue {
    /// Prepares a catalogue; a label that stands in it twice counts once.
    pub fn new(catalogue: &Catalogue) -> Self {
        Self {
            host: catalogue.host.clone(),
            labels: catalogue.labels.iter().copied().collect(),
        }
    }

    /// The host of its labels.
    pub fn host(&self) -> &Host {
        &self.host
    }

    /// Labels in it.
    pub fn len(&self) -> usize {
        self.labels.len()
    }

    /// Whether there is none.
    pub fn is_empty(&self) -> bool {
        self.labels.is_empty()
    }

    /// Whether a label is in it.
    pub fn contains(&self, label: &LabelId) -> bool {
        self.labels.contains(label)
    }
}
