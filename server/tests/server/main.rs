//! What the server promises, each promise with its test, against a real server on a free port.

mod contract;
mod directory;
mod enrolment;
mod exactly_once;
mod groups;
mod ingest;
mod kit;
mod ledger;
mod lifecycle;
mod queues;
mod seats;
mod streams;
mod unreadable;
mod windows;
