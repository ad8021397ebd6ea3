//! TLS in front of a server, with certificates of any authority: the office's own, or that of a
//! proxy which opens what is encrypted, reads it, and encrypts it anew.

use std::net::SocketAddr;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use rcgen::{BasicConstraints, CertificateParams, IsCa, Issuer, KeyPair, date_time_ymd};
use rustls::ServerConfig;
use rustls::pki_types::{PrivateKeyDer, PrivatePkcs8KeyDer};
use tokio::io::copy_bidirectional;
use tokio::net::{TcpListener, TcpStream};
use tokio::runtime::Runtime;
use tokio_rustls::TlsAcceptor;

/// An authority that signs certificates.
pub struct Authority {
    issuer: Issuer<'static, KeyPair>,
    root_pem: String,
}

/// A certificate's chain and key.
pub struct Identity(ServerConfig);

impl Authority {
    /// A new one, which nobody knows.
    pub fn new() -> Self {
        let key = KeyPair::generate().expect("a key");
        let mut params = CertificateParams::new(Vec::new()).expect("parameters");
        params.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
        let root_pem = params.self_signed(&key).expect("a root").pem();
        Self {
            issuer: Issuer::new(params, key),
            root_pem,
        }
    }

    /// Its root certificate, as an administrator installs it.
    pub fn root(&self) -> Vec<u8> {
        self.root_pem.clone().into_bytes()
    }

    /// A certificate for a name.
    pub fn certify(&self, name: &str) -> Identity {
        self.sign(CertificateParams::new([name.to_owned()]).expect("a name"))
    }

    /// A certificate for a name, which ended years ago.
    pub fn certify_until_2020(&self, name: &str) -> Identity {
        let mut params = CertificateParams::new([name.to_owned()]).expect("a name");
        params.not_before = date_time_ymd(2019, 1, 1);
        params.not_after = date_time_ymd(2020, 1, 1);
        self.sign(params)
    }

    fn sign(&self, params: CertificateParams) -> Identity {
        let key = KeyPair::generate().expect("a key");
        let certificate = params.signed_by(&key, &self.issuer).expect("signed");
        let provider = Arc::new(rustls::crypto::ring::default_provider());
        let config = ServerConfig::builder_with_provider(provider)
            .with_safe_default_protocol_versions()
            .expect("versions")
            .with_no_client_auth()
            .with_single_cert(
                vec![certificate.der().clone()],
                PrivateKeyDer::Pkcs8(PrivatePkcs8KeyDer::from(key.serialize_der())),
            );
        Identity(config.expect("certificate and key"))
    }
}

impl Default for Authority {
    fn default() -> Self {
        Self::new()
    }
}

/// A listener on loopback that takes TLS and leads to a server in the clear.
pub struct TlsFront {
    address: SocketAddr,
    opened: Arc<AtomicUsize>,
    _runtime: Runtime,
}

impl TlsFront {
    /// Leads to a server.
    pub fn start(upstream: SocketAddr, identity: Identity) -> Self {
        let runtime = tokio::runtime::Builder::new_multi_thread()
            .worker_threads(1)
            .enable_io()
            .build()
            .expect("a runtime");
        let listener = runtime
            .block_on(TcpListener::bind("127.0.0.1:0"))
            .expect("a port");
        let address = listener.local_addr().expect("an address");
        let opened = Arc::new(AtomicUsize::new(0));
        let (acceptor, counted) = (TlsAcceptor::from(Arc::new(identity.0)), opened.clone());
        runtime.spawn(async move {
            while let Ok((stream, _)) = listener.accept().await {
                let (acceptor, counted) = (acceptor.clone(), counted.clone());
                tokio::spawn(async move {
                    // A phone that does not trust the certificate hangs up here.
                    let mut phone = acceptor.accept(stream).await?;
                    counted.fetch_add(1, Ordering::SeqCst);
                    let mut server = TcpStream::connect(upstream).await?;
                    copy_bidirectional(&mut phone, &mut server).await
                });
            }
        });
        Self {
            address,
            opened,
            _runtime: runtime,
        }
    }

    /// Where it listens.
    pub fn address(&self) -> SocketAddr {
        self.address
    }

    /// Connections whose content it could read.
    pub fn opened(&self) -> usize {
        self.opened.load(Ordering::SeqCst)
    }
}
