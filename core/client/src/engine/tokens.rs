//! The tokens: in memory, and in the secret store, where other processes of this phone find them.
//!
//! Whoever changes what the store holds looks at it first, under a lock between processes that is held
//! for that moment only: new tokens may come back from the network after the phone has become another
//! device, or nobody's.

use std::sync::{Mutex, MutexGuard, PoisonError};

use kokoni_model::wire::enrolment::{Secret, Tokens};
use serde::{Deserialize, Serialize};
use zeroize::Zeroizing;

use super::identity::EnrolledIdentity;
use crate::error::ClientError;
use crate::ports::SecretStore;
use crate::store::files::Files;

/// The secret under which identity and tokens lie.
pub(super) const SECRET_NAME: &str = "enrolment";

/// What lies in the secret store: the tokens, and whose they are. The identity is there too so that
/// a damaged database does not cost the enrolment.
#[derive(Clone, Serialize, Deserialize)]
pub(crate) struct Enrolment {
    pub(crate) identity: EnrolledIdentity,
    pub(crate) tokens: Tokens,
}

/// The tokens, read once and written through.
pub(crate) struct TokenCache {
    files: Files,
    known: Mutex<Known>,
}

#[derive(Default)]
struct Known {
    enrolment: Option<Enrolment>,
    /// The store has not taken this enrolment's tokens yet: they were bought with this token, which
    /// buys no others.
    unwritten_since: Option<Secret>,
}

impl TokenCache {
    pub(crate) fn new(files: Files) -> Self {
        Self {
            files,
            known: Mutex::default(),
        }
    }

    fn known(&self) -> MutexGuard<'_, Known> {
        self.known.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn keep(&self, enrolment: Option<Enrolment>) {
        *self.known() = Known {
            enrolment,
            unwritten_since: None,
        };
    }

    /// What is known, read from the store where it has not been.
    pub(crate) fn get(&self, secrets: &dyn SecretStore) -> Result<Option<Enrolment>, ClientError> {
        if let Err(error) = self.write_unwritten(secrets) {
            tracing::warn!(%error, "new tokens are in memory only");
        }
        let known = self.known().enrolment.clone();
        match known {
            Some(known) => Ok(Some(known)),
            None => self.reload(secrets),
        }
    }

    /// What the store holds now: another process may have renewed it.
    pub(crate) fn reload(
        &self,
        secrets: &dyn SecretStore,
    ) -> Result<Option<Enrolment>, ClientError> {
        self.write_unwritten(secrets)?;
        let stored = stored(secrets)?;
        self.keep(stored.clone());
        Ok(stored)
    }

    /// Keeps what an enrolment brought, whatever was there.
    pub(crate) fn set(
        &self,
        secrets: &dyn SecretStore,
        enrolment: Enrolment,
    ) -> Result<(), ClientError> {
        let _changing = self.files.tokens_change_lock()?;
        self.keep(None);
        write(secrets, &enrolment)?;
        self.keep(Some(enrolment));
        Ok(())
    }

    /// Sees that the store takes what it holds, before it has to take what cannot be had again.
    pub(crate) fn prove(&self, secrets: &dyn SecretStore) -> Result<(), ClientError> {
        let _changing = self.files.tokens_change_lock()?;
        match secrets.get(SECRET_NAME)? {
            Some(bytes) => Ok(secrets.set(SECRET_NAME, &bytes)?),
            None => Ok(()),
        }
    }

    /// Takes tokens that were bought with another one. `false`: the phone is no longer the device
    /// they are for. Where the store does not take them they are kept, and it is tried again.
    pub(crate) fn renew(
        &self,
        secrets: &dyn SecretStore,
        spent: Secret,
        renewed: Enrolment,
    ) -> bool {
        let device = renewed.identity.device;
        *self.known() = Known {
            enrolment: Some(renewed),
            unwritten_since: Some(spent),
        };
        let now = self.get(secrets);
        now.is_ok_and(|known| known.is_some_and(|known| known.identity.device == device))
    }

    /// Writes tokens that the store has not taken yet, unless it holds other ones meanwhile.
    fn write_unwritten(&self, secrets: &dyn SecretStore) -> Result<(), ClientError> {
        if self.known().unwritten_since.is_none() {
            return Ok(());
        }
        let _changing = self.files.tokens_change_lock()?;
        let (enrolment, spent) = {
            let known = self.known();
            (known.enrolment.clone(), known.unwritten_since.clone())
        };
        let (Some(enrolment), Some(spent)) = (enrolment, spent) else {
            return Ok(());
        };
        let stored = stored(secrets)?;
        let still_theirs = stored.as_ref().is_some_and(|stored| {
            stored.identity.device == enrolment.identity.device && stored.tokens.refresh == spent
        });
        if still_theirs {
            write(secrets, &enrolment)?;
            self.keep(Some(enrolment));
        } else {
            self.keep(stored);
        }
        Ok(())
    }

    pub(crate) fn forget(&self, secrets: &dyn SecretStore) -> Result<(), ClientError> {
        let _changing = self.files.tokens_change_lock()?;
        self.keep(None);
        Ok(secrets.remove(SECRET_NAME)?)
    }
}

/// What cannot be read is as good as missing: the person enrols again.
fn stored(secrets: &dyn SecretStore) -> Result<Option<Enrolment>, ClientError> {
    let stored = secrets.get(SECRET_NAME)?;
    Ok(stored.and_then(|bytes| serde_json::from_slice(&bytes).ok()))
}

fn write(secrets: &dyn SecretStore, enrolment: &Enrolment) -> Result<(), ClientError> {
    let json =
        serde_json::to_vec(enrolment).map_err(|_| ClientError::Internal { place: "enrolment" })?;
    let json = Zeroizing::new(json);
    Ok(secrets.set(SECRET_NAME, &json)?)
}
