//! What the model of a disk keeps and loses.

use std::collections::BTreeSet;

use kokoni_trials::Dice;

use super::{Change, Entry, History, Image, Manner};

const SECTOR: usize = 4;

fn history(changes: Vec<Change>) -> History<()> {
    let before = Image([("a".to_owned(), b"........".to_vec())].into());
    History {
        before,
        entries: changes.into_iter().map(Entry::Change).collect(),
    }
}

fn write(offset: u64, bytes: &str) -> Change {
    Change::Write {
        name: "a".into(),
        offset,
        bytes: bytes.into(),
    }
}

fn sync(name: &str, folder: bool) -> Change {
    Change::Sync {
        name: name.into(),
        folder,
    }
}

/// Everything that `a` can be after a cut at the end, by many seeds.
fn leavings(changes: Vec<Change>, manner: Manner) -> BTreeSet<Option<String>> {
    let history = history(changes);
    let leaving = |seed| {
        let image = history.cut(history.len(), manner, SECTOR, &mut Dice::new(seed));
        let bytes = image.0.get("a")?;
        Some(String::from_utf8(bytes.clone()).expect("text"))
    };
    (0..200).map(leaving).collect()
}

fn are(leavings: &BTreeSet<Option<String>>, wanted: &[&str]) -> bool {
    let wanted = wanted.iter().map(|text| Some((*text).to_owned()));
    *leavings == wanted.collect()
}

#[test]
fn what_was_synced_stays_whatever_the_manner() {
    for manner in Manner::ALL {
        let left = leavings(vec![write(2, "xxxx"), sync("a", false)], manner);
        assert!(are(&left, &["..xxxx.."]), "{manner:?}: {left:?}");
    }
}

#[test]
fn what_was_not_synced_is_forgotten_or_kept_whole() {
    let changes = || vec![write(2, "xxxx"), write(6, "yyyy")];
    assert!(are(&leavings(changes(), Manner::Forgets), &["........"]));
    assert!(are(&leavings(changes(), Manner::Keeps), &["..xxxxyyyy"]));
}

#[test]
fn what_a_sync_could_not_write_is_gone_for_good() {
    let failed = Change::FailedSync { name: "a".into() };
    let changes = vec![write(0, "xxxx"), failed, write(4, "yyyy"), sync("a", false)];
    assert!(are(&leavings(changes, Manner::Keeps), &["....yyyy"]));
}

#[test]
fn sectors_are_scattered_and_never_torn_within() {
    let left = leavings(vec![write(2, "xxxx")], Manner::Scatters);
    let each = ["........", "..xx....", "....xx..", "..xxxx.."];
    assert!(are(&left, &each), "{left:?}");
}

#[test]
fn a_later_write_can_be_there_without_an_earlier_one() {
    let left = leavings(vec![write(0, "xxxx"), write(4, "yyyy")], Manner::Scatters);
    assert!(left.contains(&Some("....yyyy".into())), "{left:?}");
}

#[test]
fn a_torn_end_has_everything_before_it() {
    let left = leavings(vec![write(0, "xx"), write(2, "yyyy")], Manner::Tears);
    let early = ["........", "xx......"];
    let late = ["xxyy....", "xx..yy..", "xxyyyy.."];
    assert!(are(&left, &[&early[..], &late[..]].concat()), "{left:?}");
}

#[test]
fn a_cut_off_file_can_be_long_again() {
    let cut_off = Change::Truncate {
        name: "a".into(),
        size: 2,
    };
    let left = leavings(vec![cut_off.clone()], Manner::Forgets);
    assert!(are(&left, &["........"]));
    let left = leavings(vec![cut_off, sync("a", false)], Manner::Forgets);
    assert!(are(&left, &[".."]));
}

#[test]
fn names_are_durable_with_their_folder_only() {
    let delete = |folder| Change::Delete {
        name: "a".into(),
        folder,
    };
    let gone_or_back = leavings(vec![delete(false)], Manner::Scatters);
    assert_eq!(gone_or_back.len(), 2);
    assert_eq!(leavings(vec![delete(true)], Manner::Forgets), [None].into());

    let made = |folder| {
        let create = Change::Create { name: "b".into() };
        let history = history(vec![create, sync("b", folder)]);
        let image = history.cut(2, Manner::Forgets, SECTOR, &mut Dice::new(1));
        image.0.contains_key("b")
    };
    assert!(made(true));
    assert!(!made(false), "a sync of the file is none of the folder");
}

#[test]
fn a_file_made_anew_under_an_old_name_is_another_file() {
    let changes = vec![
        Change::Delete {
            name: "a".into(),
            folder: false,
        },
        Change::Create { name: "a".into() },
        write(0, "new"),
        sync("a", false),
    ];
    let left = leavings(changes, Manner::Scatters);
    let each: BTreeSet<_> = [None, Some("........".into()), Some("new".into())].into();
    assert_eq!(left, each);
}
