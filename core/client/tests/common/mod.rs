//! A hand-written fake of the server that holds real state, a fake clock, and a network between
//! that loses, repeats and breaks what it is told to.

#![allow(
    dead_code,
    unused_imports,
    reason = "every test file uses its own part"
)]

mod answers;
mod clock;
pub(crate) mod damage;
pub(crate) mod http;
mod network;
mod phone;
mod secrets;
mod server;

use kokoni_model::ids::{ItemId, PersonId, PlaceId};
use kokoni_model::label::LabelId;
use uuid::Uuid;

pub(crate) use answers::{problem, response};
pub(crate) use clock::{FakeClock, SeededRandom};
pub(crate) use network::{Fault, Meanwhile};
pub(crate) use phone::{Phone, enrol, invitation, sync};
pub(crate) use secrets::{MemorySecrets, Takes};
pub(crate) use server::{FakeServer, Held, ServerState};

/// The code of every invitation.
pub(crate) const CODE: &str = "0123456789ABCDEFGHJKMNPQRS";
pub(crate) const SEAT: LabelId = LabelId::from_bytes([1; 10]);
pub(crate) const OTHER_SEAT: LabelId = LabelId::from_bytes([2; 10]);
pub(crate) const ITEM: LabelId = LabelId::from_bytes([3; 10]);
pub(crate) const HOME: LabelId = LabelId::from_bytes([4; 10]);
pub(crate) const UNKNOWN: LabelId = LabelId::from_bytes([9; 10]);

pub(crate) fn place(number: u128) -> PlaceId {
    PlaceId::from_uuid(Uuid::from_u128(number))
}

pub(crate) fn item_id() -> ItemId {
    ItemId::from_uuid(Uuid::from_u128(300))
}

pub(crate) fn me() -> PersonId {
    PersonId::from_uuid(Uuid::from_u128(7))
}

/// 2026-11-24, a Tuesday, 09:00 in Tokyo.
pub(crate) const MORNING_US: i64 = 1_795_478_400_000_000;
