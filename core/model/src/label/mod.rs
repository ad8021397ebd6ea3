//! Labels: the printed stickers. What an id is, how it is written on paper, in a link and in a QR
//! code, and every way a text can fail to be one of ours.

mod host;
mod id;
mod symbol;
mod text;
mod typed;

pub use host::{Host, HostError};
pub use id::{LABEL_ID_BYTES, LABEL_ID_CHARS, LabelId, LabelIdError};
pub use symbol::{Symbol, SymbolError, label_symbol, text_symbol};
pub use text::{
    LabelTextError, label_text, label_text_prefix, parse_opened_link, parse_scanned_text,
};
pub use typed::{
    TypedLabelError, Typing, check_symbol, judge_typing, parse_typed_label, printed_label,
};
