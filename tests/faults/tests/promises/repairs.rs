//! Repairs that are cut off: a damaged database is set aside, searched and replaced, and the app can
//! be killed at every system call of that. What can be read is kept all the same.

use std::io::Write;
use std::os::unix::process::ExitStatusExt;
use std::path::Path;
use std::process::Stdio;
use std::sync::Arc;

use kokoni_faults::syscalls::{Ending, watch};
use kokoni_model::event::{Meaning, Via};
use kokoni_trials::Trial;

use crate::common::{FakeClock, FakeServer, SEAT, http};
use crate::kills::{CALL, FOLDER, child, enrol_if_needed, open};
use crate::phone::DATABASE;

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
    let server = http::serve(FakeServer::new(FakeClock::new()));
    let whole = tempfile::tempdir().expect("a folder");
    let engine = open(whole.path());
    enrol_if_needed(&engine, &server.to_string());
    let record = |times| {
        for _ in 0..times {
            engine
                .record(SEAT, Meaning::Sit, Via::Camera)
                .expect("saved");
        }
    };
    record(40);
    // Another engine that closes last would empty the log; a checkpoint now leaves the rest in it.
    let database = whole.path().join("data").join(DATABASE);
    let beside = rusqlite::Connection::open(&database).expect("opens");
    let checkpoint = "PRAGMA wal_checkpoint(TRUNCATE)";
    beside
        .query_row(checkpoint, [], |_| Ok(()))
        .expect("emptied");
    record(20);
    copy(whole.path(), folder);
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
    let undisturbed = child("repairs::child_opening", &place("undisturbed"), 0)
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
        let call = 1 + (trial.seed % calls + number * calls / trial.count.min(calls)) % calls;
        let folder = place(&format!("call-{number}"));
        copy(&place("damaged"), &folder);
        let status = child("repairs::child_opening", &folder, call)
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
