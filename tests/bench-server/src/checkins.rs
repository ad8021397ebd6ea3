//! Check-ins: one event a request, each connection a phone that waits for its answer.

use std::net::SocketAddr;
use std::time::{Duration, Instant};

use anyhow::{Result, ensure};
use kokoni_model::label::LabelId;
use kokoni_model::wire::events::{BatchReply, Outcome};

use crate::connection::Connection;
use crate::figures::Figures;
use crate::office::Phone;

/// Sends for about `time` over `phones.len()` connections. Every answer must say `applied`.
pub(crate) async fn measure(
    server: SocketAddr,
    phones: Vec<Phone>,
    seats: &[LabelId],
    time: Duration,
) -> Result<(Figures, Vec<Phone>)> {
    let begun = Instant::now();
    let senders = phones.into_iter().enumerate().map(|(index, phone)| {
        // Each phone walks over the seats from a place of its own.
        let seats: Vec<LabelId> = seats
            .iter()
            .cycle()
            .skip(index * 7)
            .take(seats.len())
            .copied()
            .collect();
        tokio::spawn(send(server, phone, seats, begun + time))
    });
    let senders: Vec<_> = senders.collect();
    let (mut times, mut phones) = (Vec::new(), Vec::new());
    for sender in senders {
        let (mut sent, phone) = sender.await??;
        times.append(&mut sent);
        phones.push(phone);
    }
    Ok((Figures::new(times, begun.elapsed()), phones))
}

async fn send(
    server: SocketAddr,
    mut phone: Phone,
    seats: Vec<LabelId>,
    end: Instant,
) -> Result<(Vec<Duration>, Phone)> {
    let mut connection = Connection::open(server).await?;
    let mut times = Vec::new();
    for seat in seats.iter().cycle() {
        let request = phone.batch(*seat, 1)?;
        let asked = Instant::now();
        let answer = connection.ask(&request).await?;
        times.push(asked.elapsed());
        ensure!(
            answer.status == 200,
            "a check-in was answered {}: {}",
            answer.status,
            String::from_utf8_lossy(&answer.body)
        );
        let reply: BatchReply = serde_json::from_slice(&answer.body)?;
        let applied = reply
            .answers
            .iter()
            .all(|answer| answer.outcome == Outcome::Applied);
        ensure!(
            applied && reply.answers.len() == 1,
            "a check-in was not applied: {:?}",
            reply.answers
        );
        if Instant::now() >= end {
            break;
        }
    }
    Ok((times, phone))
}

/// Events per second when one phone sends batches of 500.
pub(crate) async fn batches(
    server: SocketAddr,
    phone: &mut Phone,
    seat: LabelId,
    time: Duration,
) -> Result<f64> {
    const BATCH: usize = 500;
    let mut connection = Connection::open(server).await?;
    let (begun, mut events) = (Instant::now(), 0usize);
    while begun.elapsed() < time {
        let answer = connection.ask(&phone.batch(seat, BATCH)?).await?;
        ensure!(
            answer.status == 200,
            "a batch was answered {}",
            answer.status
        );
        events += BATCH;
    }
    Ok(events as f64 / begun.elapsed().as_secs_f64())
}
