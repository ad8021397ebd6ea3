//! What becomes of events: the rules of seats, telework and items as phones see them, and an answer
//! for each event whatever came with it.

use crate::kit::{World, reason, scan};
use kokoni_model::event::{Act, Meaning, SealedEvent};
use kokoni_model::ids::BootId;
use kokoni_model::wire::events::{Outcome, RejectReason};
use kokoni_model::wire::views::{ItemList, PresenceView};

#[tokio::test]
async fn a_scan_puts_its_person_on_the_map() {
    let mut world = World::start().await;
    let floor = world.office.sites[0].floors[0].clone();
    let mut phone = world.phone(0).await;
    let outcome = phone.does(floor.places[0].label, Meaning::Sit).await;
    assert_eq!(outcome, Outcome::Applied);
    let state = phone.me().await;
    assert!(
        matches!(state.presence, PresenceView::Present { place, .. } if place == floor.places[0].id)
    );
    let map = phone.occupancy(floor.id).await;
    assert_eq!(map.taken.len(), 1);
    assert_eq!(map.taken[0].people[0].name, "山田 太郎0");
    assert_eq!(map.version, 1);
}

#[tokio::test]
async fn the_first_applied_loan_wins_and_the_second_is_told_who_has_it() {
    let mut world = World::start().await;
    let item = world.office.sites[0].floors[0].lockers[0].items[0];
    let (mut early, mut first) = (world.phone(0).await, world.phone(1).await);
    let offline = early.scan(item.label, Meaning::Borrow);
    world.clock.advance_seconds(600);
    assert_eq!(
        first.does(item.label, Meaning::Borrow).await,
        Outcome::Applied
    );
    let reply = early.send(&[&offline]).await;
    let Outcome::Rejected(rejection) = &reply.answers[0].outcome else {
        panic!("an earlier scan that arrives later is refused: {reply:?}");
    };
    assert_eq!(rejection.reason, RejectReason::AlreadyLent);
    assert_eq!(rejection.who.as_deref(), Some("佐藤 太郎1"));
    let list: ItemList = early.get_json("/api/v1/items").await;
    assert_eq!(
        list.items.iter().filter(|item| item.loan.is_some()).count(),
        1
    );
    assert_eq!(first.me().await.loans.len(), 1);
}

#[tokio::test]
async fn a_loan_outlives_the_day_and_presence_does_not() {
    let mut world = World::start().await;
    let floor = world.office.sites[0].floors[0].clone();
    let mut phone = world.phone(0).await;
    phone.does(floor.places[0].label, Meaning::Sit).await;
    phone
        .does(floor.lockers[0].items[0].label, Meaning::Borrow)
        .await;
    // 04:00 the next day is 19 hours on; the token is good for one.
    world.clock.advance_seconds(19 * 3600);
    let mut again = world.phone(0).await;
    let state = again.me().await;
    assert_eq!(state.presence, PresenceView::NoRecord);
    assert_eq!(state.loans.len(), 1);
    assert!(again.occupancy(floor.id).await.taken.is_empty());
    let returned = again
        .does(floor.lockers[0].items[0].label, Meaning::Return)
        .await;
    assert_eq!(returned, Outcome::Applied);
    assert!(again.me().await.loans.is_empty());
}

#[tokio::test]
async fn telework_frees_the_seat_and_the_next_home_scan_ends_it() {
    let mut world = World::start().await;
    let floor = world.office.sites[0].floors[0].clone();
    let home = world.office.people[0].home_label;
    let mut phone = world.phone(0).await;
    phone.does(floor.places[0].label, Meaning::Sit).await;
    world.clock.advance_seconds(60);
    assert_eq!(phone.does(home, Meaning::Telework).await, Outcome::Applied);
    assert!(phone.occupancy(floor.id).await.taken.is_empty());
    assert!(matches!(
        phone.me().await.presence,
        PresenceView::Telework { .. }
    ));
    world.clock.advance_seconds(60);
    phone.does(home, Meaning::EndTelework).await;
    let state = phone.me().await;
    assert!(matches!(state.presence, PresenceView::Away { .. }));
    assert!(state.telework_declared);
}

#[tokio::test]
async fn every_refusal_has_its_reason() {
    let mut world = World::start().await;
    let neighbours = world.neighbours().await;
    let office = world.office.clone();
    let floor = &office.sites[0].floors[0];
    let mut phone = world.phone(0).await;
    let cases = [
        (
            neighbours.sites[0].floors[0].places[0].label,
            Meaning::Sit,
            RejectReason::UnknownLabel,
        ),
        (
            office.blank_labels[0],
            Meaning::Undecided,
            RejectReason::UnboundLabel,
        ),
        (
            office.people[1].home_label,
            Meaning::Telework,
            RejectReason::NotYourHome,
        ),
        (
            office.people[1].home_label,
            Meaning::Undecided,
            RejectReason::NotYourHome,
        ),
        (
            floor.lockers[0].items[0].label,
            Meaning::Return,
            RejectReason::NotLentToYou,
        ),
        (
            floor.places[0].label,
            Meaning::Borrow,
            RejectReason::MeaningDoesNotFit,
        ),
        (
            floor.lockers[0].label,
            Meaning::Undecided,
            RejectReason::MeaningDoesNotFit,
        ),
        (
            floor.places[0].label,
            Meaning::Other("dance".into()),
            RejectReason::NotUnderstood,
        ),
    ];
    for (label, meaning, expected) in cases {
        let outcome = phone.does(label, meaning.clone()).await;
        assert_eq!(reason(&outcome), expected, "{meaning:?}");
    }
    let sung = phone.record(Act::Unknown);
    let reply = phone.send(&[&sung]).await;
    assert_eq!(
        reason(&reply.answers[0].outcome),
        RejectReason::NotUnderstood
    );
    assert_eq!(reply.held_through, 9, "rejected events take their numbers");
    assert_eq!(phone.me().await.presence, PresenceView::NoRecord);
}

#[tokio::test]
async fn one_bad_event_in_five_hundred_blocks_nothing() {
    let mut world = World::start().await;
    let seat = world.office.sites[0].floors[0].places[0].label;
    let mut phone = world.phone(0).await;
    let events: Vec<SealedEvent> = (0..500).map(|_| phone.scan(seat, Meaning::Sit)).collect();
    let bad = [
        ("\"not an event\"", "unreadable"),
        (r#"{"seq":250,"act":"?"}"#, "its number can be read"),
        (
            r#"{"seq":250,"x":[[[[[[[[[[[[[[[[[[[[1]]]]]]]]]]]]]]]]]]]]}"#,
            "too deep",
        ),
    ];
    for (text, what) in bad {
        phone.epoch = kokoni_model::event::Epoch::from_bits(phone.epoch.bits().wrapping_add(1));
        let events: Vec<SealedEvent> = events
            .iter()
            .map(|event| {
                let mut event = event.event().clone();
                event.epoch = phone.epoch;
                event.id = kokoni_model::ids::EventId::from_uuid(uuid::Uuid::from_u64_pair(
                    phone.epoch.bits(),
                    event.seq,
                ));
                SealedEvent::seal(event).expect("sealed")
            })
            .collect();
        let mut texts: Vec<&str> = events.iter().map(|event| event.text()).collect();
        texts[249] = text;
        let reply = phone.send_batch(&phone.batch(&texts)).await;
        let applied = |outcome: &Outcome| *outcome == Outcome::Applied;
        let count = reply
            .answers
            .iter()
            .filter(|answer| applied(&answer.outcome))
            .count();
        assert_eq!(count, 499, "{what}");
        assert_eq!(
            reason(&reply.answers[249].outcome),
            RejectReason::Malformed,
            "{what}"
        );
        assert_eq!(reply.held_through, 500, "{what}");
        let again = phone.send_batch(&phone.batch(&texts)).await;
        assert_eq!(
            reason(&again.answers[249].outcome),
            RejectReason::Malformed,
            "{what}"
        );
        assert_eq!(again.answers[0].outcome, Outcome::Duplicate);
    }
}

#[tokio::test]
async fn the_same_number_with_other_content_is_reported_and_not_applied() {
    let mut world = World::start().await;
    let floor = world.office.sites[0].floors[0].clone();
    let mut phone = world.phone(0).await;
    let sat = phone.scan(floor.places[0].label, Meaning::Sit);
    phone.send(&[&sat]).await;
    let other = phone.event(1, scan(floor.places[1].label, Meaning::Sit));
    let reply = phone.send(&[&other]).await;
    assert_eq!(
        reason(&reply.answers[0].outcome),
        RejectReason::ContentDiffers
    );
    assert_eq!(
        phone.occupancy(floor.id).await.taken[0].place,
        floor.places[0].id
    );
    assert_eq!(world.count("SELECT count(*) FROM event_conflict").await, 1);
    let still = phone.send(&[&sat]).await;
    assert_eq!(still.answers[0].outcome, Outcome::Duplicate);
}

#[tokio::test]
async fn the_same_id_under_another_number_is_reported_and_not_applied() {
    let mut world = World::start().await;
    let floor = world.office.sites[0].floors[0].clone();
    let mut phone = world.phone(0).await;
    let sat = phone.scan(floor.places[0].label, Meaning::Sit);
    let mut copied = phone.unsealed(2, scan(floor.places[1].label, Meaning::Sit));
    copied.id = sat.event().id;
    let copied = SealedEvent::seal(copied).expect("sealed");
    let reply = phone.send(&[&sat, &copied]).await;
    assert_eq!(
        reason(&reply.answers[1].outcome),
        RejectReason::ContentDiffers
    );
    assert_eq!(reply.held_through, 2);
    assert_eq!(
        phone.occupancy(floor.id).await.taken[0].place,
        floor.places[0].id
    );
}

#[tokio::test]
async fn what_follows_a_hole_waits_until_it_is_filled_or_given_up() {
    let mut world = World::start().await;
    let floor = world.office.sites[0].floors[0].clone();
    let mut phone = world.phone(0).await;
    let events: Vec<SealedEvent> = (0..4)
        .map(|place| phone.scan(floor.places[place].label, Meaning::Sit))
        .collect();
    let reply = phone.send(&[&events[1]]).await;
    assert_eq!(reply.answers[0].outcome, Outcome::Retry);
    assert_eq!(reply.held_through, 0);
    let filled = phone.send(&[&events[0], &events[1]]).await;
    assert_eq!(filled.held_through, 2);
    let mut lost = phone.batch(&[events[3].text()]);
    lost.lost_before = Some(4);
    let given_up = phone.send_batch(&lost).await;
    assert_eq!(given_up.answers[0].outcome, Outcome::Applied);
    assert_eq!(given_up.held_through, 4);
    assert_eq!(
        world
            .count("SELECT first_seq * 100 + last_seq FROM queue_gap")
            .await,
        303
    );
    // It was not lost after all: it takes its place and moves nobody.
    let found = phone.send(&[&events[2]]).await;
    assert_eq!(found.answers[0].outcome, Outcome::Applied);
    assert_eq!(
        phone.occupancy(floor.id).await.taken[0].place,
        floor.places[3].id
    );
}

#[tokio::test]
async fn numbers_that_are_found_again_together_keep_their_order() {
    let mut world = World::start().await;
    let (floor, exit) = {
        let site = &world.office.sites[0];
        (site.floors[0].clone(), site.exit_label)
    };
    let mut phone = world.phone(0).await;
    phone
        .does(floor.lockers[0].items[0].label, Meaning::Borrow)
        .await;
    world.clock.advance_seconds(1_200);
    let sits = phone.scan(floor.places[0].label, Meaning::Sit);
    // The phone starts anew, and its clock is a quarter of an hour back.
    let mut leaves = phone.unsealed(3, scan(exit, Meaning::Leave));
    leaves.clock.wall_us = leaves.clock.wall_us.plus_seconds(-900);
    leaves.clock.boot = BootId::from_uuid(uuid::Uuid::from_u128(99));
    let leaves = SealedEvent::seal(leaves).expect("sealed");
    phone.next = 4;
    let gives_back = phone.scan(floor.lockers[0].items[0].label, Meaning::Return);
    let mut lost = phone.batch(&[gives_back.text()]);
    lost.lost_before = Some(4);
    assert_eq!(phone.send_batch(&lost).await.held_through, 4);
    let found = phone.send(&[&sits, &leaves]).await;
    for answer in found.answers {
        assert_eq!(answer.outcome, Outcome::Applied);
    }
    let presence = phone.me().await.presence;
    assert!(
        matches!(presence, PresenceView::Away { .. }),
        "{presence:?}"
    );
}

#[tokio::test]
async fn taking_back_a_scan_restores_what_was_before() {
    let mut world = World::start().await;
    let floor = world.office.sites[0].floors[0].clone();
    let mut phone = world.phone(0).await;
    phone.does(floor.places[0].label, Meaning::Sit).await;
    world.clock.advance_seconds(60);
    phone.does(floor.places[1].label, Meaning::Sit).await;
    let withdraw = phone.record(Act::Withdraw { seq: 2 });
    assert_eq!(
        phone.send(&[&withdraw]).await.answers[0].outcome,
        Outcome::Applied
    );
    assert_eq!(
        phone.occupancy(floor.id).await.taken[0].place,
        floor.places[0].id
    );
    let twice = phone.record(Act::Withdraw { seq: 2 });
    let reply = phone.send(&[&twice]).await;
    assert_eq!(
        reason(&reply.answers[0].outcome),
        RejectReason::NothingToWithdraw
    );
    let replay = phone.send(&[&withdraw]).await;
    assert_eq!(replay.answers[0].outcome, Outcome::Duplicate);
}

#[tokio::test]
async fn a_scan_and_its_withdrawal_may_come_in_one_batch() {
    let mut world = World::start().await;
    let floor = world.office.sites[0].floors[0].clone();
    let mut phone = world.phone(0).await;
    let borrowed = phone.scan(floor.lockers[0].items[0].label, Meaning::Borrow);
    let withdrawn = phone.record(Act::Withdraw { seq: 1 });
    let reply = phone.send(&[&borrowed, &withdrawn]).await;
    assert!(
        reply
            .answers
            .iter()
            .all(|answer| answer.outcome == Outcome::Applied)
    );
    let me = reply.me.expect("my state");
    assert!(me.loans.is_empty());
    assert_eq!(me.presence, PresenceView::NoRecord);
}

#[tokio::test]
async fn a_loan_is_taken_back_unless_the_item_has_changed_hands() {
    let mut world = World::start().await;
    let item = world.office.sites[0].floors[0].lockers[0].items[0].label;
    let (mut one, mut two) = (world.phone(0).await, world.phone(1).await);
    one.does(item, Meaning::Borrow).await;
    let withdraw = one.record(Act::Withdraw { seq: 1 });
    one.send(&[&withdraw]).await;
    assert_eq!(
        two.does(item, Meaning::Borrow).await,
        Outcome::Applied,
        "it is free again"
    );
    two.does(item, Meaning::Return).await;
    one.does(item, Meaning::Borrow).await;
    let too_late = two.record(Act::Withdraw { seq: 1 });
    let reply = two.send(&[&too_late]).await;
    assert_eq!(
        reason(&reply.answers[0].outcome),
        RejectReason::TooLateToWithdraw
    );
    let not_returned = two.record(Act::Withdraw { seq: 2 });
    let reply = two.send(&[&not_returned]).await;
    assert_eq!(
        reason(&reply.answers[0].outcome),
        RejectReason::TooLateToWithdraw
    );
    assert_eq!(one.me().await.loans.len(), 1);
}

#[tokio::test]
async fn a_replay_after_purging_is_still_a_duplicate() {
    let mut world = World::start().await;
    let floor = world.office.sites[0].floors[0].clone();
    let mut phone = world.phone(0).await;
    let sat = phone.scan(floor.places[0].label, Meaning::Sit);
    let refused = phone.scan(floor.places[0].label, Meaning::Borrow);
    phone.send(&[&sat, &refused]).await;
    let office = world.office.id;
    let later = crate::kit::MORNING.plus_seconds(400 * 24 * 3600);
    let purged = world
        .store
        .write(move |tx| kokoni_server::ingest::purge::purge_before(tx, office, later, later))
        .await
        .expect("purged");
    assert_eq!(purged, 2);
    for (what, left) in [
        ("said", "SELECT count(*) FROM event WHERE raw IS NOT NULL"),
        ("steps", "SELECT count(*) FROM event WHERE step IS NOT NULL"),
        ("where they were", "SELECT count(*) FROM stay"),
    ] {
        assert_eq!(world.count(left).await, 0, "{what}");
    }
    let reply = phone.send(&[&sat, &refused]).await;
    assert_eq!(reply.answers[0].outcome, Outcome::Duplicate);
    assert_eq!(
        reason(&reply.answers[1].outcome),
        RejectReason::MeaningDoesNotFit
    );
    assert_eq!(reply.held_through, 2);
}

#[tokio::test]
async fn clocks_gone_wild_keep_the_order_and_are_flagged() {
    let mut world = World::start().await;
    let floor = world.office.sites[0].floors[0].clone();
    let mut phone = world.phone(0).await;
    let mut events = Vec::new();
    for (seq, wall) in [(1, 0), (2, i64::MAX), (3, i64::MIN), (4, 1)] {
        let mut event = phone.unsealed(seq, scan(floor.places[seq as usize].label, Meaning::Sit));
        event.clock.wall_us = kokoni_model::clock::Timestamp::from_micros(wall);
        event.clock.boot = kokoni_model::ids::BootId::from_uuid(uuid::Uuid::from_u128(seq.into()));
        events.push(SealedEvent::seal(event).expect("sealed"));
    }
    let mut batch = phone.batch(&events.iter().map(|event| event.text()).collect::<Vec<_>>());
    batch.clock.wall_us = batch.clock.wall_us.plus_seconds(10 * 365 * 24 * 3600);
    let reply = phone.send_batch(&batch).await;
    assert!(
        reply
            .answers
            .iter()
            .all(|answer| answer.outcome == Outcome::Applied)
    );
    phone.next = 5;
    phone.does(floor.places[0].label, Meaning::Sit).await;
    assert_eq!(
        phone.occupancy(floor.id).await.taken[0].place,
        floor.places[0].id
    );
    let back = "SELECT count(*) FROM event a JOIN event b ON a.seq < b.seq
        WHERE a.counted_us > b.counted_us";
    assert_eq!(world.count(back).await, 0);
    let flagged = "SELECT count(*) FROM event WHERE flags LIKE '%clock_off%'";
    assert_eq!(world.count(flagged).await, 4);
}

#[tokio::test]
async fn what_is_odd_is_flagged_and_not_refused() {
    let mut world = World::start().await;
    let (here, there) = (world.office.sites[0].clone(), world.office.sites[1].clone());
    let mut phone = world.phone(0).await;
    phone
        .does(here.floors[0].places[0].label, Meaning::Sit)
        .await;
    world.clock.advance_seconds(300);
    let quick = phone
        .does(there.floors[0].places[0].label, Meaning::Sit)
        .await;
    assert_eq!(quick, Outcome::Applied);
    let mut borrowed_phone = world.phone(1).await;
    borrowed_phone.boot = phone.boot;
    borrowed_phone
        .does(here.floors[0].places[1].label, Meaning::Sit)
        .await;
    let flagged = |flag: &'static str| {
        let sql: &'static str = match flag {
            "two_sites" => "SELECT count(*) FROM event WHERE flags = '[\"two_sites_too_quickly\"]'",
            _ => "SELECT count(*) FROM event WHERE flags = '[\"device_of_two_people\"]'",
        };
        world.count(sql)
    };
    assert_eq!(flagged("two_sites").await, 1);
    assert_eq!(flagged("device").await, 1);
}

#[tokio::test]
async fn a_rejected_event_that_is_sent_again_is_marked() {
    let mut world = World::start().await;
    let floor = world.office.sites[0].floors[0].clone();
    let mut phone = world.phone(0).await;
    phone.does(floor.places[0].label, Meaning::Borrow).await;
    let mut again = phone.unsealed(2, scan(floor.places[0].label, Meaning::Sit));
    again.replaces = Some(1);
    let again = SealedEvent::seal(again).expect("sealed");
    assert_eq!(
        phone.send(&[&again]).await.answers[0].outcome,
        Outcome::Applied
    );
    assert_eq!(
        world
            .count("SELECT replaced_by FROM event WHERE seq = 1")
            .await,
        2
    );
}

#[tokio::test]
async fn the_end_of_the_day_empties_the_maps_feed() {
    let mut world = World::start().await;
    let floor = world.office.sites[0].floors[0].clone();
    let mut phone = world.phone(0).await;
    phone.does(floor.places[0].label, Meaning::Sit).await;
    let tomorrow = crate::kit::MORNING.plus_seconds(24 * 3600);
    let hints = world
        .store
        .write(move |tx| kokoni_server::presence::day_end::turn(tx, tomorrow))
        .await
        .expect("turned");
    assert_eq!(hints.len(), 1);
    assert_eq!((hints[0].floor, hints[0].version), (floor.id, 2));
    let again = world
        .store
        .write(move |tx| kokoni_server::presence::day_end::turn(tx, tomorrow))
        .await
        .expect("turned");
    assert_eq!(again, []);
}
