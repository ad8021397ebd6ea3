//! Measures how near wrong labels come: the distribution of the best wrong label's score when the
//! label shown is not in the catalogue, its fitted tail, and labels taken from near misses.
//!
//! `cargo run --release -p kokoni-reader --example null_distribution [FRAMES] [LABELS] [HOST]`
//!
//! Modules are simulated (value ±1, normal noise of 0.2 to 1.2, one frame in three with a third of
//! the symbol hidden), since the score rests on the ids being random and not on the picture.
#![expect(
    clippy::print_stdout,
    reason = "a program that prints what it measured"
)]

use kokoni_model::catalogue::Catalogue;
use kokoni_model::label::{Host, LabelId, label_symbol, label_text_prefix};
use kokoni_reader::PreparedCatalogue;
use kokoni_reader::catalogue::{Effort, LabelReader};
use qrcode::bits::Bits;
use qrcode::{Color, EcLevel, QrCode, Version};

/// Scores from which the tail is fitted.
const TAIL: f64 = 4.75;

/// SplitMix64 (G. Steele, D. Lea, C. Flood, 2014).
struct Random(u64);

impl Random {
    fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut z = self.0;
        z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        z ^ (z >> 31)
    }

    fn unit(&mut self) -> f32 {
        (self.next() >> 40) as f32 / (1u64 << 24) as f32
    }

    fn normal(&mut self) -> f32 {
        (0..12).map(|_| self.unit()).sum::<f32>() - 6.0
    }

    fn label(&mut self) -> LabelId {
        LabelId::from_bytes(std::array::from_fn(|_| self.next() as u8))
    }

    /// Modules as a camera might show them; `dark` says how they were printed.
    fn photograph(&mut self, dark: &[bool], number: usize) -> Vec<f32> {
        let side = dark.len().isqrt();
        let noise = 0.2 + self.unit();
        let hidden = if number.is_multiple_of(3) {
            side / 3
        } else {
            0
        };
        let mut look = |index: usize| {
            let printed = if dark[index] { 1.0 } else { -1.0 };
            let seen = if index % side < hidden { 0.1 } else { 1.0 };
            (printed * seen + noise * self.normal()).clamp(-2.0, 2.0)
        };
        (0..dark.len()).map(&mut look).collect()
    }
}

fn main() {
    let mut arguments = std::env::args().skip(1);
    let mut number = |default| {
        arguments
            .next()
            .and_then(|a| a.parse().ok())
            .unwrap_or(default)
    };
    let (frames, labels): (usize, usize) = (number(20_000), number(20_000));
    let host = Host::new(&arguments.next().unwrap_or("k.example.jp".into())).expect("a host");
    let mut random = Random(2026);
    let ids: Vec<LabelId> = (0..labels).map(|_| random.label()).collect();
    let catalogue = Catalogue {
        host: host.clone(),
        version: 1,
        labels: ids.clone(),
    };
    let catalogue = PreparedCatalogue::new(&catalogue);
    let mut reader = LabelReader::new(&host).expect("the host fits");
    let best = foreign(&mut reader, &catalogue, &host, frames, &mut random);
    let near = near_misses(&mut reader, &catalogue, &host, &ids, frames, &mut random);
    println!("{frames} frames of foreign labels against {labels} labels of {host}");
    println!("score   frames with a best wrong label above   if scores were normal   Hoeffding");
    for t in [3.5, 4.0, 4.5, 5.0, 5.5, 6.0, 6.5, 7.0] {
        let above = best.iter().filter(|&&score| score > t).count();
        let all = frames as f64;
        let normal = all * (1.0 - (1.0 - upper_tail(t)).powf(labels as f64));
        let bound = all * (labels as f64 * (-t * t / 2.0).exp()).min(1.0);
        println!("{t:>5.1} {above:>20} {normal:>30.1} {bound:>17.1}");
    }
    let tail: Vec<f64> = best.iter().copied().filter(|&score| score > TAIL).collect();
    let (scale, upper) = fitted_scale(&tail);
    let threshold = (2.0 * (labels as f64 * std::f64::consts::PI.powi(2) / 6.0 / 1e-9).ln()).sqrt();
    let chance = labels as f64 * upper_tail(threshold / upper);
    println!("highest {:.2}", best.iter().copied().fold(0.0, f64::max));
    println!(
        "tail above {TAIL}: {} scores, deviation {scale:.3}, at most {upper:.3} (95 %)",
        tail.len()
    );
    println!("so above the threshold {threshold:.2} at most {chance:.1e} a frame");
    println!(
        "{frames} frames of near misses with an id of the catalogue: {near} taken for a label"
    );
}

/// The best score among wrong labels, frame by frame.
fn foreign(
    reader: &mut LabelReader,
    catalogue: &PreparedCatalogue,
    host: &Host,
    frames: usize,
    random: &mut Random,
) -> Vec<f64> {
    let mut best = Vec::new();
    for number in 0..frames {
        let shown = random.label();
        let symbol = label_symbol(host, &shown).expect("fits");
        let side = symbol.side();
        let dark: Vec<bool> = (0..side * side)
            .map(|i| symbol.is_dark(i % side, i / side))
            .collect();
        let modules = random.photograph(&dark, number);
        if let Some(read) = reader.read(&modules, Some(catalogue), 1, Effort::Full) {
            assert!(read.label == shown && !read.known, "a false accept");
        }
        best.extend(
            reader
                .nearest(catalogue)
                .map(|nearest| f64::from(nearest.score)),
        );
    }
    best
}

/// Symbols with an id of the catalogue behind a prefix that is wrong in one character: how many are
/// taken for a label.
fn near_misses(
    reader: &mut LabelReader,
    catalogue: &PreparedCatalogue,
    host: &Host,
    ids: &[LabelId],
    frames: usize,
    random: &mut Random,
) -> usize {
    let prefix = label_text_prefix(host);
    let mut taken = 0;
    let mut dark = Vec::new();
    for number in 0..frames {
        // One symbol is photographed ten times.
        if number.is_multiple_of(10) {
            let mut bytes = prefix.clone().into_bytes();
            let at = random.next() as usize % bytes.len();
            bytes[at] ^= (random.next() % 127 + 1) as u8;
            let id = ids[random.next() as usize % ids.len()].to_string();
            dark = drawn(&bytes, id.as_bytes());
        }
        let modules = random.photograph(&dark, number);
        taken += usize::from(
            reader
                .read(&modules, Some(catalogue), 1, Effort::Full)
                .is_some(),
        );
    }
    taken
}

fn drawn(prefix: &[u8], id: &[u8]) -> Vec<bool> {
    let symbol = (1..=40).find_map(|version| {
        let mut bits = Bits::new(Version::Normal(version));
        bits.push_byte_data(prefix).ok()?;
        bits.push_alphanumeric_data(id).ok()?;
        bits.push_terminator(EcLevel::Q).ok()?;
        QrCode::with_bits(bits, EcLevel::Q).ok()
    });
    symbol
        .expect("fits")
        .to_colors()
        .into_iter()
        .map(|c| c == Color::Dark)
        .collect()
}

/// The probability that a standard normal variable exceeds t (Abramowitz and Stegun, 26.2.12, the
/// continued fraction to 60 terms).
fn upper_tail(t: f64) -> f64 {
    let fraction = (1..=60).rev().fold(t, |rest, k| t + f64::from(k) / rest);
    (-t * t / 2.0).exp() / (2.0 * std::f64::consts::PI).sqrt() / fraction
}

/// The deviation of normal scores whose tail is likeliest to be this one, and the largest that the
/// likelihood ratio does not exclude at 95 %.
fn fitted_scale(tail: &[f64]) -> (f64, f64) {
    let likelihood = |scale: f64| -> f64 {
        let squares: f64 = tail.iter().map(|t| (t / scale).powi(2) / 2.0).sum();
        -squares - tail.len() as f64 * (scale.ln() + upper_tail(TAIL / scale).ln())
    };
    let scales = || (500..2_000).map(|s| f64::from(s) / 1_000.0);
    let best = scales()
        .max_by(|a, b| likelihood(*a).total_cmp(&likelihood(*b)))
        .unwrap_or(1.0);
    let allowed = |scale: &f64| likelihood(*scale) > likelihood(best) - 1.92;
    (best, scales().filter(allowed).fold(best, f64::max))
}
