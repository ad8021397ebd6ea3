//! What each fuzz target does with its bytes. Shared with the test that replays the corpora, so it
//! uses the public interface only.

use std::cell::RefCell;
use std::sync::{Arc, LazyLock};

use kokoni_model::catalogue::Catalogue;
use kokoni_model::label::{Host, LabelId, Symbol, label_symbol, text_symbol};
use kokoni_reader::catalogue::{Effort, LabelReader};
use kokoni_reader::decode::{Decoder, read_segments};
use kokoni_reader::{Budget, Frame, FrameReader, PreparedCatalogue, ReaderOptions};

struct Known {
    host: Host,
    labels: Vec<LabelId>,
    catalogue: Arc<PreparedCatalogue>,
    symbols: Vec<Symbol>,
}

static KNOWN: LazyLock<Known> = LazyLock::new(|| {
    let host = Host::new("k.example.jp").expect("a host");
    let labels: Vec<LabelId> = (0..64)
        .map(|n: u8| LabelId::from_bytes([n * 3 + 1; 10]))
        .collect();
    let catalogue = Catalogue {
        host: host.clone(),
        version: 1,
        labels: labels.clone(),
    };
    let texts =
        [1, 20, 60, 120, 400, 900].map(|length| text_symbol(&"ココニ".repeat(length / 9 + 1)));
    let symbols = std::iter::once(label_symbol(&host, &labels[5])).chain(texts);
    Known {
        symbols: symbols.collect::<Result<_, _>>().expect("they fit"),
        catalogue: Arc::new(PreparedCatalogue::new(&catalogue)),
        labels,
        host,
    }
});

/// What a frame may cost, twice.
pub(crate) const BUDGET: Budget = Budget::from_millis(20);

thread_local! {
    // Readers are made once for a host and serve for long: so they do here.
    static FRAMES: RefCell<FrameReader> = RefCell::new(FrameReader::new(ReaderOptions {
        host: Some(KNOWN.host.clone()),
        catalogue: Some(KNOWN.catalogue.clone()),
        budget: BUDGET,
    }));
    static LABELS: RefCell<LabelReader> =
        RefCell::new(LabelReader::new(&KNOWN.host).expect("a reader"));
}

/// A frame: two bytes each for width, height and the bytes past a row's end, one for the step from
/// pixel to pixel; then pixels, again and again until the frame is full. Read twice, as a camera
/// session.
pub(crate) fn frame(data: &[u8]) {
    work_of_frame(data);
}

/// The most units of work that a reading of these bytes as a frame took.
pub(crate) fn work_of_frame(data: &[u8]) -> u64 {
    let Some((&[w0, w1, h0, h1, extra, step], pixels)) = data.split_first_chunk::<6>() else {
        return 0;
    };
    let width = usize::from(u16::from_le_bytes([w0, w1]) % 500) + 1;
    let height = usize::from(u16::from_le_bytes([h0, h1]) % 500) + 1;
    let step = usize::from(step % 3) + 1;
    let stride = width * step + usize::from(extra);
    if pixels.is_empty() {
        return 0;
    }
    let luma: Vec<u8> = pixels
        .iter()
        .copied()
        .cycle()
        .take(stride * height)
        .collect();
    let frame = Frame::new(&luma, width, height, stride, step).expect("a sound frame");
    FRAMES.with_borrow_mut(|reader| {
        reader.reset();
        let mut most = 0;
        for _ in 0..2 {
            let answer = reader.read(&frame);
            most = most.max(reader.work());
            for reading in answer.readings {
                assert!(
                    reading
                        .corners
                        .iter()
                        .all(|c| c.x.is_finite() && c.y.is_finite())
                );
            }
        }
        most
    })
}

/// Modules: one byte chooses a symbol or an empty grid, the next the strength of its modules; then
/// either edits of three bytes (a place and a value), or for the empty grid one value a module.
pub(crate) fn modules(data: &[u8]) {
    let Some((&[which, strength], rest)) = data.split_first_chunk::<2>() else {
        return;
    };
    let value = |byte: u8| f32::from(byte as i8) / 64.0;
    let (side, modules) = match KNOWN.symbols.get(usize::from(which % 16)) {
        Some(symbol) => {
            let side = symbol.side();
            let unit = value(strength);
            let dark = |i| {
                if symbol.is_dark(i % side, i / side) {
                    unit
                } else {
                    -unit
                }
            };
            let mut modules: Vec<f32> = (0..side * side).map(dark).collect();
            for edit in rest.chunks_exact(3) {
                let place = usize::from(u16::from_le_bytes([edit[0], edit[1]])) % modules.len();
                modules[place] = value(edit[2]);
            }
            (side, modules)
        }
        None => {
            let side = 17 + 4 * (usize::from(strength) % 41);
            let values = rest
                .iter()
                .map(|&byte| value(byte))
                .chain(std::iter::repeat(0.0));
            (side, values.take(side * side).collect())
        }
    };
    let mut decoder = Decoder::new();
    let first = decoder.decode(side, &modules);
    assert_eq!(
        first,
        decoder.decode(side, &modules),
        "a decoder used before answers the same"
    );
    let catalogue = Some(KNOWN.catalogue.as_ref());
    let read = LABELS.with_borrow_mut(|reader| reader.read(&modules, catalogue, 1, Effort::Full));
    if let Some(read) = read {
        assert_eq!(read.known, KNOWN.labels.contains(&read.label));
    }
}

/// Data codewords: one byte for the version, then the codewords.
pub(crate) fn codewords(data: &[u8]) {
    let Some((&version, codewords)) = data.split_first() else {
        return;
    };
    if let Ok(message) = read_segments(version % 40 + 1, codewords) {
        assert!(message.bytes.len() <= codewords.len() * 8);
    }
}
