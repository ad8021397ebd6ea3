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

/// An error with its causes in one line. A cause that the words before it repeat already, as those
/// of some libraries do, is said once.
pub(crate) fn in_one_line(error: &anyhow::Error) -> String {
    error.chain().fold(String::new(), |line, cause| {
        let cause = cause.to_string();
        match line.as_str() {
            "" => cause,
            said if said.ends_with(&cause) => line,
            said => format!("{said}: {cause}"),
        }
    })
}

/// Whether an error is only that nobody reads the output any more, `kokoni ... | head` say.
pub(crate) fn is_closed_pipe(error: &anyhow::Error) -> bool {
    error.chain().any(|cause| {
        cause
            .downcast_ref::<std::io::Error>()
            .is_some_and(|error| error.kind() == std::io::ErrorKind::BrokenPipe)
    })
}

#[cfg(test)]
mod tests {
    use anyhow::anyhow;

    use super::in_one_line;

    #[test]
    fn a_cause_is_said_once() {
        let error = anyhow!("no such file")
            .context("cannot open x: no such file")
            .context("--catalogue");
        assert_eq!(
            in_one_line(&error),
            "--catalogue: cannot open x: no such file"
        );
    }
}
