//! Clocks do no harm: a phone whose clocks are years off, jump, change their zone and begin anew
//! keeps its order, and what it shows that cannot be is flagged.

use std::sync::{Arc, Mutex};

use kokoni_client::{
    CallOptions, Clock, Engine, EngineConfig, FileSecretStore, Invitation, Ports, SyncOutcome,
    SystemClock,
};
use kokoni_e2e::database::Database;
use kokoni_e2e::history::{self, HeldEvent, SavedScan};
use kokoni_e2e::office::Office;
use kokoni_e2e::phone::WITHIN;
use kokoni_e2e::process::ServerProcess;
use kokoni_model::clock::ClockReading;
use kokoni_model::event::{Meaning, Via};
use kokoni_model::ids::BootId;
use kokoni_model::wire::enrolment::Platform;
use kokoni_trials::{Dice, Trial};

use crate::SERVE;

const TEN_YEARS_S: i64 = 10 * 365 * 86_400;

/// How far a phone's clocks are from the system's.
#[derive(Clone, Copy)]
struct Wrong {
    wall_s: i64,
    offset_min: i16,
    mono_ms: u64,
    boot: Option<BootId>,
}

/// Clocks that somebody plays with.
struct WildClock {
    system: SystemClock,
    wrong: Mutex<Wrong>,
}

impl WildClock {
    fn new() -> Self {
        Self {
            system: SystemClock::new(),
            wrong: Mutex::new(Wrong {
                wall_s: 0,
                offset_min: 540,
                mono_ms: 0,
                boot: None,
            }),
        }
    }

    /// Something that happens to the clocks of a phone.
    fn play(&self, dice: &mut Dice) {
        let mut wrong = self.wrong.lock().expect("unpoisoned");
        let far = i64::try_from(dice.roll() % (2 * TEN_YEARS_S as u64)).expect("fits");
        match dice.below(5) {
            0 => wrong.wall_s = far - TEN_YEARS_S,
            1 => wrong.wall_s -= 3_600,
            2 => wrong.offset_min = *dice.one_of(&[-720, -480, 0, 345, 540, 840]),
            3 => {
                // A reboot: the monotonic clock counts from anywhere.
                wrong.boot = Some(BootId::new(
                    self.system.now().wall_us,
                    [dice.below(256) as u8; 10],
                ));
                wrong.mono_ms = dice.roll() % 1_000_000_000;
            }
            _ => wrong.wall_s = 0,
        }
    }

    fn is_off(&self) -> bool {
        self.wrong.lock().expect("unpoisoned").wall_s.abs() > 300
    }
}

impl Clock for WildClock {
    fn now(&self) -> ClockReading {
        let wrong = *self.wrong.lock().expect("unpoisoned");
        let now = self.system.now();
        ClockReading {
            wall_us: now.wall_us.plus_seconds(wrong.wall_s),
            offset_min: wrong.offset_min,
            mono_ms: now.mono_ms + wrong.mono_ms,
            boot: wrong.boot.unwrap_or(now.boot),
        }
    }
}

#[test]
fn wrong_jumping_and_restarted_clocks_keep_the_order_and_are_flagged() {
    let trial = Trial::of(200, 1);
    let mut dice = trial.dice();
    let begun = kokoni_e2e::office::now();
    let office = Office::new();
    let server = ServerProcess::start(SERVE, &office.data(), None);
    let clock = Arc::new(WildClock::new());
    let folder = office.folder("phone");
    let secrets = FileSecretStore::open(folder.join("secrets")).expect("a store");
    let engine = Engine::open(EngineConfig {
        data: folder.join("engine"),
        ports: Ports {
            clock: clock.clone(),
            ..Ports::system(Arc::new(secrets))
        },
        extra_roots: vec![],
        app_version: "e2e".into(),
    })
    .expect("opens");
    let code = office.code(&office.ours, 1).link;
    let link = format!("{}/enrol#{code}", server.url());
    let invitation = Invitation::from_link(&link).expect("a link");
    let options = CallOptions::within(WITHIN);
    let identity = engine
        .enrol(&invitation, "phone", Platform::Cli, &options)
        .expect("enrolled");
    let (mut saved, mut sent_while_off) = (Vec::new(), Vec::new());
    for tricks in 0..trial.count {
        for _ in 0..=dice.below(2) {
            let label = office.ours.seat_label(dice.below(5));
            let recorded = engine
                .record(label, Meaning::Sit, Via::Camera)
                .expect("saved");
            saved.push(SavedScan {
                epoch: recorded.epoch,
                seq: recorded.seq,
                label,
                meaning: Meaning::Sit,
            });
        }
        if dice.percent(50) || tricks == 0 || tricks + 1 == trial.count {
            let outcome = engine.sync(&options).expect("a sync");
            assert!(matches!(outcome, SyncOutcome::Done { .. }), "{outcome:?}");
            let sent = outcome.report().sent;
            if clock.is_off() {
                let last = saved.len() as u64;
                sent_while_off.extend(last + 1 - sent..=last);
            }
        }
        clock.play(&mut dice);
    }
    server.stop();
    let database = Database::open(&office.data());
    let held = database.held(identity.device);
    assert_eq!(history::compare(&saved, &held), []);
    assert_eq!(held.len(), saved.len());
    let flagged = database.flagged(identity.device, "clock_off");
    for seq in &sent_while_off {
        assert!(flagged.contains(seq), "{seq} was not flagged");
    }
    // Every scan was made while this test ran, whatever the phone's clocks said.
    let ended = kokoni_e2e::office::now();
    for HeldEvent {
        event, counted_us, ..
    } in &held
    {
        let counts = counted_us.expect("it was applied");
        assert!(
            (begun.as_micros()..=ended.as_micros()).contains(&counts),
            "{} counts at {counts}",
            event.seq
        );
    }
    trial.tell(&[
        ("tricks", trial.count),
        ("events", held.len() as u64),
        ("sent while off", sent_while_off.len() as u64),
        ("flagged", flagged.len() as u64),
    ]);
}
