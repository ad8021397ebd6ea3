//! An organisation whose row cannot be read harms only its own batches, also when they share a
//! commit with those of others.

use kokoni_model::event::Meaning;
use tokio::task::JoinSet;

use crate::kit::World;

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn an_unreadable_organisation_row_harms_only_its_own_batches() {
    const PHONES: usize = 12;
    let mut world = World::start().await;
    let ours = world.office.clone();
    let theirs = world.neighbours().await;
    let mut scans = Vec::new();
    for number in 0..PHONES {
        let sound = number % 2 == 0;
        let office = if sound { &ours } else { &theirs };
        let mut phone = world.phone_in(office, number % 6).await;
        let seat = office.sites[0].floors[0].places[number % 7].label;
        let event = phone.scan(seat, Meaning::Sit);
        scans.push((sound, phone, event));
    }
    let broken = theirs.id;
    world
        .store
        .write(move |tx| {
            let id = data_encoding::HEXUPPER.encode(broken.as_uuid().as_bytes());
            tx.exec(
                &format!("UPDATE organisation SET calendar = '{{' WHERE id = X'{id}'"),
                &[],
            )
        })
        .await
        .expect("broken");
    let mut sending: JoinSet<(bool, u16)> = JoinSet::new();
    for (sound, phone, event) in scans {
        sending.spawn(async move {
            let response = phone.try_batch(&phone.batch(&[event.text()])).await;
            (sound, response.status().as_u16())
        });
    }
    while let Some(sent) = sending.join_next().await {
        let (sound, status) = sent.expect("sent");
        assert_eq!(status, if sound { 200 } else { 500 }, "sound: {sound}");
    }
    let applied = world.count("SELECT count(*) FROM event").await;
    assert_eq!(applied, PHONES as i64 / 2);
}
