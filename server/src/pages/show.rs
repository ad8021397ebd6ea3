//! How things are shown on every page: times, presence, the order of names.

use kokoni_model::calendar::TimeZone;
use kokoni_model::clock::Timestamp;
use kokoni_model::wire::views::PresenceView;

use super::language::Language;
use super::words::{Words, fill};

/// The time of day of a moment in the organisation's zone, `9:05`.
pub(crate) fn time(moment: Timestamp, zone: TimeZone) -> String {
    moment
        .to_utc()
        .map(|utc| zone.local(utc).format("%-H:%M").to_string())
        .unwrap_or_default()
}

/// Since when, in words.
pub(crate) fn since(words: &Words, moment: Timestamp, zone: TimeZone) -> String {
    fill(words.since, &[("time", &time(moment, zone))])
}

/// Until when something is to be brought back, in words: `11月25日 9:05 まで`.
pub(crate) fn until(words: &Words, moment: Timestamp, zone: TimeZone) -> String {
    let form = match words.language {
        Language::Japanese => "%-m月%-d日 %-H:%M",
        Language::English => "%-d %b %-H:%M",
    };
    let Some(utc) = moment.to_utc() else {
        return String::new();
    };
    let moment = zone.local(utc).format(form).to_string();
    fill(words.until, &[("moment", &moment)])
}

/// Where somebody is: the style of the sign, its words, and since when.
pub(crate) fn presence(
    words: &Words,
    presence: &PresenceView,
) -> (&'static str, &'static str, Option<Timestamp>) {
    match presence {
        PresenceView::NoRecord => ("none", words.no_record, None),
        PresenceView::Present { since_us, .. } => ("taken", words.present, Some(*since_us)),
        PresenceView::Telework { since_us } => ("telework", words.telework, Some(*since_us)),
        PresenceView::Away { since_us } => ("none", words.away, Some(*since_us)),
        PresenceView::Displaced { since_us, .. } => ("none", words.displaced, Some(*since_us)),
        PresenceView::Unknown => ("none", words.presence_unknown, None),
    }
}

/// Sorts `A-2` before `A-12`: digits by their number, everything else by letter.
pub(crate) fn natural(name: &str) -> Vec<(String, u64)> {
    let mut parts = Vec::new();
    let mut rest = name;
    while !rest.is_empty() {
        let digits_at = rest.find(|letter: char| letter.is_ascii_digit());
        let (text, behind) = rest.split_at(digits_at.unwrap_or(rest.len()));
        let end = behind
            .find(|letter: char| !letter.is_ascii_digit())
            .unwrap_or(behind.len());
        let (digits, behind) = behind.split_at(end);
        parts.push((text.to_owned(), digits.parse().unwrap_or_default()));
        rest = behind;
    }
    parts
}

/// A name as it fits into a shape on the map: the family name, shortened where it must be.
///
/// The module `floor/shape.js` does the same for what changes later.
pub(crate) fn short_name(name: &str) -> String {
    let family = name.split_whitespace().next().unwrap_or_default();
    let mut short = String::new();
    let mut width = 0.0;
    for letter in family.chars() {
        width += letter_width(letter);
        if width > MOST_WIDTH {
            short.push('…');
            break;
        }
        short.push(letter);
    }
    short
}

/// How many full-width letters a short text is wide, from 2 to 4: chooses its size.
pub(crate) fn text_width(text: &str) -> u8 {
    let width: f32 = text.chars().map(letter_width).sum();
    match width {
        ..=2.0 => 2,
        ..=3.0 => 3,
        _ => 4,
    }
}

const MOST_WIDTH: f32 = 4.0;

fn letter_width(letter: char) -> f32 {
    if letter.is_ascii() { 0.6 } else { 1.0 }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn seats_stand_in_the_order_of_their_numbers() {
        let mut names = ["B-1", "A-12", "A-2", "A-2b", "窓側10", "窓側9", ""];
        names.sort_by_key(|name| natural(name));
        assert_eq!(names, ["", "A-2", "A-2b", "A-12", "B-1", "窓側9", "窓側10"]);
    }

    #[test]
    fn times_are_of_the_organisations_zone() {
        let moment = Timestamp::from_micros(1_795_478_700_000_000);
        assert_eq!(time(moment, TimeZone::tokyo()), "9:05");
        assert_eq!(
            time(Timestamp::from_micros(i64::MAX), TimeZone::tokyo()),
            ""
        );
    }

    #[test]
    fn a_loan_is_due_at_a_moment_of_the_organisations_day() {
        let moment = Timestamp::from_micros(1_795_478_700_000_000);
        for (language, shown) in [
            (Language::Japanese, "11月24日 9:05 まで"),
            (Language::English, "until 24 Nov 9:05"),
        ] {
            let words = Words::of(language);
            assert_eq!(until(words, moment, TimeZone::tokyo()), shown);
            assert_eq!(
                until(words, Timestamp::from_micros(i64::MAX), TimeZone::tokyo()),
                ""
            );
        }
    }

    #[test]
    fn a_name_is_shortened_to_what_a_shape_holds() {
        for (name, short, width) in [
            ("山田 花子", "山田", 2),
            ("佐々木 一", "佐々木", 3),
            ("勅使河原 葵", "勅使河原", 4),
            ("ヴァンデンベルグ 太郎", "ヴァンデ…", 4),
            ("Li Wei", "Li", 2),
            ("Schwarzenegger A", "Schwar…", 4),
            ("", "", 2),
        ] {
            assert_eq!(short_name(name), short);
            assert_eq!(text_width(short), width, "{name}");
        }
    }
}
