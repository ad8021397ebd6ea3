//! How fast a queue drains once the network is back, beside the rate at which the server takes the
//! same number of events in batches of 500 that lie ready, from one connection.

use std::time::{Duration, Instant};

use anyhow::{Result, ensure};
use kokoni_client::ports::Transport;
use kokoni_client::transport::{HttpRequest, HttpTransport, Method};
use kokoni_client::{CallOptions, Cancel, Engine, SyncOutcome};
use kokoni_e2e::wire;
use kokoni_model::event::{Epoch, Meaning};
use kokoni_model::limits::BATCH_MAX_EVENTS;
use kokoni_model::wire::events::{BatchReply, Outcome};

use crate::scene::Scene;

/// Events a second of the engine's own sync of everything that waits.
pub(crate) fn rate(phone: &Engine, queued: usize) -> Result<f64> {
    let begun = Instant::now();
    let outcome = phone.send_waiting(&CallOptions::default())?;
    let time = begun.elapsed();
    ensure!(
        matches!(outcome, SyncOutcome::Done { report } if report.applied == queued as u64),
        "{outcome:?}"
    );
    Ok(queued as f64 / time.as_secs_f64())
}

/// Events a second of batches that lie ready.
pub(crate) fn bare_rate(scene: &Scene, events: usize) -> Result<f64> {
    let enrolled = wire::enrolled(scene.address(), &scene.code(3));
    let epoch = Epoch::from_bits(11);
    let sealed: Vec<_> = (1..=events as u64)
        .map(|seq| wire::scan(epoch, seq, scene.seat(), Meaning::Sit))
        .collect();
    let bodies: Vec<String> = sealed
        .chunks(BATCH_MAX_EVENTS)
        .map(|batch| {
            let texts: Vec<&str> = batch.iter().map(|event| event.text()).collect();
            wire::batch(epoch, &texts)
        })
        .collect();
    let transport = HttpTransport::new(&[], true)?;
    let mut time = Duration::ZERO;
    for body in bodies {
        let request = HttpRequest {
            method: Method::Post,
            url: format!("http://{}/api/v1/events", scene.address()),
            headers: vec![
                ("kokoni-protocol", "1".into()),
                ("content-type", "application/json".into()),
                (
                    "authorization",
                    format!("Bearer {}", enrolled.tokens.access.0),
                ),
            ],
            body: Some(body.into_bytes()),
        };
        let begun = Instant::now();
        let answer = transport.exchange(&request, Duration::from_secs(60), &Cancel::new())?;
        time += begun.elapsed();
        let reply: BatchReply = serde_json::from_slice(&answer.body)?;
        ensure!(
            reply
                .answers
                .iter()
                .all(|answer| answer.outcome == Outcome::Applied),
            "the server did not apply a batch"
        );
    }
    Ok(events as f64 / time.as_secs_f64())
}
