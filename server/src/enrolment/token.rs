//! Tokens: a pair for an app, one for a browser. A refresh token buys the next pair once. The same
//! pair is given again within the grace, and for as long as nothing of it has been used, because a
//! reply may be lost and its phone be out of reach until tomorrow; otherwise its use means that two
//! hold it, and the device is revoked.
//!
//! An access token that follows another pair keeps the nonce too: its first use is noted.
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

/// Whoever asked twice at once is given the same pair twice.
pub const GRACE_SECONDS: i64 = 60;

/// A refresh token that was exchanged tells of its reuse for this long, once the next pair is used;
/// later it is only unknown.
pub const REUSE_TOLD_SECONDS: i64 = 7 * 24 * 3600;

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
    write(tx, organisation, device, pair, None, now)
}

fn write(
    tx: &Tx<'_>,
    organisation: OrganisationId,
    device: DeviceId,
    pair: &Pair,
    follows: Option<[u8; 32]>,
    now: Timestamp,
) -> Result<Tokens, StoreError> {
    // Ended tokens are of no more use; used ones tell of reuse for a while.
    tx.exec(
        "DELETE FROM token WHERE organisation = $1 AND device = $2
             AND (expires_us <= $3 OR kind = $4 AND used_us < $5)",
        params![
            organisation,
            device,
            now,
            AsWord(TokenKind::Refresh),
            now.plus_seconds(-REUSE_TOLD_SECONDS)
        ],
    )?;
    let expires = now.plus_seconds(ACCESS_SECONDS);
    insert(
        tx,
        organisation,
        device,
        &pair.access,
        TokenKind::Access,
        expires,
        follows,
    )?;
    let refresh_expires = now.plus_seconds(REFRESH_SECONDS);
    insert(
        tx,
        organisation,
        device,
        &pair.refresh,
        TokenKind::Refresh,
        refresh_expires,
        None,
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
        None,
    )
}

fn insert(
    tx: &Tx<'_>,
    organisation: OrganisationId,
    device: DeviceId,
    secret: &TokenSecret,
    kind: TokenKind,
    expires: Timestamp,
    nonce: Option<[u8; 32]>,
) -> Result<(), StoreError> {
    tx.exec(
        "INSERT INTO token (organisation, hash, device, kind, expires_us, used_us, nonce, successor)
         VALUES ($1, $2, $3, $4, $5, NULL, $6, NULL)",
        params![
            organisation,
            secret.hash(),
            device,
            AsWord(kind),
            expires,
            nonce
        ],
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
    let again = Pair::after(token, &nonce);
    let within_grace = now.micros_since(used) <= GRACE_SECONDS * 1_000_000;
    if !is_used(tx, organisation, successor)?
        && (within_grace || !is_used(tx, organisation, again.access.hash())?)
    {
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
    write(tx, organisation, device, &next, Some(nonce), now).map(Refreshed::Pair)
}

/// Whether the server has given out this refresh token; asked before anybody is made to wait for it.
///
/// # Errors
/// Those of the store.
pub fn is_known(tx: &Tx<'_>, token: &TokenSecret) -> Result<bool, StoreError> {
    let known: Option<i64> = tx.first(
        "SELECT 1 FROM token WHERE hash = $1 AND kind = $2",
        params![token.hash(), AsWord(TokenKind::Refresh)],
    )?;
    Ok(known.is_some())
}

fn is_used(tx: &Tx<'_>, organisation: OrganisationId, hash: [u8; 32]) -> Result<bool, StoreError> {
    let unused: Option<i64> = tx.first(
        "SELECT 1 FROM token WHERE organisation = $1 AND hash = $2 AND used_us IS NULL",
        params![organisation, hash],
    )?;
    Ok(unused.is_none())
}
