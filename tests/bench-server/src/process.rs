//! What the operating system says of a process.

use std::time::Duration;

use anyhow::{Context, Result};

/// Resident memory of a process in MiB.
pub(crate) fn resident_mib(process: u32) -> Result<f64> {
    let status = std::fs::read_to_string(format!("/proc/{process}/status"))?;
    let line = status.lines().find_map(|line| line.strip_prefix("VmRSS:"));
    let kib: f64 = line
        .and_then(|line| line.split_whitespace().next())
        .and_then(|number| number.parse().ok())
        .context("the system does not say how much memory the process holds")?;
    Ok(kib / 1024.0)
}

/// How long a process has had a processor so far, the system's work for it included. The system
/// counts in hundredths of a second.
pub(crate) fn processor_time(process: u32) -> Result<Duration> {
    let stat = std::fs::read_to_string(format!("/proc/{process}/stat"))?;
    // The name stands in brackets and may hold anything; what follows is counted from there.
    let fields = stat.rsplit(')').next().unwrap_or_default();
    let ticks: Vec<u64> = fields
        .split_whitespace()
        .skip(11)
        .take(2)
        .filter_map(|number| number.parse().ok())
        .collect();
    let [own, system] = ticks[..] else {
        anyhow::bail!("the system does not say how long the process was working");
    };
    Ok(Duration::from_millis((own + system) * 10))
}
