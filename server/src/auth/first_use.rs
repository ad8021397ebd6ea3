//! That a pair of tokens has arrived: noted when the access token of a pair that followed another is
//! first used. Until then the reply that carried it may have been lost, and the refresh token before
//! it is answered with the same pair once more.

use kokoni_model::clock::Timestamp;
use kokoni_model::ids::OrganisationId;

use crate::params;
use crate::store::{Store, StoreError};

/// An access token that nobody had used before.
#[derive(Clone, Copy)]
pub(super) struct FirstUse {
    pub(super) organisation: OrganisationId,
    pub(super) hash: [u8; 32],
    pub(super) at: Timestamp,
}

impl FirstUse {
    /// Notes it beside the request. Should the note be lost, its refresh token is good a little
    /// longer; nobody waits for it.
    pub(super) fn note(self, store: &Store) {
        let store = store.clone();
        tokio::spawn(async move {
            if let Err(error) = self.write(&store).await {
                tracing::warn!(%error, "the first use of a token could not be noted");
            }
        });
    }

    async fn write(self, store: &Store) -> Result<(), StoreError> {
        let Self {
            organisation,
            hash,
            at,
        } = self;
        store
            .write(move |tx| {
                tx.exec(
                    "UPDATE token SET used_us = $3
                     WHERE organisation = $1 AND hash = $2 AND used_us IS NULL",
                    params![organisation, hash, at],
                )
                .map(drop)
            })
            .await
    }
}
