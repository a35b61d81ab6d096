//! A MEDS root written from row groups that come in order.

use std::fs::{self, File};
use std::path::{Path, PathBuf};
use std::sync::Arc;

use parquet::arrow::add_encoded_arrow_schema_to_metadata;
use parquet::errors::ParquetError;
use parquet::file::properties::WriterProperties;
use parquet::file::writer::SerializedFileWriter;
use tempfile::TempDir;
use twinloom_event::{Concept, Split, SubjectId};

use super::cells::Texts;
use super::group::{EncodedGroup, EventLayout};
use crate::meds::parquet_file::writer_properties;
use crate::meds::{DatasetMetadata, MedsError, MedsSummary, codes, splits};
use crate::spill::Sorter;

/// A data file ends with the row group in which this many rows are reached.
const FILE_ROWS: u64 = 4_000_000;
/// Bytes of codes held before they go to temporary files.
const CONCEPTS_BYTES: usize = 16 << 20;

/// Puts encoded row groups into data files, one after the other.
///
/// # Limits
/// Memory grows by eight bytes a subject and by what the file's end says of each row group; a row group is held only while it is written.
pub struct ColumnarWriter {
    root: PathBuf,
    metadata: DatasetMetadata,
    layout: EventLayout,
    spill: TempDir,
    properties: Arc<WriterProperties>,
    open: Option<OpenFile>,
    subjects: Vec<SubjectId>,
    /// By key, whether events use the code.
    used: Vec<bool>,
    events: u64,
    shards: u64,
}

struct OpenFile {
    path: PathBuf,
    writer: SerializedFileWriter<File>,
    rows: u64,
}

impl ColumnarWriter {
    /// Makes the folder; what it holds is replaced when the writer is finished.
    ///
    /// # Errors
    /// [`MedsError::Io`] when the folder can't be made.
    pub fn create(root: &Path, metadata: DatasetMetadata, layout: &EventLayout) -> Result<Self, MedsError> {
        fs::create_dir_all(root).map_err(io(root))?;
        let spill = tempfile::Builder::new().prefix(".spill-").tempdir_in(root).map_err(io(root))?;
        let fresh = spill.path().join("data");
        fs::create_dir(&fresh).map_err(io(&fresh))?;
        let mut properties = writer_properties();
        add_encoded_arrow_schema_to_metadata(&layout.schema, &mut properties);
        Ok(Self {
            root: root.to_owned(),
            metadata,
            layout: layout.clone(),
            spill,
            properties: Arc::new(properties),
            open: None,
            subjects: Vec::new(),
            used: Vec::new(),
            events: 0,
            shards: 0,
        })
    }

    /// Appends a row group; its subjects come after all before.
    ///
    /// # Errors
    /// [`MedsError::SubjectOrder`] when they do not, others when the file can't be written.
    pub fn append(&mut self, group: EncodedGroup) -> Result<(), MedsError> {
        if group.rows == 0 {
            return Ok(());
        }
        for subject in group.subjects {
            let subject = SubjectId::new(subject);
            if self.subjects.last().is_some_and(|last| *last >= subject) {
                return Err(MedsError::SubjectOrder { subject_id: subject });
            }
            self.subjects.push(subject);
        }
        for key in group.codes {
            if key as usize >= self.used.len() {
                self.used.resize(key as usize + 1, false);
            }
            self.used[key as usize] = true;
        }
        let mut file = match self.open.take() {
            Some(file) => file,
            None => self.next_file()?,
        };
        let written = (|| -> Result<(), ParquetError> {
            let mut row_group = file.writer.next_row_group()?;
            for chunk in group.chunks {
                row_group.append_column(&chunk.bytes, chunk.close)?;
            }
            row_group.close().map(|_| ())
        })();
        written.map_err(parquet(&file.path))?;
        file.rows += group.rows as u64;
        self.events += group.rows as u64;
        if file.rows >= FILE_ROWS {
            return close(file);
        }
        self.open = Some(file);
        Ok(())
    }

    fn next_file(&mut self) -> Result<OpenFile, MedsError> {
        let path = self.spill.path().join("data").join(format!("{:05}.parquet", self.shards));
        self.shards += 1;
        let output = File::create(&path).map_err(io(&path))?;
        let schema = self.layout.descriptor.root_schema_ptr();
        let writer = SerializedFileWriter::new(output, schema, Arc::clone(&self.properties))
            .map_err(parquet(&path))?;
        Ok(OpenFile { path, writer, rows: 0 })
    }

    /// Writes `data/` anew, and `metadata/`. `code` says what the codes' keys mean, `concepts` what the
    /// codes mean; `split_of` may leave subjects out of the splits.
    ///
    /// # Errors
    /// [`MedsError`] when a file can't be written.
    pub fn finish(
        mut self,
        code: Texts<'_>,
        concepts: impl Iterator<Item = Concept>,
        split_of: &(dyn Fn(SubjectId) -> Option<Split> + Sync),
    ) -> Result<MedsSummary, MedsError> {
        let last = match self.open.take() {
            // An empty dataset still has a data file, so that readers find the schema.
            None if self.shards == 0 => Some(self.next_file()?),
            open => open,
        };
        last.map_or(Ok(()), close)?;
        let data = self.root.join("data");
        if data.exists() {
            fs::remove_dir_all(&data).map_err(io(&data))?;
        }
        fs::rename(self.spill.path().join("data"), &data).map_err(io(&data))?;
        let folder = self.root.join("metadata");
        fs::create_dir_all(&folder).map_err(io(&folder))?;
        let mut sorter = Sorter::new(self.spill.path(), "concepts", CONCEPTS_BYTES);
        for concept in concepts {
            codes::push(&mut sorter, &concept).map_err(io(self.spill.path()))?;
        }
        for key in (0..self.used.len()).filter(|key| self.used[*key]) {
            codes::push_used(&mut sorter, code(key as u32)).map_err(io(self.spill.path()))?;
        }
        let sorted = sorter.finish().map_err(io(self.spill.path()))?;
        let written = codes::write(&folder.join("codes.parquet"), &sorted)?;
        splits::write(&folder.join("subject_splits.parquet"), &self.subjects, split_of)?;
        let further = self.layout.schema.fields().iter().map(|field| field.name().clone());
        self.metadata.with_columns(further).write(&folder.join("dataset.json"))?;
        self.spill.close().map_err(io(&self.root))?;
        Ok(MedsSummary { subjects: self.subjects, events: self.events, shards: self.shards, codes: written })
    }
}

fn close(file: OpenFile) -> Result<(), MedsError> {
    file.writer.close().map(|_| ()).map_err(parquet(&file.path))
}

fn io(file: &Path) -> impl FnOnce(std::io::Error) -> MedsError {
    let file = file.display().to_string();
    move |source| MedsError::Io { file, source }
}

fn parquet(file: &Path) -> impl FnOnce(ParquetError) -> MedsError {
    let file = file.display().to_string();
    move |source| MedsError::Parquet { file, source }
}
