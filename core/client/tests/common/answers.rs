//! Answers as a server gives them, and what stands in a request.

use std::io::Read;

use kokoni_client::transport::{HttpRequest, HttpResponse};
use kokoni_model::wire::events::{Outcome, RejectReason, Rejection};
use kokoni_model::wire::problem::{Problem, ProblemCode};

pub(crate) fn rejected(reason: RejectReason) -> Outcome {
    Outcome::Rejected(Rejection { reason, who: None })
}

pub(crate) fn header<'a>(request: &'a HttpRequest, name: &str) -> Option<&'a str> {
    let found = request.headers.iter().find(|(known, _)| *known == name);
    found.map(|(_, value)| value.as_str())
}

pub(crate) fn plain_body(request: &HttpRequest) -> Vec<u8> {
    let body = request.body.clone().unwrap_or_default();
    if header(request, "content-encoding") != Some("gzip") {
        return body;
    }
    let mut plain = Vec::new();
    flate2::read::GzDecoder::new(&body[..])
        .read_to_end(&mut plain)
        .expect("gzip");
    plain
}

pub(crate) fn response(status: u16, ours: bool, body: &[u8]) -> HttpResponse {
    let protocol = ("kokoni-protocol".to_owned(), "1".to_owned());
    HttpResponse {
        status,
        headers: if ours { vec![protocol] } else { vec![] },
        body: body.to_vec(),
    }
}

pub(crate) fn ok<T: serde::Serialize>(status: u16, body: &T) -> HttpResponse {
    response(status, true, &serde_json::to_vec(body).expect("serialises"))
}

pub(crate) fn empty(status: u16) -> HttpResponse {
    response(status, true, b"")
}

pub(crate) fn problem(code: ProblemCode) -> HttpResponse {
    ok(code.status(), &Problem::new(code, None))
}
