//! The live map's streams: server-sent events, a topic a floor.
//!
//! [`topic`] is the core, a state machine with time as an argument; [`scope`] makes ids that mean
//! nothing elsewhere; [`hub`] runs topics and hands out streams; [`source`] is the database behind
//! it, [`routes`] the way in.

pub(crate) mod hub;
pub(crate) mod routes;
pub(crate) mod scope;
pub(crate) mod source;
pub(crate) mod topic;

use std::sync::Arc;

use tokio::sync::broadcast::error::RecvError;
use tokio_util::sync::CancellationToken;

use crate::organisation::Names;
use crate::ports::Clock;
use crate::presence::feed::FloorHints;
use crate::store::Store;
use hub::{Hub, HubLimits};
use scope::TopicId;
use source::Floors;

/// The streams of a running server.
pub(crate) type Live = Hub<Floors>;

/// Starts the streams, inside a runtime; they end with `stopping`.
pub(crate) fn start(
    store: Store,
    clock: Arc<dyn Clock>,
    hints: &FloorHints,
    stopping: CancellationToken,
) -> Arc<Live> {
    let hub = Hub::new(
        Floors::new(store, clock),
        HubLimits::default(),
        stopping.clone(),
    );
    tokio::spawn(Arc::clone(&hub).pump());
    let (listening, mut hints) = (Arc::clone(&hub), hints.listen());
    tokio::spawn(async move {
        loop {
            let hint = tokio::select! {
                () = stopping.cancelled() => return,
                hint = hints.recv() => hint,
            };
            match hint {
                Ok(hint) => {
                    for names in [Names::Shown, Names::Hidden] {
                        listening.hint(TopicId {
                            organisation: hint.organisation,
                            floor: hint.floor,
                            names,
                        });
                    }
                }
                // The hub asks by itself every second.
                Err(RecvError::Lagged(_)) => {}
                Err(RecvError::Closed) => return,
            }
        }
    });
    hub
}
