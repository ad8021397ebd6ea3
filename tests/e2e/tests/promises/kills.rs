//! Scans survive `kill -9` of the server and of the phone, between any two steps and at any moment.

use std::time::Duration;

use kokoni_camera::Random;
use kokoni_e2e::database::Database;
use kokoni_e2e::history::{self, SavedScan};
use kokoni_e2e::office::{Office, Tenant};
use kokoni_e2e::process::{Command, PhoneProcess, Said, ServerProcess};
use kokoni_e2e::proxy::FaultProxy;
use kokoni_model::event::Meaning;
use kokoni_model::label::LabelId;

use crate::{PHONE, SERVE};

/// Syncs after the last kill until nothing waits; a handful is enough, more means it never ends.
const MOST_SYNCS: usize = 10;

/// A phone and a server as processes, and what the phone was heard to call saved.
struct Session {
    office: Office,
    server: Option<ServerProcess>,
    phone: Option<PhoneProcess>,
    network: FaultProxy,
    saved: Vec<SavedScan>,
    kills: usize,
}

impl Session {
    fn begin() -> Self {
        let office = Office::new();
        let server = ServerProcess::start(SERVE, &office.data(), None);
        let network = FaultProxy::start(server.address());
        let phone = PhoneProcess::start(PHONE, &office.folder("phone"));
        Self {
            office,
            server: Some(server),
            phone: Some(phone),
            network,
            saved: Vec::new(),
            kills: 0,
        }
    }

    fn enrol(&self) -> Command {
        let code = self.office.code(&self.office.ours, 1).link;
        Command::Enrol {
            link: format!("{}/enrol#{code}", self.network.url()),
        }
    }

    fn kill_server(&mut self) {
        self.server.take().expect("running").kill();
        let server = ServerProcess::start(SERVE, &self.office.data(), None);
        self.network.lead_to(server.address());
        self.server = Some(server);
        self.kills += 1;
    }

    /// Kills the phone; what it said last still counts.
    fn kill_phone(&mut self, doing: Option<&Command>) {
        let last = self.phone.take().expect("running").kill();
        if let (Some(said), Some(command)) = (last, doing) {
            self.note(command, &said);
        }
        let phone = PhoneProcess::start(PHONE, &self.office.folder("phone"));
        self.phone = Some(phone);
        self.kills += 1;
    }

    fn phone(&mut self) -> &mut PhoneProcess {
        self.phone.as_mut().expect("running")
    }

    fn ask(&mut self, command: &Command) -> Said {
        let said = self.phone().ask(command);
        self.note(command, &said);
        said
    }

    fn note(&mut self, command: &Command, said: &Said) {
        match (command, said) {
            (Command::Record { label, meaning }, Said::Saved { epoch, seq }) => {
                self.saved.push(SavedScan {
                    epoch: *epoch,
                    seq: *seq,
                    label: *label,
                    meaning: meaning.clone(),
                });
            }
            (_, Said::Failed { why }) => panic!("{command:?}: {why}"),
            _ => {}
        }
    }

    /// Syncs until nothing waits, then compares what was called saved with what the server holds.
    fn settle(mut self) {
        let drained = (0..MOST_SYNCS).any(|_| {
            let said = self.ask(&Command::Sync);
            matches!(said, Said::Synced { ref outcome, waiting: 0 } if outcome == "done")
        });
        assert!(drained, "the queue did not drain in {MOST_SYNCS} syncs");
        self.server.take().expect("running").stop();
        let database = Database::open(&self.office.data());
        let devices = database.devices(self.office.ours.made.id);
        let [device] = devices[..] else {
            panic!("one phone, {} devices", devices.len())
        };
        let held = database.held(device);
        assert_eq!(history::compare(&self.saved, &held), []);
        assert!(held.len() >= self.saved.len());
    }
}

fn scan(label: LabelId, meaning: Meaning) -> Command {
    Command::Record { label, meaning }
}

/// A working day, with several scans before one sync and none before another.
fn day(tenant: &Tenant) -> Vec<Command> {
    vec![
        Command::Sync,
        scan(tenant.seat_label(0), Meaning::Sit),
        scan(tenant.item_label(0), Meaning::Borrow),
        Command::Sync,
        scan(tenant.exit_label(), Meaning::Leave),
        scan(tenant.home_label(1), Meaning::Telework),
        Command::Sync,
        Command::Sync,
        scan(tenant.home_label(1), Meaning::EndTelework),
        scan(tenant.seat_label(1), Meaning::Sit),
        scan(tenant.item_label(0), Meaning::Return),
        Command::Sync,
    ]
}

fn after_each_step(kill: impl Fn(&mut Session)) {
    let mut session = Session::begin();
    kill(&mut session);
    let enrol = session.enrol();
    assert_eq!(session.ask(&enrol), Said::Enrolled);
    kill(&mut session);
    let steps = day(&session.office.ours);
    for step in &steps {
        let said = session.ask(step);
        assert!(
            matches!(said, Said::Saved { .. } | Said::Synced { .. }),
            "{said:?}"
        );
        kill(&mut session);
    }
    assert!(session.kills >= steps.len() + 2);
    assert_eq!(session.saved.len(), 7);
    session.settle();
}

#[test]
fn scans_survive_a_kill_of_the_phone_between_any_two_steps() {
    after_each_step(|session| session.kill_phone(None));
}

#[test]
fn scans_survive_a_kill_of_the_server_between_any_two_steps() {
    after_each_step(Session::kill_server);
}

#[test]
fn scans_survive_a_kill_of_both_between_any_two_steps() {
    after_each_step(|session| {
        session.kill_phone(None);
        session.kill_server();
    });
}

#[test]
fn scans_survive_kills_in_the_middle_of_a_step() {
    const STEPS: usize = 60;
    let mut session = Session::begin();
    let enrol = session.enrol();
    assert_eq!(session.ask(&enrol), Said::Enrolled);
    let mut random = Random::new(20_261_122);
    for number in 0..STEPS {
        let step = if random.chance(0.4) {
            Command::Sync
        } else {
            scan(session.office.ours.seat_label(number % 5), Meaning::Sit)
        };
        if random.chance(0.5) {
            session.ask(&step);
            continue;
        }
        session.phone().tell(&step);
        // The moment of the kill, not a wait for anything: most steps are still under way then.
        std::thread::sleep(Duration::from_micros(random.below(12_000) as u64));
        if random.chance(0.6) {
            session.kill_phone(Some(&step));
        } else {
            session.kill_server();
            let said = session.phone().hear().expect("the phone lives");
            session.note(&step, &said);
        }
    }
    assert!(session.kills > STEPS / 4, "{} kills", session.kills);
    assert!(
        session.saved.len() > STEPS / 4,
        "{} saved",
        session.saved.len()
    );
    session.settle();
}
