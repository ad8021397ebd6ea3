//! The server and the phone as processes of their own, which can be killed at any moment.

use std::io::{BufRead, BufReader, Write};
use std::net::SocketAddr;
use std::path::Path;
use std::process::{Child, ChildStdin, Command as Program, Stdio};
use std::sync::mpsc::{Receiver, channel};
use std::time::Duration;

use kokoni_client::SyncReport;
use kokoni_model::event::{Epoch, Meaning};
use kokoni_model::label::LabelId;
use serde::{Deserialize, Serialize};

/// No step takes longer on a busy machine.
const WITHIN: Duration = Duration::from_secs(60);

/// A process that is told lines and tells lines.
struct Talking {
    child: Child,
    ear: Option<ChildStdin>,
    lines: Receiver<String>,
}

impl Talking {
    fn start(program: &str, arguments: &[&std::ffi::OsStr]) -> Self {
        let mut child = Program::new(program)
            .args(arguments)
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .spawn()
            .unwrap_or_else(|error| panic!("{program}: {error}"));
        let mouth = child.stdout.take().expect("piped");
        let (sender, lines) = channel();
        std::thread::spawn(move || {
            for line in BufReader::new(mouth).lines().map_while(Result::ok) {
                if sender.send(line).is_err() {
                    return;
                }
            }
        });
        Self {
            ear: child.stdin.take(),
            child,
            lines,
        }
    }

    fn tell(&mut self, line: &str) {
        let ear = self.ear.as_mut().expect("not stopped");
        writeln!(ear, "{line}").expect("the process listens");
    }

    /// What it says next; `None` when it has ended.
    fn hear(&self) -> Option<String> {
        match self.lines.recv_timeout(WITHIN) {
            Ok(line) => Some(line),
            Err(std::sync::mpsc::RecvTimeoutError::Disconnected) => None,
            Err(std::sync::mpsc::RecvTimeoutError::Timeout) => {
                panic!("a process said nothing for {WITHIN:?}")
            }
        }
    }

    fn kill(&mut self) {
        // It may have ended by itself.
        let _ = self.child.kill();
        let _ = self.child.wait();
    }

    /// Ends its input and waits for its orderly end.
    fn stop(&mut self) {
        self.ear = None;
        while self.hear().is_some() {}
        let status = self.child.wait().expect("waited for");
        assert!(status.success(), "a process ended with {status}");
    }
}

impl Drop for Talking {
    fn drop(&mut self) {
        self.kill();
    }
}

/// The server in a process.
pub struct ServerProcess {
    process: Talking,
    address: SocketAddr,
}

impl ServerProcess {
    /// Starts `program` on a data folder and waits until it listens. With a public address only
    /// requests for that host are answered.
    pub fn start(program: &str, data: &Path, public: Option<&str>) -> Self {
        let mut arguments = vec![data.as_os_str()];
        arguments.extend(public.map(std::ffi::OsStr::new));
        let process = Talking::start(program, &arguments);
        let address = process.hear().expect("the server says where it listens");
        Self {
            process,
            address: address.parse().expect("an address"),
        }
    }

    /// Where it listens.
    pub fn address(&self) -> SocketAddr {
        self.address
    }

    /// Its address as phones are told it.
    pub fn url(&self) -> String {
        format!("http://{}", self.address)
    }

    /// Puts its clock forward.
    pub fn forward(&mut self, seconds: i64) {
        self.process.tell(&seconds.to_string());
        self.process.hear().expect("the clock was put forward");
    }

    /// SIGKILL.
    pub fn kill(mut self) {
        self.process.kill();
    }

    /// Its orderly end.
    pub fn stop(mut self) {
        self.process.stop();
    }
}

/// What a phone's process is told, a line of JSON each.
#[derive(Debug, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Command {
    /// Enrol with a link.
    Enrol {
        /// `http://ADDRESS/enrol#CODE`.
        link: String,
    },
    /// Save a scan.
    Record {
        /// Which label.
        label: LabelId,
        /// What was meant.
        meaning: Meaning,
    },
    /// Sync once.
    Sync,
    /// Ask the server for the items.
    Items,
}

/// What a phone's process says, a line of JSON each.
#[derive(Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Said {
    /// The engine is open.
    Open,
    /// Enrolled.
    Enrolled,
    /// The scan is on the disk.
    Saved {
        /// Which life of the queue.
        epoch: Epoch,
        /// Its number.
        seq: u64,
    },
    /// A sync came to its end.
    Synced {
        /// How it ended: the `outcome` of [`kokoni_client::SyncOutcome`].
        outcome: String,
        /// Events that still wait.
        waiting: u64,
    },
    /// The server answered with so many items.
    Items {
        /// How many.
        count: usize,
    },
    /// The engine refused.
    Failed {
        /// Why.
        why: String,
    },
}

impl Said {
    /// What is said of a sync.
    pub fn of_sync(outcome: &kokoni_client::SyncOutcome) -> Self {
        let SyncReport { waiting, .. } = outcome.report();
        let named = serde_json::to_value(outcome).expect("serialises");
        Self::Synced {
            outcome: named["outcome"].as_str().expect("a name").to_owned(),
            waiting,
        }
    }
}

/// A phone in a process.
pub struct PhoneProcess(Talking);

impl PhoneProcess {
    /// Starts `program` on a data folder and waits until its engine is open.
    pub fn start(program: &str, data: &Path) -> Self {
        let phone = Self(Talking::start(program, &[data.as_os_str()]));
        assert_eq!(phone.hear(), Some(Said::Open));
        phone
    }

    /// Tells it to do something, without waiting.
    pub fn tell(&mut self, command: &Command) {
        let line = serde_json::to_string(command).expect("serialises");
        self.0.tell(&line);
    }

    /// What it says next; `None` when it was killed before it could.
    pub fn hear(&self) -> Option<Said> {
        let line = self.0.hear()?;
        Some(serde_json::from_str(&line).unwrap_or_else(|error| panic!("{error}: {line}")))
    }

    /// Tells it to do something and waits for its answer.
    ///
    /// # Panics
    /// When it ends instead.
    pub fn ask(&mut self, command: &Command) -> Said {
        self.tell(command);
        self.hear().expect("the phone answers")
    }

    /// SIGKILL; gives what it said before.
    pub fn kill(mut self) -> Option<Said> {
        self.0.kill();
        self.hear()
    }
}
