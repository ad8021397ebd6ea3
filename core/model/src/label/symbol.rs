//! Drawing a symbol: the one function behind labels, sheets and the synthetic camera.

use qrcode::bits::Bits;
use qrcode::{EcLevel, QrCode, Version};
use thiserror::Error;

use super::host::Host;
use super::id::LabelId;
use super::text::label_text_prefix;

/// A QR symbol as a square of modules, without its quiet zone.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Symbol {
    version: u8,
    side: usize,
    dark: Vec<bool>,
}

/// The text does not fit a QR symbol.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Error)]
#[error("a text of {bytes} bytes does not fit a QR code")]
pub struct SymbolError {
    /// Length of the text.
    pub bytes: usize,
}

impl Symbol {
    /// Version, 1 to 40.
    pub fn version(&self) -> u8 {
        self.version
    }

    /// Modules a side: 17 + 4 × version.
    pub fn side(&self) -> usize {
        self.side
    }

    /// Whether the module in this column and row is dark. Both count from 0 at the top left and
    /// must be below [`Symbol::side`]; beyond it everything is light.
    pub fn is_dark(&self, column: usize, row: usize) -> bool {
        column < self.side && row < self.side && self.dark[row * self.side + column]
    }
}

/// The symbol of a label: prefix in byte mode, id in alphanumeric mode, error correction Q, the
/// smallest version that holds it.
pub fn label_symbol(host: &Host, id: &LabelId) -> Result<Symbol, SymbolError> {
    let prefix = label_text_prefix(host);
    let id = id.to_chars();
    smallest(EcLevel::Q, prefix.len() + id.len(), |bits| {
        bits.push_byte_data(prefix.as_bytes())?;
        bits.push_alphanumeric_data(&id)
    })
}

/// The symbol of any text (enrolment links, foreign codes in tests): byte mode, error correction M.
pub fn text_symbol(text: &str) -> Result<Symbol, SymbolError> {
    smallest(EcLevel::M, text.len(), |bits| {
        bits.push_byte_data(text.as_bytes())
    })
}

fn smallest(
    level: EcLevel,
    bytes: usize,
    fill: impl Fn(&mut Bits) -> qrcode::QrResult<()>,
) -> Result<Symbol, SymbolError> {
    (1..=40)
        .find_map(|version| {
            let mut bits = Bits::new(Version::Normal(version));
            fill(&mut bits)
                .and_then(|()| bits.push_terminator(level))
                .ok()?;
            let code = QrCode::with_bits(bits, level).ok()?;
            let dark = code
                .to_colors()
                .iter()
                .map(|&c| c == qrcode::Color::Dark)
                .collect();
            Some(Symbol {
                version: version as u8,
                side: code.width(),
                dark,
            })
        })
        .ok_or(SymbolError { bytes })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn usual_hosts_give_versions_three_to_five() {
        let id = LabelId::from_bytes([0xa5; 10]);
        let version = |host: &str| {
            label_symbol(&Host::new(host).expect("a host"), &id)
                .expect("fits")
                .version()
        };
        assert_eq!(version("k.jp"), 3);
        assert_eq!(version("k.example.jp"), 4);
        assert_eq!(version("kokoni.city.example.lg.jp"), 5);
    }

    #[test]
    fn a_symbol_has_its_finder_patterns_in_three_corners() {
        let symbol = text_symbol("ココニ").expect("fits");
        let far = symbol.side() - 1;
        for (column, row) in [
            (0, 0),
            (6, 6),
            (3, 3),
            (far, 0),
            (far - 3, 3),
            (0, far),
            (3, far - 3),
        ] {
            assert!(symbol.is_dark(column, row), "{column},{row}");
        }
        assert!(!symbol.is_dark(1, 1) && !symbol.is_dark(7, 7));
        assert!(!symbol.is_dark(symbol.side(), 0));
    }

    #[test]
    fn a_text_too_long_for_any_symbol_is_an_error() {
        assert_eq!(
            text_symbol(&"x".repeat(3000)),
            Err(SymbolError { bytes: 3000 })
        );
    }
}
