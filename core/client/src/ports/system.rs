//! The system's clock and randomness.

use std::time::{Instant, SystemTime, UNIX_EPOCH};

use kokoni_model::clock::{ClockReading, Timestamp};
use kokoni_model::ids::BootId;
use ring::rand::SecureRandom;
use uuid::Uuid;

use super::{Clock, Random, RandomError};

/// The clocks of the operating system.
///
/// Where the system tells its boot id (Linux), the monotonic clock counts from the boot and goes on
/// through sleep. Elsewhere every process is a boot of its own: its clock counts from its start.
#[derive(Debug)]
pub struct SystemClock {
    boot: BootId,
    shared_boot: bool,
    started: Instant,
}

impl SystemClock {
    /// Finds out which boot this is.
    pub fn new() -> Self {
        let kernel_boot = std::fs::read_to_string("/proc/sys/kernel/random/boot_id")
            .ok()
            .and_then(|text| Uuid::try_parse(text.trim()).ok());
        let shared_boot = kernel_boot.is_some() && since_boot_ms().is_some();
        let boot = kernel_boot.filter(|_| shared_boot).unwrap_or_else(|| {
            let mut bytes = [0; 16];
            // Without randomness the process still gets a boot that no kernel hands out.
            let _ = SystemRandom::new().fill(&mut bytes);
            uuid::Builder::from_random_bytes(bytes).into_uuid()
        });
        Self {
            boot: BootId::from_uuid(boot),
            shared_boot,
            started: Instant::now(),
        }
    }
}

impl Default for SystemClock {
    fn default() -> Self {
        Self::new()
    }
}

impl Clock for SystemClock {
    fn now(&self) -> ClockReading {
        let wall_us = match SystemTime::now().duration_since(UNIX_EPOCH) {
            Ok(since) => i64::try_from(since.as_micros()).unwrap_or(i64::MAX),
            Err(before) => -i64::try_from(before.duration().as_micros()).unwrap_or(i64::MAX),
        };
        let offset_s = chrono::Local::now().offset().local_minus_utc();
        let in_process = || u64::try_from(self.started.elapsed().as_millis()).unwrap_or(u64::MAX);
        let mono_ms = if self.shared_boot {
            since_boot_ms().unwrap_or_else(in_process)
        } else {
            in_process()
        };
        ClockReading {
            wall_us: Timestamp::from_micros(wall_us),
            offset_min: i16::try_from(offset_s.div_euclid(60)).unwrap_or(0),
            mono_ms,
            boot: self.boot,
        }
    }
}

#[cfg(any(target_os = "linux", target_os = "android"))]
fn since_boot_ms() -> Option<u64> {
    let time = rustix::time::clock_gettime(rustix::time::ClockId::Boottime);
    let seconds = u64::try_from(time.tv_sec).ok()?;
    let millis = u64::try_from(time.tv_nsec / 1_000_000).ok()?;
    Some(seconds * 1_000 + millis)
}

#[cfg(not(any(target_os = "linux", target_os = "android")))]
fn since_boot_ms() -> Option<u64> {
    None
}

/// The operating system's random numbers.
#[derive(Debug)]
pub struct SystemRandom(ring::rand::SystemRandom);

impl SystemRandom {
    /// Ready at once.
    pub fn new() -> Self {
        Self(ring::rand::SystemRandom::new())
    }
}

impl Default for SystemRandom {
    fn default() -> Self {
        Self::new()
    }
}

impl Random for SystemRandom {
    fn fill(&self, bytes: &mut [u8]) -> Result<(), RandomError> {
        self.0.fill(bytes).map_err(|_| RandomError)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_monotonic_clock_never_goes_back_and_the_boot_stays() {
        let clock = SystemClock::new();
        let readings: Vec<ClockReading> = (0..100).map(|_| clock.now()).collect();
        for pair in readings.windows(2) {
            assert!(pair[0].mono_ms <= pair[1].mono_ms);
            assert_eq!(pair[0].boot, pair[1].boot);
        }
    }

    #[test]
    #[cfg(target_os = "linux")]
    fn two_processes_of_one_boot_share_their_monotonic_clock() {
        let (one, other) = (SystemClock::new(), SystemClock::new());
        assert_eq!(one.now().boot, other.now().boot);
        assert!(one.now().mono_ms.abs_diff(other.now().mono_ms) < 10_000);
    }
}
