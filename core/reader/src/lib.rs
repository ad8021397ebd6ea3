//! Camera frames in, readings out.
//!
//! A [`Frame`] borrows the luma plane of a camera. A [`FrameReader`] looks at frames one after the
//! other and says what stands in each: a label of ours, a foreign code, a code that cannot be read
//! yet, or nothing, and what would help. One frame goes through these rooms:
//!
//! 1. [`frame`] checks the caller's width, height and strides against the bytes.
//! 2. `detect` looks for finder patterns, cheapest pass first, and hands out grids; `grid` samples
//!    how dark each module of a grid looks.
//! 3. [`decode`] turns module values into a message: format, codewords, Reed-Solomon, segments.
//! 4. [`catalogue`] knows the labels that exist, and so reads what no general decoder can.
//! 5. `scheduler` gives each step its share of the [`Budget`], and `session` adds frames up: a
//!    label in the hand is reported once.
//! 6. `hint` says what would help while nothing is read.
//!
//! The crate is pure: no clock, no randomness, no disk, no network. The same frames in the same
//! order give the same readings on every machine. Nothing here panics on any bytes, and both time
//! and memory are bounded by the frame's size.
//!
//! ```
//! use kokoni_camera::Shot;
//! use kokoni_model::label::{Host, LabelId, label_symbol};
//! use kokoni_model::reading::Content;
//! use kokoni_reader::{Frame, FrameReader, ReaderOptions};
//!
//! let host = Host::new("k.example.jp")?;
//! let label = LabelId::from_bytes([7; 10]);
//! let picture = Shot::plain(1).draw(&label_symbol(&host, &label)?);
//!
//! let mut reader = FrameReader::new(ReaderOptions { host: Some(host), ..Default::default() });
//! let (width, height) = (picture.frame.width, picture.frame.height);
//! let frame = Frame::new(&picture.frame.pixels, width, height, width, 1)?;
//! let answer = reader.read(&frame);
//! assert_eq!(answer.readings[0].content, Content::Label { label, known: false });
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```

pub mod catalogue;
mod content;
pub mod decode;
mod detect;
pub mod frame;
mod geometry;
mod grid;
mod hint;
mod options;
mod reader;
mod scheduler;
mod session;
mod sight;

pub use catalogue::PreparedCatalogue;
pub use frame::{Frame, FrameError, LONGEST_SIDE};
pub use options::{Budget, ReaderOptions};
pub use reader::{FrameReader, FrameReadings};
