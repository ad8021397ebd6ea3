//! Power cuts: what the engine called saved is there after them, in order, under its number.
//!
//! A phone lives on a disk with a cache. Its life is written down once, and the power is cut at
//! several points of it; what the cut leaves is opened on an ordinary disk and looked at. The next
//! life begins where the last cut left off, so that cuts while a database recovers are tried too.

use std::collections::BTreeSet;
use std::path::Path;
use std::sync::Arc;
use std::time::Duration;

use kokoni_client::ports::Transport;
use kokoni_client::transport::{HttpRequest, HttpResponse, TransportError};
use kokoni_client::{Cancel, ClientError, Engine, Recorded};
use kokoni_faults::cache::{CachedDisk, Flaw, History, Image, Manner};
use kokoni_faults::vfs::mount;
use kokoni_model::event::{Meaning, Via};
use kokoni_trials::{Dice, Trial};

use crate::common::{FakeServer, Phone, SEAT, ServerState};
use crate::phone::{
    DATABASE, MARK, act, anything_set_aside, enrol_if_needed, open, phone, row, rows, settle,
};

/// How often the power is cut in one life.
const CUTS: u64 = 5;

/// How often a disk that fails now and then may refuse the same thing.
const TRIES: usize = 20;

/// How many lives a phone has.
const LIVES: u64 = 4;

/// What the test notes between what happens on the disk.
#[derive(Clone)]
enum Note {
    /// The engine called this saved.
    Saved(Recorded),
    /// The server answered, and holds this now.
    Server(Arc<ServerState>),
    /// The high-water mark has these bytes. It is written around SQLite and without a sync.
    Mark(Vec<u8>),
}

/// The network, with a note of what the server holds after each exchange.
struct Noted {
    server: Arc<FakeServer>,
    disk: Arc<CachedDisk<Note>>,
}

impl Transport for Noted {
    fn exchange(
        &self,
        request: &HttpRequest,
        within: Duration,
        cancel: &Cancel,
    ) -> Result<HttpResponse, TransportError> {
        let answer = self.server.exchange(request, within, cancel);
        self.disk
            .note(Note::Server(Arc::new(self.server.snapshot())));
        answer
    }
}

/// Everything that outlives a cut.
#[derive(Clone)]
struct Left {
    database: Image,
    mark: Option<Vec<u8>>,
    saved: Vec<Recorded>,
    server: Arc<ServerState>,
}

impl Left {
    fn write_to(&self, data: &Path) {
        std::fs::create_dir_all(data).expect("made");
        self.database.write_to(data).expect("written");
        if let Some(mark) = &self.mark {
            std::fs::write(data.join(MARK), mark).expect("written");
        }
    }
}

/// One life: from what was left before until the end of the script, all written down.
fn live(phone: &Phone, data: &Path, before: &Left, flaw: Flaw, dice: &mut Dice) -> History<Note> {
    before.write_to(data);
    *phone.server.state.lock().expect("unpoisoned") = (*before.server).clone();
    let disk = Arc::new(CachedDisk::new(flaw));
    let _mounted = mount(data, disk.clone());
    let network = Arc::new(Noted {
        server: phone.server.clone(),
        disk: disk.clone(),
    });
    let failing = matches!(flaw, Flaw::FailingSyncs { .. });
    let refused = |error: &ClientError| {
        assert!(failing && *error == ClientError::StorageFailed, "{error:?}");
    };
    let open = || {
        let mut tries = std::iter::repeat_with(|| open(phone, data, network.clone()));
        let opened = tries.find_map(|opened| opened.inspect_err(refused).ok());
        opened.expect("one of any number")
    };
    let mut engine = open();
    while let Err(error) = enrol_if_needed(&engine) {
        refused(&error);
    }
    // Now and then long enough for a checkpoint, which moves the log into the database.
    let steps = if dice.percent(20) {
        260
    } else {
        10 + dice.below(40)
    };
    let note = |did: Result<Option<Recorded>, ClientError>| {
        let saved = did.inspect_err(refused).unwrap_or_default();
        if let Ok(mark) = std::fs::read(data.join(MARK)) {
            disk.note(Note::Mark(mark));
        }
        if let Some(saved) = saved {
            disk.note(Note::Saved(saved));
        }
    };
    for _ in 0..steps {
        match dice.below(100) {
            0..3 => {
                engine.shut_down();
                engine = open();
            }
            3..8 => {
                let beside = open();
                note(act(phone, &beside, dice));
            }
            _ => note(act(phone, &engine, dice)),
        }
    }
    // The engine is still open: nothing is tidied up before the cut.
    disk.history(before.database.clone())
}

/// The power is cut somewhere in a life.
fn cut(history: &History<Note>, before: &Left, dice: &mut Dice) -> Left {
    let at = dice.below(history.len() + 1);
    let manner = *dice.one_of(&Manner::ALL);
    let sector = *dice.one_of(&[512, 4096]);
    let mut left = Left {
        database: history.cut(at, manner, sector, dice),
        ..before.clone()
    };
    let mut marks = vec![before.mark.clone()];
    for note in history.notes(at) {
        match note {
            Note::Saved(saved) => left.saved.push(*saved),
            Note::Server(state) => left.server = state.clone(),
            Note::Mark(mark) => marks.push(Some(mark.clone())),
        }
    }
    left.mark = dice.one_of(&marks).clone();
    left
}

/// What an ordinary disk with these files shows: the engine opens, and these events are there.
fn reopen(phone: &Phone, data: &Path, left: &Left) -> (Engine, Vec<crate::phone::Row>) {
    left.write_to(data);
    *phone.server.state.lock().expect("unpoisoned") = (*left.server).clone();
    let engine = open(phone, data, phone.server.clone()).expect("opens after a power cut");
    let rows = rows(data);
    (engine, rows)
}

/// Checks everything a person may rely on after a power cut.
fn check(phone: &Phone, data: &Path, left: &Left) {
    let (engine, rows) = reopen(phone, data, left);
    let there: BTreeSet<_> = rows.iter().collect();
    for saved in &left.saved {
        assert!(
            there.contains(&row(saved)),
            "{saved:?} was saved and is lost"
        );
    }
    let kept = left.saved.iter().map(row);
    let order: Vec<_> = kept
        .map(|saved| rows.iter().position(|row| *row == saved))
        .collect();
    assert!(order.is_sorted(), "not in the order in which it was saved");
    assert_eq!(engine.losses(), Ok(vec![]), "nothing is missing");
    assert!(!anything_set_aside(data), "nothing is damaged");
    let enrolled = engine.identity().expect("read").is_some();
    assert!(enrolled || left.saved.is_empty(), "who it is was lost");
    if !enrolled {
        // The power went before the phone was anybody's; the next life enrols it.
        return;
    }
    let next = engine
        .record(SEAT, Meaning::Sit, Via::Camera)
        .expect("it goes on");
    assert!(
        left.saved
            .iter()
            .all(|saved| (saved.epoch, saved.seq) != (next.epoch, next.seq)),
        "a number was given twice"
    );
    let mut saved = left.saved.clone();
    saved.push(next);
    settle(phone, &engine, &saved);
}

fn nothing(phone: &Phone) -> Left {
    Left {
        database: Image::default(),
        mark: None,
        saved: Vec::new(),
        server: Arc::new(phone.server.snapshot()),
    }
}

/// Cuts the power of phones on disks with this flaw, and checks each time.
fn survive(trial: Trial, flaw: Flaw) {
    let mut dice = trial.dice();
    let (mut cuts, mut saved, mut checkpoints) = (0, 0, 0);
    while cuts < trial.count {
        let phone = phone();
        let mut left = nothing(&phone);
        for life in 0..LIVES {
            let place = |name: String| phone.path().join(name);
            let history = live(
                &phone,
                &place(format!("life-{life}")),
                &left,
                flaw,
                &mut dice,
            );
            checkpoints += history.syncs(DATABASE);
            let mut after = left.clone();
            for number in 0..CUTS {
                after = cut(&history, &left, &mut dice);
                check(&phone, &place(format!("after-{life}-{number}")), &after);
                cuts += 1;
                saved += after.saved.len() as u64;
            }
            left = after;
        }
    }
    trial.tell(&[
        ("power cuts", cuts),
        ("saved events looked for", saved),
        ("checkpoints in the lives that were cut", checkpoints),
    ]);
    assert!(checkpoints > 0, "the log never moved into the database");
}

#[test]
fn what_was_saved_survives_power_cuts() {
    survive(Trial::of(100, 20_261_122), Flaw::None);
}

#[test]
fn what_was_saved_survives_power_cuts_of_a_disk_whose_syncs_fail() {
    survive(Trial::of(40, 20_261_122), Flaw::FailingSyncs { every: 7 });
}

/// Two engines on one database, of which the second saves last; then the power goes, in every manner.
/// The log is made anew by the first, and its folder must be on the disk before anybody's commit
/// stands in it. Gives how many calls were refused.
fn two_engines(flaw: Flaw, first_saves: bool) -> usize {
    let phone = phone();
    let mut left = nothing(&phone);
    let data = phone.path().join("life");
    left.write_to(&data);
    let disk = Arc::new(CachedDisk::<Note>::new(flaw));
    let mounted = mount(&data, disk.clone());
    let mut refused = 0;
    let mut tried = |error: ClientError| {
        assert!(flaw != Flaw::None, "{error:?}");
        assert_eq!(error, ClientError::StorageFailed);
        refused += 1;
    };
    let mut until_it_opens = || {
        let opened = (0..TRIES).find_map(|_| {
            let opened = open(&phone, &data, phone.server.clone());
            opened.map_err(&mut tried).ok()
        });
        opened.expect("one of so many")
    };
    let engine = until_it_opens();
    let enrolled = (0..TRIES).any(|_| enrol_if_needed(&engine).is_ok());
    assert!(enrolled, "one of so many");
    engine.shut_down();
    // Nobody has it open any more: SQLite has removed the log.
    let (engine, second) = (until_it_opens(), until_it_opens());
    for (engine, saves) in [(&engine, first_saves), (&second, true)] {
        let saved = saves.then(|| engine.record(SEAT, Meaning::Sit, Via::Camera));
        match saved.transpose() {
            Ok(saved) => left.saved.extend(saved),
            Err(error) => tried(error),
        }
    }
    let history = disk.history(Image::default());
    drop((mounted, second, engine));
    let mut dice = Dice::new(1);
    let all = history.len();
    left.server = Arc::new(phone.server.snapshot());
    for (number, manner) in Manner::ALL.into_iter().enumerate() {
        left.database = history.cut(all, manner, 512, &mut dice);
        check(&phone, &phone.path().join(format!("after-{number}")), &left);
    }
    refused
}

#[test]
fn what_a_second_engine_saves_first_survives_a_power_cut() {
    assert_eq!(two_engines(Flaw::None, false), 0);
}

/// A commit of the first engine fails with its sync, and so does what that sync should have done to
/// the folder; the second one's succeeds.
#[test]
fn what_a_second_engine_saves_survives_although_any_sync_before_it_failed() {
    let trial = Trial::of(20, 0);
    let mut refused = 0;
    for number in 0..trial.count {
        let every = 5 + number / 2;
        refused += two_engines(Flaw::FailingSyncs { every }, number % 2 == 0);
    }
    trial.tell(&[("lives", trial.count), ("calls refused", refused as u64)]);
    assert!(refused > 0, "no sync failed");
}

/// The control: without waiting for the disk at each commit the same cuts lose events. If they did
/// not, the disk would not be forgetful enough to prove anything.
#[test]
fn with_synchronous_normal_the_same_power_cuts_lose_events() {
    let trial = Trial::of(40, 20_261_122);
    let mut dice = trial.dice();
    let (mut cuts, mut lost, mut saved) = (0, 0, 0);
    while cuts < trial.count {
        let phone = phone();
        let left = nothing(&phone);
        let history = live(
            &phone,
            &phone.path().join("life"),
            &left,
            Flaw::Unawaited,
            &mut dice,
        );
        for _ in 0..CUTS {
            let after = cut(&history, &left, &mut dice);
            let data = phone.path().join(format!("after-{cuts}"));
            let (engine, rows) = reopen(&phone, &data, &after);
            engine.shut_down();
            let there: BTreeSet<_> = rows.into_iter().collect();
            let missing = after
                .saved
                .iter()
                .filter(|saved| !there.contains(&row(saved)));
            lost += missing.count() as u64;
            saved += after.saved.len() as u64;
            cuts += 1;
        }
    }
    trial.tell(&[("power cuts", cuts), ("saved", saved), ("lost", lost)]);
    assert!(lost > 0, "{cuts} power cuts lost none of {saved} events");
}
