//! The queue always drains: phones behind networks that part in every way, and heal at any moment.

use std::net::SocketAddr;
use std::time::{Duration, Instant};

use kokoni_client::{Backoff, CallOptions, Pace, SyncOutcome};
use kokoni_e2e::database::Database;
use kokoni_e2e::history;
use kokoni_e2e::office::{Office, PEOPLE, SEATS};
use kokoni_e2e::phone::Phone;
use kokoni_e2e::process::ServerProcess;
use kokoni_e2e::proxy::{Fault, FaultProxy};
use kokoni_model::event::Meaning;
use kokoni_model::label::LabelId;
use kokoni_trials::{Dice, Trial};

use crate::SERVE;

/// No queue may take longer than this, by its engine's time, to be empty once the network is whole.
const EMPTY_WITHIN: Duration = Duration::from_secs(60);

/// A sync into a broken network is not waited for longer.
const PATIENCE: Duration = Duration::from_millis(300);

/// A phone with a network of its own.
struct Line {
    phone: Phone,
    network: FaultProxy,
    seats: Vec<LabelId>,
    dice: Dice,
}

/// What became of the partitions of one phone.
#[derive(Default)]
struct Endured {
    partitions: u64,
    syncs_cut: u64,
    slowest: Duration,
}

impl Line {
    fn begin(office: &Office, server: SocketAddr, number: usize, seed: u64) -> Self {
        let network = FaultProxy::start(server);
        let code = office.code(&office.ours, number % PEOPLE).link;
        let folder = office.folder(&format!("phone-{number}"));
        let phone = Phone::enrol(folder, &network.url(), &code);
        phone.sync_through();
        Self {
            phone,
            network,
            seats: (0..SEATS)
                .map(|seat| office.ours.seat_label(seat))
                .collect(),
            dice: Dice::new(seed),
        }
    }

    /// One partition: it comes while the phone records and syncs, and heals at any moment of the
    /// wait after the last try. The waits are those of the engine's own back-off, not slept through
    /// but counted.
    fn endure(&mut self, fault: Fault, endured: &mut Endured) {
        let mut backoff = Backoff::new();
        let mut wait = Duration::ZERO;
        self.network.set(fault);
        for _ in 0..=self.dice.below(3) {
            for _ in 0..=self.dice.below(4) {
                let seat = *self.dice.one_of(&self.seats);
                self.phone.record(seat, Meaning::Sit);
            }
            let outcome = self
                .phone
                .engine
                .sync(&CallOptions::within(PATIENCE))
                .expect("no trouble on the phone itself");
            let retry_after = match outcome {
                SyncOutcome::Done { .. } => None,
                SyncOutcome::Offline { retry_after, .. } => {
                    endured.syncs_cut += 1;
                    retry_after
                }
                SyncOutcome::DeadlineReached { .. } => {
                    endured.syncs_cut += 1;
                    None
                }
                other => panic!("{fault:?}: {other:?}"),
            };
            wait = backoff.failed(Pace::Foreground, self.dice.roll(), retry_after);
        }
        self.network.set(Fault::None);
        let left = wait.mul_f64(self.dice.below(1_001) as f64 / 1_000.0);
        let healed = self.empty(left, backoff);
        assert!(
            healed <= EMPTY_WITHIN,
            "{fault:?}: empty only {healed:?} after the network was whole"
        );
        endured.partitions += 1;
        endured.slowest = endured.slowest.max(healed);
    }

    /// Syncs as the engine would until nothing waits; gives how long that took by its time, which is
    /// the time that syncs took and the waits between them.
    fn empty(&mut self, first_wait: Duration, mut backoff: Backoff) -> Duration {
        let mut time = first_wait;
        loop {
            let begun = Instant::now();
            let outcome = self.phone.sync();
            time += begun.elapsed();
            let retry_after = match outcome {
                SyncOutcome::Done { report } if report.waiting == 0 => return time,
                SyncOutcome::Done { .. } => None,
                SyncOutcome::Offline { retry_after, .. } => retry_after,
                other => panic!("{other:?}"),
            };
            time += backoff.failed(Pace::Foreground, self.dice.roll(), retry_after);
            assert!(time <= EMPTY_WITHIN * 2, "it does not drain");
        }
    }
}

#[test]
fn every_queue_is_empty_within_a_minute_of_the_end_of_a_partition_of_any_kind() {
    let trial = Trial::of(100, 1);
    let mut dice = trial.dice();
    let engines = usize::try_from(trial.count / 12)
        .expect("not so many")
        .clamp(8, 64);
    let office = Office::new();
    let server = ServerProcess::start(SERVE, &office.data(), None);
    let lines: Vec<Line> = (0..engines)
        .map(|number| Line::begin(&office, server.address(), number, dice.roll()))
        .collect();
    let each = usize::try_from(trial.count)
        .expect("not so many")
        .div_ceil(engines);
    let threads: Vec<_> = lines
        .into_iter()
        .enumerate()
        .map(|(number, mut line)| {
            std::thread::spawn(move || {
                let mut endured = Endured::default();
                for round in 0..each {
                    // Every kind as often as any other.
                    let fault = Fault::EVERY[(number * each + round) % Fault::EVERY.len()];
                    line.endure(fault, &mut endured);
                }
                (line.phone, endured)
            })
        })
        .collect();
    let (mut phones, mut all) = (Vec::new(), Endured::default());
    for thread in threads {
        let (phone, endured) = thread.join().expect("every queue drained");
        phones.push(phone);
        all.partitions += endured.partitions;
        all.syncs_cut += endured.syncs_cut;
        all.slowest = all.slowest.max(endured.slowest);
    }
    server.stop();
    let database = Database::open(&office.data());
    let mut events = 0;
    for phone in &phones {
        let held = database.held(phone.device());
        assert_eq!(history::compare(&phone.saved, &held), []);
        assert_eq!(held.len(), phone.saved.len());
        events += held.len() as u64;
    }
    trial.tell(&[
        ("partitions", all.partitions),
        ("engines", engines as u64),
        ("syncs cut off", all.syncs_cut),
        ("events", events),
        ("slowest engine ms", all.slowest.as_millis() as u64),
    ]);
    assert!(all.syncs_cut * 2 > all.partitions, "the network did part");
}
