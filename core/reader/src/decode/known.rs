//! What is known of every label of a host before a frame arrives: version, level, the codewords of
//! header, prefix and padding, and with them every parity bit that no id can change.
//!
//! A label's data are fixed but for 88 bits, the eight pairs of its id. Reed-Solomon codes are
//! linear, so each of those bits flips a fixed set of parity bits; what none of them flips is the
//! same in every label. In a version 4 symbol with a host of 12 characters that is the whole first
//! block: 541 modules are known for a mask and 296 vary.

use kokoni_model::label::{Host, LABEL_ID_CHARS, LabelId, label_text_prefix};

use super::format::format_word;
use super::layout::{Layout, format_places, mask_inverts};
use super::reed_solomon::parity_of;
use super::segments::{ALPHANUMERIC, Mode, count_bits};
use super::tables::{Blocks, Level, VERSIONS, codewords_of};

/// Error correction level of labels.
const LEVEL: Level = Level::Q;

/// Pairs of characters in an id, eleven bits each (ISO/IEC 18004:2015, 7.4.4).
pub(crate) const PAIRS: usize = LABEL_ID_CHARS / 2;
/// Bits of a pair.
pub(crate) const PAIR_BITS: usize = 11;
/// Bits of an id in the data.
pub(crate) const ID_BITS: usize = PAIRS * PAIR_BITS;

/// One bit of the codewords of a host's labels. Bits are numbered as they are laid into the
/// symbol: interleaved codewords, most significant bit first.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum CodeBit {
    /// The same in every label.
    Known(bool),
    /// Depends on the id.
    Varies,
}

/// A bit that depends on the id: the exclusive-or of `constant` and of the pairs' bits under the
/// masks.
#[derive(Clone, Copy, Debug)]
pub(crate) struct VaryingBit {
    /// Number of the bit among all code bits.
    pub(crate) bit: usize,
    /// Its value where all pairs are zero.
    pub(crate) constant: bool,
    /// For each pair, which of its bits go in.
    pub(crate) masks: [u16; PAIRS],
}

/// One block of a label's codewords, as bits.
#[derive(Clone, Debug)]
pub(crate) struct LabelBlock {
    /// Whether every codeword of it is known.
    pub(crate) constant: bool,
    /// Its parity bits. Where another message differs in one data codeword of the block, all parity
    /// codewords differ, and in d of them at least `parity + 1 - d` (the code's distance is
    /// `parity + 1`); in which bits is as good as random.
    pub(crate) parity: Vec<u16>,
    /// Its varying bits, as places among all varying bits.
    pub(crate) varying: Vec<u16>,
    /// How many bits of the id are in it.
    pub(crate) id_bits: usize,
}

/// The plan of a host's labels.
#[derive(Clone, Debug)]
pub(crate) struct KnownLabel {
    layout: Layout,
    blocks: Blocks,
    /// The data with an id of zero bits.
    template: Vec<u8>,
    /// First data bit of the id.
    id_start: usize,
    bits: Vec<CodeBit>,
    varying: Vec<VaryingBit>,
    label_blocks: Vec<LabelBlock>,
}

impl KnownLabel {
    /// The plan for this host; `None` when its labels fit no symbol, which no valid host reaches.
    pub(crate) fn new(host: &Host) -> Option<Self> {
        let prefix = label_text_prefix(host);
        VERSIONS
            .into_iter()
            .find_map(|version| Self::in_version(version, prefix.as_bytes()))
    }

    fn in_version(version: u8, prefix: &[u8]) -> Option<Self> {
        let blocks = Blocks::of(version, LEVEL);
        let mut data = BitWriter::default();
        data.push(Mode::Byte as usize, 4);
        let byte_count = count_bits(version, Mode::Byte);
        if prefix.len() >> byte_count != 0 {
            return None;
        }
        data.push(prefix.len(), byte_count);
        prefix
            .iter()
            .for_each(|&byte| data.push(usize::from(byte), 8));
        data.push(Mode::Alphanumeric as usize, 4);
        data.push(LABEL_ID_CHARS, count_bits(version, Mode::Alphanumeric));
        let id_start = data.length;
        (0..PAIRS).for_each(|_| data.push(0, PAIR_BITS));
        let template = data.finish(blocks.total_data())?;
        let layout = Layout::new(version);
        let mut plan = Self {
            layout,
            blocks,
            template,
            id_start,
            bits: Vec::new(),
            varying: Vec::new(),
            label_blocks: Vec::new(),
        };
        plan.find_varying();
        plan.describe_blocks();
        Some(plan)
    }

    /// Modules a side.
    pub(crate) fn side(&self) -> usize {
        self.layout.side()
    }

    pub(crate) fn layout(&self) -> &Layout {
        &self.layout
    }

    pub(super) fn blocks(&self) -> &Blocks {
        &self.blocks
    }

    /// Every code bit.
    pub(crate) fn bits(&self) -> &[CodeBit] {
        &self.bits
    }

    /// The bits that depend on the id, ascending.
    pub(crate) fn varying(&self) -> &[VaryingBit] {
        &self.varying
    }

    /// Where each bit of the id stands among the varying bits.
    pub(crate) fn id_places(&self) -> Vec<u16> {
        let mut places = vec![0; ID_BITS];
        // Data stand before parity, so the first bit that follows one bit of one pair is that bit.
        for (place, varying) in self.varying.iter().enumerate().rev() {
            let ones: u32 = varying.masks.iter().map(|mask| mask.count_ones()).sum();
            if ones == 1
                && let Some(pair) = varying.masks.iter().position(|&mask| mask != 0)
            {
                let bit = varying.masks[pair].trailing_zeros() as usize;
                places[pair * PAIR_BITS + PAIR_BITS - 1 - bit] = place as u16;
            }
        }
        places
    }

    /// The blocks.
    pub(crate) fn label_blocks(&self) -> &[LabelBlock] {
        &self.label_blocks
    }

    /// Every module whose colour is known under a mask, but for function patterns: format
    /// information, code bits and remainder bits that are the same in every label. Index and whether
    /// dark.
    pub(crate) fn known_data_modules(&self, mask: u8) -> impl Iterator<Item = (usize, bool)> + '_ {
        let side = self.side();
        let word = format_word(LEVEL, mask);
        let format = format_places(side).into_iter().flat_map(move |places| {
            places
                .into_iter()
                .enumerate()
                .map(move |(bit, place)| (place, word >> bit & 1 == 1))
        });
        let places = self
            .layout
            .data_order()
            .iter()
            .map(|&place| usize::from(place));
        let known = places.enumerate().filter_map(move |(bit, place)| {
            let set = match self.bits.get(bit) {
                Some(CodeBit::Varies) => return None,
                Some(CodeBit::Known(set)) => *set,
                // Remainder bits are zero (7.6).
                None => false,
            };
            Some((place, set ^ mask_inverts(mask, place % side, place / side)))
        });
        format.chain(known)
    }

    /// The codewords of a label, interleaved.
    pub(crate) fn codewords(&self, id: &LabelId) -> Vec<u8> {
        let pairs = pairs_of(id);
        let mut data = self.template.clone();
        for (pair, value) in pairs.iter().enumerate() {
            for bit in 0..PAIR_BITS {
                if value >> (PAIR_BITS - 1 - bit) & 1 == 1 {
                    flip(&mut data, self.id_start + pair * PAIR_BITS + bit);
                }
            }
        }
        self.encode(&data)
    }

    /// The label whose data codewords these are, all blocks after each other; `None` where they
    /// are anything else, in any bit.
    pub(crate) fn parse(&self, data: &[u8]) -> Option<LabelId> {
        let mut pairs = [0u16; PAIRS];
        for (pair, value) in pairs.iter_mut().enumerate() {
            for bit in 0..PAIR_BITS {
                let at = self.id_start + pair * PAIR_BITS + bit;
                *value = *value << 1 | u16::from(data.get(at / 8)? >> (7 - at % 8) & 1);
            }
        }
        let mut fixed = data.to_vec();
        for (pair, value) in pairs.iter().enumerate() {
            for bit in 0..PAIR_BITS {
                if value >> (PAIR_BITS - 1 - bit) & 1 == 1 {
                    flip(&mut fixed, self.id_start + pair * PAIR_BITS + bit);
                }
            }
        }
        (fixed == self.template).then(|| id_of(&pairs)).flatten()
    }

    /// The codeword at `position` of block `number` if every bit of it is known.
    pub(super) fn known_codeword(&self, number: usize, position: usize) -> Option<u8> {
        let first = self.blocks.interleaved(number, position) * 8;
        self.bits[first..first + 8]
            .iter()
            .try_fold(0, |value, bit| match bit {
                CodeBit::Known(set) => Some(value << 1 | u8::from(*set)),
                CodeBit::Varies => None,
            })
    }

    fn encode(&self, data: &[u8]) -> Vec<u8> {
        let blocks = &self.blocks;
        let mut words = vec![0; codewords_of(self.layout.version())];
        let mut parity = vec![0; blocks.parity];
        for number in 0..blocks.count() {
            let (start, length) = (blocks.data_start(number), blocks.data_of(number));
            let own = &data[start..start + length];
            parity_of(own, &mut parity);
            for (position, &value) in own.iter().chain(&parity).enumerate() {
                words[blocks.interleaved(number, position)] = value;
            }
        }
        words
    }

    fn find_varying(&mut self) {
        let base = self.encode(&self.template);
        let responses: Vec<Vec<u8>> = (0..ID_BITS)
            .map(|bit| {
                let mut data = vec![0; self.template.len()];
                flip(&mut data, self.id_start + bit);
                self.encode(&data)
            })
            .collect();
        let is_set = |words: &[u8], bit: usize| words[bit / 8] >> (7 - bit % 8) & 1 == 1;
        for bit in 0..base.len() * 8 {
            let mut masks = [0u16; PAIRS];
            for (id_bit, response) in responses.iter().enumerate() {
                if is_set(response, bit) {
                    masks[id_bit / PAIR_BITS] |= 1 << (PAIR_BITS - 1 - id_bit % PAIR_BITS);
                }
            }
            let constant = is_set(&base, bit);
            if masks == [0; PAIRS] {
                self.bits.push(CodeBit::Known(constant));
            } else {
                self.bits.push(CodeBit::Varies);
                self.varying.push(VaryingBit {
                    bit,
                    constant,
                    masks,
                });
            }
        }
    }

    fn describe_blocks(&mut self) {
        let blocks = self.blocks;
        for number in 0..blocks.count() {
            let data = blocks.data_of(number);
            let codewords = 0..data + blocks.parity;
            let parity = codewords.clone().skip(data);
            let bits = |position| {
                let first = blocks.interleaved(number, position) * 8;
                first..first + 8
            };
            let own: Vec<usize> = codewords.clone().flat_map(bits).collect();
            let places = self.varying.iter().enumerate();
            let varying: Vec<u16> = places
                .filter(|(_, varying)| own.contains(&varying.bit))
                .map(|(place, _)| place as u16)
                .collect();
            self.label_blocks.push(LabelBlock {
                id_bits: self
                    .id_places()
                    .iter()
                    .filter(|place| varying.contains(place))
                    .count(),
                varying,
                constant: codewords
                    .clone()
                    .all(|p| self.known_codeword(number, p).is_some()),
                parity: parity.flat_map(bits).map(|bit| bit as u16).collect(),
            });
        }
    }
}

/// The pairs of an id's characters as alphanumeric values.
pub(crate) fn pairs_of(id: &LabelId) -> [u16; PAIRS] {
    let chars = id.to_chars();
    let value = |character: u8| {
        let place = ALPHANUMERIC.iter().position(|&c| c == character);
        place.unwrap_or_default() as u16
    };
    std::array::from_fn(|pair| value(chars[2 * pair]) * 45 + value(chars[2 * pair + 1]))
}

/// The id with these pairs, if they are Crockford digits.
pub(crate) fn id_of(pairs: &[u16; PAIRS]) -> Option<LabelId> {
    let mut text = String::with_capacity(LABEL_ID_CHARS);
    for &pair in pairs {
        for value in [pair / 45, pair % 45] {
            text.push(char::from(*ALPHANUMERIC.get(usize::from(value))?));
        }
    }
    LabelId::parse_exact(&text).ok()
}

/// Every value that a pair of an id can have.
pub(crate) fn possible_pairs() -> impl Iterator<Item = u16> {
    let digit = |value: &u16| id_of(&[*value * 45; PAIRS]).is_some();
    let digits: Vec<u16> = (0..45).filter(digit).collect();
    let second = digits.clone();
    digits
        .into_iter()
        .flat_map(move |a| second.clone().into_iter().map(move |b| a * 45 + b))
}

fn flip(data: &mut [u8], bit: usize) {
    data[bit / 8] ^= 0x80 >> (bit % 8);
}

/// Data bits from the most significant on.
#[derive(Default)]
struct BitWriter {
    bytes: Vec<u8>,
    length: usize,
}

impl BitWriter {
    fn push(&mut self, value: usize, bits: usize) {
        for bit in (0..bits).rev() {
            if self.length.is_multiple_of(8) {
                self.bytes.push(0);
            }
            if value >> bit & 1 == 1 {
                flip(&mut self.bytes, self.length);
            }
            self.length += 1;
        }
    }

    /// Terminator and padding up to `capacity` codewords (7.4.9, 7.4.10); `None` when it is full
    /// already.
    fn finish(mut self, capacity: usize) -> Option<Vec<u8>> {
        let left = (capacity * 8).checked_sub(self.length)?;
        self.push(0, left.min(4));
        let padding = [0xec, 0x11].into_iter().cycle();
        let missing = capacity - self.bytes.len();
        self.bytes.extend(padding.take(missing));
        Some(self.bytes)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use kokoni_model::label::label_symbol;
    use proptest::prelude::*;

    pub(crate) const HOSTS: [&str; 6] = [
        "k.jp",
        "k.example.jp",
        "seats.example.jp",
        "kokoni.city.example.lg.jp",
        "a-host-of-thirty-characters.jp",
        "a-long-name-under-a-longer-one.of-a-department.of-the-prefecture.example.lg.jp:8443",
    ];

    fn plan(host: &str) -> (Host, KnownLabel) {
        let host = Host::new(host).expect("a host");
        let plan = KnownLabel::new(&host).expect("fits");
        (host, plan)
    }

    /// The modules of a label under the mask that the encoder chose, and that mask.
    fn drawn(host: &Host, id: &LabelId, plan: &KnownLabel) -> (Vec<bool>, u8) {
        let symbol = label_symbol(host, id).expect("fits");
        let side = symbol.side();
        assert_eq!(side, plan.side());
        let dark = (0..side * side)
            .map(|i| symbol.is_dark(i % side, i / side))
            .collect::<Vec<_>>();
        let read = |word: u16| {
            let [first, _] = format_places(side);
            first
                .iter()
                .enumerate()
                .all(|(bit, &place)| dark[place] == (word >> bit & 1 == 1))
        };
        let mask = (0..8)
            .find(|&mask| read(format_word(LEVEL, mask)))
            .expect("level Q");
        (dark, mask)
    }

    #[test]
    fn every_known_module_has_its_colour_in_every_drawn_label() {
        for host in HOSTS {
            let (host, plan) = plan(host);
            for seed in 0..20u8 {
                let id = LabelId::from_bytes([seed.wrapping_mul(97); 10]);
                let (dark, mask) = drawn(&host, &id, &plan);
                let functions = plan.layout().function_modules();
                for (module, expected) in functions.chain(plan.known_data_modules(mask)) {
                    assert_eq!(dark[module], expected, "{host}, module {module}");
                }
            }
        }
    }

    #[test]
    fn a_version_four_label_has_a_constant_block_and_296_varying_bits() {
        let (_, plan) = plan("k.example.jp");
        assert_eq!(plan.layout().version(), 4);
        let constant: Vec<bool> = plan.label_blocks().iter().map(|b| b.constant).collect();
        assert_eq!(constant, [true, false]);
        assert_eq!(plan.varying().len(), 296);
        assert_eq!(plan.known_data_modules(0).count(), 30 + 800 - 296 + 7);
    }

    #[test]
    fn pairs_have_a_thousand_and_twenty_four_values() {
        assert_eq!(possible_pairs().count(), 1024);
        assert!(possible_pairs().all(|pair| pair < 1 << PAIR_BITS));
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(48))]

        #[test]
        fn the_codewords_of_a_label_are_those_an_independent_encoder_lays(
            which in 0..HOSTS.len(), bytes: [u8; 10]
        ) {
            let (host, plan) = plan(HOSTS[which]);
            let id = LabelId::from_bytes(bytes);
            let (dark, mask) = drawn(&host, &id, &plan);
            let side = plan.side();
            let words = plan.codewords(&id);
            for (bit, &place) in plan.layout().data_order().iter().enumerate().take(words.len() * 8) {
                let place = usize::from(place);
                let set = words[bit / 8] >> (7 - bit % 8) & 1 == 1;
                prop_assert_eq!(dark[place], set ^ mask_inverts(mask, place % side, place / side));
            }
        }

        #[test]
        fn varying_bits_follow_from_the_pairs(which in 0..HOSTS.len(), bytes: [u8; 10]) {
            let (_, plan) = plan(HOSTS[which]);
            let id = LabelId::from_bytes(bytes);
            let words = plan.codewords(&id);
            let pairs = pairs_of(&id);
            for varying in plan.varying() {
                let ones: u32 = varying.masks.iter().zip(&pairs).map(|(m, p)| (m & p).count_ones()).sum();
                let expected = varying.constant ^ (ones % 2 == 1);
                let bit = varying.bit;
                prop_assert_eq!(words[bit / 8] >> (7 - bit % 8) & 1 == 1, expected);
            }
        }

        #[test]
        fn data_parse_back_to_the_id_and_no_changed_bit_passes(
            which in 0..HOSTS.len(), bytes: [u8; 10], at: prop::sample::Index
        ) {
            let (_, plan) = plan(HOSTS[which]);
            let id = LabelId::from_bytes(bytes);
            let words = plan.codewords(&id);
            let blocks = plan.blocks();
            let mut data = Vec::new();
            for number in 0..blocks.count() {
                data.extend((0..blocks.data_of(number)).map(|p| words[blocks.interleaved(number, p)]));
            }
            prop_assert_eq!(plan.parse(&data), Some(id));
            let bit = at.index(data.len() * 8);
            flip(&mut data, bit);
            let inside = (plan.id_start..plan.id_start + ID_BITS).contains(&bit);
            prop_assert!(plan.parse(&data) != Some(id));
            prop_assert!(inside || plan.parse(&data).is_none());
        }
    }
}
