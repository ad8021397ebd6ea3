//! A phone whose user does this and that, and what is found in its database afterwards.

use std::path::Path;
use std::sync::Arc;
use std::time::Duration;

use kokoni_client::ports::Transport;
use kokoni_client::{CallOptions, ClientError, Engine, EngineConfig, Ports, Recorded, SyncOutcome};
use kokoni_model::event::{Meaning, Via};
use kokoni_model::label::LabelId;
use kokoni_model::wire::enrolment::Platform;
use kokoni_model::wire::events::RejectReason;
use kokoni_trials::Dice;
use rusqlite::{Connection, OpenFlags};

use crate::common::{HOME, ITEM, OTHER_SEAT, Phone, SEAT, ServerState, UNKNOWN, invitation};

/// The database's name in the engine's folder.
pub(crate) const DATABASE: &str = "kokoni-client.db";

/// The high-water mark's.
pub(crate) const MARK: &str = "high-water";

/// A phone whose server refuses to lend the item: some records come back.
pub(crate) fn phone() -> Phone {
    let phone = Phone::new();
    let refused = (ITEM, RejectReason::AlreadyLent);
    phone
        .server
        .reject
        .lock()
        .expect("unpoisoned")
        .push(refused);
    phone
}

/// Opens the phone's engine on another folder than the usual one.
pub(crate) fn open(
    phone: &Phone,
    data: &Path,
    network: Arc<dyn Transport>,
) -> Result<Engine, ClientError> {
    Engine::open(EngineConfig {
        data: data.to_owned(),
        ports: Ports {
            transport: Some(network),
            ..phone.ports()
        },
        extra_roots: vec![],
        app_version: "test".into(),
    })
}

/// Enrols where that has not been done.
pub(crate) fn enrol_if_needed(engine: &Engine) -> Result<(), ClientError> {
    if engine.identity()?.is_none() {
        let options = CallOptions::default();
        engine.enrol(&invitation(), "試験機", Platform::Cli, &options)?;
    }
    Ok(())
}

const SCANS: [(LabelId, Meaning); 6] = [
    (SEAT, Meaning::Sit),
    (OTHER_SEAT, Meaning::Sit),
    (ITEM, Meaning::Borrow),
    (HOME, Meaning::Telework),
    (HOME, Meaning::EndTelework),
    (UNKNOWN, Meaning::Undecided),
];

/// The user, or the app for them, does one thing. What was called saved is returned.
pub(crate) fn act(
    phone: &Phone,
    engine: &Engine,
    dice: &mut Dice,
) -> Result<Option<Recorded>, ClientError> {
    phone
        .clock
        .advance(Duration::from_secs(1 + dice.below(90) as u64));
    match dice.below(100) {
        0..70 => {
            let (label, meaning) = dice.one_of(&SCANS).clone();
            engine.record(label, meaning, Via::Camera).map(Some)
        }
        70..77 => {
            let waiting = engine.waiting()?;
            let last = waiting.iter().rev().find(|record| record.label.is_some());
            match last.map(|record| engine.withdraw(record.id)) {
                // It was taken back before.
                None | Some(Err(ClientError::NoSuchRecord)) => Ok(None),
                Some(taken_back) => taken_back,
            }
        }
        77..84 => {
            let rejected = engine.rejected()?;
            let first = rejected.first().map(|rejected| rejected.record.id);
            first.map(|id| engine.resend(id)).transpose()
        }
        84..92 => {
            engine.today()?;
            engine.preview(SEAT)?;
            Ok(None)
        }
        _ => {
            engine.sync(&CallOptions::default())?;
            Ok(None)
        }
    }
}

/// An event as its row has it: the queue's epoch, number, id.
pub(crate) type Row = (String, u64, String);

/// How a record stands in its row.
pub(crate) fn row(saved: &Recorded) -> Row {
    (saved.epoch.to_string(), saved.seq, saved.id.to_string())
}

/// Every event in an engine's folder, in the order in which it was recorded.
pub(crate) fn rows(data: &Path) -> Vec<Row> {
    let flags = OpenFlags::SQLITE_OPEN_READ_WRITE | OpenFlags::SQLITE_OPEN_NO_MUTEX;
    let connection = Connection::open_with_flags(data.join(DATABASE), flags).expect("opens");
    let mut statement = connection
        .prepare(
            "SELECT queue.epoch, event.seq, event.id, event.text FROM event
             JOIN queue ON queue.number = event.queue ORDER BY event.queue, event.seq",
        )
        .expect("prepared");
    let rows = statement.query_map([], |row| {
        let text: String = row.get(3)?;
        let whole = kokoni_model::event::SealedEvent::open(&text).expect("an event's bytes");
        let found: Row = (row.get(0)?, row.get(1)?, row.get(2)?);
        assert_eq!(whole.event().id.to_string(), found.2);
        Ok(found)
    });
    rows.expect("read").map(|row| row.expect("a row")).collect()
}

/// Whether something was set aside as damaged.
pub(crate) fn anything_set_aside(data: &Path) -> bool {
    let entries = std::fs::read_dir(data).expect("a folder");
    entries
        .map(|entry| entry.expect("an entry").file_name())
        .any(|name| name.to_string_lossy().starts_with("damaged"))
}

/// Syncs until nothing waits and checks that the server then holds everything that was called
/// saved, under the ids it was told, each applied once and in order.
pub(crate) fn settle(phone: &Phone, engine: &Engine, saved: &[Recorded]) {
    let outcome = engine.sync(&CallOptions::default()).expect("a sync");
    assert!(
        matches!(outcome, SyncOutcome::Done { report } if report.waiting == 0),
        "{outcome:?}"
    );
    let state = phone.server.snapshot();
    for record in saved {
        let held = state.events.get(&(record.epoch.to_string(), record.seq));
        let held = held.unwrap_or_else(|| panic!("{record:?} never reached the server"));
        assert!(
            held.text.contains(&record.id.to_string()),
            "{record:?}: the server holds another event of that number"
        );
    }
    assert_in_order(&state);
}

fn assert_in_order(state: &ServerState) {
    let epochs = || state.applied.iter().map(|(epoch, _)| epoch);
    for epoch in epochs() {
        let of_epoch = state.applied.iter().filter(|(other, _)| other == epoch);
        let numbers: Vec<u64> = of_epoch.map(|(_, seq)| *seq).collect();
        assert!(
            numbers.windows(2).all(|pair| pair[0] < pair[1]),
            "applied twice or out of order: {numbers:?}"
        );
    }
}
