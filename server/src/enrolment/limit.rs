//! The limit on tries of typed codes, over the whole server: never by an address, which a whole
//! office may share. Codes from a link are not held up by it.

use std::num::NonZeroU32;

use governor::{DefaultDirectRateLimiter, Quota, RateLimiter};
use kokoni_model::wire::problem::ProblemCode;

use crate::problem::ApiError;

/// Tries a second in the long run.
///
/// A typed code has 50 bits, of which 20 are a handle and 30 a secret with five tries. Whoever uses
/// up this limit for a year, with a thousand codes open all the time, succeeds with a probability
/// of 1.6e8 * 1000 / 2^50, about one in seven thousand.
const TRIES_A_SECOND: NonZeroU32 = NonZeroU32::new(5).expect("not zero");

/// Tries at once, for an office on its first morning.
const TRIES_AT_ONCE: NonZeroU32 = NonZeroU32::new(60).expect("not zero");

/// How long somebody waits who meets the limit.
const WAIT_SECONDS: u32 = 2;

/// Counts tries.
pub struct TypedCodeLimit(DefaultDirectRateLimiter);

impl TypedCodeLimit {
    /// A limit that nobody has used.
    pub fn new() -> Self {
        Self(RateLimiter::direct(
            Quota::per_second(TRIES_A_SECOND).allow_burst(TRIES_AT_ONCE),
        ))
    }

    /// Takes a try out of the limit, before the code is looked at: otherwise tries sent at once
    /// would all be looked at.
    ///
    /// # Errors
    /// [`ProblemCode::TooManyRequests`] when the limit is used up.
    pub fn take(&self) -> Result<(), ApiError> {
        self.0
            .check()
            .map_err(|_| ApiError::new(ProblemCode::TooManyRequests).retry_after(WAIT_SECONDS))
    }
}

impl Default for TypedCodeLimit {
    fn default() -> Self {
        Self::new()
    }
}
