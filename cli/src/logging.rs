//! What the program writes about its own work, on standard error. Names, labels, codes and tokens
//! never stand in it.

use std::io::IsTerminal;

use anyhow::{Context, Result};
use tracing_subscriber::EnvFilter;

/// Which parts speak how loudly, `info,kokoni_server=debug` say.
const VARIABLE: &str = "KOKONI_LOG";

/// Begins to log; `usual` counts where the variable is not set.
pub(crate) fn start(usual: &str, json: bool) -> Result<()> {
    let filter = match std::env::var(VARIABLE) {
        Ok(filter) => EnvFilter::try_new(&filter)
            .with_context(|| format!("{VARIABLE} is not a filter: {filter}"))?,
        Err(_) => EnvFilter::new(usual),
    };
    let log = tracing_subscriber::fmt()
        .with_env_filter(filter)
        .with_writer(std::io::stderr)
        .with_ansi(std::io::stderr().is_terminal());
    let started = if json {
        log.json().try_init()
    } else {
        log.try_init()
    };
    started.map_err(|error| anyhow::anyhow!("the log cannot be written: {error}"))
}
