//! Parts that leave a processor idle run beside one another, each lane in a process of its own.
//!
//! A lane's output goes to `target/test-lanes/` and is printed whole when the lane ends, so that
//! lines of two lanes never mix. What its parts came to reaches this process as JSON.

use std::fs::{self, File};
use std::io::Write;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::thread;

use anyhow::{Context, Result, anyhow};

use super::summary::Row;
use crate::project::Project;

/// The parts of one lane by their names, run one after another.
pub(super) type Lane = Vec<String>;

/// Runs the lanes to their ends; gives the rows of every part, lane by lane. A lane that ends
/// without an account of its parts is one failure.
pub(super) fn run(project: &Project, lanes: &[Lane]) -> Result<Vec<Row>> {
    let folder = project.target().join("test-lanes");
    fs::create_dir_all(&folder)?;
    let names: Vec<String> = lanes.iter().map(|lane| lane.join(" ")).collect();
    println!("\n== beside one another: {} ==", names.join(" | "));
    println!("(what each lane prints follows when it ends)");
    std::io::stdout().flush()?;
    let ran = thread::scope(|scope| {
        let running: Vec<_> = lanes
            .iter()
            .map(|lane| scope.spawn(|| one(project, &folder, lane)))
            .collect();
        running
            .into_iter()
            .map(|lane| {
                lane.join()
                    .unwrap_or_else(|_| Err(anyhow!("the lane panicked")))
            })
            .collect::<Vec<_>>()
    });
    Ok(ran
        .into_iter()
        .zip(lanes)
        .flat_map(|(rows, lane)| rows.unwrap_or_else(|error| vec![Row::broken(lane, &error)]))
        .collect())
}

/// One lane: this program again, asked for the lane's parts.
fn one(project: &Project, folder: &Path, lane: &Lane) -> Result<Vec<Row>> {
    let (log, rows) = files(folder, lane);
    let _ = fs::remove_file(&rows);
    let output = File::create(&log).with_context(|| log.display().to_string())?;
    let status = Command::new(std::env::current_exe()?)
        .current_dir(&project.root)
        .arg("test")
        .args(lane)
        .arg("--rows")
        .arg(&rows)
        .stdin(Stdio::null())
        .stdout(output.try_clone()?)
        .stderr(output)
        .status();
    let printed = fs::read(&log)?;
    let mut terminal = std::io::stdout().lock();
    terminal.write_all(&printed)?;
    terminal.flush()?;
    drop(terminal);
    let status = status.context("cannot start the lane")?;
    let json = fs::read_to_string(&rows)
        .with_context(|| format!("the lane ended with {status} and left no account"))?;
    serde_json::from_str(&json).context("the lane's account cannot be read")
}

fn files(folder: &Path, lane: &Lane) -> (PathBuf, PathBuf) {
    let name = lane.join("-");
    (
        folder.join(format!("{name}.log")),
        folder.join(format!("{name}.json")),
    )
}
