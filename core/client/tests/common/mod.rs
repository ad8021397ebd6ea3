//! A hand-written fake of the server that holds real state, a fake clock, and a network between
//! that loses, repeats and breaks what it is told to.

#![allow(dead_code, reason = "every test file uses its own part")]

pub(crate) mod http;

use std::collections::{BTreeMap, VecDeque};
use std::io::Read;
use std::path::Path;
use std::sync::atomic::{AtomicI64, AtomicU64, Ordering};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use kokoni_client::ports::{Clock, Random, RandomError, Transport};
use kokoni_client::transport::{HttpRequest, HttpResponse, Method, TransportError};
use kokoni_client::{CallOptions, EnrolledIdentity};
use kokoni_client::{Cancel, Engine, EngineConfig, FileSecretStore, Invitation, Ports};
use kokoni_model::clock::{ClockReading, Timestamp};
use kokoni_model::event::{Act, SealedEvent};
use kokoni_model::ids::*;
use kokoni_model::label::{Host, LabelId};
use kokoni_model::rules::meaning::Target;
use kokoni_model::wire::directory::*;
use kokoni_model::wire::enrolment::{EnrolRequest, Enrolled, Platform, RefreshRequest};
use kokoni_model::wire::enrolment::{Secret, Tokens};
use kokoni_model::wire::events::*;
use kokoni_model::wire::problem::{Problem, ProblemCode};
use ring::signature::{Ed25519KeyPair, KeyPair};
use uuid::Uuid;

/// The code of every invitation.
pub(crate) const CODE: &str = "0123456789ABCDEFGHJKMNPQRS";
pub(crate) const SEAT: LabelId = LabelId::from_bytes([1; 10]);
pub(crate) const OTHER_SEAT: LabelId = LabelId::from_bytes([2; 10]);
pub(crate) const ITEM: LabelId = LabelId::from_bytes([3; 10]);
pub(crate) const HOME: LabelId = LabelId::from_bytes([4; 10]);
pub(crate) const UNKNOWN: LabelId = LabelId::from_bytes([9; 10]);

pub(crate) fn place(number: u128) -> PlaceId {
    PlaceId::from_uuid(Uuid::from_u128(number))
}

pub(crate) fn item_id() -> ItemId {
    ItemId::from_uuid(Uuid::from_u128(300))
}

pub(crate) fn me() -> PersonId {
    PersonId::from_uuid(Uuid::from_u128(7))
}

/// 2026-11-24, a Tuesday, 09:00 in Tokyo.
pub(crate) const MORNING_US: i64 = 1_795_478_400_000_000;

/// A clock that only moves when it is told to.
pub(crate) struct FakeClock {
    pub(crate) wall_us: AtomicI64,
    pub(crate) mono_ms: AtomicU64,
    pub(crate) boot: Mutex<u128>,
    /// What a clock that nobody sets would say.
    pub(crate) true_us: AtomicI64,
}

impl FakeClock {
    pub(crate) fn new() -> Arc<Self> {
        Arc::new(Self {
            wall_us: AtomicI64::new(MORNING_US),
            mono_ms: AtomicU64::new(1_000_000),
            boot: Mutex::new(1),
            true_us: AtomicI64::new(MORNING_US),
        })
    }

    pub(crate) fn advance(&self, by: Duration) {
        let micros = i64::try_from(by.as_micros()).expect("short");
        self.wall_us.fetch_add(micros, Ordering::SeqCst);
        self.true_us.fetch_add(micros, Ordering::SeqCst);
        let millis = u64::try_from(by.as_millis()).expect("short");
        self.mono_ms.fetch_add(millis, Ordering::SeqCst);
    }

    /// Somebody sets the wall clock.
    pub(crate) fn jump(&self, micros: i64) {
        self.wall_us.fetch_add(micros, Ordering::SeqCst);
    }

    pub(crate) fn reboot(&self) {
        *self.boot.lock().expect("unpoisoned") += 1;
        self.mono_ms.store(5_000, Ordering::SeqCst);
    }
}

impl Clock for FakeClock {
    fn now(&self) -> ClockReading {
        ClockReading {
            wall_us: Timestamp::from_micros(self.wall_us.load(Ordering::SeqCst)),
            offset_min: 540,
            mono_ms: self.mono_ms.load(Ordering::SeqCst),
            boot: BootId::from_uuid(Uuid::from_u128(*self.boot.lock().expect("unpoisoned"))),
        }
    }
}

/// Random bytes from a seed.
pub(crate) struct SeededRandom(Mutex<u64>);

impl SeededRandom {
    pub(crate) fn new(seed: u64) -> Arc<Self> {
        Arc::new(Self(Mutex::new(seed)))
    }
}

impl Random for SeededRandom {
    fn fill(&self, bytes: &mut [u8]) -> Result<(), RandomError> {
        let mut state = self.0.lock().expect("unpoisoned");
        for byte in bytes {
            *state = state
                .wrapping_mul(6_364_136_223_846_793_005)
                .wrapping_add(1_442_695_040_888_963_407);
            *byte = (*state >> 56) as u8;
        }
        Ok(())
    }
}

/// What the network does to one exchange.
#[derive(Clone, Debug)]
pub(crate) enum Fault {
    /// The request never arrives.
    LoseRequest(TransportError),
    /// The request arrives, its answer does not.
    LoseAnswer(TransportError),
    /// The request arrives twice; the second answer comes back.
    Twice,
    /// A batch that was sent before arrives once more, before this request.
    Late,
    /// Somebody else answers.
    Answer(HttpResponse),
    /// The call is cancelled on the way.
    CancelThen,
}

/// One event as the server holds it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Held {
    pub(crate) text: String,
    pub(crate) outcome: Outcome,
}

/// Everything the server knows.
#[derive(Clone)]
pub(crate) struct ServerState {
    pub(crate) incarnation: u128,
    pub(crate) events: BTreeMap<(String, u64), Held>,
    /// Numbers in the order in which they were applied.
    pub(crate) applied: Vec<(String, u64)>,
    pub(crate) lost: BTreeMap<String, u64>,
}

/// A server with one person, two seats, one item and one home.
pub(crate) struct FakeServer {
    pub(crate) state: Mutex<ServerState>,
    pub(crate) faults: Mutex<VecDeque<Option<Fault>>>,
    /// Batches that were sent, the first ones first.
    sent: Mutex<Vec<HttpRequest>>,
    pub(crate) clock: Arc<FakeClock>,
    /// How far the server's clock is from the true one.
    pub(crate) skew_us: AtomicI64,
    pub(crate) refreshes: AtomicU64,
    pub(crate) requests: AtomicU64,
    pub(crate) batches: AtomicU64,
    valid_access: Mutex<Option<String>>,
    refresh_token: Mutex<String>,
    /// Still accepted: its answer may have been lost.
    refresh_before: Mutex<String>,
    /// Answers for these labels are rejections.
    pub(crate) reject: Mutex<Vec<(LabelId, RejectReason)>>,
    /// Events with these labels are answered `retry`.
    pub(crate) retry: Mutex<Vec<LabelId>>,
    /// A batch with one of these labels is refused as a whole.
    pub(crate) choke: Mutex<Vec<LabelId>>,
    pub(crate) catalogue_version: AtomicU64,
    pub(crate) revoked: Mutex<bool>,
    pub(crate) person: Mutex<PersonId>,
    pub(crate) devices: AtomicU64,
    key: Ed25519KeyPair,
}

impl FakeServer {
    pub(crate) fn new(clock: Arc<FakeClock>) -> Arc<Self> {
        Arc::new(Self {
            state: Mutex::new(ServerState {
                incarnation: 1,
                events: BTreeMap::new(),
                applied: vec![],
                lost: BTreeMap::new(),
            }),
            faults: Mutex::new(VecDeque::new()),
            sent: Mutex::default(),
            clock,
            skew_us: AtomicI64::new(0),
            refreshes: AtomicU64::new(0),
            requests: AtomicU64::new(0),
            batches: AtomicU64::new(0),
            valid_access: Mutex::new(None),
            refresh_token: Mutex::new("refresh-0".into()),
            refresh_before: Mutex::default(),
            reject: Mutex::default(),
            retry: Mutex::default(),
            choke: Mutex::default(),
            catalogue_version: AtomicU64::new(1),
            revoked: Mutex::new(false),
            person: Mutex::new(me()),
            devices: AtomicU64::new(0),
            key: Ed25519KeyPair::from_seed_unchecked(&[5; 32]).expect("a key"),
        })
    }

    /// The next exchanges suffer these.
    pub(crate) fn next_faults(&self, faults: impl IntoIterator<Item = Option<Fault>>) {
        self.faults.lock().expect("unpoisoned").extend(faults);
    }

    /// Access tokens given so far count no more.
    pub(crate) fn expire_access(&self) {
        *self.valid_access.lock().expect("unpoisoned") = None;
    }

    pub(crate) fn snapshot(&self) -> ServerState {
        self.state.lock().expect("unpoisoned").clone()
    }

    /// The database of an earlier moment comes back, as another life.
    pub(crate) fn restore(&self, mut earlier: ServerState) {
        let mut state = self.state.lock().expect("unpoisoned");
        earlier.incarnation = state.incarnation + 1;
        *state = earlier;
    }

    pub(crate) fn held(&self) -> Vec<Held> {
        self.snapshot().events.into_values().collect()
    }

    pub(crate) fn answer(&self, request: &HttpRequest) -> HttpResponse {
        self.requests.fetch_add(1, Ordering::SeqCst);
        let path = request.url.splitn(4, '/').nth(3).unwrap_or("").to_owned();
        let (path, query) = path.split_once('?').unwrap_or((&path, ""));
        let body = plain_body(request);
        match (request.method, path) {
            (Method::Post, "api/v1/enrol") => return self.enrol(&body),
            (Method::Post, "api/v1/tokens/refresh") => return self.renew(&body),
            _ => {}
        }
        if *self.revoked.lock().expect("unpoisoned") {
            return problem(ProblemCode::DeviceRevoked);
        }
        let bearer = header(request, "authorization").unwrap_or_default();
        let valid = self.valid_access.lock().expect("unpoisoned").clone();
        if valid.is_none_or(|valid| bearer != format!("Bearer {valid}")) {
            return problem(ProblemCode::SignInNeeded);
        }
        match (request.method, path) {
            (Method::Post, "api/v1/events") => self.ingest(&body),
            (Method::Get, "api/v1/me") => ok(200, &self.my_state()),
            (Method::Get, "api/v1/directory") => ok(200, &self.directory(query)),
            (Method::Get, "api/v1/catalogue") => self.catalogue(query),
            (Method::Post, "api/v1/sign-out") => {
                *self.revoked.lock().expect("unpoisoned") = true;
                empty(204)
            }
            _ => problem(ProblemCode::NotFound),
        }
    }

    fn new_tokens(&self, number: u64) -> Tokens {
        let access = format!("access-{number}");
        *self.valid_access.lock().expect("unpoisoned") = Some(access.clone());
        let refresh = format!("refresh-{number}");
        self.refresh_token
            .lock()
            .expect("unpoisoned")
            .clone_from(&refresh);
        Tokens {
            access: Secret(access),
            access_expires_us: self.now().plus_seconds(3600),
            refresh: Secret(refresh),
        }
    }

    fn enrol(&self, body: &[u8]) -> HttpResponse {
        let request: EnrolRequest = serde_json::from_slice(body).expect("an enrolment");
        if request.code.0 != CODE {
            return problem(ProblemCode::CodeNotValid);
        }
        let number = self.devices.fetch_add(1, Ordering::SeqCst);
        *self.revoked.lock().expect("unpoisoned") = false;
        let public = self.key.public_key().as_ref().to_vec();
        let enrolled = Enrolled {
            organisation: OrganisationId::from_uuid(Uuid::from_u128(1)),
            organisation_name: "ココニ市".into(),
            person: *self.person.lock().expect("unpoisoned"),
            person_name: "山田 花子".into(),
            device: DeviceId::from_uuid(Uuid::from_u128(100 + u128::from(number))),
            label_host: Host::new("k.example.jp").expect("a host"),
            catalogue_key: data_encoding::BASE64.encode(&public),
            incarnation: self.incarnation(),
            tokens: self.new_tokens(1_000 * (number + 1)),
        };
        ok(201, &enrolled)
    }

    fn renew(&self, body: &[u8]) -> HttpResponse {
        let request: RefreshRequest = serde_json::from_slice(body).expect("a refresh");
        let known = self.refresh_token.lock().expect("unpoisoned").clone();
        if *self.revoked.lock().expect("unpoisoned") {
            return problem(ProblemCode::DeviceRevoked);
        }
        let mut before = self.refresh_before.lock().expect("unpoisoned");
        if request.refresh.0 == known {
            before.clone_from(&known);
        } else if request.refresh.0 != *before {
            return problem(ProblemCode::SignInNeeded);
        }
        let number = self.refreshes.fetch_add(1, Ordering::SeqCst) + 1;
        ok(200, &self.new_tokens(number))
    }

    fn incarnation(&self) -> IncarnationId {
        let incarnation = self.state.lock().expect("unpoisoned").incarnation;
        IncarnationId::from_uuid(Uuid::from_u128(incarnation))
    }

    fn now(&self) -> Timestamp {
        Timestamp::from_micros(self.clock.true_us.load(Ordering::SeqCst))
            .plus_micros(self.skew_us.load(Ordering::SeqCst))
    }

    fn my_state(&self) -> kokoni_model::wire::views::MyState {
        serde_json::from_value(serde_json::json!({
            "date": "2020-01-01", "presence": "no_record", "first_us": null,
            "telework_declared": false, "loans": []
        }))
        .expect("a state")
    }

    /// The rules of ingest: in order, each once, the same number with other content is an error, a
    /// gap is waited for unless it is said to be lost.
    fn ingest(&self, body: &[u8]) -> HttpResponse {
        self.batches.fetch_add(1, Ordering::SeqCst);
        let batch: EventBatch = serde_json::from_slice(body).expect("a batch");
        let opened: Vec<Option<SealedEvent>> = batch
            .events
            .iter()
            .map(|raw| SealedEvent::open(raw.get()).ok())
            .collect();
        let named = |labels: &[LabelId], event: &SealedEvent| matches!(&event.event().act, Act::Scan { label, .. } if labels.contains(label));
        let choke = self.choke.lock().expect("unpoisoned").clone();
        if opened.iter().flatten().any(|event| named(&choke, event)) {
            return problem(ProblemCode::MalformedBody);
        }
        let epoch = batch.epoch.to_string();
        let mut guard = self.state.lock().expect("unpoisoned");
        let state = &mut *guard;
        if let Some(before) = batch.lost_before {
            let lost = state.lost.entry(epoch.clone()).or_insert(0);
            *lost = (*lost).max(before - 1);
        }
        let lost = state.lost.get(&epoch).copied().unwrap_or(0);
        let mut answers = Vec::new();
        for (raw, event) in batch.events.iter().zip(&opened) {
            let Some(event) = event else {
                answers.push(EventAnswer {
                    seq: 0,
                    outcome: rejected(RejectReason::Malformed),
                });
                continue;
            };
            let seq = event.event().seq;
            let key = (epoch.clone(), seq);
            let outcome = match state.events.get(&key) {
                Some(held) if held.text == raw.get() => match &held.outcome {
                    Outcome::Applied => Outcome::Duplicate,
                    other => other.clone(),
                },
                Some(_) => rejected(RejectReason::ContentDiffers),
                None => {
                    let before = seq == 1
                        || seq - 1 <= lost
                        || state.events.contains_key(&(epoch.clone(), seq - 1));
                    let retry = self.retry.lock().expect("unpoisoned");
                    if !before || named(&retry, event) {
                        Outcome::Retry
                    } else {
                        let outcome = self.judge(event);
                        if outcome == Outcome::Applied {
                            state.applied.push(key.clone());
                        }
                        state.events.insert(
                            key,
                            Held {
                                text: raw.get().to_owned(),
                                outcome: outcome.clone(),
                            },
                        );
                        outcome
                    }
                }
            };
            answers.push(EventAnswer { seq, outcome });
        }
        let mut held_through = lost;
        while state
            .events
            .contains_key(&(epoch.clone(), held_through + 1))
        {
            held_through += 1;
        }
        let incarnation = IncarnationId::from_uuid(Uuid::from_u128(state.incarnation));
        drop(guard);
        ok(
            200,
            &BatchReply {
                incarnation,
                received_us: self.now(),
                held_through,
                answers,
                me: None,
            },
        )
    }

    fn judge(&self, event: &SealedEvent) -> Outcome {
        let Act::Scan { label, .. } = &event.event().act else {
            return Outcome::Applied;
        };
        let reject = self.reject.lock().expect("unpoisoned");
        match reject.iter().find(|(refused, _)| refused == label) {
            Some((_, reason)) => rejected(reason.clone()),
            None => Outcome::Applied,
        }
    }

    fn directory(&self, query: &str) -> DirectoryDelta {
        let fresh = query.is_empty();
        let bind = |label, target| DirectoryEntry::Label(LabelBinding { label, target });
        let floor = FloorId::from_uuid(Uuid::from_u128(30));
        let seat = |number, name: &str| {
            DirectoryEntry::Place(Place {
                id: place(number),
                name: name.into(),
                place_kind: PlaceKind::Seat,
                floor: Some(floor),
                zone: None,
                x: 0.0,
                y: 0.0,
            })
        };
        let entries = vec![
            DirectoryEntry::Floor(Floor {
                id: floor,
                site: SiteId::from_uuid(Uuid::from_u128(20)),
                name: "3階".into(),
                name_en: "3F".into(),
                level: 3,
            }),
            seat(1, "A-12"),
            seat(2, "A-13"),
            DirectoryEntry::Item(Item {
                id: item_id(),
                name: "会議用スピーカー".into(),
                locker: LockerId::from_uuid(Uuid::from_u128(40)),
                lent_to: None,
            }),
            bind(SEAT, Target::Place { place: place(1) }),
            bind(OTHER_SEAT, Target::Place { place: place(2) }),
            bind(ITEM, Target::Item { item: item_id() }),
            bind(
                HOME,
                Target::Home {
                    place: place(9),
                    person: me(),
                },
            ),
        ];
        let put = |entry| DirectoryChange::Put {
            entry: Box::new(entry),
        };
        DirectoryDelta {
            incarnation: self.incarnation(),
            cursor: "1".into(),
            reset: fresh,
            more: false,
            changes: if fresh {
                entries.into_iter().map(put).collect()
            } else {
                vec![]
            },
        }
    }

    fn catalogue(&self, query: &str) -> HttpResponse {
        let version = self.catalogue_version.load(Ordering::SeqCst);
        if query == format!("since={version}") {
            return empty(204);
        }
        ok(200, &self.signed_catalogue(version))
    }

    pub(crate) fn signed_catalogue(&self, version: u64) -> SignedCatalogue {
        let catalogue = format!(
            r#"{{"host":"k.example.jp","version":{version},"labels":["{SEAT}","{OTHER_SEAT}"]}}"#
        );
        SignedCatalogue {
            signature: data_encoding::BASE64.encode(self.key.sign(catalogue.as_bytes()).as_ref()),
            catalogue,
        }
    }
}

impl Transport for FakeServer {
    fn exchange(
        &self,
        request: &HttpRequest,
        _within: Duration,
        cancel: &Cancel,
    ) -> Result<HttpResponse, TransportError> {
        let fault = self
            .faults
            .lock()
            .expect("unpoisoned")
            .pop_front()
            .flatten();
        match fault {
            None => Ok(self.answer(request)),
            Some(Fault::LoseRequest(error)) => Err(error),
            Some(Fault::LoseAnswer(error)) => {
                self.answer(request);
                Err(error)
            }
            Some(Fault::Twice) => {
                self.answer(request);
                Ok(self.answer(request))
            }
            Some(Fault::Late) => {
                let before = self.sent.lock().expect("unpoisoned").first().cloned();
                if let Some(late) = before {
                    self.answer(&late);
                }
                Ok(self.answer(request))
            }
            Some(Fault::Answer(response)) => Ok(response),
            Some(Fault::CancelThen) => {
                cancel.cancel();
                Ok(self.answer(request))
            }
        }
    }
}

fn rejected(reason: RejectReason) -> Outcome {
    Outcome::Rejected(Rejection { reason, who: None })
}

fn header<'a>(request: &'a HttpRequest, name: &str) -> Option<&'a str> {
    let found = request.headers.iter().find(|(known, _)| *known == name);
    found.map(|(_, value)| value.as_str())
}

fn plain_body(request: &HttpRequest) -> Vec<u8> {
    let body = request.body.clone().unwrap_or_default();
    if header(request, "content-encoding") != Some("gzip") {
        return body;
    }
    let mut plain = Vec::new();
    flate2::read::GzDecoder::new(&body[..])
        .read_to_end(&mut plain)
        .expect("gzip");
    plain
}

pub(crate) fn response(status: u16, ours: bool, body: &[u8]) -> HttpResponse {
    let protocol = ("kokoni-protocol".to_owned(), "1".to_owned());
    HttpResponse {
        status,
        headers: if ours { vec![protocol] } else { vec![] },
        body: body.to_vec(),
    }
}

fn ok<T: serde::Serialize>(status: u16, body: &T) -> HttpResponse {
    response(status, true, &serde_json::to_vec(body).expect("serialises"))
}

fn empty(status: u16) -> HttpResponse {
    response(status, true, b"")
}

pub(crate) fn problem(code: ProblemCode) -> HttpResponse {
    ok(code.status(), &Problem::new(code, None))
}

/// A folder, a clock and a server; engines are opened on them.
pub(crate) struct Phone {
    pub(crate) folder: tempfile::TempDir,
    pub(crate) clock: Arc<FakeClock>,
    pub(crate) server: Arc<FakeServer>,
    random: Arc<SeededRandom>,
}

impl Phone {
    pub(crate) fn new() -> Self {
        let clock = FakeClock::new();
        Self {
            folder: tempfile::tempdir().expect("a folder"),
            server: FakeServer::new(clock.clone()),
            clock,
            random: SeededRandom::new(7),
        }
    }

    pub(crate) fn path(&self) -> &Path {
        self.folder.path()
    }

    pub(crate) fn ports(&self) -> Ports {
        let secrets = FileSecretStore::open(self.path().join("secrets")).expect("a store");
        Ports {
            clock: self.clock.clone(),
            random: self.random.clone(),
            secrets: Arc::new(secrets),
            transport: Some(self.server.clone()),
        }
    }

    pub(crate) fn open(&self) -> Engine {
        self.try_open().expect("opens")
    }

    pub(crate) fn try_open(&self) -> Result<Engine, kokoni_client::ClientError> {
        Engine::open(EngineConfig {
            data: self.path().join("data"),
            ports: self.ports(),
            extra_roots: vec![],
            app_version: "test".into(),
        })
    }

    /// An engine that is enrolled and has synced once.
    pub(crate) fn enrolled(&self) -> Engine {
        let engine = self.open();
        enrol(&engine);
        sync(&engine);
        engine
    }

    pub(crate) fn database(&self) -> std::path::PathBuf {
        self.path().join("data/kokoni-client.db")
    }
}

pub(crate) fn invitation() -> Invitation {
    Invitation::from_link(&format!("https://k.example.jp/enrol#{CODE}")).expect("a link")
}

pub(crate) fn enrol(engine: &Engine) -> EnrolledIdentity {
    engine
        .enrol(
            &invitation(),
            "試験機",
            Platform::Cli,
            &CallOptions::default(),
        )
        .expect("enrolled")
}

/// A sync that gets through.
pub(crate) fn sync(engine: &Engine) -> kokoni_client::SyncReport {
    match engine.sync(&CallOptions::default()).expect("synced") {
        kokoni_client::SyncOutcome::Done { report } => report,
        other => panic!("{other:?}"),
    }
}
