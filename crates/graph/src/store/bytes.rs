//! Little-endian numbers and texts, written to a stream and read from a slice; arrays begin at
//! multiples of eight bytes, so that they can be used where they lie.

use std::io::{self, Write};
use std::sync::Arc;

use super::map::Map;
use crate::array::{Array, Number};

/// Where arrays may begin.
pub(super) const ALIGNMENT: usize = 8;

/// Writes what [`Reader`] reads.
pub(super) struct Writer<W> {
    inner: W,
    position: usize,
}

impl<W: Write> Writer<W> {
    pub(super) fn new(inner: W) -> Self {
        Self { inner, position: 0 }
    }

    pub(super) fn into_inner(self) -> W {
        self.inner
    }

    pub(super) fn byte(&mut self, value: u8) -> io::Result<()> {
        self.put(&[value])
    }

    pub(super) fn length(&mut self, value: usize) -> io::Result<()> {
        self.number(value as u64)
    }

    pub(super) fn number(&mut self, value: u64) -> io::Result<()> {
        self.put(&value.to_le_bytes())
    }

    pub(super) fn text(&mut self, text: &str) -> io::Result<()> {
        self.length(text.len())?;
        self.put(text.as_bytes())
    }

    fn put(&mut self, bytes: &[u8]) -> io::Result<()> {
        self.position += bytes.len();
        self.inner.write_all(bytes)
    }

    pub(super) fn array<T: Fixed>(&mut self, values: &[T]) -> io::Result<()> {
        self.length(values.len())?;
        let gap = self.position.next_multiple_of(ALIGNMENT) - self.position;
        self.put(&[0; ALIGNMENT][..gap])?;
        let mut buffer = Vec::with_capacity(CHUNK * T::BYTES);
        for chunk in values.chunks(CHUNK) {
            buffer.clear();
            for value in chunk {
                value.put(&mut buffer);
            }
            self.put(&buffer)?;
        }
        Ok(())
    }
}

const CHUNK: usize = 8192;

/// A number of fixed width.
pub(super) trait Fixed: Number {
    const BYTES: usize;
    fn put(self, buffer: &mut Vec<u8>);
    /// The slice is [`Fixed::BYTES`] long.
    fn take(bytes: &[u8]) -> Self;
}

macro_rules! fixed {
    ($($number:ty),*) => {$(
        impl Fixed for $number {
            const BYTES: usize = size_of::<$number>();

            fn put(self, buffer: &mut Vec<u8>) {
                buffer.extend_from_slice(&self.to_le_bytes());
            }

            fn take(bytes: &[u8]) -> Self {
                let mut own = [0; size_of::<$number>()];
                own.copy_from_slice(bytes);
                <$number>::from_le_bytes(own)
            }
        }
    )*};
}

fixed!(u8, u32, u64, i64, f64);

/// Reads a slice from its start; every length is checked against what is left before it is used.
pub(super) struct Reader<'a> {
    bytes: &'a [u8],
    position: usize,
    /// The map in which the slice lies, and where it begins there.
    map: (&'a Arc<Map>, usize),
    /// Whether what arrays hold is looked at, not only how long they are.
    pub(super) is_thorough: bool,
}

/// What was read makes no sense at a byte of the payload.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Malformed {
    pub(super) position: usize,
    pub(super) expected: &'static str,
}

impl<'a> Reader<'a> {
    /// Reads a map from a byte on, which must be a multiple of [`ALIGNMENT`].
    pub(super) fn mapped(map: &'a Arc<Map>, start: usize, is_thorough: bool) -> Self {
        let bytes = map.bytes().get(start..).unwrap_or_default();
        Self { bytes, position: 0, map: (map, start), is_thorough }
    }

    pub(super) fn malformed(&self, expected: &'static str) -> Malformed {
        Malformed { position: self.position, expected }
    }

    pub(super) fn at_end(&self) -> bool {
        self.position == self.bytes.len()
    }

    fn take(&mut self, count: usize, expected: &'static str) -> Result<&'a [u8], Malformed> {
        let end = self.position.checked_add(count).ok_or(self.malformed(expected))?;
        let taken = self.bytes.get(self.position..end).ok_or(self.malformed(expected))?;
        self.position = end;
        Ok(taken)
    }

    pub(super) fn byte(&mut self, expected: &'static str) -> Result<u8, Malformed> {
        Ok(self.take(1, expected)?[0])
    }

    pub(super) fn number(&mut self, expected: &'static str) -> Result<u64, Malformed> {
        Ok(u64::take(self.take(u64::BYTES, expected)?))
    }

    pub(super) fn length(&mut self, expected: &'static str) -> Result<usize, Malformed> {
        let value = self.number(expected)?;
        // Whatever is counted takes at least a byte, so a longer count is a lie.
        usize::try_from(value)
            .ok()
            .filter(|count| *count <= self.bytes.len() - self.position)
            .ok_or(self.malformed(expected))
    }

    pub(super) fn text(&mut self, expected: &'static str) -> Result<&'a str, Malformed> {
        let length = self.length(expected)?;
        let bytes = self.take(length, expected)?;
        std::str::from_utf8(bytes).map_err(|_| self.malformed(expected))
    }

    pub(super) fn array<T: Fixed>(&mut self, expected: &'static str) -> Result<Array<T>, Malformed> {
        let count = self.length(expected)?;
        let gap = self.position.next_multiple_of(ALIGNMENT) - self.position;
        if self.take(gap, expected)?.iter().any(|byte| *byte != 0) {
            return Err(self.malformed(expected));
        }
        let start = self.position;
        let bytes = self.take(count.checked_mul(T::BYTES).ok_or(self.malformed(expected))?, expected)?;
        // The file's numbers are little-endian; where a machine's are not, they are turned round.
        if cfg!(target_endian = "little") {
            let (map, first) = self.map;
            Ok(Array::Mapped { map: Arc::clone(map), start: first + start, length: count })
        } else {
            Ok(bytes.chunks_exact(T::BYTES).map(T::take).collect())
        }
    }
}
