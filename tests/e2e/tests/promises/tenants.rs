//! Two organisations on one server never see each other: whatever is asked with the one's token
//! and the other's ids is not there, and nothing changes.

use kokoni_e2e::broken::{Asker, Example, good};
use kokoni_e2e::contract::{Contract, Operation};
use kokoni_e2e::database::Database;
use kokoni_e2e::http::send;
use kokoni_e2e::office::{Office, Tenant};
use kokoni_e2e::process::ServerProcess;
use kokoni_e2e::wire;
use kokoni_model::event::{Epoch, Meaning};
use kokoni_model::label::LabelId;
use kokoni_model::wire::events::{Outcome, RejectReason};
use kokoni_model::wire::problem::ProblemCode;
use serde_json::{Value, json};

use crate::SERVE;

/// A tenant's id for a parameter of this name; `None` when nobody knows what it names.
fn id(tenant: &Tenant, name: &str) -> Option<String> {
    Some(match name {
        "floor" => tenant.floor().to_string(),
        "person" => tenant.person(1).to_string(),
        "place" => tenant.seat(0).to_string(),
        "item" => tenant.item(0).to_string(),
        "organisation" => tenant.made.id.to_string(),
        "site" => tenant.made.sites[0].id.to_string(),
        "section" => tenant.made.sections[0].to_string(),
        "label" => tenant.seat_label(0).to_string(),
        _ => return None,
    })
}

/// What an operation names by id: parameters of the path, and members of the body.
fn named(contract: &Contract, operation: &Operation) -> (Vec<String>, Vec<String>) {
    let in_path = operation
        .parameters
        .iter()
        .filter(|parameter| parameter.in_path)
        .map(|parameter| parameter.name.clone())
        .collect();
    let members = operation
        .body
        .as_ref()
        .and_then(|schema| schema["properties"].as_object().cloned())
        .unwrap_or_default();
    let in_body = members
        .iter()
        .filter(|(_, schema)| contract.resolve(schema)["format"] == "uuid")
        .map(|(name, _)| name.clone())
        .collect();
    (in_path, in_body)
}

/// A request of an operation with every id of this tenant.
fn example(contract: &Contract, operation: &Operation, tenant: &Tenant) -> Example {
    let (in_path, in_body) = named(contract, operation);
    let known = |name: &String| {
        id(tenant, name)
            .unwrap_or_else(|| panic!("{} names {name}: say here what that is", operation.name()))
    };
    let body: serde_json::Map<String, Value> = in_body
        .iter()
        .map(|name| (name.clone(), json!(known(name))))
        .collect();
    Example {
        path: in_path
            .into_iter()
            .map(|name| {
                let value = known(&name);
                (&*name.leak(), value)
            })
            .collect(),
        body: (!body.is_empty()).then_some(Value::Object(body)),
        ..Example::default()
    }
}

#[test]
fn every_operation_with_another_organisations_ids_finds_nothing_and_changes_nothing() {
    let office = Office::new();
    let server = ServerProcess::start(SERVE, &office.data(), None);
    let database = Database::open(&office.data());
    let contract = Contract::fetch(server.address(), "localhost");
    let mut tried = Vec::new();
    for operation in contract.operations() {
        let (in_path, in_body) = named(&contract, &operation);
        if in_path.is_empty() && in_body.is_empty() {
            continue;
        }
        // Administrators, who may do everything in their own organisation, both ways round.
        for (own, foreign) in [(&office.ours, &office.other), (&office.other, &office.ours)] {
            let caller = wire::enrolled(server.address(), &office.code(own, 0).link);
            let asker = Asker {
                host: "localhost".into(),
                access: caller.tokens.access.0.clone(),
                refresh: caller.tokens.refresh.0.clone(),
            };
            let request = good(&operation, &example(&contract, &operation, foreign), &asker);
            let before = database.digest();
            let answer = send(server.address(), &request);
            assert_eq!(
                answer.problem(),
                Ok(ProblemCode::NotFound),
                "{}",
                operation.name()
            );
            for mark in foreign.marks() {
                assert!(!answer.text().contains(&mark), "{}", operation.name());
            }
            assert_eq!(
                before.differences(&database.digest()),
                [""; 0],
                "{}",
                operation.name()
            );
        }
        tried.push(operation.name());
    }
    for sure in [
        "GET /api/v1/floors/{floor}/occupancy",
        "POST /api/v1/enrolment-codes",
    ] {
        assert!(tried.contains(&sure.to_owned()), "{tried:?}");
    }
    server.stop();
}

#[test]
fn nothing_of_another_organisation_stands_in_any_answer() {
    let office = Office::new();
    let server = ServerProcess::start(SERVE, &office.data(), None);
    let contract = Contract::fetch(server.address(), "localhost");
    let caller = wire::enrolled(server.address(), &office.code(&office.ours, 0).link);
    let access = &caller.tokens.access.0;
    let marks = office.other.marks();
    let search = "/api/v1/people?q=".to_owned() + "%E5%8A%B9%E5%93%A1";
    let mut targets = vec![search, "/api/v1/people?q=4001".to_owned()];
    targets.extend(
        contract
            .operations()
            .iter()
            .filter(|operation| operation.method == "GET" && operation.parameters.is_empty())
            .map(|operation| operation.path.clone()),
    );
    targets.extend([
        "/api/v1/directory".to_owned(),
        "/api/v1/catalogue".to_owned(),
    ]);
    for target in targets {
        let request = kokoni_e2e::http::Request::new("GET", target.clone()).by(access);
        let answer = send(server.address(), &request);
        assert!(
            (200..300).contains(&answer.status),
            "{target}: {}",
            answer.text()
        );
        for mark in &marks {
            assert!(!answer.text().contains(mark), "{target} tells of {mark}");
        }
    }
    // The search for marks would find them: the own ones are there.
    let directory = kokoni_e2e::http::Request::new("GET", "/api/v1/directory").by(access);
    let answer = send(server.address(), &directory);
    assert!(answer.text().contains(&office.ours.floor().to_string()));
    server.stop();
}

#[test]
fn a_scan_of_another_organisations_label_is_a_scan_of_no_label() {
    let office = Office::new();
    let server = ServerProcess::start(SERVE, &office.data(), None);
    let caller = wire::enrolled(server.address(), &office.code(&office.ours, 1).link);
    let database = Database::open(&office.data());
    let before = database.digest_of(office.other.made.id);
    let foreign = &office.other;
    let scans = [
        (foreign.seat_label(0), Meaning::Sit),
        (foreign.item_label(0), Meaning::Borrow),
        (foreign.home_label(1), Meaning::Telework),
        (foreign.exit_label(), Meaning::Leave),
        (foreign.made.blank_labels[0], Meaning::Undecided),
        (LabelId::from_bytes([0; 10]), Meaning::Undecided),
    ];
    let epoch = Epoch::from_bits(1);
    let events: Vec<_> = (1..)
        .zip(scans)
        .map(|(seq, (label, meaning))| wire::scan(epoch, seq, label, meaning))
        .collect();
    let texts: Vec<&str> = events.iter().map(|event| event.text()).collect();
    let reply = wire::send_batch(server.address(), &caller.tokens.access.0, epoch, &texts);
    for answer in &reply.answers {
        let Outcome::Rejected(rejection) = &answer.outcome else {
            panic!("{answer:?}")
        };
        assert_eq!(rejection.reason, RejectReason::UnknownLabel);
        assert_eq!(rejection.who, None);
    }
    assert_eq!(reply.answers.len(), 6);
    assert_eq!(
        before.differences(&database.digest_of(office.other.made.id)),
        [""; 0]
    );
    server.stop();
}

#[test]
fn a_queue_of_the_same_epoch_in_another_organisation_is_another_queue() {
    let office = Office::new();
    let server = ServerProcess::start(SERVE, &office.data(), None);
    let epoch = Epoch::from_bits(1);
    for tenant in [&office.ours, &office.other] {
        let caller = wire::enrolled(server.address(), &office.code(tenant, 1).link);
        let event = wire::scan(epoch, 1, tenant.seat_label(0), Meaning::Sit);
        let access = &caller.tokens.access.0;
        let reply = wire::send_batch(server.address(), access, epoch, &[event.text()]);
        assert_eq!(reply.answers[0].outcome, Outcome::Applied);
    }
    server.stop();
}
