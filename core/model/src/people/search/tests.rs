//! What searching for people promises.

use super::super::fold::tests::texts;
use super::*;
use proptest::prelude::*;

const VECTORS: &str = include_str!(concat!(
    env!("CARGO_MANIFEST_DIR"),
    "/../../tests/fixtures/domain/name-search.csv"
));

fn person<'a>(
    family: &'a str,
    given: &'a str,
    kana_family: &'a str,
    kana_given: &'a str,
) -> PersonFields<'a> {
    PersonFields {
        family,
        given,
        kana_family,
        kana_given,
        ..PersonFields::default()
    }
}

fn tier(query: &str, person: &PersonFields<'_>) -> Option<SearchTier> {
    SearchQuery::new(query)
        .matches(&PersonKey::new(person))
        .map(|(tier, _)| tier)
}

/// Who is found, by their place in the list, best first.
fn found(query: &str, people: &[PersonFields<'_>]) -> Vec<(usize, SearchTier, MatchedBy)> {
    let keys: Vec<PersonKey> = people.iter().map(PersonKey::new).collect();
    search(&SearchQuery::new(query), keys.iter().enumerate(), 10)
        .into_iter()
        .map(|hit| (hit.person, hit.tier, hit.by))
        .collect()
}

#[test]
fn all_vectors_are_found_on_their_tier_or_not_at_all() {
    let mut rows = 0;
    for row in VECTORS.lines().skip(1) {
        // Only the note, the last of ten columns, is quoted and holds commas.
        let columns: Vec<&str> = row.splitn(10, ',').collect();
        let [
            id,
            query,
            family,
            given,
            kana_family,
            kana_given,
            alias,
            expect,
            on,
            _note,
        ] = columns[..]
        else {
            panic!("ten columns in {row}");
        };
        let aliases: &[&str] = if alias.is_empty() { &[] } else { &[alias] };
        let person = PersonFields {
            aliases,
            ..person(family, given, kana_family, kana_given)
        };
        let expected = match (expect, on) {
            ("match", "fold") => Some(SearchTier::Fold),
            ("match", "loose") => Some(SearchTier::Loose),
            ("no_match", "") => None,
            other => panic!("vector {id}: {other:?}"),
        };
        assert_eq!(tier(query, &person), expected, "vector {id}");
        rows += 1;
    }
    assert_eq!(rows, 50);
}

#[test]
fn what_is_written_so_comes_first_then_other_forms_then_what_is_confused() {
    let people = [
        person("齊藤", "愛", "サイトウ", "アイ"),
        person("齋藤", "愛", "サイトウ", "アイ"),
        person("斎藤", "望", "サイトウ", "ノゾミ"),
        person("斎藤", "愛", "サイトウ", "アイ"),
    ];
    use {MatchedBy::Name, SearchTier::*};
    assert_eq!(
        found("斎藤", &people),
        [
            (3, Exact, Name),
            (2, Exact, Name),
            (1, Fold, Name),
            (0, Loose, Name)
        ]
    );
}

#[test]
fn namesakes_keep_the_order_they_were_given_in() {
    let people = [person("林", "愛", "ハヤシ", "アイ"); 3];
    let order: Vec<usize> = found("林", &people)
        .into_iter()
        .map(|(place, ..)| place)
        .collect();
    assert_eq!(order, [0, 1, 2]);
}

#[test]
fn a_reading_is_found_from_its_beginning_or_that_of_the_given_name() {
    let takahashi = person("髙橋", "一郎", "タカハシ", "イチロウ");
    assert_eq!(tier("タカ", &takahashi), Some(SearchTier::Exact));
    assert_eq!(tier("イチ", &takahashi), Some(SearchTier::Exact));
    assert_eq!(tier("たかはしいち", &takahashi), Some(SearchTier::Fold));
    assert_eq!(tier("はし", &takahashi), None);
}

#[test]
fn half_a_half_width_kana_is_none() {
    let baba = person("馬場", "豊", "ﾊﾞﾊﾞ", "ﾕﾀｶ");
    assert_eq!(tier("ﾊ", &baba), None);
    assert_eq!(tier("ﾊﾞ", &baba), Some(SearchTier::Exact));
}

#[test]
fn a_name_in_kana_is_found_by_its_kana_without_a_reading() {
    let person = person("ジョン・スミス", "", "", "");
    assert_eq!(tier("じょん", &person), Some(SearchTier::Fold));
    assert_eq!(tier("ジョン", &person), Some(SearchTier::Exact));
}

#[test]
fn a_former_name_finds_after_a_present_one() {
    let former = PersonFields {
        aliases: &["伊藤", "イトウ"],
        ..person("田中", "美咲", "タナカ", "ミサキ")
    };
    let people = [former, person("伊藤", "蓮", "イトウ", "レン")];
    use SearchTier::*;
    assert_eq!(
        found("伊藤", &people),
        [(1, Exact, MatchedBy::Name), (0, Fold, MatchedBy::Alias)]
    );
    assert_eq!(
        found("いとう", &people),
        [(1, Fold, MatchedBy::Name), (0, Loose, MatchedBy::Alias)]
    );
}

#[test]
fn an_extension_is_found_whole_before_its_beginning_whatever_its_dashes() {
    let with = |extensions| PersonFields {
        extensions,
        ..person("森", "圭太", "モリ", "ケイタ")
    };
    let people = [with(&["2-1234"]), with(&["9", "２１２３"]), with(&["12"])];
    use MatchedBy::Extension;
    assert_eq!(
        found("2123", &people),
        [
            (1, SearchTier::Exact, Extension),
            (0, SearchTier::Fold, Extension)
        ]
    );
    assert_eq!(found("2-12", &people).len(), 2);
    assert_eq!(found("１２", &people), [(2, SearchTier::Exact, Extension)]);
    assert_eq!(found("234", &people), [], "not from the middle");
    assert_eq!(found("-", &people), [], "nothing to dial");
}

#[test]
fn a_section_finds_its_people_after_those_of_that_name() {
    let people = [
        PersonFields {
            sections: &["会計課", "総務部　総務課"],
            ..person("森", "愛", "モリ", "アイ")
        },
        person("総務", "花", "ソウム", "ハナ"),
    ];
    use SearchTier::*;
    assert_eq!(
        found("総務", &people),
        [(1, Exact, MatchedBy::Name), (0, Exact, MatchedBy::Section)]
    );
    assert_eq!(
        found("総務部総務課", &people),
        [(0, Fold, MatchedBy::Section)]
    );
}

#[test]
fn an_empty_query_finds_nobody() {
    let people = [person("", "", "", ""), person("森", "", "", "")];
    for query in ["", " 　", "・", "\u{fe00}"] {
        assert!(SearchQuery::new(query).is_empty());
        assert_eq!(found(query, &people), [], "{query:?}");
    }
}

#[test]
fn no_more_are_given_than_asked_for() {
    let key = PersonKey::new(&person("林", "愛", "ハヤシ", "アイ"));
    let people = (0..100).map(|place| (place, &key));
    assert_eq!(search(&SearchQuery::new("林"), people, 7).len(), 7);
}

#[test]
fn a_key_in_json() {
    let key = PersonKey::new(&PersonFields {
        aliases: &["伊藤"],
        extensions: &["2-1234"],
        sections: &["総務課"],
        ..person("髙橋", "京子", "タカハシ", "キョウコ")
    });
    insta::assert_json_snapshot!(key);
    let again: PersonKey = serde_json::from_str(&serde_json::to_string(&key).unwrap()).unwrap();
    assert!(again == key && again.is_current());
    let mut old = serde_json::to_value(&key).unwrap();
    old["version"] = 0.into();
    assert!(
        !serde_json::from_value::<PersonKey>(old)
            .unwrap()
            .is_current()
    );
}

#[test]
fn names_stay_out_of_debug() {
    let fields = person("髙橋", "京子", "タカハシ", "キョウコ");
    let shown = format!(
        "{fields:?} {:?} {:?}",
        PersonKey::new(&fields),
        SearchQuery::new("髙橋")
    );
    assert_eq!(
        shown,
        "PersonFields { .. } PersonKey { version: 2, .. } SearchQuery { .. }"
    );
}

proptest! {
    #[test]
    fn everybody_is_found_by_their_own_name_and_their_own_reading(
        family in texts(),
        given in texts(),
        kana_family in texts(),
        kana_given in texts(),
    ) {
        let person = person(&family, &given, &kana_family, &kana_given);
        for query in [
            format!("{family}{given}"),
            format!("{family}　{given}"),
            format!("{kana_family}{kana_given}"),
            format!(" {kana_family} {kana_given} "),
            kana_given.clone(),
        ] {
            if !fold(&query).is_empty() {
                prop_assert!(tier(&query, &person).is_some(), "{query:?}");
            }
        }
    }

    #[test]
    fn hits_come_by_tier_and_are_those_that_match_alone(
        names in prop::collection::vec(("[高髙橋斉斎齋]{1,3}", "[ｱ-ﾝあ-おー]{1,3}"), 0..12),
        query in "[高髙斉斎齋]{1,2}|[ぁ-おアー]{1,2}",
    ) {
        let keys: Vec<PersonKey> =
            names.iter().map(|(name, kana)| PersonKey::new(&person(name, "", kana, ""))).collect();
        let query = SearchQuery::new(&query);
        let hits = search(&query, keys.iter().enumerate(), usize::MAX);
        let place = |hit: &Hit<usize>| (hit.tier, hit.by, keys[hit.person].sort_key().clone());
        let in_order = hits.windows(2).all(|pair| place(&pair[0]) <= place(&pair[1]));
        prop_assert!(in_order);
        let matching = keys.iter().filter(|key| query.matches(key).is_some()).count();
        prop_assert_eq!(hits.len(), matching);
    }
}
