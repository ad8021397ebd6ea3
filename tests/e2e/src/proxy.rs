//! The network between phone and server, which breaks on command.

use std::io::{Read, Write};
use std::net::{Shutdown, SocketAddr, TcpListener, TcpStream};
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

/// What happens to a connection.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Fault {
    /// Nothing: it works.
    None,
    /// Every piece is held up this long.
    Delay(Duration),
    /// It is closed as soon as it is made.
    Drop,
    /// What is sent vanishes; nothing comes back.
    BlackHole,
    /// It breaks after so many bytes of the request.
    CutRequest(usize),
    /// The whole request arrives; it breaks after so many bytes of the answer.
    CutReply(usize),
    /// After so many bytes the server is told that no more will come; its answer comes through.
    HalfClose(usize),
    /// Bytes that are no HTTP come back.
    Garbage,
    /// A gateway answers that its server is missing.
    BadGateway,
    /// A network that wants a sign-in first answers with a page of its own.
    Portal,
}

impl Fault {
    /// One of every kind.
    pub const EVERY: &[Self] = &[
        Self::Delay(Duration::from_millis(20)),
        Self::Drop,
        Self::BlackHole,
        Self::CutRequest(0),
        Self::CutRequest(300),
        Self::CutReply(0),
        Self::CutReply(40),
        Self::HalfClose(300),
        Self::Garbage,
        Self::BadGateway,
        Self::Portal,
    ];
}

/// A listener on loopback that leads to a server through the fault that is set.
pub struct FaultProxy {
    address: SocketAddr,
    shared: Arc<Shared>,
}

struct Shared {
    upstream: Mutex<SocketAddr>,
    fault: Mutex<Fault>,
    open: Mutex<Vec<TcpStream>>,
    harmed: AtomicUsize,
    over: AtomicBool,
}

impl FaultProxy {
    /// Leads to a server, without faults.
    pub fn start(upstream: SocketAddr) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").expect("a port");
        let address = listener.local_addr().expect("an address");
        let shared = Arc::new(Shared {
            upstream: Mutex::new(upstream),
            fault: Mutex::new(Fault::None),
            open: Mutex::new(Vec::new()),
            harmed: AtomicUsize::new(0),
            over: AtomicBool::new(false),
        });
        let accepting = Arc::clone(&shared);
        std::thread::spawn(move || {
            for stream in listener.incoming().map_while(Result::ok) {
                if accepting.over.load(Ordering::SeqCst) {
                    return;
                }
                let shared = Arc::clone(&accepting);
                std::thread::spawn(move || shared.carry(&stream));
            }
        });
        Self { address, shared }
    }

    /// Its address as phones are told it.
    pub fn url(&self) -> String {
        format!("http://{}", self.address)
    }

    /// Leads to another server from now on; connections to the old one are cut.
    pub fn lead_to(&self, upstream: SocketAddr) {
        *locked(&self.shared.upstream) = upstream;
        self.shared.cut();
    }

    /// Every connection from now on meets this fault; those that are open are cut, so that the next
    /// request meets it.
    pub fn set(&self, fault: Fault) {
        *locked(&self.shared.fault) = fault;
        self.shared.cut();
    }

    /// Connections that met a fault.
    pub fn harmed(&self) -> usize {
        self.shared.harmed.load(Ordering::SeqCst)
    }
}

impl Drop for FaultProxy {
    fn drop(&mut self) {
        self.shared.over.store(true, Ordering::SeqCst);
        self.shared.cut();
        // Wakes the listener, which then ends.
        let _ = TcpStream::connect(self.address);
    }
}

fn locked<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

impl Shared {
    fn cut(&self) {
        for stream in locked(&self.open).drain(..) {
            let _ = stream.shutdown(Shutdown::Both);
        }
    }

    /// Carries one connection to its end; whatever fails ends it.
    fn carry(&self, phone: &TcpStream) {
        let fault = {
            let fault = locked(&self.fault);
            // Under the lock: a fault that is set later cuts this connection.
            if let Ok(copy) = phone.try_clone() {
                locked(&self.open).push(copy);
            }
            *fault
        };
        if fault != Fault::None {
            self.harmed.fetch_add(1, Ordering::SeqCst);
        }
        let _ = self.meet(phone, fault);
        let _ = phone.shutdown(Shutdown::Both);
    }

    fn meet(&self, phone: &TcpStream, fault: Fault) -> std::io::Result<()> {
        match fault {
            Fault::None => self.pass(phone, Limits::default()),
            Fault::Delay(held_up) => self.pass(
                phone,
                Limits {
                    held_up,
                    ..Limits::default()
                },
            ),
            Fault::Drop => Ok(()),
            Fault::BlackHole => {
                let mut vanished = Vec::new();
                (&*phone).read_to_end(&mut vanished).map(|_| ())
            }
            Fault::CutRequest(request) => self.pass(
                phone,
                Limits {
                    request,
                    ..Limits::default()
                },
            ),
            Fault::CutReply(reply) => self.pass(
                phone,
                Limits {
                    reply,
                    ..Limits::default()
                },
            ),
            Fault::HalfClose(request) => self.pass(
                phone,
                Limits {
                    request,
                    half: true,
                    ..Limits::default()
                },
            ),
            Fault::Garbage => answer(phone, b"\x16\x03\x01\x02\x00\x01\x00garbage\r\n\r\n"),
            Fault::BadGateway => answer(
                phone,
                b"HTTP/1.1 502 Bad Gateway\r\ncontent-length: 6\r\nconnection: close\r\n\r\n<html>",
            ),
            Fault::Portal => answer(
                phone,
                b"HTTP/1.1 200 OK\r\ncontent-type: text/html\r\ncontent-length: 6\r\n\
                  connection: close\r\n\r\n<html>",
            ),
        }
    }

    fn pass(&self, phone: &TcpStream, limits: Limits) -> std::io::Result<()> {
        let upstream = *locked(&self.upstream);
        let server = TcpStream::connect(upstream)?;
        server.set_nodelay(true)?;
        phone.set_nodelay(true)?;
        locked(&self.open).push(server.try_clone()?);
        let (phone_in, server_out) = (phone.try_clone()?, server.try_clone()?);
        let requests = std::thread::spawn(move || {
            let whole = pump(&phone_in, &server_out, limits.request, limits.held_up);
            if whole || limits.half {
                let _ = server_out.shutdown(Shutdown::Write);
            } else {
                let _ = server_out.shutdown(Shutdown::Both);
                let _ = phone_in.shutdown(Shutdown::Both);
            }
        });
        pump(&server, phone, limits.reply, limits.held_up);
        let _ = phone.shutdown(Shutdown::Both);
        let _ = server.shutdown(Shutdown::Both);
        let _ = requests.join();
        Ok(())
    }
}

/// How far a connection carries.
#[derive(Clone, Copy)]
struct Limits {
    request: usize,
    reply: usize,
    half: bool,
    held_up: Duration,
}

impl Default for Limits {
    fn default() -> Self {
        Self {
            request: usize::MAX,
            reply: usize::MAX,
            half: false,
            held_up: Duration::ZERO,
        }
    }
}

/// Copies until the end or the limit; whether it was the end. The limit is met when there is more
/// to copy: a reply that is cut at 0 bytes was on its way.
fn pump(mut from: &TcpStream, mut to: &TcpStream, most: usize, held_up: Duration) -> bool {
    let mut left = most;
    let mut piece = [0; 8 * 1024];
    loop {
        let read = match from.read(&mut piece) {
            Ok(0) | Err(_) => return true,
            Ok(read) => read,
        };
        // The fault itself, not a way of waiting for anything.
        std::thread::sleep(held_up);
        let carried = read.min(left);
        if to.write_all(&piece[..carried]).is_err() {
            return true;
        }
        left -= carried;
        if carried < read {
            return false;
        }
    }
}

/// Answers in the server's place once the request has begun.
fn answer(mut phone: &TcpStream, bytes: &[u8]) -> std::io::Result<()> {
    let mut request = [0; 64 * 1024];
    let _ = phone.read(&mut request)?;
    phone.write_all(bytes)?;
    phone.shutdown(Shutdown::Write)?;
    // Reads on until the phone hangs up: a reset would overtake the answer.
    while phone.read(&mut request)? > 0 {}
    Ok(())
}
