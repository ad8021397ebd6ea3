//! HTTP/1.1 over a plain socket: for requests that no well-behaved client would send.

use std::io::{BufRead, BufReader, ErrorKind, Lines, Read, Write};
use std::net::{Shutdown, SocketAddr, TcpStream};
use std::time::{Duration, Instant};

use kokoni_model::wire::problem::{Problem, ProblemCode};
use serde::de::DeserializeOwned;

/// Nothing on loopback takes longer.
const WITHIN: Duration = Duration::from_secs(20);

/// A request, byte for byte as it will be sent.
#[derive(Clone, Debug)]
pub struct Request {
    /// The method.
    pub method: String,
    /// Path and query, as they go on the wire.
    pub target: String,
    /// Headers besides those that [`send`] adds.
    pub headers: Vec<(String, Vec<u8>)>,
    /// The body.
    pub body: Option<Vec<u8>>,
}

impl Request {
    /// A request without a body.
    pub fn new(method: &str, target: impl Into<String>) -> Self {
        Self {
            method: method.to_owned(),
            target: target.into(),
            headers: Vec::new(),
            body: None,
        }
    }

    /// With one header more.
    #[must_use]
    pub fn header(mut self, name: &str, value: impl AsRef<[u8]>) -> Self {
        self.headers
            .push((name.to_owned(), value.as_ref().to_vec()));
        self
    }

    /// With this header instead of any of the same name.
    #[must_use]
    pub fn replaced(mut self, name: &str, value: impl AsRef<[u8]>) -> Self {
        self.headers
            .retain(|(known, _)| !known.eq_ignore_ascii_case(name));
        self.header(name, value)
    }

    /// On behalf of whoever holds this access token.
    #[must_use]
    pub fn by(self, access: &str) -> Self {
        self.replaced("authorization", format!("Bearer {access}"))
    }

    /// With a JSON body.
    #[must_use]
    pub fn json(self, body: impl AsRef<[u8]>) -> Self {
        let mut request = self.replaced("content-type", "application/json");
        request.body = Some(body.as_ref().to_vec());
        request
    }

    /// Everything before the body.
    fn head(&self, server: SocketAddr) -> Vec<u8> {
        let mut head = format!("{} {} HTTP/1.1\r\n", self.method, self.target).into_bytes();
        for (name, value) in &self.headers {
            head.extend_from_slice(format!("{name}: ").as_bytes());
            head.extend_from_slice(value);
            head.extend_from_slice(b"\r\n");
        }
        if !self.has("host") {
            head.extend_from_slice(format!("host: {server}\r\n").as_bytes());
        }
        if let Some(body) = &self.body
            && !self.has("content-length")
        {
            head.extend_from_slice(format!("content-length: {}\r\n", body.len()).as_bytes());
        }
        head.extend_from_slice(b"connection: close\r\n\r\n");
        head
    }

    fn has(&self, name: &str) -> bool {
        self.headers
            .iter()
            .any(|(known, _)| known.eq_ignore_ascii_case(name))
    }
}

/// What came back.
#[derive(Clone, Debug)]
pub struct Answer {
    /// The status.
    pub status: u16,
    headers: Vec<(String, String)>,
    /// The body, its transfer encoding undone.
    pub body: Vec<u8>,
}

impl Answer {
    /// The value of a header.
    pub fn header(&self, name: &str) -> Option<&str> {
        self.headers
            .iter()
            .find(|(known, _)| known.eq_ignore_ascii_case(name))
            .map(|(_, value)| value.as_str())
    }

    /// The body as text.
    pub fn text(&self) -> String {
        String::from_utf8_lossy(&self.body).into_owned()
    }

    /// The body as JSON.
    ///
    /// # Panics
    /// When it is not what is expected.
    pub fn json<T: DeserializeOwned>(&self) -> T {
        serde_json::from_slice(&self.body)
            .unwrap_or_else(|error| panic!("{error}: {} {}", self.status, self.text()))
    }

    /// The code of a problem document; what is wrong with it otherwise.
    ///
    /// # Errors
    /// When the answer is not a problem document as the contract describes it.
    pub fn problem(&self) -> Result<ProblemCode, String> {
        let kind = self.header("content-type").unwrap_or("(none)");
        if kind != "application/problem+json" {
            return Err(format!("status {} with content type {kind}", self.status));
        }
        let problem: Problem = serde_json::from_slice(&self.body)
            .map_err(|error| format!("no problem document: {error}"))?;
        let code = ProblemCode::from_type(&problem.problem_type)
            .ok_or_else(|| format!("{} is not in the table", problem.problem_type))?;
        if (problem.status, code.status()) != (self.status, self.status) {
            return Err(format!(
                "status {} on the wire, {} in the document, {} in the table",
                self.status,
                problem.status,
                code.status()
            ));
        }
        if ![code.title_ja(), code.title_en()].contains(&problem.title.as_str()) {
            return Err(format!("the title is {:?}", problem.title));
        }
        Ok(code)
    }
}

/// What a server's own counter says of a series; 0 for one that nothing has been counted in.
pub fn counted(server: SocketAddr, series: &str) -> u64 {
    let text = send(server, &Request::new("GET", "/metrics")).text();
    let line = text.lines().find(|line| line.starts_with(series));
    line.and_then(|line| line.rsplit(' ').next()?.parse().ok())
        .unwrap_or(0)
}

/// Sends a request on a connection of its own and reads the whole answer.
///
/// # Panics
/// When there is no answer.
pub fn send(server: SocketAddr, request: &Request) -> Answer {
    try_send(server, request).unwrap_or_else(|error| {
        panic!("{} {}: {error}", request.method, request.target);
    })
}

/// As [`send`], for a server that may not be there.
///
/// # Errors
/// When there is no answer.
pub fn try_send(server: SocketAddr, request: &Request) -> std::io::Result<Answer> {
    let mut stream = connect(server)?;
    stream.write_all(&request.head(server))?;
    // A server that has seen enough may answer before it has read everything.
    if let Err(error) = stream.write_all(request.body.as_deref().unwrap_or_default())
        && !matches!(
            error.kind(),
            ErrorKind::BrokenPipe | ErrorKind::ConnectionReset
        )
    {
        return Err(error);
    }
    read_answer(&mut stream)
}

/// Sends a request and reads its answer line by line, for answers that do not end. The line that
/// says how long the next chunk is comes as a line too.
///
/// # Panics
/// When the server cannot be reached.
pub fn send_for_lines(server: SocketAddr, request: &Request) -> Lines<BufReader<TcpStream>> {
    let mut stream = connect(server).expect("the server listens");
    stream
        .write_all(&request.head(server))
        .expect("the server reads");
    BufReader::new(stream).lines()
}

/// Sends bytes as they are, says that no more will come, and reads whatever is answered.
///
/// # Errors
/// When the server cannot be reached.
pub fn send_raw(server: SocketAddr, bytes: &[u8]) -> std::io::Result<Vec<u8>> {
    let mut stream = connect(server)?;
    // The server may hang up in the middle: that is an answer too.
    let _ = stream
        .write_all(bytes)
        .and_then(|()| stream.shutdown(Shutdown::Write));
    let mut answer = Vec::new();
    let _ = stream.read_to_end(&mut answer);
    Ok(answer)
}

fn connect(server: SocketAddr) -> std::io::Result<TcpStream> {
    let stream = TcpStream::connect_timeout(&server, WITHIN)?;
    stream.set_read_timeout(Some(WITHIN))?;
    stream.set_write_timeout(Some(WITHIN))?;
    stream.set_nodelay(true)?;
    Ok(stream)
}

fn read_answer(stream: &mut TcpStream) -> std::io::Result<Answer> {
    let mut bytes = Vec::new();
    let mut chunk = [0; 16 * 1024];
    let until = Instant::now() + WITHIN;
    loop {
        if Instant::now() > until {
            // A stream where an answer was expected says something now and then, for ever.
            return Err(ErrorKind::TimedOut.into());
        }
        match stream.read(&mut chunk) {
            Ok(0) => break,
            Ok(read) => bytes.extend_from_slice(&chunk[..read]),
            // After an early answer the connection may be reset; what came before counts.
            Err(error) if error.kind() == ErrorKind::ConnectionReset && !bytes.is_empty() => break,
            Err(error) => return Err(error),
        }
    }
    parse(&bytes).ok_or_else(|| {
        let shown = String::from_utf8_lossy(&bytes[..bytes.len().min(200)]).into_owned();
        std::io::Error::new(ErrorKind::InvalidData, format!("no HTTP answer: {shown:?}"))
    })
}

fn parse(bytes: &[u8]) -> Option<Answer> {
    let end = bytes.windows(4).position(|four| four == b"\r\n\r\n")?;
    let head = std::str::from_utf8(&bytes[..end]).ok()?;
    let mut lines = head.split("\r\n");
    let status = lines.next()?.split(' ').nth(1)?.parse().ok()?;
    let headers: Vec<(String, String)> = lines
        .filter_map(|line| line.split_once(':'))
        .map(|(name, value)| (name.to_ascii_lowercase(), value.trim().to_owned()))
        .collect();
    let chunked = headers
        .iter()
        .any(|(name, value)| name == "transfer-encoding" && value == "chunked");
    let rest = &bytes[end + 4..];
    Some(Answer {
        status,
        headers,
        body: if chunked {
            unchunked(rest)?
        } else {
            rest.to_vec()
        },
    })
}

fn unchunked(mut bytes: &[u8]) -> Option<Vec<u8>> {
    let mut body = Vec::new();
    loop {
        let line = bytes.windows(2).position(|two| two == b"\r\n")?;
        let length = std::str::from_utf8(&bytes[..line]).ok()?;
        let length = usize::from_str_radix(length.split(';').next()?.trim(), 16).ok()?;
        bytes = &bytes[line + 2..];
        if length == 0 {
            return Some(body);
        }
        body.extend_from_slice(bytes.get(..length)?);
        bytes = bytes.get(length + 2..)?;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_answer_in_chunks_is_put_together() {
        let bytes =
            b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n3\r\nabc\r\n2;x\r\nde\r\n0\r\n\r\n";
        let answer = parse(bytes).expect("an answer");
        assert_eq!((answer.status, answer.text().as_str()), (200, "abcde"));
    }

    #[test]
    fn a_problem_that_disagrees_with_itself_is_noticed() {
        let answer = |status: u16, kind: &str| Answer {
            status,
            headers: vec![("content-type".into(), kind.into())],
            body: serde_json::to_vec(&Problem::new(ProblemCode::NotFound, None))
                .expect("serialises"),
        };
        let good = answer(404, "application/problem+json");
        assert_eq!(good.problem(), Ok(ProblemCode::NotFound));
        assert!(answer(400, "application/problem+json").problem().is_err());
        assert!(answer(404, "application/json").problem().is_err());
    }
}
