//! The one point where what goes wrong becomes a problem document (RFC 9457).
//!
//! Handlers return an [`ApiError`]; the outermost layer ([`crate::http::envelope`]) writes it in
//! the language that was asked for. Its detail is for whoever calls: it names what and where, and
//! never repeats what was sent. The cause is for the log.

use axum::Json;
use axum::http::{HeaderValue, StatusCode, header};
use axum::response::{IntoResponse, Response};
use kokoni_model::wire::problem::{Problem, ProblemCode};

use crate::store::StoreError;

/// Why a request is not answered as it was meant.
#[derive(Debug)]
pub struct ApiError {
    code: ProblemCode,
    detail: Option<String>,
    retry_after_s: Option<u32>,
}

/// What a handler answers.
pub type ApiResult<T> = Result<T, ApiError>;

impl ApiError {
    /// A problem that its code says all of.
    pub const fn new(code: ProblemCode) -> Self {
        Self {
            code,
            detail: None,
            retry_after_s: None,
        }
    }

    /// Says what is wrong this time and where. Must not repeat what was sent.
    #[must_use]
    pub fn with_detail(mut self, detail: impl Into<String>) -> Self {
        self.detail = Some(detail.into());
        self
    }

    /// Says when to come again.
    #[must_use]
    pub const fn retry_after(mut self, seconds: u32) -> Self {
        self.retry_after_s = Some(seconds);
        self
    }

    /// The code.
    pub const fn code(&self) -> ProblemCode {
        self.code
    }

    /// Nothing there, or nothing this person may see.
    pub const fn not_found() -> Self {
        Self::new(ProblemCode::NotFound)
    }

    /// The person's role does not permit it.
    pub const fn not_permitted() -> Self {
        Self::new(ProblemCode::NotPermitted)
    }

    /// A part of the address is malformed.
    pub fn parameter(name: &str, expected: &str) -> Self {
        Self::new(ProblemCode::MalformedParameter).with_detail(format!("{name} is not {expected}"))
    }
}

impl From<StoreError> for ApiError {
    fn from(error: StoreError) -> Self {
        match error {
            StoreError::Full => {
                tracing::error!("the disk is full");
                Self::new(ProblemCode::StorageFull).retry_after(60)
            }
            StoreError::Busy | StoreError::Closed => {
                tracing::warn!(%error, "the store does not answer now");
                Self::new(ProblemCode::Unavailable).retry_after(1)
            }
            StoreError::Io { .. } => {
                tracing::error!(%error, "the disk fails");
                Self::new(ProblemCode::Unavailable).retry_after(30)
            }
            error => {
                tracing::error!(%error, "the store fails");
                Self::new(ProblemCode::Internal)
            }
        }
    }
}

/// A problem on its way out, kept beside the response so that the outermost layer can write it in
/// another language, or a page can show it.
#[derive(Clone, Debug)]
pub struct ProblemNote {
    /// Which.
    pub code: ProblemCode,
    /// See [`Problem::detail`].
    pub detail: Option<String>,
}

impl ProblemNote {
    /// The document, in Japanese or English.
    pub fn document(&self, japanese: bool) -> Problem {
        let problem = Problem::new(self.code, self.detail.clone());
        if japanese {
            problem.in_japanese()
        } else {
            problem
        }
    }
}

impl IntoResponse for ApiError {
    fn into_response(self) -> Response {
        let note = ProblemNote {
            code: self.code,
            detail: self.detail,
        };
        let mut response = write(&note, true);
        if let Some(seconds) = self.retry_after_s {
            response
                .headers_mut()
                .insert(header::RETRY_AFTER, HeaderValue::from(seconds));
        }
        if self.code == ProblemCode::SignInNeeded || self.code == ProblemCode::DeviceRevoked {
            response.headers_mut().insert(
                header::WWW_AUTHENTICATE,
                HeaderValue::from_static("Bearer realm=\"kokoni\""),
            );
        }
        response.extensions_mut().insert(note);
        response
    }
}

/// The response of a problem.
pub fn write(note: &ProblemNote, japanese: bool) -> Response {
    let status =
        StatusCode::from_u16(note.code.status()).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
    let mut response = (status, Json(note.document(japanese))).into_response();
    let headers = response.headers_mut();
    headers.insert(
        header::CONTENT_TYPE,
        HeaderValue::from_static("application/problem+json"),
    );
    headers.insert(
        header::CONTENT_LANGUAGE,
        HeaderValue::from_static(if japanese { "ja" } else { "en" }),
    );
    response
}

/// The problem that a bare status of a library layer stands for.
pub fn code_of_status(status: StatusCode) -> ProblemCode {
    match status {
        StatusCode::BAD_REQUEST => ProblemCode::MalformedBody,
        StatusCode::UNAUTHORIZED => ProblemCode::SignInNeeded,
        StatusCode::FORBIDDEN => ProblemCode::ForeignOrigin,
        StatusCode::NOT_FOUND => ProblemCode::NotFound,
        StatusCode::METHOD_NOT_ALLOWED => ProblemCode::MethodNotAllowed,
        StatusCode::NOT_ACCEPTABLE => ProblemCode::NotAcceptable,
        StatusCode::REQUEST_TIMEOUT => ProblemCode::RequestTimeout,
        StatusCode::PAYLOAD_TOO_LARGE => ProblemCode::BodyTooLarge,
        StatusCode::URI_TOO_LONG => ProblemCode::AddressTooLong,
        StatusCode::UNSUPPORTED_MEDIA_TYPE => ProblemCode::UnsupportedBody,
        StatusCode::UNPROCESSABLE_ENTITY => ProblemCode::NotAllowedValue,
        StatusCode::TOO_MANY_REQUESTS => ProblemCode::TooManyRequests,
        StatusCode::SERVICE_UNAVAILABLE => ProblemCode::Unavailable,
        _ => ProblemCode::Internal,
    }
}
