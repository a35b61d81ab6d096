//! `metadata/codes.parquet`: what the codes mean.

use std::io;
use std::path::Path;
use std::sync::Arc;

use arrow::array::{Array, ArrayRef, ListBuilder, StringBuilder};
use arrow::datatypes::{DataType, Field, Schema};
use twinloom_event::{Code, Concept};

use super::MedsError;
use super::columns::{ParquetTable, texts};
use super::parquet_file::TableWriter;
use crate::spill::{Sorted, Sorter};
use crate::{ImportReport, Location, ProblemKind};

const BATCH_ROWS: usize = 8192;
const TABLE: &str = "codes";

/// Takes a concept; of one code the first counts.
pub(super) fn push(sorter: &mut Sorter, concept: &Concept) -> io::Result<()> {
    let value = serde_json::to_vec(concept).map_err(io::Error::from)?;
    sorter.push(concept.code.as_str().as_bytes(), |out| out.extend_from_slice(&value))
}

/// Takes a code that events use.
pub(super) fn push_used(sorter: &mut Sorter, code: &str) -> io::Result<()> {
    sorter.push(code.as_bytes(), |_| ())
}

/// Writes each code once, with its first description; returns how many.
pub(super) fn write(path: &Path, sorted: &Sorted) -> Result<u64, MedsError> {
    let parents = Field::new("item", DataType::Utf8, true);
    let schema = Arc::new(Schema::new(vec![
        Field::new("code", DataType::Utf8, false),
        Field::new("description", DataType::Utf8, true),
        Field::new("parent_codes", DataType::List(Arc::new(parents)), true),
    ]));
    let mut table = TableWriter::create(path, schema)?;
    let mut columns = Columns::default();
    let mut code = Vec::new();
    let mut concept: Option<Concept> = None;
    let mut rows = 0;
    sorted.for_each(|key, value| {
        if key != code.as_slice() {
            if !code.is_empty() {
                columns.push(&code, concept.take());
                rows += 1;
                if columns.rows == BATCH_ROWS {
                    table.write(columns.finish())?;
                }
            }
            code.clear();
            code.extend_from_slice(key);
        }
        if concept.is_none() && !value.is_empty() {
            concept = serde_json::from_slice(value).ok();
        }
        Ok::<(), MedsError>(())
    })?;
    if !code.is_empty() {
        columns.push(&code, concept);
        rows += 1;
    }
    table.write(columns.finish())?;
    table.close()?;
    Ok(rows)
}

#[derive(Default)]
struct Columns {
    rows: usize,
    code: StringBuilder,
    description: StringBuilder,
    parents: ListBuilder<StringBuilder>,
}

impl Columns {
    fn push(&mut self, code: &[u8], concept: Option<Concept>) {
        self.rows += 1;
        self.code.append_value(String::from_utf8_lossy(code));
        self.description.append_option(concept.as_ref().and_then(|concept| concept.description.as_deref()));
        let parents = concept.map(|concept| concept.parents).unwrap_or_default();
        for parent in &parents {
            self.parents.values().append_value(parent.as_str());
        }
        self.parents.append(!parents.is_empty());
    }

    fn finish(&mut self) -> Vec<ArrayRef> {
        self.rows = 0;
        vec![
            Arc::new(self.code.finish()),
            Arc::new(self.description.finish()),
            Arc::new(self.parents.finish()),
        ]
    }
}

/// Reads the codes that have a description or a parent.
pub(super) fn read(path: &Path, report: &mut ImportReport) -> Result<Vec<Concept>, MedsError> {
    let mut table = ParquetTable::open(path)?;
    let at = |row| Location { file: path.display().to_string(), position: row };
    for name in table.column_names() {
        if !["code", "description", "parent_codes"].contains(&name.as_str()) {
            let reason = format!("column {name} of codes.parquet has no place in a concept");
            report.note(TABLE, ProblemKind::Partial, &reason, || at(0));
        }
    }
    let mut concepts = Vec::new();
    let mut row = 0;
    while let Some(batch) = table.next_batch()? {
        let codes = texts(&table, &batch, "code")?.ok_or_else(|| table.missing("code"))?;
        let descriptions = texts(&table, &batch, "description")?;
        let parents = table.text_lists(&batch, "parent_codes")?;
        for index in 0..batch.num_rows() {
            row += 1;
            let Some(code) = Some(&codes)
                .filter(|codes| codes.is_valid(index))
                .and_then(|codes| Code::parse(codes.value(index)).ok())
            else {
                report.skip(TABLE, "code is null or empty", || at(row));
                continue;
            };
            let description = descriptions
                .as_ref()
                .filter(|texts| texts.is_valid(index))
                .map(|texts| Arc::from(texts.value(index)));
            let parents: Vec<Code> = parents
                .as_ref()
                .map(|lists| lists.row(index))
                .unwrap_or_default()
                .into_iter()
                .filter_map(|parent| Code::parse(parent).ok())
                .collect();
            report.keep(TABLE, 0);
            if description.is_some() || !parents.is_empty() {
                concepts.push(Concept { code, description, parents });
            }
        }
    }
    Ok(concepts)
}
