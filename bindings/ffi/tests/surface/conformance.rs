//! The conformance scripts against a real server.

use std::path::Path;

use serde::Deserialize;
use serde_json::{Map, Value};

use crate::steps::{Step, error_name, perform};
use crate::world::{Stage, World};

/// Scripts there are; a missing one is noticed.
const SCRIPTS: usize = 16;

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Script {
    what: String,
    steps: Vec<Map<String, Value>>,
}

#[test]
fn every_conformance_script_holds() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../tests/fixtures/conformance");
    let mut files: Vec<_> = std::fs::read_dir(folder)
        .expect("the scripts")
        .map(|entry| entry.expect("an entry").path())
        .filter(|path| path.extension().is_some_and(|kind| kind == "json"))
        .collect();
    files.sort();
    assert_eq!(files.len(), SCRIPTS);
    let mut world = World::new();
    for file in files {
        let text = std::fs::read_to_string(&file).expect("readable");
        let script: Script = serde_json::from_str(&text).expect("a script");
        assert!(!script.what.is_empty());
        let name = file.file_stem().expect("a name").to_string_lossy();
        let mut stage = Stage::default();
        for (index, step) in script.steps.into_iter().enumerate() {
            let place = format!("{name}, step {}: {step:?}", index + 1);
            run(&mut world, &mut stage, step, &place);
        }
    }
}

fn run(world: &mut World, stage: &mut Stage, mut members: Map<String, Value>, place: &str) {
    let expected = members.remove("expect");
    let error = members.remove("error");
    let keep = members.remove("keep");
    let step = Step::new(members, &stage.kept);
    let outcome = perform(world, stage, &step);
    let answer = match (outcome, error) {
        (Err(found), Some(error)) => {
            assert_eq!(Value::from(error_name(&found)), error, "{place}");
            return;
        }
        (Err(found), None) => panic!("{place}: {found:?}"),
        (Ok(_), Some(error)) => panic!("{place}: succeeded, {error} was expected"),
        (Ok(answer), None) => answer,
    };
    if let Some(Value::Object(expected)) = expected {
        for (key, value) in expected {
            let found = answer.result.get(&key).unwrap_or(&Value::Null);
            assert_eq!(*found, value, "{place}: {key} in {:?}", answer.result);
        }
    }
    if let Some(name) = keep {
        let name = name.as_str().expect("a name").to_owned();
        let kept = answer
            .keep
            .unwrap_or_else(|| panic!("{place}: nothing to keep"));
        stage.kept.insert(name, kept);
    }
    assert!(step.all_used(), "{place}: {:?} is not used", step.unused());
}
