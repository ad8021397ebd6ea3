//! Personal data stays out of logs: whatever holds somebody's name shows it to nobody who formats it
//! with `Debug`.

use std::fmt::Debug;

use kokoni_client::show::{ItemLine, PersonLine, RejectedLine, ScanCard, Tone, Whereabouts};
use kokoni_client::{Preview, RejectedRecord, Seen, WaitingRecord};
use kokoni_model::clock::Timestamp;
use kokoni_model::event::Epoch;
use kokoni_model::ids::{
    DeviceId, EventId, IncarnationId, OrganisationId, PersonId, PlaceId, SectionId,
};
use kokoni_model::label::Host;
use kokoni_model::rules::meaning::Proposal;
use kokoni_model::wire::directory::{DirectoryChange, DirectoryEntry, Person};
use kokoni_model::wire::enrolment::{EnrolRequest, Enrolled, Platform, Secret, Tokens};
use kokoni_model::wire::events::{Outcome, RejectReason, Rejection};
use kokoni_model::wire::views::{
    PeopleFound, PersonAtPlace, PersonFound, PresenceView, TakenPlace,
};
use uuid::Uuid;

use crate::common::{Phone, SEAT, enrol, item_id, me};

const NAME: &str = "山田";

fn name() -> String {
    format!("{NAME} 花子")
}

fn at() -> Timestamp {
    Timestamp::from_micros(0)
}

fn assert_nameless(value: &impl Debug) {
    for shown in [format!("{value:?}"), format!("{value:#?}")] {
        assert!(!shown.contains(NAME), "{shown}");
    }
}

fn rejection() -> Rejection {
    Rejection {
        reason: RejectReason::AlreadyLent,
        who: Some(name()),
    }
}

#[test]
fn what_the_engine_gives_names_nobody_to_a_log() {
    let preview = Preview {
        label: SEAT,
        proposal: Proposal::AlreadyHere,
        words_ja: name(),
        words_en: name(),
        needs_tap: false,
        known: true,
    };
    assert_nameless(&preview);
    assert_nameless(&Seen::Label(Box::new(preview)));
    assert_nameless(&Seen::Foreign(name()));
    let id = EventId::new(at(), [0; 10]);
    assert_nameless(&RejectedRecord {
        record: WaitingRecord {
            id,
            epoch: Epoch::from_bits(1),
            seq: 1,
            recorded_us: at(),
            label: None,
            meaning: None,
        },
        rejection: rejection(),
        words_ja: name(),
        words_en: name(),
    });
    let phone = Phone::new();
    let identity = enrol(&phone.open());
    assert!(identity.person_name.contains(NAME), "a name to hide");
    assert_nameless(&identity);
}

#[test]
fn what_a_person_reads_names_nobody_to_a_log() {
    let id = EventId::new(at(), [0; 10]);
    assert_nameless(&ScanCard {
        tone: Tone::Refusal,
        title: name(),
        detail: Some(name()),
        label: Some(SEAT),
        meaning: None,
        confirm: Some(name()),
        record: Some(id),
        undo_until_us: None,
        items: vec![ItemLine {
            item: item_id(),
            name: "スピーカー".into(),
            text: name(),
            lent: true,
        }],
    });
    assert_nameless(&RejectedLine {
        record: id,
        title: name(),
        recorded_us: at(),
        why: name(),
        advice: name(),
        can_resend: false,
    });
    assert_nameless(&PersonLine {
        person: me(),
        name: name(),
        kana: name(),
        section: String::new(),
        extension: None,
        dial: None,
        whereabouts: Whereabouts::Unknown,
        where_text: None,
        floor: None,
        place: None,
    });
}

#[test]
fn what_crosses_the_wire_names_nobody_to_a_log() {
    let person = Person {
        id: me(),
        family: NAME.into(),
        given: NAME.into(),
        kana_family: NAME.into(),
        kana_given: NAME.into(),
        alias: Some(NAME.into()),
        section: SectionId::from_uuid(Uuid::from_u128(4)),
        extension: None,
    };
    assert_nameless(&DirectoryChange::Put {
        entry: Box::new(DirectoryEntry::Person(person)),
    });
    assert_nameless(&TakenPlace {
        place: PlaceId::from_uuid(Uuid::from_u128(5)),
        people: vec![PersonAtPlace {
            person: me(),
            name: name(),
            section: String::new(),
            since_us: at(),
        }],
    });
    let found = PersonFound {
        person: me(),
        name: name(),
        kana: name(),
        section: String::new(),
        extension: None,
        presence: PresenceView::Unknown,
        place_name: None,
        floor: None,
    };
    assert_nameless(&PeopleFound {
        people: vec![found],
        more: false,
    });
    assert_nameless(&Outcome::Rejected(rejection()));
    assert_nameless(&EnrolRequest {
        code: Secret("a code".into()),
        device_name: name(),
        platform: Platform::Cli,
    });
    let token = || Secret("a token".into());
    assert_nameless(&Enrolled {
        organisation: OrganisationId::from_uuid(Uuid::from_u128(1)),
        organisation_name: String::new(),
        person: PersonId::from_uuid(Uuid::from_u128(2)),
        person_name: name(),
        device: DeviceId::from_uuid(Uuid::from_u128(3)),
        label_host: Host::new("k.example.jp").expect("a host"),
        catalogue_key: String::new(),
        incarnation: IncarnationId::from_uuid(Uuid::from_u128(1)),
        tokens: Tokens {
            access: token(),
            access_expires_us: at(),
            refresh: token(),
        },
    });
}
