//! Check-ins: one event a request; a connection carries the phones of several people in turn and
//! waits for each answer.

use std::net::SocketAddr;
use std::time::{Duration, Instant};

use anyhow::{Result, ensure};
use kokoni_model::label::LabelId;
use kokoni_model::wire::events::{BatchReply, Outcome};

use crate::connection::Connection;
use crate::figures::Figures;
use crate::office::Phone;

/// Sends for about `time` over so many connections. Every answer must say `applied`.
pub(crate) async fn measure(
    server: SocketAddr,
    phones: Vec<Phone>,
    connections: usize,
    seats: &[LabelId],
    time: Duration,
) -> Result<Figures> {
    let mut shares: Vec<Vec<Phone>> = (0..connections).map(|_| Vec::new()).collect();
    for (index, phone) in phones.into_iter().enumerate() {
        shares[index % connections].push(phone);
    }
    let begun = Instant::now();
    let senders = shares.into_iter().enumerate().map(|(index, phones)| {
        // Each connection walks over the seats from a place of its own.
        let mut seats = seats.to_vec();
        let places = seats.len();
        seats.rotate_left(index * 7 % places);
        tokio::spawn(send(server, phones, seats, begun + time))
    });
    let senders: Vec<_> = senders.collect();
    let mut times = Vec::new();
    for sender in senders {
        times.append(&mut sender.await??);
    }
    Ok(Figures::new(times, begun.elapsed()))
}

async fn send(
    server: SocketAddr,
    mut phones: Vec<Phone>,
    seats: Vec<LabelId>,
    end: Instant,
) -> Result<Vec<Duration>> {
    let mut connection = Connection::open(server).await?;
    let mut times = Vec::new();
    let people = phones.len();
    for (turn, seat) in seats.iter().cycle().enumerate() {
        let request = phones[turn % people].batch(*seat, 1)?;
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
    Ok(times)
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
