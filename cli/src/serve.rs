//! `kokoni serve`: the server, until it is asked to stop.

use std::net::{IpAddr, SocketAddr};
use std::path::PathBuf;

use anyhow::{Context, Result};
use clap::Args;
use kokoni_server::app_links::{AndroidApp, AppLinks, AppleApp};
use kokoni_server::config::{PublicUrl, TlsFiles};
use kokoni_server::{Config, Server};
use serde::Serialize;

use crate::{logging, output, signals};

/// Run the server
///
/// Everything it keeps lies in one folder, made (0700) when it is not there; `kokoni init` puts an
/// organisation into it. Plain HTTP is for this computer only: give --tls-cert and --tls-key, or
/// put a proxy that speaks HTTPS before it and name that with --trusted-proxy.
///
/// The first line of output is the address. Ctrl-C or SIGTERM ends it: requests under way are
/// answered first. KOKONI_LOG says how much is logged, `info` or `kokoni_server=debug` say.
#[derive(Args)]
pub(crate) struct ServeArgs {
    /// The data folder
    #[arg(long, value_name = "DIR", env = "KOKONI_DATA")]
    data: PathBuf,
    /// Where to listen; port 0 takes a free one
    #[arg(
        long,
        value_name = "ADDR",
        env = "KOKONI_LISTEN",
        default_value = "127.0.0.1:8080"
    )]
    listen: SocketAddr,
    /// How people reach it from outside; requests for other hosts are refused then
    #[arg(long, value_name = "URL", env = "KOKONI_PUBLIC_URL")]
    public_url: Option<PublicUrl>,
    /// The certificate with its chain, PEM
    #[arg(
        long,
        value_name = "FILE",
        env = "KOKONI_TLS_CERT",
        requires = "tls_key"
    )]
    tls_cert: Option<PathBuf>,
    /// The certificate's private key, PEM
    #[arg(
        long,
        value_name = "FILE",
        env = "KOKONI_TLS_KEY",
        requires = "tls_cert"
    )]
    tls_key: Option<PathBuf>,
    /// A proxy whose forwarded headers count; may be given again
    #[arg(
        long,
        value_name = "IP",
        env = "KOKONI_TRUSTED_PROXY",
        value_delimiter = ','
    )]
    trusted_proxy: Vec<IpAddr>,
    /// An Android app that opens the links on labels, PACKAGE=SHA256-OF-ITS-CERTIFICATE; may be
    /// given again
    #[arg(
        long,
        value_name = "APP",
        env = "KOKONI_ANDROID_APP",
        value_delimiter = ','
    )]
    android_app: Vec<AndroidApp>,
    /// An iOS app that does, TEAM.BUNDLE; may be given again
    #[arg(
        long,
        value_name = "APP",
        env = "KOKONI_APPLE_APP",
        value_delimiter = ','
    )]
    apple_app: Vec<AppleApp>,
    /// Log in JSON, and print the address as JSON
    #[arg(long)]
    json: bool,
}

#[derive(Serialize)]
struct Listening {
    address: String,
}

pub(crate) fn run(args: ServeArgs) -> Result<()> {
    logging::start("info", args.json)?;
    let runtime = tokio::runtime::Runtime::new().context("the network cannot be used")?;
    let scheme = if args.tls_cert.is_some() {
        "https"
    } else {
        "http"
    };
    let json = args.json;
    runtime.block_on(async {
        let server = Server::bind(args.into()).await?;
        let address = format!("{scheme}://{}", server.local_addr());
        if json {
            output::print_json(&Listening { address })?;
        } else {
            output::print(&address)?;
        }
        server.run(signals::asked_to_stop()).await?;
        tracing::info!("stopped");
        Ok(())
    })
}

impl From<ServeArgs> for Config {
    fn from(args: ServeArgs) -> Self {
        let tls = args.tls_cert.zip(args.tls_key);
        Self {
            public_url: args.public_url,
            tls: tls.map(|(certificates, key)| TlsFiles { certificates, key }),
            trusted_proxies: args.trusted_proxy,
            app_links: AppLinks {
                android: args.android_app,
                apple: args.apple_app,
            },
            ..Self::new(args.data, args.listen)
        }
    }
}
