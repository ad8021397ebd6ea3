//! Sync, without any I/O: what to do next (`machine`), how long to wait (`backoff`, `keeper`), and
//! what an answer from the network means (`answer`). The engine's driver does what is decided here.

pub(crate) mod answer;
pub(crate) mod backoff;
pub(crate) mod keeper;
pub(crate) mod machine;

use std::fmt;
use std::time::Duration;

use serde::{Deserialize, Serialize};

use crate::options::Stop;

pub use backoff::{Backoff, Pace};

/// What lies between the phone and the server. Named, so that a person can do something about it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[non_exhaustive]
pub enum Obstacle {
    /// No network, no such name, or nobody listens.
    Unreachable,
    /// No answer in time.
    TimedOut,
    /// The connection broke.
    ConnectionLost,
    /// The network answers in the server's place: it wants a sign-in first.
    CaptivePortal,
    /// A proxy inspects TLS and this device does not trust its certificate.
    InspectedTls,
    /// The server's certificate is not valid now: it has expired, or this device's clock is wrong.
    CertificateNotValidNow,
    /// No secure connection could be made.
    TlsFailed,
    /// A proxy wants a name and password.
    ProxySignIn,
    /// The server, or a gateway before it, cannot answer now.
    ServerUnavailable,
    /// The server's disk is full.
    ServerFull,
    /// Too many requests; the server says when to come again.
    TooManyRequests,
    /// The answer is the server's and cannot be understood.
    NotUnderstood,
}

impl Obstacle {
    /// The sentence a person reads, Japanese and English.
    pub fn words(self) -> (&'static str, &'static str) {
        match self {
            Self::Unreachable => (
                "サーバーに接続できません。記録は保存済みで、つながり次第送信します。",
                "The server cannot be reached. Records are saved and will be sent.",
            ),
            Self::TimedOut => (
                "サーバーの応答がありません。",
                "The server does not answer.",
            ),
            Self::ConnectionLost => ("通信が途中で切れました。", "The connection was lost."),
            Self::CaptivePortal => (
                "このネットワークはサインインが必要です。ブラウザーで接続を完了してください。",
                "This network wants a sign-in first. Please complete it in a browser.",
            ),
            Self::InspectedTls => (
                "通信が検査機器を経由しています。情報システム担当へルート証明書をご確認ください。",
                "A proxy inspects this connection. Please ask IT for its root certificate.",
            ),
            Self::CertificateNotValidNow => (
                "証明書の有効期間外です。端末の時計をご確認ください。",
                "The certificate is not valid now. Please check this device's clock.",
            ),
            Self::TlsFailed => (
                "安全な接続を確立できません。",
                "No secure connection could be made.",
            ),
            Self::ProxySignIn => (
                "プロキシの認証が必要です。",
                "The proxy wants a name and password.",
            ),
            Self::ServerUnavailable => (
                "サーバーは現在応答できません。",
                "The server cannot answer now.",
            ),
            Self::ServerFull => (
                "サーバーの保存領域が不足しています。",
                "The server's storage is full.",
            ),
            Self::TooManyRequests => (
                "要求が混み合っています。しばらくお待ちください。",
                "Too many requests. Please wait.",
            ),
            Self::NotUnderstood => (
                "サーバーの応答を理解できません。",
                "The server's answer cannot be understood.",
            ),
        }
    }
}

impl fmt::Display for Obstacle {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.words().1)
    }
}

/// What a sync brought about, in events.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize)]
pub struct SyncReport {
    /// Events sent, those sent again included.
    pub sent: u64,
    /// Events that count from now on.
    pub applied: u64,
    /// Events that the server had before.
    pub duplicate: u64,
    /// Events that the server refused; each is in the rejected list with its reason.
    pub rejected: u64,
    /// Events that the server had lost and that were put into the queue again.
    pub sent_again: u64,
    /// Events that still wait.
    pub waiting: u64,
    /// Whether the directory changed.
    pub directory_changed: bool,
    /// Whether the catalogue of labels changed.
    pub catalogue_changed: bool,
}

/// How a sync ended. Only trouble on the phone itself is an error.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(tag = "outcome", rename_all = "snake_case")]
pub enum SyncOutcome {
    /// Everything was asked and answered.
    Done {
        /// What it brought about.
        report: SyncReport,
    },
    /// Something lies between; try again later.
    Offline {
        /// What.
        why: Obstacle,
        /// When the server asks to be left alone until, from now; at most a quarter of an hour, and
        /// half a minute where somebody else answered.
        retry_after: Option<Duration>,
        /// What it brought about before.
        report: SyncReport,
    },
    /// The device must be enrolled again. What waits goes on waiting.
    SignInNeeded {
        /// Whether the device was revoked.
        revoked: bool,
    },
    /// Another call or process is syncing.
    AlreadyRunning,
    /// The server no longer answers this version.
    AppTooOld,
    /// It was cancelled; what was answered before is kept.
    Cancelled {
        /// What it brought about before.
        report: SyncReport,
    },
    /// Its deadline came; what was answered before is kept.
    DeadlineReached {
        /// What it brought about before.
        report: SyncReport,
    },
}

impl SyncOutcome {
    /// The end of the call, and what was brought about before.
    pub(crate) fn stopped(stop: Stop, report: SyncReport) -> Self {
        match stop {
            Stop::Cancelled => Self::Cancelled { report },
            Stop::Deadline => Self::DeadlineReached { report },
        }
    }

    /// What it brought about.
    pub fn report(&self) -> SyncReport {
        match self {
            Self::Done { report }
            | Self::Offline { report, .. }
            | Self::Cancelled { report }
            | Self::DeadlineReached { report } => *report,
            Self::SignInNeeded { .. } | Self::AlreadyRunning | Self::AppTooOld => {
                SyncReport::default()
            }
        }
    }
}
