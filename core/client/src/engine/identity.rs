//! Whose phone this is: invitations, and the identity that enrolment gives.

use std::fmt;

use kokoni_model::ids::{DeviceId, OrganisationId, PersonId};
use kokoni_model::label::Host;
use kokoni_model::wire::enrolment::{Enrolled, Secret};
use serde::{Deserialize, Serialize};

use crate::error::{ClientError, InputError};
use crate::transport::Origin;

/// Characters of a code: in a link, and typed by hand.
const CODE_CHARS: [usize; 2] = [26, 10];

/// Where to enrol, and the one-time code for it.
#[derive(Clone, PartialEq, Eq)]
pub struct Invitation {
    pub(crate) server: Origin,
    pub(crate) code: Secret,
}

impl Invitation {
    /// From an enrolment link or QR code, `https://HOST/enrol#CODE`.
    ///
    /// # Errors
    /// When it is not such a link, or its server's address is not allowed.
    pub fn from_link(link: &str) -> Result<Self, ClientError> {
        let link = link.trim();
        let (address, code) = link.split_once('#').ok_or(InputError::EnrolLink)?;
        let path = address
            .split_once("://")
            .and_then(|(_, rest)| Some(rest.split_once('/')?.1));
        if path.is_none_or(|path| path.trim_end_matches('/') != "enrol") {
            return Err(InputError::EnrolLink.into());
        }
        Self::typed(address, code)
    }

    /// From the server's address and a code that a person typed; separators and case do not matter.
    ///
    /// # Errors
    /// When the address is not allowed, or the code has not the right number of characters.
    pub fn typed(server: &str, code: &str) -> Result<Self, ClientError> {
        let server = Origin::of(server).map_err(InputError::Server)?;
        let folded: String = code
            .chars()
            .filter(|c| c.is_alphanumeric())
            .flat_map(char::to_uppercase)
            .map(|c| match c {
                'O' => '0',
                'I' | 'L' => '1',
                other => other,
            })
            .collect();
        let found = folded.chars().count();
        if !CODE_CHARS.contains(&found) {
            return Err(InputError::EnrolCode { found }.into());
        }
        Ok(Self {
            server,
            code: Secret(folded),
        })
    }

    /// The server it leads to.
    pub fn server(&self) -> &Origin {
        &self.server
    }
}

/// Never shows the code.
impl fmt::Debug for Invitation {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Invitation({})", self.server)
    }
}

/// Whose phone this is.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct EnrolledIdentity {
    /// Where the server is.
    pub server: Origin,
    /// The organisation.
    pub organisation: OrganisationId,
    /// Its name, ready to be shown.
    pub organisation_name: String,
    /// The person.
    pub person: PersonId,
    /// Their display name.
    pub person_name: String,
    /// This device.
    pub device: DeviceId,
    /// The public name in this organisation's labels.
    pub label_host: Host,
    /// The Ed25519 public key that signs catalogues, 32 bytes in base64. Pinned at enrolment.
    pub catalogue_key: String,
}

impl EnrolledIdentity {
    pub(crate) fn new(server: Origin, enrolled: &Enrolled) -> Self {
        Self {
            server,
            organisation: enrolled.organisation,
            organisation_name: enrolled.organisation_name.clone(),
            person: enrolled.person,
            person_name: enrolled.person_name.clone(),
            device: enrolled.device,
            label_host: enrolled.label_host.clone(),
            catalogue_key: enrolled.catalogue_key.clone(),
        }
    }
}

/// Shows no name.
impl fmt::Debug for EnrolledIdentity {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(
            f,
            "EnrolledIdentity(device {} at {})",
            self.device, self.server
        )
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::transport::OriginError;

    const CODE: &str = "0123456789ABCDEFGHJKMNPQRS";

    #[test]
    fn a_link_gives_server_and_code() {
        let link = format!("https://k.example.jp/enrol#{CODE}");
        let invitation = Invitation::from_link(&link).expect("an invitation");
        assert_eq!(invitation.server.as_str(), "https://k.example.jp");
        assert_eq!(invitation.code.0, CODE);
        assert!(!format!("{invitation:?}").contains(CODE));
    }

    #[test]
    fn a_typed_code_folds_case_look_alikes_and_separators() {
        let typed = Invitation::typed("http://127.0.0.1:8080", "ab1o-l2 i34-5").expect("accepted");
        assert_eq!(typed.code.0, "AB10121345");
    }

    #[test]
    fn each_bad_invitation_has_its_own_error() {
        let error = |result: Result<Invitation, ClientError>| match result {
            Err(ClientError::Input(input)) => input,
            other => panic!("{other:?}"),
        };
        for link in [
            "https://k.example.jp/q/x#Y",
            "https://k.example.jp/enrol",
            "x#y",
        ] {
            assert_eq!(
                error(Invitation::from_link(link)),
                InputError::EnrolLink,
                "{link}"
            );
        }
        let plain = Invitation::from_link(&format!("http://k.example.jp/enrol#{CODE}"));
        assert_eq!(error(plain), InputError::Server(OriginError::NotEncrypted));
        let short = Invitation::typed("https://k.example.jp", "123");
        assert_eq!(error(short), InputError::EnrolCode { found: 3 });
    }
}
