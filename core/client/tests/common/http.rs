//! The fake server behind a plain HTTP/1.1 listener on loopback.

use std::io::{BufRead, BufReader, Read, Write};
use std::net::{SocketAddr, TcpListener, TcpStream};
use std::sync::Arc;

use kokoni_client::transport::{HttpRequest, Method};

use super::FakeServer;

/// Serves until the process ends.
pub(crate) fn serve(server: Arc<FakeServer>) -> SocketAddr {
    let listener = TcpListener::bind("127.0.0.1:0").expect("a port");
    let address = listener.local_addr().expect("an address");
    std::thread::spawn(move || {
        for stream in listener.incoming().flatten() {
            let server = server.clone();
            std::thread::spawn(move || connection(&server, stream));
        }
    });
    address
}

fn connection(server: &FakeServer, mut stream: TcpStream) {
    let mut reader = BufReader::new(stream.try_clone().expect("cloned"));
    while let Some(request) = read_request(&mut reader) {
        let answer = server.answer(&request);
        let mut head = format!("HTTP/1.1 {} X\r\n", answer.status);
        for (name, value) in &answer.headers {
            head += &format!("{name}: {value}\r\n");
        }
        if answer.status != 204 {
            head += &format!("content-length: {}\r\n", answer.body.len());
        }
        head += "\r\n";
        if stream.write_all(head.as_bytes()).is_err() || stream.write_all(&answer.body).is_err() {
            return;
        }
    }
}

fn read_request(reader: &mut BufReader<TcpStream>) -> Option<HttpRequest> {
    let mut line = String::new();
    reader.read_line(&mut line).ok()?;
    let mut parts = line.split_whitespace();
    let method = match parts.next()? {
        "POST" => Method::Post,
        _ => Method::Get,
    };
    let url = format!("http://127.0.0.1{}", parts.next()?);
    let (mut headers, mut length) = (Vec::new(), 0);
    loop {
        let mut line = String::new();
        reader.read_line(&mut line).ok()?;
        let Some((name, value)) = line.trim_end().split_once(':') else {
            break;
        };
        let value = value.trim().to_owned();
        match name.to_ascii_lowercase().as_str() {
            "content-length" => length = value.parse().ok()?,
            "authorization" => headers.push(("authorization", value)),
            "content-encoding" => headers.push(("content-encoding", value)),
            _ => {}
        }
    }
    let mut body = vec![0; length];
    reader.read_exact(&mut body).ok()?;
    Some(HttpRequest {
        method,
        url,
        headers,
        body: Some(body),
    })
}
