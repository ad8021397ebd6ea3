//! The card that says what a scan did, or would do after one tap.

use std::fmt;
use std::time::Duration;

use kokoni_model::clock::Timestamp;
use kokoni_model::event::{Meaning, Via};
use kokoni_model::ids::{EventId, ItemId, LockerId};
use kokoni_model::label::LabelId;
use kokoni_model::rules::meaning::{Proposal, Refusal};
use kokoni_model::wire::directory::DirectoryEntry;

use super::sync::{LastProblem, last_problem};
use super::{Language, Tone};
use crate::engine::{Engine, Preview, Recorded};
use crate::error::ClientError;
use crate::sync::Obstacle;

/// How long a shell offers to take a scan back.
pub const UNDO_WITHIN: Duration = Duration::from_secs(10);

/// A tap that began in time may arrive this much later.
const TAP_ON_ITS_WAY: Duration = Duration::from_secs(2);

/// The most characters of a foreign code that are shown.
const FOREIGN_CHARS: usize = 60;

/// What a scan did, or would do.
#[derive(Clone, PartialEq, Eq)]
pub struct ScanCard {
    /// How it sounds and feels.
    pub tone: Tone,
    /// What happened, in one line: `3階 A-12 に着席しました`.
    pub title: String,
    /// What else there is to know or to do.
    pub detail: Option<String>,
    /// The label.
    pub label: Option<LabelId>,
    /// What was saved, or what [`Engine::confirm`] would save.
    pub meaning: Option<Meaning>,
    /// The text of the button that confirms; `None` where no tap is needed.
    pub confirm: Option<String>,
    /// What was saved.
    pub record: Option<EventId>,
    /// Until when taking it back is offered, by the phone's wall clock.
    pub undo_until_us: Option<Timestamp>,
    /// What lies in the locker, where the label is a locker's.
    pub items: Vec<ItemLine>,
}

/// Without the words: they may name who has an item, or hold somebody else's code.
impl fmt::Debug for ScanCard {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(
            f,
            "ScanCard({:?}, {:?}, {:?})",
            self.tone, self.meaning, self.record
        )
    }
}

/// One thing in a locker.
#[derive(Clone, PartialEq, Eq)]
pub struct ItemLine {
    /// Which.
    pub item: ItemId,
    /// Its name.
    pub name: String,
    /// Whether it can be borrowed, or who has it.
    pub text: String,
    /// Whether somebody has it.
    pub lent: bool,
}

/// Without the name of who has it.
impl fmt::Debug for ItemLine {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "ItemLine({:?})", self.item)
    }
}

impl ScanCard {
    fn plain(tone: Tone, title: String) -> Self {
        Self {
            tone,
            title,
            detail: None,
            label: None,
            meaning: None,
            confirm: None,
            record: None,
            undo_until_us: None,
            items: Vec::new(),
        }
    }

    /// Names a foreign code, and leaves it alone.
    pub fn foreign(text: &str, language: Language) -> Self {
        let flat: String = text
            .chars()
            .map(|c| if c.is_control() { ' ' } else { c })
            .take(FOREIGN_CHARS)
            .collect();
        let more = text.chars().count() > FOREIGN_CHARS;
        let title = ("ココニのラベルではありません", "This is not a Kokoni label");
        Self {
            detail: Some(if more { flat + "…" } else { flat }),
            ..Self::plain(Tone::Neutral, language.pick(title).into())
        }
    }
}

/// What was done, once it is saved.
fn done_words(meaning: &Meaning, (ja, en): &(String, String)) -> (String, String) {
    match meaning {
        Meaning::Sit => (format!("{ja} に着席しました"), format!("You are at {en}")),
        Meaning::Leave => (format!("{ja} を離れました"), format!("You left {en}")),
        Meaning::Telework => (
            "テレワークを開始しました".into(),
            "Telework has begun".into(),
        ),
        Meaning::EndTelework => (
            "テレワークを終了しました".into(),
            "Telework has ended".into(),
        ),
        Meaning::Borrow => (format!("{ja} を借りました"), format!("You borrowed {en}")),
        Meaning::Return => (format!("{ja} を返しました"), format!("You returned {en}")),
        Meaning::Undecided | Meaning::Other(_) => ("記録しました".into(), "Recorded".into()),
    }
}

/// What is asked before the tap.
fn question_words(meaning: &Meaning, (ja, en): &(String, String)) -> (String, String) {
    match meaning {
        Meaning::Sit => (format!("{ja} に着席しますか"), format!("Sit at {en}?")),
        Meaning::Leave => (format!("{ja} を離れますか"), format!("Leave {en}?")),
        Meaning::Telework => ("テレワークを開始しますか".into(), "Begin telework?".into()),
        Meaning::EndTelework => ("テレワークを終了しますか".into(), "End telework?".into()),
        Meaning::Borrow => (format!("{ja} を借りますか"), format!("Borrow {en}?")),
        Meaning::Return => (format!("{ja} を返しますか"), format!("Return {en}?")),
        Meaning::Undecided | Meaning::Other(_) => (
            "この端末が知らないラベルです".into(),
            "This device does not know the label".into(),
        ),
    }
}

/// What a saved scan still waits for. No network is the plain life of a phone; what else is in the
/// way is named.
fn saved_words(problem: LastProblem) -> (String, String) {
    let (ja, en) = match problem {
        LastProblem::SignInNeeded => SAVED_SIGN_IN,
        LastProblem::AppTooOld => SAVED_UPDATE,
        LastProblem::Obstacle(Obstacle::Unreachable | Obstacle::TimedOut) => SAVED_OFFLINE,
        LastProblem::Obstacle(why) => {
            let (ja, en) = why.words();
            return (
                format!("端末に保存しました。{ja}"),
                format!("Saved on this device. {en}"),
            );
        }
    };
    (ja.to_owned(), en.to_owned())
}

/// What stands on the button.
const fn button_words(meaning: &Meaning) -> (&'static str, &'static str) {
    match meaning {
        Meaning::Sit => ("着席する", "Sit here"),
        Meaning::Leave => ("離れる", "Leave"),
        Meaning::Telework => ("開始する", "Begin"),
        Meaning::EndTelework => ("終了する", "End"),
        Meaning::Borrow => ("借りる", "Borrow"),
        Meaning::Return => ("返す", "Return"),
        Meaning::Undecided | Meaning::Other(_) => ("記録する", "Record it"),
    }
}

const SERVER_DECIDES: (&str, &str) = (
    "送信後にサーバーが確認します。",
    "The server decides once it is sent.",
);
const SAVED_OFFLINE: (&str, &str) = (
    "オフラインのため端末に保存しました。接続後に自動で送信します。",
    "Saved on this device while offline. It will be sent by itself.",
);
const SAVED_SIGN_IN: (&str, &str) = (
    "端末に保存しました。送信には登録し直しが必要です。",
    "Saved on this device. Please enrol again so that it can be sent.",
);
const SAVED_UPDATE: (&str, &str) = (
    "端末に保存しました。送信にはアプリの更新が必要です。",
    "Saved on this device. Please update the app so that it can be sent.",
);
const UNDONE: (&str, &str) = ("取り消しました", "Taken back");
const TOO_LATE: (&str, &str) = (
    "取り消せる時間を過ぎました",
    "It is too late to take it back",
);
const SENT_AGAIN: (&str, &str) = ("もう一度送信します", "It will be sent again");

/// What a person can do about a refusal.
const fn refusal_detail(why: &Refusal) -> (&'static str, &'static str) {
    match why {
        Refusal::NotYourHome => (
            "ご自身の在宅用シートを読み取ってください。",
            "Scan your own home sheet.",
        ),
        Refusal::AlreadyLent { .. } => (
            "返却されると借りられます。",
            "You can borrow it once it is returned.",
        ),
        Refusal::Unbound => (
            "庶務担当へお知らせください。",
            "Please tell the office manager.",
        ),
    }
}

impl Engine {
    /// What a scan would do now. Saves nothing.
    ///
    /// # Errors
    /// As [`Engine::preview`].
    pub fn preview_card(
        &self,
        label: LabelId,
        language: Language,
    ) -> Result<ScanCard, ClientError> {
        let preview = self.preview(label)?;
        self.card_of(&preview, language)
    }

    /// Takes a scan: saves what needs no tap, and says what happened or what there is to decide.
    ///
    /// # Errors
    /// As [`Engine::preview`] and [`Engine::record`].
    pub fn scan(
        &self,
        label: LabelId,
        via: Via,
        language: Language,
    ) -> Result<ScanCard, ClientError> {
        let preview = self.preview(label)?;
        match &preview.proposal {
            Proposal::Now { meaning } => self.save(label, meaning, via, language),
            _ => self.card_of(&preview, language),
        }
    }

    /// Saves what the person was shown and tapped. Where it would mean something else by now, that
    /// is shown instead and nothing is saved.
    ///
    /// # Errors
    /// As [`Engine::scan`].
    pub fn confirm(
        &self,
        label: LabelId,
        shown: &Meaning,
        via: Via,
        language: Language,
    ) -> Result<ScanCard, ClientError> {
        let preview = self.preview(label)?;
        match preview.meaning() {
            Some(meaning) if meaning == shown => self.save(label, shown, via, language),
            _ => self.card_of(&preview, language),
        }
    }

    /// Takes a scan back, as long as that is offered.
    ///
    /// # Errors
    /// As [`Engine::withdraw`].
    pub fn undo(&self, record: EventId, language: Language) -> Result<ScanCard, ClientError> {
        if self.age_of(record)? > UNDO_WITHIN + TAP_ON_ITS_WAY {
            let title = language.pick(TOO_LATE).into();
            return Ok(ScanCard::plain(Tone::Refusal, title));
        }
        match self.withdraw(record) {
            Ok(_) => {}
            // A second tap on the same card.
            Err(ClientError::NoSuchRecord) if self.is_taken_back(record)? => {}
            Err(error) => return Err(error),
        }
        let title = language.pick(UNDONE).into();
        Ok(ScanCard::plain(Tone::Success, title))
    }

    /// Sends a refused record again.
    ///
    /// # Errors
    /// As [`Engine::resend`].
    pub fn resend_card(
        &self,
        record: EventId,
        language: Language,
    ) -> Result<ScanCard, ClientError> {
        let saved = self.resend(record)?;
        Ok(ScanCard {
            record: Some(saved.id),
            detail: self.saved_detail(language),
            ..ScanCard::plain(Tone::Success, language.pick(SENT_AGAIN).into())
        })
    }

    fn save(
        &self,
        label: LabelId,
        meaning: &Meaning,
        via: Via,
        language: Language,
    ) -> Result<ScanCard, ClientError> {
        // What can fail comes first: after the commit the answer is that it was saved.
        let names = self.label_words(label)?;
        let Recorded { id, .. } = self.record(label, meaning.clone(), via)?;
        let detail = match meaning {
            Meaning::Undecided | Meaning::Other(_) => Some(language.pick(SERVER_DECIDES).into()),
            _ => self.saved_detail(language),
        };
        let offered = i64::try_from(UNDO_WITHIN.as_micros()).unwrap_or(0);
        Ok(ScanCard {
            detail,
            label: Some(label),
            meaning: Some(meaning.clone()),
            record: Some(id),
            undo_until_us: Some(self.wall_clock().plus_micros(offered)),
            ..ScanCard::plain(Tone::Success, language.pick(done_words(meaning, &names)))
        })
    }

    /// What lies between the phone and the server, as far as the last sync told.
    fn saved_detail(&self, language: Language) -> Option<String> {
        let code = self.status().ok()?.last_problem?;
        Some(language.pick(saved_words(last_problem(&code)?)))
    }

    fn card_of(&self, preview: &Preview, language: Language) -> Result<ScanCard, ClientError> {
        let words = language.pick((preview.words_ja.clone(), preview.words_en.clone()));
        let mut card = match &preview.proposal {
            Proposal::Now { meaning } | Proposal::AfterTap { meaning } => {
                let names = self.label_words(preview.label)?;
                ScanCard {
                    meaning: Some(meaning.clone()),
                    confirm: Some(language.pick(button_words(meaning)).into()),
                    detail: (*meaning == Meaning::Undecided)
                        .then(|| language.pick(SERVER_DECIDES).into()),
                    ..ScanCard::plain(
                        Tone::Attention,
                        language.pick(question_words(meaning, &names)),
                    )
                }
            }
            Proposal::AlreadyHere => ScanCard::plain(Tone::Neutral, words),
            Proposal::ShowLocker { locker } => ScanCard {
                items: self.locker_items(*locker, language)?,
                ..ScanCard::plain(Tone::Neutral, words)
            },
            Proposal::Refused { why } => ScanCard {
                detail: Some(language.pick(refusal_detail(why)).into()),
                ..ScanCard::plain(Tone::Refusal, words)
            },
        };
        card.label = Some(preview.label);
        Ok(card)
    }

    fn locker_items(
        &self,
        locker: LockerId,
        language: Language,
    ) -> Result<Vec<ItemLine>, ClientError> {
        let items = self.directory_entries("item")?;
        let mut lines = Vec::new();
        for entry in items {
            let DirectoryEntry::Item(item) = entry else {
                continue;
            };
            if item.locker != locker {
                continue;
            }
            let text = match item.lent_to {
                None => language.pick(("貸出可", "Available")).to_owned(),
                Some(person) => {
                    let somebody = language.pick(("別の方", "somebody else"));
                    let who = self.person_name(person)?.unwrap_or(somebody.to_owned());
                    language.pick((format!("{who} に貸出中"), format!("Lent to {who}")))
                }
            };
            lines.push(ItemLine {
                item: item.id,
                name: item.name,
                text,
                lent: item.lent_to.is_some(),
            });
        }
        lines.sort_by(|one, other| one.name.cmp(&other.name));
        Ok(lines)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_saved_scan_says_what_it_waits_for() {
        let inspected = LastProblem::Obstacle(Obstacle::InspectedTls);
        assert!(
            saved_words(inspected)
                .0
                .contains(Obstacle::InspectedTls.words().0)
        );
        assert_eq!(saved_words(LastProblem::AppTooOld).1, SAVED_UPDATE.1);
        assert_eq!(saved_words(LastProblem::SignInNeeded).1, SAVED_SIGN_IN.1);
        let offline = LastProblem::Obstacle(Obstacle::Unreachable);
        assert_eq!(saved_words(offline).1, SAVED_OFFLINE.1);
    }

    #[test]
    fn who_has_an_item_does_not_show_in_debug_output() {
        let line = ItemLine {
            item: ItemId::from_uuid(uuid::Uuid::nil()),
            name: "スピーカー".into(),
            text: "山田 太郎 に貸出中".into(),
            lent: true,
        };
        assert!(!format!("{line:?}").contains("山田"));
    }

    #[test]
    fn what_each_scan_says_before_and_after() {
        let names = ("3階 A-12".to_owned(), "3F A-12".to_owned());
        let meanings = [
            Meaning::Sit,
            Meaning::Leave,
            Meaning::Telework,
            Meaning::EndTelework,
            Meaning::Borrow,
            Meaning::Return,
            Meaning::Undecided,
        ];
        let said: Vec<String> = meanings
            .iter()
            .map(|meaning| {
                let (ask_ja, ask_en) = question_words(meaning, &names);
                let (button_ja, button_en) = button_words(meaning);
                let (ja, en) = done_words(meaning, &names);
                format!("{ask_ja} [{button_ja}] → {ja}\n{ask_en} [{button_en}] → {en}")
            })
            .collect();
        insta::assert_snapshot!(said.join("\n"));
    }

    #[test]
    fn a_foreign_code_is_named_in_one_line_of_bounded_length() {
        let card = ScanCard::foreign(&"あ\n".repeat(500), Language::Japanese);
        let detail = card.detail.expect("the code's text");
        assert_eq!(detail.chars().count(), FOREIGN_CHARS + 1);
        assert!(!detail.contains('\n') && detail.ends_with('…'));
        let short = ScanCard::foreign("https://example.com", Language::English);
        assert_eq!(short.detail.as_deref(), Some("https://example.com"));
        assert_eq!(short.title, "This is not a Kokoni label");
    }
}
