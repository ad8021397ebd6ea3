//! What the program says of itself.

use crate::env::Env;

fn help(arguments: &[&str]) -> String {
    let said = Env::new().run(arguments);
    assert_eq!(said.status, Some(0), "{said:?}");
    said.out
}

#[test]
fn the_table_of_contents() {
    insta::assert_snapshot!(help(&["--help"]));
}

#[test]
fn every_command_explains_itself() {
    for command in ["demo", "serve", "init", "enrol", "label", "read", "scan"] {
        insta::assert_snapshot!(command, help(&[command, "--help"]));
    }
}

#[test]
fn an_unknown_command_is_refused_with_advice() {
    let said = Env::new().run(&["servr"]);
    assert_eq!(said.status, Some(2));
    assert!(said.err.contains("serve"), "{said:?}");
}

#[test]
fn completions_name_the_commands() {
    let script = help(&["completions", "bash"]);
    assert!(script.contains("serve") && script.contains("enrol"));
}
