//! HTTP around the capabilities: accepting connections, the envelope of every answer, bodies,
//! parameters, and where a request came from.

pub mod accept;
pub mod body;
pub mod envelope;
pub mod origin;
pub mod params;
