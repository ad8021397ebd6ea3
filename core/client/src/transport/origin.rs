//! The server's address: scheme, host and port, and nothing else. Plain `http://` only on loopback.

use std::fmt;
use std::net::IpAddr;

use serde::{Deserialize, Deserializer, Serialize, de};
use thiserror::Error;

/// `https://HOST[:PORT]`, or `http://` on loopback.
#[derive(Clone, PartialEq, Eq, Hash, Debug, Serialize)]
#[serde(transparent)]
pub struct Origin(String);

/// Why a text is no address of a server.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Error)]
pub enum OriginError {
    /// Not a web address at all.
    #[error("the server's address is not a web address")]
    Malformed,
    /// Neither https nor http.
    #[error("the server's address begins with https://")]
    Scheme,
    /// Tokens would travel in the clear.
    #[error("http:// is allowed on this computer only; use https://")]
    NotEncrypted,
    /// A name or password stands in it.
    #[error("the server's address must not hold a user name")]
    Credentials,
}

impl Origin {
    /// The origin of a web address; path, query and fragment are dropped.
    ///
    /// # Errors
    /// When it is no address, or one whose traffic could be read.
    pub fn of(address: &str) -> Result<Self, OriginError> {
        let url = url::Url::parse(address.trim()).map_err(|_| OriginError::Malformed)?;
        if !url.username().is_empty() || url.password().is_some() {
            return Err(OriginError::Credentials);
        }
        let host = url.host_str().ok_or(OriginError::Malformed)?;
        match url.scheme() {
            "https" => {}
            "http" if is_loopback(host) => {}
            "http" => return Err(OriginError::NotEncrypted),
            _ => return Err(OriginError::Scheme),
        }
        let port = url
            .port()
            .map(|port| format!(":{port}"))
            .unwrap_or_default();
        Ok(Self(format!("{}://{host}{port}", url.scheme())))
    }

    /// The whole address of a path, which begins with a slash.
    pub fn join(&self, path: &str) -> String {
        format!("{}{path}", self.0)
    }

    /// As it is written, without a slash at the end.
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// Whether it is this computer.
    pub fn is_loopback(&self) -> bool {
        url::Url::parse(&self.0).is_ok_and(|url| url.host_str().is_some_and(is_loopback))
    }
}

fn is_loopback(host: &str) -> bool {
    let bare = host.trim_start_matches('[').trim_end_matches(']');
    host == "localhost"
        || bare
            .parse::<IpAddr>()
            .is_ok_and(|address| address.is_loopback())
}

impl fmt::Display for Origin {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl<'de> Deserialize<'de> for Origin {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let text = <std::borrow::Cow<'de, str>>::deserialize(deserializer)?;
        Self::of(&text).map_err(de::Error::custom)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_scheme_host_and_port_are_kept() {
        let origin = Origin::of("https://K.example.jp/enrol?x#CODE").expect("an origin");
        assert_eq!(origin.as_str(), "https://k.example.jp");
        assert_eq!(origin.join("/api/v1/me"), "https://k.example.jp/api/v1/me");
    }

    #[test]
    fn http_is_refused_except_on_loopback() {
        for address in [
            "http://127.0.0.1:8080",
            "http://localhost:1",
            "http://[::1]:9",
        ] {
            let origin = Origin::of(address).expect("allowed");
            assert_eq!(origin.as_str(), address);
            assert!(origin.is_loopback());
        }
        for address in [
            "http://k.example.jp",
            "http://10.0.0.1",
            "http://localhost.example.jp",
        ] {
            assert_eq!(
                Origin::of(address),
                Err(OriginError::NotEncrypted),
                "{address}"
            );
        }
    }

    #[test]
    fn each_bad_address_has_its_own_error() {
        assert_eq!(Origin::of("k.example.jp"), Err(OriginError::Malformed));
        assert_eq!(Origin::of("ftp://k.example.jp"), Err(OriginError::Scheme));
        assert_eq!(
            Origin::of("https://a:b@k.example.jp"),
            Err(OriginError::Credentials)
        );
    }
}
