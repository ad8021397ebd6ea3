//! Who is asking. Organisation, device and person come from a token, never from a body; every
//! capability takes a [`Caller`] and asks the database with its organisation first.

mod first_use;
mod last_seen;
mod role;
pub mod session;

use axum::extract::FromRequestParts;
use axum::http::request::Parts;
use axum::http::{HeaderMap, header};
use kokoni_model::clock::Timestamp;
use kokoni_model::ids::{DeviceId, OrganisationId, PersonId};
use kokoni_model::wire::problem::ProblemCode;
use ring::digest;

pub use last_seen::{LastSeen, Unchecked};
pub use role::Role;

use crate::app::App;
use crate::organisation;
use crate::params;
use crate::problem::ApiError;
use crate::store::{AsWord, StoreError, Tx};
use first_use::FirstUse;

/// Characters of 32 bytes in base64url without padding.
const TOKEN_CHARS: usize = 43;

/// A person who has proved who they are, by one of their devices.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Caller {
    /// The tenant.
    pub organisation: OrganisationId,
    /// Who.
    pub person: PersonId,
    /// By which phone, browser or computer.
    pub device: DeviceId,
    /// What they may do.
    pub role: Role,
}

/// What a token is for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum TokenKind {
    /// Goes with every request of an app.
    Access,
    /// Buys the next pair.
    Refresh,
    /// Lies in a browser's cookie.
    Session,
}

/// A secret that was presented, or is to be handed out: 32 bytes, written in base64url. Only its
/// hash is kept.
#[derive(Clone, PartialEq, Eq)]
pub struct TokenSecret([u8; 32]);

impl TokenSecret {
    /// The secret of these bytes.
    pub const fn from_bytes(bytes: [u8; 32]) -> Self {
        Self(bytes)
    }

    /// The secret that was written.
    pub fn parse(text: &str) -> Option<Self> {
        if text.len() != TOKEN_CHARS {
            return None;
        }
        let bytes = data_encoding::BASE64URL_NOPAD
            .decode(text.as_bytes())
            .ok()?;
        bytes.try_into().ok().map(Self)
    }

    /// As it is handed out.
    pub fn text(&self) -> String {
        data_encoding::BASE64URL_NOPAD.encode(&self.0)
    }

    /// The 32 bytes.
    pub const fn as_bytes(&self) -> &[u8; 32] {
        &self.0
    }

    /// SHA-256, as it lies in the database.
    pub fn hash(&self) -> [u8; 32] {
        sha256(&self.0)
    }
}

impl std::fmt::Debug for TokenSecret {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("TokenSecret(…)")
    }
}

/// SHA-256 of bytes.
pub fn sha256(bytes: &[u8]) -> [u8; 32] {
    let mut hash = [0; 32];
    hash.copy_from_slice(digest::digest(&digest::SHA256, bytes).as_ref());
    hash
}

/// Whose token this is, if it is of this kind and has not ended.
///
/// # Errors
/// [`ProblemCode::SignInNeeded`] or [`ProblemCode::DeviceRevoked`].
pub fn authenticate(
    tx: &Tx<'_>,
    hash: [u8; 32],
    kind: TokenKind,
    now: Timestamp,
) -> Result<Caller, ApiError> {
    look_up(tx, hash, kind, now).map(|token| token.caller)
}

/// A token that counts.
struct KnownToken {
    caller: Caller,
    expires: Timestamp,
    /// When it follows another pair and has not been used before.
    first_use: Option<FirstUse>,
}

/// As [`authenticate`], with what else is known of the token.
fn look_up(
    tx: &Tx<'_>,
    hash: [u8; 32],
    kind: TokenKind,
    now: Timestamp,
) -> Result<KnownToken, ApiError> {
    type Found = (
        OrganisationId,
        DeviceId,
        Timestamp,
        PersonId,
        Option<Timestamp>,
        AsWord<Role>,
        Option<Timestamp>,
        bool,
    );
    let found: Option<Found> = tx.first(
        "SELECT t.organisation, t.device, t.expires_us, d.person, d.revoked_us, p.role, p.left_us,
             t.nonce IS NOT NULL AND t.used_us IS NULL
         FROM token t
         JOIN device d ON d.organisation = t.organisation AND d.id = t.device
         JOIN person p ON p.organisation = d.organisation AND p.id = d.person
         WHERE t.hash = $1 AND t.kind = $2",
        params![hash, AsWord(kind)],
    )?;
    let (organisation, device, expires, person, revoked, AsWord(role), left, unused) =
        found.ok_or(ApiError::new(ProblemCode::SignInNeeded))?;
    if revoked.is_some() || left.is_some() {
        return Err(ApiError::new(ProblemCode::DeviceRevoked));
    }
    if expires <= now {
        return Err(ApiError::new(ProblemCode::SignInNeeded));
    }
    let caller = Caller {
        organisation,
        person,
        device,
        role,
    };
    let first_use = unused.then_some(FirstUse {
        organisation,
        hash,
        at: now,
    });
    Ok(KnownToken {
        caller,
        expires,
        first_use,
    })
}

/// As [`look_up`] of an app's token that has just come by; its first use is noted.
async fn look_up_now(app: &App, hash: [u8; 32], now: Timestamp) -> Result<KnownToken, ApiError> {
    let token = app
        .store
        .read(move |tx| look_up(tx, hash, TokenKind::Access, now))
        .await?;
    if let Some(first_use) = token.first_use {
        first_use.note(&app.store);
    }
    Ok(token)
}

/// Revokes a device: none of its tokens counts any more. `false` when there is none that could be.
///
/// # Errors
/// Those of the store.
pub fn revoke_device(
    tx: &Tx<'_>,
    organisation: OrganisationId,
    device: DeviceId,
    now: Timestamp,
) -> Result<bool, StoreError> {
    let revoked = tx.exec(
        "UPDATE device SET revoked_us = $3
         WHERE organisation = $1 AND id = $2 AND revoked_us IS NULL",
        params![organisation, device, now],
    )?;
    if revoked > 0 {
        organisation::move_on(tx, organisation)?;
    }
    Ok(revoked > 0)
}

/// The token of `Authorization: Bearer`.
pub(crate) fn bearer(headers: &HeaderMap) -> Option<TokenSecret> {
    headers
        .get(header::AUTHORIZATION)
        .and_then(|value| value.to_str().ok())
        .and_then(|value| value.split_once(' '))
        .filter(|(scheme, _)| scheme.eq_ignore_ascii_case("bearer"))
        .and_then(|(_, token)| TokenSecret::parse(token.trim()))
}

/// A caller by `Authorization: Bearer`.
impl FromRequestParts<App> for Caller {
    type Rejection = ApiError;

    async fn from_request_parts(parts: &mut Parts, app: &App) -> Result<Self, ApiError> {
        let secret = bearer(&parts.headers).ok_or(ApiError::new(ProblemCode::SignInNeeded))?;
        let token = look_up_now(app, secret.hash(), app.now()).await?;
        Ok(token.caller)
    }
}
