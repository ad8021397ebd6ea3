//! The floors of the database as the hub sees them.

use std::sync::Arc;

use kokoni_model::ids::IncarnationId;
use kokoni_model::wire::problem::ProblemCode;
use kokoni_model::wire::views::{FloorOccupancy, TakenPlace};

use super::hub::{NotReadable, Source, Viewer};
use super::scope::TopicId;
use super::topic::Changes;
use crate::auth::authenticate;
use crate::organisation::Organisation;
use crate::ports::Clock;
use crate::presence::{feed, me, occupancy};
use crate::problem::ApiError;
use crate::store::{Store, StoreError, Tx};

/// Floors behind a store.
pub(crate) struct Floors {
    store: Store,
    clock: Arc<dyn Clock>,
}

impl Floors {
    /// The floors of this store, as they are by this clock.
    pub(crate) fn new(store: Store, clock: Arc<dyn Clock>) -> Self {
        Self { store, clock }
    }

    /// Reads a floor; that it cannot be read is logged.
    async fn read<T: Send + 'static>(
        &self,
        work: impl FnMut(&Tx<'_>) -> Result<T, StoreError> + Send + 'static,
    ) -> Result<T, NotReadable> {
        self.store.read(work).await.map_err(|error| {
            tracing::warn!(%error, "a floor could not be read");
            NotReadable
        })
    }
}

impl Source for Floors {
    fn incarnation(&self) -> IncarnationId {
        self.store.incarnation()
    }

    async fn occupancy(&self, topic: TopicId) -> Result<Option<FloorOccupancy>, NotReadable> {
        let now = self.clock.now();
        self.read(move |tx| {
            let calendar = Organisation::load(tx, topic.organisation)?.calendar;
            let date = me::working_date(&calendar, now);
            occupancy::of_floor(tx, topic.organisation, topic.floor, date, topic.names)
        })
        .await
    }

    async fn changes(&self, topic: TopicId, since: u64) -> Result<Changes, NotReadable> {
        let now = self.clock.now();
        self.read(move |tx| {
            let Some((version, places)) =
                feed::changed_since(tx, topic.organisation, topic.floor, since)?
            else {
                let version = feed::version(tx, topic.organisation, topic.floor)?;
                return Ok(Changes::Forgotten { version });
            };
            if places.is_empty() {
                let changed = Vec::new();
                return Ok(Changes::Places { version, changed });
            }
            let calendar = Organisation::load(tx, topic.organisation)?.calendar;
            let date = me::working_date(&calendar, now);
            let floor =
                occupancy::of_floor(tx, topic.organisation, topic.floor, date, topic.names)?;
            let mut taken = floor.map(|floor| floor.taken).unwrap_or_default();
            let changed = places
                .into_iter()
                .map(
                    |place| match taken.iter().position(|at| at.place == place) {
                        Some(index) => taken.swap_remove(index),
                        None => TakenPlace {
                            place,
                            people: Vec::new(),
                        },
                    },
                )
                .collect();
            Ok(Changes::Places { version, changed })
        })
        .await
    }

    async fn may_watch(&self, viewer: &Viewer, topic: TopicId) -> bool {
        let (token, kind, now) = (viewer.token, viewer.kind, self.clock.now());
        let looked = self
            .store
            .read(move |tx| {
                let caller = authenticate(tx, token, kind, now)?;
                let policies = Organisation::load(tx, caller.organisation)?.policies;
                Ok::<_, ApiError>(
                    caller.organisation == topic.organisation
                        && policies.names_for(caller.role) == topic.names,
                )
            })
            .await;
        match looked {
            Ok(may) => may,
            Err(error) => !matches!(
                error.code(),
                ProblemCode::SignInNeeded | ProblemCode::DeviceRevoked
            ),
        }
    }
}
