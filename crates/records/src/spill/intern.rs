//! Texts that recur (codes, units, sources, column names) stored once.

use std::sync::Arc;

use rustc_hash::FxHashMap;

use super::varint::{self, Reader};

/// Bytes of distinct text held; beyond it new texts are written out in full each time.
const BYTES_HELD: usize = 48 << 20;

/// A table of texts, numbered from 1; number 0 marks a text written in full.
#[derive(Debug, Default)]
pub(super) struct Interner {
    numbers: FxHashMap<Arc<str>, u32>,
    texts: Vec<Arc<str>>,
    bytes: usize,
}

impl Interner {
    /// Writes the text's number, or 0 and the text itself when the table is full.
    pub(super) fn put(&mut self, out: &mut Vec<u8>, text: &str) {
        if let Some(number) = self.numbers.get(text) {
            return varint::put(out, u64::from(*number));
        }
        // Each text costs its bytes and about this much for both collections.
        let cost = text.len() + 64;
        if self.bytes + cost > BYTES_HELD {
            varint::put(out, 0);
            return varint::put_bytes(out, text.as_bytes());
        }
        self.bytes += cost;
        let text: Arc<str> = text.into();
        self.texts.push(Arc::clone(&text));
        let number = self.texts.len() as u32;
        self.numbers.insert(text, number);
        varint::put(out, u64::from(number));
    }

    /// Reads what [`Interner::put`] wrote.
    pub(super) fn get<'a>(&'a self, reader: &mut Reader<'a>) -> &'a str {
        match reader.varint() {
            0 => reader.text(),
            number => self.texts.get(number as usize - 1).map_or("", |text| text),
        }
    }
}
