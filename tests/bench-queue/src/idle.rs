//! What an engine costs that does nothing: its memory, and how often it wakes the device.

use std::collections::BTreeMap;
use std::fs;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

use anyhow::{Context, Result};
use comfy_table::Table;
use kokoni_client::ports::Transport;
use kokoni_client::transport::{HttpRequest, HttpResponse, TransportError};
use kokoni_client::{Backoff, Cancel, Clock, Pace, Ports, Random, SystemClock, SystemRandom};
use kokoni_model::clock::ClockReading;

use crate::scene::Scene;
use crate::tap;

/// Ports that count how often the engine asks for anything.
struct Counting {
    calls: AtomicU64,
    /// Those of them that asked the network.
    tries: AtomicU64,
    clock: SystemClock,
    random: SystemRandom,
}

impl Counting {
    fn count(&self) {
        self.calls.fetch_add(1, Ordering::SeqCst);
    }

    fn calls(&self) -> u64 {
        self.calls.load(Ordering::SeqCst)
    }
}

impl Clock for Counting {
    fn now(&self) -> ClockReading {
        self.count();
        self.clock.now()
    }
}

impl Random for Counting {
    fn fill(&self, bytes: &mut [u8]) -> Result<(), kokoni_client::ports::RandomError> {
        self.count();
        self.random.fill(bytes)
    }
}

/// A network that is not there.
impl Transport for Counting {
    fn exchange(
        &self,
        _: &HttpRequest,
        _: Duration,
        _: &Cancel,
    ) -> Result<HttpResponse, TransportError> {
        self.count();
        self.tries.fetch_add(1, Ordering::SeqCst);
        Err(TransportError::Unreachable)
    }
}

/// Memory, wake-ups with nothing to do, and wake-ups with something to send and no network.
pub(crate) fn measure(scene: &Scene, seconds: u64, table: &mut Table) -> Result<()> {
    let before = resident_kib()?;
    // It has synced once: its memory is that of an app in use, with its network and its roots.
    let phone = scene.phone("idle", 0)?;
    phone.shut_down();
    drop(phone);
    let counting = Arc::new(Counting {
        calls: AtomicU64::new(0),
        tries: AtomicU64::new(0),
        clock: SystemClock::new(),
        random: SystemRandom::new(),
    });
    let ports = Ports {
        clock: counting.clone(),
        random: counting.clone(),
        transport: Some(counting.clone()),
        ..scene.ports("idle")?
    };
    let phone = scene.open_with("idle", ports)?;
    phone.today()?;
    let kib = resident_kib()?.saturating_sub(before);
    row(
        table,
        "memory of an idle engine, MiB",
        format!("{:.1}", kib as f64 / 1024.0),
        "",
    );

    // Nothing waits: whatever a thread of the engine does now is one wake-up too many.
    std::thread::sleep(Duration::from_secs(1));
    let (calls, switches) = (counting.calls(), switches()?);
    std::thread::sleep(Duration::from_secs(seconds));
    let calls = counting.calls() - calls;
    let woken = woken_since(&switches)?;
    let hour = |count: u64| count * 3_600 / seconds.max(1);
    row(
        table,
        "threads of an idle engine",
        switches.len().to_string(),
        "",
    );
    row(
        table,
        "port calls an hour, idle",
        hour(calls).to_string(),
        "0",
    );
    row(
        table,
        "wake-ups of its threads an hour, idle",
        hour(woken).to_string(),
        "0",
    );

    // Kept in sync without a network: only the back-off's timer.
    tap(&phone, scene)?;
    let (calls, tries) = (counting.calls(), counting.tries.load(Ordering::SeqCst));
    let kept = phone.keep_synced(Pace::Background)?;
    std::thread::sleep(Duration::from_secs(seconds));
    drop(kept);
    let calls = counting.calls() - calls;
    let tries = counting.tries.load(Ordering::SeqCst) - tries;
    let what = format!("port calls a try, offline, in the first {seconds} s");
    let each = calls as f64 / tries as f64;
    row(table, &what, format!("{each:.1} ({tries} tries)"), "");
    for (name, pace) in [
        ("background", Pace::Background),
        ("foreground", Pace::Foreground),
    ] {
        let tries = tries_in_an_hour(pace, &counting.random)?;
        let what = format!("tries an hour, offline, {name}: the back-off alone");
        row(table, &what, format!("{tries:.1}"), "");
    }
    phone.shut_down();
    Ok(())
}

fn row(table: &mut Table, what: &str, ours: String, target: &str) {
    table.add_row([what, &ours, "", "", target]);
}

/// The mean of how often the back-off's timer ends in an hour without a network, once its waits have
/// grown to their cap.
fn tries_in_an_hour(pace: Pace, random: &SystemRandom) -> Result<f64> {
    const HOURS: u64 = 2_000;
    let (mut backoff, mut time, mut tries) = (Backoff::new(), Duration::ZERO, 0u64);
    for _ in 0..20 {
        backoff.failed(pace, u64::MAX, None);
    }
    while time < Duration::from_secs(HOURS * 3_600) {
        let mut dice = [0; 8];
        random.fill(&mut dice)?;
        time += backoff.failed(pace, u64::from_le_bytes(dice), None);
        tries += 1;
    }
    Ok(tries as f64 / HOURS as f64)
}

fn resident_kib() -> Result<u64> {
    number(&fs::read_to_string("/proc/self/status")?, "VmRSS:")
}

/// The name of a thread that an engine may start: it keeps the engine synced.
const ENGINE_THREAD: &str = "kokoni-sync";

/// How often each of the engine's threads has gone to sleep, as the system counts.
fn switches() -> Result<BTreeMap<String, u64>> {
    let mut switches = BTreeMap::new();
    for task in fs::read_dir("/proc/self/task")? {
        let folder = task?.path();
        let name = fs::read_to_string(folder.join("comm"))?;
        // The network's own threads serve every engine of the process, and end when it is idle.
        if name.trim() == ENGINE_THREAD {
            let status = fs::read_to_string(folder.join("status"))?;
            let slept = number(&status, "voluntary_ctxt_switches:")?;
            switches.insert(folder.display().to_string(), slept);
        }
    }
    Ok(switches)
}

fn woken_since(before: &BTreeMap<String, u64>) -> Result<u64> {
    let after = switches()?;
    Ok(after
        .iter()
        .map(|(task, slept)| slept - before.get(task).copied().unwrap_or(0))
        .sum())
}

fn number(status: &str, name: &str) -> Result<u64> {
    let line = status.lines().find_map(|line| line.strip_prefix(name));
    line.and_then(|line| line.split_whitespace().next()?.parse().ok())
        .with_context(|| format!("the system does not say {name}"))
}
