//! Browser sessions: a browser is a device of a person; its token lies in a cookie.
//!
//! [`Visitor`] is the extractor for pages. The cookie is HttpOnly, SameSite=Lax, and over HTTPS
//! Secure with the `__Host-` prefix, so that no other name under the domain can set it.

use axum::extract::FromRequestParts;
use axum::http::request::Parts;
use axum_extra::extract::cookie::CookieJar;
use kokoni_model::wire::problem::ProblemCode;

use super::{Caller, TokenKind, TokenSecret, authenticate};
use crate::app::App;
use crate::http::origin::Origin;
use crate::problem::ApiError;

/// How long a browser stays signed in.
pub const SESSION_SECONDS: i64 = 30 * 24 * 3600;

/// The cookie's name.
pub const fn cookie_name(secure: bool) -> &'static str {
    if secure { "__Host-kokoni" } else { "kokoni" }
}

/// The `Set-Cookie` value that signs a browser in.
pub fn cookie(secret: &TokenSecret, secure: bool) -> String {
    written(&secret.text(), SESSION_SECONDS, secure)
}

/// The `Set-Cookie` value that takes it away.
pub fn no_cookie(secure: bool) -> String {
    written("", 0, secure)
}

fn written(value: &str, max_age_s: i64, secure: bool) -> String {
    let name = cookie_name(secure);
    let tail = if secure { "; Secure" } else { "" };
    format!("{name}={value}; Path=/; Max-Age={max_age_s}; HttpOnly; SameSite=Lax{tail}")
}

/// The token in a request's cookie.
pub(crate) fn presented(parts: &Parts) -> Option<TokenSecret> {
    let secure = parts
        .extensions
        .get::<Origin>()
        .is_some_and(|origin| origin.secure);
    CookieJar::from_headers(&parts.headers)
        .get(cookie_name(secure))
        .and_then(|cookie| TokenSecret::parse(cookie.value()))
}

/// Who looks at a page: somebody signed in by cookie, or nobody we know. A cookie that has ended
/// counts as nobody.
#[derive(Clone, Copy, Debug)]
pub struct Visitor(pub Option<Caller>);

impl FromRequestParts<App> for Visitor {
    type Rejection = ApiError;

    async fn from_request_parts(parts: &mut Parts, app: &App) -> Result<Self, ApiError> {
        let Some(secret) = presented(parts) else {
            return Ok(Self(None));
        };
        let (hash, now) = (secret.hash(), app.now());
        let known = app
            .store
            .read(move |tx| authenticate(tx, hash, TokenKind::Session, now))
            .await;
        match known {
            Ok(caller) => Ok(Self(Some(caller))),
            Err(error)
                if matches!(
                    error.code(),
                    ProblemCode::SignInNeeded | ProblemCode::DeviceRevoked
                ) =>
            {
                Ok(Self(None))
            }
            Err(error) => Err(error),
        }
    }
}
