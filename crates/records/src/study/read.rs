//! Reading a study folder back.

use std::path::Path;

use twinloom_event::{Artefact, Dataset, Link, SubjectId};

use super::{artefacts, records};
use crate::meds::{self, MedsError};

/// Reads `STUDY/events` and `STUDY/records` into memory.
///
/// # Errors
/// [`MedsError`] when a file is absent or damaged; unlike [`meds::read`], nothing is skipped.
pub fn read_dataset(study: &Path) -> Result<Dataset, MedsError> {
    let read = meds::read(&study.join("events"))?;
    if let Some(problem) =
        read.report.tables.values().filter(|table| table.skipped > 0).find_map(|table| {
            table.problems.iter().find(|problem| problem.kind == crate::ProblemKind::Skipped)
        })
    {
        let first = problem.first.first();
        return Err(MedsError::Row {
            file: first.map(|place| place.file.clone()).unwrap_or_default(),
            row: first.map_or(0, |place| place.position),
            reason: problem.reason.clone(),
        });
    }
    let mut dataset = read.dataset;
    dataset.links = read_links(study)?;
    let entities = study.join("records").join("entities.parquet");
    if entities.is_file() {
        dataset.entities = records::read_entities(&entities)?;
    }
    Ok(dataset)
}

/// Reads `STUDY/records/links.parquet`; none when the file is absent.
///
/// # Errors
/// [`MedsError`] when the file is damaged.
pub fn read_links(study: &Path) -> Result<Vec<Link>, MedsError> {
    let path = study.join("records").join("links.parquet");
    if path.is_file() { records::read_links(&path) } else { Ok(Vec::new()) }
}

/// Reads `STUDY/records/subjects.parquet`: each subject's identifier in the source.
///
/// # Errors
/// [`MedsError`] when the file is absent or damaged.
pub fn read_subjects(study: &Path) -> Result<Vec<(SubjectId, String)>, MedsError> {
    records::read_subjects(&study.join("records").join("subjects.parquet"))
}

/// Reads `STUDY/records/artefacts.parquet`: where every artefact stood in the input, in record id order;
/// none when the file is absent.
///
/// # Errors
/// [`MedsError`] when the file is damaged.
pub fn read_artefacts(study: &Path) -> Result<Vec<Artefact>, MedsError> {
    let path = study.join("records").join("artefacts.parquet");
    if path.is_file() { artefacts::read_artefacts(&path) } else { Ok(Vec::new()) }
}
