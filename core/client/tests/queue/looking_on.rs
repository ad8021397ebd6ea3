//! What an app hears and may ask of its engine, and what stays secret.

use std::time::Duration;

use kokoni_client::ClientError;
use kokoni_model::event::{Meaning, Via};
use kokoni_model::wire::events::RejectReason;

use crate::common::{HOME, Phone, SEAT, sync};
use crate::sit;

#[test]
fn observers_hear_of_the_queue_and_of_syncs() {
    let phone = Phone::new();
    let engine = phone.enrolled();
    let (sender, heard) = std::sync::mpsc::channel();
    let inside = engine.clone();
    let subscription = engine.observe(move |topic| {
        // Under no lock: the engine answers.
        let waiting = inside.status().expect("read").waiting;
        sender.send((topic, waiting)).expect("heard");
    });
    sit(&engine, SEAT);
    assert_eq!(
        heard.recv().expect("a topic"),
        (kokoni_client::Topic::Queue, 1)
    );
    sync(&engine);
    drop(subscription);
    sit(&engine, SEAT);
    let topics: Vec<_> = heard.iter().map(|(topic, _)| topic).collect();
    assert_eq!(topics.first(), Some(&kokoni_client::Topic::Sync));
    assert_eq!(topics.last(), Some(&kokoni_client::Topic::Sync));
    assert!(topics.contains(&kokoni_client::Topic::Queue));
}

#[test]
fn after_shutting_down_every_call_is_refused_and_nothing_is_lost() {
    let phone = Phone::new();
    let engine = phone.enrolled();
    sit(&engine, SEAT);
    engine.shut_down();
    let refused = engine.record(SEAT, Meaning::Sit, Via::Camera);
    assert_eq!(refused.err(), Some(ClientError::ShutDown));
    assert_eq!(engine.today().err(), Some(ClientError::ShutDown));
    engine.shut_down();
    assert_eq!(phone.open().waiting().expect("read").len(), 1);
}

#[test]
fn diagnostics_tell_no_names_labels_or_tokens() {
    let phone = Phone::new();
    let engine = phone.enrolled();
    let reject = (HOME, RejectReason::NotYourHome);
    phone.server.reject.lock().expect("unpoisoned").push(reject);
    engine
        .record(HOME, Meaning::Telework, Via::Camera)
        .expect("saved");
    sync(&engine);
    let text = engine.diagnostics().expect("read").to_string();
    for personal in [
        "山田",
        "ココニ市",
        &HOME.to_string(),
        "access-",
        "refresh-",
        "試験機",
    ] {
        assert!(!text.contains(personal), "{personal}");
    }
    assert!(text.contains("\"rejected\":1"), "{text}");
    let debug = format!("{engine:?} {:?}", engine.identity().expect("read"));
    assert!(!debug.contains("山田"), "{debug}");
}

#[test]
fn a_kept_engine_sends_what_is_recorded_without_being_asked() {
    let phone = Phone::new();
    let engine = phone.enrolled();
    let (sender, heard) = std::sync::mpsc::channel();
    let inside = engine.clone();
    let _subscription = engine.observe(move |topic| {
        if topic == kokoni_client::Topic::Queue {
            let _ = sender.send(inside.status().expect("read").waiting);
        }
    });
    let kept = engine
        .keep_synced(kokoni_client::Pace::Foreground)
        .expect("kept");
    sit(&engine, SEAT);
    while heard
        .recv_timeout(Duration::from_secs(20))
        .expect("sent by itself")
        > 0
    {}
    drop(kept);
    sit(&engine, SEAT);
    assert_eq!(
        phone.server.snapshot().applied.len(),
        1,
        "not kept any more"
    );
}
