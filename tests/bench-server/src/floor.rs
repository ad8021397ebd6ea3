//! Looking at a floor of 200 seats: as JSON, as a page, and what a browser loads in all.

use std::net::SocketAddr;
use std::time::{Duration, Instant};

use anyhow::{Result, ensure};

use crate::connection::{Connection, get};
use crate::figures::Figures;

/// Connections that read at the same time.
const READERS: usize = 16;

/// What reading an address gave.
pub(crate) struct Reads {
    pub(crate) figures: Figures,
    /// Bytes of one answer on the wire, head included.
    pub(crate) wire_bytes: usize,
}

/// Reads one address for about `time`.
pub(crate) async fn measure(
    server: SocketAddr,
    path: &str,
    headers: &[(&str, &str)],
    time: Duration,
) -> Result<Reads> {
    let request = get(path, headers);
    let begun = Instant::now();
    let readers: Vec<_> = (0..READERS)
        .map(|_| tokio::spawn(read(server, request.clone(), begun + time)))
        .collect();
    let (mut times, mut wire_bytes) = (Vec::new(), 0);
    for reader in readers {
        let (mut read, bytes) = reader.await??;
        times.append(&mut read);
        wire_bytes = bytes;
    }
    Ok(Reads {
        figures: Figures::new(times, begun.elapsed()),
        wire_bytes,
    })
}

async fn read(
    server: SocketAddr,
    request: Vec<u8>,
    end: Instant,
) -> Result<(Vec<Duration>, usize)> {
    let mut connection = Connection::open(server).await?;
    let (mut times, mut bytes) = (Vec::new(), 0);
    while Instant::now() < end {
        let asked = Instant::now();
        let answer = connection.ask(&request).await?;
        times.push(asked.elapsed());
        ensure!(
            answer.status == 200,
            "the floor was answered {}",
            answer.status
        );
        bytes = answer.wire_bytes;
    }
    Ok((times, bytes))
}

/// Bytes on the wire of a page and everything of this server that it names, each once.
pub(crate) async fn page_weight(
    server: SocketAddr,
    path: &str,
    headers: &[(&str, &str)],
) -> Result<usize> {
    let mut connection = Connection::open(server).await?;
    let mut waiting = vec![path.to_owned()];
    let (mut seen, mut bytes) = (Vec::<String>::new(), 0);
    while let Some(address) = waiting.pop() {
        let answer = connection.ask(&get(&address, headers)).await?;
        ensure!(
            answer.status == 200,
            "{address} was answered {}",
            answer.status
        );
        bytes += answer.wire_bytes;
        seen.push(address);
        let mut plain = headers.to_vec();
        plain.retain(|(name, _)| !name.eq_ignore_ascii_case("accept-encoding"));
        let address = seen.last().cloned().unwrap_or_default();
        let text = connection.ask(&get(&address, &plain)).await?.body;
        for found in named(&String::from_utf8_lossy(&text)) {
            if !seen.contains(&found) && !waiting.contains(&found) {
                waiting.push(found);
            }
        }
    }
    Ok(bytes)
}

/// Addresses below `/assets/` and `/plans/` that a page, a module or a style sheet names.
fn named(text: &str) -> Vec<String> {
    let end = |c: char| matches!(c, '"' | '\'' | ')' | '>' | ' ' | '\n' | '`' | '\\');
    let begin = ["/assets/", "/plans/"];
    begin
        .iter()
        .flat_map(|begin| text.match_indices(begin))
        .filter_map(|(at, _)| text[at..].split(end).next())
        .filter(|address| address.contains('.'))
        .map(str::to_owned)
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_a_page_loads_is_found() {
        let page = r#"<link href="/assets/a.12.css"><img src='/plans/7.svg'><a href="/floors/1">"#;
        assert_eq!(named(page), ["/assets/a.12.css", "/plans/7.svg"]);
    }
}
