//! What the operating system says of a process.

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
