//! Preview: what a scan would mean now, in words, before anything is recorded.

use std::fmt;

use kokoni_model::event::Meaning;
use kokoni_model::label::LabelId;
use kokoni_model::reading::{Content, Reading};
use kokoni_model::rules::lending::Loan;
use kokoni_model::rules::meaning::{Proposal, Refusal, Situation, Target, propose};
use kokoni_model::wire::directory::DirectoryEntry;
use rusqlite::Transaction;
use serde::Serialize;

use super::identity::EnrolledIdentity;
use super::today::{presence_of, today};
use super::{Engine, server_now};
use crate::error::{ClientError, StoreError};
use crate::show::meaning_words;
use crate::store::{directory, server};

/// What a scan of one label would mean now.
#[derive(Clone, PartialEq, Eq, Serialize)]
pub struct Preview {
    /// The label.
    pub label: LabelId,
    /// What the rules propose.
    pub proposal: Proposal,
    /// The proposal in Japanese: `3階 A-12 に着席`.
    pub words_ja: String,
    /// The proposal in English: `Sit at 3F A-12`.
    pub words_en: String,
    /// Whether the person must tap before it is recorded.
    pub needs_tap: bool,
    /// Whether the phone knows what the label is bound to.
    pub known: bool,
}

/// Without the words: they may name who has an item.
impl fmt::Debug for Preview {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Preview({:?})", self.proposal)
    }
}

impl Preview {
    /// The meaning to record, where there is something to record.
    pub fn meaning(&self) -> Option<&Meaning> {
        match &self.proposal {
            Proposal::Now { meaning } | Proposal::AfterTap { meaning } => Some(meaning),
            Proposal::AlreadyHere | Proposal::ShowLocker { .. } | Proposal::Refused { .. } => None,
        }
    }
}

/// What was seen in a frame.
#[derive(Clone, PartialEq, Eq)]
pub enum Seen {
    /// A label of ours, and what it would mean.
    Label(Box<Preview>),
    /// A code of somebody else's: to be named, never to be acted on.
    Foreign(String),
    /// A code that cannot be read yet.
    Unreadable,
}

/// Without what stands in somebody else's code.
impl fmt::Debug for Seen {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Label(preview) => write!(f, "Label({preview:?})"),
            Self::Foreign(_) => f.write_str("Foreign(…)"),
            Self::Unreadable => f.write_str("Unreadable"),
        }
    }
}

impl Engine {
    /// What a scan of this label would mean now. Never asks the network, records nothing.
    ///
    /// # Errors
    /// [`ClientError::NotEnrolled`]; when the database cannot be read.
    pub fn preview(&self, label: LabelId) -> Result<Preview, ClientError> {
        let now = self.0.now();
        let preview = self.0.store.read(|tx| {
            let Some(identity) = server::identity::<EnrolledIdentity>(tx)? else {
                return Ok(None);
            };
            let today = today(tx, &identity, &now)?;
            let target = directory::target(tx, label)?;
            let loan = match &target {
                Some(Target::Item { item }) => {
                    let mine = today.loans.iter().find(|loan| loan.item == *item).copied();
                    mine.or(lent_to_another(tx, &identity, &item.to_string())?)
                }
                _ => None,
            };
            let situation = Situation {
                person: identity.person,
                presence: presence_of(&today.presence),
                loan: loan.as_ref(),
                now: server_now(tx, &now)?,
            };
            let proposal = propose(target.as_ref(), &situation);
            let (words_ja, words_en) = words(tx, &proposal, target.as_ref())?;
            Ok(Some(Preview {
                label,
                needs_tap: matches!(proposal, Proposal::AfterTap { .. }),
                known: target.is_some(),
                proposal,
                words_ja,
                words_en,
            }))
        })?;
        preview.ok_or(ClientError::NotEnrolled)
    }

    /// What was seen in a frame, and what it would mean.
    ///
    /// # Errors
    /// As [`Engine::preview`].
    pub fn preview_reading(&self, reading: &Reading) -> Result<Seen, ClientError> {
        Ok(match &reading.content {
            Content::Label { label, .. } => Seen::Label(Box::new(self.preview(*label)?)),
            Content::Foreign { text } => Seen::Foreign(text.clone()),
            Content::Unreadable => Seen::Unreadable,
        })
    }
}

/// A loan to somebody else, as of the last directory.
fn lent_to_another(
    tx: &Transaction<'_>,
    identity: &EnrolledIdentity,
    item: &str,
) -> Result<Option<Loan>, StoreError> {
    Ok(match directory::entry(tx, "item", item)? {
        Some(DirectoryEntry::Item(item)) => item
            .lent_to
            .filter(|person| *person != identity.person)
            .map(|person| Loan {
                item: item.id,
                person,
                since_us: kokoni_model::clock::Timestamp::from_micros(0),
                due_us: None,
            }),
        _ => None,
    })
}

/// A name in Japanese and in English.
type Names = (String, String);

fn both(name: impl Into<String>) -> Names {
    let name = name.into();
    (name.clone(), name)
}

fn words(
    tx: &Transaction<'_>,
    proposal: &Proposal,
    target: Option<&Target>,
) -> Result<Names, StoreError> {
    let names = label_name(tx, target)?;
    let (ja, en) = &names;
    Ok(match proposal {
        Proposal::Now { meaning } | Proposal::AfterTap { meaning } => {
            meaning_words(Some(meaning), &names)
        }
        Proposal::AlreadyHere => (format!("{ja} に着席済み"), format!("Already at {en}")),
        Proposal::ShowLocker { .. } => (format!("{ja} の中身"), format!("Contents of {en}")),
        Proposal::Refused { why } => match why {
            Refusal::NotYourHome => (
                "ご自身の在宅用シートではありません".into(),
                "This is not your own home sheet".into(),
            ),
            Refusal::AlreadyLent { to } => {
                let who = match directory::entry(tx, "person", &to.to_string())? {
                    Some(DirectoryEntry::Person(person)) => both(person.display_name()),
                    _ => ("別の方".into(), "somebody else".into()),
                };
                (
                    format!("{ja} は {} に貸出中", who.0),
                    format!("{en} is lent to {}", who.1),
                )
            }
            Refusal::Unbound => (
                "このラベルはまだ使えません".into(),
                "This label is not in use yet".into(),
            ),
        },
    })
}

/// What a label stands for.
pub(super) fn label_name(
    tx: &Transaction<'_>,
    target: Option<&Target>,
) -> Result<Names, StoreError> {
    match target {
        Some(target) => target_name(tx, target),
        None => Ok(("未登録のラベル".into(), "an unknown label".into())),
    }
}

fn target_name(tx: &Transaction<'_>, target: &Target) -> Result<Names, StoreError> {
    Ok(match target {
        Target::Place { place } => place_name(tx, &place.to_string())?,
        Target::Home { .. } => ("自宅".into(), "home".into()),
        Target::Item { item } => match directory::entry(tx, "item", &item.to_string())? {
            Some(DirectoryEntry::Item(item)) => both(item.name),
            _ => ("備品".into(), "the item".into()),
        },
        Target::Locker { locker } => match directory::entry(tx, "locker", &locker.to_string())? {
            Some(DirectoryEntry::Locker(locker)) => both(locker.name),
            _ => ("ロッカー".into(), "the locker".into()),
        },
        Target::Exit { site } => match directory::entry(tx, "site", &site.to_string())? {
            Some(DirectoryEntry::Site(site)) => both(site.name),
            _ => ("庁舎".into(), "the building".into()),
        },
        Target::Unbound | Target::Other => ("ラベル".into(), "the label".into()),
    })
}

/// A place with its floor: `3階 A-12`.
pub(super) fn place_name(tx: &Transaction<'_>, place: &str) -> Result<Names, StoreError> {
    let Some(DirectoryEntry::Place(place)) = directory::entry(tx, "place", place)? else {
        return Ok(("座席".into(), "the seat".into()));
    };
    let floor = match place.floor {
        Some(floor) => directory::entry(tx, "floor", &floor.to_string())?,
        None => None,
    };
    Ok(match floor {
        Some(DirectoryEntry::Floor(floor)) => (
            format!("{} {}", floor.name, place.name),
            format!("{} {}", floor.name_en, place.name),
        ),
        _ => both(place.name),
    })
}
