//! The network between one phone and the server: a relay on loopback that fails on demand.
//!
//! Every phone has one of its own. It relays bytes as they come; what it knows of HTTP is only how
//! a request begins, which is enough to cut a connection at a chosen point of sending events.

use std::net::SocketAddr;
use std::sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

use anyhow::{Context, Result};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::watch;
use tokio::task::JoinHandle;

/// How the request begins that sends events.
const SENDS_EVENTS: &[u8] = b"POST /api/v1/events ";

const END_OF_HEADERS: &[u8] = b"\r\n\r\n";

/// What happens to the next request that sends events. Once it has happened, all is well again.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) enum Fault {
    /// This share of the body gets through, then the connection is cut.
    CutRequest { percent: u8 },
    /// So many bytes of the answer get through, then the connection is cut.
    CutReply { bytes: usize },
    /// Half of the body gets through, then nothing moves any more.
    HoldRequest,
    /// The server's answer stays here.
    HoldReply,
}

/// The relay; it ends when it is dropped.
pub(super) struct Link {
    address: SocketAddr,
    shared: Arc<Shared>,
    accepting: JoinHandle<()>,
}

struct Shared {
    state: Mutex<State>,
    /// Told when something is held or cut.
    happened: Condvar,
    up: watch::Sender<bool>,
}

#[derive(Default)]
struct State {
    fault: Option<Fault>,
    held: bool,
    cut: usize,
}

impl Shared {
    fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn note_cut(&self) {
        self.state().cut += 1;
    }

    fn note_held(&self) {
        self.state().held = true;
        self.happened.notify_all();
    }
}

impl Link {
    /// A relay to the server on a free port of loopback. Call it within the runtime that carries it.
    pub(super) async fn to(server: SocketAddr) -> Result<Self> {
        let listener = TcpListener::bind(("127.0.0.1", 0))
            .await
            .context("no free port for a phone's network")?;
        let address = listener.local_addr()?;
        let shared = Arc::new(Shared {
            state: Mutex::default(),
            happened: Condvar::new(),
            up: watch::Sender::new(true),
        });
        let accepting = tokio::spawn(accept(listener, server, shared.clone()));
        Ok(Self {
            address,
            shared,
            accepting,
        })
    }

    /// Where the phone finds the server.
    pub(super) fn address(&self) -> SocketAddr {
        self.address
    }

    /// Takes the network away, connections under way included, or gives it back.
    pub(super) fn set_up(&self, up: bool) {
        self.shared.up.send_replace(up);
    }

    pub(super) fn is_up(&self) -> bool {
        *self.shared.up.borrow()
    }

    /// Prepares a fault for the next request that sends events.
    pub(super) fn prepare(&self, fault: Fault) {
        let mut state = self.shared.state();
        state.fault = Some(fault);
        state.held = false;
    }

    /// Forgets a fault for which there was no occasion. Says whether there was none.
    pub(super) fn forget_fault(&self) -> bool {
        self.shared.state().fault.take().is_some()
    }

    /// Waits until a request or an answer is held; false when that does not happen in time.
    pub(super) fn wait_until_held(&self, within: Duration) -> bool {
        let until = Instant::now() + within;
        let mut state = self.shared.state();
        while !state.held {
            let left = until.saturating_duration_since(Instant::now());
            if left.is_zero() {
                return false;
            }
            let woken = self.shared.happened.wait_timeout(state, left);
            state = woken.unwrap_or_else(PoisonError::into_inner).0;
        }
        true
    }

    /// How often a request or an answer was cut off so far.
    pub(super) fn cut(&self) -> usize {
        self.shared.state().cut
    }
}

impl Drop for Link {
    fn drop(&mut self) {
        self.accepting.abort();
        self.shared.up.send_replace(false);
    }
}

async fn accept(listener: TcpListener, server: SocketAddr, shared: Arc<Shared>) {
    while let Ok((phone, _)) = listener.accept().await {
        if *shared.up.borrow() {
            let shared = shared.clone();
            tokio::spawn(async move {
                let mut up = shared.up.subscribe();
                tokio::select! {
                    _ = up.wait_for(|up| !up) => {}
                    // An error is an end of the connection like any other.
                    _ = relay(phone, server, &shared) => {}
                }
            });
        }
    }
}

async fn relay(mut phone: TcpStream, server: SocketAddr, shared: &Shared) -> std::io::Result<()> {
    let mut server = TcpStream::connect(server).await?;
    phone.set_nodelay(true)?;
    server.set_nodelay(true)?;
    let (mut request, mut answer) = (vec![0; 64 * 1024], vec![0; 64 * 1024]);
    let mut fault_of_reply = None;
    loop {
        tokio::select! {
            read = phone.read(&mut request) => {
                let bytes = &request[..read?];
                if bytes.is_empty() {
                    return Ok(());
                }
                let fault = bytes
                    .starts_with(SENDS_EVENTS)
                    .then(|| shared.state().fault.take())
                    .flatten();
                match fault {
                    Some(Fault::CutRequest { percent }) => {
                        server.write_all(&bytes[..within_body(bytes, percent)]).await?;
                        shared.note_cut();
                        return Ok(());
                    }
                    Some(Fault::HoldRequest) => {
                        server.write_all(&bytes[..within_body(bytes, 50)]).await?;
                        shared.note_held();
                        return until_closed(&mut phone).await;
                    }
                    of_reply => {
                        fault_of_reply = of_reply.or(fault_of_reply);
                        server.write_all(bytes).await?;
                    }
                }
            }
            read = server.read(&mut answer) => {
                let bytes = &answer[..read?];
                if bytes.is_empty() {
                    return Ok(());
                }
                match fault_of_reply {
                    Some(Fault::CutReply { bytes: through }) => {
                        phone.write_all(&bytes[..through.min(bytes.len() - 1)]).await?;
                        shared.note_cut();
                        return Ok(());
                    }
                    Some(Fault::HoldReply) => {
                        shared.note_held();
                        return until_closed(&mut phone).await;
                    }
                    _ => phone.write_all(bytes).await?,
                }
            }
        }
    }
}

/// The length of a request of which this share of the body is left; never the whole.
fn within_body(request: &[u8], percent: u8) -> usize {
    let body = request
        .windows(END_OF_HEADERS.len())
        .position(|bytes| bytes == END_OF_HEADERS)
        .map_or(request.len(), |at| at + END_OF_HEADERS.len());
    let through = (request.len() - body) * usize::from(percent) / 100;
    (body + through).min(request.len() - 1)
}

async fn until_closed(phone: &mut TcpStream) -> std::io::Result<()> {
    let mut rest = [0; 1024];
    while phone.read(&mut rest).await? > 0 {}
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    const REQUEST: &[u8] = b"POST /api/v1/events HTTP/1.1\r\ncontent-length: 10\r\n\r\n0123456789";
    const REPLY: &[u8] = b"HTTP/1.1 200 OK\r\n\r\n";

    /// What the server received, and what the phone did.
    async fn exchange(fault: Option<Fault>) -> (Vec<u8>, Vec<u8>, usize) {
        let listener = TcpListener::bind("127.0.0.1:0").await.expect("a port");
        let server = listener.local_addr().expect("an address");
        let serving = tokio::spawn(async move {
            let (mut stream, _) = listener.accept().await.expect("a connection");
            let mut received = vec![0; 1024];
            let mut count = 0;
            while count < REQUEST.len() {
                match stream.read(&mut received[count..]).await {
                    Ok(read) if read > 0 => count += read,
                    _ => break,
                }
            }
            received.truncate(count);
            if received == REQUEST {
                let _ = stream.write_all(REPLY).await;
            }
            received
        });
        let link = Link::to(server).await.expect("a link");
        if let Some(fault) = fault {
            link.prepare(fault);
        }
        let mut phone = TcpStream::connect(link.address()).await.expect("connected");
        phone.write_all(REQUEST).await.expect("written");
        let mut answer = vec![0; REPLY.len()];
        let mut count = 0;
        while count < answer.len() {
            match phone.read(&mut answer[count..]).await {
                Ok(read) if read > 0 => count += read,
                _ => break,
            }
        }
        answer.truncate(count);
        (serving.await.expect("served"), answer, link.cut())
    }

    #[tokio::test]
    async fn without_a_fault_everything_arrives() {
        assert_eq!(exchange(None).await, (REQUEST.to_vec(), REPLY.to_vec(), 0));
    }

    #[tokio::test]
    async fn a_cut_request_never_arrives_whole() {
        for percent in [0, 50, 100] {
            let (received, answer, cut) = exchange(Some(Fault::CutRequest { percent })).await;
            assert!(received.len() < REQUEST.len());
            assert!(REQUEST.starts_with(&received));
            assert!(answer.is_empty());
            assert_eq!(cut, 1);
        }
    }

    #[tokio::test]
    async fn of_a_cut_reply_only_the_first_bytes_arrive_though_the_server_sent_it_all() {
        for bytes in [0, 5, 1000] {
            let (received, answer, cut) = exchange(Some(Fault::CutReply { bytes })).await;
            assert_eq!(received, REQUEST);
            assert!(answer.len() < REPLY.len() && REPLY.starts_with(&answer));
            assert_eq!(cut, 1);
        }
    }

    #[tokio::test(flavor = "multi_thread", worker_threads = 2)]
    async fn who_waits_for_a_held_reply_hears_of_it() {
        let listener = TcpListener::bind("127.0.0.1:0").await.expect("a port");
        let link = Link::to(listener.local_addr().expect("an address"))
            .await
            .expect("a link");
        tokio::spawn(async move {
            let (mut stream, _) = listener.accept().await.expect("a connection");
            let mut received = [0; 1024];
            let _ = stream.read(&mut received).await;
            let _ = stream.write_all(REPLY).await;
            let _ = stream.read(&mut received).await;
        });
        link.prepare(Fault::HoldReply);
        assert!(!link.wait_until_held(Duration::ZERO));
        let mut phone = TcpStream::connect(link.address()).await.expect("connected");
        phone.write_all(REQUEST).await.expect("written");
        let held = tokio::task::block_in_place(|| link.wait_until_held(Duration::from_secs(10)));
        assert!(held);
    }

    #[tokio::test]
    async fn without_a_network_connections_break_and_none_are_made() {
        let listener = TcpListener::bind("127.0.0.1:0").await.expect("a port");
        let link = Link::to(listener.local_addr().expect("an address"))
            .await
            .expect("a link");
        let mut before = TcpStream::connect(link.address()).await.expect("connected");
        before
            .write_all(b"GET / HTTP/1.1\r\n")
            .await
            .expect("written");
        let _server_side = listener.accept().await.expect("accepted");
        link.set_up(false);
        let mut byte = [0; 1];
        assert!(matches!(before.read(&mut byte).await, Ok(0) | Err(_)));
        let mut after = TcpStream::connect(link.address())
            .await
            .expect("the port is there");
        assert!(matches!(after.read(&mut byte).await, Ok(0) | Err(_)));
    }
}
