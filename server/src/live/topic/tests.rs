//! What a floor's stream promises its viewers.

use super::*;
use crate::live::scope::TopicId;
use crate::organisation::Names;
use kokoni_model::clock::Timestamp;
use kokoni_model::ids::{FloorId, IncarnationId, OrganisationId, PersonId, PlaceId};
use kokoni_model::wire::views::PersonAtPlace;
use proptest::prelude::*;
use std::collections::BTreeMap;
use uuid::Uuid;

const FLOOR: FloorId = FloorId::from_uuid(Uuid::from_u128(3));

fn scope(incarnation: u128) -> Scope {
    let topic = TopicId {
        organisation: OrganisationId::from_uuid(Uuid::from_u128(2)),
        floor: FLOOR,
        names: Names::Shown,
    };
    Scope::of(
        IncarnationId::from_uuid(Uuid::from_u128(incarnation)),
        topic,
    )
}

fn topic(limits: RingLimits) -> Topic {
    Topic::new(scope(1), 0, limits)
}

fn place(number: u8, taken: bool) -> TakenPlace {
    let somebody = || PersonAtPlace {
        person: PersonId::from_uuid(Uuid::from_u128(9)),
        name: "山田 花子".into(),
        section: "企画課".into(),
        since_us: Timestamp::from_micros(7),
    };
    TakenPlace {
        place: PlaceId::from_uuid(Uuid::from_u128(number.into())),
        people: taken.then(somebody).into_iter().collect(),
    }
}

fn change(version: u64, number: u8, taken: bool) -> Changes {
    Changes::Places {
        version,
        changed: vec![place(number, taken)],
    }
}

/// A viewer as the pages are one: it knows what frames told it.
#[derive(Default)]
struct Viewer {
    seen: u64,
    taken: BTreeMap<String, bool>,
    snapshots: usize,
}

impl Viewer {
    fn look(&mut self, topic: &mut Topic, truth: &FloorOccupancy) {
        match topic.next(self.seen) {
            Next::Nothing => {}
            Next::Frames { frames, seen } => {
                frames.iter().for_each(|frame| self.read(frame));
                self.seen = seen;
            }
            Next::Snapshot => {
                let (version, frame) = topic.snapshot().unwrap_or_else(|| topic.on_snapshot(truth));
                self.taken.clear();
                self.snapshots += 1;
                self.read(&frame);
                self.seen = version;
            }
        }
    }

    fn read(&mut self, frame: &Bytes) {
        let text = std::str::from_utf8(frame).expect("text");
        let data = text.lines().find_map(|line| line.strip_prefix("data: "));
        let data: serde_json::Value = serde_json::from_str(data.expect("data")).expect("JSON");
        let places = data.get("taken").or(data.get("changed")).expect("places");
        for place in places.as_array().expect("a list") {
            let taken = !place["people"].as_array().expect("a list").is_empty();
            let name = place["place"].as_str().expect("an id").to_owned();
            self.taken.insert(name, taken);
        }
    }

    fn sees_as_taken(&self) -> Vec<&String> {
        let taken = self.taken.iter().filter(|(_, taken)| **taken);
        taken.map(|(place, _)| place).collect()
    }
}

#[test]
fn messages_look_like_this() {
    let mut topic = topic(RingLimits::default());
    topic.on_changes(&change(5, 1, true));
    let Next::Frames { frames, seen } = topic.next(0) else {
        panic!("frames")
    };
    assert_eq!(seen, 5);
    insta::assert_snapshot!(std::str::from_utf8(&frames[0]).expect("text").trim_end());
    let occupancy = FloorOccupancy {
        floor: FLOOR,
        version: 5,
        taken: vec![place(1, true)],
    };
    let (_, snapshot) = topic.on_snapshot(&occupancy);
    insta::assert_snapshot!(std::str::from_utf8(&snapshot).expect("text").trim_end());
}

#[test]
fn a_thousand_viewers_share_one_message() {
    let mut topic = topic(RingLimits::default());
    topic.on_changes(&change(1, 1, true));
    let frames = (0..1_000).map(|_| match topic.next(0) {
        Next::Frames { mut frames, .. } => frames.remove(0),
        other => panic!("{other:?}"),
    });
    let places: std::collections::BTreeSet<_> = frames.map(|frame| frame.as_ptr()).collect();
    assert_eq!(places.len(), 1);
}

#[test]
fn the_first_change_after_a_quiet_second_is_read_at_once_and_the_next_a_second_later() {
    let mut topic = topic(RingLimits::default());
    let start = Instant::now();
    let at = |millis| start + Duration::from_millis(millis);
    assert_eq!(topic.next_read(at(0)), None);
    topic.on_hint();
    assert_eq!(topic.next_read(at(0)), Some(at(0)));
    topic.on_reading(at(0));
    assert_eq!(topic.next_read(at(10)), None);
    topic.on_hint();
    topic.on_hint();
    assert_eq!(topic.next_read(at(20)), Some(at(1_000)));
    topic.on_reading(at(1_000));
    topic.on_hint();
    assert_eq!(topic.next_read(at(5_000)), Some(at(5_000)));
}

#[test]
fn a_hint_during_a_reading_leads_to_another_reading() {
    let mut topic = topic(RingLimits::default());
    let now = Instant::now();
    topic.on_hint();
    topic.on_reading(now);
    topic.on_hint();
    topic.on_changes(&change(1, 1, true));
    assert_eq!(topic.next_read(now), Some(now + SEND_EVERY));
}

#[test]
fn a_reading_that_brought_nothing_sends_nothing() {
    let mut topic = topic(RingLimits::default());
    assert!(topic.on_changes(&change(3, 1, true)));
    let again = Changes::Places {
        version: 3,
        changed: vec![],
    };
    assert!(!topic.on_changes(&again));
    assert_eq!(topic.next(3), Next::Nothing);
}

#[test]
fn a_returning_viewer_gets_exactly_what_it_missed() {
    let mut topic = topic(RingLimits::default());
    for version in 1..=5 {
        topic.on_changes(&change(version * 10, version as u8, true));
    }
    let seen = topic.seen_by(&scope(1).id(30)).expect("of this floor");
    let Next::Frames { frames, seen } = topic.next(seen) else {
        panic!("a replay")
    };
    assert_eq!((frames.len(), seen), (2, 50));
    let first = format!("id: {}\n", scope(1).id(40));
    assert!(frames[0].starts_with(first.as_bytes()), "{:?}", frames[0]);
}

#[test]
fn an_id_of_before_a_restore_leads_to_a_snapshot() {
    let topic = topic(RingLimits::default());
    assert_eq!(topic.seen_by(&scope(2).id(30)), None);
}

#[test]
fn who_is_behind_the_ring_is_cut_to_a_snapshot() {
    let mut topic = topic(RingLimits {
        messages: 3,
        bytes: usize::MAX,
    });
    for version in 1..=5 {
        topic.on_changes(&change(version, 1, true));
    }
    assert_eq!(topic.next(1), Next::Snapshot);
    assert!(matches!(topic.next(2), Next::Frames { frames, .. } if frames.len() == 3));
}

#[test]
fn the_ring_is_bounded_in_bytes_too() {
    let mut topic = topic(RingLimits {
        messages: usize::MAX,
        bytes: 1_000,
    });
    for version in 1..=100 {
        topic.on_changes(&change(version, 1, true));
    }
    let kept: usize = topic.ring.iter().map(|message| message.frame.len()).sum();
    assert!(kept <= 1_000 && kept == topic.ring_bytes, "{kept}");
}

#[test]
fn a_version_that_nobody_was_given_leads_to_a_snapshot() {
    let mut topic = topic(RingLimits::default());
    topic.on_changes(&change(5, 1, true));
    assert_eq!(topic.next(6), Next::Snapshot);
}

#[test]
fn what_is_no_longer_known_cuts_everybody_to_a_snapshot() {
    let mut topic = topic(RingLimits::default());
    topic.on_changes(&change(5, 1, true));
    assert!(topic.on_changes(&Changes::Forgotten { version: 900 }));
    assert_eq!(topic.next(5), Next::Snapshot);
    assert_eq!(topic.next(900), Next::Nothing);
}

#[test]
fn a_snapshot_is_made_once_for_many_while_the_ring_leads_on_from_it() {
    let mut topic = topic(RingLimits {
        messages: 2,
        bytes: usize::MAX,
    });
    let occupancy = FloorOccupancy {
        floor: FLOOR,
        version: 0,
        taken: vec![],
    };
    topic.on_snapshot(&occupancy);
    topic.on_changes(&change(1, 1, true));
    topic.on_changes(&change(2, 2, true));
    assert_eq!(topic.snapshot().map(|(version, _)| version), Some(0));
    topic.on_changes(&change(3, 3, true));
    assert_eq!(topic.snapshot(), None);
}

#[test]
fn a_snapshot_newer_than_the_last_changes_is_not_asked_for_twice() {
    let mut topic = topic(RingLimits::default());
    let occupancy = FloorOccupancy {
        floor: FLOOR,
        version: 4,
        taken: vec![place(1, true)],
    };
    topic.on_snapshot(&occupancy);
    assert_eq!(topic.next(4), Next::Nothing);
    let now = Instant::now();
    assert_eq!(topic.next_read(now), Some(now), "others must be told");
    topic.on_changes(&change(4, 1, true));
    assert_eq!(topic.next(4), Next::Nothing);
    assert!(matches!(topic.next(0), Next::Frames { seen: 4, .. }));
}

#[derive(Clone, Debug)]
enum Action {
    Scan(u8, bool),
    Read,
    Look(usize),
    Leave(usize),
    Forget,
}

fn action() -> impl Strategy<Value = Action> {
    prop_oneof![
        4 => (0u8..6, any::<bool>()).prop_map(|(place, taken)| Action::Scan(place, taken)),
        3 => Just(Action::Read),
        3 => (0usize..4).prop_map(Action::Look),
        1 => (0usize..4).prop_map(Action::Leave),
        1 => Just(Action::Forget),
    ]
}

/// The database: how every place is, and when it last changed.
#[derive(Default)]
struct Floor {
    version: u64,
    places: BTreeMap<u8, (u64, bool)>,
}

impl Floor {
    fn occupancy(&self) -> FloorOccupancy {
        let taken = self.places.iter().filter(|(_, (_, taken))| *taken);
        FloorOccupancy {
            floor: FLOOR,
            version: self.version,
            taken: taken.map(|(number, _)| place(*number, true)).collect(),
        }
    }

    fn changed_since(&self, version: u64) -> Changes {
        let changed = self.places.iter().filter(|(_, (at, _))| *at > version);
        Changes::Places {
            version: self.version,
            changed: changed
                .map(|(number, (_, taken))| place(*number, *taken))
                .collect(),
        }
    }
}

proptest! {
    /// Whatever viewers do, and however slowly, in the end each sees the floor as it is.
    #[test]
    fn every_viewer_ends_up_with_the_floor_as_it_is(
        actions in proptest::collection::vec(action(), 0..80),
        messages in 1usize..5,
    ) {
        let mut floor = Floor::default();
        let mut topic = topic(RingLimits { messages, bytes: usize::MAX });
        let mut viewers: Vec<Viewer> = (0..4).map(|_| Viewer::default()).collect();
        for action in actions {
            match action {
                Action::Scan(number, taken) => {
                    floor.version += 1;
                    floor.places.insert(number, (floor.version, taken));
                }
                Action::Read => {
                    topic.on_changes(&floor.changed_since(topic.version()));
                }
                Action::Look(viewer) => viewers[viewer].look(&mut topic, &floor.occupancy()),
                Action::Leave(viewer) => viewers[viewer].seen = 0,
                Action::Forget => {
                    topic.on_changes(&Changes::Forgotten { version: floor.version });
                }
            }
        }
        topic.on_changes(&floor.changed_since(topic.version()));
        let truth = floor.occupancy();
        for viewer in &mut viewers {
            viewer.look(&mut topic, &truth);
            viewer.look(&mut topic, &truth);
            let taken: Vec<String> = truth.taken.iter().map(|t| t.place.to_string()).collect();
            prop_assert_eq!(viewer.sees_as_taken(), taken.iter().collect::<Vec<_>>());
            prop_assert_eq!(viewer.seen, floor.version);
        }
    }
}
