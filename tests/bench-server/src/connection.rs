//! One kept-alive HTTP/1.1 connection, as light as it can be: the load must not cost more than what
//! is measured.

use std::net::SocketAddr;

use anyhow::{Context, Result, bail, ensure};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;

/// A connection to the server.
pub(crate) struct Connection {
    stream: TcpStream,
    buffer: Vec<u8>,
}

/// An answer.
pub(crate) struct Answer {
    pub(crate) status: u16,
    pub(crate) body: Vec<u8>,
    /// Bytes on the wire, head included.
    pub(crate) wire_bytes: usize,
}

impl Connection {
    pub(crate) async fn open(address: SocketAddr) -> Result<Self> {
        let stream = TcpStream::connect(address).await?;
        stream.set_nodelay(true)?;
        Ok(Self {
            stream,
            buffer: Vec::with_capacity(16 * 1024),
        })
    }

    /// Sends one request and waits for its whole answer.
    pub(crate) async fn ask(&mut self, request: &[u8]) -> Result<Answer> {
        self.stream.write_all(request).await?;
        self.buffer.clear();
        let head_end = loop {
            if let Some(at) = find(&self.buffer, b"\r\n\r\n") {
                break at + 4;
            }
            ensure!(
                self.more().await? > 0,
                "the server closed the connection before its answer"
            );
        };
        let head = std::str::from_utf8(&self.buffer[..head_end])?.to_ascii_lowercase();
        let status = head
            .get(9..12)
            .and_then(|s| s.parse().ok())
            .context("no status line")?;
        let length = header(&head, "content-length")
            .map(str::parse::<usize>)
            .transpose()?;
        let body = match length {
            Some(length) => {
                while self.buffer.len() < head_end + length {
                    ensure!(self.more().await? > 0, "the answer was cut off");
                }
                self.buffer[head_end..head_end + length].to_vec()
            }
            None if header(&head, "transfer-encoding") == Some("chunked") => {
                self.chunked(head_end).await?
            }
            None => Vec::new(),
        };
        Ok(Answer {
            status,
            body,
            wire_bytes: self.buffer.len(),
        })
    }

    /// Sends a request whose answer never ends and gives the stream back after its head.
    pub(crate) async fn follow(mut self, request: &[u8]) -> Result<TcpStream> {
        self.stream.write_all(request).await?;
        while find(&self.buffer, b"\r\n\r\n").is_none() {
            ensure!(
                self.more().await? > 0,
                "the server closed the stream before its head"
            );
        }
        let head = String::from_utf8_lossy(&self.buffer);
        ensure!(
            head.starts_with("HTTP/1.1 200"),
            "{}",
            head.lines().next().unwrap_or_default()
        );
        Ok(self.stream)
    }

    async fn chunked(&mut self, mut at: usize) -> Result<Vec<u8>> {
        let mut body = Vec::new();
        loop {
            let line_end = loop {
                if let Some(end) = find(&self.buffer[at..], b"\r\n") {
                    break at + end;
                }
                ensure!(self.more().await? > 0, "the answer was cut off");
            };
            let size = std::str::from_utf8(&self.buffer[at..line_end])?;
            let Ok(size) = usize::from_str_radix(size.trim(), 16) else {
                bail!("{size:?} is no chunk size");
            };
            let begin = line_end + 2;
            while self.buffer.len() < begin + size + 2 {
                ensure!(self.more().await? > 0, "the answer was cut off");
            }
            body.extend_from_slice(&self.buffer[begin..begin + size]);
            at = begin + size + 2;
            if size == 0 {
                return Ok(body);
            }
        }
    }

    async fn more(&mut self) -> Result<usize> {
        Ok(self.stream.read_buf(&mut self.buffer).await?)
    }
}

/// A request without a body.
pub(crate) fn get(path: &str, headers: &[(&str, &str)]) -> Vec<u8> {
    head("GET", path, headers).into_bytes()
}

/// A request with a JSON body.
pub(crate) fn post(path: &str, headers: &[(&str, &str)], body: &str) -> Vec<u8> {
    let length = body.len().to_string();
    let mut all = vec![
        ("content-type", "application/json"),
        ("content-length", length.as_str()),
    ];
    all.extend_from_slice(headers);
    (head("POST", path, &all) + body).into_bytes()
}

/// Signs a browser in with a code and gives the cookie to send.
pub(crate) async fn sign_in(server: SocketAddr, code: &str) -> Result<String> {
    let form = format!("code={code}");
    let origin = format!("http://{server}");
    let request = format!(
        "POST /sign-in HTTP/1.1\r\nhost: {server}\r\norigin: {origin}\r\nsec-fetch-site: same-origin\r\n\
         content-type: application/x-www-form-urlencoded\r\ncontent-length: {}\r\n\r\n{form}",
        form.len()
    );
    let mut connection = Connection::open(server).await?;
    let answer = connection.ask(request.as_bytes()).await?;
    let head = String::from_utf8_lossy(&connection.buffer);
    let cookies = head.lines().filter_map(|line| {
        let (name, value) = line.split_once(':')?;
        name.eq_ignore_ascii_case("set-cookie")
            .then(|| value.split(';').next().unwrap_or("").trim().to_owned())
    });
    let cookies: Vec<String> = cookies.collect();
    ensure!(
        !cookies.is_empty(),
        "signing in was answered {} without a cookie",
        answer.status
    );
    Ok(cookies.join("; "))
}

fn head(method: &str, path: &str, headers: &[(&str, &str)]) -> String {
    let lines: String = headers
        .iter()
        .map(|(name, value)| format!("{name}: {value}\r\n"))
        .collect();
    format!("{method} {path} HTTP/1.1\r\nhost: localhost\r\nkokoni-protocol: 1\r\n{lines}\r\n")
}

fn header<'a>(head: &'a str, name: &str) -> Option<&'a str> {
    head.lines()
        .find_map(|line| line.strip_prefix(name)?.strip_prefix(':'))
        .map(str::trim)
}

fn find(bytes: &[u8], wanted: &[u8]) -> Option<usize> {
    bytes
        .windows(wanted.len())
        .position(|window| window == wanted)
}
