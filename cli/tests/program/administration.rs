//! `kokoni init`, `kokoni enrol` and the labels of an organisation.

use std::os::unix::fs::PermissionsExt;

use crate::env::{Env, HOST};

const ADMIN: [&str; 6] = [
    "--admin",
    "山田",
    "花子",
    "--admin-kana",
    "ヤマダ",
    "ハナコ",
];

fn init(env: &Env, more: &[&str]) -> crate::env::Said {
    let mut arguments = vec![
        "init",
        "--data",
        "server",
        "--host",
        HOST,
        "--name",
        "ここに市",
    ];
    arguments.extend(ADMIN);
    arguments.extend(more);
    env.run(&arguments)
}

#[test]
fn an_organisation_comes_with_a_code_for_its_administrator() {
    let env = Env::new();
    let made = init(&env, &["--json"]).json();
    let link = made["link"].as_str().expect("a link");
    let code = link
        .strip_prefix("https://kokoni.example.jp/enrol#")
        .expect("a link to the host");
    assert_eq!(code.len(), 26);
    assert_eq!(made["typed"].as_str().map(str::len), Some(10));
    let folder = std::fs::metadata(env.path("server")).expect("a folder");
    assert_eq!(folder.permissions().mode() & 0o777, 0o700);
}

#[test]
fn for_people_there_is_a_qr_code_and_the_next_step() {
    let said = init(&Env::new(), &["--public-url", "http://127.0.0.1:8080"]);
    assert_eq!(said.status, Some(0));
    assert!(said.out.contains('█') && said.out.contains("kokoni serve --data server"));
    assert!(
        said.out.contains("http://127.0.0.1:8080/enrol#"),
        "{said:?}"
    );
}

#[test]
fn the_same_host_cannot_be_taken_twice() {
    let env = Env::new();
    init(&env, &["--json"]).json();
    let again = init(&env, &[]);
    assert_eq!(again.status, Some(1));
    assert!(again.err.contains(HOST), "{again:?}");
}

#[test]
fn a_person_is_enrolled_by_any_form_of_their_name() {
    let env = Env::new();
    let person = init(&env, &["--json"]).json()["administrator"].clone();
    let id = person.as_str().expect("an id");
    for name in ["山田 花子", "山田花子", "やまだ", "ヤマダ ハナコ", id] {
        let made = env
            .run(&["enrol", "--data", "server", "--json", name])
            .json();
        assert_eq!(made["person"], person, "{name}");
    }
}

#[test]
fn of_several_namesakes_none_is_enrolled() {
    let env = Env::new();
    env.city_hall();
    let said = env.run(&["enrol", "--data", "server", "佐藤"]);
    assert_eq!(said.status, Some(1));
    assert!(said.out.is_empty());
    assert!(
        said.err.contains("several fit") && said.err.lines().count() > 2,
        "{said:?}"
    );
}

#[test]
fn who_is_not_there_cannot_be_enrolled() {
    let env = Env::new();
    init(&env, &["--json"]).json();
    let nobody = env.run(&["enrol", "--data", "server", "鈴木"]);
    assert_eq!(nobody.status, Some(1));
    let nowhere = env.run(&["enrol", "--data", "elsewhere", "山田"]);
    assert!(nowhere.err.contains("kokoni init"), "{nowhere:?}");
    assert!(!env.path("elsewhere").exists());
}

#[test]
fn the_labels_of_a_floor_are_printed_with_their_names() {
    let env = Env::new();
    env.city_hall();
    let sheet = |floor: &str| {
        env.run(&[
            "label", "sheet", "--data", "server", "--floor", floor, "--out", "a.pdf",
        ])
    };
    let said = sheet("3階");
    // 96 seats, 3 rooms, a locker and the 20 things in it.
    assert!(said.out.starts_with("120 labels on 7 pages"), "{said:?}");
    assert!(
        std::fs::read(env.path("a.pdf"))
            .expect("a file")
            .starts_with(b"%PDF-")
    );
    assert!(sheet("分庁舎 1階").out.starts_with("103 labels"));
    assert_eq!(sheet("9階").status, Some(1));
}
