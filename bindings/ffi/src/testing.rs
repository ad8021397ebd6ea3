//! What the tests in Rust, Kotlin and Swift need beside the product's own surface. Only with the
//! feature `testing`: no library that is shipped has it.

use std::net::{Ipv4Addr, SocketAddr, TcpListener, TcpStream};
use std::sync::atomic::{AtomicBool, AtomicU32, AtomicU64, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use kokoni_client::{Clock, SystemClock};
use kokoni_model::clock::ClockReading;
use kokoni_model::label::{Host, LabelId, label_symbol};
use kokoni_model::rules::meaning::Target;
use kokoni_model::wire::directory::{DirectoryEntry, DirectoryKey, PlaceKind};

use crate::alive;
use crate::error::{InputProblem, KokoniError, guarded, input};
use crate::kokoni::Kokoni;
use crate::limits;
use crate::plain;

/// The system's clocks and so much more, all of them: time that has really passed.
#[derive(Default)]
pub(crate) struct ForwardedClock {
    system: SystemClock,
    millis: AtomicU64,
}

impl Clock for ForwardedClock {
    fn now(&self) -> ClockReading {
        let now = self.system.now();
        let millis = self.millis.load(Ordering::SeqCst);
        let micros = i64::try_from(millis.saturating_mul(1_000)).unwrap_or(i64::MAX);
        ClockReading {
            wall_us: now.wall_us.plus_micros(micros),
            mono_ms: now.mono_ms.saturating_add(millis),
            ..now
        }
    }
}

/// Puts the clocks of one [`Kokoni`] forward.
#[uniffi::export]
pub fn testing_clock(kokoni: Arc<Kokoni>, forward: Duration) {
    let millis = u64::try_from(forward.as_millis()).unwrap_or(u64::MAX);
    kokoni.core.clock.millis.fetch_add(millis, Ordering::SeqCst);
}

/// The address that a slice has here: equal to the buffer's, where nothing was copied.
#[uniffi::export]
pub fn testing_slice_address(bytes: &[u8]) -> u64 {
    bytes.as_ptr().addr() as u64
}

/// Panics inside, and is an error outside.
#[uniffi::export]
pub fn testing_panic() -> Result<(), KokoniError> {
    guarded(|| panic!("on purpose"))
}

/// Panics inside an entry in plain C, and is a number outside.
#[unsafe(no_mangle)]
pub extern "C" fn kokoni_testing_plain_panic() -> i32 {
    plain::coded(|| panic!("on purpose"))
}

/// How many calls with limits ended because they were cancelled, in this process.
#[uniffi::export]
pub fn testing_cancelled_calls() -> u64 {
    limits::cancelled_calls()
}

/// How many calls with limits are under way, in this process.
#[uniffi::export]
pub fn testing_calls_running() -> i64 {
    limits::calls_running()
}

/// How many objects other languages hold, in this process.
#[uniffi::export]
pub fn testing_objects_alive() -> i64 {
    alive::objects()
}

/// Luma with a label drawn in the middle, sharp and straight: `height` rows `row_stride` bytes
/// apart, pixels `pixel_stride` bytes apart, all bytes between them as noise.
#[uniffi::export]
pub fn testing_label_frame(
    host: String,
    label: String,
    width: i32,
    height: i32,
    row_stride: i32,
    pixel_stride: i32,
) -> Result<Vec<u8>, KokoniError> {
    guarded(|| {
        let host = Host::new(&host).map_err(|_| input(InputProblem::Host))?;
        let label = LabelId::parse_exact(&label).map_err(|_| input(InputProblem::Label))?;
        let symbol = label_symbol(&host, &label).map_err(|_| input(InputProblem::Host))?;
        let frame = || input(InputProblem::Frame);
        let size = |number: i32| usize::try_from(number).map_err(|_| frame());
        let (width, height) = (size(width)?, size(height)?);
        let (row_stride, pixel_stride) = (size(row_stride)?, size(pixel_stride)?);
        let side = symbol.side();
        let module = width.min(height) / (side + 8);
        if module == 0 || pixel_stride == 0 || row_stride < (width - 1) * pixel_stride + 1 {
            return Err(frame());
        }
        let (left, top) = ((width - side * module) / 2, (height - side * module) / 2);
        let mut luma: Vec<u8> = (0..row_stride * height)
            .map(|i| (i * 31 % 251) as u8)
            .collect();
        for y in 0..height {
            for x in 0..width {
                let column = x.checked_sub(left).map(|x| x / module);
                let row = y.checked_sub(top).map(|y| y / module);
                let dark = match (column, row) {
                    (Some(column), Some(row)) if column < side && row < side => {
                        symbol.is_dark(column, row)
                    }
                    _ => false,
                };
                luma[y * row_stride + x * pixel_stride] = if dark { 30 } else { 220 };
            }
        }
        Ok(luma)
    })
}

/// The labels of one kind that a phone knows: `seat`, `room`, `item`, `home`, `exit`, `locker`;
/// sorted.
#[uniffi::export]
pub fn testing_labels(kokoni: Arc<Kokoni>, kind: String) -> Result<Vec<String>, KokoniError> {
    guarded(|| {
        let engine = &kokoni.core.engine;
        let mut labels = Vec::new();
        for entry in engine.directory_entries("label")? {
            let DirectoryEntry::Label(binding) = entry else {
                continue;
            };
            let found = match &binding.target {
                Target::Place { place } => {
                    let key = DirectoryKey {
                        kind: "place".into(),
                        id: place.to_string(),
                    };
                    match engine.directory_entry(&key)? {
                        Some(DirectoryEntry::Place(place)) => match place.place_kind {
                            PlaceKind::Seat => "seat",
                            _ => "room",
                        },
                        _ => "room",
                    }
                }
                Target::Home { .. } => "home",
                Target::Item { .. } => "item",
                Target::Locker { .. } => "locker",
                Target::Exit { .. } => "exit",
                Target::Unbound | Target::Other => "unbound",
            };
            if found == kind {
                labels.push(binding.label.to_string());
            }
        }
        labels.sort();
        Ok(labels)
    })
}

/// A server on loopback that takes connections and never answers.
#[derive(uniffi::Object)]
pub struct TestingServer {
    address: SocketAddr,
    connections: Arc<AtomicU32>,
    stopped: Arc<AtomicBool>,
}

#[uniffi::export]
impl TestingServer {
    /// Listens on a free port.
    #[uniffi::constructor]
    pub fn silent() -> Result<Arc<Self>, KokoniError> {
        guarded(|| {
            let fault = |_: std::io::Error| KokoniError::Internal {
                place: "sockets".into(),
            };
            let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).map_err(fault)?;
            let server = Arc::new(Self {
                address: listener.local_addr().map_err(fault)?,
                connections: Arc::default(),
                stopped: Arc::default(),
            });
            let (connections, stopped) = (server.connections.clone(), server.stopped.clone());
            let kept: Mutex<Vec<TcpStream>> = Mutex::default();
            std::thread::Builder::new()
                .name("kokoni-silent".into())
                .spawn(move || {
                    for connection in listener.incoming().flatten() {
                        if stopped.load(Ordering::SeqCst) {
                            return;
                        }
                        connections.fetch_add(1, Ordering::SeqCst);
                        let mut kept = kept.lock().unwrap_or_else(PoisonError::into_inner);
                        kept.push(connection);
                    }
                })
                .map_err(fault)?;
            Ok(server)
        })
    }

    /// Its address, `http://127.0.0.1:PORT`.
    pub fn address(&self) -> String {
        format!("http://{}", self.address)
    }

    /// How many connections it has taken.
    pub fn connections(&self) -> u32 {
        self.connections.load(Ordering::SeqCst)
    }
}

impl Drop for TestingServer {
    fn drop(&mut self) {
        self.stopped.store(true, Ordering::SeqCst);
        // Wakes the thread, which then lets go of everything.
        let _ = TcpStream::connect(self.address);
    }
}
