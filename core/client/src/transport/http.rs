//! The engine's own transport: HTTP/1.1 by ureq, over rustls with ring; the usual roots compiled in,
//! plus the roots an administrator adds. Redirects are never followed: the API has none, and a
//! network that wants a sign-in first answers with one.

use std::fmt;
use std::io::Read;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use rustls::CertificateError;
use rustls::client::ClientConfig;
use ureq::config::Config;
use ureq::http::{Request, Response};
use ureq::unversioned::transport::{ConnectProxyConnector, Connector};
use ureq::{Agent, AsSendBody, Body, Error, Proxy};

use super::tcp::{Names, Tcp};
use super::tls::{Tls, trusting};
use super::worker::{NoResult, wait_for};
use super::{HttpRequest, HttpResponse, Method, TransportError};
use crate::options::Cancel;
use crate::ports::Transport;

/// A connection is made in this time or not at all.
const CONNECT_WITHIN: Duration = Duration::from_secs(10);

/// An idle connection is kept this long: servers and what stands before them keep theirs for a
/// minute or more.
const KEPT_IDLE: Duration = Duration::from_secs(50);

/// No answer of the server comes near this, compressed or not.
const RESPONSE_MAX_BYTES: usize = 64 * 1024 * 1024;

/// HTTP over TLS, with a connection kept between exchanges.
#[derive(Clone)]
pub struct HttpTransport(Arc<Shared>);

struct Shared {
    trust: Arc<ClientConfig>,
    loopback: bool,
    /// The agent of the exchange before with its connection, while nobody uses it. Whoever finds
    /// none makes one: so an exchange that is ended early takes no other's connection with it.
    idle: Mutex<Option<Agent>>,
}

impl fmt::Debug for HttpTransport {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("HttpTransport")
    }
}

impl HttpTransport {
    /// Ready to connect to servers whose certificates lead to the usual roots or to one of
    /// `extra_roots` (PEM or DER). `loopback` is whether the server is this computer, where no proxy
    /// of the environment is asked.
    ///
    /// # Errors
    /// [`TransportError::BadRequest`] when an extra root is no certificate.
    pub fn new(extra_roots: &[Vec<u8>], loopback: bool) -> Result<Self, TransportError> {
        Ok(Self(Arc::new(Shared {
            trust: trusting(extra_roots)?,
            loopback,
            idle: Mutex::new(None),
        })))
    }

    fn agent(&self) -> Agent {
        let mut idle = self.0.idle.lock().unwrap_or_else(PoisonError::into_inner);
        idle.take().unwrap_or_else(|| self.0.new_agent())
    }

    fn keep(&self, agent: Agent) {
        *self.0.idle.lock().unwrap_or_else(PoisonError::into_inner) = Some(agent);
    }
}

impl Shared {
    fn new_agent(&self) -> Agent {
        let mut config = Config::builder()
            .http_status_as_error(false)
            .max_redirects(0)
            .max_redirects_will_error(false)
            .timeout_connect(Some(CONNECT_WITHIN))
            .max_idle_connections(1)
            .max_idle_age(KEPT_IDLE)
            .accept_encoding("gzip")
            .user_agent(concat!("kokoni/", env!("CARGO_PKG_VERSION")));
        config = config.proxy(Proxy::try_from_env().filter(|_| !self.loopback));
        let connector = ConnectProxyConnector::default()
            .chain(Tcp)
            .chain(Tls(self.trust.clone()));
        Agent::with_parts(config.build(), connector, Names::default())
    }
}

impl Transport for HttpTransport {
    fn exchange(
        &self,
        request: &HttpRequest,
        within: Duration,
        cancel: &Cancel,
    ) -> Result<HttpResponse, TransportError> {
        let agent = self.agent();
        let (own, request) = (agent.clone(), request.clone());
        match wait_for(within, cancel, move || exchange(&own, &request, within)) {
            Ok(answer) => {
                self.keep(agent);
                answer
            }
            Err(ended) => {
                // Ends reading and writing in the thread that nobody waits for any more.
                agent.shutdown();
                Err(match ended {
                    NoResult::Cancelled => TransportError::Cancelled,
                    NoResult::TimedOut => TransportError::TimedOut,
                    NoResult::Failed => TransportError::BadRequest,
                })
            }
        }
    }
}

fn exchange(
    agent: &Agent,
    request: &HttpRequest,
    within: Duration,
) -> Result<HttpResponse, TransportError> {
    let response = match request.method {
        Method::Get => send(agent, Request::get(&request.url), request, (), within),
        Method::Post => {
            let body = request.body.as_deref().unwrap_or_default();
            send(agent, Request::post(&request.url), request, body, within)
        }
    };
    receive(response.map_err(|error| classify(&error))?)
}

fn send(
    agent: &Agent,
    mut builder: ureq::http::request::Builder,
    request: &HttpRequest,
    body: impl AsSendBody,
    within: Duration,
) -> Result<Response<Body>, Error> {
    for (name, value) in &request.headers {
        builder = builder.header(*name, value);
    }
    let request = agent.configure_request(builder.body(body)?);
    agent.run(request.timeout_global(Some(within)).build())
}

fn receive(response: Response<Body>) -> Result<HttpResponse, TransportError> {
    let (head, body) = response.into_parts();
    let headers: Vec<(String, String)> = head
        .headers
        .iter()
        .filter_map(|(name, value)| {
            Some((name.as_str().to_owned(), value.to_str().ok()?.to_owned()))
        })
        .collect();
    let mut answer = HttpResponse {
        status: head.status.as_u16(),
        headers,
        body: limited(body.into_reader(), |error| classify(&error.into()))?,
    };
    if answer.header("content-encoding") == Some("gzip") {
        let plain = flate2::read::GzDecoder::new(answer.body.as_slice());
        answer.body = limited(plain, |_| TransportError::Broken)?;
    }
    Ok(answer)
}

/// All there is to read, unless it is too much.
fn limited(
    reader: impl Read,
    failed: impl FnOnce(std::io::Error) -> TransportError,
) -> Result<Vec<u8>, TransportError> {
    let mut bytes = Vec::new();
    let mut limited = reader.take(RESPONSE_MAX_BYTES as u64 + 1);
    limited.read_to_end(&mut bytes).map_err(failed)?;
    if bytes.len() > RESPONSE_MAX_BYTES {
        return Err(TransportError::TooLarge);
    }
    Ok(bytes)
}

/// Says what happened without repeating addresses or anything a peer sent.
fn classify(error: &Error) -> TransportError {
    let tls = match error {
        Error::Rustls(tls) => Some(tls),
        Error::Io(io) => io.get_ref().and_then(|cause| tls_error(cause)),
        _ => None,
    };
    match (tls, error) {
        (Some(rustls::Error::InvalidCertificate(certificate)), _) => distrust(certificate),
        (Some(_), _) | (_, Error::Tls(_) | Error::TlsRequired) => TransportError::Tls,
        (_, Error::Timeout(_)) => TransportError::TimedOut,
        (_, Error::HostNotFound | Error::ConnectionFailed | Error::ConnectProxyFailed(_)) => {
            TransportError::Unreachable
        }
        (_, Error::BadUri(_) | Error::Http(_) | Error::InvalidProxyUrl) => {
            TransportError::BadRequest
        }
        _ => TransportError::Broken,
    }
}

fn distrust(why: &CertificateError) -> TransportError {
    match why {
        CertificateError::NotValidForName | CertificateError::NotValidForNameContext { .. } => {
            TransportError::WrongName
        }
        CertificateError::Expired
        | CertificateError::ExpiredContext { .. }
        | CertificateError::NotValidYet
        | CertificateError::NotValidYetContext { .. } => TransportError::NotValidNow,
        CertificateError::Revoked => TransportError::Tls,
        _ => TransportError::UntrustedIssuer,
    }
}

/// rustls' own error, also where I/O errors wrap it, one inside another.
fn tls_error<'a>(cause: &'a (dyn std::error::Error + 'static)) -> Option<&'a rustls::Error> {
    if let Some(Error::Rustls(tls)) = cause.downcast_ref::<Error>() {
        return Some(tls);
    }
    cause.downcast_ref::<rustls::Error>().or_else(|| {
        let io = cause.downcast_ref::<std::io::Error>()?;
        tls_error(io.get_ref()?)
    })
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
    fn a_revoked_certificate_is_not_told_as_an_untrusted_issuer() {
        let told = |why| classify(&Error::Rustls(rustls::Error::InvalidCertificate(why)));
        assert_eq!(told(CertificateError::Revoked), TransportError::Tls);
        let unknown = told(CertificateError::UnknownIssuer);
        assert_eq!(unknown, TransportError::UntrustedIssuer);
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
        let cut_off = flate2::read::GzDecoder::new([0x1f, 0x8b, 8].as_slice());
        let broken = limited(cut_off, |_| TransportError::Broken);
        assert_eq!(broken, Err(TransportError::Broken));
    }
}
