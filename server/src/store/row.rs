//! From a row of a result to a value of the code: columns are taken in the order of the SELECT
//! list, so that no number of a column is written anywhere.

use super::error::StoreError;
use super::value::{Column, Value};

/// The columns of one row, taken from left to right.
pub struct Columns {
    values: std::vec::IntoIter<Value>,
    taken: usize,
}

impl Columns {
    pub(super) fn new(values: Vec<Value>) -> Self {
        Self {
            values: values.into_iter(),
            taken: 0,
        }
    }

    /// The next column.
    ///
    /// # Errors
    /// [`StoreError::Column`] when it holds something else or there is none.
    pub fn take<T: Column>(&mut self) -> Result<T, StoreError> {
        let index = self.taken;
        self.taken += 1;
        self.values
            .next()
            .and_then(T::from_value)
            .ok_or(StoreError::Column {
                index,
                expected: T::EXPECTED,
            })
    }
}

/// A type that a row can be read as.
pub trait FromRow: Sized {
    /// Takes the columns it is made of.
    ///
    /// # Errors
    /// [`StoreError::Column`] when one holds something else.
    fn from_row(columns: &mut Columns) -> Result<Self, StoreError>;
}

impl<T: Column> FromRow for T {
    fn from_row(columns: &mut Columns) -> Result<Self, StoreError> {
        columns.take()
    }
}

macro_rules! tuples {
    ($(($($name:ident),+);)+) => {$(
        impl<$($name: Column),+> FromRow for ($($name,)+) {
            fn from_row(columns: &mut Columns) -> Result<Self, StoreError> {
                Ok(($(columns.take::<$name>()?,)+))
            }
        }
    )+};
}
tuples! {
    (A, B);
    (A, B, C);
    (A, B, C, D);
    (A, B, C, D, E);
    (A, B, C, D, E, F);
    (A, B, C, D, E, F, G);
    (A, B, C, D, E, F, G, H);
}
