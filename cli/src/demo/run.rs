//! The command: sets the stage, plays all scripts at once, and says how it went.

use std::path::{Path, PathBuf};
use std::process::ExitCode;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::{Duration, Instant};

use anyhow::{Context, Result};
use clap::Args;
use indicatif::{ProgressBar, ProgressStyle};
use tokio::runtime::Runtime;

use super::clock::MorningClock;
use super::director::{Director, Gate, Scene};
use super::handset::Handset;
use super::link::Link;
use super::map::MapWatch;
use super::plan::{Script, plan};
use super::stage::{Chance, Stage};
use super::tally::{Summary, Tally, broken, table, unproved};
use super::witness::{Told, compare};
use crate::output;

/// How long the morning takes at speed 1.
const MORNING: Duration = Duration::from_secs(4 * 60);

/// How long the last changes may take to reach the map.
const LAST_CHANGES: Duration = Duration::from_millis(1_500);

/// A stop is noticed after this long.
const STOP_POLL: Duration = Duration::from_millis(50);

/// As a shell reports a program that was ended by Ctrl-C.
const INTERRUPTED: u8 = 130;

/// Show everything at once: a city hall fills on a live map
///
/// Makes an organisation (2 buildings, 5 floors, 400 seats, 1,200 staff, 120 things to borrow) in a
/// temporary folder, starts the server on a free port of this computer, prints the address of the
/// live map and a sign-in link, and plays a morning. Every simulated phone is the real engine with
/// its own database; it is shown frames drawn by a synthetic camera, loses the network and finds it
/// again, and a quarter of the phones are processes that are killed and started again.
///
/// With --check there is no browser and no waiting: afterwards what each phone was told was saved is
/// compared with what the server holds. The exit status is 0 only when nothing was lost, doubled or
/// out of order, and when phones were killed, syncs cut off and events delivered twice.
///
/// The seed fixes frames, actions and faults. How long things take it does not fix, nor how two
/// phones interleave at the server.
#[derive(Args)]
pub(crate) struct DemoArgs {
    /// Play at once, compare, and exit
    #[arg(long)]
    check: bool,
    /// Simulated phones
    #[arg(long, value_name = "N", default_value_t = 60, value_parser = clap::value_parser!(u16).range(1..=110))]
    phones: u16,
    /// Fixes frames, actions and faults
    #[arg(long, value_name = "N", default_value_t = 7)]
    seed: u64,
    /// How many times faster than four minutes the morning passes
    #[arg(long, value_name = "FACTOR", default_value_t = 1.0, value_parser = speed, conflicts_with = "check")]
    speed: f32,
    /// Keep everything in this folder, which must be empty
    #[arg(long, value_name = "DIR")]
    data: Option<PathBuf>,
    /// Print the result as JSON
    #[arg(long)]
    json: bool,
}

fn speed(text: &str) -> Result<f32, String> {
    match text.parse::<f32>() {
        Ok(speed) if (0.1..=100.0).contains(&speed) => Ok(speed),
        _ => Err("a factor is a number from 0.1 to 100".to_owned()),
    }
}

/// Where everything is kept: a folder that was asked for, or one that goes with the demo.
struct Folder {
    path: PathBuf,
    _temporary: Option<tempfile::TempDir>,
}

impl Folder {
    fn open(asked: Option<&Path>) -> Result<Self> {
        match asked {
            Some(path) => Ok(Self {
                path: path.to_owned(),
                _temporary: None,
            }),
            None => {
                let temporary = tempfile::Builder::new().prefix("kokoni-demo-").tempdir()?;
                Ok(Self {
                    path: temporary.path().to_owned(),
                    _temporary: Some(temporary),
                })
            }
        }
    }
}

pub(crate) fn run(args: &DemoArgs) -> Result<ExitCode> {
    let begun = Instant::now();
    let runtime = Runtime::new().context("the network cannot be used")?;
    let stop = stop_on_signal(&runtime);
    let folder = Folder::open(args.data.as_deref())?;
    let morning = MorningClock::starting_now();
    let chance = if args.check {
        Chance::Seeded(args.seed)
    } else {
        Chance::System
    };
    let stage = Stage::build(
        &runtime,
        &folder.path.join("server"),
        args.seed,
        chance,
        morning,
    )?;
    if !args.check {
        welcome(&stage)?;
    }
    let scripts = plan(args.phones.into(), args.seed, &stage.supply());
    let code = stage.code(stage.administrator())?;
    let map = MapWatch::open(&runtime, stage.address, &code.link, &stage.floors)?;
    let bar = progress_bar(&scripts);
    let played = Instant::now();
    let wait_until = |at: f32| {
        if !args.check {
            sleep_until(played + MORNING.mul_f32(at / args.speed), &stop);
        }
        !stop.load(Ordering::SeqCst)
    };
    let scene = Scene {
        stage: &stage,
        map: &map,
        gate: &Gate::new(std::thread::available_parallelism().map_or(1, usize::from)),
        on_step: &|| bar.inc(1),
        wait_until: &wait_until,
    };
    let phones = folder.path.join("phones");
    let (told, mut tally) = play(&runtime, &scene, &scripts, &phones, morning, &stop)?;
    bar.finish_and_clear();
    if stop.load(Ordering::SeqCst) && args.check {
        stage.stop(&runtime)?;
        output::print("Stopped before its end; nothing was compared.")?;
        return Ok(ExitCode::from(INTERRUPTED));
    }
    sleep_until(Instant::now() + LAST_CHANGES, &stop);
    tally.on_map_ms = map.took_ms();
    drop(map);
    let verdict = compare(&told, &stage.held()?);
    let mut failures = broken(&tally, &verdict);
    if args.check {
        failures.extend(unproved(&tally, scripts.len()));
    }
    let seconds = begun.elapsed().as_secs_f64();
    if args.json {
        let facts = (scripts.len(), args.seed, seconds);
        output::print_json(&Summary::new(&tally, &verdict, &failures, facts))?;
    } else {
        output::print(&table(&tally, &verdict))?;
        output::print(&format!(
            "{} phones, seed {}, {seconds:.1} s",
            scripts.len(),
            args.seed
        ))?;
        for failure in &failures {
            output::print(&format!("FAILED: {failure}"))?;
        }
    }
    if !args.check && !stop.load(Ordering::SeqCst) {
        output::print("The morning is over; the map stays open. Ctrl-C stops the server.")?;
        while !stop.load(Ordering::SeqCst) {
            std::thread::sleep(STOP_POLL);
        }
    }
    stage.stop(&runtime)?;
    Ok(if failures.is_empty() {
        ExitCode::SUCCESS
    } else {
        ExitCode::FAILURE
    })
}

fn welcome(stage: &Stage) -> Result<()> {
    let code = stage.code(stage.administrator())?.link;
    let (address, floor) = (stage.address, stage.floors[0]);
    output::print(&format!("Live map: http://{address}/floors/{floor}"))?;
    output::print(&format!(
        "Sign in:  http://{address}/sign-in?next=/floors/{floor}#{code}"
    ))?;
    output::print("The link is good for 15 minutes and one browser. Ctrl-C stops everything.\n")
}

/// Plays every script in a thread of its own; what was not begun when all is to stop is left out.
fn play(
    runtime: &Runtime,
    scene: &Scene<'_>,
    scripts: &[Script],
    phones: &Path,
    morning: MorningClock,
    stop: &AtomicBool,
) -> Result<(Vec<Told>, Tally)> {
    let one = |number: usize, script: &Script| -> Result<Option<(Told, Tally)>> {
        let folder = phones.join(format!("{number:03}"));
        std::fs::create_dir_all(&folder)
            .with_context(|| format!("cannot make {}", folder.display()))?;
        let link = runtime.block_on(Link::to(scene.stage.address))?;
        let handset = Handset::start(script.runs_in, &folder, morning)?;
        let director = Director::enrol(scene, script, handset, link)?;
        director.map(Director::play).transpose()
    };
    let results: Vec<Result<Option<(Told, Tally)>>> = std::thread::scope(|scope| {
        let playing: Vec<_> = scripts
            .iter()
            .enumerate()
            .map(|(number, script)| {
                scope.spawn(move || {
                    let played = one(number, script)
                        .with_context(|| format!("phone {number} of {}", scripts.len()));
                    // The others need not go on when one has failed.
                    if played.is_err() {
                        stop.store(true, Ordering::SeqCst);
                    }
                    played
                })
            })
            .collect();
        playing
            .into_iter()
            .map(|thread| {
                thread
                    .join()
                    .unwrap_or_else(|panic| std::panic::resume_unwind(panic))
            })
            .collect()
    });
    let mut all = Tally::default();
    let mut told = Vec::new();
    for result in results {
        if let Some((phone, tally)) = result? {
            all.add(&tally);
            told.push(phone);
        }
    }
    Ok((told, all))
}

fn progress_bar(scripts: &[Script]) -> ProgressBar {
    let steps: usize = scripts.iter().map(|script| script.steps.len()).sum();
    let bar = ProgressBar::new(steps as u64);
    let style = ProgressStyle::with_template("{elapsed_precise} {bar:40} {pos}/{len} steps")
        .unwrap_or_else(|_| ProgressStyle::default_bar());
    bar.set_style(style);
    bar
}

/// Set when the person, or the system, asks the program to end.
fn stop_on_signal(runtime: &Runtime) -> Arc<AtomicBool> {
    let stop = Arc::new(AtomicBool::new(false));
    let asked = stop.clone();
    runtime.spawn(async move {
        crate::signals::asked_to_stop().await;
        asked.store(true, Ordering::SeqCst);
        // Whoever asks twice does not want to wait.
        crate::signals::asked_to_stop().await;
        std::process::exit(INTERRUPTED.into());
    });
    stop
}

fn sleep_until(moment: Instant, stop: &AtomicBool) {
    while !stop.load(Ordering::SeqCst) {
        let left = moment.saturating_duration_since(Instant::now());
        if left.is_zero() {
            return;
        }
        std::thread::sleep(left.min(STOP_POLL));
    }
}
