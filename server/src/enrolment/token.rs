//! Tokens: a pair for an app, one for a browser. A refresh token buys the next pair once; within
//! the grace the same pair is given again, because a reply may be lost; after that its use means
//! that two hold it, and the device is revoked.
//!
//! Successors are not stored. They are HMAC-SHA256 of a fresh nonce under the token they follow,
//! so that only whoever holds that token can be given them again.

use kokoni_model::clock::Timestamp;
use kokoni_model::ids::{DeviceId, OrganisationId};
use kokoni_model::wire::enrolment::{Secret, Tokens};
use ring::hmac;

use crate::audit::{self, Act, Entry};
use crate::auth::session::SESSION_SECONDS;
use crate::auth::{TokenKind, TokenSecret, revoke_device};
use crate::params;
use crate::store::{AsWord, StoreError, Tx};

/// An access token is good for this long.
pub const ACCESS_SECONDS: i64 = 3600;

/// A refresh token that is not used ends after this long: a phone in a drawer signs in anew.
pub const REFRESH_SECONDS: i64 = 180 * 24 * 3600;

/// A reply may be lost for this long.
pub const GRACE_SECONDS: i64 = 60;

/// Two secrets that make a pair, before they are written.
#[derive(Clone)]
pub struct Pair {
    /// Goes with every request.
    pub access: TokenSecret,
    /// Buys the next pair.
    pub refresh: TokenSecret,
}

impl Pair {
    /// The pair that follows a refresh token.
    fn after(token: &TokenSecret, nonce: &[u8; 32]) -> Self {
        let key = hmac::Key::new(hmac::HMAC_SHA256, token.as_bytes());
        let derived = |purpose: &[u8]| {
            let mut context = hmac::Context::with_key(&key);
            context.update(purpose);
            context.update(nonce);
            let mut bytes = [0; 32];
            bytes.copy_from_slice(context.sign().as_ref());
            TokenSecret::from_bytes(bytes)
        };
        Self {
            access: derived(b"kokoni access 1"),
            refresh: derived(b"kokoni refresh 1"),
        }
    }

    fn handed_out(&self, access_expires_us: Timestamp) -> Tokens {
        Tokens {
            access: Secret(self.access.text()),
            access_expires_us,
            refresh: Secret(self.refresh.text()),
        }
    }
}

/// What became of a refresh token.
#[derive(Debug, PartialEq, Eq)]
pub enum Refreshed {
    /// The next pair.
    Pair(Tokens),
    /// Unknown or ended.
    SignInNeeded,
    /// The device is, or has just been, revoked.
    DeviceRevoked,
}

/// Writes a pair for a device.
///
/// # Errors
/// Those of the store.
pub fn issue(
    tx: &Tx<'_>,
    organisation: OrganisationId,
    device: DeviceId,
    pair: &Pair,
    now: Timestamp,
) -> Result<Tokens, StoreError> {
    // Ended access tokens are of no more use; ended refresh tokens still tell of reuse for a while.
    tx.exec(
        "DELETE FROM token WHERE organisation = $1 AND device = $2 AND expires_us <= $3",
        params![organisation, device, now],
    )?;
    let expires = now.plus_seconds(ACCESS_SECONDS);
    insert(
        tx,
        organisation,
        device,
        &pair.access,
        TokenKind::Access,
        expires,
    )?;
    let refresh_expires = now.plus_seconds(REFRESH_SECONDS);
    insert(
        tx,
        organisation,
        device,
        &pair.refresh,
        TokenKind::Refresh,
        refresh_expires,
    )?;
    Ok(pair.handed_out(expires))
}

/// Writes the one token of a browser.
///
/// # Errors
/// Those of the store.
pub fn issue_session(
    tx: &Tx<'_>,
    organisation: OrganisationId,
    device: DeviceId,
    secret: &TokenSecret,
    now: Timestamp,
) -> Result<(), StoreError> {
    let expires = now.plus_seconds(SESSION_SECONDS);
    insert(
        tx,
        organisation,
        device,
        secret,
        TokenKind::Session,
        expires,
    )
}

fn insert(
    tx: &Tx<'_>,
    organisation: OrganisationId,
    device: DeviceId,
    secret: &TokenSecret,
    kind: TokenKind,
    expires: Timestamp,
) -> Result<(), StoreError> {
    tx.exec(
        "INSERT INTO token (organisation, hash, device, kind, expires_us, used_us, nonce, successor)
         VALUES ($1, $2, $3, $4, $5, NULL, NULL, NULL)",
        params![organisation, secret.hash(), device, AsWord(kind), expires],
    )?;
    Ok(())
}

/// Exchanges a refresh token. Reuse revokes the device, so the transaction must be committed
/// whatever became of the token.
///
/// # Errors
/// Those of the store.
pub fn refresh(
    tx: &Tx<'_>,
    token: &TokenSecret,
    fresh_nonce: [u8; 32],
    now: Timestamp,
) -> Result<Refreshed, StoreError> {
    type Found = (
        OrganisationId,
        DeviceId,
        Timestamp,
        Option<Timestamp>,
        Option<[u8; 32]>,
        Option<[u8; 32]>,
        bool,
    );
    let found: Option<Found> = tx.first(
        "SELECT t.organisation, t.device, t.expires_us, t.used_us, t.nonce, t.successor,
             d.revoked_us IS NOT NULL OR p.left_us IS NOT NULL
         FROM token t
         JOIN device d ON d.organisation = t.organisation AND d.id = t.device
         JOIN person p ON p.organisation = d.organisation AND p.id = d.person
         WHERE t.hash = $1 AND t.kind = $2",
        params![token.hash(), AsWord(TokenKind::Refresh)],
    )?;
    let Some((organisation, device, expires, used, nonce, successor, revoked)) = found else {
        return Ok(Refreshed::SignInNeeded);
    };
    if revoked {
        return Ok(Refreshed::DeviceRevoked);
    }
    if expires <= now {
        return Ok(Refreshed::SignInNeeded);
    }
    let (Some(used), Some(nonce), Some(successor)) = (used, nonce, successor) else {
        return exchange(tx, organisation, device, token, fresh_nonce, now);
    };
    let within_grace = now.micros_since(used) <= GRACE_SECONDS * 1_000_000;
    if within_grace && !is_used(tx, organisation, successor)? {
        let again = Pair::after(token, &nonce);
        return Ok(Refreshed::Pair(
            again.handed_out(used.plus_seconds(ACCESS_SECONDS)),
        ));
    }
    revoke_device(tx, organisation, device, now)?;
    let entry = Entry {
        device: Some(device),
        subject: Some(*device.as_uuid()),
        ..Entry::of(Act::TokenReused)
    };
    audit::append(tx, organisation, now, entry)?;
    Ok(Refreshed::DeviceRevoked)
}

fn exchange(
    tx: &Tx<'_>,
    organisation: OrganisationId,
    device: DeviceId,
    token: &TokenSecret,
    nonce: [u8; 32],
    now: Timestamp,
) -> Result<Refreshed, StoreError> {
    let next = Pair::after(token, &nonce);
    tx.exec(
        "UPDATE token SET used_us = $3, nonce = $4, successor = $5
         WHERE organisation = $1 AND hash = $2",
        params![organisation, token.hash(), now, nonce, next.refresh.hash()],
    )?;
    issue(tx, organisation, device, &next, now).map(Refreshed::Pair)
}

fn is_used(tx: &Tx<'_>, organisation: OrganisationId, hash: [u8; 32]) -> Result<bool, StoreError> {
    let unused: Option<i64> = tx.first(
        "SELECT 1 FROM token WHERE organisation = $1 AND hash = $2 AND used_us IS NULL",
        params![organisation, hash],
    )?;
    Ok(unused.is_none())
}
