//! Events on their way in: read, judged by the rules of the model, committed in groups.

use std::sync::Arc;

use utoipa_axum::router::OpenApiRouter;

use crate::app::App;
use crate::config::Grouping;
use crate::metrics::Metrics;
use crate::presence::feed::FloorHints;
use crate::store::Store;

/// The routes.
pub fn routes() -> OpenApiRouter<App> {
    OpenApiRouter::new()
}

/// Commits the batches of many phones together.
pub struct Committer;

impl Committer {
    /// Starts it.
    pub fn start(_: Store, _: Grouping, _: Arc<Metrics>, _: FloorHints) -> Self {
        Self
    }
}
