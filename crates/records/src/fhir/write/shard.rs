//! Bundles as NDJSON files of a fixed number of lines.

use std::fs::{self, File};
use std::io::{self, BufWriter, Write};
use std::path::{Path, PathBuf};

const BUFFER_BYTES: usize = 1 << 20;

/// Writes bundles, one a line, to `0000.ndjson`, `0001.ndjson` and so on.
pub struct ShardWriter {
    folder: PathBuf,
    bundles_per_shard: usize,
    bundles: usize,
    shard: Option<BufWriter<File>>,
    finished: Vec<PathBuf>,
}

impl ShardWriter {
    /// Bundles in a shard, unless stated otherwise.
    pub const BUNDLES_PER_SHARD: usize = 1000;

    /// Makes the folder and removes the numbered shards that an earlier run left in it.
    ///
    /// # Errors
    /// [`ShardError`] when the folder can't be made or cleared.
    pub fn create(folder: &Path, bundles_per_shard: usize) -> Result<Self, ShardError> {
        let error = |source| ShardError { path: folder.to_owned(), source };
        fs::create_dir_all(folder).map_err(error)?;
        for entry in fs::read_dir(folder).map_err(error)? {
            let path = entry.map_err(error)?.path();
            if is_shard(&path) {
                fs::remove_file(&path).map_err(error)?;
            }
        }
        Ok(Self {
            folder: folder.to_owned(),
            bundles_per_shard: bundles_per_shard.max(1),
            bundles: 0,
            shard: None,
            finished: Vec::new(),
        })
    }

    /// Appends a bundle and a line end; the bundle has no line end inside.
    ///
    /// # Errors
    /// [`ShardError`] when the file can't be written.
    pub fn push(&mut self, bundle: &[u8]) -> Result<(), ShardError> {
        if self.bundles.is_multiple_of(self.bundles_per_shard) {
            self.close()?;
            let path = self.folder.join(format!("{:04}.ndjson", self.finished.len()));
            let file = File::create(&path).map_err(|source| ShardError { path: path.clone(), source })?;
            self.shard = Some(BufWriter::with_capacity(BUFFER_BYTES, file));
            self.finished.push(path);
        }
        self.bundles += 1;
        let Some(shard) = &mut self.shard else {
            return Ok(());
        };
        let outcome = shard.write_all(bundle).and_then(|()| shard.write_all(b"\n"));
        outcome.map_err(|source| self.error(source))
    }

    /// Closes the last shard; gives the paths of all.
    ///
    /// # Errors
    /// [`ShardError`] when the file can't be written.
    pub fn finish(mut self) -> Result<Vec<PathBuf>, ShardError> {
        self.close()?;
        Ok(self.finished)
    }

    fn close(&mut self) -> Result<(), ShardError> {
        match self.shard.take() {
            Some(mut shard) => shard.flush().map_err(|source| self.error(source)),
            None => Ok(()),
        }
    }

    fn error(&self, source: io::Error) -> ShardError {
        ShardError { path: self.finished.last().unwrap_or(&self.folder).clone(), source }
    }
}

fn is_shard(path: &Path) -> bool {
    let numbered = |stem: &str| stem.len() >= 4 && stem.bytes().all(|byte| byte.is_ascii_digit());
    path.extension().is_some_and(|extension| extension == "ndjson")
        && path.file_stem().and_then(|stem| stem.to_str()).is_some_and(numbered)
}

/// A shard can't be written.
#[derive(Debug, thiserror::Error)]
#[error("{} can't be written", path.display())]
pub struct ShardError {
    /// The file or folder.
    pub path: PathBuf,
    /// The system's reason.
    pub source: io::Error,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn regress_shards_are_full_but_the_last_and_replace_earlier_ones() {
        let folder = tempfile::tempdir().unwrap();
        for left_over in ["0007.ndjson", "notes.ndjson"] {
            fs::write(folder.path().join(left_over), "x").unwrap();
        }
        let mut shards = ShardWriter::create(folder.path(), 2).unwrap();
        for bundle in [b"{1}", b"{2}", b"{3}"] {
            shards.push(bundle).unwrap();
        }
        let paths = shards.finish().unwrap();
        let texts: Vec<String> = paths.iter().map(|path| fs::read_to_string(path).unwrap()).collect();
        assert_eq!(texts, ["{1}\n{2}\n", "{3}\n"]);
        assert!(paths[1].ends_with("0001.ndjson"));
        assert!(!folder.path().join("0007.ndjson").exists());
        assert!(folder.path().join("notes.ndjson").exists());
    }

    #[test]
    fn regress_an_unwritable_folder_is_named() {
        let folder = tempfile::tempdir().unwrap();
        let file = folder.path().join("file");
        fs::write(&file, "x").unwrap();
        let error = ShardWriter::create(&file.join("gp"), 2).err().unwrap();
        assert!(error.to_string().contains("gp"));
    }
}
