//! The data bits of a symbol as segments (ISO/IEC 18004:2015, 7.4): numeric, alphanumeric, byte,
//! kanji, ECI, FNC1, structured append.

use thiserror::Error;

use super::text::Charset;

/// The 45 characters of the alphanumeric mode, by value (Table 5).
pub(crate) const ALPHANUMERIC: &[u8; 45] = b"0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ $%*+-./:";

/// What a symbol says.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Message {
    /// The text; bytes that are no text are replaced by U+FFFD.
    pub text: String,
    /// The bytes as encoded, segment after segment; kanji as two bytes of Shift_JIS.
    pub bytes: Vec<u8>,
    /// The last extended channel interpretation named, 0 to 999999.
    pub eci: Option<u32>,
    /// Whether and how the data follow a standard of data carriers.
    pub fnc1: Option<Fnc1>,
    /// Set where this symbol is one part of a longer message. The parts are not put together here.
    pub structured_append: Option<StructuredAppend>,
}

/// The meaning that FNC1 gives to a message (7.4.8).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Fnc1 {
    /// In first position: GS1 application identifiers.
    Gs1,
    /// In second position: an industry's own format.
    Industry {
        /// AIM's application indicator as encoded: two digits, or a letter plus 100.
        indicator: u8,
    },
}

/// A symbol's place in a structured append sequence (clause 8).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct StructuredAppend {
    /// Place of this symbol, from 0.
    pub index: u8,
    /// Symbols in the sequence, 1 to 16.
    pub total: u8,
    /// Exclusive-or of all bytes of the whole message.
    pub parity: u8,
}

/// Why the data of a symbol are no message. `bit` counts from the first data bit.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Error)]
pub enum SegmentError {
    /// Not a single segment.
    #[error("the symbol holds no message")]
    Empty,
    /// A mode indicator that QR codes do not have.
    #[error("mode indicator {mode:04b} at bit {bit} is unknown")]
    Mode {
        /// The four bits.
        mode: u8,
        /// Where they stand.
        bit: usize,
    },
    /// A segment that goes on after the end of the data.
    #[error("the segment at bit {bit} wants {wanted} bits, {left} are left")]
    Truncated {
        /// Where the missing bits should begin.
        bit: usize,
        /// Bits wanted there.
        wanted: usize,
        /// Bits left there.
        left: usize,
    },
    /// A group of digits with a value too large for its length.
    #[error("value {value} at bit {bit} is no group of digits")]
    Numeric {
        /// The value found.
        value: u16,
        /// Where it stands.
        bit: usize,
    },
    /// A pair or single character with a value beyond the alphabet of 45.
    #[error("value {value} at bit {bit} is no alphanumeric character")]
    Alphanumeric {
        /// The value found.
        value: u16,
        /// Where it stands.
        bit: usize,
    },
    /// A 13-bit value that is no Shift_JIS character.
    #[error("value {value} at bit {bit} is no kanji")]
    Kanji {
        /// The value found.
        value: u16,
        /// Where it stands.
        bit: usize,
    },
    /// An ECI designator that begins with 111 or exceeds 999999.
    #[error("the ECI designator at bit {bit} is malformed")]
    Eci {
        /// Where it stands.
        bit: usize,
    },
    /// A structured append header whose index is not below its total.
    #[error("part {index} of {total} at bit {bit} is no structured append sequence")]
    StructuredAppend {
        /// The index found.
        index: u8,
        /// The total found.
        total: u8,
        /// Where the header stands.
        bit: usize,
    },
}

/// Bits from the most significant bit of the first byte on.
struct Bits<'a> {
    data: &'a [u8],
    bit: usize,
}

impl Bits<'_> {
    fn left(&self) -> usize {
        self.data.len() * 8 - self.bit
    }

    /// The next `count` bits, at most 16.
    fn take(&mut self, count: usize) -> Result<u16, SegmentError> {
        if count > self.left() {
            return Err(SegmentError::Truncated {
                bit: self.bit,
                wanted: count,
                left: self.left(),
            });
        }
        let mut value = 0;
        for _ in 0..count {
            let bit = self.data[self.bit / 8] >> (7 - self.bit % 8) & 1;
            value = value << 1 | u16::from(bit);
            self.bit += 1;
        }
        Ok(value)
    }

    /// Fails before anything is read of a segment that cannot be whole.
    fn demand(&self, wanted: usize) -> Result<(), SegmentError> {
        let left = self.left();
        if wanted > left {
            return Err(SegmentError::Truncated {
                bit: self.bit,
                wanted,
                left,
            });
        }
        Ok(())
    }
}

/// How a stretch of the message's bytes becomes text.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Kind {
    Ascii,
    Kanji,
    Bytes(Option<u32>),
}

/// Bits of a segment's character count (Table 3).
pub(super) fn count_bits(version: u8, mode: Mode) -> usize {
    let class = match version {
        0..=9 => 0,
        10..=26 => 1,
        _ => 2,
    };
    match mode {
        Mode::Numeric => [10, 12, 14][class],
        Mode::Alphanumeric => [9, 11, 13][class],
        Mode::Byte => [8, 16, 16][class],
        Mode::Kanji => [8, 10, 12][class],
    }
}

/// The modes that carry characters, with their indicators (Table 2).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Mode {
    Numeric = 1,
    Alphanumeric = 2,
    Byte = 4,
    Kanji = 8,
}

/// Reads the data codewords of a symbol of this version (1 to 40; it decides the width of counts).
pub fn read_segments(version: u8, data: &[u8]) -> Result<Message, SegmentError> {
    let mut bits = Bits { data, bit: 0 };
    let mut message = Message::default();
    let mut pieces: Vec<(usize, Kind)> = Vec::new();
    let mut segments = 0;
    // Fewer than four bits left stand for a terminator cut short (7.4.9).
    while bits.left() >= 4 {
        let bit = bits.bit;
        let mode = bits.take(4)? as u8;
        let kind = match mode {
            0 => break,
            1 => {
                read_numeric(&mut bits, version, &mut message)?;
                Kind::Ascii
            }
            2 => {
                read_alphanumeric(&mut bits, version, &mut message)?;
                Kind::Ascii
            }
            4 => {
                read_bytes(&mut bits, version, &mut message)?;
                Kind::Bytes(message.eci)
            }
            8 => {
                read_kanji(&mut bits, version, &mut message)?;
                Kind::Kanji
            }
            3 => {
                message.structured_append = Some(read_structured_append(&mut bits)?);
                continue;
            }
            5 => {
                message.fnc1 = Some(Fnc1::Gs1);
                continue;
            }
            7 => {
                message.eci = Some(read_eci(&mut bits)?);
                continue;
            }
            9 => {
                message.fnc1 = Some(Fnc1::Industry {
                    indicator: bits.take(8)? as u8,
                });
                continue;
            }
            _ => return Err(SegmentError::Mode { mode, bit }),
        };
        segments += 1;
        match pieces.last_mut() {
            // A character may be split between two segments of one kind.
            Some((end, last)) if *last == kind => *end = message.bytes.len(),
            _ => pieces.push((message.bytes.len(), kind)),
        }
    }
    if segments == 0 {
        return Err(SegmentError::Empty);
    }
    message.text = text_of(&message.bytes, &pieces);
    Ok(message)
}

fn read_numeric(
    bits: &mut Bits<'_>,
    version: u8,
    message: &mut Message,
) -> Result<(), SegmentError> {
    let mut left = usize::from(bits.take(count_bits(version, Mode::Numeric))?);
    bits.demand(left / 3 * 10 + [0, 4, 7][left % 3])?;
    while left > 0 {
        let digits = left.min(3);
        let bit = bits.bit;
        let value = bits.take([4, 7, 10][digits - 1])?;
        if value >= [10, 100, 1000][digits - 1] {
            return Err(SegmentError::Numeric { value, bit });
        }
        for divisor in [100, 10, 1].iter().skip(3 - digits) {
            message.bytes.push(b'0' + (value / divisor % 10) as u8);
        }
        left -= digits;
    }
    Ok(())
}

fn read_alphanumeric(
    bits: &mut Bits<'_>,
    version: u8,
    message: &mut Message,
) -> Result<(), SegmentError> {
    let mut left = usize::from(bits.take(count_bits(version, Mode::Alphanumeric))?);
    bits.demand(left / 2 * 11 + left % 2 * 6)?;
    let start = message.bytes.len();
    while left > 0 {
        let bit = bits.bit;
        let pair = left >= 2;
        let value = bits.take(if pair { 11 } else { 6 })?;
        let character = |value: u16| {
            let known = ALPHANUMERIC.get(usize::from(value));
            known
                .copied()
                .ok_or(SegmentError::Alphanumeric { value, bit })
        };
        if pair {
            if value >= 45 * 45 {
                return Err(SegmentError::Alphanumeric { value, bit });
            }
            message.bytes.push(character(value / 45)?);
            message.bytes.push(character(value % 45)?);
            left -= 2;
        } else {
            message.bytes.push(character(value)?);
            left -= 1;
        }
    }
    if message.fnc1.is_some() {
        unescape_percent(&mut message.bytes, start);
    }
    Ok(())
}

/// After FNC1 a percent sign stands for the group separator, two for one percent sign (7.4.8.3).
fn unescape_percent(bytes: &mut Vec<u8>, start: usize) {
    let escaped = bytes.split_off(start);
    let mut rest = escaped.iter().copied().peekable();
    while let Some(byte) = rest.next() {
        bytes.push(match byte {
            b'%' if rest.next_if_eq(&b'%').is_some() => b'%',
            b'%' => 0x1d,
            other => other,
        });
    }
}

fn read_bytes(bits: &mut Bits<'_>, version: u8, message: &mut Message) -> Result<(), SegmentError> {
    let count = usize::from(bits.take(count_bits(version, Mode::Byte))?);
    bits.demand(count * 8)?;
    for _ in 0..count {
        message.bytes.push(bits.take(8)? as u8);
    }
    Ok(())
}

fn read_kanji(bits: &mut Bits<'_>, version: u8, message: &mut Message) -> Result<(), SegmentError> {
    let count = usize::from(bits.take(count_bits(version, Mode::Kanji))?);
    bits.demand(count * 13)?;
    for _ in 0..count {
        let bit = bits.bit;
        let value = bits.take(13)?;
        let packed = ((value / 0xc0) << 8) | (value % 0xc0);
        let pair = packed + if packed < 0x1f00 { 0x8140 } else { 0xc140 };
        let pair = pair.to_be_bytes();
        let whole =
            encoding_rs::SHIFT_JIS.decode_without_bom_handling_and_without_replacement(&pair);
        if whole.is_none_or(|text| text.chars().count() != 1) {
            return Err(SegmentError::Kanji { value, bit });
        }
        message.bytes.extend(pair);
    }
    Ok(())
}

fn read_eci(bits: &mut Bits<'_>) -> Result<u32, SegmentError> {
    let bit = bits.bit;
    let first = u32::from(bits.take(8)?);
    let designator = if first & 0x80 == 0 {
        first
    } else if first & 0xc0 == 0x80 {
        (first & 0x3f) << 8 | u32::from(bits.take(8)?)
    } else if first & 0xe0 == 0xc0 {
        (first & 0x1f) << 16 | u32::from(bits.take(16)?)
    } else {
        return Err(SegmentError::Eci { bit });
    };
    if designator > 999_999 {
        return Err(SegmentError::Eci { bit });
    }
    Ok(designator)
}

fn read_structured_append(bits: &mut Bits<'_>) -> Result<StructuredAppend, SegmentError> {
    let bit = bits.bit;
    bits.demand(16)?;
    let index = bits.take(4)? as u8;
    let total = bits.take(4)? as u8 + 1;
    let parity = bits.take(8)? as u8;
    if index >= total {
        return Err(SegmentError::StructuredAppend { index, total, bit });
    }
    Ok(StructuredAppend {
        index,
        total,
        parity,
    })
}

fn text_of(bytes: &[u8], pieces: &[(usize, Kind)]) -> String {
    let mut unnamed = Vec::new();
    let mut start = 0;
    for &(end, kind) in pieces {
        // One symbol is written in one character set: they are guessed together.
        if let Kind::Bytes(eci) = kind
            && eci.and_then(Charset::of_eci).is_none()
        {
            unnamed.extend_from_slice(&bytes[start..end]);
        }
        start = end;
    }
    let guess = Charset::sniff(&unnamed);
    let mut text = String::with_capacity(bytes.len());
    let mut start = 0;
    for &(end, kind) in pieces {
        let charset = match kind {
            Kind::Ascii => Charset::Latin1,
            Kind::Kanji => Charset::Web(encoding_rs::SHIFT_JIS),
            Kind::Bytes(eci) => eci.and_then(Charset::of_eci).unwrap_or(guess),
        };
        charset.decode_into(&bytes[start..end], &mut text);
        start = end;
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    /// A data stream written as bits, e.g. `"0100 00000001 01000001 0000"`.
    fn stream(bits: &str) -> Vec<u8> {
        let bits: Vec<u8> = bits
            .bytes()
            .filter(|b| b" 01".contains(b) && *b != b' ')
            .collect();
        bits.chunks(8)
            .map(|byte| (0..8).fold(0, |v, i| v << 1 | u8::from(byte.get(i) == Some(&b'1'))))
            .collect()
    }

    fn read(bits: &str) -> Result<Message, SegmentError> {
        read_segments(1, &stream(bits))
    }

    #[test]
    fn the_standards_examples_are_read() {
        // 7.4.3: 01234567; 7.4.4: AC-42; 7.4.6: 点 and 茗.
        let numeric = read("0001 0000001000 0000001100 0101011001 1000011 0000").expect("read");
        assert_eq!(numeric.text, "01234567");
        let alphanumeric =
            read("0010 000000101 00111001110 11100111001 000010 0000").expect("read");
        assert_eq!(alphanumeric.text, "AC-42");
        let kanji = read("1000 00000010 0110110011111 1101010101010 0000").expect("read");
        assert_eq!(
            (kanji.text.as_str(), kanji.bytes.as_slice()),
            ("点茗", &b"\x93\x5f\xe4\xaa"[..])
        );
    }

    #[test]
    fn an_eci_names_the_character_set_of_the_bytes_after_it() {
        // 7.4.2.3: ECI 9 (ISO 8859-7), five Greek letters.
        let greek =
            read("0111 00001001 0100 00000101 10100001 10100010 10100011 10100100 10100101")
                .expect("read");
        assert_eq!(greek.eci, Some(9));
        assert_eq!(greek.text, "‘’£€₯");
    }

    #[test]
    fn fnc1_is_reported_and_unescapes_percent() {
        let gs1 = read("0101 0010 000000010 00111001111 0000").expect("read");
        assert_eq!((gs1.text.as_str(), gs1.fnc1), ("AD", Some(Fnc1::Gs1)));
        let pair = |a: u16, b: u16| format!("{:011b}", a * 45 + b);
        let escaped = format!(
            "1001 00001101 0010 000000110 {} {} {} 0000",
            pair(10, 38),
            pair(11, 38),
            pair(38, 12)
        );
        let industry = read(&escaped).expect("read");
        assert_eq!(industry.fnc1, Some(Fnc1::Industry { indicator: 13 }));
        assert_eq!(industry.text, "A\u{1d}B%C");
    }

    #[test]
    fn structured_append_is_reported_not_combined() {
        let part = read("0011 0001 0010 10100101 0100 00000001 01000001 0000").expect("read");
        let expected = StructuredAppend {
            index: 1,
            total: 3,
            parity: 0xa5,
        };
        assert_eq!(
            (part.text.as_str(), part.structured_append),
            ("A", Some(expected))
        );
    }

    #[test]
    fn a_character_split_between_two_byte_segments_is_whole_again() {
        let split =
            read("0100 00000001 11100011 0100 00000010 10000001 10000010 0000").expect("read");
        assert_eq!(split.text, "あ");
    }

    #[test]
    fn a_terminator_may_be_cut_short_by_the_end_of_the_data() {
        assert_eq!(read("0100 00000001 01000001").expect("read").text, "A");
    }

    #[test]
    fn each_malformed_stream_has_its_own_error_and_says_where() {
        let cases = [
            ("0000 0000", SegmentError::Empty),
            ("0110 0000", SegmentError::Mode { mode: 6, bit: 0 }),
            (
                "0100 00000010 01000001 0000",
                SegmentError::Truncated {
                    bit: 12,
                    wanted: 16,
                    left: 12,
                },
            ),
            (
                "0001 0000000011 1111111111",
                SegmentError::Numeric {
                    value: 1023,
                    bit: 14,
                },
            ),
            (
                "0001 0000000010 1100100 000",
                SegmentError::Numeric {
                    value: 100,
                    bit: 14,
                },
            ),
            (
                "0010 000000010 11111101001",
                SegmentError::Alphanumeric {
                    value: 2025,
                    bit: 13,
                },
            ),
            (
                "0010 000000001 101101 00000",
                SegmentError::Alphanumeric { value: 45, bit: 13 },
            ),
            (
                "1000 00000001 0000000111111 00000",
                SegmentError::Kanji { value: 63, bit: 12 },
            ),
            ("0111 11100000", SegmentError::Eci { bit: 4 }),
            (
                "0111 11011111 11111111 11111111",
                SegmentError::Eci { bit: 4 },
            ),
            (
                "0011 0011 0001 00000000",
                SegmentError::StructuredAppend {
                    index: 3,
                    total: 2,
                    bit: 4,
                },
            ),
        ];
        for (bits, error) in cases {
            assert_eq!(read(bits), Err(error), "{bits}");
        }
    }

    proptest! {
        #[test]
        fn any_stream_gives_a_message_or_an_error(
            version in 1u8..=40, data in prop::collection::vec(any::<u8>(), 0..200)
        ) {
            if let Ok(message) = read_segments(version, &data) {
                prop_assert!(message.bytes.len() <= data.len() * 3);
            }
        }
    }
}
