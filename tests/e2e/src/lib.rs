//! End to end: what Kokoni promises, tried on real processes.
//!
//! The [`office`] is made with the server's own set-up. A server runs as a process of its own
//! ([`process::ServerProcess`], the same `Server` that `kokoni serve` runs), phones run inside the
//! test ([`phone::Phone`]) or as processes that can be killed ([`process::PhoneProcess`]), each
//! with the real engine, and between them stands a network that breaks on command
//! ([`proxy::FaultProxy`]) or opens what is encrypted ([`tls::TlsFront`]).
//!
//! What came of it is read where it counts: in the server's database ([`database`]), compared with
//! what the phones said was saved ([`history`]). Requests no engine would ever send go over a plain
//! socket ([`http`], [`wire`]), and the contract that the server publishes says which to send ([`contract`],
//! [`broken`]).
//!
//! Nothing here sleeps to wait for something else: it waits for the thing itself, with a deadline.

pub mod broken;
pub mod contract;
pub mod database;
pub mod history;
pub mod http;
pub mod office;
pub mod phone;
pub mod process;
pub mod proxy;
pub mod tls;
pub mod wire;
