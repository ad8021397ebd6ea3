//! Plays one phone's script: tells the phone what to do, lets the network fail, kills the process,
//! and writes down what the phone said was saved.

use std::collections::BTreeSet;
use std::sync::{Condvar, Mutex, PoisonError};
use std::time::{Duration, Instant};

use anyhow::{Result, bail};
use kokoni_model::event::{Meaning, Via};
use kokoni_model::ids::{DeviceId, EventId};
use kokoni_model::label::LabelId;

use super::handset::{ANSWERS_WITHIN, Handset};
use super::link::{Fault, Link};
use super::map::MapWatch;
use super::plan::{Act, Goal, KillAt, Script, Trouble};
use super::protocol::{Answer, Command, Look, SavedRecord, Synced};
use super::stage::Stage;
use super::tally::Tally;
use super::witness::{Saved, Told};

/// A label that could not be scanned to the end because the phone was killed is scanned so often.
const MOST_TRIES: usize = 5;

/// How often a phone syncs at the end until nothing waits.
const MOST_FINAL_SYNCS: usize = 20;

/// How long a phone waits before it syncs once more.
const BETWEEN_SYNCS: Duration = Duration::from_millis(100);

/// A phone that syncs is looked at this often.
const LOOK_EVERY: Duration = Duration::from_millis(5);

/// What all phones share.
pub(super) struct Scene<'a> {
    pub(super) stage: &'a Stage,
    pub(super) map: &'a MapWatch,
    pub(super) gate: &'a Gate,
    /// Called after each step.
    pub(super) on_step: &'a (dyn Fn() + Sync),
    /// Waits for a moment of the morning; false when the play is to stop.
    pub(super) wait_until: &'a (dyn Fn(f32) -> bool + Sync),
}

/// Lets so many phones at once draw frames or read the directory: each takes a whole core.
pub(super) struct Gate {
    free: Mutex<usize>,
    freed: Condvar,
}

impl Gate {
    pub(super) fn new(places: usize) -> Self {
        Self {
            free: Mutex::new(places.max(1)),
            freed: Condvar::new(),
        }
    }

    fn pass<T>(&self, work: impl FnOnce() -> T) -> T {
        let free = self.free.lock().unwrap_or_else(PoisonError::into_inner);
        let waited = self.freed.wait_while(free, |free| *free == 0);
        *waited.unwrap_or_else(PoisonError::into_inner) -= 1;
        let _place = Place(self);
        work()
    }
}

/// A place behind the gate; given back also by work that panics, so that the others go on and the
/// demo fails instead of waiting for ever.
struct Place<'g>(&'g Gate);

impl Drop for Place<'_> {
    fn drop(&mut self) {
        *self.0.free.lock().unwrap_or_else(PoisonError::into_inner) += 1;
        self.0.freed.notify_one();
    }
}

/// One phone with its network, and what became of it.
pub(super) struct Director<'a> {
    scene: &'a Scene<'a>,
    script: &'a Script,
    handset: Handset,
    link: Link,
    device: DeviceId,
    told: Vec<Saved>,
    told_ids: BTreeSet<EventId>,
    /// Number of the scan that is under way.
    scan: usize,
    tally: Tally,
}

impl<'a> Director<'a> {
    /// Enrols the phone with a one-time code, through its own network. `None` when the play was to
    /// stop before this phone's turn came.
    pub(super) fn enrol(
        scene: &'a Scene<'a>,
        script: &'a Script,
        mut handset: Handset,
        link: Link,
    ) -> Result<Option<Self>> {
        let answer = scene.gate.pass(|| -> Result<Option<Answer>> {
            if !(scene.wait_until)(0.0) {
                return Ok(None);
            }
            let code = scene.stage.code(scene.stage.person(script.person))?;
            let link = format!("http://{}/enrol#{}", link.address(), code.link);
            handset.ask(&Command::Enrol { link }).map(Some)
        })?;
        let device = match answer {
            None => return Ok(None),
            Some(Answer::Enrolled { device }) => device,
            Some(_) => bail!("a phone did not enrol"),
        };
        Ok(Some(Self {
            scene,
            script,
            handset,
            link,
            device,
            told: Vec::new(),
            told_ids: BTreeSet::new(),
            scan: 0,
            tally: Tally::default(),
        }))
    }

    /// Plays the script to its end, or until it is to stop.
    pub(super) fn play(mut self) -> Result<(Told, Tally)> {
        for step in &self.script.steps {
            if !(self.scene.wait_until)(step.at) {
                break;
            }
            match &step.act {
                Act::Scan {
                    goal,
                    meaning,
                    shots,
                    kill,
                } => {
                    self.scan(*goal, meaning, *shots, *kill)?;
                    self.scan += 1;
                }
                Act::Sync { trouble } => self.sync(*trouble)?,
                Act::LoseNetwork => self.link.set_up(false),
                Act::FindNetwork => self.link.set_up(true),
            }
            (self.scene.on_step)();
        }
        self.empty_the_queue()?;
        self.tally.cut += self.link.cut();
        Ok((
            Told {
                device: self.device,
                saved: self.told,
            },
            self.tally,
        ))
    }

    fn scan(
        &mut self,
        goal: Goal,
        meaning: &Meaning,
        shots: u64,
        kill: Option<KillAt>,
    ) -> Result<()> {
        let label = self.scene.stage.label(goal, self.script.person);
        let mut kill = kill;
        for again in 0..MOST_TRIES as u64 {
            let look = self.look(label, shots.wrapping_add(again))?;
            if look.proposed.as_ref() != Some(meaning) {
                self.tally.refused += 1;
                return Ok(());
            }
            let told_before = self.told.len();
            match kill.take() {
                None => self.record(label, meaning, look.via)?,
                Some(KillAt::BeforeRecording) => self.kill_and_start_again(label, meaning)?,
                Some(KillAt::WhileRecording { after_us }) => {
                    let command = record_command(label, meaning, look.via);
                    self.handset.child()?.tell(&command)?;
                    std::thread::sleep(Duration::from_micros(after_us.into()));
                    self.kill_and_start_again(label, meaning)?;
                }
                Some(KillAt::AfterSaved) => {
                    self.record(label, meaning, look.via)?;
                    self.kill_and_start_again(label, meaning)?;
                }
            }
            if self.told.len() > told_before {
                self.expect_on_the_map(goal, meaning);
                return Ok(());
            }
        }
        bail!("a scan was not saved in {MOST_TRIES} tries");
    }

    fn look(&mut self, label: LabelId, shots: u64) -> Result<Look> {
        let handset = &mut self.handset;
        let answer = self
            .scene
            .gate
            .pass(|| handset.ask(&Command::Look { label, shots }))?;
        let Answer::Looked(look) = answer else {
            bail!("a phone that was to look did something else");
        };
        self.tally.frames_shown += look.frames_shown;
        self.tally.frames_read += look.frames_read;
        self.tally.misread += look.misread;
        self.tally.typed += usize::from(look.via == Via::Typed);
        self.tally.reading_ms.extend(look.reading_ms);
        Ok(look)
    }

    fn record(&mut self, label: LabelId, meaning: &Meaning, via: Via) -> Result<()> {
        match self.handset.ask(&record_command(label, meaning, via))? {
            Answer::Saved(saved) => self.witness(label, meaning, &saved),
            _ => bail!("a phone that was to record did something else"),
        }
        Ok(())
    }

    /// The phone said that the scan under way is saved.
    fn witness(&mut self, label: LabelId, meaning: &Meaning, saved: &SavedRecord) {
        self.tally.saving_ms.push(saved.saving_ms);
        self.note_told(label, meaning, saved.id, saved.epoch, saved.seq);
    }

    fn note_told(
        &mut self,
        label: LabelId,
        meaning: &Meaning,
        id: EventId,
        epoch: kokoni_model::event::Epoch,
        seq: u64,
    ) {
        if self.told_ids.insert(id) {
            self.tally.note_saved(meaning);
            let meaning = meaning.clone();
            self.told.push(Saved {
                scan: self.scan,
                id,
                epoch,
                seq,
                label,
                meaning,
            });
        }
    }

    /// Kills the phone, starts it on the same files, and asks what it finds there. What it had
    /// saved without having said so belongs to the scan under way.
    fn kill_and_start_again(&mut self, label: LabelId, meaning: &Meaning) -> Result<()> {
        let child = self.handset.child()?;
        let said = child.kill()?;
        child.start_again()?;
        self.tally.kills += 1;
        for answer in said {
            if let Answer::Saved(saved) = answer {
                self.witness(label, meaning, &saved);
            }
        }
        let Answer::Recalled { waiting } = self.handset.ask(&Command::Recall)? else {
            bail!("a phone that was to recall did something else");
        };
        for record in waiting {
            self.note_told(label, meaning, record.id, record.epoch, record.seq);
        }
        Ok(())
    }

    /// Only a scan that can be sent at once tells how quick the map is.
    fn expect_on_the_map(&self, goal: Goal, meaning: &Meaning) {
        if *meaning == Meaning::Sit
            && self.link.is_up()
            && let Some(place) = self.scene.stage.place(goal)
        {
            self.scene
                .map
                .expect(self.scene.stage.person(self.script.person), place);
        }
    }

    fn sync(&mut self, trouble: Option<Trouble>) -> Result<()> {
        match trouble {
            None => self.sync_and_count(),
            Some(Trouble::CutRequest { percent }) => self.sync_with(Fault::CutRequest { percent }),
            Some(Trouble::LoseReply) => self.sync_with(Fault::CutReply { bytes: 0 }),
            Some(Trouble::CutReply { bytes }) => self.sync_with(Fault::CutReply {
                bytes: bytes.into(),
            }),
            Some(Trouble::KillWhileSending) => self.killed_in_sync(Fault::HoldRequest),
            Some(Trouble::KillBeforeReply) => self.killed_in_sync(Fault::HoldReply),
        }
    }

    fn sync_with(&mut self, fault: Fault) -> Result<()> {
        self.link.prepare(fault);
        self.sync_and_count()?;
        // Where nothing waited, nothing was sent that could have been cut.
        self.link.forget_fault();
        Ok(())
    }

    fn sync_and_count(&mut self) -> Result<()> {
        self.sync_once().map(|_| ())
    }

    fn sync_once(&mut self) -> Result<Synced> {
        match self.handset.ask(&Command::Sync)? {
            Answer::Synced(synced) => {
                self.count(&synced);
                Ok(synced)
            }
            _ => bail!("a phone that was to sync did something else"),
        }
    }

    fn count(&mut self, synced: &Synced) {
        self.tally.duplicates += synced.duplicate;
        self.tally.offline += usize::from(!synced.done && !self.link.is_up());
    }

    /// Kills the phone when its request, or the answer to it, hangs on the way.
    fn killed_in_sync(&mut self, fault: Fault) -> Result<()> {
        self.link.prepare(fault);
        self.handset.child()?.tell(&Command::Sync)?;
        let begun = Instant::now();
        loop {
            if self.link.wait_until_held(LOOK_EVERY) {
                let child = self.handset.child()?;
                child.kill()?;
                child.start_again()?;
                self.tally.kills += 1;
                self.tally.cut += 1;
                return Ok(());
            }
            // Where nothing waits, nothing is sent and the sync comes to its end.
            match self.handset.child()?.answer_so_far() {
                Some(Answer::Synced(synced)) => {
                    self.count(&synced);
                    self.link.forget_fault();
                    return Ok(());
                }
                Some(Answer::Failed { why }) => bail!("a phone refused: {why}"),
                _ if begun.elapsed() > ANSWERS_WITHIN => bail!("a sync has no end"),
                _ => {}
            }
        }
    }

    /// Syncs until nothing waits.
    fn empty_the_queue(&mut self) -> Result<()> {
        self.link.set_up(true);
        let mut last = String::new();
        for _ in 0..MOST_FINAL_SYNCS {
            let synced = self.sync_once()?;
            if synced.done && synced.waiting == 0 {
                return Ok(());
            }
            last = synced.outcome;
            std::thread::sleep(BETWEEN_SYNCS);
        }
        bail!("a phone could not send what waits; its last sync ended so: {last}");
    }
}

fn record_command(label: LabelId, meaning: &Meaning, via: Via) -> Command {
    Command::Record {
        label,
        meaning: meaning.clone(),
        via,
    }
}
