//! Enrolment, new tokens, and leaving for good.

use std::time::{Duration, Instant};

use kokoni_model::clock::Timestamp;
use kokoni_model::ids::DeviceId;
use kokoni_model::wire::enrolment::{
    EnrolRequest, Enrolled, Platform, RefreshRequest, Secret, Tokens,
};
use kokoni_model::wire::problem::ProblemCode;
use rusqlite::Transaction;

use super::identity::{EnrolledIdentity, Invitation};
use super::tokens::Enrolment;
use super::{Engine, Inner, Topic, api};
use crate::error::{ClientError, InputError, StoreError};
use crate::options::{Call, CallOptions, Stop};
use crate::store::listed::{self, Listed};
use crate::store::{opening, queue, server};
use crate::sync::answer::{self, Failure};
use crate::time::TimeReference;
use crate::transport::{HttpRequest, Origin, TransportError};
use crate::waiting;

/// The most characters of a device's name.
const DEVICE_NAME_MAX_CHARS: usize = 80;

/// One exchange may take this long.
pub(super) const EXCHANGE_WITHIN: Duration = Duration::from_secs(30);

/// How often it is looked whether another engine has finished renewing the tokens.
const LOCK_POLL: Duration = Duration::from_millis(20);

impl Engine {
    /// Enrols this device with a one-time code.
    ///
    /// A device may be enrolled again, by the same person: what waits, and what was answered in the
    /// last fourteen days, is then sent as the new device. The server applies nothing twice.
    ///
    /// # Errors
    /// [`ClientError::CodeNotValid`]; [`ClientError::OthersRecordsWait`] when records of another
    /// person wait here; [`ClientError::Offline`] and the other troubles of the network.
    pub fn enrol(
        &self,
        invitation: &Invitation,
        device_name: &str,
        platform: Platform,
        options: &CallOptions,
    ) -> Result<EnrolledIdentity, ClientError> {
        let inner = &*self.0;
        let found = device_name.trim().chars().count();
        if found == 0 || found > DEVICE_NAME_MAX_CHARS {
            let max = DEVICE_NAME_MAX_CHARS;
            return Err(InputError::DeviceName { found, max }.into());
        }
        let request = EnrolRequest {
            code: invitation.code.clone(),
            device_name: device_name.trim().to_owned(),
            platform,
        };
        let request = api::post(&invitation.server, "/api/v1/enrol", None, &request)?;
        let call = Call::begin(options);
        let answer = inner.ask::<Enrolled>(&invitation.server, &request, &call)?;
        let enrolled = match answer {
            Ok(Some(enrolled)) => enrolled,
            Ok(None) => return Err(ClientError::Refused { status: 204 }),
            Err(Failure::Refused {
                code: Some(ProblemCode::CodeNotValid),
                ..
            }) => return Err(ClientError::CodeNotValid),
            Err(failure) => return Err(failure.into()),
        };
        let identity = EnrolledIdentity::new(invitation.server.clone(), &enrolled);
        // The code is used up.
        waiting::to_the_end(|| inner.adopt(&identity, enrolled.tokens))?;
        inner.observers.tell(Topic::Identity);
        Ok(identity)
    }

    /// Tells the server that this device is gone, where it can be reached, and forgets everything
    /// on it, unsent records included: the app must have asked.
    ///
    /// # Errors
    /// When database or secrets cannot be wiped. That the server could not be told is no error; an
    /// administrator can revoke the device.
    pub fn sign_out_and_wipe(&self, options: &CallOptions) -> Result<(), ClientError> {
        let inner = &*self.0;
        if let Some(enrolment) = inner.tokens.get(&*inner.ports.secrets)? {
            let server = &enrolment.identity.server;
            let call = Call::begin(options);
            let access = &enrolment.tokens.access;
            let request = api::post_empty(server, "/api/v1/sign-out", access);
            if let Err(failure) = inner.ask::<serde::de::IgnoredAny>(server, &request, &call)? {
                tracing::info!(?failure, "the server could not be told of the sign-out");
            }
        }
        // What would bring records back goes before them: wherever this is cut off, they are either
        // still there or gone for good, and are not taken for lost.
        inner.tokens.forget(&*inner.ports.secrets)?;
        opening::forget_set_aside(&inner.files)?;
        inner.store.write(|tx| inner.forget_person(tx))?;
        inner.store.scrub()?;
        inner.observers.tell(Topic::Identity);
        inner.observers.tell(Topic::Queue);
        Ok(())
    }
}

impl Inner {
    /// Becomes the device that the server made. The tokens come first: with them but without the
    /// identity the person enrols again, the other way round nothing could be sent.
    fn adopt(&self, identity: &EnrolledIdentity, tokens: Tokens) -> Result<(), ClientError> {
        let follows_before = self.store.read(|tx| follows(tx, identity))?;
        let enrolment = Enrolment {
            identity: identity.clone(),
            tokens,
        };
        self.tokens.set(&*self.ports.secrets, enrolment)?;
        if follows_before == Follows::SomebodyElse {
            opening::forget_set_aside(&self.files)?;
        }
        let epoch = self.stamp()?.epoch;
        let follows = self.store.write(|tx| {
            let follows = follows(tx, identity)?;
            if follows == Follows::SomebodyElse {
                // Nothing of theirs is shown to the next person, nor told to another server.
                self.forget_person(tx)?;
            }
            server::forget_server(tx)?;
            if follows == Follows::Oneself {
                // A server that was put back to an earlier day knows neither the tokens that were
                // renewed since nor the events, and may not know itself that it was. What it has
                // all the same, it knows by its id.
                queue::all_wait_again(tx)?;
            }
            queue::begin_queue(tx, epoch)?;
            server::set_identity(tx, identity)?;
            Ok(follows)
        })?;
        if follows == Follows::SomebodyElse
            && let Err(error) = self.store.scrub()
        {
            tracing::warn!(%error, "traces of what was deleted are still in the database");
        }
        Ok(())
    }

    /// Forgets whoever had the phone. The marks go first: without their rows they would tell of losses.
    fn forget_person(&self, tx: &Transaction<'_>) -> Result<(), StoreError> {
        self.high_water.clear()?;
        server::forget_person(tx)
    }

    /// One exchange, and what its answer means.
    pub(super) fn ask<T: serde::de::DeserializeOwned>(
        &self,
        server: &Origin,
        request: &HttpRequest,
        call: &Call,
    ) -> Result<Result<Option<T>, Failure>, ClientError> {
        if let Some(stop) = call.stop() {
            return Ok(Err(Failure::Stopped(stop)));
        }
        let network = self.network(server)?;
        let begun = Instant::now();
        let answer = network.exchange(request, call.left(EXCHANGE_WITHIN), &call.cancel);
        if let Some(server_us) = answer.as_ref().ok().and_then(answer::server_time) {
            self.note_time(server_us, begun.elapsed());
        }
        if answer.as_ref().err() == Some(&TransportError::TimedOut)
            && call.stop() == Some(Stop::Deadline)
        {
            return Ok(Err(Failure::Stopped(Stop::Deadline)));
        }
        Ok(answer::read(answer))
    }

    /// Notes the server's time where it is not as it was known. An answer is not given up for that.
    fn note_time(&self, server_us: Timestamp, waited: Duration) {
        let seen = TimeReference {
            server_us,
            clock: self.now(),
        };
        let noted = self.store.read(server::time_reference).and_then(|known| {
            if seen.is_news(known.as_ref(), waited) {
                // A phone that was wiped meanwhile keeps nothing.
                self.store.write(|tx| match server::has_identity(tx)? {
                    true => server::set_time_reference(tx, &seen),
                    false => Ok(()),
                })?;
            }
            Ok(())
        });
        if let Err(error) = noted {
            tracing::warn!(%error, "the server's time was not noted");
        }
    }

    /// Buys new tokens for those that were refused, unless another thread or process has done so
    /// meanwhile. One at a time: a refresh token buys only once.
    pub(super) fn refresh(
        &self,
        refused: &Secret,
        device: DeviceId,
        call: &Call,
    ) -> Result<Result<(), Failure>, ClientError> {
        let _lock = loop {
            if let Some(stop) = call.stop() {
                return Ok(Err(Failure::Stopped(stop)));
            }
            let lock = self.files.try_token_lock();
            match lock.map_err(|_| ClientError::StorageFailed)? {
                Some(lock) => break lock,
                None => std::thread::sleep(LOCK_POLL),
            }
        };
        let over = Failure::Unauthorised { revoked: false };
        let Some(enrolment) = self.tokens.reload(&*self.ports.secrets)? else {
            return Ok(Err(over));
        };
        if enrolment.identity.device != device {
            return Ok(Err(over));
        }
        if enrolment.tokens.access != *refused {
            return Ok(Ok(()));
        }
        let server = &enrolment.identity.server;
        let body = RefreshRequest {
            refresh: enrolment.tokens.refresh.clone(),
        };
        let request = api::post(server, "/api/v1/tokens/refresh", None, &body)?;
        self.tokens.prove(&*self.ports.secrets)?;
        match self.ask::<Tokens>(server, &request, call)? {
            Ok(Some(tokens)) => {
                let renewed = Enrolment {
                    tokens,
                    ..enrolment
                };
                let taken = self
                    .tokens
                    .renew(&*self.ports.secrets, body.refresh, renewed);
                Ok(if taken { Ok(()) } else { Err(over) })
            }
            Ok(None) => Ok(Err(over)),
            Err(failure) => Ok(Err(failure)),
        }
    }
}

/// Who had the phone before.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Follows {
    Nobody,
    Oneself,
    SomebodyElse,
}

/// Whom a person follows on this phone; refused while records of somebody else wait here.
fn follows(tx: &Transaction<'_>, identity: &EnrolledIdentity) -> Result<Follows, StoreError> {
    let before: Option<EnrolledIdentity> = server::identity(tx)?;
    let person = |of: &EnrolledIdentity| (of.organisation, of.person);
    match before {
        None => Ok(Follows::Nobody),
        Some(before) if person(&before) == person(identity) => Ok(Follows::Oneself),
        Some(_) => match listed::count(tx, Listed::Waiting)? {
            0 => Ok(Follows::SomebodyElse),
            waiting => Err(ClientError::OthersRecordsWait { waiting }.into()),
        },
    }
}

/// A failure of a call that needed an answer.
impl From<Failure> for ClientError {
    fn from(failure: Failure) -> Self {
        match failure {
            Failure::Unauthorised { .. } => Self::SignInNeeded,
            Failure::TooOld => Self::AppTooOld,
            Failure::Refused { status, .. } => Self::Refused { status },
            Failure::Between { why, .. } => Self::Offline(why),
            Failure::Stopped(stop) => stop.into(),
        }
    }
}
