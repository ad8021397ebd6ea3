//! The contract: every operation of `/openapi.json` answers bad input, missing tokens and foreign
//! ids with problem documents, and nothing changes. An operation without a case here fails.

use std::io::Write;

use crate::kit::{MORNING, Phone, World, problem};
use kokoni_model::event::Meaning;
use kokoni_model::wire::problem::{Problem, ProblemCode};
use reqwest::{Method, Response, StatusCode};
use serde_json::{Value, json};

/// How an operation is asked.
struct Operation {
    method: Method,
    path: &'static str,
    /// Whether it wants a token.
    signed: bool,
    /// A body that is right, where it takes one.
    body: Option<Value>,
}

fn operations() -> Vec<Operation> {
    let get = |path, signed| Operation {
        method: Method::GET,
        path,
        signed,
        body: None,
    };
    let post = |path, signed, body| Operation {
        method: Method::POST,
        path,
        signed,
        body: Some(body),
    };
    let clock = json!({"wall_us": 1, "offset_min": 540, "mono_ms": 1,
        "boot": "00000000-0000-0000-0000-000000000001"});
    vec![
        post(
            "/api/v1/enrol",
            false,
            json!({"code": "0", "device_name": "電話", "platform": "android"}),
        ),
        post("/api/v1/tokens/refresh", false, json!({"refresh": "x"})),
        Operation {
            body: None,
            ..post("/api/v1/sign-out", true, json!({}))
        },
        post(
            "/api/v1/enrolment-codes",
            true,
            json!({"person": "00000000-0000-7000-8000-000000000001"}),
        ),
        post(
            "/api/v1/events",
            true,
            json!({"epoch": "0000000000000001", "clock": clock, "events": []}),
        ),
        get("/api/v1/directory", true),
        get("/api/v1/catalogue", true),
        get("/api/v1/me", true),
        get("/api/v1/floors/{floor}/occupancy", true),
        get("/api/v1/floors/{floor}/changes", true),
        get("/api/v1/people", true),
        get("/api/v1/items", true),
        get("/api/v1/queues/faults", true),
        get("/healthz", false),
        get("/readyz", false),
        get("/metrics", false),
    ]
}

/// Everything that lies in every table, to see that nothing changed.
async fn fingerprint(world: &World) -> Vec<(String, Option<String>)> {
    world
        .store
        .read(|tx| {
            let tables: Vec<String> = tx.query(
                "SELECT name FROM sqlite_schema WHERE type = 'table' ORDER BY name",
                &[],
            )?;
            tables
                .into_iter()
                .map(|table| {
                    let columns: Vec<String> = tx.query(
                        &format!(
                            "SELECT format('quote(\"%w\")', name) FROM pragma_table_info('{table}')"
                        ),
                        &[],
                    )?;
                    let row = columns.join(" || ',' || ");
                    let rows = tx.one(
                        &format!("SELECT group_concat({row}, ';' ORDER BY {row}) FROM {table}"),
                        &[],
                    )?;
                    Ok::<_, kokoni_server::store::StoreError>((table, rows))
                })
                .collect()
        })
        .await
        .expect("counted")
}

async fn send(phone: &Phone, operation: &Operation, body: Vec<u8>) -> Response {
    phone
        .request(operation.method.clone(), operation.path)
        .header("content-type", "application/json")
        .body(body)
        .send()
        .await
        .expect("answered")
}

#[tokio::test]
async fn every_operation_of_the_contract_has_its_cases() {
    let world = World::start().await;
    let document: Value = world
        .http
        .get(world.url("/openapi.json"))
        .send()
        .await
        .expect("answered")
        .json()
        .await
        .expect("JSON");
    let mut documented: Vec<(String, String)> = Vec::new();
    for (path, methods) in document["paths"].as_object().expect("paths") {
        for (method, operation) in methods.as_object().expect("methods") {
            documented.push((method.to_uppercase(), path.clone()));
            assert!(
                !operation["responses"]
                    .as_object()
                    .expect("responses")
                    .is_empty()
            );
        }
    }
    let mut known: Vec<(String, String)> = operations()
        .iter()
        .map(|operation| (operation.method.to_string(), operation.path.to_owned()))
        .collect();
    documented.sort();
    known.sort();
    assert_eq!(documented, known);
    assert!(document["components"]["securitySchemes"]["access"].is_object());
}

#[tokio::test]
async fn whatever_wants_a_token_says_so_without_one() {
    let world = World::start().await;
    for operation in operations().iter().filter(|operation| operation.signed) {
        let mut request = world
            .http
            .request(operation.method.clone(), world.url(operation.path));
        if let Some(body) = &operation.body {
            request = request.json(body);
        }
        let response = request.send().await.expect("answered");
        assert_eq!(
            problem(response).await,
            ProblemCode::SignInNeeded,
            "{}",
            operation.path
        );
    }
}

#[tokio::test]
async fn bad_bodies_are_problems_and_change_nothing() {
    let mut world = World::start().await;
    let phone = world.phone(5).await;
    let before = fingerprint(&world).await;
    let too_large = format!("{{\"x\":\"{}\"}}", "x".repeat(1024 * 1024));
    let deep = format!("{{\"x\":{}{}}}", "[".repeat(17), "]".repeat(17));
    let bad: Vec<(&str, Vec<u8>, ProblemCode)> = vec![
        ("nothing", Vec::new(), ProblemCode::MalformedBody),
        (
            "cut off",
            b"{\"code\":".to_vec(),
            ProblemCode::MalformedBody,
        ),
        ("no object", b"[]".to_vec(), ProblemCode::MalformedBody),
        (
            "wrong members",
            b"{\"hello\":1}".to_vec(),
            ProblemCode::MalformedBody,
        ),
        (
            "bad UTF-8",
            b"{\"x\":\"\xff\"}".to_vec(),
            ProblemCode::MalformedBody,
        ),
        ("too deep", deep.into_bytes(), ProblemCode::MalformedBody),
        (
            "too large",
            too_large.into_bytes(),
            ProblemCode::BodyTooLarge,
        ),
    ];
    for operation in operations() {
        let Some(right) = &operation.body else {
            continue;
        };
        for (what, body, expected) in &bad {
            let response = send(&phone, &operation, body.clone()).await;
            assert_eq!(
                problem(response).await,
                *expected,
                "{what} for {}",
                operation.path
            );
        }
        for member in right.as_object().expect("an object").keys() {
            let mut wrong = right.clone();
            wrong[member] = json!({"Yamada": [1]});
            let response = send(&phone, &operation, wrong.to_string().into_bytes()).await;
            assert_eq!(response.status(), StatusCode::BAD_REQUEST, "{member}");
            let text = response.text().await.expect("text");
            assert!(
                !text.contains("Yamada"),
                "what was sent is not repeated: {text}"
            );
        }
        let text = phone
            .request(operation.method.clone(), operation.path)
            .header("content-type", "text/plain")
            .body(right.to_string());
        let response = text.send().await.expect("answered");
        assert_eq!(
            problem(response).await,
            ProblemCode::UnsupportedBody,
            "{}",
            operation.path
        );
    }
    assert_eq!(fingerprint(&world).await, before);
}

#[tokio::test]
async fn what_a_device_calls_itself_is_short_and_plain() {
    let mut world = World::start().await;
    let office = world.office.clone();
    let code = world.code_for(&office, office.people[0].id);
    let before = fingerprint(&world).await;
    for (name, platform) in [
        ("長".repeat(81), "ios".to_owned()),
        ("a\u{0}b".to_owned(), "ios".to_owned()),
        ("電話".to_owned(), "x".repeat(41)),
    ] {
        let response = world
            .http
            .post(world.url("/api/v1/enrol"))
            .json(&json!({"code": code.link, "device_name": name, "platform": platform}))
            .send()
            .await
            .expect("answered");
        assert_eq!(problem(response).await, ProblemCode::NotAllowedValue);
    }
    assert_eq!(fingerprint(&world).await, before);
    assert_eq!(
        world.enrol_with(&code.link).await.status(),
        StatusCode::CREATED
    );
}

#[tokio::test]
async fn compressed_bodies_are_read_within_the_limits() {
    let mut world = World::start().await;
    let phone = world.phone(0).await;
    let gzip = |bytes: &[u8]| {
        let mut encoder = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::best());
        encoder.write_all(bytes).expect("written");
        encoder.finish().expect("finished")
    };
    let post = |encoding: &'static str, body: Vec<u8>| {
        phone
            .request(Method::POST, "/api/v1/events")
            .header("content-type", "application/json")
            .header("content-encoding", encoding)
            .body(body)
            .send()
    };
    let batch = serde_json::to_vec(&phone.batch(&[])).expect("serialises");
    let read = post("gzip", gzip(&batch)).await.expect("answered");
    assert_eq!(read.status(), StatusCode::OK);
    let bomb = post("gzip", gzip(&vec![b' '; 64 * 1024 * 1024]))
        .await
        .expect("answered");
    assert_eq!(problem(bomb).await, ProblemCode::BodyTooLarge);
    let torn = gzip(&batch);
    let torn = post("gzip", torn[..torn.len() / 2].to_vec())
        .await
        .expect("answered");
    assert_eq!(problem(torn).await, ProblemCode::MalformedBody);
    let brotli = post("br", batch).await.expect("answered");
    assert_eq!(problem(brotli).await, ProblemCode::UnsupportedBody);
}

#[tokio::test]
async fn malformed_parameters_are_problems() {
    let mut world = World::start().await;
    let phone = world.phone(0).await;
    let cases = [
        (
            "/api/v1/floors/7/occupancy",
            ProblemCode::MalformedParameter,
        ),
        (
            "/api/v1/floors/%FF/occupancy",
            ProblemCode::MalformedParameter,
        ),
        (
            "/api/v1/floors/00000000-0000-7000-8000-000000000001/occupancy",
            ProblemCode::NotFound,
        ),
        (
            "/api/v1/catalogue?since=-1",
            ProblemCode::MalformedParameter,
        ),
        (
            "/api/v1/catalogue?since=new",
            ProblemCode::MalformedParameter,
        ),
        (
            "/api/v1/directory?since=%00",
            ProblemCode::MalformedParameter,
        ),
        (
            "/api/v1/people?q=a&limit=many",
            ProblemCode::MalformedParameter,
        ),
        ("/api/v1/people?q=a&limit=0", ProblemCode::NotAllowedValue),
        ("/api/v1/people?q=a&limit=51", ProblemCode::NotAllowedValue),
        ("/api/v1/nothing", ProblemCode::NotFound),
    ];
    for (path, expected) in cases {
        assert_eq!(problem(phone.get(path).await).await, expected, "{path}");
    }
    let long = phone
        .get(&format!("/api/v1/people?q={}", "あ".repeat(101)))
        .await;
    assert_eq!(problem(long).await, ProblemCode::NotAllowedValue);
    let longer = phone
        .get(&format!("/api/v1/people?q={}", "a".repeat(5000)))
        .await;
    assert_eq!(problem(longer).await, ProblemCode::AddressTooLong);
    let method = phone
        .request(Method::DELETE, "/api/v1/me")
        .send()
        .await
        .expect("answered");
    assert!(method.headers().contains_key("allow"));
    assert_eq!(problem(method).await, ProblemCode::MethodNotAllowed);
}

#[tokio::test]
async fn ids_of_another_organisation_are_not_found_and_change_nothing() {
    let mut world = World::start().await;
    let neighbours = world.neighbours().await;
    let (mut here, there) = (world.phone(5).await, world.phone_in(&neighbours, 0).await);
    let before = fingerprint(&world).await;
    let floor = neighbours.sites[0].floors[0].id;
    for path in ["occupancy", "changes"] {
        let response = here.get(&format!("/api/v1/floors/{floor}/{path}")).await;
        assert_eq!(problem(response).await, ProblemCode::NotFound, "{path}");
    }
    let code = here
        .request(Method::POST, "/api/v1/enrolment-codes")
        .json(&json!({"person": neighbours.people[0].id}))
        .send()
        .await
        .expect("answered");
    assert_eq!(problem(code).await, ProblemCode::NotFound);
    assert_eq!(fingerprint(&world).await, before);
    // A foreign label is an unknown one, whatever is meant by it.
    let labels = [
        (neighbours.sites[0].floors[0].places[0].label, Meaning::Sit),
        (
            neighbours.sites[0].floors[0].lockers[0].items[0].label,
            Meaning::Borrow,
        ),
        (neighbours.people[0].home_label, Meaning::Telework),
        (neighbours.sites[0].exit_label, Meaning::Undecided),
    ];
    for (label, meaning) in labels {
        let outcome = here.does(label, meaning).await;
        assert_eq!(
            crate::kit::reason(&outcome),
            kokoni_model::wire::events::RejectReason::UnknownLabel
        );
    }
    assert!(there.occupancy(floor).await.taken.is_empty());
    for path in [
        "/api/v1/directory",
        "/api/v1/catalogue",
        "/api/v1/items",
        "/api/v1/people?q=山",
    ] {
        let text = here.get(path).await.text().await.expect("text");
        let foreign = [
            floor.to_string(),
            neighbours.people[0].id.to_string(),
            neighbours.sites[0].floors[0].places[0].label.to_string(),
        ];
        assert!(
            foreign.iter().all(|id| !text.contains(id.as_str())),
            "{path}"
        );
    }
}

#[tokio::test]
async fn problems_speak_japanese_and_english() {
    let world = World::start().await;
    let title = |language: &'static str| {
        let request = world
            .http
            .get(world.url("/api/v1/me"))
            .header("accept-language", language);
        async move {
            let response = request.send().await.expect("answered");
            let language = response.headers()["content-language"].clone();
            let problem: Problem = response.json().await.expect("a problem");
            (language, problem.title)
        }
    };
    let (ja, en) = (title("ja").await, title("en").await);
    assert_eq!(
        (ja.0.to_str().expect("text"), ja.1.as_str()),
        ("ja", ProblemCode::SignInNeeded.title_ja())
    );
    assert_eq!(
        (en.0.to_str().expect("text"), en.1.as_str()),
        ("en", ProblemCode::SignInNeeded.title_en())
    );
}

#[tokio::test]
async fn every_answer_is_marked_as_ours_and_sealed() {
    let world = World::start().await;
    for path in ["/api/v1/me", "/healthz", "/openapi.json", "/nothing"] {
        let response = world
            .http
            .get(world.url(path))
            .send()
            .await
            .expect("answered");
        let headers = response.headers();
        assert_eq!(headers["kokoni-protocol"], "1", "{path}");
        let time = headers["kokoni-time"].to_str().expect("text");
        assert_eq!(time.parse(), Ok(MORNING.as_micros()), "{path}");
        assert_eq!(headers["x-content-type-options"], "nosniff");
        assert!(headers.contains_key("x-request-id"));
        assert!(headers.contains_key("content-security-policy"));
        assert!(
            !headers.contains_key("strict-transport-security"),
            "not over plain HTTP"
        );
    }
}

#[tokio::test]
async fn an_app_that_is_too_old_is_told_so() {
    let mut world = World::start().await;
    let phone = world.phone(0).await;
    let with = |version: &'static str| {
        phone
            .request(Method::GET, "/api/v1/me")
            .header("kokoni-protocol", version)
            .send()
    };
    let old = with("0").await.expect("answered");
    assert_eq!(problem(old).await, ProblemCode::AppTooOld);
    let malformed = with("new").await.expect("answered");
    assert_eq!(problem(malformed).await, ProblemCode::MalformedHeader);
    let newer = with("2").await.expect("answered");
    assert_eq!(newer.status(), StatusCode::OK);
}

#[tokio::test]
async fn requests_for_another_host_are_refused_when_a_public_url_is_set() {
    let world = World::start_with(1, |config| {
        config.public_url = Some("https://kokoni.example.jp".parse().expect("a URL"));
    })
    .await;
    let asked = |path: &'static str, host: &'static str| {
        world.http.get(world.url(path)).header("host", host).send()
    };
    let wrong = asked("/api/v1/me", "evil.example").await.expect("answered");
    assert_eq!(problem(wrong).await, ProblemCode::WrongHost);
    let right = asked("/api/v1/me", "kokoni.example.jp")
        .await
        .expect("answered");
    assert_eq!(problem(right).await, ProblemCode::SignInNeeded);
    let probe = asked("/healthz", "10.0.0.7").await.expect("answered");
    assert_eq!(probe.status(), StatusCode::OK);
}

#[tokio::test]
async fn metrics_hold_nothing_personal_and_are_not_for_everybody() {
    let mut world = World::start().await;
    let (mut staff, administrator) = (world.phone(0).await, world.phone(5).await);
    let seat = world.office.sites[0].floors[0].places[0].label;
    staff.does(seat, Meaning::Sit).await;
    staff.get("/api/v1/people?q=山田").await;
    staff.get(&format!("/q/{seat}")).await;
    let text = staff.get("/metrics").await.text().await.expect("text");
    assert!(
        text.contains("kokoni_events_total{outcome=\"applied\"} 1"),
        "{text}"
    );
    for secret in [
        seat.to_string(),
        "山田".into(),
        "%E5".into(),
        staff.enrolled.person.to_string(),
    ] {
        assert!(!text.contains(&secret), "{secret}");
    }
    let from_outside = |phone: &Phone| {
        phone
            .request(Method::GET, "/metrics")
            .header("x-forwarded-for", "203.0.113.9")
            .send()
    };
    let refused = from_outside(&staff).await.expect("answered");
    assert_eq!(problem(refused).await, ProblemCode::NotPermitted);
    let allowed = from_outside(&administrator).await.expect("answered");
    assert_eq!(allowed.status(), StatusCode::OK);
}

#[tokio::test]
async fn people_are_found_by_any_spelling_and_shown_where_they_are() {
    let mut world = World::start().await;
    let floor = world.office.sites[0].floors[0].clone();
    let mut phone = world.phone(4).await;
    phone.does(floor.places[3].label, Meaning::Sit).await;
    for query in ["渡辺", "渡邉", "わたなべ", "ﾜﾀﾅﾍﾞ", "104"] {
        let found: Value = phone.get_json(&format!("/api/v1/people?q={query}")).await;
        assert_eq!(found["people"][0]["name"], "渡邉 太郎4", "{query}");
        assert_eq!(found["people"][0]["presence"], "present");
        assert_eq!(found["people"][0]["place_name"], "1階 A-4");
        assert_eq!(found["people"][0]["floor"], floor.id.to_string());
    }
    let all: Value = phone.get_json("/api/v1/people?q=企画課&limit=2").await;
    assert_eq!(all["people"].as_array().expect("people").len(), 2);
    assert_eq!(all["more"], true);
    let nobody: Value = phone.get_json("/api/v1/people").await;
    assert_eq!(nobody, json!({"people": [], "more": false}));
}
