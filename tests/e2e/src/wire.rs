//! Requests of the API made by hand, where a test has to say exactly what is sent.

use std::net::SocketAddr;

use kokoni_client::{Clock, SystemClock};
use kokoni_model::event::{Act, EVENT_VERSION, Epoch, Event, Meaning, SealedEvent, Via};
use kokoni_model::ids::EventId;
use kokoni_model::label::LabelId;
use kokoni_model::wire::enrolment::{Enrolled, Tokens};
use kokoni_model::wire::events::BatchReply;
use serde_json::json;

use crate::http::{Answer, Request, send};

/// Asks to enrol with a code.
pub fn enrol(server: SocketAddr, code: &str) -> Answer {
    let body = json!({"code": code, "device_name": "phone", "platform": "cli"});
    send(
        server,
        &Request::new("POST", "/api/v1/enrol").json(body.to_string()),
    )
}

/// Enrols with a code that is good.
pub fn enrolled(server: SocketAddr, code: &str) -> Enrolled {
    let answer = enrol(server, code);
    assert_eq!(answer.status, 201, "{}", answer.text());
    answer.json()
}

/// Asks for the next pair of tokens.
pub fn refresh(server: SocketAddr, refresh: &str) -> Answer {
    let body = json!({ "refresh": refresh });
    send(
        server,
        &Request::new("POST", "/api/v1/tokens/refresh").json(body.to_string()),
    )
}

/// Gets the next pair of tokens.
pub fn refreshed(server: SocketAddr, tokens: &Tokens) -> Tokens {
    let answer = refresh(server, &tokens.refresh.0);
    assert_eq!(answer.status, 200, "{}", answer.text());
    answer.json()
}

/// Asks who the holder of an access token is.
pub fn me(server: SocketAddr, access: &str) -> Answer {
    send(server, &Request::new("GET", "/api/v1/me").by(access))
}

/// A scan of now, as an event.
pub fn scan(epoch: Epoch, seq: u64, label: LabelId, meaning: Meaning) -> SealedEvent {
    let clock = SystemClock::new().now();
    SealedEvent::seal(Event {
        v: EVENT_VERSION,
        id: EventId::new(clock.wall_us, [seq as u8; 10]),
        epoch,
        seq,
        clock,
        act: Act::Scan {
            label,
            meaning,
            via: Via::Camera,
        },
        replaces: None,
    })
    .expect("an event")
}

/// The body of a batch; the events stand in it as they are.
pub fn batch(epoch: Epoch, events: &[&str]) -> String {
    let clock = serde_json::to_string(&SystemClock::new().now()).expect("serialises");
    format!(
        r#"{{"epoch":"{epoch}","clock":{clock},"events":[{}]}}"#,
        events.join(",")
    )
}

/// Sends a batch.
pub fn send_batch(server: SocketAddr, access: &str, epoch: Epoch, events: &[&str]) -> BatchReply {
    let request = Request::new("POST", "/api/v1/events").by(access);
    let answer = send(server, &request.json(batch(epoch, events)));
    assert_eq!(answer.status, 200, "{}", answer.text());
    answer.json()
}
