//! `cargo xtask COMMAND`: the one typed place for what checks and measures the project.
//!
//! This file is the table of contents. Each command owns its arguments and a `run` in a file of
//! its own; [`project`] knows where things lie and how programs are run, [`machine`] what the
//! machine must have.
#![expect(
    clippy::print_stdout,
    clippy::print_stderr,
    reason = "a program for the terminal: what it prints is what it is for"
)]

mod android;
mod bench;
mod bindings;
mod fuzz;
mod kotlin;
mod machine;
mod named_test;
mod packaging;
mod project;
mod sabotage;
mod soak;
mod swift;
mod test;

use std::process::ExitCode;

use clap::{Parser, Subcommand};

use crate::project::Project;

/// Checks and measures the Kokoni project.
#[derive(Parser)]
#[command(name = "cargo xtask", bin_name = "cargo xtask")]
struct Xtask {
    #[command(subcommand)]
    command: Command,
}

#[derive(Subcommand)]
enum Command {
    /// Run everything that checks the project, or the parts named
    Test(test::TestArgs),
    /// Run a benchmark
    Bench(bench::BenchArgs),
    /// Fuzz the reader for some minutes, or say how long it has been fuzzed
    Fuzz(fuzz::FuzzArgs),
    /// Try the promises of the queue for as long as you like, from many seeds
    Soak(soak::SoakArgs),
    /// Break each promise of the queue on purpose and see its test fail
    Sabotage(sabotage::SabotageArgs),
    /// Build the library for Kotlin and Swift, write their sources, measure its size
    #[command(subcommand)]
    Bindings(bindings::BindingsCommand),
    /// Build the library for each architecture of Android (needs the NDK)
    AndroidLibs(packaging::PackagingArgs),
    /// Build the framework for the Swift package (needs macOS with Xcode)
    Xcframework(packaging::PackagingArgs),
    /// Generate the Kotlin bindings and run Maven on the Kotlin modules
    Kotlin(kotlin::KotlinArgs),
    /// Make the Android app's package, or run Maven on the app
    Android(android::AndroidArgs),
    /// Build the Swift package, or run a program of the Swift toolchain in its folder
    Swift(swift::SwiftArgs),
}

fn main() -> ExitCode {
    let command = Xtask::parse().command;
    let done = Project::find().and_then(|project| match command {
        Command::Test(args) => test::run(&project, &args),
        Command::Bench(args) => bench::run(&project, &args),
        Command::Fuzz(args) => fuzz::run(&project, &args),
        Command::Soak(args) => soak::run(&project, &args),
        Command::Sabotage(args) => sabotage::run(&project, &args),
        Command::AndroidLibs(args) => packaging::android_libs(&project, &args),
        Command::Xcframework(args) => packaging::xcframework(&project, &args),
        Command::Bindings(command) => bindings::run(&project, &command),
        Command::Kotlin(args) => kotlin::run(&project, &args),
        Command::Android(args) => android::run(&project, &args),
        Command::Swift(args) => swift::run(&project, &args),
    });
    done.unwrap_or_else(|error| {
        eprintln!("error: {error:#}");
        ExitCode::FAILURE
    })
}
