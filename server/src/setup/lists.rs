//! What an operator at the server's own keyboard looks up before acting: which organisations there
//! are, whom a name means, which labels are to be printed. Blocking.

use kokoni_model::ids::{OrganisationId, PersonId};
use kokoni_model::label::{Host, LabelId};
use kokoni_model::people::{SearchQuery, search};

use crate::params;
use crate::people::index::PeopleIndex;
use crate::store::{Store, StoreError};

/// An organisation of this server.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct OrganisationListed {
    /// Its id.
    pub id: OrganisationId,
    /// Its name.
    pub name: String,
    /// The public name in its labels.
    pub label_host: Host,
}

/// A person, as an operator tells them from others of the same name.
#[derive(Clone, PartialEq, Eq)]
pub struct PersonListed {
    /// Who.
    pub id: PersonId,
    /// Display name.
    pub name: String,
    /// Their section's name.
    pub section: String,
}

/// Shows nobody's name.
impl std::fmt::Debug for PersonListed {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("PersonListed")
            .field("id", &self.id)
            .finish_non_exhaustive()
    }
}

/// A label of a place, an item, a locker or an exit, and what to print beside it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct LabelListed {
    /// The label.
    pub label: LabelId,
    /// The building.
    pub site: String,
    /// The floor where it belongs; an exit belongs to a whole building.
    pub floor: Option<String>,
    /// What people call it.
    pub name: String,
}

/// Every organisation of the server, by name.
///
/// # Errors
/// Those of the store.
pub fn organisations(store: &Store) -> Result<Vec<OrganisationListed>, StoreError> {
    let rows: Vec<(OrganisationId, String, String)> = store.read_blocking(|tx| {
        tx.query(
            "SELECT id, name, label_host FROM organisation ORDER BY name, id",
            &[],
        )
    })?;
    rows.into_iter()
        .map(|(id, name, host)| {
            let label_host = Host::new(&host).map_err(|_| StoreError::Column {
                index: 2,
                expected: "a host",
            })?;
            Ok(OrganisationListed {
                id,
                name,
                label_host,
            })
        })
        .collect()
}

/// The people that a name, reading, extension, section or id means, best first.
///
/// # Errors
/// Those of the store.
pub fn find_people(
    store: &Store,
    organisation: OrganisationId,
    query: &str,
    limit: usize,
) -> Result<Vec<PersonListed>, StoreError> {
    let (id, query) = (
        query.trim().parse::<PersonId>().ok(),
        SearchQuery::new(query),
    );
    store.read_blocking(move |tx| {
        let people = PeopleIndex::default().of(tx, organisation)?;
        let listed = |index: usize| PersonListed {
            id: people[index].person,
            name: people[index].name.clone(),
            section: people[index].section.clone(),
        };
        if let Some(id) = id {
            let found = people.iter().position(|entry| entry.person == id);
            return Ok(found.map(listed).into_iter().collect());
        }
        let keys = people
            .iter()
            .enumerate()
            .map(|(index, entry)| (index, &entry.key));
        Ok(search(&query, keys, limit)
            .into_iter()
            .map(|hit| listed(hit.person))
            .collect())
    })
}

/// Every label that is stuck somewhere in the buildings, floor by floor. Labels of homes are not
/// among them: each is for one person alone.
///
/// # Errors
/// Those of the store.
pub fn labels(store: &Store, organisation: OrganisationId) -> Result<Vec<LabelListed>, StoreError> {
    let rows: Vec<(LabelId, String, Option<String>, String)> = store.read_blocking(move |tx| {
        tx.query(
            "SELECT label, site, floor, name FROM (
                 SELECT l.label AS label, f.name AS floor, p.name AS name,
                     s.name AS site, f.level AS level, 1 AS part
                 FROM label l
                 JOIN place p ON p.organisation = l.organisation AND p.id = l.target
                 JOIN floor f ON f.organisation = p.organisation AND f.id = p.floor
                 JOIN site s ON s.organisation = f.organisation AND s.id = f.site
                 WHERE l.organisation = $1 AND l.kind = 'place'
                 UNION ALL
                 SELECT l.label, f.name, k.name, s.name, f.level, 2
                 FROM label l
                 JOIN locker k ON k.organisation = l.organisation AND k.id = l.target
                 JOIN floor f ON f.organisation = k.organisation AND f.id = k.floor
                 JOIN site s ON s.organisation = f.organisation AND s.id = f.site
                 WHERE l.organisation = $1 AND l.kind = 'locker'
                 UNION ALL
                 SELECT l.label, f.name, i.name, s.name, f.level, 3
                 FROM label l
                 JOIN item i ON i.organisation = l.organisation AND i.id = l.target
                 JOIN locker k ON k.organisation = i.organisation AND k.id = i.locker
                 JOIN floor f ON f.organisation = k.organisation AND f.id = k.floor
                 JOIN site s ON s.organisation = f.organisation AND s.id = f.site
                 WHERE l.organisation = $1 AND l.kind = 'item'
                 UNION ALL
                 SELECT l.label, NULL, s.name, s.name, 0, 0
                 FROM label l
                 JOIN site s ON s.organisation = l.organisation AND s.id = l.target
                 WHERE l.organisation = $1 AND l.kind = 'exit'
             ) AS stuck
             ORDER BY site, level, part, name, label",
            params![organisation],
        )
    })?;
    Ok(rows
        .into_iter()
        .map(|(label, site, floor, name)| LabelListed {
            label,
            site,
            floor,
            name,
        })
        .collect())
}
