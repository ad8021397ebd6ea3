//! What the phone knows without a network: labels, reminders, people.

use std::sync::atomic::Ordering;

use kokoni_client::{Engine, Obstacle};
use kokoni_model::calendar::ReminderKind;
use kokoni_model::clock::Timestamp;
use kokoni_model::event::{Meaning, Via};
use kokoni_model::wire::views::PresenceView;

use crate::common::{Fault, HOME, MORNING_US, Phone, SEAT, place, response, sync};
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

/// A phone whose organisation reminds of the end of telework.
fn reminded_of_telework() -> (Phone, Engine) {
    let phone = Phone::new();
    let engine = phone.enrolled();
    let policy = br#"{"incarnation":"00000000-0000-0000-0000-000000000001","cursor":"2",
        "reset":false,"more":false,"changes":[{"change":"put","entry":{"kind":"reminders",
        "no_record_after_start_min":null,"telework_end_after_end_min":30}}]}"#;
    phone
        .server
        .next_faults([None, Some(Fault::Answer(response(200, true, policy)))]);
    sync(&engine);
    (phone, engine)
}

fn telework_ends_reminded_of(engine: &Engine) -> usize {
    let reminders = engine.reminders().expect("read");
    assert!(
        reminders
            .iter()
            .all(|r| r.kind == ReminderKind::TeleworkEnd)
    );
    reminders.len()
}

#[test]
fn telework_that_ended_elsewhere_is_not_reminded_of() {
    let at = |minute: i64| Timestamp::from_micros(MORNING_US).plus_seconds(60 * minute);
    let (phone, engine) = reminded_of_telework();
    engine
        .record(HOME, Meaning::Telework, Via::Camera)
        .expect("saved");
    sync(&engine);
    assert_eq!(telework_ends_reminded_of(&engine), 1);
    let place = place(1);
    for ended in [
        PresenceView::Away { since_us: at(5) },
        PresenceView::Present {
            place,
            since_us: at(5),
        },
        PresenceView::Displaced {
            place,
            since_us: at(5),
        },
    ] {
        phone.server.person_is(ended.clone(), at(0), true);
        sync(&engine);
        assert_eq!(telework_ends_reminded_of(&engine), 0, "{ended:?}");
    }
    // A telework that goes on elsewhere is reminded of here, though this phone's own has ended.
    let since_us = at(10);
    phone
        .server
        .person_is(PresenceView::Telework { since_us }, at(0), true);
    engine
        .record(HOME, Meaning::EndTelework, Via::Camera)
        .expect("saved");
    assert_eq!(telework_ends_reminded_of(&engine), 0, "unsent, it counts");
    sync(&engine);
    assert_eq!(telework_ends_reminded_of(&engine), 1);
}

#[test]
fn telework_declared_and_ended_elsewhere_is_not_reminded_of() {
    let at = |minute: i64| Timestamp::from_micros(MORNING_US).plus_seconds(60 * minute);
    let (phone, engine) = reminded_of_telework();
    phone
        .server
        .person_is(PresenceView::Telework { since_us: at(1) }, at(1), true);
    sync(&engine);
    assert_eq!(telework_ends_reminded_of(&engine), 1);
    phone
        .server
        .person_is(PresenceView::Away { since_us: at(5) }, at(1), true);
    sync(&engine);
    assert_eq!(telework_ends_reminded_of(&engine), 0);
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
