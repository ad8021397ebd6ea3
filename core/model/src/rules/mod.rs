//! The rules of seats, items and telework: pure functions that phone and server share.

pub mod day;
pub mod implausible;
pub mod lending;
pub mod meaning;
pub mod order;
pub mod seat;
