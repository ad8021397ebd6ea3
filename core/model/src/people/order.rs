//! Gojūon order: people sorted by how their names are read, never by the code of a kanji.
//!
//! After JIS X 4061:1996 (日本語文字列照合順番): the readings are compared whole, level by level.
//! First the kana without marks, the long mark as the vowel it lengthens and the iteration mark as
//! what it repeats; then unvoiced before voiced before half-voiced (は ば ぱ); then the long mark
//! before small kana before the iteration mark before plain. The family name decides before the
//! given name, so that families stay together.

use std::fmt;

use data_encoding::HEXLOWER;
use serde::{Deserialize, Deserializer, Serialize, Serializer};
use unicode_normalization::UnicodeNormalization;

use super::fold::{fold, is_kana, large, vowel};

/// Where a name stands in gojūon order. Bytes compare as the names sort, and so does the JSON, a
/// string in lower-case hexadecimal: a database can sort by either.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct SortKey(Vec<u8>);

const GOJUON: &str = "あいうえおかきくけこさしすせそたちつてとなにぬねの\
                      はひふへほまみむめもやゆよらりるれろわゐゑをん";

/// Ends a level; below every code in it, so that a shorter text sorts first.
const END: u8 = 0;
/// A kana's code is this and its place in the gojūon.
const KANA: u8 = 0x80;
/// Before anything else than ASCII and kana; three bytes of code point follow.
const OTHER: u8 = 0xf0;
/// Before a name without a reading: after everybody who has one.
const NO_READING: u8 = 0xff;

impl SortKey {
    /// The key of a person. `family` and `given` are used where there is no reading: a name in kana
    /// is its own, any other sorts after all that have one.
    pub fn new(family: &str, given: &str, kana_family: &str, kana_given: &str) -> Self {
        let readings = [fold(kana_family), fold(kana_given)];
        let names = [fold(family), fold(given)];
        let has_reading = readings.iter().any(|reading| !reading.is_empty());
        let mut key = Vec::new();
        if has_reading {
            key.extend(readings.iter().flat_map(|part| part_key(part)));
        } else {
            if !names.iter().all(|name| is_kana(name)) {
                key.push(NO_READING);
            }
            key.extend(names.iter().flat_map(|part| part_key(part)));
        }
        Self(key)
    }

    /// The bytes to sort by.
    pub fn as_bytes(&self) -> &[u8] {
        &self.0
    }
}

/// One name's levels, one after the other.
fn part_key(folded: &str) -> Vec<u8> {
    let units = units(folded);
    let mut key: Vec<u8> = units.iter().flat_map(|unit| unit.code.to_bytes()).collect();
    key.push(END);
    key.extend(units.iter().map(|unit| unit.voicing));
    key.push(END);
    key.extend(units.iter().map(|unit| unit.form));
    key.push(END);
    key
}

#[derive(Clone, Copy)]
struct Unit {
    code: Code,
    voicing: u8,
    form: u8,
}

#[derive(Clone, Copy)]
enum Code {
    Kana(char),
    Other(char),
}

const UNVOICED: u8 = 1;
const VOICED: u8 = 2;
const HALF_VOICED: u8 = 3;

const LENGTHENED: u8 = 1;
const SMALL: u8 = 2;
const REPEATED: u8 = 3;
const PLAIN: u8 = 4;

fn units(folded: &str) -> Vec<Unit> {
    let mut units: Vec<Unit> = Vec::new();
    for c in folded.chars() {
        let last_kana = units.last().and_then(|unit| match unit.code {
            Code::Kana(base) => Some(base),
            Code::Other(_) => None,
        });
        let (base, voicing) = unmarked(c);
        let (code, form) = match (base, last_kana) {
            // After ん, which has no vowel, the long mark repeats it.
            ('ー', Some(last)) => (Code::Kana(vowel(last).unwrap_or(last)), LENGTHENED),
            ('ゝ', Some(last)) => (Code::Kana(last), REPEATED),
            (base, _) => {
                let plain = large(base);
                let form = if plain == base { PLAIN } else { SMALL };
                (
                    if GOJUON.contains(plain) {
                        Code::Kana(plain)
                    } else {
                        Code::Other(base)
                    },
                    form,
                )
            }
        };
        units.push(Unit {
            code,
            voicing,
            form,
        });
    }
    units
}

/// A kana without its mark, and which mark that was.
fn unmarked(c: char) -> (char, u8) {
    let mut parts = c.nfd();
    match (parts.next(), parts.next(), parts.next()) {
        (Some(base), Some('\u{3099}'), None) => (base, VOICED),
        (Some(base), Some('\u{309a}'), None) => (base, HALF_VOICED),
        _ => (c, UNVOICED),
    }
}

impl Code {
    fn to_bytes(self) -> Vec<u8> {
        match self {
            Self::Kana(base) => {
                let place = GOJUON.chars().take_while(|&c| c != base).count();
                vec![KANA + u8::try_from(place).unwrap_or(u8::MAX - KANA)]
            }
            Self::Other(c) if c.is_ascii_graphic() => vec![c as u8],
            Self::Other(c) => {
                let [_, high, middle, low] = u32::from(c).to_be_bytes();
                vec![OTHER, high, middle, low]
            }
        }
    }
}

impl fmt::Debug for SortKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("SortKey").finish_non_exhaustive()
    }
}

impl Serialize for SortKey {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(&HEXLOWER.encode(&self.0))
    }
}

impl<'de> Deserialize<'de> for SortKey {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let text = String::deserialize(deserializer)?;
        // The text encodes a reading, so it stays out of the error.
        HEXLOWER
            .decode(text.as_bytes())
            .map(Self)
            .map_err(|_| serde::de::Error::custom("a sort key is lower-case hexadecimal"))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn key(kana: &str) -> SortKey {
        SortKey::new("", "", kana, "")
    }

    fn assert_ascending(texts: &[&str]) {
        for pair in texts.windows(2) {
            assert!(
                key(pair[0]) < key(pair[1]),
                "{} before {}",
                pair[0],
                pair[1]
            );
        }
    }

    #[test]
    fn readings_sort_by_the_gojuon() {
        assert_ascending(&[
            "アベ",
            "イトウ",
            "カトウ",
            "サトウ",
            "タナカ",
            "ワタナベ",
            "ヲノ",
            "ンゴ",
        ]);
    }

    #[test]
    fn a_shorter_reading_sorts_before_a_longer_one() {
        assert_ascending(&["オ", "オノ", "オノダ"]);
    }

    #[test]
    fn unvoiced_sorts_before_voiced_before_half_voiced() {
        assert_ascending(&["ハハ", "ハバ", "ハパ", "バハ", "バパ", "パハ", "ヒ"]);
    }

    #[test]
    fn voicing_decides_only_between_readings_otherwise_the_same() {
        assert_ascending(&["カワシマ", "カワジマ", "カワシモ"]);
        assert_ascending(&["ガアア", "カアイ"]);
    }

    #[test]
    fn the_long_mark_sorts_as_its_vowel_and_small_before_large() {
        assert_ascending(&["オーノ", "オオノ"]);
        assert_ascending(&["オイ", "オーノ", "オカ"]);
        assert_ascending(&["キョウ", "キヨウ"]);
        assert_ascending(&["ミスー", "ミスウ"]);
        assert_ascending(&["ンー", "ンン", "ンンア"]);
    }

    #[test]
    fn an_iteration_mark_sorts_as_what_it_repeats() {
        assert_ascending(&["ミスシ", "みすゝ", "ミスス", "みすゞ", "ミスズ", "ミスセ"]);
    }

    #[test]
    fn the_family_name_decides_before_the_given_name() {
        let person = |family, given| SortKey::new("", "", family, given);
        assert!(person("オノ", "ワタル") < person("オノダ", "アイ"));
        assert!(person("カワシマ", "ワタル") < person("カワジマ", "アイ"));
        assert!(person("カワシマ", "アイ") < person("カワシマ", "ワタル"));
    }

    #[test]
    fn script_and_width_make_no_difference() {
        assert!(key("ﾀﾞﾃ") == key("だて"));
    }

    #[test]
    fn digits_and_letters_come_first_and_names_without_a_reading_last() {
        assert_ascending(&["1", "A", "ア"]);
        assert!(key("ンン") < SortKey::new("高橋", "一郎", "", ""));
        assert!(
            SortKey::new("さくら", "", "", "") < key("シ"),
            "kana is its own reading"
        );
        assert!(SortKey::new("高橋", "", "", "") < SortKey::new("高橋", "一", "", ""));
    }

    #[test]
    fn a_key_in_json_sorts_as_the_key_and_does_not_tell_itself() {
        let (first, second) = (key("アベ"), key("イトウ"));
        let json = |key: &SortKey| serde_json::to_string(key).unwrap();
        insta::assert_snapshot!(json(&first), @r#""809c00010200040400000000""#);
        assert!(json(&first) < json(&second));
        let again: SortKey = serde_json::from_str(&json(&first)).unwrap();
        assert!(again == first);
        assert_eq!(format!("{first:?}"), "SortKey { .. }");
        let refusal = serde_json::from_str::<SortKey>(r#""xyz""#)
            .unwrap_err()
            .to_string();
        assert!(
            refusal.starts_with("a sort key is lower-case hexadecimal"),
            "{refusal}"
        );
    }

    /// The oracle: levels as vectors, compared as the standard says, without bytes.
    fn levels(kana: &str) -> (Vec<usize>, Vec<u8>) {
        let plain = |c: char| GOJUON.chars().position(|base| base == c).unwrap();
        kana.chars()
            .map(|c| match c {
                'が' => (plain('か'), 2),
                'ば' => (plain('は'), 2),
                'ぱ' => (plain('は'), 3),
                c => (plain(c), 1),
            })
            .unzip()
    }

    proptest! {
        #[test]
        fn keys_compare_as_the_levels_do(a in "[あかがはばぱん]{0,5}", b in "[あかがはばぱん]{0,5}") {
            prop_assert_eq!(key(&format!("{a}あ")).cmp(&key(&format!("{b}あ"))),
                levels(&format!("{a}あ")).cmp(&levels(&format!("{b}あ"))));
        }

        #[test]
        fn hexadecimal_sorts_as_the_bytes(a in any::<String>(), b in any::<String>()) {
            let (a, b) = (key(&a), key(&b));
            prop_assert_eq!(
                serde_json::to_string(&a).unwrap().cmp(&serde_json::to_string(&b).unwrap()),
                a.cmp(&b)
            );
        }
    }
}
