//! Several processes, and their sudden end: what a witness heard is saved is saved.
//!
//! The children are this very test program, started anew with the environment telling them what to
//! do; without it their part of the program does nothing.

mod common;

use std::io::{BufRead, BufReader, Write};
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::sync::Arc;

use common::{CODE, FakeClock, FakeServer, SEAT, http};
use kokoni_client::{
    CallOptions, Engine, EngineConfig, FileSecretStore, Invitation, Ports, SyncOutcome,
};
use kokoni_model::event::{Meaning, Via};
use kokoni_model::wire::enrolment::Platform;
use kokoni_trials::{Dice, Trial};

const FOLDER: &str = "KOKONI_TEST_PHONE";
const RECORDS: &str = "KOKONI_TEST_RECORDS";

fn open(folder: &Path) -> Engine {
    let secrets = FileSecretStore::open(folder.join("secrets")).expect("a store");
    Engine::open(EngineConfig {
        data: folder.join("data"),
        ports: Ports::system(Arc::new(secrets)),
        extra_roots: vec![],
        app_version: "test".into(),
    })
    .expect("opens")
}

/// The child: records, tells its witness, and syncs now and then.
#[test]
fn child_phone() {
    let Ok(folder) = std::env::var(FOLDER) else {
        return;
    };
    let records: u64 = std::env::var(RECORDS)
        .expect("a number")
        .parse()
        .expect("a number");
    let engine = open(Path::new(&folder));
    let mut witness = std::io::stdout();
    for index in 0..records {
        let saved = engine
            .record(SEAT, Meaning::Sit, Via::Camera)
            .expect("saved");
        writeln!(witness, "saved {}", saved.seq).expect("heard");
        if index % 7 == 6 {
            engine.sync(&CallOptions::default()).expect("a sync");
        }
    }
    engine.shut_down();
    writeln!(witness, "done").expect("heard");
}

fn start(folder: &Path, records: u64) -> Child {
    Command::new(std::env::current_exe().expect("this program"))
        .args(["child_phone", "--exact", "--nocapture", "--test-threads=1"])
        .env(FOLDER, folder)
        .env(RECORDS, records.to_string())
        .stdout(Stdio::piped())
        .stderr(Stdio::inherit())
        .spawn()
        .expect("started")
}

/// What a child told until its end.
struct Heard {
    /// The numbers it said are saved.
    saved: Vec<u64>,
    /// Whether it was killed before it had done what it was told.
    killed: bool,
}

/// Listens to a child, and kills it once it has said so much. An end of any other kind is an error
/// that the child met.
fn hear(child: &mut Child, kill_after: Option<u64>) -> Heard {
    let lines = BufReader::new(child.stdout.take().expect("piped")).lines();
    let (mut saved, mut done) = (Vec::new(), false);
    for line in lines.map_while(Result::ok) {
        // The test harness may begin the line.
        if let Some((_, number)) = line.split_once("saved ") {
            saved.push(number.trim().parse().expect("a number"));
        }
        done |= line.contains("done");
        if kill_after.is_some_and(|count| saved.len() as u64 >= count) && !done {
            // It goes on meanwhile: what is heard from here on counts as well.
            child.kill().expect("killed");
        }
    }
    let status = child.wait().expect("ended");
    // A child that was killed has no exit status of its own.
    assert!(done || status.code().is_none(), "a child met an error");
    Heard {
        saved,
        killed: !done,
    }
}

fn enrolled(folder: &Path) -> Arc<FakeServer> {
    let server = FakeServer::new(FakeClock::new());
    let address = http::serve(server.clone());
    let engine = open(folder);
    let link = format!("http://{address}/enrol#{CODE}");
    engine
        .enrol(
            &Invitation::from_link(&link).expect("a link"),
            "端末",
            Platform::Cli,
            &CallOptions::default(),
        )
        .expect("enrolled");
    engine.shut_down();
    server
}

/// Sends what is left, and checks that the server applied each number once, in order, and has
/// everything that the witness heard of.
fn settle(folder: &Path, server: &FakeServer, mut witnessed: Vec<u64>) {
    let engine = open(folder);
    assert_eq!(engine.losses().expect("read"), []);
    let outcome = engine.sync(&CallOptions::default()).expect("a sync");
    assert!(
        matches!(outcome, SyncOutcome::Done { report } if report.waiting == 0),
        "{outcome:?}"
    );
    let applied: Vec<u64> = server
        .snapshot()
        .applied
        .iter()
        .map(|(_, seq)| *seq)
        .collect();
    assert_eq!(applied, (1..=applied.len() as u64).collect::<Vec<u64>>());
    witnessed.sort_unstable();
    let heard = witnessed.len();
    witnessed.dedup();
    assert_eq!(witnessed.len(), heard, "a number was given twice");
    let last = applied.len() as u64;
    assert!(witnessed.iter().all(|seq| (1..=last).contains(seq)));
}

#[test]
fn no_saved_scan_is_lost_when_the_phone_is_killed() {
    let trial = Trial::of(100, 1);
    let mut dice = trial.dice();
    let folder = tempfile::tempdir().expect("a folder");
    let server = enrolled(folder.path());
    let (mut witnessed, mut killed) = (Vec::new(), 0);
    for _ in 0..trial.count {
        let mut child = start(folder.path(), 60);
        let heard = hear(&mut child, Some(1 + dice.below(23) as u64));
        witnessed.extend(heard.saved);
        killed += u64::from(heard.killed);
    }
    trial.tell(&[("kills", killed), ("saved", witnessed.len() as u64)]);
    assert!(
        killed > trial.count / 2,
        "only {killed} of {} were killed in time",
        trial.count
    );
    settle(folder.path(), &server, witnessed);
}

/// How much one process does before it ends by itself.
const MOST_AT_ONCE: u64 = 200;

/// One of several that work on the file at the same time: killed now and then and started again,
/// until its witness has heard of so many records.
fn work(folder: &Path, records: u64, mut dice: Dice) -> (Vec<u64>, u64) {
    let (mut witnessed, mut kills) = (Vec::new(), 0);
    while let Some(left @ 1..) = records.checked_sub(witnessed.len() as u64) {
        let kill_after = dice.percent(90).then(|| 1 + dice.below(100) as u64);
        // One that is not killed must not do all the rest.
        let heard = hear(&mut start(folder, left.min(MOST_AT_ONCE)), kill_after);
        witnessed.extend(heard.saved);
        kills += u64::from(heard.killed);
    }
    (witnessed, kills)
}

#[test]
fn four_processes_on_one_file_lose_nothing_and_give_no_number_twice() {
    const PROCESSES: u64 = 4;
    let trial = Trial::of(500, 1);
    let mut dice = trial.dice();
    let folder = tempfile::tempdir().expect("a folder");
    let server = enrolled(folder.path());
    let threads: Vec<_> = (0..PROCESSES)
        .map(|_| {
            let (folder, dice) = (folder.path().to_owned(), Dice::new(dice.roll()));
            std::thread::spawn(move || work(&folder, trial.count, dice))
        })
        .collect();
    let (mut witnessed, mut kills) = (Vec::new(), 0);
    for thread in threads {
        let (numbers, killed) = thread.join().expect("no child met an error");
        witnessed.extend(numbers);
        kills += killed;
    }
    trial.tell(&[
        ("operations of each of four", trial.count),
        ("saved", witnessed.len() as u64),
        ("kills", kills),
    ]);
    assert!(witnessed.len() as u64 >= PROCESSES * trial.count);
    assert!(kills >= trial.count / 100, "{kills} kills");
    settle(folder.path(), &server, witnessed);
}
