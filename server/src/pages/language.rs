//! Which language a page speaks: Japanese unless the visitor asks for English.

/// The cookie that remembers a choice made on a page.
pub(crate) const LANGUAGE_COOKIE: &str = "kokoni-lang";

/// The languages of the pages.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub(crate) enum Language {
    /// 日本語, the first language of the pages.
    #[default]
    Japanese,
    /// English.
    English,
}

impl Language {
    /// The BCP 47 tag.
    pub(crate) const fn tag(self) -> &'static str {
        match self {
            Self::Japanese => "ja",
            Self::English => "en",
        }
    }

    /// What the language calls itself.
    pub(crate) const fn own_name(self) -> &'static str {
        match self {
            Self::Japanese => "日本語",
            Self::English => "English",
        }
    }

    /// The one the visitor could switch to.
    pub(crate) const fn other(self) -> Self {
        match self {
            Self::Japanese => Self::English,
            Self::English => Self::Japanese,
        }
    }

    /// The language of a tag such as `en-GB`, when it is one of ours.
    pub(crate) fn of_tag(tag: &str) -> Option<Self> {
        let primary = tag.split('-').next().unwrap_or_default().trim();
        if primary.eq_ignore_ascii_case("ja") {
            Some(Self::Japanese)
        } else if primary.eq_ignore_ascii_case("en") {
            Some(Self::English)
        } else {
            None
        }
    }

    /// The first that speaks: `?lang=`, the cookie, `Accept-Language`; else Japanese.
    pub(crate) fn choose(
        asked: Option<&str>,
        remembered: Option<&str>,
        accepted: Option<&str>,
    ) -> Self {
        asked
            .and_then(Self::of_tag)
            .or_else(|| remembered.and_then(Self::of_tag))
            .or_else(|| accepted.and_then(most_wanted))
            .unwrap_or_default()
    }
}

/// The best of an `Accept-Language` header (RFC 9110, 12.5.4) among ours; the first of equals.
fn most_wanted(accepted: &str) -> Option<Language> {
    let mut best: Option<(u16, Language)> = None;
    for range in accepted.split(',').take(32) {
        let mut parts = range.split(';');
        let language = parts.next().and_then(Language::of_tag);
        let quality = parts
            .find_map(|part| part.trim().strip_prefix("q="))
            .map_or(1000, thousandths);
        if let Some(language) = language
            && quality > best.map_or(0, |(quality, _)| quality)
        {
            best = Some((quality, language));
        }
    }
    best.map(|(_, language)| language)
}

/// A quality value in thousandths; what is malformed counts as not wanted.
fn thousandths(quality: &str) -> u16 {
    match quality.trim().parse::<f32>() {
        #[expect(
            clippy::cast_possible_truncation,
            clippy::cast_sign_loss,
            reason = "the value lies between 0 and 1000"
        )]
        Ok(quality) if (0.0..=1.0).contains(&quality) => (quality * 1000.0) as u16,
        _ => 0,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn who_asks_for_nothing_is_spoken_to_in_japanese() {
        assert_eq!(Language::choose(None, None, None), Language::Japanese);
        let french = Language::choose(None, None, Some("fr, de;q=0.5"));
        assert_eq!(french, Language::Japanese);
    }

    #[test]
    fn a_choice_on_the_page_beats_the_cookie_and_the_cookie_the_browser() {
        let choose = Language::choose;
        assert_eq!(
            choose(Some("en"), Some("ja"), Some("ja")),
            Language::English
        );
        assert_eq!(choose(None, Some("en"), Some("ja")), Language::English);
        assert_eq!(choose(Some("x"), Some("?"), Some("en")), Language::English);
    }

    #[test]
    fn the_browsers_most_wanted_language_counts() {
        for (header, language) in [
            ("en-GB,en;q=0.9,ja;q=0.8", Language::English),
            ("en;q=0.2, ja-JP;q=0.7", Language::Japanese),
            ("fr;q=1, en;q=0.1", Language::English),
            ("ja;q=0, en;q=0.1", Language::English),
            ("en;q=nonsense, ja;q=0.1", Language::Japanese),
        ] {
            assert_eq!(
                Language::choose(None, None, Some(header)),
                language,
                "{header}"
            );
        }
    }
}
