//! Who a token belonged to when it was last looked up. For what looks at the device again in its own
//! transaction, as the taking of events does, this saves a look of its own; nothing else may use it.
//!
//! A token never changes hands and ends at a moment that is known; whether the device is revoked, or
//! its person gone, is exactly what that transaction asks.

use std::collections::HashMap;
use std::sync::{Mutex, PoisonError};

use axum::extract::FromRequestParts;
use axum::http::request::Parts;
use kokoni_model::clock::Timestamp;
use kokoni_model::wire::problem::ProblemCode;

use super::{Caller, bearer, look_up_now};
use crate::app::App;
use crate::problem::ApiError;

/// Tokens that are remembered; with more, all are forgotten and looked up again.
const MOST: usize = 32_768;

/// Tokens by their SHA-256.
#[derive(Default)]
pub struct LastSeen(Mutex<HashMap<[u8; 32], (Caller, Timestamp)>>);

impl LastSeen {
    fn of(&self, hash: &[u8; 32], now: Timestamp) -> Option<Caller> {
        let known = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let (caller, expires) = known.get(hash)?;
        (*expires > now).then_some(*caller)
    }

    fn remember(&self, hash: [u8; 32], caller: Caller, expires: Timestamp) {
        let mut known = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if known.len() >= MOST {
            known.clear();
        }
        known.insert(hash, (caller, expires));
    }
}

/// A caller whose device has yet to be looked at in the transaction that does what they ask.
pub struct Unchecked(pub Caller);

impl FromRequestParts<App> for Unchecked {
    type Rejection = ApiError;

    async fn from_request_parts(parts: &mut Parts, app: &App) -> Result<Self, ApiError> {
        let secret = bearer(&parts.headers).ok_or(ApiError::new(ProblemCode::SignInNeeded))?;
        let (hash, now) = (secret.hash(), app.now());
        if let Some(caller) = app.last_seen.of(&hash, now) {
            return Ok(Self(caller));
        }
        let token = look_up_now(app, hash, now).await?;
        app.last_seen.remember(hash, token.caller, token.expires);
        Ok(Self(token.caller))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::auth::Role;
    use kokoni_model::ids::{DeviceId, OrganisationId, PersonId};
    use uuid::Uuid;

    fn caller(number: u128) -> Caller {
        Caller {
            organisation: OrganisationId::from_uuid(Uuid::nil()),
            person: PersonId::from_uuid(Uuid::from_u128(number)),
            device: DeviceId::from_uuid(Uuid::from_u128(number)),
            role: Role::Staff,
        }
    }

    #[test]
    fn a_token_is_known_until_it_ends() {
        let (seen, at) = (LastSeen::default(), Timestamp::from_micros);
        seen.remember([1; 32], caller(1), at(10));
        assert_eq!(seen.of(&[1; 32], at(9)), Some(caller(1)));
        assert_eq!(seen.of(&[1; 32], at(10)), None);
        assert_eq!(seen.of(&[2; 32], at(1)), None);
    }

    #[test]
    fn what_is_remembered_is_bounded() {
        let seen = LastSeen::default();
        for number in 0..=MOST as u64 {
            let mut hash = [0; 32];
            hash[..8].copy_from_slice(&number.to_be_bytes());
            seen.remember(hash, caller(u128::from(number)), Timestamp::from_micros(9));
        }
        let kept = seen.0.lock().expect("not poisoned").len();
        assert!(kept <= MOST, "{kept}");
    }
}
