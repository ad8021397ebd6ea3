//! What the server keeps of a phone's queue beside the events: when they came, what is missing, and
//! what came under a number already taken.

use kokoni_model::event::{Meaning, SealedEvent};
use reqwest::{Method, StatusCode};
use serde_json::{Value, json};

use crate::kit::{Phone, World};

async fn faults(phone: &Phone) -> Value {
    let request = phone.request(Method::GET, "/api/v1/queues/faults");
    let response = request.send().await.expect("answered");
    assert_eq!(response.status(), StatusCode::OK);
    response.json().await.expect("JSON")
}

/// A phone that has lost its second and third record, and those two.
async fn phone_with_a_gap(world: &mut World) -> (Phone, Vec<SealedEvent>) {
    let seat = world.office.sites[0].floors[0].places[0].label;
    let mut phone = world.phone(1).await;
    let events: Vec<SealedEvent> = (0..4).map(|_| phone.scan(seat, Meaning::Sit)).collect();
    let mut batch = phone.batch(&[events[3].text()]);
    batch.lost_before = Some(4);
    phone.send(&[&events[0]]).await;
    phone.send_batch(&batch).await;
    (phone, events)
}

#[tokio::test]
async fn numbers_that_a_phone_has_lost_are_told_to_administrators_until_they_come_after_all() {
    let mut world = World::start().await;
    let administrator = world.phone(5).await;
    assert_eq!(
        faults(&administrator).await,
        json!({"gaps": [], "conflicts": []})
    );
    let (phone, events) = phone_with_a_gap(&mut world).await;
    let told = faults(&administrator).await;
    assert_eq!(
        told["gaps"],
        json!([{
            "device": phone.enrolled.device, "person": phone.enrolled.person,
            "epoch": phone.epoch, "first_seq": 2, "last_seq": 3, "missing": 2,
            "seen_us": phone.reading().wall_us,
        }])
    );
    phone.send(&[&events[1]]).await;
    assert_eq!(faults(&administrator).await["gaps"][0]["missing"], 1);
    phone.send(&[&events[2]]).await;
    assert_eq!(faults(&administrator).await["gaps"], json!([]));
}

/// Nothing was noted of a loss with no event behind it, and the phone believed that it had told it.
#[tokio::test]
async fn numbers_lost_behind_everything_that_was_sent_are_told_too_and_grow_with_the_next_loss() {
    let mut world = World::start().await;
    let administrator = world.phone(5).await;
    let seat = world.office.sites[0].floors[0].places[0].label;
    let mut phone = world.phone(1).await;
    let events: Vec<SealedEvent> = (0..6).map(|_| phone.scan(seat, Meaning::Sit)).collect();
    phone.send(&[&events[0]]).await;
    let mut only_lost = phone.batch(&[]);
    only_lost.lost_before = Some(4);
    for _ in 0..2 {
        let reply = phone.send_batch(&only_lost).await;
        assert_eq!(reply.held_through, 1);
        let told = faults(&administrator).await["gaps"].clone();
        assert_eq!(told.as_array().map(Vec::len), Some(1));
        assert_eq!(
            (&told[0]["first_seq"], &told[0]["last_seq"]),
            (&json!(2), &json!(3))
        );
    }
    // The fifth is lost as well; the third comes after all.
    let mut batch = phone.batch(&[events[5].text()]);
    batch.lost_before = Some(6);
    assert_eq!(phone.send_batch(&batch).await.held_through, 6);
    phone.send(&[&events[2]]).await;
    let told = faults(&administrator).await["gaps"].clone();
    assert_eq!(told.as_array().map(Vec::len), Some(1));
    assert_eq!(
        (&told[0]["last_seq"], &told[0]["missing"]),
        (&json!(5), &json!(3))
    );
    // Beyond every number there is.
    only_lost.lost_before = Some(u64::MAX);
    assert_eq!(phone.send_batch(&only_lost).await.held_through, 6);
}

#[tokio::test]
async fn what_a_phone_delivered_before_it_was_enrolled_anew_is_not_told_as_lost() {
    let mut world = World::start().await;
    let administrator = world.phone(5).await;
    let seat = world.office.sites[0].floors[0].places[0].label;
    let mut before = world.phone(1).await;
    let events: Vec<SealedEvent> = (0..4).map(|_| before.scan(seat, Meaning::Sit)).collect();
    before.send(&[&events[0], &events[1]]).await;
    // The first two are older than what a phone keeps; the third is really lost.
    let mut anew = world.phone(1).await;
    anew.epoch = before.epoch;
    let mut batch = anew.batch(&[events[3].text()]);
    batch.lost_before = Some(4);
    anew.send_batch(&batch).await;
    let told = faults(&administrator).await;
    assert_eq!(told["gaps"][0]["device"], json!(anew.enrolled.device));
    assert_eq!(told["gaps"][0]["missing"], 1);
    anew.send(&[&events[2]]).await;
    assert_eq!(faults(&administrator).await["gaps"], json!([]));
}

#[tokio::test]
async fn other_content_under_a_number_already_taken_is_told_to_administrators() {
    let mut world = World::start().await;
    let administrator = world.phone(5).await;
    let places = world.office.sites[0].floors[0].places.clone();
    let mut phone = world.phone(1).await;
    let first = phone.scan(places[0].label, Meaning::Sit);
    phone.send(&[&first]).await;
    phone.next = 1;
    let other = phone.scan(places[1].label, Meaning::Sit);
    phone.send(&[&other]).await;
    let told = faults(&administrator).await;
    assert_eq!(told["conflicts"][0]["device"], json!(phone.enrolled.device));
    assert_eq!(told["conflicts"][0]["seq"], 1);
    assert_eq!(told["gaps"], json!([]));
}

#[tokio::test]
async fn faults_of_queues_are_for_administrators_of_the_same_organisation() {
    let mut world = World::start().await;
    let (staff, _) = phone_with_a_gap(&mut world).await;
    let request = staff.request(Method::GET, "/api/v1/queues/faults");
    let refused = request.send().await.expect("answered");
    assert_eq!(refused.status(), StatusCode::FORBIDDEN);
    let neighbours = world.neighbours().await;
    let theirs = world.phone_in(&neighbours, 5).await;
    assert_eq!(faults(&theirs).await, json!({"gaps": [], "conflicts": []}));
}

#[tokio::test]
async fn the_time_of_receipt_stands_beside_the_scans_own_which_is_never_written_over() {
    let mut world = World::start().await;
    let seat = world.office.sites[0].floors[0].places[0].label;
    let mut phone = world.phone(1).await;
    let scanned = phone.reading();
    let event = phone.scan(seat, Meaning::Sit);
    world.clock.advance_seconds(1_800);
    let received = phone.reading().wall_us;
    phone.send(&[&event]).await;
    phone.send(&[&event]).await;
    let (raw, counted, kept) = world
        .store
        .read(|tx| {
            Ok::<_, kokoni_server::store::StoreError>((
                tx.one::<String>("SELECT raw FROM event", &[])?,
                tx.one::<i64>("SELECT counted_us FROM event", &[])?,
                tx.one::<i64>("SELECT received_us FROM event", &[])?,
            ))
        })
        .await
        .expect("read");
    assert_eq!(raw, event.text(), "the bytes, with the scan's own clock");
    assert_eq!(counted, scanned.wall_us.as_micros());
    assert_eq!(kept, received.as_micros());
}
