//! Bodies: read within the limits, decompressed within the limits, checked before anything is
//! built from them. What is wrong is said by place and kind, never by repeating it.

use std::io::Read;

use axum::body::Bytes;
use axum::extract::{FromRequest, Request};
use axum::http::{HeaderMap, header};
use http_body_util::{BodyExt, LengthLimitError, Limited};
use kokoni_model::limits::{self, BODY_MAX_BYTES, BODY_MAX_DECOMPRESSED_BYTES};
use kokoni_model::wire::problem::ProblemCode;
use serde::de::DeserializeOwned;

use crate::problem::ApiError;

/// A JSON body of a known shape.
pub struct JsonBody<T>(pub T);

impl<T: DeserializeOwned, S: Sync> FromRequest<S> for JsonBody<T> {
    type Rejection = ApiError;

    async fn from_request(request: Request, _: &S) -> Result<Self, ApiError> {
        let bytes = read_json(request).await?;
        let text = limits::check_json(&bytes).map_err(|error| malformed(error.to_string()))?;
        serde_json::from_str(text)
            .map(Self)
            .map_err(|error| malformed(place_of(&error)))
    }
}

/// The bytes of a JSON body, decompressed.
///
/// # Errors
/// 413 when it is too large, 415 when it is not JSON or in an unknown encoding, 400 when it is not
/// what its encoding says, 408 when it was cut off on the way.
pub async fn read_json(request: Request) -> Result<Bytes, ApiError> {
    let (parts, body) = request.into_parts();
    if !is_json(&parts.headers) {
        return Err(ApiError::new(ProblemCode::UnsupportedBody)
            .with_detail("the body must be application/json"));
    }
    let compressed = is_gzip(&parts.headers)?;
    let bytes = match Limited::new(body, BODY_MAX_BYTES).collect().await {
        Ok(collected) => collected.to_bytes(),
        Err(error) if error.is::<LengthLimitError>() => return Err(too_large()),
        Err(_) => return Err(cut_off()),
    };
    if compressed {
        gunzip(&bytes)
    } else {
        Ok(bytes)
    }
}

fn is_json(headers: &HeaderMap) -> bool {
    headers
        .get(header::CONTENT_TYPE)
        .and_then(|value| value.to_str().ok())
        .and_then(|kind| kind.split(';').next())
        .is_some_and(|kind| kind.trim().eq_ignore_ascii_case("application/json"))
}

fn is_gzip(headers: &HeaderMap) -> Result<bool, ApiError> {
    match headers
        .get(header::CONTENT_ENCODING)
        .map(|value| value.as_bytes())
    {
        None => Ok(false),
        Some(name) if name.eq_ignore_ascii_case(b"identity") => Ok(false),
        Some(name) if name.eq_ignore_ascii_case(b"gzip") => Ok(true),
        Some(_) => Err(ApiError::new(ProblemCode::UnsupportedBody)
            .with_detail("the body's encoding must be gzip or identity")),
    }
}

fn gunzip(bytes: &[u8]) -> Result<Bytes, ApiError> {
    let mut plain = Vec::new();
    let most = BODY_MAX_DECOMPRESSED_BYTES as u64;
    flate2::read::GzDecoder::new(bytes)
        .take(most + 1)
        .read_to_end(&mut plain)
        .map_err(|_| malformed("the body is not gzip".to_owned()))?;
    if plain.len() as u64 > most {
        return Err(too_large());
    }
    Ok(plain.into())
}

fn too_large() -> ApiError {
    ApiError::new(ProblemCode::BodyTooLarge).with_detail(format!(
        "at most {BODY_MAX_BYTES} bytes, {BODY_MAX_DECOMPRESSED_BYTES} decompressed"
    ))
}

/// A body that did not arrive whole. That is the network's fault and not the body's: it must not be
/// called malformed, or a phone takes what it sent for a record that no server will ever accept.
fn cut_off() -> ApiError {
    ApiError::new(ProblemCode::RequestTimeout).with_detail("the body was cut off on the way")
}

/// A body that is not what is expected.
pub fn malformed(detail: String) -> ApiError {
    ApiError::new(ProblemCode::MalformedBody).with_detail(detail)
}

/// Where and how JSON is wrong. serde's own words may repeat what was sent.
pub fn place_of(error: &serde_json::Error) -> String {
    let what = match error.classify() {
        serde_json::error::Category::Data => "is not what is expected",
        serde_json::error::Category::Eof => "ends too soon",
        _ => "is not JSON",
    };
    format!(
        "the body {what} at line {}, column {}",
        error.line(),
        error.column()
    )
}
