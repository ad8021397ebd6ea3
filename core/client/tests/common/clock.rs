//! A clock that only moves when it is told to, and dice that fall the same way every time.

use std::sync::atomic::{AtomicI64, AtomicU64, Ordering};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use kokoni_client::ports::{Clock, Random, RandomError};
use kokoni_model::clock::{ClockReading, Timestamp};
use kokoni_model::ids::BootId;
use uuid::Uuid;

use super::MORNING_US;

/// A clock that only moves when it is told to.
pub(crate) struct FakeClock {
    pub(crate) wall_us: AtomicI64,
    pub(crate) mono_ms: AtomicU64,
    pub(crate) boot: Mutex<u128>,
    /// What a clock that nobody sets would say.
    pub(crate) true_us: AtomicI64,
}

impl FakeClock {
    pub(crate) fn new() -> Arc<Self> {
        Arc::new(Self {
            wall_us: AtomicI64::new(MORNING_US),
            mono_ms: AtomicU64::new(1_000_000),
            boot: Mutex::new(1),
            true_us: AtomicI64::new(MORNING_US),
        })
    }

    pub(crate) fn advance(&self, by: Duration) {
        let micros = i64::try_from(by.as_micros()).expect("short");
        self.wall_us.fetch_add(micros, Ordering::SeqCst);
        self.true_us.fetch_add(micros, Ordering::SeqCst);
        let millis = u64::try_from(by.as_millis()).expect("short");
        self.mono_ms.fetch_add(millis, Ordering::SeqCst);
    }

    /// Somebody sets the wall clock.
    pub(crate) fn jump(&self, micros: i64) {
        self.wall_us.fetch_add(micros, Ordering::SeqCst);
    }

    pub(crate) fn reboot(&self) {
        *self.boot.lock().expect("unpoisoned") += 1;
        self.mono_ms.store(5_000, Ordering::SeqCst);
    }
}

impl Clock for FakeClock {
    fn now(&self) -> ClockReading {
        ClockReading {
            wall_us: Timestamp::from_micros(self.wall_us.load(Ordering::SeqCst)),
            offset_min: 540,
            mono_ms: self.mono_ms.load(Ordering::SeqCst),
            boot: BootId::from_uuid(Uuid::from_u128(*self.boot.lock().expect("unpoisoned"))),
        }
    }
}

/// Random bytes from a seed.
pub(crate) struct SeededRandom(Mutex<u64>);

impl SeededRandom {
    pub(crate) fn new(seed: u64) -> Arc<Self> {
        Arc::new(Self(Mutex::new(seed)))
    }
}

impl Random for SeededRandom {
    fn fill(&self, bytes: &mut [u8]) -> Result<(), RandomError> {
        let mut state = self.0.lock().expect("unpoisoned");
        for byte in bytes {
            *state = state
                .wrapping_mul(6_364_136_223_846_793_005)
                .wrapping_add(1_442_695_040_888_963_407);
            *byte = (*state >> 56) as u8;
        }
        Ok(())
    }
}
