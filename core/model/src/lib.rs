//! The rules of Kokoni, and the words they are written in.
//!
//! A [`label`] is read by the camera as a [`reading`]. (The rest of the story is being written.)

pub mod catalogue;
pub mod label;
pub mod reading;
