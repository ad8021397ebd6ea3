//! `kokoni demo --check`, small.

use crate::env::Env;

#[test]
fn a_small_morning_passes_its_check() {
    let said = Env::new()
        .run(&["demo", "--check", "--phones", "16", "--seed", "3", "--json"])
        .json();
    for zero in [
        "lost",
        "doubled",
        "out_of_order",
        "changed",
        "invented",
        "misread",
    ] {
        assert_eq!(said[zero], 0, "{said}");
    }
    for some in [
        "applied",
        "duplicates_ignored",
        "phones_killed",
        "syncs_cut_off",
        "frames_read",
    ] {
        assert!(
            said[some].as_u64().is_some_and(|count| count > 0),
            "{some} {said}"
        );
    }
    assert_eq!(said["failures"].as_array().map(Vec::len), Some(0));
}

#[test]
fn a_morning_in_which_not_everything_occurs_fails() {
    let said = Env::new().run(&["demo", "--check", "--phones", "1", "--json"]);
    assert_eq!(said.status, Some(1));
    let failures = said.json_lines()[0]["failures"].to_string();
    assert!(failures.contains("no scan meant telework"), "{failures}");
}

#[test]
fn a_folder_that_is_in_use_is_left_alone() {
    let env = Env::new();
    env.city_hall();
    std::fs::create_dir(env.path("kept")).expect("a folder");
    std::fs::rename(env.path("server"), env.path("kept/server")).expect("moved");
    let said = env.run(&["demo", "--check", "--data", "kept"]);
    assert_eq!(said.status, Some(1));
    assert!(
        said.err.contains("kokoni serve --data kept/server"),
        "{said:?}"
    );
}
