//! Exactly once and in order, whatever happens: random sessions of a phone and a server, with lost,
//! repeated and late deliveries, restarts, ended tokens, wild clocks and a server restored from a
//! backup, compared with a list of what the phone was told is saved.

mod common;

use std::time::Duration;

use common::{Fault, OTHER_SEAT, Phone, SEAT, response};
use kokoni_client::transport::TransportError;
use kokoni_client::{CallOptions, Engine, SyncOutcome};
use kokoni_model::event::{Meaning, Via};
use kokoni_model::ids::EventId;
use proptest::prelude::*;

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

proptest! {
    #![proptest_config(ProptestConfig {
        cases: 32,
        failure_persistence: Some(Box::new(proptest::test_runner::FileFailurePersistence::WithSource("regressions"))),
        ..ProptestConfig::default()
    })]

    #[test]
    fn every_saved_event_is_applied_exactly_once_and_in_order(
        ops in prop::collection::vec(op(), 1..40),
    ) {
        let phone = Phone::new();
        let mut engine = phone.enrolled();
        let mut saved: Vec<(EventId, u64)> = Vec::new();
        let mut backup = phone.server.snapshot();
        for op in ops {
            match op {
                Op::Record(count) => for index in 0..count {
                    let label = if index % 2 == 0 { SEAT } else { OTHER_SEAT };
                    let event = engine.record(label, Meaning::Sit, Via::Camera).expect("saved");
                    saved.push((event.id, event.seq));
                },
                Op::TakeBack(which) => if !saved.is_empty() {
                    let (id, _) = saved[which.index(saved.len())];
                    // What is a taking back itself cannot be taken back.
                    if let Ok(Some(event)) = engine.withdraw(id) {
                        saved.push((event.id, event.seq));
                    }
                },
                Op::Sync(troubles) => {
                    phone.server.next_faults(troubles.into_iter().map(|t| t.map(fault)));
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
    }
}
