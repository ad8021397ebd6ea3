//! Clocks: what a phone knows of the time when it records, and what the server makes of it.
//!
//! Nothing is ordered by wall clock alone. Within a device `seq` orders; between devices the time
//! corrected for the skew that was seen when the event first arrived.

use serde::{Deserialize, Serialize};

use crate::ids::BootId;

/// A moment: integer microseconds since 1970 in UTC.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(transparent)]
pub struct Timestamp(i64);

/// Microseconds in a second.
pub const MICROS_PER_SECOND: i64 = 1_000_000;

/// A phone's clock this far from the server's is flagged.
pub const SKEW_FLAGGED_MICROS: i64 = 5 * 60 * MICROS_PER_SECOND;

impl Timestamp {
    /// The moment this many microseconds after 1970 in UTC.
    pub const fn from_micros(micros: i64) -> Self {
        Self(micros)
    }

    /// Microseconds since 1970 in UTC.
    pub const fn as_micros(self) -> i64 {
        self.0
    }

    /// The moment `micros` later; at the ends of time it stays there.
    #[must_use]
    pub const fn plus_micros(self, micros: i64) -> Self {
        Self(self.0.saturating_add(micros))
    }

    /// The moment `seconds` later; at the ends of time it stays there.
    #[must_use]
    pub const fn plus_seconds(self, seconds: i64) -> Self {
        self.plus_micros(seconds.saturating_mul(MICROS_PER_SECOND))
    }

    /// Microseconds from `earlier` to this moment; negative when it is later.
    pub const fn micros_since(self, earlier: Self) -> i64 {
        self.0.saturating_sub(earlier.0)
    }

    /// As a calendar library's moment, when it lies within that library's years.
    pub fn to_utc(self) -> Option<chrono::DateTime<chrono::Utc>> {
        chrono::DateTime::from_timestamp_micros(self.0)
    }
}

/// Every clock of a phone at the moment of a scan.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct ClockReading {
    /// The wall clock, microseconds UTC. Kept as it was, even when it was wrong.
    pub wall_us: Timestamp,
    /// The zone's offset from UTC in minutes, east positive.
    pub offset_min: i16,
    /// The monotonic clock: milliseconds since `boot`.
    pub mono_ms: u64,
    /// Which start of the system the monotonic clock counts from.
    pub boot: BootId,
}

/// How far a device's wall clock is from the server's, as seen when a batch arrived.
///
/// Positive: the device is behind, the correction is added.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Serialize, Deserialize)]
#[serde(transparent)]
pub struct ClockCorrection(i64);

impl ClockCorrection {
    /// No correction.
    pub const NONE: Self = Self(0);

    /// From the device's clock when it sent and the server's when it received. The time a request
    /// travels is not known and counts as skew; it is far below what is flagged.
    pub const fn seen(device_sent: Timestamp, server_received: Timestamp) -> Self {
        Self(server_received.micros_since(device_sent))
    }

    /// Microseconds to add to the device's clock.
    pub const fn as_micros(self) -> i64 {
        self.0
    }

    /// A correction that was kept with an event.
    pub const fn from_micros(micros: i64) -> Self {
        Self(micros)
    }

    /// The moment of a scan by the server's clock.
    ///
    /// With the same boot the monotonic clocks tell how long before sending the scan was, whatever
    /// anybody did to the wall clock in between; otherwise the wall clock is corrected.
    pub fn corrected(self, scan: &ClockReading, sent: &ClockReading) -> Timestamp {
        if scan.boot == sent.boot && scan.mono_ms <= sent.mono_ms {
            let age_us = i64::try_from(sent.mono_ms - scan.mono_ms).unwrap_or(i64::MAX);
            let age_us = age_us.saturating_mul(1_000);
            return sent
                .wall_us
                .plus_micros(self.0)
                .plus_micros(age_us.saturating_neg());
        }
        scan.wall_us.plus_micros(self.0)
    }

    /// Whether the clock was off by more than five minutes.
    pub const fn is_implausible(self) -> bool {
        self.0.saturating_abs() > SKEW_FLAGGED_MICROS
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use uuid::Uuid;

    fn reading(wall_s: i64, mono_ms: u64, boot: u128) -> ClockReading {
        ClockReading {
            wall_us: Timestamp::from_micros(0).plus_seconds(wall_s),
            offset_min: 540,
            mono_ms,
            boot: BootId::from_uuid(Uuid::from_u128(boot)),
        }
    }

    #[test]
    fn a_slow_clock_is_put_right() {
        let sent = reading(1_000, 60_000, 1);
        let correction = ClockCorrection::seen(sent.wall_us, sent.wall_us.plus_seconds(600));
        let scan = reading(990, 50_000, 1);
        assert_eq!(
            correction.corrected(&scan, &sent),
            scan.wall_us.plus_seconds(600)
        );
        assert!(correction.is_implausible());
    }

    #[test]
    fn a_wall_clock_set_between_scan_and_sending_does_no_harm_within_one_boot() {
        let scan = reading(999_999_999, 50_000, 1);
        let sent = reading(1_000, 60_000, 1);
        let corrected = ClockCorrection::NONE.corrected(&scan, &sent);
        assert_eq!(corrected, sent.wall_us.plus_seconds(-10));
    }

    #[test]
    fn after_a_reboot_the_wall_clock_counts() {
        let scan = reading(900, 50_000, 1);
        let sent = reading(1_000, 60_000, 2);
        assert_eq!(ClockCorrection::NONE.corrected(&scan, &sent), scan.wall_us);
    }

    #[test]
    fn the_ends_of_time_do_not_overflow() {
        let sent = reading(0, u64::MAX, 1);
        let scan = reading(0, 0, 1);
        let correction = ClockCorrection::from_micros(i64::MIN);
        assert!(correction.corrected(&scan, &sent).as_micros() < 0);
        assert!(correction.is_implausible());
    }
}
