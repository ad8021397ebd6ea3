//! New tokens are bought only where they can be kept, and are never dropped.

use std::sync::atomic::Ordering;

use kokoni_client::ports::SecretError;
use kokoni_client::{CallOptions, ClientError};

use crate::common::{MemorySecrets, Phone, SEAT, Takes, enrol, sync};
use crate::sit;

#[test]
fn tokens_are_not_bought_where_they_could_not_be_kept() {
    let phone = Phone::new();
    let secrets = MemorySecrets::new();
    let engine = phone.open_with(|ports| ports.secrets = secrets.clone());
    enrol(&engine);
    sit(&engine, SEAT);
    phone.server.expire_access();
    secrets.takes(Takes::Nothing);
    let refused = engine.sync(&CallOptions::default());
    assert_eq!(refused, Err(ClientError::Secrets(SecretError::Failed)));
    assert_eq!(phone.server.refreshes.load(Ordering::SeqCst), 0);
    secrets.takes(Takes::All);
    assert_eq!(sync(&engine).applied, 1);
}

#[test]
fn new_tokens_that_the_store_did_not_take_are_used_and_written_later() {
    let phone = Phone::new();
    let secrets = MemorySecrets::new();
    let engine = phone.open_with(|ports| ports.secrets = secrets.clone());
    enrol(&engine);
    sit(&engine, SEAT);
    phone.server.expire_access();
    secrets.takes(Takes::NothingNew);
    assert_eq!(sync(&engine).applied, 1);
    secrets.takes(Takes::All);
    // The old ones buy nothing any more.
    phone.server.end_grace();
    phone.server.expire_access();
    sync(&engine);
    drop(engine);
    phone.server.end_grace();
    phone.server.expire_access();
    let engine = phone.open_with(|ports| ports.secrets = secrets.clone());
    sync(&engine);
    assert_eq!(phone.server.refreshes.load(Ordering::SeqCst), 3);
}
