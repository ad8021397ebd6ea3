//! `kokoni demo`: a morning in a city hall, played by simulated phones against a real server.
//!
//! [`city_hall`] is generated, [`stage`] puts it on a server, [`plan`] says what every phone does.
//! Each phone is a real engine ([`phone`]), in a thread or in a process of its own ([`handset`]),
//! behind a network that fails ([`link`]), and is told what to do by its [`director`]. The
//! [`witness`] holds what the phones said against what the database holds; [`map`] measures how
//! quick the live map is; [`tally`] counts and makes the table.

mod camera;
pub(crate) mod city_hall;
mod clock;
mod director;
mod handset;
mod link;
mod map;
mod phone;
mod plan;
mod protocol;
mod run;
mod stage;
mod tally;
mod witness;

pub(crate) use phone::{DemoPhoneArgs, run as run_phone};
pub(crate) use run::{DemoArgs, run};
