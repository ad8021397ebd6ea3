//! Finding people without a network, in the directory that the phone keeps.

use std::sync::{Arc, Mutex, PoisonError};

use kokoni_model::people::{PersonFields, PersonKey, SearchQuery, search};
use kokoni_model::wire::directory::{DirectoryEntry, Person};
use rusqlite::Transaction;

use super::Engine;
use crate::error::{ClientError, StoreError};
use crate::store::{directory, server};

/// The most people a search gives.
const FOUND_MAX: usize = 50;

/// Everybody in the directory, folded for searching.
pub(super) struct Folded {
    /// Which state of the directory they were taken from.
    cursor: Option<String>,
    people: Vec<(Person, PersonKey)>,
}

/// The folded people, kept until the directory changes.
#[derive(Default)]
pub(super) struct PeopleCache(Mutex<Option<Arc<Folded>>>);

impl Engine {
    /// People of the directory whose names, readings, former names or extensions fit, best first, at
    /// most 50. Never asks the network; where they are only the server knows
    /// ([`Engine::people_now`]).
    ///
    /// # Errors
    /// When the database cannot be read.
    pub fn people(&self, query: &str) -> Result<Vec<Person>, ClientError> {
        let folded = self.0.store.read(|tx| self.0.people.get(tx))?;
        let everybody = folded.people.iter().map(|(person, key)| (person, key));
        let found = search(&SearchQuery::new(query), everybody, FOUND_MAX);
        Ok(found.into_iter().map(|hit| hit.person.clone()).collect())
    }
}

impl PeopleCache {
    fn get(&self, tx: &Transaction<'_>) -> Result<Arc<Folded>, StoreError> {
        let cursor = server::directory_cursor(tx)?;
        let mut kept = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(folded) = kept.as_ref().filter(|folded| folded.cursor == cursor) {
            return Ok(folded.clone());
        }
        let people = directory::entries(tx, "person")?
            .into_iter()
            .filter_map(|entry| match entry {
                DirectoryEntry::Person(person) => Some((fold(tx, &person), person)),
                _ => None,
            })
            .map(|(key, person)| Ok((person, key?)))
            .collect::<Result<Vec<_>, StoreError>>()?;
        let folded = Arc::new(Folded { cursor, people });
        *kept = Some(folded.clone());
        Ok(folded)
    }
}

fn fold(tx: &Transaction<'_>, person: &Person) -> Result<PersonKey, StoreError> {
    let section = match directory::entry(tx, "section", &person.section.to_string())? {
        Some(DirectoryEntry::Section(section)) => section.name,
        _ => String::new(),
    };
    let aliases: Vec<&str> = person.alias.iter().map(String::as_str).collect();
    let extensions: Vec<&str> = person.extension.iter().map(String::as_str).collect();
    Ok(PersonKey::new(&PersonFields {
        family: &person.family,
        given: &person.given,
        kana_family: &person.kana_family,
        kana_given: &person.kana_given,
        aliases: &aliases,
        extensions: &extensions,
        sections: &[&section],
    }))
}
