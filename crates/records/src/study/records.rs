//! `records/links.parquet`, `entities.parquet` and `subjects.parquet`.

use std::path::Path;
use std::sync::Arc;

use arrow::array::{Array, ArrayRef, Int64Array, LargeStringArray, LargeStringBuilder, StringArray};
use arrow::datatypes::{DataType, Field, Schema};
use serde::{Deserialize, Serialize};
use twinloom_event::{Attributes, Entity, Link, RecordId, SubjectId};

use crate::attribute_json::{attributes_from_json, attributes_to_json};
use crate::meds::{MedsError, ParquetTable, TableWriter, integers, texts};
use crate::spill::Sorted;

pub(super) const BATCH_ROWS: usize = 16_384;

/// A subject id as bytes that compare as the ids do.
pub(super) fn subject_key(subject_id: SubjectId) -> [u8; 8] {
    ((subject_id.get() as u64) ^ (1 << 63)).to_be_bytes()
}

fn key_subject(key: &[u8]) -> SubjectId {
    let mut bytes = [0; 8];
    let length = key.len().min(8);
    bytes[..length].copy_from_slice(&key[..length]);
    SubjectId::new((u64::from_be_bytes(bytes) ^ (1 << 63)) as i64)
}

/// A link as a sort key, its parts joined by NUL, and a value that says where the parts end.
pub(super) fn encode_link(link: &Link) -> (Vec<u8>, [u8; 16]) {
    let (from, path, to) = (link.from.as_str(), &*link.path, link.to.as_str());
    let mut key = Vec::with_capacity(from.len() + path.len() + to.len() + 2);
    for (place, part) in [from, path, to].into_iter().enumerate() {
        if place > 0 {
            key.push(0);
        }
        key.extend_from_slice(part.as_bytes());
    }
    let mut value = [0; 16];
    value[..8].copy_from_slice(&(from.len() as u64).to_le_bytes());
    value[8..].copy_from_slice(&(path.len() as u64).to_le_bytes());
    (key, value)
}

fn link_parts<'a>(key: &'a [u8], value: &[u8]) -> Option<[&'a str; 3]> {
    let length = |bytes: &[u8]| Some(u64::from_le_bytes(bytes.try_into().ok()?) as usize);
    let (from, rest) = key.split_at_checked(length(value.get(..8)?)?)?;
    let (path, to) = rest.get(1..)?.split_at_checked(length(value.get(8..16)?)?)?;
    let text = |bytes| std::str::from_utf8(bytes).ok();
    Some([text(from)?, text(path)?, text(to.get(1..)?)?])
}

/// A table of text columns, written a batch at a time.
struct TextTable<const COLUMNS: usize> {
    table: TableWriter,
    builders: [LargeStringBuilder; COLUMNS],
    held: usize,
    rows: u64,
}

impl<const COLUMNS: usize> TextTable<COLUMNS> {
    fn create(path: &Path, columns: [(&str, bool); COLUMNS]) -> Result<Self, MedsError> {
        let fields = columns.map(|(name, nullable)| Field::new(name, DataType::LargeUtf8, nullable));
        let table = TableWriter::create(path, Arc::new(Schema::new(fields.to_vec())))?;
        let builders = std::array::from_fn(|_| LargeStringBuilder::new());
        Ok(Self { table, builders, held: 0, rows: 0 })
    }

    fn push(&mut self, row: [Option<&str>; COLUMNS]) -> Result<(), MedsError> {
        for (builder, value) in self.builders.iter_mut().zip(row) {
            builder.append_option(value);
        }
        self.held += 1;
        self.rows += 1;
        if self.held == BATCH_ROWS { self.flush() } else { Ok(()) }
    }

    fn flush(&mut self) -> Result<(), MedsError> {
        self.held = 0;
        self.table
            .write(self.builders.iter_mut().map(|builder| Arc::new(builder.finish()) as ArrayRef).collect())
    }

    fn close(mut self) -> Result<u64, MedsError> {
        self.flush()?;
        self.table.close()?;
        Ok(self.rows)
    }
}

/// Writes each link once, in order; returns how many.
pub(super) fn write_links(path: &Path, sorted: &Sorted) -> Result<u64, MedsError> {
    let mut table = TextTable::create(path, [("from", false), ("path", false), ("to", false)])?;
    let mut last: Option<(Vec<u8>, Vec<u8>)> = None;
    sorted.for_each(|key, value| {
        if last.as_ref().is_some_and(|(last_key, last_value)| last_key == key && last_value == value) {
            return Ok(());
        }
        let (last_key, last_value) = last.get_or_insert_default();
        last_key.clear();
        last_key.extend_from_slice(key);
        last_value.clear();
        last_value.extend_from_slice(value);
        match link_parts(key, value) {
            Some([from, link_path, to]) => table.push([Some(from), Some(link_path), Some(to)]),
            None => Err(damaged(path)),
        }
    })?;
    table.close()
}

/// An entity beside its id: kind, name, attributes as JSON.
#[derive(Serialize, Deserialize)]
struct EntityParts(String, Option<String>, Option<String>);

/// An entity without its id, as bytes.
pub(super) fn encode_entity(entity: &Entity, out: &mut Vec<u8>) {
    let attributes = (!entity.attributes.is_empty()).then(|| attributes_to_json(&entity.attributes));
    let parts = EntityParts(entity.kind.to_string(), entity.name.as_deref().map(str::to_owned), attributes);
    serde_json::to_writer(out, &parts).expect("texts are always JSON and memory takes all bytes");
}

/// Writes each entity once, the first of its record id; returns how many.
pub(super) fn write_entities(path: &Path, sorted: &Sorted) -> Result<u64, MedsError> {
    let columns = [("record_id", false), ("kind", false), ("name", true), ("attributes", true)];
    let mut table = TextTable::create(path, columns)?;
    let mut last: Vec<u8> = Vec::new();
    sorted.for_each(|key, value| {
        if last == key {
            return Ok(());
        }
        last.clear();
        last.extend_from_slice(key);
        let (record_id, value) = (std::str::from_utf8(key).ok(), serde_json::from_slice(value).ok());
        let Some((record_id, EntityParts(kind, name, attributes))) = record_id.zip(value) else {
            return Err(damaged(path));
        };
        table.push([Some(record_id), Some(&kind), name.as_deref(), attributes.as_deref()])
    })?;
    table.close()
}

/// Writes each subject's source identifier; returns the subjects.
pub(super) fn write_subjects(path: &Path, sorted: &Sorted) -> Result<Vec<SubjectId>, MedsError> {
    let schema = Schema::new(vec![
        Field::new("subject_id", DataType::Int64, false),
        Field::new("source_id", DataType::Utf8, false),
    ]);
    let mut table = TableWriter::create(path, Arc::new(schema))?;
    let mut subjects: Vec<SubjectId> = Vec::new();
    let mut last: Vec<u8> = Vec::new();
    let mut ids = Vec::new();
    let mut sources: Vec<String> = Vec::new();
    sorted.for_each(|key, value| {
        let subject_id = key_subject(key);
        if subjects.last() == Some(&subject_id) {
            return if last == value { Ok(()) } else { Err(MedsError::SubjectCollision { subject_id }) };
        }
        last.clear();
        last.extend_from_slice(value);
        subjects.push(subject_id);
        ids.push(subject_id.get());
        sources.push(String::from_utf8_lossy(value).into_owned());
        if ids.len() == BATCH_ROWS {
            let (ids, sources) = (std::mem::take(&mut ids), std::mem::take(&mut sources));
            table.write(vec![Arc::new(Int64Array::from(ids)), Arc::new(StringArray::from(sources))])?;
        }
        Ok(())
    })?;
    table.write(vec![Arc::new(Int64Array::from(ids)), Arc::new(StringArray::from(sources))])?;
    table.close()?;
    Ok(subjects)
}

pub(super) fn damaged(path: &Path) -> MedsError {
    MedsError::Io { file: path.display().to_string(), source: std::io::ErrorKind::InvalidData.into() }
}

/// Visits the rows of text columns; a null in one that must not be null is an error.
fn for_each_row<const COLUMNS: usize>(
    path: &Path,
    columns: [&'static str; COLUMNS],
    required: usize,
    mut visit: impl FnMut([Option<&str>; COLUMNS]) -> Option<()>,
) -> Result<(), MedsError> {
    let mut table = ParquetTable::open(path)?;
    let mut row = 0;
    while let Some(batch) = table.next_batch()? {
        let mut arrays: Vec<LargeStringArray> = Vec::with_capacity(COLUMNS);
        for column in columns {
            arrays.push(texts(&table, &batch, column)?.ok_or_else(|| table.missing(column))?);
        }
        for index in 0..batch.num_rows() {
            row += 1;
            let mut values = [None; COLUMNS];
            for (value, array) in values.iter_mut().zip(&arrays) {
                *value = array.is_valid(index).then(|| array.value(index));
            }
            let complete = values[..required].iter().all(Option::is_some);
            if !complete || visit(values).is_none() {
                let file = path.display().to_string();
                return Err(MedsError::Row {
                    file,
                    row,
                    reason: "row is not as Twinloom writes it".to_owned(),
                });
            }
        }
    }
    Ok(())
}

pub(super) fn read_links(path: &Path) -> Result<Vec<Link>, MedsError> {
    let mut links: Vec<Link> = Vec::new();
    for_each_row(path, ["from", "path", "to"], 3, |[from, link_path, to]| {
        // Neighbours share their texts: links are sorted by artefact, then element.
        let from = match links.last() {
            Some(last) if last.from.as_str() == from? => last.from.clone(),
            _ => RecordId::new(from?).ok()?,
        };
        let link_path = match links.last() {
            Some(last) if &*last.path == link_path? => Arc::clone(&last.path),
            _ => link_path?.into(),
        };
        links.push(Link { from, path: link_path, to: RecordId::new(to?).ok()? });
        Some(())
    })?;
    Ok(links)
}

pub(super) fn read_entities(path: &Path) -> Result<Vec<Entity>, MedsError> {
    let mut entities = Vec::new();
    for_each_row(path, ["record_id", "kind", "name", "attributes"], 2, |[id, kind, name, attributes]| {
        let attributes: Attributes = match attributes {
            Some(text) => attributes_from_json(text)?,
            None => Attributes::new(),
        };
        let record_id = RecordId::new(id?).ok()?;
        entities.push(Entity { record_id, kind: kind?.into(), name: name.map(Into::into), attributes });
        Some(())
    })?;
    Ok(entities)
}

pub(super) fn read_subjects(path: &Path) -> Result<Vec<(SubjectId, String)>, MedsError> {
    let mut table = ParquetTable::open(path)?;
    let mut subjects = Vec::new();
    while let Some(batch) = table.next_batch()? {
        let ids = integers(&table, &batch, "subject_id")?.ok_or_else(|| table.missing("subject_id"))?;
        let sources = texts(&table, &batch, "source_id")?.ok_or_else(|| table.missing("source_id"))?;
        subjects.extend(
            ids.iter()
                .zip(sources.iter())
                .filter_map(|(id, source)| Some((SubjectId::new(id?), source?.to_owned()))),
        );
    }
    Ok(subjects)
}
