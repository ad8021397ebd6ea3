//! A phone as the demo holds it: in a thread, or in a process of its own that can be killed and
//! started again on the same files.

use std::io::{BufRead, BufReader, Write};
use std::path::{Path, PathBuf};
use std::process::{Child, ChildStdin, Stdio};
use std::sync::mpsc::{self, Receiver, RecvTimeoutError};
use std::time::Duration;

use anyhow::{Context, Result, bail};

use super::clock::MorningClock;
use super::phone::Phone;
use super::plan::RunsIn;
use super::protocol::{Answer, Command};

/// A phone that has not answered for this long never will: longer than any call waits.
pub(super) const ANSWERS_WITHIN: Duration = Duration::from_secs(120);

/// One phone, whichever way it runs.
pub(super) enum Handset {
    Thread(Box<Phone>),
    Child(ChildPhone),
}

impl Handset {
    /// Starts a phone on its folder.
    pub(super) fn start(runs_in: RunsIn, folder: &Path, morning: MorningClock) -> Result<Self> {
        Ok(match runs_in {
            RunsIn::Thread => Self::Thread(Box::new(Phone::open(folder, morning)?)),
            RunsIn::ChildProcess => Self::Child(ChildPhone::start(folder, morning)?),
        })
    }

    /// Tells the phone to do something, and waits for its answer. That it refused is an error.
    pub(super) fn ask(&mut self, command: &Command) -> Result<Answer> {
        let answer = match self {
            Self::Thread(phone) => phone.obey(command),
            Self::Child(child) => {
                child.tell(command)?;
                child.answer()?
            }
        };
        match answer {
            Answer::Failed { why } => bail!("a phone refused: {why}"),
            answer => Ok(answer),
        }
    }

    /// The process, for those that can be killed.
    pub(super) fn child(&mut self) -> Result<&mut ChildPhone> {
        match self {
            Self::Child(child) => Ok(child),
            Self::Thread(_) => bail!("a phone in a thread cannot be killed"),
        }
    }
}

/// A phone in a process of its own.
pub(super) struct ChildPhone {
    folder: PathBuf,
    morning: MorningClock,
    process: Process,
}

struct Process {
    child: Child,
    commands: ChildStdin,
    answers: Receiver<Answer>,
}

impl ChildPhone {
    fn start(folder: &Path, morning: MorningClock) -> Result<Self> {
        Ok(Self {
            folder: folder.to_owned(),
            morning,
            process: Process::spawn(folder, morning)?,
        })
    }

    /// Tells the phone to do something and does not wait.
    pub(super) fn tell(&mut self, command: &Command) -> Result<()> {
        let line = serde_json::to_string(command)?;
        let commands = &mut self.process.commands;
        writeln!(commands, "{line}").context("a phone's process does not listen")?;
        Ok(commands.flush()?)
    }

    fn answer(&mut self) -> Result<Answer> {
        self.process
            .answers
            .recv_timeout(ANSWERS_WITHIN)
            .map_err(|error| match error {
                RecvTimeoutError::Timeout => anyhow::anyhow!("a phone's process does not answer"),
                RecvTimeoutError::Disconnected => {
                    anyhow::anyhow!("a phone's process ended by itself")
                }
            })
    }

    /// The answer, if it is there already.
    pub(super) fn answer_so_far(&mut self) -> Option<Answer> {
        self.process.answers.try_recv().ok()
    }

    /// Ends the process with SIGKILL; gives what it managed to say before.
    pub(super) fn kill(&mut self) -> Result<Vec<Answer>> {
        self.process
            .child
            .kill()
            .context("a phone's process cannot be killed")?;
        self.process.child.wait()?;
        // The pipe has an end now, and so has this.
        Ok(self.process.answers.iter().collect())
    }

    /// Starts the phone again on the same files.
    pub(super) fn start_again(&mut self) -> Result<()> {
        self.process = Process::spawn(&self.folder, self.morning)?;
        Ok(())
    }
}

impl Process {
    fn spawn(folder: &Path, morning: MorningClock) -> Result<Self> {
        let program = std::env::current_exe().context("the program does not find itself")?;
        let mut command = std::process::Command::new(program);
        // Ctrl-C is for the demo, which then ends its phones.
        #[cfg(unix)]
        std::os::unix::process::CommandExt::process_group(&mut command, 0);
        let mut child = command
            .arg("demo-phone")
            .arg("--data")
            .arg(folder)
            .arg(format!("--moved-us={}", morning.moved_us))
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .spawn()
            .context("a phone's process cannot be started")?;
        let commands = child
            .stdin
            .take()
            .context("a phone's process takes no commands")?;
        let stdout = child
            .stdout
            .take()
            .context("a phone's process says nothing")?;
        let (sender, answers) = mpsc::channel();
        std::thread::spawn(move || {
            for line in BufReader::new(stdout).lines() {
                // A line cut short by a kill was never said.
                let Some(answer) = line.ok().and_then(|line| serde_json::from_str(&line).ok())
                else {
                    break;
                };
                if sender.send(answer).is_err() {
                    break;
                }
            }
        });
        let process = Self {
            child,
            commands,
            answers,
        };
        match process.answers.recv_timeout(ANSWERS_WITHIN) {
            Ok(Answer::Ready) => Ok(process),
            _ => bail!("a phone's process did not start"),
        }
    }
}

/// No phone outlives the demo.
impl Drop for Process {
    fn drop(&mut self) {
        // It has ended already where it was killed.
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}
