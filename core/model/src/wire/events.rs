//! Sending events: `POST /api/v1/events`.

use std::fmt;

use serde::{Deserialize, Serialize};
use serde_json::value::RawValue;

use crate::clock::{ClockReading, Timestamp};
use crate::event::Epoch;
use crate::ids::IncarnationId;
use crate::wire::views::MyState;

/// Events of one device's queue, in the order of their numbers.
#[derive(Debug, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct EventBatch {
    /// Which life of the queue; every event in the batch says the same.
    #[cfg_attr(feature = "openapi", schema(value_type = String, example = "0123456789abcdef"))]
    pub epoch: Epoch,
    /// The device's clocks at the moment of sending.
    pub clock: ClockReading,
    /// The lowest number of this epoch that the device still has. Whatever is lower and missing on
    /// the server is lost: it is kept as a gap for administrators to see and waited for no longer.
    /// Absent: every gap is waited for, and what follows it is answered `retry`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub lost_before: Option<u64>,
    /// The events, each exactly as it was recorded. At most 500.
    #[cfg_attr(feature = "openapi", schema(value_type = Vec<Object>, max_items = 500))]
    pub events: Vec<Box<RawValue>>,
}

/// The server's answer to a batch. Everything it says is committed.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct BatchReply {
    /// Which life of the server's database answered.
    pub incarnation: IncarnationId,
    /// The server's clock when the batch arrived.
    pub received_us: Timestamp,
    /// The highest number up to which the server holds every event of this epoch; 0 when none.
    pub held_through: u64,
    /// One answer for each event of the batch, in its order.
    pub answers: Vec<EventAnswer>,
    /// What the server now knows of the person.
    pub me: Option<MyState>,
}

/// What the server said of one event.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct EventAnswer {
    /// The event's number; 0 when it could not be understood that far.
    pub seq: u64,
    /// The outcome.
    #[serde(flatten)]
    pub outcome: Outcome,
}

/// The fate of one event.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(tag = "outcome", rename_all = "snake_case")]
pub enum Outcome {
    /// It counts.
    Applied,
    /// It had been applied before: nothing changed, nothing is wrong.
    Duplicate,
    /// It does not count, for this reason.
    Rejected(Rejection),
    /// It could not be decided now; send it again.
    Retry,
    /// An outcome of a later version: treated as `retry`.
    #[serde(other)]
    Unknown,
}

/// Why an event does not count, and what a person may be told.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct Rejection {
    /// The reason's code.
    pub reason: RejectReason,
    /// Whom it concerns, as the policy shows names to this person: who has the item.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub who: Option<String>,
}

/// Shows no name.
impl fmt::Debug for Rejection {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Rejection({:?})", self.reason)
    }
}

/// Reasons for a rejection; open to values of later versions.
#[derive(Clone, PartialEq, Eq, Hash, Debug, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(rename_all = "snake_case")]
pub enum RejectReason {
    /// No label of this organisation.
    UnknownLabel,
    /// The sticker is not bound to anything.
    UnboundLabel,
    /// Somebody else's home.
    NotYourHome,
    /// Somebody else has the item.
    AlreadyLent,
    /// The person does not have the item that they bring back.
    NotLentToYou,
    /// The label cannot have this meaning.
    MeaningDoesNotFit,
    /// The meaning, act or format is of a later version than the server.
    NotUnderstood,
    /// The bytes are not an event.
    Malformed,
    /// The number was used before with other content.
    ContentDiffers,
    /// The event belongs to another epoch than its batch says.
    WrongEpoch,
    /// There is nothing to take back: unknown, rejected, or taken back before.
    NothingToWithdraw,
    /// Later events rest on it: the item has changed hands since.
    TooLateToWithdraw,
    /// A reason of a later version.
    #[serde(untagged)]
    Other(String),
}

impl RejectReason {
    /// The sentence a person reads, Japanese and English.
    pub fn words(&self) -> (&'static str, &'static str) {
        match self {
            Self::UnknownLabel => (
                "このラベルは登録されていません。庶務担当へお知らせください。",
                "This label is not registered. Please tell the office manager.",
            ),
            Self::UnboundLabel => (
                "このラベルはまだ使えません。庶務担当へお知らせください。",
                "This label is not in use yet. Please tell the office manager.",
            ),
            Self::NotYourHome => (
                "ご自身の在宅用シートではありません。",
                "This is not your own home sheet.",
            ),
            Self::AlreadyLent => (
                "この備品は別の方に貸出中です。",
                "Somebody else has borrowed this item.",
            ),
            Self::NotLentToYou => (
                "この備品は借りていません。",
                "You have not borrowed this item.",
            ),
            Self::MeaningDoesNotFit => (
                "このラベルではその操作はできません。",
                "This label cannot be used for that.",
            ),
            Self::NotUnderstood => (
                "サーバーがこの記録に対応していません。",
                "The server does not understand this record yet.",
            ),
            Self::Malformed => ("記録の形式が正しくありません。", "The record is malformed."),
            Self::ContentDiffers => (
                "同じ番号で内容の異なる記録があります。",
                "The same number was used before with other content.",
            ),
            Self::WrongEpoch => (
                "記録の系列が一致しません。",
                "The record belongs to another queue.",
            ),
            Self::NothingToWithdraw => (
                "取り消す記録が見つかりません。",
                "There is nothing to take back.",
            ),
            Self::TooLateToWithdraw => (
                "その後に別の方が利用したため取り消せません。",
                "It can no longer be taken back: somebody has used it since.",
            ),
            Self::Other(_) => (
                "記録は受け付けられませんでした。",
                "The record was not accepted.",
            ),
        }
    }

    /// What the person can do about it, Japanese and English.
    pub const fn advice(&self) -> (&'static str, &'static str) {
        match self {
            Self::UnknownLabel | Self::UnboundLabel => (
                "ラベルが登録された後に、もう一度送信できます。",
                "Once the label is registered, send it again.",
            ),
            Self::NotYourHome => (
                "ご自身の在宅用シートを読み取ってください。",
                "Scan your own home sheet.",
            ),
            Self::AlreadyLent => (
                "返却された後に、もう一度送信できます。",
                "Once it is returned, send it again.",
            ),
            Self::NotUnderstood => (
                "サーバーの更新後に、もう一度送信できます。",
                "Once the server is updated, send it again.",
            ),
            Self::NotLentToYou | Self::NothingToWithdraw => {
                ("対応は必要ありません。", "There is nothing to do.")
            }
            Self::MeaningDoesNotFit | Self::TooLateToWithdraw => (
                "必要であれば、もう一度読み取ってください。",
                "Scan it again if need be.",
            ),
            Self::Malformed | Self::ContentDiffers | Self::WrongEpoch | Self::Other(_) => (
                "もう一度読み取ってください。続く場合は情報システム担当へお知らせください。",
                "Scan it again. If it goes on, please tell IT.",
            ),
        }
    }

    /// Whether sending the same record again can end better.
    pub const fn may_pass_later(&self) -> bool {
        matches!(
            self,
            Self::UnknownLabel | Self::UnboundLabel | Self::AlreadyLent | Self::NotUnderstood
        )
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use uuid::Uuid;

    #[test]
    fn what_a_person_can_do_about_a_rejection() {
        use RejectReason as R;
        let reasons = [
            R::UnknownLabel,
            R::UnboundLabel,
            R::NotYourHome,
            R::AlreadyLent,
            R::NotLentToYou,
            R::MeaningDoesNotFit,
            R::NotUnderstood,
            R::Malformed,
            R::ContentDiffers,
            R::WrongEpoch,
            R::NothingToWithdraw,
            R::TooLateToWithdraw,
            R::Other("later".into()),
        ];
        let told = reasons.map(|reason| {
            let again = if reason.may_pass_later() {
                " [again]"
            } else {
                ""
            };
            let (ja, en) = reason.advice();
            format!("{reason:?}: {ja} / {en}{again}")
        });
        insta::assert_snapshot!(told.join("\n"));
    }

    #[test]
    fn a_reply_looks_like_this() {
        let reply = BatchReply {
            incarnation: IncarnationId::from_uuid(Uuid::from_u128(1)),
            received_us: Timestamp::from_micros(5),
            held_through: 3,
            answers: vec![
                EventAnswer {
                    seq: 1,
                    outcome: Outcome::Applied,
                },
                EventAnswer {
                    seq: 2,
                    outcome: Outcome::Rejected(Rejection {
                        reason: RejectReason::AlreadyLent,
                        who: Some("企画課 山田".into()),
                    }),
                },
                EventAnswer {
                    seq: 3,
                    outcome: Outcome::Duplicate,
                },
            ],
            me: None,
        };
        insta::assert_json_snapshot!(reply);
        let text = serde_json::to_string(&reply).expect("serialises");
        assert_eq!(
            serde_json::from_str::<BatchReply>(&text).expect("reads back"),
            reply
        );
    }

    #[test]
    fn outcomes_and_reasons_of_a_later_version_are_read() {
        let answer: EventAnswer =
            serde_json::from_str(r#"{"seq":1,"outcome":"pondered","mood":1}"#).expect("read");
        assert_eq!(answer.outcome, Outcome::Unknown);
        let answer: EventAnswer =
            serde_json::from_str(r#"{"seq":1,"outcome":"rejected","reason":"moon"}"#)
                .expect("read");
        let reason = RejectReason::Other("moon".into());
        assert_eq!(
            answer.outcome,
            Outcome::Rejected(Rejection { reason, who: None })
        );
    }

    #[test]
    fn the_events_of_a_batch_keep_their_bytes() {
        let text = r#"{"epoch":"0000000000000001","clock":{"wall_us":1,"offset_min":540,"mono_ms":2,"boot":"00000000-0000-0000-0000-000000000001"},"events":[{"a" :  1}]}"#;
        let batch: EventBatch = serde_json::from_str(text).expect("read");
        assert_eq!(batch.events[0].get(), r#"{"a" :  1}"#);
        assert_eq!(serde_json::to_string(&batch).expect("serialises"), text);
    }
}
