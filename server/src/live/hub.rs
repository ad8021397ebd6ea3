//! The hub: runs the topics of all watched floors against the database and hands each viewer its
//! stream. What is sent when is decided in [`super::topic`]; here are only the clocks, the locks
//! and the wires.

use std::collections::HashMap;
use std::future::Future;
use std::pin::pin;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use bytes::Bytes;
use futures_util::Stream;
use kokoni_model::ids::{DeviceId, IncarnationId};
use kokoni_model::wire::views::FloorOccupancy;
use tokio::sync::{Notify, watch};
use tokio::time::Instant;
use tokio_util::sync::CancellationToken;

use super::scope::{Scope, TopicId};
use super::topic::{Changes, Next, RingLimits, Topic};
use crate::auth::TokenKind;

/// Hints can be lost, and other programs may share the database: watched floors are asked for
/// news at least this often.
const POLL_EVERY: Duration = Duration::from_secs(1);

/// A topic that nobody watches is kept this long, for those who come back.
const KEEP_UNWATCHED: Duration = Duration::from_mins(5);

/// How long a viewer waits before it connects again, in the stream's own words.
const RETRY: Bytes = Bytes::from_static(b"retry: 2000\n\n");

const HEARTBEAT: Bytes = Bytes::from_static(b": still here\n\n");

/// The last words to somebody who may no longer watch.
const END: Bytes = Bytes::from_static(b"event: end\ndata: {\"reason\":\"sign_in_needed\"}\n\n");

/// Where the hub learns how floors are and who may see them.
pub(crate) trait Source: Send + Sync + 'static {
    /// Which life of the database this is.
    fn incarnation(&self) -> IncarnationId;

    /// How a floor is now; `None` when there is no such floor.
    fn occupancy(
        &self,
        topic: TopicId,
    ) -> impl Future<Output = Result<Option<FloorOccupancy>, NotReadable>> + Send;

    /// What has changed since a version.
    fn changes(
        &self,
        topic: TopicId,
        since: u64,
    ) -> impl Future<Output = Result<Changes, NotReadable>> + Send;

    /// Whether the viewer may still watch the floor. A database that cannot be read is no reason
    /// to turn anybody away.
    fn may_watch(&self, viewer: &Viewer, topic: TopicId) -> impl Future<Output = bool> + Send;
}

/// The database cannot be read now.
#[derive(Clone, Copy, Debug)]
pub(crate) struct NotReadable;

/// Who watches.
#[derive(Clone)]
pub(crate) struct Viewer {
    /// The device whose token opened the stream.
    pub(crate) device: DeviceId,
    /// The hash of that token, to look at it again.
    pub(crate) token: [u8; 32],
    /// What kind of token it is.
    pub(crate) kind: TokenKind,
}

/// What one hub allows.
#[derive(Clone, Copy, Debug)]
pub(crate) struct HubLimits {
    /// Streams that one device may have open.
    pub(crate) streams_a_device: usize,
    /// A sign of life is sent, and the viewer's token is looked at again, this often.
    pub(crate) heartbeat: Duration,
    /// What each floor's ring holds.
    pub(crate) ring: RingLimits,
}

impl Default for HubLimits {
    fn default() -> Self {
        Self {
            streams_a_device: 8,
            heartbeat: Duration::from_secs(15),
            ring: RingLimits::default(),
        }
    }
}

/// Why a stream was not opened.
#[derive(Clone, Copy, PartialEq, Eq, Debug, thiserror::Error)]
pub(crate) enum WatchRefused {
    /// The device has as many open as it may.
    #[error("too many streams are open for this device")]
    TooMany,
    /// There is no such floor.
    #[error("there is no such floor")]
    NoFloor,
    /// The floor cannot be read now.
    #[error("the floor cannot be read now")]
    NotReadable,
    /// The server is ending.
    #[error("the server is shutting down")]
    Ending,
}

/// Hands floors' streams to viewers.
pub(crate) struct Hub<S> {
    source: S,
    limits: HubLimits,
    slots: Mutex<HashMap<TopicId, Arc<Slot>>>,
    open: Mutex<HashMap<DeviceId, usize>>,
    /// Wakes the pump: a topic was hinted at.
    hinted: Notify,
    /// Moves when anybody's rights may have changed.
    rights: watch::Sender<()>,
    ending: CancellationToken,
}

struct Slot {
    topic: Mutex<Topic>,
    /// Moves when viewers have something to fetch.
    news: watch::Sender<()>,
    unwatched_since: Mutex<Option<Instant>>,
}

fn locked<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

impl<S: Source> Hub<S> {
    /// A hub that nobody watches yet. Its streams end with `ending`.
    pub(crate) fn new(source: S, limits: HubLimits, ending: CancellationToken) -> Arc<Self> {
        Arc::new(Self {
            source,
            limits,
            slots: Mutex::default(),
            open: Mutex::default(),
            hinted: Notify::new(),
            rights: watch::Sender::new(()),
            ending,
        })
    }

    /// A floor may have changed.
    pub(crate) fn hint(&self, topic: TopicId) {
        let slot = locked(&self.slots).get(&topic).cloned();
        if let Some(slot) = slot {
            locked(&slot.topic).on_hint();
            self.hinted.notify_one();
        }
    }

    /// Rights may have changed: every stream looks at its own again, now.
    pub(crate) fn rights_changed(&self) {
        self.rights.send_replace(());
    }

    /// Asks the database for news of the watched floors until the server ends.
    pub(crate) async fn pump(self: Arc<Self>) {
        let mut poll = tokio::time::interval(POLL_EVERY);
        poll.set_missed_tick_behavior(tokio::time::MissedTickBehavior::Delay);
        loop {
            let due = self.next_due();
            tokio::select! {
                () = self.ending.cancelled() => return,
                _ = poll.tick() => self.on_poll(),
                () = self.hinted.notified() => {}
                () = sleep_until(due) => {}
            }
            for (id, slot) in self.due() {
                self.read(id, &slot).await;
            }
        }
    }

    fn watched(&self) -> Vec<(TopicId, Arc<Slot>)> {
        let slots = locked(&self.slots);
        let watched = slots
            .iter()
            .filter(|(_, slot)| slot.news.receiver_count() > 0);
        watched.map(|(id, slot)| (*id, Arc::clone(slot))).collect()
    }

    fn next_due(&self) -> Option<Instant> {
        let now = Instant::now().into_std();
        let due = self
            .watched()
            .into_iter()
            .filter_map(|(_, slot)| locked(&slot.topic).next_read(now));
        due.min().map(Instant::from_std)
    }

    fn due(&self) -> Vec<(TopicId, Arc<Slot>)> {
        let now = Instant::now().into_std();
        let mut watched = self.watched();
        watched.retain(|(_, slot)| {
            locked(&slot.topic)
                .next_read(now)
                .is_some_and(|due| due <= now)
        });
        watched
    }

    fn on_poll(&self) {
        for (_, slot) in self.watched() {
            locked(&slot.topic).on_hint();
        }
        let now = Instant::now();
        locked(&self.slots).retain(|_, slot| {
            let mut since = locked(&slot.unwatched_since);
            if slot.news.receiver_count() > 0 {
                *since = None;
                return true;
            }
            now.duration_since(*since.get_or_insert(now)) < KEEP_UNWATCHED
        });
    }

    async fn read(&self, id: TopicId, slot: &Slot) {
        let since = {
            let mut topic = locked(&slot.topic);
            topic.on_reading(Instant::now().into_std());
            topic.version()
        };
        let changes = self.source.changes(id, since).await;
        // What could not be read now is asked for again with the next poll.
        if changes.is_ok_and(|changes| locked(&slot.topic).on_changes(&changes)) {
            slot.news.send_replace(());
        }
    }

    /// Opens a stream: first what the viewer missed since the message it names, or a snapshot;
    /// then every change.
    pub(crate) async fn watch(
        self: &Arc<Self>,
        id: TopicId,
        viewer: Viewer,
        last_event_id: Option<&str>,
    ) -> Result<impl Stream<Item = Bytes> + Send + use<S>, WatchRefused> {
        if self.ending.is_cancelled() {
            return Err(WatchRefused::Ending);
        }
        let place = StreamPlace::take(self, viewer.device).ok_or(WatchRefused::TooMany)?;
        let slot = self.slot(id).await?;
        let mut news = slot.news.subscribe();
        news.mark_changed();
        let seen = last_event_id.and_then(|text| locked(&slot.topic).seen_by(text));
        // It may have slept while nobody watched.
        self.hint(id);
        let mut rights = self.rights.subscribe();
        rights.mark_unchanged();
        Ok(stream(Watching {
            hub: Arc::clone(self),
            next_heartbeat: Instant::now() + self.limits.heartbeat,
            id,
            slot,
            viewer,
            seen,
            news,
            rights,
            ready: vec![RETRY],
            over: false,
            _place: place,
        }))
    }

    async fn slot(&self, id: TopicId) -> Result<Arc<Slot>, WatchRefused> {
        if let Some(slot) = locked(&self.slots).get(&id) {
            return Ok(Arc::clone(slot));
        }
        let read = self.source.occupancy(id).await;
        let occupancy = read
            .map_err(|NotReadable| WatchRefused::NotReadable)?
            .ok_or(WatchRefused::NoFloor)?;
        let scope = Scope::of(self.source.incarnation(), id);
        let mut topic = Topic::new(scope, occupancy.version, self.limits.ring);
        topic.on_snapshot(&occupancy);
        let fresh = || {
            Arc::new(Slot {
                topic: Mutex::new(topic),
                news: watch::Sender::new(()),
                unwatched_since: Mutex::default(),
            })
        };
        // Another viewer may have been quicker.
        Ok(Arc::clone(
            locked(&self.slots).entry(id).or_insert_with(fresh),
        ))
    }
}

async fn sleep_until(moment: Option<Instant>) {
    match moment {
        Some(moment) => tokio::time::sleep_until(moment).await,
        None => std::future::pending().await,
    }
}

/// One of the streams that a device may have open; given back when dropped.
struct StreamPlace<S: Source> {
    hub: Arc<Hub<S>>,
    device: DeviceId,
}

impl<S: Source> StreamPlace<S> {
    fn take(hub: &Arc<Hub<S>>, device: DeviceId) -> Option<Self> {
        let mut open = locked(&hub.open);
        let streams = open.entry(device).or_default();
        if *streams >= hub.limits.streams_a_device {
            return None;
        }
        *streams += 1;
        Some(Self {
            hub: Arc::clone(hub),
            device,
        })
    }
}

impl<S: Source> Drop for StreamPlace<S> {
    fn drop(&mut self) {
        let mut open = locked(&self.hub.open);
        if let Some(streams) = open.get_mut(&self.device) {
            *streams -= 1;
            if *streams == 0 {
                open.remove(&self.device);
            }
        }
    }
}

/// A stream under way.
struct Watching<S: Source> {
    hub: Arc<Hub<S>>,
    id: TopicId,
    slot: Arc<Slot>,
    viewer: Viewer,
    /// The version the viewer has; `None` before its first snapshot.
    seen: Option<u64>,
    news: watch::Receiver<()>,
    rights: watch::Receiver<()>,
    next_heartbeat: Instant,
    /// Frames to be written, last first.
    ready: Vec<Bytes>,
    over: bool,
    _place: StreamPlace<S>,
}

fn stream<S: Source>(watching: Watching<S>) -> impl Stream<Item = Bytes> + Send {
    futures_util::stream::unfold(watching, async |mut watching| {
        let frame = watching.next().await?;
        Some((frame, watching))
    })
}

impl<S: Source> Watching<S> {
    async fn next(&mut self) -> Option<Bytes> {
        loop {
            if let Some(frame) = self.ready.pop() {
                return Some(frame);
            }
            if self.over {
                return None;
            }
            let ending = self.hub.ending.clone();
            tokio::select! {
                biased;
                () = ending.cancelled() => return None,
                _ = self.rights.changed() => self.look_at_rights().await,
                _ = self.news.changed() => self.fetch().await,
                () = tokio::time::sleep_until(self.next_heartbeat) => {
                    self.next_heartbeat = Instant::now() + self.hub.limits.heartbeat;
                    self.ready.push(HEARTBEAT);
                    self.look_at_rights().await;
                }
            }
        }
    }

    fn end(&mut self) {
        self.over = true;
        self.ready = vec![END];
    }

    async fn look_at_rights(&mut self) {
        if !self.hub.source.may_watch(&self.viewer, self.id).await {
            self.end();
        }
    }

    async fn fetch(&mut self) {
        let next = match self.seen {
            Some(seen) => locked(&self.slot.topic).next(seen),
            None => Next::Snapshot,
        };
        match next {
            Next::Nothing => {}
            Next::Frames { mut frames, seen } => {
                frames.reverse();
                self.ready = frames;
                self.seen = Some(seen);
            }
            Next::Snapshot => self.fetch_snapshot().await,
        }
    }

    async fn fetch_snapshot(&mut self) {
        let made = locked(&self.slot.topic).snapshot();
        let (version, frame) = match made {
            Some(made) => made,
            None => match pin!(self.hub.source.occupancy(self.id)).await {
                Ok(Some(occupancy)) => locked(&self.slot.topic).on_snapshot(&occupancy),
                // The viewer comes again by itself.
                Ok(None) | Err(NotReadable) => return self.over = true,
            },
        };
        self.seen = Some(version);
        self.ready.push(frame);
        // The snapshot may be older than the last messages of the ring.
        self.news.mark_changed();
    }
}

#[cfg(test)]
mod tests;
