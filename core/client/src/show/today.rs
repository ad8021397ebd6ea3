//! Today: where the person is and since when, their day, what they have borrowed, what waits and
//! what was refused.

use std::fmt;

use chrono::NaiveDate;
use kokoni_model::calendar::Calendar;
use kokoni_model::clock::Timestamp;
use kokoni_model::event::Meaning;
use kokoni_model::ids::{EventId, ItemId};
use kokoni_model::rules::lending::Loan;
use kokoni_model::wire::directory::{DirectoryEntry, DirectoryKey};
use kokoni_model::wire::views::PresenceView;

use super::chip::presence_words;
use super::{Language, Whereabouts, moments};
use crate::engine::{Engine, Loss, RejectedRecord, Today, WaitingRecord};
use crate::error::ClientError;

/// The screen of the day.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct TodayView {
    /// The working day.
    pub date: NaiveDate,
    /// The same for people.
    pub date_text: String,
    /// Where the person is, as a choice.
    pub whereabouts: Whereabouts,
    /// Where the person is, in words.
    pub headline: String,
    /// Since when.
    pub since_us: Option<Timestamp>,
    /// The same in words.
    pub since_text: Option<String>,
    /// Something the person must know first.
    pub notice: Option<String>,
    /// The day so far.
    pub stays: Vec<StayLine>,
    /// What the person has borrowed.
    pub loans: Vec<LoanLine>,
    /// What waits to be sent.
    pub waiting: Vec<WaitingLine>,
    /// What was refused.
    pub rejected: Vec<RejectedLine>,
    /// How the sync stands, in words.
    pub sync_text: String,
}

/// One stay of the day.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct StayLine {
    /// Where.
    pub place: String,
    /// From when.
    pub since_us: Timestamp,
    /// Until when, once it is over.
    pub until_us: Option<Timestamp>,
    /// All of it in words.
    pub text: String,
    /// Whether it was telework.
    pub telework: bool,
}

/// One loan.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct LoanLine {
    /// What.
    pub item: ItemId,
    /// Its name.
    pub name: String,
    /// Since when.
    pub since_us: Timestamp,
    /// Until when, where that is limited.
    pub due_us: Option<Timestamp>,
    /// Since or until when, in words.
    pub text: String,
    /// Whether it should have come back.
    pub overdue: bool,
}

/// One record that waits.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct WaitingLine {
    /// Which.
    pub record: EventId,
    /// What it says: `3階 A-12 に着席`.
    pub title: String,
    /// When it was recorded, by the phone's wall clock.
    pub recorded_us: Timestamp,
    /// The same in words.
    pub text: String,
}

/// One record that was refused.
#[derive(Clone, PartialEq, Eq)]
pub struct RejectedLine {
    /// Which.
    pub record: EventId,
    /// What it said.
    pub title: String,
    /// When it was recorded, by the phone's wall clock.
    pub recorded_us: Timestamp,
    /// Why it was refused.
    pub why: String,
    /// What the person can do.
    pub advice: String,
    /// Whether sending it again may end better.
    pub can_resend: bool,
}

/// Without the words: they may name who has an item.
impl fmt::Debug for RejectedLine {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "RejectedLine({})", self.record)
    }
}

/// What a scan means, as a short line; names are the label's in Japanese and English.
pub(crate) fn meaning_words(
    meaning: Option<&Meaning>,
    (ja, en): &(String, String),
) -> (String, String) {
    match meaning {
        None => ("取り消し".into(), "Taking back".into()),
        Some(Meaning::Sit) => (format!("{ja} に着席"), format!("Sit at {en}")),
        Some(Meaning::Leave) => (format!("{ja} から退席"), format!("Leave {en}")),
        Some(Meaning::Telework) => ("テレワークを開始".into(), "Start telework".into()),
        Some(Meaning::EndTelework) => ("テレワークを終了".into(), "End telework".into()),
        Some(Meaning::Borrow) => (format!("{ja} を借りる"), format!("Borrow {en}")),
        Some(Meaning::Return) => (format!("{ja} を返す"), format!("Return {en}")),
        Some(Meaning::Undecided | Meaning::Other(_)) => {
            (format!("{ja} を記録"), format!("Record {en}"))
        }
    }
}

fn since(presence: &PresenceView) -> Option<Timestamp> {
    match presence {
        PresenceView::Present { since_us, .. }
        | PresenceView::Telework { since_us }
        | PresenceView::Away { since_us }
        | PresenceView::Displaced { since_us, .. } => Some(*since_us),
        PresenceView::NoRecord | PresenceView::Unknown => None,
    }
}

fn loan_line(
    loan: &Loan,
    name: String,
    calendar: &Calendar,
    (now, today): (Timestamp, NaiveDate),
    language: Language,
) -> LoanLine {
    let moment = |at| moments::moment(calendar, at, today, language);
    let overdue = loan.is_overdue(now);
    let text = match loan.due_us.map(moment) {
        Some(due) if overdue => {
            language.pick((format!("{due} が返却期限でした"), format!("Was due {due}")))
        }
        Some(due) => language.pick((format!("{due} まで"), format!("Until {due}"))),
        None => {
            let since = moment(loan.since_us);
            language.pick((format!("{since} から"), format!("Since {since}")))
        }
    };
    LoanLine {
        item: loan.item,
        name,
        since_us: loan.since_us,
        due_us: loan.due_us,
        text,
        overdue,
    }
}

fn loss_words(lost: u64) -> (String, String) {
    let records = if lost == 1 {
        "record was"
    } else {
        "records were"
    };
    (
        format!("端末の障害により、保存済みの記録{lost}件が失われました。"),
        format!("{lost} saved {records} lost to damage on this device."),
    )
}

impl Engine {
    /// The screen of the day. Never asks the network.
    ///
    /// # Errors
    /// As [`Engine::today`].
    pub fn today_view(&self, language: Language) -> Result<TodayView, ClientError> {
        let today = self.today()?;
        let calendar = self.calendar()?;
        let place = self.place_of(&today.presence, language)?;
        let status = self.sync_status(language)?;
        let (_, headline) = presence_words(&today.presence, &place, language);
        let since_us = since(&today.presence);
        let taken = matches!(today.presence, PresenceView::Displaced { .. });
        let seat_taken = || {
            let words = (
                "この座席は別の方が使用中です。",
                "Somebody else has scanned this seat since.",
            );
            language.pick(words).to_owned()
        };
        let stuck = status.needs_enrolment || status.needs_update;
        Ok(TodayView {
            date: today.date,
            date_text: moments::date(today.date, language),
            whereabouts: Whereabouts::from(&today.presence),
            headline,
            since_us,
            since_text: since_us.map(|at| {
                let since = moments::moment(&calendar, at, today.date, language);
                language.pick((format!("{since} から"), format!("since {since}")))
            }),
            notice: if stuck {
                Some(status.text.clone())
            } else {
                taken.then(seat_taken)
            },
            stays: self.stay_lines(&today, &calendar, language)?,
            loans: self.loan_lines_of(&today, &calendar, language)?,
            waiting: self.waiting_lines(language)?,
            rejected: self.rejected_lines(language)?,
            sync_text: status.text,
        })
    }

    /// What the person has borrowed, and until when.
    ///
    /// # Errors
    /// As [`Engine::today`].
    pub fn loan_lines(&self, language: Language) -> Result<Vec<LoanLine>, ClientError> {
        self.loan_lines_of(&self.today()?, &self.calendar()?, language)
    }

    /// What waits to be sent, in order.
    ///
    /// # Errors
    /// When the database cannot be read.
    pub fn waiting_lines(&self, language: Language) -> Result<Vec<WaitingLine>, ClientError> {
        let calendar = self.calendar()?;
        let waiting = self.waiting()?;
        waiting
            .into_iter()
            .map(|record| {
                Ok(WaitingLine {
                    title: self.record_title(&record, language)?,
                    text: self.recorded_text(&record, &calendar, language),
                    record: record.id,
                    recorded_us: record.recorded_us,
                })
            })
            .collect()
    }

    /// What the server refused, why, and what the person can do.
    ///
    /// # Errors
    /// When the database cannot be read.
    pub fn rejected_lines(&self, language: Language) -> Result<Vec<RejectedLine>, ClientError> {
        let line = |refused: RejectedRecord| {
            let reason = &refused.rejection.reason;
            Ok(RejectedLine {
                title: self.record_title(&refused.record, language)?,
                advice: language.pick(reason.advice()).to_owned(),
                can_resend: reason.may_pass_later() && refused.record.label.is_some(),
                why: language.pick((refused.words_ja, refused.words_en)),
                record: refused.record.id,
                recorded_us: refused.record.recorded_us,
            })
        };
        self.rejected()?.into_iter().map(line).collect()
    }

    /// Records that were lost to damage, each range as a sentence.
    ///
    /// # Errors
    /// When the database cannot be read.
    pub fn loss_lines(&self, language: Language) -> Result<Vec<String>, ClientError> {
        let lost = |loss: Loss| loss.last_seq.saturating_sub(loss.first_seq) + 1;
        let losses = self.losses()?.into_iter().map(lost);
        Ok(losses.map(|lost| language.pick(loss_words(lost))).collect())
    }

    /// The name of the place where a person is, empty where they are nowhere.
    pub(super) fn place_of(
        &self,
        presence: &PresenceView,
        language: Language,
    ) -> Result<String, ClientError> {
        match presence {
            PresenceView::Present { place, .. } | PresenceView::Displaced { place, .. } => {
                Ok(language.pick(self.place_words(*place)?))
            }
            _ => Ok(String::new()),
        }
    }

    fn stay_lines(
        &self,
        today: &Today,
        calendar: &Calendar,
        language: Language,
    ) -> Result<Vec<StayLine>, ClientError> {
        let line = |stay: &kokoni_model::rules::day::Stay| {
            let place = if stay.telework {
                language.pick(("テレワーク", "Telework")).to_owned()
            } else {
                language.pick(self.place_words(stay.place)?)
            };
            let since = moments::clock(calendar, stay.since.at);
            let until = stay.until.map(|at| moments::clock(calendar, at));
            Ok(StayLine {
                text: format!("{since}–{} {place}", until.unwrap_or_default()),
                place,
                since_us: stay.since.at,
                until_us: stay.until,
                telework: stay.telework,
            })
        };
        today.day.stays.iter().map(line).collect()
    }

    fn loan_lines_of(
        &self,
        today: &Today,
        calendar: &Calendar,
        language: Language,
    ) -> Result<Vec<LoanLine>, ClientError> {
        // Whether it is late is the server's time to say, not a clock that may be a year off.
        let now = (self.server_clock()?, today.date);
        let line = |loan: &Loan| {
            let key = DirectoryKey {
                kind: "item".into(),
                id: loan.item.to_string(),
            };
            let name = match self.directory_entry(&key)? {
                Some(DirectoryEntry::Item(item)) => item.name,
                _ => language.pick(("備品", "An item")).to_owned(),
            };
            Ok(loan_line(loan, name, calendar, now, language))
        };
        today.loans.iter().map(line).collect()
    }

    fn record_title(
        &self,
        record: &WaitingRecord,
        language: Language,
    ) -> Result<String, ClientError> {
        let names = match record.label {
            Some(label) => self.label_words(label)?,
            None => Default::default(),
        };
        Ok(language.pick(meaning_words(record.meaning.as_ref(), &names)))
    }

    fn recorded_text(
        &self,
        record: &WaitingRecord,
        calendar: &Calendar,
        language: Language,
    ) -> String {
        let now = self.wall_clock();
        let today = calendar.local_time(now).unwrap_or_default().date();
        moments::moment(calendar, record.recorded_us, today, language)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use kokoni_model::ids::PersonId;
    use uuid::Uuid;

    const AT: Timestamp = Timestamp::from_micros(1_795_478_700_000_000);

    #[test]
    fn one_lost_record_is_one() {
        let [(_, one), (_, two)] = [1, 2].map(loss_words);
        assert_eq!(one, "1 saved record was lost to damage on this device.");
        assert_eq!(two, "2 saved records were lost to damage on this device.");
    }

    #[test]
    fn a_loan_says_until_when_or_that_it_is_overdue() {
        let loan = |due_us| Loan {
            item: ItemId::from_uuid(Uuid::from_u128(1)),
            person: PersonId::from_uuid(Uuid::from_u128(2)),
            since_us: AT,
            due_us,
        };
        let calendar = Calendar::default();
        let date: NaiveDate = "2026-11-24".parse().expect("a date");
        let line = |due_us, now, language| {
            loan_line(&loan(due_us), "鍵".into(), &calendar, (now, date), language).text
        };
        let tomorrow = Some(AT.plus_seconds(86_400));
        let later = AT.plus_seconds(90_000);
        let said: Vec<String> = [Language::Japanese, Language::English]
            .into_iter()
            .flat_map(|language| {
                [
                    line(None, AT, language),
                    line(tomorrow, AT, language),
                    line(tomorrow, later, language),
                ]
            })
            .collect();
        insta::assert_snapshot!(said.join("\n"));
    }
}
