//! Exactly once, in order, whatever the network does: phones record a morning, their batches are
//! doubled, cut and turned round on the way, and a checker that shares no code with the server
//! compares what each phone was told with what the server holds.

use std::cell::Cell;
use std::collections::{BTreeMap, BTreeSet};

use crate::kit::{Phone, World};
use crate::ledger::{Heard, Ledger, Told};
use kokoni_model::clock::Timestamp;
use kokoni_model::event::{Act, Meaning, SealedEvent};
use kokoni_model::ids::{ItemId, PersonId, PlaceId};
use kokoni_model::wire::events::{Outcome, RejectReason};
use kokoni_model::wire::views::ItemList;
use kokoni_trials::Trial;
use proptest::prelude::*;
use proptest::test_runner::Config as ProptestConfig;

const PHONES: usize = 4;

/// What somebody does, in the order in which the morning goes by.
#[derive(Clone, Debug)]
enum Deed {
    Sit(usize),
    Leave,
    Home,
    EndHome,
    Borrow(usize),
    GiveBack(usize),
    /// Takes back the latest scan of a place that has not been taken back.
    Undo,
}

/// How a stretch of a queue travels.
#[derive(Clone, Debug)]
struct Delivery {
    phone: usize,
    /// From how many events before the first one not yet held.
    back: usize,
    length: usize,
    /// Skips ahead first: the stretch overtakes the one before it.
    ahead: usize,
}

fn deed() -> impl Strategy<Value = Deed> {
    prop_oneof![
        5 => (0usize..5).prop_map(Deed::Sit),
        1 => Just(Deed::Leave),
        2 => Just(Deed::Home),
        1 => Just(Deed::EndHome),
        3 => (0usize..2).prop_map(Deed::Borrow),
        2 => (0usize..2).prop_map(Deed::GiveBack),
        2 => Just(Deed::Undo),
    ]
}

/// About 30 % of what is sent was sent before, 20 % overtakes what comes before it.
fn delivery() -> impl Strategy<Value = Delivery> {
    let back = prop_oneof![7 => Just(0usize), 3 => 1usize..20];
    let ahead = prop_oneof![8 => Just(0usize), 2 => 1usize..10];
    (0..PHONES, back, 1usize..15, ahead).prop_map(|(phone, back, length, ahead)| Delivery {
        phone,
        back,
        length,
        ahead,
    })
}

struct Recorded {
    event: SealedEvent,
    deed: Deed,
    at: Timestamp,
    undoes: Option<u64>,
}

struct Morning {
    world: World,
    phones: Vec<Phone>,
    recorded: Vec<Vec<Recorded>>,
    told: Vec<Ledger>,
    held: Vec<u64>,
    /// Who has each item, as it follows from the answers in the order in which they were given.
    lent: BTreeMap<usize, usize>,
    duplicates: usize,
}

impl Morning {
    async fn record(deeds: Vec<(usize, u8, Deed)>) -> Self {
        let mut world = World::start().await;
        let mut phones = Vec::new();
        for person in 0..PHONES {
            phones.push(world.phone(person).await);
        }
        let mut recorded: Vec<Vec<Recorded>> = (0..PHONES).map(|_| Vec::new()).collect();
        for (who, seconds, deed) in deeds {
            world.clock.advance_seconds(i64::from(seconds));
            let at = phones[who].reading().wall_us;
            let undoes = match deed {
                Deed::Undo => match latest_undoable(&recorded[who]) {
                    Some(seq) => Some(seq),
                    None => continue,
                },
                _ => None,
            };
            let act = act(&world, who, &deed, undoes);
            let event = phones[who].record(act);
            recorded[who].push(Recorded {
                event,
                deed,
                at,
                undoes,
            });
        }
        for phone in &mut phones {
            phone.refresh().await;
        }
        Self {
            world,
            phones,
            recorded,
            told: vec![Ledger::default(); PHONES],
            held: vec![0; PHONES],
            lent: BTreeMap::new(),
            duplicates: 0,
        }
    }

    async fn deliver(&mut self, delivery: &Delivery) {
        let who = delivery.phone;
        let first = (self.held[who] as usize).saturating_sub(delivery.back) + delivery.ahead;
        let events: Vec<SealedEvent> = self.recorded[who]
            .iter()
            .skip(first)
            .take(delivery.length)
            .map(|recorded| recorded.event.clone())
            .collect();
        if events.is_empty() {
            return;
        }
        self.world.clock.advance_seconds(1);
        let reply = self.phones[who]
            .send(&events.iter().collect::<Vec<_>>())
            .await;
        for (event, answer) in events.iter().zip(&reply.answers) {
            assert_eq!(answer.seq, event.event().seq);
            self.hear(who, answer.seq, &answer.outcome);
        }
        assert!(reply.held_through >= self.held[who], "never goes back");
        self.held[who] = reply.held_through;
    }

    /// Checks one answer against everything that was answered before.
    fn hear(&mut self, who: usize, seq: u64, outcome: &Outcome) {
        match self.told[who].hear(seq, outcome) {
            Heard::Wait => {}
            Heard::Again => self.duplicates += 1,
            Heard::First(told) => self.check_rule(who, seq, &told),
        }
    }

    /// Items by a map of who has what; everything else always counts.
    fn check_rule(&mut self, who: usize, seq: u64, told: &Told) {
        let expected = match self.recorded[who][seq as usize - 1].deed {
            Deed::Borrow(item) => match self.lent.get(&item) {
                Some(&has) if has != who => Told::Rejected(RejectReason::AlreadyLent),
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
                    Told::Rejected(RejectReason::NotLentToYou)
                }
            }
            _ => Told::Applied,
        };
        assert_eq!(*told, expected, "{seq} of phone {who}");
    }

    async fn drain(&mut self) {
        for phone in 0..PHONES {
            while (self.held[phone] as usize) < self.recorded[phone].len() {
                let before = self.held[phone];
                self.deliver(&Delivery {
                    phone,
                    back: 3,
                    length: 40,
                    ahead: 0,
                })
                .await;
                assert!(self.held[phone] > before, "the queue drains");
            }
        }
    }

    /// Everything the server holds follows from what the phones were told.
    async fn check(&self) {
        let recorded: usize = self.recorded.iter().map(Vec::len).sum();
        let told: u64 = self.told.iter().map(Ledger::through).sum();
        assert_eq!(told as usize, recorded, "every event was answered for");
        let rows = self.world.count("SELECT count(*) FROM event").await;
        assert_eq!(rows as usize, recorded, "each is there once");
        let turned = "SELECT count(*) FROM event a JOIN event b
            ON a.device = b.device AND a.epoch = b.epoch AND a.seq < b.seq
            WHERE a.counted_us > b.counted_us";
        assert_eq!(
            self.world.count(turned).await,
            0,
            "no queue was turned round"
        );
        self.check_items().await;
        self.check_map().await;
    }

    async fn check_items(&self) {
        let list: ItemList = self.phones[0].get_json("/api/v1/items").await;
        let lent: BTreeMap<ItemId, PersonId> = list
            .items
            .iter()
            .filter_map(|item| Some((item.item, item.loan?.person)))
            .collect();
        let items = &self.world.office.sites[0].floors[0].lockers[0].items;
        let expected: BTreeMap<ItemId, PersonId> = self
            .lent
            .iter()
            .map(|(&item, &who)| (items[item].id, self.phones[who].enrolled.person))
            .collect();
        assert_eq!(lent, expected);
    }

    /// The map by an independent telling: everybody walks through their own morning, and whoever
    /// came to a seat last has it while they stay.
    async fn check_map(&self) {
        let floor = &self.world.office.sites[0].floors[0];
        let mut last_comer: BTreeMap<usize, (Timestamp, PersonId, bool)> = BTreeMap::new();
        for (who, phone) in self.phones.iter().enumerate() {
            for (seat, since, stays) in self.walk(who) {
                let comes = (since, phone.enrolled.device);
                let came = last_comer.get(&seat).map(|(at, ..)| *at);
                // Moments of different phones differ in this test.
                if came.is_none_or(|at| at < comes.0) {
                    last_comer.insert(seat, (since, phone.enrolled.person, stays));
                }
            }
        }
        let expected: BTreeSet<(PlaceId, PersonId)> = last_comer
            .into_iter()
            .filter(|(_, (.., stays))| *stays)
            .map(|(seat, (_, person, _))| (floor.places[seat].id, person))
            .collect();
        let map = self.phones[0].occupancy(floor.id).await;
        let shown: BTreeSet<(PlaceId, PersonId)> = map
            .taken
            .iter()
            .flat_map(|taken| taken.people.iter().map(|at| (taken.place, at.person)))
            .collect();
        assert_eq!(shown, expected);
    }

    /// One person's stays at seats: which, since when, whether it goes on.
    fn walk(&self, who: usize) -> Vec<(usize, Timestamp, bool)> {
        let undone: BTreeSet<u64> = self.recorded[who]
            .iter()
            .filter_map(|it| it.undoes)
            .collect();
        let mut stays: Vec<(usize, Timestamp, bool)> = Vec::new();
        for (seq, recorded) in (1u64..).zip(&self.recorded[who]) {
            if undone.contains(&seq) {
                continue;
            }
            let ends = matches!(recorded.deed, Deed::Sit(_) | Deed::Leave | Deed::Home);
            if ends && let Some(stay) = stays.last_mut() {
                stay.2 = false;
            }
            if let Deed::Sit(seat) = recorded.deed {
                stays.push((seat, recorded.at, true));
            }
        }
        stays
    }
}

fn latest_undoable(recorded: &[Recorded]) -> Option<u64> {
    let undone: BTreeSet<u64> = recorded.iter().filter_map(|it| it.undoes).collect();
    (1u64..)
        .zip(recorded)
        .filter(|(seq, it)| {
            let place = !matches!(it.deed, Deed::Undo | Deed::Borrow(_) | Deed::GiveBack(_));
            place && !undone.contains(seq)
        })
        .map(|(seq, _)| seq)
        .last()
}

fn act(world: &World, who: usize, deed: &Deed, undoes: Option<u64>) -> Act {
    let (office, floor) = (&world.office, &world.office.sites[0].floors[0]);
    let home = office.people[who].home_label;
    let items = &floor.lockers[0].items;
    match *deed {
        Deed::Sit(seat) => crate::kit::scan(floor.places[seat].label, Meaning::Sit),
        Deed::Leave => crate::kit::scan(office.sites[0].exit_label, Meaning::Leave),
        Deed::Home => crate::kit::scan(home, Meaning::Telework),
        Deed::EndHome => crate::kit::scan(home, Meaning::EndTelework),
        Deed::Borrow(item) => crate::kit::scan(items[item].label, Meaning::Borrow),
        Deed::GiveBack(item) => crate::kit::scan(items[item].label, Meaning::Return),
        Deed::Undo => Act::Withdraw {
            seq: undoes.expect("something to take back"),
        },
    }
}

/// A morning over a network that doubles, cuts and turns round; gives its events and how many
/// were answered for more than once.
async fn morning(deeds: Vec<(usize, u8, Deed)>, deliveries: &[Delivery]) -> [u64; 2] {
    let mut morning = Morning::record(deeds).await;
    for delivery in deliveries {
        morning.deliver(delivery).await;
    }
    morning.drain().await;
    morning.check().await;
    morning.world.stop().await;
    let events: usize = morning.recorded.iter().map(Vec::len).sum();
    [events as u64, morning.duplicates as u64]
}

#[test]
fn every_event_is_applied_exactly_once_and_in_order() {
    const EVENTS_OF_A_MORNING: u64 = 200;
    let trial = Trial::of(5_000, 1);
    let counted = Cell::new([0; 2]);
    let runtime = tokio::runtime::Builder::new_multi_thread()
        .worker_threads(2)
        .enable_all()
        .build()
        .expect("a runtime");
    let config = ProptestConfig {
        cases: u32::try_from(trial.count.div_ceil(EVENTS_OF_A_MORNING)).expect("not so many"),
        max_shrink_iters: 40,
        source_file: Some(file!()),
        ..ProptestConfig::default()
    };
    let mornings = (
        proptest::collection::vec((0..PHONES, 1u8..60, deed()), 150..310),
        proptest::collection::vec(delivery(), 0..80),
    );
    let held = trial.runner(config).run(&mornings, |(deeds, deliveries)| {
        let [events, again] = runtime.block_on(morning(deeds, &deliveries));
        let [all, all_again] = counted.get();
        counted.set([all + events, all_again + again]);
        Ok(())
    });
    let [events, again] = counted.get();
    trial.tell(&[("events over HTTP", events), ("sent again", again)]);
    held.unwrap_or_else(|broken| panic!("{broken}"));
}
