//! Limits on what may arrive, checked before anything is built from it.

use thiserror::Error;

/// The deepest nesting of JSON that is read.
pub const JSON_MAX_DEPTH: usize = 16;

/// The most bytes of a request body as it travels.
pub const BODY_MAX_BYTES: usize = 1024 * 1024;

/// The most bytes of a request body once decompressed.
pub const BODY_MAX_DECOMPRESSED_BYTES: usize = 4 * 1024 * 1024;

/// The most events in one batch.
pub const BATCH_MAX_EVENTS: usize = 500;

/// Why JSON is refused before it is parsed.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Error)]
pub enum JsonLimitError {
    /// The bytes are no UTF-8.
    #[error("byte {position} is not UTF-8")]
    NotUtf8 {
        /// Zero-based index of the first bad byte.
        position: usize,
    },
    /// Nested too deeply.
    #[error("at byte {position} the nesting is deeper than {JSON_MAX_DEPTH}")]
    TooDeep {
        /// Zero-based index of the bracket that goes too deep.
        position: usize,
    },
}

/// Checks encoding and depth in one pass, without building anything.
pub fn check_json(bytes: &[u8]) -> Result<&str, JsonLimitError> {
    let text = std::str::from_utf8(bytes).map_err(|error| JsonLimitError::NotUtf8 {
        position: error.valid_up_to(),
    })?;
    let (mut depth, mut in_string, mut escaped) = (0usize, false, false);
    for (position, byte) in bytes.iter().enumerate() {
        match byte {
            _ if escaped => escaped = false,
            b'\\' if in_string => escaped = true,
            b'"' => in_string = !in_string,
            b'{' | b'[' if !in_string => {
                depth += 1;
                if depth > JSON_MAX_DEPTH {
                    return Err(JsonLimitError::TooDeep { position });
                }
            }
            b'}' | b']' if !in_string => depth = depth.saturating_sub(1),
            _ => {}
        }
    }
    Ok(text)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sixteen_levels_are_read_and_seventeen_are_not() {
        let nested = |levels: usize| "[".repeat(levels) + &"]".repeat(levels);
        assert!(check_json(nested(16).as_bytes()).is_ok());
        let too_deep = nested(17);
        assert_eq!(
            check_json(too_deep.as_bytes()),
            Err(JsonLimitError::TooDeep { position: 16 })
        );
    }

    #[test]
    fn brackets_inside_strings_do_not_nest() {
        let text = format!("[\"{}\\\"{}\"]", "[".repeat(30), "{".repeat(30));
        assert!(check_json(text.as_bytes()).is_ok());
    }

    #[test]
    fn bad_utf8_says_where() {
        assert_eq!(
            check_json(b"[\"\xff\"]"),
            Err(JsonLimitError::NotUtf8 { position: 2 })
        );
    }
}
