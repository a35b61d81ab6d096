//! Arrays of fixed-width numbers: in memory of their own, or where they lie in a mapped file.

use std::ops::Deref;
use std::sync::Arc;

use crate::store::Map;

/// Numbers that may lie in a mapped file.
///
/// The type keeps the file mapped for as long as it lives.
#[derive(Clone)]
pub(crate) enum Array<T> {
    /// In memory.
    Owned(Vec<T>),
    /// From byte `start` of the file, `length` numbers.
    Mapped { map: Arc<Map>, start: usize, length: usize },
}

/// A number that any bytes of its width are.
pub(crate) trait Number: bytemuck::Pod + PartialEq + std::fmt::Debug {}

impl Number for u8 {}
impl Number for u32 {}
impl Number for u64 {}
impl Number for i64 {}
impl Number for f64 {}

impl<T: Number> Deref for Array<T> {
    type Target = [T];

    fn deref(&self) -> &[T] {
        match self {
            Self::Owned(values) => values,
            // The range and its alignment were checked when the file was opened.
            Self::Mapped { map, start, length } => map
                .bytes()
                .get(*start..start + length * size_of::<T>())
                .and_then(|bytes| bytemuck::try_cast_slice(bytes).ok())
                .unwrap_or_default(),
        }
    }
}

impl<T> From<Vec<T>> for Array<T> {
    fn from(values: Vec<T>) -> Self {
        Self::Owned(values)
    }
}

impl<T> FromIterator<T> for Array<T> {
    fn from_iter<I: IntoIterator<Item = T>>(values: I) -> Self {
        Self::Owned(values.into_iter().collect())
    }
}

impl<T> Default for Array<T> {
    fn default() -> Self {
        Self::Owned(Vec::new())
    }
}

impl<T: Number> PartialEq for Array<T> {
    fn eq(&self, other: &Self) -> bool {
        **self == **other
    }
}

impl<T: Number + Eq> Eq for Array<T> {}

impl<T: Number> std::fmt::Debug for Array<T> {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        (**self).fmt(formatter)
    }
}
