//! The signed catalogue: the labels one phone can recognise without asking. It holds nobody else's
//! home label; its version grows with every change of any label and never goes back.

use kokoni_model::catalogue::Catalogue;
use kokoni_model::ids::OrganisationId;
use kokoni_model::label::{Host, LabelId};
use kokoni_model::wire::directory::SignedCatalogue;
use ring::signature::{Ed25519KeyPair, KeyPair};

use crate::auth::Caller;
use crate::params;
use crate::store::{AsWord, StoreError, Tx};

/// The key that signs an organisation's catalogues, from its 32-byte seed.
fn signing_key(seed: &[u8; 32]) -> Result<Ed25519KeyPair, StoreError> {
    Ed25519KeyPair::from_seed_unchecked(seed).map_err(|_| StoreError::Damaged)
}

/// The public half, 32 bytes in base64.
///
/// # Errors
/// Those of the store.
pub fn public_key(tx: &Tx<'_>, organisation: OrganisationId) -> Result<String, StoreError> {
    let seed: [u8; 32] = tx.one(
        "SELECT signing_key FROM organisation WHERE id = $1",
        params![organisation],
    )?;
    let key = signing_key(&seed)?;
    Ok(data_encoding::BASE64.encode(key.public_key().as_ref()))
}

/// A person's catalogue; `None` when they have this version already.
///
/// # Errors
/// Those of the store.
pub fn since(
    tx: &Tx<'_>,
    caller: Caller,
    known: u64,
) -> Result<Option<SignedCatalogue>, StoreError> {
    let (AsWord(host), version, seed): (AsWord<Host>, u64, [u8; 32]) = tx.one(
        "SELECT label_host, catalogue_version, signing_key FROM organisation WHERE id = $1",
        params![caller.organisation],
    )?;
    if known >= version {
        return Ok(None);
    }
    let labels: Vec<LabelId> = tx.query(
        "SELECT l.label FROM label l
         LEFT JOIN place q ON q.organisation = l.organisation AND q.id = l.target
         WHERE l.organisation = $1 AND (q.person IS NULL OR q.person = $2)
         ORDER BY l.label",
        params![caller.organisation, caller.person],
    )?;
    let catalogue = Catalogue {
        host,
        version,
        labels,
    };
    let catalogue = serde_json::to_string(&catalogue).map_err(|_| StoreError::Damaged)?;
    let signature = signing_key(&seed)?.sign(catalogue.as_bytes());
    Ok(Some(SignedCatalogue {
        signature: data_encoding::BASE64.encode(signature.as_ref()),
        catalogue,
    }))
}
