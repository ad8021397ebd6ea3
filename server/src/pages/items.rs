//! `/items`: what there is to borrow, and who has it.

use axum::extract::State;
use axum::response::Response;
use kokoni_model::clock::Timestamp;
use kokoni_model::ids::LockerId;
use kokoni_model::wire::views::ItemView;

use super::answer::page;
use super::ask::{SignedIn, own_name};
use super::frame::Here;
use super::show;
use super::views::{ItemLine, ItemsPage, LockerView};
use super::words::{Words, fill};
use crate::app::App;
use crate::lending;
use crate::problem::ApiError;
use crate::store::StoreError;

pub(super) async fn items(State(app): State<App>, asked: SignedIn) -> Result<Response, ApiError> {
    let (caller, words, now) = (asked.caller, asked.ask.words(), app.now());
    let (name, list) = app
        .store
        .read(move |tx| Ok::<_, StoreError>((own_name(tx, caller)?, lending::list(tx, caller)?)))
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
        lockers: by_locker(words, list.items, now),
    }))
}

/// The items under their lockers; they come in that order.
fn by_locker(words: &Words, items: Vec<ItemView>, now: Timestamp) -> Vec<LockerView> {
    let mut lockers: Vec<(LockerId, LockerView)> = Vec::new();
    for item in items {
        let line = line(words, &item, now);
        match lockers.last_mut() {
            Some((locker, view)) if *locker == item.locker => view.items.push(line),
            _ => {
                let view = LockerView {
                    name: item.locker_name,
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

fn line(words: &Words, item: &ItemView, now: Timestamp) -> ItemLine {
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
    }
}
