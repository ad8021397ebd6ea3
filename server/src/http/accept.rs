//! Accepting connections: plain or TLS, HTTP/1 and HTTP/2, with time limits against clients that
//! open and say nothing, and an orderly end.

use std::convert::Infallible;
use std::io;
use std::net::SocketAddr;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use axum::Router;
use axum::body::Body;
use axum::extract::Request;
use hyper::body::Incoming;
use hyper_util::rt::{TokioExecutor, TokioIo, TokioTimer};
use hyper_util::server::conn::auto::Builder;
use hyper_util::server::graceful::{GracefulShutdown, Watcher};
use rustls::pki_types::pem::PemObject;
use rustls::pki_types::{CertificateDer, PrivateKeyDer};
use thiserror::Error;
use tokio::io::{AsyncRead, AsyncWrite};
use tokio::net::{TcpListener, TcpStream};
use tokio_rustls::TlsAcceptor;
use tokio_util::sync::CancellationToken;
use tower::ServiceExt;

use super::origin::Peer;
use crate::config::TlsFiles;

/// A client has this long for the TLS handshake.
const HANDSHAKE_TIMEOUT: Duration = Duration::from_secs(10);

/// A client has this long for the whole head of its first request, and again from one answer to the
/// head of the next.
const HEAD_TIMEOUT: Duration = Duration::from_secs(30);

/// A client that acknowledges nothing for so long is gone: a laptop that has changed networks never
/// says so, and its streams count for as long as its connection does.
#[cfg(target_os = "linux")]
const UNHEARD_TIMEOUT: Duration = Duration::from_secs(45);

/// After a full table of files or the like, the loop breathes before it accepts again.
const PAUSE_AFTER_ERROR: Duration = Duration::from_millis(100);

/// Connections that are still busy this long after the end was asked for are cut.
const DRAIN_TIMEOUT: Duration = Duration::from_secs(10);

/// Streams of one HTTP/2 connection.
const MOST_STREAMS: u32 = 128;

/// Why certificate and key cannot be used.
#[derive(Debug, Error)]
pub enum TlsError {
    /// A file cannot be read as PEM.
    #[error("{file} cannot be read as PEM: {reason}")]
    File {
        /// Which.
        file: std::path::PathBuf,
        /// Why.
        reason: String,
    },
    /// They do not fit together.
    #[error("certificate and key cannot be used: {0}")]
    Unusable(#[from] rustls::Error),
}

/// Loads certificate and key.
///
/// # Errors
/// [`TlsError`] says which file and why.
pub fn load_tls(files: &TlsFiles) -> Result<TlsAcceptor, TlsError> {
    let failed = |file: &std::path::Path, reason: rustls::pki_types::pem::Error| TlsError::File {
        file: file.to_owned(),
        reason: reason.to_string(),
    };
    let chain = CertificateDer::pem_file_iter(&files.certificates)
        .and_then(|certificates| certificates.collect::<Result<Vec<_>, _>>())
        .map_err(|reason| failed(&files.certificates, reason))?;
    let key =
        PrivateKeyDer::from_pem_file(&files.key).map_err(|reason| failed(&files.key, reason))?;
    let provider = Arc::new(rustls::crypto::ring::default_provider());
    let mut config = rustls::ServerConfig::builder_with_provider(provider)
        .with_safe_default_protocol_versions()?
        .with_no_client_auth()
        .with_single_cert(chain, key)?;
    config.alpn_protocols = vec![b"h2".to_vec(), b"http/1.1".to_vec()];
    Ok(TlsAcceptor::from(Arc::new(config)))
}

/// Accepts until `stopping`, then lets what is under way come to its end.
pub async fn accept(
    listener: TcpListener,
    tls: Option<TlsAcceptor>,
    router: Router,
    stopping: CancellationToken,
) {
    let graceful = GracefulShutdown::new();
    let builder = Arc::new(builder());
    loop {
        let accepted = tokio::select! {
            () = stopping.cancelled() => break,
            accepted = listener.accept() => accepted,
        };
        let (stream, address) = match accepted {
            Ok(accepted) => accepted,
            Err(error) => {
                note_refused(&error);
                tokio::time::sleep(PAUSE_AFTER_ERROR).await;
                continue;
            }
        };
        let (router, builder, tls) = (router.clone(), Arc::clone(&builder), tls.clone());
        let watcher = graceful.watcher();
        tokio::spawn(async move {
            if let Some(error) = connection(stream, address, tls, router, &builder, watcher).await {
                tracing::debug!(%error, "a connection ended early");
            }
        });
    }
    drop(listener);
    if tokio::time::timeout(DRAIN_TIMEOUT, graceful.shutdown())
        .await
        .is_err()
    {
        tracing::warn!("some connections were cut");
    }
}

fn builder() -> Builder<TokioExecutor> {
    let mut builder = Builder::new(TokioExecutor::new());
    builder
        .http1()
        .timer(TokioTimer::new())
        .header_read_timeout(HEAD_TIMEOUT);
    builder
        .http2()
        .timer(TokioTimer::new())
        .max_concurrent_streams(MOST_STREAMS)
        .keep_alive_interval(Duration::from_secs(60))
        .max_header_list_size(32 * 1024);
    builder
}

fn note_refused(error: &io::Error) {
    let harmless = matches!(
        error.kind(),
        io::ErrorKind::ConnectionAborted | io::ErrorKind::ConnectionReset
    );
    if !harmless {
        tracing::error!(%error, "no connection can be accepted");
    }
}

/// Serves one connection to its end; an error is what ended it early.
async fn connection(
    stream: TcpStream,
    address: SocketAddr,
    tls: Option<TlsAcceptor>,
    router: Router,
    builder: &Builder<TokioExecutor>,
    watcher: Watcher,
) -> Option<Box<dyn std::error::Error + Send + Sync>> {
    if let Err(error) = set_up(&stream) {
        return Some(error.into());
    }
    match tls {
        None => {
            serve(
                stream,
                Peer {
                    address,
                    tls: false,
                },
                router,
                builder,
                watcher,
            )
            .await
        }
        Some(acceptor) => {
            match tokio::time::timeout(HANDSHAKE_TIMEOUT, acceptor.accept(stream)).await {
                Ok(Ok(stream)) => {
                    serve(
                        stream,
                        Peer { address, tls: true },
                        router,
                        builder,
                        watcher,
                    )
                    .await
                }
                Ok(Err(error)) => Some(error.into()),
                Err(slow) => Some(slow.into()),
            }
        }
    }
}

fn set_up(stream: &TcpStream) -> io::Result<()> {
    stream.set_nodelay(true)?;
    #[cfg(target_os = "linux")]
    socket2::SockRef::from(stream).set_tcp_user_timeout(Some(UNHEARD_TIMEOUT))?;
    Ok(())
}

async fn serve(
    stream: impl AsyncRead + AsyncWrite + Unpin + Send + 'static,
    peer: Peer,
    router: Router,
    builder: &Builder<TokioExecutor>,
    watcher: Watcher,
) -> Option<Box<dyn std::error::Error + Send + Sync>> {
    let asked = Arc::new(AtomicBool::new(false));
    let seen = Arc::clone(&asked);
    let service = hyper::service::service_fn(move |request: hyper::Request<Incoming>| {
        seen.store(true, Ordering::Relaxed);
        let router = router.clone();
        async move {
            let mut request: Request = request.map(Body::new);
            request.extensions_mut().insert(peer);
            Ok::<_, Infallible>(match router.oneshot(request).await {
                Ok(response) => response,
                Err(never) => match never {},
            })
        }
    });
    let connection = builder
        .serve_connection(TokioIo::new(stream), service)
        .into_owned();
    tokio::select! {
        served = watcher.watch(connection) => served.err(),
        () = silence(&asked) => Some("no request came".into()),
    }
}

/// Ends when the time for the first request is over and none has come. The library counts the time
/// for a head only once it knows which HTTP is spoken.
async fn silence(asked: &AtomicBool) {
    tokio::time::sleep(HEAD_TIMEOUT).await;
    if asked.load(Ordering::Relaxed) {
        std::future::pending::<()>().await;
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use tokio::io::{AsyncReadExt, AsyncWriteExt};
    use tokio::time::Instant;

    /// Serves a client that says this and then nothing; gives how long the connection lasted.
    async fn lasts(says: &str) -> Duration {
        let (mut client, server) = tokio::io::duplex(4096);
        let peer = Peer {
            address: SocketAddr::from(([127, 0, 0, 1], 5)),
            tls: false,
        };
        let router = Router::new().route("/", axum::routing::get(async || "here"));
        let begun = Instant::now();
        let graceful = GracefulShutdown::new();
        let watcher = graceful.watcher();
        let serving =
            tokio::spawn(async move { serve(server, peer, router, &builder(), watcher).await });
        client.write_all(says.as_bytes()).await.expect("sent");
        let mut answer = Vec::new();
        // How the connection ends is the server's affair.
        let _ = client.read_to_end(&mut answer).await;
        assert_eq!(
            answer.starts_with(b"HTTP/1.1 200"),
            says.contains("\r\n\r\n")
        );
        let _ = serving.await.expect("served");
        begun.elapsed()
    }

    #[tokio::test(start_paused = true)]
    async fn a_connection_that_says_nothing_or_half_a_word_is_closed() {
        for says in ["", "G", "PRI * HT", "GET / HTTP/1.1\r\nhost"] {
            assert_eq!(lasts(says).await, HEAD_TIMEOUT, "{says:?}");
        }
    }

    #[tokio::test(start_paused = true)]
    async fn a_connection_that_asked_may_rest_for_as_long_before_it_asks_again() {
        let lasted = lasts("GET / HTTP/1.1\r\nhost: k\r\n\r\n").await;
        assert!(lasted >= HEAD_TIMEOUT, "{lasted:?}");
    }
}
