//! Values between code and columns: one small set of column types that both engines have, and the
//! mapping of the model's types onto it.

use chrono::NaiveDate;
use kokoni_model::clock::Timestamp;
use kokoni_model::event::{Epoch, EventHash};
use kokoni_model::ids::{
    BootId, DeviceId, EventId, FloorId, IncarnationId, ItemId, LockerId, OrganisationId, PersonId,
    PlaceId, SectionId, SiteId, ZoneId,
};
use kokoni_model::label::LabelId;
use serde::Serialize;
use serde::de::DeserializeOwned;
use uuid::Uuid;

/// A value as it lies in a column.
#[derive(Clone, PartialEq)]
pub enum Value {
    /// Nothing.
    Null,
    /// Whole numbers, times, flags.
    Int(i64),
    /// Positions on a plan.
    Real(f64),
    /// Text without NUL.
    Text(String),
    /// Hashes and other bytes, but not sixteen.
    Blob(Vec<u8>),
    /// The sixteen bytes of an id: most values are ids, and none is worth an allocation.
    Id([u8; 16]),
}

/// A type that has a column.
pub trait Column: Sized {
    /// What a column of this type holds, for error messages.
    const EXPECTED: &'static str;

    /// As it lies in the column.
    fn to_value(&self) -> Value;

    /// From the column; `None` when it holds something else.
    fn from_value(value: Value) -> Option<Self>;
}

/// Named parameters `$1`, `$2` ... of a statement, in order.
#[macro_export]
macro_rules! params {
    ($($value:expr),* $(,)?) => { &[$($crate::store::Column::to_value(&$value)),*] };
}

/// The same as a row of its own, for [`crate::store::Tx::exec_many`].
#[macro_export]
macro_rules! row {
    ($($value:expr),* $(,)?) => { vec![$($crate::store::Column::to_value(&$value)),*] };
}

impl Column for Value {
    const EXPECTED: &'static str = "a value";

    fn to_value(&self) -> Value {
        self.clone()
    }

    fn from_value(value: Value) -> Option<Self> {
        Some(value)
    }
}

impl Column for i64 {
    const EXPECTED: &'static str = "a whole number";

    fn to_value(&self) -> Value {
        Value::Int(*self)
    }

    fn from_value(value: Value) -> Option<Self> {
        match value {
            Value::Int(number) => Some(number),
            _ => None,
        }
    }
}

macro_rules! integers {
    ($($type:ty),+) => {$(
        impl Column for $type {
            const EXPECTED: &'static str = concat!("a whole number of type ", stringify!($type));

            /// Beyond 2^63 - 1 a number stays there: no column holds more.
            fn to_value(&self) -> Value {
                Value::Int(i64::try_from(*self).unwrap_or(i64::MAX))
            }

            fn from_value(value: Value) -> Option<Self> {
                i64::from_value(value)?.try_into().ok()
            }
        }
    )+};
}
integers!(i16, u16, i32, u32, u64);

impl Column for bool {
    const EXPECTED: &'static str = "0 or 1";

    fn to_value(&self) -> Value {
        Value::Int(i64::from(*self))
    }

    fn from_value(value: Value) -> Option<Self> {
        Some(i64::from_value(value)? != 0)
    }
}

impl Column for f64 {
    const EXPECTED: &'static str = "a number";

    fn to_value(&self) -> Value {
        Value::Real(*self)
    }

    fn from_value(value: Value) -> Option<Self> {
        match value {
            Value::Real(number) => Some(number),
            _ => None,
        }
    }
}

impl Column for String {
    const EXPECTED: &'static str = "text";

    fn to_value(&self) -> Value {
        Value::Text(self.clone())
    }

    fn from_value(value: Value) -> Option<Self> {
        match value {
            Value::Text(text) => Some(text),
            _ => None,
        }
    }
}

impl Column for Vec<u8> {
    const EXPECTED: &'static str = "bytes";

    fn to_value(&self) -> Value {
        bytes_to_value(self)
    }

    fn from_value(value: Value) -> Option<Self> {
        match value {
            Value::Blob(bytes) => Some(bytes),
            Value::Id(bytes) => Some(bytes.to_vec()),
            _ => None,
        }
    }
}

impl<const N: usize> Column for [u8; N] {
    const EXPECTED: &'static str = "bytes of a fixed length";

    fn to_value(&self) -> Value {
        bytes_to_value(self)
    }

    fn from_value(value: Value) -> Option<Self> {
        Vec::<u8>::from_value(value)?.try_into().ok()
    }
}

fn bytes_to_value(bytes: &[u8]) -> Value {
    match bytes.try_into() {
        Ok(id) => Value::Id(id),
        Err(_) => Value::Blob(bytes.to_vec()),
    }
}

impl<T: Column> Column for Option<T> {
    const EXPECTED: &'static str = T::EXPECTED;

    fn to_value(&self) -> Value {
        self.as_ref().map_or(Value::Null, T::to_value)
    }

    fn from_value(value: Value) -> Option<Self> {
        match value {
            Value::Null => Some(None),
            value => T::from_value(value).map(Some),
        }
    }
}

/// For statements only: borrowed text goes in, owned text comes out.
impl Column for &str {
    const EXPECTED: &'static str = "text";

    fn to_value(&self) -> Value {
        Value::Text((*self).to_owned())
    }

    fn from_value(_: Value) -> Option<Self> {
        None
    }
}

macro_rules! id_columns {
    ($($id:ident),+) => {$(
        impl Column for $id {
            const EXPECTED: &'static str = concat!("the 16 bytes of a ", stringify!($id));

            fn to_value(&self) -> Value {
                Value::Id(*self.as_uuid().as_bytes())
            }

            fn from_value(value: Value) -> Option<Self> {
                match value {
                    Value::Id(bytes) => Some(Self::from_uuid(Uuid::from_bytes(bytes))),
                    _ => None,
                }
            }
        }
    )+};
}
id_columns!(
    BootId,
    DeviceId,
    EventId,
    FloorId,
    IncarnationId,
    ItemId,
    LockerId,
    OrganisationId,
    PersonId,
    PlaceId,
    SectionId,
    SiteId,
    ZoneId
);

impl Column for LabelId {
    const EXPECTED: &'static str = "the ten bytes of a label id";

    fn to_value(&self) -> Value {
        self.as_bytes().to_value()
    }

    fn from_value(value: Value) -> Option<Self> {
        <[u8; 10]>::from_value(value).map(Self::from_bytes)
    }
}

/// Eight bytes, most significant first, so that it sorts as a number.
impl Column for Epoch {
    const EXPECTED: &'static str = "the eight bytes of an epoch";

    fn to_value(&self) -> Value {
        self.bits().to_be_bytes().to_value()
    }

    fn from_value(value: Value) -> Option<Self> {
        <[u8; 8]>::from_value(value).map(|bytes| Self::from_bits(u64::from_be_bytes(bytes)))
    }
}

impl Column for EventHash {
    const EXPECTED: &'static str = "the 32 bytes of a hash";

    fn to_value(&self) -> Value {
        self.as_bytes().to_value()
    }

    fn from_value(value: Value) -> Option<Self> {
        <[u8; 32]>::from_value(value).map(Self::from_bytes)
    }
}

/// Microseconds since 1970 in UTC.
impl Column for Timestamp {
    const EXPECTED: &'static str = "microseconds";

    fn to_value(&self) -> Value {
        Value::Int(self.as_micros())
    }

    fn from_value(value: Value) -> Option<Self> {
        i64::from_value(value).map(Self::from_micros)
    }
}

/// `YYYY-MM-DD`.
impl Column for NaiveDate {
    const EXPECTED: &'static str = "a date";

    fn to_value(&self) -> Value {
        Value::Text(self.to_string())
    }

    fn from_value(value: Value) -> Option<Self> {
        String::from_value(value)?.parse().ok()
    }
}

/// A value kept as JSON text.
#[derive(Clone, Debug, PartialEq)]
pub struct AsJson<T>(pub T);

impl<T: Serialize + DeserializeOwned> Column for AsJson<T> {
    const EXPECTED: &'static str = "JSON of the expected shape";

    fn to_value(&self) -> Value {
        serde_json::to_string(&self.0).map_or(Value::Null, Value::Text)
    }

    fn from_value(value: Value) -> Option<Self> {
        serde_json::from_str(&String::from_value(value)?)
            .ok()
            .map(AsJson)
    }
}

/// A value of an open or closed enum kept as the word that stands for it in JSON.
#[derive(Clone, Debug, PartialEq)]
pub struct AsWord<T>(pub T);

impl<T: Serialize + DeserializeOwned> Column for AsWord<T> {
    const EXPECTED: &'static str = "a word of an enum";

    fn to_value(&self) -> Value {
        match serde_json::to_value(&self.0) {
            Ok(serde_json::Value::String(word)) => Value::Text(word),
            _ => Value::Null,
        }
    }

    fn from_value(value: Value) -> Option<Self> {
        let word = serde_json::Value::String(String::from_value(value)?);
        serde_json::from_value(word).ok().map(AsWord)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn comes_back<T: Column + PartialEq + std::fmt::Debug>(value: T) {
        assert_eq!(T::from_value(value.to_value()).as_ref(), Some(&value));
    }

    #[test]
    fn what_a_column_does_not_hold_is_none() {
        assert_eq!(PersonId::from_value(Value::Blob(vec![1; 15])), None);
        assert_eq!(u16::from_value(Value::Int(70_000)), None);
        assert_eq!(NaiveDate::from_value(Value::Text("today".into())), None);
        assert_eq!(Option::<i64>::from_value(Value::Null), Some(None));
    }

    #[test]
    fn a_number_beyond_every_column_stays_at_the_end() {
        assert!(u64::MAX.to_value() == Value::Int(i64::MAX));
    }

    proptest! {
        #[test]
        fn every_column_type_comes_back(
            id: u128, label: [u8; 10], epoch: u64, micros: i64, days in 0i32..60_000, text in "\\PC*",
        ) {
            comes_back(PersonId::from_uuid(Uuid::from_u128(id)));
            comes_back(LabelId::from_bytes(label));
            comes_back(Epoch::from_bits(epoch));
            comes_back(Timestamp::from_micros(micros));
            comes_back(NaiveDate::from_num_days_from_ce_opt(700_000 + days));
            comes_back(AsJson(vec![text.clone()]));
            comes_back(Some(text));
        }

        #[test]
        fn epochs_sort_as_their_bytes_do(one: u64, other: u64) {
            let bytes = |bits: u64| Vec::<u8>::from_value(Epoch::from_bits(bits).to_value());
            prop_assert_eq!(bytes(one).cmp(&bytes(other)), one.cmp(&other));
        }
    }
}
