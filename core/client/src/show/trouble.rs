//! What went wrong, as an app can act on it and as a person reads it.

use crate::error::{ClientError, InputError};
use crate::ports::SecretError;
use crate::sync::Obstacle;

/// What went wrong: [`ClientError`] without its details, and what only a shell can get wrong.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Trouble {
    /// What was handed in cannot be used.
    Input(InputTrouble),
    /// Not enrolled yet.
    NotEnrolled,
    /// The enrolment code is wrong, used, or over.
    CodeNotValid,
    /// Another person's records wait here.
    OthersRecordsWait {
        /// How many.
        waiting: u64,
    },
    /// To be enrolled again.
    SignInNeeded,
    /// The app is too old.
    AppTooOld,
    /// The server could not be asked.
    Offline(Obstacle),
    /// The server refused.
    Refused {
        /// The HTTP status.
        status: u16,
    },
    /// No such record, or settled already.
    NoSuchRecord,
    /// The disk is full.
    StorageFull,
    /// The disk failed.
    StorageFailed,
    /// The database is damaged; opening it again repairs it.
    StorageDamaged,
    /// A later version wrote the database.
    StorageFromTheFuture,
    /// Somebody else has the database open.
    DatabaseInUse,
    /// The database's key is gone.
    KeyMissing,
    /// The key does not fit.
    KeyWrong,
    /// The keystore is locked.
    SecretsLocked,
    /// The keystore fails.
    SecretsFailed,
    /// Cancelled.
    Cancelled,
    /// The deadline came.
    DeadlineReached,
    /// Shut down.
    ShutDown,
    /// A fault of the core.
    Internal {
        /// Where.
        place: String,
    },
}

/// What is wrong with something that was handed in.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum InputTrouble {
    /// A frame's dimensions and bytes do not fit.
    Frame,
    /// A host cannot stand in labels.
    Host,
    /// No label's id.
    Label,
    /// No record's id.
    Record,
    /// No floor's id, or a floor that is not known.
    Floor,
    /// The server's address.
    Server,
    /// Not an enrolment link.
    EnrolLink,
    /// Not an enrolment code.
    EnrolCode,
    /// The device's name is empty or too long.
    DeviceName,
    /// A root certificate cannot be read.
    RootCertificate,
    /// A text is too long.
    TooLong,
    /// A moment outside all calendars.
    Time,
    /// The managed configuration holds no invitation.
    NotManaged,
}

impl From<&ClientError> for Trouble {
    fn from(error: &ClientError) -> Self {
        match error {
            ClientError::Input(input) => Self::Input(match input {
                InputError::Server(_) => InputTrouble::Server,
                InputError::EnrolLink => InputTrouble::EnrolLink,
                InputError::EnrolCode { .. } => InputTrouble::EnrolCode,
                InputError::DeviceName { .. } => InputTrouble::DeviceName,
                InputError::RootCertificate => InputTrouble::RootCertificate,
                InputError::RecordTooLong => InputTrouble::TooLong,
            }),
            ClientError::NotEnrolled => Self::NotEnrolled,
            ClientError::CodeNotValid => Self::CodeNotValid,
            ClientError::OthersRecordsWait { waiting } => {
                Self::OthersRecordsWait { waiting: *waiting }
            }
            ClientError::SignInNeeded => Self::SignInNeeded,
            ClientError::AppTooOld => Self::AppTooOld,
            ClientError::Offline(why) => Self::Offline(*why),
            ClientError::Refused { status } => Self::Refused { status: *status },
            ClientError::NoSuchRecord => Self::NoSuchRecord,
            ClientError::StorageFull => Self::StorageFull,
            ClientError::StorageFailed => Self::StorageFailed,
            ClientError::StorageDamaged => Self::StorageDamaged,
            ClientError::StorageFromTheFuture { .. } => Self::StorageFromTheFuture,
            ClientError::DatabaseInUse => Self::DatabaseInUse,
            ClientError::KeyMissing => Self::KeyMissing,
            ClientError::KeyWrong => Self::KeyWrong,
            ClientError::Secrets(SecretError::Locked) => Self::SecretsLocked,
            ClientError::Secrets(SecretError::Failed) => Self::SecretsFailed,
            ClientError::Cancelled => Self::Cancelled,
            ClientError::DeadlineReached => Self::DeadlineReached,
            ClientError::ShutDown => Self::ShutDown,
            ClientError::Random(_) => Self::internal("random"),
            ClientError::SqliteTooOld { .. } => Self::internal("SQLite"),
            ClientError::Internal { place } => Self::internal(place),
        }
    }
}

impl Trouble {
    fn internal(place: &str) -> Self {
        Self::Internal {
            place: place.to_owned(),
        }
    }

    /// The sentence a person reads, Japanese and English.
    pub fn words(&self) -> (String, String) {
        let (ja, en) = match self {
            Self::Input(input) => input.words(),
            Self::NotEnrolled => (
                "この端末はまだ登録されていません。",
                "This device is not enrolled yet.",
            ),
            Self::CodeNotValid => (
                "登録コードが正しくないか、期限切れです。新しいコードを依頼してください。",
                "The enrolment code is wrong, used, or over. Please ask for a new one.",
            ),
            Self::OthersRecordsWait { waiting } => {
                return (
                    format!(
                        "この端末に以前の登録の未送信の記録が{waiting}件あります。先に送信するか、登録を解除してください。"
                    ),
                    format!(
                        "Records of the enrolment before that wait to be sent: {waiting}. Send them first, or sign this phone out."
                    ),
                );
            }
            Self::SignInNeeded => (
                "サインインが必要です。端末を登録し直してください。",
                "Please enrol this device again.",
            ),
            Self::AppTooOld => ("アプリの更新が必要です。", "Please update the app."),
            Self::Offline(obstacle) => obstacle.words(),
            Self::Refused { .. } => (
                "サーバーが要求を受け付けませんでした。",
                "The server refused the request.",
            ),
            Self::NoSuchRecord => (
                "この記録はすでに処理されています。",
                "This record is settled already.",
            ),
            Self::StorageFull => (
                "端末の空き容量が足りないため保存できませんでした。",
                "The device is full; nothing was saved.",
            ),
            Self::StorageFailed => (
                "端末に保存できませんでした。",
                "It could not be saved on this device.",
            ),
            Self::StorageDamaged => (
                "端末のデータが壊れています。アプリを起動し直してください。",
                "The data on this device is damaged. Please start the app again.",
            ),
            Self::StorageFromTheFuture => (
                "新しい版のアプリのデータです。アプリを更新してください。",
                "A later version of the app wrote this data. Please update the app.",
            ),
            Self::DatabaseInUse => (
                "データは別の処理が使用中です。",
                "The data is in use elsewhere.",
            ),
            Self::KeyMissing | Self::KeyWrong => (
                "端末の鍵が失われたためデータを開けません。登録し直してください。",
                "The device's key is lost, so the data cannot be opened. Please enrol again.",
            ),
            Self::SecretsLocked => (
                "端末のロックを解除してからお試しください。",
                "Please unlock the device first.",
            ),
            Self::SecretsFailed => (
                "端末の鍵の保管場所を使用できません。",
                "The device's keystore fails.",
            ),
            Self::Cancelled => ("中止しました。", "It was cancelled."),
            Self::DeadlineReached => ("時間内に終わりませんでした。", "It did not end in time."),
            Self::ShutDown => ("アプリは終了しています。", "The app was shut down."),
            Self::Internal { .. } => (
                "アプリ内部で問題が発生しました。",
                "Something went wrong inside the app.",
            ),
        };
        (ja.to_owned(), en.to_owned())
    }
}

impl InputTrouble {
    const fn words(self) -> (&'static str, &'static str) {
        match self {
            Self::Frame => (
                "カメラの画像の大きさが正しくありません。",
                "The camera frame's dimensions do not fit its bytes.",
            ),
            Self::Host => (
                "ラベルのホスト名が正しくありません。",
                "The host of the labels is malformed.",
            ),
            Self::Label => (
                "ラベルの番号が正しくありません。",
                "The label's id is malformed.",
            ),
            Self::Record => (
                "記録の番号が正しくありません。",
                "The record's id is malformed.",
            ),
            Self::Floor => ("このフロアは見つかりません。", "There is no such floor."),
            Self::Server => (
                "サーバーのアドレスは https:// で始まる必要があります。",
                "The server's address begins with https://.",
            ),
            Self::EnrolLink => (
                "登録用のリンクではありません。",
                "This is not an enrolment link.",
            ),
            Self::EnrolCode => (
                "登録コードは英数字10文字です。",
                "An enrolment code has ten letters and digits.",
            ),
            Self::DeviceName => (
                "端末の名前は1文字から80文字です。",
                "A device's name has 1 to 80 characters.",
            ),
            Self::RootCertificate => (
                "ルート証明書を読み取れません。",
                "A root certificate cannot be read.",
            ),
            Self::TooLong => ("長すぎます。", "It is too long."),
            Self::Time => ("日時が正しくありません。", "The time is out of range."),
            Self::NotManaged => (
                "管理者の設定に登録コードがありません。",
                "The managed settings hold no invitation.",
            ),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_a_person_reads_of_each_trouble() {
        use InputTrouble as I;
        let inputs = [
            I::Frame,
            I::Host,
            I::Label,
            I::Record,
            I::Floor,
            I::Server,
            I::EnrolLink,
            I::EnrolCode,
            I::DeviceName,
            I::RootCertificate,
            I::TooLong,
            I::Time,
            I::NotManaged,
        ];
        let others = [
            Trouble::NotEnrolled,
            Trouble::CodeNotValid,
            Trouble::OthersRecordsWait { waiting: 2 },
            Trouble::SignInNeeded,
            Trouble::AppTooOld,
            Trouble::Offline(Obstacle::CaptivePortal),
            Trouble::Refused { status: 403 },
            Trouble::NoSuchRecord,
            Trouble::StorageFull,
            Trouble::StorageFailed,
            Trouble::StorageDamaged,
            Trouble::StorageFromTheFuture,
            Trouble::DatabaseInUse,
            Trouble::KeyMissing,
            Trouble::KeyWrong,
            Trouble::SecretsLocked,
            Trouble::SecretsFailed,
            Trouble::Cancelled,
            Trouble::DeadlineReached,
            Trouble::ShutDown,
            Trouble::internal("somewhere"),
        ];
        let all = inputs.map(Trouble::Input).into_iter().chain(others);
        let told: Vec<String> = all
            .map(|trouble| {
                let (ja, en) = trouble.words();
                format!("{trouble:?}\n  {ja}\n  {en}")
            })
            .collect();
        insta::assert_snapshot!(told.join("\n"));
    }
}
