//! How the sync stands, said quietly: offline is no error.

use kokoni_model::clock::Timestamp;

use super::{Language, Tone, Trouble, moments};
use crate::engine::{Engine, Status};
use crate::error::ClientError;
use crate::sync::{Obstacle, SyncOutcome, SyncReport};

/// How the sync stands.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SyncStatus {
    /// Records that wait.
    pub waiting: u64,
    /// Records that were refused and not settled.
    pub rejected: u64,
    /// When a sync last got through, by the phone's wall clock.
    pub last_success_us: Option<Timestamp>,
    /// All of it in words.
    pub text: String,
    /// Its mood.
    pub tone: Tone,
    /// Whether nothing can be sent before the device is enrolled again.
    pub needs_enrolment: bool,
    /// Whether nothing can be sent before the app is updated.
    pub needs_update: bool,
}

/// What was in the way last.
pub(super) enum LastProblem {
    SignInNeeded,
    AppTooOld,
    Obstacle(Obstacle),
}

/// The engine keeps it as a code, in JSON.
pub(super) fn last_problem(code: &str) -> Option<LastProblem> {
    match code.trim_matches('"') {
        "sign_in_needed" => Some(LastProblem::SignInNeeded),
        "app_too_old" => Some(LastProblem::AppTooOld),
        plain => {
            let json = serde_json::Value::String(plain.to_owned());
            serde_json::from_value(json).ok().map(LastProblem::Obstacle)
        }
    }
}

fn sync_status(status: Status, sent_at: Option<String>, language: Language) -> SyncStatus {
    let Status {
        waiting,
        rejected,
        last_success_us,
        ..
    } = status;
    let problem = status.last_problem.as_deref().and_then(last_problem);
    let needs_enrolment = matches!(problem, Some(LastProblem::SignInNeeded));
    let needs_update = matches!(problem, Some(LastProblem::AppTooOld));
    let text = match problem {
        Some(LastProblem::SignInNeeded) => language.pick(Trouble::SignInNeeded.words()),
        Some(LastProblem::AppTooOld) => language.pick(Trouble::AppTooOld.words()),
        // No network is the plain life of a phone: said without a word of error.
        Some(LastProblem::Obstacle(Obstacle::Unreachable | Obstacle::TimedOut)) | None
            if waiting > 0 =>
        {
            language.pick((
                format!("未送信 {waiting}件。つながり次第送信します。"),
                format!("{waiting} to send, as soon as there is a connection."),
            ))
        }
        Some(LastProblem::Obstacle(Obstacle::Unreachable | Obstacle::TimedOut)) => {
            language.pick(("オフラインです。", "Offline.")).to_owned()
        }
        Some(LastProblem::Obstacle(why)) => language.pick(why.words()).to_owned(),
        None => match sent_at {
            Some(at) => language.pick((format!("{at} に送信済み"), format!("Sent at {at}"))),
            None => language
                .pick(("まだ送信していません", "Nothing sent yet"))
                .to_owned(),
        },
    };
    let stuck = needs_enrolment || needs_update || rejected > 0;
    SyncStatus {
        waiting,
        rejected,
        last_success_us,
        text,
        tone: if stuck {
            Tone::Attention
        } else {
            Tone::Neutral
        },
        needs_enrolment,
        needs_update,
    }
}

/// How a sync ended, Japanese and English.
pub fn outcome_words(outcome: &SyncOutcome) -> (String, String) {
    let both = |(ja, en): (&str, &str)| (ja.to_owned(), en.to_owned());
    match outcome {
        SyncOutcome::Done { report } => done_words(report),
        SyncOutcome::Offline { why, .. } => both(why.words()),
        SyncOutcome::SignInNeeded { revoked: true } => both((
            "この端末の登録は取り消されました。登録し直してください。",
            "This device was revoked. Please enrol it again.",
        )),
        SyncOutcome::SignInNeeded { revoked: false } => Trouble::SignInNeeded.words(),
        SyncOutcome::AlreadyRunning => both(("送信中です", "Sending already")),
        SyncOutcome::AppTooOld => Trouble::AppTooOld.words(),
        SyncOutcome::Cancelled { .. } => Trouble::Cancelled.words(),
        SyncOutcome::DeadlineReached { .. } => Trouble::DeadlineReached.words(),
    }
}

/// What a sync that got through brought about, and what the server could not decide on yet.
fn done_words(report: &SyncReport) -> (String, String) {
    let parts = [
        (report.applied, "件を送信し", "件を送信しました", "sent"),
        (
            report.rejected,
            "件が受け付けられず",
            "件が受け付けられませんでした",
            "refused",
        ),
        (report.waiting, "", "件が送信待ちです", "to send later"),
    ];
    let said: Vec<_> = parts.iter().filter(|(count, ..)| *count > 0).collect();
    let Some(((last, _, ends, _), before)) = said.split_last() else {
        return ("最新の状態です".into(), "Up to date".into());
    };
    let mut ja: String = before
        .iter()
        .map(|(n, goes_on, ..)| format!("{n}{goes_on}、"))
        .collect();
    ja.push_str(&format!("{last}{ends}"));
    let en: Vec<String> = said.iter().map(|(n, .., en)| format!("{n} {en}")).collect();
    (ja, en.join(", "))
}

impl Engine {
    /// How the sync stands, in words.
    ///
    /// # Errors
    /// When the database cannot be read.
    pub fn sync_status(&self, language: Language) -> Result<SyncStatus, ClientError> {
        let status = self.status()?;
        let calendar = self.calendar()?;
        let today = calendar.local_time(self.wall_clock()).unwrap_or_default();
        let sent_at = status
            .last_success_us
            .map(|at| moments::moment(&calendar, at, today.date(), language));
        Ok(sync_status(status, sent_at, language))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn status(waiting: u64, rejected: u64, last_problem: Option<&str>) -> Status {
        Status {
            waiting,
            rejected,
            last_success_us: None,
            last_problem: last_problem.map(Into::into),
            last_problem_us: None,
        }
    }

    #[test]
    fn how_the_sync_stands_in_words() {
        let sent = Some("9:05".to_owned());
        let cases = [
            (status(0, 0, None), None),
            (status(0, 0, None), sent.clone()),
            (status(2, 0, None), sent.clone()),
            (status(0, 1, None), sent.clone()),
            (status(2, 0, Some("unreachable")), sent.clone()),
            (status(0, 0, Some("unreachable")), sent.clone()),
            (status(2, 0, Some("captive_portal")), sent.clone()),
            (status(2, 0, Some("sign_in_needed")), sent.clone()),
            (status(2, 0, Some("app_too_old")), sent.clone()),
            (status(0, 0, Some("of a later version")), sent),
        ];
        let said: Vec<String> = cases
            .into_iter()
            .flat_map(|(status, sent)| {
                [Language::Japanese, Language::English].map(|language| {
                    let said = sync_status(status.clone(), sent.clone(), language);
                    format!("{:?} {}", said.tone, said.text)
                })
            })
            .collect();
        insta::assert_snapshot!(said.join("\n"));
    }

    #[test]
    fn what_the_server_could_not_decide_on_is_not_called_up_to_date() {
        let words = |applied, rejected| {
            done_words(&SyncReport {
                applied,
                rejected,
                waiting: 2,
                ..SyncReport::default()
            })
        };
        let said = [words(0, 0), words(3, 0), words(0, 1), words(3, 1)];
        insta::assert_snapshot!(said.map(|(ja, en)| format!("{ja} / {en}")).join("\n"), @r"
        2件が送信待ちです / 2 to send later
        3件を送信し、2件が送信待ちです / 3 sent, 2 to send later
        1件が受け付けられず、2件が送信待ちです / 1 refused, 2 to send later
        3件を送信し、1件が受け付けられず、2件が送信待ちです / 3 sent, 1 refused, 2 to send later
        ");
    }

    #[test]
    fn how_a_sync_ended_in_words() {
        let done = |applied, rejected| SyncOutcome::Done {
            report: SyncReport {
                applied,
                rejected,
                ..SyncReport::default()
            },
        };
        let report = SyncReport::default();
        let outcomes = [
            done(0, 0),
            done(3, 0),
            done(0, 1),
            done(3, 1),
            SyncOutcome::Offline {
                why: Obstacle::TimedOut,
                retry_after: None,
                report,
            },
            SyncOutcome::SignInNeeded { revoked: false },
            SyncOutcome::SignInNeeded { revoked: true },
            SyncOutcome::AlreadyRunning,
            SyncOutcome::AppTooOld,
            SyncOutcome::Cancelled { report },
            SyncOutcome::DeadlineReached { report },
        ];
        let said = outcomes.map(|outcome| {
            let (ja, en) = outcome_words(&outcome);
            format!("{ja} / {en}")
        });
        insta::assert_snapshot!(said.join("\n"));
    }
}
