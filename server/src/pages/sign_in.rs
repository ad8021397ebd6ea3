//! `/sign-in`, `/sign-out`, `/enrol`: a browser becomes a device of a person, and stops being one.

use axum::Form;
use axum::extract::State;
use axum::http::{HeaderMap, HeaderValue, StatusCode, header};
use axum::response::{IntoResponse, Response};
use kokoni_model::wire::problem::ProblemCode;
use serde::Deserialize;

use super::answer::page;
use super::ask::{Ask, local_path, see_other};
use super::views::{EnrolPage, SignInPage, SignedOutPage};
use crate::app::App;
use crate::auth::{TokenSecret, session};
use crate::enrolment::{sign_browser_in, sign_device_out};
use crate::http::params::InQuery;
use crate::problem::ApiError;

/// Where to go afterwards.
#[derive(Deserialize)]
pub(super) struct Next {
    next: Option<String>,
}

/// What the form says.
#[derive(Deserialize)]
pub(super) struct SignInForm {
    code: String,
    #[serde(default)]
    next: String,
}

pub(super) async fn form(
    ask: Ask,
    InQuery(Next { next }): InQuery<Next>,
    headers: HeaderMap,
) -> Response {
    let next = next.unwrap_or_else(|| label_before(&headers).to_owned());
    if ask.caller.is_some() {
        return see_other(local_path(&next));
    }
    let next = local_path(&next);
    page(&SignInPage {
        frame: ask.leading_to(next),
        next: next.to_owned(),
        problem: "",
    })
}

/// The label's page from which somebody came. That page names no label, for it looks the same for
/// all; the browser says where it was.
fn label_before(headers: &HeaderMap) -> &str {
    headers
        .get(header::REFERER)
        .and_then(|value| value.to_str().ok())
        .and_then(|address| address.split_once("://"))
        .and_then(|(_, rest)| rest.find('/').map(|at| &rest[at..]))
        .filter(|path| path.starts_with("/q/"))
        .unwrap_or("/")
}

pub(super) async fn sign_in(
    State(app): State<App>,
    ask: Ask,
    Form(form): Form<SignInForm>,
) -> Result<Response, ApiError> {
    let next = local_path(&form.next).to_owned();
    match sign_browser_in(&app, form.code.trim()).await {
        Ok((secret, _)) => Ok(signed_in(&secret, ask.secure, &next)),
        Err(error) => {
            let words = ask.words();
            let problem = match error.code() {
                ProblemCode::CodeNotValid => words.sign_in_failed,
                ProblemCode::TooManyRequests => words.sign_in_too_many,
                _ => return Err(error),
            };
            let status = StatusCode::from_u16(error.code().status()).unwrap_or_default();
            let form = page(&SignInPage {
                frame: ask.leading_to(&next),
                next,
                problem,
            });
            Ok((status, form).into_response())
        }
    }
}

fn signed_in(secret: &TokenSecret, secure: bool, next: &str) -> Response {
    let mut response = see_other(next);
    set_cookie(&mut response, &session::cookie(secret, secure));
    response
}

pub(super) async fn sign_out(State(app): State<App>, ask: Ask) -> Result<Response, ApiError> {
    if let Some(caller) = ask.caller {
        sign_device_out(&app, caller).await?;
    }
    let mut response = page(&SignedOutPage {
        frame: ask.unsigned(),
    });
    set_cookie(&mut response, &session::no_cookie(ask.secure));
    Ok(response)
}

fn set_cookie(response: &mut Response, cookie: &str) {
    if let Ok(cookie) = HeaderValue::from_str(cookie) {
        response.headers_mut().append(header::SET_COOKIE, cookie);
    }
}

pub(super) async fn enrol(ask: Ask) -> Response {
    page(&EnrolPage {
        frame: ask.unsigned(),
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn after_the_sign_in_one_comes_back_to_the_label() {
        let before = |address: &'static str| {
            let mut headers = HeaderMap::new();
            headers.insert(header::REFERER, HeaderValue::from_static(address));
            label_before(&headers).to_owned()
        };
        assert_eq!(
            before("https://k.example.jp/q/0123456789ABCDEF"),
            "/q/0123456789ABCDEF"
        );
        assert_eq!(before("https://k.example.jp/people?q=a"), "/");
        assert_eq!(before("nonsense"), "/");
        assert_eq!(label_before(&HeaderMap::new()), "/");
    }
}
