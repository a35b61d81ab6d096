//! Little-endian numbers and texts, written to a stream and read from a slice.

use std::io::{self, Write};

/// Writes what [`Reader`] reads.
pub(super) struct Writer<W> {
    inner: W,
}

impl<W: Write> Writer<W> {
    pub(super) fn new(inner: W) -> Self {
        Self { inner }
    }

    pub(super) fn into_inner(self) -> W {
        self.inner
    }

    pub(super) fn byte(&mut self, value: u8) -> io::Result<()> {
        self.inner.write_all(&[value])
    }

    pub(super) fn length(&mut self, value: usize) -> io::Result<()> {
        self.number(value as u64)
    }

    pub(super) fn number(&mut self, value: u64) -> io::Result<()> {
        self.inner.write_all(&value.to_le_bytes())
    }

    pub(super) fn text(&mut self, text: &str) -> io::Result<()> {
        self.length(text.len())?;
        self.inner.write_all(text.as_bytes())
    }

    pub(super) fn array<T: Fixed>(&mut self, values: &[T]) -> io::Result<()> {
        self.length(values.len())?;
        let mut buffer = Vec::with_capacity(CHUNK * T::BYTES);
        for chunk in values.chunks(CHUNK) {
            buffer.clear();
            for value in chunk {
                value.put(&mut buffer);
            }
            self.inner.write_all(&buffer)?;
        }
        Ok(())
    }
}

const CHUNK: usize = 8192;

/// A number of fixed width.
pub(super) trait Fixed: Copy {
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

fixed!(u32, u64, i64, f64);

/// Reads a slice from its start; every length is checked against what is left before it is used.
pub(super) struct Reader<'a> {
    bytes: &'a [u8],
    position: usize,
}

/// What was read makes no sense at a byte of the payload.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Malformed {
    pub(super) position: usize,
    pub(super) expected: &'static str,
}

impl<'a> Reader<'a> {
    pub(super) fn new(bytes: &'a [u8]) -> Self {
        Self { bytes, position: 0 }
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

    pub(super) fn array<T: Fixed>(&mut self, expected: &'static str) -> Result<Vec<T>, Malformed> {
        let count = self.length(expected)?;
        let bytes = self.take(count.checked_mul(T::BYTES).ok_or(self.malformed(expected))?, expected)?;
        Ok(bytes.chunks_exact(T::BYTES).map(T::take).collect())
    }
}
