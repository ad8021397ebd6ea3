//! From a page to an answer: HTML, the headers that every page owes, errors as pages.

use askama::Template;
use axum::extract::Request;
use axum::http::{HeaderName, HeaderValue, StatusCode, header};
use axum::middleware::Next;
use axum::response::{Html, IntoResponse, Response};
use kokoni_model::wire::problem::ProblemCode;

use super::ask::{asked_language, language_of};
use super::frame::Frame;
use super::language::{LANGUAGE_COOKIE, Language};
use super::views::ErrorPage;
use crate::problem::{ApiError, ProblemNote, code_of_status};

/// Scripts, styles and pictures come from here only; nothing is inline, nothing is framed, and text
/// never becomes code.
const POLICY: &str = "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; \
    connect-src 'self'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'; \
    require-trusted-types-for 'script'";

/// A year: how long a language is remembered.
const LANGUAGE_SECONDS: u32 = 365 * 24 * 3600;

/// A page as an answer.
pub(crate) fn page(page: &impl Template) -> Response {
    match page.render() {
        Ok(text) => Html(text).into_response(),
        Err(error) => {
            tracing::error!(%error, "a page could not be written");
            ApiError::new(ProblemCode::Internal).into_response()
        }
    }
}

/// Around every page: problems become pages, the headers are put on, a chosen language is kept.
pub(crate) async fn around(request: Request, next: Next) -> Response {
    let raw_query = request.uri().query().map(str::to_owned);
    let language = language_of(request.headers(), raw_query.as_deref());
    let mut response = next.run(request).await;
    if let Some(code) = problem_of(&response) {
        response = error_page(language, code, &response);
    }
    put_headers(&mut response);
    let chosen = asked_language(raw_query.as_deref()).and_then(Language::of_tag);
    if let Some(chosen) = chosen {
        let cookie = format!(
            "{LANGUAGE_COOKIE}={}; Path=/; Max-Age={LANGUAGE_SECONDS}; SameSite=Lax",
            chosen.tag()
        );
        if let Ok(cookie) = HeaderValue::from_str(&cookie) {
            response.headers_mut().append(header::SET_COOKIE, cookie);
        }
    }
    response
}

/// The headers of a page; what it says of itself stands.
fn put_headers(response: &mut Response) {
    let unless_said = [
        (header::CONTENT_SECURITY_POLICY, POLICY),
        // A form of ours says where it comes from, by which a foreign one is told apart.
        (header::REFERRER_POLICY, "same-origin"),
        (
            HeaderName::from_static("permissions-policy"),
            "camera=(self), microphone=(), geolocation=()",
        ),
    ];
    for (name, value) in unless_said {
        let headers = response.headers_mut();
        if !headers.contains_key(&name) {
            headers.insert(name, HeaderValue::from_static(value));
        }
    }
}

/// The problem that an answer tells of, if it does.
fn problem_of(response: &Response) -> Option<ProblemCode> {
    if let Some(note) = response.extensions().get::<ProblemNote>() {
        return Some(note.code);
    }
    let status = response.status();
    let failed = status.is_client_error() || status.is_server_error();
    let is_page = response
        .headers()
        .get(header::CONTENT_TYPE)
        .is_some_and(|kind| kind.as_bytes().starts_with(b"text/html"));
    (failed && !is_page).then(|| code_of_status(status))
}

/// A problem as a page. `Allow` and `Retry-After` stay.
fn error_page(language: Language, code: ProblemCode, answer: &Response) -> Response {
    let title = match language {
        Language::Japanese => code.title_ja(),
        Language::English => code.title_en(),
    };
    let written = page(&ErrorPage {
        frame: Frame::unsigned(language, None),
        title,
        status: code.status(),
        code: code.code(),
    });
    let status = StatusCode::from_u16(code.status()).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
    let mut response = (status, written).into_response();
    for name in [header::ALLOW, header::RETRY_AFTER] {
        if let Some(value) = answer.headers().get(&name) {
            response.headers_mut().insert(name, value.clone());
        }
    }
    response
}

/// What is answered where there is nothing: a page to browsers, a problem document to programs.
pub(crate) async fn nothing_here(request: Request) -> Response {
    let is_api = request.uri().path().starts_with("/api/");
    let wants_page = request
        .headers()
        .get(header::ACCEPT)
        .and_then(|value| value.to_str().ok())
        .is_some_and(|kinds| kinds.contains("text/html"));
    let nothing = ApiError::not_found().into_response();
    if is_api || !wants_page {
        return nothing;
    }
    let language = language_of(request.headers(), request.uri().query());
    let mut page = error_page(language, ProblemCode::NotFound, &nothing);
    put_headers(&mut page);
    page
}
