//! Clocks that are wrong, jump or start anew do no harm.

use std::sync::atomic::Ordering;
use std::time::Duration;

use kokoni_client::CallOptions;
use kokoni_model::wire::views::PresenceView;

use crate::common::{OTHER_SEAT, Phone, SEAT, sync};
use crate::sit;

#[test]
fn clocks_ten_years_off_jumps_and_reboots_keep_the_order_and_the_day() {
    let phone = Phone::new();
    let engine = phone.enrolled();
    let ten_years = 10 * 365 * 86_400 * 1_000_000_i64;
    for jump in [ten_years, -2 * ten_years, ten_years] {
        sit(&engine, SEAT);
        phone.clock.jump(jump);
        phone.clock.advance(Duration::from_secs(60));
    }
    sit(&engine, OTHER_SEAT);
    let today = engine.today().expect("a day");
    assert!(
        matches!(today.presence, PresenceView::Present { place, .. } if place == crate::common::place(2))
    );
    phone.clock.reboot();
    sit(&engine, SEAT);
    assert_eq!(sync(&engine).applied, 5);
    let order: Vec<u64> = phone
        .server
        .snapshot()
        .applied
        .iter()
        .map(|(_, seq)| *seq)
        .collect();
    assert_eq!(order, [1, 2, 3, 4, 5]);
}

#[test]
fn the_servers_clock_decides_the_day_when_the_phones_is_wrong() {
    let phone = Phone::new();
    let day = 86_400 * 1_000_000;
    phone.server.skew_us.store(day, Ordering::SeqCst);
    let engine = phone.enrolled();
    sit(&engine, SEAT);
    sync(&engine);
    let date = engine.today().expect("a day").date;
    assert_eq!(date.to_string(), "2026-11-25");
    phone.clock.jump(-300 * day);
    assert_eq!(
        engine.today().expect("a day").date,
        date,
        "carried on by the monotonic clock"
    );
    assert_eq!(engine.today().expect("a day").day.stays.len(), 1);
}

#[test]
fn any_answer_of_the_server_tells_how_far_the_phones_clock_is_off() {
    let phone = Phone::new();
    let day = 86_400 * 1_000_000;
    let engine = phone.enrolled();
    assert_eq!(
        engine.today().expect("a day").date.to_string(),
        "2026-11-24"
    );
    phone.server.skew_us.store(3 * day, Ordering::SeqCst);
    let items = engine.items_now(&CallOptions::default());
    assert!(
        items.is_err(),
        "the answer need not even be what was asked for"
    );
    assert_eq!(
        engine.today().expect("a day").date.to_string(),
        "2026-11-27"
    );
    phone.server.skew_us.store(day, Ordering::SeqCst);
    sync(&engine);
    assert_eq!(phone.server.held(), [], "nothing was sent");
    assert_eq!(
        engine.today().expect("a day").date.to_string(),
        "2026-11-25"
    );
}
