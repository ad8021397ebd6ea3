//! The network: one HTTP exchange at a time, and what can go wrong with it.

mod http;
mod origin;
mod tcp;
mod tls;
mod worker;

use std::fmt;

use serde::Serialize;
use thiserror::Error;

pub use http::HttpTransport;
pub use origin::{Origin, OriginError};

/// A request, ready to be sent.
#[derive(Clone)]
pub struct HttpRequest {
    /// `GET` or `POST`.
    pub method: Method,
    /// The whole address.
    pub url: String,
    /// Names in lower case.
    pub headers: Vec<(&'static str, String)>,
    /// The body as it travels, compressed where a header says so.
    pub body: Option<Vec<u8>>,
}

/// What a request does.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Method {
    /// Asks.
    Get,
    /// Tells.
    Post,
}

/// A whole answer, whatever its status.
#[derive(Clone)]
pub struct HttpResponse {
    /// The HTTP status.
    pub status: u16,
    /// Names in lower case.
    pub headers: Vec<(String, String)>,
    /// The body, decompressed.
    pub body: Vec<u8>,
}

impl HttpResponse {
    /// The value of a header, named in lower case.
    pub fn header(&self, name: &str) -> Option<&str> {
        let found = self.headers.iter().find(|(known, _)| known == name);
        found.map(|(_, value)| value.as_str())
    }
}

/// Neither the token in a header nor anything in a body is shown.
impl fmt::Debug for HttpRequest {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let bytes = self.body.as_ref().map_or(0, Vec::len);
        write!(f, "HttpRequest({:?}, {bytes} bytes)", self.method)
    }
}

impl fmt::Debug for HttpResponse {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(
            f,
            "HttpResponse({}, {} bytes)",
            self.status,
            self.body.len()
        )
    }
}

/// Why no whole answer came.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Error, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum TransportError {
    /// The call was cancelled.
    #[error("cancelled")]
    Cancelled,
    /// No answer in time.
    #[error("no answer in time")]
    TimedOut,
    /// No connection: no network, no such name, or nobody listens.
    #[error("the server cannot be reached")]
    Unreachable,
    /// The connection broke before the answer was whole.
    #[error("the connection broke")]
    Broken,
    /// The certificate comes from an issuer this device does not trust: as a rule a proxy that
    /// inspects TLS, whose root certificate has to be installed.
    #[error("the server's certificate comes from an unknown issuer")]
    UntrustedIssuer,
    /// The certificate is for another name: as a rule a network that asks for a sign-in first.
    #[error("the server's certificate is for another name")]
    WrongName,
    /// The certificate is not valid now: it has expired, or this device's clock is wrong.
    #[error("the server's certificate is not valid at this time")]
    NotValidNow,
    /// Another failure of TLS.
    #[error("no secure connection could be made")]
    Tls,
    /// The answer is larger than anything the server sends.
    #[error("the answer is too large")]
    TooLarge,
    /// The engine could not make the request.
    #[error("the request could not be made")]
    BadRequest,
}
