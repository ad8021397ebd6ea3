//! `kill -9` at every system call of a scripted session that changes a file: what a witness heard
//! is saved is saved.
//!
//! The children are this very test program, started anew with the environment telling them what to
//! do; without it their part of the program does nothing.

use std::io::{BufRead, BufReader, Write};
use std::os::unix::process::ExitStatusExt;
use std::path::Path;
use std::process::{Command, Stdio};
use std::sync::Arc;

use kokoni_client::{
    CallOptions, Engine, EngineConfig, FileSecretStore, Invitation, Ports, SyncOutcome,
};
use kokoni_faults::syscalls::{Ending, watch};
use kokoni_model::event::{Meaning, Via};
use kokoni_model::wire::enrolment::Platform;
use kokoni_trials::Trial;

use crate::common::{CODE, FakeClock, FakeServer, SEAT, http};
use crate::phone::DATABASE;

const FOLDER: &str = "KOKONI_TEST_FOLDER";
const SERVER: &str = "KOKONI_TEST_SERVER";
const CALL: &str = "KOKONI_TEST_CALL";
const MIDWAY: &str = "KOKONI_TEST_MIDWAY";

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

/// Enrols where the end came before that was done.
fn enrol_if_needed(engine: &Engine, server: &str) {
    if engine.identity().expect("read").is_none() {
        let link = format!("http://{server}/enrol#{CODE}");
        let invitation = Invitation::from_link(&link).expect("a link");
        let options = CallOptions::default();
        engine
            .enrol(&invitation, "端末", Platform::Cli, &options)
            .expect("enrolled");
    }
}

/// The child: a whole session of the app, with its end at some call.
#[test]
fn child_phone() {
    let Ok(folder) = std::env::var(FOLDER) else {
        return;
    };
    let given = |name| std::env::var(name).expect("given");
    let ending = Arc::new(Ending::new(
        given(CALL).parse().expect("a number"),
        given(MIDWAY) == "yes",
    ));
    let _watching = watch(Path::new(&folder), ending.clone());
    let mut witness = std::io::stdout();
    let engine = open(Path::new(&folder));
    enrol_if_needed(&engine, &given(SERVER));
    for index in 0..5 {
        let saved = engine.record(SEAT, Meaning::Sit, Via::Camera);
        let saved = saved.expect("saved");
        writeln!(witness, "saved {} {}", saved.epoch, saved.seq).expect("heard");
        if index == 2 {
            engine.sync(&CallOptions::default()).expect("a sync");
        }
        if index == 3 {
            let taken_back = engine.withdraw(saved.id).expect("saved");
            let saved = taken_back.expect("a new event");
            writeln!(witness, "saved {} {}", saved.epoch, saved.seq).expect("heard");
        }
    }
    engine.shut_down();
    let calls: u64 = ending.seen().values().sum();
    let kinds = ending.seen().len();
    writeln!(witness, "done {calls} {kinds}").expect("heard");
}

/// The child that only opens a database, which may have to be repaired.
#[test]
fn child_opening() {
    let Ok(folder) = std::env::var(FOLDER) else {
        return;
    };
    let call = std::env::var(CALL).expect("given");
    let ending = Arc::new(Ending::new(call.parse().expect("a number"), false));
    let _watching = watch(Path::new(&folder), ending.clone());
    open(Path::new(&folder)).shut_down();
    let calls: u64 = ending.seen().values().sum();
    writeln!(std::io::stdout(), "done {calls} 0").expect("heard");
}

/// Starts a child in a folder, which ends at a call.
fn child(part: &str, folder: &Path, call: u64) -> Command {
    let mut command = Command::new(std::env::current_exe().expect("this program"));
    command
        .args([part, "--exact", "--nocapture", "--test-threads=1"])
        .env(FOLDER, folder)
        .env(CALL, call.to_string())
        .stdout(Stdio::piped())
        .stderr(Stdio::inherit());
    command
}

/// A phone, its server, and what the witness heard.
struct Phone {
    folder: tempfile::TempDir,
    server: Arc<FakeServer>,
    address: String,
    heard: Vec<(String, u64)>,
}

/// How a session ended.
#[derive(Debug, PartialEq, Eq)]
enum End {
    Killed,
    /// In order, after so many calls, of so many kinds.
    Done {
        calls: u64,
        kinds: u64,
    },
}

impl Phone {
    fn new() -> Self {
        let server = FakeServer::new(FakeClock::new());
        let address = http::serve(server.clone()).to_string();
        Self {
            folder: tempfile::tempdir().expect("a folder"),
            server,
            address,
            heard: Vec::new(),
        }
    }

    /// A session whose process ends at its `call`-th call (0 is never).
    fn session(&mut self, call: u64, midway: bool) -> End {
        let mut child = child("kills::child_phone", self.folder.path(), call)
            .env(SERVER, &self.address)
            .env(MIDWAY, if midway { "yes" } else { "no" })
            .spawn()
            .expect("started");
        let lines = BufReader::new(child.stdout.take().expect("piped")).lines();
        let mut end = End::Killed;
        for line in lines.map_while(Result::ok) {
            // The test harness may begin the line.
            let pair = |word: &str| {
                let (_, rest) = line.split_once(word)?;
                let (first, second) = rest.trim().split_once(' ')?;
                Some((first.to_owned(), second.parse().expect("a number")))
            };
            self.heard.extend(pair("saved "));
            if let Some((calls, kinds)) = pair("done ") {
                let calls = calls.parse().expect("a number");
                end = End::Done { calls, kinds };
            }
        }
        let status = child.wait().expect("ended");
        let killed = status.signal() == Some(libc::SIGKILL);
        assert_eq!(
            end == End::Killed,
            killed,
            "the child met an error: {status}"
        );
        end
    }

    /// Sends what is left, and checks that the server applied each number once, in order, and has
    /// everything that the witness heard of.
    fn settle(&self) {
        let engine = open(self.folder.path());
        enrol_if_needed(&engine, &self.address);
        assert_eq!(engine.losses(), Ok(vec![]));
        let outcome = engine.sync(&CallOptions::default()).expect("a sync");
        assert!(
            matches!(outcome, SyncOutcome::Done { report } if report.waiting == 0),
            "{outcome:?}"
        );
        let applied = self.server.snapshot().applied;
        let mut heard = self.heard.clone();
        heard.sort();
        heard.dedup();
        assert_eq!(heard.len(), self.heard.len(), "a number was given twice");
        for saved in &heard {
            assert!(applied.contains(saved), "{saved:?} was saved and is lost");
        }
        for (epoch, _) in &applied {
            let numbers = applied.iter().filter(|(other, _)| other == epoch);
            let numbers: Vec<u64> = numbers.map(|(_, seq)| *seq).collect();
            assert_eq!(numbers, (1..=numbers.len() as u64).collect::<Vec<_>>());
        }
    }
}

/// How many calls a session has that change a file.
fn calls(phone: &mut Phone) -> u64 {
    match phone.session(0, false) {
        End::Done { calls, kinds } => {
            assert!(kinds >= 4, "only {kinds} kinds of calls were seen");
            calls
        }
        End::Killed => panic!("a session without an end was killed"),
    }
}

#[test]
fn no_saved_scan_is_lost_when_the_phone_is_killed_at_any_call_that_changes_a_file() {
    let trial = Trial::of(200, 20_261_122);
    let mut used = Phone::new();
    let first = calls(&mut used);
    let later = calls(&mut used);
    used.settle();
    // Each call of a first session and of a later one, once before it is made and once midway.
    let points = 2 * (first + later);
    // A stride without a common divisor meets each point once before any twice.
    let stride = (points / 3..).find(|stride| divisor(*stride, points) == 1);
    let stride = stride.expect("there is one");
    let (mut kills, mut ended, mut heard) = (0, 0, 0);
    for number in 0.. {
        if kills == trial.count {
            break;
        }
        let point = (trial.seed + number * stride) % points;
        let (call, midway) = (point / 2, point % 2 == 1);
        let mut fresh = None;
        let (phone, call) = if call < first {
            (fresh.insert(Phone::new()), call + 1)
        } else {
            (&mut used, call - first + 1)
        };
        let before = phone.heard.len();
        match phone.session(call, midway) {
            End::Killed => kills += 1,
            End::Done { .. } => ended += 1,
        }
        heard += (phone.heard.len() - before) as u64;
        phone.settle();
    }
    trial.tell(&[
        ("kills", kills),
        ("heard", heard),
        ("points there are", points),
        ("sessions that ended before their call", ended),
    ]);
    assert!(ended < kills / 4, "{ended} of {kills} came too late");
}

fn divisor(a: u64, b: u64) -> u64 {
    if b == 0 { a } else { divisor(b, a % b) }
}

/// What a person finds after a repair: what waits to be sent, and what they are told is lost.
fn found(folder: &Path) -> (Vec<u64>, u64) {
    let engine = open(folder);
    let waiting = engine.waiting().expect("read");
    let mut waiting: Vec<u64> = waiting.iter().map(|record| record.seq).collect();
    waiting.sort_unstable();
    let losses = engine.losses().expect("read");
    let lost = losses.iter().map(|loss| loss.last_seq - loss.first_seq + 1);
    (waiting, lost.sum())
}

fn copy(from: &Path, to: &Path) {
    std::fs::create_dir(to).expect("made");
    for entry in std::fs::read_dir(from).expect("read") {
        let entry = entry.expect("an entry");
        let to = to.join(entry.file_name());
        if entry.path().is_dir() {
            copy(&entry.path(), &to);
        } else {
            std::fs::copy(entry.path(), to).expect("copied");
        }
    }
}

/// A phone with sixty scans, the last twenty of them in the log only, and every other page damaged.
fn damaged(folder: &Path) {
    let phone = Phone::new();
    let engine = open(phone.folder.path());
    enrol_if_needed(&engine, &phone.address);
    let record = |times| {
        for _ in 0..times {
            engine
                .record(SEAT, Meaning::Sit, Via::Camera)
                .expect("saved");
        }
    };
    record(40);
    // Another engine that closes last would empty the log; a checkpoint now leaves the rest in it.
    let database = phone.folder.path().join("data").join(DATABASE);
    let beside = rusqlite::Connection::open(&database).expect("opens");
    let checkpoint = "PRAGMA wal_checkpoint(TRUNCATE)";
    beside
        .query_row(checkpoint, [], |_| Ok(()))
        .expect("emptied");
    record(20);
    copy(phone.folder.path(), folder);
    let database = folder.join("data").join(DATABASE);
    let mut bytes = std::fs::read(&database).expect("read");
    bytes[..100].fill(0xee);
    for page in bytes.chunks_mut(4096).skip(1).step_by(2) {
        page.fill(0xee);
    }
    std::fs::write(&database, bytes).expect("written");
}

#[test]
fn a_repair_that_kills_cut_off_finds_what_an_undisturbed_one_finds() {
    let trial = Trial::of(30, 1);
    let room = tempfile::tempdir().expect("a folder");
    let place = |name: &str| room.path().join(name);
    damaged(&place("damaged"));
    copy(&place("damaged"), &place("undisturbed"));
    let undisturbed = child("kills::child_opening", &place("undisturbed"), 0)
        .output()
        .expect("ran");
    let said = String::from_utf8(undisturbed.stdout).expect("text");
    let (_, calls) = said.split_once("done ").expect("it came to its end");
    let (calls, _) = calls.split_once(' ').expect("two numbers");
    let calls: u64 = calls.parse().expect("a number");
    let (waiting, lost) = found(&place("undisturbed"));
    assert!(waiting.len() > 20 && lost > 0, "{waiting:?}, {lost} lost");
    assert_eq!(waiting.len() as u64 + lost, 60);

    let mut kills = 0;
    for number in 0..trial.count {
        // Evenly over all of them, whatever the count.
        let call = 1 + (trial.seed + number * calls / trial.count.min(calls)) % calls;
        let folder = place(&format!("call-{number}"));
        copy(&place("damaged"), &folder);
        let status = child("kills::child_opening", &folder, call)
            .stdout(Stdio::null())
            .status()
            .expect("ran");
        assert_eq!(status.signal(), Some(libc::SIGKILL), "call {call}");
        kills += 1;
        let repaired = found(&folder);
        assert_eq!(repaired, (waiting.clone(), lost), "killed at call {call}");
    }
    trial.tell(&[("kills", kills), ("calls there are", calls)]);
}
