//! `kokoni-e2e-serve DATA [PUBLIC_URL]`: the server in a process of its own, on a free loopback
//! port, with a clock that can be put forward.
//!
//! It is the same `Server` that `kokoni serve` runs. It says its address in the first line. A line
//! with a number puts its clock forward by so many seconds and is answered by that line. The end of
//! its input is its orderly end.

use std::error::Error;
use std::io::{BufRead, Write};
use std::net::SocketAddr;
use std::sync::Arc;
use std::sync::atomic::{AtomicI64, Ordering};

use kokoni_model::clock::Timestamp;
use kokoni_server::ports::{Clock, SystemClock};
use kokoni_server::{Config, Server};
use tokio::sync::oneshot;

/// The system's clock and so many seconds more.
#[derive(Default)]
struct ForwardedClock(AtomicI64);

impl Clock for ForwardedClock {
    fn now(&self) -> Timestamp {
        SystemClock
            .now()
            .plus_seconds(self.0.load(Ordering::SeqCst))
    }
}

fn main() -> Result<(), Box<dyn Error>> {
    let mut arguments = std::env::args_os().skip(1);
    let data = arguments.next().ok_or("the data folder is missing")?;
    let clock = Arc::new(ForwardedClock::default());
    let mut config = Config::new(data, SocketAddr::from(([127, 0, 0, 1], 0)));
    config.clock = clock.clone();
    if let Some(public) = arguments.next() {
        let public = public.to_str().ok_or("the public URL is not UTF-8")?;
        config.public_url = Some(public.parse()?);
    }
    let runtime = tokio::runtime::Builder::new_multi_thread()
        .enable_all()
        .build()?;
    runtime.block_on(async {
        let server = Server::bind(config).await?;
        say(&server.local_addr().to_string())?;
        let (over, end) = oneshot::channel();
        std::thread::spawn(move || {
            listen(&clock);
            // The server may be gone already.
            let _ = over.send(());
        });
        server
            .run(async {
                let _ = end.await;
            })
            .await?;
        Ok(())
    })
}

fn listen(clock: &ForwardedClock) {
    for line in std::io::stdin().lock().lines().map_while(Result::ok) {
        if let Ok(seconds) = line.trim().parse() {
            clock.0.fetch_add(seconds, Ordering::SeqCst);
            if say(&line).is_err() {
                return;
            }
        }
    }
}

fn say(line: &str) -> std::io::Result<()> {
    let mut out = std::io::stdout().lock();
    writeln!(out, "{line}")?;
    out.flush()
}
