//! The system's clock and randomness.

use std::sync::{Mutex, PoisonError};
use std::time::{Instant, SystemTime, UNIX_EPOCH};

use kokoni_model::clock::{ClockReading, Timestamp};
use kokoni_model::ids::BootId;
use ring::rand::SecureRandom;
use uuid::Uuid;

use super::{Clock, Random, RandomError};

/// The clocks of the operating system.
///
/// Linux, Android and Apple's systems have a clock that counts from the boot and goes on through
/// sleep. Elsewhere the clock counts from this process's start and may stop while the device sleeps:
/// when it has, as the wall clock shows, a new boot begins. Only where the system tells its boot id
/// (Linux, Android) do all processes of a boot share it; elsewhere each is a boot of its own.
#[derive(Debug)]
pub struct SystemClock {
    ticking: Ticking,
}

#[derive(Debug)]
enum Ticking {
    ThroughSleep {
        boot: BootId,
    },
    Watched {
        started: Instant,
        boot: Mutex<WatchedBoot>,
    },
}

impl SystemClock {
    /// Finds out which boot this is.
    pub fn new() -> Self {
        let ticking = if through_sleep_ms().is_some() {
            let boot = kernel_boot().unwrap_or_else(own_boot);
            Ticking::ThroughSleep { boot }
        } else {
            let boot = Mutex::new(WatchedBoot::begin(own_boot(), wall_us(), 0));
            let started = Instant::now();
            Ticking::Watched { started, boot }
        };
        Self { ticking }
    }
}

impl Default for SystemClock {
    fn default() -> Self {
        Self::new()
    }
}

impl Clock for SystemClock {
    fn now(&self) -> ClockReading {
        let wall_us = wall_us();
        let offset_s = chrono::Local::now().offset().local_minus_utc();
        let (mono_ms, boot) = match &self.ticking {
            Ticking::ThroughSleep { boot } => (through_sleep_ms().unwrap_or_default(), *boot),
            Ticking::Watched { started, boot } => {
                let mut boot = boot.lock().unwrap_or_else(PoisonError::into_inner);
                let mono_ms = u64::try_from(started.elapsed().as_millis()).unwrap_or(u64::MAX);
                (mono_ms, boot.at(wall_us, mono_ms))
            }
        };
        ClockReading {
            wall_us: Timestamp::from_micros(wall_us),
            offset_min: i16::try_from(offset_s.div_euclid(60)).unwrap_or(0),
            mono_ms,
            boot,
        }
    }
}

fn wall_us() -> i64 {
    match SystemTime::now().duration_since(UNIX_EPOCH) {
        Ok(since) => i64::try_from(since.as_micros()).unwrap_or(i64::MAX),
        Err(before) => -i64::try_from(before.duration().as_micros()).unwrap_or(i64::MAX),
    }
}

/// How far the wall clock and one that may stop can part within a boot.
const PARTED_MAX_US: u64 = 5_000_000;

/// The boot of a clock that may stop while the device sleeps, and where both clocks stood when it
/// began. Somebody who sets the wall clock ends it as well: nothing tells one from the other.
#[derive(Clone, Copy, Debug)]
struct WatchedBoot {
    boot: BootId,
    wall_us: i64,
    mono_ms: u64,
}

impl WatchedBoot {
    const fn begin(boot: BootId, wall_us: i64, mono_ms: u64) -> Self {
        Self {
            boot,
            wall_us,
            mono_ms,
        }
    }

    /// The boot that two readings belong to: a new one when the clocks have parted.
    fn at(&mut self, wall_us: i64, mono_ms: u64) -> BootId {
        let mono_us = i128::from(mono_ms.saturating_sub(self.mono_ms)) * 1_000;
        let wall_us_gone = i128::from(wall_us) - i128::from(self.wall_us);
        if wall_us_gone.abs_diff(mono_us) > u128::from(PARTED_MAX_US) {
            *self = Self::begin(own_boot(), wall_us, mono_ms);
        }
        self.boot
    }
}

/// A boot that no kernel hands out, also without randomness.
fn own_boot() -> BootId {
    let mut bytes = [0; 16];
    let _ = SystemRandom::new().fill(&mut bytes);
    BootId::from_uuid(uuid::Builder::from_random_bytes(bytes).into_uuid())
}

fn kernel_boot() -> Option<BootId> {
    let text = std::fs::read_to_string("/proc/sys/kernel/random/boot_id").ok()?;
    Uuid::try_parse(text.trim()).ok().map(BootId::from_uuid)
}

/// The clock that goes on through sleep, where the system has one. Rust's own stops on all of these.
#[cfg(any(target_os = "linux", target_os = "android", target_vendor = "apple"))]
fn through_sleep_ms() -> Option<u64> {
    use rustix::time::{ClockId, clock_gettime};
    // Linux's CLOCK_MONOTONIC stops in sleep, Darwin's goes on.
    #[cfg(target_vendor = "apple")]
    let clock = ClockId::Monotonic;
    #[cfg(not(target_vendor = "apple"))]
    let clock = ClockId::Boottime;
    let time = clock_gettime(clock);
    let seconds = u64::try_from(time.tv_sec).ok()?;
    let millis = u64::try_from(time.tv_nsec / 1_000_000).ok()?;
    Some(seconds * 1_000 + millis)
}

#[cfg(not(any(target_os = "linux", target_os = "android", target_vendor = "apple")))]
fn through_sleep_ms() -> Option<u64> {
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
    fn a_clock_that_stops_while_the_device_sleeps_begins_a_new_boot() {
        let (second, hour) = (1_000_000, 3_600_000_000);
        let mut watched = WatchedBoot::begin(own_boot(), 0, 0);
        let first = watched.at(second, 1_000);
        // A clock that is set right little by little is no sleep.
        assert_eq!(watched.at(hour + second, 3_600_000), first);
        let slept = watched.at(2 * hour, 3_601_000);
        assert_ne!(slept, first, "an hour of which one clock saw a second");
        assert_eq!(watched.at(2 * hour + 60 * second, 3_661_000), slept);
        let set_back = watched.at(0, 3_662_000);
        assert_ne!(set_back, slept);
        assert_eq!(watched.at(second, 3_663_000), set_back);
        // The ends of time are clocks like any other.
        assert_ne!(watched.at(i64::MAX, 0), set_back);
        assert_ne!(watched.at(i64::MIN, u64::MAX), set_back);
    }

    #[test]
    fn without_a_clock_that_goes_on_through_sleep_a_sleep_changes_the_boot() {
        let clock = |slept_us: i64| SystemClock {
            ticking: Ticking::Watched {
                started: Instant::now(),
                boot: Mutex::new(WatchedBoot::begin(own_boot(), wall_us() - slept_us, 0)),
            },
        };
        let boots = |clock: &SystemClock| [clock.now().boot, clock.now().boot];
        let (awake, slept) = (clock(0), clock(60_000_000));
        let known = |clock: &SystemClock| match &clock.ticking {
            Ticking::Watched { boot, .. } => boot.lock().expect("unpoisoned").boot,
            Ticking::ThroughSleep { boot } => *boot,
        };
        assert_eq!(boots(&awake), [known(&awake); 2]);
        let before = known(&slept);
        let [first, second] = boots(&slept);
        assert_ne!(first, before);
        assert_eq!(first, second);
    }

    #[test]
    #[cfg(target_os = "linux")]
    fn two_processes_of_one_boot_share_their_monotonic_clock() {
        let (one, other) = (SystemClock::new(), SystemClock::new());
        assert_eq!(one.now().boot, other.now().boot);
        assert!(one.now().mono_ms.abs_diff(other.now().mono_ms) < 10_000);
    }
}
