//! Finding a colleague: a line for each, with their extension and, asked of the server, where they
//! are.

use kokoni_model::calendar::Calendar;
use kokoni_model::ids::{FloorId, PersonId, PlaceId};
use kokoni_model::wire::directory::{DirectoryEntry, Person};
use kokoni_model::wire::views::{PersonFound, PresenceView};

use super::{Language, moments};
use crate::engine::Engine;
use crate::error::ClientError;
use crate::options::CallOptions;

/// Where somebody is, as a choice.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Whereabouts {
    /// No record today (未登録).
    NoRecord,
    /// At a seat or in a room (在席).
    Present,
    /// Teleworking (テレワーク).
    Telework,
    /// Left (離席).
    Away,
    /// Somebody else scanned their seat later.
    Displaced,
    /// Not known here.
    Unknown,
}

impl From<&PresenceView> for Whereabouts {
    fn from(view: &PresenceView) -> Self {
        match view {
            PresenceView::NoRecord => Self::NoRecord,
            PresenceView::Present { .. } => Self::Present,
            PresenceView::Telework { .. } => Self::Telework,
            PresenceView::Away { .. } => Self::Away,
            PresenceView::Displaced { .. } => Self::Displaced,
            PresenceView::Unknown => Self::Unknown,
        }
    }
}

/// One person found.
#[derive(Clone, PartialEq, Eq)]
pub struct PersonLine {
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
    /// What to open so that the phone calls: `tel:1234`.
    pub dial: Option<String>,
    /// Where they are, as a choice.
    pub whereabouts: Whereabouts,
    /// Where they are and since when, in words; only when the server was asked.
    pub where_text: Option<String>,
    /// The floor they are on.
    pub floor: Option<FloorId>,
    /// The place they are at.
    pub place: Option<PlaceId>,
}

/// Shows nobody.
impl std::fmt::Debug for PersonLine {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "PersonLine({})", self.person)
    }
}

/// The link that dials an extension; `None` where nothing in it can be dialled.
fn dial(extension: &str) -> Option<String> {
    let dialled: String = extension
        .chars()
        .filter(|c| c.is_ascii_digit() || "*#+".contains(*c))
        .map(|c| {
            if c == '#' {
                "%23".to_owned()
            } else {
                c.to_string()
            }
        })
        .collect();
    (!dialled.is_empty()).then(|| format!("tel:{dialled}"))
}

/// Where somebody is and since when.
fn where_text(found: &PersonFound, calendar: &Calendar, language: Language) -> String {
    let since = |at| moments::clock(calendar, at);
    let place = || {
        let seat = language.pick(("座席", "a seat"));
        found.place_name.clone().unwrap_or(seat.to_owned())
    };
    match &found.presence {
        PresenceView::NoRecord => language.pick(("未登録", "No record")).into(),
        PresenceView::Present { since_us, .. } => {
            let (place, since) = (place(), since(*since_us));
            language.pick((
                format!("{place} {since} から"),
                format!("{place} since {since}"),
            ))
        }
        PresenceView::Telework { since_us } => {
            let since = since(*since_us);
            language.pick((
                format!("テレワーク {since} から"),
                format!("Telework since {since}"),
            ))
        }
        PresenceView::Away { since_us } | PresenceView::Displaced { since_us, .. } => {
            let since = since(*since_us);
            language.pick((format!("離席 {since} から"), format!("Away since {since}")))
        }
        PresenceView::Unknown => language.pick(("不明", "Not known")).into(),
    }
}

impl Engine {
    /// People who fit, from the directory on the phone; without where they are.
    ///
    /// # Errors
    /// As [`Engine::people`].
    pub fn people_lines(&self, query: &str) -> Result<Vec<PersonLine>, ClientError> {
        let mut sections = std::collections::HashMap::new();
        for entry in self.directory_entries("section")? {
            if let DirectoryEntry::Section(section) = entry {
                sections.insert(section.id, section.name);
            }
        }
        let line = |person: Person| PersonLine {
            person: person.id,
            name: person.display_name(),
            kana: format!("{} {}", person.kana_family, person.kana_given),
            section: sections.get(&person.section).cloned().unwrap_or_default(),
            dial: person.extension.as_deref().and_then(dial),
            extension: person.extension,
            whereabouts: Whereabouts::Unknown,
            where_text: None,
            floor: None,
            place: None,
        };
        Ok(self.people(query)?.into_iter().map(line).collect())
    }

    /// People who fit and where they are, asked of the server.
    ///
    /// # Errors
    /// As [`Engine::people_now`].
    pub fn people_now_lines(
        &self,
        query: &str,
        language: Language,
        options: &CallOptions,
    ) -> Result<Vec<PersonLine>, ClientError> {
        let found = self.people_now(query, options)?;
        let calendar = self.calendar()?;
        let line = |found: PersonFound| PersonLine {
            where_text: Some(where_text(&found, &calendar, language)),
            whereabouts: Whereabouts::from(&found.presence),
            place: match found.presence {
                PresenceView::Present { place, .. } => Some(place),
                _ => None,
            },
            person: found.person,
            name: found.name,
            kana: found.kana,
            section: found.section,
            dial: found.extension.as_deref().and_then(dial),
            extension: found.extension,
            floor: found.floor,
        };
        Ok(found.people.into_iter().map(line).collect())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use kokoni_model::clock::Timestamp;
    use uuid::Uuid;

    #[test]
    fn only_what_can_be_dialled_is_dialled() {
        assert_eq!(dial("1234").as_deref(), Some("tel:1234"));
        assert_eq!(dial("内線 12-34").as_deref(), Some("tel:1234"));
        assert_eq!(dial("*5#").as_deref(), Some("tel:*5%23"));
        assert_eq!(dial("代表"), None);
    }

    #[test]
    fn where_somebody_is_in_words() {
        let place = PlaceId::from_uuid(Uuid::from_u128(1));
        let since_us = Timestamp::from_micros(1_795_478_700_000_000);
        let presences = [
            PresenceView::NoRecord,
            PresenceView::Present { place, since_us },
            PresenceView::Telework { since_us },
            PresenceView::Away { since_us },
            PresenceView::Displaced { place, since_us },
            PresenceView::Unknown,
        ];
        let said: Vec<String> = presences
            .into_iter()
            .map(|presence| {
                let found = PersonFound {
                    person: PersonId::from_uuid(Uuid::from_u128(2)),
                    name: String::new(),
                    kana: String::new(),
                    section: String::new(),
                    extension: None,
                    presence,
                    place_name: Some("3階 A-12".into()),
                    floor: None,
                };
                let calendar = Calendar::default();
                [Language::Japanese, Language::English]
                    .map(|language| where_text(&found, &calendar, language))
                    .join(" / ")
            })
            .collect();
        insta::assert_snapshot!(said.join("\n"));
    }
}
