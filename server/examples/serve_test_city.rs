//! A server with a small city hall in it, for the tests of the pages: `serve_test_city FOLDER`
//! listens on a free loopback port, prints its address and then, as one line of JSON behind `city `,
//! what a test needs to know: floors, labels, and codes to sign in with. It ends with SIGTERM.

use std::net::SocketAddr;
use std::process::ExitCode;

use kokoni_model::calendar::{Calendar, PersonCalendar, ReminderPolicy};
use kokoni_model::label::Host;
use kokoni_model::wire::directory::PlaceKind;
use kokoni_server::auth::Role;
use kokoni_server::organisation::Policies;
use kokoni_server::ports::{Clock, SystemClock, SystemRandomness};
use kokoni_server::setup::{
    self, CreatedOrganisation, NewFloor, NewLocker, NewOrganisation, NewPerson, NewPlace,
    NewSection, NewSite,
};
use kokoni_server::store::Store;
use kokoni_server::{Config, Server};
use serde_json::{Value, json};

/// Codes for each of the people who sign in.
const CODES: usize = 12;

/// Seats of each zone of a floor, in two rows.
const SEATS_A_ZONE: usize = 28;

const ZONES: [&str; 3] = ["A 北側", "B 中央", "C 窓側"];

/// Family and given name, their kana, the position of the section.
const PEOPLE: [(&str, &str, &str, &str, usize); 8] = [
    ("山田", "花子", "ヤマダ", "ハナコ", 0),
    ("佐藤", "健", "サトウ", "ケン", 1),
    ("髙橋", "直樹", "タカハシ", "ナオキ", 2),
    ("渡邉", "明", "ワタナベ", "アキラ", 0),
    ("勅使河原", "葵", "テシガワラ", "アオイ", 1),
    ("鈴木", "由美", "スズキ", "ユミ", 2),
    ("長谷川", "誠", "ハセガワ", "マコト", 0),
    ("管理", "太郎", "カンリ", "タロウ", 1),
];

#[expect(clippy::print_stdout, reason = "the tests read what it prints")]
fn main() -> ExitCode {
    let Some(folder) = std::env::args().nth(1) else {
        println!("usage: serve_test_city FOLDER");
        return ExitCode::from(2);
    };
    let runtime = match tokio::runtime::Runtime::new() {
        Ok(runtime) => runtime,
        Err(error) => {
            println!("no runtime: {error}");
            return ExitCode::FAILURE;
        }
    };
    match runtime.block_on(serve(&folder)) {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            println!("{error}");
            ExitCode::FAILURE
        }
    }
}

#[expect(clippy::print_stdout, reason = "the tests read what it prints")]
async fn serve(folder: &str) -> Result<(), Box<dyn std::error::Error>> {
    let config = Config::new(folder, SocketAddr::from(([127, 0, 0, 1], 0)));
    let server = Server::bind(config).await?;
    let (store, address) = (server.app().store.clone(), server.local_addr());
    let made = tokio::task::spawn_blocking(move || make(&store).map_err(|error| error.to_string()));
    let city = made.await??;
    println!("http://{address}/");
    println!("city {city}");
    server.run(asked_to_end()).await?;
    Ok(())
}

async fn asked_to_end() {
    use tokio::signal::unix::{SignalKind, signal};
    match signal(SignalKind::terminate()) {
        Ok(mut terminate) => {
            terminate.recv().await;
        }
        Err(_) => std::future::pending().await,
    }
}

fn make(store: &Store) -> Result<Value, Box<dyn std::error::Error + Send + Sync>> {
    let (clock, mut random) = (SystemClock, SystemRandomness::new());
    let here = setup::create_organisation(
        store,
        &organisation("港町市役所", Host::new("kokoni.example.jp")?),
        clock.now(),
        &mut random,
    )?;
    let there = setup::create_organisation(
        store,
        &organisation("隣町役場", Host::new("tonari.example.jp")?),
        clock.now(),
        &mut random,
    )?;
    let mut people = Vec::new();
    for (person, (family, given, kana, ..)) in here.people.iter().zip(PEOPLE) {
        let mut links = Vec::new();
        let mut typed = String::new();
        for _ in 0..CODES {
            let code = setup::enrolment_code(store, here.id, person.id, clock.now(), &mut random)?;
            links.push(code.link);
            typed = code.typed;
        }
        people.push(json!({
            "id": person.id, "name": format!("{family} {given}"), "kana": kana,
            "home": person.home_label.to_string(), "links": links, "typed": typed,
        }));
    }
    Ok(json!({
        "people": people,
        "floors": floors(&here),
        "exit": here.sites[0].exit_label.to_string(),
        "blank": here.blank_labels[0].to_string(),
        "foreign": there.sites[0].floors[0].places[0].label.to_string(),
        "locker": here.sites[0].floors[0].lockers[0].label.to_string(),
        "item": here.sites[0].floors[0].lockers[0].items[0].label.to_string(),
    }))
}

fn floors(organisation: &CreatedOrganisation) -> Vec<Value> {
    let floors = organisation.sites.iter().flat_map(|site| &site.floors);
    floors
        .map(|floor| {
            let places: Vec<Value> = floor
                .places
                .iter()
                .zip(places())
                .map(|(place, new)| {
                    json!({"id": place.id, "label": place.label.to_string(), "name": new.name})
                })
                .collect();
            json!({"id": floor.id, "places": places})
        })
        .collect()
}

fn organisation(name: &str, label_host: Host) -> NewOrganisation {
    let section = |name: &str| NewSection {
        name: name.to_owned(),
        parent: None,
    };
    let floor = |level: i16| NewFloor {
        name: format!("{level}階"),
        name_en: format!("{level}F"),
        level,
        plan_svg: Some(plan()),
        zones: ZONES.map(str::to_owned).to_vec(),
        places: places(),
        lockers: (1..=2)
            .map(|locker| NewLocker {
                name: format!("{level}階 ロッカー{locker}"),
                items: (1..=5)
                    .map(|item| format!("会議用スピーカー {level}{locker}{item}"))
                    .collect(),
            })
            .collect(),
    };
    let person =
        |(number, (family, given, kana_family, kana_given, section)): (usize, _)| NewPerson {
            family: str::to_owned(family),
            given: str::to_owned(given),
            kana_family: str::to_owned(kana_family),
            kana_given: str::to_owned(kana_given),
            alias: None,
            section,
            extension: Some(format!("21{number:02}")),
            role: match number + 1 == PEOPLE.len() {
                true => Role::Administrator,
                false => Role::Staff,
            },
            calendar: PersonCalendar::default(),
        };
    NewOrganisation {
        name: name.to_owned(),
        label_host,
        policies: Policies {
            loan_days: Some(7),
            ..Policies::default()
        },
        calendar: Calendar::default(),
        reminders: ReminderPolicy::default(),
        sections: vec![section("企画課"), section("市民課"), section("税務課")],
        sites: vec![
            NewSite {
                name: "本庁舎".to_owned(),
                floors: (1..=2).map(floor).collect(),
            },
            NewSite {
                name: "東支所".to_owned(),
                floors: vec![floor(1)],
            },
        ],
        people: PEOPLE.into_iter().enumerate().map(person).collect(),
        blank_labels: 1,
    }
}

/// Three zones of four rows of seven seats, and two rooms.
fn places() -> Vec<NewPlace> {
    let seats = (0..ZONES.len()).flat_map(|zone| {
        (0..SEATS_A_ZONE).map(move |number| {
            let (island, row, column) = (number / 14, number / 7 % 2, number % 7);
            NewPlace {
                name: format!("{}-{:02}", &ZONES[zone][..1], number + 1),
                kind: PlaceKind::Seat,
                zone: Some(zone),
                x: (90 + island * 560 + column * 64) as f32,
                y: (110 + zone * 215 + row * 80) as f32,
            }
        })
    });
    let room = |number: usize| NewPlace {
        name: format!("会議室{number}"),
        kind: PlaceKind::Room,
        zone: None,
        x: (number * 350 - 160) as f32,
        y: 745.0,
    };
    seats.chain((1..=2).map(room)).collect()
}

fn plan() -> String {
    let islands: String = (0..6)
        .map(|island| {
            let (x, y) = (50 + island % 2 * 560, 62 + island / 2 * 215);
            format!("<rect x=\"{x}\" y=\"{y}\" width=\"464\" height=\"180\" rx=\"10\"/>")
        })
        .collect();
    format!(
        "<svg xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"0 0 1160 820\">\
         <rect x=\"8\" y=\"8\" width=\"1144\" height=\"804\" fill=\"#fdfcf8\" stroke=\"#9a9484\" \
         stroke-width=\"5\"/><g fill=\"#f1ecdf\">{islands}</g>\
         <path d=\"M8 690h712v122M365 690v122\" fill=\"none\" stroke=\"#9a9484\" stroke-width=\"4\"/>\
         <text x=\"890\" y=\"760\" font-size=\"24\" fill=\"#5f5a4d\" font-family=\"sans-serif\">\
         エレベーター</text></svg>"
    )
}
