//! The engine's own transport: reqwest over rustls with ring, roots compiled in, plus the roots an
//! administrator adds. Redirects are never followed: the API has none, and a network that wants a
//! sign-in first answers with one.

use std::error::Error as _;
use std::io::Read;
use std::sync::Once;
use std::time::Duration;

use reqwest::redirect::Policy;
use reqwest::{Certificate, Client};
use rustls::CertificateError;

use super::runtime;
use super::{HttpRequest, HttpResponse, Method, TransportError};
use crate::options::Cancel;
use crate::ports::Transport;

/// A connection is made in this time or not at all.
const CONNECT_WITHIN: Duration = Duration::from_secs(10);

/// No answer of the server comes near this, compressed or not.
const RESPONSE_MAX_BYTES: usize = 64 * 1024 * 1024;

/// HTTP over TLS, with connections kept between exchanges.
#[derive(Clone, Debug)]
pub struct HttpTransport {
    client: Client,
}

impl HttpTransport {
    /// Ready to connect to servers whose certificates lead to the usual roots or to one of
    /// `extra_roots` (PEM or DER). `loopback` is whether the server is this computer, where no proxy
    /// of the environment is asked.
    ///
    /// # Errors
    /// [`TransportError::BadRequest`] when an extra root is no certificate.
    pub fn new(extra_roots: &[Vec<u8>], loopback: bool) -> Result<Self, TransportError> {
        install_ring();
        let mut roots: Vec<Certificate> = webpki_root_certs::TLS_SERVER_ROOT_CERTS
            .iter()
            .filter_map(|der| Certificate::from_der(der).ok())
            .collect();
        for extra in extra_roots {
            roots.extend(parse_roots(extra)?);
        }
        let mut builder = Client::builder()
            .tls_certs_only(roots)
            .redirect(Policy::none())
            .connect_timeout(CONNECT_WITHIN)
            .pool_max_idle_per_host(1)
            .user_agent(concat!("kokoni/", env!("CARGO_PKG_VERSION")));
        if loopback {
            builder = builder.no_proxy();
        }
        let client = builder.build().map_err(|_| TransportError::BadRequest)?;
        Ok(Self { client })
    }

    fn build(&self, request: &HttpRequest) -> reqwest::RequestBuilder {
        let mut builder = match request.method {
            Method::Get => self.client.get(&request.url),
            Method::Post => self.client.post(&request.url),
        };
        builder = builder.header("accept-encoding", "gzip");
        for (name, value) in &request.headers {
            builder = builder.header(*name, value);
        }
        match &request.body {
            Some(body) => builder.body(body.clone()),
            None => builder,
        }
    }
}

impl Transport for HttpTransport {
    fn exchange(
        &self,
        request: &HttpRequest,
        within: Duration,
        cancel: &Cancel,
    ) -> Result<HttpResponse, TransportError> {
        let builder = self.build(request);
        let cancel = cancel.clone();
        let answer = runtime::wait_for(async move {
            tokio::select! {
                biased;
                () = cancel.cancelled() => Err(TransportError::Cancelled),
                answer = tokio::time::timeout(within, receive(builder)) => {
                    answer.unwrap_or(Err(TransportError::TimedOut))
                }
            }
        });
        answer.unwrap_or(Err(TransportError::BadRequest))
    }
}

async fn receive(builder: reqwest::RequestBuilder) -> Result<HttpResponse, TransportError> {
    let mut response = builder.send().await.map_err(|error| classify(&error))?;
    let status = response.status().as_u16();
    let headers: Vec<(String, String)> = response
        .headers()
        .iter()
        .filter_map(|(name, value)| {
            Some((name.as_str().to_owned(), value.to_str().ok()?.to_owned()))
        })
        .collect();
    let mut body = Vec::new();
    while let Some(chunk) = response.chunk().await.map_err(|error| classify(&error))? {
        if body.len() + chunk.len() > RESPONSE_MAX_BYTES {
            return Err(TransportError::TooLarge);
        }
        body.extend_from_slice(&chunk);
    }
    let mut answer = HttpResponse {
        status,
        headers,
        body,
    };
    if answer.header("content-encoding") == Some("gzip") {
        answer.body = inflate(&answer.body)?;
    }
    Ok(answer)
}

fn inflate(body: &[u8]) -> Result<Vec<u8>, TransportError> {
    let mut plain = Vec::new();
    let mut limited = flate2::read::GzDecoder::new(body).take(RESPONSE_MAX_BYTES as u64 + 1);
    limited
        .read_to_end(&mut plain)
        .map_err(|_| TransportError::Broken)?;
    if plain.len() > RESPONSE_MAX_BYTES {
        return Err(TransportError::TooLarge);
    }
    Ok(plain)
}

/// Says what happened without repeating addresses or anything a peer sent.
fn classify(error: &reqwest::Error) -> TransportError {
    if error.is_timeout() {
        return TransportError::TimedOut;
    }
    let mut source = error.source();
    while let Some(cause) = source {
        if let Some(tls) = tls_error(cause) {
            return match tls {
                rustls::Error::InvalidCertificate(certificate) => match certificate {
                    CertificateError::UnknownIssuer => TransportError::UntrustedIssuer,
                    CertificateError::NotValidForName
                    | CertificateError::NotValidForNameContext { .. } => TransportError::WrongName,
                    CertificateError::Expired
                    | CertificateError::ExpiredContext { .. }
                    | CertificateError::NotValidYet
                    | CertificateError::NotValidYetContext { .. } => TransportError::NotValidNow,
                    _ => TransportError::UntrustedIssuer,
                },
                _ => TransportError::Tls,
            };
        }
        source = cause.source();
    }
    if error.is_connect() {
        TransportError::Unreachable
    } else if error.is_builder() {
        TransportError::BadRequest
    } else {
        TransportError::Broken
    }
}

/// rustls' own error, also where I/O errors wrap it, one inside another, without naming it as their
/// source.
fn tls_error<'a>(cause: &'a (dyn std::error::Error + 'static)) -> Option<&'a rustls::Error> {
    cause.downcast_ref::<rustls::Error>().or_else(|| {
        let io = cause.downcast_ref::<std::io::Error>()?;
        tls_error(io.get_ref()?)
    })
}

fn parse_roots(bytes: &[u8]) -> Result<Vec<Certificate>, TransportError> {
    let parsed = if bytes.starts_with(b"-----BEGIN") {
        Certificate::from_pem_bundle(bytes)
    } else {
        Certificate::from_der(bytes).map(|root| vec![root])
    };
    match parsed {
        Ok(roots) if !roots.is_empty() => Ok(roots),
        _ => Err(TransportError::BadRequest),
    }
}

/// Another part of the process may have chosen a provider already; theirs serves as well.
fn install_ring() {
    static ONCE: Once = Once::new();
    ONCE.call_once(|| {
        let _ = rustls::crypto::ring::default_provider().install_default();
    });
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_root_that_is_no_certificate_is_refused() {
        let refused = HttpTransport::new(&[b"-----BEGIN NONSENSE-----".to_vec()], false);
        assert_eq!(refused.err(), Some(TransportError::BadRequest));
    }

    #[test]
    fn nobody_listening_is_unreachable() {
        let transport = HttpTransport::new(&[], true).expect("ready");
        let request = HttpRequest {
            method: Method::Get,
            url: "http://127.0.0.1:1/".into(),
            headers: vec![],
            body: None,
        };
        let answer = transport.exchange(&request, Duration::from_secs(5), &Cancel::new());
        assert_eq!(answer.err(), Some(TransportError::Unreachable));
    }

    #[test]
    fn a_compressed_answer_that_is_cut_off_is_broken() {
        assert_eq!(inflate(&[0x1f, 0x8b, 8]), Err(TransportError::Broken));
    }
}
