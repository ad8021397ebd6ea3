//! The wire: what phone and server say to each other under `/api/v1`, as JSON.
//!
//! Names are snake_case, times integer microseconds UTC (`_us`), offsets minutes, the monotonic
//! clock milliseconds, ids lower-case UUIDs. Enums are open to values of later versions, unknown
//! members are ignored.

pub mod directory;
pub mod enrolment;
pub mod events;
pub mod problem;
pub mod views;

/// The header that names the version of the protocol.
pub const PROTOCOL_HEADER: &str = "Kokoni-Protocol";

/// The header of every answer with the server's time, in microseconds since 1970.
pub const TIME_HEADER: &str = "Kokoni-Time";

/// The newest version this code speaks.
pub const PROTOCOL_VERSION: u16 = 1;

/// The oldest version a server of this code still answers.
pub const PROTOCOL_OLDEST: u16 = 1;
