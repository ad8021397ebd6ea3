//! Who sits where: the last to scan a seat has it, whatever order the scans arrive in, and what a
//! scan means that the phone could not decide.

use crate::kit::World;
use kokoni_model::event::Meaning;
use kokoni_model::wire::events::Outcome;
use kokoni_model::wire::views::PresenceView;

#[tokio::test]
async fn whoever_scans_a_seat_last_has_it_and_the_other_is_told() {
    let mut world = World::start().await;
    let floor = world.office.sites[0].floors[0].clone();
    let (mut first, mut second) = (world.phone(0).await, world.phone(1).await);
    first.does(floor.places[0].label, Meaning::Sit).await;
    world.clock.advance_seconds(60);
    second.does(floor.places[0].label, Meaning::Sit).await;
    let map = first.occupancy(floor.id).await;
    assert_eq!(map.taken[0].people.len(), 1);
    assert_eq!(map.taken[0].people[0].person, second.enrolled.person);
    assert!(matches!(
        first.me().await.presence,
        PresenceView::Displaced { .. }
    ));
}

#[tokio::test]
async fn a_room_has_room_for_all() {
    let mut world = World::start().await;
    let floor = world.office.sites[0].floors[0].clone();
    for person in 0..3 {
        let mut phone = world.phone(person).await;
        phone.does(floor.places[6].label, Meaning::Sit).await;
        assert!(matches!(
            phone.me().await.presence,
            PresenceView::Present { .. }
        ));
    }
    let map = world.phone(3).await.occupancy(floor.id).await;
    assert_eq!(map.taken[0].people.len(), 3);
}

#[tokio::test]
async fn a_late_event_never_unseats_a_later_one() {
    let mut world = World::start().await;
    let floor = world.office.sites[0].floors[0].clone();
    let (mut early, mut later) = (world.phone(0).await, world.phone(1).await);
    let offline = early.scan(floor.places[0].label, Meaning::Sit);
    world.clock.advance_seconds(600);
    later.does(floor.places[0].label, Meaning::Sit).await;
    world.clock.advance_seconds(600);
    let reply = early.send(&[&offline]).await;
    assert_eq!(reply.answers[0].outcome, Outcome::Applied);
    let map = early.occupancy(floor.id).await;
    assert_eq!(map.taken[0].people[0].person, later.enrolled.person);
}

#[tokio::test]
async fn an_undecided_scan_is_decided_by_what_was_known_then() {
    let mut world = World::start().await;
    let floor = world.office.sites[0].floors[0].clone();
    let seat = floor.places[0].label;
    let mut phone = world.phone(0).await;
    phone.does(seat, Meaning::Undecided).await;
    assert_eq!(
        phone.occupancy(floor.id).await.taken.len(),
        1,
        "it meant sitting down"
    );
    world.clock.advance_seconds(30);
    assert_eq!(phone.does(seat, Meaning::Undecided).await, Outcome::Applied);
    assert_eq!(
        phone.occupancy(floor.id).await.taken.len(),
        1,
        "too soon to mean leaving"
    );
    world.clock.advance_seconds(31);
    phone.does(seat, Meaning::Undecided).await;
    assert!(
        phone.occupancy(floor.id).await.taken.is_empty(),
        "it meant leaving"
    );
}

#[tokio::test]
async fn whoever_lost_a_seat_takes_it_back_by_scanning_it_again() {
    let mut world = World::start().await;
    let floor = world.office.sites[0].floors[0].clone();
    let seat = floor.places[0].label;
    let (mut first, mut second) = (world.phone(0).await, world.phone(1).await);
    first.does(seat, Meaning::Sit).await;
    world.clock.advance_seconds(60);
    second.does(seat, Meaning::Sit).await;
    world.clock.advance_seconds(60);
    first.does(seat, Meaning::Sit).await;
    let map = first.occupancy(floor.id).await;
    assert_eq!(map.taken[0].people.len(), 1);
    assert_eq!(map.taken[0].people[0].person, first.enrolled.person);
    assert!(matches!(
        first.me().await.presence,
        PresenceView::Present { .. }
    ));
    assert!(matches!(
        second.me().await.presence,
        PresenceView::Displaced { .. }
    ));
}

#[tokio::test]
async fn an_undecided_scan_of_a_lost_seat_takes_it_back() {
    let mut world = World::start().await;
    let floor = world.office.sites[0].floors[0].clone();
    let seat = floor.places[0].label;
    let (mut first, mut second) = (world.phone(0).await, world.phone(1).await);
    first.does(seat, Meaning::Undecided).await;
    world.clock.advance_seconds(60);
    second.does(seat, Meaning::Sit).await;
    world.clock.advance_seconds(120);
    first.does(seat, Meaning::Undecided).await;
    let map = first.occupancy(floor.id).await;
    assert_eq!(map.taken[0].people[0].person, first.enrolled.person);
}

#[tokio::test]
async fn an_undecided_scan_before_the_seat_was_lost_means_leaving() {
    let mut world = World::start().await;
    let floor = world.office.sites[0].floors[0].clone();
    let seat = floor.places[0].label;
    let (mut first, mut second) = (world.phone(0).await, world.phone(1).await);
    first.does(seat, Meaning::Sit).await;
    world.clock.advance_seconds(120);
    let offline = first.scan(seat, Meaning::Undecided);
    world.clock.advance_seconds(60);
    second.does(seat, Meaning::Sit).await;
    first.send(&[&offline]).await;
    let presence = first.me().await.presence;
    assert!(
        matches!(presence, PresenceView::Away { .. }),
        "{presence:?}"
    );
}
