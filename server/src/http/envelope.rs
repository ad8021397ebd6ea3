//! The envelope of every answer: request id, host, protocol version, problem documents in the
//! language asked for, security headers, a log line and counters. Paths are logged as templates,
//! never as they came: a label id or a search is personal.

use std::time::Instant;

use axum::extract::{MatchedPath, Request, State};
use axum::http::{HeaderMap, HeaderName, HeaderValue, StatusCode, header};
use axum::middleware::Next;
use axum::response::{IntoResponse, Response};
use kokoni_model::wire::problem::ProblemCode;
use kokoni_model::wire::{PROTOCOL_HEADER, PROTOCOL_OLDEST, PROTOCOL_VERSION};
use tracing::Instrument;

use super::origin::{Origin, Peer};
use crate::app::App;
use crate::ports::random_bytes;
use crate::problem::{self, ApiError, ProblemNote};

/// The longest address that is read.
const LONGEST_ADDRESS: usize = 4096;

const REQUEST_ID: HeaderName = HeaderName::from_static("x-request-id");
const PROTOCOL: HeaderName = HeaderName::from_static("kokoni-protocol");
/// Lets a phone know how far its clock is off, whatever it asked.
const TIME: HeaderName = HeaderName::from_static("kokoni-time");

/// Answered whatever name they are asked by: probes come by address.
const ANY_HOST: &[&str] = &["/healthz", "/readyz", "/metrics"];

/// Wraps every request and answer.
pub async fn envelope(State(app): State<App>, mut request: Request, next: Next) -> Response {
    let began = Instant::now();
    let id = app.random(|random| data_encoding::HEXLOWER.encode(&random_bytes::<8>(random)));
    let route = request
        .extensions()
        .get::<MatchedPath>()
        .map_or_else(|| "(none)".to_owned(), |path| path.as_str().to_owned());
    let method = request.method().clone();
    let japanese = asks_for_japanese(request.headers());
    let span = tracing::info_span!("request", %id, %method, %route);
    let checked = check(&app, &mut request);
    let secure = request
        .extensions()
        .get::<Origin>()
        .is_some_and(|origin| origin.secure);
    let mut response = match checked {
        Ok(()) => next.run(request).instrument(span.clone()).await,
        Err(error) => error.into_response(),
    };
    response = as_problem(response, japanese);
    let now = HeaderValue::from(app.now().as_micros());
    response.headers_mut().insert(TIME, now);
    seal(&mut response, &id, secure);
    let status = response.status().as_u16();
    let took = began.elapsed();
    span.in_scope(|| tracing::info!(status, took_us = took.as_micros() as u64, "answered"));
    app.metrics.answered(&method, &route, status, took);
    response
}

/// Turns away what cannot be for us, and notes where the request came from.
fn check(app: &App, request: &mut Request) -> Result<(), ApiError> {
    let peer = request.extensions().get::<Peer>().copied().unwrap_or(Peer {
        address: ([0, 0, 0, 0], 0).into(),
        tls: false,
    });
    let origin = Origin::of(&app.config, peer, request.uri(), request.headers());
    let path = request.uri().path();
    let length = path.len() + request.uri().query().map_or(0, str::len);
    if length > LONGEST_ADDRESS {
        return Err(ApiError::new(ProblemCode::AddressTooLong));
    }
    if let Some(public) = &app.config.public_url
        && origin.host.as_deref() != Some(public.authority())
        && !ANY_HOST.contains(&path)
    {
        return Err(ApiError::new(ProblemCode::WrongHost));
    }
    if path.starts_with("/api/") {
        check_protocol(request.headers())?;
    }
    request.extensions_mut().insert(origin);
    Ok(())
}

fn check_protocol(headers: &HeaderMap) -> Result<(), ApiError> {
    let Some(value) = headers.get(&PROTOCOL) else {
        return Ok(());
    };
    let version: u16 = value
        .to_str()
        .ok()
        .and_then(|text| text.trim().parse().ok())
        .ok_or_else(|| {
            ApiError::new(ProblemCode::MalformedHeader)
                .with_detail(format!("{PROTOCOL_HEADER} is not a number"))
        })?;
    if version < PROTOCOL_OLDEST {
        return Err(ApiError::new(ProblemCode::AppTooOld));
    }
    Ok(())
}

/// Every error is a problem document, whoever made it; pages that were rendered stay as they are.
fn as_problem(response: Response, japanese: bool) -> Response {
    let status = response.status();
    if let Some(note) = response.extensions().get::<ProblemNote>() {
        if japanese {
            return response;
        }
        return with_headers_of(response.headers(), problem::write(note, false));
    }
    if !(status.is_client_error() || status.is_server_error()) || is_written(&response) {
        return response;
    }
    let note = ProblemNote {
        code: problem::code_of_status(status),
        detail: None,
    };
    with_headers_of(response.headers(), problem::write(&note, japanese))
}

/// Whether somebody wrote this error for people or programs to read.
fn is_written(response: &Response) -> bool {
    response
        .headers()
        .get(header::CONTENT_TYPE)
        .and_then(|value| value.to_str().ok())
        .is_some_and(|kind| {
            kind.starts_with("text/html") || kind.starts_with("application/problem+json")
        })
}

/// Keeps what the first answer said besides its body: `Allow`, `Retry-After`, cookies.
fn with_headers_of(headers: &HeaderMap, mut response: Response) -> Response {
    for (name, value) in headers {
        if *name != header::CONTENT_LENGTH && !response.headers().contains_key(name) {
            response.headers_mut().append(name, value.clone());
        }
    }
    response
}

/// Japanese unless English is preferred.
pub fn asks_for_japanese(headers: &HeaderMap) -> bool {
    let Some(wanted) = headers
        .get(header::ACCEPT_LANGUAGE)
        .and_then(|value| value.to_str().ok())
    else {
        return true;
    };
    let best = wanted
        .split(',')
        .filter_map(|part| {
            let mut pieces = part.split(';');
            let language = pieces.next()?.trim().to_ascii_lowercase();
            let weight = pieces
                .find_map(|piece| piece.trim().strip_prefix("q=")?.parse::<f32>().ok())
                .unwrap_or(1.0);
            let language = language.split('-').next().unwrap_or_default().to_owned();
            ["ja", "en"]
                .contains(&language.as_str())
                .then_some((language, weight))
        })
        .reduce(|best, next| if next.1 > best.1 { next } else { best });
    best.is_none_or(|(language, _)| language == "ja")
}

fn seal(response: &mut Response, id: &str, secure: bool) {
    let always = [
        (header::X_CONTENT_TYPE_OPTIONS, "nosniff"),
        (header::X_FRAME_OPTIONS, "DENY"),
        (
            HeaderName::from_static("cross-origin-opener-policy"),
            "same-origin",
        ),
        (
            HeaderName::from_static("cross-origin-resource-policy"),
            "same-origin",
        ),
    ];
    // What a page or a file says of itself stands.
    let unless_said = [
        (header::CACHE_CONTROL, "no-store"),
        (header::REFERRER_POLICY, "no-referrer"),
        (
            header::CONTENT_SECURITY_POLICY,
            "default-src 'none'; frame-ancestors 'none'; base-uri 'none'; form-action 'none'",
        ),
        (
            HeaderName::from_static("permissions-policy"),
            "camera=(), microphone=(), geolocation=()",
        ),
    ];
    let switching = response.status() == StatusCode::SWITCHING_PROTOCOLS;
    let headers = response.headers_mut();
    headers.insert(PROTOCOL, HeaderValue::from(PROTOCOL_VERSION));
    if let Ok(id) = HeaderValue::from_str(id) {
        headers.insert(REQUEST_ID, id);
    }
    if switching {
        return;
    }
    for (name, value) in always {
        headers.insert(name, HeaderValue::from_static(value));
    }
    for (name, value) in unless_said {
        if !headers.contains_key(&name) {
            headers.insert(name, HeaderValue::from_static(value));
        }
    }
    if secure {
        headers.insert(
            header::STRICT_TRANSPORT_SECURITY,
            HeaderValue::from_static("max-age=31536000"),
        );
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn japanese_is_spoken_unless_english_is_preferred() {
        let asked = |text: Option<&'static str>| {
            let mut headers = HeaderMap::new();
            if let Some(text) = text {
                headers.insert(header::ACCEPT_LANGUAGE, HeaderValue::from_static(text));
            }
            asks_for_japanese(&headers)
        };
        for ja in [
            None,
            Some("ja"),
            Some("fr"),
            Some("en;q=0.5, ja-JP"),
            Some("*"),
            Some(";;,"),
        ] {
            assert!(asked(ja), "{ja:?}");
        }
        for en in [Some("en"), Some("en-GB, ja;q=0.9"), Some("fr, en;q=0.2")] {
            assert!(!asked(en), "{en:?}");
        }
    }
}
