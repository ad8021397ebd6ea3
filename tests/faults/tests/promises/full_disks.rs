//! Full and failing disks: a refusal before "saved", and an engine that works again afterwards.

use std::collections::BTreeMap;
use std::path::Path;
use std::sync::Arc;

use kokoni_client::{ClientError, Engine, Recorded};
use kokoni_faults::full::{FailingDisk, Trouble};
use kokoni_faults::vfs::mount;
use kokoni_model::event::{Meaning, Via};
use kokoni_trials::{Dice, Trial};

use crate::common::{Phone, SEAT};
use crate::phone::{Row, act, anything_set_aside, enrol_if_needed, open, phone, row, rows, settle};

/// What the user does between opening the app and its end, in each session.
const ACTS: usize = 8;

/// After so many sessions another phone takes over.
const SESSIONS: u64 = 25;

/// A phone on a disk that can fail, and what it called saved.
struct Victim {
    phone: Phone,
    data: std::path::PathBuf,
    disk: Arc<FailingDisk>,
    _mounted: kokoni_faults::vfs::Mounted,
    saved: Vec<Recorded>,
}

/// What came of a session: how many operations failed, and how many calls were refused.
struct Session {
    failed: u64,
    refused: u64,
}

impl Victim {
    fn new() -> Self {
        let phone = phone();
        let data = phone.path().join("data");
        std::fs::create_dir(&data).expect("made");
        let disk = Arc::new(FailingDisk::default());
        let mounted = mount(&data, disk.clone());
        let victim = Self {
            phone,
            data,
            disk,
            _mounted: mounted,
            saved: Vec::new(),
        };
        let engine = victim.open().expect("opens");
        enrol_if_needed(&engine).expect("enrolled");
        engine.shut_down();
        victim
    }

    fn open(&self) -> Result<Engine, ClientError> {
        open(&self.phone, &self.data, self.phone.server.clone())
    }

    /// A session in which the disk fails at its `at`-th operation.
    fn session(&mut self, trouble: Trouble, at: u64, dice: &mut Dice) -> Session {
        self.disk.plan(trouble, at);
        let mut refused = 0;
        let mut refuse = |error: ClientError| {
            assert_refusal(trouble, &error);
            refused += 1;
        };
        let opened = self.open().map_err(&mut refuse).ok();
        for _ in 0..ACTS {
            let Some(engine) = &opened else { break };
            match act(&self.phone, engine, dice) {
                Ok(saved) => self.saved.extend(saved),
                Err(error) => refuse(error),
            }
        }
        let failed = self.disk.mend();
        // The same engine goes on; one that could not be opened can be now.
        let engine = opened.unwrap_or_else(|| self.open().expect("opens when the disk works"));
        let next = engine.record(SEAT, Meaning::Sit, Via::Camera);
        self.saved.push(next.expect("works when the disk does"));
        self.check(&engine);
        engine.shut_down();
        Session { failed, refused }
    }

    /// Exactly what was called saved is there: nothing less, and nothing that was refused.
    fn check(&self, engine: &Engine) {
        let (saved, there) = (
            self.saved.iter().map(row).collect::<Vec<_>>(),
            rows(&self.data),
        );
        let lacks = |one: &[Row], other: &[Row]| -> Vec<Row> {
            let lacking = one.iter().filter(|row| !other.contains(row));
            lacking.cloned().collect()
        };
        assert_eq!(lacks(&saved, &there), [], "saved and lost");
        assert_eq!(lacks(&there, &saved), [], "refused and there all the same");
        assert_eq!(there, saved, "in order");
        assert_eq!(engine.losses(), Ok(vec![]));
        assert!(!anything_set_aside(&self.data), "an error is no damage");
    }

    fn end(self) {
        let engine = self.open().expect("opens");
        self.check(&engine);
        settle(&self.phone, &engine, &self.saved);
    }
}

fn assert_refusal(trouble: Trouble, error: &ClientError) {
    let clear = match error {
        ClientError::StorageFailed => true,
        ClientError::StorageFull => trouble == Trouble::NoRoom,
        _ => false,
    };
    assert!(clear, "{trouble:?} was called {error:?}");
}

/// How many operations a session has that this trouble can befall.
fn operations(trouble: Trouble) -> u64 {
    let victim = Victim::new();
    let engine = victim.open().expect("opens");
    victim.disk.plan(trouble, u64::MAX);
    let mut dice = Dice::new(1);
    for _ in 0..ACTS {
        act(&victim.phone, &engine, &mut dice).expect("done");
    }
    engine.shut_down();
    victim.disk.seen()
}

#[test]
fn a_disk_that_is_full_or_fails_is_a_refusal_and_never_a_false_saved() {
    let trial = Trial::of(300, 20_261_122);
    let mut dice = trial.dice();
    let ranges: BTreeMap<usize, u64> = (0..3)
        .map(|it| (it, operations(Trouble::ALL[it])))
        .collect();
    let (mut points, mut missed, mut refused, mut saved) = (0, 0, 0, 0);
    while points < trial.count {
        let mut victim = Victim::new();
        for _ in 0..SESSIONS {
            let kind = dice.below(3);
            let range = usize::try_from(ranges[&kind]).expect("some operations");
            let at = 1 + dice.below(range) as u64;
            let session = victim.session(Trouble::ALL[kind], at, &mut dice);
            if session.failed == 0 {
                missed += 1;
            } else {
                points += 1;
            }
            refused += session.refused;
        }
        saved += victim.saved.len() as u64;
        victim.end();
    }
    trial.tell(&[
        ("points", points),
        ("refusals", refused),
        ("saved", saved),
        ("sessions that ended before their point", missed),
    ]);
    assert!(
        refused > points / 2,
        "{refused} refusals at {points} points"
    );
}

#[test]
fn a_full_disk_is_called_full() {
    let victim = Victim::new();
    let engine = victim.open().expect("opens");
    victim.disk.plan(Trouble::NoRoom, 1);
    let record = || engine.record(SEAT, Meaning::Sit, Via::Camera);
    assert_eq!(record(), Err(ClientError::StorageFull));
    assert_eq!(record(), Err(ClientError::StorageFull), "and again");
    victim.disk.mend();
    let saved = record().expect("there is room");
    assert_eq!(saved.seq, 1, "no number is used up");
    assert_eq!(rows(Path::new(&victim.data)), [row(&saved)]);
}
