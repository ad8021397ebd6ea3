//! A real server on a free port with a clock and a randomness of its own, and phones that speak to
//! it over HTTP.

#![allow(dead_code, reason = "every test program uses another part of the kit")]

use std::net::SocketAddr;
use std::sync::Arc;

use kokoni_model::calendar::{Calendar, PersonCalendar, ReminderPolicy};
use kokoni_model::clock::{ClockReading, Timestamp};
use kokoni_model::event::{Act, EVENT_VERSION, Epoch, Event, Meaning, SealedEvent, Via};
use kokoni_model::ids::{BootId, EventId, PersonId};
use kokoni_model::label::{Host, LabelId};
use kokoni_model::wire::directory::PlaceKind;
use kokoni_model::wire::enrolment::{EnrolRequest, Enrolled, Platform, RefreshRequest, Secret};
use kokoni_model::wire::events::{BatchReply, EventBatch, Outcome, RejectReason};
use kokoni_model::wire::problem::{Problem, ProblemCode};
use kokoni_model::wire::views::{FloorOccupancy, MyState};
use kokoni_server::app::App;
use kokoni_server::auth::Role;
use kokoni_server::organisation::Policies;
use kokoni_server::ports::{FakeClock, Random, SeededRandom};
use kokoni_server::setup::{
    self, CreatedOrganisation, EnrolmentCode, NewFloor, NewLocker, NewOrganisation, NewPerson,
    NewPlace, NewSection, NewSite,
};
use kokoni_server::store::Store;
use kokoni_server::{Config, Server};
use reqwest::{Method, RequestBuilder, Response, StatusCode};
use serde::de::DeserializeOwned;
use serde_json::value::RawValue;
use tokio::sync::oneshot;
use uuid::Uuid;

/// 2026-11-24 09:00 in Tokyo, a Tuesday on which everybody works.
pub(crate) const MORNING: Timestamp = Timestamp::from_micros(1_795_478_400_000_000);

/// A running server with one organisation.
pub(crate) struct World {
    pub(crate) address: SocketAddr,
    pub(crate) app: App,
    pub(crate) store: Store,
    pub(crate) clock: Arc<FakeClock>,
    pub(crate) office: CreatedOrganisation,
    pub(crate) http: reqwest::Client,
    random: SeededRandom,
    stop: Option<oneshot::Sender<()>>,
    running: Option<tokio::task::JoinHandle<()>>,
    _folder: tempfile::TempDir,
}

/// The organisation every test starts with: two sites, two floors, six seats and a room on each,
/// a locker with two items, and six people of whom the last is an administrator.
pub(crate) fn city_hall(host: &str) -> NewOrganisation {
    let place = |number: usize| NewPlace {
        name: format!("A-{number}"),
        kind: if number == 7 {
            PlaceKind::Room
        } else {
            PlaceKind::Seat
        },
        zone: Some(0),
        x: number as f32,
        y: 1.5,
    };
    let site = |name: &str| NewSite {
        name: name.to_owned(),
        floors: vec![NewFloor {
            name: "1階".into(),
            name_en: "1F".into(),
            level: 1,
            plan_svg: Some("<svg xmlns='http://www.w3.org/2000/svg'/>".into()),
            zones: vec!["東".into()],
            places: (1..=7).map(place).collect(),
            lockers: vec![NewLocker {
                name: "ロッカー".into(),
                items: vec!["スピーカー".into(), "プロジェクター".into()],
            }],
        }],
    };
    NewOrganisation {
        name: "港町市役所".into(),
        label_host: Host::new(host).expect("a host"),
        policies: Policies::default(),
        calendar: Calendar::default(),
        reminders: ReminderPolicy::default(),
        sections: vec![NewSection {
            name: "企画課".into(),
            parent: None,
        }],
        sites: vec![site("本庁舎"), site("分庁舎")],
        people: (0..6).map(person).collect(),
        blank_labels: 1,
    }
}

fn person(number: usize) -> NewPerson {
    const NAMES: [(&str, &str); 6] = [
        ("山田", "ヤマダ"),
        ("佐藤", "サトウ"),
        ("鈴木", "スズキ"),
        ("高橋", "タカハシ"),
        ("渡邉", "ワタナベ"),
        ("管理", "カンリ"),
    ];
    NewPerson {
        family: NAMES[number].0.into(),
        given: format!("太郎{number}"),
        kana_family: NAMES[number].1.into(),
        kana_given: "タロウ".into(),
        alias: None,
        section: 0,
        extension: Some(format!("10{number}")),
        role: if number == 5 {
            Role::Administrator
        } else {
            Role::Staff
        },
        calendar: PersonCalendar::default(),
    }
}

impl World {
    pub(crate) async fn start() -> Self {
        Self::start_with(1, |_| ()).await
    }

    pub(crate) async fn start_with(seed: u64, configure: impl FnOnce(&mut Config)) -> Self {
        let _ = rustls::crypto::ring::default_provider().install_default();
        let folder = tempfile::tempdir().expect("a folder");
        let clock = Arc::new(FakeClock::new(MORNING));
        let mut config = Config::new(folder.path(), SocketAddr::from(([127, 0, 0, 1], 0)));
        config.clock = Arc::clone(&clock) as Arc<dyn kokoni_server::ports::Clock>;
        config.random = Arc::new(move || Box::new(SeededRandom::new(seed)));
        configure(&mut config);
        let server = Server::bind(config).await.expect("bound");
        let (address, app) = (server.local_addr(), server.app().clone());
        let store = app.store.clone();
        let mut random = SeededRandom::new(seed ^ 0x5eed);
        let office = create(&store, "kokoni.example.jp", &mut random).await;
        let (stop, stopped) = oneshot::channel();
        let running = tokio::spawn(async move {
            let until = async {
                let _ = stopped.await;
            };
            server.run(until).await.expect("ran");
        });
        Self {
            address,
            app,
            store,
            clock,
            office,
            http: reqwest::Client::builder()
                .tls_certs_only([])
                .build()
                .expect("a client"),
            random,
            stop: Some(stop),
            running: Some(running),
            _folder: folder,
        }
    }

    /// A second organisation on the same server.
    pub(crate) async fn neighbours(&mut self) -> CreatedOrganisation {
        create(&self.store, "tonari.example.jp", &mut self.random).await
    }

    pub(crate) fn url(&self, path: &str) -> String {
        format!("http://{}{path}", self.address)
    }

    pub(crate) fn code_for(
        &mut self,
        office: &CreatedOrganisation,
        person: PersonId,
    ) -> EnrolmentCode {
        use kokoni_server::ports::Clock;
        let (store, id, now) = (self.store.clone(), office.id, self.clock.now());
        let mut random = self.random.clone();
        self.random.fill(&mut [0; 256]);
        setup::enrolment_code(&store, id, person, now, &mut random).expect("a code")
    }

    pub(crate) async fn enrol_with(&self, code: &str) -> Response {
        let request = EnrolRequest {
            code: Secret(code.to_owned()),
            device_name: "電話".into(),
            platform: Platform::Android,
        };
        self.http
            .post(self.url("/api/v1/enrol"))
            .json(&request)
            .send()
            .await
            .expect("answered")
    }

    /// An enrolled phone of a person of the office.
    pub(crate) async fn phone(&mut self, person: usize) -> Phone {
        let office = self.office.clone();
        self.phone_in(&office, person).await
    }

    pub(crate) async fn phone_in(&mut self, office: &CreatedOrganisation, person: usize) -> Phone {
        let code = self.code_for(office, office.people[person].id);
        let response = self.enrol_with(&code.link).await;
        assert_eq!(response.status(), StatusCode::CREATED);
        let enrolled: Enrolled = response.json().await.expect("enrolled");
        let mut bits = [0; 8];
        self.random.fill(&mut bits);
        Phone {
            base: format!("http://{}", self.address),
            http: self.http.clone(),
            clock: Arc::clone(&self.clock),
            epoch: Epoch::from_bits(u64::from_be_bytes(bits)),
            boot: BootId::from_uuid(Uuid::from_u64_pair(1, u64::from_be_bytes(bits))),
            enrolled,
            next: 1,
        }
    }

    /// Stops the server and waits until it has ended.
    pub(crate) async fn stop(&mut self) {
        if let (Some(stop), Some(running)) = (self.stop.take(), self.running.take()) {
            let _ = stop.send(());
            running.await.expect("ended");
        }
    }

    /// One number out of the database.
    pub(crate) async fn count(&self, sql: &'static str) -> i64 {
        self.store
            .read(move |tx| tx.one::<i64>(sql, &[]))
            .await
            .expect("counted")
    }
}

pub(crate) async fn create(
    store: &Store,
    host: &str,
    random: &mut SeededRandom,
) -> CreatedOrganisation {
    setup::create_organisation(store, &city_hall(host), MORNING, random).expect("created")
}

/// A phone: one device, one queue.
#[derive(Clone)]
pub(crate) struct Phone {
    pub(crate) base: String,
    pub(crate) http: reqwest::Client,
    pub(crate) clock: Arc<FakeClock>,
    pub(crate) epoch: Epoch,
    pub(crate) boot: BootId,
    pub(crate) enrolled: Enrolled,
    pub(crate) next: u64,
}

impl Phone {
    pub(crate) fn reading(&self) -> ClockReading {
        use kokoni_server::ports::Clock;
        let now = self.clock.now();
        ClockReading {
            wall_us: now,
            offset_min: 540,
            mono_ms: u64::try_from(now.as_micros() / 1_000).expect("after 1970"),
            boot: self.boot,
        }
    }

    /// An event with the next number, at this moment.
    pub(crate) fn record(&mut self, act: Act) -> SealedEvent {
        let event = self.event(self.next, act);
        self.next += 1;
        event
    }

    pub(crate) fn event(&self, seq: u64, act: Act) -> SealedEvent {
        SealedEvent::seal(self.unsealed(seq, act)).expect("sealed")
    }

    pub(crate) fn unsealed(&self, seq: u64, act: Act) -> Event {
        Event {
            v: EVENT_VERSION,
            id: EventId::from_uuid(Uuid::from_u64_pair(self.epoch.bits(), seq)),
            epoch: self.epoch,
            seq,
            clock: self.reading(),
            act,
            replaces: None,
        }
    }

    pub(crate) fn scan(&mut self, label: LabelId, meaning: Meaning) -> SealedEvent {
        self.record(scan(label, meaning))
    }

    pub(crate) fn batch(&self, texts: &[&str]) -> EventBatch {
        EventBatch {
            epoch: self.epoch,
            clock: self.reading(),
            lost_before: None,
            events: texts
                .iter()
                .map(|text| RawValue::from_string((*text).to_owned()).expect("JSON"))
                .collect(),
        }
    }

    pub(crate) async fn send(&self, events: &[&SealedEvent]) -> BatchReply {
        let texts: Vec<&str> = events.iter().map(|event| event.text()).collect();
        self.send_batch(&self.batch(&texts)).await
    }

    pub(crate) async fn send_batch(&self, batch: &EventBatch) -> BatchReply {
        let response = self.try_batch(batch).await;
        assert_eq!(response.status(), StatusCode::OK);
        response.json().await.expect("a reply")
    }

    pub(crate) async fn try_batch(&self, batch: &EventBatch) -> Response {
        self.request(Method::POST, "/api/v1/events")
            .json(batch)
            .send()
            .await
            .expect("answered")
    }

    /// Records, sends, and gives the one outcome.
    pub(crate) async fn does(&mut self, label: LabelId, meaning: Meaning) -> Outcome {
        let event = self.scan(label, meaning);
        let reply = self.send(&[&event]).await;
        reply.answers[0].outcome.clone()
    }

    pub(crate) fn request(&self, method: Method, path: &str) -> RequestBuilder {
        self.http
            .request(method, format!("{}{path}", self.base))
            .bearer_auth(&self.enrolled.tokens.access.0)
    }

    /// Exchanges its tokens.
    pub(crate) async fn refresh(&mut self) {
        let request = RefreshRequest {
            refresh: self.enrolled.tokens.refresh.clone(),
        };
        let response = self
            .request(Method::POST, "/api/v1/tokens/refresh")
            .json(&request)
            .send()
            .await
            .expect("answered");
        assert_eq!(response.status(), StatusCode::OK);
        self.enrolled.tokens = response.json().await.expect("tokens");
    }

    pub(crate) async fn get(&self, path: &str) -> Response {
        self.request(Method::GET, path)
            .send()
            .await
            .expect("answered")
    }

    pub(crate) async fn get_json<T: DeserializeOwned>(&self, path: &str) -> T {
        let response = self.get(path).await;
        assert_eq!(response.status(), StatusCode::OK, "{path}");
        response.json().await.expect("JSON")
    }

    pub(crate) async fn me(&self) -> MyState {
        self.get_json("/api/v1/me").await
    }

    pub(crate) async fn occupancy(&self, floor: kokoni_model::ids::FloorId) -> FloorOccupancy {
        self.get_json(&format!("/api/v1/floors/{floor}/occupancy"))
            .await
    }
}

pub(crate) fn scan(label: LabelId, meaning: Meaning) -> Act {
    Act::Scan {
        label,
        meaning,
        via: Via::Camera,
    }
}

/// Why an outcome is a rejection.
#[track_caller]
pub(crate) fn reason(outcome: &Outcome) -> RejectReason {
    match outcome {
        Outcome::Rejected(rejection) => rejection.reason.clone(),
        other => panic!("not rejected: {other:?}"),
    }
}

/// The problem a response carries.
pub(crate) async fn problem(response: Response) -> ProblemCode {
    let status = response.status().as_u16();
    let kind = response.headers()[reqwest::header::CONTENT_TYPE].clone();
    assert_eq!(kind, "application/problem+json");
    let problem: Problem = response.json().await.expect("a problem document");
    assert_eq!(problem.status, status);
    ProblemCode::from_type(&problem.problem_type).expect("a known code")
}
