//! What a person reads before this phone is enrolled: where, and what becomes of what is on it.

use super::Language;
use crate::engine::{Engine, EnrolledIdentity, Invitation};
use crate::error::ClientError;

impl Engine {
    /// The question that stands before an enrolment by link. Asks no server.
    ///
    /// # Errors
    /// When it is no such link, or the database cannot be read.
    pub fn enrol_question(&self, link: &str, language: Language) -> Result<String, ClientError> {
        let invitation = Invitation::from_link(link)?;
        let identity = self.identity()?;
        let waiting = self.waiting()?.len();
        Ok(language.pick(question(&invitation, identity.as_ref(), waiting)))
    }
}

/// One organisation a phone: enrolling elsewhere takes the place of the enrolment before.
fn question(
    invitation: &Invitation,
    identity: Option<&EnrolledIdentity>,
    waiting: usize,
) -> (String, String) {
    let there = invitation.server().as_str();
    let there = there.split_once("://").map_or(there, |(_, host)| host);
    let Some(identity) = identity else {
        return (
            format!("この端末を {there} に登録します。"),
            format!("This phone will be enrolled at {there}."),
        );
    };
    let here = &identity.organisation_name;
    if identity.server == *invitation.server() {
        return (
            format!("この端末は {here} に登録済みです。登録し直しますか。"),
            format!("This phone is enrolled at {here} already. Enrol it again?"),
        );
    }
    let (mut ja, mut en) = (
        format!(
            "この端末は {here} に登録されています。{there} に登録すると、{here} の記録はこの端末から消えます。"
        ),
        format!(
            "This phone is enrolled at {here}. Enrolling it at {there} erases what it holds of {here}."
        ),
    );
    if waiting > 0 {
        ja.push_str(&format!(
            "未送信の記録が{waiting}件あります。先に送信してください。"
        ));
        en.push_str(&format!(
            " Records that wait to be sent: {waiting}. Send them first."
        ));
    }
    (ja, en)
}

#[cfg(test)]
mod tests {
    use kokoni_model::ids::{DeviceId, OrganisationId, PersonId};
    use kokoni_model::label::Host;
    use uuid::Uuid;

    use super::*;
    use crate::transport::Origin;

    const CODE: &str = "0123456789ABCDEFGHJKMNPQRS";

    fn invitation(host: &str) -> Invitation {
        Invitation::from_link(&format!("https://{host}/enrol#{CODE}")).expect("a link")
    }

    fn of_the_city() -> EnrolledIdentity {
        EnrolledIdentity {
            server: Origin::of("https://k.example.jp").expect("an origin"),
            organisation: OrganisationId::from_uuid(Uuid::from_u128(1)),
            organisation_name: "例市役所".into(),
            person: PersonId::from_uuid(Uuid::from_u128(2)),
            person_name: "見本 花子".into(),
            device: DeviceId::from_uuid(Uuid::from_u128(3)),
            label_host: Host::new("k.example.jp").expect("a host"),
            catalogue_key: String::new(),
        }
    }

    #[test]
    fn the_question_names_where_it_leads_and_what_would_be_lost() {
        let city = of_the_city();
        insta::assert_debug_snapshot!([
            question(&invitation("k.example.jp"), None, 0),
            question(&invitation("k.example.jp"), Some(&city), 2),
            question(&invitation("other.example.jp:8443"), Some(&city), 0),
            question(&invitation("other.example.jp"), Some(&city), 2),
        ]);
    }

    #[test]
    fn no_question_holds_a_code() {
        for identity in [None, Some(&of_the_city())] {
            for host in ["k.example.jp", "other.example.jp"] {
                let (ja, en) = question(&invitation(host), identity, 1);
                assert!(!ja.contains(CODE) && !en.contains(CODE), "{ja} {en}");
            }
        }
    }
}
