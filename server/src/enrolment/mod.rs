//! Enrolment: a one-time code makes a phone, or a browser, a device of one person.

pub mod code;
pub mod limit;
pub mod token;

use axum::Json;
use axum::extract::State;
use axum::http::StatusCode;
use kokoni_model::clock::Timestamp;
use kokoni_model::ids::{DeviceId, IncarnationId, OrganisationId, PersonId};
use kokoni_model::wire::enrolment::{EnrolRequest, Enrolled, Platform, RefreshRequest, Tokens};
use kokoni_model::wire::problem::{Problem, ProblemCode};
use serde::{Deserialize, Serialize};
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

use crate::app::App;
use crate::audit::{self, Act, Entry};
use crate::auth::{Caller, TokenSecret, revoke_device};
use crate::directory::catalogue;
use crate::http::body::JsonBody;
use crate::organisation::Organisation;
use crate::params;
use crate::ports::{new_device, random_bytes};
use crate::problem::{ApiError, ApiResult};
use crate::store::{AsWord, StoreError, Tx};
use code::{CodeSeed, PresentedCode};
use token::{Pair, Refreshed};

/// The most characters of a device's name.
const DEVICE_NAME_CHARS: usize = 80;

/// The most characters of a kind of device that this version does not know.
const PLATFORM_CHARS: usize = 40;

/// The routes.
pub fn routes() -> OpenApiRouter<App> {
    OpenApiRouter::new()
        .routes(routes!(enrol))
        .routes(routes!(refresh))
        .routes(routes!(sign_out))
        .routes(routes!(make_code))
}

/// Enrol a device with a one-time code.
#[utoipa::path(post, path = "/api/v1/enrol", tag = "enrolment", request_body = EnrolRequest,
    responses(
        (status = 201, body = Enrolled, description = "The device is enrolled."),
        (status = 400, body = Problem, content_type = "application/problem+json", description = "`malformed_body`"),
        (status = 403, body = Problem, content_type = "application/problem+json", description = "`code_not_valid`: wrong, used or over; the same answer for all"),
        (status = 413, body = Problem, content_type = "application/problem+json", description = "`body_too_large`"),
        (status = 415, body = Problem, content_type = "application/problem+json", description = "`unsupported_body`"),
        (status = 422, body = Problem, content_type = "application/problem+json", description = "`not_allowed_value`: the device's name or kind"),
        (status = 429, body = Problem, content_type = "application/problem+json", description = "`too_many_requests`"),
    ))]
async fn enrol(
    State(app): State<App>,
    JsonBody(request): JsonBody<EnrolRequest>,
) -> ApiResult<(StatusCode, Json<Enrolled>)> {
    let name = short_text("device_name", &request.device_name, DEVICE_NAME_CHARS)?;
    if let Platform::Other(other) = &request.platform {
        short_text("platform", other, PLATFORM_CHARS)?;
    }
    let now = app.now();
    let presented = presented(&app, &request.code.0, now).await?;
    let (device, pair) = app.random(|random| {
        let pair = Pair {
            access: TokenSecret::from_bytes(random_bytes(random)),
            refresh: TokenSecret::from_bytes(random_bytes(random)),
        };
        (new_device(now, random), pair)
    });
    let new = NewDevice {
        id: device,
        name,
        platform: request.platform,
    };
    let incarnation = app.store.incarnation();
    let enrolled = app
        .store
        .write(move |tx| {
            let Some((organisation, person)) = code::take(tx, &presented, now)? else {
                return Ok::<_, StoreError>(None);
            };
            new.add(tx, organisation, person, Act::DeviceEnrolled, now)?;
            let tokens = token::issue(tx, organisation, device, &pair, now)?;
            welcome(tx, organisation, person, device, incarnation, tokens).map(Some)
        })
        .await?;
    let enrolled = enrolled.ok_or(ApiError::new(ProblemCode::CodeNotValid))?;
    Ok((StatusCode::CREATED, Json(enrolled)))
}

fn welcome(
    tx: &Tx<'_>,
    organisation: OrganisationId,
    person: PersonId,
    device: DeviceId,
    incarnation: IncarnationId,
    tokens: Tokens,
) -> Result<Enrolled, StoreError> {
    let (family, given): (String, String) = tx.one(
        "SELECT family, given FROM person WHERE organisation = $1 AND id = $2",
        params![organisation, person],
    )?;
    let catalogue_key = catalogue::public_key(tx, organisation)?;
    let organisation = Organisation::load(tx, organisation)?;
    Ok(Enrolled {
        organisation: organisation.id,
        organisation_name: organisation.name,
        person,
        person_name: format!("{family} {given}"),
        device,
        label_host: organisation.label_host,
        catalogue_key,
        incarnation,
        tokens,
    })
}

/// Reads a code. A typed one is taken out of the limit; one of a link, which cannot be guessed, is
/// looked up first, so that what is no code does not get as far as the writer.
async fn presented(app: &App, text: &str, now: Timestamp) -> ApiResult<PresentedCode> {
    let not_valid = || ApiError::new(ProblemCode::CodeNotValid);
    let presented = PresentedCode::parse(text).ok_or_else(not_valid)?;
    match presented {
        PresentedCode::Typed { .. } => app.typed_codes.take()?,
        PresentedCode::Link { hash } => {
            let open = app.store.read(move |tx| code::is_open(tx, hash, now));
            if !open.await? {
                return Err(not_valid());
            }
        }
    }
    Ok(presented)
}

/// Text that is kept and shown to administrators.
fn short_text(member: &str, text: &str, most_chars: usize) -> ApiResult<String> {
    let text = text.trim();
    if text.chars().count() > most_chars || text.chars().any(char::is_control) {
        return Err(
            ApiError::new(ProblemCode::NotAllowedValue).with_detail(format!(
                "{member} has at most {most_chars} characters and no control characters"
            )),
        );
    }
    Ok(text.to_owned())
}

struct NewDevice {
    id: DeviceId,
    name: String,
    platform: Platform,
}

impl NewDevice {
    fn add(
        &self,
        tx: &Tx<'_>,
        organisation: OrganisationId,
        person: PersonId,
        act: Act,
        now: Timestamp,
    ) -> Result<(), StoreError> {
        tx.exec(
            "INSERT INTO device (organisation, id, person, name, platform, enrolled_us, revoked_us)
             VALUES ($1, $2, $3, $4, $5, $6, NULL)",
            params![
                organisation,
                self.id,
                person,
                self.name,
                AsWord(self.platform.clone()),
                now
            ],
        )?;
        let entry = Entry {
            person: Some(person),
            device: Some(self.id),
            ..Entry::of(act)
        };
        audit::append(tx, organisation, now, entry)
    }
}

/// Signs a browser in with a code: the secret for its cookie, and who it is.
///
/// # Errors
/// `code_not_valid`, `too_many_requests`, and those of the store.
pub async fn sign_browser_in(app: &App, code: &str) -> ApiResult<(TokenSecret, PersonId)> {
    let now = app.now();
    let presented = presented(app, code, now).await?;
    let (device, secret) = app.random(|random| {
        let secret = TokenSecret::from_bytes(random_bytes(random));
        (new_device(now, random), secret)
    });
    let new = NewDevice {
        id: device,
        name: "browser".to_owned(),
        platform: Platform::Browser,
    };
    let written = secret.clone();
    let person = app
        .store
        .write(move |tx| {
            let Some((organisation, person)) = code::take(tx, &presented, now)? else {
                return Ok::<_, StoreError>(None);
            };
            new.add(tx, organisation, person, Act::BrowserSignedIn, now)?;
            token::issue_session(tx, organisation, device, &written, now)?;
            Ok(Some(person))
        })
        .await?;
    let person = person.ok_or(ApiError::new(ProblemCode::CodeNotValid))?;
    Ok((secret, person))
}

/// Exchange a refresh token for the next pair.
#[utoipa::path(post, path = "/api/v1/tokens/refresh", tag = "enrolment", request_body = RefreshRequest,
    responses(
        (status = 200, body = Tokens, description = "The next pair; the same once more within a minute, and later while nothing of it has been used, should the reply be lost."),
        (status = 400, body = Problem, content_type = "application/problem+json", description = "`malformed_body`"),
        (status = 401, body = Problem, content_type = "application/problem+json", description = "`sign_in_needed`: unknown or ended; `device_revoked`: also when an old token comes again"),
        (status = 413, body = Problem, content_type = "application/problem+json", description = "`body_too_large`"),
        (status = 415, body = Problem, content_type = "application/problem+json", description = "`unsupported_body`"),
    ))]
async fn refresh(
    State(app): State<App>,
    JsonBody(request): JsonBody<RefreshRequest>,
) -> ApiResult<Json<Tokens>> {
    let token =
        TokenSecret::parse(&request.refresh.0).ok_or(ApiError::new(ProblemCode::SignInNeeded))?;
    // What nobody was given does not get as far as the writer, on whom all check-ins wait.
    let presented = token.clone();
    if !app
        .store
        .read(move |tx| token::is_known(tx, &presented))
        .await?
    {
        return Err(ApiError::new(ProblemCode::SignInNeeded));
    }
    let now = app.now();
    let nonce = app.random(random_bytes);
    let refreshed = app
        .store
        .write(move |tx| token::refresh(tx, &token, nonce, now))
        .await?;
    match refreshed {
        Refreshed::Pair(tokens) => Ok(Json(tokens)),
        Refreshed::SignInNeeded => Err(ApiError::new(ProblemCode::SignInNeeded)),
        Refreshed::DeviceRevoked => Err(ApiError::new(ProblemCode::DeviceRevoked)),
    }
}

/// Sign out: the device that asks is revoked.
#[utoipa::path(post, path = "/api/v1/sign-out", tag = "enrolment",
    security(("access" = [])),
    responses(
        (status = 204, description = "The device is revoked."),
        (status = 401, body = Problem, content_type = "application/problem+json", description = "`sign_in_needed`, `device_revoked`"),
    ))]
async fn sign_out(State(app): State<App>, caller: Caller) -> ApiResult<StatusCode> {
    sign_device_out(&app, caller).await?;
    Ok(StatusCode::NO_CONTENT)
}

/// Revokes the device that asks, a browser's too.
///
/// # Errors
/// Those of the store.
pub async fn sign_device_out(app: &App, caller: Caller) -> ApiResult<()> {
    let now = app.now();
    app.store
        .write(move |tx| {
            if revoke_device(tx, caller.organisation, caller.device, now)? {
                let entry = Entry {
                    person: Some(caller.person),
                    device: Some(caller.device),
                    ..Entry::of(Act::SignedOut)
                };
                audit::append(tx, caller.organisation, now, entry)?;
            }
            Ok::<_, StoreError>(())
        })
        .await?;
    app.live.rights_changed();
    Ok(())
}

/// For whom a code is to be made.
#[derive(Clone, Debug, Deserialize, utoipa::ToSchema)]
struct CodeRequest {
    /// The person.
    person: PersonId,
}

/// A code, shown once.
#[derive(Serialize, utoipa::ToSchema)]
struct CodeMade {
    /// 26 Crockford characters, for the fragment of the enrolment link.
    link: String,
    /// Ten Crockford characters, for typing.
    typed: String,
    /// When it ends.
    expires_us: Timestamp,
}

/// Make an enrolment code for a person.
#[utoipa::path(post, path = "/api/v1/enrolment-codes", tag = "enrolment", request_body = CodeRequest,
    security(("access" = [])),
    responses(
        (status = 201, body = CodeMade, description = "The code; it is shown once, and good once and for 15 minutes."),
        (status = 400, body = Problem, content_type = "application/problem+json", description = "`malformed_body`"),
        (status = 401, body = Problem, content_type = "application/problem+json", description = "`sign_in_needed`, `device_revoked`"),
        (status = 403, body = Problem, content_type = "application/problem+json", description = "`not_permitted`"),
        (status = 404, body = Problem, content_type = "application/problem+json", description = "`not_found`: no such person"),
        (status = 413, body = Problem, content_type = "application/problem+json", description = "`body_too_large`"),
        (status = 415, body = Problem, content_type = "application/problem+json", description = "`unsupported_body`"),
    ))]
async fn make_code(
    State(app): State<App>,
    caller: Caller,
    JsonBody(request): JsonBody<CodeRequest>,
) -> ApiResult<(StatusCode, Json<CodeMade>)> {
    if !caller.role.enrols() {
        return Err(ApiError::not_permitted());
    }
    let (now, seed) = (app.now(), app.random(CodeSeed::draw));
    let code = app
        .store
        .write(move |tx| {
            let person = request.person;
            let known: Option<i64> = tx.first(
                "SELECT 1 FROM person WHERE organisation = $1 AND id = $2 AND left_us IS NULL",
                params![caller.organisation, person],
            )?;
            if known.is_none() {
                return Err(ApiError::not_found());
            }
            let entry = Entry {
                act: Act::CodeMade,
                person: Some(caller.person),
                device: Some(caller.device),
                subject: Some(*person.as_uuid()),
            };
            audit::append(tx, caller.organisation, now, entry)?;
            Ok(code::make(tx, caller.organisation, person, &seed, now)?)
        })
        .await?;
    let made = CodeMade {
        link: code.link,
        typed: code.typed,
        expires_us: code.expires,
    };
    Ok((StatusCode::CREATED, Json(made)))
}
