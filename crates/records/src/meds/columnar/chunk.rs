//! One column of one row group as the bytes of a Parquet column chunk.
//!
//! A chunk is at most two pages: the distinct values, and the places of the rows' values among them.
//! Places of words take whole bytes, which costs a few bits before compression and saves many after it:
//! the same states follow each other again and again, and Zstandard sees repeats of bytes.
//!
//! # Source
//! Apache Parquet format, README.md (pages, levels) and Encodings.md.

use bytes::Bytes;
use parquet::basic::{Compression, Encoding, ZstdLevel};
use parquet::column::page::{CompressedPage, Page, PageWriter as _};
use parquet::column::writer::ColumnCloseResult;
use parquet::errors::ParquetError;
use parquet::file::metadata::ColumnChunkMetaData;
use parquet::file::statistics::Statistics;
use parquet::file::writer::{SerializedPageWriter, TrackedWrite};
use parquet::schema::types::ColumnDescPtr;

use super::cells::{NO_TIME, NO_WORD, Words};
use super::hybrid;

const LEVEL: i32 = 1;
/// Times looked up again among those met; a miss only writes a time twice.
const MET: usize = 1 << 12;
const GOLDEN: u64 = 0x9e37_79b9_7f4a_7c15;

/// A column chunk that stands ready to be put into a file.
pub(super) struct Chunk {
    pub(super) bytes: Bytes,
    pub(super) close: ColumnCloseResult,
}

/// Encodes column after column; keeps its working memory.
#[derive(Default)]
pub(super) struct ChunkEncoder {
    /// Made for the first page.
    compressor: Option<zstd::bulk::Compressor<'static>>,
    /// By key, the place in the dictionary; [`NO_WORD`] between columns.
    places: Vec<u32>,
    /// Keys in the order of their first use.
    used: Vec<u32>,
    indices: Vec<u32>,
    /// Whether each row has a value, lowest bit first.
    bits: Vec<u8>,
    met: Vec<(i64, u32)>,
    dictionary: Vec<u8>,
    page: Vec<u8>,
}

/// A dictionary page's content, if there is one, and how the data page is encoded.
struct Pages {
    dictionary_values: Option<usize>,
    encoding: Encoding,
    rows: usize,
    statistics: Option<Statistics>,
}

impl ChunkEncoder {
    /// Keys of the last column of words, in the order of their first use.
    pub(super) fn used(&self) -> &[u32] {
        &self.used
    }

    /// Words in the rows that have one; `sparse` names the rows when the keys are not one a row.
    pub(super) fn words(
        &mut self,
        column: &ColumnDescPtr,
        words: Words<'_>,
        sparse: Option<&[u32]>,
        rows: usize,
    ) -> Result<Chunk, ParquetError> {
        self.indices.clear();
        self.used.clear();
        for key in words.keys.iter().copied().filter(|key| *key != NO_WORD) {
            if key as usize >= self.places.len() {
                self.places.resize(key as usize + 1, NO_WORD);
            }
            let place = &mut self.places[key as usize];
            if *place == NO_WORD {
                *place = self.used.len() as u32;
                self.used.push(key);
            }
            self.indices.push(*place);
        }
        self.dictionary.clear();
        for key in &self.used {
            self.places[*key as usize] = NO_WORD;
            let text = (words.texts)(*key);
            self.dictionary.extend_from_slice(&(text.len() as u32).to_le_bytes());
            self.dictionary.extend_from_slice(text.as_bytes());
        }
        match sparse {
            Some(sparse) => self.mark(sparse, rows),
            None => self.mark_all(words.keys, |key| *key != NO_WORD),
        }
        let width_bits = hybrid::width_bits((self.used.len() as u32).saturating_sub(1));
        self.indexed(column, self.used.len(), width_bits.next_multiple_of(8), rows, None)
    }

    /// The same word in every row.
    pub(super) fn constant(
        &mut self,
        column: &ColumnDescPtr,
        word: &str,
        rows: usize,
    ) -> Result<Chunk, ParquetError> {
        self.dictionary.clear();
        self.dictionary.extend_from_slice(&(word.len() as u32).to_le_bytes());
        self.dictionary.extend_from_slice(word.as_bytes());
        self.page.clear();
        self.page.push(0);
        hybrid::run(0, rows, 0, &mut self.page);
        let pages =
            Pages { dictionary_values: Some(1), encoding: Encoding::RLE_DICTIONARY, rows, statistics: None };
        self.chunk(column, pages)
    }

    /// Whole numbers that repeat: times and ids. [`NO_TIME`] is none.
    pub(super) fn integers(&mut self, column: &ColumnDescPtr, values: &[i64]) -> Result<Chunk, ParquetError> {
        self.indices.clear();
        self.dictionary.clear();
        self.met.clear();
        self.met.resize(MET, (NO_TIME, 0));
        let (mut count, mut least, mut most) = (0, i64::MAX, i64::MIN);
        let mut last = (NO_TIME, 0);
        for value in values.iter().copied().filter(|value| *value != NO_TIME) {
            if value != last.0 {
                let slot = (value as u64).wrapping_mul(GOLDEN) >> (64 - MET.ilog2());
                let met = &mut self.met[slot as usize];
                if met.0 != value {
                    *met = (value, count);
                    count += 1;
                    self.dictionary.extend_from_slice(&value.to_le_bytes());
                    least = least.min(value);
                    most = most.max(value);
                }
                last = *met;
            }
            self.indices.push(last.1);
        }
        self.mark_all(values, |value| *value != NO_TIME);
        let nulls = (values.len() - self.indices.len()) as u64;
        let bounds = (count > 0).then_some((least, most));
        let statistics =
            Statistics::int64(bounds.map(|both| both.0), bounds.map(|both| both.1), None, Some(nulls), false);
        let width_bits = hybrid::width_bits(count.saturating_sub(1));
        self.indexed(column, count as usize, width_bits, values.len(), Some(statistics))
    }

    /// Numbers as they are; NaN is none.
    pub(super) fn numbers(&mut self, column: &ColumnDescPtr, values: &[f32]) -> Result<Chunk, ParquetError> {
        self.mark_all(values, |value| !value.is_nan());
        self.levels(column, values.len());
        for value in values.iter().filter(|value| !value.is_nan()) {
            self.page.extend_from_slice(&value.to_le_bytes());
        }
        self.plain(column, values.len())
    }

    /// Whole numbers in the rows named.
    pub(super) fn sparse_integers(
        &mut self,
        column: &ColumnDescPtr,
        sparse: &[u32],
        values: &[i64],
        rows: usize,
    ) -> Result<Chunk, ParquetError> {
        self.mark(sparse, rows);
        self.levels(column, rows);
        for value in values {
            self.page.extend_from_slice(&value.to_le_bytes());
        }
        self.plain(column, rows)
    }

    /// Yes in the rows named.
    pub(super) fn sparse_flags(
        &mut self,
        column: &ColumnDescPtr,
        sparse: &[u32],
        rows: usize,
    ) -> Result<Chunk, ParquetError> {
        self.mark(sparse, rows);
        self.levels(column, rows);
        let end = self.page.len() + sparse.len().div_ceil(8);
        self.page.resize(end, u8::MAX);
        self.plain(column, rows)
    }

    fn mark_all<T>(&mut self, values: &[T], has_value: impl Fn(&T) -> bool) {
        self.bits.clear();
        self.bits.extend(values.chunks(8).map(|some| {
            some.iter().enumerate().fold(0, |byte, (place, value)| byte | u8::from(has_value(value)) << place)
        }));
    }

    fn mark(&mut self, sparse: &[u32], rows: usize) {
        self.bits.clear();
        self.bits.resize(rows.div_ceil(8), 0);
        for row in sparse {
            self.bits[*row as usize / 8] |= 1 << (row % 8);
        }
    }

    /// Begins the data page with which rows have a value.
    fn levels(&mut self, column: &ColumnDescPtr, rows: usize) {
        self.page.clear();
        if column.max_def_level() > 0 {
            self.page.extend_from_slice(&[0; 4]);
            hybrid::encode_bits(&self.bits, rows, &mut self.page);
            let bytes = (self.page.len() - 4) as u32;
            self.page[..4].copy_from_slice(&bytes.to_le_bytes());
        }
    }

    fn indexed(
        &mut self,
        column: &ColumnDescPtr,
        dictionary_values: usize,
        width_bits: u32,
        rows: usize,
        statistics: Option<Statistics>,
    ) -> Result<Chunk, ParquetError> {
        self.levels(column, rows);
        self.page.push(width_bits as u8);
        hybrid::encode(&self.indices, width_bits, &mut self.page);
        let pages = Pages {
            dictionary_values: Some(dictionary_values),
            encoding: Encoding::RLE_DICTIONARY,
            rows,
            statistics,
        };
        self.chunk(column, pages)
    }

    fn plain(&mut self, column: &ColumnDescPtr, rows: usize) -> Result<Chunk, ParquetError> {
        let pages = Pages { dictionary_values: None, encoding: Encoding::PLAIN, rows, statistics: None };
        self.chunk(column, pages)
    }

    /// Compresses the pages and describes them.
    fn chunk(&mut self, column: &ColumnDescPtr, pages: Pages) -> Result<Chunk, ParquetError> {
        let compressor = match &mut self.compressor {
            Some(compressor) => compressor,
            none => none.insert(zstd::bulk::Compressor::new(LEVEL)?),
        };
        let mut sink = TrackedWrite::new(Vec::new());
        let mut writer = SerializedPageWriter::new(&mut sink);
        let (mut compressed, mut uncompressed) = (0, 0);
        let mut encodings = vec![Encoding::PLAIN, Encoding::RLE];
        let mut dictionary_offset = None;
        if let Some(values) = pages.dictionary_values {
            let page = Page::DictionaryPage {
                buf: compressor.compress(&self.dictionary)?.into(),
                num_values: values as u32,
                encoding: Encoding::PLAIN,
                is_sorted: false,
            };
            let spec = writer.write_page(CompressedPage::new(page, self.dictionary.len()))?;
            compressed += spec.compressed_size;
            uncompressed += spec.uncompressed_size;
            dictionary_offset = Some(spec.offset as i64);
            encodings.push(Encoding::RLE_DICTIONARY);
        }
        let page = Page::DataPage {
            buf: compressor.compress(&self.page)?.into(),
            num_values: pages.rows as u32,
            encoding: pages.encoding,
            def_level_encoding: Encoding::RLE,
            rep_level_encoding: Encoding::RLE,
            statistics: None,
        };
        let spec = writer.write_page(CompressedPage::new(page, self.page.len()))?;
        compressed += spec.compressed_size;
        uncompressed += spec.uncompressed_size;
        let mut metadata = ColumnChunkMetaData::builder(column.clone())
            .set_encodings(encodings)
            .set_num_values(pages.rows as i64)
            .set_compression(Compression::ZSTD(ZstdLevel::try_new(LEVEL)?))
            .set_total_compressed_size(compressed as i64)
            .set_total_uncompressed_size(uncompressed as i64)
            .set_data_page_offset(spec.offset as i64)
            .set_dictionary_page_offset(dictionary_offset);
        if let Some(statistics) = pages.statistics {
            metadata = metadata.set_statistics(statistics);
        }
        let close = ColumnCloseResult {
            bytes_written: compressed as u64,
            rows_written: pages.rows as u64,
            metadata: metadata.build()?,
            bloom_filter: None,
            column_index: None,
            offset_index: None,
        };
        Ok(Chunk { bytes: sink.into_inner()?.into(), close })
    }
}
