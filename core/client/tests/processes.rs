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

/// What a child told: the numbers it said are saved, and whether it came to its end.
fn hear(child: &mut Child, kill_after: Option<u64>) -> (Vec<u64>, bool) {
    let lines = BufReader::new(child.stdout.take().expect("piped")).lines();
    let (mut numbers, mut done) = (Vec::new(), false);
    for line in lines.map_while(Result::ok) {
        // The test harness may begin the line.
        if let Some((_, number)) = line.split_once("saved ") {
            numbers.push(number.trim().parse().expect("a number"));
        }
        done |= line.contains("done");
        if kill_after.is_some_and(|count| numbers.len() as u64 >= count) && !done {
            // It goes on meanwhile: what is heard from here on counts as well.
            child.kill().expect("killed");
        }
    }
    child.wait().expect("ended");
    (numbers, done)
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
    assert!(witnessed.iter().all(|seq| applied.contains(seq)));
}

#[test]
fn no_saved_scan_is_lost_when_the_phone_is_killed() {
    const KILLS: u64 = 60;
    let folder = tempfile::tempdir().expect("a folder");
    let server = enrolled(folder.path());
    let (mut witnessed, mut killed) = (Vec::new(), 0);
    for round in 0..KILLS {
        let mut child = start(folder.path(), 60);
        let (numbers, done) = hear(&mut child, Some(1 + round * 7 % 23));
        witnessed.extend(numbers);
        killed += u64::from(!done);
    }
    assert!(
        killed > KILLS / 2,
        "only {killed} of {KILLS} were killed in time"
    );
    settle(folder.path(), &server, witnessed);
}

#[test]
fn four_processes_on_one_file_lose_nothing_and_give_no_number_twice() {
    const RECORDS: u64 = 150;
    let folder = tempfile::tempdir().expect("a folder");
    let server = enrolled(folder.path());
    let children: Vec<Child> = (0..4).map(|_| start(folder.path(), RECORDS)).collect();
    let threads: Vec<_> = children
        .into_iter()
        .map(|mut child| std::thread::spawn(move || hear(&mut child, None)))
        .collect();
    let mut witnessed = Vec::new();
    for thread in threads {
        let (numbers, done) = thread.join().expect("joined");
        assert!(done, "a child met an error");
        witnessed.extend(numbers);
    }
    assert_eq!(witnessed.len() as u64, 4 * RECORDS);
    settle(folder.path(), &server, witnessed);
}
