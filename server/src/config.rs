//! What is configured when a server starts.

use std::net::{IpAddr, SocketAddr};
use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;

use thiserror::Error;

use crate::app_links::AppLinks;
use crate::ports::{Clock, Random, SystemClock, SystemRandomness};

/// How a server is run. [`Config::new`] gives what is usual; every member may be changed.
#[derive(Clone)]
pub struct Config {
    /// The data folder; made when it is not there.
    pub data: PathBuf,
    /// Where to listen; port 0 takes a free one.
    pub listen: SocketAddr,
    /// How people reach the server from outside. When it is set, requests for other hosts are
    /// answered `wrong_host`.
    pub public_url: Option<PublicUrl>,
    /// Certificate and key; without them the server speaks plain HTTP, for loopback or behind a
    /// proxy.
    pub tls: Option<TlsFiles>,
    /// Forwarded headers count only from these.
    pub trusted_proxies: Vec<IpAddr>,
    /// Which apps may open the links on labels.
    pub app_links: AppLinks,
    /// How events of many phones are grouped into commits.
    pub grouping: Grouping,
    /// What becomes of them.
    pub keeping: Keeping,
    /// Says what time it is.
    pub clock: Arc<dyn Clock>,
    /// Makes the source of randomness.
    pub random: Arc<dyn Fn() -> Box<dyn Random> + Send + Sync>,
}

impl Config {
    /// The usual configuration.
    pub fn new(data: impl Into<PathBuf>, listen: SocketAddr) -> Self {
        Self {
            data: data.into(),
            listen,
            public_url: None,
            tls: None,
            trusted_proxies: Vec::new(),
            app_links: AppLinks::default(),
            grouping: Grouping::default(),
            keeping: Keeping::default(),
            clock: Arc::new(SystemClock),
            random: Arc::new(|| Box::new(SystemRandomness::new())),
        }
    }
}

/// How events of many phones are grouped into commits.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Grouping {
    /// How long the first batch of a group may wait for others. A phone that is alone never waits.
    pub longest_wait: Duration,
    /// A group is full with this many events.
    pub most_events: usize,
}

impl Default for Grouping {
    fn default() -> Self {
        Self {
            longest_wait: Duration::from_millis(5),
            most_events: 500,
        }
    }
}

impl Grouping {
    /// A commit for every batch: for comparison.
    pub const NONE: Self = Self {
        longest_wait: Duration::ZERO,
        most_events: 1,
    };
}

/// What becomes of the events that are taken.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Keeping {
    /// They are applied and committed before they are answered.
    #[default]
    Everything,
    /// They go all the way to the thread that writes and are answered as applied, and nothing is
    /// looked up or written: for comparison, never for anybody's record.
    Nothing,
}

/// PEM files for TLS.
#[derive(Clone, Debug)]
pub struct TlsFiles {
    /// The chain of certificates, the server's own first.
    pub certificates: PathBuf,
    /// The private key.
    pub key: PathBuf,
}

/// How people reach the server from outside: a scheme and a host, `https://kokoni.example.jp` say.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PublicUrl {
    secure: bool,
    authority: String,
}

/// Why a text is not a public URL.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Error)]
#[error(
    "a public URL is http:// or https:// and a lower-case host with an optional port, nothing else"
)]
pub struct PublicUrlError;

impl PublicUrl {
    /// Whether people come by HTTPS.
    pub const fn is_secure(&self) -> bool {
        self.secure
    }

    /// Host and, where it is not the scheme's own, port.
    pub fn authority(&self) -> &str {
        &self.authority
    }
}

impl std::str::FromStr for PublicUrl {
    type Err = PublicUrlError;

    fn from_str(text: &str) -> Result<Self, PublicUrlError> {
        let text = text.strip_suffix('/').unwrap_or(text);
        let (secure, authority) = match text.split_once("://") {
            Some(("https", authority)) => (true, authority),
            Some(("http", authority)) => (false, authority),
            _ => return Err(PublicUrlError),
        };
        let own_port = if secure { ":443" } else { ":80" };
        let authority = authority.strip_suffix(own_port).unwrap_or(authority);
        kokoni_model::label::Host::new(authority).map_err(|_| PublicUrlError)?;
        Ok(Self {
            secure,
            authority: authority.to_owned(),
        })
    }
}

impl std::fmt::Display for PublicUrl {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let scheme = if self.secure { "https" } else { "http" };
        write!(f, "{scheme}://{}", self.authority)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_public_url_is_a_scheme_and_a_host() {
        let url = |text: &str| text.parse::<PublicUrl>();
        assert_eq!(
            url("https://kokoni.example.jp/").map(|url| url.to_string()),
            Ok("https://kokoni.example.jp".into())
        );
        assert_eq!(
            url("https://kokoni.example.jp:443").map(|url| url.authority().to_owned()),
            Ok("kokoni.example.jp".into())
        );
        assert!(url("http://127.0.0.1:8080").is_ok_and(|url| !url.is_secure()));
        for wrong in [
            "kokoni.example.jp",
            "ftp://a.jp",
            "https://a.jp/q",
            "https://A.jp",
            "https://",
        ] {
            assert_eq!(url(wrong), Err(PublicUrlError), "{wrong}");
        }
    }
}
