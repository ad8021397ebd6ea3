//! The tests of `tests/faults` under AddressSanitizer: the one crate whose `unsafe` stands between
//! SQLite and a disk. A nightly toolchain brings the sanitizer along.

use anyhow::{Context, Result, bail};

use crate::named_test::TRIALS;
use crate::project::{self, Project, on_path, read};

/// How often each promise is tried: memory is handled the same way every time.
const COUNT: u64 = 20;

/// Runs them; fails if one does, or if there is no nightly toolchain.
pub(super) fn run(project: &Project) -> Result<()> {
    let rustup = on_path("rustup").context("AddressSanitizer needs rustup, for a nightly")?;
    let said = read(project.command("rustc").arg("-vV"))?;
    let host = host_of(&said).context("rustc does not say for which machine it compiles")?;
    let toolchains = read(project.command(&rustup).args(["toolchain", "list"]))?;
    if !toolchains.lines().any(|line| line.starts_with("nightly")) {
        bail!("AddressSanitizer needs a nightly toolchain: `rustup toolchain install nightly`");
    }
    println!("tests/faults under AddressSanitizer");
    project::run(
        project
            .command(&rustup)
            .args(["run", "nightly", "cargo", "test", "-p", "kokoni-faults"])
            .args(["--target", host])
            .env_remove("CARGO")
            .env_remove("RUSTC")
            .env_remove("RUSTUP_TOOLCHAIN")
            .env("CARGO_TARGET_DIR", project.target().join("soak/sanitized"))
            .env("RUSTFLAGS", "-Zsanitizer=address")
            .env(TRIALS, COUNT.to_string()),
    )
}

/// The machine in what `rustc -vV` says.
fn host_of(said: &str) -> Option<&str> {
    said.lines().find_map(|line| line.strip_prefix("host: "))
}

#[cfg(test)]
mod tests {
    use super::host_of;

    #[test]
    fn rustc_names_its_host() {
        let said = "rustc 1.95.0\nbinary: rustc\nhost: x86_64-unknown-linux-gnu\nrelease: 1.95.0\n";
        assert_eq!(host_of(said), Some("x86_64-unknown-linux-gnu"));
        assert_eq!(host_of("rustc 1.95.0\n"), None);
    }
}
