//! The world of the conformance scripts: the real `kokoni` program with an example city hall, and
//! phones with folders and secrets of their own.

use std::collections::HashMap;
use std::io::{BufRead, BufReader};
use std::path::PathBuf;
use std::process::{Child, Command, Stdio};
use std::sync::Arc;

use kokoni_ffi::{Kokoni, ObserverHandle};
use serde::Deserialize;
use tempfile::TempDir;

use crate::shell::{Counting, MemorySecrets};

/// The host in the labels of the city hall.
const HOST: &str = "kokoni.example.jp";

/// The server of a run.
pub(crate) struct World {
    program: PathBuf,
    folder: TempDir,
    administrator: String,
    address: String,
    server: Option<Child>,
}

/// A one-time code.
#[derive(Deserialize)]
pub(crate) struct Invitation {
    pub(crate) link: String,
    pub(crate) typed: String,
}

#[derive(Deserialize)]
struct Made {
    administrator: String,
}

impl World {
    /// Makes the city hall and starts its server.
    pub(crate) fn new() -> Self {
        let program = program();
        let folder = tempfile::tempdir().expect("a folder");
        let mut world = Self {
            program,
            folder,
            administrator: String::new(),
            address: "127.0.0.1:0".into(),
            server: None,
        };
        let mut init = world.command("init");
        let said = said(init.args(["--example", "city-hall", "--host", HOST, "--json"]));
        let made: Made = serde_json::from_str(&said).expect("JSON");
        world.administrator = made.administrator;
        world.start();
        world
    }

    fn command(&self, name: &str) -> Command {
        let mut command = Command::new(&self.program);
        command.arg(name).arg("--data").arg(self.folder.path());
        command
    }

    /// Where the server listens, `http://127.0.0.1:PORT`.
    pub(crate) fn url(&self) -> String {
        format!("http://{}", self.address)
    }

    /// A fresh invitation for the administrator.
    pub(crate) fn invitation(&self) -> Invitation {
        let mut enrol = self.command("enrol");
        enrol.args(["--public-url", &self.url(), "--json", &self.administrator]);
        serde_json::from_str(&said(&mut enrol)).expect("JSON")
    }

    /// Starts the server, again at the same port.
    pub(crate) fn start(&mut self) {
        let mut serve = self.command("serve");
        serve.args(["--listen", &self.address]);
        serve.env("KOKONI_LOG", "error");
        let mut child = serve
            .stdout(Stdio::piped())
            .spawn()
            .expect("the server starts");
        let mut line = String::new();
        BufReader::new(child.stdout.take().expect("a pipe"))
            .read_line(&mut line)
            .expect("the server says where it listens");
        let at = line.find("http://").expect("an address") + "http://".len();
        let rest = &line[at..];
        let end = rest.find(|c: char| c.is_whitespace() || c == '/');
        self.address = rest[..end.unwrap_or(rest.len())].to_owned();
        self.server = Some(child);
    }

    /// Stops the server and waits until it is gone.
    pub(crate) fn stop(&mut self) {
        let Some(mut server) = self.server.take() else {
            return;
        };
        let id = server.id().to_string();
        let asked = Command::new("kill").args(["-TERM", &id]).status();
        assert!(asked.is_ok_and(|status| status.success()), "kill");
        server.wait().expect("the server ends");
    }
}

impl Drop for World {
    fn drop(&mut self) {
        if let Some(mut server) = self.server.take() {
            let _ = server.kill();
            let _ = server.wait();
        }
    }
}

fn said(command: &mut Command) -> String {
    let output = command.output().expect("the program runs");
    assert!(
        output.status.success(),
        "{command:?}: {}",
        String::from_utf8_lossy(&output.stderr)
    );
    String::from_utf8(output.stdout).expect("text")
}

/// The `kokoni` program: `KOKONI_PROGRAM`, or built beside this test.
fn program() -> PathBuf {
    if let Some(given) = std::env::var_os("KOKONI_PROGRAM") {
        return given.into();
    }
    let own = std::env::current_exe().expect("this program");
    let profile = own.ancestors().nth(2).expect("target/PROFILE/deps/NAME");
    let cargo = std::env::var_os("CARGO").unwrap_or_else(|| "cargo".into());
    let mut build = Command::new(cargo);
    // With this crate: cargo then compiles what both depend on once, as for Kotlin and Swift.
    build.args(["build", "--package", "kokoni", "--package", "kokoni-ffi"]);
    build.args(["--bin", "kokoni", "--target-dir"]);
    build.arg(profile.parent().expect("target"));
    if profile.ends_with("release") {
        build.arg("--release");
    }
    let status = build.current_dir(env!("CARGO_MANIFEST_DIR")).status();
    assert!(status.is_ok_and(|status| status.success()), "cargo build");
    profile.join(format!("kokoni{}", std::env::consts::EXE_SUFFIX))
}

/// One phone of a script.
pub(crate) struct Phone {
    pub(crate) folder: TempDir,
    pub(crate) secrets: Arc<MemorySecrets>,
    pub(crate) kokoni: Option<Arc<Kokoni>>,
    pub(crate) handles: Vec<Arc<ObserverHandle>>,
}

impl Phone {
    pub(crate) fn new() -> Self {
        Self {
            folder: tempfile::tempdir().expect("a folder"),
            secrets: Arc::default(),
            kokoni: None,
            handles: Vec::new(),
        }
    }

    pub(crate) fn kokoni(&self) -> Arc<Kokoni> {
        self.kokoni.clone().expect("the phone is open")
    }
}

/// What a script has made so far.
#[derive(Default)]
pub(crate) struct Stage {
    pub(crate) phones: HashMap<String, Phone>,
    pub(crate) observers: HashMap<String, Arc<Counting>>,
    pub(crate) kept: HashMap<String, String>,
}
