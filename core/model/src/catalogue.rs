//! The catalogue: the labels that exist in an organisation, as far as one phone may know them.

use serde::{Deserialize, Serialize};

use crate::label::{Host, LabelId};

/// The labels a phone can recognise without asking. It holds nobody else's home label.
///
/// As a file it is JSON `{"host": "...", "labels": ["16 characters", ...]}`; `codes` is accepted
/// for `labels` and unknown members are ignored.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Catalogue {
    /// The public name in these labels.
    pub host: Host,
    /// Grows with every change and never goes back; 0 where nobody signed it.
    #[serde(default)]
    pub version: u64,
    /// The labels, in no particular order.
    #[serde(alias = "codes")]
    pub labels: Vec<LabelId>,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_file_may_say_codes_for_labels_and_more_than_we_know() {
        let text = r#"{"seed": 7, "host": "k.example.jp", "codes": ["0123456789ABCDEF"]}"#;
        let catalogue: Catalogue = serde_json::from_str(text).expect("accepted");
        assert_eq!(catalogue.version, 0);
        assert_eq!(catalogue.labels.len(), 1);
    }

    #[test]
    fn a_malformed_label_names_itself() {
        let text = r#"{"host": "k.example.jp", "labels": ["0123"]}"#;
        let error = serde_json::from_str::<Catalogue>(text)
            .expect_err("refused")
            .to_string();
        assert!(error.contains("16 characters"), "{error}");
    }
}
