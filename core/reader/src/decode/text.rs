//! Bytes to text: the character sets that extended channel interpretations name, and a guess where
//! none is named.

use encoding_rs::Encoding;

/// How bytes are to be read.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Charset {
    /// ISO/IEC 8859-1: every byte is the code point; what the standard means where nothing is said.
    Latin1,
    /// Code page 437, the QR code's first default.
    CodePage437,
    /// One that the WHATWG's encoding standard has.
    Web(&'static Encoding),
}

/// Characters 128 to 255 of code page 437.
const CODE_PAGE_437: &str = "ÇüéâäàåçêëèïîìÄÅÉæÆôöòûùÿÖÜ¢£¥₧ƒáíóúñÑªº¿⌐¬½¼¡«»░▒▓│┤╡╢╖╕╣║╗╝╜╛┐\
└┴┬├─┼╞╟╚╔╩╦╠═╬╧╨╤╥╙╘╒╓╫╪┘┌█▄▌▐▀αßΓπΣσµτΦΘΩδ∞φε∩≡±≥≤⌠⌡÷≈°∙·√ⁿ²■\u{a0}";

impl Charset {
    /// The character set of an ECI assignment (AIM ECI specification, part 3), if it names one that
    /// we can read.
    pub(super) fn of_eci(designator: u32) -> Option<Self> {
        use encoding_rs::*;
        Some(match designator {
            0 | 2 => Self::CodePage437,
            1 | 3 | 27 | 170 | 899 => Self::Latin1,
            4 => Self::Web(ISO_8859_2),
            5 => Self::Web(ISO_8859_3),
            6 => Self::Web(ISO_8859_4),
            7 => Self::Web(ISO_8859_5),
            8 => Self::Web(ISO_8859_6),
            9 => Self::Web(ISO_8859_7),
            10 => Self::Web(ISO_8859_8),
            11 => Self::Web(WINDOWS_1254),
            12 => Self::Web(ISO_8859_10),
            13 => Self::Web(WINDOWS_874),
            15 => Self::Web(ISO_8859_13),
            16 => Self::Web(ISO_8859_14),
            17 => Self::Web(ISO_8859_15),
            18 => Self::Web(ISO_8859_16),
            20 => Self::Web(SHIFT_JIS),
            21 => Self::Web(WINDOWS_1250),
            22 => Self::Web(WINDOWS_1251),
            23 => Self::Web(WINDOWS_1252),
            24 => Self::Web(WINDOWS_1256),
            25 => Self::Web(UTF_16BE),
            26 => Self::Web(UTF_8),
            28 => Self::Web(BIG5),
            29 | 31 => Self::Web(GBK),
            30 => Self::Web(EUC_KR),
            32 => Self::Web(GB18030),
            33 => Self::Web(UTF_16LE),
            _ => return None,
        })
    }

    /// The likeliest character set of bytes that came without a word about it. Encoders write UTF-8
    /// or Shift_JIS there, whatever the standard's default; UTF-8 hardly ever fits by accident.
    pub(super) fn sniff(bytes: &[u8]) -> Self {
        use encoding_rs::{SHIFT_JIS, UTF_8, WINDOWS_1252};
        if let Some((encoding, _)) = Encoding::for_bom(bytes) {
            return Self::Web(encoding);
        }
        if std::str::from_utf8(bytes).is_ok() {
            return Self::Web(UTF_8);
        }
        // ISO 8859-1 has only control characters from 80 to 9F; Shift_JIS begins kana, punctuation
        // and every everyday kanji there.
        let controls = bytes.iter().any(|b| (0x80..0xa0).contains(b));
        let fits_shift_jis = || {
            SHIFT_JIS
                .decode_without_bom_handling_and_without_replacement(bytes)
                .is_some()
        };
        if (controls || has_half_width_kana_word(bytes)) && fits_shift_jis() {
            Self::Web(SHIFT_JIS)
        } else if controls {
            Self::Web(WINDOWS_1252)
        } else {
            Self::Latin1
        }
    }

    /// Appends the text of `bytes`; what cannot be read becomes U+FFFD.
    pub(super) fn decode_into(self, bytes: &[u8], text: &mut String) {
        match self {
            Self::Latin1 => text.extend(bytes.iter().map(|&b| char::from(b))),
            Self::CodePage437 => text.extend(bytes.iter().map(|&b| match b.checked_sub(128) {
                None => char::from(b),
                Some(high) => CODE_PAGE_437.chars().nth(high.into()).unwrap_or('\u{fffd}'),
            })),
            Self::Web(encoding) => {
                text.push_str(&encoding.decode_with_bom_removal(bytes).0);
            }
        }
    }
}

/// Three half-width katakana in a row: a word in Shift_JIS, no word in ISO 8859-1.
fn has_half_width_kana_word(bytes: &[u8]) -> bool {
    bytes
        .windows(3)
        .any(|three| three.iter().all(|b| (0xa1..0xe0).contains(b)))
}

#[cfg(test)]
mod tests {
    use super::*;
    use encoding_rs::{EUC_KR, SHIFT_JIS, UTF_8, UTF_16BE};

    fn sniffed(bytes: &[u8]) -> String {
        let mut text = String::new();
        Charset::sniff(bytes).decode_into(bytes, &mut text);
        text
    }

    #[test]
    fn text_without_a_named_character_set_is_read_as_it_was_most_likely_meant() {
        assert_eq!(sniffed("座席 A-12".as_bytes()), "座席 A-12");
        assert_eq!(
            sniffed(&SHIFT_JIS.encode("第一会議室、３階").0),
            "第一会議室、３階"
        );
        assert_eq!(sniffed(&SHIFT_JIS.encode("ｻﾞｾｷ 12").0), "ｻﾞｾｷ 12");
        assert_eq!(sniffed(b"caf\xe9 \xe0 la carte"), "café à la carte");
        assert_eq!(sniffed(b"\x93quoted\x94 \x80"), "“quoted” €");
        assert_eq!(sniffed(b"\xfe\xff\x30\x42"), "あ");
        assert_eq!(sniffed(b""), "");
    }

    #[test]
    fn a_named_character_set_is_obeyed() {
        let cases: [(u32, &[u8], &str); 7] = [
            (2, b"\x80\xe1\xff", "Çß\u{a0}"),
            (3, b"\xe9", "é"),
            (9, b"\xe1", "α"),
            (20, &SHIFT_JIS.encode("表").0, "表"),
            (25, b"\x30\x42", "あ"),
            (26, "あ".as_bytes(), "あ"),
            (30, &EUC_KR.encode("가").0, "가"),
        ];
        for (designator, bytes, expected) in cases {
            let mut text = String::new();
            let charset = Charset::of_eci(designator).expect("known");
            charset.decode_into(bytes, &mut text);
            assert_eq!(text, expected, "ECI {designator}");
        }
        assert_eq!(Charset::of_eci(26), Some(Charset::Web(UTF_8)));
        assert_eq!(Charset::of_eci(25), Some(Charset::Web(UTF_16BE)));
        assert_eq!(Charset::of_eci(14), None);
    }

    #[test]
    fn code_page_437_has_a_character_for_every_byte() {
        assert_eq!(CODE_PAGE_437.chars().count(), 128);
    }
}
