//! Phone and server over a network that breaks: what was saved is applied exactly once and in
//! order, nothing blocks the queue, and what the server has lost the phones bring back.

use std::path::Path;
use std::time::Duration;

use kokoni_client::{CallOptions, Obstacle, SyncOutcome, SyncReport};
use kokoni_e2e::database::Database;
use kokoni_e2e::history;
use kokoni_e2e::http;
use kokoni_e2e::office::Office;
use kokoni_e2e::phone::{Phone, WITHIN};
use kokoni_e2e::process::ServerProcess;
use kokoni_e2e::proxy::{Fault, FaultProxy};
use kokoni_e2e::wire;
use kokoni_model::event::{Epoch, Meaning};
use kokoni_model::ids::IncarnationId;
use kokoni_model::label::LabelId;
use kokoni_model::wire::events::{Outcome, RejectReason};
use kokoni_model::wire::views::{FloorOccupancy, ItemList, PresenceView};

use crate::SERVE;

struct Scene {
    office: Office,
    server: ServerProcess,
    network: FaultProxy,
}

impl Scene {
    fn begin() -> Self {
        let office = Office::new();
        let server = ServerProcess::start(SERVE, &office.data(), None);
        let network = FaultProxy::start(server.address());
        Self {
            office,
            server,
            network,
        }
    }

    /// A phone of a member of our staff, with the directory at hand.
    fn phone(&self, person: usize) -> Phone {
        let code = self.office.code(&self.office.ours, person).link;
        let folder = self.office.folder(&format!("phone-{person}"));
        let phone = Phone::enrol(folder, &self.network.url(), &code);
        phone.sync_through();
        phone
    }

    fn seat(&self, number: usize) -> LabelId {
        self.office.ours.seat_label(number)
    }

    /// What the server's own counter says.
    fn counted(&self, series: &str) -> u64 {
        http::counted(self.server.address(), series)
    }

    /// Sets a fault and syncs into it. A sync that only finds its old connection gone, which the
    /// change of faults has cut, has not met the fault yet.
    fn sync_into(&self, fault: Fault, phone: &Phone, within: Duration) -> SyncOutcome {
        let before = self.network.harmed();
        self.network.set(fault);
        for _ in 0..10 {
            let outcome = phone.engine.sync(&CallOptions::within(within));
            if self.network.harmed() > before {
                return outcome.expect("no trouble on the phone");
            }
        }
        panic!("{fault:?} was not met");
    }

    /// Heals the network and syncs until the sync is not about the cut connection any more.
    fn sync_healed(&self, phone: &Phone) -> SyncReport {
        self.network.set(Fault::None);
        for _ in 0..10 {
            if let SyncOutcome::Done { report } = phone.sync() {
                return report;
            }
        }
        panic!("a healed network is not used");
    }

    /// Ends the server and compares what each phone was told with what it holds.
    fn settle(self, phones: &[&Phone]) {
        self.server.stop();
        let database = Database::open(&self.office.data());
        for phone in phones {
            let held = database.held(phone.device());
            assert_eq!(history::compare(&phone.saved, &held), []);
            assert_eq!(held.len(), phone.saved.len());
        }
    }
}

#[test]
fn a_reply_that_is_lost_applies_nothing_twice() {
    let scene = Scene::begin();
    let mut phone = scene.phone(1);
    for round in 0..4 {
        for number in 0..5 {
            phone.record(scene.seat((round + number) % 5), Meaning::Sit);
        }
        let cut = scene.sync_into(Fault::CutReply(0), &phone, WITHIN);
        assert!(matches!(cut, SyncOutcome::Offline { .. }), "{cut:?}");
        let report = scene.sync_healed(&phone);
        assert_eq!(
            (report.duplicate, report.applied, report.waiting),
            (5, 0, 0),
            "the server had applied them before the reply was cut"
        );
    }
    assert_eq!(
        scene.counted("kokoni_events_total{outcome=\"duplicate\"}"),
        20
    );
    scene.settle(&[&phone]);
}

#[test]
fn a_request_that_is_cut_off_on_the_way_costs_no_event_its_place() {
    let scene = Scene::begin();
    let mut phone = scene.phone(1);
    phone.record(scene.seat(0), Meaning::Sit);
    for arrives in [0, 100, 200, 300, 400, 500, 600] {
        for fault in [Fault::HalfClose(arrives), Fault::CutRequest(arrives)] {
            let outcome = scene.sync_into(fault, &phone, WITHIN);
            assert!(
                matches!(outcome, SyncOutcome::Offline { .. }),
                "{fault:?}: {outcome:?}"
            );
        }
    }
    let report = scene.sync_healed(&phone);
    assert_eq!((report.applied, report.rejected), (1, 0));
    scene.settle(&[&phone]);
}

#[test]
fn a_queue_drains_in_order_after_every_kind_of_fault() {
    let scene = Scene::begin();
    let mut phone = scene.phone(1);
    let mut number = 0;
    for round in 0..2 {
        for fault in Fault::EVERY {
            for _ in 0..=round {
                number += 1;
                phone.record(scene.seat(number % 5), Meaning::Sit);
            }
            let outcome = scene.sync_into(*fault, &phone, Duration::from_millis(700));
            let harmless = matches!(fault, Fault::Delay(_));
            let through = matches!(
                outcome,
                SyncOutcome::Done { .. } | SyncOutcome::DeadlineReached { .. }
            );
            assert!(
                harmless == through || *fault == Fault::BlackHole,
                "{fault:?}: {outcome:?}"
            );
        }
    }
    assert!(phone.engine.status().expect("read").waiting > 0);
    assert_eq!(scene.sync_healed(&phone).waiting, 0);
    scene.settle(&[&phone]);
}

#[test]
fn what_stands_in_the_servers_place_is_named() {
    let scene = Scene::begin();
    let mut phone = scene.phone(1);
    phone.record(scene.seat(0), Meaning::Sit);
    for (fault, expected) in [
        (Fault::Portal, Obstacle::CaptivePortal),
        (Fault::BadGateway, Obstacle::ServerUnavailable),
        (Fault::Drop, Obstacle::ConnectionLost),
        (Fault::CutReply(40), Obstacle::ConnectionLost),
    ] {
        match scene.sync_into(fault, &phone, WITHIN) {
            SyncOutcome::Offline { why, report, .. } => {
                assert_eq!(why, expected, "{fault:?}");
                assert_eq!(report.waiting, 1);
            }
            other => panic!("{fault:?}: {other:?}"),
        }
    }
    scene.sync_healed(&phone);
    scene.settle(&[&phone]);
}

#[test]
fn one_bad_event_in_500_blocks_nothing() {
    let scene = Scene::begin();
    let mut phone = scene.phone(1);
    let posts = "kokoni_requests_total{method=\"POST\",route=\"/api/v1/events\",status=\"200\"}";
    let before = scene.counted(posts);
    let stranger = LabelId::from_bytes([0x5a; 10]);
    for number in 0..500 {
        let label = if number == 250 {
            stranger
        } else {
            scene.seat(number % 6)
        };
        phone.record(label, Meaning::Sit);
    }
    let report = phone.sync_through();
    assert_eq!(
        (report.sent, report.applied, report.rejected, report.waiting),
        (500, 499, 1, 0)
    );
    assert_eq!(scene.counted(posts) - before, 1, "round trips");
    let rejected = phone.engine.rejected().expect("read");
    assert_eq!(rejected.len(), 1);
    assert_eq!(rejected[0].record.label, Some(stranger));
    assert_eq!(rejected[0].rejection.reason, RejectReason::UnknownLabel);
    assert!(!rejected[0].words_ja.is_empty() && !rejected[0].words_en.is_empty());
    scene.server.stop();
    let held = Database::open(&scene.office.data()).held(phone.device());
    let bad = phone.saved[250].seq;
    assert_eq!(
        history::compare(&phone.saved, &held),
        [history::Breach::NotApplied(bad)]
    );
}

/// Time passes for everybody.
fn pass(scene: &mut Scene, phones: &[&Phone], seconds: u32) {
    scene.server.forward(i64::from(seconds));
    for phone in phones {
        phone.clock.forward(seconds);
    }
}

fn floor_now(scene: &Scene, phone: &Phone) -> FloorOccupancy {
    phone
        .engine
        .floor_occupancy(scene.office.ours.floor(), &CallOptions::within(WITHIN))
        .expect("the floor")
}

#[test]
fn a_late_event_never_unseats_whoever_came_later() {
    let mut scene = Scene::begin();
    let (mut early, mut later) = (scene.phone(1), scene.phone(2));
    early.record(scene.seat(0), Meaning::Sit);
    pass(&mut scene, &[&early, &later], 600);
    later.record(scene.seat(0), Meaning::Sit);
    later.sync_through();
    let before = floor_now(&scene, &later).taken;
    // The phone of the one who came first was offline until now.
    let report = early.sync_through();
    assert_eq!((report.applied, report.rejected), (1, 0));
    let after = floor_now(&scene, &later).taken;
    assert_eq!(after, before);
    assert_eq!(after.len(), 1);
    assert_eq!(after[0].place, scene.office.ours.seat(0));
    let people: Vec<_> = after[0].people.iter().map(|one| one.person).collect();
    assert_eq!(people, [scene.office.ours.person(2)]);
    // It took its place in the history, and its person is told who has the seat now.
    let today = early.engine.today().expect("a day");
    assert_eq!(today.day.stays.len(), 1);
    assert!(matches!(
        today.presence,
        PresenceView::Displaced { place, .. } if place == scene.office.ours.seat(0)
    ));
    scene.settle(&[&early, &later]);
}

#[test]
fn of_two_who_borrow_one_item_the_first_applied_has_it_and_the_second_is_told_who() {
    let mut scene = Scene::begin();
    let (mut slow, mut quick) = (scene.phone(1), scene.phone(2));
    let label = scene.office.ours.item_label(0);
    slow.record(label, Meaning::Borrow);
    pass(&mut scene, &[&slow, &quick], 60);
    quick.record(label, Meaning::Borrow);
    assert_eq!(quick.sync_through().applied, 1);
    let report = slow.sync_through();
    assert_eq!((report.applied, report.rejected, report.waiting), (0, 1, 0));
    let rejected = slow.engine.rejected().expect("read");
    assert_eq!(rejected[0].rejection.reason, RejectReason::AlreadyLent);
    let name = &scene.office.ours.names[2];
    let who = rejected[0].rejection.who.clone().unwrap_or_default();
    assert!(who.contains(name.as_str()), "{who}");
    assert!(rejected[0].words_ja.contains(name.as_str()));
    assert!(rejected[0].words_en.contains(name.as_str()));
    let options = CallOptions::within(WITHIN);
    let ItemList { items } = slow.engine.items_now(&options).expect("the items");
    let loans: Vec<_> = items.iter().filter_map(|item| item.loan).collect();
    assert_eq!(loans.len(), 1);
    assert_eq!(loans[0].person, scene.office.ours.person(2));
    assert!(slow.engine.my_loans().expect("read").is_empty());
    scene.server.stop();
}

/// Copies a folder with everything in it.
fn copy(from: &Path, to: &Path) {
    std::fs::create_dir_all(to).expect("a folder");
    for entry in std::fs::read_dir(from).expect("a folder") {
        let entry = entry.expect("an entry");
        let target = to.join(entry.file_name());
        if entry.file_type().expect("a type").is_dir() {
            copy(&entry.path(), &target);
        } else {
            std::fs::copy(entry.path(), target).expect("copied");
        }
    }
}

/// Replaces what a folder holds by a copy.
fn put_back(copy_of: &Path, folder: &Path) {
    std::fs::remove_dir_all(folder).expect("removed");
    copy(copy_of, folder);
}

/// A server whose database is replaced by the one of yesterday, and the phones heal it.
///
/// `again` is how many of its events a phone sends again, besides a new one.
fn restored_from_yesterday(restore: impl Fn(&Path), again: u64) {
    let scene = Scene::begin();
    let mut phones = [scene.phone(1), scene.phone(2)];
    for phone in &mut phones {
        phone.record(scene.seat(0), Meaning::Sit);
        phone.sync_through();
    }
    let Scene {
        office,
        server,
        network,
    } = scene;
    let (data, yesterday) = (office.data(), office.folder("yesterday"));
    server.stop();
    copy(&data, &yesterday);
    let server = ServerProcess::start(SERVE, &data, None);
    network.lead_to(server.address());
    for phone in &mut phones {
        for number in 1..5 {
            phone.record(office.ours.seat_label(number), Meaning::Sit);
        }
        assert_eq!(phone.sync_through().applied, 4);
    }
    server.kill();
    put_back(&yesterday, &data);
    restore(&data);
    let server = ServerProcess::start(SERVE, &data, None);
    network.lead_to(server.address());
    for phone in &mut phones {
        phone.record(office.ours.seat_label(0), Meaning::Sit);
        let report = phone.sync_through();
        assert_eq!(
            (report.sent_again, report.waiting),
            (again, 0),
            "{report:?}"
        );
    }
    let scene = Scene {
        office,
        server,
        network,
    };
    scene.settle(&[&phones[0], &phones[1]]);
}

#[test]
fn a_server_put_back_to_yesterday_behind_its_own_back_is_healed_by_the_phones() {
    // The four that the server's own account of the queue no longer covers.
    restored_from_yesterday(|_| {}, 4);
}

#[test]
fn a_server_restored_from_yesterdays_backup_is_healed_by_the_phones() {
    let begin_another_life = |data: &Path| {
        // What a restore does: the database begins another life.
        let fresh = IncarnationId::new(kokoni_e2e::office::now(), [9; 10]);
        let file = data.join(kokoni_server::store::FILE_NAME);
        let changed = rusqlite::Connection::open(file).and_then(|database| {
            database.execute(
                "UPDATE meta SET value = ?1 WHERE name = 'incarnation'",
                [fresh.as_uuid().as_bytes().to_vec()],
            )
        });
        assert_eq!(changed, Ok(1));
    };
    // Everything of the last days: nothing is known of what another life holds.
    restored_from_yesterday(begin_another_life, 5);
}

#[test]
fn the_same_number_with_other_content_is_reported_and_not_applied() {
    let scene = Scene::begin();
    let caller = wire::enrolled(
        scene.server.address(),
        &scene.office.code(&scene.office.ours, 1).link,
    );
    let epoch = Epoch::from_bits(5);
    let send = |label, meaning| {
        let event = wire::scan(epoch, 1, label, meaning);
        let access = &caller.tokens.access.0;
        let reply = wire::send_batch(scene.server.address(), access, epoch, &[event.text()]);
        (reply.answers[0].outcome.clone(), reply.held_through)
    };
    assert_eq!(send(scene.seat(0), Meaning::Sit), (Outcome::Applied, 1));
    let (outcome, held_through) = send(scene.seat(1), Meaning::Sit);
    let Outcome::Rejected(rejection) = outcome else {
        panic!("{outcome:?}")
    };
    assert_eq!(rejection.reason, RejectReason::ContentDiffers);
    assert_eq!(held_through, 1);
    assert_eq!(scene.counted("kokoni_event_conflicts_total"), 1);
    scene.server.stop();
    let database = Database::open(&scene.office.data());
    let held = database.held(caller.device);
    assert_eq!(held.len(), 1);
    assert_eq!(held[0].outcome, "applied");
    let conflicts = database.number("SELECT count(*) FROM event_conflict", []);
    assert_eq!(conflicts, 1);
}

#[test]
fn a_phone_put_back_to_yesterday_is_told_and_loses_nothing_when_it_sends_again() {
    let scene = Scene::begin();
    let mut phone = scene.phone(1);
    phone.record(scene.seat(0), Meaning::Sit);
    phone.sync_through();
    let backup = scene.office.folder("backup");
    phone.engine.shut_down();
    copy(&phone.data, &backup);
    let mut today = Phone::open(phone.data.clone());
    today.record(scene.seat(1), Meaning::Sit);
    today.sync_through();
    today.engine.shut_down();
    let mut back = Phone::open(backup);
    back.record(scene.seat(2), Meaning::Sit);
    let report = back.sync_through();
    assert_eq!((report.applied, report.rejected, report.waiting), (0, 1, 0));
    let rejected = back.engine.rejected().expect("read");
    assert_eq!(rejected[0].rejection.reason, RejectReason::ContentDiffers);
    assert!(!rejected[0].words_ja.is_empty());
    back.engine
        .resend(rejected[0].record.id)
        .expect("sent again");
    assert_eq!(back.sync_through().applied, 1);
    assert!(back.engine.rejected().expect("read").is_empty());
    scene.server.stop();
    let held = Database::open(&scene.office.data()).held(back.device());
    assert_eq!(held.len(), 3);
    assert!(held.iter().all(|held| held.outcome == "applied"));
}
