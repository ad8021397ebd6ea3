//! What IT sets from afar: the managed configuration of Android and iOS, as key and value.
//!
//! | key | value |
//! |---|---|
//! | `server_url` | `https://HOST` |
//! | `enrolment_link` | an invitation, `https://HOST/enrol#CODE` |
//! | `enrolment_code` | ten characters, together with `server_url` |
//! | `device_name` | how the device calls itself |
//! | `language` | `ja` or `en` |
//! | `root_certificates` | PEM, one or more, for networks that inspect TLS |

use std::collections::HashMap;

use super::Language;
use crate::engine::{EnrolledIdentity, Invitation};
use crate::transport::Origin;

/// What the managed configuration says.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct ManagedSettings {
    /// An invitation, when there is one.
    pub invitation: Option<Invitation>,
    /// The server, also where there is no invitation.
    pub server: Option<Origin>,
    /// How the device calls itself.
    pub device_name: Option<String>,
    /// The language.
    pub language: Option<Language>,
    /// Root certificates, PEM.
    pub root_certificates: Vec<Vec<u8>>,
    problems: Vec<(&'static str, Problem)>,
}

/// What is said of one key.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SettingFeedback {
    /// The key.
    pub key: String,
    /// Whether the value cannot be used.
    pub problem: bool,
    /// What is said of it; never repeats the value.
    pub text: String,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Problem {
    Address,
    Link,
    Code,
    CodeWithoutServer,
    Language,
    Certificate,
}

const PEM_END: &str = "-----END CERTIFICATE-----";
const PEM_BEGIN: &str = "-----BEGIN CERTIFICATE-----";

impl ManagedSettings {
    /// Reads key and value; what cannot be used is left out and told by [`Self::feedback`]. An empty
    /// value is as good as none.
    pub fn read(values: &HashMap<String, String>) -> Self {
        let value = |key: &str| {
            let text = values.get(key).map(|value| value.trim());
            text.filter(|text| !text.is_empty())
        };
        let mut settings = Self {
            device_name: value("device_name").map(Into::into),
            ..Self::default()
        };
        if let Some(address) = value("server_url") {
            match Origin::of(address) {
                Ok(server) => settings.server = Some(server),
                Err(_) => settings.problem("server_url", Problem::Address),
            }
        }
        if let Some(link) = value("enrolment_link") {
            match Invitation::from_link(link) {
                Ok(invitation) => {
                    settings.server = Some(invitation.server().clone());
                    settings.invitation = Some(invitation);
                }
                Err(_) => settings.problem("enrolment_link", Problem::Link),
            }
        } else if let Some(code) = value("enrolment_code") {
            let server = settings.server.as_ref().map(Origin::as_str);
            match server.map(|server| Invitation::typed(server, code)) {
                Some(Ok(invitation)) => settings.invitation = Some(invitation),
                Some(Err(_)) => settings.problem("enrolment_code", Problem::Code),
                None => settings.problem("enrolment_code", Problem::CodeWithoutServer),
            }
        }
        match value("language") {
            Some("ja") => settings.language = Some(Language::Japanese),
            Some("en") => settings.language = Some(Language::English),
            Some(_) => settings.problem("language", Problem::Language),
            None => {}
        }
        if let Some(pem) = value("root_certificates") {
            for part in pem.split_inclusive(PEM_END).map(str::trim) {
                if part.starts_with(PEM_BEGIN) && part.ends_with(PEM_END) {
                    settings.root_certificates.push(part.into());
                } else if !part.is_empty() {
                    settings.problem("root_certificates", Problem::Certificate);
                    break;
                }
            }
        }
        settings
    }

    fn problem(&mut self, key: &'static str, problem: Problem) {
        self.problems.push((key, problem));
    }

    /// What is to be reported back: what cannot be used, and how enrolment stands. `identity` is
    /// whose phone this is.
    pub fn feedback(
        &self,
        identity: Option<&EnrolledIdentity>,
        language: Language,
    ) -> Vec<SettingFeedback> {
        let said = |key: &str, problem, (ja, en): (&str, &str)| SettingFeedback {
            key: key.to_owned(),
            problem,
            text: language.pick((ja, en)).to_owned(),
        };
        let problems = self.problems.iter();
        let mut feedback: Vec<_> = problems
            .map(|(key, problem)| said(key, true, problem.words()))
            .collect();
        match (identity, &self.server) {
            (Some(identity), Some(server)) if identity.server != *server => {
                let words = (
                    "この端末は別のサーバーに登録されています。",
                    "This device is enrolled at another server.",
                );
                feedback.push(said("server_url", true, words));
            }
            (Some(_), _) => {
                feedback.push(said("enrolment", false, ("登録済みです。", "Enrolled.")))
            }
            (None, _) if self.invitation.is_some() => {
                let words = ("登録できます。", "Ready to enrol.");
                feedback.push(said("enrolment", false, words));
            }
            (None, _) => {
                let words = ("登録コードがありません。", "There is no invitation.");
                feedback.push(said("enrolment", false, words));
            }
        }
        feedback
    }
}

impl Problem {
    const fn words(self) -> (&'static str, &'static str) {
        match self {
            Self::Address => (
                "https:// で始まるアドレスが必要です。",
                "An address that begins with https:// is needed.",
            ),
            Self::Link => (
                "https://HOST/enrol#CODE の形のリンクが必要です。",
                "A link like https://HOST/enrol#CODE is needed.",
            ),
            Self::Code => (
                "英数字10文字のコードが必要です。",
                "A code of ten letters and digits is needed.",
            ),
            Self::CodeWithoutServer => (
                "server_url も必要です。",
                "It needs a server_url beside it.",
            ),
            Self::Language => ("ja または en が必要です。", "It is ja or en."),
            Self::Certificate => (
                "PEM 形式の証明書が必要です。",
                "Certificates in PEM are needed.",
            ),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(values: &[(&str, &str)]) -> ManagedSettings {
        let values = values.iter();
        ManagedSettings::read(
            &values
                .map(|(key, value)| ((*key).to_owned(), (*value).to_owned()))
                .collect(),
        )
    }

    #[test]
    fn a_link_alone_or_a_server_and_a_code_are_an_invitation() {
        let link = "https://k.example.jp/enrol#0123456789ABCDEFGHJKMNPQRS";
        let by_link = read(&[("enrolment_link", link)]);
        assert_eq!(by_link.invitation, Invitation::from_link(link).ok());
        let by_code = read(&[
            ("server_url", "https://k.example.jp/"),
            ("enrolment_code", "abcde-12345"),
        ]);
        let typed = Invitation::typed("https://k.example.jp", "ABCDE12345").ok();
        assert_eq!(by_code.invitation, typed);
    }

    #[test]
    fn certificates_are_taken_one_by_one() {
        let one = format!("{PEM_BEGIN}\nAAAA\n{PEM_END}\n");
        let settings = read(&[("root_certificates", &one.repeat(2))]);
        assert_eq!(settings.root_certificates.len(), 2);
        assert!(settings.problems.is_empty());
    }

    #[test]
    fn each_key_that_cannot_be_used_is_told_without_its_value() {
        let settings = read(&[
            ("server_url", "http://k.example.jp"),
            ("enrolment_code", "SECRET"),
            ("language", "fr"),
            ("root_certificates", "SECRET"),
            ("device_name", "  "),
            ("unknown_key", "SECRET"),
        ]);
        let linked = read(&[("enrolment_link", "SECRET")]);
        let coded = read(&[
            ("server_url", "https://k.example.jp"),
            ("enrolment_code", "SECRET"),
        ]);
        let said: Vec<String> = [settings, linked, coded, read(&[])]
            .iter()
            .flat_map(|settings| {
                let both = [Language::Japanese, Language::English];
                both.map(|language| settings.feedback(None, language))
            })
            .flatten()
            .map(|said| format!("{} {} {}", said.key, said.problem, said.text))
            .collect();
        let said = said.join("\n");
        assert!(!said.contains("SECRET"));
        insta::assert_snapshot!(said);
    }
}
