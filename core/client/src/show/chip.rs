//! The chip: where I am and what waits, at a glance.

use kokoni_model::wire::views::PresenceView;

use super::{Language, SyncStatus, Tone};
use crate::engine::{Engine, Today};
use crate::error::ClientError;

/// Where I am and what waits to be sent, at a glance.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Chip {
    /// The whole of it: `3階 A-12・未送信 2件`.
    pub text: String,
    /// Where I am.
    pub place: String,
    /// What waits or was refused; `None` when nothing does.
    pub waiting_text: Option<String>,
    /// Records that wait.
    pub waiting: u64,
    /// Records that were refused.
    pub rejected: u64,
    /// Its mood.
    pub tone: Tone,
    /// The same as a sentence for a screen reader.
    pub spoken: String,
}

/// Where the person is: as short as on a chip, and as a headline. `place` is the name of the place.
pub(super) fn presence_words(
    presence: &PresenceView,
    place: &str,
    language: Language,
) -> (String, String) {
    let plain = |short: (&str, &str), long: (&str, &str)| {
        (
            language.pick(short).to_owned(),
            language.pick(long).to_owned(),
        )
    };
    match presence {
        PresenceView::NoRecord => plain(
            ("未登録", "No record"),
            ("本日はまだ登録がありません", "No record yet today"),
        ),
        PresenceView::Present { .. } => (
            place.to_owned(),
            language.pick((format!("{place} に在席"), format!("At {place}"))),
        ),
        PresenceView::Telework { .. } => {
            plain(("テレワーク", "Telework"), ("テレワーク中", "Teleworking"))
        }
        PresenceView::Away { .. } => plain(("離席", "Away"), ("離席", "Away")),
        PresenceView::Displaced { .. } => (
            language.pick(("離席", "Away")).to_owned(),
            language.pick((
                format!("{place} は別の方が使用中"),
                format!("Somebody else is at {place}"),
            )),
        ),
        PresenceView::Unknown => plain(("不明", "Not known"), ("不明", "Not known")),
    }
}

/// What waits and what was refused; `None` when nothing does.
fn pending_words(waiting: u64, rejected: u64, language: Language) -> Option<String> {
    let waits = (waiting > 0)
        .then(|| language.pick((format!("未送信 {waiting}件"), format!("{waiting} to send"))));
    let refused = (rejected > 0).then(|| {
        language.pick((
            format!("要確認 {rejected}件"),
            format!("{rejected} refused"),
        ))
    });
    match (waits, refused) {
        (None, None) => None,
        (Some(one), None) | (None, Some(one)) => Some(one),
        (Some(waits), Some(refused)) => {
            Some(format!("{waits}{}{refused}", language.pick(("・", ", "))))
        }
    }
}

fn chip(today: &Today, place: &str, status: &SyncStatus, language: Language) -> Chip {
    let (short, headline) = presence_words(&today.presence, place, language);
    let pending = pending_words(today.waiting, today.rejected, language);
    let join = |first: &str, between: (&str, &str)| match &pending {
        None => first.to_owned(),
        Some(pending) => format!("{first}{}{pending}", language.pick(between)),
    };
    let wants_attention = today.rejected > 0
        || status.needs_enrolment
        || status.needs_update
        || matches!(today.presence, PresenceView::Displaced { .. });
    Chip {
        text: join(&short, ("・", " · ")),
        spoken: join(&headline, ("。", ". ")),
        place: short,
        waiting: today.waiting,
        rejected: today.rejected,
        tone: match today.presence {
            _ if wants_attention => Tone::Attention,
            PresenceView::Present { .. } | PresenceView::Telework { .. } => Tone::Success,
            _ => Tone::Neutral,
        },
        waiting_text: pending,
    }
}

impl Engine {
    /// Where I am and what waits, at a glance.
    ///
    /// # Errors
    /// As [`Engine::today`].
    pub fn chip(&self, language: Language) -> Result<Chip, ClientError> {
        let today = self.today()?;
        let place = self.place_of(&today.presence, language)?;
        Ok(chip(&today, &place, &self.sync_status(language)?, language))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use kokoni_model::clock::Timestamp;
    use kokoni_model::ids::PlaceId;
    use kokoni_model::rules::day::Day;
    use uuid::Uuid;

    const AT: Timestamp = Timestamp::from_micros(1_795_478_700_000_000);

    fn today(presence: PresenceView, waiting: u64, rejected: u64) -> Today {
        Today {
            date: "2026-11-24".parse().expect("a date"),
            day: Day::fold([]),
            presence,
            first_us: None,
            telework_declared: false,
            loans: vec![],
            waiting,
            rejected,
        }
    }

    fn quiet() -> SyncStatus {
        SyncStatus {
            waiting: 0,
            rejected: 0,
            last_success_us: None,
            text: String::new(),
            tone: Tone::Neutral,
            needs_enrolment: false,
            needs_update: false,
        }
    }

    #[test]
    fn the_chip_says_where_i_am_and_what_waits() {
        let place = PlaceId::from_uuid(Uuid::from_u128(1));
        let since_us = AT;
        let days = [
            today(PresenceView::NoRecord, 0, 0),
            today(PresenceView::Present { place, since_us }, 0, 0),
            today(PresenceView::Present { place, since_us }, 2, 0),
            today(PresenceView::Telework { since_us }, 1, 1),
            today(PresenceView::Away { since_us }, 0, 3),
            today(PresenceView::Displaced { place, since_us }, 0, 0),
            today(PresenceView::Unknown, 0, 0),
        ];
        let said: Vec<String> = days
            .iter()
            .flat_map(|today| {
                [Language::Japanese, Language::English].map(|language| {
                    let chip = chip(today, "3階 A-12", &quiet(), language);
                    format!("{:?} | {} | {}", chip.tone, chip.text, chip.spoken)
                })
            })
            .collect();
        insta::assert_snapshot!(said.join("\n"));
    }
}
