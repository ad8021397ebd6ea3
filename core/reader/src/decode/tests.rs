//! The decoder against symbols of an independent encoder, and against an independent decoder on the
//! same modules.

use super::tables::{VERSIONS, codewords_of};
use super::*;
use proptest::prelude::*;
use qrcode::bits::Bits;
use qrcode::{Color, EcLevel, QrCode, Version};

const LEVELS: [(Level, EcLevel); 4] = [
    (Level::L, EcLevel::L),
    (Level::M, EcLevel::M),
    (Level::Q, EcLevel::Q),
    (Level::H, EcLevel::H),
];

fn values(code: &QrCode) -> Vec<f32> {
    let value = |&color: &Color| if color == Color::Dark { 1.0 } else { -1.0 };
    code.to_colors().iter().map(value).collect()
}

/// The data bits of a payload of this many bytes, if they fit.
fn data_bits(version: u8, level: EcLevel, mode: usize, length: usize) -> Option<(Bits, Vec<u8>)> {
    let kanji = encoding_rs::SHIFT_JIS.encode("座席予約").0;
    let alphabets: [&[u8]; 4] = [
        b"8675309",
        b"DESK 12:$%*+-./",
        b"https://k.example.jp/q/",
        &kanji,
    ];
    let payload: Vec<u8> = alphabets[mode]
        .iter()
        .copied()
        .cycle()
        .take(length)
        .collect();
    let mut bits = Bits::new(Version::Normal(version.into()));
    match mode {
        0 => bits.push_numeric_data(&payload),
        1 => bits.push_alphanumeric_data(&payload),
        2 => bits.push_byte_data(&payload),
        _ => bits.push_kanji_data(&payload),
    }
    .ok()?;
    bits.push_terminator(level).ok()?;
    Some((bits, payload))
}

/// A symbol filled to the last data codeword, or as far as its mode goes.
fn full(version: u8, level: EcLevel, mode: usize) -> (QrCode, Vec<u8>) {
    let unit = if mode == 3 { 2 } else { 1 };
    let (mut low, mut high) = (1, 8000);
    while low + 1 < high {
        let middle = (low + high) / 2;
        match data_bits(version, level, mode, middle * unit) {
            Some(_) => low = middle,
            None => high = middle,
        }
    }
    let (bits, payload) = data_bits(version, level, mode, low * unit).expect("fits");
    (QrCode::with_bits(bits, level).expect("drawn"), payload)
}

fn second_opinion(side: usize, modules: &[f32]) -> String {
    let grid = rqrr::SimpleGrid::from_func(side, |x, y| modules[y * side + x] > 0.0);
    let mut bytes = Vec::new();
    rqrr::Grid::new(grid)
        .decode_to(&mut bytes)
        .expect("rqrr reads it");
    String::from_utf8_lossy(&bytes).into_owned()
}

#[test]
fn full_symbols_of_every_version_level_and_mode_are_read() {
    let mut decoder = Decoder::new();
    for version in VERSIONS {
        for (level, ec_level) in LEVELS {
            let mode = (usize::from(version) + level as usize) % 4;
            let (code, payload) = full(version, ec_level, mode);
            let decoded = decoder.decode(code.width(), &values(&code)).expect("read");
            assert_eq!(
                (decoded.version, decoded.level, decoded.corrected),
                (version, level, 0)
            );
            assert_eq!(
                decoded.message.bytes, payload,
                "version {version}-{level}, mode {mode}"
            );
        }
    }
}

#[test]
fn kanji_and_bytes_come_out_as_text() {
    let (code, _) = full(2, EcLevel::L, 3);
    let decoded = Decoder::new()
        .decode(code.width(), &values(&code))
        .expect("read");
    assert!(decoded.message.text.starts_with("座席予約座席予約"));
}

#[test]
fn an_independent_decoder_agrees_on_every_version_and_level() {
    for version in VERSIONS {
        for (_, level) in LEVELS {
            let (code, _) = full(version, level, 2);
            let (side, modules) = (code.width(), values(&code));
            let ours = Decoder::new().decode(side, &modules).expect("read");
            assert_eq!(
                ours.message.text,
                second_opinion(side, &modules),
                "version {version}"
            );
        }
    }
}

#[test]
fn grids_of_the_wrong_size_are_refused() {
    let mut decoder = Decoder::new();
    assert_eq!(decoder.decode(22, &[]), Err(DecodeError::Side { side: 22 }));
    let values = DecodeError::Values {
        expected: 441,
        found: 440,
    };
    assert_eq!(decoder.decode(21, &[0.0; 440]), Err(values));
    assert_eq!(decoder.decode(21, &[0.0; 441]), Err(DecodeError::Format));
    assert_eq!(
        decoder.decode(21, &[f32::NAN; 441]),
        Err(DecodeError::Format)
    );
}

#[test]
fn a_grid_that_contradicts_the_version_information_says_so() {
    let (code, _) = full(8, EcLevel::M, 2);
    let (side, mut modules) = (code.width(), values(&code));
    for places in layout::version_places(side) {
        for (bit, &place) in places.iter().enumerate() {
            modules[place] = if format::version_word(9) >> bit & 1 == 1 {
                1.0
            } else {
                -1.0
            };
        }
    }
    let error = DecodeError::Version {
        version: 8,
        says: 9,
    };
    assert_eq!(Decoder::new().decode(side, &modules), Err(error));
}

#[test]
fn a_symbol_with_one_block_destroyed_says_which() {
    let (code, _) = full(5, EcLevel::Q, 2);
    let (side, mut modules) = (code.width(), values(&code));
    let layout = Layout::new(5);
    let blocks = Blocks::of(5, Level::Q);
    for position in 0..blocks.data_of(2) {
        let codeword = blocks.interleaved(2, position);
        for &place in &layout.data_order()[codeword * 8..codeword * 8 + 4] {
            modules[usize::from(place)] *= -1.0;
        }
    }
    let damaged = DecodeError::Damaged {
        block: 2,
        blocks: 4,
    };
    assert_eq!(Decoder::new().decode(side, &modules), Err(damaged));
}

/// A version and level, and codewords to spoil: `wrong` of them in each block.
fn spoiled() -> impl Strategy<Value = (u8, usize, u64)> {
    (VERSIONS, 0usize..4, any::<u64>())
}

fn next(state: &mut u64) -> usize {
    *state = state
        .wrapping_mul(6364136223846793005)
        .wrapping_add(1442695040888963407);
    (*state >> 33) as usize
}

/// Spoils `count` random codewords of each block; the modules then have this absolute value.
fn spoil(
    modules: &mut [f32],
    version: u8,
    blocks: &Blocks,
    count: impl Fn(usize) -> usize,
    strength: f32,
    state: &mut u64,
) {
    let layout = Layout::new(version);
    for number in 0..blocks.count() {
        let length = blocks.data_of(number) + blocks.parity;
        let mut positions: Vec<usize> = (0..length).collect();
        for i in (1..length).rev() {
            positions.swap(i, next(state) % (i + 1));
        }
        for &position in &positions[..count(blocks.parity)] {
            let codeword = blocks.interleaved(number, position);
            let flips = next(state) % 255 + 1;
            for bit in 0..8 {
                let place = usize::from(layout.data_order()[codeword * 8 + bit]);
                let sign = if flips >> bit & 1 == 1 { -1.0 } else { 1.0 };
                modules[place] *= sign * strength;
            }
        }
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]

    #[test]
    fn errors_up_to_the_standards_capacity_are_undone((version, level, mut state) in spoiled()) {
        let (level, ec_level) = LEVELS[level];
        let (code, payload) = full(version, ec_level, 2);
        let mut modules = values(&code);
        let blocks = Blocks::of(version, level);
        let protected = match (version, level) {
            (1, Level::L) => 3,
            (1, Level::M) | (2, Level::L) => 2,
            _ => 0,
        };
        spoil(&mut modules, version, &blocks, |parity| (parity - protected) / 2, 1.0, &mut state);
        let decoded = Decoder::new().decode(code.width(), &modules);
        prop_assert_eq!(decoded.map(|d| d.message.bytes), Ok(payload));
    }

    #[test]
    fn codewords_that_look_unsure_may_be_wrong_more_often_than_errors_alone(
        (version, level, mut state) in spoiled()
    ) {
        let (level, ec_level) = LEVELS[level];
        let (code, payload) = full(version, ec_level, 2);
        let mut modules = values(&code);
        let blocks = Blocks::of(version, level);
        spoil(&mut modules, version, &blocks, |parity| parity.saturating_sub(10), 0.1, &mut state);
        let decoded = Decoder::new().decode(code.width(), &modules);
        prop_assert_eq!(decoded.map(|d| d.message.bytes), Ok(payload));
    }

    #[test]
    fn random_modules_are_never_read(version in VERSIONS, mut state: u64) {
        let side = tables::side_of(version);
        let modules: Vec<f32> =
            (0..side * side).map(|_| (next(&mut state) % 2001) as f32 / 1000.0 - 1.0).collect();
        prop_assert!(Decoder::new().decode(side, &modules).is_err());
    }

    #[test]
    fn any_values_whatever_give_an_answer(
        side in 0usize..60,
        modules in prop::collection::vec(any::<f32>(), 441..=625),
    ) {
        let mut decoder = Decoder::new();
        let _ = decoder.decode(side, &modules);
        let _ = decoder.decode(21, &modules[..441]);
    }

    #[test]
    fn a_decoder_used_before_answers_like_a_new_one(first in 1u8..10, second in 1u8..10) {
        let (a, b) = (full(first, EcLevel::M, 2).0, full(second, EcLevel::H, 1).0);
        let mut used = Decoder::new();
        let _ = used.decode(a.width(), &values(&a));
        prop_assert_eq!(
            used.decode(b.width(), &values(&b)),
            Decoder::new().decode(b.width(), &values(&b))
        );
    }
}

#[test]
fn remainder_bits_carry_nothing() {
    for version in VERSIONS {
        let layout = Layout::new(version);
        assert!(layout.data_order().len() - codewords_of(version) * 8 < 8);
    }
}
