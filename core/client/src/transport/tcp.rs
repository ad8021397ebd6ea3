//! Connections: to the first of a name's addresses that answers, tried a little after one another.
//!
//! A phone often has an address of a kind whose way is closed; it must not wait that out before it
//! tries the other kind (RFC 8305).

use std::io::{self, ErrorKind, Read, Write};
use std::net::{SocketAddr, TcpStream};
use std::sync::{Arc, mpsc};
use std::thread;
use std::time::{Duration, Instant};

use ureq::Error;
use ureq::config::Config;
use ureq::http::Uri;
use ureq::unversioned::resolver::{DefaultResolver, ResolvedSocketAddrs, Resolver};
use ureq::unversioned::transport::{
    Buffers, ConnectionDetails, Connector, Either, LazyBuffers, NextTimeout, Transport,
};

/// What an address has before the next one is tried as well.
const HEAD_START: Duration = Duration::from_millis(250);

/// Finds a name's addresses. A name that is not found, and a network without anybody to ask, are
/// told from a connection that broke.
#[derive(Debug, Default)]
pub(super) struct Names(DefaultResolver);

impl Resolver for Names {
    fn resolve(
        &self,
        uri: &Uri,
        config: &ureq::config::Config,
        timeout: NextTimeout,
    ) -> Result<ResolvedSocketAddrs, Error> {
        let found = self.0.resolve(uri, config, timeout);
        found.map_err(|error| match error {
            Error::Io(_) => Error::HostNotFound,
            other => other,
        })
    }
}

/// Connects where nobody in the chain before it has.
#[derive(Debug)]
pub(super) struct Tcp;

impl<In: Transport> Connector<In> for Tcp {
    type Out = Either<In, Connection>;

    fn connect(
        &self,
        details: &ConnectionDetails<'_>,
        chained: Option<In>,
    ) -> Result<Option<Self::Out>, Error> {
        if let Some(connected) = chained {
            return Ok(Some(Either::A(connected)));
        }
        let within = left(details.timeout)?;
        let stream = first_of(&details.addrs, within).map_err(|error| match error.kind() {
            ErrorKind::TimedOut => Error::Timeout(details.timeout.reason),
            _ => Error::ConnectionFailed,
        })?;
        stream.set_nodelay(true)?;
        let stream = Arc::new(stream);
        let handle = Arc::downgrade(&stream);
        (details.register_shutdown)(handle)?;
        Ok(Some(Either::B(Connection {
            stream,
            buffers: buffers(details.config),
        })))
    }
}

/// A connection to the first address that answers. The threads of the others end by themselves.
fn first_of(addresses: &[SocketAddr], within: Duration) -> io::Result<TcpStream> {
    if let [only] = addresses {
        return TcpStream::connect_timeout(only, within);
    }
    let ends = Instant::now() + within;
    let (tell, told) = mpsc::channel();
    let mut last = io::Error::from(ErrorKind::AddrNotAvailable);
    let (mut begun, mut failed) = (0, 0);
    let mut waiting = kinds_in_turn(addresses).into_iter();
    loop {
        let left = ends.saturating_duration_since(Instant::now());
        if left.is_zero() {
            return Err(ErrorKind::TimedOut.into());
        }
        let next = waiting.next();
        let patience = if let Some(address) = next {
            let tell = tell.clone();
            let thread = thread::Builder::new().name("kokoni-connect".into());
            thread.spawn(move || {
                // Another address may have been quicker; then this connection is closed.
                let _ = tell.send(TcpStream::connect_timeout(&address, left));
            })?;
            begun += 1;
            left.min(HEAD_START)
        } else {
            left
        };
        match told.recv_timeout(patience) {
            Ok(Ok(stream)) => return Ok(stream),
            Ok(Err(error)) => {
                failed += 1;
                last = error;
            }
            Err(_) => {}
        }
        if failed == begun && waiting.len() == 0 {
            return Err(last);
        }
    }
}

/// IPv6 and IPv4 in turn, the system's first choice first.
fn kinds_in_turn(addresses: &[SocketAddr]) -> Vec<SocketAddr> {
    let Some(first) = addresses.first() else {
        return Vec::new();
    };
    let (one, other): (Vec<_>, Vec<_>) =
        (addresses.iter()).partition(|address| address.is_ipv6() == first.is_ipv6());
    let mut other = other.into_iter();
    let mut in_turn: Vec<SocketAddr> = (one.into_iter())
        .flat_map(|address| [Some(address), other.next()])
        .flatten()
        .copied()
        .collect();
    in_turn.extend(other);
    in_turn
}

/// Empty buffers of the usual sizes.
pub(super) fn buffers(config: &Config) -> LazyBuffers {
    LazyBuffers::new(config.input_buffer_size(), config.output_buffer_size())
}

/// What is left before a call has to end.
fn left(timeout: NextTimeout) -> Result<Duration, Error> {
    /// For ever, as far as a phone is concerned; the system takes no number that is too large.
    const LONGEST: Duration = Duration::from_secs(24 * 60 * 60);
    if timeout.after.is_zero() {
        return Err(Error::Timeout(timeout.reason));
    }
    Ok((*timeout.after).min(LONGEST))
}

/// A connection, shared with whoever may have to end what is under way on it.
#[derive(Debug)]
pub(super) struct Connection {
    stream: Arc<TcpStream>,
    buffers: LazyBuffers,
}

impl Transport for Connection {
    fn buffers(&mut self) -> &mut dyn Buffers {
        &mut self.buffers
    }

    fn transmit_output(&mut self, amount: usize, timeout: NextTimeout) -> Result<(), Error> {
        let timeout = timeout.for_write();
        self.stream.set_write_timeout(Some(left(timeout)?))?;
        let output = &self.buffers.output()[..amount];
        let written = (&*self.stream).write_all(output);
        written.map_err(|error| told_in_time(error, timeout))
    }

    fn await_input(&mut self, timeout: NextTimeout) -> Result<bool, Error> {
        let timeout = timeout.for_read();
        self.stream.set_read_timeout(Some(left(timeout)?))?;
        let input = self.buffers.input_append_buf();
        let read = loop {
            match (&*self.stream).read(input) {
                Err(error) if error.kind() == ErrorKind::Interrupted => {}
                other => break other.map_err(|error| told_in_time(error, timeout))?,
            }
        };
        self.buffers.input_appended(read);
        Ok(read > 0)
    }

    fn is_open(&mut self) -> bool {
        // Nothing may lie there: whoever has sent all of an answer is asked before it speaks again.
        let probe = || -> io::Result<bool> {
            self.stream.set_nonblocking(true)?;
            let silent = matches!(
                self.stream.peek(&mut [0]),
                Err(error) if error.kind() == ErrorKind::WouldBlock
            );
            self.stream.set_nonblocking(false)?;
            Ok(silent)
        };
        probe().unwrap_or(false)
    }
}

fn told_in_time(error: io::Error, timeout: NextTimeout) -> Error {
    match error.kind() {
        ErrorKind::WouldBlock | ErrorKind::TimedOut => Error::Timeout(timeout.reason),
        _ => error.into(),
    }
}

#[cfg(test)]
mod tests {
    use std::net::TcpListener;

    use super::*;

    const LONG: Duration = Duration::from_secs(20);

    fn listening() -> (TcpListener, SocketAddr) {
        let listener = TcpListener::bind("127.0.0.1:0").expect("a port");
        let address = listener.local_addr().expect("an address");
        (listener, address)
    }

    /// Of a network that is kept for documents: nobody answers, or there is no way.
    fn nobody() -> SocketAddr {
        "192.0.2.1:443".parse().expect("an address")
    }

    #[test]
    fn an_address_that_does_not_answer_holds_up_no_other() {
        let (_listener, address) = listening();
        let began = Instant::now();
        let stream = first_of(&[nobody(), address], LONG).expect("connected");
        assert_eq!(stream.peer_addr().expect("a peer"), address);
        assert!(began.elapsed() < Duration::from_secs(5));
    }

    #[test]
    fn nobody_listening_is_an_error_at_once() {
        let (listener, address) = listening();
        drop(listener);
        let began = Instant::now();
        let refused = first_of(&[address, address], LONG).expect_err("nobody listens");
        assert_eq!(refused.kind(), ErrorKind::ConnectionRefused);
        assert!(began.elapsed() < Duration::from_secs(5));
    }

    #[test]
    fn both_kinds_of_addresses_have_their_turn() {
        let parse = |texts: &[&str]| -> Vec<SocketAddr> {
            texts
                .iter()
                .map(|text| text.parse().expect("one"))
                .collect()
        };
        let known = parse(&["[::1]:1", "[::2]:1", "[::3]:1", "1.1.1.1:1"]);
        let wanted = parse(&["[::1]:1", "1.1.1.1:1", "[::2]:1", "[::3]:1"]);
        assert_eq!(kinds_in_turn(&known), wanted);
        let known = parse(&["1.1.1.1:1", "[::1]:1", "[::2]:1"]);
        assert_eq!(kinds_in_turn(&known), known);
    }
}
