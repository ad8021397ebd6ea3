//! Moments and counts as they cross the border.

use std::time::{Duration, SystemTime, UNIX_EPOCH};

use kokoni_model::clock::Timestamp;

/// A moment as the system's own type; one that this cannot hold is 1970.
pub(crate) fn system_time(at: Timestamp) -> SystemTime {
    let micros = Duration::from_micros(at.as_micros().unsigned_abs());
    let time = if at.as_micros() < 0 {
        UNIX_EPOCH.checked_sub(micros)
    } else {
        UNIX_EPOCH.checked_add(micros)
    };
    time.unwrap_or(UNIX_EPOCH)
}

/// The other way round; `None` where 64 bits of microseconds cannot hold it.
pub(crate) fn timestamp(time: SystemTime) -> Option<Timestamp> {
    let micros = match time.duration_since(UNIX_EPOCH) {
        Ok(after) => i64::try_from(after.as_micros()).ok()?,
        Err(before) => i64::try_from(before.duration().as_micros())
            .ok()?
            .checked_neg()?,
    };
    Some(Timestamp::from_micros(micros))
}

/// A count as phones count; more than two thousand million stay that many.
pub(crate) fn count(number: impl TryInto<i32>) -> i32 {
    number.try_into().unwrap_or(i32::MAX)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn moments_survive_the_border_and_absurd_ones_do_no_harm() {
        for micros in [0, 1, -1, 1_795_478_400_123_456, -62_135_596_800_000_000] {
            let at = Timestamp::from_micros(micros);
            assert_eq!(timestamp(system_time(at)), Some(at));
        }
        for micros in [i64::MAX, i64::MIN] {
            let _ = system_time(Timestamp::from_micros(micros));
        }
        let far = UNIX_EPOCH.checked_add(Duration::from_secs(u64::MAX / 4));
        assert_eq!(far.and_then(timestamp), None);
    }

    #[test]
    fn a_count_stays_a_count() {
        assert_eq!(count(7_u64), 7);
        assert_eq!(count(u64::MAX), i32::MAX);
    }
}
