//! Name kanji that fold together where neither NFKC nor [`old_kanji`](super::old_kanji) folds them.
//!
//! Own compilation of 2026-11-22, CC0; cross-checked with the package ja-itaiji 1.0.2, which lacks
//! U+20BB7, U+2363A and the last row of the loose ones. The last nine were added on 2026-12-01. The
//! same table as data, for other languages: `tests/fixtures/domain/name-variants.tsv`.

/// Always folded: forms of one character.
const SAME: [(char, char); 42] = [
    ('髙', '高'),
    ('﨑', '崎'),
    ('嵜', '崎'),
    ('𠮷', '吉'),
    ('邉', '辺'),
    ('濵', '浜'),
    ('桒', '桑'),
    ('槗', '橋'),
    ('𣘺', '橋'),
    ('嶋', '島'),
    ('嶌', '島'),
    ('冨', '富'),
    ('曻', '昇'),
    ('栁', '柳'),
    ('圡', '土'),
    ('曾', '曽'),
    ('舘', '館'),
    ('峯', '峰'),
    ('舩', '船'),
    ('凜', '凛'),
    ('淵', '渕'),
    ('渊', '渕'),
    ('埜', '野'),
    ('圍', '囲'),
    ('愼', '慎'),
    ('稱', '称'),
    ('鎭', '鎮'),
    ('斈', '学'),
    ('恊', '協'),
    ('喆', '哲'),
    ('熈', '熙'),
    ('晄', '晃'),
    ('翆', '翠'),
    ('眞', '真'),
    ('姬', '姫'),
    ('閒', '間'),
    ('凉', '涼'),
    ('寳', '宝'),
    ('邨', '村'),
    ('㐂', '喜'),
    ('靏', '鶴'),
    ('靍', '鶴'),
];

/// Folded on the loose tier only: two surnames in law, but people type one for the other.
const ALIKE: [(char, char); 1] = [('斉', '斎')];

/// The usual form of a kanji.
pub(super) fn same(c: char) -> char {
    look_up(&SAME, c)
}

/// The kanji that people type for this one.
pub(super) fn alike(c: char) -> char {
    look_up(&ALIKE, c)
}

fn look_up(table: &[(char, char)], c: char) -> char {
    table
        .iter()
        .find(|(from, _)| *from == c)
        .map_or(c, |(_, to)| *to)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_table_is_the_one_published_as_data() {
        let published = include_str!(concat!(
            env!("CARGO_MANIFEST_DIR"),
            "/../../tests/fixtures/domain/name-variants.tsv"
        ));
        let rows = |table: &[(char, char)], tier| -> Vec<String> {
            table
                .iter()
                .map(|(from, to)| format!("{from}\t{to}\t{tier}"))
                .collect()
        };
        let mut ours = [rows(&SAME, "F"), rows(&ALIKE, "L")].concat();
        let mut data: Vec<&str> = published
            .lines()
            .filter(|line| !line.starts_with('#'))
            .collect();
        ours.sort_unstable();
        data.sort_unstable();
        assert_eq!(ours.len(), 43);
        assert_eq!(ours, data);
    }
}
