//! A set of weekdays, in JSON an array of `"mon"` to `"sun"`.

use std::fmt;

use chrono::{NaiveDate, Weekday};
use serde::de::{Error as _, SeqAccess, Visitor};
use serde::{Deserialize, Deserializer, Serialize, Serializer};

const NAMES: [(Weekday, &str); 7] = [
    (Weekday::Mon, "mon"),
    (Weekday::Tue, "tue"),
    (Weekday::Wed, "wed"),
    (Weekday::Thu, "thu"),
    (Weekday::Fri, "fri"),
    (Weekday::Sat, "sat"),
    (Weekday::Sun, "sun"),
];

/// A set of weekdays.
#[derive(Clone, Copy, Default, PartialEq, Eq, Hash)]
pub struct Weekdays(u8);

impl Weekdays {
    /// Saturday and Sunday.
    pub const WEEKEND: Self = Self(1 << 5 | 1 << 6);

    /// Whether a date falls on one of them.
    pub fn contains(self, date: NaiveDate) -> bool {
        use chrono::Datelike;
        self.has(date.weekday())
    }

    /// The weekdays, Monday first.
    pub fn iter(self) -> impl Iterator<Item = Weekday> {
        NAMES
            .into_iter()
            .map(|(day, _)| day)
            .filter(move |&day| self.has(day))
    }

    fn has(self, day: Weekday) -> bool {
        self.0 & bit(day) != 0
    }
}

fn bit(day: Weekday) -> u8 {
    1 << day.num_days_from_monday()
}

impl FromIterator<Weekday> for Weekdays {
    fn from_iter<I: IntoIterator<Item = Weekday>>(days: I) -> Self {
        Self(days.into_iter().fold(0, |set, day| set | bit(day)))
    }
}

impl fmt::Debug for Weekdays {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_set().entries(self.iter()).finish()
    }
}

impl Serialize for Weekdays {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_seq(
            NAMES
                .iter()
                .filter(|(day, _)| self.has(*day))
                .map(|(_, name)| name),
        )
    }
}

impl<'de> Deserialize<'de> for Weekdays {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Names;

        impl<'de> Visitor<'de> for Names {
            type Value = Weekdays;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("an array of weekdays, \"mon\" to \"sun\"")
            }

            fn visit_seq<A: SeqAccess<'de>>(self, mut seq: A) -> Result<Weekdays, A::Error> {
                let mut set = 0;
                while let Some(name) = seq.next_element::<String>()? {
                    let (day, _) = NAMES
                        .into_iter()
                        .find(|(_, known)| *known == name)
                        .ok_or_else(|| A::Error::custom("a weekday is \"mon\" to \"sun\""))?;
                    set |= bit(day);
                }
                Ok(Weekdays(set))
            }
        }

        deserializer.deserialize_seq(Names)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_set_of_weekdays_is_an_array_of_short_names() {
        let json = r#"["mon","wed","sun"]"#;
        let days: Weekdays = serde_json::from_str(r#"["sun","mon","wed","mon"]"#).unwrap();
        assert_eq!(serde_json::to_string(&days).unwrap(), json);
        assert_eq!(
            days.iter().collect::<Vec<_>>(),
            [Weekday::Mon, Weekday::Wed, Weekday::Sun]
        );
        assert!(days.contains("2026-11-22".parse().unwrap()), "a Sunday");
        assert!(!days.contains("2026-11-21".parse().unwrap()), "a Saturday");
    }

    #[test]
    fn an_unknown_weekday_is_refused() {
        let refusal = serde_json::from_str::<Weekdays>(r#"["Mon"]"#).unwrap_err();
        insta::assert_snapshot!(refusal, @r#"a weekday is "mon" to "sun" at line 1 column 7"#);
    }
}
