//! Bad input for every operation of `/openapi.json`: each broken request gets the problem document
//! it deserves and changes nothing. An operation without an example here fails the test.

use std::net::SocketAddr;

use kokoni_e2e::broken::{self, Asker, CANARY, Case, Example};
use kokoni_e2e::contract::{Contract, Operation};
use kokoni_e2e::database::{Database, Digest};
use kokoni_e2e::http::{Answer, Request, send, send_for_lines, send_raw};
use kokoni_e2e::office::Office;
use kokoni_e2e::process::ServerProcess;
use kokoni_e2e::wire;
use kokoni_model::event::{Epoch, Meaning};
use kokoni_model::wire::enrolment::Tokens;
use kokoni_model::wire::problem::ProblemCode;
use serde_json::{Value, json};

use crate::SERVE;

const HOST: &str = "kokoni.example.jp";
const PUBLIC: &str = "https://kokoni.example.jp";

/// What any operation may answer, as the contract says in its description.
const ANY_OPERATION: &[ProblemCode] = &[
    ProblemCode::MalformedHeader,
    ProblemCode::AppTooOld,
    ProblemCode::WrongHost,
    ProblemCode::AddressTooLong,
    ProblemCode::MethodNotAllowed,
    ProblemCode::RequestTimeout,
];

/// What a good request of each operation looks like, and what its schema cannot say of bad ones.
fn example(operation: &Operation, office: &Office, tokens: &Tokens) -> Option<Example> {
    use ProblemCode::{CodeNotValid, MalformedBody, MalformedParameter, NotAllowedValue, NotFound};
    let ours = &office.ours;
    let plain = Example::default();
    let floor = || vec![("floor", ours.floor().to_string())];
    Some(match operation.name().as_str() {
        "GET /healthz"
        | "GET /readyz"
        | "GET /metrics"
        | "GET /api/v1/me"
        | "GET /api/v1/items"
        | "GET /api/v1/queues/faults"
        | "POST /api/v1/sign-out" => plain,
        "POST /api/v1/enrol" => Example {
            body: Some(json!({
                "code": office.code(ours, 1).link, "device_name": "phone", "platform": "cli",
            })),
            bad_members: vec![
                ("/code", json!(""), CodeNotValid),
                ("/code", json!(CANARY), CodeNotValid),
                ("/code", json!("0".repeat(26)), CodeNotValid),
                ("/code", json!("0".repeat(100_000)), CodeNotValid),
                ("/code", json!("０１２３４５６７８９"), CodeNotValid),
                ("/device_name", json!("x".repeat(81)), NotAllowedValue),
                (
                    "/device_name",
                    json!(format!("{CANARY}\u{7}{CANARY}")),
                    NotAllowedValue,
                ),
                ("/device_name", json!("a\u{0}b"), NotAllowedValue),
            ],
            ..plain
        },
        "POST /api/v1/tokens/refresh" => Example {
            body: Some(json!({ "refresh": tokens.refresh.0 })),
            bad_members: vec![
                ("/refresh", json!(""), ProblemCode::SignInNeeded),
                ("/refresh", json!(CANARY), ProblemCode::SignInNeeded),
                ("/refresh", json!("A".repeat(43)), ProblemCode::SignInNeeded),
                (
                    "/refresh",
                    json!(tokens.access.0),
                    ProblemCode::SignInNeeded,
                ),
            ],
            ..plain
        },
        "POST /api/v1/events" => {
            let event = wire::scan(Epoch::from_bits(1), 1, ours.seat_label(0), Meaning::Sit);
            let batch = wire::batch(Epoch::from_bits(1), &[event.text()]);
            let batch: Value = serde_json::from_str(&batch).expect("JSON");
            let many = vec![batch["events"][0].clone(); 501];
            Example {
                body: Some(batch),
                bad_members: vec![
                    ("/events", json!(many), NotAllowedValue),
                    ("/epoch", json!(CANARY), MalformedBody),
                    ("/epoch", json!("000000000000000A"), MalformedBody),
                    ("/epoch", json!("00000000000000001"), MalformedBody),
                    ("/clock/wall_us", json!(1e19), MalformedBody),
                    ("/clock/offset_min", json!(40_000), MalformedBody),
                    ("/clock/mono_ms", json!(-1), MalformedBody),
                    ("/lost_before", json!(-1), MalformedBody),
                    ("/lost_before", json!(CANARY), MalformedBody),
                ],
                ..plain
            }
        }
        "GET /api/v1/directory" => Example {
            bad_queries: vec![
                (format!("since={CANARY}"), MalformedParameter),
                ("since=-1".into(), MalformedParameter),
                ("since=%FF".into(), MalformedParameter),
                ("since=1&since=2".into(), MalformedParameter),
            ],
            ..plain
        },
        "GET /api/v1/catalogue" => Example {
            bad_queries: vec![("since=1&since=2".into(), MalformedParameter)],
            ..plain
        },
        "GET /api/v1/floors/{floor}/occupancy" => Example {
            path: floor(),
            ..plain
        },
        "GET /api/v1/floors/{floor}/changes" => Example {
            path: floor(),
            streams: true,
            ..plain
        },
        "GET /api/v1/people" => Example {
            query: "q=%E8%8A%B1%E5%AD%90".into(),
            bad_queries: vec![("q=a&q=b".into(), MalformedParameter)],
            ..plain
        },
        "POST /api/v1/enrolment-codes" => Example {
            body: Some(json!({ "person": ours.person(2) })),
            bad_members: vec![
                (
                    "/person",
                    json!("00000000-0000-0000-0000-000000000000"),
                    NotFound,
                ),
                ("/person", json!(ours.floor()), NotFound),
                ("/person", json!(office.other.person(1)), NotFound),
            ],
            ..plain
        },
        _ => return None,
    })
}

/// What is wrong with an answer, if anything.
fn judge(case: &Case, operation: &Operation, answer: &Answer, english: bool) -> Option<String> {
    let found = match answer.problem() {
        Ok(found) if found == case.expected => found,
        Ok(found) => return Some(format!("answered {found:?}, not {:?}", case.expected)),
        Err(why) => return Some(why),
    };
    let documented = operation.statuses.contains(&answer.status) || ANY_OPERATION.contains(&found);
    if !documented {
        return Some(format!("{} is not in the contract", answer.status));
    }
    if answer.header("kokoni-protocol") != Some("1") {
        return Some("the protocol is not named".into());
    }
    let title = if english {
        found.title_en()
    } else {
        found.title_ja()
    };
    if answer.json::<Value>()["title"] != title {
        return Some("the title is in another language than was asked for".into());
    }
    answer
        .text()
        .contains(CANARY)
        .then(|| "what was sent is repeated".into())
}

struct Bench {
    server: SocketAddr,
    database: Database,
}

impl Bench {
    /// Sends a case; what is wrong with its answer or with the database afterwards.
    fn try_case(
        &self,
        case: &Case,
        operation: &Operation,
        before: &Digest,
        english: bool,
    ) -> Option<String> {
        let language = if english { "en" } else { "ja" };
        let request = case.request.clone().header("accept-language", language);
        let answer = send(self.server, &request);
        let wrong = judge(case, operation, &answer, english).or_else(|| {
            let changed = before.differences(&self.database.digest());
            (!changed.is_empty()).then(|| format!("changed {changed:?}"))
        });
        wrong.map(|wrong| format!("{}, {}: {wrong}", operation.name(), case.name))
    }

    /// The good request is answered as the contract says: the cases fail for their own reasons.
    fn good_is_good(
        &self,
        operation: &Operation,
        example: &Example,
        asker: &Asker,
    ) -> Option<String> {
        let request = broken::good(operation, example, asker);
        let status = if example.streams {
            let mut lines = send_for_lines(self.server, &request);
            let head = lines.next().expect("an answer").expect("a line");
            head.split(' ')
                .nth(1)
                .and_then(|status| status.parse().ok())
                .expect("a status")
        } else {
            send(self.server, &request).status
        };
        let good = (200..300).contains(&status) && operation.statuses.contains(&status);
        (!good).then(|| format!("{}, the good request: {status}", operation.name()))
    }
}

#[test]
fn bad_input_for_every_operation_gets_a_problem_document_and_changes_nothing() {
    let office = Office::new();
    let server = ServerProcess::start(SERVE, &office.data(), Some(PUBLIC));
    let bench = Bench {
        server: server.address(),
        database: Database::open(&office.data()),
    };
    let contract = Contract::fetch(server.address(), HOST);
    let (mut tried, mut wrong) = (0, Vec::new());
    for operation in contract.operations() {
        // A device of its own: signing out ends it.
        let code = office.code(&office.ours, 0).link;
        let body = json!({"code": code, "device_name": "phone", "platform": "cli"});
        let enrol = Request::new("POST", "/api/v1/enrol").header("host", HOST);
        let tokens = send(server.address(), &enrol.json(body.to_string()));
        let tokens: Tokens = serde_json::from_value(tokens.json::<Value>()["tokens"].take())
            .expect("a pair of tokens");
        let Some(example) = example(&operation, &office, &tokens) else {
            wrong.push(format!("{} has no cases", operation.name()));
            continue;
        };
        let asker = Asker {
            host: HOST.into(),
            access: tokens.access.0,
            refresh: tokens.refresh.0,
        };
        let before = bench.database.digest();
        let cases = broken::cases(&contract, &operation, &example, &asker);
        tried += cases.len();
        let failed = cases.iter().enumerate().filter_map(|(number, case)| {
            bench.try_case(case, &operation, &before, number % 2 == 1)
        });
        wrong.extend(failed);
        wrong.extend(bench.good_is_good(&operation, &example, &asker));
    }
    let alive = send(server.address(), &Request::new("GET", "/healthz"));
    assert_eq!(alive.status, 200);
    assert!(
        wrong.is_empty(),
        "{} of {tried}:\n{}",
        wrong.len(),
        wrong.join("\n")
    );
    assert!(tried > 300, "{tried} cases");
    server.stop();
}

#[test]
fn an_address_that_is_none_of_ours_is_not_found() {
    let office = Office::new();
    let server = ServerProcess::start(SERVE, &office.data(), None);
    for target in [
        "/nothing",
        "/api/v1/nothing",
        "/api/v2/me",
        "//healthz",
        "/%2e%2e/kokoni.db",
        "/kokoni.db",
    ] {
        let answer = send(
            server.address(),
            &Request::new("GET", target).header("accept", "application/json"),
        );
        assert_eq!(answer.problem(), Ok(ProblemCode::NotFound), "{target}");
    }
    server.stop();
}

#[test]
fn metrics_are_for_this_machine_or_an_administrator() {
    let office = Office::new();
    let server = ServerProcess::start(SERVE, &office.data(), None);
    let address = server.address();
    let local = Request::new("GET", "/metrics");
    assert_eq!(send(address, &local).status, 200);
    let far = local.header("x-forwarded-for", "203.0.113.9");
    assert_eq!(send(address, &far).problem(), Ok(ProblemCode::SignInNeeded));
    let staff = wire::enrolled(address, &office.code(&office.ours, 1).link);
    let by_staff = far.clone().by(&staff.tokens.access.0);
    assert_eq!(
        send(address, &by_staff).problem(),
        Ok(ProblemCode::NotPermitted)
    );
    let administrator = wire::enrolled(address, &office.code(&office.ours, 0).link);
    let by_administrator = far.by(&administrator.tokens.access.0);
    let text = send(address, &by_administrator);
    assert_eq!(text.status, 200);
    for mark in office.ours.marks().iter().chain(&office.other.marks()) {
        assert!(!text.text().contains(mark), "{mark}");
    }
    server.stop();
}

#[test]
fn only_those_who_enrol_others_make_codes() {
    let office = Office::new();
    let server = ServerProcess::start(SERVE, &office.data(), None);
    let staff = wire::enrolled(server.address(), &office.code(&office.ours, 1).link);
    let database = Database::open(&office.data());
    let before = database.digest();
    let body = json!({ "person": office.ours.person(2) }).to_string();
    let request = Request::new("POST", "/api/v1/enrolment-codes").by(&staff.tokens.access.0);
    let answer = send(server.address(), &request.json(body));
    assert_eq!(answer.problem(), Ok(ProblemCode::NotPermitted));
    assert_eq!(before.differences(&database.digest()), [""; 0]);
    server.stop();
}

#[test]
fn torn_and_senseless_bytes_leave_the_server_up_and_unchanged() {
    let office = Office::new();
    let server = ServerProcess::start(SERVE, &office.data(), None);
    let database = Database::open(&office.data());
    let before = database.digest();
    let many_headers = format!(
        "GET /healthz HTTP/1.1\r\nhost: x\r\n{}\r\n",
        "a: b\r\n".repeat(2_000)
    );
    let long_header = format!(
        "GET /healthz HTTP/1.1\r\nhost: x\r\na: {}\r\n\r\n",
        "b".repeat(1_000_000)
    );
    let torn: Vec<Vec<u8>> = vec![
        b"".to_vec(),
        b"\r\n\r\n".to_vec(),
        b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03".to_vec(),
        b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\ngarbage".to_vec(),
        b"GET /healthz HTTP/9.9\r\n\r\n".to_vec(),
        b"GET /\x00 HTTP/1.1\r\nhost: x\r\n\r\n".to_vec(),
        b"POST /api/v1/enrol HTTP/1.1\r\nhost: x\r\ncontent-type: application/json\r\n\
          content-length: 1000\r\n\r\n{\"code\":"
            .to_vec(),
        b"POST /api/v1/enrol HTTP/1.1\r\nhost: x\r\ncontent-type: application/json\r\n\
          transfer-encoding: chunked\r\n\r\nffffffffffffffff1\r\n{}"
            .to_vec(),
        b"POST /api/v1/enrol HTTP/1.1\r\nhost: x\r\ncontent-length: 5\r\ncontent-length: 6\r\n\
          \r\n{}"
            .to_vec(),
        many_headers.into_bytes(),
        long_header.into_bytes(),
    ];
    for bytes in torn {
        let answer = send_raw(server.address(), &bytes).expect("the server listens");
        assert!(
            !answer.starts_with(b"HTTP/1.1 2"),
            "{:?}",
            String::from_utf8_lossy(&answer)
        );
        let alive = send(server.address(), &Request::new("GET", "/healthz"));
        assert_eq!(alive.status, 200);
    }
    assert_eq!(before.differences(&database.digest()), [""; 0]);
    server.stop();
}

#[test]
fn one_connection_that_says_nothing_holds_up_nobody() {
    let office = Office::new();
    let server = ServerProcess::start(SERVE, &office.data(), None);
    let silent: Vec<_> = (0..100)
        .map(|_| std::net::TcpStream::connect(server.address()).expect("connected"))
        .collect();
    let alive = send(server.address(), &Request::new("GET", "/readyz"));
    assert_eq!(alive.status, 200);
    drop(silent);
    server.stop();
}
