//! The requests of the API, as the phone makes them.

use std::io::Write;

use flate2::Compression;
use flate2::write::GzEncoder;
use kokoni_model::wire::enrolment::Secret;
use kokoni_model::wire::{PROTOCOL_HEADER, PROTOCOL_VERSION};
use serde::Serialize;

use crate::error::ClientError;
use crate::transport::{HttpRequest, Method, Origin};

/// Bodies longer than this are compressed.
const GZIP_ABOVE_BYTES: usize = 1024;

/// A request that asks.
pub(crate) fn get(origin: &Origin, path: &str, access: &Secret) -> HttpRequest {
    HttpRequest {
        method: Method::Get,
        url: origin.join(path),
        headers: headers(Some(access)),
        body: None,
    }
}

/// A request that tells, with a JSON body.
pub(crate) fn post<T: Serialize>(
    origin: &Origin,
    path: &str,
    access: Option<&Secret>,
    body: &T,
) -> Result<HttpRequest, ClientError> {
    let fault = |_| ClientError::Internal { place: "request" };
    let mut body = serde_json::to_vec(body).map_err(|_| fault(()))?;
    let mut headers = headers(access);
    headers.push(("content-type", "application/json".to_owned()));
    if body.len() > GZIP_ABOVE_BYTES {
        let mut encoder = GzEncoder::new(Vec::new(), Compression::fast());
        encoder.write_all(&body).map_err(|_| fault(()))?;
        body = encoder.finish().map_err(|_| fault(()))?;
        headers.push(("content-encoding", "gzip".to_owned()));
    }
    Ok(HttpRequest {
        method: Method::Post,
        url: origin.join(path),
        headers,
        body: Some(body),
    })
}

/// A request that tells nothing but itself.
pub(crate) fn post_empty(origin: &Origin, path: &str, access: &Secret) -> HttpRequest {
    HttpRequest {
        method: Method::Post,
        ..get(origin, path, access)
    }
}

fn headers(access: Option<&Secret>) -> Vec<(&'static str, String)> {
    debug_assert_eq!(PROTOCOL_HEADER, "Kokoni-Protocol");
    let mut headers = vec![
        ("kokoni-protocol", PROTOCOL_VERSION.to_string()),
        (
            "accept",
            "application/json, application/problem+json".to_owned(),
        ),
    ];
    if let Some(access) = access {
        headers.push(("authorization", format!("Bearer {}", access.0)));
    }
    headers
}

/// A text as it stands in a query.
pub(crate) fn query_value(text: &str) -> String {
    text.bytes()
        .map(|byte| match byte {
            b'A'..=b'Z' | b'a'..=b'z' | b'0'..=b'9' | b'-' | b'.' | b'_' | b'~' => {
                char::from(byte).to_string()
            }
            _ => format!("%{byte:02X}"),
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::io::Read;

    fn origin() -> Origin {
        Origin::of("https://k.example.jp").expect("an origin")
    }

    #[test]
    fn short_bodies_travel_as_they_are_and_long_ones_compressed() {
        let short = post(&origin(), "/x", None, &"a").expect("a request");
        assert_eq!(short.body.as_deref(), Some(&b"\"a\""[..]));
        let long = post(&origin(), "/x", None, &"a".repeat(2_000)).expect("a request");
        let body = long.body.expect("a body");
        assert!(body.len() < 1_000);
        assert!(
            long.headers
                .contains(&("content-encoding", "gzip".to_owned()))
        );
        let mut plain = String::new();
        flate2::read::GzDecoder::new(&body[..])
            .read_to_string(&mut plain)
            .expect("gzip");
        assert_eq!(plain.len(), 2_002);
    }

    #[test]
    fn a_query_is_escaped() {
        assert_eq!(query_value("a b&山"), "a%20b%26%E5%B1%B1");
    }
}
