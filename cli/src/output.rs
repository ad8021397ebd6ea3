//! What the program prints for people and for programs.

use std::io::Write;

use anyhow::Result;
use serde::Serialize;

/// One line or table for people on standard output. A closed pipe ends the program quietly.
pub(crate) fn print(text: &str) -> Result<()> {
    Ok(writeln!(std::io::stdout().lock(), "{text}")?)
}

/// One line of JSON on standard output.
pub(crate) fn print_json(value: &impl Serialize) -> Result<()> {
    print(&serde_json::to_string(value)?)
}

/// Whether an error is only that nobody reads the output any more, `kokoni ... | head` say.
pub(crate) fn is_closed_pipe(error: &anyhow::Error) -> bool {
    error.chain().any(|cause| {
        cause
            .downcast_ref::<std::io::Error>()
            .is_some_and(|error| error.kind() == std::io::ErrorKind::BrokenPipe)
    })
}
