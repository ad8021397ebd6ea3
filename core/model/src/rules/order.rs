//! Where an event takes its place in the history: corrected time, made non-decreasing by seq
//! within a device; ties by device, epoch and seq.

use serde::{Deserialize, Serialize};

use crate::clock::Timestamp;
use crate::event::Epoch;
use crate::ids::DeviceId;

/// The place of an event in the history of an organisation. Compares as the history is told.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug, Serialize, Deserialize)]
pub struct OrderKey {
    /// The moment of the scan by the server's clock.
    pub at: Timestamp,
    /// Breaks ties between devices.
    pub device: DeviceId,
    /// Breaks ties between lives of a device's queue.
    pub epoch: Epoch,
    /// Breaks ties within a queue.
    pub seq: u64,
}

/// The moment at which an event counts, fixed for ever at first ingest.
///
/// `previous` is where the event before it in the same queue stands: a device's own order is never
/// turned round. No scan can be later than its arrival, so one wild clock cannot pull the events
/// that follow it into the future.
pub fn counted_moment(
    corrected: Timestamp,
    received: Timestamp,
    previous: Option<Timestamp>,
) -> Timestamp {
    let possible = corrected.min(received);
    previous.map_or(possible, |previous| possible.max(previous))
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    const fn at(micros: i64) -> Timestamp {
        Timestamp::from_micros(micros)
    }

    #[test]
    fn a_clock_that_jumped_back_does_not_turn_a_devices_order_round() {
        assert_eq!(counted_moment(at(50), at(1_000), Some(at(70))), at(70));
    }

    #[test]
    fn a_scan_from_the_future_counts_when_it_arrives() {
        assert_eq!(
            counted_moment(at(9_999), at(1_000), Some(at(70))),
            at(1_000)
        );
    }

    proptest! {
        #[test]
        fn the_history_of_a_device_never_goes_back(
            scans in proptest::collection::vec((any::<i32>(), 0i64..1_000), 1..40)
        ) {
            let (mut received, mut previous) = (0i64, None);
            for (corrected, passed) in scans {
                received += passed;
                let now = counted_moment(at(i64::from(corrected)), at(received), previous);
                prop_assert!(previous.is_none_or(|before| before <= now));
                prop_assert!(now <= at(received));
                previous = Some(now);
            }
        }
    }
}
