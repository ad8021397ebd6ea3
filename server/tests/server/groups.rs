//! Groups: many phones share one commit, a batch that fails fails alone, and "applied" means it is
//! on the disk.

use crate::kit::{Phone, World};
use kokoni_model::event::{Meaning, SealedEvent};
use kokoni_model::wire::events::{BatchReply, Outcome};
use kokoni_server::config::{Grouping, Keeping};
use tokio::task::JoinSet;

const PHONES: usize = 64;

async fn phones(world: &mut World) -> Vec<(Phone, SealedEvent)> {
    let mut phones = Vec::new();
    for number in 0..PHONES {
        let mut phone = world.phone(number % 6).await;
        let seats = &world.office.sites[0].floors[0].places;
        let event = phone.scan(seats[number % 7].label, Meaning::Sit);
        phones.push((phone, event));
    }
    phones
}

/// All phones send at once; gives the commits that took.
async fn commits_for_all(world: &mut World) -> u64 {
    let phones = phones(world).await;
    let before = world.store.commits();
    let mut sending: JoinSet<BatchReply> = JoinSet::new();
    for (phone, event) in phones {
        sending.spawn(async move { phone.send(&[&event]).await });
    }
    while let Some(reply) = sending.join_next().await {
        let reply = reply.expect("sent");
        assert_eq!(reply.answers[0].outcome, Outcome::Applied);
    }
    world.store.commits() - before
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn phones_that_send_at_once_share_commits() {
    let mut world = World::start().await;
    let commits = commits_for_all(&mut world).await;
    assert!(
        commits < PHONES as u64 / 2,
        "{commits} commits for {PHONES} requests"
    );
    assert_eq!(
        world.count("SELECT count(*) FROM event").await,
        PHONES as i64
    );
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn without_grouping_every_request_has_its_commit() {
    let mut world = World::start_with(1, |config| config.grouping = Grouping::NONE).await;
    assert_eq!(commits_for_all(&mut world).await, PHONES as u64);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_batch_that_fails_fails_alone() {
    let mut world = World::start().await;
    let mut phones = phones(&mut world).await;
    // What the batch did before it failed must be undone: a loan begins before its event is kept.
    let item = world.office.sites[0].floors[0].lockers[0].items[0].label;
    let (phone, event) = &mut phones[0];
    phone.next = 1;
    *event = phone.scan(item, Meaning::Borrow);
    // A fault of the server's own: one phone's queue cannot be written.
    let broken = phones[0].0.enrolled.device;
    world
        .store
        .write(move |tx| {
            let id = data_encoding::HEXUPPER.encode(broken.as_uuid().as_bytes());
            tx.exec(
                &format!(
                    "CREATE TRIGGER broken BEFORE INSERT ON event WHEN NEW.device = X'{id}'
                     BEGIN SELECT RAISE(ABORT, 'broken on purpose'); END"
                ),
                &[],
            )
        })
        .await
        .expect("prepared");
    let mut sending: JoinSet<(usize, u16)> = JoinSet::new();
    for (number, (phone, event)) in phones.into_iter().enumerate() {
        sending.spawn(async move {
            let response = phone.try_batch(&phone.batch(&[event.text()])).await;
            (number, response.status().as_u16())
        });
    }
    while let Some(sent) = sending.join_next().await {
        let (number, status) = sent.expect("sent");
        assert_eq!(
            status,
            if number == 0 { 500 } else { 200 },
            "phone {number}"
        );
    }
    let applied = world.count("SELECT count(*) FROM event").await;
    assert_eq!(applied, PHONES as i64 - 1);
    assert_eq!(world.count("SELECT count(*) FROM loan").await, 0);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_was_answered_is_there_after_the_server_is_opened_anew() {
    let mut world = World::start().await;
    let mut phone = world.phone(0).await;
    let seat = world.office.sites[0].floors[0].places[0];
    phone.does(seat.label, Meaning::Sit).await;
    // A copy of the files as they lie on the disk now, taken behind the server's back.
    let copy = tempfile::tempdir().expect("a folder");
    let folder = world.store.file().parent().expect("a folder");
    for entry in std::fs::read_dir(folder).expect("listed") {
        let entry = entry.expect("an entry");
        let name = entry.file_name();
        if name.to_string_lossy().ends_with("-shm") {
            continue;
        }
        std::fs::copy(entry.path(), copy.path().join(name)).expect("copied");
    }
    let mut random = kokoni_server::ports::SeededRandom::new(9);
    let reopened = kokoni_server::store::Store::open(copy.path(), crate::kit::MORNING, &mut random)
        .expect("opens");
    let applied = reopened
        .read_blocking(|tx| tx.one::<i64>("SELECT count(*) FROM event", &[]))
        .expect("read");
    assert_eq!(applied, 1);
}

/// What is remembered of a queue is forgotten when anybody else has written: here its events are
/// taken away behind the server's back, and the next number has a hole before it.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_somebody_else_has_written_is_seen_by_the_next_group() {
    let mut world = World::start().await;
    let mut phone = world.phone(0).await;
    let seats = &world.office.sites[0].floors[0].places;
    for seat in &seats[..2] {
        assert_eq!(phone.does(seat.label, Meaning::Sit).await, Outcome::Applied);
    }
    let folder = world.store.file().parent().expect("a folder").to_owned();
    let mut random = kokoni_server::ports::SeededRandom::new(9);
    let other = kokoni_server::store::Store::open(&folder, crate::kit::MORNING, &mut random)
        .expect("opens");
    other
        .write_blocking(|tx| {
            tx.exec("DELETE FROM stay", &[])?;
            tx.exec("DELETE FROM event WHERE seq = 2", &[])
        })
        .expect("written");
    let third = phone.scan(seats[2].label, Meaning::Sit);
    let reply = phone.send(&[&third]).await;
    assert_eq!(reply.answers[0].outcome, Outcome::Retry);
    assert_eq!(reply.held_through, 1);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_server_that_keeps_nothing_answers_and_keeps_nothing() {
    let mut world = World::start_with(1, |config| config.keeping = Keeping::Nothing).await;
    let mut phone = world.phone(0).await;
    let seat = world.office.sites[0].floors[0].places[0];
    let event = phone.scan(seat.label, Meaning::Sit);
    let reply = phone.send(&[&event]).await;
    assert_eq!(reply.answers[0].outcome, Outcome::Applied);
    assert_eq!((reply.held_through, reply.me.is_some()), (1, true));
    assert_eq!(world.count("SELECT count(*) FROM event").await, 0);
}
