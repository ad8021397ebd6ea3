//! Which spellings of a Japanese name count as the same.
//!
//! Two steps: [`fold`] joins forms of one character (髙 and 高, half and full width, hiragana and
//! katakana); [`loose`] also joins what people confuse (斉 and 斎, small and large kana, ways to
//! write a long vowel). NFKC alone does not do it: it leaves 髙, 﨑, 𠮷 and 濵 as they are. Old forms
//! of kanji come from [`old_kanji`](super::old_kanji), the rest from [`variants`](super::variants).

use unicode_normalization::UnicodeNormalization;

use super::old_kanji::usual;
use super::variants::{alike, same};

/// Passes after which folding stops also if the text still changed. Text settles in two or three.
const MOST_PASSES: usize = 8;

/// The form of a text that is the same for all spellings of one name. Folding twice changes
/// nothing more.
pub fn fold(text: &str) -> String {
    let mut folded = fold_once(text);
    // A step can make work for an earlier one: a dropped character lets two others combine.
    for _ in 0..MOST_PASSES {
        let again = fold_once(&folded);
        if again == folded {
            break;
        }
        folded = again;
    }
    folded
}

/// The form of a text that is the same also for spellings people confuse. It contains the long
/// mark wherever a vowel is lengthened, and is for comparing only.
pub fn loose(text: &str) -> String {
    loose_of_folded(&fold(text))
}

/// [`loose`] of a text that is folded already.
pub(super) fn loose_of_folded(folded: &str) -> String {
    lengthen(folded.chars().map(|c| same_sound(large(alike(c)))))
}

/// Whether a folded text is written in kana alone, and so is a reading.
pub fn is_kana(folded: &str) -> bool {
    folded.chars().all(|c| matches!(c, 'ぁ'..='ゖ' | LONG_MARK))
}

const LONG_MARK: char = 'ー';

fn fold_once(text: &str) -> String {
    let plain: String = text
        .chars()
        .filter(is_kept)
        .nfkc()
        .filter(is_kept)
        .flat_map(char::to_lowercase)
        .collect();
    let mut folded = String::with_capacity(plain.len());
    let mut last = None;
    for c in plain.chars().map(usual).map(same) {
        let c = match (c, last) {
            (c, Some(last)) if is_hyphen(c) && is_any_kana(last) => LONG_MARK,
            ('々' | '〻', Some(last)) => last,
            (c, _) => hiragana(c),
        };
        folded.push(c);
        last = Some(c);
    }
    folded
}

/// Spaces, zero-width characters, variation selectors and what stands between the parts of a
/// foreign name make no difference.
fn is_kept(c: &char) -> bool {
    let is_dropped = matches!(
        c,
        '\u{200b}'..='\u{200d}' | '\u{2060}' | '\u{feff}' | '・' | '='
        | '\u{fe00}'..='\u{fe0f}' | '\u{e0100}'..='\u{e01ef}'
    );
    !is_dropped && !c.is_whitespace()
}

/// Everything that is typed for the long mark.
fn is_hyphen(c: char) -> bool {
    matches!(c, '-' | '‐' | '‑' | '‒' | '–' | '—' | '―' | '−' | '─')
}

fn is_any_kana(c: char) -> bool {
    matches!(c, 'ぁ'..='ゖ' | 'ァ'..='ヺ' | LONG_MARK)
}

fn hiragana(c: char) -> char {
    match c {
        'ァ'..='ヶ' => char::from_u32(u32::from(c) - 0x60).unwrap_or(c),
        _ => c,
    }
}

/// The large form of a small kana; every other character as it is.
pub(super) fn large(c: char) -> char {
    match c {
        'ぁ' => 'あ',
        'ぃ' => 'い',
        'ぅ' => 'う',
        'ぇ' => 'え',
        'ぉ' => 'お',
        'っ' => 'つ',
        'ゃ' => 'や',
        'ゅ' => 'ゆ',
        'ょ' => 'よ',
        'ゎ' => 'わ',
        'ゕ' => 'か',
        'ゖ' => 'け',
        _ => c,
    }
}

fn same_sound(c: char) -> char {
    match c {
        'ゐ' => 'い',
        'ゑ' => 'え',
        'を' => 'お',
        'ぢ' => 'じ',
        'づ' => 'ず',
        'ゔ' => 'ぶ',
        _ => c,
    }
}

/// Write every lengthened vowel with the long mark: おお and おう, えい and ええ, ああ, いい, うう.
fn lengthen(chars: impl Iterator<Item = char>) -> String {
    let mut out = String::new();
    let mut last = None;
    for c in chars {
        let c = match (last.and_then(vowel), c) {
            (Some('お'), 'お' | 'う')
            | (Some('え'), 'え' | 'い')
            | (Some('あ'), 'あ')
            | (Some('い'), 'い')
            | (Some('う'), 'う') => LONG_MARK,
            _ => c,
        };
        out.push(c);
        last = Some(c);
    }
    out
}

/// The vowel a large hiragana ends in; none for ん and for the long mark.
pub(super) fn vowel(c: char) -> Option<char> {
    const ROWS: [(char, &str); 5] = [
        ('あ', "あかさたなはまやらわがざだばぱ"),
        ('い', "いきしちにひみりゐぎじびぴ"),
        ('う', "うくすつぬふむゆるぐずぶぷ"),
        ('え', "えけせてねへめれゑげぜでべぺ"),
        ('お', "おこそとのほもよろをごぞどぼぽ"),
    ];
    ROWS.into_iter()
        .find(|(_, row)| row.contains(c))
        .map(|(vowel, _)| vowel)
}

#[cfg(test)]
pub(super) mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn forms_of_one_kanji_fold_together() {
        for (a, b) in [
            ("髙橋", "高橋"),
            ("山﨑", "山崎"),
            ("𠮷田", "吉田"),
            ("渡邉", "渡邊"),
            ("渡邉\u{e0102}", "渡辺"),
            ("齋藤", "斎藤"),
            ("神\u{fe00}谷", "神谷"),
            ("\u{fa19}谷", "神谷"),
            ("佐々木", "佐佐木"),
            ("山田　太郎", "山田太郎"),
            ("ｼﾞｮｰ･ｽﾐｽ", "ジョースミス"),
            ("ケ－タ", "ケータ"),
            ("ＡＢＥ", "abe"),
        ] {
            assert_eq!(fold(a), fold(b), "{a} {b}");
        }
    }

    #[test]
    fn different_characters_stay_apart() {
        for (a, b) in [
            ("太田", "大田"),
            ("土田", "士田"),
            ("佐籐", "佐藤"),
            ("はば", "ばば"),
        ] {
            assert_ne!(fold(a), fold(b), "{a} {b}");
            assert_ne!(loose(a), loose(b), "{a} {b}");
        }
        assert_ne!(fold("斉藤"), fold("斎藤"));
        assert_eq!(loose("斉藤"), loose("斎藤"));
    }

    #[test]
    fn ways_to_write_a_sound_are_loosely_the_same() {
        for (a, b) in [
            ("おおの", "オーノ"),
            ("さとう", "さとー"),
            ("けいた", "ケータ"),
            ("ちずる", "チヅル"),
            ("きょうこ", "キヨウコ"),
            ("ゔぃくとる", "ブイクトル"),
        ] {
            assert_eq!(loose(a), loose(b), "{a} {b}");
        }
        assert_ne!(loose("おの"), loose("おおの"));
    }

    #[test]
    fn a_dropped_character_does_not_keep_others_from_combining() {
        assert_eq!(fold("か\u{200b}\u{3099}"), "が");
        assert_eq!(fold("ｶ･ﾞ"), "が");
        assert_eq!(fold("H\u{331}"), "ẖ");
    }

    #[test]
    fn every_character_folds_to_what_stays() {
        // The planes with ideographs, and the one with selectors; the others are empty or private.
        for c in ('\0'..='\u{3ffff}').chain('\u{e0000}'..='\u{e0fff}') {
            let once = fold(c.encode_utf8(&mut [0; 4]));
            assert_eq!(fold(&once), once, "{c:?} U+{:04X}", u32::from(c));
        }
    }

    /// Text as it comes: names, readings, marks between them, and anything at all.
    pub(in crate::people) fn texts() -> impl Strategy<Value = String> {
        let chars = prop_oneof![
            proptest::sample::select(
                "髙高橋邉邊辺齋斎斉藤濵德佐々〻木𠮷吉\u{e0100}\u{fe00}\u{200b}・＝ 　-－ー―"
                    .chars()
                    .collect::<Vec<_>>()
            ),
            prop::char::range('ぁ', 'ゟ'),
            prop::char::range('゠', 'ヿ'),
            prop::char::range('ｦ', 'ﾟ'),
            any::<char>(),
        ];
        prop::collection::vec(chars, 0..12).prop_map(String::from_iter)
    }

    proptest! {
        #[test]
        fn folding_twice_is_folding_once(text in texts()) {
            let once = fold(&text);
            prop_assert_eq!(fold(&once), once);
        }

        #[test]
        fn folding_never_panics_and_leaves_no_space(text in any::<String>()) {
            prop_assert!(!fold(&text).contains(char::is_whitespace));
            prop_assert!(!loose(&text).contains(char::is_whitespace));
        }

        #[test]
        fn what_folds_together_is_loosely_together(text in texts()) {
            prop_assert_eq!(loose(&fold(&text)), loose(&text));
        }

        #[test]
        fn spaces_and_script_make_no_difference(text in texts(), at in 0_usize..12) {
            let mut spaced: Vec<char> = text.chars().collect();
            spaced.insert(at.min(spaced.len()), '　');
            prop_assert_eq!(fold(&String::from_iter(spaced)), fold(&text));
            let katakana: String = text
                .chars()
                .map(|c| match c {
                    'ぁ'..='ゖ' => char::from_u32(u32::from(c) + 0x60).unwrap(),
                    _ => c,
                })
                .collect();
            let folded = fold(&katakana);
            // ヷ ヸ ヹ ヺ are one character in katakana only.
            prop_assume!(!folded.contains(|c| matches!(c, 'ヷ'..='ヺ')));
            prop_assert_eq!(folded, fold(&text));
        }
    }
}
