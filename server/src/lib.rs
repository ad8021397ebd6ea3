//! The Kokoni server: where the scans of many phones become one picture of who is where.
//!
//! A [`Server`] is opened on a data folder, bound to an address and run. Everything it knows lies in
//! one [`store::Store`]; every request reaches it through [`app::App`] and is asked who it is by
//! [`auth`]. Inside, a capability is a folder with its routes, its queries and its rules together:
//!
//! - [`setup`] and [`enrolment`] bring an organisation, its labels and its devices in;
//! - [`ingest`] takes events, judges them by the rules of `kokoni_model`, and commits those of many
//!   phones together, each exactly once;
//! - [`queues`] tells administrators what phones have lost;
//! - [`presence`], [`lending`], [`people`] and [`labels`] say what the events add up to;
//! - [`directory`] tells phones what they need to know without a network;
//! - [`app_links`] says which apps may open the links on labels;
//! - `live` hands the changes of a floor to every open map, `pages` are what people see.
//!
//! Whatever goes wrong leaves through one door, [`problem`]. Time and randomness are [`ports`].

pub mod app;
pub mod app_links;
pub mod audit;
pub mod auth;
pub mod config;
pub mod directory;
pub mod enrolment;
pub mod health;
pub mod http;
pub mod ingest;
pub mod labels;
pub mod lending;
mod live;
pub mod metrics;
pub mod openapi;
pub mod organisation;
mod pages;
pub mod people;
pub mod ports;
pub mod presence;
pub mod problem;
pub mod queues;
mod server;
pub mod setup;
pub mod store;

pub use config::Config;
pub use server::{Server, ServerError, router};
