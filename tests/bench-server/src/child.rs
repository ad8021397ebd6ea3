//! The server that is measured, in a process of its own; killed when it is dropped.

use std::io::{BufRead, BufReader, Write};
use std::net::{Ipv4Addr, SocketAddr};
use std::path::Path;
use std::process::Stdio;
use std::time::{Duration, Instant};

use anyhow::{Context, Result, ensure};
use clap::ValueEnum;
use kokoni_model::ids::FloorId;
use kokoni_model::label::LabelId;
use kokoni_server::Server;
use kokoni_server::config::{Config, Grouping, Keeping};
use serde::{Deserialize, Serialize};
use tempfile::TempDir;

use crate::connection::{Connection, get};
use crate::office::{self, Phone};
use crate::process;

/// How the measured server treats an event.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(crate) enum Mode {
    /// As it is: events of many phones in one commit.
    Grouped,
    /// A commit for every request.
    EachRequest,
    /// The same server, and its store only answers: the same connections, tokens, reading of the
    /// body, queue, groups, thread and answers, without a transaction.
    OnlyAnswers,
}

/// What the child says once it listens.
#[derive(Serialize, Deserialize)]
struct Hello {
    address: SocketAddr,
    floor: FloorId,
    seats: Vec<LabelId>,
    tokens: Vec<String>,
    code: String,
}

/// A running server.
pub(crate) struct Child {
    process: std::process::Child,
    hello: Hello,
    first_answer: Duration,
    _data: TempDir,
}

impl Child {
    /// Starts a server with an office of this many people and waits for its first answer.
    pub(crate) fn start(mode: Mode, people: usize) -> Result<Self> {
        let data = tempfile::tempdir()?;
        let mode = mode.to_possible_value().context("every mode has a name")?;
        let mut process = std::process::Command::new(std::env::current_exe()?)
            .args([
                "serve",
                "--mode",
                mode.get_name(),
                "--people",
                &people.to_string(),
            ])
            .arg("--data")
            .arg(data.path())
            .stdout(Stdio::piped())
            .spawn()?;
        let output = process.stdout.take().context("the child has an output")?;
        let mut lines = BufReader::new(output).lines();
        ensure!(
            lines.next().transpose()?.as_deref() == Some("made"),
            "the office was not made"
        );
        let begun = Instant::now();
        let hello = lines
            .next()
            .transpose()?
            .context("the server said nothing")?;
        let hello: Hello = serde_json::from_str(&hello)?;
        Ok(Self {
            process,
            hello,
            first_answer: begun.elapsed(),
            _data: data,
        })
    }

    pub(crate) fn address(&self) -> SocketAddr {
        self.hello.address
    }

    pub(crate) fn floor(&self) -> FloorId {
        self.hello.floor
    }

    pub(crate) fn seats(&self) -> &[LabelId] {
        &self.hello.seats
    }

    /// From the opening of an existing database to the first answer.
    pub(crate) fn first_answer(&self) -> Duration {
        self.first_answer
    }

    pub(crate) fn resident_mib(&self) -> Result<f64> {
        process::resident_mib(self.process.id())
    }

    /// How long the server has had a processor so far.
    pub(crate) fn processor_time(&self) -> Result<Duration> {
        process::processor_time(self.process.id())
    }

    /// Everybody's phones, in an order that has nothing to do with that of enrolment: neighbours in
    /// the database do not come to the office side by side.
    pub(crate) fn phones(&self) -> Vec<Phone> {
        // Coprime to every number of people here that is not a multiple of it.
        const STEP: usize = 7_919;
        let tokens = &self.hello.tokens;
        (0..tokens.len())
            .map(|number| number * STEP % tokens.len())
            .map(|person| Phone::new(&tokens[person], person as u16))
            .collect()
    }

    /// Signs a browser in and gives its cookie.
    pub(crate) async fn cookie(&self) -> Result<String> {
        let link = &self.hello.code;
        let code = link.rsplit('#').next().unwrap_or(link);
        crate::connection::sign_in(self.hello.address, code).await
    }

    /// Applied events for each commit, from the server's own counters.
    pub(crate) async fn events_a_commit(&self) -> Result<Option<f64>> {
        let answer = Connection::open(self.hello.address)
            .await?
            .ask(&get("/metrics", &[]))
            .await?;
        let text = String::from_utf8_lossy(&answer.body);
        let counter = |name: &str| -> Option<f64> {
            let lines = text.lines().filter(|line| line.starts_with(name));
            let values = lines.filter_map(|line| line.rsplit(' ').next()?.parse::<f64>().ok());
            Some(values.sum::<f64>()).filter(|&sum| sum > 0.0)
        };
        Ok(counter("kokoni_group_events_sum")
            .zip(counter("kokoni_group_events_count"))
            .map(|(events, commits)| events / commits))
    }
}

impl Drop for Child {
    fn drop(&mut self) {
        // It may have ended by itself; then there is nothing to kill.
        let _ = self.process.kill();
        let _ = self.process.wait();
    }
}

/// The child's side: makes the office, then opens the folder as a server does every morning.
pub(crate) async fn serve(mode: Mode, data: &Path, people: usize) -> Result<()> {
    let mut config = Config::new(data, SocketAddr::from((Ipv4Addr::LOCALHOST, 0)));
    match mode {
        Mode::Grouped => {}
        Mode::EachRequest => config.grouping = Grouping::NONE,
        Mode::OnlyAnswers => config.keeping = Keeping::Nothing,
    }
    let office = {
        let server = Server::bind(config.clone()).await?;
        let store = server.app().store.clone();
        tokio::task::spawn_blocking(move || office::make(&store, people)).await??
    };
    say("made")?;
    let server = Server::bind(config).await?;
    let address = server.local_addr();
    let serving = tokio::spawn(server.run(std::future::pending()));
    let probe = Connection::open(address)
        .await?
        .ask(&get("/healthz", &[]))
        .await?;
    ensure!(
        probe.status == 200,
        "the server answered its first question {}",
        probe.status
    );
    let office = Hello {
        address,
        floor: office.floor,
        seats: office.seats,
        tokens: office.tokens,
        code: office.code,
    };
    say(&serde_json::to_string(&office)?)?;
    Ok(serving.await??)
}

fn say(line: &str) -> Result<()> {
    let mut output = std::io::stdout().lock();
    writeln!(output, "{line}")?;
    Ok(output.flush()?)
}
