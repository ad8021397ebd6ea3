//! The engine over its own network, against a plain HTTP listener.

mod common;

use std::io::{BufRead, BufReader, Read, Write};
use std::net::TcpListener;
use std::sync::Arc;
use std::time::Duration;

use common::{CODE, FakeClock, FakeServer, OTHER_SEAT, SEAT, http};
use kokoni_client::ports::Transport;
use kokoni_client::transport::{HttpRequest, HttpTransport, Method, TransportError};
use kokoni_client::{
    CallOptions, Cancel, ClientError, Engine, EngineConfig, FileSecretStore, Invitation, Obstacle,
    Ports, SyncOutcome,
};
use kokoni_model::event::{Meaning, Via};
use kokoni_model::rules::meaning::Proposal;
use kokoni_model::wire::enrolment::Platform;

/// What nobody has to wait for here unless something is wrong.
const SOON: Duration = Duration::from_secs(20);

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
    let runtime = tokio::runtime::Builder::new_current_thread().build();
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

#[test]
fn a_cancel_closes_the_connection_and_the_next_call_has_one_of_its_own() {
    let listener = TcpListener::bind("127.0.0.1:0").expect("a port");
    let address = listener.local_addr().expect("an address");
    let options = CallOptions::default();
    let cancel = options.cancel.clone();
    let server = std::thread::spawn(move || {
        let (mut silent, _) = listener.accept().expect("connected");
        silent.set_read_timeout(Some(SOON)).expect("a limit");
        let mut request = [0; 4096];
        assert!(silent.read(&mut request).expect("a request") > 0);
        cancel.cancel();
        let end = loop {
            match silent.read(&mut request) {
                Ok(0) => break Ok(()),
                Ok(_) => {}
                Err(error) => break Err(error),
            }
        };
        let (mut next, _) = listener.accept().expect("connected anew");
        // Closing with anything of a request unread would cut the answer off too.
        let mut asked = Vec::new();
        while !asked.ends_with(b"something") {
            let read = next.read(&mut request).expect("a request");
            assert!(read > 0, "half a request");
            asked.extend_from_slice(&request[..read]);
        }
        next.write_all(b"HTTP/1.1 503 X\r\ncontent-length: 0\r\n\r\n")
            .expect("answered");
        end
    });
    let transport = HttpTransport::new(&[], true).expect("ready");
    let exchange = |options: &CallOptions| {
        let request = HttpRequest {
            method: Method::Post,
            url: format!("http://{address}/"),
            headers: vec![],
            body: Some(b"something".to_vec()),
        };
        transport.exchange(&request, SOON, &options.cancel)
    };
    assert_eq!(exchange(&options).err(), Some(TransportError::Cancelled));
    let answer = exchange(&CallOptions::default()).expect("an answer");
    assert_eq!(answer.status, 503);
    let end = server.join().expect("served");
    assert!(end.is_ok(), "the connection was not closed: {end:?}");
}

#[test]
fn a_connection_serves_one_exchange_after_another() {
    let listener = TcpListener::bind("127.0.0.1:0").expect("a port");
    let address = listener.local_addr().expect("an address");
    let server = std::thread::spawn(move || {
        let (stream, _) = listener.accept().expect("connected");
        stream.set_read_timeout(Some(SOON)).expect("a limit");
        let mut answers = stream.try_clone().expect("cloned");
        let lines = BufReader::new(stream).lines();
        // A request without a body ends with an empty line.
        for line in lines.map(|line| line.expect("a line")) {
            if line.is_empty() {
                let answer = b"HTTP/1.1 200 X\r\ntransfer-encoding: chunked\r\n\r\n\
                    2\r\nok\r\n0\r\n\r\n";
                answers.write_all(answer).expect("answered");
            }
        }
    });
    let transport = HttpTransport::new(&[], true).expect("ready");
    let request = HttpRequest {
        method: Method::Get,
        url: format!("http://{address}/"),
        headers: vec![],
        body: None,
    };
    // Nobody would take a second connection.
    for _ in 0..3 {
        let answer = transport.exchange(&request, SOON, &Cancel::new());
        assert_eq!(answer.expect("an answer").body, b"ok");
    }
    drop(transport);
    server.join().expect("served on one connection, to its end");
}
