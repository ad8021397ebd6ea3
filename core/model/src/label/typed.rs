//! A label's id as people read and type it: groups of four under the code, then Crockford's check
//! symbol. Typing folds case, look-alikes and separators.

use thiserror::Error;

use super::id::{DIGITS, LABEL_ID_CHARS, LabelId, LabelIdError};

/// Crockford's check symbols: the 32 digits, then five more for the values 32 to 36.
const EXTRA_CHECK_SYMBOLS: &[u8; 5] = b"*~$=U";

/// Why a typed code is not a label.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Error)]
pub enum TypedLabelError {
    /// Without separators there must be 16 characters and one check symbol.
    #[error("a code has {} characters with its check symbol, this one has {found}", LABEL_ID_CHARS + 1)]
    Length {
        /// Characters found, separators not counted.
        found: usize,
    },
    /// A character that the code cannot have, even after folding.
    #[error("character {found:?} at position {position} cannot stand in a code")]
    Character {
        /// Zero-based index, separators not counted.
        position: usize,
        /// What was typed there.
        found: char,
    },
    /// The characters are possible, but they do not belong together: a typing error.
    #[error("the code's check symbol does not fit; please compare it with the label")]
    Check,
}

/// The check symbol of an id: its number modulo 37.
pub fn check_symbol(id: &LabelId) -> char {
    let value = (id.as_number() % 37) as usize;
    char::from(
        *DIGITS
            .get(value)
            .unwrap_or_else(|| &EXTRA_CHECK_SYMBOLS[value - DIGITS.len()]),
    )
}

/// The id as it is printed under the code: `XXXX-XXXX-XXXX-XXXX-C`.
pub fn printed_label(id: &LabelId) -> String {
    let chars = id.to_string();
    let groups: Vec<&str> = (0..4)
        .map(|group| &chars[group * 4..group * 4 + 4])
        .collect();
    format!("{}-{}", groups.join("-"), check_symbol(id))
}

/// Reads a code that a person typed from a label, check symbol included.
pub fn parse_typed_label(typed: &str) -> Result<LabelId, TypedLabelError> {
    let symbols: Vec<char> = typed
        .chars()
        .filter(|&c| !is_separator(c))
        .map(narrow)
        .collect();
    if symbols.len() != LABEL_ID_CHARS + 1 {
        return Err(TypedLabelError::Length {
            found: symbols.len(),
        });
    }
    let (body, check) = symbols.split_at(LABEL_ID_CHARS);
    let body: String = body.iter().collect();
    let id = LabelId::parse_exact(&fold_look_alikes(&body)).map_err(|error| match error {
        LabelIdError::Length { found } => TypedLabelError::Length { found },
        LabelIdError::Character { position, found } => {
            TypedLabelError::Character { position, found }
        }
    })?;
    // `U` folds to itself: as a check symbol it means 36, as a digit it does not exist.
    if fold_digit(check[0]) == check_symbol(&id) {
        Ok(id)
    } else {
        Err(TypedLabelError::Check)
    }
}

/// A code while it is being typed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Typing {
    /// What was typed so far as the label prints it: folded, in groups of four.
    pub shown: String,
    /// The label, once the code is whole and right; what is wrong, as soon as it can be told;
    /// neither while it may still become a code.
    pub label: Option<Result<LabelId, TypedLabelError>>,
}

/// Judges a code while it is being typed.
pub fn judge_typing(typed: &str) -> Typing {
    let symbols: Vec<char> = typed
        .chars()
        .filter(|&c| !is_separator(c))
        .map(|c| fold_digit(narrow(c)))
        .collect();
    let mut shown = String::new();
    for (index, symbol) in symbols.iter().enumerate() {
        if index > 0 && index % 4 == 0 {
            shown.push('-');
        }
        shown.push(*symbol);
    }
    let is_digit = |c: &char| u8::try_from(*c).is_ok_and(|byte| DIGITS.contains(&byte));
    let body = symbols.iter().take(LABEL_ID_CHARS);
    let stray = body.enumerate().find(|&(_, symbol)| !is_digit(symbol));
    let label = match stray {
        Some((position, &found)) => Some(Err(TypedLabelError::Character { position, found })),
        None if symbols.len() <= LABEL_ID_CHARS => None,
        None => Some(parse_typed_label(typed)),
    };
    Typing { shown, label }
}

impl TypedLabelError {
    /// What a person is told, Japanese and English.
    pub fn words(&self) -> (String, String) {
        match self {
            Self::Length { found } => (
                format!("番号は17文字です（入力は{found}文字）。"),
                format!("A code has 17 characters; {found} were typed."),
            ),
            Self::Character { position, found } => (
                format!("{}文字目の「{found}」は番号に使われません。", position + 1),
                format!(
                    "“{found}” at place {} is never part of a code.",
                    position + 1
                ),
            ),
            Self::Check => (
                "番号が合いません。ラベルともう一度見比べてください。".into(),
                "The code does not fit. Please compare it with the label.".into(),
            ),
        }
    }
}

/// Upper case, and the letters that Crockford reads as digits: O as 0, I and L as 1.
pub(super) fn fold_look_alikes(text: &str) -> String {
    text.chars().map(fold_digit).collect()
}

fn fold_digit(character: char) -> char {
    match character.to_ascii_uppercase() {
        'O' => '0',
        'I' | 'L' => '1',
        other => other,
    }
}

fn is_separator(character: char) -> bool {
    character.is_whitespace()
        || matches!(character, '-' | '‐' | '‑' | '–' | '−' | 'ー' | '－' | '_')
}

/// Japanese keyboards type full-width letters and digits.
fn narrow(character: char) -> char {
    match character {
        '！'..='～' => char::from_u32(character as u32 - 0xfee0).unwrap_or(character),
        other => other,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn the_printed_form_has_four_groups_and_a_check_symbol() {
        assert_eq!(
            printed_label(&LabelId::from_bytes([0; 10])),
            "0000-0000-0000-0000-0"
        );
        let mut bytes = [0; 10];
        bytes[9] = 36;
        assert_eq!(
            printed_label(&LabelId::from_bytes(bytes)),
            "0000-0000-0000-0014-U"
        );
    }

    #[test]
    fn typing_folds_case_look_alikes_width_and_separators() {
        let mut bytes = [0; 10];
        bytes[9] = 36;
        let id = LabelId::from_bytes(bytes);
        for typed in [
            "oooo oooo oooo ooi4 u",
            "0000000000000014U",
            "００００ー００００ー００００ー００１４ーＵ",
        ] {
            assert_eq!(parse_typed_label(typed), Ok(id), "{typed}");
        }
    }

    #[test]
    fn each_malformed_code_has_its_own_error() {
        assert_eq!(
            parse_typed_label("0000"),
            Err(TypedLabelError::Length { found: 4 })
        );
        assert_eq!(
            parse_typed_label("000000000000000U0"),
            Err(TypedLabelError::Character {
                position: 15,
                found: 'U'
            })
        );
        assert_eq!(
            parse_typed_label("0000-0000-0000-0000-1"),
            Err(TypedLabelError::Check)
        );
    }

    #[test]
    fn while_it_is_typed_a_code_is_grouped_and_nothing_is_said_too_early() {
        let typing = judge_typing("oI23 456");
        assert_eq!(typing.shown, "0123-456");
        assert_eq!(typing.label, None);
        assert_eq!(judge_typing("").shown, "");
        assert_eq!(judge_typing("0000000000000000").label, None);
        let whole = judge_typing("0000000000000014u");
        assert_eq!(whole.shown, "0000-0000-0000-0014-U");
        assert!(matches!(whole.label, Some(Ok(_))));
    }

    #[test]
    fn what_is_wrong_is_said_as_soon_as_it_can_be_told() {
        let stray = TypedLabelError::Character {
            position: 2,
            found: 'U',
        };
        assert_eq!(judge_typing("00u").label, Some(Err(stray)));
        let check = judge_typing("00000000000000001").label;
        assert_eq!(check, Some(Err(TypedLabelError::Check)));
        let long = judge_typing("000000000000000000").label;
        assert_eq!(long, Some(Err(TypedLabelError::Length { found: 18 })));
        let words = [
            stray,
            TypedLabelError::Check,
            TypedLabelError::Length { found: 18 },
        ];
        insta::assert_debug_snapshot!(words.map(|error| error.words()));
    }

    proptest! {
        #[test]
        fn judging_agrees_with_parsing_once_a_code_is_whole(typed in "[0-9A-Za-z*~$= -]{17,22}") {
            if let Some(judged) = judge_typing(&typed).label
                && let Ok(label) = parse_typed_label(&typed) {
                prop_assert_eq!(judged, Ok(label));
            }
        }

        #[test]
        fn a_printed_label_can_be_typed(bytes: [u8; 10]) {
            let id = LabelId::from_bytes(bytes);
            prop_assert_eq!(parse_typed_label(&printed_label(&id)), Ok(id));
            prop_assert_eq!(parse_typed_label(&printed_label(&id).to_lowercase()), Ok(id));
        }

        #[test]
        fn one_mistyped_character_is_noticed(bytes: [u8; 10], at in 0usize..16, by in 1u8..32) {
            let id = LabelId::from_bytes(bytes);
            let mut chars = id.to_chars();
            let value = DIGITS.iter().position(|&d| d == chars[at]).expect("a digit") as u8;
            chars[at] = DIGITS[usize::from((value + by) % 32)];
            let typed = format!("{}{}", String::from_utf8_lossy(&chars), check_symbol(&id));
            prop_assert_eq!(parse_typed_label(&typed), Err(TypedLabelError::Check));
        }

        #[test]
        fn two_swapped_neighbours_are_noticed(bytes: [u8; 10], at in 0usize..15) {
            let id = LabelId::from_bytes(bytes);
            let mut chars = id.to_chars();
            prop_assume!(chars[at] != chars[at + 1]);
            chars.swap(at, at + 1);
            let typed = format!("{}{}", String::from_utf8_lossy(&chars), check_symbol(&id));
            prop_assert_eq!(parse_typed_label(&typed), Err(TypedLabelError::Check));
        }

        #[test]
        fn typing_anything_never_panics(typed in "\\PC{0,40}") {
            let _ = parse_typed_label(&typed);
        }
    }
}
