//! Exactly once, day after day: phones send everything that they record, a third of it again and a
//! fifth out of turn, also what has been purged meanwhile; the server is asked in its own process,
//! where tens of thousands of events take seconds.

use std::collections::BTreeMap;

use axum::Router;
use axum::body::Body;
use http_body_util::BodyExt;
use kokoni_model::event::{Act, Meaning, SealedEvent};
use kokoni_model::label::LabelId;
use kokoni_model::wire::events::{BatchReply, RejectReason};
use kokoni_server::ingest::purge::purge_before;
use kokoni_server::ports::Clock;
use kokoni_trials::{Dice, Trial};
use reqwest::{StatusCode, header};
use tower::ServiceExt;

use crate::kit::{Phone, World, scan};
use crate::ledger::{Heard, Ledger, Told};

const PHONES: usize = 5;
/// What each phone records on a day, which is a window: the next one begins when it has drained.
const DAY: usize = 200;
const DAY_SECONDS: i64 = 24 * 3600;
/// How many events of purged days each phone keeps to send them again.
const OLD: usize = 40;

struct Line {
    phone: Phone,
    /// The events of this window and of the one before.
    recent: Vec<SealedEvent>,
    /// Some of those before that.
    old: Vec<SealedEvent>,
    /// What was done under each number, until it was answered for.
    deeds: BTreeMap<u64, Deed>,
    told: Ledger,
}

#[derive(Clone, Copy)]
enum Deed {
    Sit,
    TakeBack,
    Borrow(usize),
    GiveBack(usize),
    Stranger,
}

struct Office {
    world: World,
    router: Router,
    lines: Vec<Line>,
    /// Who has each item, as it follows from the answers.
    lent: BTreeMap<usize, usize>,
    dice: Dice,
    sent: u64,
    again: u64,
    out_of_turn: u64,
    replayed_after_purging: u64,
}

impl Office {
    async fn open(dice: Dice) -> Self {
        let mut world = World::start().await;
        let mut lines = Vec::new();
        for person in 0..PHONES {
            lines.push(Line {
                phone: world.phone(person).await,
                recent: Vec::new(),
                old: Vec::new(),
                deeds: BTreeMap::new(),
                told: Ledger::default(),
            });
        }
        Self {
            router: kokoni_server::router(world.app.clone()),
            world,
            lines,
            lent: BTreeMap::new(),
            dice,
            sent: 0,
            again: 0,
            out_of_turn: 0,
            replayed_after_purging: 0,
        }
    }

    /// A day: everybody records, everything is delivered, what is older than yesterday is purged.
    async fn day(&mut self) {
        for line in &mut self.lines {
            line.phone.refresh().await;
            let earlier = line.recent.len().saturating_sub(DAY);
            line.old.extend(line.recent.drain(..earlier));
            let surplus = line.old.len().saturating_sub(OLD);
            line.old.drain(..surplus);
        }
        for _ in 0..DAY {
            for who in 0..PHONES {
                self.world
                    .clock
                    .advance_seconds(1 + self.dice.below(3) as i64);
                self.record(who);
            }
        }
        while let Some(who) = self.behind() {
            self.deliver(who).await;
        }
        self.send_old_ones_again().await;
        self.world.clock.advance_seconds(DAY_SECONDS);
        let now = self.world.clock.now();
        let (organisation, before) = (self.world.office.id, now.plus_seconds(-DAY_SECONDS * 3 / 2));
        self.world
            .store
            .write(move |tx| purge_before(tx, organisation, before, now))
            .await
            .expect("purged");
    }

    fn record(&mut self, who: usize) {
        let floor = &self.world.office.sites[0].floors[0];
        let (items, seats) = (&floor.lockers[0].items, &floor.places);
        let line = &mut self.lines[who];
        let item = self.dice.below(items.len());
        let next = line.phone.next;
        let (act, deed) = match self.dice.below(10) {
            0 => (scan(items[item].label, Meaning::Borrow), Deed::Borrow(item)),
            1 => (
                scan(items[item].label, Meaning::Return),
                Deed::GiveBack(item),
            ),
            2 => (
                scan(LabelId::from_bytes([0x5a; 10]), Meaning::Sit),
                Deed::Stranger,
            ),
            3 if matches!(line.deeds.get(&(next - 1)), Some(Deed::Sit)) => {
                (Act::Withdraw { seq: next - 1 }, Deed::TakeBack)
            }
            _ => (scan(self.dice.one_of(seats).label, Meaning::Sit), Deed::Sit),
        };
        line.deeds.insert(next, deed);
        line.recent.push(line.phone.record(act));
    }

    /// A phone that has something to send.
    fn behind(&mut self) -> Option<usize> {
        let behind: Vec<usize> = (0..PHONES)
            .filter(|&who| self.lines[who].told.through() + 1 < self.lines[who].phone.next)
            .collect();
        (!behind.is_empty()).then(|| *self.dice.one_of(&behind))
    }

    /// Sends a stretch of a phone's queue: the next one, one that was sent before, one that
    /// overtakes, or one that is shuffled.
    async fn deliver(&mut self, who: usize) {
        let line = &self.lines[who];
        let first = line.recent[0].event().seq;
        let next = (line.told.through() + 1 - first) as usize;
        let length = 1 + self.dice.below(60);
        let mut from = next;
        if next > 0 && self.dice.percent(33) {
            from = next.saturating_sub(1 + self.dice.below(next));
        } else if self.dice.percent(20) {
            from = next + 1 + self.dice.below(20);
        }
        let stretch = line.recent.iter().skip(from).take(length);
        let mut events: Vec<SealedEvent> = stretch.cloned().collect();
        let shuffled = self.dice.percent(20);
        if shuffled {
            for at in (1..events.len()).rev() {
                events.swap(at, self.dice.below(at + 1));
            }
        }
        if shuffled || from > next {
            self.out_of_turn += events.len() as u64;
        }
        self.send(who, &events).await;
    }

    async fn send_old_ones_again(&mut self) {
        for who in 0..PHONES {
            let old = self.lines[who].old.clone();
            if old.is_empty() {
                continue;
            }
            let before = self.again;
            self.send(who, &old).await;
            assert_eq!(
                self.again - before,
                old.len() as u64,
                "purged, not forgotten"
            );
            self.replayed_after_purging += old.len() as u64;
        }
    }

    async fn send(&mut self, who: usize, events: &[SealedEvent]) {
        if events.is_empty() {
            return;
        }
        let reply = self.ask(&self.lines[who].phone, events).await;
        self.sent += events.len() as u64;
        let mut answers = reply.answers;
        answers.sort_by_key(|answer| answer.seq);
        for answer in answers {
            match self.lines[who].told.hear(answer.seq, &answer.outcome) {
                Heard::Wait => {}
                Heard::Again => self.again += 1,
                Heard::First(told) => self.check(who, answer.seq, &told),
            }
        }
        assert_eq!(reply.held_through, self.lines[who].told.through());
    }

    /// One request, without a socket.
    async fn ask(&self, phone: &Phone, events: &[SealedEvent]) -> BatchReply {
        let texts: Vec<&str> = events.iter().map(SealedEvent::text).collect();
        let body = serde_json::to_vec(&phone.batch(&texts)).expect("serialises");
        let request = axum::http::Request::post("/api/v1/events")
            .header(header::HOST, "localhost")
            .header(header::CONTENT_TYPE, "application/json")
            .header("kokoni-protocol", "1")
            .header(
                header::AUTHORIZATION,
                format!("Bearer {}", phone.enrolled.tokens.access.0),
            )
            .body(Body::from(body))
            .expect("a request");
        let response = self.router.clone().oneshot(request).await;
        let response = response.expect("answered");
        let status = response.status();
        let body = response
            .into_body()
            .collect()
            .await
            .expect("a whole answer");
        assert_eq!(status, StatusCode::OK, "{:?}", body.to_bytes());
        serde_json::from_slice(&body.to_bytes()).expect("a reply")
    }

    /// The first answer for an event, by a map of who has what; everything else always counts.
    fn check(&mut self, who: usize, seq: u64, told: &Told) {
        let rejected = |reason| Told::Rejected(reason);
        let expected = match self.lines[who].deeds.remove(&seq).expect("recorded") {
            Deed::Sit | Deed::TakeBack => Told::Applied,
            Deed::Stranger => rejected(RejectReason::UnknownLabel),
            Deed::Borrow(item) => match self.lent.get(&item) {
                Some(&has) if has != who => rejected(RejectReason::AlreadyLent),
                _ => {
                    self.lent.insert(item, who);
                    Told::Applied
                }
            },
            Deed::GiveBack(item) => {
                if self.lent.get(&item) == Some(&who) {
                    self.lent.remove(&item);
                    Told::Applied
                } else {
                    rejected(RejectReason::NotLentToYou)
                }
            }
        };
        assert_eq!(*told, expected, "{seq} of phone {who}");
    }

    /// What the database holds: each event once, and no queue turned round, neither as it was
    /// applied nor as it counts.
    async fn settle(&self) {
        let recorded: u64 = self.lines.iter().map(|line| line.phone.next - 1).sum();
        let rows = self.world.count("SELECT count(*) FROM event").await;
        assert_eq!(rows as u64, recorded);
        let numbers = "SELECT sum(last) FROM (SELECT max(seq) AS last FROM event
                       GROUP BY device, epoch)";
        assert_eq!(self.world.count(numbers).await as u64, recorded);
        let applied_late = "SELECT count(*) FROM (SELECT seq AS own, lag(seq)
            OVER (PARTITION BY device, epoch ORDER BY rowid) AS before FROM event)
            WHERE own < before";
        let counted_early = "SELECT count(*) FROM (SELECT counted_us AS own, lag(counted_us)
            OVER (PARTITION BY device, epoch ORDER BY seq) AS before FROM event)
            WHERE own < before";
        for turned_round in [applied_late, counted_early] {
            assert_eq!(self.world.count(turned_round).await, 0, "{turned_round}");
        }
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_is_sent_again_out_of_turn_or_after_purging_is_applied_exactly_once_and_in_order() {
    let trial = Trial::of(50_000, 1);
    let mut office = Office::open(trial.dice()).await;
    let days = trial.count.div_ceil((PHONES * DAY) as u64).max(4);
    for _ in 0..days {
        office.day().await;
    }
    office.settle().await;
    let events = days * (PHONES * DAY) as u64;
    trial.tell(&[
        ("events in process", events),
        ("sent", office.sent),
        ("sent again", office.again),
        ("sent out of turn", office.out_of_turn),
        ("sent again after purging", office.replayed_after_purging),
    ]);
    assert!(
        office.again * 100 >= office.sent * 30,
        "30 of 100 were sent before"
    );
    assert!(office.out_of_turn * 100 >= office.sent * 20);
    assert!(office.replayed_after_purging > 0);
    office.world.stop().await;
}
