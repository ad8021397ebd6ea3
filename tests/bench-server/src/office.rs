//! The office that is measured: floors of 200 seats, and its people's phones.

use std::time::Instant;

use anyhow::{Context, Result};
use kokoni_model::calendar::{Calendar, PersonCalendar, ReminderPolicy};
use kokoni_model::clock::{ClockReading, Timestamp};
use kokoni_model::event::{Act, EVENT_VERSION, Epoch, Event, Meaning, SealedEvent, Via};
use kokoni_model::ids::{BootId, DeviceId, EventId, FloorId, PersonId};
use kokoni_model::label::{Host, LabelId};
use kokoni_model::wire::directory::PlaceKind;
use kokoni_model::wire::events::EventBatch;
use kokoni_server::auth::{Role, TokenSecret};
use kokoni_server::enrolment::token::{self, Pair};
use kokoni_server::organisation::Policies;
use kokoni_server::params;
use kokoni_server::ports::{
    Clock, Random, SystemClock, SystemRandomness, new_device, random_bytes,
};
use kokoni_server::setup::{
    CreatedOrganisation, NewFloor, NewOrganisation, NewPerson, NewPlace, NewSection, NewSite,
    create_organisation, enrolment_code,
};
use kokoni_server::store::{Store, StoreError};
use serde_json::value::RawValue;

use crate::connection::post;

/// Seats of a floor.
pub(crate) const SEATS: usize = 200;

/// People of a large office who check in, one phone each: enough that in some seconds nobody comes
/// more often than in a day.
pub(crate) const MANY_PEOPLE: usize = 16_384;

/// People who have to check in dozens of times in those seconds.
pub(crate) const FEW_PEOPLE: usize = 1024;

/// What the measuring process must know of the office.
pub(crate) struct Office {
    /// The floor that is looked at.
    pub(crate) floor: FloorId,
    /// Every seat; those of that floor first.
    pub(crate) seats: Vec<LabelId>,
    /// The access token of each phone.
    pub(crate) tokens: Vec<String>,
    /// An enrolment code for a browser.
    pub(crate) code: String,
}

/// Makes the office in an open store: a seat and a phone for everybody.
pub(crate) fn make(store: &Store, people: usize) -> Result<Office> {
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
    let floors = (1..=people.div_ceil(SEATS) as i16).map(|level| NewFloor {
        name: format!("{level}階"),
        name_en: format!("{level}F"),
        level,
        plan_svg: None,
        zones: Vec::new(),
        places: places().collect(),
        lockers: Vec::new(),
    });
    let people = (0..people).map(|index| NewPerson {
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
    let code = enrolment_code(store, created.id, created.people[0].id, now, &mut random)?.link;
    let tokens = enrol(store, &created, now, &mut random)?;
    let floors = created.sites.iter().flat_map(|site| &site.floors);
    Ok(Office {
        floor: floors.clone().next().context("a floor")?.id,
        seats: floors
            .flat_map(|floor| &floor.places)
            .map(|place| place.label)
            .collect(),
        tokens,
        code,
    })
}

/// Enrols a phone for everybody, all in one commit. Gives their access tokens.
fn enrol(
    store: &Store,
    office: &CreatedOrganisation,
    now: Timestamp,
    random: &mut dyn Random,
) -> Result<Vec<String>> {
    let organisation = office.id;
    let phones: Vec<(PersonId, DeviceId, Pair)> = office
        .people
        .iter()
        .map(|person| {
            let pair = Pair {
                access: TokenSecret::from_bytes(random_bytes(random)),
                refresh: TokenSecret::from_bytes(random_bytes(random)),
            };
            (person.id, new_device(now, random), pair)
        })
        .collect();
    let tokens = phones
        .iter()
        .map(|(_, _, pair)| pair.access.text())
        .collect();
    store.write_blocking::<_, StoreError>(move |tx| {
        for (person, device, pair) in &phones {
            tx.exec(
                "INSERT INTO device (organisation, id, person, name, platform, enrolled_us)
                 VALUES ($1, $2, $3, 'bench', 'cli', $4)",
                params![organisation, *device, *person, now],
            )?;
            token::issue(tx, organisation, *device, pair, now)?;
        }
        Ok(())
    })?;
    Ok(tokens)
}

/// A phone: its token and where its queue stands.
pub(crate) struct Phone {
    pub(crate) token: String,
    boot: BootId,
    started: Instant,
    next_seq: u64,
    /// Makes the ids of its events its own.
    own: [u8; 2],
}

impl Phone {
    /// The phone that holds this token.
    pub(crate) fn new(token: &str, own: u16) -> Self {
        Self {
            token: token.to_owned(),
            boot: BootId::from_uuid(uuid::Uuid::from_u128(u128::from(own))),
            started: Instant::now(),
            next_seq: 1,
            own: own.to_be_bytes(),
        }
    }

    /// Its clocks now.
    fn clock(&self) -> ClockReading {
        ClockReading {
            wall_us: SystemClock.now(),
            offset_min: 540,
            mono_ms: self.started.elapsed().as_millis() as u64,
            boot: self.boot,
        }
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
        let clock = self.clock();
        let sealed = (0..events).map(|_| {
            let event = Event {
                v: EVENT_VERSION,
                id: EventId::new(clock.wall_us, self.id_bytes()),
                epoch,
                seq: self.next_seq,
                clock,
                act: Act::Scan {
                    label,
                    meaning: Meaning::Sit,
                    via: Via::Camera,
                },
                replaces: None,
            };
            self.next_seq += 1;
            Ok(RawValue::from_string(
                SealedEvent::seal(event)?.text().to_owned(),
            )?)
        });
        let events = sealed.collect::<Result<Vec<Box<RawValue>>>>()?;
        let batch = EventBatch {
            epoch,
            clock,
            lost_before: None,
            events,
        };
        let body = serde_json::to_string(&batch)?;
        let bearer = format!("Bearer {}", self.token);
        Ok(post("/api/v1/events", &[("authorization", &bearer)], &body))
    }
}
