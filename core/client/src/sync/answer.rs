//! What an answer from the network means. Only an answer with the header `Kokoni-Protocol` is the
//! server's; whatever else answers stands between.

use std::time::Duration;

use kokoni_model::clock::Timestamp;
use kokoni_model::limits::check_json;
use kokoni_model::wire::problem::{Problem, ProblemCode};
use kokoni_model::wire::{PROTOCOL_HEADER, TIME_HEADER};
use serde::de::DeserializeOwned;

use super::{Obstacle, Pace};
use crate::options::Stop;
use crate::transport::{HttpResponse, TransportError};

/// No server may keep a phone away for longer than the longest back-off.
const RETRY_AFTER_MAX: Duration = Pace::Background.cap();

/// Who stands between may not keep it away for longer than it would stay by itself.
const RETRY_AFTER_STRANGER_MAX: Duration = Pace::Foreground.cap();

/// Why a request brought nothing.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Failure {
    /// The access token does not count (any more).
    Unauthorised { revoked: bool },
    /// The server no longer answers this version.
    TooOld,
    /// The server refuses this request, and would again.
    Refused {
        status: u16,
        code: Option<ProblemCode>,
    },
    /// Something lies between; later it may not.
    Between {
        why: Obstacle,
        retry_after: Option<Duration>,
    },
    /// The call ends.
    Stopped(Stop),
}

impl Failure {
    const fn between(why: Obstacle) -> Self {
        Self::Between {
            why,
            retry_after: None,
        }
    }
}

/// Reads the server's answer, or says what lies between.
pub(crate) fn read<T: DeserializeOwned>(
    answer: Result<HttpResponse, TransportError>,
) -> Result<Option<T>, Failure> {
    let response = answer.map_err(of_transport)?;
    if !is_ours(&response) {
        return Err(of_stranger(&response));
    }
    match response.status {
        204 => Ok(None),
        200..=299 => parse(&response.body)
            .map(Some)
            .ok_or(Failure::between(Obstacle::NotUnderstood)),
        status => Err(of_problem(status, &response)),
    }
}

fn is_ours(response: &HttpResponse) -> bool {
    response
        .header(&PROTOCOL_HEADER.to_ascii_lowercase())
        .is_some_and(|version| version.trim().parse::<u16>().is_ok())
}

/// The server's time, where the answer is the server's.
pub(crate) fn server_time(response: &HttpResponse) -> Option<Timestamp> {
    let time = response.header(&TIME_HEADER.to_ascii_lowercase())?;
    let micros = time.trim().parse().ok()?;
    is_ours(response).then_some(Timestamp::from_micros(micros))
}

fn parse<T: DeserializeOwned>(body: &[u8]) -> Option<T> {
    serde_json::from_str(check_json(body).ok()?).ok()
}

fn of_transport(error: TransportError) -> Failure {
    let why = match error {
        TransportError::Cancelled => return Failure::Stopped(Stop::Cancelled),
        TransportError::TimedOut => Obstacle::TimedOut,
        TransportError::Unreachable => Obstacle::Unreachable,
        TransportError::Broken => Obstacle::ConnectionLost,
        TransportError::UntrustedIssuer => Obstacle::InspectedTls,
        TransportError::WrongName => Obstacle::CaptivePortal,
        TransportError::NotValidNow => Obstacle::CertificateNotValidNow,
        TransportError::Tls => Obstacle::TlsFailed,
        TransportError::TooLarge | TransportError::BadRequest => Obstacle::NotUnderstood,
    };
    Failure::between(why)
}

/// Somebody else answered: a gateway that misses its server, a proxy, or a portal.
fn of_stranger(response: &HttpResponse) -> Failure {
    let why = match response.status {
        407 => Obstacle::ProxySignIn,
        429 => Obstacle::TooManyRequests,
        511 => Obstacle::CaptivePortal,
        500..=599 => Obstacle::ServerUnavailable,
        _ => Obstacle::CaptivePortal,
    };
    Failure::Between {
        why,
        retry_after: retry_after(response, RETRY_AFTER_STRANGER_MAX),
    }
}

fn of_problem(status: u16, response: &HttpResponse) -> Failure {
    let code = parse::<Problem>(&response.body)
        .and_then(|problem| ProblemCode::from_type(&problem.problem_type));
    let why = match status {
        401 => {
            return Failure::Unauthorised {
                revoked: code == Some(ProblemCode::DeviceRevoked),
            };
        }
        426 => return Failure::TooOld,
        408 => Obstacle::TimedOut,
        429 => Obstacle::TooManyRequests,
        507 => Obstacle::ServerFull,
        500..=599 => Obstacle::ServerUnavailable,
        400..=499 => return Failure::Refused { status, code },
        // The API redirects nowhere.
        _ => Obstacle::CaptivePortal,
    };
    Failure::Between {
        why,
        retry_after: retry_after(response, RETRY_AFTER_MAX),
    }
}

/// `Retry-After` in seconds; the form with a date is not used by the server.
fn retry_after(response: &HttpResponse, at_most: Duration) -> Option<Duration> {
    let seconds = response.header("retry-after")?.trim().parse().ok()?;
    Some(Duration::from_secs(seconds).min(at_most))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn answer(status: u16, ours: bool, body: &str) -> HttpResponse {
        let mut headers = vec![("retry-after".to_owned(), "7".to_owned())];
        if ours {
            headers.push(("kokoni-protocol".to_owned(), "1".to_owned()));
        }
        HttpResponse {
            status,
            headers,
            body: body.as_bytes().to_vec(),
        }
    }

    fn failure(status: u16, ours: bool, body: &str) -> Failure {
        read::<Vec<u8>>(Ok(answer(status, ours, body))).expect_err("a failure")
    }

    fn why(failure: Failure) -> Obstacle {
        match failure {
            Failure::Between { why, .. } => why,
            other => panic!("{other:?}"),
        }
    }

    #[test]
    fn a_200_that_is_not_ours_is_a_captive_portal() {
        assert_eq!(why(failure(200, false, "[1]")), Obstacle::CaptivePortal);
        assert_eq!(why(failure(302, false, "")), Obstacle::CaptivePortal);
        assert_eq!(why(failure(403, false, "blocked")), Obstacle::CaptivePortal);
        assert_eq!(
            read::<Vec<u8>>(Ok(answer(200, true, "[1]"))),
            Ok(Some(vec![1]))
        );
        assert_eq!(read::<Vec<u8>>(Ok(answer(204, true, ""))), Ok(None));
    }

    #[test]
    fn a_gateway_without_its_server_is_not_a_portal() {
        assert_eq!(
            why(failure(502, false, "<html>")),
            Obstacle::ServerUnavailable
        );
        assert_eq!(why(failure(407, false, "")), Obstacle::ProxySignIn);
    }

    #[test]
    fn ours_that_cannot_be_read_is_named_so() {
        assert_eq!(why(failure(200, true, "{\"torn")), Obstacle::NotUnderstood);
    }

    #[test]
    fn the_servers_wish_to_be_left_alone_is_heard() {
        let Failure::Between { retry_after, .. } = failure(503, true, "") else {
            panic!("between")
        };
        assert_eq!(retry_after, Some(Duration::from_secs(7)));
    }

    #[test]
    fn nobodys_wish_to_be_left_alone_silences_a_phone_for_long() {
        let heard = |status, ours| {
            let mut answer = answer(status, ours, "");
            answer.headers[0].1 = u64::MAX.to_string();
            match read::<Vec<u8>>(Ok(answer)) {
                Err(Failure::Between { retry_after, .. }) => retry_after,
                other => panic!("{other:?}"),
            }
        };
        assert_eq!(heard(503, true), Some(Pace::Background.cap()));
        for status in [200, 302, 403, 407, 429, 503, 511] {
            assert_eq!(heard(status, false), Some(Pace::Foreground.cap()));
        }
    }

    #[test]
    fn each_problem_finds_its_failure() {
        let revoked = r#"{"type":"urn:kokoni:problem:device_revoked","title":"","status":401}"#;
        assert_eq!(
            failure(401, true, revoked),
            Failure::Unauthorised { revoked: true }
        );
        assert_eq!(
            failure(401, true, "{}"),
            Failure::Unauthorised { revoked: false }
        );
        assert_eq!(failure(426, true, "{}"), Failure::TooOld);
        assert_eq!(
            failure(422, true, "{}"),
            Failure::Refused {
                status: 422,
                code: None
            }
        );
        assert_eq!(why(failure(507, true, "{}")), Obstacle::ServerFull);
    }
}
