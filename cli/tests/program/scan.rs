//! `kokoni scan` against a server in a process of its own.

use kokoni_model::ids::OrganisationId;
use kokoni_model::label::LabelId;
use kokoni_server::ports::{Clock, SystemClock, SystemRandomness};
use kokoni_server::setup::labels;
use kokoni_server::store::Store;
use serde_json::Value;

use crate::env::{Env, Said, text};

/// The label of what has this name.
fn label_of(env: &Env, made: &Value, name: &str) -> LabelId {
    let organisation: OrganisationId = made["organisation"]
        .as_str()
        .and_then(|id| id.parse().ok())
        .expect("an id");
    let (now, mut random) = (SystemClock.now(), SystemRandomness::new());
    let store = Store::open(&env.path("server"), now, &mut random).expect("a store");
    let listed = labels(&store, organisation).expect("labels");
    listed
        .into_iter()
        .find(|label| label.name == name)
        .expect("the label")
        .label
}

fn scan(env: &Env, url: &str, file: &str, more: &[&str]) -> Said {
    let mut arguments = vec!["scan", "--data", "phone", "--server", url, "--json", file];
    arguments.extend(more);
    env.run(&arguments)
}

#[test]
fn a_scan_goes_from_the_picture_to_the_server() {
    let env = Env::new();
    let made = env.city_hall();
    let seat = env.picture("seat.png", &label_of(&env, &made, "A-12"));
    let serving = env.serve("127.0.0.1:0");
    let code = made["typed"].as_str().expect("a code");
    let said = scan(&env, &serving.url, text(&seat), &["--code", code]).json();
    assert_eq!(said["meaning"], "sit");
    assert_eq!(said["saved"]["seq"], 1);
    assert_eq!(said["sync"]["outcome"], "done");
    assert_eq!(said["sync"]["report"]["applied"], 1);
    assert!(
        said["words_ja"]
            .as_str()
            .is_some_and(|words| words.contains("A-12")),
        "{said}"
    );
    // The same seat again at once changes nothing.
    let again = scan(&env, &serving.url, text(&seat), &[]);
    assert_eq!(again.status, Some(1));
    assert!(again.json_lines()[0]["saved"].is_null());
}

#[test]
fn without_a_network_it_is_saved_and_sent_the_next_time() {
    let env = Env::new();
    let made = env.city_hall();
    let seat = env.picture("seat.png", &label_of(&env, &made, "A-12"));
    let item = env.picture("item.png", &label_of(&env, &made, "電源タップ 01"));
    let serving = env.serve("127.0.0.1:0");
    let (url, address) = (serving.url.clone(), serving.address().to_string());
    let link = format!("{url}/enrol#{}", code_of(&made));
    assert_eq!(
        scan(&env, &url, text(&seat), &["--code", &link]).status,
        Some(0)
    );
    assert!(serving.terminate().success());
    let offline = scan(&env, &url, text(&item), &[]).json();
    assert_eq!(offline["saved"]["seq"], 2);
    assert_eq!(offline["sync"]["outcome"], "offline");
    let _serving = env.serve(&address);
    // The item is lent to this person by now: bringing it back needs a tap.
    let back = scan(&env, &url, text(&item), &[]);
    assert_eq!(back.status, Some(1));
    let back = scan(&env, &url, text(&item), &["--yes"]).json();
    assert_eq!(back["meaning"], "return");
    assert_eq!(back["saved"]["seq"], 3);
    assert_eq!(back["sync"]["report"]["waiting"], 0);
}

fn code_of(made: &Value) -> &str {
    let link = made["link"].as_str().expect("a link");
    link.split_once('#').expect("a code").1
}

#[test]
fn what_the_server_refuses_is_told() {
    let env = Env::new();
    let made = env.city_hall();
    let seat = env.picture("seat.png", &label_of(&env, &made, "A-12"));
    let serving = env.serve("127.0.0.1:0");
    let arguments = ["--code", code_of(&made), "--meaning", "borrow"];
    let said = scan(&env, &serving.url, text(&seat), &arguments);
    assert_eq!(said.status, Some(1));
    let line = &said.json_lines()[0];
    assert_eq!(line["saved"]["seq"], 1);
    assert!(line["rejected"].is_string(), "{line}");
}

#[test]
fn each_thing_that_is_missing_is_named() {
    let env = Env::new();
    let made = env.city_hall();
    let serving = env.serve("127.0.0.1:0");
    let refused = |more: &[&str], url: &str| {
        let said = scan(&env, url, "nothing.png", more);
        assert_eq!(said.status, Some(1), "{said:?}");
        said.err
    };
    assert!(refused(&[], &serving.url).contains("kokoni enrol"));
    assert!(refused(&["--code", "0000000000"], &serving.url).contains("code"));
    assert!(refused(&[], "http://kokoni.example.jp").contains("https://"));
    assert!(refused(&["--code", code_of(&made)], &serving.url).contains("nothing.png"));
}
