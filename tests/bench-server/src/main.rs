//! `cargo xtask bench server`: the server side by side with what it could be at best.
//!
//! Every figure is of this run on this machine. The load runs in this process, the server in a
//! child of its own, so both share the machine's cores as they would in no real office: trust the
//! ratios, not the rates.
#![expect(
    clippy::print_stdout,
    reason = "a program for the terminal: what it prints is what it is for"
)]

mod bare;
mod checkins;
mod child;
mod connection;
mod figures;
mod floor;
mod office;
mod process;
mod viewers;

use std::time::Duration;

use anyhow::Result;
use clap::{Parser, Subcommand};
use comfy_table::Table;

use crate::child::{Child, Mode};
use crate::figures::{Figures, millis};
use crate::office::Phone;

/// Measures the server: figures and ratios of one run
#[derive(Parser)]
struct Args {
    /// Seconds for each measurement
    #[arg(long, default_value_t = 4)]
    seconds: u64,
    /// Connections that check in at the same time, one measurement each
    #[arg(long, num_args = 1.., default_values_t = [1, 16, 256])]
    connections: Vec<usize>,
    /// Viewers of the live map
    #[arg(long, default_value_t = 1_000)]
    viewers: usize,
    #[command(subcommand)]
    command: Option<Command>,
}

#[derive(Subcommand)]
enum Command {
    /// The server that is measured; started by this program itself
    #[command(hide = true)]
    Serve {
        /// How it commits
        #[arg(long)]
        mode: Mode,
        /// Its data folder
        #[arg(long)]
        data: std::path::PathBuf,
        /// People of the office, a phone and a seat each
        #[arg(long)]
        people: usize,
    },
}

fn main() -> Result<()> {
    let args = Args::parse();
    let runtime = tokio::runtime::Builder::new_multi_thread()
        .enable_all()
        .build()?;
    match &args.command {
        Some(Command::Serve { mode, data, people }) => {
            runtime.block_on(child::serve(*mode, data, *people))
        }
        None => runtime.block_on(measure(&args)),
    }
}

async fn measure(args: &Args) -> Result<()> {
    let time = Duration::from_secs(args.seconds);
    let ours = check_ins(&args.connections, time).await?;
    bare_sqlite(time, ours)?;
    one_floor(time, args.viewers).await
}

/// Measures check-ins; gives our rate with the most connections.
async fn check_ins(connections: &[usize], time: Duration) -> Result<f64> {
    println!(
        "Check-ins per second, one event a request, full durability. With many people each comes a\n\
         few times, as on a real morning; with few they come dozens of times, and their days grow.\n\
         \"Only answers\" is the same server with a store that only answers: the same connections,\n\
         tokens, bodies, queue, groups, thread and answers, without a transaction. \"CPU\" is the\n\
         server's processor time for a check-in."
    );
    let mut table = Table::new();
    table.set_header([
        "connections",
        "people",
        "times each",
        "ours",
        "p50 ms",
        "p99 ms",
        "commit a request",
        "only answers",
        "ours / only answers",
        "ours / commit a request",
        "requests a commit",
        "CPU us",
        "CPU us, only answers",
    ]);
    let most = connections.iter().max().copied();
    let rows = connections
        .iter()
        .map(|&connections| (connections, office::MANY_PEOPLE))
        .chain(most.map(|connections| (connections, office::FEW_PEOPLE)));
    let mut rate = 0.0;
    for (connections, people) in rows {
        let grouped = one_rate(Mode::Grouped, connections, people, time).await?;
        let each = one_rate(Mode::EachRequest, connections, people, time).await?;
        let answers = one_rate(Mode::OnlyAnswers, connections, people, time).await?;
        let ours = &grouped.figures;
        let requests = grouped.requests_a_commit;
        table.add_row([
            connections.to_string(),
            people.to_string(),
            format!("{:.1}", ours.count() as f64 / people as f64),
            format!("{:.0}", ours.rate()),
            millis(ours.quantile(0.5)),
            millis(ours.quantile(0.99)),
            format!("{:.0}", each.figures.rate()),
            format!("{:.0}", answers.figures.rate()),
            format!("{:.2}", ours.rate() / answers.figures.rate()),
            format!("{:.2}", ours.rate() / each.figures.rate()),
            requests.map_or("?".to_owned(), |requests| format!("{requests:.1}")),
            format!("{:.0}", grouped.processor_us),
            format!("{:.0}", answers.processor_us),
        ]);
        if people == office::MANY_PEOPLE {
            rate = ours.rate();
        }
    }
    println!("{table}\n");
    Ok(rate)
}

/// One measurement of check-ins.
struct Rate {
    figures: Figures,
    requests_a_commit: Option<f64>,
    /// The server's processor time for each.
    processor_us: f64,
}

async fn one_rate(mode: Mode, connections: usize, people: usize, time: Duration) -> Result<Rate> {
    let server = Child::start(mode, people)?;
    let (address, phones) = (server.address(), server.phones());
    let before = server.processor_time()?;
    let figures = checkins::measure(address, phones, connections, server.seats(), time).await?;
    let worked = server.processor_time()? - before;
    Ok(Rate {
        requests_a_commit: server.events_a_commit().await?,
        processor_us: worked.as_secs_f64() * 1e6 / figures.count() as f64,
        figures,
    })
}

fn bare_sqlite(time: Duration, ours: f64) -> Result<()> {
    println!("Bare SQLite, the same bytes, FULL durability");
    let folder = tempfile::tempdir()?;
    let row = "x".repeat(280);
    let mut table = Table::new();
    table.set_header(["rows a commit", "rows/s", "ours at most connections / this"]);
    for batch in [1, 16, 100, 500] {
        let rate = bare::rows_per_second(folder.path(), &row, batch, time / 2)?;
        table.add_row([
            batch.to_string(),
            format!("{rate:.0}"),
            format!("{:.3}", ours / rate),
        ]);
    }
    println!("{table}\n");
    Ok(())
}

async fn one_floor(time: Duration, viewers: usize) -> Result<()> {
    let server = Child::start(Mode::Grouped, office::SEATS)?;
    println!(
        "Start to first answer: {} ms",
        millis(server.first_answer())
    );
    println!("Resident memory, idle: {:.0} MiB", server.resident_mib()?);
    let mut phones = fill(&server, server.phones()).await?;
    let token = phones
        .first()
        .map(|phone| phone.token.clone())
        .unwrap_or_default();
    let bearer = format!("Bearer {token}");
    let cookie = server.cookie().await?;
    let json = format!("/api/v1/floors/{}/occupancy", server.floor());
    let page = format!("/floors/{}", server.floor());
    let encoding = ("accept-encoding", "gzip, br");
    let mut table = Table::new();
    table.set_header([
        "a floor of 200 taken seats",
        "reads/s",
        "p50 ms",
        "p99 ms",
        "bytes",
    ]);
    for (name, path, who) in [
        ("as JSON", &json, ("authorization", bearer.as_str())),
        ("as page", &page, ("cookie", cookie.as_str())),
    ] {
        let reads = floor::measure(server.address(), path, &[who, encoding], time).await?;
        table.add_row([
            name.to_owned(),
            format!("{:.0}", reads.figures.rate()),
            millis(reads.figures.quantile(0.5)),
            millis(reads.figures.quantile(0.99)),
            reads.wire_bytes.to_string(),
        ]);
    }
    println!("{table}");
    let headers = [("cookie", cookie.as_str()), encoding];
    let weight = floor::page_weight(server.address(), &page, &headers).await?;
    println!(
        "The map page with everything it loads: {:.1} kB on the wire",
        weight as f64 / 1e3
    );
    println!(
        "Resident memory, after reading: {:.0} MiB\n",
        server.resident_mib()?
    );

    let tokens: Vec<String> = phones.iter().map(|phone| phone.token.clone()).collect();
    let stream = format!("/api/v1/floors/{}/changes", server.floor());
    if let Some(phone) = phones.first_mut() {
        let delays = viewers::measure(
            server.address(),
            &stream,
            &tokens,
            viewers,
            phone,
            server.seats(),
            5,
        )
        .await?;
        println!(
            "{viewers} viewers of one floor: a change reaches them after p50 {} ms, p99 {} ms",
            millis(delays.quantile(0.5)),
            millis(delays.quantile(0.99))
        );
    }
    println!(
        "Resident memory, with them: {:.0} MiB",
        server.resident_mib()?
    );
    let seat = server.seats()[0];
    if let Some(phone) = phones.last_mut() {
        let rate = checkins::batches(server.address(), phone, seat, time).await?;
        println!("Batches of 500 events from one connection: {rate:.0} events/s");
    }
    Ok(())
}

/// Every seat gets its person.
async fn fill(server: &Child, phones: Vec<Phone>) -> Result<Vec<Phone>> {
    let mut seated = Vec::with_capacity(phones.len());
    let mut connection = connection::Connection::open(server.address()).await?;
    for (mut phone, seat) in phones.into_iter().zip(server.seats()) {
        let answer = connection.ask(&phone.batch(*seat, 1)?).await?;
        anyhow::ensure!(
            answer.status == 200,
            "a check-in was answered {}",
            answer.status
        );
        seated.push(phone);
    }
    Ok(seated)
}
