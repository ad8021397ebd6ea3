//! What a reader may know and how much it may work.

use std::sync::Arc;

use kokoni_model::label::Host;

use crate::catalogue::PreparedCatalogue;

/// What a reader knows before the first frame.
#[derive(Clone, Default)]
pub struct ReaderOptions {
    /// The host of our labels. Without it, and without a catalogue, every code is foreign.
    pub host: Option<Host>,
    /// The labels that exist; its host counts where `host` is not given, and is not used where
    /// `host` is another.
    pub catalogue: Option<Arc<PreparedCatalogue>>,
    /// Work allowed in one call of [`read`](crate::FrameReader::read).
    pub budget: Budget,
}

/// Work allowed for one frame, in units that do not depend on the machine: one unit is about one
/// pixel looked at. So the same frame gives the same answer everywhere, only sooner or later.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Budget {
    units: u64,
}

/// Units that one core of an ordinary x86-64 server does in a millisecond: what `cargo xtask bench
/// reader` needs for frames that use their budget up, rounded.
const UNITS_PER_MILLISECOND: u64 = 500_000;

impl Budget {
    /// About this much time on one core of an ordinary machine. The first look at a frame is
    /// always finished, however little is allowed.
    pub const fn from_millis(milliseconds: u32) -> Self {
        Self {
            units: milliseconds as u64 * UNITS_PER_MILLISECOND,
        }
    }

    /// The units of work.
    pub const fn units(self) -> u64 {
        self.units
    }
}

/// One frame of a camera preview at 30 frames a second.
impl Default for Budget {
    fn default() -> Self {
        Self::from_millis(33)
    }
}

impl ReaderOptions {
    /// The host whose labels are ours.
    pub(crate) fn effective_host(&self) -> Option<&Host> {
        let of_catalogue = || self.catalogue.as_deref().map(PreparedCatalogue::host);
        self.host.as_ref().or_else(of_catalogue)
    }

    /// The catalogue, unless it belongs to another host.
    pub(crate) fn effective_catalogue(&self) -> Option<&PreparedCatalogue> {
        let ours = |c: &&PreparedCatalogue| self.host.as_ref().is_none_or(|host| host == c.host());
        self.catalogue.as_deref().filter(ours)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use kokoni_model::catalogue::Catalogue;

    fn host(name: &str) -> Host {
        Host::new(name).expect("a host")
    }

    fn catalogue(name: &str) -> Arc<PreparedCatalogue> {
        Arc::new(PreparedCatalogue::new(&Catalogue {
            host: host(name),
            version: 1,
            labels: Vec::new(),
        }))
    }

    #[test]
    fn the_catalogue_names_the_host_where_none_is_given() {
        let options = ReaderOptions {
            catalogue: Some(catalogue("k.example.jp")),
            ..Default::default()
        };
        assert_eq!(options.effective_host(), Some(&host("k.example.jp")));
        assert!(options.effective_catalogue().is_some());
    }

    #[test]
    fn a_catalogue_of_another_host_is_not_used() {
        let options = ReaderOptions {
            host: Some(host("a.example.jp")),
            catalogue: Some(catalogue("b.example.jp")),
            ..Default::default()
        };
        assert_eq!(options.effective_host(), Some(&host("a.example.jp")));
        assert!(options.effective_catalogue().is_none());
    }

    #[test]
    fn a_longer_time_is_more_work() {
        assert!(Budget::from_millis(250) > Budget::default());
        assert_eq!(Budget::from_millis(0).units(), 0);
    }
}
