//! Requests with one thing wrong each, made from an operation's contract and one good request.

use std::io::Write;
use std::sync::LazyLock;

use flate2::Compression;
use flate2::write::GzEncoder;
use kokoni_model::limits::{BODY_MAX_BYTES, BODY_MAX_DECOMPRESSED_BYTES, JSON_MAX_DEPTH};
use kokoni_model::wire::problem::ProblemCode;
use serde_json::{Map, Value, json};

use crate::contract::{Contract, Operation};
use crate::http::Request;

/// Stands in everything wrong that is text: no answer may repeat it.
pub const CANARY: &str = "Yamada-0901234567";

/// Answered by whatever name they are asked.
const ANY_HOST: &[&str] = &["/healthz", "/readyz", "/metrics"];

/// 32 MiB of nothing in a few bytes.
static BOMB: LazyLock<Vec<u8>> = LazyLock::new(|| gzip(&vec![b' '; 32 * BODY_MAX_BYTES]));

/// What a good request of one operation looks like, and what a schema cannot say of bad ones.
#[derive(Clone, Debug, Default)]
pub struct Example {
    /// Values of the path's parameters.
    pub path: Vec<(&'static str, String)>,
    /// The query, without its question mark.
    pub query: String,
    /// The body.
    pub body: Option<Value>,
    /// Queries that are not allowed, and what is answered.
    pub bad_queries: Vec<(String, ProblemCode)>,
    /// Members of the body by their JSON pointer, values that are not allowed there, and what is
    /// answered.
    pub bad_members: Vec<(&'static str, Value, ProblemCode)>,
    /// Whether the good answer never ends.
    pub streams: bool,
}

/// Who asks, and by which name.
#[derive(Clone, Debug)]
pub struct Asker {
    /// The host that the server answers to.
    pub host: String,
    /// An access token.
    pub access: String,
    /// The refresh token of the same pair, which is no access token.
    pub refresh: String,
}

/// One broken request and the problem that is to be answered.
#[derive(Clone, Debug)]
pub struct Case {
    /// What is wrong.
    pub name: String,
    /// The request.
    pub request: Request,
    /// The problem.
    pub expected: ProblemCode,
}

/// The good request itself.
pub fn good(operation: &Operation, example: &Example, asker: &Asker) -> Request {
    let mut target = operation.path.clone();
    for (name, value) in &example.path {
        target = target.replace(&format!("{{{name}}}"), value);
    }
    assert!(!target.contains('{'), "{target} lacks a parameter");
    if !example.query.is_empty() {
        target = format!("{target}?{}", example.query);
    }
    let mut request = Request::new(&operation.method, target).header("host", &asker.host);
    if operation.secured {
        request = request.by(&asker.access);
    }
    match &example.body {
        Some(body) => request.json(body.to_string()),
        None => request,
    }
}

/// Every broken request of an operation.
pub fn cases(
    contract: &Contract,
    operation: &Operation,
    example: &Example,
    asker: &Asker,
) -> Vec<Case> {
    let maker = Maker {
        contract,
        operation,
        example,
        asker,
        good: good(operation, example, asker),
    };
    let mut cases = maker.methods();
    cases.extend(maker.tokens());
    cases.extend(maker.envelope());
    cases.extend(maker.path());
    cases.extend(maker.query());
    if let (Some(schema), Some(body)) = (&operation.body, &example.body) {
        cases.extend(maker.bytes(body));
        cases.extend(maker.members(schema, body, ""));
        cases.extend(maker.fixed_members());
    }
    cases
}

struct Maker<'a> {
    contract: &'a Contract,
    operation: &'a Operation,
    example: &'a Example,
    asker: &'a Asker,
    good: Request,
}

fn case(name: impl Into<String>, request: Request, expected: ProblemCode) -> Case {
    Case {
        name: name.into(),
        request,
        expected,
    }
}

impl Maker<'_> {
    fn methods(&self) -> Vec<Case> {
        let same_path = |method: &str| {
            self.contract
                .operations()
                .iter()
                .any(|other| other.path == self.operation.path && other.method == method)
        };
        ["GET", "POST", "PUT", "PATCH", "DELETE", "OPTIONS", "BREW"]
            .into_iter()
            .filter(|method| !same_path(method))
            .map(|method| {
                let mut request = self.good.clone();
                request.method = method.to_owned();
                case(
                    format!("method {method}"),
                    request,
                    ProblemCode::MethodNotAllowed,
                )
            })
            .collect()
    }

    fn tokens(&self) -> Vec<Case> {
        if !self.operation.secured {
            return vec![];
        }
        let mut bare = self.good.clone();
        bare.headers.retain(|(name, _)| name != "authorization");
        let unknown = "A".repeat(43);
        let values: Vec<(&str, Vec<u8>)> = vec![
            ("empty", b"".to_vec()),
            ("without a token", b"Bearer".to_vec()),
            ("of another scheme", b"Basic dXNlcjpwYXNz".to_vec()),
            ("too short", format!("Bearer {CANARY}").into_bytes()),
            ("unknown", format!("Bearer {unknown}").into_bytes()),
            ("no text", b"Bearer \xff\xfe".to_vec()),
            (
                "for refreshing",
                format!("Bearer {}", self.asker.refresh).into_bytes(),
            ),
        ];
        let wrong = values.into_iter().map(|(what, value)| {
            let request = self.good.clone().replaced("authorization", value);
            case(
                format!("authorization {what}"),
                request,
                ProblemCode::SignInNeeded,
            )
        });
        [case("no authorization", bare, ProblemCode::SignInNeeded)]
            .into_iter()
            .chain(wrong)
            .collect()
    }

    fn envelope(&self) -> Vec<Case> {
        let with = |name: &str, value: &[u8]| self.good.clone().replaced(name, value);
        let mut cases = Vec::new();
        if self.operation.path.starts_with("/api/") {
            for (value, expected) in [
                (CANARY.as_bytes(), ProblemCode::MalformedHeader),
                (b"\xff", ProblemCode::MalformedHeader),
                (b"-1", ProblemCode::MalformedHeader),
                (b"70000", ProblemCode::MalformedHeader),
                (b"0", ProblemCode::AppTooOld),
            ] {
                let name = format!("protocol {:?}", String::from_utf8_lossy(value));
                cases.push(case(name, with("kokoni-protocol", value), expected));
            }
        }
        if !ANY_HOST.contains(&self.operation.path.as_str()) {
            let own = &self.asker.host;
            for host in [
                "evil.example.jp".to_owned(),
                format!("{own}.evil.example.jp"),
                format!("{own}:81"),
                String::new(),
            ] {
                let request = with("host", host.as_bytes());
                cases.push(case(
                    format!("host {host:?}"),
                    request,
                    ProblemCode::WrongHost,
                ));
            }
            let mut absolute = self.good.clone();
            absolute.target = format!("http://evil.example.jp{}", absolute.target);
            cases.push(case(
                "host in the address",
                absolute,
                ProblemCode::WrongHost,
            ));
        }
        let mut long = self.good.clone();
        let mark = if long.target.contains('?') { '&' } else { '?' };
        long.target = format!("{}{mark}x={}", long.target, "y".repeat(5_000));
        cases.push(case("address too long", long, ProblemCode::AddressTooLong));
        cases
    }

    fn path(&self) -> Vec<Case> {
        let parameters = self.operation.parameters.iter().filter(|one| one.in_path);
        parameters
            .flat_map(|parameter| {
                let value = self
                    .example
                    .path
                    .iter()
                    .find(|(name, _)| *name == parameter.name)
                    .map(|(_, value)| value.clone())
                    .expect("an example of every parameter");
                let with = |wrong: &str, expected| {
                    let mut request = self.good.clone();
                    request.target = request.target.replace(&value, wrong);
                    case(format!("{} {wrong:?}", parameter.name), request, expected)
                };
                let malformed = [
                    CANARY,
                    "7",
                    "%FF%FE",
                    "..%2F..%2Fetc",
                    "%00",
                    "'%20OR%201=1--",
                    &format!("{value}0"),
                    &value[1..],
                ]
                .map(|wrong| with(wrong, ProblemCode::MalformedParameter));
                let unknown = [
                    "00000000-0000-0000-0000-000000000000",
                    "019aa000-0000-7000-8000-000000000000",
                ]
                .map(|wrong| with(wrong, ProblemCode::NotFound));
                malformed.into_iter().chain(unknown).collect::<Vec<Case>>()
            })
            .collect()
    }

    fn query(&self) -> Vec<Case> {
        let with = |query: &str, expected| {
            let mut request = self.good.clone();
            let path = request.target.split('?').next().unwrap_or_default();
            request.target = format!("{path}?{query}");
            case(format!("query {query:?}"), request, expected)
        };
        let integers = self
            .operation
            .parameters
            .iter()
            .filter(|parameter| !parameter.in_path)
            .filter(|parameter| self.contract.types(&parameter.schema).contains("integer"))
            .flat_map(|parameter| {
                let name = &parameter.name;
                [
                    CANARY,
                    "-1",
                    "1.5",
                    "1e3",
                    "99999999999999999999999999",
                    "%FF",
                ]
                .map(|wrong| with(&format!("{name}={wrong}"), ProblemCode::MalformedParameter))
            });
        let fixed = self
            .example
            .bad_queries
            .iter()
            .map(|(query, expected)| with(query, *expected));
        integers.chain(fixed).collect()
    }

    /// The body as bytes: its encoding, its size, its type.
    fn bytes(&self, body: &Value) -> Vec<Case> {
        use ProblemCode::{BodyTooLarge, MalformedBody, UnsupportedBody};
        let json = body.to_string();
        let with = |name: &str, bytes: Vec<u8>, expected| {
            case(name, self.good.clone().json(bytes), expected)
        };
        let coded = |name: &str, encoding: &str, bytes: Vec<u8>, expected| {
            let request = self.good.clone().json(bytes);
            case(name, request.header("content-encoding", encoding), expected)
        };
        let typed = |name: &str, kind: &str| {
            let request = self.good.clone().replaced("content-type", kind);
            case(name, request, UnsupportedBody)
        };
        let nested = |levels: usize| "[".repeat(levels) + &"]".repeat(levels);
        // The deepest member stands at the levels of the object, the member, and what it nests.
        let deep = format!(
            "{},\"later\":{}}}",
            &json[..json.len() - 1],
            nested(JSON_MAX_DEPTH)
        );
        let padded = |length: usize| {
            let mut bytes = json.clone().into_bytes();
            bytes.resize(length, b' ');
            bytes
        };
        let mut unnamed = self.good.clone();
        unnamed.headers.retain(|(name, _)| name != "content-type");
        let gzipped = gzip(json.as_bytes());
        let utf16: Vec<u8> = json.encode_utf16().flat_map(u16::to_le_bytes).collect();
        let mut bad_utf8 = json.clone().into_bytes();
        let quote = json.find('"').expect("a member") + 1;
        bad_utf8.insert(quote, 0xff);
        vec![
            with("no body", vec![], MalformedBody),
            with(
                "body cut off",
                json.as_bytes()[..json.len() - 1].to_vec(),
                MalformedBody,
            ),
            with(
                "two bodies",
                [json.as_bytes(), json.as_bytes()].concat(),
                MalformedBody,
            ),
            with("bad UTF-8", bad_utf8, MalformedBody),
            with("UTF-16", utf16, MalformedBody),
            with("NUL", vec![0], MalformedBody),
            with("not JSON", CANARY.as_bytes().to_vec(), MalformedBody),
            with("17 levels", deep.into_bytes(), MalformedBody),
            with(
                "500,000 levels",
                nested(500_000).into_bytes(),
                MalformedBody,
            ),
            with("a list", format!("[{json}]").into_bytes(), MalformedBody),
            with("a text", format!("{CANARY:?}").into_bytes(), MalformedBody),
            with("a number", b"7".to_vec(), MalformedBody),
            with("null", b"null".to_vec(), MalformedBody),
            with("an empty object", b"{}".to_vec(), MalformedBody),
            with("over 1 MiB", padded(BODY_MAX_BYTES + 1), BodyTooLarge),
            with("8 MiB", padded(8 * BODY_MAX_BYTES), BodyTooLarge),
            coded(
                "over 4 MiB decompressed",
                "gzip",
                gzip(&padded(BODY_MAX_DECOMPRESSED_BYTES + 1)),
                BodyTooLarge,
            ),
            coded("a bomb of gzip", "gzip", BOMB.clone(), BodyTooLarge),
            coded("no gzip", "gzip", json.clone().into_bytes(), MalformedBody),
            coded(
                "gzip cut off",
                "gzip",
                gzipped[..gzipped.len() / 2].to_vec(),
                MalformedBody,
            ),
            coded(
                "gzip of bad UTF-8",
                "gzip",
                gzip(b"{\"\xff\":1}"),
                MalformedBody,
            ),
            coded(
                "an unknown encoding",
                "br",
                json.clone().into_bytes(),
                UnsupportedBody,
            ),
            coded(
                "two encodings",
                "gzip, gzip",
                gzip(&gzipped),
                UnsupportedBody,
            ),
            case("no content type", unnamed, UnsupportedBody),
            typed("a form", "application/x-www-form-urlencoded"),
            typed("plain text", "text/plain"),
            typed("XML", "application/xml"),
            typed("a content type that is none", "\u{ff}json"),
        ]
    }

    /// Each member left out, given twice, and with each wrong type.
    fn members(&self, schema: &Value, body: &Value, at: &str) -> Vec<Case> {
        let schema = self.contract.resolve(schema);
        let (Some(properties), Some(members)) =
            (schema["properties"].as_object(), body.as_object())
        else {
            return vec![];
        };
        let required = schema["required"].as_array().cloned().unwrap_or_default();
        let mut cases = Vec::new();
        for (name, value) in members {
            let property = properties
                .get(name)
                .unwrap_or_else(|| panic!("the contract does not know {at}/{name}"));
            let pointer = format!("{at}/{name}");
            if required.iter().any(|needed| needed == name) {
                let body = self.changed(&pointer, None);
                cases.push(self.of_body(format!("{pointer} left out"), &body));
            }
            for wrong in self.wrong_values(property) {
                let body = self.changed(&pointer, Some(wrong.clone()));
                cases.push(self.of_body(format!("{pointer} {wrong}"), &body));
            }
            cases.extend(self.members(property, value, &pointer));
        }
        if at.is_empty() {
            let (name, value) = members.iter().next().expect("a member");
            let twice = format!("{{{name:?}:{value},{}", &body.to_string()[1..]);
            let request = self.good.clone().json(twice);
            cases.push(case(
                format!("/{name} twice"),
                request,
                ProblemCode::MalformedBody,
            ));
        }
        cases
    }

    fn wrong_values(&self, property: &Value) -> Vec<Value> {
        let resolved = self.contract.resolve(property);
        let types = self.contract.types(property);
        if types.is_empty() {
            return vec![];
        }
        let allows = |kind: &str| types.contains(kind);
        let mut wrong: Vec<Value> = Vec::new();
        for (kind, value) in [
            ("null", Value::Null),
            ("boolean", json!(true)),
            ("string", json!(CANARY)),
            ("array", json!([CANARY])),
            (
                "object",
                Value::Object(Map::from_iter([(CANARY.into(), json!(1))])),
            ),
        ] {
            if !allows(kind) {
                wrong.push(value);
            }
        }
        if allows("integer") {
            wrong.extend([json!(1.5), json!(1e30), json!("7")]);
            wrong.extend((resolved["minimum"].as_i64() == Some(0)).then(|| json!(-1)));
        } else if !allows("number") {
            wrong.push(json!(7));
        }
        if resolved["format"] == "uuid" {
            wrong.extend([json!(CANARY), json!(""), json!("0190")]);
        }
        wrong
    }

    fn fixed_members(&self) -> Vec<Case> {
        self.example
            .bad_members
            .iter()
            .map(|(pointer, value, expected)| {
                let body = self.changed(pointer, Some(value.clone()));
                let mut shown = value.to_string();
                shown.truncate(40);
                case(
                    format!("{pointer} {shown}"),
                    self.good.clone().json(body.to_string()),
                    *expected,
                )
            })
            .collect()
    }

    fn of_body(&self, name: String, body: &Value) -> Case {
        case(
            name,
            self.good.clone().json(body.to_string()),
            ProblemCode::MalformedBody,
        )
    }

    /// The good body with one member changed, or left out.
    fn changed(&self, pointer: &str, value: Option<Value>) -> Value {
        let mut body = self.example.body.clone().expect("a body");
        let (parent, name) = pointer.rsplit_once('/').expect("a pointer");
        let parent = body
            .pointer_mut(parent)
            .and_then(Value::as_object_mut)
            .unwrap_or_else(|| panic!("{pointer} leads nowhere"));
        match value {
            Some(value) => parent.insert(name.to_owned(), value),
            None => parent.remove(name),
        };
        body
    }
}

fn gzip(bytes: &[u8]) -> Vec<u8> {
    let mut encoder = GzEncoder::new(Vec::new(), Compression::default());
    encoder
        .write_all(bytes)
        .and_then(|()| encoder.finish())
        .expect("compresses")
}
