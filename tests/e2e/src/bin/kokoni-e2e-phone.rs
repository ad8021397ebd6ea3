//! `kokoni-e2e-phone DATA`: the engine in a process of its own, told what to do line by line
//! ([`Command`]) and saying what came of it ([`Said`]). What it says is saved, is saved: whoever
//! listens may kill it after that.

use std::error::Error;
use std::io::{BufRead, Write};
use std::sync::Arc;

use kokoni_client::{CallOptions, Engine, Invitation, SystemClock};
use kokoni_e2e::phone::{self, WITHIN};
use kokoni_e2e::process::{Command, Said};
use kokoni_model::event::Via;
use kokoni_model::wire::enrolment::Platform;

fn main() -> Result<(), Box<dyn Error>> {
    let data = std::env::args_os()
        .nth(1)
        .ok_or("the data folder is missing")?;
    let engine = phone::open(data.as_ref(), Arc::new(SystemClock::new()))?;
    say(&Said::Open)?;
    for line in std::io::stdin().lock().lines() {
        let command = serde_json::from_str(&line?)?;
        say(
            &obey(&engine, command).unwrap_or_else(|error| Said::Failed {
                why: error.to_string(),
            }),
        )?;
    }
    engine.shut_down();
    Ok(())
}

fn obey(engine: &Engine, command: Command) -> Result<Said, kokoni_client::ClientError> {
    let options = CallOptions::within(WITHIN);
    Ok(match command {
        Command::Enrol { link } => {
            let invitation = Invitation::from_link(&link)?;
            engine.enrol(&invitation, "phone", Platform::Cli, &options)?;
            Said::Enrolled
        }
        Command::Record { label, meaning } => {
            let saved = engine.record(label, meaning, Via::Camera)?;
            Said::Saved {
                epoch: saved.epoch,
                seq: saved.seq,
            }
        }
        Command::Sync => Said::of_sync(&engine.sync(&options)?),
        Command::Items => Said::Items {
            count: engine.items_now(&options)?.items.len(),
        },
    })
}

fn say(said: &Said) -> std::io::Result<()> {
    let mut out = std::io::stdout().lock();
    serde_json::to_writer(&mut out, said)?;
    writeln!(out)?;
    out.flush()
}
