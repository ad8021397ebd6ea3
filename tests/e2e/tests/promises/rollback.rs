//! A server that is put back to the backup of an earlier day, with or without being told: the phones
//! bring back everything of the last fourteen days, also when they have to enrol anew for it.

use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;
use std::time::Duration;

use kokoni_client::{CallOptions, SyncOutcome};
use kokoni_e2e::office::Office;
use kokoni_e2e::phone::{Phone, WITHIN};
use kokoni_e2e::process::ServerProcess;
use kokoni_e2e::proxy::FaultProxy;
use kokoni_model::event::Meaning;
use kokoni_model::ids::IncarnationId;
use kokoni_trials::{Dice, Trial};
use rusqlite::Connection;

use crate::SERVE;

const PHONES: usize = 3;
const DAYS: u32 = 14;
const DAY_S: u32 = 86_400;

/// A backup of a running server's database, as SQLite makes it.
fn back_up(data: &Path, backup: &Path) {
    let from = Connection::open(data.join(kokoni_server::store::FILE_NAME)).expect("opens");
    let mut to = Connection::open(backup).expect("opens");
    rusqlite::backup::Backup::new(&from, &mut to)
        .and_then(|copying| copying.run_to_completion(64, Duration::ZERO, None))
        .expect("copied");
}

/// How a backup takes the database's place.
#[derive(Clone, Copy, PartialEq, Eq)]
enum PutBack {
    /// By a restore, which begins another life.
    Restored,
    /// As a copy of the disk or of the machine: nobody tells the server.
    Silently,
}

/// The backup takes the database's place.
fn put_back(data: &Path, backup: &Path, how: PutBack) {
    let file = data.join(kokoni_server::store::FILE_NAME);
    for suffix in ["-wal", "-shm"] {
        let mut name = file.clone().into_os_string();
        name.push(suffix);
        // There may be none.
        let _ = std::fs::remove_file(name);
    }
    std::fs::copy(backup, &file).expect("copied");
    if how == PutBack::Silently {
        return;
    }
    let fresh = IncarnationId::new(kokoni_e2e::office::now(), [9; 10]);
    let changed = Connection::open(file).and_then(|database| {
        database.execute(
            "UPDATE meta SET value = ?1 WHERE name = 'incarnation'",
            [fresh.as_uuid().as_bytes().to_vec()],
        )
    });
    assert_eq!(changed, Ok(1));
}

/// How often each event that phones were told is saved does something, by what the server holds.
fn counted(data: &Path) -> BTreeMap<(String, i64), i64> {
    let database = Connection::open(data.join(kokoni_server::store::FILE_NAME)).expect("opens");
    let mut statement = database
        .prepare(
            "SELECT hex(epoch), seq, count(*) FROM event
             WHERE outcome = 'applied' AND step IS NOT NULL GROUP BY epoch, seq",
        )
        .expect("prepared");
    statement
        .query_map([], |row| Ok(((row.get(0)?, row.get(1)?), row.get(2)?)))
        .and_then(Iterator::collect)
        .expect("read")
}

/// Syncs, enrolling anew where the server does not know the phone's tokens any more.
fn sync(phone: &mut Phone, office: &Office, url: &str, person: usize) -> bool {
    let outcome = phone.engine.sync(&CallOptions::within(WITHIN));
    let anew = matches!(outcome, Ok(SyncOutcome::SignInNeeded { .. }));
    if anew {
        let today = kokoni_e2e::office::now().plus_seconds(i64::from(DAY_S * (DAYS - 1)));
        let code = office.code_at(&office.ours, person, today);
        phone.enrol_again(url, &code.link);
    }
    for _ in 0..4 {
        if let SyncOutcome::Done { report } = phone.sync()
            && (report.waiting, report.sent_again) == (0, 0)
        {
            assert!(phone.engine.rejected().expect("read").is_empty());
            return anew;
        }
    }
    panic!("the queue does not drain");
}

/// One server's life: fourteen days, a backup of some evening among them, and the way back to it.
fn restored(dice: &mut Dice, how: PutBack) -> (u64, u64, u64) {
    let office = Office::new();
    let (data, backup) = (office.data(), office.folder("backup.db"));
    let mut server = ServerProcess::start(SERVE, &data, None);
    let network = FaultProxy::start(server.address());
    let mut phones: Vec<Phone> = (0..PHONES)
        .map(|number| {
            let code = office.code(&office.ours, number).link;
            let folder = office.folder(&format!("phone-{number}"));
            let phone = Phone::enrol(folder, &network.url(), &code);
            phone.sync_through();
            phone
        })
        .collect();
    // Before the first morning, or any evening up to yesterday's.
    let evening = dice.below(DAYS as usize) as u32;
    let mut lost = 0;
    for day in 0..DAYS {
        if day == evening {
            back_up(&data, &backup);
        }
        for (number, phone) in phones.iter_mut().enumerate() {
            for _ in 0..=dice.below(4) {
                phone.record(office.ours.seat_label(dice.below(5)), Meaning::Sit);
                lost += u64::from(day >= evening);
            }
            assert!(!sync(phone, &office, &network.url(), number));
        }
        if day + 1 < DAYS {
            server.forward(i64::from(DAY_S));
            phones.iter().for_each(|phone| phone.clock.forward(DAY_S));
        }
    }
    let before = counted(&data);
    server.kill();
    put_back(&data, &backup, how);
    let mut server = ServerProcess::start(SERVE, &data, None);
    server.forward(i64::from(DAY_S) * i64::from(DAYS - 1));
    network.lead_to(server.address());
    let mut anew = 0;
    for (number, phone) in phones.iter_mut().enumerate() {
        phone.record(office.ours.seat_label(number), Meaning::Sit);
        anew += u64::from(sync(phone, &office, &network.url(), number));
    }
    server.stop();
    let after = counted(&data);
    let missing: BTreeSet<_> = before
        .keys()
        .filter(|key| !after.contains_key(key))
        .collect();
    assert!(missing.is_empty(), "not recovered: {missing:?}");
    assert!(after.values().all(|times| *times == 1), "applied twice");
    let saved: usize = phones.iter().map(|phone| phone.saved.len()).sum();
    assert_eq!(after.len(), saved);
    (before.len() as u64, lost, anew)
}

fn try_lives(trial: &Trial, how: PutBack) {
    let mut dice = trial.dice();
    let (mut events, mut lost, mut anew) = (0, 0, 0);
    for _ in 0..trial.count {
        let (all, gone, enrolled) = restored(&mut dice, how);
        events += all;
        lost += gone;
        anew += enrolled;
    }
    trial.tell(&[
        ("restores", trial.count),
        ("events of fourteen days", events),
        ("lost by the server and brought back", lost),
        ("phones enrolled anew", anew),
    ]);
    assert!(lost > 0 && anew > 0);
}

#[test]
fn fourteen_days_that_a_restored_server_has_lost_come_back_from_the_phones() {
    try_lives(&Trial::of(2, 1), PutBack::Restored);
}

#[test]
fn fourteen_days_that_a_server_put_back_behind_its_own_back_has_lost_come_back_from_the_phones() {
    try_lives(&Trial::of(2, 2), PutBack::Silently);
}
