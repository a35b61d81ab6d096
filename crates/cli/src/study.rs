//! The study folder as the commands use it: opening, replacing, naming.

use std::fs;
use std::path::{Path, PathBuf};

use anyhow::{Context as _, Result};
use serde::de::DeserializeOwned;
use twinloom_event::Dataset;
use twinloom_records::study::read_dataset;

use crate::failure::BadInput;

/// Everything that a command may write into a study; nothing else is ever removed.
const CONTENT: [&str; 8] =
    ["manifest.json", "timings.json", "events", "records", "truth", "graph", "models", "reports"];

/// Where an import's report stands.
pub(crate) const IMPORT_REPORT: &str = "records/import_report.json";

/// Makes the folder ready for a new source: an earlier study in it is emptied, anything else is left
/// alone and refused.
pub(crate) fn replace(study: &Path) -> Result<()> {
    let about = || format!("{} can't be used as a study", study.display());
    if study.is_file() {
        return Err(BadInput::new(format!("{} is a file; permitted: a folder", study.display())).into());
    }
    if study.is_dir() {
        let used = fs::read_dir(study).with_context(about)?.next().is_some();
        if used && !study.join("manifest.json").is_file() {
            return Err(BadInput::new(format!(
                "{} holds files but no study; permitted: a new or empty folder, or an earlier study",
                study.display()
            ))
            .into());
        }
        for name in CONTENT {
            let path = study.join(name);
            if path.is_dir() {
                fs::remove_dir_all(&path).with_context(about)?;
            } else if path.is_file() {
                fs::remove_file(&path).with_context(about)?;
            }
        }
    }
    fs::create_dir_all(study).with_context(about)
}

/// The study's record, all in memory.
pub(crate) fn dataset(study: &Path) -> Result<Dataset> {
    require(study)?;
    read_dataset(study).with_context(|| format!("the study {} can't be read", study.display()))
}

/// Refuses a folder that holds no study.
pub(crate) fn require(study: &Path) -> Result<()> {
    if study.join("manifest.json").is_file() {
        return Ok(());
    }
    Err(BadInput::new(format!("{} is not a study: it has no manifest.json", study.display()))
        .hint("make one with `twinloom import ... --study DIR` or `twinloom twin run --study DIR`")
        .into())
}

/// A JSON document of the study, if it is there.
pub(crate) fn document<T: DeserializeOwned>(study: &Path, name: &str) -> Result<Option<T>> {
    let path = study.join(name);
    if !path.is_file() {
        return Ok(None);
    }
    let bytes = fs::read(&path).with_context(|| format!("{} can't be read", path.display()))?;
    let document = serde_json::from_slice(&bytes)
        .with_context(|| format!("{} is not what Twinloom writes there", path.display()))?;
    Ok(Some(document))
}

/// Refuses paths that do not exist before any work is done.
pub(crate) fn require_inputs(paths: &[PathBuf]) -> Result<()> {
    match paths.iter().find(|path| !path.exists()) {
        Some(path) => Err(BadInput::new(format!("{} does not exist", path.display())).into()),
        None => Ok(()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn regress_only_a_study_is_replaced() {
        let folder = tempfile::tempdir().unwrap();
        let study = folder.path().join("s");
        replace(&study).unwrap();
        fs::write(study.join("thesis.txt"), "years of work").unwrap();
        assert!(replace(&study).is_err());
        fs::write(study.join("manifest.json"), "{}").unwrap();
        fs::create_dir(study.join("events")).unwrap();
        replace(&study).unwrap();
        assert!(study.join("thesis.txt").is_file());
        assert!(!study.join("events").exists());
    }
}
