//! Exactly once and in order, whatever happens: random sessions of a phone and a server, with lost,
//! repeated and late deliveries, restarts, ended tokens, wild clocks and a server restored from a
//! backup, compared with a list of what the phone was told is saved.

mod common;

use std::cell::Cell;
use std::time::Duration;

use common::{Fault, OTHER_SEAT, Phone, SEAT, response};
use kokoni_client::transport::TransportError;
use kokoni_client::{CallOptions, Engine, SyncOutcome};
use kokoni_model::event::{Meaning, Via};
use kokoni_model::ids::EventId;
use kokoni_trials::Trial;
use proptest::prelude::*;
use proptest::test_runner::FileFailurePersistence;

#[derive(Clone, Debug)]
enum Op {
    Record(u8),
    TakeBack(prop::sample::Index),
    Sync(Vec<Option<Trouble>>),
    Restart,
    ExpireTokens,
    Backup,
    Restore,
    Clock { jump_s: i64, reboot: bool },
}

#[derive(Clone, Copy, Debug)]
enum Trouble {
    LoseRequest,
    LoseAnswer,
    Twice,
    Late,
    Garbage,
    Portal,
    Unavailable,
    Cancel,
}

fn trouble() -> impl Strategy<Value = Option<Trouble>> {
    use Trouble::*;
    prop_oneof![
        4 => Just(None),
        6 => prop::sample::select(vec![
            LoseRequest, LoseAnswer, Twice, Late, Garbage, Portal, Unavailable, Cancel,
        ]).prop_map(Some),
    ]
}

fn op() -> impl Strategy<Value = Op> {
    prop_oneof![
        8 => (1u8..6).prop_map(Op::Record),
        2 => any::<prop::sample::Index>().prop_map(Op::TakeBack),
        8 => prop::collection::vec(trouble(), 0..5).prop_map(Op::Sync),
        2 => Just(Op::Restart),
        2 => Just(Op::ExpireTokens),
        1 => Just(Op::Backup),
        1 => Just(Op::Restore),
        2 => (-300_000_000i64..300_000_000, any::<bool>())
            .prop_map(|(jump_s, reboot)| Op::Clock { jump_s, reboot }),
    ]
}

fn fault(trouble: Trouble) -> Fault {
    match trouble {
        Trouble::LoseRequest => Fault::LoseRequest(TransportError::Unreachable),
        Trouble::LoseAnswer => Fault::LoseAnswer(TransportError::Broken),
        Trouble::Twice => Fault::Twice,
        Trouble::Late => Fault::Late,
        Trouble::Garbage => Fault::Answer(response(200, true, b"{\"answers\":[]}")),
        Trouble::Portal => Fault::Answer(response(200, false, b"<html>")),
        Trouble::Unavailable => Fault::Answer(response(503, true, b"{}")),
        Trouble::Cancel => Fault::CancelThen,
    }
}

fn sync(engine: &Engine) -> SyncOutcome {
    engine.sync(&CallOptions::default()).expect("a sync")
}

/// A session of a phone; gives how many events were saved.
fn session(ops: Vec<Op>) -> Result<u64, TestCaseError> {
    let phone = Phone::new();
    let mut engine = phone.enrolled();
    let mut saved: Vec<(EventId, u64)> = Vec::new();
    let mut backup = phone.server.snapshot();
    for op in ops {
        match op {
            Op::Record(count) => {
                for index in 0..count {
                    let label = if index % 2 == 0 { SEAT } else { OTHER_SEAT };
                    let event = engine
                        .record(label, Meaning::Sit, Via::Camera)
                        .expect("saved");
                    saved.push((event.id, event.seq));
                }
            }
            Op::TakeBack(which) => {
                if !saved.is_empty() {
                    let (id, _) = saved[which.index(saved.len())];
                    // What is a taking back itself cannot be taken back.
                    if let Ok(Some(event)) = engine.withdraw(id) {
                        saved.push((event.id, event.seq));
                    }
                }
            }
            Op::Sync(troubles) => {
                let troubles = troubles.into_iter().map(|t| t.map(fault));
                phone.server.next_faults(troubles);
                sync(&engine);
                phone.server.faults.lock().expect("unpoisoned").clear();
            }
            Op::Restart => {
                drop(engine);
                engine = phone.open();
            }
            Op::ExpireTokens => phone.server.expire_access(),
            Op::Backup => backup = phone.server.snapshot(),
            Op::Restore => phone.server.restore(backup.clone()),
            Op::Clock { jump_s, reboot } => {
                phone.clock.jump(jump_s * 1_000_000);
                phone.clock.advance(Duration::from_secs(5));
                if reboot {
                    phone.clock.reboot();
                }
            }
        }
    }
    for _ in 0..4 {
        sync(&engine);
    }
    prop_assert_eq!(engine.waiting().expect("read").len(), 0, "the queue drains");
    let numbers: Vec<u64> = saved.iter().map(|(_, seq)| *seq).collect();
    prop_assert_eq!(&numbers, &(1..=saved.len() as u64).collect::<Vec<_>>());
    let state = phone.server.snapshot();
    let applied: Vec<u64> = state.applied.iter().map(|(_, seq)| *seq).collect();
    prop_assert_eq!(&applied, &numbers, "each once, in order");
    for ((_, held), (id, _)) in state.events.iter().zip(&saved) {
        prop_assert!(held.text.contains(&id.to_string()));
    }
    prop_assert_eq!(engine.losses().expect("read").len(), 0);
    Ok(saved.len() as u64)
}

#[test]
fn every_saved_event_is_applied_exactly_once_and_in_order() {
    let trial = Trial::of(48, 1);
    let events = Cell::new(0);
    let config = ProptestConfig {
        cases: u32::try_from(trial.count).expect("not so many"),
        failure_persistence: Some(Box::new(FileFailurePersistence::WithSource("regressions"))),
        source_file: Some(file!()),
        ..ProptestConfig::default()
    };
    let held = trial
        .runner(config)
        .run(&prop::collection::vec(op(), 1..40), |ops| {
            events.set(events.get() + session(ops)?);
            Ok(())
        });
    trial.tell(&[("sessions", trial.count), ("events", events.get())]);
    held.unwrap_or_else(|broken| panic!("{broken}"));
}
