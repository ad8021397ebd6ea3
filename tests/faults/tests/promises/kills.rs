//! `kill -9` at every system call of a scripted session that changes a file: what a witness heard
//! is saved is saved.
//!
//! The children are this very test program, started anew with the environment telling them what to
//! do; without it their part of the program does nothing.

use std::collections::BTreeSet;
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

pub(crate) const FOLDER: &str = "KOKONI_TEST_FOLDER";
const SERVER: &str = "KOKONI_TEST_SERVER";
pub(crate) const CALL: &str = "KOKONI_TEST_CALL";
const MIDWAY: &str = "KOKONI_TEST_MIDWAY";

pub(crate) fn open(folder: &Path) -> Engine {
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
pub(crate) fn enrol_if_needed(engine: &Engine, server: &str) {
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
    let call = given(CALL).parse().expect("a number");
    let ending = Arc::new(Ending::new(call, given(MIDWAY) == "yes"));
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

/// Starts a child in a folder, which ends at a call.
pub(crate) fn child(part: &str, folder: &Path, call: u64) -> Command {
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

/// How many calls a session has that change a file; they are of so many kinds.
fn calls(phone: &mut Phone, kinds: u64) -> u64 {
    match phone.session(0, false) {
        End::Done { calls, kinds: seen } => {
            assert_eq!(seen, kinds, "not every kind of call was seen");
            calls
        }
        End::Killed => panic!("a session without an end was killed"),
    }
}

#[test]
fn no_saved_scan_is_lost_when_the_phone_is_killed_at_any_call_that_changes_a_file() {
    let trial = Trial::of(200, 20_261_122);
    let mut used = Phone::new();
    // Only the first one enrols, and puts the tokens where they stay with a rename.
    let first = calls(&mut used, 7);
    let later = calls(&mut used, 6);
    used.settle();
    // Each call of a first session and of a later one, once before it is made and once midway.
    let points = 2 * (first + later);
    // A stride without a common divisor meets each point once before any twice.
    let stride = (points / 3..).find(|stride| divisor(*stride, points) == 1);
    let stride = stride.expect("there is one");
    // The next seed goes on where this one ends.
    let begin = trial.seed.wrapping_mul(trial.count) % points * stride % points;
    let (mut kills, mut ended, mut heard) = (0, 0, 0);
    let mut met = BTreeSet::new();
    for number in 0.. {
        if kills == trial.count {
            break;
        }
        let point = (begin + number * stride) % points;
        let (call, midway) = (point / 2, point % 2 == 1);
        let mut fresh = None;
        let (phone, call) = if call < first {
            (fresh.insert(Phone::new()), call + 1)
        } else {
            (&mut used, call - first + 1)
        };
        let before = phone.heard.len();
        match phone.session(call, midway) {
            End::Killed => {
                kills += 1;
                met.insert(point);
            }
            End::Done { .. } => ended += 1,
        }
        heard += (phone.heard.len() - before) as u64;
        phone.settle();
    }
    trial.tell(&[
        ("kills", kills),
        ("heard", heard),
        ("points there are", points),
        ("points met", met.len() as u64),
        ("sessions that ended before their call", ended),
    ]);
    assert!(ended <= kills / 4, "{ended} of {kills} came too late");
}

fn divisor(a: u64, b: u64) -> u64 {
    if b == 0 { a } else { divisor(b, a % b) }
}
