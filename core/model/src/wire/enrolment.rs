//! Enrolment and tokens: `POST /api/v1/enrol`, `/api/v1/tokens/refresh`, `/api/v1/sign-out`.

use std::fmt;

use serde::{Deserialize, Serialize};

use crate::clock::Timestamp;
use crate::ids::{DeviceId, IncarnationId, OrganisationId, PersonId};
use crate::label::Host;

/// A secret on its way: never shown by `Debug`.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(transparent)]
pub struct Secret(pub String);

impl fmt::Debug for Secret {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Secret(…)")
    }
}

/// A phone asks to be enrolled with a one-time code.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct EnrolRequest {
    /// The code of the link's fragment (26 Crockford characters), or the ten that were typed.
    pub code: Secret,
    /// What the device calls itself, for the list of devices; at most 80 characters.
    #[cfg_attr(feature = "openapi", schema(max_length = 80))]
    pub device_name: String,
    /// What kind of device it is.
    pub platform: Platform,
}

/// Shows no name of a device: people call theirs after themselves.
impl fmt::Debug for EnrolRequest {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "EnrolRequest({:?})", self.platform)
    }
}

/// Kinds of devices; open to values of later versions.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(rename_all = "snake_case")]
pub enum Platform {
    /// An Android phone.
    Android,
    /// An iPhone or iPad.
    Ios,
    /// A command line.
    Cli,
    /// A browser.
    Browser,
    /// A value of a later version.
    #[serde(untagged)]
    Other(String),
}

/// What a phone needs to know after enrolment.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct Enrolled {
    /// The organisation.
    pub organisation: OrganisationId,
    /// Its name, ready to be shown.
    pub organisation_name: String,
    /// The person the code was for.
    pub person: PersonId,
    /// Their display name.
    pub person_name: String,
    /// The new device.
    pub device: DeviceId,
    /// The public name in this organisation's labels.
    #[cfg_attr(feature = "openapi", schema(value_type = String))]
    pub label_host: Host,
    /// The Ed25519 public key that signs catalogues, 32 bytes in base64. Pinned from now on.
    pub catalogue_key: String,
    /// Which life of the server's database answered.
    pub incarnation: IncarnationId,
    /// The first pair of tokens.
    pub tokens: Tokens,
}

/// Shows no name.
impl fmt::Debug for Enrolled {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Enrolled(device {})", self.device)
    }
}

/// A pair of bearer tokens, each 32 random bytes in base64url.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct Tokens {
    /// Goes with every request.
    pub access: Secret,
    /// When the access token ends.
    pub access_expires_us: Timestamp,
    /// Buys the next pair, once.
    pub refresh: Secret,
}

/// A phone asks for the next pair of tokens.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct RefreshRequest {
    /// The refresh token of the last pair.
    pub refresh: Secret,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn secrets_stay_out_of_debug_output() {
        let request = EnrolRequest {
            code: Secret("TOPSECRET".into()),
            device_name: "phone".into(),
            platform: Platform::Android,
        };
        assert!(!format!("{request:?}").contains("TOPSECRET"));
        insta::assert_json_snapshot!(request);
    }

    #[test]
    fn platforms_of_a_later_version_are_read() {
        let platform: Platform = serde_json::from_str("\"watch\"").expect("read");
        assert_eq!(platform, Platform::Other("watch".into()));
    }
}
