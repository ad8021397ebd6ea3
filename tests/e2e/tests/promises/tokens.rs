//! A token that ended costs one exchange and no event, in one process and in several.

use kokoni_e2e::database::Database;
use kokoni_e2e::history::{self, SavedScan};
use kokoni_e2e::http;
use kokoni_e2e::office::Office;
use kokoni_e2e::phone::Phone;
use kokoni_e2e::process::{Command, PhoneProcess, Said, ServerProcess};
use kokoni_model::event::Meaning;
use kokoni_trials::Trial;

use crate::{PHONE, SERVE};

/// Longer than any access token is good for, and shorter than a refresh token.
const LONG_S: u32 = 90 * 86_400;

/// Exchanges of refresh tokens that the server has answered.
const EXCHANGES: &str =
    "kokoni_requests_total{method=\"POST\",route=\"/api/v1/tokens/refresh\",status=\"200\"}";

#[test]
fn a_phone_whose_token_ended_long_ago_renews_it_once_and_sends_everything() {
    let trial = Trial::of(1_000, 1);
    let office = Office::new();
    let mut server = ServerProcess::start(SERVE, &office.data(), None);
    let code = office.code(&office.ours, 1).link;
    let mut phone = Phone::enrol(office.folder("phone"), &server.url(), &code);
    phone.sync_through();
    for number in 0..trial.count {
        phone.record(office.ours.seat_label(number as usize % 5), Meaning::Sit);
    }
    server.forward(i64::from(LONG_S));
    phone.clock.forward(LONG_S);
    let before = http::counted(server.address(), EXCHANGES);
    let report = phone.sync_through();
    assert_eq!((report.applied, report.waiting), (trial.count, 0));
    let exchanges = http::counted(server.address(), EXCHANGES) - before;
    assert_eq!(exchanges, 1);
    server.stop();
    let held = Database::open(&office.data()).held(phone.device());
    assert_eq!(history::compare(&phone.saved, &held), []);
    trial.tell(&[("queued", trial.count), ("exchanges", exchanges)]);
}

#[test]
fn two_processes_of_one_phone_renew_an_ended_token_once_and_lose_nothing() {
    const ROUNDS: u64 = 5;
    let trial = Trial::of(1_000, 1);
    let office = Office::new();
    let mut server = ServerProcess::start(SERVE, &office.data(), None);
    let folder = office.folder("phone");
    let mut app = PhoneProcess::start(PHONE, &folder);
    let code = office.code(&office.ours, 1).link;
    let link = format!("{}/enrol#{code}", server.url());
    assert_eq!(app.ask(&Command::Enrol { link }), Said::Enrolled);
    let mut background = PhoneProcess::start(PHONE, &folder);
    let mut saved = Vec::new();
    let before = http::counted(server.address(), EXCHANGES);
    for round in 0..ROUNDS {
        for number in 0..trial.count.div_ceil(ROUNDS) {
            let label = office.ours.seat_label((round + number) as usize % 5);
            let meaning = Meaning::Sit;
            let said = app.ask(&Command::Record {
                label,
                meaning: meaning.clone(),
            });
            let Said::Saved { epoch, seq } = said else {
                panic!("{said:?}")
            };
            saved.push(SavedScan {
                epoch,
                seq,
                label,
                meaning,
            });
        }
        server.forward(3_601);
        // Both meet the ended token in the same moment.
        app.tell(&Command::Sync);
        background.tell(&Command::Items);
        let synced = app.hear().expect("it lives");
        let asked = background.hear().expect("it lives");
        let through = Said::Synced {
            outcome: "done".into(),
            waiting: 0,
        };
        assert_eq!(synced, through);
        assert_eq!(asked, Said::Items { count: 2 });
        assert_eq!(background.ask(&Command::Sync), through);
    }
    let exchanges = http::counted(server.address(), EXCHANGES) - before;
    assert_eq!(exchanges, ROUNDS, "one for each time the token had ended");
    server.stop();
    let database = Database::open(&office.data());
    let [device] = database.devices(office.ours.made.id)[..] else {
        panic!("one phone")
    };
    assert_eq!(history::compare(&saved, &database.held(device)), []);
    trial.tell(&[
        ("queued", saved.len() as u64),
        ("processes", 2),
        ("token ended", ROUNDS),
        ("exchanges", exchanges),
    ]);
}
