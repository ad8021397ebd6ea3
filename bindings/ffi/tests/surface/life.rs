//! Opening, configuring, and ending.

use std::collections::HashMap;
use std::sync::Arc;

use kokoni_ffi::testing::testing_calls_running;
use kokoni_ffi::{
    CancelHandle, InputProblem, Kokoni, KokoniError, Language, Route, SyncEnd, erase_all,
};

use crate::shell::{MemorySecrets, cancellable, config, limits, open};

fn managed(values: &[(&str, &str)]) -> HashMap<String, String> {
    let values = values.iter();
    values
        .map(|(key, value)| ((*key).to_owned(), (*value).to_owned()))
        .collect()
}

#[test]
fn before_enrolment_there_is_little_to_see_and_nothing_panics() {
    let folder = tempfile::tempdir().expect("a folder");
    let kokoni = open(folder.path(), &Arc::default()).expect("opens");
    assert_eq!(kokoni.enrolment().map(|found| found.is_none()), Ok(true));
    assert_eq!(kokoni.chip().err(), Some(KokoniError::NotEnrolled));
    assert_eq!(kokoni.today().err(), Some(KokoniError::NotEnrolled));
    assert_eq!(kokoni.reminders().err(), Some(KokoniError::NotEnrolled));
    let synced = kokoni.sync(limits());
    assert_eq!(synced.err(), Some(KokoniError::NotEnrolled));
    assert_eq!(kokoni.floors().map(|floors| floors.len()), Ok(0));
    assert_eq!(kokoni.people("山".into()).map(|found| found.len()), Ok(0));
    let diagnostics = kokoni.diagnostics().expect("told");
    assert!(diagnostics.starts_with('{'));
    let route = kokoni.route_link("https://k.example.jp/enrol#0123456789".into());
    assert!(matches!(route, Ok(Route::Enrol { .. })));
}

#[test]
fn the_language_can_change_while_it_runs() {
    let folder = tempfile::tempdir().expect("a folder");
    let kokoni = open(folder.path(), &Arc::default()).expect("opens");
    let text = || kokoni.status().expect("told").text;
    assert_eq!(kokoni.language(), Language::Japanese);
    assert_eq!(text(), "まだ送信していません");
    kokoni.set_language(Language::English);
    assert_eq!(text(), "Nothing sent yet");
    assert_eq!(
        kokoni.typed_code("00u".into()).problem.map(|p| p.len() > 3),
        Some(true)
    );
}

#[test]
fn a_managed_configuration_is_taken_when_opened_and_when_it_changes() {
    let folder = tempfile::tempdir().expect("a folder");
    let mut config = config(folder.path());
    config.managed = managed(&[("language", "en")]);
    let secrets: Arc<MemorySecrets> = Arc::default();
    let kokoni = Kokoni::open(config, secrets).expect("opens");
    assert_eq!(kokoni.language(), Language::English);
    let enrolled = kokoni.enrol_managed(limits());
    let problem = InputProblem::NotManaged;
    assert_eq!(enrolled.err(), Some(KokoniError::Input { problem }));
    let given = kokoni
        .configure(managed(&[
            ("server_url", "http://127.0.0.1:9"),
            ("enrolment_code", "ABCDE12345"),
        ]))
        .expect("taken");
    assert!(given.can_enrol && !given.restart_needed);
    assert!(given.feedback.iter().all(|said| !said.problem));
    let offline = kokoni.enrol_managed(limits()).err();
    assert!(
        matches!(offline, Some(KokoniError::Offline { .. })),
        "{offline:?}"
    );
    let withdrawn = kokoni
        .configure(managed(&[
            ("language", "fr"),
            (
                "root_certificates",
                "-----BEGIN CERTIFICATE-----AA-----END CERTIFICATE-----",
            ),
        ]))
        .expect("taken");
    assert!(!withdrawn.can_enrol && withdrawn.restart_needed);
    let problems = withdrawn.feedback.iter().filter(|said| said.problem);
    assert_eq!(
        problems.map(|said| &*said.key).collect::<Vec<_>>(),
        ["language"]
    );
}

#[test]
fn a_certificate_that_cannot_be_read_is_an_error_on_opening() {
    let folder = tempfile::tempdir().expect("a folder");
    let mut config = config(folder.path());
    let nonsense = "-----BEGIN CERTIFICATE-----\n!\n-----END CERTIFICATE-----";
    config.managed = managed(&[("root_certificates", nonsense)]);
    let secrets: Arc<MemorySecrets> = Arc::default();
    let problem = InputProblem::RootCertificate;
    let opened = Kokoni::open(config, secrets);
    assert_eq!(opened.err(), Some(KokoniError::Input { problem }));
}

#[test]
fn a_call_that_was_cancelled_before_it_began_ends_at_once() {
    let folder = tempfile::tempdir().expect("a folder");
    let kokoni = open(folder.path(), &Arc::default()).expect("opens");
    let cancel = CancelHandle::new();
    cancel.cancel();
    assert!(cancel.is_cancelled());
    let server = "http://127.0.0.1:9".to_owned();
    let ended = kokoni.enrol_typed(server, "ABCDE12345".into(), cancellable(&cancel));
    assert_eq!(ended.err(), Some(KokoniError::Cancelled));
    assert!(testing_calls_running() >= 0);
    // The object is as good as new.
    assert_eq!(kokoni.sync(limits()).err(), Some(KokoniError::NotEnrolled));
    assert_ne!(SyncEnd::Done, SyncEnd::Cancelled);
}

#[test]
fn signing_out_takes_damaged_databases_that_were_set_aside_along() {
    let folder = tempfile::tempdir().expect("a folder");
    let kokoni = open(folder.path(), &Arc::default()).expect("opens");
    let damaged = folder.path().join("damaged-20261124T000000000000Z.db");
    std::fs::write(&damaged, "names").expect("written");
    kokoni.sign_out_and_wipe(limits()).expect("wiped");
    assert!(!damaged.exists());
}

#[test]
fn erasing_leaves_no_file_and_no_secret_and_is_refused_while_it_is_open() {
    let folder = tempfile::tempdir().expect("a folder");
    let secrets: Arc<MemorySecrets> = Arc::default();
    let kokoni = open(folder.path(), &secrets).expect("opens");
    let erase = || {
        erase_all(
            folder.path().to_string_lossy().into_owned(),
            secrets.clone(),
        )
    };
    assert_eq!(erase(), Err(KokoniError::DatabaseInUse));
    kokoni.shut_down();
    secrets
        .kept
        .lock()
        .expect("unpoisoned")
        .insert("enrolment".into(), vec![1]);
    let damaged = folder.path().join("damaged-20261124T000000000000Z.db");
    std::fs::write(&damaged, "names").expect("written");
    assert_eq!(erase(), Ok(()));
    assert!(secrets.kept.lock().expect("unpoisoned").is_empty());
    let left: Vec<String> = std::fs::read_dir(folder.path())
        .expect("readable")
        .map(|entry| {
            entry
                .expect("an entry")
                .file_name()
                .to_string_lossy()
                .into_owned()
        })
        .filter(|name| !name.ends_with(".lock"))
        .collect();
    assert_eq!(left, Vec::<String>::new());
    open(folder.path(), &secrets).expect("opens anew");
}
