//! `/items`: what there is to borrow, and who has it.

use std::collections::HashMap;

use axum::extract::State;
use axum::response::Response;
use kokoni_model::calendar::TimeZone;
use kokoni_model::clock::Timestamp;
use kokoni_model::ids::LockerId;
use kokoni_model::wire::views::ItemView;

use super::answer::page;
use super::ask::{SignedIn, own_name};
use super::frame::Here;
use super::home::floor_name;
use super::language::Language;
use super::show;
use super::views::{ItemLine, ItemsPage, LockerView};
use super::words::{Words, fill};
use crate::app::App;
use crate::auth::Caller;
use crate::lending;
use crate::organisation::Organisation;
use crate::params;
use crate::problem::ApiError;
use crate::store::{StoreError, Tx};

pub(super) async fn items(State(app): State<App>, asked: SignedIn) -> Result<Response, ApiError> {
    let (caller, words, now) = (asked.caller, asked.ask.words(), app.now());
    let (name, list, places, zone) = app
        .store
        .read(move |tx| {
            let places = places(tx, caller, words.language)?;
            let zone = Organisation::load(tx, caller.organisation)?.calendar.zone;
            let list = lending::list(tx, caller)?;
            Ok::<_, StoreError>((own_name(tx, caller)?, list, places, zone))
        })
        .await?;
    let free = list.items.iter().filter(|item| item.loan.is_none()).count();
    let counts = [
        ("free", free.to_string()),
        ("total", list.items.len().to_string()),
    ];
    let counts = counts
        .each_ref()
        .map(|(name, count)| (*name, count.as_str()));
    Ok(page(&ItemsPage {
        frame: asked.frame(name).at(Here::Items),
        summary: fill(words.items_count, &counts),
        lockers: by_locker(list.items, &places, |item| line(words, item, now, zone)),
    }))
}

/// Site and floor of every locker: two sites may well have a locker of the same name.
fn places(
    tx: &Tx<'_>,
    caller: Caller,
    language: Language,
) -> Result<HashMap<LockerId, String>, StoreError> {
    let found: Vec<(LockerId, String, String, String)> = tx.query(
        "SELECT k.id, s.name, f.name, f.name_en FROM locker k
         JOIN floor f ON f.organisation = k.organisation AND f.id = k.floor
         JOIN site s ON s.organisation = f.organisation AND s.id = f.site
         WHERE k.organisation = $1",
        params![caller.organisation],
    )?;
    let place = |(locker, site, name, english)| {
        (
            locker,
            format!("{site} {}", floor_name(language, name, english)),
        )
    };
    Ok(found.into_iter().map(place).collect())
}

/// The items under their lockers; they come in that order.
fn by_locker(
    items: Vec<ItemView>,
    places: &HashMap<LockerId, String>,
    line: impl Fn(&ItemView) -> ItemLine,
) -> Vec<LockerView> {
    let mut lockers: Vec<(LockerId, LockerView)> = Vec::new();
    for item in items {
        let line = line(&item);
        match lockers.last_mut() {
            Some((locker, view)) if *locker == item.locker => view.items.push(line),
            _ => {
                let view = LockerView {
                    name: item.locker_name,
                    place_line: places.get(&item.locker).cloned().unwrap_or_default(),
                    items: vec![line],
                };
                lockers.push((item.locker, view));
            }
        }
    }
    lockers
        .into_iter()
        .map(|(_, mut locker)| {
            locker
                .items
                .sort_by_cached_key(|item| show::natural(&item.name));
            locker
        })
        .collect()
}

fn line(words: &Words, item: &ItemView, now: Timestamp, zone: TimeZone) -> ItemLine {
    let (class, state) = match &item.loan {
        None => ("free", words.item_free),
        Some(loan) if loan.is_overdue(now) => ("late", words.item_overdue),
        Some(_) => ("taken", words.item_lent),
    };
    ItemLine {
        name: item.name.clone(),
        class,
        state,
        borrower: item.borrower.clone(),
        due: item
            .loan
            .as_ref()
            .and_then(|loan| loan.due_us)
            .map(|due| show::until(words, due, zone)),
    }
}
