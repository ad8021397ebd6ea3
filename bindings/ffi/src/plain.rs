//! The two entries in plain C, for the calls whose way across must cost little: a look at a frame,
//! and a scan.
//!
//! They do what the generated calls do, without the memory that those make on the way.

mod look;
mod scan;

pub(crate) use look::coded;
pub use look::{FAILED, NEW, NOTHING_NEW, REFUSED, kokoni_frame_reader_look};
pub use scan::{kokoni_rest_of_answer, kokoni_scan};
