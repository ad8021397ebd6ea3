//! Accepting connections: plain or TLS, HTTP/1 and HTTP/2, with time limits against clients that
//! open and say nothing, and an orderly end.

use std::convert::Infallible;
use std::io;
use std::net::SocketAddr;
use std::sync::Arc;
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

/// A client has this long from one answer to the whole head of its next request.
const HEAD_TIMEOUT: Duration = Duration::from_secs(30);

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
    let builder = Arc::new(builder);
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
    if let Err(error) = stream.set_nodelay(true) {
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

async fn serve(
    stream: impl AsyncRead + AsyncWrite + Unpin + Send + 'static,
    peer: Peer,
    router: Router,
    builder: &Builder<TokioExecutor>,
    watcher: Watcher,
) -> Option<Box<dyn std::error::Error + Send + Sync>> {
    let service = hyper::service::service_fn(move |request: hyper::Request<Incoming>| {
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
    watcher.watch(connection).await.err()
}
