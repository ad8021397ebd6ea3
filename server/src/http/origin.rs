//! Where a request came from and by which name it reached us. Forwarded headers count only when
//! the peer is a trusted proxy.

use std::net::{IpAddr, SocketAddr};

use axum::http::{HeaderMap, Uri, header};

use crate::config::{Config, PublicUrl};

/// The peer of the connection, as the accept loop saw it.
#[derive(Clone, Copy, Debug)]
pub struct Peer {
    /// Its address.
    pub address: SocketAddr,
    /// Whether the connection itself is encrypted.
    pub tls: bool,
}

/// Where a request came from; an extension of every request.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Origin {
    /// The client's address, as far as it is known.
    pub client: IpAddr,
    /// Whether the client reached us, or our proxy, by HTTPS: cookies are Secure then.
    pub secure: bool,
    /// The host by which the client reached us, lower case, without the scheme's own port.
    pub host: Option<String>,
    /// Whether it certainly came from this machine itself.
    pub local: bool,
}

impl Origin {
    /// Works it out from the connection and the headers.
    pub fn of(config: &Config, peer: Peer, uri: &Uri, headers: &HeaderMap) -> Self {
        let peer_ip = peer.address.ip().to_canonical();
        let trusted = config
            .trusted_proxies
            .iter()
            .any(|proxy| proxy.to_canonical() == peer_ip);
        let forwarded = |name: &str| {
            headers
                .get(name)
                .filter(|_| trusted)
                .and_then(|value| value.to_str().ok())
                .and_then(|value| value.rsplit(',').next())
                .map(|value| value.trim().to_ascii_lowercase())
        };
        let client = forwarded("x-forwarded-for")
            .and_then(|text| text.parse::<IpAddr>().ok())
            .map_or(peer_ip, |ip| ip.to_canonical());
        let secure = match forwarded("x-forwarded-proto").as_deref() {
            Some(scheme) => scheme == "https",
            // A proxy that was not declared ends TLS for a server that is known by HTTPS.
            None => peer.tls || config.public_url.as_ref().is_some_and(PublicUrl::is_secure),
        };
        let host = forwarded("x-forwarded-host")
            .or_else(|| {
                uri.authority()
                    .map(|authority| authority.as_str().to_owned())
            })
            .or_else(|| {
                let host = headers.get(header::HOST)?;
                host.to_str().ok().map(str::to_owned)
            })
            .map(|host| {
                let host = host.to_ascii_lowercase();
                let own_port = if secure { ":443" } else { ":80" };
                host.strip_suffix(own_port)
                    .map_or(host.clone(), str::to_owned)
            });
        // A proxy on this machine that nobody declared makes every client look local.
        let through_a_proxy = ["x-forwarded-for", "forwarded", "via"]
            .iter()
            .any(|name| headers.contains_key(*name));
        Self {
            client,
            secure,
            host,
            local: client.is_loopback() && (!through_a_proxy || trusted),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn origin(trusted: &[&str], peer: &str, headers: &[(&'static str, &str)]) -> Origin {
        let mut config = Config::new("unused", SocketAddr::from(([127, 0, 0, 1], 0)));
        config.trusted_proxies = trusted
            .iter()
            .map(|ip| ip.parse().expect("an address"))
            .collect();
        let peer = Peer {
            address: SocketAddr::new(peer.parse().expect("an address"), 5),
            tls: false,
        };
        let map = headers
            .iter()
            .map(|(name, value)| {
                (
                    header::HeaderName::from_static(name),
                    value.parse().expect("a value"),
                )
            })
            .collect();
        Origin::of(&config, peer, &Uri::from_static("/"), &map)
    }

    const FORWARDED: &[(&str, &str)] = &[
        ("host", "inside:8080"),
        ("x-forwarded-for", "6.6.6.6, 203.0.113.9"),
        ("x-forwarded-proto", "https"),
        ("x-forwarded-host", "Kokoni.example.jp:443"),
    ];

    #[test]
    fn forwarded_headers_count_only_from_a_trusted_proxy() {
        let trusted = origin(&["192.0.2.1"], "192.0.2.1", FORWARDED);
        assert_eq!(trusted.client.to_string(), "203.0.113.9");
        assert!(trusted.secure);
        assert_eq!(trusted.host.as_deref(), Some("kokoni.example.jp"));
        let stranger = origin(&["192.0.2.1"], "192.0.2.2", FORWARDED);
        assert_eq!(stranger.client.to_string(), "192.0.2.2");
        assert!(!stranger.secure);
        assert_eq!(stranger.host.as_deref(), Some("inside:8080"));
    }

    #[test]
    fn a_server_that_is_known_by_https_is_reached_by_it_also_through_an_undeclared_proxy() {
        let mut config = Config::new("unused", SocketAddr::from(([127, 0, 0, 1], 0)));
        let peer = Peer {
            address: SocketAddr::from(([192, 0, 2, 1], 5)),
            tls: false,
        };
        for (url, secure) in [
            ("https://k.example.jp", true),
            ("http://k.example.jp", false),
        ] {
            config.public_url = Some(url.parse().expect("an address"));
            let origin = Origin::of(&config, peer, &Uri::from_static("/"), &HeaderMap::new());
            assert_eq!(origin.secure, secure, "{url}");
        }
    }

    #[test]
    fn behind_an_undeclared_proxy_nobody_is_local() {
        assert!(origin(&[], "127.0.0.1", &[]).local);
        assert!(!origin(&[], "127.0.0.1", FORWARDED).local);
        assert!(!origin(&["127.0.0.1"], "127.0.0.1", FORWARDED).local);
    }
}
