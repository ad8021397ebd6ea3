//! Encryption at rest: the key of the database, 32 random bytes in the secret store.
//!
//! A lost or wrong key is an error of its own and leaves the file as it is: it may come back with
//! the device's keystore, and nobody can make the file readable by deleting it.

use std::path::Path;

use secrecy::{ExposeSecret, SecretBox};
use zeroize::Zeroizing;

use super::connection::{DatabaseKey, Purpose, connect, key_statement};
use super::files::Files;
use super::salvage::Image;
use crate::error::{ClientError, StoreError, is_damage};
use crate::ports::{Ports, random_bytes};

/// The key in use.
const KEY: &str = "database_key";

/// The key that a change under way leads to.
const NEXT_KEY: &str = "database_key_next";

/// The key of the database in this folder; a new one for a database that does not exist yet.
pub(crate) fn key(files: &Files, ports: &Ports) -> Result<DatabaseKey, ClientError> {
    let exists = std::fs::metadata(files.database()).is_ok_and(|file| file.len() > 0);
    let known = stored(ports, KEY)?;
    let next = stored(ports, NEXT_KEY)?;
    match (known, next) {
        (Some(known), None) => Ok(known),
        (None, None) if exists => Err(ClientError::KeyMissing),
        (None, None) => {
            let fresh = fresh(ports)?;
            ports.secrets.set(KEY, fresh.expose_secret())?;
            Ok(fresh)
        }
        // A change of keys was cut off: one of the two fits.
        (known, Some(next)) => {
            let fits = opens(&files.database(), &next)?;
            let key = match (fits, known) {
                (true, _) => next,
                (false, Some(known)) => known,
                (false, None) => return Err(ClientError::KeyWrong),
            };
            ports.secrets.set(KEY, key.expose_secret())?;
            ports.secrets.remove(NEXT_KEY)?;
            Ok(key)
        }
    }
}

/// Encrypts the database with a new key. No engine may have it open.
pub(crate) fn change_key(files: &Files, ports: &Ports) -> Result<(), ClientError> {
    let _opening = files.opening_lock()?;
    let lock = files.open_lock().map_err(StoreError::from)?;
    if !lock.try_alone().map_err(StoreError::from)? {
        return Err(ClientError::DatabaseInUse);
    }
    let old = key(files, ports)?;
    let new = fresh(ports)?;
    ports.secrets.set(NEXT_KEY, new.expose_secret())?;
    rekey(&files.database(), &old, &new)?;
    ports.secrets.set(KEY, new.expose_secret())?;
    Ok(ports.secrets.remove(NEXT_KEY)?)
}

fn rekey(path: &Path, old: &DatabaseKey, new: &DatabaseKey) -> Result<(), StoreError> {
    let connection = connect(path, Some(old), Purpose::Write)?;
    connection.execute_batch(&key_statement("rekey", new))?;
    connection.query_row("PRAGMA wal_checkpoint(TRUNCATE)", [], |_| Ok(()))?;
    Ok(())
}

fn opens(path: &Path, key: &DatabaseKey) -> Result<bool, ClientError> {
    match connect(path, Some(key), Purpose::Write) {
        Ok(_) => Ok(true),
        // A first page that is damaged opens with no key.
        Err(error) if is_damage(&error) => Ok(Image::read(path)?.fits(key)),
        Err(error) => Err(error.into()),
    }
}

fn fresh(ports: &Ports) -> Result<DatabaseKey, ClientError> {
    let bytes = Zeroizing::new(random_bytes::<32>(&*ports.random)?);
    Ok(SecretBox::new(Box::new(*bytes)))
}

fn stored(ports: &Ports, name: &str) -> Result<Option<DatabaseKey>, ClientError> {
    let Some(bytes) = ports.secrets.get(name)? else {
        return Ok(None);
    };
    let bytes: [u8; 32] = bytes[..].try_into().map_err(|_| ClientError::KeyWrong)?;
    Ok(Some(SecretBox::new(Box::new(bytes))))
}
