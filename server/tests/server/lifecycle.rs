//! The server as a whole: what it refuses to start with, TLS of its own, and an orderly end.

use std::net::SocketAddr;

use crate::kit::{MORNING, World};
use kokoni_model::event::Meaning;
use kokoni_model::wire::events::{BatchReply, Outcome};
use kokoni_server::app_links::AppLinks;
use kokoni_server::config::TlsFiles;
use kokoni_server::{Config, Server, ServerError};
use tokio::io::{AsyncReadExt, AsyncWriteExt};

fn config(folder: &std::path::Path) -> Config {
    let mut config = Config::new(folder, SocketAddr::from(([127, 0, 0, 1], 0)));
    config.clock = std::sync::Arc::new(kokoni_server::ports::FakeClock::new(MORNING));
    config
}

#[tokio::test]
async fn an_address_that_is_taken_is_named() {
    let world = World::start().await;
    let folder = tempfile::tempdir().expect("a folder");
    let mut config = config(folder.path());
    config.listen = world.address;
    let refused = Server::bind(config).await.err().expect("refused");
    assert!(matches!(&refused, ServerError::Listen { .. }));
    assert!(refused.to_string().contains(&world.address.to_string()));
}

#[tokio::test]
async fn a_certificate_that_cannot_be_read_is_named() {
    let folder = tempfile::tempdir().expect("a folder");
    let mut config = config(folder.path());
    let missing = folder.path().join("missing.pem");
    config.tls = Some(TlsFiles {
        certificates: missing.clone(),
        key: missing.clone(),
    });
    let refused = Server::bind(config).await.err().expect("refused");
    assert!(refused.to_string().contains("missing.pem"), "{refused}");
}

#[tokio::test]
async fn the_apps_that_may_open_its_links_are_named_to_phones() {
    let fingerprint = vec!["AB"; 32].join(":");
    let world = World::start_with(1, |config| {
        config.app_links = AppLinks {
            android: vec![
                format!("dev.kokoni.app={fingerprint}")
                    .parse()
                    .expect("an app"),
            ],
            apple: vec!["ABCDE12345.dev.kokoni.app".parse().expect("an app")],
        };
    })
    .await;
    let fetched = async |file: &str| {
        let url = world.url(&format!("/.well-known/{file}"));
        let response = world.http.get(url).send().await.expect("answered");
        assert_eq!(response.status(), 200, "{file}");
        assert_eq!(response.headers()["content-type"], "application/json");
        response.json::<serde_json::Value>().await.expect("JSON")
    };
    let android = fetched("assetlinks.json").await;
    let target = &android[0]["target"];
    assert_eq!(target["package_name"], "dev.kokoni.app");
    assert_eq!(target["sha256_cert_fingerprints"][0], *fingerprint);
    let apple = fetched("apple-app-site-association").await;
    let details = &apple["applinks"]["details"][0];
    assert_eq!(details["appIDs"][0], "ABCDE12345.dev.kokoni.app");
    assert_eq!(details["components"][0]["/"], "/q/*");
}

#[tokio::test]
async fn a_host_without_an_app_of_its_own_names_none() {
    let world = World::start().await;
    for file in ["assetlinks.json", "apple-app-site-association"] {
        let url = world.url(&format!("/.well-known/{file}"));
        let response = world.http.get(url).send().await.expect("answered");
        assert_eq!(response.status(), 404, "{file}");
    }
}

#[tokio::test]
async fn with_a_certificate_it_speaks_https_and_nothing_else() {
    let made = rcgen::generate_simple_self_signed(["localhost".to_owned()]).expect("made");
    let files = tempfile::tempdir().expect("a folder");
    let (certificates, key) = (files.path().join("cert.pem"), files.path().join("key.pem"));
    std::fs::write(&certificates, made.cert.pem()).expect("written");
    std::fs::write(&key, made.signing_key.serialize_pem()).expect("written");
    let world = World::start_with(1, |config| {
        config.tls = Some(TlsFiles { certificates, key });
    })
    .await;
    let root = reqwest::Certificate::from_pem(made.cert.pem().as_bytes()).expect("a certificate");
    let client = reqwest::Client::builder()
        .tls_certs_only([root])
        .build()
        .expect("a client");
    let url = format!("https://localhost:{}/healthz", world.address.port());
    let response = client.get(url).send().await.expect("answered");
    assert_eq!(response.version(), reqwest::Version::HTTP_2);
    assert!(response.headers().contains_key("strict-transport-security"));
    assert!(
        world.http.get(world.url("/healthz")).send().await.is_err(),
        "plain HTTP"
    );
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_request_under_way_is_answered_before_the_end() {
    let mut world = World::start().await;
    let mut phone = world.phone(0).await;
    let seat = world.office.sites[0].floors[0].places[0].label;
    let event = phone.scan(seat, Meaning::Sit);
    let body = serde_json::to_string(&phone.batch(&[event.text()])).expect("serialises");
    let mut stream = tokio::net::TcpStream::connect(world.address)
        .await
        .expect("connected");
    let head = format!(
        "POST /api/v1/events HTTP/1.1\r\nhost: {}\r\nauthorization: Bearer {}\r\n\
         content-type: application/json\r\ncontent-length: {}\r\nexpect: 100-continue\r\n\
         connection: close\r\n\r\n",
        world.address,
        phone.enrolled.tokens.access.0,
        body.len()
    );
    stream.write_all(head.as_bytes()).await.expect("sent");
    // The server has read the head and waits for the body.
    let mut go_on = [0; 25];
    stream.read_exact(&mut go_on).await.expect("answered");
    assert_eq!(&go_on, b"HTTP/1.1 100 Continue\r\n\r\n");
    let stopping = tokio::spawn(async move {
        world.stop().await;
        world
    });
    // Long enough for a server that would not wait.
    tokio::time::sleep(std::time::Duration::from_millis(300)).await;
    assert!(!stopping.is_finished(), "it waits for what is under way");
    stream.write_all(body.as_bytes()).await.expect("sent");
    let mut answer = String::new();
    stream.read_to_string(&mut answer).await.expect("answered");
    let (head, body) = answer.split_once("\r\n\r\n").expect("a response");
    assert!(head.starts_with("HTTP/1.1 200"), "{head}");
    let reply: BatchReply = serde_json::from_str(body).expect("a reply");
    assert_eq!(reply.answers[0].outcome, Outcome::Applied);
    let world = stopping.await.expect("stopped");
    assert_eq!(world.count("SELECT count(*) FROM event").await, 1);
    assert!(tokio::net::TcpStream::connect(world.address).await.is_err());
}
