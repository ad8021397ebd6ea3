//! The server as a whole: opened, bound to its address, run until it is asked to stop. `serve`, the
//! demo and the tests share it.

use std::future::Future;
use std::net::SocketAddr;
use std::time::Duration;

use axum::Router;
use axum::http::StatusCode;
use axum::middleware;
use thiserror::Error;
use tokio::net::TcpListener;
use tokio_rustls::TlsAcceptor;
use tower_http::catch_panic::CatchPanicLayer;
use tower_http::compression::CompressionLayer;
use tower_http::timeout::TimeoutLayer;

use crate::app::App;
use crate::app_links;
use crate::config::Config;
use crate::http::accept::{TlsError, accept, load_tls};
use crate::http::envelope::envelope;
use crate::openapi;
use crate::pages;
use crate::presence::day_end;
use crate::store::{Store, StoreError};

/// A request has this long from its head to its answer; streams answer at once.
const REQUEST_TIMEOUT: Duration = Duration::from_secs(30);

/// Why a server cannot be run.
#[derive(Debug, Error)]
pub enum ServerError {
    /// The database cannot be opened.
    #[error(transparent)]
    Store(#[from] StoreError),
    /// The address cannot be listened on.
    #[error("cannot listen on {address}: {source}")]
    Listen {
        /// Which.
        address: SocketAddr,
        /// Why.
        source: std::io::Error,
    },
    /// Certificate and key cannot be used.
    #[error(transparent)]
    Tls(#[from] TlsError),
}

/// A server that is bound to its address and not yet running.
pub struct Server {
    app: App,
    listener: TcpListener,
    address: SocketAddr,
    tls: Option<TlsAcceptor>,
}

impl Server {
    /// Opens the database and takes the address. Must be called inside a runtime.
    ///
    /// # Errors
    /// [`ServerError`] says what cannot be used.
    pub async fn bind(config: Config) -> Result<Self, ServerError> {
        let tls = config.tls.as_ref().map(load_tls).transpose()?;
        let store = {
            let (folder, now) = (config.data.clone(), config.clock.now());
            let mut random = (config.random)();
            tokio::task::spawn_blocking(move || Store::open(&folder, now, &mut *random))
                .await
                .map_err(|_| StoreError::Panicked)??
        };
        let refused = |source| ServerError::Listen {
            address: config.listen,
            source,
        };
        let listener = TcpListener::bind(config.listen).await.map_err(refused)?;
        let address = listener.local_addr().map_err(refused)?;
        Ok(Self {
            app: App::new(store, config),
            listener,
            address,
            tls,
        })
    }

    /// Where it listens.
    pub fn local_addr(&self) -> SocketAddr {
        self.address
    }

    /// Its shared state, for whoever runs it in the same process.
    pub fn app(&self) -> &App {
        &self.app
    }

    /// Runs until `shutdown` is done; then streams end, answers under way are finished, and the
    /// database is closed.
    ///
    /// # Errors
    /// None so far; what cannot go on is logged.
    pub async fn run(self, shutdown: impl Future<Output = ()> + Send) -> Result<(), ServerError> {
        let stopping = self.app.stopping.clone();
        let keeper = tokio::spawn(day_end::keep(self.app.clone()));
        let router = router(self.app);
        let serving = accept(self.listener, self.tls, router, stopping.clone());
        tokio::pin!(serving, shutdown);
        tokio::select! {
            () = &mut serving => {}
            () = &mut shutdown => {
                stopping.cancel();
                serving.await;
            }
        }
        stopping.cancel();
        // It ends by the same token.
        let _ = keeper.await;
        Ok(())
    }
}

/// Everything the server answers, from the inside out: routes, compression, time limit, panics,
/// envelope.
pub fn router(app: App) -> Router {
    let (api, document) = openapi::api().split_for_parts();
    api.merge(openapi::document_route(document))
        .merge(app_links::routes())
        .merge(pages::routes())
        .fallback(pages::nothing_here)
        .layer(CompressionLayer::new())
        .layer(TimeoutLayer::with_status_code(
            StatusCode::REQUEST_TIMEOUT,
            REQUEST_TIMEOUT,
        ))
        .layer(CatchPanicLayer::new())
        .layer(middleware::from_fn_with_state(app.clone(), envelope))
        .with_state(app)
}
