//! Records: what a shell shows, with ids, times and counts as phones have them. Each is the record
//! of the same name in `kokoni_client::show`.

use std::time::SystemTime;

use kokoni_client::show;

use crate::choices::{ReminderKind, ScanMeaning, Tone, Whereabouts};
use crate::times::{count, system_time};

/// Each of a list.
pub(crate) fn all<T: From<U>, U>(list: Vec<U>) -> Vec<T> {
    list.into_iter().map(T::from).collect()
}

/// What a scan did, or would do after one tap.
#[derive(Clone, Debug, PartialEq, Eq, uniffi::Record)]
pub struct ScanCard {
    /// How it sounds and feels.
    pub tone: Tone,
    /// What happened, in one line: `3階 A-12 に着席しました`.
    pub title: String,
    /// What else there is to know or to do.
    pub detail: Option<String>,
    /// The label.
    pub label: Option<String>,
    /// What was saved, or what [`Kokoni::confirm`](crate::Kokoni::confirm) would save.
    pub meaning: Option<ScanMeaning>,
    /// The text of the one button; none where no tap is needed.
    pub confirm: Option<String>,
    /// The record that was saved.
    pub record: Option<String>,
    /// Until when to offer taking it back.
    pub undo_until: Option<SystemTime>,
    /// What lies in the locker, where the label is a locker's.
    pub items: Vec<ItemLine>,
}

impl From<show::ScanCard> for ScanCard {
    fn from(card: show::ScanCard) -> Self {
        Self {
            tone: card.tone.into(),
            title: card.title,
            detail: card.detail,
            label: card.label.map(|id| id.to_string()),
            meaning: card.meaning.map(ScanMeaning::from),
            confirm: card.confirm,
            record: card.record.map(|id| id.to_string()),
            undo_until: card.undo_until_us.map(system_time),
            items: all(card.items),
        }
    }
}

/// One thing in a locker.
#[derive(Clone, PartialEq, Eq, uniffi::Record)]
pub struct ItemLine {
    /// Its id.
    pub item: String,
    /// Its name.
    pub name: String,
    /// Whether it can be borrowed, or who has it.
    pub text: String,
    /// Whether somebody has it.
    pub lent: bool,
}

/// Without the name of who has it.
impl std::fmt::Debug for ItemLine {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "ItemLine({})", self.item)
    }
}

impl From<show::ItemLine> for ItemLine {
    fn from(line: show::ItemLine) -> Self {
        Self {
            item: line.item.to_string(),
            name: line.name,
            text: line.text,
            lent: line.lent,
        }
    }
}

/// Where I am and what waits to be sent, at a glance.
#[derive(Clone, Debug, PartialEq, Eq, uniffi::Record)]
pub struct Chip {
    /// The whole of it: `3階 A-12・未送信 2件`.
    pub text: String,
    /// Where I am.
    pub place: String,
    /// What waits or was refused; none when nothing does.
    pub waiting_text: Option<String>,
    /// Records that wait.
    pub waiting: i32,
    /// Records that were refused.
    pub rejected: i32,
    /// Its mood.
    pub tone: Tone,
    /// The same as a sentence for a screen reader.
    pub spoken: String,
}

impl From<show::Chip> for Chip {
    fn from(chip: show::Chip) -> Self {
        Self {
            text: chip.text,
            place: chip.place,
            waiting_text: chip.waiting_text,
            waiting: count(chip.waiting),
            rejected: count(chip.rejected),
            tone: chip.tone.into(),
            spoken: chip.spoken,
        }
    }
}

/// The screen of the day.
#[derive(Clone, Debug, PartialEq, Eq, uniffi::Record)]
pub struct TodayView {
    /// The working day, `2026-11-24`.
    pub date: String,
    /// The same for people.
    pub date_text: String,
    /// Where I am, as a choice.
    pub whereabouts: Whereabouts,
    /// Where I am, in words.
    pub headline: String,
    /// Since when.
    pub since: Option<SystemTime>,
    /// The same in words.
    pub since_text: Option<String>,
    /// Something the person must know first.
    pub notice: Option<String>,
    /// The day so far.
    pub stays: Vec<StayLine>,
    /// What I have borrowed.
    pub loans: Vec<LoanLine>,
    /// What waits to be sent.
    pub waiting: Vec<WaitingLine>,
    /// What was refused.
    pub rejected: Vec<RejectedLine>,
    /// How the sync stands, in words.
    pub sync_text: String,
}

impl From<show::TodayView> for TodayView {
    fn from(today: show::TodayView) -> Self {
        Self {
            date: today.date.to_string(),
            date_text: today.date_text,
            whereabouts: today.whereabouts.into(),
            headline: today.headline,
            since: today.since_us.map(system_time),
            since_text: today.since_text,
            notice: today.notice,
            stays: all(today.stays),
            loans: all(today.loans),
            waiting: all(today.waiting),
            rejected: all(today.rejected),
            sync_text: today.sync_text,
        }
    }
}

/// One stay of the day.
#[derive(Clone, Debug, PartialEq, Eq, uniffi::Record)]
pub struct StayLine {
    /// Where.
    pub place: String,
    /// From when.
    pub since: SystemTime,
    /// Until when, once it is over.
    pub until: Option<SystemTime>,
    /// All of it in words.
    pub text: String,
    /// Whether it was telework.
    pub telework: bool,
}

impl From<show::StayLine> for StayLine {
    fn from(line: show::StayLine) -> Self {
        Self {
            place: line.place,
            since: system_time(line.since_us),
            until: line.until_us.map(system_time),
            text: line.text,
            telework: line.telework,
        }
    }
}

/// One loan.
#[derive(Clone, Debug, PartialEq, Eq, uniffi::Record)]
pub struct LoanLine {
    /// The item's id.
    pub item: String,
    /// Its name.
    pub name: String,
    /// Since when.
    pub since: SystemTime,
    /// Until when, where that is limited.
    pub due: Option<SystemTime>,
    /// Since or until when, in words.
    pub text: String,
    /// Whether it should have come back.
    pub overdue: bool,
}

impl From<show::LoanLine> for LoanLine {
    fn from(line: show::LoanLine) -> Self {
        Self {
            item: line.item.to_string(),
            name: line.name,
            since: system_time(line.since_us),
            due: line.due_us.map(system_time),
            text: line.text,
            overdue: line.overdue,
        }
    }
}

/// One record that waits to be sent.
#[derive(Clone, Debug, PartialEq, Eq, uniffi::Record)]
pub struct WaitingLine {
    /// Its id.
    pub record: String,
    /// What it says: `3階 A-12 に着席`.
    pub title: String,
    /// When it was recorded.
    pub recorded_at: SystemTime,
    /// The same in words.
    pub text: String,
}

impl From<show::WaitingLine> for WaitingLine {
    fn from(line: show::WaitingLine) -> Self {
        Self {
            record: line.record.to_string(),
            title: line.title,
            recorded_at: system_time(line.recorded_us),
            text: line.text,
        }
    }
}

/// One record that was refused.
#[derive(Clone, Debug, PartialEq, Eq, uniffi::Record)]
pub struct RejectedLine {
    /// Its id.
    pub record: String,
    /// What it said.
    pub title: String,
    /// When it was recorded.
    pub recorded_at: SystemTime,
    /// Why it was refused.
    pub why: String,
    /// What the person can do.
    pub advice: String,
    /// Whether sending it again may end better.
    pub can_resend: bool,
}

impl From<show::RejectedLine> for RejectedLine {
    fn from(line: show::RejectedLine) -> Self {
        Self {
            record: line.record.to_string(),
            title: line.title,
            recorded_at: system_time(line.recorded_us),
            why: line.why,
            advice: line.advice,
            can_resend: line.can_resend,
        }
    }
}

/// One colleague.
#[derive(Clone, PartialEq, Eq, uniffi::Record)]
pub struct PersonLine {
    /// Their id.
    pub person: String,
    /// Display name.
    pub name: String,
    /// Name in kana.
    pub kana: String,
    /// Section's name.
    pub section: String,
    /// Extension, as text.
    pub extension: Option<String>,
    /// What to open so that the phone calls: `tel:1234`.
    pub dial: Option<String>,
    /// Where they are, as a choice.
    pub whereabouts: Whereabouts,
    /// Where they are and since when; only when the server was asked.
    pub where_text: Option<String>,
    /// The floor they are on.
    pub floor: Option<String>,
    /// The place they are at.
    pub place: Option<String>,
}

impl From<show::PersonLine> for PersonLine {
    fn from(line: show::PersonLine) -> Self {
        Self {
            person: line.person.to_string(),
            name: line.name,
            kana: line.kana,
            section: line.section,
            extension: line.extension,
            dial: line.dial,
            whereabouts: line.whereabouts.into(),
            where_text: line.where_text,
            floor: line.floor.map(|id| id.to_string()),
            place: line.place.map(|id| id.to_string()),
        }
    }
}

/// One floor.
#[derive(Clone, Debug, PartialEq, Eq, uniffi::Record)]
pub struct FloorLine {
    /// Its id.
    pub floor: String,
    /// Its name, with the building's where there are several.
    pub name: String,
    /// Its seats.
    pub seats: i32,
    /// Whether I am there now.
    pub mine: bool,
}

impl From<show::FloorLine> for FloorLine {
    fn from(line: show::FloorLine) -> Self {
        Self {
            floor: line.floor.to_string(),
            name: line.name,
            seats: count(line.seats),
            mine: line.mine,
        }
    }
}

/// Who sits where on one floor.
#[derive(Clone, PartialEq, uniffi::Record)]
pub struct FloorView {
    /// Its id.
    pub floor: String,
    /// Its name.
    pub name: String,
    /// Free seats of all: `空席 12 / 40`.
    pub summary: String,
    /// Free seats.
    pub free: i32,
    /// Taken seats.
    pub taken: i32,
    /// The box around the places with a margin, in the plan's units: its left edge.
    pub left: f32,
    /// Its upper edge.
    pub top: f32,
    /// Its width.
    pub width: f32,
    /// Its height.
    pub height: f32,
    /// Seats and rooms, by name.
    pub seats: Vec<SeatView>,
}

impl From<show::FloorView> for FloorView {
    fn from(view: show::FloorView) -> Self {
        Self {
            floor: view.floor.to_string(),
            name: view.name,
            summary: view.summary,
            free: count(view.free),
            taken: count(view.taken),
            left: view.bounds[0],
            top: view.bounds[1],
            width: view.bounds[2],
            height: view.bounds[3],
            seats: all(view.seats),
        }
    }
}

/// One seat or room.
#[derive(Clone, PartialEq, uniffi::Record)]
pub struct SeatView {
    /// Its id.
    pub place: String,
    /// Its name.
    pub name: String,
    /// Its middle, in the plan's units from the left.
    pub x: f32,
    /// And from the top.
    pub y: f32,
    /// Whether it is a room.
    pub room: bool,
    /// Whether somebody is there.
    pub taken: bool,
    /// Whether it is mine now.
    pub mine: bool,
    /// Who is there, or that it is free.
    pub text: String,
    /// The same for a screen reader, with the seat's name.
    pub spoken: String,
}

impl From<show::SeatView> for SeatView {
    fn from(seat: show::SeatView) -> Self {
        Self {
            place: seat.place.to_string(),
            name: seat.name,
            x: seat.x,
            y: seat.y,
            room: seat.room,
            taken: seat.taken,
            mine: seat.mine,
            text: seat.text,
            spoken: seat.spoken,
        }
    }
}

/// How the sync stands.
#[derive(Clone, Debug, PartialEq, Eq, uniffi::Record)]
pub struct SyncStatus {
    /// Records that wait.
    pub waiting: i32,
    /// Records that were refused and not settled.
    pub rejected: i32,
    /// When a sync last got through.
    pub last_success: Option<SystemTime>,
    /// All of it in words.
    pub text: String,
    /// Its mood.
    pub tone: Tone,
    /// Whether nothing can be sent before the device is enrolled again.
    pub needs_enrolment: bool,
    /// Whether nothing can be sent before the app is updated.
    pub needs_update: bool,
}

impl From<show::SyncStatus> for SyncStatus {
    fn from(status: show::SyncStatus) -> Self {
        Self {
            waiting: count(status.waiting),
            rejected: count(status.rejected),
            last_success: status.last_success_us.map(system_time),
            text: status.text,
            tone: status.tone.into(),
            needs_enrolment: status.needs_enrolment,
            needs_update: status.needs_update,
        }
    }
}

/// One notification to schedule with the system.
#[derive(Clone, Debug, PartialEq, Eq, uniffi::Record)]
pub struct ReminderPlan {
    /// The same for the same reminder, whenever it is computed.
    pub id: String,
    /// When.
    pub at: SystemTime,
    /// When, by the wall clock of the organisation's zone: `2026-11-24T08:45:00`.
    pub local: String,
    /// That zone, by its IANA name.
    pub zone: String,
    /// Its title.
    pub title: String,
    /// What it says.
    pub body: String,
    /// What it is about.
    pub kind: ReminderKind,
}

impl From<show::ReminderPlan> for ReminderPlan {
    fn from(plan: show::ReminderPlan) -> Self {
        Self {
            id: plan.id.to_string(),
            at: system_time(plan.at_us),
            local: plan.local,
            zone: plan.zone,
            title: plan.title,
            body: plan.body,
            kind: plan.kind.into(),
        }
    }
}
