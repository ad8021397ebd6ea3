//! `Host`: the public name that stands in an organisation's labels. A setting, never the address
//! the server happens to listen on.

use std::fmt;

use serde::{Deserialize, Deserializer, Serialize, de};
use thiserror::Error;

/// The most characters a host may have: DNS's own bound for a name, and a port.
const MAX_CHARS: usize = 253 + 6;

/// A lower-case DNS name with an optional port, as it stands between `https://` and `/q/`.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Debug, Serialize)]
#[serde(transparent)]
pub struct Host(String);

/// Why a text cannot be the host of labels.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
pub enum HostError {
    /// Nothing there.
    #[error("the host is empty")]
    Empty,
    /// Longer than DNS allows.
    #[error("the host has {found} characters, at most {MAX_CHARS} are allowed")]
    TooLong {
        /// Characters found.
        found: usize,
    },
    /// A character that a lower-case DNS name cannot have.
    #[error(
        "character {found:?} at position {position} cannot stand in a host; use lower-case a-z, 0-9, hyphens and dots"
    )]
    Character {
        /// Zero-based index, in characters.
        position: usize,
        /// What stands there.
        found: char,
    },
    /// An empty part, one over 63 characters, or one with a hyphen at its edge.
    #[error("part {part} of the host is empty, too long, or begins or ends with a hyphen")]
    Part {
        /// One-based number of the part between dots.
        part: usize,
    },
    /// What follows the colon is no port from 1 to 65535.
    #[error("what follows the colon is not a port from 1 to 65535")]
    Port,
}

impl Host {
    /// Checks a host; nothing is folded or trimmed.
    pub fn new(text: &str) -> Result<Self, HostError> {
        let length = text.chars().count();
        if length == 0 {
            return Err(HostError::Empty);
        }
        if length > MAX_CHARS {
            return Err(HostError::TooLong { found: length });
        }
        let (name, port) = match text.split_once(':') {
            Some((name, port)) => (name, Some(port)),
            None => (text, None),
        };
        let allowed = |c: char| c.is_ascii_lowercase() || c.is_ascii_digit() || "-.".contains(c);
        if let Some((position, found)) = name.chars().enumerate().find(|&(_, c)| !allowed(c)) {
            return Err(HostError::Character { position, found });
        }
        let whole = |part: &str| {
            (1..=63).contains(&part.len()) && !part.starts_with('-') && !part.ends_with('-')
        };
        if let Some(index) = name.split('.').position(|part| !whole(part)) {
            return Err(HostError::Part { part: index + 1 });
        }
        let port_is_plain =
            |port: &str| !port.starts_with('0') && port.bytes().all(|b| b.is_ascii_digit());
        if port.is_some_and(|port| !port_is_plain(port) || port.parse::<u16>().is_err()) {
            return Err(HostError::Port);
        }
        Ok(Self(text.to_owned()))
    }

    /// The host as it is written.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl fmt::Display for Host {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl std::str::FromStr for Host {
    type Err = HostError;

    fn from_str(text: &str) -> Result<Self, HostError> {
        Self::new(text)
    }
}

impl<'de> Deserialize<'de> for Host {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let text = <std::borrow::Cow<'de, str>>::deserialize(deserializer)?;
        Self::new(&text).map_err(de::Error::custom)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ordinary_names_and_ports_are_hosts() {
        for text in [
            "k.example.jp",
            "kokoni.city.example.lg.jp",
            "localhost:8080",
            "a",
        ] {
            assert_eq!(
                Host::new(text).map(|host| host.to_string()),
                Ok(text.to_owned())
            );
        }
    }

    #[test]
    fn each_malformed_host_has_its_own_error() {
        assert_eq!(Host::new(""), Err(HostError::Empty));
        assert_eq!(
            Host::new(&"a.".repeat(200)),
            Err(HostError::TooLong { found: 400 })
        );
        assert_eq!(
            Host::new("K.example.jp"),
            Err(HostError::Character {
                position: 0,
                found: 'K'
            })
        );
        assert_eq!(
            Host::new("k.example/q"),
            Err(HostError::Character {
                position: 9,
                found: '/'
            })
        );
        assert_eq!(Host::new("k..jp"), Err(HostError::Part { part: 2 }));
        assert_eq!(Host::new("-k.jp"), Err(HostError::Part { part: 1 }));
        for port in ["k.jp:", "k.jp:0", "k.jp:+1", "k.jp:65536", "k.jp:1:2"] {
            assert_eq!(Host::new(port), Err(HostError::Port), "{port}");
        }
    }
}
