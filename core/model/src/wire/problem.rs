//! Problems: every error of the API is an RFC 9457 problem document whose `type` is
//! `urn:kokoni:problem:CODE`. This is the one table of codes.

use serde::{Deserialize, Serialize};

/// What every problem's `type` begins with.
pub const PROBLEM_PREFIX: &str = "urn:kokoni:problem:";

macro_rules! problems {
    ($($(#[$doc:meta])* $name:ident = $code:literal, $status:literal, $ja:literal, $en:literal;)+) => {
        /// The codes of problems.
        #[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
        pub enum ProblemCode {
            $($(#[$doc])* $name,)+
        }

        impl ProblemCode {
            /// Every code there is.
            pub const ALL: &[Self] = &[$(Self::$name,)+];

            /// The code as it stands in a problem's `type`.
            pub const fn code(self) -> &'static str {
                match self { $(Self::$name => $code,)+ }
            }

            /// The HTTP status that goes with it.
            pub const fn status(self) -> u16 {
                match self { $(Self::$name => $status,)+ }
            }

            /// The title in Japanese.
            pub const fn title_ja(self) -> &'static str {
                match self { $(Self::$name => $ja,)+ }
            }

            /// The title in English.
            pub const fn title_en(self) -> &'static str {
                match self { $(Self::$name => $en,)+ }
            }
        }
    };
}

problems! {
    /// The body is not JSON, or not the JSON that is expected.
    MalformedBody = "malformed_body", 400, "送信内容の形式が正しくありません。", "The body is malformed.";
    /// A part of the address is malformed: an id, a number, a date.
    MalformedParameter = "malformed_parameter", 400, "指定の形式が正しくありません。", "A parameter is malformed.";
    /// A header is malformed.
    MalformedHeader = "malformed_header", 400, "ヘッダーの形式が正しくありません。", "A header is malformed.";
    /// A value is well formed but not allowed.
    NotAllowedValue = "not_allowed_value", 422, "指定できない値です。", "A value is not allowed.";
    /// The request is not for this host.
    WrongHost = "wrong_host", 421, "このサーバー宛ての要求ではありません。", "The request is for another host.";
    /// No token, or one that has ended.
    SignInNeeded = "sign_in_needed", 401, "サインインが必要です。", "Please sign in.";
    /// The device was revoked.
    DeviceRevoked = "device_revoked", 401, "この端末の登録は取り消されました。", "This device has been revoked.";
    /// The person's role does not permit it.
    NotPermitted = "not_permitted", 403, "この操作の権限がありません。", "You are not permitted to do this.";
    /// The request came from another site.
    ForeignOrigin = "foreign_origin", 403, "別のサイトからの要求です。", "The request came from another site.";
    /// The enrolment code is wrong, used, or over.
    CodeNotValid = "code_not_valid", 403, "登録コードが正しくないか、期限切れです。", "The enrolment code is wrong, used, or has ended.";
    /// Nothing there, or nothing this person may see: the answer is the same.
    NotFound = "not_found", 404, "見つかりません。", "Not found.";
    /// The address does not take this method.
    MethodNotAllowed = "method_not_allowed", 405, "この方法では要求できません。", "This method is not allowed here.";
    /// The client cannot be answered in a form it accepts.
    NotAcceptable = "not_acceptable", 406, "要求された形式では返せません。", "The answer has no such form.";
    /// The request took too long to arrive.
    RequestTimeout = "request_timeout", 408, "要求が時間内に届きませんでした。", "The request did not arrive in time.";
    /// It contradicts what is there.
    Conflict = "conflict", 409, "現在の状態と矛盾します。", "It conflicts with what is there.";
    /// The body is too large.
    BodyTooLarge = "body_too_large", 413, "送信内容が大きすぎます。", "The body is too large.";
    /// The address is too long.
    AddressTooLong = "address_too_long", 414, "アドレスが長すぎます。", "The address is too long.";
    /// The body's type or encoding is not one that is read.
    UnsupportedBody = "unsupported_body", 415, "この種類の送信内容は受け付けていません。", "This type of body is not read.";
    /// The app is too old for this server.
    AppTooOld = "app_too_old", 426, "アプリの更新が必要です。", "Please update the app.";
    /// Too many requests; `Retry-After` says when.
    TooManyRequests = "too_many_requests", 429, "要求が多すぎます。しばらくお待ちください。", "Too many requests. Please wait.";
    /// Something went wrong on the server; its log says what.
    Internal = "internal", 500, "サーバーで問題が発生しました。", "Something went wrong on the server.";
    /// The server cannot answer now; `Retry-After` says when.
    Unavailable = "unavailable", 503, "ただいま応答できません。しばらくお待ちください。", "The server cannot answer now.";
    /// The server's disk is full.
    StorageFull = "storage_full", 507, "サーバーの保存領域が不足しています。", "The server's storage is full.";
}

impl ProblemCode {
    /// The code of a problem's `type`, when it is one of this table.
    pub fn from_type(problem_type: &str) -> Option<Self> {
        let code = problem_type.strip_prefix(PROBLEM_PREFIX)?;
        Self::ALL.iter().copied().find(|known| known.code() == code)
    }
}

/// A problem document.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct Problem {
    /// `urn:kokoni:problem:CODE`.
    #[serde(rename = "type")]
    pub problem_type: String,
    /// What kind of problem it is, for people, in the language they asked for.
    pub title: String,
    /// The HTTP status.
    pub status: u16,
    /// What is wrong this time and where. Never repeats personal data.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub detail: Option<String>,
}

impl Problem {
    /// A problem of this code, titled in English.
    pub fn new(code: ProblemCode, detail: Option<String>) -> Self {
        Self {
            problem_type: format!("{PROBLEM_PREFIX}{}", code.code()),
            title: code.title_en().to_owned(),
            status: code.status(),
            detail,
        }
    }

    /// The same problem, titled in Japanese.
    #[must_use]
    pub fn in_japanese(mut self) -> Self {
        if let Some(code) = ProblemCode::from_type(&self.problem_type) {
            self.title = code.title_ja().to_owned();
        }
        self
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_table_of_codes() {
        let table: Vec<String> = ProblemCode::ALL
            .iter()
            .map(|code| format!("{} {} {}", code.status(), code.code(), code.title_en()))
            .collect();
        insta::assert_snapshot!(table.join("\n"));
    }

    #[test]
    fn codes_are_distinct_and_found_again() {
        for code in ProblemCode::ALL {
            let problem = Problem::new(*code, None);
            assert_eq!(ProblemCode::from_type(&problem.problem_type), Some(*code));
        }
        assert_eq!(ProblemCode::from_type("about:blank"), None);
    }

    #[test]
    fn a_problem_looks_like_this() {
        let problem = Problem::new(ProblemCode::NotFound, Some("no such floor".into()));
        insta::assert_json_snapshot!(problem.in_japanese());
    }
}
