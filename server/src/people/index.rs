//! The people of each organisation as they are searched: folded once, kept in memory, made anew
//! when somebody's entry changes.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, PoisonError};

use kokoni_model::ids::{OrganisationId, PersonId};
use kokoni_model::people::{PersonFields, PersonKey};

use crate::params;
use crate::store::{Columns, FromRow, StoreError, Tx};

/// Somebody who can be found.
pub struct Entry {
    /// Who.
    pub person: PersonId,
    /// Display name.
    pub name: String,
    /// Name in kana.
    pub kana: String,
    /// Section's name.
    pub section: String,
    /// Extension, as text.
    pub extension: Option<String>,
    /// What they are found by.
    pub key: PersonKey,
}

impl FromRow for Entry {
    fn from_row(columns: &mut Columns) -> Result<Self, StoreError> {
        let person = columns.take()?;
        let family: String = columns.take()?;
        let given: String = columns.take()?;
        let kana_family: String = columns.take()?;
        let kana_given: String = columns.take()?;
        let alias: Option<String> = columns.take()?;
        let extension: Option<String> = columns.take()?;
        let section: String = columns.take()?;
        let key = PersonKey::new(&PersonFields {
            family: &family,
            given: &given,
            kana_family: &kana_family,
            kana_given: &kana_given,
            aliases: alias.as_deref().as_slice(),
            extensions: extension.as_deref().as_slice(),
            sections: &[section.as_str()],
        });
        Ok(Self {
            person,
            name: format!("{family} {given}"),
            kana: format!("{kana_family} {kana_given}"),
            section,
            extension,
            key,
        })
    }
}

struct Kept {
    version: u64,
    entries: Arc<Vec<Entry>>,
}

/// The people of every organisation that has been searched.
#[derive(Clone, Default)]
pub struct PeopleIndex(Arc<Mutex<HashMap<OrganisationId, Kept>>>);

impl PeopleIndex {
    /// The people of an organisation as they are now: its layout's version moves with every change of
    /// a person or a section.
    ///
    /// # Errors
    /// Those of the store.
    pub fn of(
        &self,
        tx: &Tx<'_>,
        organisation: OrganisationId,
    ) -> Result<Arc<Vec<Entry>>, StoreError> {
        let version: u64 = tx.one(
            "SELECT layout_version FROM organisation WHERE id = $1",
            params![organisation],
        )?;
        let kept = |kept: &HashMap<OrganisationId, Kept>| {
            kept.get(&organisation)
                .filter(|kept| kept.version == version)
                .map(|kept| Arc::clone(&kept.entries))
        };
        if let Some(entries) = kept(&self.0.lock().unwrap_or_else(PoisonError::into_inner)) {
            return Ok(entries);
        }
        let entries: Arc<Vec<Entry>> = Arc::new(tx.query(
            "SELECT p.id, p.family, p.given, p.kana_family, p.kana_given, p.alias, p.extension,
                 c.name
             FROM person p
             JOIN section c ON c.organisation = p.organisation AND c.id = p.section
             WHERE p.organisation = $1 AND p.left_us IS NULL",
            params![organisation],
        )?);
        let fresh = Kept {
            version,
            entries: Arc::clone(&entries),
        };
        self.0
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .insert(organisation, fresh);
        Ok(entries)
    }
}
