//! 1,000 viewers of one floor: how long after a check-in each of them hears of it.

use std::net::SocketAddr;
use std::sync::Arc;
use std::time::{Duration, Instant};

use anyhow::{Context, Result};
use kokoni_model::label::LabelId;
use tokio::io::AsyncReadExt;
use tokio::net::TcpStream;
use tokio::sync::watch;

use crate::connection::{Connection, get};
use crate::figures::Figures;
use crate::office::Phone;

/// Time from the sending of a check-in to each viewer's hearing of it, over `changes` check-ins.
pub(crate) async fn measure(
    server: SocketAddr,
    path: &str,
    tokens: &[String],
    viewers: usize,
    phone: &mut Phone,
    seats: &[LabelId],
    changes: usize,
) -> Result<Figures> {
    let (heard, _) = watch::channel(0usize);
    let heard = Arc::new(heard);
    let (begin, mut times) = (Instant::now(), Vec::new());
    let (sent, listening) = tokio::sync::mpsc::unbounded_channel::<Duration>();
    let mut listening = listening;
    for index in 0..viewers {
        let bearer = format!("Bearer {}", tokens[index % tokens.len()]);
        let request = get(
            path,
            &[("authorization", &bearer), ("accept", "text/event-stream")],
        );
        let stream = Connection::open(server).await?.follow(&request).await?;
        tokio::spawn(listen(stream, heard.subscribe(), sent.clone(), begin));
    }
    let mut connection = Connection::open(server).await?;
    for change in 1..=changes {
        // Longer than a second apart, so that merging to 1 Hz does not hide a change in another.
        tokio::time::sleep(Duration::from_millis(1_300)).await;
        heard.send_replace(change);
        let asked = begin.elapsed();
        connection
            .ask(&phone.batch(seats[change % seats.len()], 1)?)
            .await?;
        for _ in 0..viewers {
            let at = tokio::time::timeout(Duration::from_secs(10), listening.recv())
                .await
                .context("a viewer heard nothing for ten seconds")?
                .context("every viewer has gone")?;
            times.push(at.saturating_sub(asked));
        }
    }
    Ok(Figures::new(times, begin.elapsed()))
}

/// Reports the first `event: change` after each check-in.
async fn listen(
    mut stream: TcpStream,
    mut round: watch::Receiver<usize>,
    sent: tokio::sync::mpsc::UnboundedSender<Duration>,
    begin: Instant,
) -> Result<()> {
    let (mut buffer, mut reported) = (vec![0; 64 * 1024], 0);
    loop {
        let count = stream.read(&mut buffer).await?;
        if count == 0 {
            return Ok(());
        }
        let now = *round.borrow_and_update();
        let is_change = buffer[..count]
            .windows(13)
            .any(|bytes| bytes == b"event: change");
        if is_change && now > reported {
            reported = now;
            sent.send(begin.elapsed())?;
        }
    }
}
