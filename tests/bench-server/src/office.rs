//! The office that is measured: five floors of 200 seats, and its people's phones.

use std::net::SocketAddr;

use anyhow::{Context, Result, ensure};
use kokoni_model::calendar::{Calendar, PersonCalendar, ReminderPolicy};
use kokoni_model::clock::ClockReading;
use kokoni_model::event::{Act, EVENT_VERSION, Epoch, Event, Meaning, SealedEvent, Via};
use kokoni_model::ids::{BootId, EventId, FloorId};
use kokoni_model::label::{Host, LabelId};
use kokoni_model::wire::directory::PlaceKind;
use kokoni_model::wire::enrolment::{EnrolRequest, Enrolled, Platform, Secret};
use kokoni_model::wire::events::EventBatch;
use kokoni_server::auth::Role;
use kokoni_server::organisation::Policies;
use kokoni_server::ports::{Clock, SystemClock, SystemRandomness};
use kokoni_server::setup::{
    NewFloor, NewOrganisation, NewPerson, NewPlace, NewSection, NewSite, create_organisation,
    enrolment_code,
};
use kokoni_server::store::Store;
use serde_json::value::RawValue;

use crate::connection::{Connection, post};

/// Seats of a floor.
pub(crate) const SEATS: usize = 200;

/// People who check in, one phone each.
pub(crate) const PEOPLE: usize = 1024;

/// Floors of the office.
const FLOORS: i16 = 5;

/// What the measuring process must know of the office.
pub(crate) struct Office {
    /// The floor that is looked at.
    pub(crate) floor: FloorId,
    /// Every seat; those of that floor first.
    pub(crate) seats: Vec<LabelId>,
    /// One enrolment code for each phone.
    pub(crate) codes: Vec<String>,
}

/// Makes the office in an open store.
pub(crate) fn make(store: &Store, phones: usize) -> Result<Office> {
    let mut random = SystemRandomness::new();
    let now = SystemClock.now();
    let places = || {
        (0..SEATS).map(|index| NewPlace {
            name: format!("A-{}", index + 1),
            kind: PlaceKind::Seat,
            zone: None,
            x: 20.0 + 24.0 * (index % 20) as f32,
            y: 20.0 + 24.0 * (index / 20) as f32,
        })
    };
    let floors = (1..=FLOORS).map(|level| NewFloor {
        name: format!("{level}階"),
        name_en: format!("{level}F"),
        level,
        plan_svg: None,
        zones: Vec::new(),
        places: places().collect(),
        lockers: Vec::new(),
    });
    let people = (0..phones).map(|index| NewPerson {
        family: "計測".into(),
        given: format!("{index}"),
        kana_family: "ケイソク".into(),
        kana_given: "バンゴウ".into(),
        alias: None,
        section: 0,
        extension: Some(format!("{}", 1000 + index)),
        role: Role::Staff,
        calendar: PersonCalendar::default(),
    });
    let organisation = NewOrganisation {
        name: "計測".into(),
        label_host: Host::new("k.example.jp")?,
        policies: Policies::default(),
        calendar: Calendar::default(),
        reminders: ReminderPolicy::default(),
        sections: vec![NewSection {
            name: "計測係".into(),
            parent: None,
        }],
        sites: vec![NewSite {
            name: "本庁舎".into(),
            floors: floors.collect(),
        }],
        people: people.collect(),
        blank_labels: 0,
    };
    let created = create_organisation(store, &organisation, now, &mut random)?;
    let codes = created
        .people
        .iter()
        .map(|person| Ok(enrolment_code(store, created.id, person.id, now, &mut random)?.link));
    let codes = codes.collect::<Result<Vec<String>>>()?;
    let floors = created.sites.iter().flat_map(|site| &site.floors);
    Ok(Office {
        floor: floors.clone().next().context("a floor")?.id,
        seats: floors
            .flat_map(|floor| &floor.places)
            .map(|place| place.label)
            .collect(),
        codes,
    })
}

/// A phone: its token and where its queue stands.
pub(crate) struct Phone {
    pub(crate) token: String,
    clock: ClockReading,
    next_seq: u64,
    /// Makes the ids of its events its own.
    own: [u8; 2],
}

impl Phone {
    /// Enrols with a code.
    pub(crate) async fn enrol(server: SocketAddr, code: &str, own: u16) -> Result<Self> {
        let code = code.rsplit('#').next().unwrap_or(code).to_owned();
        let request = serde_json::to_string(&EnrolRequest {
            code: Secret(code),
            device_name: "bench".into(),
            platform: Platform::Cli,
        })?;
        let answer = Connection::open(server)
            .await?
            .ask(&post("/api/v1/enrol", &[], &request))
            .await?;
        ensure!(
            answer.status == 201,
            "enrolment was answered {}",
            answer.status
        );
        let enrolled: Enrolled = serde_json::from_slice(&answer.body)?;
        Ok(Self {
            token: enrolled.tokens.access.0,
            clock: ClockReading {
                wall_us: SystemClock.now(),
                offset_min: 540,
                mono_ms: 0,
                boot: BootId::from_uuid(uuid::Uuid::from_u128(u128::from(own))),
            },
            next_seq: 1,
            own: own.to_be_bytes(),
        })
    }

    fn id_bytes(&self) -> [u8; 10] {
        let mut bytes = [0; 10];
        bytes[..2].copy_from_slice(&self.own);
        bytes[2..].copy_from_slice(&self.next_seq.to_be_bytes());
        bytes
    }

    /// The next request: `events` scans of this label.
    pub(crate) fn batch(&mut self, label: LabelId, events: usize) -> Result<Vec<u8>> {
        let epoch = Epoch::from_bits(7);
        let sealed = (0..events).map(|_| {
            let event = Event {
                v: EVENT_VERSION,
                id: EventId::new(self.clock.wall_us, self.id_bytes()),
                epoch,
                seq: self.next_seq,
                clock: self.clock,
                act: Act::Scan {
                    label,
                    meaning: Meaning::Sit,
                    via: Via::Camera,
                },
                replaces: None,
            };
            self.next_seq += 1;
            self.clock.mono_ms += 1;
            Ok(RawValue::from_string(
                SealedEvent::seal(event)?.text().to_owned(),
            )?)
        });
        let events = sealed.collect::<Result<Vec<Box<RawValue>>>>()?;
        let batch = EventBatch {
            epoch,
            clock: self.clock,
            lost_before: None,
            events,
        };
        let body = serde_json::to_string(&batch)?;
        let bearer = format!("Bearer {}", self.token);
        Ok(post("/api/v1/events", &[("authorization", &bearer)], &body))
    }
}
