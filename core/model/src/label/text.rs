//! Label text: what the QR code of a label says, `https://HOST/q/ID`.
//!
//! From the camera a label text is matched byte for byte; only an opened link folds case.

use thiserror::Error;

use super::host::Host;
use super::id::{LabelId, LabelIdError};
use super::typed::fold_look_alikes;

const SCHEME: &str = "https://";
const PATH: &str = "/q/";

/// Why a text is not one of this organisation's labels.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
pub enum LabelTextError {
    /// It does not begin with `https://` in lower case.
    #[error("a label begins with https://")]
    Scheme,
    /// It names another host; a foreign code.
    #[error("the label belongs to another host")]
    OtherHost,
    /// The host is ours, the path is not `/q/`.
    #[error("the path after the host is not /q/")]
    Path,
    /// Host and path are ours, the id is malformed.
    #[error("the label id is malformed: {0}")]
    Id(#[from] LabelIdError),
}

/// The part of a label text before the id: `https://HOST/q/`.
pub fn label_text_prefix(host: &Host) -> String {
    format!("{SCHEME}{host}{PATH}")
}

/// The whole text of a label's QR code.
pub fn label_text(host: &Host, id: &LabelId) -> String {
    format!("{SCHEME}{host}{PATH}{id}")
}

/// Reads a text that came from a camera, byte for byte.
pub fn parse_scanned_text(host: &Host, text: &str) -> Result<LabelId, LabelTextError> {
    let rest = text.strip_prefix(SCHEME).ok_or(LabelTextError::Scheme)?;
    Ok(LabelId::parse_exact(after_host(rest, host.as_str())?)?)
}

/// Reads a link that a person opened: browsers fold the host, people fold the rest.
pub fn parse_opened_link(host: &Host, link: &str) -> Result<LabelId, LabelTextError> {
    let link = link.trim();
    let rest = match link.get(..SCHEME.len()) {
        Some(head) if head.eq_ignore_ascii_case(SCHEME) => &link[SCHEME.len()..],
        _ => return Err(LabelTextError::Scheme),
    };
    let end = rest.find(['/', '?', '#']).unwrap_or(rest.len());
    let lowered = rest[..end].to_ascii_lowercase() + &rest[end..];
    let id = after_host(&lowered, host.as_str())?;
    Ok(LabelId::parse_exact(&fold_look_alikes(id))?)
}

fn after_host<'a>(rest: &'a str, host: &str) -> Result<&'a str, LabelTextError> {
    let path = match rest.strip_prefix(host) {
        // A longer name that begins like ours is another host.
        Some(path) if path.is_empty() || path.starts_with(['/', '?', '#']) => path,
        _ => return Err(LabelTextError::OtherHost),
    };
    path.strip_prefix(PATH).ok_or(LabelTextError::Path)
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn host() -> Host {
        Host::new("k.example.jp").expect("a good host")
    }

    const ID: &str = "0123456789ABCDEF";

    #[test]
    fn the_camera_text_is_matched_byte_for_byte() {
        let id = LabelId::parse_exact(ID).expect("a good id");
        assert_eq!(
            parse_scanned_text(&host(), &format!("https://k.example.jp/q/{ID}")),
            Ok(id)
        );
        let refused = [
            (
                format!("HTTPS://k.example.jp/q/{ID}"),
                LabelTextError::Scheme,
            ),
            (
                format!("http://k.example.jp/q/{ID}"),
                LabelTextError::Scheme,
            ),
            (
                format!("https://K.example.jp/q/{ID}"),
                LabelTextError::OtherHost,
            ),
            (
                format!("https://k.example.jp.evil.jp/q/{ID}"),
                LabelTextError::OtherHost,
            ),
            (
                format!("https://k.example.jp:8443/q/{ID}"),
                LabelTextError::OtherHost,
            ),
            (format!("https://k.example.jp/r/{ID}"), LabelTextError::Path),
            (format!("https://k.example.jp/Q/{ID}"), LabelTextError::Path),
        ];
        for (text, error) in refused {
            assert_eq!(parse_scanned_text(&host(), &text), Err(error), "{text}");
        }
        assert_eq!(
            parse_scanned_text(
                &host(),
                &format!("https://k.example.jp/q/{}", ID.to_lowercase())
            ),
            Err(LabelTextError::Id(LabelIdError::Character {
                position: 10,
                found: 'a'
            }))
        );
        assert_eq!(
            parse_scanned_text(&host(), &format!("https://k.example.jp/q/{ID}?x")),
            Err(LabelTextError::Id(LabelIdError::Length { found: 18 }))
        );
    }

    #[test]
    fn an_opened_link_folds_case_and_look_alikes() {
        let id = LabelId::parse_exact(ID).expect("a good id");
        for link in [
            "HTTPS://K.Example.JP/q/oi23456789abcdef",
            " https://k.example.jp/q/0123456789abcdef ",
        ] {
            assert_eq!(parse_opened_link(&host(), link), Ok(id), "{link}");
        }
        assert_eq!(
            parse_opened_link(&host(), "https://evil.jp/q/0123456789abcdef"),
            Err(LabelTextError::OtherHost)
        );
    }

    proptest! {
        #[test]
        fn a_label_text_survives_writing_and_reading(bytes: [u8; 10]) {
            let id = LabelId::from_bytes(bytes);
            let text = label_text(&host(), &id);
            prop_assert_eq!(parse_scanned_text(&host(), &text), Ok(id));
            prop_assert_eq!(parse_opened_link(&host(), &text), Ok(id));
            prop_assert!(text.starts_with(&label_text_prefix(&host())));
        }

        #[test]
        fn parsing_any_text_never_panics(text in "\\PC{0,80}") {
            let _ = parse_scanned_text(&host(), &text);
            let _ = parse_opened_link(&host(), &text);
        }

        #[test]
        fn only_the_exact_text_is_accepted_from_the_camera(
            text in "(https|HTTPS|http)://(k.example.jp|K.example.jp|k.example.jp:1)/[qQr]/[0-9A-Za-z]{15,17}"
        ) {
            if let Ok(id) = parse_scanned_text(&host(), &text) {
                prop_assert_eq!(label_text(&host(), &id), text);
            }
        }
    }
}
