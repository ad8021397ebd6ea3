//! Codes that are no labels, some of them nearly: what a reader that assumes instead of proving
//! would take for one.

use kokoni_model::label::{Host, LabelId};
use qrcode::bits::Bits;
use qrcode::{EcLevel, QrCode, Version};

use crate::random::Random;
use crate::sticker::Print;

/// A code that is no label, with what it says.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Decoy {
    /// Its text.
    pub text: String,
    side: usize,
    dark: Vec<bool>,
}

impl Decoy {
    /// A code made as labels are (error correction Q, the id in alphanumeric mode where it can be)
    /// that carries this label's id under another host, path, case or scheme, or an id with a
    /// character more or less.
    pub fn near_miss(host: &Host, label: &LabelId, random: &mut Random) -> Self {
        let id = label.to_string();
        let prefix = |host: &str| format!("https://{host}/q/");
        let host = host.as_str();
        let (prefix, id) = match random.below(10) {
            0 => (prefix(&with_letter_changed(host, host.len() - 1)), id),
            1 => (prefix(&with_letter_changed(host, 0)), id),
            2 => (prefix(&with_letter_changed(host, host.len() / 2)), id),
            3 => (format!("https://{host}/r/"), id),
            4 => (format!("https://{host}/Q/"), id),
            5 => (format!("HTTPS://{host}/q/"), id),
            6 => (format!("http://{host}/q/"), id),
            7 => (prefix(host), format!("{}u", &id[..15])),
            8 => (prefix(host), id[..15].to_owned()),
            _ => (prefix(host), id + "7"),
        };
        Self::of_segments(&prefix, &id, EcLevel::Q)
    }

    /// A code that has nothing to do with labels: a link, a network's password, a number.
    pub fn other(random: &mut Random) -> Self {
        let word = |random: &mut Random| format!("{:x}", random.next_u64());
        let text = match random.below(3) {
            0 => format!("https://{}.example/{}", word(random), word(random)),
            1 => format!("WIFI:T:WPA;S:{};P:{};;", word(random), word(random)),
            _ => format!("{}", random.next_u64()),
        };
        let level = [EcLevel::L, EcLevel::M, EcLevel::Q, EcLevel::H][random.below(4)];
        Self::of_segments(&text, "", level)
    }

    /// The smallest symbol of a byte segment and what follows it.
    fn of_segments(prefix: &str, id: &str, level: EcLevel) -> Self {
        let made = (1..=40).find_map(|version| {
            let mut bits = Bits::new(Version::Normal(version));
            bits.push_byte_data(prefix.as_bytes()).ok()?;
            if id
                .bytes()
                .all(|c| c.is_ascii_uppercase() || c.is_ascii_digit())
            {
                bits.push_alphanumeric_data(id.as_bytes()).ok()?;
            } else {
                bits.push_byte_data(id.as_bytes()).ok()?;
            }
            bits.push_terminator(level).ok()?;
            QrCode::with_bits(bits, level).ok()
        });
        let code = made.expect("two hundred characters fit a symbol");
        Self {
            text: format!("{prefix}{id}"),
            side: code.width(),
            dark: code
                .to_colors()
                .iter()
                .map(|&c| c == qrcode::Color::Dark)
                .collect(),
        }
    }
}

/// Another name of the same length: one character replaced by a letter that was not there.
fn with_letter_changed(host: &str, at: usize) -> String {
    let change = |(i, c): (usize, char)| match c {
        'x' if i == at => 'y',
        _ if i == at => 'x',
        c => c,
    };
    host.char_indices().map(change).collect()
}

impl Print for Decoy {
    fn side(&self) -> usize {
        self.side
    }

    fn is_dark(&self, column: usize, row: usize) -> bool {
        self.dark[row * self.side + column]
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use kokoni_model::label::{label_symbol, parse_scanned_text};

    #[test]
    fn no_near_miss_is_a_label() {
        let host = Host::new("k.example.jp").expect("a host");
        let mut random = Random::new(3);
        for number in 0..200 {
            let label = LabelId::from_bytes([number; 10]);
            let decoy = Decoy::near_miss(&host, &label, &mut random);
            assert!(
                parse_scanned_text(&host, &decoy.text).is_err(),
                "{}",
                decoy.text
            );
        }
    }

    #[test]
    fn a_near_miss_is_made_as_labels_are() {
        let host = Host::new("k.example.jp").expect("a host");
        let label = LabelId::from_bytes([9; 10]);
        let symbol = label_symbol(&host, &label).expect("fits");
        let made = Decoy::of_segments("https://k.example.jp/q/", &label.to_string(), EcLevel::Q);
        let same = |i: usize| made.dark[i] == symbol.is_dark(i % made.side, i / made.side);
        assert!(made.side == symbol.side() && (0..made.dark.len()).all(same));
    }
}
