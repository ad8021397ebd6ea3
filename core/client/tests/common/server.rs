//! A hand-written fake of the server that holds real state.

use std::collections::{BTreeMap, VecDeque};
use std::sync::atomic::{AtomicI64, AtomicU64, Ordering};
use std::sync::{Arc, Mutex};

use kokoni_client::transport::{HttpRequest, HttpResponse, Method};
use kokoni_model::clock::Timestamp;
use kokoni_model::event::{Act, SealedEvent};
use kokoni_model::ids::*;
use kokoni_model::label::{Host, LabelId};
use kokoni_model::rules::meaning::Target;
use kokoni_model::wire::directory::*;
use kokoni_model::wire::enrolment::{EnrolRequest, Enrolled, RefreshRequest, Secret, Tokens};
use kokoni_model::wire::events::*;
use kokoni_model::wire::problem::ProblemCode;
use kokoni_model::wire::views::{MyState, PresenceView};
use ring::signature::{Ed25519KeyPair, KeyPair};
use uuid::Uuid;

use super::answers::{empty, header, ok, plain_body, problem, rejected};
use super::clock::FakeClock;
use super::network::Fault;
use super::{CODE, HOME, ITEM, OTHER_SEAT, SEAT, item_id, me, place};

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

impl ServerState {
    /// Whether an event was applied and has not been taken back.
    fn counts(&self, epoch: &str, seq: u64) -> bool {
        let applied = |held: &Held| held.outcome == Outcome::Applied;
        let takes_back = |held: &Held| {
            let event = SealedEvent::open(&held.text).expect("an event");
            event.event().act == Act::Withdraw { seq }
        };
        let found = self.events.get(&(epoch.to_owned(), seq));
        let mut later = self.events.range((epoch.to_owned(), seq)..);
        found.is_some_and(applied)
            && !later.any(|((of, _), held)| of == epoch && applied(held) && takes_back(held))
    }
}

/// A server with one person, two seats, one item and one home.
pub(crate) struct FakeServer {
    pub(crate) state: Mutex<ServerState>,
    pub(crate) faults: Mutex<VecDeque<Option<Fault>>>,
    /// Batches that were sent, the first ones first.
    pub(super) sent: Mutex<Vec<HttpRequest>>,
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
    /// What the person's other devices and visits to the web page made of the day.
    pub(crate) my_day: Mutex<Option<MyState>>,
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
            my_day: Mutex::default(),
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

    /// A token that has bought another buys nothing any more, also not what it bought.
    pub(crate) fn end_grace(&self) {
        self.refresh_before.lock().expect("unpoisoned").clear();
    }

    pub(crate) fn snapshot(&self) -> ServerState {
        self.state.lock().expect("unpoisoned").clone()
    }

    /// Says from now on that the person is so, on the working day of the fake clock's morning.
    pub(crate) fn person_is(&self, presence: PresenceView, first: Timestamp, telework: bool) {
        *self.my_day.lock().expect("unpoisoned") = Some(MyState {
            date: chrono::NaiveDate::from_ymd_opt(2026, 11, 24).expect("a date"),
            presence,
            first_us: Some(first),
            telework_declared: telework,
            loans: vec![],
        });
    }

    /// The database of an earlier moment comes back, as another life.
    pub(crate) fn restore(&self, mut earlier: ServerState) {
        let mut state = self.state.lock().expect("unpoisoned");
        earlier.incarnation = state.incarnation + 1;
        *state = earlier;
    }

    /// The database of an earlier moment comes back, and nobody has told the server.
    pub(crate) fn put_back(&self, earlier: ServerState) {
        *self.state.lock().expect("unpoisoned") = earlier;
    }

    pub(crate) fn held(&self) -> Vec<Held> {
        self.snapshot().events.into_values().collect()
    }

    pub(crate) fn answer(&self, request: &HttpRequest) -> HttpResponse {
        let mut response = self.answer_of(request);
        let time = ("kokoni-time".to_owned(), self.now().as_micros().to_string());
        response.headers.push(time);
        response
    }

    fn answer_of(&self, request: &HttpRequest) -> HttpResponse {
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

    fn my_state(&self) -> MyState {
        if let Some(day) = self.my_day.lock().expect("unpoisoned").clone() {
            return day;
        }
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
                        let outcome = self.judge(state, &epoch, event);
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

    fn judge(&self, state: &ServerState, epoch: &str, event: &SealedEvent) -> Outcome {
        let label = match &event.event().act {
            Act::Scan { label, .. } => label,
            Act::Withdraw { seq } if state.counts(epoch, *seq) => return Outcome::Applied,
            Act::Withdraw { .. } => return rejected(RejectReason::NothingToWithdraw),
            Act::Unknown => return rejected(RejectReason::NotUnderstood),
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
