//! The `kokoni` program. This file is its table of contents: each command owns its arguments and a
//! `run` in a file or folder of its own.

mod administration;
mod demo;
mod invitation;
mod label;
mod logging;
mod output;
mod picture;
mod read;
mod scan;
mod serve;
mod signals;

use std::io::Write;
use std::process::ExitCode;

use anyhow::Result;
use clap::{CommandFactory, Parser, Subcommand};

/// Kokoni (ココニ, "right here"): check-in for offices without fixed desks
#[derive(Parser)]
#[command(name = "kokoni", version, max_term_width = 100)]
struct Kokoni {
    #[command(subcommand)]
    command: Command,
}

#[derive(Subcommand)]
enum Command {
    Demo(demo::DemoArgs),
    Serve(serve::ServeArgs),
    Init(administration::InitArgs),
    Enrol(administration::EnrolArgs),
    Label(label::LabelArgs),
    Read(read::ReadArgs),
    Scan(scan::ScanArgs),
    /// Print completions for your shell
    Completions {
        /// Which shell
        shell: clap_complete::Shell,
    },
    /// One simulated phone of the demo, which starts it itself
    #[command(hide = true)]
    DemoPhone(demo::DemoPhoneArgs),
}

fn main() -> ExitCode {
    match run(Kokoni::parse().command) {
        Ok(code) => code,
        Err(error) if output::is_closed_pipe(&error) => ExitCode::SUCCESS,
        Err(error) => {
            // Whoever does not listen to standard error either is told by the exit status.
            let _ = writeln!(
                std::io::stderr().lock(),
                "error: {}",
                output::in_one_line(&error)
            );
            ExitCode::FAILURE
        }
    }
}

fn run(command: Command) -> Result<ExitCode> {
    match command {
        Command::Demo(args) => demo::run(&args),
        Command::Serve(args) => serve::run(args).map(|()| ExitCode::SUCCESS),
        Command::Init(args) => administration::init(&args).map(|()| ExitCode::SUCCESS),
        Command::Enrol(args) => administration::enrol(&args).map(|()| ExitCode::SUCCESS),
        Command::DemoPhone(args) => demo::run_phone(&args).map(|()| ExitCode::SUCCESS),
        Command::Label(args) => label::run(args).map(|()| ExitCode::SUCCESS),
        Command::Read(args) => read::run(&args),
        Command::Scan(args) => scan::run(&args),
        Command::Completions { shell } => {
            let mut program = Kokoni::command();
            let mut script = Vec::new();
            clap_complete::generate(shell, &mut program, "kokoni", &mut script);
            std::io::stdout().lock().write_all(&script)?;
            Ok(ExitCode::SUCCESS)
        }
    }
}
