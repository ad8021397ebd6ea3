//! The synthetic camera: a seed in, a luma frame out, with the truth about what it shows.
//!
//! A [`Shot`] says how a picture is taken: where the label stands before the lens ([`Pose`]), the
//! light, the focus, the hand and the sensor. [`Shot::draw`] prints a symbol on a white sticker,
//! lays it on a desk and looks at it through a pinhole camera; [`draw_scene`] does the same with
//! several stickers, or none. [`Shot::from_seed`] picks a shot from the camera's range, everyday
//! or whole, and [`Shot::shaken`] gives the next frames of the same hand.
//!
//! The same arguments give the same bytes on every machine: the generator of random numbers is in
//! the crate, and what the standard library leaves to the platform (sine, exponential) comes from
//! `libm`.
//!
//! ```
//! use kokoni_camera::{Difficulty, Shot};
//! use kokoni_model::label::{Host, LabelId, label_symbol};
//!
//! let host = Host::new("k.example.jp")?;
//! let symbol = label_symbol(&host, &LabelId::from_bytes([7; 10]))?;
//! let picture = Shot::from_seed(1, Difficulty::Everyday).draw(&symbol);
//! assert_eq!(picture.frame.pixels.len(), picture.frame.width * picture.frame.height);
//! assert_eq!(picture.codes.len(), 1);
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```

mod decoy;
mod desk;
mod draw;
mod optics;
mod pose;
mod random;
mod sensor;
mod shot;
mod sticker;

pub use decoy::Decoy;
pub use draw::{DrawnCode, LumaFrame, Picture, draw_scene};
pub use pose::Pose;
pub use random::Random;
pub use shot::{Difficulty, Glare, Motion, Shadow, Shot};
pub use sticker::{Print, Sticker};
