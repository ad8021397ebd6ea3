//! The font of printed labels: BIZ UDGothic, so that Japanese names print on any machine.

/// The font file, embedded; see `cli/fonts/README.md` for its licence.
pub(super) const BIZ_UDGOTHIC: &[u8] = include_bytes!("../../fonts/BIZUDGothic-Regular.ttf");

#[cfg(test)]
mod tests {
    use super::*;
    use sha2::{Digest, Sha256};

    #[test]
    fn the_font_is_the_file_that_its_checksum_names() {
        let expected = include_str!("../../fonts/SHA256SUMS");
        let found: String = Sha256::digest(BIZ_UDGOTHIC)
            .iter()
            .map(|byte| format!("{byte:02x}"))
            .collect();
        assert!(expected.starts_with(&found), "{found}");
    }
}
