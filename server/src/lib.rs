//! The Kokoni server.
pub mod ports;
pub mod store;
