//! The engine in the phone.
//!
//! An [`Engine`] keeps everything in one folder: the queue of events, the directory, the catalogue
//! of labels. [`Engine::preview`] says what a scan would mean, [`Engine::record`] makes it a durable
//! fact, [`Engine::today`] shows the day at once, with or without a network, and [`Engine::sync`]
//! sends what waits and brings what is new.
//!
//! What is saved is sent, applied once, in order, whatever happens in between: each event has a
//! number in this phone's queue and bytes that never change, the server answers for each, and what
//! it lost it is sent again.
//!
//! What a person reads of all this, in Japanese and English, is [`show`].
//!
//! Every function blocks and can be called from any thread. Those that ask the network take a deadline
//! and a [`Cancel`]; [`Engine::within`] gives them to any other one, [`Engine::open_within`] to the
//! opening. Inside, decisions are made without I/O ([`sync`]), storage has one writer, and the network
//! runs on threads of its own. Time, randomness, secrets and network are [`ports`].

pub mod engine;
pub mod error;
pub mod options;
pub mod ports;
pub mod show;
mod store;
pub mod sync;
mod time;
pub mod transport;
mod waiting;

pub use engine::{
    Engine, EngineConfig, EnrolledIdentity, Invitation, KeepSynced, Loss, Preview, Recorded,
    RejectedRecord, Seen, Status, Subscription, Today, Topic, WaitingRecord,
};
pub use error::{ClientError, InputError};
pub use options::{CallOptions, Cancel};
pub use ports::{Clock, FileSecretStore, Ports, Random, SecretStore, SystemClock, SystemRandom};
pub use sync::{Backoff, Obstacle, Pace, SyncOutcome, SyncReport};
