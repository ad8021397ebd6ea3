//! One place to run the program in: a folder that goes with the test, and a clean environment.

use std::io::{BufRead, BufReader};
use std::net::SocketAddr;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, ExitStatus, Output, Stdio};

use kokoni_camera::Shot;
use kokoni_model::label::{Host, LabelId, label_symbol};
use serde_json::Value;

/// The label host of every organisation here.
pub(crate) const HOST: &str = "kokoni.example.jp";

/// Where a test runs the program.
pub(crate) struct Env {
    folder: tempfile::TempDir,
}

/// What the program said.
#[derive(Debug)]
pub(crate) struct Said {
    pub(crate) status: Option<i32>,
    pub(crate) out: String,
    pub(crate) err: String,
}

impl Said {
    /// Every line of output as JSON.
    pub(crate) fn json_lines(&self) -> Vec<Value> {
        let parse = |line| serde_json::from_str(line).expect("a line of JSON");
        self.out.lines().map(parse).collect()
    }

    /// The one line of JSON; the program must have ended well.
    pub(crate) fn json(&self) -> Value {
        assert_eq!(self.status, Some(0), "{self:?}");
        let mut lines = self.json_lines();
        assert_eq!(lines.len(), 1, "{self:?}");
        lines.remove(0)
    }
}

impl From<Output> for Said {
    fn from(output: Output) -> Self {
        Self {
            status: output.status.code(),
            out: String::from_utf8(output.stdout).expect("UTF-8"),
            err: String::from_utf8(output.stderr).expect("UTF-8"),
        }
    }
}

impl Env {
    pub(crate) fn new() -> Self {
        Self {
            folder: tempfile::tempdir().expect("a folder"),
        }
    }

    pub(crate) fn path(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
    }

    /// The program, ready to be given arguments.
    pub(crate) fn program(&self) -> Command {
        let mut command = Command::new(env!("CARGO_BIN_EXE_kokoni"));
        command.current_dir(self.folder.path());
        for (name, _) in std::env::vars_os() {
            if name.to_string_lossy().starts_with("KOKONI_") {
                command.env_remove(name);
            }
        }
        // Help is wrapped to the terminal.
        command
            .env("COLUMNS", "100")
            .env("NO_COLOR", "1")
            .stdin(Stdio::null());
        command
    }

    pub(crate) fn run(&self, arguments: &[&str]) -> Said {
        self.program()
            .args(arguments)
            .output()
            .expect("the program runs")
            .into()
    }

    /// Draws a label in good light and keeps it as PNG.
    pub(crate) fn picture(&self, name: &str, label: &LabelId) -> PathBuf {
        let host = Host::new(HOST).expect("a host");
        let symbol = label_symbol(&host, label).expect("a symbol");
        let frame = Shot::plain(1).draw(&symbol).frame;
        let path = self.path(name);
        let (width, height) = (frame.width as u32, frame.height as u32);
        image::save_buffer(&path, &frame.pixels, width, height, image::ColorType::L8)
            .expect("a picture");
        path
    }

    /// Makes the example organisation in `server`; gives what `init` says.
    pub(crate) fn city_hall(&self) -> Value {
        self.run(&[
            "init",
            "--data",
            "server",
            "--host",
            HOST,
            "--example",
            "city-hall",
            "--json",
        ])
        .json()
    }

    /// Starts the server on the data folder `server`.
    pub(crate) fn serve(&self, listen: &str) -> Serving {
        let mut child = self
            .program()
            .args(["serve", "--data", "server", "--listen", listen, "--json"])
            .stdout(Stdio::piped())
            .stderr(Stdio::null())
            .spawn()
            .expect("the server starts");
        let stdout = child.stdout.take().expect("its output");
        let mut line = String::new();
        BufReader::new(stdout)
            .read_line(&mut line)
            .expect("its first line");
        let said: Value = serde_json::from_str(&line).expect("JSON");
        let url = said["address"].as_str().expect("an address").to_owned();
        Serving { child, url }
    }
}

/// A running server; it is killed when it is dropped.
pub(crate) struct Serving {
    child: Child,
    pub(crate) url: String,
}

impl Serving {
    pub(crate) fn address(&self) -> SocketAddr {
        let address = self.url.strip_prefix("http://").expect("plain HTTP");
        address.parse().expect("an address")
    }

    /// SIGKILL, at this moment.
    pub(crate) fn kill(mut self) {
        self.child.kill().expect("it was running");
        self.child.wait().expect("it ends");
    }

    /// Asks it to stop, as systemd does.
    pub(crate) fn terminate(mut self) -> ExitStatus {
        let pid = self.child.id().to_string();
        let sent = Command::new("kill")
            .args(["-TERM", &pid])
            .status()
            .expect("kill runs");
        assert!(sent.success());
        self.child.wait().expect("it ends")
    }
}

impl Drop for Serving {
    fn drop(&mut self) {
        // It has ended already where it was asked to.
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// A path as an argument.
pub(crate) fn text(path: &Path) -> &str {
    path.to_str().expect("UTF-8")
}
