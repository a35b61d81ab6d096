//! Why MEDS data can't be read or written.

use std::io;

use twinloom_event::SubjectId;

/// Why a MEDS folder can't be read or written.
#[derive(Debug, thiserror::Error)]
pub enum MedsError {
    /// The disk refused.
    #[error("{file} can't be used")]
    Io {
        /// Which file or folder.
        file: String,
        /// What the system said.
        #[source]
        source: io::Error,
    },
    /// The temporary files in the folder can't be used.
    #[error("temporary files can't be used")]
    Spill(#[from] io::Error),
    /// The file is no sound Parquet, or Parquet could not be written.
    #[error("{file} is no readable Parquet")]
    Parquet {
        /// Which file.
        file: String,
        /// What the Parquet reader said.
        #[source]
        source: parquet::errors::ParquetError,
    },
    /// The file made the Parquet reader itself break off.
    #[error("{file} is damaged beyond what the Parquet reader can name")]
    Damaged {
        /// Which file.
        file: String,
    },
    /// The file is no sound JSON.
    #[error("{file} is no readable JSON")]
    Json {
        /// Which file.
        file: String,
        /// What the JSON reader said.
        #[source]
        source: serde_json::Error,
    },
    /// No data file stands where MEDS wants them.
    #[error("{folder} holds no Parquet file; permitted: a MEDS root with data/**/*.parquet")]
    NoData {
        /// The folder searched.
        folder: String,
    },
    /// A column the standard demands is absent.
    #[error("{file} has no column {column}; permitted: a column {column}; found: {found}")]
    MissingColumn {
        /// Which file.
        file: String,
        /// The column wanted.
        column: &'static str,
        /// The columns present.
        found: String,
    },
    /// A column's type can't be read as what the standard demands.
    #[error("{file}: column {column} has type {found}; permitted: {permitted}")]
    ColumnType {
        /// Which file.
        file: String,
        /// Which column.
        column: String,
        /// Its type.
        found: String,
        /// The types that can be read.
        permitted: &'static str,
    },
    /// A row breaks the schema.
    #[error("{file}:{row}: {reason}")]
    Row {
        /// Which file.
        file: String,
        /// Which row, from 1.
        row: u64,
        /// How.
        reason: String,
    },
    /// Labels of one file are in several of the four forms.
    #[error("labels are of several kinds; permitted: one of boolean, integer, float, categorical per file")]
    MixedLabels,
    /// Two source identifiers got one subject id.
    #[error("two source identifiers hash to subject {subject_id}; permitted: distinct identifiers")]
    SubjectCollision {
        /// The id they share.
        subject_id: SubjectId,
    },
    /// A subject has more events than can be numbered.
    #[error("subject {subject_id} has too many events; permitted: at most 4294967296")]
    TooLong {
        /// Whose events.
        subject_id: SubjectId,
    },
    /// Row groups do not follow each other.
    #[error(
        "subject {subject_id} comes after a later one; permitted: subjects in order, each in one row group"
    )]
    SubjectOrder {
        /// The subject that comes too late.
        subject_id: SubjectId,
    },
    /// Columns of one row group do not fit together.
    #[error("columns differ in length or number; permitted: as announced, a cell for each row")]
    Columns,
    /// The receiver of the events refused.
    #[error(transparent)]
    Sink(#[from] crate::SinkError),
    /// The subjects make no cohort.
    #[error(transparent)]
    Cohort(#[from] twinloom_event::CohortError),
}
