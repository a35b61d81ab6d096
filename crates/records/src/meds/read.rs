//! A MEDS root read: all at once, or file by file into a sink.

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};

use rayon::prelude::*;
use twinloom_event::{Cohort, Concept, Dataset, Event, Split, SubjectId, Timeline};

use super::data_file::{TABLE, read_file};
use super::{DatasetMetadata, MedsError, codes, splits};
use crate::{ImportReport, Location, ProblemKind, Sink};

const FORMAT: &str = "meds";
const FILES: &str = "files";
const IN_TWO_FILES: &str = "a subject stands in more than one file; brought together";

/// A MEDS folder in memory.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct MedsDataset {
    /// Events and concepts; MEDS has no links or entities.
    pub dataset: Dataset,
    /// `metadata/dataset.json`, if present.
    pub metadata: DatasetMetadata,
    /// `metadata/subject_splits.parquet`, if present.
    pub splits: BTreeMap<SubjectId, Split>,
    /// What was read, repaired or skipped.
    pub report: ImportReport,
}

/// Reads a MEDS root into memory.
///
/// Breaches of the schema that leave no doubt (order, narrower or wider types, a subject in two
/// files) are repaired and noted; rows without subject or code and unreadable files are skipped and
/// located.
///
/// # Errors
/// [`MedsError`] when there is no data file or none can be read.
pub fn read(root: &Path) -> Result<MedsDataset, MedsError> {
    let files = data_files(root)?;
    let parts: Vec<(Result<Vec<Timeline>, MedsError>, ImportReport)> = files
        .par_iter()
        .map(|path| {
            let mut report = ImportReport::new(FORMAT);
            let mut events = Vec::new();
            let read = read_file(path, &mut report, &mut |event| {
                events.push(event);
                Ok(())
            });
            (read.and_then(|()| timelines(events)), report)
        })
        .collect();
    let mut report = ImportReport::new(FORMAT);
    let mut read = Vec::new();
    let mut first_error = None;
    for (path, (part, part_report)) in files.iter().zip(parts) {
        report.merge(part_report);
        match part {
            Ok(part) => {
                note_file(&mut report, path);
                read.extend(part.into_iter().map(|timeline| (timeline, path)));
            }
            Err(error) => {
                skip_file(&mut report, path, &error);
                first_error.get_or_insert(error);
            }
        }
    }
    if let (true, Some(error)) = (report.files == 0, first_error) {
        return Err(error);
    }
    let cohort = Cohort::new(joined(read, &mut report)?)?;
    report.subjects = cohort.len() as u64;
    let concepts = read_concepts(root, &mut report)?;
    let splits = read_splits_noting(root, &mut report)?;
    let metadata = read_metadata(root, &mut report);
    let dataset = Dataset { cohort, concepts, ..Dataset::default() };
    Ok(MedsDataset { dataset, metadata, splits, report })
}

/// Reads a MEDS root file by file into a sink; `progress` gets bytes read since its last call.
///
/// # Errors
/// [`MedsError`] when there is no data file, none can be read, or the sink refuses.
pub fn import(
    root: &Path,
    sink: &mut dyn Sink,
    progress: &mut dyn FnMut(u64),
) -> Result<ImportReport, MedsError> {
    let mut report = ImportReport::new(FORMAT);
    let mut subjects: rustc_hash::FxHashMap<SubjectId, usize> = rustc_hash::FxHashMap::default();
    let mut first_error = None;
    for (number, path) in data_files(root)?.iter().enumerate() {
        let mut in_two_files = false;
        let mut last = None;
        let read = read_file(path, &mut report, &mut |event| {
            let subject_id = event.subject_id();
            if last != Some(subject_id) {
                last = Some(subject_id);
                match subjects.insert(subject_id, number) {
                    None => sink.subject(subject_id, &subject_id.to_string())?,
                    Some(other) => in_two_files |= other != number,
                }
            }
            Ok(sink.event(event)?)
        });
        match read {
            Ok(()) => note_file(&mut report, path),
            Err(MedsError::Sink(error)) => return Err(MedsError::Sink(error)),
            Err(error) => {
                skip_file(&mut report, path, &error);
                first_error.get_or_insert(error);
            }
        }
        if in_two_files {
            report.note(TABLE, ProblemKind::Partial, IN_TWO_FILES, || whole(path));
        }
        progress(fs::metadata(path).map_or(0, |facts| facts.len()));
    }
    if let (0, Some(error)) = (report.files, first_error) {
        return Err(error);
    }
    report.subjects = subjects.len() as u64;
    for concept in read_concepts(root, &mut report)? {
        sink.concept(concept)?;
    }
    Ok(report)
}

/// Reads `metadata/subject_splits.parquet`; empty when there is none.
///
/// # Errors
/// [`MedsError`] when the file is damaged.
pub fn read_splits(root: &Path) -> Result<BTreeMap<SubjectId, Split>, MedsError> {
    read_splits_noting(root, &mut ImportReport::new(FORMAT))
}

fn read_splits_noting(
    root: &Path,
    report: &mut ImportReport,
) -> Result<BTreeMap<SubjectId, Split>, MedsError> {
    let path = root.join("metadata").join("subject_splits.parquet");
    if path.is_file() { splits::read(&path, report) } else { Ok(BTreeMap::new()) }
}

fn read_concepts(root: &Path, report: &mut ImportReport) -> Result<Vec<Concept>, MedsError> {
    let path = root.join("metadata").join("codes.parquet");
    if path.is_file() {
        return codes::read(&path, report);
    }
    report.note(FILES, ProblemKind::Partial, "there is no metadata/codes.parquet", || whole(&path));
    Ok(Vec::new())
}

fn read_metadata(root: &Path, report: &mut ImportReport) -> DatasetMetadata {
    let path = root.join("metadata").join("dataset.json");
    DatasetMetadata::read(&path).unwrap_or_else(|error| {
        report.note(FILES, ProblemKind::Partial, &format!("no dataset.json: {}", chain(&error)), || {
            whole(&path)
        });
        DatasetMetadata::default()
    })
}

fn note_file(report: &mut ImportReport, path: &Path) {
    report.files += 1;
    report.bytes += fs::metadata(path).map_or(0, |facts| facts.len());
    report.keep(FILES, 0);
}

fn skip_file(report: &mut ImportReport, path: &Path, error: &MedsError) {
    report.skip(FILES, &chain(error), || whole(path));
}

/// An error with its causes in one line.
fn chain(error: &dyn std::error::Error) -> String {
    let mut text = error.to_string();
    let mut source = error.source();
    while let Some(cause) = source {
        text.push_str(": ");
        text.push_str(&cause.to_string());
        source = cause.source();
    }
    text
}

fn whole(path: &Path) -> Location {
    Location { file: path.display().to_string(), position: 0 }
}

/// Splits a file's events into timelines, in order where they already are.
fn timelines(mut events: Vec<Event>) -> Result<Vec<Timeline>, MedsError> {
    if !events.is_sorted_by_key(Event::subject_id) {
        events.sort_by_key(Event::subject_id);
    }
    let mut timelines = Vec::new();
    let mut rest = events.into_iter().peekable();
    while let Some(first) = rest.next() {
        let subject_id = first.subject_id();
        let mut own = vec![first];
        while let Some(next) = rest.next_if(|event| event.subject_id() == subject_id) {
            own.push(next);
        }
        timelines.push(timeline(subject_id, own)?);
    }
    Ok(timelines)
}

fn timeline(subject_id: SubjectId, events: Vec<Event>) -> Result<Timeline, MedsError> {
    // Numbered anew: a file without `seq`, or with gaps in it, gives what writing it gives.
    Timeline::from_unordered(subject_id, events).map_err(|_| MedsError::TooLong { subject_id })
}

/// Joins timelines of one subject from several files, in file order.
fn joined(
    mut read: Vec<(Timeline, &PathBuf)>,
    report: &mut ImportReport,
) -> Result<Vec<Timeline>, MedsError> {
    read.sort_by_key(|(timeline, _)| timeline.subject_id());
    let mut joined: Vec<Timeline> = Vec::with_capacity(read.len());
    for (next, path) in read {
        match joined.pop_if(|last| last.subject_id() == next.subject_id()) {
            Some(last) => {
                report.note(TABLE, ProblemKind::Partial, IN_TWO_FILES, || whole(path));
                let subject_id = last.subject_id();
                let mut events = last.into_events();
                events.extend(next.into_events());
                joined.push(timeline(subject_id, events)?);
            }
            None => joined.push(next),
        }
    }
    Ok(joined)
}

/// The Parquet files under `data`, in path order.
fn data_files(root: &Path) -> Result<Vec<PathBuf>, MedsError> {
    let folder = root.join("data");
    let mut files = Vec::new();
    if folder.is_dir() {
        collect_parquet(&folder, &mut files)?;
    }
    files.sort();
    if files.is_empty() {
        return Err(MedsError::NoData { folder: folder.display().to_string() });
    }
    Ok(files)
}

/// Adds the Parquet files below a folder, not following links to folders.
pub(super) fn collect_parquet(folder: &Path, files: &mut Vec<PathBuf>) -> Result<(), MedsError> {
    let io = |source| MedsError::Io { file: folder.display().to_string(), source };
    for entry in fs::read_dir(folder).map_err(io)? {
        let entry = entry.map_err(io)?;
        let path = entry.path();
        if entry.file_type().map_err(io)?.is_dir() {
            collect_parquet(&path, files)?;
        } else if path.extension().is_some_and(|extension| extension.eq_ignore_ascii_case("parquet")) {
            files.push(path);
        }
    }
    Ok(())
}
