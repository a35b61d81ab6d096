//! The study folder as the commands use it: opening, replacing, naming.

use std::fs;
use std::path::{Path, PathBuf};

use anyhow::{Context as _, Result};
use serde::de::DeserializeOwned;
use twinloom_event::{Artefact, Dataset};
use twinloom_records::study::{read_artefacts, read_dataset};

use crate::failure::BadInput;

/// Everything that a command may write into a study; nothing else is ever removed.
const CONTENT: [&str; 8] =
    ["manifest.json", "timings.json", "events", "records", "truth", "graph", "models", "reports"];

/// Where an import's report stands.
pub(crate) const IMPORT_REPORT: &str = "records/import_report.json";

/// Where a new source is written until it is whole.
const INCOMING: &str = ".incoming";

/// A study in the making, beside the one that it will replace.
///
/// Nothing of an earlier study is touched before [`Incoming::accept`], so a failed import costs
/// nothing, and a study can be imported from files of its own.
#[derive(Debug)]
pub(crate) struct Incoming {
    study: PathBuf,
    folder: PathBuf,
}

impl Incoming {
    /// Prepares an empty place in the study's folder; a folder of anything else is refused.
    pub(crate) fn create(study: &Path) -> Result<Self> {
        let about = || format!("{} can't be used as a study", study.display());
        if study.is_file() {
            let message = format!("{} is a file; permitted: a folder", study.display());
            return Err(BadInput::new(message).into());
        }
        if study.is_dir() && !study.join("manifest.json").is_file() {
            for entry in fs::read_dir(study).with_context(about)? {
                let name = entry.with_context(about)?.file_name();
                if name != INCOMING && !CONTENT.iter().any(|own| name == *own) {
                    return Err(BadInput::new(format!(
                        "{} holds files but no study; permitted: a new or empty folder, or an earlier study",
                        study.display()
                    ))
                    .into());
                }
            }
        }
        let folder = study.join(INCOMING);
        remove(&folder).with_context(about)?;
        fs::create_dir_all(&folder).with_context(about)?;
        Ok(Self { study: study.to_owned(), folder })
    }

    /// Where to write.
    pub(crate) fn folder(&self) -> &Path {
        &self.folder
    }

    /// Puts what was written in the place of the earlier study.
    pub(crate) fn accept(self) -> Result<()> {
        let about = || format!("{} can't be replaced", self.study.display());
        for name in CONTENT {
            remove(&self.study.join(name)).with_context(about)?;
            let written = self.folder.join(name);
            if written.exists() {
                fs::rename(written, self.study.join(name)).with_context(about)?;
            }
        }
        Ok(())
    }
}

impl Drop for Incoming {
    /// Leaves no trace of what was not accepted; a study folder that stayed empty goes too.
    fn drop(&mut self) {
        // A failure to tidy up must not hide why the work ended; the next import tidies up too.
        let _ = remove(&self.folder);
        let _ = fs::remove_dir(&self.study);
    }
}

fn remove(path: &Path) -> std::io::Result<()> {
    if path.is_dir() {
        fs::remove_dir_all(path)
    } else if path.exists() {
        fs::remove_file(path)
    } else {
        Ok(())
    }
}

/// The study's record, all in memory.
pub(crate) fn dataset(study: &Path) -> Result<Dataset> {
    require(study)?;
    read_dataset(study).map_err(|error| {
        let error =
            anyhow::Error::from(error).context(format!("the study {} can't be read", study.display()));
        BadInput::from_chain(&error).into()
    })
}

/// Where the artefacts of the study's record stood in its source.
pub(crate) fn artefacts(study: &Path) -> Result<Vec<Artefact>> {
    read_artefacts(study).map_err(|error| {
        let error =
            anyhow::Error::from(error).context(format!("the study {} can't be read", study.display()));
        BadInput::from_chain(&error).into()
    })
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
    let document = serde_json::from_slice(&bytes).map_err(|error| {
        BadInput::new(format!("{} is not what Twinloom writes there: {error}", path.display()))
    })?;
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
    fn regress_only_a_whole_study_replaces_another() {
        let folder = tempfile::tempdir().unwrap();
        let study = folder.path().join("s");
        drop(Incoming::create(&study).unwrap());
        assert!(!study.exists(), "nothing was accepted, nothing is left");

        fs::create_dir_all(study.join("events")).unwrap();
        fs::write(study.join("manifest.json"), "{}").unwrap();
        fs::write(study.join("events/old"), "").unwrap();
        drop(Incoming::create(&study).unwrap());
        assert!(study.join("events/old").is_file(), "a failed import costs nothing");

        let incoming = Incoming::create(&study).unwrap();
        fs::create_dir(incoming.folder().join("events")).unwrap();
        fs::write(incoming.folder().join("events/new"), "").unwrap();
        incoming.accept().unwrap();
        assert!(study.join("events/new").is_file() && !study.join("events/old").exists());
        assert!(!study.join(INCOMING).exists());
    }

    #[test]
    fn regress_other_peoples_files_are_left_alone() {
        let folder = tempfile::tempdir().unwrap();
        fs::write(folder.path().join("thesis.txt"), "years of work").unwrap();
        assert!(Incoming::create(folder.path()).is_err());
        assert!(folder.path().join("thesis.txt").is_file());
        let crashed = folder.path().join("crashed");
        fs::create_dir_all(crashed.join("events")).unwrap();
        fs::create_dir_all(crashed.join(INCOMING)).unwrap();
        assert!(Incoming::create(&crashed).is_ok(), "what an import left behind locks nobody out");
    }
}
