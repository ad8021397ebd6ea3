//! What the phone knows without a network: labels, reminders, people.

use std::sync::atomic::Ordering;

use kokoni_client::Obstacle;

use crate::common::{Fault, Phone, SEAT, response, sync};
use crate::{sit, why};

#[test]
fn a_catalogue_of_another_key_or_an_older_version_is_not_taken() {
    let phone = Phone::new();
    let engine = phone.enrolled();
    let version = || engine.catalogue().expect("read").expect("there").version;
    assert_eq!(version(), 1);
    phone.server.catalogue_version.store(5, Ordering::SeqCst);
    assert!(sync(&engine).catalogue_changed);
    phone.server.catalogue_version.store(4, Ordering::SeqCst);
    assert!(!sync(&engine).catalogue_changed);
    assert_eq!(version(), 5);
    let mut forged = phone.server.signed_catalogue(9);
    forged.catalogue = forged
        .catalogue
        .replace("\"labels\":[", "\"labels\":[\"ZZZZZZZZZZZZZZZZ\",");
    let forged = serde_json::to_vec(&forged).expect("serialises");
    let fault = Fault::Answer(response(200, true, &forged));
    phone.server.next_faults([None, None, Some(fault)]);
    assert_eq!(why(&engine), Obstacle::NotUnderstood);
    assert_eq!(version(), 5);
}

#[test]
fn reminders_end_with_the_mornings_scan() {
    let phone = Phone::new();
    let engine = phone.enrolled();
    // The fake's directory has no policy: nothing is reminded of.
    assert_eq!(engine.reminders().expect("read"), []);
    let policy = br#"{"incarnation":"00000000-0000-0000-0000-000000000001","cursor":"2",
        "reset":false,"more":false,"changes":[{"change":"put","entry":{"kind":"reminders",
        "no_record_after_start_min":60,"telework_end_after_end_min":null}}]}"#;
    phone
        .server
        .next_faults([None, Some(Fault::Answer(response(200, true, policy)))]);
    assert!(sync(&engine).directory_changed);
    let before = engine.reminders().expect("read");
    assert_eq!(before[0].date.to_string(), "2026-11-24");
    sit(&engine, SEAT);
    let after = engine.reminders().expect("read");
    assert_eq!(after[0].date.to_string(), "2026-11-25");
    assert_eq!(
        before[1..],
        after[..before.len() - 1],
        "the others are as they were"
    );
}

#[test]
fn people_are_found_without_a_network_and_after_the_directory_changed() {
    let phone = Phone::new();
    let engine = phone.enrolled();
    assert_eq!(engine.people("やま").expect("read"), []);
    let delta = r#"{"incarnation":"00000000-0000-0000-0000-000000000001","cursor":"2",
        "reset":false,"more":false,"changes":[{"change":"put","entry":{"kind":"person",
        "id":"00000000-0000-0000-0000-000000000009","family":"山田","given":"花子",
        "kana_family":"やまだ","kana_given":"はなこ","extension":"2104",
        "section":"00000000-0000-0000-0000-000000000001"}}]}"#;
    let fault = Fault::Answer(response(200, true, delta.as_bytes()));
    phone.server.next_faults([None, Some(fault)]);
    sync(&engine);
    for query in ["やま", "ヤマダ", "花子", "2104"] {
        let found = engine.people(query).expect("read");
        assert_eq!(found.len(), 1, "{query}");
        assert_eq!(found[0].display_name(), "山田 花子");
    }
    assert_eq!(engine.people("佐藤").expect("read"), []);
}
