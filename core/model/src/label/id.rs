//! `LabelId`: ten random bytes, written as 16 upper-case Crockford base32 characters.

use std::fmt;

use serde::{Deserialize, Deserializer, Serialize, Serializer, de};
use thiserror::Error;

/// Bytes in a label id. Random, so that an id cannot be guessed (80 bits).
pub const LABEL_ID_BYTES: usize = 10;

/// Characters of a label id as it is written: five bits each.
pub const LABEL_ID_CHARS: usize = 16;

/// Crockford's base32 digits, by value. <https://www.crockford.com/base32.html>
pub(super) const DIGITS: &[u8; 32] = b"0123456789ABCDEFGHJKMNPQRSTVWXYZ";

/// The identity of one printed sticker. Knowing it grants nothing.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct LabelId([u8; LABEL_ID_BYTES]);

/// Why a text is not a label id.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Error)]
pub enum LabelIdError {
    /// Not exactly 16 characters.
    #[error("a label id has {LABEL_ID_CHARS} characters, this text has {found}")]
    Length {
        /// Characters found.
        found: usize,
    },
    /// A character outside the upper-case Crockford alphabet.
    #[error("character {found:?} at position {position} is not upper-case Crockford base32")]
    Character {
        /// Zero-based index, in characters.
        position: usize,
        /// What stands there.
        found: char,
    },
}

impl LabelId {
    /// The id made of these bytes; the caller brings the randomness.
    pub const fn from_bytes(bytes: [u8; LABEL_ID_BYTES]) -> Self {
        Self(bytes)
    }

    /// The ten bytes, most significant first.
    pub const fn as_bytes(&self) -> &[u8; LABEL_ID_BYTES] {
        &self.0
    }

    /// The id as a number below 2^80.
    pub(super) fn as_number(&self) -> u128 {
        self.0
            .iter()
            .fold(0, |number, &byte| (number << 8) | u128::from(byte))
    }

    /// The 16 characters, upper case.
    pub fn to_chars(&self) -> [u8; LABEL_ID_CHARS] {
        let number = self.as_number();
        std::array::from_fn(|index| {
            let shift = 5 * (LABEL_ID_CHARS - 1 - index);
            DIGITS[((number >> shift) & 31) as usize]
        })
    }

    /// The id written by exactly these 16 upper-case characters; nothing is folded.
    pub fn parse_exact(text: &str) -> Result<Self, LabelIdError> {
        let found = text.chars().count();
        if found != LABEL_ID_CHARS {
            return Err(LabelIdError::Length { found });
        }
        let mut number = 0u128;
        for (position, found) in text.chars().enumerate() {
            let digit = digit_value(found).ok_or(LabelIdError::Character { position, found })?;
            number = (number << 5) | u128::from(digit);
        }
        Ok(Self::from_number(number))
    }

    pub(super) fn from_number(number: u128) -> Self {
        let mut bytes = [0; LABEL_ID_BYTES];
        bytes.copy_from_slice(&number.to_be_bytes()[16 - LABEL_ID_BYTES..]);
        Self(bytes)
    }
}

/// The value of one upper-case Crockford digit.
pub(super) fn digit_value(character: char) -> Option<u8> {
    let byte = u8::try_from(character).ok()?;
    DIGITS
        .iter()
        .position(|&digit| digit == byte)
        .map(|value| value as u8)
}

impl fmt::Display for LabelId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.to_chars()
            .iter()
            .try_for_each(|&c| fmt::Write::write_char(f, char::from(c)))
    }
}

/// Shows only the first group: a home label's id is personal and must not reach a log whole.
impl fmt::Debug for LabelId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let chars = self.to_chars();
        let head = std::str::from_utf8(&chars[..4]).unwrap_or("????");
        write!(f, "LabelId({head}…)")
    }
}

impl Serialize for LabelId {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

impl<'de> Deserialize<'de> for LabelId {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let text = <std::borrow::Cow<'de, str>>::deserialize(deserializer)?;
        Self::parse_exact(&text).map_err(de::Error::custom)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn zero_is_sixteen_zeros_and_all_ones_is_sixteen_zs() {
        assert_eq!(LabelId::from_bytes([0; 10]).to_string(), "0000000000000000");
        assert_eq!(
            LabelId::from_bytes([0xff; 10]).to_string(),
            "ZZZZZZZZZZZZZZZZ"
        );
    }

    #[test]
    fn digits_agree_with_a_published_base32_encoder() {
        let crockford = {
            let mut spec = data_encoding::Specification::new();
            spec.symbols.push_str("0123456789ABCDEFGHJKMNPQRSTVWXYZ");
            spec.encoding().expect("the alphabet is well formed")
        };
        let bytes = [0x01, 0x23, 0x45, 0x67, 0x89, 0xab, 0xcd, 0xef, 0x10, 0x32];
        assert_eq!(
            LabelId::from_bytes(bytes).to_string(),
            crockford.encode(&bytes)
        );
    }

    #[test]
    fn debug_does_not_give_the_id_away() {
        let shown = format!("{:?}", LabelId::from_bytes([7; 10]));
        assert!(
            !shown.contains(&LabelId::from_bytes([7; 10]).to_string()[4..]),
            "{shown}"
        );
    }

    #[test]
    fn each_malformed_id_has_its_own_error() {
        assert_eq!(
            LabelId::parse_exact("ABC"),
            Err(LabelIdError::Length { found: 3 })
        );
        assert_eq!(
            LabelId::parse_exact("000000000000000U"),
            Err(LabelIdError::Character {
                position: 15,
                found: 'U'
            })
        );
        assert_eq!(
            LabelId::parse_exact("a000000000000000"),
            Err(LabelIdError::Character {
                position: 0,
                found: 'a'
            })
        );
    }

    proptest! {
        #[test]
        fn an_id_survives_writing_and_reading(bytes: [u8; 10]) {
            let id = LabelId::from_bytes(bytes);
            prop_assert_eq!(LabelId::parse_exact(&id.to_string()), Ok(id));
        }

        #[test]
        fn parsing_any_text_never_panics(text in "\\PC{0,40}") {
            if let Ok(id) = LabelId::parse_exact(&text) {
                prop_assert_eq!(id.to_string(), text);
            }
        }
    }
}
