//! What stands around every page: language, who is signed in, the ways to other pages.

use super::assets;
use super::language::Language;
use super::words::{Words, fill};

/// The page that is shown, as the navigation marks it.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) enum Here {
    /// The list of floors, or a floor.
    Floors,
    /// The search for people.
    People,
    /// What can be borrowed.
    Items,
    /// Nothing that the navigation names.
    Elsewhere,
}

/// A way to another page.
#[derive(Debug)]
pub(crate) struct Link {
    pub(crate) href: &'static str,
    pub(crate) text: &'static str,
    pub(crate) here: bool,
}

/// What stands around a page.
#[derive(Clone, Debug)]
pub(crate) struct Frame {
    /// The words of the visitor's language.
    pub(crate) words: &'static Words,
    /// The display name of who is signed in.
    pub(crate) person: Option<String>,
    /// What stands in the search field.
    pub(crate) query: String,
    /// The same page in the other language, relative.
    pub(crate) switch: String,
    /// Which page it is.
    pub(crate) here: Here,
}

impl Frame {
    /// Around a page for somebody who is not known, asked for with this query string.
    pub(crate) fn unsigned(language: Language, raw_query: Option<&str>) -> Self {
        Self {
            words: Words::of(language),
            person: None,
            query: String::new(),
            switch: switch(language, raw_query),
            here: Here::Elsewhere,
        }
    }

    /// The same for somebody who is signed in.
    #[must_use]
    pub(crate) fn signed_in(mut self, person: String) -> Self {
        self.person = Some(person);
        self
    }

    /// The same for this page.
    #[must_use]
    pub(crate) fn at(mut self, here: Here) -> Self {
        self.here = here;
        self
    }

    /// The address of a file of the pages.
    pub(crate) fn asset(&self, file: &str) -> String {
        assets::address(file)
    }

    /// Who is signed in, in words.
    pub(crate) fn signed_in_as(&self, person: &str) -> String {
        fill(self.words.signed_in_as, &[("name", person)])
    }

    /// The ways to the main pages.
    pub(crate) fn links(&self) -> [Link; 3] {
        [
            ("/", self.words.nav_floors, Here::Floors),
            ("/people", self.words.nav_people, Here::People),
            ("/items", self.words.nav_items, Here::Items),
        ]
        .map(|(href, text, page)| Link {
            href,
            text,
            here: page == self.here,
        })
    }
}

/// The query string that asks for the other language and keeps the rest.
fn switch(language: Language, raw_query: Option<&str>) -> String {
    let kept = raw_query
        .unwrap_or_default()
        .split('&')
        .filter(|pair| !pair.is_empty() && !pair.starts_with("lang="));
    let mut query = String::from("?");
    for pair in kept {
        query.push_str(pair);
        query.push('&');
    }
    query.push_str("lang=");
    query.push_str(language.other().tag());
    query
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn changing_the_language_keeps_what_was_asked_for() {
        let to_english = |query| switch(Language::Japanese, query);
        assert_eq!(to_english(None), "?lang=en");
        assert_eq!(
            to_english(Some("q=%E5%B1%B1&lang=ja")),
            "?q=%E5%B1%B1&lang=en"
        );
        assert_eq!(switch(Language::English, Some("seat=1")), "?seat=1&lang=ja");
    }
}
