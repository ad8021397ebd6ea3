//! `/q/{label}`: the address that a label's QR code says. Opening it changes nothing; it shows what
//! the scan would mean, by the rules that phones follow, with one button that records it.
//!
//! Whoever may not know what a label stands for (not signed in, another organisation's label, no
//! label at all) gets one and the same answer.

use axum::Form;
use axum::extract::{Path, State};
use axum::http::StatusCode;
use axum::response::{IntoResponse, Response};
use kokoni_model::clock::Timestamp;
use kokoni_model::event::Meaning;
use kokoni_model::ids::PersonId;
use kokoni_model::label::{LabelId, parse_opened_link};
use kokoni_model::rules::day::Presence;
use kokoni_model::rules::lending::Loan;
use kokoni_model::rules::meaning::{Proposal, Refusal, Situation, Target, propose};
use kokoni_model::wire::directory::PlaceKind;
use kokoni_model::wire::events::Outcome;
use kokoni_model::wire::views::{FloorOccupancy, MyState, PresenceView};
use serde::Deserialize;

use super::answer::page;
use super::ask::{Ask, own_name, percent_encoded, see_other};
use super::floor::address;
use super::home::{NamedPlace, named_place};
use super::language::Language;
use super::views::{Act, LabelClosedPage, LabelPage};
use super::words::{Words, fill};
use crate::app::App;
use crate::auth::Caller;
use crate::directory::entries::Viewer;
use crate::http::params::InQuery;
use crate::ingest::record_here;
use crate::params;
use crate::presence::{me, occupancy};
use crate::problem::ApiError;
use crate::store::{StoreError, Tx};
use crate::{labels, lending};

/// What was just recorded, after coming back from the POST.
#[derive(Deserialize)]
pub(super) struct Done {
    done: Option<Meaning>,
}

/// What the button says.
#[derive(Deserialize)]
pub(super) struct ScanForm {
    meaning: Meaning,
}

/// Everything that a label's page is made from.
struct Facts {
    label: LabelId,
    name: String,
    target: Target,
    /// The seat, room, home or locker.
    place: Option<NamedPlace>,
    /// The item's, locker's or site's name.
    thing: Option<String>,
    person: PersonId,
    state: MyState,
    loan: Option<Loan>,
    /// Who has the item, as far as names are shown.
    borrower: Option<String>,
    /// Who else sits there; an empty name is not shown.
    sitter: Option<String>,
    now: Timestamp,
}

pub(super) async fn show(
    State(app): State<App>,
    ask: Ask,
    Path(text): Path<String>,
    InQuery(Done { done }): InQuery<Done>,
) -> Result<Response, ApiError> {
    let Some(facts) = facts(&app, &ask, text).await? else {
        return Ok(closed(&ask));
    };
    let done = done.filter(|meaning| facts.is_done(meaning));
    Ok(page(&facts.page(&ask, done.as_ref(), String::new())))
}

pub(super) async fn scan(
    State(app): State<App>,
    ask: Ask,
    Path(text): Path<String>,
    Form(ScanForm { meaning }): Form<ScanForm>,
) -> Result<Response, ApiError> {
    let (Some(caller), Some(facts)) = (ask.caller, facts(&app, &ask, text.clone()).await?) else {
        return Ok(closed(&ask));
    };
    if facts.proposed().as_ref() != Some(&meaning) {
        // The button was pressed twice, or the page is old.
        return Ok(
            facts.done_or(&ask, &meaning, StatusCode::CONFLICT, |words| {
                words.state_changed.to_owned()
            }),
        );
    }
    let (outcome, _) = record_here(&app, caller, facts.label, meaning.clone()).await?;
    if matches!(outcome, Outcome::Applied | Outcome::Duplicate) {
        return Ok(see_other(&facts.address_done(&meaning)));
    }
    let Some(facts) = self::facts(&app, &ask, text).await? else {
        return Ok(closed(&ask));
    };
    let refused = |words: &Words| match &outcome {
        Outcome::Rejected(rejection) => {
            let (japanese, english) = rejection.reason.words();
            let reason = match words.language {
                Language::Japanese => japanese,
                Language::English => english,
            };
            format!("{} {reason}", words.not_recorded)
        }
        _ => words.not_recorded.to_owned(),
    };
    Ok(facts.done_or(&ask, &meaning, StatusCode::CONFLICT, refused))
}

/// The one answer for everybody who may not know. It depends on the language only.
fn closed(ask: &Ask) -> Response {
    let closed = LabelClosedPage {
        frame: super::frame::Frame::unsigned(ask.language, None),
    };
    (StatusCode::NOT_FOUND, page(&closed)).into_response()
}

/// What whoever is signed in may know of the label; `None` for everybody else.
async fn facts(app: &App, ask: &Ask, text: String) -> Result<Option<Facts>, ApiError> {
    let Some(caller) = ask.caller else {
        return Ok(None);
    };
    let (language, now) = (ask.language, app.now());
    let facts = app
        .store
        .read(move |tx| load(tx, caller, &text, language, now))
        .await?;
    Ok(facts)
}

fn load(
    tx: &Tx<'_>,
    caller: Caller,
    text: &str,
    language: Language,
    now: Timestamp,
) -> Result<Option<Facts>, StoreError> {
    let viewer = Viewer::load(tx, caller)?;
    let host = &viewer.organisation.label_host;
    let Ok(label) = parse_opened_link(host, &format!("https://{host}/q/{text}")) else {
        return Ok(None);
    };
    let Some(target) = labels::target(tx, caller.organisation, label)? else {
        return Ok(None);
    };
    let date = me::working_date(&viewer.organisation.calendar, now);
    let place = match &target {
        Target::Place { place } => named_place(tx, &viewer, *place, language)?,
        _ => None,
    };
    let loan = match &target {
        Target::Item { item } => lending::of_item(tx, caller.organisation, *item)?,
        _ => None,
    };
    let borrower = match &loan {
        Some(loan) if viewer.sees(loan.person) => name_of(tx, caller, loan.person)?,
        _ => None,
    };
    let floor = match place.as_ref().and_then(|place| place.floor.as_ref()) {
        Some((floor, _)) => {
            occupancy::of_floor(tx, caller.organisation, *floor, date, viewer.names)?
        }
        None => None,
    };
    let is_seat = place
        .as_ref()
        .is_some_and(|place| place.kind == PlaceKind::Seat);
    Ok(Some(Facts {
        label,
        name: own_name(tx, caller)?,
        thing: thing(tx, caller, &target)?,
        sitter: floor
            .filter(|_| is_seat)
            .and_then(|floor| sitter(&floor, &target, caller.person)),
        state: me::on(tx, caller.organisation, caller.person, date)?,
        person: caller.person,
        target,
        place,
        loan,
        borrower,
        now,
    }))
}

/// Who else is at the seat.
fn sitter(floor: &FloorOccupancy, target: &Target, me: PersonId) -> Option<String> {
    let Target::Place { place } = target else {
        return None;
    };
    let at = floor.taken.iter().find(|at| at.place == *place)?;
    let other = at.people.iter().find(|there| there.person != me)?;
    Some(other.name.clone())
}

fn name_of(tx: &Tx<'_>, caller: Caller, person: PersonId) -> Result<Option<String>, StoreError> {
    let found: Option<(String, String)> = tx.first(
        "SELECT family, given FROM person WHERE organisation = $1 AND id = $2",
        params![caller.organisation, person],
    )?;
    Ok(found.map(|(family, given)| format!("{family} {given}")))
}

/// The name of an item, a locker or a site.
fn thing(tx: &Tx<'_>, caller: Caller, target: &Target) -> Result<Option<String>, StoreError> {
    let organisation = caller.organisation;
    match target {
        Target::Item { item } => tx.first(
            "SELECT name FROM item WHERE organisation = $1 AND id = $2",
            params![organisation, *item],
        ),
        Target::Locker { locker } => tx.first(
            "SELECT name FROM locker WHERE organisation = $1 AND id = $2",
            params![organisation, *locker],
        ),
        Target::Exit { site } => tx.first(
            "SELECT name FROM site WHERE organisation = $1 AND id = $2",
            params![organisation, *site],
        ),
        _ => Ok(None),
    }
}

impl Facts {
    /// Where the person is, as the rules know it. Whoever lost their seat is nowhere.
    fn presence(&self) -> Presence {
        match self.state.presence {
            PresenceView::Present { place, since_us } => Presence::Present {
                place,
                since: since_us,
            },
            PresenceView::Telework { since_us } => Presence::Telework { since: since_us },
            PresenceView::Away { since_us } | PresenceView::Displaced { since_us, .. } => {
                Presence::Away { since: since_us }
            }
            PresenceView::NoRecord | PresenceView::Unknown => Presence::NoRecord,
        }
    }

    fn proposal(&self) -> Proposal {
        let situation = Situation {
            person: self.person,
            presence: self.presence(),
            loan: self.loan.as_ref(),
            now: self.now,
        };
        propose(Some(&self.target), &situation)
    }

    /// What the button would record.
    fn proposed(&self) -> Option<Meaning> {
        match self.proposal() {
            Proposal::Now { meaning } | Proposal::AfterTap { meaning } => Some(meaning),
            _ => None,
        }
    }

    /// Whether it is so, whoever says it: nobody is told by a link that something was recorded.
    fn is_done(&self, meaning: &Meaning) -> bool {
        let presence = self.presence();
        let mine = self.loan.is_some_and(|loan| loan.person == self.person);
        match (meaning, &self.target) {
            (Meaning::Sit, Target::Place { place }) => {
                matches!(presence, Presence::Present { place: here, .. } if here == *place)
            }
            (Meaning::Leave, Target::Place { .. } | Target::Exit { .. }) => {
                matches!(presence, Presence::Away { .. })
            }
            (Meaning::Telework, Target::Home { person, .. }) => {
                *person == self.person && matches!(presence, Presence::Telework { .. })
            }
            (Meaning::EndTelework, Target::Home { person, .. }) => {
                *person == self.person && matches!(presence, Presence::Away { .. })
            }
            (Meaning::Borrow, Target::Item { .. }) => mine,
            (Meaning::Return, Target::Item { .. }) => !mine,
            _ => false,
        }
    }

    /// The page that says that it was recorded; a GET, so that loading it again does nothing.
    fn address_done(&self, meaning: &Meaning) -> String {
        format!("/q/{}?done={}", self.label, percent_encoded(&word(meaning)))
    }

    /// When it is so already, the page that says it; else this page with a problem.
    fn done_or(
        &self,
        ask: &Ask,
        meaning: &Meaning,
        status: StatusCode,
        problem: impl FnOnce(&Words) -> String,
    ) -> Response {
        if self.is_done(meaning) {
            return see_other(&self.address_done(meaning));
        }
        let again = self.page(ask, None, problem(ask.words()));
        (status, page(&again)).into_response()
    }

    fn page(&self, ask: &Ask, done: Option<&Meaning>, problem: String) -> LabelPage {
        let words = ask.words();
        let act = self
            .proposed()
            .filter(|_| done.is_none())
            .map(|meaning| Act {
                words: deed(words, &meaning),
                meaning: word(&meaning),
            });
        let seat = match self.target {
            Target::Place { place } => Some(place),
            _ => None,
        };
        let floor = self.place.as_ref().and_then(|place| place.floor.as_ref());
        let is_item = matches!(self.target, Target::Item { .. } | Target::Locker { .. });
        let (list, list_words) = match is_item {
            true => ("/items", words.items_title),
            false => ("/", words.to_the_floors),
        };
        LabelPage {
            frame: ask.unsigned().signed_in(self.name.clone()),
            address: format!("/q/{}", self.label),
            title: self.title(words),
            place_line: self.place_line(),
            done: done.map_or("", |meaning| did(words, meaning)),
            remark: self.remark(words, done.is_some()),
            problem,
            act,
            map: floor.map(|(floor, _)| address(*floor, seat, None)),
            list,
            list_words,
        }
    }

    fn title(&self, words: &Words) -> String {
        let place = self.place.as_ref().map(|place| place.name.as_str());
        let is_room = self
            .place
            .as_ref()
            .is_some_and(|place| place.kind == PlaceKind::Room);
        let name = place.or(self.thing.as_deref()).unwrap_or_default();
        let pattern = match self.target {
            Target::Place { .. } if is_room => words.label_title_room,
            Target::Place { .. } => words.label_title_seat,
            Target::Home { .. } => words.label_title_home,
            Target::Item { .. } => words.label_title_item,
            Target::Locker { .. } => words.label_title_locker,
            Target::Exit { .. } => words.label_title_exit,
            Target::Unbound => words.label_title_unbound,
            Target::Other => words.label_title_other,
        };
        fill(pattern, &[("name", name)])
    }

    /// Site and floor.
    fn place_line(&self) -> String {
        let Some(place) = &self.place else {
            return String::new();
        };
        let site = place.site.iter().map(String::as_str);
        let floor = place.floor.iter().map(|(_, name)| name.as_str());
        site.chain(floor).collect::<Vec<_>>().join(" ")
    }

    /// What is to be known before the button, or instead of it.
    fn remark(&self, words: &Words, done: bool) -> String {
        let named = |pattern: &str, somebody: &str, name: Option<&String>| match name {
            Some(name) if !name.is_empty() => fill(pattern, &[("name", name)]),
            _ => somebody.to_owned(),
        };
        match self.proposal() {
            _ if done => String::new(),
            Proposal::AlreadyHere => words.already_here.to_owned(),
            Proposal::Refused { why } => match why {
                Refusal::NotYourHome => words.refused_home.to_owned(),
                Refusal::AlreadyLent { .. } => named(
                    words.refused_lent,
                    words.refused_lent_somebody,
                    self.borrower.as_ref(),
                ),
                Refusal::Unbound => words.refused_unbound.to_owned(),
            },
            Proposal::Now {
                meaning: Meaning::Sit,
            } if self.sitter.is_some() => named(
                words.seat_has,
                words.seat_has_somebody,
                self.sitter.as_ref(),
            ),
            _ => String::new(),
        }
    }
}

/// A meaning as events write it.
fn word(meaning: &Meaning) -> String {
    match serde_json::to_value(meaning) {
        Ok(serde_json::Value::String(word)) => word,
        // A meaning is always a text.
        _ => String::new(),
    }
}

fn deed(words: &Words, meaning: &Meaning) -> &'static str {
    match meaning {
        Meaning::Sit => words.do_sit,
        Meaning::Leave => words.do_leave,
        Meaning::Telework => words.do_telework,
        Meaning::EndTelework => words.do_end_telework,
        Meaning::Borrow => words.do_borrow,
        Meaning::Return => words.do_return,
        Meaning::Undecided | Meaning::Other(_) => words.do_record,
    }
}

fn did(words: &Words, meaning: &Meaning) -> &'static str {
    match meaning {
        Meaning::Sit => words.did_sit,
        Meaning::Leave => words.did_leave,
        Meaning::Telework => words.did_telework,
        Meaning::EndTelework => words.did_end_telework,
        Meaning::Borrow => words.did_borrow,
        Meaning::Return => words.did_return,
        Meaning::Undecided | Meaning::Other(_) => words.did_record,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use kokoni_model::ids::{ItemId, LockerId, PlaceId};
    use uuid::Uuid;

    const ME: PersonId = PersonId::from_uuid(Uuid::from_u128(1));
    const OTHER: PersonId = PersonId::from_uuid(Uuid::from_u128(2));
    const SEAT: PlaceId = PlaceId::from_uuid(Uuid::from_u128(3));
    const ITEM: ItemId = ItemId::from_uuid(Uuid::from_u128(4));

    fn facts(target: Target, presence: PresenceView, lent_to: Option<PersonId>) -> Facts {
        let now = Timestamp::from_micros(0).plus_seconds(1_000);
        Facts {
            label: LabelId::from_bytes([7; 10]),
            name: "山田 花子".into(),
            target,
            place: None,
            thing: None,
            person: ME,
            state: MyState {
                date: chrono::NaiveDate::MIN,
                presence,
                first_us: None,
                telework_declared: false,
                loans: vec![],
            },
            loan: lent_to.map(|person| Loan {
                item: ITEM,
                person,
                since_us: now,
                due_us: None,
            }),
            borrower: None,
            sitter: None,
            now,
        }
    }

    fn seat(presence: PresenceView) -> Facts {
        facts(Target::Place { place: SEAT }, presence, None)
    }

    fn since(seconds: i64) -> Timestamp {
        Timestamp::from_micros(0).plus_seconds(seconds)
    }

    #[test]
    fn a_seat_is_taken_and_left_by_the_same_button() {
        let here = |from| PresenceView::Present {
            place: SEAT,
            since_us: since(from),
        };
        assert_eq!(seat(PresenceView::NoRecord).proposed(), Some(Meaning::Sit));
        assert_eq!(seat(here(0)).proposed(), Some(Meaning::Leave));
        assert_eq!(seat(here(990)).proposed(), None);
    }

    #[test]
    fn who_lost_the_seat_may_take_it_again() {
        let lost = PresenceView::Displaced {
            place: SEAT,
            since_us: since(0),
        };
        assert_eq!(seat(lost).proposed(), Some(Meaning::Sit));
    }

    #[test]
    fn no_link_makes_the_page_say_what_is_not_so() {
        let nowhere = seat(PresenceView::NoRecord);
        for meaning in [
            Meaning::Sit,
            Meaning::Leave,
            Meaning::Borrow,
            Meaning::Telework,
        ] {
            assert!(!nowhere.is_done(&meaning), "{meaning:?}");
        }
        let free = facts(Target::Item { item: ITEM }, PresenceView::NoRecord, None);
        assert!(free.is_done(&Meaning::Return) && !free.is_done(&Meaning::Borrow));
        let theirs = facts(
            Target::Item { item: ITEM },
            PresenceView::NoRecord,
            Some(OTHER),
        );
        assert!(!theirs.is_done(&Meaning::Borrow));
    }

    #[test]
    fn a_second_press_finds_it_done() {
        let sits = seat(PresenceView::Present {
            place: SEAT,
            since_us: since(999),
        });
        assert_eq!(sits.proposed(), None);
        assert!(sits.is_done(&Meaning::Sit));
        let lent = facts(
            Target::Item { item: ITEM },
            PresenceView::NoRecord,
            Some(ME),
        );
        assert_eq!(lent.proposed(), Some(Meaning::Return));
        assert!(lent.is_done(&Meaning::Borrow));
    }

    #[test]
    fn refusals_have_words_and_no_button() {
        let words = Words::of(Language::Japanese);
        let home = Target::Home {
            place: SEAT,
            person: OTHER,
        };
        for (target, lent_to, remark) in [
            (home, None, words.refused_home),
            (
                Target::Item { item: ITEM },
                Some(OTHER),
                words.refused_lent_somebody,
            ),
            (Target::Unbound, None, words.refused_unbound),
        ] {
            let facts = facts(target, PresenceView::NoRecord, lent_to);
            assert_eq!(facts.proposed(), None);
            assert_eq!(facts.remark(words, false), remark);
        }
        let locker = Target::Locker {
            locker: LockerId::from_uuid(Uuid::nil()),
        };
        assert_eq!(facts(locker, PresenceView::NoRecord, None).proposed(), None);
    }

    #[test]
    fn a_name_is_said_only_when_it_may_be() {
        let words = Words::of(Language::English);
        let mut taken = seat(PresenceView::NoRecord);
        taken.sitter = Some("佐藤 健".into());
        assert!(taken.remark(words, false).contains("佐藤 健"));
        taken.sitter = Some(String::new());
        assert_eq!(taken.remark(words, false), words.seat_has_somebody);
    }
}
