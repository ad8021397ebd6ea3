//! Watches the live map as a browser does, and measures how long a saved scan takes to show.

use std::collections::HashMap;
use std::net::SocketAddr;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Instant;

use anyhow::{Context, Result, ensure};
use kokoni_model::ids::{FloorId, PersonId, PlaceId};
use kokoni_model::wire::enrolment::{EnrolRequest, Enrolled, Platform, Secret};
use kokoni_model::wire::views::TakenPlace;
use reqwest::Client;
use serde::Deserialize;
use tokio::runtime::Runtime;
use tokio::task::JoinHandle;

/// Somebody at a place.
type Sight = (PersonId, PlaceId);

/// Streams of every floor, watched until it is dropped.
pub(super) struct MapWatch {
    seen: Arc<Mutex<Seen>>,
    watching: Vec<JoinHandle<()>>,
}

#[derive(Default)]
struct Seen {
    expected: HashMap<Sight, Instant>,
    took_ms: Vec<f64>,
}

/// The data of one `change`.
#[derive(Deserialize)]
struct Change {
    changed: Vec<TakenPlace>,
}

impl MapWatch {
    /// Enrols as a device with a one-time code and opens the stream of every floor.
    pub(super) fn open(
        runtime: &Runtime,
        server: SocketAddr,
        code: &str,
        floors: &[FloorId],
    ) -> Result<Self> {
        // Another part of the process may have chosen a provider already; theirs serves as well.
        let _ = rustls::crypto::ring::default_provider().install_default();
        let client = Client::builder().no_proxy().build()?;
        let token = runtime.block_on(enrol(&client, server, code))?;
        let seen = Arc::new(Mutex::new(Seen::default()));
        let mut watching = Vec::new();
        for floor in floors {
            let url = format!("http://{server}/api/v1/floors/{floor}/changes");
            let request = client.get(url).bearer_auth(&token);
            let response = runtime.block_on(async { request.send().await })?;
            let status = response.status();
            ensure!(
                status.is_success(),
                "the live map of a floor answers {status}"
            );
            watching.push(runtime.spawn(watch(response, seen.clone())));
        }
        Ok(Self { seen, watching })
    }

    /// Somebody has just been told that they sit here.
    pub(super) fn expect(&self, person: PersonId, place: PlaceId) {
        lock(&self.seen)
            .expected
            .insert((person, place), Instant::now());
    }

    /// What was measured: from "saved" to the map, milliseconds.
    pub(super) fn took_ms(&self) -> Vec<f64> {
        lock(&self.seen).took_ms.clone()
    }
}

impl Drop for MapWatch {
    fn drop(&mut self) {
        self.watching.iter().for_each(JoinHandle::abort);
    }
}

async fn enrol(client: &Client, server: SocketAddr, code: &str) -> Result<String> {
    let request = EnrolRequest {
        code: Secret(code.to_owned()),
        device_name: "kokoni demo map".to_owned(),
        platform: Platform::Other("demo".into()),
    };
    let url = format!("http://{server}/api/v1/enrol");
    let response = client
        .post(url)
        .json(&request)
        .send()
        .await?
        .error_for_status()?;
    let enrolled: Enrolled = response
        .json()
        .await
        .context("the server enrols in other words")?;
    Ok(enrolled.tokens.access.0)
}

/// Reads a stream of server-sent events to its end.
async fn watch(mut response: reqwest::Response, seen: Arc<Mutex<Seen>>) {
    let mut stream = Vec::new();
    while let Ok(Some(chunk)) = response.chunk().await {
        stream.extend_from_slice(&chunk);
        while let Some(message) = take_message(&mut stream) {
            if let Some(change) = change_of(&message) {
                note(&mut lock(&seen), &change, Instant::now());
            }
        }
    }
}

/// Takes the first whole message off the stream: messages end with an empty line.
fn take_message(stream: &mut Vec<u8>) -> Option<String> {
    let end = stream.windows(2).position(|bytes| bytes == b"\n\n")? + 2;
    let message: Vec<u8> = stream.drain(..end).collect();
    Some(String::from_utf8_lossy(&message).into_owned())
}

fn change_of(message: &str) -> Option<Change> {
    let field = |name: &str| {
        let line = message.lines().find_map(|line| line.strip_prefix(name))?;
        Some(line.trim_start())
    };
    if field("event:")? != "change" {
        return None;
    }
    serde_json::from_str(field("data:")?).ok()
}

fn note(seen: &mut Seen, change: &Change, now: Instant) {
    for place in &change.changed {
        for person in &place.people {
            if let Some(since) = seen.expected.remove(&(person.person, place.place)) {
                let took = now.saturating_duration_since(since);
                seen.took_ms.push(took.as_secs_f64() * 1_000.0);
            }
        }
    }
}

fn lock(seen: &Mutex<Seen>) -> MutexGuard<'_, Seen> {
    seen.lock().unwrap_or_else(PoisonError::into_inner)
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::time::Duration;

    const PERSON: &str = "00000000-0000-0000-0000-000000000001";
    const PLACE: &str = "00000000-0000-0000-0000-000000000002";

    fn message() -> String {
        let person =
            format!("{{\"person\":\"{PERSON}\",\"name\":\"\",\"section\":\"\",\"since_us\":1}}");
        let place = format!("{{\"place\":\"{PLACE}\",\"people\":[{person}]}}");
        format!("id: x-1\nevent: change\ndata: {{\"version\":1,\"changed\":[{place}]}}\n\n")
    }

    #[test]
    fn messages_are_taken_whole_from_a_stream_that_comes_in_pieces() {
        let mut stream = b": beat\n\nevent: chan".to_vec();
        assert_eq!(take_message(&mut stream).as_deref(), Some(": beat\n\n"));
        assert_eq!(take_message(&mut stream), None);
        stream.extend_from_slice(b"ge\n\n");
        assert_eq!(
            take_message(&mut stream).as_deref(),
            Some("event: change\n\n")
        );
    }

    #[test]
    fn somebody_who_is_expected_is_measured_once() {
        let mut seen = Seen::default();
        let begun = Instant::now();
        let sight = (
            PERSON.parse().expect("an id"),
            PLACE.parse().expect("an id"),
        );
        seen.expected.insert(sight, begun);
        let change = change_of(&message()).expect("a change");
        note(&mut seen, &change, begun + Duration::from_millis(250));
        note(&mut seen, &change, begun + Duration::from_millis(900));
        assert_eq!(seen.took_ms, [250.0]);
    }

    #[test]
    fn snapshots_are_not_changes() {
        assert!(change_of("event: snapshot\ndata: {}\n\n").is_none());
    }
}
