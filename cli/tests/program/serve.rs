//! `kokoni serve` as a process.

use std::io::{Read, Write};
use std::net::TcpStream;

use crate::env::Env;

#[test]
fn it_serves_until_it_is_asked_to_stop() {
    let env = Env::new();
    let serving = env.serve("127.0.0.1:0");
    let mut stream = TcpStream::connect(serving.address()).expect("it listens");
    stream
        .write_all(b"GET /healthz HTTP/1.1\r\nhost: x\r\nconnection: close\r\n\r\n")
        .expect("asked");
    let mut answer = String::new();
    stream.read_to_string(&mut answer).expect("answered");
    assert!(answer.starts_with("HTTP/1.1 200"), "{answer}");
    assert!(serving.terminate().success());
}

#[test]
fn an_address_in_use_is_named() {
    let env = Env::new();
    let serving = env.serve("127.0.0.1:0");
    let address = serving.address().to_string();
    let other = Env::new();
    let said = other.run(&["serve", "--data", "server", "--listen", &address]);
    assert_eq!(said.status, Some(1));
    assert!(said.err.contains(&address), "{said:?}");
}

#[test]
fn a_certificate_needs_its_key() {
    let said = Env::new().run(&["serve", "--data", "server", "--tls-cert", "a.pem"]);
    assert_eq!(said.status, Some(2));
    assert!(said.err.contains("--tls-key"), "{said:?}");
}
