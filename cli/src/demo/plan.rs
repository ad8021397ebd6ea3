//! What every phone does in the morning: a pure function of the seed.
//!
//! The seed fixes who takes part, which labels they scan and what they mean, how the camera is held,
//! where the network fails and where a phone is killed. It does not fix how long anything takes, so
//! how two phones interleave at the server, and on which side of a commit a phone killed
//! [while recording](KillAt::WhileRecording) falls, may differ from run to run.

use kokoni_camera::Random;
use kokoni_model::event::Meaning;

/// One in so many phones is a child process; the first is one.
const CHILD_EVERY: usize = 4;

/// One in so many sits down where another sits already.
const TAKES_A_TAKEN_SEAT_EVERY: usize = 9;

/// Of two cycles of [`MORNINGS`] one has a person who wants what the person two before them keeps.
const WANTS_A_LENT_ITEM: usize = 5;

/// What there is to scan.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) struct Supply {
    pub(super) people: usize,
    pub(super) seats: usize,
    pub(super) rooms: usize,
    pub(super) items: usize,
    pub(super) sites: usize,
}

/// A label to scan, by number in the order of the city hall.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
pub(super) enum Goal {
    Seat(usize),
    Room(usize),
    /// The person's own.
    Home,
    Item(usize),
    /// Of a site.
    Exit(usize),
}

/// Where a phone's program runs.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) enum RunsIn {
    Thread,
    /// A process of its own, which can be killed.
    ChildProcess,
}

/// A point at which a phone is killed around a scan.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) enum KillAt {
    /// The label was read, nothing is written yet.
    BeforeRecording,
    /// This long after it was told to record: before, in or after the commit.
    WhileRecording { after_us: u32 },
    /// It said "saved" and waits for its witness.
    AfterSaved,
}

/// What goes wrong with a sync while the network is up.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) enum Trouble {
    /// The connection is cut within the request; the server never sees the whole of it.
    CutRequest {
        /// Share of the body that gets through, in percent.
        percent: u8,
    },
    /// The server has committed and answered; nothing of the answer arrives.
    LoseReply,
    /// Only the answer's first bytes arrive.
    CutReply { bytes: u8 },
    /// The phone is killed when half of its request is on the way.
    KillWhileSending,
    /// The phone is killed when the server has committed and answered.
    KillBeforeReply,
}

/// One thing a phone does.
#[derive(Clone, PartialEq, Debug)]
pub(super) enum Act {
    Scan {
        goal: Goal,
        meaning: Meaning,
        /// Seed of the camera's shots.
        shots: u64,
        kill: Option<KillAt>,
    },
    Sync {
        trouble: Option<Trouble>,
    },
    LoseNetwork,
    FindNetwork,
}

/// One thing a phone does, and when: 0 is the morning's beginning, 1 its end.
#[derive(Clone, PartialEq, Debug)]
pub(super) struct Step {
    pub(super) at: f32,
    pub(super) act: Act,
}

/// Everything one phone does.
#[derive(Clone, PartialEq, Debug)]
pub(super) struct Script {
    /// Whose phone, by number.
    pub(super) person: usize,
    pub(super) runs_in: RunsIn,
    pub(super) steps: Vec<Step>,
}

/// The stations of a person's morning.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
enum Station {
    Desk,
    Meeting,
    Home,
    HomeEnds,
    Borrow,
    BringBack,
    Leave,
}

/// Mornings people have, dealt out in turn; most end at a desk, so that the map fills.
const MORNINGS: [&[Station]; 8] = {
    use Station::*;
    [
        &[Desk, Borrow, BringBack, Leave],
        &[Home, HomeEnds, Desk],
        &[Desk, Meeting, Desk],
        &[Desk, Borrow],
        &[Home],
        &[Borrow, Desk, BringBack],
        &[Desk],
        &[Home, HomeEnds],
    ]
};

/// Makes the scripts of `phones` phones; there should be as many people, seats and items as phones.
pub(super) fn plan(phones: usize, seed: u64, supply: &Supply) -> Vec<Script> {
    let people = deal(supply.people, &mut Random::stream(seed, 11));
    let seats = deal(supply.seats, &mut Random::stream(seed, 12));
    let items = deal(supply.items, &mut Random::stream(seed, 13));
    (0..phones)
        .map(|phone| {
            let takes_a_taken_seat =
                phone % TAKES_A_TAKEN_SEAT_EVERY == TAKES_A_TAKEN_SEAT_EVERY - 1;
            let wants_a_lent_item = phone % (2 * MORNINGS.len()) == WANTS_A_LENT_ITEM;
            let mine = Belongings {
                seat: seats[(phone - usize::from(takes_a_taken_seat)) % seats.len()],
                item: items[(phone - 2 * usize::from(wants_a_lent_item)) % items.len()],
            };
            let random = Random::stream(seed, 1_000 + phone as u64);
            Script {
                person: people[phone % people.len()],
                runs_in: runs_in(phone),
                steps: Writer {
                    random,
                    phone,
                    supply,
                    mine,
                    at: 0.0,
                    steps: Vec::new(),
                }
                .write(),
            }
        })
        .collect()
}

const fn runs_in(phone: usize) -> RunsIn {
    if phone.is_multiple_of(CHILD_EVERY) {
        RunsIn::ChildProcess
    } else {
        RunsIn::Thread
    }
}

/// The numbers below `count` in a random order.
fn deal(count: usize, random: &mut Random) -> Vec<usize> {
    let mut cards: Vec<usize> = (0..count).collect();
    for last in (1..count).rev() {
        cards.swap(last, random.below(last + 1));
    }
    cards
}

struct Belongings {
    seat: usize,
    item: usize,
}

/// Writes one phone's script.
struct Writer<'a> {
    random: Random,
    phone: usize,
    supply: &'a Supply,
    mine: Belongings,
    at: f32,
    steps: Vec<Step>,
}

impl Writer<'_> {
    fn write(mut self) -> Vec<Step> {
        let morning = MORNINGS[self.phone % MORNINGS.len()];
        let pause = 0.9 / morning.len() as f32;
        let mut offline = false;
        for (index, &station) in morning.iter().enumerate() {
            // The scans of a phone keep their order; each has a stretch of the morning.
            self.at = pause * (index as f32 + self.random.unit());
            // One in three begins the day without a network.
            if !offline && (self.random.chance(0.3) || index == 0 && self.phone % 3 == 2) {
                self.push(Act::LoseNetwork);
                offline = true;
            }
            self.scan(station, index);
            if offline {
                self.push(Act::Sync { trouble: None });
                if index > 0 || self.random.chance(0.5) {
                    self.push(Act::FindNetwork);
                    offline = false;
                    self.troubled_sync();
                }
            } else if index == 0 || self.random.chance(0.8) {
                self.troubled_sync();
            }
        }
        self.at = 0.95;
        self.push(Act::FindNetwork);
        if offline {
            self.troubled_sync();
        }
        self.push(Act::Sync { trouble: None });
        self.steps
    }

    fn push(&mut self, act: Act) {
        self.steps.push(Step { at: self.at, act });
    }

    fn scan(&mut self, station: Station, index: usize) {
        let (goal, meaning) = match station {
            Station::Desk => (Goal::Seat(self.mine.seat), Meaning::Sit),
            Station::Meeting => (
                Goal::Room(self.random.below(self.supply.rooms)),
                Meaning::Sit,
            ),
            Station::Home => (Goal::Home, Meaning::Telework),
            Station::HomeEnds => (Goal::Home, Meaning::EndTelework),
            Station::Borrow => (Goal::Item(self.mine.item), Meaning::Borrow),
            Station::BringBack => (Goal::Item(self.mine.item), Meaning::Return),
            Station::Leave => (
                Goal::Exit(self.random.below(self.supply.sites)),
                Meaning::Leave,
            ),
        };
        let kill = self.kill_at(index);
        let shots = self.random.next_u64();
        self.push(Act::Scan {
            goal,
            meaning,
            shots,
            kill,
        });
    }

    /// Child processes are killed around their first scan, in turn in every way.
    fn kill_at(&mut self, index: usize) -> Option<KillAt> {
        let after_us = self.random.below(4_000) as u32;
        if runs_in(self.phone) != RunsIn::ChildProcess || index > 0 {
            return None;
        }
        match self.phone / CHILD_EVERY % 4 {
            0 => Some(KillAt::WhileRecording { after_us }),
            1 => Some(KillAt::AfterSaved),
            2 => Some(KillAt::BeforeRecording),
            // This one is killed in a sync.
            _ => None,
        }
    }

    /// A sync in which something goes wrong, and one soon after in which nothing does.
    fn troubled_sync(&mut self) {
        let trouble = self.trouble();
        self.push(Act::Sync {
            trouble: Some(trouble),
        });
        if self.random.chance(0.7) {
            self.push(Act::Sync { trouble: None });
        }
    }

    /// Every child process is killed at least once, and has something to send when it is in a sync.
    fn is_to_be_killed(&self) -> bool {
        runs_in(self.phone) == RunsIn::ChildProcess
            && !self.steps.iter().any(|step| step.act.kills())
    }

    fn trouble(&mut self) -> Trouble {
        let percent = 10 + self.random.below(80) as u8;
        let bytes = 1 + self.random.below(200) as u8;
        if self.is_to_be_killed() {
            return match self.phone / (4 * CHILD_EVERY) % 2 {
                0 => Trouble::KillBeforeReply,
                _ => Trouble::KillWhileSending,
            };
        }
        // Every kind comes to every kind of phone, whatever the seed.
        let turn = self.phone / CHILD_EVERY + self.steps.len();
        match (runs_in(self.phone), turn % 5) {
            (RunsIn::ChildProcess, 0) => Trouble::KillWhileSending,
            (RunsIn::ChildProcess, 1) => Trouble::KillBeforeReply,
            (_, 0 | 2) => Trouble::LoseReply,
            (_, 1 | 3) => Trouble::CutReply { bytes },
            _ => Trouble::CutRequest { percent },
        }
    }
}

impl Act {
    /// Whether the phone is killed in it.
    fn kills(&self) -> bool {
        matches!(
            self,
            Self::Scan { kill: Some(_), .. }
                | Self::Sync {
                    trouble: Some(Trouble::KillWhileSending | Trouble::KillBeforeReply)
                }
        )
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::*;
    use proptest::prelude::*;

    const SUPPLY: Supply = Supply {
        people: 1_200,
        seats: 400,
        rooms: 14,
        items: 120,
        sites: 2,
    };

    fn acts(scripts: &[Script]) -> impl Iterator<Item = &Act> {
        scripts
            .iter()
            .flat_map(|script| &script.steps)
            .map(|step| &step.act)
    }

    fn meant(script: &Script) -> Vec<(Goal, Meaning)> {
        let scans = script.steps.iter().filter_map(|step| match &step.act {
            Act::Scan { goal, meaning, .. } => Some((*goal, meaning.clone())),
            _ => None,
        });
        scans.collect()
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(64))]

        #[test]
        fn a_seed_always_gives_the_same_plan(seed: u64, phones in 1usize..100) {
            prop_assert_eq!(plan(phones, seed, &SUPPLY), plan(phones, seed, &SUPPLY));
        }

        #[test]
        fn at_least_a_quarter_of_the_phones_are_child_processes(seed: u64, phones in 1usize..120) {
            let children = plan(phones, seed, &SUPPLY)
                .iter()
                .filter(|script| script.runs_in == RunsIn::ChildProcess)
                .count();
            prop_assert!(children * 4 >= phones);
        }

        #[test]
        fn from_sixteen_phones_on_every_meaning_kill_and_cut_occurs(seed: u64, phones in 16usize..120) {
            let scripts = plan(phones, seed, &SUPPLY);
            for meaning in [
                Meaning::Sit, Meaning::Leave, Meaning::Telework, Meaning::EndTelework,
                Meaning::Borrow, Meaning::Return,
            ] {
                let occurs = acts(&scripts)
                    .any(|act| matches!(act, Act::Scan { meaning: m, .. } if *m == meaning));
                prop_assert!(occurs, "{:?}", meaning);
            }
            let kill = |wanted: fn(&KillAt) -> bool| acts(&scripts)
                .any(|act| matches!(act, Act::Scan { kill: Some(kill), .. } if wanted(kill)));
            prop_assert!(kill(|kill| *kill == KillAt::BeforeRecording));
            prop_assert!(kill(|kill| matches!(kill, KillAt::WhileRecording { .. })), "while recording");
            prop_assert!(kill(|kill| *kill == KillAt::AfterSaved));
            let trouble = |wanted: fn(&Trouble) -> bool| acts(&scripts)
                .any(|act| matches!(act, Act::Sync { trouble: Some(trouble) } if wanted(trouble)));
            prop_assert!(trouble(|trouble| *trouble == Trouble::LoseReply));
            prop_assert!(trouble(|trouble| matches!(trouble, Trouble::CutReply { .. })), "a reply");
            prop_assert!(trouble(|trouble| matches!(trouble, Trouble::CutRequest { .. })), "a request");
        }

        #[test]
        fn only_child_processes_are_killed(seed: u64) {
            for script in plan(60, seed, &SUPPLY) {
                let killed = script.steps.iter().any(|step| step.act.kills());
                prop_assert!(!killed || script.runs_in == RunsIn::ChildProcess);
            }
        }

        #[test]
        fn every_child_process_is_killed(seed: u64) {
            for script in plan(60, seed, &SUPPLY) {
                let killed = script.steps.iter().any(|step| step.act.kills());
                prop_assert!(killed || script.runs_in == RunsIn::Thread);
            }
        }

        #[test]
        fn every_morning_ends_with_a_network_and_an_untroubled_sync(seed: u64) {
            for script in plan(60, seed, &SUPPLY) {
                let mut up = true;
                for step in &script.steps {
                    match step.act {
                        Act::LoseNetwork => up = false,
                        Act::FindNetwork => up = true,
                        _ => {}
                    }
                }
                prop_assert!(up);
                let last = script.steps.last().map(|step| &step.act);
                prop_assert_eq!(last, Some(&Act::Sync { trouble: None }));
            }
        }

        #[test]
        fn steps_come_in_order_of_time_within_the_morning(seed: u64) {
            for script in plan(60, seed, &SUPPLY) {
                let times: Vec<f32> = script.steps.iter().map(|step| step.at).collect();
                prop_assert!(times.is_sorted(), "{:?}", times);
                prop_assert!(times.iter().all(|at| (0.0..=1.0).contains(at)));
            }
        }

        #[test]
        fn nothing_is_brought_back_before_it_is_borrowed(seed: u64) {
            for script in plan(60, seed, &SUPPLY) {
                let scans = meant(&script);
                for (index, (goal, meaning)) in scans.iter().enumerate() {
                    if *meaning == Meaning::Return {
                        prop_assert!(scans[..index].contains(&(*goal, Meaning::Borrow)));
                    }
                }
            }
        }

        #[test]
        fn a_seed_fixes_who_takes_part_and_no_two_phones_are_one_persons(seed: u64) {
            let people: BTreeSet<usize> =
                plan(100, seed, &SUPPLY).iter().map(|script| script.person).collect();
            prop_assert_eq!(people.len(), 100);
        }
    }

    #[test]
    fn some_seats_and_items_are_wanted_by_two() {
        let scripts = plan(60, 7, &SUPPLY);
        let wanted: Vec<Goal> = scripts
            .iter()
            .flat_map(|script| {
                let goals = meant(script).into_iter().map(|(goal, _)| goal);
                goals.collect::<std::collections::HashSet<_>>()
            })
            .collect();
        let by_two = |kind: fn(&Goal) -> bool| {
            let goals: Vec<&Goal> = wanted.iter().filter(|goal| kind(goal)).collect();
            goals.len() - goals.iter().collect::<std::collections::HashSet<_>>().len()
        };
        assert!(by_two(|goal| matches!(goal, Goal::Seat(_))) >= 3);
        assert!(by_two(|goal| matches!(goal, Goal::Item(_))) >= 3);
    }
}
