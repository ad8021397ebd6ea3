//! The streams of floors over HTTP: who may open one, what it says, when it ends.

use std::time::Duration;

use crate::kit::{Phone, World, problem};
use kokoni_model::event::Meaning;
use kokoni_model::ids::FloorId;
use kokoni_model::wire::problem::ProblemCode;
use kokoni_server::organisation::{NamePolicy, Policies};
use reqwest::{Method, Response, StatusCode};
use serde_json::Value;

/// Longer than anything here takes on a busy machine.
const PATIENCE: Duration = Duration::from_secs(30);

/// One message of a stream.
#[derive(Debug)]
struct Message {
    id: String,
    event: String,
    data: Value,
}

/// A stream that is read message by message.
struct Stream {
    response: Response,
    read: String,
}

impl Stream {
    async fn open(phone: &Phone, floor: FloorId, last: Option<&str>) -> Self {
        let response = try_open(phone, floor, last).await;
        assert_eq!(response.status(), StatusCode::OK);
        assert_eq!(response.headers()["content-type"], "text/event-stream");
        assert!(!response.headers().contains_key("content-encoding"));
        Self {
            response,
            read: String::new(),
        }
    }

    /// The next message; `None` when the stream has ended.
    async fn next(&mut self) -> Option<Message> {
        loop {
            while let Some((text, rest)) = self.read.split_once("\n\n") {
                let field = |name: &str| {
                    let value = text.lines().find_map(|line| line.strip_prefix(name));
                    value.unwrap_or_default().to_owned()
                };
                let (id, event, data) = (field("id: "), field("event: "), field("data: "));
                self.read = rest.to_owned();
                if !event.is_empty() {
                    let data = serde_json::from_str(&data).expect("JSON");
                    return Some(Message { id, event, data });
                }
            }
            let chunk = tokio::time::timeout(PATIENCE, self.response.chunk());
            let chunk = chunk.await.expect("in time").ok().flatten()?;
            self.read += std::str::from_utf8(&chunk).expect("text");
        }
    }

    async fn hear(&mut self, event: &str) -> Message {
        let message = self.next().await.expect("the stream goes on");
        assert_eq!(message.event, event, "{message:?}");
        message
    }
}

async fn try_open(phone: &Phone, floor: FloorId, last: Option<&str>) -> Response {
    let request = phone.request(Method::GET, &format!("/api/v1/floors/{floor}/changes"));
    let request = match last {
        Some(id) => request.header("last-event-id", id),
        None => request,
    };
    request.send().await.expect("answered")
}

#[tokio::test]
async fn a_scan_reaches_everybody_who_watches_the_floor() {
    let mut world = World::start().await;
    let floor = world.office.sites[0].floors[0].clone();
    let (mut sitter, watcher) = (world.phone(0).await, world.phone(1).await);
    let mut streams = [
        Stream::open(&watcher, floor.id, None).await,
        Stream::open(&sitter, floor.id, None).await,
    ];
    for stream in &mut streams {
        let snapshot = stream.hear("snapshot").await;
        assert_eq!(snapshot.data["taken"], Value::Array(vec![]));
    }
    sitter.does(floor.places[2].label, Meaning::Sit).await;
    for stream in &mut streams {
        let change = stream.hear("change").await;
        let changed = &change.data["changed"][0];
        assert_eq!(changed["place"], floor.places[2].id.to_string());
        assert_eq!(changed["people"][0]["name"], "山田 太郎0");
    }
    world.clock.advance_seconds(120);
    sitter.does(floor.places[2].label, Meaning::Leave).await;
    for stream in &mut streams {
        let change = stream.hear("change").await;
        assert_eq!(change.data["changed"][0]["people"], Value::Array(vec![]));
    }
}

#[tokio::test]
async fn who_comes_back_hears_only_what_was_missed() {
    let mut world = World::start().await;
    let floor = world.office.sites[0].floors[0].clone();
    let (mut sitter, watcher) = (world.phone(0).await, world.phone(1).await);
    let mut stream = Stream::open(&watcher, floor.id, None).await;
    let last = stream.hear("snapshot").await.id;
    drop(stream);
    sitter.does(floor.places[2].label, Meaning::Sit).await;
    let mut stream = Stream::open(&watcher, floor.id, Some(&last)).await;
    assert_eq!(
        stream.hear("change").await.data["changed"]
            .as_array()
            .map(Vec::len),
        Some(1)
    );
}

#[tokio::test]
async fn an_id_of_another_floor_or_of_nothing_leads_to_a_snapshot() {
    let mut world = World::start().await;
    let [here, there] = [0, 1].map(|site| world.office.sites[site].floors[0].id);
    let watcher = world.phone(1).await;
    let foreign = Stream::open(&watcher, there, None)
        .await
        .hear("snapshot")
        .await
        .id;
    for last in [
        foreign.as_str(),
        "",
        "7",
        "0000000000000000-18446744073709551615",
    ] {
        Stream::open(&watcher, here, Some(last))
            .await
            .hear("snapshot")
            .await;
    }
}

#[tokio::test]
async fn a_floor_of_another_organisation_is_not_there() {
    let mut world = World::start().await;
    let neighbours = world.neighbours().await;
    let phone = world.phone(0).await;
    for floor in [
        neighbours.sites[0].floors[0].id,
        FloorId::from_uuid(uuid::Uuid::nil()),
    ] {
        let response = try_open(&phone, floor, None).await;
        assert_eq!(problem(response).await, ProblemCode::NotFound);
    }
}

#[tokio::test]
async fn a_stream_needs_a_token_and_a_well_formed_floor() {
    let mut world = World::start().await;
    let floor = world.office.sites[0].floors[0].id;
    let phone = world.phone(0).await;
    let path = format!("/api/v1/floors/{floor}/changes");
    let nobody = world
        .http
        .get(world.url(&path))
        .send()
        .await
        .expect("answered");
    assert_eq!(problem(nobody).await, ProblemCode::SignInNeeded);
    let malformed = phone.get("/api/v1/floors/third/changes").await;
    assert_eq!(problem(malformed).await, ProblemCode::MalformedParameter);
}

#[tokio::test]
async fn a_stream_ends_when_its_device_signs_out() {
    let mut world = World::start().await;
    let floor = world.office.sites[0].floors[0].id;
    let (leaver, stayer) = (world.phone(0).await, world.phone(1).await);
    let mut ended = Stream::open(&leaver, floor, None).await;
    let mut goes_on = Stream::open(&stayer, floor, None).await;
    ended.hear("snapshot").await;
    goes_on.hear("snapshot").await;
    let response = leaver
        .request(Method::POST, "/api/v1/sign-out")
        .send()
        .await;
    assert_eq!(response.expect("answered").status(), StatusCode::NO_CONTENT);
    assert_eq!(ended.hear("end").await.data["reason"], "sign_in_needed");
    assert!(ended.next().await.is_none());
    world.stop().await;
    assert!(
        goes_on.next().await.is_none(),
        "the other ended with the server only"
    );
}

#[tokio::test]
async fn one_device_cannot_open_streams_without_end() {
    let mut world = World::start().await;
    let floor = world.office.sites[0].floors[0].id;
    let phone = world.phone(0).await;
    let mut open = Vec::new();
    let refused = loop {
        let response = try_open(&phone, floor, None).await;
        if response.status() != StatusCode::OK {
            break response;
        }
        open.push(response);
        assert!(open.len() <= 64, "no limit is met");
    };
    assert!(refused.headers().contains_key("retry-after"));
    assert_eq!(problem(refused).await, ProblemCode::TooManyRequests);
    Stream::open(&world.phone(1).await, floor, None)
        .await
        .hear("snapshot")
        .await;
}

#[tokio::test]
async fn streams_end_with_the_server() {
    let mut world = World::start().await;
    let floor = world.office.sites[0].floors[0].id;
    let phone = world.phone(0).await;
    let mut stream = Stream::open(&phone, floor, None).await;
    stream.hear("snapshot").await;
    world.stop().await;
    assert!(stream.next().await.is_none());
}

#[tokio::test]
async fn names_that_staff_may_not_see_are_not_in_their_stream() {
    let mut world = World::start().await;
    let policies = Policies {
        names: NamePolicy::NotStaff,
        ..Policies::default()
    };
    let (id, text) = (
        world.office.id,
        serde_json::to_string(&policies).expect("JSON"),
    );
    let set = world.store.write(move |tx| {
        let sql = "UPDATE organisation SET policies = $2 WHERE id = $1";
        tx.exec(sql, kokoni_server::params![id, text])
    });
    set.await.expect("set");
    let floor = world.office.sites[0].floors[0].clone();
    let mut sitter = world.phone(0).await;
    let (staff, administrator) = (world.phone(1).await, world.phone(5).await);
    let mut hidden = Stream::open(&staff, floor.id, None).await;
    let mut shown = Stream::open(&administrator, floor.id, None).await;
    hidden.hear("snapshot").await;
    shown.hear("snapshot").await;
    sitter.does(floor.places[0].label, Meaning::Sit).await;
    let name = |message: Message| message.data["changed"][0]["people"][0]["name"].clone();
    assert_eq!(name(hidden.hear("change").await), "");
    assert_eq!(name(shown.hear("change").await), "山田 太郎0");
}
