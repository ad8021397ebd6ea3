//! Which apps may open the links on labels: the two files that phones fetch from the host before
//! they hand a link to an app instead of the browser. Without an app of one's own there are none.

use axum::Router;
use axum::extract::State;
use axum::http::header;
use axum::response::{IntoResponse, Response};
use axum::routing::get;
use kokoni_model::wire::problem::ProblemCode;
use serde_json::{Value, json};
use thiserror::Error;

use crate::app::App;
use crate::problem::{ApiError, ApiResult};

/// SHA-256 of a signing certificate.
const FINGERPRINT_BYTES: usize = 32;
const TEAM_CHARS: usize = 10;

/// The apps whose makers have built this host into them.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct AppLinks {
    /// Android apps, each once for each key it may be signed with.
    pub android: Vec<AndroidApp>,
    /// iOS apps.
    pub apple: Vec<AppleApp>,
}

/// An Android app: its package, and the certificate that it is signed with.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct AndroidApp {
    package: String,
    fingerprint: String,
}

/// An iOS app: the team's id, a dot, the bundle's id.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct AppleApp(String);

/// Why a text names no app.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Error)]
pub enum AppNameError {
    /// Not `PACKAGE=FINGERPRINT`.
    #[error(
        "an Android app is PACKAGE=FINGERPRINT, with the SHA-256 of its certificate as 32 pairs of hexadecimal digits"
    )]
    Android,
    /// Not `TEAM.BUNDLE`.
    #[error("an iOS app is TEAM.BUNDLE, with a team's id of ten capital letters and digits")]
    Apple,
}

impl std::str::FromStr for AndroidApp {
    type Err = AppNameError;

    fn from_str(text: &str) -> Result<Self, AppNameError> {
        let (package, fingerprint) = text.split_once('=').ok_or(AppNameError::Android)?;
        let hex = fingerprint.replace(':', "").to_ascii_uppercase();
        let bytes = data_encoding::HEXUPPER.decode(hex.as_bytes());
        let bytes = bytes.map_err(|_| AppNameError::Android)?;
        if bytes.len() != FINGERPRINT_BYTES || !is_dotted_name(package) {
            return Err(AppNameError::Android);
        }
        let pairs: Vec<String> = bytes.iter().map(|byte| format!("{byte:02X}")).collect();
        Ok(Self {
            package: package.to_owned(),
            fingerprint: pairs.join(":"),
        })
    }
}

impl std::str::FromStr for AppleApp {
    type Err = AppNameError;

    fn from_str(text: &str) -> Result<Self, AppNameError> {
        let (team, bundle) = text.split_once('.').ok_or(AppNameError::Apple)?;
        let is_id = |c: char| c.is_ascii_uppercase() || c.is_ascii_digit();
        if team.len() == TEAM_CHARS && team.chars().all(is_id) && is_dotted_name(bundle) {
            Ok(Self(text.to_owned()))
        } else {
            Err(AppNameError::Apple)
        }
    }
}

fn is_dotted_name(text: &str) -> bool {
    text.contains('.')
        && text.split('.').all(|part| {
            let allowed = |c: char| c.is_ascii_alphanumeric() || c == '_' || c == '-';
            !part.is_empty() && part.chars().all(allowed)
        })
}

/// The routes. Fetched by systems, not by people: no part of the API.
pub(crate) fn routes() -> Router<App> {
    Router::new()
        .route("/.well-known/assetlinks.json", get(android))
        .route("/.well-known/apple-app-site-association", get(apple))
}

async fn android(State(app): State<App>) -> ApiResult<Response> {
    let apps = &app.config.app_links.android;
    let statements = apps.iter().map(|app| {
        json!({
            "relation": ["delegate_permission/common.handle_all_urls"],
            "target": {
                "namespace": "android_app",
                "package_name": app.package,
                "sha256_cert_fingerprints": [app.fingerprint],
            },
        })
    });
    answer(apps.is_empty(), &Value::Array(statements.collect()))
}

async fn apple(State(app): State<App>) -> ApiResult<Response> {
    let apps = &app.config.app_links.apple;
    let ids: Vec<&str> = apps.iter().map(|app| app.0.as_str()).collect();
    let file = json!({
        "applinks": {
            "details": [{ "appIDs": ids, "components": [{ "/": "/q/*" }, { "/": "/enrol" }] }],
        },
    });
    answer(apps.is_empty(), &file)
}

fn answer(nobody: bool, file: &Value) -> ApiResult<Response> {
    if nobody {
        return Err(ApiError::new(ProblemCode::NotFound));
    }
    // Apple's file has no ending that would say so.
    let kind = [(header::CONTENT_TYPE, "application/json")];
    Ok((kind, file.to_string()).into_response())
}

#[cfg(test)]
mod tests {
    use super::*;

    const FINGERPRINT: &str = "14:6D:E9:83:C5:73:06:50:D8:EE:B9:95:2F:34:FC:64:16:A0:83:42:E6:1D:BE:A8:8A:04:96:B2:3F:CF:44:E5";

    #[test]
    fn an_android_app_is_a_package_and_a_fingerprint() {
        let app: AndroidApp = format!("dev.kokoni.app={FINGERPRINT}")
            .parse()
            .expect("one");
        let bare = FINGERPRINT.replace(':', "").to_lowercase();
        assert_eq!(format!("dev.kokoni.app={bare}").parse(), Ok(app.clone()));
        assert_eq!(app.fingerprint, FINGERPRINT);
        for wrong in [
            "dev.kokoni.app".to_owned(),
            format!("app={FINGERPRINT}"),
            format!("dev.\"kokoni\"={FINGERPRINT}"),
            "dev.kokoni.app=14:6D".to_owned(),
            format!("dev.kokoni.app={}", FINGERPRINT.replace('6', "G")),
        ] {
            assert_eq!(wrong.parse::<AndroidApp>(), Err(AppNameError::Android));
        }
    }

    #[test]
    fn an_ios_app_is_a_team_and_a_bundle() {
        assert!("ABCDE12345.dev.kokoni.app".parse::<AppleApp>().is_ok());
        for wrong in ["dev.kokoni.app", "ABCDE12345", "abcde12345.dev.kokoni", ""] {
            assert_eq!(wrong.parse::<AppleApp>(), Err(AppNameError::Apple));
        }
    }
}
