//! The engine over its own network, against a plain HTTP listener.

mod common;

use std::sync::Arc;
use std::time::Duration;

use common::{CODE, FakeClock, FakeServer, OTHER_SEAT, SEAT, http};
use kokoni_client::{
    CallOptions, ClientError, Engine, EngineConfig, FileSecretStore, Invitation, Obstacle, Ports,
    SyncOutcome,
};
use kokoni_model::event::{Meaning, Via};
use kokoni_model::rules::meaning::Proposal;
use kokoni_model::wire::enrolment::Platform;

fn open(folder: &std::path::Path) -> Engine {
    let secrets = FileSecretStore::open(folder.join("secrets")).expect("a store");
    Engine::open(EngineConfig {
        data: folder.join("data"),
        ports: Ports::system(Arc::new(secrets)),
        extra_roots: vec![],
        app_version: "test".into(),
    })
    .expect("opens")
}

#[test]
fn a_scan_is_previewed_recorded_shown_and_sent() {
    let server = FakeServer::new(FakeClock::new());
    let address = http::serve(server.clone());
    let folder = tempfile::tempdir().expect("a folder");
    let engine = open(folder.path());
    let link = format!("http://{address}/enrol#{CODE}");
    let invitation = Invitation::from_link(&link).expect("a link");
    let options = CallOptions::within(Duration::from_secs(20));
    let identity = engine
        .enrol(&invitation, "端末", Platform::Cli, &options)
        .expect("enrolled");
    assert_eq!(engine.identity().expect("read"), Some(identity));
    assert!(matches!(
        engine.sync(&options),
        Ok(SyncOutcome::Done { .. })
    ));
    assert_eq!(
        engine
            .catalogue()
            .expect("read")
            .expect("there")
            .labels
            .len(),
        2
    );

    let preview = engine.preview(SEAT).expect("previewed");
    assert_eq!(preview.words_ja, "3階 A-12 に着席");
    assert_eq!(preview.words_en, "Sit at 3F A-12");
    assert_eq!(
        preview.proposal,
        Proposal::Now {
            meaning: Meaning::Sit
        }
    );
    let saved = engine
        .record(SEAT, Meaning::Sit, Via::Camera)
        .expect("saved");
    assert_eq!(saved.seq, 1);
    let today = engine.today().expect("a day");
    assert_eq!((today.waiting, today.day.stays.len()), (1, 1));
    for _ in 0..20 {
        engine
            .record(OTHER_SEAT, Meaning::Sit, Via::Typed)
            .expect("saved");
    }
    let outcome = engine.sync(&options).expect("synced");
    assert_eq!(
        (outcome.report().applied, outcome.report().waiting),
        (21, 0)
    );
    assert_eq!(server.held().len(), 21);
}

#[test]
fn a_wrong_code_is_told_and_nobody_there_is_offline() {
    let server = FakeServer::new(FakeClock::new());
    let address = http::serve(server);
    let folder = tempfile::tempdir().expect("a folder");
    let engine = open(folder.path());
    let wrong = Invitation::typed(&format!("http://{address}"), "AAAAA-AAAAA").expect("a code");
    let nobody = Invitation::typed("http://127.0.0.1:1", "AAAAA-AAAAA").expect("a code");
    let options = CallOptions::default();
    let enrol = |invitation| engine.enrol(invitation, "x", Platform::Cli, &options).err();
    assert_eq!(enrol(&wrong), Some(ClientError::CodeNotValid));
    assert_eq!(
        enrol(&nobody),
        Some(ClientError::Offline(Obstacle::Unreachable))
    );
}

#[test]
fn it_works_inside_another_runtime() {
    let server = FakeServer::new(FakeClock::new());
    let address = http::serve(server);
    let folder = tempfile::tempdir().expect("a folder");
    let engine = open(folder.path());
    let link = format!("http://{address}/enrol#{CODE}");
    let invitation = Invitation::from_link(&link).expect("a link");
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build();
    runtime.expect("a runtime").block_on(async {
        engine
            .enrol(&invitation, "端末", Platform::Cli, &CallOptions::default())
            .expect("enrolled");
        let outcome = engine.sync(&CallOptions::default()).expect("synced");
        assert!(matches!(outcome, SyncOutcome::Done { .. }), "{outcome:?}");
    });
}

#[test]
fn a_server_that_never_answers_is_left_at_the_deadline_or_when_cancelled() {
    let listener = std::net::TcpListener::bind("127.0.0.1:0").expect("a port");
    let silent = format!("http://{}", listener.local_addr().expect("an address"));
    let folder = tempfile::tempdir().expect("a folder");
    let engine = open(folder.path());
    let invitation = Invitation::typed(&silent, "AAAAA-AAAAA").expect("a code");
    let options = CallOptions::within(Duration::from_millis(200));
    let enrol =
        |options: &CallOptions| engine.enrol(&invitation, "x", Platform::Cli, options).err();
    assert_eq!(enrol(&options), Some(ClientError::DeadlineReached));
    let options = CallOptions::default();
    let cancel = options.cancel.clone();
    let other = std::thread::spawn(move || {
        std::thread::sleep(Duration::from_millis(100));
        cancel.cancel();
    });
    assert_eq!(enrol(&options), Some(ClientError::Cancelled));
    other.join().expect("joined");
}
