//! The rules of Kokoni, and the words they are written in.
//!
//! A phone's camera sees a [`label`]; what the reader makes of the frame is a [`reading`], and the
//! [`catalogue`] holds the labels that exist. What the scan would mean now is a matter of
//! [`rules::meaning`]; once it is confirmed it becomes an [`event`], stamped with every
//! [`clock`] the phone has, sealed into bytes that never change again, and sent over the
//! [`wire`].
//!
//! On the server the event takes its place in the history ([`rules::order`]). A person's events
//! of one working day add up to their [`rules::day`]; the days of everyone who came to one seat
//! say who holds it ([`rules::seat`]); items are lent by [`rules::lending`]; what is odd is
//! flagged by [`rules::implausible`]. Phone and server run the same functions. The [`calendar`]
//! knows working days and when to remind whom; [`people`] are found by name however it is written.
//!
//! Nothing here knows what time it is, rolls dice, or touches a disk or a network: facts come in
//! as arguments, decisions go out as values.

pub mod calendar;
pub mod catalogue;
pub mod clock;
pub mod event;
pub mod ids;
pub mod label;
pub mod limits;
pub mod people;
pub mod reading;
pub mod rules;
pub mod wire;
