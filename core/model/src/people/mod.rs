//! People: finding them by name however it is written, and putting them in order.
//!
//! [`fold`] and [`loose`] say which spellings are the same name. A [`PersonKey`] keeps a person's
//! folded forms, so that a [`search`] over tens of thousands only compares. A [`SortKey`] puts
//! people in gojūon order.
//!
//! Names are personal data: the types here that hold them show none of them in `Debug`.

mod fold;
mod old_kanji;
mod order;
mod search;
mod variants;

pub use fold::{fold, is_kana, loose};
pub use order::SortKey;
pub use search::{
    Hit, KEY_VERSION, MatchedBy, PersonFields, PersonKey, SearchQuery, SearchTier, search,
};
