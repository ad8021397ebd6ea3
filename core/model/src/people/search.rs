//! Finding people by name, reading, extension or section, best matches first.
//!
//! A query in kana is the beginning of a reading (family and given name, or the given name); any
//! other query is a part of a name or of a name somebody used to have. What matches as it is
//! written comes before other forms of the same characters, and those before what people confuse:
//! see [`SearchTier`].

use std::fmt;

use serde::{Deserialize, Serialize};

use super::fold::{fold, is_kana, loose_of_folded};
use super::order::SortKey;

/// Which rules made a [`PersonKey`]. Grows whenever folding or ordering changes; a key kept with
/// another version is to be made again.
pub const KEY_VERSION: u16 = 2;

/// How close a match is. Closer sorts first.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(rename_all = "snake_case")]
pub enum SearchTier {
    /// As it is written.
    Exact,
    /// In another form of the same characters ([`fold`]), or by a former name.
    Fold,
    /// In a spelling that people confuse ([`loose`](super::loose)).
    Loose,
}

/// What of a person matched. Of matches equally close, the first named here sorts first.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(rename_all = "snake_case")]
pub enum MatchedBy {
    /// The name or its reading.
    Name,
    /// An extension: whole is exact, the beginning is [`SearchTier::Fold`].
    Extension,
    /// A former or other name.
    Alias,
    /// The name of a section.
    Section,
}

/// What a person is found by, as it is written in the directory.
#[derive(Clone, Copy, Default)]
pub struct PersonFields<'a> {
    /// Family name.
    pub family: &'a str,
    /// Given name.
    pub given: &'a str,
    /// Family name in kana.
    pub kana_family: &'a str,
    /// Given name in kana.
    pub kana_given: &'a str,
    /// Former and other names, whole or family name only, in kanji or in kana.
    pub aliases: &'a [&'a str],
    /// Extensions; more than one with concurrent posts.
    pub extensions: &'a [&'a str],
    /// Names of sections; more than one with concurrent posts.
    pub sections: &'a [&'a str],
}

/// A person's names, folded once so that searching only compares. May be stored as JSON, for as
/// long as [`PersonKey::is_current`].
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct PersonKey {
    version: u16,
    name: Forms,
    reading: Forms,
    given_reading: Forms,
    aliases: Vec<Forms>,
    extensions: Vec<String>,
    sections: Vec<Forms>,
    sort: SortKey,
}

/// One text as it is compared on each tier.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
struct Forms {
    written: Box<str>,
    fold: Box<str>,
    /// Absent where it is the same as `fold`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    loose: Option<Box<str>>,
}

impl Forms {
    fn new(written: &str) -> Self {
        let folded = fold(written);
        let loosened = loose_of_folded(&folded);
        Self {
            written: written.into(),
            loose: (loosened != folded).then(|| loosened.into()),
            fold: folded.into(),
        }
    }

    fn loose(&self) -> &str {
        self.loose.as_deref().unwrap_or(&self.fold)
    }
}

impl PersonKey {
    /// Fold what a person is found by.
    pub fn new(person: &PersonFields<'_>) -> Self {
        let PersonFields {
            family,
            given,
            kana_family,
            kana_given,
            ..
        } = *person;
        Self {
            version: KEY_VERSION,
            name: Forms::new(&format!("{family}{given}")),
            reading: Forms::new(&format!("{kana_family}{kana_given}")),
            given_reading: Forms::new(kana_given),
            aliases: person
                .aliases
                .iter()
                .map(|alias| Forms::new(alias))
                .collect(),
            extensions: person.extensions.iter().map(|text| dialled(text)).collect(),
            sections: person
                .sections
                .iter()
                .map(|name| Forms::new(name))
                .collect(),
            sort: SortKey::new(family, given, kana_family, kana_given),
        }
    }

    /// Whether this key was made by the rules of this version.
    pub fn is_current(&self) -> bool {
        self.version == KEY_VERSION
    }

    /// Where the person stands in gojūon order.
    pub fn sort_key(&self) -> &SortKey {
        &self.sort
    }
}

/// What somebody typed to find a person, folded once.
#[derive(Clone, PartialEq, Eq)]
pub struct SearchQuery {
    forms: Forms,
    is_reading: bool,
    /// What would be dialled, when it may be an extension.
    extension: Option<String>,
}

impl SearchQuery {
    /// Fold a query.
    pub fn new(text: &str) -> Self {
        let forms = Forms::new(text.trim());
        let dialled = dialled(text);
        let may_be_extension = dialled.bytes().any(|byte| byte.is_ascii_digit())
            && forms
                .fold
                .chars()
                .all(|c| c.is_ascii_alphanumeric() || "#*-()".contains(c));
        Self {
            is_reading: is_kana(&forms.fold),
            extension: may_be_extension.then_some(dialled),
            forms,
        }
    }

    /// Whether nothing is asked for; nobody matches then.
    pub fn is_empty(&self) -> bool {
        self.forms.fold.is_empty()
    }

    /// How a person matches, if at all.
    pub fn matches(&self, person: &PersonKey) -> Option<(SearchTier, MatchedBy)> {
        if self.is_empty() {
            return None;
        }
        [
            (self.name_tier(person), MatchedBy::Name),
            (self.extension_tier(person), MatchedBy::Extension),
            (self.alias_tier(person), MatchedBy::Alias),
            (self.section_tier(person), MatchedBy::Section),
        ]
        .into_iter()
        .filter_map(|(tier, by)| Some((tier?, by)))
        .min()
    }

    fn name_tier(&self, person: &PersonKey) -> Option<SearchTier> {
        let readings = [&person.reading, &person.given_reading];
        let begins_reading = |form: fn(&Forms) -> &str| {
            readings
                .into_iter()
                .any(|reading| form(reading).starts_with(form(&self.forms)))
        };
        let in_name = |form: fn(&Forms) -> &str| {
            let (name, query) = (form(&person.name), form(&self.forms));
            if self.is_reading {
                name.starts_with(query)
            } else {
                name.contains(query)
            }
        };
        if in_name(folded) || begins_reading(folded) {
            // Asked second: as written, the half-width ﾊ alone would begin ﾊﾞ.
            let as_written = in_name(written) || begins_reading(written);
            Some(if as_written {
                SearchTier::Exact
            } else {
                SearchTier::Fold
            })
        } else if begins_reading(Forms::loose) || (!self.is_reading && in_name(Forms::loose)) {
            Some(SearchTier::Loose)
        } else {
            None
        }
    }

    fn alias_tier(&self, person: &PersonKey) -> Option<SearchTier> {
        let tier = |alias: &Forms| {
            let (query, is_kana) = (&self.forms, is_kana(&alias.fold));
            if self.is_reading {
                alias
                    .loose()
                    .starts_with(query.loose())
                    .then_some(SearchTier::Loose)
            } else if !is_kana && alias.fold.contains(&*query.fold) {
                Some(SearchTier::Fold)
            } else {
                alias
                    .loose()
                    .contains(query.loose())
                    .then_some(SearchTier::Loose)
            }
        };
        person.aliases.iter().filter_map(tier).min()
    }

    fn extension_tier(&self, person: &PersonKey) -> Option<SearchTier> {
        let wanted = self.extension.as_deref()?;
        let tier = |extension: &String| {
            if extension == wanted {
                Some(SearchTier::Exact)
            } else {
                extension.starts_with(wanted).then_some(SearchTier::Fold)
            }
        };
        person.extensions.iter().filter_map(tier).min()
    }

    fn section_tier(&self, person: &PersonKey) -> Option<SearchTier> {
        let tier = |section: &Forms| {
            let matches = |form: fn(&Forms) -> &str| form(section).contains(form(&self.forms));
            match (matches(folded), matches(written)) {
                (true, true) => Some(SearchTier::Exact),
                (true, false) => Some(SearchTier::Fold),
                (false, _) => None,
            }
        };
        person.sections.iter().filter_map(tier).min()
    }
}

fn written(forms: &Forms) -> &str {
    &forms.written
}

fn folded(forms: &Forms) -> &str {
    &forms.fold
}

/// What is dialled for an extension: its letters, digits, `#` and `*`, in half width.
fn dialled(extension: &str) -> String {
    fold(extension)
        .chars()
        .filter(|c| c.is_ascii_alphanumeric() || "#*".contains(*c))
        .collect()
}

/// Somebody who was found.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Hit<T> {
    /// Whom the caller gave with the key: an id, an index, a reference.
    pub person: T,
    /// How close the match is.
    pub tier: SearchTier,
    /// What matched.
    pub by: MatchedBy,
}

/// Everybody who matches, at most `limit`: by tier, then by what matched, then in gojūon order,
/// then in the order given.
pub fn search<'k, T>(
    query: &SearchQuery,
    people: impl IntoIterator<Item = (T, &'k PersonKey)>,
    limit: usize,
) -> Vec<Hit<T>> {
    let mut found: Vec<_> = people
        .into_iter()
        .filter_map(|(person, key)| {
            let (tier, by) = query.matches(key)?;
            Some((Hit { person, tier, by }, &key.sort))
        })
        .collect();
    found.sort_by_key(|(hit, sort)| (hit.tier, hit.by, *sort));
    found.into_iter().take(limit).map(|(hit, _)| hit).collect()
}

impl fmt::Debug for PersonFields<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("PersonFields").finish_non_exhaustive()
    }
}

impl fmt::Debug for PersonKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("PersonKey")
            .field("version", &self.version)
            .finish_non_exhaustive()
    }
}

impl fmt::Debug for SearchQuery {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("SearchQuery").finish_non_exhaustive()
    }
}

#[cfg(test)]
mod tests;
