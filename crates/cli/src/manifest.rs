//! The manifest of a study: what went in, with which parameters, and what came out.
//!
//! `manifest.json` holds only what is the same for the same inputs, parameters, seed and version;
//! how long a step took, on how many threads, stands beside it in `timings.json`.

use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::fs::{self, File};
use std::io::{self, Read};
use std::path::{Path, PathBuf};

use anyhow::{Context, Result};
use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};

use crate::failure::BadInput;
use crate::odd::ModelDescription;

const MANIFEST: &str = "manifest.json";
const TIMINGS: &str = "timings.json";
const READ_BYTES: usize = 1 << 20;

/// A file by its name, size and hash.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct FileRecord {
    /// The path: of an output, relative to the study; of an input, its name, and below a folder that was
    /// given, the path from that folder on. Where it stood on this machine is not reproducible.
    pub(crate) path: String,
    /// Size.
    pub(crate) bytes: u64,
    /// SHA-256 of the content, hexadecimal.
    pub(crate) sha256: String,
}

/// One step of a study.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub(crate) struct Step {
    /// The verb that made it.
    pub(crate) command: String,
    /// The version that made it.
    pub(crate) version: String,
    /// The seed of its random streams.
    pub(crate) seed: u64,
    /// Everything else that its outputs depend on.
    pub(crate) parameters: serde_json::Value,
    /// What it read.
    pub(crate) inputs: Vec<FileRecord>,
    /// What it wrote.
    pub(crate) outputs: Vec<FileRecord>,
    /// Folders it wrote that can be rebuilt from the outputs and are not hashed.
    pub(crate) projections: Vec<String>,
    /// The model behind it, under the ODD protocol's headings.
    pub(crate) model_description: Option<ModelDescription>,
}

/// The steps of a study by name (`import`, `twin`, `graph`, `learn/TASK`, `report`).
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
pub(crate) struct Manifest {
    /// What the study is not for.
    pub(crate) notice: String,
    /// The steps, in name order.
    pub(crate) steps: BTreeMap<String, Step>,
}

/// How a step ran on this machine; not reproducible.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub(crate) struct Timing {
    /// Wall time.
    pub(crate) seconds: f64,
    /// Threads used.
    pub(crate) threads: usize,
    /// Wall time of named parts.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub(crate) parts_seconds: BTreeMap<String, f64>,
}

impl Manifest {
    /// The study's manifest; an empty one when there is none yet.
    pub(crate) fn read(study: &Path) -> Result<Self> {
        let path = study.join(MANIFEST);
        match fs::read(&path) {
            Ok(bytes) => serde_json::from_slice(&bytes).map_err(|error| {
                BadInput::new(format!("{} is not a Twinloom manifest: {error}", path.display()))
                    .hint("make the study again, or put back the manifest that was written with it")
                    .into()
            }),
            Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(Self {
                notice: "Research output. Not for patient care.".to_owned(),
                steps: BTreeMap::new(),
            }),
            Err(error) => Err(error).with_context(|| format!("{} can't be read", path.display())),
        }
    }

    /// Adds or replaces a step, drops the `outdated` ones that were built on its predecessor, and
    /// writes the manifest and the timing.
    pub(crate) fn record(
        study: &Path,
        name: &str,
        step: Step,
        timing: Timing,
        outdated: &[&str],
    ) -> Result<()> {
        let mut manifest = Self::read(study)?;
        manifest.steps.retain(|step, _| !outdated.iter().any(|prefix| step.starts_with(prefix)));
        manifest.steps.insert(name.to_owned(), step);
        write_json(&study.join(MANIFEST), &manifest)?;
        let mut timings = Self::timings(study);
        timings.insert(name.to_owned(), timing);
        write_json(&study.join(TIMINGS), &timings)
    }

    /// How the steps ran; empty when that file is missing or unreadable, since nothing depends on it.
    pub(crate) fn timings(study: &Path) -> BTreeMap<String, Timing> {
        fs::read(study.join(TIMINGS))
            .ok()
            .and_then(|bytes| serde_json::from_slice(&bytes).ok())
            .unwrap_or_default()
    }
}

/// Hashes every file under the given paths of a study, in path order.
pub(crate) fn outputs(study: &Path, paths: &[&str]) -> Result<Vec<FileRecord>> {
    let mut files = Vec::new();
    for path in paths {
        collect(&study.join(path), &mut files)?;
    }
    files.sort();
    files.iter().map(|file| record_file(file, &relative(study, file))).collect()
}

/// Hashes input files, named from the last part of the path given on; in the order of names.
pub(crate) fn inputs(paths: &[PathBuf]) -> Result<Vec<FileRecord>> {
    let mut records = Vec::new();
    for path in paths {
        let mut files = Vec::new();
        collect(path, &mut files)?;
        // `..` and `.` have a name only where they lead.
        let path_resolved =
            fs::canonicalize(path).with_context(|| format!("{} can't be read", path.display()))?;
        let given = path.file_name().or(path_resolved.file_name()).map(Path::new);
        for file in files {
            let below = file.strip_prefix(path).unwrap_or(Path::new(""));
            let name = given.unwrap_or(Path::new("")).join(below);
            records.push(record_file(&file, &relative(Path::new(""), &name))?);
        }
    }
    records.sort_by(|left, right| (&left.path, &left.sha256).cmp(&(&right.path, &right.sha256)));
    Ok(records)
}

/// Writes a document as indented JSON with a final line end.
pub(crate) fn write_json(path: &Path, document: &impl Serialize) -> Result<()> {
    if let Some(folder) = path.parent() {
        fs::create_dir_all(folder).with_context(|| format!("{} can't be made", folder.display()))?;
    }
    let mut bytes = serde_json::to_vec_pretty(document).context("a document has no JSON form")?;
    bytes.push(b'\n');
    fs::write(path, bytes).with_context(|| format!("{} can't be written", path.display()))
}

/// The SHA-256 of a text, hexadecimal.
pub(crate) fn text_hash(text: &str) -> String {
    hexadecimal(&Sha256::digest(text.as_bytes()))
}

fn hexadecimal(digest: &[u8]) -> String {
    let mut text = String::with_capacity(2 * digest.len());
    for byte in digest {
        // Writing into a String can't fail.
        let _ = write!(text, "{byte:02x}");
    }
    text
}

fn relative(study: &Path, file: &Path) -> String {
    let parts: Vec<_> = file
        .strip_prefix(study)
        .unwrap_or(file)
        .components()
        .map(|part| part.as_os_str().to_string_lossy().into_owned())
        .collect();
    parts.join("/")
}

fn collect(path: &Path, files: &mut Vec<PathBuf>) -> Result<()> {
    let about = || format!("{} can't be read", path.display());
    if path.is_dir() {
        for entry in fs::read_dir(path).with_context(about)? {
            collect(&entry.with_context(about)?.path(), files)?;
        }
    } else if path.is_file() {
        files.push(path.to_owned());
    }
    Ok(())
}

fn record_file(file: &Path, name: &str) -> Result<FileRecord> {
    let about = || format!("{} can't be read", file.display());
    let mut reader = File::open(file).with_context(about)?;
    let mut hasher = Sha256::new();
    let mut buffer = vec![0_u8; READ_BYTES];
    let mut bytes = 0_u64;
    loop {
        let read = reader.read(&mut buffer).with_context(about)?;
        if read == 0 {
            break;
        }
        hasher.update(&buffer[..read]);
        bytes += read as u64;
    }
    let sha256 = hexadecimal(&hasher.finalize());
    Ok(FileRecord { path: name.to_owned(), bytes, sha256 })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn step() -> Step {
        Step {
            command: "import".to_owned(),
            version: "0".to_owned(),
            seed: 1,
            parameters: serde_json::json!({}),
            inputs: Vec::new(),
            outputs: Vec::new(),
            projections: Vec::new(),
            model_description: None,
        }
    }

    #[test]
    fn ref_sha256_of_abc() {
        // FIPS 180-4, example B.1.
        let folder = tempfile::tempdir().unwrap();
        fs::write(folder.path().join("a"), "abc").unwrap();
        let files = outputs(folder.path(), &["a"]).unwrap();
        assert_eq!(files[0].sha256, "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad");
        assert_eq!((files[0].path.as_str(), files[0].bytes), ("a", 3));
    }

    #[test]
    fn regress_inputs_have_the_same_names_wherever_they_stand() {
        let names = |folder: &Path| -> Vec<String> {
            fs::create_dir_all(folder.join("bundles/b")).unwrap();
            for (name, text) in [("scenario.toml", "s"), ("bundles/z.json", "z"), ("bundles/b/a.json", "a")] {
                fs::write(folder.join(name), text).unwrap();
            }
            let given = [folder.join("scenario.toml"), folder.join("bundles")];
            inputs(&given).unwrap().into_iter().map(|file| file.path).collect()
        };
        let (here, there) = (tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap());
        let expected = ["bundles/b/a.json", "bundles/z.json", "scenario.toml"];
        assert_eq!(names(here.path()), expected);
        assert_eq!(names(&there.path().join("deeper")), expected);
    }

    #[test]
    fn regress_a_new_import_drops_what_was_built_on_the_old_one() {
        let folder = tempfile::tempdir().unwrap();
        let timing = Timing { seconds: 1.0, threads: 1, parts_seconds: BTreeMap::new() };
        for name in ["import", "graph", "learn/x"] {
            Manifest::record(folder.path(), name, step(), timing.clone(), &[]).unwrap();
        }
        Manifest::record(folder.path(), "import", step(), timing, &["graph", "learn"]).unwrap();
        let manifest = Manifest::read(folder.path()).unwrap();
        assert_eq!(manifest.steps.keys().collect::<Vec<_>>(), ["import"]);
        assert_eq!(Manifest::timings(folder.path()).len(), 3);
    }
}
