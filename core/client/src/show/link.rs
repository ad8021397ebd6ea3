//! Where an opened link leads: a label scanned with the phone's own camera, an invitation, or
//! nowhere of ours.

use std::fmt;

use kokoni_model::label::{Host, LabelId, parse_opened_link};

use crate::engine::{Engine, Invitation};
use crate::error::ClientError;

/// Where a link leads.
#[derive(Clone, PartialEq, Eq)]
pub enum Route {
    /// A label of this organisation.
    Label(LabelId),
    /// An invitation to enrol; the link as it came.
    Enrol(String),
    /// The sign-in of the web pages; the link as it came.
    SignIn(String),
    /// A label of somebody else.
    OtherOrganisation {
        /// The host that stands in it.
        host: String,
    },
    /// Nothing that the app knows.
    Unknown,
}

/// Without the code of an invitation.
impl fmt::Debug for Route {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Label(label) => write!(f, "Label({label:?})"),
            Self::Enrol(_) => f.write_str("Enrol(…)"),
            Self::SignIn(_) => f.write_str("SignIn(…)"),
            Self::OtherOrganisation { host } => write!(f, "OtherOrganisation({host})"),
            Self::Unknown => f.write_str("Unknown"),
        }
    }
}

/// Where a link leads on a phone whose labels carry the host `ours`; `None` before enrolment.
pub fn route(link: &str, ours: Option<&Host>) -> Route {
    let link = link.trim();
    if let Some(label) = ours.and_then(|host| parse_opened_link(host, link).ok()) {
        return Route::Label(label);
    }
    if Invitation::from_link(link).is_ok() {
        return Route::Enrol(link.to_owned());
    }
    let Ok(url) = url::Url::parse(link) else {
        return Route::Unknown;
    };
    let Some(name) = url.host_str() else {
        return Route::Unknown;
    };
    let host = match url.port() {
        Some(port) => format!("{name}:{port}"),
        None => name.to_owned(),
    };
    let is_web = matches!(url.scheme(), "https" | "http");
    if is_web && url.path() == "/sign-in" && url.fragment().is_some() {
        return Route::SignIn(link.to_owned());
    }
    let is_label = Host::new(&host).is_ok_and(|host| parse_opened_link(&host, link).is_ok());
    match ours {
        Some(ours) if ours.as_str() == host => Route::Unknown,
        _ if is_label => Route::OtherOrganisation { host },
        _ => Route::Unknown,
    }
}

impl Engine {
    /// Where an opened link leads on this phone.
    ///
    /// # Errors
    /// When the database cannot be read.
    pub fn route(&self, link: &str) -> Result<Route, ClientError> {
        let identity = self.identity()?;
        Ok(route(
            link,
            identity.as_ref().map(|identity| &identity.label_host),
        ))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn ours() -> Host {
        Host::new("k.example.jp").expect("a host")
    }

    #[test]
    fn each_link_leads_where_it_should() {
        let label = LabelId::parse_exact("0123456789ABCDEF").expect("a label");
        let enrol = "https://k.example.jp/enrol#0123456789ABCDEFGHJKMNPQRS";
        let sign_in = "https://k.example.jp/sign-in#0123456789ABCDEFGHJKMNPQRS";
        let other = Route::OtherOrganisation {
            host: "other.example.jp".into(),
        };
        let cases = [
            (
                " HTTPS://K.example.JP/q/o123456789abcdef ",
                Route::Label(label),
            ),
            (enrol, Route::Enrol(enrol.into())),
            (sign_in, Route::SignIn(sign_in.into())),
            ("https://other.example.jp/q/0123456789ABCDEF", other),
            ("https://k.example.jp/q/012345", Route::Unknown),
            ("https://k.example.jp/people", Route::Unknown),
            ("https://other.example.jp/", Route::Unknown),
            ("tel:1234", Route::Unknown),
            ("", Route::Unknown),
        ];
        for (link, expected) in cases {
            assert_eq!(route(link, Some(&ours())), expected, "{link}");
        }
    }

    #[test]
    fn before_enrolment_every_label_is_somebody_elses() {
        let found = route("https://k.example.jp/q/0123456789ABCDEF", None);
        let host = "k.example.jp".into();
        assert_eq!(found, Route::OtherOrganisation { host });
    }
}
