//! What viewers experience, against a hand-written database and a clock that tests move.

use super::*;
use crate::auth::TokenKind;
use crate::live::topic::SEND_EVERY;
use crate::organisation::Names;
use futures_util::StreamExt;
use kokoni_model::clock::Timestamp;
use kokoni_model::ids::{FloorId, OrganisationId, PersonId, PlaceId};
use kokoni_model::wire::views::{PersonAtPlace, TakenPlace};
use std::pin::Pin;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use uuid::Uuid;

/// A floor of which seats are only ever taken, one a version.
#[derive(Default)]
struct FakeFloor {
    seats: Mutex<Vec<u64>>,
    revoked: AtomicBool,
    gone: AtomicBool,
    unreadable: AtomicBool,
    readings: AtomicUsize,
    snapshots: AtomicUsize,
}

struct FakeSource(Arc<FakeFloor>);

fn seat(number: u64) -> TakenPlace {
    TakenPlace {
        place: PlaceId::from_uuid(Uuid::from_u128(number.into())),
        people: vec![PersonAtPlace {
            person: PersonId::from_uuid(Uuid::from_u128(1)),
            name: "山田 花子".into(),
            section: "企画課".into(),
            since_us: Timestamp::from_micros(7),
        }],
    }
}

impl FakeFloor {
    fn sit(&self) -> u64 {
        let mut seats = locked(&self.seats);
        let version = seats.len() as u64 + 1;
        seats.push(version);
        version
    }
}

impl Source for FakeSource {
    fn incarnation(&self) -> IncarnationId {
        IncarnationId::from_uuid(Uuid::from_u128(1))
    }

    async fn occupancy(&self, topic: TopicId) -> Result<Option<FloorOccupancy>, NotReadable> {
        if self.0.unreadable.load(Ordering::SeqCst) {
            return Err(NotReadable);
        }
        if self.0.gone.load(Ordering::SeqCst) {
            return Ok(None);
        }
        self.0.snapshots.fetch_add(1, Ordering::SeqCst);
        let seats = locked(&self.0.seats);
        Ok(Some(FloorOccupancy {
            floor: topic.floor,
            version: seats.len() as u64,
            taken: seats.iter().map(|number| seat(*number)).collect(),
        }))
    }

    async fn changes(&self, _: TopicId, since: u64) -> Result<Changes, NotReadable> {
        self.0.readings.fetch_add(1, Ordering::SeqCst);
        let seats = locked(&self.0.seats);
        let newer = seats.iter().filter(|version| **version > since);
        Ok(Changes::Places {
            version: seats.len() as u64,
            changed: newer.map(|number| seat(*number)).collect(),
        })
    }

    async fn may_watch(&self, _: &Viewer, _: TopicId) -> bool {
        !self.0.revoked.load(Ordering::SeqCst)
    }
}

const TOPIC: TopicId = TopicId {
    organisation: OrganisationId::from_uuid(Uuid::from_u128(2)),
    floor: FloorId::from_uuid(Uuid::from_u128(3)),
    names: Names::Shown,
};

struct Office {
    floor: Arc<FakeFloor>,
    hub: Arc<Hub<FakeSource>>,
    ending: CancellationToken,
}

fn office() -> Office {
    let floor = Arc::new(FakeFloor::default());
    let ending = CancellationToken::new();
    let limits = HubLimits {
        ring: RingLimits {
            messages: 4,
            bytes: usize::MAX,
        },
        ..HubLimits::default()
    };
    let hub = Hub::new(FakeSource(Arc::clone(&floor)), limits, ending.clone());
    tokio::spawn(Arc::clone(&hub).pump());
    Office { floor, hub, ending }
}

struct Watcher(Pin<Box<dyn Stream<Item = Bytes> + Send>>);

impl Office {
    fn viewer(device: u128) -> Viewer {
        Viewer {
            device: DeviceId::from_uuid(Uuid::from_u128(device)),
            token: [0; 32],
            kind: TokenKind::Session,
        }
    }

    async fn watch_as(&self, viewer: Viewer, last: Option<&str>) -> Result<Watcher, WatchRefused> {
        let stream = self.hub.watch(TOPIC, viewer, last).await?;
        Ok(Watcher(Box::pin(stream)))
    }

    async fn watch(&self, device: u128, last: Option<&str>) -> Watcher {
        let watcher = self.watch_as(Self::viewer(device), last).await;
        watcher.expect("a stream")
    }

    fn sit(&self) -> u64 {
        let version = self.floor.sit();
        self.hub.hint(TOPIC);
        version
    }
}

#[derive(Debug, PartialEq)]
struct Heard {
    id: String,
    event: String,
    places: usize,
    at: *const u8,
}

impl Watcher {
    /// The next message, comments and the retry line passed over.
    async fn hear(&mut self) -> Option<Heard> {
        loop {
            let frame = self.0.next().await?;
            let text = std::str::from_utf8(&frame).expect("text");
            let field = |name: &str| text.lines().find_map(|line| line.strip_prefix(name));
            if let Some(event) = field("event: ") {
                return Some(Heard {
                    id: field("id: ").unwrap_or_default().to_owned(),
                    event: event.to_owned(),
                    places: text.matches("\"place\"").count(),
                    at: frame.as_ptr(),
                });
            }
        }
    }

    async fn hear_event(&mut self, event: &str) -> Heard {
        let heard = self.hear().await.expect("the stream goes on");
        assert_eq!(heard.event, event);
        heard
    }
}

#[tokio::test(start_paused = true)]
async fn a_viewer_gets_a_snapshot_and_then_changes() {
    let office = office();
    office.floor.sit();
    let mut watcher = office.watch(1, None).await;
    assert_eq!(watcher.hear_event("snapshot").await.places, 1);
    let version = office.sit();
    let change = watcher.hear_event("change").await;
    assert_eq!(change.places, 1);
    assert!(change.id.ends_with(&format!("-{version}")));
}

#[tokio::test(start_paused = true)]
async fn a_change_after_a_quiet_second_does_not_wait() {
    let office = office();
    let mut watcher = office.watch(1, None).await;
    watcher.hear_event("snapshot").await;
    tokio::time::sleep(SEND_EVERY * 3 + Duration::from_millis(500)).await;
    let before = Instant::now();
    office.sit();
    watcher.hear_event("change").await;
    assert!(before.elapsed() <= SEND_EVERY, "{:?}", before.elapsed());
}

#[tokio::test(start_paused = true)]
async fn what_happens_within_a_second_is_one_message() {
    let office = office();
    let mut watcher = office.watch(1, None).await;
    watcher.hear_event("snapshot").await;
    office.sit();
    watcher.hear_event("change").await;
    for _ in 0..5 {
        office.sit();
    }
    let merged = watcher.hear_event("change").await;
    assert_eq!(merged.places, 5);
}

#[tokio::test(start_paused = true)]
async fn a_thousand_viewers_cost_one_reading_and_share_one_message() {
    let office = office();
    let mut watchers = Vec::new();
    for device in 0..1_000 {
        let mut watcher = office.watch(device, None).await;
        watcher.hear_event("snapshot").await;
        watchers.push(watcher);
    }
    assert_eq!(office.floor.snapshots.load(Ordering::SeqCst), 1);
    tokio::time::sleep(SEND_EVERY * 2).await;
    let readings = office.floor.readings.load(Ordering::SeqCst);
    office.sit();
    let mut places = std::collections::BTreeSet::new();
    for watcher in &mut watchers {
        places.insert(watcher.hear_event("change").await.at);
    }
    assert_eq!(places.len(), 1, "one serialised message");
    let spent = office.floor.readings.load(Ordering::SeqCst) - readings;
    assert!(spent <= 2, "{spent} readings");
}

#[tokio::test(start_paused = true)]
async fn a_returning_viewer_hears_only_what_it_missed() {
    let office = office();
    let mut watcher = office.watch(1, None).await;
    watcher.hear_event("snapshot").await;
    office.sit();
    let last = watcher.hear_event("change").await.id;
    drop(watcher);
    office.sit();
    tokio::time::sleep(SEND_EVERY * 2).await;
    let mut back = office.watch(1, Some(&last)).await;
    assert_eq!(back.hear_event("change").await.places, 1);
}

#[tokio::test(start_paused = true)]
async fn a_slow_viewer_is_cut_to_a_snapshot_and_holds_up_nobody() {
    let office = office();
    let mut slow = office.watch(1, None).await;
    slow.hear_event("snapshot").await;
    let mut quick = office.watch(2, None).await;
    quick.hear_event("snapshot").await;
    for _ in 0..6 {
        office.sit();
        quick.hear_event("change").await;
    }
    assert_eq!(slow.hear_event("snapshot").await.places, 6);
    office.sit();
    assert_eq!(slow.hear_event("change").await.places, 1);
}

#[tokio::test(start_paused = true)]
async fn an_id_that_means_nothing_here_leads_to_a_snapshot() {
    let office = office();
    for nonsense in ["", "7", "0000000000000000-7", "\u{0}"] {
        let mut watcher = office.watch(1, Some(nonsense)).await;
        watcher.hear_event("snapshot").await;
    }
}

#[tokio::test(start_paused = true)]
async fn a_change_without_a_hint_is_found_by_asking() {
    let office = office();
    let mut watcher = office.watch(1, None).await;
    watcher.hear_event("snapshot").await;
    office.floor.sit();
    watcher.hear_event("change").await;
}

#[tokio::test(start_paused = true)]
async fn a_quiet_stream_shows_that_it_lives() {
    let office = office();
    let mut watcher = office.watch(1, None).await;
    watcher.hear_event("snapshot").await;
    let before = Instant::now();
    let frame = watcher.0.next().await.expect("a sign of life");
    assert_eq!(frame, HEARTBEAT);
    assert!(before.elapsed() <= office.hub.limits.heartbeat);
}

#[tokio::test(start_paused = true)]
async fn a_stream_ends_when_the_right_to_it_is_taken() {
    let office = office();
    let mut watcher = office.watch(1, None).await;
    watcher.hear_event("snapshot").await;
    office.floor.revoked.store(true, Ordering::SeqCst);
    let before = Instant::now();
    office.hub.rights_changed();
    watcher.hear_event("end").await;
    assert_eq!(before.elapsed(), Duration::ZERO);
    assert_eq!(watcher.hear().await, None);
}

#[tokio::test(start_paused = true)]
async fn a_token_that_ends_is_noticed_with_the_next_heartbeat() {
    let office = office();
    let mut watcher = office.watch(1, None).await;
    watcher.hear_event("snapshot").await;
    office.floor.revoked.store(true, Ordering::SeqCst);
    let before = Instant::now();
    watcher.hear_event("end").await;
    assert!(before.elapsed() <= office.hub.limits.heartbeat);
}

#[tokio::test(start_paused = true)]
async fn a_device_may_have_so_many_streams_and_a_closed_one_makes_room() {
    let office = office();
    let mut open = Vec::new();
    for _ in 0..office.hub.limits.streams_a_device {
        open.push(office.watch(1, None).await);
    }
    let refused = office.watch_as(Office::viewer(1), None).await;
    assert_eq!(refused.err(), Some(WatchRefused::TooMany));
    office.watch(2, None).await;
    open.pop();
    office.watch(1, None).await;
}

#[tokio::test(start_paused = true)]
async fn streams_end_when_the_server_does_and_no_more_are_opened() {
    let office = office();
    let mut watcher = office.watch(1, None).await;
    watcher.hear_event("snapshot").await;
    office.ending.cancel();
    assert_eq!(watcher.hear().await, None);
    let refused = office.watch_as(Office::viewer(1), None).await;
    assert_eq!(refused.err(), Some(WatchRefused::Ending));
}

#[tokio::test(start_paused = true)]
async fn a_floor_that_is_not_there_is_refused() {
    let office = office();
    office.floor.gone.store(true, Ordering::SeqCst);
    let refused = office.watch_as(Office::viewer(1), None).await;
    assert_eq!(refused.err(), Some(WatchRefused::NoFloor));
}

#[tokio::test(start_paused = true)]
async fn a_floor_that_cannot_be_read_now_does_not_pass_for_one_that_is_not_there() {
    let office = office();
    office.floor.unreadable.store(true, Ordering::SeqCst);
    let refused = office.watch_as(Office::viewer(1), None).await;
    assert_eq!(refused.err(), Some(WatchRefused::NotReadable));
    office.floor.unreadable.store(false, Ordering::SeqCst);
    office.watch(1, None).await;
}

#[tokio::test(start_paused = true)]
async fn a_floor_nobody_has_watched_for_long_is_forgotten() {
    let office = office();
    drop(office.watch(1, None).await);
    assert_eq!(locked(&office.hub.slots).len(), 1);
    tokio::time::sleep(KEEP_UNWATCHED * 2).await;
    assert_eq!(locked(&office.hub.slots).len(), 0);
}
