//! `cargo xtask bench queue`: the phone's queue beside what it could be at best.
//!
//! Every figure is of this run on this machine: trust the ratios. What is compared takes turns, so
//! that a busy moment of the machine meets both. Phone and server run in this one process.
#![expect(
    clippy::print_stdout,
    reason = "a program for the terminal: what it prints is what it is for"
)]

mod bare;
mod drain;
mod figures;
mod idle;
mod scene;

use std::time::Instant;

use anyhow::{Context, Result};
use clap::Parser;
use comfy_table::Table;
use kokoni_client::Engine;
use kokoni_model::event::{Meaning, Via};

use crate::bare::BareQueue;
use crate::figures::{Times, millis};
use crate::scene::Scene;

/// Measures the phone's queue: figures and ratios of one run
#[derive(Parser)]
struct Args {
    /// Scans saved one by one, for the time from tap to saved
    #[arg(long, default_value_t = 2_000)]
    taps: usize,
    /// Events that wait when the app is opened and when the network is back
    #[arg(long, default_value_t = 10_000)]
    queued: usize,
    /// Seconds for which an idle engine is watched
    #[arg(long, default_value_t = 15)]
    idle_seconds: u64,
}

fn main() -> Result<()> {
    let args = Args::parse();
    let encrypted = cfg!(feature = "encrypted");
    println!(
        "The phone's queue, SQLite {}, {}",
        rusqlite::version(),
        if encrypted {
            "encrypted"
        } else {
            "in the clear"
        }
    );
    let mut table = Table::new();
    table.set_header(["what", "ours", "beside it", "ratio", "target"]);
    let scene = Scene::start()?;
    idle::measure(&scene, args.idle_seconds, &mut table)?;
    tap_to_saved(&scene, args.taps, encrypted, &mut table)?;
    queued(&scene, args.queued, encrypted, &mut table)?;
    println!("{table}");
    Ok(())
}

/// From the tap to "saved", beside a bare commit of the same row with the same durability.
fn tap_to_saved(scene: &Scene, taps: usize, encrypted: bool, table: &mut Table) -> Result<()> {
    let phone = scene.phone("tap", 1)?;
    let mut bare = BareQueue::create(&scene.folder("bare"), scene.seat())?;
    let (mut ours, mut beside) = (Times::default(), Times::default());
    for number in 0..taps {
        let save = |times: &mut Times| times.take(|| tap(&phone, scene));
        // Whoever comes second finds the disk warmer: they take turns at that, too.
        if number % 2 == 0 {
            save(&mut ours)?;
            beside.take(|| bare.commit())?;
        } else {
            beside.take(|| bare.commit())?;
            save(&mut ours)?;
        }
    }
    let most = if encrypted { 2.0 } else { 1.3 };
    for (name, share) in [("median", 0.5), ("99 of 100", 0.99)] {
        let (ours, beside) = (ours.quantile(share), beside.quantile(share));
        table.add_row([
            format!("tap to saved, {name}, ms"),
            millis(ours),
            format!("{} bare FULL commit", millis(beside)),
            format!("{:.2}", ours.as_secs_f64() / beside.as_secs_f64()),
            if share == 0.5 {
                format!("<= {most}")
            } else {
                String::new()
            },
        ]);
    }
    phone.shut_down();
    Ok(())
}

fn tap(phone: &Engine, scene: &Scene) -> Result<()> {
    phone.record(scene.seat(), Meaning::Sit, Via::Camera)?;
    Ok(())
}

/// Opening the app with many events waiting, the size of its database, and draining it.
fn queued(scene: &Scene, queued: usize, encrypted: bool, table: &mut Table) -> Result<()> {
    const OPENINGS: usize = 20;
    let phone = scene.phone("queued", 2)?;
    for _ in 0..queued {
        tap(&phone, scene)?;
    }
    phone.shut_down();
    drop(phone);
    let (mut opening, mut first_screen) = (Times::default(), Times::default());
    for _ in 0..OPENINGS {
        let opened = opening.take(|| scene.open("queued"))?;
        first_screen.take(|| Ok(opened.today()?))?;
        opened.shut_down();
    }
    let target = if encrypted { "" } else { "< 50" };
    for (what, times, target) in [
        (format!("opening with {queued} waiting"), opening, target),
        (
            format!("then the day, all {queued} of it"),
            first_screen,
            "",
        ),
    ] {
        table.add_row([
            format!("{what}, median, ms"),
            millis(times.quantile(0.5)),
            String::new(),
            String::new(),
            target.into(),
        ]);
    }
    let bytes = std::fs::metadata(scene.database("queued"))?.len();
    table.add_row([
        "database, kB for 1,000 events".to_owned(),
        format!("{:.0}", bytes as f64 / queued as f64),
        String::new(),
        String::new(),
        String::new(),
    ]);
    let phone = scene.open("queued")?;
    let begun = Instant::now();
    let bare = drain::bare_rate(scene, queued).context("the bare batches")?;
    let ours = drain::rate(&phone, queued).context("the engine's own drain")?;
    table.add_row([
        format!("draining {queued}, events/s"),
        format!("{ours:.0}"),
        format!("{bare:.0} bare batches of 500"),
        format!("{:.2}", ours / bare),
        ">= 0.5".into(),
    ]);
    println!(
        "(drained in {:.1} s together)",
        begun.elapsed().as_secs_f64()
    );
    phone.shut_down();
    Ok(())
}
