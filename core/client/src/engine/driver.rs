//! The sync's driver: does what the state machine decides, with the database and the network.

use kokoni_model::catalogue::Catalogue;
use kokoni_model::clock::ClockReading;
use kokoni_model::ids::DeviceId;
use kokoni_model::wire::directory::{DirectoryDelta, SignedCatalogue};
use kokoni_model::wire::enrolment::Secret;
use kokoni_model::wire::events::{BatchReply, EventBatch, Outcome};
use kokoni_model::wire::views::MyState;
use ring::signature::{ED25519, UnparsedPublicKey};
use rusqlite::Transaction;
use serde_json::value::RawValue;

use super::identity::EnrolledIdentity;
use super::{Engine, Inner, Topic, api};
use crate::error::{ClientError, StoreError};
use crate::options::{Call, CallOptions, Stop};
use crate::store::files::Mark;
use crate::store::listed::{self, Listed};
use crate::store::queue::{self, Batch, Position};
use crate::store::{directory, server};
use crate::sync::answer::Failure;
use crate::sync::machine::{Action, Fact, Loaded, Scope, SyncMachine};
use crate::sync::{Obstacle, SyncOutcome, SyncReport};
use crate::time::TimeReference;
use crate::transport::HttpRequest;
use crate::waiting;

/// A batch has at most this many bytes of events: well below what a request may have.
const BATCH_MAX_BYTES: usize = 768 * 1024;

impl Engine {
    /// Sends what waits, in order, and asks for what is new. One pass: what could not be reached is
    /// told, not tried again.
    ///
    /// # Errors
    /// [`ClientError::NotEnrolled`]; trouble with database or secret store. Whatever lies between
    /// phone and server is an outcome.
    pub fn sync(&self, options: &CallOptions) -> Result<SyncOutcome, ClientError> {
        self.0.sync(Scope::Everything, options)
    }

    /// As [`Engine::sync`], but only sends what waits.
    ///
    /// # Errors
    /// As [`Engine::sync`].
    pub fn send_waiting(&self, options: &CallOptions) -> Result<SyncOutcome, ClientError> {
        self.0.sync(Scope::Queue, options)
    }
}

impl Inner {
    fn sync(&self, scope: Scope, options: &CallOptions) -> Result<SyncOutcome, ClientError> {
        let call = Call::begin(options);
        let _limited = waiting::limit(&call);
        let identity = match self.required_identity() {
            Ok(identity) => identity,
            Err(error) => {
                let report = SyncReport::default();
                return Ok(SyncOutcome::stopped(stop_in(error)?, report));
            }
        };
        let lock = self.files.try_sync_lock();
        let Some(_lock) = lock.map_err(|_| ClientError::StorageFailed)? else {
            return Ok(SyncOutcome::AlreadyRunning);
        };
        self.observers.tell(Topic::Sync);
        let device = identity.device;
        let mut session = Session {
            inner: self,
            identity,
            call,
            batch: None,
        };
        let mut outcome = session.run(SyncMachine::new(scope))?;
        if self.note_outcome(&outcome, device)? == Noted::Overtaken {
            let report = outcome.report();
            outcome = SyncOutcome::stopped(OVERTAKEN, report);
        }
        self.count_waiting(&mut outcome)?;
        self.observers.tell(Topic::Sync);
        Ok(outcome)
    }

    /// Writes down how it ended, unless the phone is no longer the device that synced.
    fn note_outcome(&self, outcome: &SyncOutcome, device: DeviceId) -> Result<Noted, ClientError> {
        if matches!(
            outcome,
            SyncOutcome::Cancelled { .. } | SyncOutcome::DeadlineReached { .. }
        ) {
            return Ok(Noted::Down);
        }
        let at = self.now().wall_us;
        let noted = self.store.write(|tx| {
            if server::device(tx)? != Some(device) {
                return Ok(Noted::Overtaken);
            }
            match outcome {
                SyncOutcome::Done { .. } => server::note_success(tx, at)?,
                SyncOutcome::Offline { why, .. } => server::note_problem(tx, why, at)?,
                SyncOutcome::SignInNeeded { .. } => {
                    server::note_problem(tx, &"sign_in_needed", at)?;
                }
                SyncOutcome::AppTooOld => server::note_problem(tx, &"app_too_old", at)?,
                SyncOutcome::AlreadyRunning
                | SyncOutcome::Cancelled { .. }
                | SyncOutcome::DeadlineReached { .. } => {}
            }
            Ok(Noted::Down)
        });
        match noted {
            Err(StoreError::Stopped(_)) => {
                tracing::info!("how a sync ended was not written down");
                Ok(Noted::Down)
            }
            noted => Ok(noted?),
        }
    }

    fn count_waiting(&self, outcome: &mut SyncOutcome) -> Result<(), ClientError> {
        // Readers wait for nobody who writes.
        let count = || self.store.read(|tx| listed::count(tx, Listed::Waiting));
        let waiting = waiting::to_the_end(count)?;
        match outcome {
            SyncOutcome::Done { report }
            | SyncOutcome::Offline { report, .. }
            | SyncOutcome::Cancelled { report }
            | SyncOutcome::DeadlineReached { report } => report.waiting = waiting,
            SyncOutcome::SignInNeeded { .. }
            | SyncOutcome::AlreadyRunning
            | SyncOutcome::AppTooOld => {}
        }
        Ok(())
    }
}

/// The end of a sync whose phone has become another device, or nobody's, meanwhile.
const OVERTAKEN: Stop = Stop::Cancelled;

/// What became of a note.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Noted {
    Down,
    /// It would be another one's.
    Overtaken,
}

/// One sync under way.
struct Session<'a> {
    inner: &'a Inner,
    identity: EnrolledIdentity,
    call: Call,
    batch: Option<Batch>,
}

/// What a step brings: a fact for the machine, or trouble on the phone itself.
type Step = Result<Fact, ClientError>;

impl Session<'_> {
    fn run(&mut self, mut machine: SyncMachine) -> Result<SyncOutcome, ClientError> {
        let mut fact = Fact::Begun;
        loop {
            let mut action = machine.next(fact);
            if let (Some(stop), false) = (self.call.stop(), matches!(action, Action::Finish(_))) {
                action = machine.next(Fact::Stopped(stop));
            }
            let step = match action {
                Action::Finish(outcome) => return Ok(outcome),
                Action::Load { after, max_events } => self.load(after, max_events),
                Action::Send => self.send(),
                Action::Refuse { status } => self.refuse(status),
                Action::GetMe => self.get_me(),
                Action::GetDirectory => self.get_directory(),
                Action::GetCatalogue => self.get_catalogue(),
                Action::Refresh => self.refresh(),
            };
            fact = match step {
                Ok(fact) => fact,
                Err(error) => Fact::Stopped(stop_in(error)?),
            };
        }
    }

    /// Writes something down, unless the phone has become another device, or nobody's, since this
    /// sync began: then it ends.
    fn write<T>(
        &self,
        change: impl FnOnce(&Transaction<'_>) -> Result<T, StoreError>,
    ) -> Result<T, ClientError> {
        self.write_then(change, |_| {})
    }

    /// The same, and does something once it is committed, before the next transaction of this engine
    /// can begin.
    fn write_then<T>(
        &self,
        change: impl FnOnce(&Transaction<'_>) -> Result<T, StoreError>,
        then: impl FnOnce(&T),
    ) -> Result<T, ClientError> {
        let device = self.identity.device;
        let written = self.inner.store.write_then(
            |tx| {
                if server::device(tx)? != Some(device) {
                    return Err(StoreError::Stopped(OVERTAKEN));
                }
                change(tx)
            },
            then,
        );
        Ok(written?)
    }

    fn load(&mut self, after: Option<Position>, max_events: usize) -> Step {
        let now = self.inner.now().wall_us;
        self.batch = self.write(|tx| {
            let batch = queue::next_batch(tx, after, max_events, BATCH_MAX_BYTES, now)?;
            Ok(match batch {
                Some(batch) => Some(batch),
                None => queue::next_loss(tx)?,
            })
        })?;
        Ok(Fact::Loaded(self.batch.as_ref().map(|batch| Loaded {
            queue: batch.queue,
            count: batch.events.len(),
            last: batch.events.last().map(|(seq, _)| *seq),
        })))
    }

    fn send(&mut self) -> Step {
        let Some(batch) = self.batch.clone() else {
            return Ok(Fact::Loaded(None));
        };
        let mut lost_before = batch.surely_lost_before();
        loop {
            let clock = self.inner.now();
            let reply = match self.post(&batch, lost_before, clock)? {
                Ok(Some(reply)) if fits(&batch, &reply) => reply,
                Ok(_) => return Ok(not_understood()),
                Err(failure) => return Ok(Fact::Failed(failure)),
            };
            if lost_before == batch.lost_before || !batch.is_missed(reply.held_through) {
                return self.settle(batch, reply, clock);
            }
            lost_before = batch.lost_before;
        }
    }

    fn post(
        &self,
        batch: &Batch,
        lost_before: u64,
        clock: ClockReading,
    ) -> Result<Result<Option<BatchReply>, Failure>, ClientError> {
        let raw: Result<Vec<Box<RawValue>>, _> = batch
            .events
            .iter()
            .map(|(_, text)| RawValue::from_string(text.clone()))
            .collect();
        let body = EventBatch {
            epoch: batch.epoch,
            clock,
            lost_before: Some(lost_before),
            events: raw.map_err(|_| ClientError::StorageDamaged)?,
        };
        let server = &self.identity.server;
        self.exchange(|access| api::post(server, "/api/v1/events", Some(access), &body))
    }

    fn settle(&mut self, batch: Batch, reply: BatchReply, clock: ClockReading) -> Step {
        let undecided = reply
            .answers
            .iter()
            .filter(|answer| matches!(answer.outcome, Outcome::Retry | Outcome::Unknown))
            .count() as u64;
        let device = self.identity.device;
        let told = reply.me.is_some();
        let mark = Mark {
            epoch: batch.epoch,
            saved_through: 0,
            held_through: reply.held_through,
        };
        let settled = self.write_then(
            |tx| {
                let reference = TimeReference {
                    server_us: reply.received_us,
                    clock,
                };
                server::set_time_reference(tx, &reference)?;
                let settled = queue::settle(tx, &batch, &reply, device)?;
                match &reply.me {
                    Some(me) => server::set_me(tx, me)?,
                    // What was known before these events is no longer true.
                    None if settled.any() => server::forget_me(tx)?,
                    None => {}
                }
                Ok(settled)
            },
            |_| {
                if let Err(error) = self.inner.high_water.raise(mark) {
                    tracing::warn!(kind = ?error.kind(), "the high-water mark was not raised");
                }
            },
        )?;
        if settled.any() {
            self.inner.observers.tell(Topic::Queue);
        }
        if told {
            self.inner.observers.tell(Topic::Me);
        }
        Ok(Fact::Settled {
            settled,
            undecided,
            me_told: told,
        })
    }

    fn refuse(&mut self, status: u16) -> Step {
        let Some(batch) = self.batch.clone() else {
            return Ok(Fact::Loaded(None));
        };
        let (device, now) = (self.identity.device, self.inner.now().wall_us);
        self.write(|tx| {
            if batch.events.is_empty() {
                tracing::warn!("the server does not take reports of lost records");
                server::losses_told_to_server(tx, batch.epoch)?;
            }
            batch
                .events
                .iter()
                .try_for_each(|(seq, _)| queue::refuse(tx, batch.queue, *seq, status, device, now))
        })?;
        self.inner.observers.tell(Topic::Queue);
        Ok(Fact::Refused)
    }

    fn get_me(&mut self) -> Step {
        let server = self.identity.server.clone();
        let answer =
            self.exchange::<MyState>(|access| Ok(api::get(&server, "/api/v1/me", access)))?;
        match answer {
            Ok(Some(me)) => {
                self.write(|tx| server::set_me(tx, &me))?;
                self.inner.observers.tell(Topic::Me);
                Ok(Fact::MeKept)
            }
            Ok(None) => Ok(not_understood()),
            Err(failure) => Ok(Fact::Failed(failure)),
        }
    }

    fn get_directory(&mut self) -> Step {
        let since = self.inner.store.read(server::directory_cursor)?;
        let path = match &since {
            Some(cursor) => format!("/api/v1/directory?since={}", api::query_value(cursor)),
            None => "/api/v1/directory".to_owned(),
        };
        let server = self.identity.server.clone();
        let answer =
            self.exchange::<DirectoryDelta>(|access| Ok(api::get(&server, &path, access)))?;
        let delta = match answer {
            Ok(Some(delta)) => delta,
            Ok(None) => return Ok(not_understood()),
            Err(failure) => return Ok(Fact::Failed(failure)),
        };
        let device = self.identity.device;
        let (changed, more) = self.write(|tx| {
            let known = server::incarnation(tx)?;
            queue::note_incarnation(tx, delta.incarnation, device)?;
            let other_life = known.is_some_and(|known| known != delta.incarnation);
            if other_life && since.is_some() && !delta.reset {
                // A delta on the state of another life of the server: begin from nothing.
                return Ok((false, true));
            }
            let changed = delta.reset || !delta.changes.is_empty();
            directory::apply(tx, &delta)?;
            Ok((changed, delta.more))
        })?;
        if changed {
            self.inner.observers.tell(Topic::Directory);
        }
        Ok(Fact::DirectoryKept { changed, more })
    }

    fn get_catalogue(&mut self) -> Step {
        let version = self.inner.store.read(directory::catalogue_version)?;
        let path = format!("/api/v1/catalogue?since={version}");
        let server = self.identity.server.clone();
        let answer =
            self.exchange::<SignedCatalogue>(|access| Ok(api::get(&server, &path, access)))?;
        let signed = match answer {
            Ok(Some(signed)) => signed,
            Ok(None) => return Ok(Fact::CatalogueKept { changed: false }),
            Err(failure) => return Ok(Fact::Failed(failure)),
        };
        let Some(catalogue) = verify(&signed, &self.identity.catalogue_key) else {
            tracing::warn!("a catalogue was not signed with the pinned key and was not taken");
            return Ok(not_understood());
        };
        let changed =
            self.write(|tx| directory::set_catalogue(tx, catalogue.version, &signed.catalogue))?;
        if changed {
            self.inner.observers.tell(Topic::Directory);
        }
        Ok(Fact::CatalogueKept { changed })
    }

    fn refresh(&mut self) -> Step {
        let Some(access) = self.access()? else {
            return Ok(Fact::RefreshFailed(Failure::Unauthorised {
                revoked: false,
            }));
        };
        let renewed = self
            .inner
            .refresh(&access, self.identity.device, &self.call)?;
        Ok(match renewed {
            Ok(()) => Fact::Refreshed,
            Err(failure) => Fact::RefreshFailed(failure),
        })
    }

    /// The access token, unless the tokens are another device's.
    fn access(&self) -> Result<Option<Secret>, ClientError> {
        self.inner.access(&self.identity)
    }

    fn exchange<T: serde::de::DeserializeOwned>(
        &self,
        request: impl FnOnce(&Secret) -> Result<HttpRequest, ClientError>,
    ) -> Result<Result<Option<T>, Failure>, ClientError> {
        let Some(access) = self.access()? else {
            return Ok(Err(Failure::Unauthorised { revoked: false }));
        };
        self.inner
            .ask(&self.identity.server, &request(&access)?, &self.call)
    }
}

impl Inner {
    /// The access token, unless there is none or it is another device's.
    pub(super) fn access(
        &self,
        identity: &EnrolledIdentity,
    ) -> Result<Option<Secret>, ClientError> {
        let secrets = &*self.ports.secrets;
        let ours = |device| device == identity.device;
        let mut enrolment = self.tokens.get(secrets)?;
        if enrolment
            .as_ref()
            .is_some_and(|known| !ours(known.identity.device))
        {
            // Another process enrolled this device anew.
            enrolment = self.tokens.reload(secrets)?;
        }
        Ok(enrolment
            .filter(|known| ours(known.identity.device))
            .map(|known| known.tokens.access))
    }
}

/// The end of the call while it waited for the database; any other error is one.
fn stop_in(error: ClientError) -> Result<Stop, ClientError> {
    match error {
        ClientError::Cancelled => Ok(Stop::Cancelled),
        ClientError::DeadlineReached => Ok(Stop::Deadline),
        other => Err(other),
    }
}

/// One answer for each event, in order.
fn fits(batch: &Batch, reply: &BatchReply) -> bool {
    batch.events.len() == reply.answers.len()
        && batch
            .events
            .iter()
            .zip(&reply.answers)
            .all(|((seq, _), answer)| answer.seq == *seq || answer.seq == 0)
}

fn not_understood() -> Fact {
    Fact::Failed(Failure::Between {
        why: Obstacle::NotUnderstood,
        retry_after: None,
    })
}

/// The catalogue, when it is signed with the pinned key.
fn verify(signed: &SignedCatalogue, key: &str) -> Option<Catalogue> {
    let key = data_encoding::BASE64.decode(key.as_bytes()).ok()?;
    let signature = data_encoding::BASE64
        .decode(signed.signature.as_bytes())
        .ok()?;
    UnparsedPublicKey::new(&ED25519, key)
        .verify(signed.catalogue.as_bytes(), &signature)
        .ok()?;
    serde_json::from_str(&signed.catalogue).ok()
}
