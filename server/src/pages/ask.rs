//! What a page is asked for: the visitor, their language, the query. Extractors for handlers.

use axum::extract::FromRequestParts;
use axum::http::request::Parts;
use axum::http::{HeaderMap, StatusCode, header};
use axum::response::{IntoResponse, Response};
use axum_extra::extract::cookie::CookieJar;

use super::frame::Frame;
use super::language::{LANGUAGE_COOKIE, Language};
use super::words::Words;
use crate::app::App;
use crate::auth::Caller;
use crate::auth::session::Visitor;
use crate::http::origin::Origin;
use crate::params;
use crate::problem::ApiError;
use crate::store::{StoreError, Tx};

/// A request for a page by anybody.
pub(crate) struct Ask {
    /// The language of the answer.
    pub(crate) language: Language,
    /// Who is signed in.
    pub(crate) caller: Option<Caller>,
    /// Whether cookies are to be Secure.
    pub(crate) secure: bool,
    raw_query: Option<String>,
}

/// A request by somebody who is signed in; others are led to the sign-in.
pub(crate) struct SignedIn {
    /// What is asked.
    pub(crate) ask: Ask,
    /// By whom.
    pub(crate) caller: Caller,
}

impl Ask {
    /// The words of the language.
    pub(crate) fn words(&self) -> &'static Words {
        Words::of(self.language)
    }

    /// What stands around a page for somebody who is not known.
    pub(crate) fn unsigned(&self) -> Frame {
        Frame::unsigned(self.language, self.raw_query.as_deref())
    }

    /// The same on a page that leads on to `next`, in either language.
    pub(crate) fn leading_to(&self, next: &str) -> Frame {
        let query = format!("next={}", percent_encoded(next));
        Frame::unsigned(self.language, (next != "/").then_some(query.as_str()))
    }
}

/// The language of a request: `?lang=`, the cookie, `Accept-Language`.
pub(crate) fn language_of(headers: &HeaderMap, raw_query: Option<&str>) -> Language {
    let jar = CookieJar::from_headers(headers);
    let accepted = headers
        .get(header::ACCEPT_LANGUAGE)
        .and_then(|value| value.to_str().ok());
    Language::choose(
        asked_language(raw_query),
        jar.get(LANGUAGE_COOKIE).map(|cookie| cookie.value()),
        accepted,
    )
}

/// The value of `lang=` in a query.
pub(crate) fn asked_language(raw_query: Option<&str>) -> Option<&str> {
    raw_query?
        .split('&')
        .find_map(|pair| pair.strip_prefix("lang="))
}

impl FromRequestParts<App> for Ask {
    type Rejection = ApiError;

    async fn from_request_parts(parts: &mut Parts, app: &App) -> Result<Self, ApiError> {
        let Visitor(caller) = Visitor::from_request_parts(parts, app).await?;
        let raw_query = parts.uri.query().map(str::to_owned);
        Ok(Self {
            language: language_of(&parts.headers, raw_query.as_deref()),
            caller,
            secure: parts
                .extensions
                .get::<Origin>()
                .is_some_and(|origin| origin.secure),
            raw_query,
        })
    }
}

impl FromRequestParts<App> for SignedIn {
    type Rejection = Response;

    async fn from_request_parts(parts: &mut Parts, app: &App) -> Result<Self, Response> {
        let ask = Ask::from_request_parts(parts, app)
            .await
            .map_err(IntoResponse::into_response)?;
        match ask.caller {
            Some(caller) => Ok(Self { ask, caller }),
            None => Err(to_sign_in(parts)),
        }
    }
}

/// Leads to the sign-in, and back afterwards.
fn to_sign_in(parts: &Parts) -> Response {
    let back = parts.uri.path_and_query().map_or("/", |uri| uri.as_str());
    let address = match back {
        "/" => "/sign-in".to_owned(),
        back => format!("/sign-in?next={}", percent_encoded(back)),
    };
    see_other(&address)
}

/// `303 See Other`: what follows is a GET.
pub(crate) fn see_other(address: &str) -> Response {
    match address.parse::<header::HeaderValue>() {
        Ok(address) => (StatusCode::SEE_OTHER, [(header::LOCATION, address)]).into_response(),
        Err(_) => ApiError::not_found().into_response(),
    }
}

/// A text as a value in a query.
pub(crate) fn percent_encoded(text: &str) -> String {
    let mut encoded = String::with_capacity(text.len());
    for byte in text.bytes() {
        match byte {
            b'a'..=b'z' | b'A'..=b'Z' | b'0'..=b'9' | b'-' | b'.' | b'_' | b'~' | b'/' => {
                encoded.push(char::from(byte));
            }
            _ => encoded.push_str(&format!("%{byte:02X}")),
        }
    }
    encoded
}

/// A place to go to after the sign-in: a path of ours, whatever was asked for.
pub(crate) fn local_path(asked: &str) -> &str {
    let ours = asked.starts_with('/')
        && !asked.starts_with("//")
        && asked.len() <= 500
        && asked
            .bytes()
            .all(|byte| byte.is_ascii_graphic() && byte != b'\\');
    if ours { asked } else { "/" }
}

impl SignedIn {
    /// What stands around a page for whoever is signed in.
    pub(crate) fn frame(&self, name: String) -> Frame {
        self.ask.unsigned().signed_in(name)
    }
}

/// The display name of who is signed in.
///
/// # Errors
/// Those of the store.
pub(crate) fn own_name(tx: &Tx<'_>, caller: Caller) -> Result<String, StoreError> {
    let (family, given): (String, String) = tx.one(
        "SELECT family, given FROM person WHERE organisation = $1 AND id = $2",
        params![caller.organisation, caller.person],
    )?;
    Ok(format!("{family} {given}"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn after_the_sign_in_one_stays_on_this_server() {
        for ours in ["/", "/q/0123456789ABCDEF", "/floors/1?seat=2&lang=en"] {
            assert_eq!(local_path(ours), ours);
        }
        for foreign in [
            "",
            "//evil.example",
            "/\\evil.example",
            "https://evil.example",
            "/a\nb",
            "/席",
        ] {
            assert_eq!(local_path(foreign), "/", "{foreign}");
        }
        assert_eq!(local_path(&format!("/{}", "a".repeat(500))), "/");
    }

    #[test]
    fn values_of_a_query_are_encoded() {
        assert_eq!(
            percent_encoded("/people?q=山&a=1"),
            "/people%3Fq%3D%E5%B1%B1%26a%3D1"
        );
    }
}
