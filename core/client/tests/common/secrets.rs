//! A secret store that takes only the writes that it is told to.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex};

use kokoni_client::SecretStore;
use kokoni_client::ports::SecretError;
use zeroize::Zeroizing;

/// Secrets in memory.
#[derive(Default)]
pub(crate) struct MemorySecrets(Mutex<Kept>);

#[derive(Default)]
struct Kept {
    secrets: BTreeMap<String, Vec<u8>>,
    takes: Takes,
}

/// Which writes are taken.
#[derive(Clone, Copy, Default)]
pub(crate) enum Takes {
    #[default]
    All,
    /// Only those of what it holds already.
    NothingNew,
    Nothing,
}

impl MemorySecrets {
    pub(crate) fn new() -> Arc<Self> {
        Arc::default()
    }

    /// Which writes are taken from now on.
    pub(crate) fn takes(&self, takes: Takes) {
        self.0.lock().expect("unpoisoned").takes = takes;
    }
}

impl SecretStore for MemorySecrets {
    fn get(&self, name: &str) -> Result<Option<Zeroizing<Vec<u8>>>, SecretError> {
        let kept = self.0.lock().expect("unpoisoned");
        Ok(kept.secrets.get(name).cloned().map(Zeroizing::new))
    }

    fn set(&self, name: &str, value: &[u8]) -> Result<(), SecretError> {
        let mut kept = self.0.lock().expect("unpoisoned");
        let known = kept.secrets.get(name).is_some_and(|known| known == value);
        match kept.takes {
            Takes::NothingNew if !known => return Err(SecretError::Failed),
            Takes::Nothing => return Err(SecretError::Failed),
            Takes::All | Takes::NothingNew => {}
        }
        kept.secrets.insert(name.to_owned(), value.to_vec());
        Ok(())
    }

    fn remove(&self, name: &str) -> Result<(), SecretError> {
        self.0.lock().expect("unpoisoned").secrets.remove(name);
        Ok(())
    }
}
